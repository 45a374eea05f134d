package views

import (
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	markup "golang.org/x/net/html"
)

// words is what an element says, its parts set apart by blanks as they are on the
// screen.
func words(s *goquery.Selection) string {
	var parts []string
	for _, root := range s.Nodes {
		for node := range root.Descendants() {
			if node.Type == markup.TextNode {
				parts = append(parts, strings.Fields(node.Data)...)
			}
		}
	}
	return strings.NewReplacer(" ,", ",", " .", ".", " :", ":").Replace(strings.Join(parts, " "))
}

func page(t *testing.T, name string) *goquery.Document {
	t.Helper()
	return document(t, storyNamed(t, name).page)
}

func hidden(form *goquery.Selection, name string) string {
	return form.Find(`input[name="`+name+`"]`).AttrOr("value", "")
}

func TestHome(t *testing.T) {
	t.Parallel()
	doc := page(t, "home")
	rows := by(doc, "attention-row")
	assert.Equal(t, 4, rows.Length())
	assert.Equal(t, "Replace keys", words(rows.First().Find(".btn-primary")), "the most costly cause gets the filled button")
	assert.Contains(t, words(rows.Eq(2)), "Ironwood Credit Union, Café Lindqvist and 1 more")

	row := doc.Find(`[data-account="northbridge-it"]`)
	assert.Equal(t, "188 of 214", words(row.Find(`[data-testid="synced"]`)))
	failed := row.Find(`[data-testid="failed"] a`)
	assert.Equal(t, "/accounts/northbridge-it/failed-logs.txt", failed.AttrOr("href", ""), "R43: the failed count downloads the logs")
	assert.Contains(t, words(row), "Fri 30 Oct, 01:00 CDT")
	assert.Contains(t, words(doc.Find(`[data-account="harbour-managed"]`)), "Running, 62 %")
	fresh := doc.Find(`[data-account="lakeshore-demo"]`)
	assert.Equal(t, "–", words(fresh.Find(`[data-testid="failed"]`)), "not known is no zero")
	assert.Equal(t, "Finish set-up", words(fresh.Find("a.link")))
	removed := doc.Find(`[data-account="old-msp"]`)
	assert.Contains(t, words(removed), "Removed removed by ops-lead", "R56")
	assert.Equal(t, RunsURL("old-msp"), removed.Find("[data-open]").AttrOr("href", ""), "its name leads to its history")
}

func TestHomeWithoutTrouble(t *testing.T) {
	t.Parallel()
	doc := page(t, "home-well")
	assert.Equal(t, "Nothing needs you Next: northbridge-it, Fri 30 Oct, 01:00 CDT.", words(by(doc, "empty")))
	assert.Zero(t, doc.Find(".btn-primary").Length(), "nothing to do: no filled button")
	empty := page(t, "home-empty")
	assert.Equal(t, "Connect your first account", words(by(empty, "title")))
	assert.Equal(t, NewAccountURL, by(empty, "add-account").AttrOr("action", ""))
}

// R1: the key is never shown again, also not after an error.
func TestAddAccountKeepsTheNameNotTheKey(t *testing.T) {
	t.Parallel()
	doc := page(t, "account-add")
	assert.Equal(t, "Northbridge IT", doc.Find("#name").AttrOr("value", ""))
	_, has := doc.Find("#msw_api_key").Attr("value")
	assert.False(t, has)
	assert.Equal(t, "MySonicWall refuses this key.", words(by(doc, "error-msw_api_key")))
	assert.Equal(t, "#msw_api_key", by(doc, "errors").Find("a").Last().AttrOr("href", ""))
	assert.Equal(t, "true", doc.Find("#name").AttrOr("aria-invalid", ""))
}

// R2, R3: seven checks in their order, the first failure explained, later ones not
// tested, the private key never in the page.
func TestConnectionTest(t *testing.T) {
	t.Parallel()
	doc := page(t, "connection-refused")
	var states []string
	by(doc, "connection-test").Find("[data-state]").Each(func(_ int, s *goquery.Selection) {
		states = append(states, s.AttrOr("data-testid", "")+" "+s.AttrOr("data-state", ""))
	})
	assert.Equal(t, []string{
		"check-host ok", "check-name ok", "check-tls ok", "check-server ok", "check-company ok", "check-keys failed", "check-permissions waiting",
	}, states)
	assert.Contains(t, words(by(doc, "connection-test")), "Failed at check 6 of 7")
	assert.Contains(t, words(by(doc, "check-keys")), "GET system/info error:401")
	assert.Contains(t, words(by(doc, "check-permissions")), "not tested")
	_, has := doc.Find("#private_key").Attr("value")
	assert.False(t, has)
	assert.Equal(t, "na.myconnectwise.net", doc.Find("#host").AttrOr("value", ""), "what was typed stays")
	assert.Equal(t, ConnectionTestURL(lakeshore), by(doc, "test").AttrOr("formaction", ""))
	assert.True(t, by(doc, "test").HasClass("btn-primary"))

	passed := page(t, "connection-passed")
	assert.True(t, by(passed, "continue").HasClass("btn-primary"), "after success Continue is the next step")
	_, required := passed.Find("#private_key").Attr("required")
	assert.False(t, required, "editing: empty keeps the stored key")
	other := page(t, "connection-other")
	_, required = other.Find("#private_key").Attr("required")
	assert.True(t, required, "R55: another ConnectWise needs it again")
	assert.Contains(t, words(by(other, "message")), "the mapping starts empty")
	assert.Equal(t, 7, by(page(t, "connection"), "connection-test").Find("[data-state=waiting]").Length())
}

// R4: board and priorities are real selects with what was chosen.
func TestTickets(t *testing.T) {
	t.Parallel()
	doc := page(t, "tickets")
	assert.Equal(t, "1", doc.Find("#critical option[selected]").AttrOr("value", ""))
	assert.Equal(t, "2", doc.Find("#high option[selected]").AttrOr("value", ""))
	assert.Zero(t, doc.Find("#board option[selected]").Length())
	assert.Contains(t, words(by(doc, "error-board")), "no longer in ConnectWise")
}

// R5, R8: Submit stays closed while something is to mend, and says why.
func TestReview(t *testing.T) {
	t.Parallel()
	doc := page(t, "review")
	first := by(doc, "review-findings").Find("[data-state]").First()
	assert.Equal(t, "failed", first.AttrOr("data-state", ""), "failed first")
	assert.Contains(t, words(first), "To mend it: in ConnectWise open System › Setup Tables")
	assert.Contains(t, words(by(doc, "review-findings").Find("header")), "1 to mend 1 to know 2 fine")
	_, closed := by(doc, "submit").Attr("disabled")
	assert.True(t, closed)
	assert.Equal(t, "Submit opens when nothing is left to mend.", words(by(doc, "submit-closed")))
	assert.True(t, by(doc, "check-again").HasClass("btn-primary"))
	assert.Contains(t, words(by(doc, "review-creates")), "3 new, 1 already there")

	ready := page(t, "review-ready")
	_, closed = by(ready, "submit").Attr("disabled")
	assert.False(t, closed)
	assert.Equal(t, "post", by(ready, "submit").Closest("form").AttrOr("method", ""))

	taken := page(t, "review-taken")
	assert.Contains(t, words(by(taken, "submit-closed")), "One company belongs to one account.", "R10")
}

func TestSetup(t *testing.T) {
	t.Parallel()
	doc := page(t, "setup-failed")
	step := by(doc, "check-subcategories")
	assert.Equal(t, "failed", step.AttrOr("data-state", ""))
	assert.Contains(t, words(step), "The API member may not add sub-categories. 2 of 5 stand")
	form := by(doc, "retry-subcategories").Closest("form")
	assert.Equal(t, SetupRetryURL(lakeshore), form.AttrOr("action", ""))
	assert.Equal(t, "subcategories", hidden(form, "step"))
	assert.Equal(t, "3 of 7 done", words(by(doc, "setup-done")))
	assert.Equal(t, "3", doc.Find("progress").AttrOr("value", ""))
	done := page(t, "setup-done")
	assert.Contains(t, words(by(done, "setup-ready")), "Ready. 61 tenants wait for a company. Map tenants")
}

// R11, R12, R14 on the tenants page.
func TestTenants(t *testing.T) {
	t.Parallel()
	doc := page(t, "tenants")
	row := func(id string) *goquery.Selection {
		return doc.Find(`[data-testid="tenant"][data-tenant="` + id + `"]`)
	}

	assert.Equal(t, "Not mapped 19", words(by(doc, "chip-not_mapped")))
	assert.Equal(t, "/accounts/northbridge-it/tenants?filter=not_mapped", by(doc, "chip-not_mapped").AttrOr("href", ""))
	assert.Equal(t, "1–50 of 214", words(by(doc, "range")))

	sw := row("2300411").Find(`[role="switch"]`)
	assert.Equal(t, "true", sw.AttrOr("aria-checked", ""))
	assert.Equal(t, "off", hidden(sw.Closest("form"), "enabled"), "the button sends the other state")
	assert.Equal(t, TenantEnabledURL(northbridge, "2300411"), sw.Closest("form").AttrOr("action", ""))

	closed := row("2300540").Find(`[role="switch"]`)
	_, off := closed.Attr("disabled")
	assert.True(t, off, "R11: not before company and agreement are chosen")
	assert.Equal(t, "Choose company and agreement first.", closed.AttrOr("title", ""))

	accept := row("2300540").Find(`[data-testid="accept"]`).Closest("form")
	assert.Equal(t, "4", hidden(accept, "company"))
	assert.Equal(t, "340", hidden(accept, "agreement"))
	assert.Contains(t, words(row("2300540")), "Suggested, 97 %: same words, “LLP” ignored")

	assert.Contains(t, words(row("2300571")), "Status is Prospect: alerts get no ticket", "R12")
	assert.Contains(t, words(row("2300551")), "ended 30 Sep Use Managed Security 2026")
	successor := row("2300551").Find(`[data-testid="successor"]`).Closest("form")
	assert.Equal(t, TenantMappingURL(northbridge, "2300551"), successor.AttrOr("action", ""), "R53: one step")
	assert.Equal(t, "351", hidden(successor, "agreement"))
	assert.Contains(t, words(row("2300551")), "Frozen since 1 Oct Its agreement ended; 4 lines stay open in ConnectWise End billing…")
	assert.Contains(t, words(row("2300588")), "ops-lead asked to end its billing; the next run does it.")
	assert.Contains(t, words(row("2300588")), "Missing since 26 Oct")
	assert.Contains(t, words(row("2300570")), "quarterly, next 1 Jan")
	assert.Zero(t, row("2300562").Find(`[data-testid="accept"]`).Length(), "ties are never picked")
	assert.Contains(t, words(row("2300533")), "Allow such names")
}

func TestTenantsRowEdit(t *testing.T) {
	t.Parallel()
	doc := page(t, "tenants-find")
	choices := by(doc, "company-choice")
	assert.Equal(t, 2, choices.Length())
	assert.Contains(t, choices.First().AttrOr("href", ""), "company=21")
	assert.Equal(t, "fern", doc.Find("#company_q").AttrOr("value", ""))
	assert.Equal(t, "get", doc.Find("#company_q").Closest("form").AttrOr("method", ""), "works without a script")
	assert.Zero(t, by(doc, "mapping-form").Length(), "no agreement before a company")

	chosenPage := page(t, "tenants-chosen")
	form := by(chosenPage, "mapping-form")
	assert.Equal(t, "21", hidden(form, "company"))
	assert.Equal(t, 3, form.Find("#agreement option").Length(), "two agreements and the choice itself")
	assert.Equal(t, "Choose an agreement.", words(by(chosenPage, "error-agreement")))
	assert.Contains(t, words(by(chosenPage, "tenant-edit")), "Your choice was not saved.")

	only := tenantsPage(func(p *TenantsPage) {
		p.Edit = &TenantEdit{Tenant: "2300562", Chosen: &CompanyRef{ID: "1", Name: "One"}, Agreements: []AgreementChoice{{ID: "9", Name: "Gold"}}}
	})
	assert.Equal(t, "9", document(t, Tenants(only)).Find("#agreement option[selected]").AttrOr("value", ""), "the only agreement is picked at once")
}

func TestTenantsEmptyStates(t *testing.T) {
	t.Parallel()
	assert.Contains(t, words(by(page(t, "tenants-none"), "empty")), "MySonicWall lists no tenants for this key.")
	match := words(by(page(t, "tenants-no-match"), "empty"))
	assert.Contains(t, match, "No tenant matches “jupiter<” 214 tenants are there without the search and the filter Missing.")
	assert.Contains(t, match, "Clear search and filter")
	assert.Contains(t, words(by(page(t, "tenants-unconfigured"), "empty")), "Configure ConnectWise")
	accept := page(t, "tenants-accept")
	assert.Equal(t, 2, by(accept, "accept-pair").Find("input[checked]").Length(), "all pairs are ticked")
	assert.Equal(t, "90", accept.Find("#threshold").AttrOr("value", ""))
}

// R14: all or nothing.
func TestMappingFile(t *testing.T) {
	t.Parallel()
	wrong := page(t, "mapping-wrong")
	assert.Equal(t, "Line 14, agreement_name: Fernhill has no agreement Gold.", words(by(wrong, "line-error")))
	assert.Zero(t, by(wrong, "import").Length(), "nothing is imported while a line is wrong")
	ready := page(t, "mapping-ready")
	assert.Equal(t, "Import 1 change", words(by(ready, "import")))
	assert.Equal(t, "1f0c", hidden(by(ready, "import").Closest("form"), "staged"))
	assert.Contains(t, words(by(ready, "mapping-change")), "Company none becomes Cedar & Finch, LLP")
}

// R34: nothing was written, sums first, what bills 0.00 is a warning.
func TestPreview(t *testing.T) {
	t.Parallel()
	doc := page(t, "preview")
	assert.Contains(t, words(by(doc, "facts")), "Nothing has been written. Computed today 14:11:05 CDT, 9 min ago.")
	assert.Contains(t, words(by(doc, "sum-added")), "12")
	assert.Contains(t, words(by(doc, "message").First()), "3 new lines will bill 0.00.")
	change := by(doc, "change")
	assert.Equal(t, "linked", change.First().AttrOr("data-action", ""))
	assert.Contains(t, words(change.First()), "Move Capture Client Tenant 0040103A7C10 Basic to Advanced")
	assert.Contains(t, words(change.Eq(1)), "bills 0.00")
	assert.Contains(t, words(by(doc, "preview-group").Last()), "The agreement bills quarterly.")

	ask := page(t, "preview-ask")
	form := by(ask, "question").Find("form")
	assert.Equal(t, SyncURL(northbridge), form.AttrOr("action", ""))
	assert.Contains(t, words(by(ask, "question")), "adds 12 lines, changes 19, ends 4 and changes 26 other records")
	assert.Contains(t, words(ask.Find("body")), "Computed 3 h ago. MySonicWall is read again")
	assert.Contains(t, words(by(page(t, "preview-nothing"), "empty")), "A sync would write nothing.")
}

func TestRuns(t *testing.T) {
	t.Parallel()
	doc := page(t, "runs")
	rows := by(doc, "run")
	assert.Contains(t, words(rows.Eq(1)), "3 tenants failed")
	assert.Equal(t, RunLogsURL(northbridge, "1842", "txt"), rows.Eq(1).Find(`[data-testid="failed"]`).AttrOr("href", ""), "R43")
	assert.Contains(t, words(rows.Eq(2)), "Missed")
	assert.Zero(t, rows.Eq(2).Find("a").Length(), "a missed night has no run to open")
	assert.Equal(t, SyncURL(northbridge), by(doc, "sync-now").Closest("form").AttrOr("action", ""))
}

// R42, R43, R45: a run says how far it is, groups tenants with trouble first, and
// leads to logs and the Temporal UI.
func TestRun(t *testing.T) {
	t.Parallel()
	doc := page(t, "run-live")
	assert.Equal(t, "About 1 min 30 s left", words(by(doc, "run-lead")))
	assert.Equal(t, 4, by(doc, "phase").Length())
	assert.Contains(t, words(by(doc, "phase").Last()), "Write tenants 21 of 34")
	var groups []string
	doc.Find("details.group").Each(func(_ int, s *goquery.Selection) {
		_, open := s.Attr("open")
		groups = append(groups, s.AttrOr("id", "")+map[bool]string{true: " open"}[open])
	})
	assert.Equal(t, []string{"group-failed open", "group-held open", "group-running open", "group-waiting", "group-synced", "group-unchanged"}, groups)
	assert.Equal(t, RunLogsURL(northbridge, "1843", "txt"), by(doc, "failed-count").AttrOr("href", ""))
	for _, format := range []string{"txt", "csv", "json"} {
		assert.Equal(t, RunLogsURL(northbridge, "1843", format), by(doc, "logs-"+format).AttrOr("href", ""))
	}
	assert.Contains(t, by(doc, "temporal").AttrOr("href", ""), "sync%2Fnorthbridge-it%2F1843")
	assert.Equal(t, "1843", hidden(by(doc, "retry-failed").Closest("form"), "failed_of"))
	assert.Contains(t, by(doc, "group-unchanged").Find(`[data-testid="group-more"]`).AttrOr("href", ""), "filter=unchanged", "folded groups load their rows by a link")
	assert.Equal(t, "Write tenants: 21 of 34", doc.Find("#run-live").AttrOr("data-announce", ""))

	ended := page(t, "run-ended")
	assert.Contains(t, words(by(ended, "facts")), "ended today 14:20:32 CDT")
	assert.Equal(t, "Took 4 min 12 s", words(by(ended, "run-lead")))
	failed := page(t, "run-failed")
	assert.Contains(t, words(by(failed, "message")), "ConnectWise refused the API keys (401).")
	assert.Equal(t, "failed", by(failed, "phase").Eq(1).AttrOr("data-state", ""))
	assert.Contains(t, words(by(failed, "empty")), "The run ended before it came to its tenants.")
}

// R45: every change with before and after, why, and the vendor's own answer.
func TestTenantRun(t *testing.T) {
	t.Parallel()
	doc := page(t, "tenant-run")
	assert.Equal(t, "1 of 5 changes failed", words(doc.Find("h1 [data-testid=badge]")))
	changes := by(doc, "change")
	require.Equal(t, 5, changes.Length())
	failed := changes.First()
	trouble := failed.Find(`[data-testid="trouble"]`)
	assert.Zero(t, trouble.Closest("details").Length(), "what went wrong is not folded")
	assert.Contains(t, words(trouble.Find(`[data-testid="answer"]`)), "error:400 InvalidObject")
	assert.Zero(t, changes.Eq(1).Find(`[data-testid="trouble"]`).Length())
	assert.Equal(t, 2, failed.Find(`[data-testid="fact"]`).Length())
	assert.Contains(t, words(failed), "Quantity 1 Effective 1 Oct 2026 Cancelled 31 Oct 2027", "created: only the new")
	assert.Contains(t, words(changes.Eq(1)), "Quantity 25 becomes 28 (+3) Cancelled 14 Nov 2026 becomes 14 Nov 2027 (+1 year)")
	assert.Contains(t, words(changes.Eq(1)), "Next invoice, 1 Nov 2026: 28 instead of 25, for the whole period.")
	assert.Contains(t, words(changes.Eq(2)), "Cancelled none becomes 29 Oct 2026")
	assert.Equal(t, "18 other objects of this tenant were already right and were not written.", words(by(doc, "unchanged")))
	assert.Equal(t, "2300512", hidden(by(doc, "sync-tenant").Closest("form"), "tenant"))

	refused := page(t, "tenant-run-refused")
	assert.Contains(t, words(by(refused, "tenant-failure")), "ended 30 Sep 2026.")
	assert.Contains(t, words(by(refused, "answer")), "404")
}

func TestTenant(t *testing.T) {
	t.Parallel()
	doc := page(t, "tenant")
	products := by(doc, "product")
	assert.Contains(t, words(products.First()), "Device Control 1,204 · until 14 Nov 2027")
	assert.Contains(t, words(products.First()), "Edited in ConnectWise, left as it is")
	assert.Contains(t, words(products.Eq(1)), "Ended by hand")
	assert.Contains(t, words(products.Eq(1)), "Transferred in MySonicWall")
	assert.Contains(t, words(products.Eq(2)), "<b>00</b>")
	assert.Equal(t, 2, by(doc, "tenant-run").Length())
	assert.Contains(t, words(by(page(t, "tenant-bare"), "facts")), "No company yet")
}

func TestChanges(t *testing.T) {
	t.Parallel()
	changes := by(page(t, "changes"), "change")
	assert.Contains(t, words(changes.First()), "Ironwood Credit Union, run 1843")
	assert.Contains(t, words(changes.First()), "today 14:19:00 CDT")
	none := page(t, "changes-no-match")
	assert.Contains(t, words(by(none, "empty")), "Clear filter")
	assert.Equal(t, "addition", none.Find("#kind option[selected]").AttrOr("value", ""), "the filter in force stays chosen")
}
