package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"causeway/activities"
	"causeway/internal/bridge"
)

// replans bounds how often one run plans a tenant anew because someone edits it in ConnectWise at the same time; the next run
// looks again anyway.
const replans = 2

// SyncTenantInput names one tenant's part of a run.
type SyncTenantInput struct {
	Account  string
	RunID    int64
	TenantID string
	Priority int
	Wait     time.Duration `json:",omitempty"` // for a vendor that is away
}

func (in SyncTenantInput) pace() pace { return pace{in.Account, in.Priority, in.Wait} }

// SyncTenant applies one tenant's planned changes and reports. It ends Failed, with the reason in its failure, when anything
// of the tenant failed: that is what a person looks for in the Temporal UI (R45).
func SyncTenant(ctx workflow.Context, in SyncTenantInput) error {
	for try, planned := 0, 0; ; {
		var out activities.ApplyResult
		err := workflow.ExecuteActivity(writing(ctx, "write", in.pace()), acts.ApplyTenant,
			activities.ApplyInput{Account: in.Account, RunID: in.RunID, TenantID: in.TenantID, Try: try}).Get(ctx, &out)
		switch {
		case err != nil:
			return endTenant(ctx, in, err)
		case out.Waiting > 0:
			try++
			if err := workflow.Sleep(ctx, out.RetryAfter); err != nil {
				return endTenant(ctx, in, err)
			}
		case out.Stale > 0 && planned < replans:
			planned++
			err := workflow.ExecuteActivity(reading(ctx, QueueConnectWise, "plan anew", in.pace()), acts.PlanTenantAnew,
				activities.TenantInput{Account: in.Account, RunID: in.RunID, TenantID: in.TenantID}).Get(ctx, nil)
			if err != nil {
				return endTenant(ctx, in, err)
			}
		case out.Ended:
			return outcome(out.Status, out.Message)
		default:
			return endTenant(ctx, in, nil)
		}
	}
}

// endTenant reports a tenant whose applying could not do so itself.
func endTenant(ctx workflow.Context, in SyncTenantInput, cause error) error {
	report := activities.EndTenantInput{RunID: in.RunID, TenantID: in.TenantID}
	if cause != nil {
		report.Status, report.Message = bridge.TenantFailed, gaveUp(cause, in.Wait)
	}
	closing, _ := workflow.NewDisconnectedContext(ctx)
	var out activities.ApplyResult
	if err := workflow.ExecuteActivity(bookkeeping(closing, in.Account, "report"), acts.EndTenant, report).Get(closing, &out); err != nil {
		return err
	}
	if cause != nil {
		return cause
	}
	return outcome(out.Status, out.Message)
}

func outcome(status bridge.TenantStatus, message string) error {
	if status == bridge.TenantFailed {
		return temporal.NewNonRetryableApplicationError(message, activities.TypeTenantFailed, nil)
	}
	return nil
}
