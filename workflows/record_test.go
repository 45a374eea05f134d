package workflows_test

import (
	"flag"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"

	"causeway/internal/bridge"
	"causeway/internal/simulator/estate"
	"causeway/internal/store"
	"causeway/worker"
	"causeway/workflows"
)

var record = flag.Bool("record", false, "record the kept histories of a release")

// scenario is a stretch of an account's life in which workflows take a path worth keeping.
type scenario struct {
	name    string
	options rigOptions
	play    func(r *recorder)
}

// small is an estate in which everything goes well.
func small(tenants int) rigOptions {
	return rigOptions{tenants: tenants, estate: []estate.Option{estate.Clean(), estate.ProductsPerTenant(4)}}
}

// quick is small with lost writes that are looked for only for a moment.
func quick(tenants int) rigOptions {
	o := small(tenants)
	o.maybeDone = 400 * time.Millisecond
	return o
}

func scenarios() []scenario {
	many := rigOptions{tenants: 1010, estate: []estate.Option{estate.Clean(), estate.ProductsPerTenant(1)}}
	return []scenario{
		{"busy", rigOptions{tenants: 12}, busy},
		{"empty", small(3), empty},
		{"held", small(3), held},
		{"waiting", quick(3), waiting},
		{"stale", small(2), stale},
		{"recollected", small(2), recollected},
		{"retried", small(2), retried},
		{"refused", small(3), refused},
		{"paused", small(3), paused},
		{"cancelled", small(3), cancelled},
		{"cancelled from above", small(3), cancelledFromAbove},
		{"night", small(2), night},
		{"full mailbox", small(1), fullMailbox},
		{"many tenants", many, manyTenants},
	}
}

// TestRecordHistories records a release: real workflows and activities, the worker's own registrations, Temporal's dev server,
// both simulators. It writes a new folder beside those of earlier releases, and nothing unless everything went as it should.
func TestRecordHistories(t *testing.T) {
	if !*record {
		t.Skip("records only when told to: make histories")
	}
	require.NotEmpty(t, devServer(t))
	all := scenarios()
	histories := map[string]*historypb.History{}
	played := 0
	for _, s := range all {
		t.Run(s.name, func(t *testing.T) {
			s.play(&recorder{rig: newRig(t, devServer(t), s.options), histories: histories})
			played++
		})
	}
	if t.Failed() || played < len(all) {
		t.Logf("nothing is written: %d of %d scenarios went as they should", played, len(all))
		return
	}
	for name, history := range histories {
		raw, err := historyJSON(history)
		require.NoError(t, err)
		found, err := keysIn(raw, history, rigKeys)
		require.NoError(t, err)
		require.Empty(t, found, "%s holds keys; nothing is written", name)
		require.NoError(t, replay(kept{name: name, History: history}, worker.RegisterWorkflows), "%s; nothing is written", name)
	}
	folder, err := writeHistories(historiesDir, histories)
	require.NoError(t, err)
	t.Logf("%d histories in %s", len(histories), folder)
}

// recorder is a rig whose histories are kept.
type recorder struct {
	*rig
	histories map[string]*historypb.History
}

// How a kept history ends; open is one that has not.
const (
	open       = enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
	completed  = enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED
	failed     = enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED
	canceled   = enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED
	terminated = enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED
	continued  = enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW
)

// keep takes a workflow's history under its type and the name of the path it took. Calls are activities that this path is about:
// without them it was not taken. An empty run is the latest.
func (r *recorder) keep(variant, id, run string, end enumspb.EventType, calls ...string) *historypb.History {
	r.t.Helper()
	history := r.history(id, run)
	last := history.GetEvents()[len(history.GetEvents())-1].GetEventType()
	require.Equal(r.t, end, last, "%s of %s ended as %s", variant, id, last)
	for _, name := range calls {
		require.NotZero(r.t, timesCalled(history, name), "%s of %s did not call %s", variant, id, name)
	}
	withoutHosts(history.ProtoReflect())
	name := history.GetEvents()[0].GetWorkflowExecutionStartedEventAttributes().GetWorkflowType().GetName() + "-" + variant
	require.NotContains(r.t, r.histories, name)
	r.histories[name] = history
	return history
}

// keepMailbox takes the mailbox's history at rest.
func (r *recorder) keepMailbox(variant string, waiting int, calls ...string) *historypb.History {
	r.t.Helper()
	r.idle(waiting)
	return r.keep(variant, workflows.AccountID(rigAccount), "", open, calls...)
}

// keepTenant takes the history of one tenant's part of a run, the first whose outcome fits.
func (r *recorder) keepTenant(variant string, run bridge.Run, status bridge.TenantStatus, end enumspb.EventType, calls ...string) *historypb.History {
	r.t.Helper()
	rows, _, _, err := r.store.TenantRuns(r.t.Context(), run.ID, store.TenantRunFilter{Status: status})
	require.NoError(r.t, err)
	for _, row := range rows {
		id := workflows.SyncTenantID(rigAccount, row.TenantID)
		child, ok := children(r.history(workflows.SyncAccountID(rigAccount, run.ID), ""))[id]
		if ok && !slices.ContainsFunc(calls, func(name string) bool { return timesCalled(r.history(id, child), name) == 0 }) {
			return r.keep(variant, id, child, end, calls...)
		}
	}
	r.t.Fatalf("run %d has no tenant that is %s and called %s", run.ID, status, strings.Join(calls, ", "))
	return nil
}

// keepOnlyTenant takes the history of the one tenant that a run wrote.
func (r *recorder) keepOnlyTenant(variant string, run bridge.Run, end enumspb.EventType) *historypb.History {
	r.t.Helper()
	started := children(r.history(workflows.SyncAccountID(rigAccount, run.ID), ""))
	require.Len(r.t, started, 1)
	for id, child := range started {
		return r.keep(variant, id, child, end)
	}
	return nil
}

// nightByHand starts what the schedule starts, without a schedule, and keeps it under a variant unless that is empty.
func (r *recorder) nightByHand(variant string, end enumspb.EventType, account string) {
	r.t.Helper()
	id := r.startNight(account)
	err := r.closed(id)
	require.Equal(r.t, end == completed, err == nil, "%v", err)
	if variant != "" {
		r.keep(variant, id, "", end)
	}
}

func timesCalled(history *historypb.History, activity string) (times int) {
	for _, event := range history.GetEvents() {
		if event.GetActivityTaskScheduledEventAttributes().GetActivityType().GetName() == activity {
			times++
		}
	}
	return times
}

// children are the run ids of the children that a workflow started, by workflow id.
func children(history *historypb.History) map[string]string {
	started := map[string]string{}
	for _, event := range history.GetEvents() {
		if child := event.GetChildWorkflowExecutionStartedEventAttributes().GetWorkflowExecution(); child != nil {
			started[child.GetWorkflowId()] = child.GetRunId()
		}
	}
	return started
}

func timers(history *historypb.History) (times int) {
	for _, event := range history.GetEvents() {
		if event.GetEventType() == enumspb.EVENT_TYPE_TIMER_FIRED {
			times++
		}
	}
	return times
}
