package workflows_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"causeway/activities"
	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/internal/secret"
	"causeway/internal/store"
	"causeway/workflows"
)

// retried: a step of the set-up fails, and goes on once a person asks for it again (R5).
func retried(r *recorder) {
	r.fault(map[string]any{"method": "POST", "path": "procurement/types", "times": 1, "status": 403, "body": `{"code":"Forbidden","message":"You do not have permission."}`})
	_, err := r.admin.Apply(r.t.Context(), r.file(), "ann", nil)
	stopped, ok := errors.AsType[*admin.SetupFailedError](err)
	require.True(r.t, ok, "%v", err)
	require.Equal(r.t, activities.StepProductTypes, stopped.Step.Name)
	require.NoError(r.t, r.admin.RetrySetup(r.t.Context(), rigAccount, stopped.Step.Name))
	require.NoError(r.t, r.closed(workflows.SetupID(rigAccount)))
	r.keep("retried", workflows.SetupID(rigAccount), "", completed, "StepFailed", "EndSetup")
}

// refused: ConnectWise revokes the keys in the middle of a run. What is under way stops; afterwards nights are missed, and only a
// person's request is tried (R46). Then MySonicWall does the same.
func refused(r *recorder) {
	r.setUp()
	writing := r.cw.hold(r.t, http.MethodPost, "/additions")
	request := r.ask()
	writing.reached(r.t)
	r.switches(map[string]any{"keys_revoked": true})
	writing.release()
	run := r.ended(r.runOf(request))
	require.Equal(r.t, bridge.RunFailed, run.Status)
	r.keep("refused-midway", workflows.SyncAccountID(rigAccount, run.ID), "", completed, "TenantsToSync")
	r.keepTenant("refused", run, bridge.TenantFailed, failed, "EndTenant")

	r.fireNight()
	run = r.sync()
	require.Equal(r.t, bridge.RunFailed, run.Status)
	r.keep("refused", workflows.SyncAccountID(rigAccount, run.ID), "", completed, "CompareRun")
	_, err := r.admin.Preview(r.t.Context(), rigAccount, nil)
	require.Error(r.t, err)
	r.keep("refused", workflows.PreviewID(rigAccount), "", failed, "CloseRun")

	r.switches(map[string]any{"keys_revoked": false})
	require.Equal(r.t, bridge.RunCompleted, r.sync().Status)
	require.NoError(r.t, r.store.SetKeys(r.t.Context(), r.account.ID, store.Keys{MySonicWall: rigWrongKey}))
	run = r.sync()
	r.keep("refused-by-mysonicwall", workflows.SyncAccountID(rigAccount, run.ID), "", completed, "CollectRun")
	require.NoError(r.t, r.store.SetKeys(r.t.Context(), r.account.ID, store.Keys{MySonicWall: secret.Text(rigAPIKey)}))
	r.tell(workflows.AccountID(rigAccount), workflows.SignalResume, nil)
	require.Equal(r.t, bridge.RunCompleted, r.sync().Status)
	r.keepMailbox("refused", 0, "MissNight", "SetPaused")
}

// paused: a run is paused in the middle; requests wait and nights are missed until the account is taken up again.
func paused(r *recorder) {
	r.setUp()
	writing := r.cw.hold(r.t, http.MethodPost, "/additions")
	request := r.ask()
	writing.reached(r.t)
	require.NoError(r.t, r.admin.Pause(r.t.Context(), rigAccount, "ann"))
	r.clock.Add(int64(time.Minute)) // a pass looks for a pause once a second
	writing.release()
	run := r.ended(r.runOf(request))
	require.Equal(r.t, bridge.RunFailed, run.Status)
	r.keep("paused", workflows.SyncAccountID(rigAccount, run.ID), "", completed, "TenantsToSync")
	r.keepTenant("paused", run, bridge.TenantFailed, failed, "EndTenant")

	last := r.ask()
	require.Zero(r.t, r.update().ID, "a paused account's request waits, its caller need not")
	r.fireNight()
	r.keepMailbox("paused", 2, "SetPaused", "MissNight")
	require.NoError(r.t, r.admin.Unpause(r.t.Context(), rigAccount, "ann"))
	require.Equal(r.t, bridge.RunCompleted, r.ended(r.runOf(last)).Status)
	r.keepMailbox("unpaused", 0)
}

// cancelled: a person cancels or terminates workflows in Temporal's own interface.
func cancelled(r *recorder) {
	r.setUp()
	ctx := r.t.Context()
	cancel := func(id string) { require.NoError(r.t, r.temporal.CancelWorkflow(ctx, id, "")) }

	reading := r.cw.hold(r.t, http.MethodGet, "/procurement/types")
	before := r.latest(workflows.SetupID(rigAccount))
	require.NoError(r.t, r.starter.StartSetup(ctx, rigAccount))
	reading.reached(r.t)
	require.NotEqual(r.t, before, r.latest(workflows.SetupID(rigAccount)))
	cancel(workflows.SetupID(rigAccount))
	require.Error(r.t, r.closed(workflows.SetupID(rigAccount)))
	r.keep("cancelled", workflows.SetupID(rigAccount), "", canceled)
	reading.release()

	reading = r.cw.hold(r.t, http.MethodGet, "/finance/billingCycles")
	ended := make(chan error, 1)
	go func() { _, err := r.starter.StartPreview(ctx, rigAccount, nil); ended <- err }()
	reading.reached(r.t)
	cancel(workflows.PreviewID(rigAccount))
	require.Error(r.t, <-ended)
	r.keep("cancelled", workflows.PreviewID(rigAccount), "", canceled, "CloseRun")
	reading.release()

	writing := r.cw.hold(r.t, http.MethodPost, "/additions")
	run := r.runOf(r.ask())
	writing.reached(r.t)
	require.NoError(r.t, r.temporal.TerminateWorkflow(ctx, workflows.SyncAccountID(rigAccount, run.ID), "", "by hand"))
	r.keep("terminated", workflows.SyncAccountID(rigAccount, run.ID), "", terminated)
	history := r.keepMailbox("terminated-run", 0)
	require.Equal(r.t, 1, timesCalled(history, "CloseRun"))
	writing.release()

	writing = r.cw.hold(r.t, http.MethodPost, "/additions")
	run = r.runOf(r.ask())
	writing.reached(r.t)
	child := r.anyTenant(run)
	cancel(child)
	require.Error(r.t, r.closed(child))
	r.keep("cancelled", child, "", canceled, "EndTenant")
	require.NoError(r.t, r.temporal.TerminateWorkflow(ctx, r.anyTenant(run, child), "", "by hand"))
	writing.release()
	r.ended(run)
	r.keep("cancelled-tenant", workflows.SyncAccountID(rigAccount, run.ID), "", completed)
}

// cancelledFromAbove: a run is cancelled with its tenants, and a mailbox with its run; the next request makes a new mailbox.
func cancelledFromAbove(r *recorder) {
	r.setUp()
	ctx := r.t.Context()
	writing := r.cw.hold(r.t, http.MethodPost, "/additions")
	run := r.runOf(r.ask())
	writing.reached(r.t)
	require.NoError(r.t, r.temporal.CancelWorkflow(ctx, workflows.SyncAccountID(rigAccount, run.ID), ""))
	r.ended(run)
	r.keep("cancelled", workflows.SyncAccountID(rigAccount, run.ID), "", canceled, "CloseRun")
	r.keepMailbox("cancelled-run", 0, "CloseRun")

	run = r.runOf(r.ask())
	r.anyTenant(run)
	require.NoError(r.t, r.temporal.CancelWorkflow(ctx, workflows.AccountID(rigAccount), ""))
	require.Error(r.t, r.closed(workflows.AccountID(rigAccount)))
	r.keep("cancelled", workflows.AccountID(rigAccount), "", canceled)
	r.keep("cancelled-with-mailbox", workflows.SyncAccountID(rigAccount, run.ID), "", canceled, "CloseRun")
	writing.release()

	require.Equal(r.t, bridge.RunCompleted, r.sync().Status)
	r.keepMailbox("restarted", 0, "LoadAccount")
	require.NoError(r.t, r.temporal.CancelWorkflow(ctx, workflows.AccountID(rigAccount), ""))
	require.Error(r.t, r.closed(workflows.AccountID(rigAccount)))
	r.keep("cancelled-at-rest", workflows.AccountID(rigAccount), "", canceled)
}

// anyTenant is a tenant's workflow that a run has under way, but none of those left out.
func (r *rig) anyTenant(run bridge.Run, leaveOut ...string) string {
	r.t.Helper()
	id, under := workflows.SyncAccountID(rigAccount, run.ID), ""
	r.until("a tenant under way", func(ctx context.Context) bool {
		if !r.exists(id) {
			return false
		}
		described, err := r.temporal.DescribeWorkflowExecution(ctx, id, "")
		require.NoError(r.t, err)
		for _, child := range described.GetPendingChildren() {
			if child.GetRunId() != "" && !slices.Contains(leaveOut, child.GetWorkflowId()) {
				under = child.GetWorkflowId()
			}
		}
		return under != ""
	})
	return under
}
