package connectwise

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTickets(t *testing.T) {
	t.Parallel()
	h := serve(t)
	made := h.send(ticketOf(`"board":{"name":"Security Alerts"},"priority":{"name":"Priority 1 - Emergency"},"agreement":{"id":108},
		"externalXRef":"alert-7","initialDescription":"line one\nline two","processNotifications":false`)(h)).as(201)
	got, id := made.object(), made.id()
	assert.NotContains(t, string(made.body), "initialDescription")
	assert.NotContains(t, string(made.body), "processNotifications")
	assert.Equal(t, "New", got["status"].(map[string]any)["name"])
	assert.Equal(t, "Critical", got["priority"].(map[string]any)["level"])
	assert.Equal(t, "ServiceTicket", got["recordType"])
	assert.Equal(t, false, got["closedFlag"])
	assert.Equal(t, "Managed Services", got["agreement"].(map[string]any)["type"])
	notes := h.get(at("service/tickets/{}/notes", id)).as(200).list()
	require.Len(t, notes, 1)
	assert.Equal(t, "line one\nline two", notes[0]["text"])
	assert.Equal(t, true, notes[0]["detailDescriptionFlag"])
	h.post(at("service/tickets/{}/notes", id), `{"text":"closed in the console","internalAnalysisFlag":true}`).as(201)

	path := at("service/tickets/{}", id)
	closed := h.patch(path, `[{"op":"replace","path":"status","value":{"name":"Closed"}}]`).as(200).object()
	assert.Equal(t, true, closed["closedFlag"])
	assert.Equal(t, "causeway", closed["closedBy"])
	assert.Equal(t, "2026-11-23T17:00:00Z", closed["closedDate"])
	reopened := h.patch(path, `[{"op":"replace","path":"status","value":{"name":"Re-Opened"}}]`).as(200).object()
	assert.Equal(t, false, reopened["closedFlag"])
	assert.NotContains(t, reopened, "closedDate")
	moved := h.patch(path, `[{"op":"replace","path":"board","value":{"id":1}}]`).as(200).object()
	assert.Equal(t, "New (not responded)", moved["status"].(map[string]any)["name"], "the other board's default")

	h.send(ticketOf(`"board":{"name":"Legacy Support"}`)(h)).as(400)
	h.send(ticketOf(`"board":{"name":"Projects"}`)(h)).as(400)
	h.send(ticketOf(`"board":{"id":1},"agreement":{"id":` + fmt.Sprint(otherAgreement(h)) + `}`)(h)).as(400)
	h.send(ticketOf(`"summary":"` + strings.Repeat("x", 101) + `"`)(h)).as(400)
}

// otherAgreement is one that is not of company 253.
func otherAgreement(h *harness) int {
	return h.get("finance/agreements", "conditions", "company/id!=253", "pageSize", "1").as(200).ids()[0]
}

func TestTicketsForCompaniesThatForbidIt(t *testing.T) {
	t.Parallel()
	h := serve(t)
	h.patch("company/companies/253", `[{"op":"replace","path":"status","value":{"name":"Credit Hold"}}]`).as(200)
	assert.Contains(t, string(h.send(ticketOf(`"board":{"id":1}`)(h)).as(400).body), "Ask accounting")
	h.do(http.MethodDelete, "company/companies/256", "").as(204)
	bin := h.get("company/companies/256").as(200).object()
	assert.Equal(t, true, bin["deletedFlag"], "deleted companies lie in the recycle bin")
	assert.Contains(t, h.get("company/companies", "pageSize", "1000").as(200).ids(), 256)
	assert.NotContains(t, h.get("company/companies", "pageSize", "1000", "conditions", "deletedFlag=false").as(200).ids(), 256)
	h.post("service/tickets", `{"summary":"s","company":{"id":256}}`).as(400)
	h.post("company/configurations", `{"name":"x","type":{"id":1},"company":{"id":256}}`).as(400)
}

func TestMerge(t *testing.T) {
	t.Parallel()
	h := serve(t)
	parent, child := h.send(ticketOf(`"board":{"id":1}`)(h)).as(201).id(), h.send(ticketOf(`"board":{"id":1}`)(h)).as(201).id()
	h.post(at("service/tickets/{}/merge", parent), `{}`).as(400)
	edit := fmt.Sprintf(`{"method":"POST","path":"service/tickets/%d/merge","body":{"mergeTicketIds":[%d],"status":{"id":5}},"by":"rortiz"}`, parent, child)
	h.sim(http.MethodPost, "edit", edit).as(204)
	got := h.get(at("service/tickets/{}", child)).as(200).object()
	assert.InDelta(t, float64(parent), got["mergedParentTicket"].(map[string]any)["id"], 0)
	assert.Equal(t, true, got["closedFlag"])
	assert.Equal(t, true, h.get(at("service/tickets/{}", parent)).as(200).object()["hasMergedChildTicketFlag"])
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	h := serve(t)
	ticket := fmt.Sprint(h.send(ticketOf(`"board":{"id":1}`)(h)).as(201).id())
	parts := map[string]string{"recordType": "Ticket", "recordId": ticket, "title": "Console", "url": "https://console.example.com/alert/7"}
	link := h.send(h.upload(parts, "")).as(201)
	got := link.object()
	assert.Equal(t, "Console", got["title"])
	assert.Equal(t, true, got["urlFlag"])
	assert.Equal(t, false, got["linkFlag"])
	h.settings(`{"link_flags":"both"}`)
	assert.Equal(t, true, h.send(h.upload(parts, "")).as(201).object()["linkFlag"])
	delete(parts, "url")
	file := h.send(h.upload(parts, "hello")).as(201)
	assert.InDelta(t, 5, file.object()["size"], 0)
	assert.Equal(t, "hello", string(h.get(at("system/documents/{}/download", file.id())).as(200).body))

	list := h.get("system/documents", "recordType", "Ticket", "recordId", ticket).as(200).ids()
	assert.Len(t, list, 3)
	assert.Len(t, h.get("system/documents", "recordType", "Ticket", "recordId", ticket, "conditions", `title="console"`).as(200).ids(), 3)
	assert.Empty(t, h.get("system/documents", "recordType", "Company", "recordId", ticket).as(200).ids())
	assert.Equal(t, list, h.get("service/tickets/"+ticket+"/documents").as(200).ids())
	assert.InDelta(t, 3, h.get("system/documents/count", "recordType", "Ticket", "recordId", ticket).as(200).object()["count"], 0)
	h.get("system/documents", "recordType", "Nonsense", "recordId", ticket).as(400)
	h.send(h.upload(map[string]string{"recordType": "Ticket", "recordId": "999", "title": "x", "url": "https://x.example"}, "")).as(400)
	h.send(h.upload(map[string]string{"recordType": "Ticket", "recordId": ticket, "title": "x", "url": "javascript:alert(1)"}, "")).as(400)
	h.do(http.MethodDelete, at("system/documents/{}", link.id()), "").as(204)
}

// A person's edit goes by the same rules, but not by rights, limits or the lag, and is recorded for that person.
func TestEditAsAPerson(t *testing.T) {
	t.Parallel()
	h := serve(t)
	h.settings(`{"denied":["* procurement"],"rate_per_minute":1,"keys_revoked":true}`)
	edit := func(body string) result { return h.sim(http.MethodPost, "edit", body) }
	r := edit(`{"method":"POST","path":"procurement/types","body":{"name":"By hand"},"by":"dmiller"}`).as(201)
	assert.Equal(t, "dmiller", r.object()["_info"].(map[string]any)["enteredBy"])
	edit(`{"method":"POST","path":"procurement/types","body":{"name":"By hand"}}`).as(400)
	edit(fmt.Sprintf(`{"method":"DELETE","path":"procurement/types/%d"}`, r.id())).as(204)
	edit(`{"method":"GET","path":"procurement/types"}`).as(400)
	edit(`{"method":"POST","path":"nonsense","body":{}}`).as(404)
	assert.Empty(t, h.sim(http.MethodGet, "requests", "").object()["requests"], "people's edits are no API requests")
}

func TestPages(t *testing.T) {
	t.Parallel()
	h := serve(t, func(o *Options) { o.Tenants = 20 })
	agreement := h.get("finance/agreements/108").as(200).id()
	h.post(at("finance/agreements/{}/additions", agreement), `{"product":{"identifier":"M365-BP"},"billCustomer":"Billable","effectiveDate":"2027-06-01T00:00:00Z","invoiceDescription":"<b>bold</b>","serialNumber":"SER1"}`).as(201)
	ticket := h.send(ticketOf(`"board":{"id":1},"initialDescription":"what happened"`)(h)).as(201).id()
	h.send(h.upload(map[string]string{"recordType": "Ticket", "recordId": fmt.Sprint(ticket), "title": "Console", "url": "https://console.example.com/7"}, "")).as(201)
	for path, want := range map[string][]string{
		"/":                                {"Catalog items"},
		"/catalog":                         {"MON-SERVER", "45.00", "admin"},
		"/catalog?q=m365":                  {"M365-BP"},
		"/catalog/1":                       {"Monitoring and patching of one server"},
		"/companies":                       {"Embermoor"},
		"/companies/253":                   {"Managed Security", "file-server"},
		"/agreements":                      {"Managed Security", "Monthly"},
		"/agreements/108":                  {"SER1", "&lt;b&gt;bold", "causeway", "2027-06-01", "file-server", "Entered by hand"},
		"/configurations":                  {"VMW-0001"},
		"/configurations/1":                {"Operating system", "Windows Server 2022", "Managed Security"},
		"/tickets":                         {"Professional Services"},
		fmt.Sprintf("/tickets/%d", ticket): {"what happened", "https://console.example.com/7", "Console"},
		"/v4_6_release/services/system_io/router/openrecord.rails?recordType=ServiceFv&recid=1": {"what happened"},
		"/style.css": {"table"},
	} {
		r := h.do(http.MethodGet, h.http.URL+path, "").as(200)
		for _, part := range want {
			assert.Contains(t, string(r.body), part, path)
		}
	}
	page := h.do(http.MethodGet, h.http.URL+"/catalog", "")
	assert.Contains(t, page.header.Get("Content-Security-Policy"), "default-src 'none'")
	assert.NotContains(t, string(h.do(http.MethodGet, h.http.URL+"/catalog?q=m365", "").body), "MON-SERVER")
	for _, path := range []string{"/tickets/999", "/tickets/x", "/nonsense", "/ConnectWise.aspx?routeTo=Nope&recid=1"} {
		h.do(http.MethodGet, h.http.URL+path, "").as(404)
	}
	h.do(http.MethodPost, h.http.URL+"/catalog", "{}").as(405)
}
