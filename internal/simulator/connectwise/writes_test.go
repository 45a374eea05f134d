package connectwise

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPatch(t *testing.T) {
	t.Parallel()
	h := serve(t)
	id := h.catalogItem("P", `,"price":3,"notes":"n"`)
	for _, tc := range []struct{ name, ops, member, want string }{
		{"bare path", `[{"op":"replace","path":"description","value":"two"}]`, "description", `"two"`},
		{"leading slash", `[{"op":"replace","path":"/description","value":"three"}]`, "description", `"three"`},
		{"number as text", `[{"op":"replace","path":"price","value":"5"}]`, "price", "5.00"},
		{"rounded", `[{"op":"replace","path":"price","value":1.005}]`, "price", "1.01"},
		{"boolean as text", `[{"op":"replace","path":"taxableFlag","value":"True"}]`, "taxableFlag", "true"},
		{"add is replace", `[{"op":"add","path":"vendorSku","value":"S"}]`, "vendorSku", `"S"`},
		{"reference as a whole", `[{"op":"replace","path":"subcategory","value":{"id":1}}]`, "category", `{"id":1,"name":"Hardware"`},
		{"into a reference changes nothing", `[{"op":"replace","path":"subcategory/name","value":"Other"}]`, "subcategory", `{"id":1,"name":"Switches"`},
		{"remove", `[{"op":"remove","path":"notes"}]`, "notes", ""},
		{"read-only is ignored", `[{"op":"replace","path":"calculatedPrice","value":99}]`, "calculatedPrice", "1.01"},
		{"line ends and blanks", `[{"op":"replace","path":"description","value":" a\r\nb "}]`, "description", `"a  b"`},
	} {
		r := h.patch(at("procurement/catalog/{}", id), tc.ops).as(200)
		if tc.want == "" {
			assert.NotContains(t, string(r.body), `"`+tc.member+`":`, tc.name)
			continue
		}
		assert.Contains(t, string(r.body), `"`+tc.member+`":`+tc.want, tc.name)
	}
	h.patch(at("procurement/catalog/{}", id), `[{"op":"move","path":"notes","value":"x"}]`).as(400)
	h.patch(at("procurement/catalog/{}", id), `[{"op":"replace","path":"description"}]`).as(400)
	h.patch("procurement/catalog/9999", `[]`).as(404)
}

// A patch of one field can fail on another, because the whole record is validated.
func TestPatchValidatesTheWholeRecord(t *testing.T) {
	t.Parallel()
	h := serve(t)
	agreement := h.agreement(`,"startDate":"2026-01-01T00:00:00Z","billStartDate":"2026-11-01T00:00:00Z","nextInvoiceDate":"2026-12-01T00:00:00Z"`)
	line := h.post(at("finance/agreements/{}/additions", agreement), fmt.Sprintf(`{"product":{"id":%d},"billCustomer":"Billable","effectiveDate":"2026-12-05T00:00:00Z"}`, h.catalogItem("W", ""))).as(201).id()
	path := fmt.Sprintf("finance/agreements/%d/additions/%d", agreement, line)
	h.patch(path, `[{"op":"replace","path":"quantity","value":4}]`).as(200)

	h.sim(http.MethodPost, "invoice", fmt.Sprintf(`{"agreement":%d}`, agreement)).as(200)
	h.patch(path, `[{"op":"replace","path":"quantity","value":5}]`).as(200)
	h.patch(path, `[{"op":"replace","path":"effectiveDate","value":"2026-12-06T00:00:00Z"}]`).as(400)

	h.patch(at("finance/agreements/{}", agreement), `[{"op":"replace","path":"billStartDate","value":"2027-01-01T00:00:00Z"}]`).as(200)
	r := h.patch(path, `[{"op":"replace","path":"quantity","value":6}]`).as(400)
	assert.Contains(t, string(r.body), "effectiveDate cannot be less than the agreement billing start date.")
}

func TestPut(t *testing.T) {
	t.Parallel()
	h := serve(t)
	id := h.catalogItem("PUT", `,"price":3,"notes":"gone","inactiveFlag":true`)
	r := h.do(http.MethodPut, at("procurement/catalog/{}", id), `{"identifier":"PUT","description":"d2","customerDescription":"c","type":{"id":1},"subcategory":{"id":1}}`).as(200).object()
	assert.InDelta(t, 0, r["price"], 0)
	assert.NotContains(t, r, "notes")
	assert.Equal(t, false, r["inactiveFlag"])
	assert.InDelta(t, float64(id), r["id"], 0)
	ticket := h.send(ticketOf(`"board":{"id":1}`)(h)).as(201).id()
	h.do(http.MethodPut, at("service/tickets/{}", ticket), `{"summary":"s","company":{"id":253},"board":{"id":1}}`).as(400)
}

func TestCreateAnswersWithLocationAndTheWholeRecord(t *testing.T) {
	t.Parallel()
	h := serve(t)
	r := h.post("procurement/categories/1/subcategories/", `{"name":"Firewalls"}`).as(201)
	assert.Equal(t, h.base+"procurement/categories/1/subcategories/"+fmt.Sprint(r.id()), r.header.Get("Location"))
	assert.Equal(t, "Hardware", r.object()["category"].(map[string]any)["name"])
	assert.Equal(t, []int{r.id()}, h.get("procurement/subcategories", "conditions", `name="firewalls" and category/id=1`).as(200).ids())
	h.post("procurement/categories/2/subcategories", `{"name":"Firewalls"}`).as(201) // a name is unique within its category
	h.post("procurement/categories/1/subcategories", `{"name":"FIREWALLS"}`).as(400)
	h.do(http.MethodDelete, at("procurement/subcategories/{}", r.id()), "").as(204)
	h.get(at("procurement/subcategories/{}", r.id())).as(404)
}

func TestDuplicateIdentifierIsRenamedBySetting(t *testing.T) {
	t.Parallel()
	h := serve(t)
	h.settings(`{"duplicate_identifier":"copy0","identifier_limit":75}`)
	name := strings.Repeat("N", 75)
	h.catalogItem(name, "")
	copied := h.get(at("procurement/catalog/{}", h.catalogItem(name, ""))).as(200).object()["identifier"]
	assert.Equal(t, name[:69]+"-Copy0", copied)
	again := h.get(at("procurement/catalog/{}", h.catalogItem(strings.ToLower(name), ""))).as(200).object()["identifier"]
	assert.Equal(t, strings.ToLower(name[:69])+"-Copy1", again)
}

// The server takes a missing date from its own calendar, which can be another day than the caller's.
func TestMissingDatesAreTheServersToday(t *testing.T) {
	t.Parallel()
	h := serve(t)
	h.sim(http.MethodPut, "clock", `{"now":"2026-11-24T02:00:00Z"}`).as(200)
	id := h.agreement("")
	assert.Equal(t, "2026-11-23T00:00:00Z", h.get(at("finance/agreements/{}", id)).as(200).object()["billStartDate"])
	h.settings(`{"time_zone":"Pacific/Auckland"}`)
	assert.Equal(t, "2026-11-24T00:00:00Z", h.get(at("finance/agreements/{}", h.agreement(""))).as(200).object()["billStartDate"])
}

func TestConfigurationQuestions(t *testing.T) {
	t.Parallel()
	h := serve(t)
	typ := h.post("company/configurations/types", `{"name":"Firewall"}`).as(201).id()
	question := func(label, more string) int {
		return h.post(at("company/configurations/types/{}/questions", typ), fmt.Sprintf(`{"question":%q,"fieldType":"Date","entryType":"Date","sequenceNumber":%s}`, label, more)).as(201).id()
	}
	second, first := question("Support", "2"), question("Gateway AV", "1")
	id := h.post("company/configurations", fmt.Sprintf(`{"name":"fw","type":{"id":%d},"company":{"id":253},"questions":[{"questionId":%d,"answer":"2027-05-04T00:00:00Z"}]}`, typ, first)).as(201).id()
	path := at("company/configurations/{}", id)
	answers := func() []map[string]any {
		var all []map[string]any
		for _, q := range h.get(path).as(200).object()["questions"].([]any) {
			all = append(all, q.(map[string]any))
		}
		return all
	}
	got := answers()
	require.Len(t, got, 2, "every active question, answered or not, in the screen's order")
	assert.Equal(t, "2027-05-04T00:00:00Z", got[0]["answer"])
	assert.NotContains(t, got[1], "answer")
	assert.NotEqual(t, got[0]["answerId"], got[1]["answerId"])

	// The array is replaced whole: what is left out is no longer answered; an answer is found by its own id as well.
	h.patch(path, fmt.Sprintf(`[{"op":"replace","path":"questions","value":[{"answerId":%d,"answer":"2028-01-01T00:00:00Z"}]}]`, int(got[1]["answerId"].(float64)))).as(200)
	got = answers()
	assert.NotContains(t, got[0], "answer")
	assert.Equal(t, "2028-01-01T00:00:00Z", got[1]["answer"])
	h.patch(path, `[{"op":"replace","path":"questions/0/answer","value":"2029-01-01T00:00:00Z"}]`).as(200)
	assert.NotContains(t, answers()[0], "answer")

	third := question("New service", "3")
	assert.Len(t, answers(), 3, "a question added later shows at once")
	h.patch(fmt.Sprintf("company/configurations/types/%d/questions/%d", typ, third), `[{"op":"replace","path":"inactiveFlag","value":true}]`).as(200)
	assert.Len(t, answers(), 2)
	h.post(at("company/configurations/types/{}/questions", typ), `{"question":"Must","fieldType":"Text","entryType":"EntryField","sequenceNumber":4,"requiredFlag":true}`).as(201)
	h.post("company/configurations", fmt.Sprintf(`{"name":"fw","type":{"id":%d},"company":{"id":253}}`, typ)).as(400)
	h.patch(path+"/changeType", `[{"op":"replace","path":"type","value":{"id":1}}]`).as(200)
	assert.Empty(t, answers())
	assert.Positive(t, second)
}

func TestConfigurationStatuses(t *testing.T) {
	t.Parallel()
	h := serve(t)
	closing := `[{"op":"replace","path":"status","value":{"name":"closed"}}]`
	id := h.post("company/configurations", `{"name":"x","type":{"id":1},"company":{"id":253}}`).as(201).id()
	assert.Equal(t, true, h.patch(at("company/configurations/{}", id), closing).as(200).object()["activeFlag"])
	h.settings(`{"closing_deactivates":true}`)
	id = h.post("company/configurations", `{"name":"x","type":{"id":1},"company":{"id":253}}`).as(201).id()
	assert.Equal(t, false, h.patch(at("company/configurations/{}", id), closing).as(200).object()["activeFlag"])

	h.patch("company/configurations/statuses/2", `[{"op":"replace","path":"defaultFlag","value":true}]`).as(200)
	assert.Equal(t, false, h.get("company/configurations/statuses/1").as(200).object()["defaultFlag"], "one default only")
	h.patch("company/configurations/statuses/2", `[{"op":"replace","path":"defaultFlag","value":false}]`).as(200)
	h.post("company/configurations", `{"name":"x","type":{"id":1},"company":{"id":253}}`).as(400)
}

func TestBulkConfigurations(t *testing.T) {
	t.Parallel()
	h := serve(t)
	good := `{"name":"a","type":{"id":1},"company":{"id":253}}`
	payload := func(r result) []any { return r.as(207).object()["payload"].([]any) }
	made := payload(h.post("company/configurations/bulk", `[`+good+`,{"name":"b","type":{"id":99},"company":{"id":253}},`+good+`]`))
	require.Len(t, made, 3)
	bad := made[1].(map[string]any)
	assert.Equal(t, false, bad["success"])
	assert.InDelta(t, 400, bad["statusCode"], 0)
	assert.InDelta(t, 1, bad["originalIndex"], 0)
	assert.Equal(t, "InvalidObject", bad["error"].(map[string]any)["code"])
	first := made[0].(map[string]any)["data"].(map[string]any)["id"].(float64)
	put := payload(h.do(http.MethodPut, "company/configurations/bulk", fmt.Sprintf(`[{"id":%d,"name":"renamed","type":{"id":1},"company":{"id":253}}]`, int(first))))
	assert.Equal(t, "renamed", put[0].(map[string]any)["data"].(map[string]any)["name"])
	gone := payload(h.do(http.MethodDelete, "company/configurations/bulk", fmt.Sprintf(`[{"id":%d},99999]`, int(first))))
	assert.Equal(t, true, gone[0].(map[string]any)["success"])
	assert.InDelta(t, 404, gone[1].(map[string]any)["statusCode"], 0)
}
