package workflows_test

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"causeway/activities"
	"causeway/internal/bridge"
	"causeway/workflows"
)

// syncBench is one run in the SDK's environment: so many tenants, each child as the test wants it.
type syncBench struct {
	*testsuite.TestWorkflowEnvironment
	mu      sync.Mutex
	tenants int
	shared  int
	closed  activities.CloseRunInput
	started []string
	running int
	most    int
	child   func(tenant string) error
	away    func() error // what the compare answers, where it does not succeed
}

func newSyncBench(t *testing.T, tenants int) *syncBench {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(quiet{})
	b := &syncBench{TestWorkflowEnvironment: suite.NewTestWorkflowEnvironment(), tenants: tenants, child: func(string) error { return nil }}
	b.SetTestTimeout(time.Minute)
	b.RegisterActivity(acts)
	b.OnActivity(acts.CollectRun, mock.Anything, mock.Anything).Return(activities.CollectResult{}, nil).Maybe()
	b.OnActivity(acts.CompareRun, mock.Anything, mock.Anything).Return(func(context.Context, activities.RunInput) (activities.CompareResult, error) {
		if b.away != nil {
			return activities.CompareResult{}, b.away()
		}
		return activities.CompareResult{Shared: b.shared, ToWrite: b.tenants}, nil
	}).Maybe()
	b.OnActivity(acts.TenantsToSync, mock.Anything, mock.Anything).Return(func(_ context.Context, in activities.TenantsToSyncInput) ([]activities.TenantToSync, error) {
		var page []activities.TenantToSync
		for i := 1; i <= b.tenants && len(page) < in.Limit; i++ {
			if id := tenantID(i); id > in.After {
				page = append(page, activities.TenantToSync{ID: id, Name: "Tenant " + id})
			}
		}
		return page, nil
	}).Maybe()
	b.OnActivity(acts.CloseRun, mock.Anything, mock.Anything).Return(func(_ context.Context, in activities.CloseRunInput) error {
		b.closed = in
		return nil
	}).Maybe()
	b.RegisterWorkflowWithOptions(func(ctx workflow.Context, in workflows.SyncTenantInput) error {
		b.began(in.TenantID)
		if err := workflow.Sleep(ctx, time.Minute); err != nil {
			return err
		}
		b.ended()
		return b.child(in.TenantID)
	}, workflow.RegisterOptions{Name: "SyncTenant"})
	return b
}

func tenantID(i int) string { return strconv.Itoa(100000 + i) }

func (b *syncBench) began(tenant string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.started = append(b.started, tenant)
	b.running++
	b.most = max(b.most, b.running)
}

func (b *syncBench) ended() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.running--
}

func (b *syncBench) execute() {
	b.ExecuteWorkflow(workflows.SyncAccount, workflows.SyncAccountInput{Account: "acme", RunID: 7, Priority: 2})
}

// TestFailedTenantDoesNotStopTheOthers: every tenant is started once, sixteen at a time, whatever becomes of some.
func TestFailedTenantDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	b := newSyncBench(t, 250)
	b.child = func(tenant string) error {
		if tenant == tenantID(3) {
			return temporal.NewNonRetryableApplicationError("quarterly", activities.TypeTenantFailed, nil)
		}
		return nil
	}
	b.execute()
	require.NoError(t, b.GetWorkflowError())
	require.Len(t, b.started, 250)
	require.Equal(t, 16, b.most)
	require.Equal(t, activities.CloseRunInput{RunID: 7}, b.closed)
	b.AssertActivityNotCalled(t, "ApplyShared")
}

// TestRefusedKeysStopTheRun is R46: no further tenant is started with keys that were refused.
func TestRefusedKeysStopTheRun(t *testing.T) {
	t.Parallel()
	b := newSyncBench(t, 100)
	b.child = func(string) error {
		return temporal.NewNonRetryableApplicationError("ConnectWise refused the API keys.", activities.TypeConnectWiseAuth, nil)
	}
	b.execute()
	require.NoError(t, b.GetWorkflowError())
	var out workflows.SyncAccountResult
	require.NoError(t, b.GetWorkflowResult(&out))
	require.True(t, out.KeysRefused)
	require.LessOrEqual(t, len(b.started), 17)
	require.Equal(t, bridge.RunFailed, b.closed.Status)
	require.Contains(t, b.closed.Reason, "refused the API keys")
}

// TestThousandsContinueAsNew: a large run hands over its place, with no child left running and nothing compared twice.
func TestThousandsContinueAsNew(t *testing.T) {
	t.Parallel()
	b := newSyncBench(t, 1500)
	b.execute()
	again := &temporal.WorkflowExecutionError{}
	require.ErrorAs(t, b.GetWorkflowError(), &again)
	require.True(t, workflow.IsContinueAsNewError(again.Unwrap()))
	require.Zero(t, b.running)
	require.Len(t, b.started, 1000)
	require.Equal(t, activities.CloseRunInput{}, b.closed)
}

// TestSharedRecordsAreLookedForUntilSettled: an unclear answer is waited for before any tenant is written.
func TestSharedRecordsAreLookedForUntilSettled(t *testing.T) {
	t.Parallel()
	b := newSyncBench(t, 1)
	b.shared = 2
	tries := 0
	b.OnActivity(acts.ApplyShared, mock.Anything, mock.Anything).Return(func(_ context.Context, in activities.ApplyInput) (activities.ApplyResult, error) {
		require.Equal(t, tries, in.Try)
		require.Empty(t, b.started)
		tries++
		if tries < 3 {
			return activities.ApplyResult{Waiting: 1, RetryAfter: time.Minute}, nil
		}
		return activities.ApplyResult{}, nil
	})
	b.execute()
	require.NoError(t, b.GetWorkflowError())
	require.Equal(t, 3, tries)
	require.Len(t, b.started, 1)
}

// tenantBench runs one SyncTenant with a scripted ApplyTenant.
func tenantBench(t *testing.T, script ...func() (activities.ApplyResult, error)) *testsuite.TestWorkflowEnvironment {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(quiet{})
	env := suite.NewTestWorkflowEnvironment()
	env.RegisterActivity(acts)
	call := 0
	env.OnActivity(acts.ApplyTenant, mock.Anything, mock.Anything).Return(func(context.Context, activities.ApplyInput) (activities.ApplyResult, error) {
		call++
		return script[min(call, len(script))-1]()
	})
	env.OnActivity(acts.PlanTenantAnew, mock.Anything, mock.Anything).Return(nil).Maybe()
	env.OnActivity(acts.EndTenant, mock.Anything, mock.Anything).Return(func(_ context.Context, in activities.EndTenantInput) (activities.ApplyResult, error) {
		return activities.ApplyResult{Ended: true, Status: in.Status, Message: in.Message}, nil
	}).Maybe()
	env.ExecuteWorkflow(workflows.SyncTenant, workflows.SyncTenantInput{Account: "acme", RunID: 7, TenantID: "1"})
	require.True(t, env.IsWorkflowCompleted())
	return env
}

func answer(r activities.ApplyResult) func() (activities.ApplyResult, error) {
	return func() (activities.ApplyResult, error) { return r, nil }
}

// TestTenantEndsFailedWithItsReason is R45: the Temporal UI shows the tenant as Failed, with the reason.
func TestTenantEndsFailedWithItsReason(t *testing.T) {
	t.Parallel()
	env := tenantBench(t, answer(activities.ApplyResult{Ended: true, Status: bridge.TenantFailed, Message: "The agreement bills quarterly."}))
	app := &temporal.ApplicationError{}
	require.ErrorAs(t, env.GetWorkflowError(), &app)
	require.Equal(t, activities.TypeTenantFailed, app.Type())
	require.Equal(t, "The agreement bills quarterly.", app.Message())
}

func TestTenantEndsWell(t *testing.T) {
	t.Parallel()
	for _, status := range []bridge.TenantStatus{bridge.TenantSynced, bridge.TenantHeld, bridge.TenantUnchanged} {
		env := tenantBench(t, answer(activities.ApplyResult{Ended: true, Status: status}))
		require.NoError(t, env.GetWorkflowError(), status)
	}
}

// TestTenantWaitsForUnclearAnswers: waiting costs a timer, not a failure.
func TestTenantWaitsForUnclearAnswers(t *testing.T) {
	t.Parallel()
	waits := answer(activities.ApplyResult{Waiting: 1, RetryAfter: time.Minute})
	env := tenantBench(t, waits, waits, waits, answer(activities.ApplyResult{Ended: true, Status: bridge.TenantSynced}))
	require.NoError(t, env.GetWorkflowError())
	env.AssertActivityNumberOfCalls(t, "ApplyTenant", 4)
}

// TestStaleTenantIsPlannedAnewTwiceAtMost: someone who edits without end does not hold a run up.
func TestStaleTenantIsPlannedAnewTwiceAtMost(t *testing.T) {
	t.Parallel()
	env := tenantBench(t, answer(activities.ApplyResult{Stale: 1}))
	require.NoError(t, env.GetWorkflowError())
	env.AssertActivityNumberOfCalls(t, "PlanTenantAnew", 2)
	env.AssertActivityNumberOfCalls(t, "EndTenant", 1)
}

// TestTenantReportsWhatEndedIt: an activity that gave up still leaves the tenant reported.
func TestTenantReportsWhatEndedIt(t *testing.T) {
	t.Parallel()
	env := tenantBench(t, func() (activities.ApplyResult, error) {
		return activities.ApplyResult{}, temporal.NewNonRetryableApplicationError("ConnectWise refused the API keys.", activities.TypeConnectWiseAuth, nil)
	})
	app := &temporal.ApplicationError{}
	require.ErrorAs(t, env.GetWorkflowError(), &app)
	require.Equal(t, activities.TypeConnectWiseAuth, app.Type())
	env.AssertActivityNumberOfCalls(t, "EndTenant", 1)
}

// TestSetupRetriesAFailedStep is R5: a failed step shows its reason, and a person's retry goes on from it.
func TestSetupRetriesAFailedStep(t *testing.T) {
	t.Parallel()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(quiet{})
	env := suite.NewTestWorkflowEnvironment()
	env.RegisterActivity(acts)
	var steps []string
	var failed activities.StepFailedInput
	env.OnActivity(acts.BeginSetup, mock.Anything, mock.Anything).Return(activities.OpenedRun{RunID: 3}, nil)
	env.OnActivity(acts.EndSetup, mock.Anything, mock.Anything).Return(nil)
	env.OnActivity(acts.StepFailed, mock.Anything, mock.Anything).Return(func(_ context.Context, in activities.StepFailedInput) error {
		failed = in
		return nil
	})
	env.OnActivity(acts.SetupStep, mock.Anything, mock.Anything).Return(func(_ context.Context, in activities.SetupStepInput) error {
		steps = append(steps, in.Step)
		if in.Step == activities.StepReadiness && failed.Step == "" {
			return temporal.NewApplicationErrorWithOptions("No configuration status is the default.", activities.TypeNotReady, temporal.ApplicationErrorOptions{
				NonRetryable: true, Details: []any{activities.FailureDetail{Fix: "System › Setup Tables › Configuration Status"}}})
		}
		return nil
	})
	env.RegisterDelayedCallback(func() {
		var progress workflows.SetupProgress
		value, err := env.QueryWorkflow(workflows.QueryProgress)
		require.NoError(t, err)
		require.NoError(t, value.Get(&progress))
		require.Equal(t, workflows.SetupProgress{Step: activities.StepReadiness, Failed: "No configuration status is the default."}, progress)
		env.SignalWorkflow(workflows.SignalRetryStep, "")
	}, time.Hour)
	env.ExecuteWorkflow(workflows.Setup, workflows.SetupInput{Account: "acme"})
	require.NoError(t, env.GetWorkflowError())
	require.Equal(t, "System › Setup Tables › Configuration Status", failed.Fix)
	require.Len(t, steps, len(activities.SetupStepNames)+1)
}

// TestRunGivesUpOnAVendorThatIsAway is R54: a run waits as long as the operator says, slowing down, and then says what that means.
func TestRunGivesUpOnAVendorThatIsAway(t *testing.T) {
	t.Parallel()
	for wait, words := range map[time.Duration]string{0: "5 h", 90 * time.Minute: "90 min"} {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			b := newSyncBench(t, 1)
			calls := 0
			b.away = func() error {
				calls++
				return temporal.NewApplicationError("ConnectWise does not answer.", activities.TypeConnectWiseUnavailable)
			}
			b.ExecuteWorkflow(workflows.SyncAccount, workflows.SyncAccountInput{Account: "acme", RunID: 7, Priority: 3, Wait: wait})
			require.NoError(t, b.GetWorkflowError())
			require.Equal(t, bridge.RunFailed, b.closed.Status)
			require.Equal(t, "Gave up after waiting "+words+": ConnectWise does not answer. Nothing was cancelled for that; the next run reads both vendors anew.", b.closed.Reason)
			require.Empty(t, b.started)
			require.Greater(t, calls, 1)
		})
	}
}
