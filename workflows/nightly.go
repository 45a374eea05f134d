package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"causeway/activities"
)

// scheduledAt is set by a schedule on what it starts: the time that was scheduled, which a late catch-up does not change.
var scheduledAt = temporal.NewSearchAttributeKeyTime("TemporalScheduledStartTime")

// NightlyInput is the schedule's argument.
type NightlyInput struct {
	Account string
}

// Nightly hands one night to the account's mailbox and ends. The schedule fires at 01:00, 02:00 and 03:00 local time; the
// mailbox lets the first of a local date through, which is right on both daylight-saving days (R15).
func Nightly(ctx workflow.Context, in NightlyInput) error {
	var at time.Time
	if scheduled, ok := workflow.GetTypedSearchAttributes(ctx).GetTime(scheduledAt); ok {
		at = scheduled
	} else {
		at = workflow.Now(ctx)
	}
	return workflow.ExecuteActivity(bookkeeping(ctx, in.Account, "hand the night to the mailbox"), acts.HandNight,
		activities.HandNightInput{Account: in.Account, ScheduledAt: at}).Get(ctx, nil)
}
