package server_test

import (
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"causeway/internal/bridge"
	"causeway/internal/store"
)

// mapped maps and enables so many tenants to the first company that is offered.
func (w *world) mapped(account bridge.Account, count int) []bridge.Tenant {
	w.t.Helper()
	offer, err := w.admin.Offer(w.t.Context(), account)
	require.NoError(w.t, err)
	require.NotEmpty(w.t, offer.Companies)
	first := offer.Companies[0]
	rows, _, _, err := w.store.Tenants(w.t.Context(), account.ID, store.TenantFilter{Limit: count})
	require.NoError(w.t, err)
	tenants := make([]bridge.Tenant, 0, count)
	for _, row := range rows {
		tenant := row.Tenant
		tenant.Mapping = bridge.Mapping{CompanyID: first.ID, AgreementID: first.Agreements[0].ID, Enabled: true}
		_, err := w.admin.SaveMapping(w.t.Context(), account.Name, tenant.ID, tenant.Mapping, nil, "a test")
		require.NoError(w.t, err)
		tenants = append(tenants, tenant)
	}
	return tenants
}

// ranRun is a sync of mapped tenants that ended: of the first a rule failed one new line and another was written, the second failed
// as a whole, the third needed nothing.
func (w *world) ranRun(account bridge.Account, note string) (bridge.Run, []bridge.Tenant) {
	w.t.Helper()
	ctx := w.t.Context()
	tenants := w.mapped(account, 3)
	run, opened, err := w.store.OpenRun(ctx, store.OpenRun{
		AccountID: account.ID, Kind: bridge.RunSync, By: "dashboard", Note: note, Tenants: tenants, Everything: true,
	})
	require.NoError(w.t, err)
	require.True(w.t, opened)
	line := func(serial string, status bridge.Status, message string) bridge.Change {
		return bridge.Change{
			Kind: bridge.KindAddition, Action: bridge.ActionCreate, Key: "SONICWALL_NSV_270/" + serial, Serial: serial, Subject: "NSv 270",
			After:  bridge.Fields{bridge.FieldQuantity: "5", bridge.FieldEffective: "2026-12-01", bridge.FieldBillCustomer: "Billable"},
			Status: status, Message: message, NextInvoice: bridge.MustDate("2026-12-01"), BillsZero: true,
			Why: []bridge.Reasoning{{Field: bridge.FieldEffective, Rule: "The line starts on the next invoice date.", Facts: []bridge.Fact{
				{Source: bridge.SourceMySonicWall, Name: "registered", Value: "2025-05-22"},
			}}},
		}
	}
	require.NoError(w.t, w.store.SavePlan(ctx, run, []store.PlannedTenant{
		{TenantID: tenants[0].ID, NeedSync: true, Plan: bridge.TenantPlan{Changes: []bridge.Change{
			line("00401000FAIL", bridge.StatusFailed, "It expired on 2025-05-22."), line("00401000GOOD", bridge.StatusPlanned, ""),
		}}},
		{TenantID: tenants[1].ID, NeedSync: true, Message: "The agreement bills quarterly since 2025-01-01."},
		{TenantID: tenants[2].ID, Status: bridge.TenantUnchanged},
	}))
	pending, err := w.store.PendingChanges(ctx, run.ID, tenants[0].ID)
	require.NoError(w.t, err)
	require.Len(w.t, pending, 1)
	written := pending[0]
	written.Status, written.CWMID, written.Answer = bridge.StatusApplied, 7, written.After
	require.NoError(w.t, w.store.FinishChange(ctx, run, written, nil, nil))
	_, err = w.store.EndTenant(ctx, run.ID, tenants[0].ID, bridge.TenantFailed, "NSv 270: It expired on 2025-05-22.")
	require.NoError(w.t, err)
	_, err = w.store.EndTenant(ctx, run.ID, tenants[1].ID, bridge.TenantFailed, "The agreement bills quarterly since 2025-01-01.")
	require.NoError(w.t, err)
	run, err = w.store.CloseRun(ctx, run.ID, "", "")
	require.NoError(w.t, err)
	return run, tenants
}

func runPath(run bridge.Run) string { return "/accounts/north/runs/" + strconv.FormatInt(run.ID, 10) }

// R45: what the request said is a fact of the run, not its failure; dates read as everywhere; the log counts all its lines.
func TestRunPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	run, tenants := w.ranRun(w.ready("north"), "after new prices")
	lines := make([]bridge.LogLine, 90)
	for i := range lines {
		lines[i] = bridge.LogLine{RunID: run.ID, Level: bridge.LogInfo, Text: "line " + strconv.Itoa(i)}
	}
	require.NoError(t, w.store.AppendLogs(t.Context(), lines))

	page := w.shown(runPath(run))
	require.Contains(t, page.text("facts"), "asked for by the dashboard, “after new prices”")
	require.Zero(t, page.part("message").Length(), "nothing failed as a whole")
	require.Contains(t, page.text("group-failed"), "NSv 270: It expired on 22 May 2025.")
	require.Contains(t, page.text("group-failed"), "The agreement bills quarterly since 1 Jan 2025.")
	require.Contains(t, page.body, "All 93 lines", "90 and what failed")
	require.Contains(t, page.part("temporal").AttrOr("href", ""), "/workflows/sync%2Fnorth%2F")
	href := page.part("failed-count").AttrOr("href", "")
	log := w.shown(href)
	require.Contains(t, log.header.Get("Content-Disposition"), "attachment")
	require.Contains(t, log.body, tenants[1].Name+" ("+tenants[1].ID+"): failed: The agreement bills quarterly since 2025-01-01.")
	require.Contains(t, log.body, "create addition SONICWALL_NSV_270/00401000FAIL: It expired on 2025-05-22.")
}

// R45, R19: before and after, why, and of the next invoice only what reaches it.
func TestTenantRunPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	run, tenants := w.ranRun(w.ready("north"), "")
	page := w.shown(runPath(run) + "/tenants/" + tenants[0].ID)
	require.Equal(t, "1 of 2 changes failed", page.doc.Find("h1 [data-testid=badge]").Text())
	changes := page.part("change")
	require.Equal(t, 2, changes.Length())
	failed, written := changes.Eq(0), changes.Eq(1)
	require.Contains(t, failed.Text(), "It expired on 22 May 2025.")
	require.Contains(t, failed.Find("[data-testid=effect]").Text(), "no new line")
	require.NotContains(t, failed.Text(), "bills 0.00", "a line that is not there bills nothing")
	require.Contains(t, written.Find("[data-testid=effect]").Text(), "new line, quantity 5")
	require.Contains(t, written.Find("[data-testid=effect]").Text(), "bills 0.00")
	require.Contains(t, written.Find("[data-testid=why]").Text(), "Why is the effective date 1 Dec 2026?")
	require.Contains(t, written.Find("[data-testid=fact]").Text(), "registered 22 May 2025")
	require.Contains(t, page.text("section-addition"), "additions of ")
	require.Equal(t, 1, w.shown(runPath(run)+"/tenants/"+tenants[0].ID+"?filter=invoice").part("change").Length())
}

// R43: the failed count on the first page leads to the logs of those that failed last, however many runs later.
func TestFailedCountLeadsToTheLogs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	account := w.ready("north")
	_, tenants := w.ranRun(account, "")
	later, _, err := w.store.OpenRun(t.Context(), store.OpenRun{AccountID: account.ID, Kind: bridge.RunSync, By: "dashboard", Tenants: tenants[2:]})
	require.NoError(t, err)
	_, err = w.store.EndTenant(t.Context(), later.ID, tenants[2].ID, bridge.TenantSynced, "")
	require.NoError(t, err)
	_, err = w.store.CloseRun(t.Context(), later.ID, "", "")
	require.NoError(t, err)

	home := w.shown("/")
	require.Equal(t, "1 of 3", home.text("synced"), "of those that are switched on, whichever run it was")
	attention := home.text("attention-row")
	require.Contains(t, attention, "2 of 3 tenants failed in their last sync; 1 other is up to date.")
	require.Contains(t, attention, tenants[0].Name)
	require.Equal(t, home.part("failed-logs").AttrOr("href", ""), home.part("attention-logs").AttrOr("href", ""))
	log := w.shown(home.part("failed-logs").AttrOr("href", ""))
	require.Equal(t, `attachment; filename="causeway-north-failed-log.txt"`, log.header.Get("Content-Disposition"))
	require.Contains(t, log.body, "The agreement bills quarterly since 2025-01-01.")
}

// A mistyped number leaves a person in the account, with a way on.
func TestNotFoundStaysInTheAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ready("north")
	for path, back := range map[string]string{
		"/accounts/north/runs/9999": "/accounts/north/runs", "/accounts/north/runs/x": "/accounts/north/runs",
		"/accounts/north/tenants/nobody": "/accounts/north/tenants",
	} {
		page := w.get(path)
		require.Equal(t, http.StatusNotFound, page.status)
		require.Equal(t, back, page.part("error-page").Find("a").AttrOr("href", ""), path)
		require.Equal(t, 1, page.part("account-nav").Length(), path)
	}
	elsewhere := w.get("/accounts/nobody/runs/1")
	require.Equal(t, "/", elsewhere.part("error-page").Find("a").AttrOr("href", ""))
	require.Zero(t, elsewhere.part("account-nav").Length())
}

// R44, R46: of a run that failed as a whole the sentence comes first, then ConnectWise's own answer, word for word.
func TestFailedRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	account := w.ready("north")
	tenants := w.mapped(account, 1)
	run, _, err := w.store.OpenRun(t.Context(), store.OpenRun{AccountID: account.ID, Kind: bridge.RunSync, By: "night", Night: true, Tenants: tenants})
	require.NoError(t, err)
	const answer = "GET company/companies company:acme error:401 Auth Error."
	_, err = w.store.CloseRun(t.Context(), run.ID, bridge.RunFailed, "ConnectWise refused the API keys. "+answer)
	require.NoError(t, err)

	page := w.shown(runPath(run))
	require.Equal(t, "ConnectWise refused the API keys.", page.text("message"))
	require.Equal(t, answer, page.text("answer"))
	home := w.shown("/")
	require.Contains(t, home.text("attention-row"), "Run "+strconv.FormatInt(run.ID, 10)+" failed. ConnectWise refused the API keys.")
	require.NotContains(t, home.text("home-live"), "GET company")
	require.NotContains(t, w.shown("/accounts/north/tenants").text("last-message"), "GET company")
}
