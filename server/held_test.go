package server_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"causeway/internal/bridge"
	"causeway/internal/store"
	"causeway/internal/store/storetest"
)

// compared has a sync's compare say something about tenants, each its own changes, and ends that run. It answers with them as stored.
func (w *world) compared(account bridge.Account, changes ...bridge.Change) []bridge.Change {
	w.t.Helper()
	tenants, err := w.store.EnabledTenants(w.t.Context(), account.ID, nil)
	require.NoError(w.t, err)
	run := storetest.OpenSync(w.t, w.store, account, tenants)
	var plans []store.PlannedTenant
	for _, c := range changes {
		if n := len(plans); n == 0 || plans[n-1].TenantID != c.TenantID {
			plans = append(plans, store.PlannedTenant{TenantID: c.TenantID, Status: bridge.TenantHeld})
		}
		plan := &plans[len(plans)-1].Plan
		plan.Changes = append(plan.Changes, c)
	}
	require.NoError(w.t, w.store.SavePlan(w.t.Context(), run, plans))
	_, err = w.store.CloseRun(w.t.Context(), run.ID, "", "")
	require.NoError(w.t, err)
	rows, _, err := w.store.Changes(w.t.Context(), store.ChangeFilter{AccountID: account.ID, RunID: run.ID})
	require.NoError(w.t, err)
	return rows
}

var december = bridge.MustDate("2026-12-01")

// zero is a line whose quantity would become 0 (R28).
func zero(tenant bridge.Tenant, number int) bridge.Change {
	c := line(tenant, number)
	c.Action, c.CWMID = bridge.ActionUpdate, 700+number
	c.Before, c.After = bridge.Fields{bridge.FieldQuantity: "40"}, bridge.Fields{bridge.FieldQuantity: "0"}
	c.Status, c.Reason, c.Message = bridge.StatusHeld, bridge.ReasonZeroQuantity, "MySonicWall reports the quantity 0; the line has 40."
	return c
}

// lookAlike is a new line beside one that was made by hand (R50).
func lookAlike(tenant bridge.Tenant, number int) bridge.Change {
	c := line(tenant, number)
	c.Status, c.Reason, c.Message = bridge.StatusHeld, bridge.ReasonLookAlike, "The line \"NSv 270 monthly\" was made by hand and may bill the same thing."
	c.RivalID, c.Rival = 47102, bridge.Fields{bridge.FieldProduct: "NSV270", bridge.FieldQuantity: "3", bridge.FieldEffective: "2025-02-01"}
	return c
}

func line(tenant bridge.Tenant, number int) bridge.Change {
	c := storetest.Addition(bridge.Tenant{ID: "t-" + tenant.ID, Mapping: tenant.Mapping}, number)
	c.TenantID, c.NextInvoice, c.Basis = tenant.ID, december, "basis"
	return c
}

func number(c bridge.Change) string { return strconv.FormatInt(c.ID, 10) }

// words of a part, those of its elements set apart by blanks as they are on the screen.
func (p page) words(id string) string {
	p.t.Helper()
	found := p.part(id)
	require.NotZero(p.t, found.Length(), "%s is not on the page: %s", id, p.body)
	return wordsIn(found)
}

func wordsIn(part *goquery.Selection) string {
	var out []string
	for node := range part.Nodes[0].Descendants() {
		if node.Type == html.TextNode {
			out = append(out, strings.Fields(node.Data)...)
		}
	}
	return strings.Join(out, " ")
}

func heldURL(c bridge.Change) string { return "/accounts/north/held?open=" + number(c) }

// choices are the buttons of the opened change.
func (p page) choices() []string {
	p.t.Helper()
	var out []string
	for _, button := range p.part("decide").Find("button").EachIter() {
		out = append(out, button.AttrOr("value", ""))
	}
	return out
}

func (w *world) decisions(account bridge.Account) []store.Decided {
	w.t.Helper()
	decided, _, err := w.store.Decided(w.t.Context(), account.ID, store.DecidedFilter{})
	require.NoError(w.t, err)
	return decided
}

// R50: a line made by hand stands beside ours; a person adopts it, and the page says what happens next.
func TestAdoptFromTheInbox(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	account := w.ready("north")
	tenants := w.mapped(account, 2)
	rows := w.compared(account, lookAlike(tenants[0], 0), zero(tenants[1], 0))

	list := w.shown("/accounts/north/held")
	require.Equal(t, 2, list.part("held-change").Length())
	require.Equal(t, "Held 2", list.text("chip-all"))
	require.Equal(t, "Touches the next invoice 2", list.text("chip-invoice"))
	opened := w.shown(heldURL(rows[0]))
	require.Contains(t, opened.words("side-now"), "line 47102, made by hand")
	require.Contains(t, opened.words("side-now"), "Serial number none")
	require.Contains(t, opened.words("side-would"), "Quantity 25 Effective 1 Dec 2026")
	require.Contains(t, opened.words("outcomes"), "billed twice. 2")
	require.Contains(t, opened.words("adopting"), "Quantity 3 becomes 25 (+22)")
	require.Equal(t, []string{"adopt", "release", "dismiss"}, opened.choices())
	require.Zero(t, w.shown(heldURL(rows[1])).part("decide").Find(".btn-primary").Length(), "a zero is never suggested")

	after := w.sent("/accounts/north/held/decide", "id", number(rows[0]), "choice", "adopt", "back", "/accounts/north/held")
	require.Equal(t, "Adopted. The next run writes it; one was asked for just now. Runs", after.words("flash"))
	require.Equal(t, 1, after.part("held-change").Length())
	require.Equal(t, number(rows[1]), after.part("held-detail").AttrOr("data-change", ""), "the next one is open")
	require.Equal(t, []string{"sync north"}, syncsOf(w.starter.all()))
	require.Equal(t, []string{tenants[0].ID}, w.starter.requests[0].Tenants)

	decided := w.decisions(account)
	require.Len(t, decided, 1)
	require.Equal(t, bridge.ChoiceAdopt, decided[0].Choice)
	require.Equal(t, "dashboard", decided[0].By)
	require.Contains(t, w.shown("/accounts/north/held?filter=decided").text("decision"), "Adopted A line made by hand may bill the same thing")
}

func syncsOf(asked []string) []string {
	var out []string
	for _, what := range asked {
		if strings.HasPrefix(what, "sync ") {
			out = append(out, what)
		}
	}
	return out
}

// A run may plan the same row anew between look and click: what says the same is decided on, what says something else is shown anew.
func TestDecidingOnWhatMovedOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	account := w.ready("north")
	tenants := w.mapped(account, 1)
	seen := w.compared(account, zero(tenants[0], 0), zero(tenants[0], 1))
	other := zero(tenants[0], 1)
	other.Before = bridge.Fields{bridge.FieldQuantity: "41"}
	now := w.compared(account, zero(tenants[0], 0), other)

	released := w.sent("/accounts/north/held/decide", "id", number(seen[0]), "choice", "release")
	require.Contains(t, released.text("flash"), "Released.")
	require.Equal(t, now[0].ID, w.decisions(account)[0].ChangeID)

	moved := w.sent("/accounts/north/held/decide", "id", number(seen[1]), "choice", "release")
	require.Equal(t, "The facts changed meanwhile, so nothing was decided. Held anew with what MySonicWall says now.", moved.text("flash"))
	require.Equal(t, number(now[1]), moved.part("held-detail").AttrOr("data-change", ""))
	require.Len(t, w.decisions(account), 1)

	again := w.sent("/accounts/north/held/decide", "id", number(now[0]), "choice", "dismiss")
	require.Contains(t, again.text("flash"), "Someone was faster. Change "+number(now[0])+" was already released by dashboard.")
	gone := w.sent("/accounts/north/held/decide", "id", "4711", "choice", "dismiss")
	require.Contains(t, gone.text("flash"), "There is no change with the number 4711.")
	nonsense := w.sent("/accounts/north/held/decide", "id", number(now[1]), "choice", "perhaps")
	require.Contains(t, nonsense.text("flash"), "no choice")
}

// Many are decided on together after a question with figures, and only those of one reason.
func TestReviewOfManyHeldChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	account := w.ready("north")
	tenants := w.mapped(account, 2)
	rows := w.compared(account, zero(tenants[0], 0), zero(tenants[0], 1), lookAlike(tenants[0], 2), zero(tenants[1], 0))

	mixed := w.shown("/accounts/north/held/review?choice=release&id=" + number(rows[0]) + "&id=" + number(rows[2]))
	require.Contains(t, mixed.text("refused"), "different reasons")
	require.Zero(t, mixed.part("decide-all").Length())
	refused := w.shown("/accounts/north/held/review?choice=adopt&id=" + number(rows[0]))
	require.Contains(t, refused.text("refused"), "cannot be adopted")

	links := w.shown(heldURL(rows[0])).part("review-more")
	require.Equal(t, 2, links.Length())
	require.Equal(t, "Release all 2 of this reason at this tenant…", links.First().Text())
	review := w.shown(links.Last().AttrOr("href", ""))
	require.Equal(t, "3 changes of 2 tenants 3 lines go to the quantity 0 3 touch the invoice of 1 Dec 2026", review.words("review-sums"))
	require.Equal(t, "Release 3 changes", review.text("decide-all"))
	require.Equal(t, 3, review.part("change").Length())

	chosen := w.shown("/accounts/north/held/review?choice=dismiss&id=" + number(rows[0]) + "&id=" + number(rows[3]) + "&id=4711")
	require.Contains(t, chosen.text("message"), "1 of the chosen changes no longer waits")
	after := w.sent("/accounts/north/held/decide", "choice", "dismiss", "id", number(rows[0]), "id", number(rows[3]), "back", "/accounts/north/held")
	require.Contains(t, after.text("flash"), "2 changes dismissed. Nothing is written.")
	require.Empty(t, syncsOf(w.starter.all()), "what is put aside needs no run")
	require.Equal(t, http.StatusNotFound, w.get("/accounts/north/held/review?choice=perhaps").status)
}

// R49: a linked change is one row with two lines, decided on once.
func TestLinkedHeldChangeIsOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	account := w.ready("north")
	tenants := w.mapped(account, 1)
	starts, ends := line(tenants[0], 0), zero(tenants[0], 1)
	starts.Status, starts.Reason, starts.Message = bridge.StatusHeld, bridge.ReasonQuantityJump, "The quantity would jump."
	ends.Action, ends.Link, starts.Link = bridge.ActionCancel, "move", "move"
	ends.Before, ends.After = bridge.Fields{bridge.FieldCancelled: ""}, bridge.Fields{bridge.FieldCancelled: "2026-11-30"}
	rows := w.compared(account, starts, ends)

	list := w.shown("/accounts/north/held")
	require.Equal(t, 1, list.part("held-change").Length())
	require.Contains(t, list.words("side-then"), "Then the old line ends")
	require.Contains(t, list.words("side-then"), "Cancelled 30 Nov 2026")
	w.sent("/accounts/north/held/decide", "id", number(rows[0]), "choice", "release")
	require.Zero(t, w.shown("/accounts/north/held").part("held-change").Length())
}

// R52: what a person ended in ConnectWise is taken up again only when somebody resumes it, and it says who.
func TestResumeFromTheInbox(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	account := w.ready("north")
	tenants := w.mapped(account, 1)
	w.wrote(account, tenants[0], line(tenants[0], 0))
	run := storetest.OpenSync(t, w.store, account, tenants)
	written := line(tenants[0], 0)
	require.NoError(t, w.store.SavePlan(t.Context(), run, []store.PlannedTenant{{TenantID: tenants[0].ID, Status: bridge.TenantUnchanged, Plan: bridge.TenantPlan{
		Observations: []bridge.Observation{{Kind: written.Kind, Key: written.Key, ParentID: written.ParentID, EndedByHand: bridge.MustDate("2026-11-22")}},
	}}}))

	page := w.shown("/accounts/north/held?filter=ended")
	require.Contains(t, page.text("chip-ended"), "1")
	record := page.part("ended-record")
	require.Contains(t, page.text("ended-record"), "22 Nov")
	after := w.sent("/accounts/north/held/resume", "id", record.AttrOr("data-record", ""), "back", "/accounts/north/held?filter=ended")
	require.Contains(t, after.text("flash"), "Resumed. The next run takes it up again")
	require.Equal(t, "Resumed by dashboard; the next run takes it up again.", after.text("resumed"))
	require.Equal(t, []string{"sync north"}, syncsOf(w.starter.all()))
	twice := w.sent("/accounts/north/held/resume", "id", record.AttrOr("data-record", ""))
	require.Contains(t, twice.text("flash"), "Someone was faster.")
}

// wrote has a run write a tenant's new lines, as ConnectWise answered them.
func (w *world) wrote(account bridge.Account, tenant bridge.Tenant, lines ...bridge.Change) {
	w.t.Helper()
	run := storetest.OpenSync(w.t, w.store, account, []bridge.Tenant{tenant})
	require.NoError(w.t, w.store.SavePlan(w.t.Context(), run, []store.PlannedTenant{{TenantID: tenant.ID, NeedSync: true, Plan: bridge.TenantPlan{Changes: lines}}}))
	pending, err := w.store.PendingChanges(w.t.Context(), run.ID, tenant.ID)
	require.NoError(w.t, err)
	for i, c := range pending {
		storetest.Finish(w.t.Context(), w.t, w.store, run, c, 900+i)
	}
	_, err = w.store.EndTenant(w.t.Context(), run.ID, tenant.ID, bridge.TenantSynced, "")
	require.NoError(w.t, err)
	_, err = w.store.CloseRun(w.t.Context(), run.ID, "", "")
	require.NoError(w.t, err)
}

func runNumber(c bridge.Change) string { return strconv.FormatInt(c.RunID, 10) }
