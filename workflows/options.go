package workflows

import (
	"cmp"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// Long waits come from the activity's own NextRetryDelay; the policy's first interval stays short, because it also delays the
// retry after a crash.
var patient = &temporal.RetryPolicy{
	InitialInterval:    time.Second,
	BackoffCoefficient: 2,
	MaximumInterval:    time.Minute,
}

// heartbeat is what the activities that read or write for minutes beat against; they beat every four seconds.
const heartbeat = 15 * time.Second

// vendorWait bounds how long a run waits for a vendor that is away (R54), unless the operator set something else.
const vendorWait = 5 * time.Hour

// pace is how a run goes about its work: for whom, how urgently, and how long it waits for a vendor that is away.
type pace struct {
	account  string
	priority int
	wait     time.Duration // 0: vendorWait
}

// Priorities: a person waits for an answer, a night does not.
const (
	priorityPerson = 2
	priorityNight  = 3
)

func withSummary(ctx workflow.Context, o workflow.ActivityOptions, summary string) workflow.Context {
	o.Summary = summary
	return workflow.WithActivityOptions(ctx, o)
}

// bookkeeping is for activities that only touch our database: short, and retried until it answers.
func bookkeeping(ctx workflow.Context, account, summary string) workflow.Context {
	return withSummary(ctx, workflow.ActivityOptions{
		TaskQueue:           Queue,
		StartToCloseTimeout: time.Minute,
		RetryPolicy:         patient,
		Priority:            temporal.Priority{FairnessKey: account, PriorityKey: priorityPerson},
	}, summary)
}

// reading is for activities that read one vendor for as long as an estate needs.
func reading(ctx workflow.Context, queue, summary string, p pace) workflow.Context {
	return withSummary(ctx, workflow.ActivityOptions{
		TaskQueue:              queue,
		StartToCloseTimeout:    3 * time.Hour,
		ScheduleToCloseTimeout: cmp.Or(p.wait, vendorWait),
		HeartbeatTimeout:       heartbeat,
		RetryPolicy:            patient,
		Priority:               temporal.Priority{FairnessKey: p.account, PriorityKey: p.priority},
	}, summary)
}

// writing is for activities that apply changes: they mark each row as they go, so a retry goes on where the rows say.
func writing(ctx workflow.Context, summary string, p pace) workflow.Context {
	return reading(ctx, QueueConnectWise, summary, p)
}

// stepping is for one step of a set-up: a person watches, so it gives up soon and offers a retry on the page (R5).
func stepping(ctx workflow.Context, account, summary string) workflow.Context {
	return withSummary(ctx, workflow.ActivityOptions{
		TaskQueue:              QueueConnectWise,
		StartToCloseTimeout:    10 * time.Minute,
		ScheduleToCloseTimeout: 15 * time.Minute,
		HeartbeatTimeout:       heartbeat,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 10 * time.Second, MaximumAttempts: 3,
		},
		Priority: temporal.Priority{FairnessKey: account, PriorityKey: 1},
	}, summary)
}
