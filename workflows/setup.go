package workflows

import (
	"errors"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"causeway/activities"
	"causeway/internal/bridge"
)

// SetupInput starts an account's set-up.
type SetupInput struct {
	Account    string
	Searchable bool
}

// SetupResult of a set-up that came to its end.
type SetupResult struct {
	Ready bool
}

// SetupProgress answers the progress query: the step at hand and, when it failed, why.
type SetupProgress struct {
	Step   string
	Failed string
}

// Setup provisions ConnectWise after Submit (R5): each step is an activity whose outcome the page shows; a step that failed
// waits for a person's retry, which also takes changed settings into account. Asking for a set-up again while one waits
// counts as a retry.
func Setup(ctx workflow.Context, in SetupInput) (SetupResult, error) {
	var progress SetupProgress
	err := workflow.SetQueryHandler(ctx, QueryProgress, func() (SetupProgress, error) { return progress, nil })
	if err != nil {
		return SetupResult{}, err
	}
	var run activities.OpenedRun
	token := workflow.GetInfo(ctx).WorkflowExecution.RunID
	err = workflow.ExecuteActivity(bookkeeping(ctx, in.Account, "begin the set-up"), acts.BeginSetup,
		activities.BeginSetupInput{Account: in.Account, Token: token}).Get(ctx, &run)
	if err != nil {
		return SetupResult{}, err
	}
	for position, step := range activities.SetupStepNames {
		progress = SetupProgress{Step: step}
		for {
			err := workflow.ExecuteActivity(stepping(ctx, in.Account, step), acts.SetupStep,
				activities.SetupStepInput{Account: in.Account, RunID: run.RunID, Step: step, Position: position}).Get(ctx, nil)
			if err == nil {
				break
			}
			if ctx.Err() != nil {
				return SetupResult{}, err
			}
			progress.Failed = shortCause(err)
			if err := stepFailed(ctx, in, run, step, position, err); err != nil {
				return SetupResult{}, err
			}
			workflow.GetSignalChannel(ctx, SignalRetryStep).Receive(ctx, nil)
			if ctx.Err() != nil {
				return SetupResult{}, ctx.Err()
			}
			progress.Failed = ""
		}
	}
	err = workflow.ExecuteActivity(bookkeeping(ctx, in.Account, "end the set-up"), acts.EndSetup,
		activities.EndSetupInput{Account: in.Account, RunID: run.RunID}).Get(ctx, nil)
	return SetupResult{Ready: err == nil}, err
}

func stepFailed(ctx workflow.Context, in SetupInput, run activities.OpenedRun, step string, position int, cause error) error {
	out := activities.StepFailedInput{Account: in.Account, RunID: run.RunID, Step: step, Position: position, Message: shortCause(cause)}
	if app, ok := errors.AsType[*temporal.ApplicationError](cause); ok {
		var detail activities.FailureDetail
		if app.HasDetails() && app.Details(&detail) == nil {
			out.Fix, out.Answer = detail.Fix, detail.Answer
		}
	}
	return workflow.ExecuteActivity(bookkeeping(ctx, in.Account, "note the failed step"), acts.StepFailed, out).Get(ctx, nil)
}

// PreviewInput starts a preview of some tenants, or of all enabled ones. With Ending it is of the end of their billing (R53).
type PreviewInput struct {
	Account string
	Tenants []string
	Ending  bool `json:",omitempty"`
}

// PreviewResult names the run whose rows are the preview.
type PreviewResult struct {
	RunID int64
}

// Preview computes what a sync would write, by the sync's own code, and writes nothing to ConnectWise (R34).
func Preview(ctx workflow.Context, in PreviewInput) (PreviewResult, error) {
	var run activities.OpenedRun
	err := workflow.ExecuteActivity(bookkeeping(ctx, in.Account, "open the preview"), acts.OpenPreview, activities.OpenPreviewInput{
		Account: in.Account, Tenants: in.Tenants, Ending: in.Ending, Token: workflow.GetInfo(ctx).WorkflowExecution.RunID,
	}).Get(ctx, &run)
	if err != nil {
		return PreviewResult{}, err
	}
	if err := previewRun(ctx, in.Account, run.RunID); err != nil {
		closing := activities.CloseRunInput{RunID: run.RunID, Status: bridge.RunFailed, Reason: shortCause(err)}
		disconnected, _ := workflow.NewDisconnectedContext(ctx)
		if e := workflow.ExecuteActivity(bookkeeping(disconnected, in.Account, "close the preview"), acts.CloseRun, closing).Get(disconnected, nil); e != nil {
			return PreviewResult{}, e
		}
		return PreviewResult{RunID: run.RunID}, err
	}
	err = workflow.ExecuteActivity(bookkeeping(ctx, in.Account, "close the preview"), acts.CloseRun,
		activities.CloseRunInput{RunID: run.RunID}).Get(ctx, nil)
	return PreviewResult{RunID: run.RunID}, err
}

// previewRun reads both vendors with a person waiting: it gives up after a few tries instead of hours.
func previewRun(ctx workflow.Context, account string, run int64) error {
	in := activities.RunInput{Account: account, RunID: run}
	if err := workflow.ExecuteActivity(asking(ctx, QueueMySonicWall, account, "read MySonicWall"), acts.CollectRun, in).Get(ctx, nil); err != nil {
		return err
	}
	return workflow.ExecuteActivity(asking(ctx, QueueConnectWise, account, "read ConnectWise and compare"), acts.CompareRun, in).Get(ctx, nil)
}

// asking is reading for a person who waits for the answer.
func asking(ctx workflow.Context, queue, account, summary string) workflow.Context {
	return workflow.WithRetryPolicy(reading(ctx, queue, summary, pace{account: account, priority: priorityPerson}), temporal.RetryPolicy{
		InitialInterval: patient.InitialInterval, BackoffCoefficient: 2, MaximumInterval: patient.MaximumInterval, MaximumAttempts: 4,
	})
}
