package server_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"causeway/internal/bridge"
	"causeway/internal/store"
	"causeway/internal/store/storetest"
)

// moving is a linked change: the new line, and the end of the old one (R49).
func moving(tenant bridge.Tenant, number int) (starts, ends bridge.Change) {
	starts, ends = line(tenant, number), line(tenant, number+1)
	ends.Action, ends.CWMID, ends.Subject = bridge.ActionCancel, 801, "Capture Client Basic"
	ends.Before, ends.After = bridge.Fields{bridge.FieldCancelled: ""}, bridge.Fields{bridge.FieldCancelled: "2026-11-30"}
	starts.Link, ends.Link = "move", "move"
	return starts, ends
}

// R49: preview and run show a linked change as one row with two lines, each with its own state where they differ.
func TestLinkedChangeIsOneRow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	account := w.ready("north")
	tenants := w.mapped(account, 1)
	starts, ends := moving(tenants[0], 0)
	w.starter.preview = func([]string) (int64, error) {
		run, _, err := w.store.OpenRun(t.Context(), store.OpenRun{AccountID: account.ID, Kind: bridge.RunPreview, Tenants: tenants, Everything: true})
		if err != nil {
			return 0, err
		}
		plan := store.PlannedTenant{TenantID: tenants[0].ID, NeedSync: true, Plan: bridge.TenantPlan{Changes: []bridge.Change{starts, ends, zero(tenants[0], 5)}}}
		if err := w.store.SavePlan(t.Context(), run, []store.PlannedTenant{plan}); err != nil {
			return 0, err
		}
		_, err = w.store.CloseRun(t.Context(), run.ID, "", "")
		return run.ID, err
	}
	preview := w.sent("/accounts/north/preview")
	require.Equal(t, 2, preview.part("change").Length())
	require.Equal(t, "Agreement lines 2", preview.words("chip-lines"), "a figure is the number of rows it leads to")
	require.Equal(t, "Everything 2", preview.words("chip-everything"))
	row := preview.part("change").First()
	require.Equal(t, "linked", row.AttrOr("data-action", ""))
	require.Equal(t, 2, row.Find(`[data-testid="half"]`).Length())
	require.Zero(t, preview.part("steps").Length(), "nothing of the tenant was held by a run, so there is nothing to decide yet")

	run := storetest.OpenSync(t, w.store, account, tenants)
	starts.Status = bridge.StatusPlanned
	require.NoError(t, w.store.SavePlan(t.Context(), run, []store.PlannedTenant{
		{TenantID: tenants[0].ID, NeedSync: true, Plan: bridge.TenantPlan{Changes: []bridge.Change{starts, ends, zero(tenants[0], 5)}}},
	}))
	pending, err := w.store.PendingChanges(t.Context(), run.ID, tenants[0].ID)
	require.NoError(t, err)
	storetest.Finish(t.Context(), t, w.store, run, pending[0], 800)
	failed := pending[1]
	failed.Status, failed.Reason, failed.Message = bridge.StatusFailed, bridge.ReasonRejected, "ConnectWise refused the end."
	require.NoError(t, w.store.FinishChange(t.Context(), run, failed, nil, nil))

	page := w.shown(runPath(run) + "/tenants/" + tenants[0].ID)
	require.Equal(t, "All changes 2", page.words("chip-all"))
	require.Equal(t, "Failed 1", page.words("chip-failed"))
	moved := page.part("change").First()
	require.Equal(t, 2, moved.Find(`[data-testid="half"] [data-testid="badge"]`).Length(), "one half stands, the other failed")
	require.Contains(t, moved.Text(), "ConnectWise refused the end.")
	require.Equal(t, "Decide on it", page.words("steps"))
	held := w.shown(page.part("steps").Find("a").AttrOr("href", ""))
	require.Contains(t, held.words("held-detail"), "The quantity would become 0")
	require.Equal(t, 1, w.sent("/accounts/north/preview").part("steps").Length(), "now a run has held it")
}

// R25: where ConnectWise refused a date, the one that works is a button; who chose it is said until a run has written it.
func TestBillFromTheDateThatWorks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	account := w.ready("north")
	tenants := w.mapped(account, 1)
	refused := line(tenants[0], 0)
	refused.Status, refused.Reason, refused.Message = bridge.StatusFailed, bridge.ReasonRejected, "ConnectWise refused this line: its period is invoiced."
	refused.BillFrom = bridge.MustDate("2027-01-01")
	rows := w.compared(account, refused)

	path := "/accounts/north/runs/" + runNumber(rows[0]) + "/tenants/" + tenants[0].ID
	button := w.shown(path).part("bill-from-" + number(rows[0]))
	require.Equal(t, "Bill from 1 Jan 2027", button.Text())
	fields := []string{}
	for _, input := range button.Closest("form").Find("input").EachIter() {
		fields = append(fields, input.AttrOr("name", ""), input.AttrOr("value", ""))
	}
	after := w.sent(button.Closest("form").AttrOr("action", ""), fields...)
	require.Contains(t, after.words("flash"), "It is billed from 1 Jan 2027. The next run writes it")
	require.Equal(t, "Bill from 1 Jan 2027: chosen by dashboard; the next run writes it.", after.words("steps"))
	require.Equal(t, "2027-01-01", w.decisions(account)[0].Date.String())
}
