package workflows_test

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/stretchr/testify/require"

	"causeway/internal/bridge"
	"causeway/internal/store"
	"causeway/workflows"
)

// busy is an account's first day, with everything that real data has: set-up, preview, a first run with shared records, tenants
// that fail, and requests of every kind that arrive while it is on and become one more run (R17).
func busy(r *recorder) {
	r.setUp()
	r.keep("busy", workflows.SetupID(rigAccount), "", completed)
	_, err := r.admin.Preview(r.t.Context(), rigAccount, nil)
	require.NoError(r.t, err)
	r.keep("busy", workflows.PreviewID(rigAccount), "", completed)

	writing := r.cw.hold(r.t, http.MethodPost, "/additions")
	run := r.update()
	writing.reached(r.t)
	mailbox := workflows.AccountID(rigAccount)
	r.tell(mailbox, workflows.SignalSyncNow, nil)
	r.tell(mailbox, workflows.SignalSyncNow, bridge.SyncRequest{Tenants: []string{r.tenant(0), "no such tenant"}, By: "bob"})
	last := r.ask(r.tenant(1))
	night := r.fireNight()
	r.until("four requests waiting", func(context.Context) bool { return r.view().Waiting == 4 })
	writing.release()
	require.Equal(r.t, bridge.RunFailures, r.ended(run).Status)
	r.ended(r.runOf(last))
	r.keepMailbox("merged", 0)
	runs, err := r.store.Runs(r.t.Context(), r.account.ID, store.RunFilter{})
	require.NoError(r.t, err)
	require.Len(r.t, runs, 2)

	r.keep("from-schedule", night, "", completed)
	r.keep("busy", workflows.SyncAccountID(rigAccount, run.ID), "", completed, "ApplyShared", "TenantsToSync")
	r.keepTenant("created", run, bridge.TenantSynced, completed)
	r.keepTenant("failed", run, bridge.TenantFailed, failed)
}

// empty is an account that is as it should be: nothing is written, set-up finds what it makes.
func empty(r *recorder) {
	r.setUp()
	require.Equal(r.t, bridge.RunCompleted, r.sync().Status)
	run := r.sync()
	require.Zero(r.t, run.Changes.Applied)
	history := r.keep("empty", workflows.SyncAccountID(rigAccount, run.ID), "", completed)
	require.Empty(r.t, children(history))
	_, err := r.admin.Preview(r.t.Context(), rigAccount, []string{r.tenant(0)})
	require.NoError(r.t, err)
	r.keep("empty", workflows.PreviewID(rigAccount), "", completed)

	before := r.latest(workflows.SetupID(rigAccount))
	require.NoError(r.t, r.admin.Submit(r.t.Context(), rigAccount))
	r.until("set up again", func(context.Context) bool { return r.latest(workflows.SetupID(rigAccount)) != before })
	require.NoError(r.t, r.closed(workflows.SetupID(rigAccount)))
	r.keep("again", workflows.SetupID(rigAccount), "", completed)
	r.keepMailbox("empty", 0)
}

// held: MySonicWall suddenly reports nothing for a tenant, which ends nothing (R32).
func held(r *recorder) {
	r.setUp()
	require.Equal(r.t, bridge.RunCompleted, r.sync().Status)
	first := r.estate.Tenants[0]
	for _, p := range first.Products {
		_, err := r.mswSim.Edit(map[string]any{"op": "product.delete", "productGroupID": first.ID, "serialNumber": p.Serial})
		require.NoError(r.t, err)
	}
	run := r.sync()
	r.keepTenant("held", run, bridge.TenantHeld, completed)
	r.keep("held", workflows.SyncAccountID(rigAccount, run.ID), "", completed, "TenantsToSync")
}

// waiting: answers to writes are lost, so that shared records and a tenant's own are looked for before they are made again (R36).
func waiting(r *recorder) {
	r.setUp()
	for _, path := range []string{"procurement/catalog", "company/configurations$"} {
		r.fault(map[string]any{"method": "POST", "path": path, "every": 2, "times": 2, "drop": "after"})
	}
	run := r.sync()
	require.Equal(r.t, bridge.RunCompleted, run.Status, run.Reason)
	history := r.keep("waiting", workflows.SyncAccountID(rigAccount, run.ID), "", completed, "ApplyShared")
	require.NotZero(r.t, timers(history))
	for id, child := range children(history) {
		if timers(r.history(id, child)) > 0 {
			r.keep("waiting", id, child, completed)
			return
		}
	}
	r.t.Fatal("no tenant waited")
}

// stale: a person edits what is about to be written, once and then again and again (R33).
func stale(r *recorder) {
	r.setUp()
	first := r.sync()
	require.Equal(r.t, bridge.RunCompleted, first.Status)
	path := r.additionOf(first)
	quantity := 90
	edit := func() {
		quantity++
		r.edit("PATCH", path, []map[string]any{{"op": "replace", "path": "quantity", "value": quantity}})
	}
	for _, times := range []struct {
		edits   int
		variant string
	}{{1, "stale"}, {3, "always-stale"}} {
		edit()
		left := times.edits
		r.cw.before(http.MethodGet, path, func(*http.Request) {
			if left > 0 {
				left--
				edit()
			}
		})
		run := r.sync()
		require.Equal(r.t, times.edits, run.Changes.Stale)
		history := r.keepOnlyTenant(times.variant, run, completed)
		require.Equal(r.t, min(times.edits, 2), timesCalled(history, "PlanTenantAnew"))
	}
}

// recollected: what MySonicWall reported grew old before it was compared (R54).
func recollected(r *recorder) {
	r.setUp()
	reading := r.cw.hold(r.t, http.MethodGet, "/finance/billingCycles")
	request := r.ask()
	reading.reached(r.t)
	r.clock.Add(int64(2 * time.Hour))
	reading.release()
	run := r.ended(r.runOf(request))
	require.Equal(r.t, bridge.RunCompleted, run.Status, run.Reason)
	history := r.keep("recollected", workflows.SyncAccountID(rigAccount, run.ID), "", completed)
	require.Equal(r.t, 2, timesCalled(history, "CollectRun"))
}

// night: a workflow started by hand in the schedule's place, a date that had its run already, and an account that is gone.
func night(r *recorder) {
	r.setUp()
	r.nightByHand("by-hand", completed, rigAccount)
	history := r.keepMailbox("night", 0, "OpenRun")
	require.Len(r.t, children(history), 2, "set-up and run")
	r.nightByHand("", completed, rigAccount)
	history = r.keepMailbox("night-twice", 0)
	require.Equal(r.t, 2, timesCalled(history, "OpenRun"))
	require.Len(r.t, children(history), 2)
	r.nightByHand("failed", failed, "nobody")

	r.stop()
	id := r.startNight(rigAccount)
	require.NoError(r.t, r.temporal.CancelWorkflow(r.t.Context(), id, ""))
	r.startWorker()
	require.Error(r.t, r.closed(id))
	r.keep("cancelled", id, "", canceled)
}

// fullMailbox: an account's mailbox hands over to a fresh history, with a request in hand.
func fullMailbox(r *recorder) {
	r.setUp()
	mailbox := workflows.AccountID(rigAccount)
	before := r.latest(mailbox)
	for range 98 { // the set-up counts too
		r.sync()
	}
	reading := r.cw.hold(r.t, http.MethodGet, "/finance/agreements")
	r.ask()
	reading.reached(r.t)
	last := r.ask(r.tenant(0))
	r.until("a request waiting", func(context.Context) bool { return r.view().Waiting == 1 })
	reading.release()
	r.ended(r.runOf(last))
	r.keepMailbox("after-handover", 0, "OpenRun")
	r.keep("before-handover", mailbox, before, continued, "OpenRun")
}

// manyTenants: a run that is too long for one history.
func manyTenants(r *recorder) {
	r.setUp()
	run := r.runOf(r.ask())
	id := workflows.SyncAccountID(rigAccount, run.ID)
	r.until("a workflow of the run", func(context.Context) bool { return r.exists(id) })
	before := r.latest(id)
	run = r.ended(run)
	require.Equal(r.t, bridge.RunCompleted, run.Status, run.Reason)
	require.NotZero(r.t, run.Changes.Applied)
	history := r.keep("before-handover", id, before, continued, "CompareRun")
	started := len(children(history))
	history = r.keep("after-handover", id, "", completed)
	require.Zero(r.t, timesCalled(history, "CompareRun"))
	require.Equal(r.t, len(r.estate.Tenants), started+len(children(history)))
}

// tenant is the id of an estate's tenant.
func (r *rig) tenant(i int) string { return strconv.Itoa(r.estate.Tenants[i].ID) }

// additionOf is the path of an agreement line that a run made.
func (r *rig) additionOf(run bridge.Run) string {
	r.t.Helper()
	rows, _, err := r.store.Changes(r.t.Context(), store.ChangeFilter{AccountID: r.account.ID, RunID: run.ID, Kinds: []string{string(bridge.KindAddition)}})
	require.NoError(r.t, err)
	require.NotEmpty(r.t, rows)
	return fmt.Sprintf("finance/agreements/%d/additions/%d", rows[0].ParentID, rows[0].CWMID)
}
