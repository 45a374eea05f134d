package workflows_test

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"causeway/activities"
	"causeway/worker"
	"causeway/workflows"
)

// TestKeptHistoriesReplay: every workflow that was recorded with a release goes on with today's code. Where this fails, the change
// needs a version gate; the history stays as it is.
func TestKeptHistoriesReplay(t *testing.T) {
	t.Parallel()
	for _, history := range keptHistories(t) {
		t.Run(history.name, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, replay(history, worker.RegisterWorkflows))
		})
	}
}

type registry = interface {
	RegisterWorkflowWithOptions(w any, o workflow.RegisterOptions)
}

// replay reads the history anew: the replayer changes the one it is given, and other tests look at it at the same time.
func replay(history kept, register func(registry)) error {
	own, err := client.HistoryFromJSON(bytes.NewReader(history.raw), client.HistoryJSONOptions{})
	if err != nil {
		return err
	}
	replayer := sdkworker.NewWorkflowReplayer()
	register(replayer)
	return replayer.ReplayWorkflowHistoryWithOptions(quiet{}, own, sdkworker.ReplayWorkflowHistoryOptions{
		OriginalExecution: workflow.Execution{ID: history.started().GetWorkflowId(), RunID: history.started().GetOriginalExecutionRunId()},
	})
}

// registered notes the names of what the worker registers.
type registered []string

func (r *registered) RegisterWorkflowWithOptions(_ any, o workflow.RegisterOptions) {
	*r = append(*r, o.Name)
}

// TestEveryWorkflowHasAHistory: a workflow type that a worker runs has a kept history, and each file is named for its type.
func TestEveryWorkflowHasAHistory(t *testing.T) {
	t.Parallel()
	var types registered
	worker.RegisterWorkflows(&types)
	require.NotEmpty(t, types)
	var recorded []string
	for _, history := range keptHistories(t) {
		kind := history.started().GetWorkflowType().GetName()
		require.Regexp(t, `^\d+/`+kind+`-[a-z-]+\.json(\.gz)?$`, history.name)
		recorded = append(recorded, kind)
	}
	for _, name := range types {
		require.True(t, slices.Contains(recorded, name), "workflow %s has no kept history: add a scenario to record_test.go and run make histories", name)
	}
}

// TestReplayNoticesAChange: the replay is no empty gesture. A workflow that does one thing in the place of another fails.
func TestReplayNoticesAChange(t *testing.T) {
	t.Parallel()
	changed := func(ctx workflow.Context, in workflows.NightlyInput) error {
		return workflow.ExecuteActivity(workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{}), acts.MissNight, activities.MissNightInput{Account: in.Account}).Get(ctx, nil)
	}
	tried := 0
	for _, history := range keptHistories(t) {
		if history.started().GetWorkflowType().GetName() != "Nightly" {
			continue
		}
		tried++
		err := replay(history, func(r registry) { r.RegisterWorkflowWithOptions(changed, workflow.RegisterOptions{Name: "Nightly"}) })
		require.ErrorContains(t, err, "TMPRL1100", history.name)
	}
	require.Positive(t, tried)
}

// TestHistoriesHoldNoKeys: histories are read by more people than keys are meant for.
func TestHistoriesHoldNoKeys(t *testing.T) {
	t.Parallel()
	for _, history := range keptHistories(t) {
		found, err := keysIn(history.raw, history.History, rigKeys)
		require.NoError(t, err)
		require.Empty(t, found, history.name)
	}
}

// TestKeysAreFound: in whichever form a key came into a history, the look for it finds it.
func TestKeysAreFound(t *testing.T) {
	t.Parallel()
	signIn := base64.StdEncoding.EncodeToString([]byte(rigCompany + "+" + rigPublicKey + ":" + rigPrivateKey))
	for name, text := range map[string]string{
		"plain": `{"key":"` + rigPrivateKey + `"}`, "sign-in": `"Basic ` + signIn + `"`, "base64": `"` + base64.StdEncoding.EncodeToString([]byte(rigPrivateKey)) + `"`,
		"shifted": `"` + base64.StdEncoding.EncodeToString([]byte("k"+rigPrivateKey)) + `"`,
	} {
		history := &historypb.History{Events: []*historypb.HistoryEvent{{
			Attributes: &historypb.HistoryEvent_WorkflowExecutionSignaledEventAttributes{
				WorkflowExecutionSignaledEventAttributes: &historypb.WorkflowExecutionSignaledEventAttributes{
					Input: &commonpb.Payloads{Payloads: []*commonpb.Payload{{Data: []byte(text)}}},
				},
			},
		}}}
		raw, err := historyJSON(history)
		require.NoError(t, err)
		require.NotContains(t, string(raw), rigPrivateKey, "the file alone does not show it")
		found, err := keysIn(raw, history, rigKeys)
		require.NoError(t, err)
		require.True(t, slices.Contains(found, rigPrivateKey), name)
		found, err = keysIn([]byte(strings.ToUpper(string(raw))), &historypb.History{}, rigKeys)
		require.NoError(t, err)
		require.Empty(t, found)
	}
}
