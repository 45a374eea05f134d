package workflows_test

import (
	"context"
	"errors"
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

// bench is one mailbox in the SDK's environment with its activities replaced: runs are counted and last a while.
type bench struct {
	*testsuite.TestWorkflowEnvironment
	mu     sync.Mutex
	opened []activities.OpenRunInput
	missed []bridge.Date
	state  activities.AccountState
	// loadTakes and pauseTakes are how long the store takes to answer.
	loadTakes, pauseTakes time.Duration

	run func(ctx workflow.Context, in workflows.SyncAccountInput) (workflows.SyncAccountResult, error)
}

var acts *activities.Activities

func newBench(t *testing.T) *bench {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(quiet{})
	b := &bench{TestWorkflowEnvironment: suite.NewTestWorkflowEnvironment(), state: activities.AccountState{Ready: true}}
	b.SetTestTimeout(time.Minute)
	b.run = func(ctx workflow.Context, _ workflows.SyncAccountInput) (workflows.SyncAccountResult, error) {
		return workflows.SyncAccountResult{}, workflow.Sleep(ctx, time.Hour)
	}
	b.RegisterActivity(acts)
	b.RegisterWorkflowWithOptions(func(ctx workflow.Context, in workflows.SyncAccountInput) (workflows.SyncAccountResult, error) {
		return b.run(ctx, in)
	}, workflow.RegisterOptions{Name: "SyncAccount"})
	var before activities.AccountState
	b.OnActivity(acts.LoadAccount, mock.Anything, mock.Anything).AfterFn(func() time.Duration {
		b.mu.Lock()
		defer b.mu.Unlock()
		before = b.state
		return b.loadTakes
	}).Return(func(context.Context, string) (activities.AccountState, error) { return before, nil })
	b.OnActivity(acts.OpenRun, mock.Anything, mock.Anything).Return(func(_ context.Context, in activities.OpenRunInput) (activities.OpenedRun, error) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.opened = append(b.opened, in)
		return activities.OpenedRun{RunID: int64(len(b.opened))}, nil
	})
	b.OnActivity(acts.MissNight, mock.Anything, mock.Anything).Return(func(_ context.Context, in activities.MissNightInput) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.missed = append(b.missed, in.Night)
		return nil
	})
	b.OnActivity(acts.CloseRun, mock.Anything, mock.Anything).Return(nil)
	b.OnActivity(acts.SetPaused, mock.Anything, mock.Anything).AfterFn(func() time.Duration { return b.pauseTakes }).Return(func(_ context.Context, in activities.SetPausedInput) (activities.AccountState, error) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.state.Paused = in.Paused
		b.state.Attention = b.state.Attention && in.Paused
		return b.state, nil
	})
	return b
}

type quiet struct{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}

// at does something after so much workflow time.
func (b *bench) at(d time.Duration, do func()) { b.RegisterDelayedCallback(do, d) }

func (b *bench) ask(d time.Duration, r bridge.SyncRequest) {
	b.at(d, func() { b.SignalWorkflow(workflows.SignalSyncNow, r) })
}

// live lets the mailbox work for so much workflow time and then ends it.
func (b *bench) live(t *testing.T, d time.Duration) {
	t.Helper()
	b.at(d, func() { b.CancelWorkflow() })
	b.ExecuteWorkflow(workflows.Account, workflows.AccountInput{Account: "acme"})
	require.True(t, b.IsWorkflowCompleted())
}

// TestRequestsDuringARunBecomeOneMore is R17: everything that arrives while a run goes on leads to exactly one more.
func TestRequestsDuringARunBecomeOneMore(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.ask(time.Minute, bridge.SyncRequest{Tenants: []string{"1"}, By: "ann"})
	for i := range 20 {
		b.ask(10*time.Minute+time.Duration(i)*time.Minute, bridge.SyncRequest{Tenants: []string{"2", "3"}, By: "bob"})
	}
	b.live(t, 10*time.Hour)
	require.Len(t, b.opened, 2)
	require.Equal(t, []string{"1"}, b.opened[0].Tenants)
	require.Equal(t, []string{"2", "3"}, b.opened[1].Tenants)
	require.Len(t, b.opened[1].Requests, 20)
	require.False(t, b.opened[1].Everything)
}

// TestEverythingBeatsSome: a request for all and one for some become one run of all.
func TestEverythingBeatsSome(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.ask(time.Minute, bridge.SyncRequest{Tenants: []string{"1"}})
	b.at(2*time.Minute, func() { b.SignalWorkflow(workflows.SignalSyncNow, nil) }) // as `temporal workflow signal` without input
	b.ask(3*time.Minute, bridge.SyncRequest{Tenants: []string{"2"}})
	b.live(t, 10*time.Hour)
	require.Len(t, b.opened, 2)
	require.True(t, b.opened[1].Everything)
	require.Empty(t, b.opened[1].Tenants)
	require.Equal(t, "signal", b.opened[1].Requests[0].By)
}

// TestRepeatedRequestID: the same request sent twice is one.
func TestRepeatedRequestID(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.ask(time.Minute, bridge.SyncRequest{})
	b.ask(2*time.Minute, bridge.SyncRequest{ID: "x"})
	b.ask(3*time.Minute, bridge.SyncRequest{ID: "x"})
	b.live(t, 10*time.Hour)
	require.Len(t, b.opened, 2)
	require.Len(t, b.opened[1].Requests, 1)
}

// TestNightMeetsWaitingRun: a night that meets a waiting full run is merged into it and claims its date.
func TestNightMeetsWaitingRun(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	night := bridge.MustDate("2026-11-24")
	b.ask(time.Minute, bridge.SyncRequest{})
	b.ask(2*time.Minute, bridge.SyncRequest{By: "ann"})
	b.ask(3*time.Minute, bridge.SyncRequest{Night: night})
	b.live(t, 10*time.Hour)
	require.Len(t, b.opened, 2)
	require.Equal(t, []bridge.Date{night}, b.opened[1].Nights)
	require.Len(t, b.opened[1].Requests, 1)
}

// TestPaused: nights are recorded as missed, requests wait until the account is resumed.
func TestPaused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.at(time.Minute, func() { b.SignalWorkflow(workflows.SignalPause, workflows.PauseRequest{By: "ann"}) })
	b.ask(2*time.Minute, bridge.SyncRequest{By: "bob"})
	b.ask(3*time.Minute, bridge.SyncRequest{Night: bridge.MustDate("2026-11-24")})
	b.at(time.Hour, func() {
		require.Empty(t, b.opened)
		b.SignalWorkflow(workflows.SignalResume, workflows.PauseRequest{By: "ann"})
	})
	b.live(t, 10*time.Hour)
	require.Equal(t, []bridge.Date{bridge.MustDate("2026-11-24")}, b.missed)
	require.Len(t, b.opened, 1)
	require.Equal(t, "bob", b.opened[0].Requests[0].By)
	require.Empty(t, b.opened[0].Nights)
}

// TestRefusedKeysQuietTheNights is R46: after refused keys a night is missed, a person's request is one attempt.
func TestRefusedKeysQuietTheNights(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	refuse := true
	b.run = func(workflow.Context, workflows.SyncAccountInput) (workflows.SyncAccountResult, error) {
		return workflows.SyncAccountResult{KeysRefused: refuse}, nil
	}
	b.ask(time.Minute, bridge.SyncRequest{Night: bridge.MustDate("2026-11-24")})
	b.ask(2*time.Hour, bridge.SyncRequest{Night: bridge.MustDate("2026-11-25")})
	b.ask(3*time.Hour, bridge.SyncRequest{By: "ann"})
	b.ask(4*time.Hour, bridge.SyncRequest{Night: bridge.MustDate("2026-11-26")})
	b.at(5*time.Hour, func() { refuse = false; b.SignalWorkflow(workflows.SignalSyncNow, bridge.SyncRequest{By: "ann"}) })
	b.ask(6*time.Hour, bridge.SyncRequest{Night: bridge.MustDate("2026-11-27")})
	b.live(t, 10*time.Hour)
	require.Equal(t, []bridge.Date{bridge.MustDate("2026-11-25"), bridge.MustDate("2026-11-26")}, b.missed)
	require.Len(t, b.opened, 4)
}

// TestNotSetUp: what arrives before the set-up has ended waits for it.
func TestNotSetUp(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.state = activities.AccountState{}
	b.RegisterWorkflowWithOptions(func(workflow.Context, workflows.SetupInput) (workflows.SetupResult, error) {
		return workflows.SetupResult{Ready: true}, nil
	}, workflow.RegisterOptions{Name: "Setup"})
	b.ask(time.Minute, bridge.SyncRequest{By: "ann"})
	b.at(time.Hour, func() {
		require.Empty(t, b.opened)
		b.SignalWorkflow(workflows.SignalSetUp, nil)
	})
	b.live(t, 10*time.Hour)
	require.Len(t, b.opened, 1)
}

// TestRequestSyncAnswersWithItsRun: the update returns the run that serves it, also when another run is on.
func TestRequestSyncAnswersWithItsRun(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	answers := make([]int64, 2)
	for i := range answers {
		b.at(time.Minute+time.Duration(i)*time.Minute, func() {
			b.UpdateWorkflow(workflows.UpdateRequestSync, "update-"+string(rune('a'+i)), &testsuite.TestUpdateCallback{
				OnAccept: func() {}, OnReject: func(err error) { t.Error(err) },
				OnComplete: func(result any, err error) {
					require.NoError(t, err)
					answers[i] = result.(workflows.RequestAnswer).RunID
				},
			}, bridge.SyncRequest{By: "ann"})
		})
	}
	b.live(t, 10*time.Hour)
	require.Equal(t, []int64{1, 2}, answers)
}

// TestRequestSyncRefusedBeforeSetUp: an account that is not set up has nothing to run.
func TestRequestSyncRefusedBeforeSetUp(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.state = activities.AccountState{}
	refused := errors.New("not refused")
	b.at(time.Minute, func() {
		b.UpdateWorkflow(workflows.UpdateRequestSync, "u", &testsuite.TestUpdateCallback{
			OnAccept: func() {}, OnReject: func(err error) { refused = err }, OnComplete: func(any, error) {},
		}, bridge.SyncRequest{})
	})
	b.live(t, time.Hour)
	require.ErrorContains(t, refused, "not set up")
}

// TestRunEndedFromOutside: a run whose workflow was terminated is closed, and the mailbox goes on.
func TestRunEndedFromOutside(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run = func(workflow.Context, workflows.SyncAccountInput) (workflows.SyncAccountResult, error) {
		return workflows.SyncAccountResult{}, temporal.NewNonRetryableApplicationError("gone", "test", nil)
	}
	b.ask(time.Minute, bridge.SyncRequest{})
	b.ask(time.Hour, bridge.SyncRequest{})
	b.live(t, 10*time.Hour)
	require.Len(t, b.opened, 2)
	b.AssertActivityNumberOfCalls(t, "CloseRun", 2)
}

// TestHandoverWaitsForNobodyInVain: a request whose caller waits arrives when the history is full and a pause is still being
// recorded. Its run is opened and its caller answered; only then the mailbox continues as new.
func TestHandoverWaitsForNobodyInVain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.SetTestTimeout(10 * time.Second) // a mailbox that waits for a caller who waits for it never ends
	const full = 100                   // runs to a history
	b.run = func(ctx workflow.Context, in workflows.SyncAccountInput) (workflows.SyncAccountResult, error) {
		if in.RunID < full {
			return workflows.SyncAccountResult{}, nil
		}
		return workflows.SyncAccountResult{}, workflow.Sleep(ctx, time.Hour)
	}
	b.pauseTakes = time.Hour
	for i := range full {
		b.ask(time.Duration(i+1)*time.Minute, bridge.SyncRequest{By: "ann"})
	}
	b.at(2*time.Hour+20*time.Minute, func() { b.SignalWorkflow(workflows.SignalResume, workflows.PauseRequest{By: "ann"}) })
	var answer int64
	b.at(2*time.Hour+50*time.Minute, func() {
		b.UpdateWorkflow(workflows.UpdateRequestSync, "u", &testsuite.TestUpdateCallback{
			OnAccept: func() {}, OnReject: func(err error) { t.Error(err) },
			OnComplete: func(result any, err error) {
				require.NoError(t, err)
				answer = result.(workflows.RequestAnswer).RunID
			},
		}, bridge.SyncRequest{By: "bob"})
	})
	b.ExecuteWorkflow(workflows.Account, workflows.AccountInput{Account: "acme"})
	again := &workflow.ContinueAsNewError{}
	require.ErrorAs(t, b.GetWorkflowError(), &again)
	require.EqualValues(t, full+1, answer)
}

// TestPauseWhileLoading: a pause that starts the mailbox is not undone by the account's state as it was before.
func TestPauseWhileLoading(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.loadTakes = time.Hour
	b.at(time.Minute, func() { b.SignalWorkflow(workflows.SignalPause, workflows.PauseRequest{By: "ann"}) })
	b.ask(2*time.Hour, bridge.SyncRequest{By: "bob"})
	b.live(t, 10*time.Hour)
	require.Empty(t, b.opened)
}
