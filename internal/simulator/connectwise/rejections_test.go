package connectwise

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// rejection is one request that the real server refuses, and what it answers. Rows in which public sources disagree set the
// switch first.
type rejection struct {
	name     string
	settings string
	request  func(h *harness) *http.Request
	status   int
	code     string // of the envelope; empty: no envelope is checked
	message  string // part of the body
	inner    string // code of the first inner error
	field    string // of the first inner error
}

func calling(method, path, body string) func(*harness) *http.Request {
	return func(h *harness) *http.Request { return h.request(method, path, body) }
}

func listOf(path string, pairs ...string) func(*harness) *http.Request {
	return calling(http.MethodGet, path+"?"+encodeQuery(pairs...), "")
}

// onAddition posts a line to a new agreement that began billing on 2026-11-01 and was invoiced up to 2026-12-01.
func onAddition(agreement, line string) func(*harness) *http.Request {
	return func(h *harness) *http.Request {
		a := h.agreement(`,"startDate":"2026-01-01T00:00:00Z","billStartDate":"2026-11-01T00:00:00Z","nextInvoiceDate":"2026-12-01T00:00:00Z"` + agreement)
		item := h.catalogItem("LINE", "")
		return h.request(http.MethodPost, at("finance/agreements/{}/additions", a), strings.ReplaceAll(line, "ITEM", fmt.Sprint(item)))
	}
}

func rejections() []rejection {
	company := "company/companies"
	return []rejection{
		{name: "1 no authorization", request: func(h *harness) *http.Request {
			r := h.request("GET", "system/members", "")
			r.Header.Del("Authorization")
			return r
		}, status: 401, code: "Unauthorized"},
		{name: "1 garbled authorization", request: func(h *harness) *http.Request {
			r := h.request("GET", "system/members", "")
			r.Header.Set("Authorization", "Basic ???")
			return r
		}, status: 401, code: "Unauthorized"},
		{name: "2 wrong private key", request: func(h *harness) *http.Request {
			r := h.request("GET", "system/members", "")
			r.SetBasicAuth("msp+pub", "other")
			return r
		}, status: 401, message: "Incorrect public/private key"},
		{name: "2 revoked keys", settings: `{"keys_revoked":true}`, request: calling("GET", "system/members", ""), status: 401, message: "Incorrect public/private key"},
		{name: "3 wrong company, 404", request: otherCompany, status: 404, code: "NotFound"},
		{name: "3 wrong company, 401", settings: `{"wrong_company_status":401}`, request: otherCompany, status: 401, code: "ConnectWiseApi", message: "UserNotAuthenticated"},
		{name: "4 no clientId, 401", request: noClientID, status: 401, code: "Unauthorized", message: "clientId"},
		{name: "4 no clientId, 403", settings: `{"missing_client_id_status":403}`, request: noClientID, status: 403, message: "clientId"},
		{name: "4 no clientId, 400", settings: `{"missing_client_id_status":400}`, request: noClientID, status: 400, message: "clientId"},
		{name: "5 right missing", settings: `{"denied":["* procurement/catalog"]}`, request: calling("GET", "procurement/catalog", ""), status: 403, code: "Security", message: "You do not have security permission to perform this action."},
		{name: "6 plain HTTP", settings: `{"require_tls":true}`, request: calling("GET", "system/info", ""), status: 403, code: "Security", message: `"errors":null`},
		{name: "7 doubled path", request: calling("GET", "apis/3.0/system/info", ""), status: 400, message: "Cannot route. Codebase/company is invalid"},
		{name: "7 other code base", request: func(h *harness) *http.Request {
			return h.request("GET", h.http.URL+"/v2017_3/apis/3.0/system/info", "")
		}, status: 400, message: "Cannot route. Codebase/company is invalid"},
		{name: "8 unknown path", request: calling("GET", "company/nonsense", ""), status: 404, code: "ConnectWiseApi", message: "The endpoint does not exist."},
		{name: "9 wrong method", request: calling("DELETE", "procurement/catalog", ""), status: 405},
		{name: "10 unknown id", request: calling("GET", company+"/57919", ""), status: 404, code: "NotFound", message: "Company 57919 not found"},
		{name: "12 unknown field", request: listOf(company, "conditions", `resources/name="x"`), status: 400, code: "ApiFindCondition", message: "resources/name is not a recognized name."},
		{name: "13 bad enum", request: listOf("finance/agreements", "conditions", `agreementStatus="Canceled"`), status: 400, code: "ApiFindCondition", message: "Enum value supplied was invalid"},
		{name: "13 like on an enum", request: listOf("finance/agreements", "conditions", `agreementStatus like "Act%"`), status: 400, code: "ApiFindCondition"},
		{name: "14 not parsable", request: listOf(company, "conditions", `name = `), status: 400, code: "ApiFindCondition"},
		{name: "15 array member", request: listOf(company, "conditions", `types/name="Customer"`), status: 400, code: "ApiFindCondition", message: "types/name is not a recognized name."},
		{name: "15 in is not for child conditions", request: listOf(company, "childConditions", `types/name in ("Customer")`), status: 400, code: "ApiFindCondition"},
		{name: "16 orderBy with forward-only", request: forwardOrdered, status: 400, code: "ConnectWiseApi"},
		{name: "19 unknown member", request: calling("POST", "procurement/types", "{\"name\":\"x\",\n \"colour\":1}"), status: 400, code: "ConnectWiseApi", message: "Could not find member 'colour' on object of type 'ProductType'. Path 'colour', line 2, position 10.Check your accept header"},
		{name: "19 unknown member of a reference", request: calling("POST", "procurement/categories/1/subcategories", `{"name":"x","category":{"id":1,"colour":1}}`), status: 400, code: "ConnectWiseApi", message: "'CategoryReference'. Path 'category.colour'"},
		{name: "20 not JSON", request: calling("POST", "procurement/types", `{"name":`), status: 400, code: "ConnectWiseApi"},
		{name: "21 missing", request: calling("POST", "procurement/types", `{}`), status: 400, code: "InvalidObject", message: "productType object is invalid", inner: "MissingRequiredField", field: "name"},
		{name: "21 empty", request: calling("POST", "procurement/types", `{"name":"  "}`), status: 400, code: "InvalidObject", inner: "MissingRequiredField", field: "name"},
		{name: "21 customer description", request: calling("POST", "procurement/catalog", `{"identifier":"a","description":"b","type":{"id":1},"subcategory":{"id":1}}`), status: 400, message: "The customerDescription field is required.", inner: "MissingRequiredField", field: "customerDescription"},
		{name: "22 too long", request: calling("POST", "procurement/types", `{"name":"`+strings.Repeat("x", 51)+`"}`), status: 400, code: "InvalidObject", message: "The field name must be a string with a maximum length of 50.", inner: "MaxLengthField", field: "name"},
		{name: "22 too long in UTF-16 units", request: calling("POST", "procurement/types", `{"name":"`+strings.Repeat("😀", 26)+`"}`), status: 400, inner: "MaxLengthField", field: "name"},
		{name: "22 identifier of 61", request: itemNamed(61), status: 400, message: "a maximum length of 60.", inner: "MaxLengthField", field: "identifier"},
		{name: "22 identifier of 76 on a newer release", settings: `{"identifier_limit":75}`, request: itemNamed(76), status: 400, message: "a maximum length of 75.", inner: "MaxLengthField", field: "identifier"},
		{name: "23 reference not there", request: calling("POST", "procurement/categories/1/subcategories", `{"name":"x","category":{"id":99}}`), status: 400, code: "InvalidObject", message: "Category 99 not found", inner: "NotFound", field: "category/id"},
		{name: "24 status of another board", request: ticketOf(`"board":{"id":1},"status":{"id":6}`), status: 400, message: "Service Status 6 not found for Service Board 1", inner: "NotFound", field: "status/id"},
		{name: "24 status of another board by name", request: ticketOf(`"board":{"id":1},"status":{"name":"Investigating"}`), status: 400, message: "Service Status Investigating not found for Service Board 1", inner: "NotFound", field: "status/name"},
		{name: "25 product twice, whatever the case", request: func(h *harness) *http.Request {
			h.catalogItem("TWICE", "")
			return h.request("POST", "procurement/catalog", `{"identifier":"twice","description":"d","customerDescription":"c","type":{"id":1},"subcategory":{"id":1}}`)
		}, status: 400, message: "Product ID already in use.", inner: "ObjectExists", field: "identifier"},
		{name: "25 type twice", request: calling("POST", "procurement/types", `{"name":"hardware"}`), status: 400, inner: "ObjectExists", field: "name"},
		{name: "26 bad enum in a body", request: calling("POST", "procurement/types", `{"name":"x","typeXref":"Nonsense"}`), status: 400, code: "ConnectWiseApi", message: "Error converting value"},
		{name: "27 patch with an object", request: calling("PATCH", "procurement/types/1", `{"op":"replace","path":"name","value":"x"}`), status: 400, code: "ConnectWiseApi"},
		{name: "28 patch of an unknown path", request: calling("PATCH", "procurement/types/1", `[{"op":"replace","path":"nam","value":"x"}]`), status: 400, code: "InvalidObject", inner: "InvalidField", field: "nam"},
		{name: "28 patch in the wrong case", request: calling("PATCH", "procurement/types/1", `[{"op":"replace","path":"Name","value":"x"}]`), status: 400, code: "InvalidObject", inner: "InvalidField", field: "Name"},
		{name: "30 before the billing start", request: onAddition("", `{"product":{"id":ITEM},"billCustomer":"Billable","effectiveDate":"2026-10-31T00:00:00Z"}`), status: 400, code: "InvalidObject", message: "effectiveDate cannot be less than the agreement billing start date.", inner: "InvalidField", field: "effectiveDate"},
		{name: "31 in an invoiced period", request: onAddition("", `{"product":{"id":ITEM},"billCustomer":"Billable","effectiveDate":"2026-11-20T00:00:00Z"}`), status: 400, message: "Next Invoice Date", inner: "InvalidField", field: "effectiveDate"},
		{name: "cancelled before effective", request: onAddition(`,"prorateFlag":true`, `{"product":{"id":ITEM},"billCustomer":"Billable","effectiveDate":"2026-12-10T00:00:00Z","cancelledDate":"2026-12-09T00:00:00Z"}`), status: 400, inner: "InvalidField", field: "cancelledDate"},
		{name: "32 without product", request: onAddition("", `{"billCustomer":"Billable","effectiveDate":"2026-12-01T00:00:00Z"}`), status: 400, message: "The product field is required.", inner: "MissingRequiredField", field: "product"},
		{name: "32 without billCustomer", request: onAddition("", `{"product":{"id":ITEM},"effectiveDate":"2026-12-01T00:00:00Z"}`), status: 400, message: "The billCustomer field is required.", inner: "MissingRequiredField", field: "billCustomer"},
		{name: "33 a bundle", request: onAddition("", `{"product":{"identifier":"STARTER-BUNDLE"},"billCustomer":"Billable","effectiveDate":"2026-12-01T00:00:00Z"}`), status: 400, inner: "InvalidObject", field: "product"},
		{name: "an inactive product", request: onAddition("", `{"product":{"identifier":"AV-CLASSIC"},"billCustomer":"Billable","effectiveDate":"2026-12-01T00:00:00Z"}`), status: 400, inner: "InvalidObject", field: "product"},
		{name: "a cancelled agreement", request: onAddition(`,"cancelledFlag":true,"dateCancelled":"2026-11-10T00:00:00Z"`, `{"product":{"id":ITEM},"billCustomer":"Billable","effectiveDate":"2026-12-01T00:00:00Z"}`), status: 400, inner: "InvalidObject", message: "cancelled"},
		{name: "an overlong serial", request: onAddition("", `{"product":{"id":ITEM},"billCustomer":"Billable","effectiveDate":"2026-12-01T00:00:00Z","serialNumber":"`+strings.Repeat("A", 51)+`"}`), status: 400, inner: "MaxLengthField", field: "serialNumber"},
		{name: "34 note without a place", request: func(h *harness) *http.Request {
			id := h.send(ticketOf(`"board":{"id":1}`)(h)).as(201).id()
			return h.request("POST", at("service/tickets/{}/notes", id), `{"text":"hello"}`)
		}, status: 400, code: "InvalidObject", message: "Please choose where to display the notes in order to save this record."},
		{name: "35 link without id", request: func(h *harness) *http.Request {
			return h.request("POST", at("finance/agreements/{}/configurations", h.agreement("")), `{}`)
		}, status: 400, message: "id or deviceIdentifier is required.", inner: "MissingRequiredField", field: "id"},
		{name: "36 document as JSON", request: calling("POST", "system/documents", `{"title":"x"}`), status: 415, message: "application/json"},
		{name: "37 document without file and url", request: func(h *harness) *http.Request {
			return h.upload(map[string]string{"recordType": "Company", "recordId": "253", "title": "x"}, "")
		}, status: 400, inner: "MissingRequiredField", field: "file"},
		{name: "45 search elsewhere", request: calling("POST", "company/companies/search", `{"conditions":"id=1"}`), status: 404, code: "ConnectWiseApi"},
		{name: "45 page in the search body", request: calling("POST", "service/tickets/search", `{"conditions":"id=1","page":2}`), status: 400, message: "Could not find member 'page' on object of type 'FilterValues'. Path 'page', line 1, position 28."},
		{name: "a version the server does not have", request: func(h *harness) *http.Request {
			r := h.request("GET", "system/info", "")
			r.Header.Set("Accept", "application/vnd.connectwise.com+json; version=2027.1")
			return r
		}, status: 400, code: "ConnectWiseApi", message: "version"},
		{name: "a date with an offset", request: onAddition("", `{"product":{"id":ITEM},"billCustomer":"Billable","effectiveDate":"2026-12-01T00:00:00-05:00"}`), status: 400, code: "ConnectWiseApi", message: "System.DateTime"},
		{name: "inactiveFlag as a condition, by setting", settings: `{"unfilterable":["procurement/types inactiveFlag"]}`, request: listOf("procurement/types", "conditions", "inactiveFlag=false"), status: 400, code: "ApiFindCondition", message: "inactiveFlag is not a recognized name."},
		{name: "deleting what is in use", request: calling("DELETE", "procurement/types/1", ""), status: 409},
		{name: "a company without a site", request: calling("POST", company, `{"identifier":"new","name":"New"}`), status: 400, message: "Company Site name is required."},
		{name: "a date question with a list", request: calling("POST", "company/configurations/types/1/questions", `{"question":"Expiry","fieldType":"Date","entryType":"List","sequenceNumber":1}`), status: 400, inner: "InvalidField", field: "entryType"},
		{name: "a question of another type", request: calling("POST", "company/configurations", `{"name":"x","type":{"id":1},"company":{"id":253},"questions":[{"questionId":1,"answer":"x"}]}`), status: 400, message: "Configuration Type Question 1 not found for Configuration Type 1", inner: "NotFound"},
		{name: "an answer that is no date", request: calling("POST", "company/configurations", `{"name":"x","type":{"id":2},"company":{"id":253},"questions":[{"questionId":2,"answer":"soon"}]}`), status: 400, inner: "InvalidField"},
		{name: "another type by plain patch", request: calling("PATCH", "company/configurations/1", `[{"op":"replace","path":"type","value":{"id":1}}]`), status: 400, inner: "InvalidField", field: "type"},
	}
}

func otherCompany(h *harness) *http.Request {
	r := h.request("GET", "system/members", "")
	r.SetBasicAuth("other+pub", "priv")
	return r
}

func noClientID(h *harness) *http.Request {
	r := h.request("GET", "system/members", "")
	r.Header.Del("clientId")
	return r
}

func forwardOrdered(h *harness) *http.Request {
	r := h.request("GET", "company/companies?orderBy=name", "")
	r.Header.Set("pagination-type", "forward-only")
	return r
}

func itemNamed(length int) func(*harness) *http.Request {
	return calling("POST", "procurement/catalog", `{"identifier":"`+strings.Repeat("X", length)+
		`","description":"d","customerDescription":"c","type":{"id":1},"subcategory":{"id":1}}`)
}

func ticketOf(members string) func(*harness) *http.Request {
	return calling("POST", "service/tickets", `{"summary":"s","company":{"id":253},`+members+`}`)
}

func TestRejections(t *testing.T) {
	t.Parallel()
	for _, tc := range rejections() {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			h := serve(t)
			if tc.settings != "" {
				h.settings(tc.settings)
			}
			r := h.send(tc.request(h)).as(tc.status)
			assert.Contains(t, string(r.body), tc.message)
			if tc.code != "" {
				assert.Equal(t, tc.code, r.object()["code"])
			}
			if tc.inner != "" {
				errors, _ := r.object()["errors"].([]any)
				require.NotEmpty(t, errors, string(r.body))
				first := errors[0].(map[string]any)
				assert.Equal(t, tc.inner, first["code"])
				assert.NotEmpty(t, first["message"])
				assert.NotEmpty(t, first["resource"])
				if tc.field != "" {
					assert.Equal(t, tc.field, first["field"])
				}
			}
		})
	}
}

// A refused change leaves nothing behind, however far it got.
func TestRefusalsChangeNothing(t *testing.T) {
	t.Parallel()
	h := serve(t)
	id := h.send(ticketOf(`"board":{"id":1}`)(h)).as(201).id()
	before := h.sim("GET", "state", "").body
	h.patch(at("service/tickets/{}", id), `[{"op":"replace","path":"summary","value":"new"},{"op":"replace","path":"status","value":{"id":6}}]`).as(400)
	h.post("company/configurations", `{"name":"x","type":{"id":2},"company":{"id":253},"questions":[{"questionId":2,"answer":"soon"}]}`).as(400)
	h.post("procurement/types", `{"name":"Hardware"}`).as(400)
	assert.Equal(t, string(before), string(h.sim("GET", "state", "").body))
	assert.Equal(t, 5, h.post("procurement/types", `{"name":"Next"}`).as(201).id(), "a refused record uses up no id")
}
