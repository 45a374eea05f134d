package workflows

import (
	"strconv"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"causeway/activities"
	"causeway/internal/bridge"
)

// PauseRequest comes with the signals pause and resume; both also work without input.
type PauseRequest struct {
	By     string `json:"by,omitempty"`
	Paused bool   `json:"paused,omitempty"` // set by the mailbox from the signal's name
}

// RequestAnswer answers the update request-sync.
type RequestAnswer struct {
	RunID int64 `json:"run"` // 0 when no run was needed
}

func (b *mailbox) listen(ctx workflow.Context) error {
	err := workflow.SetQueryHandler(ctx, QueryMailbox, func() (MailboxView, error) {
		return MailboxView{Waiting: len(b.m.Requests) + len(b.m.Nights), Running: b.m.Running, Paused: b.m.Paused, Attention: b.m.Attention}, nil
	})
	if err != nil {
		return err
	}
	err = workflow.SetUpdateHandlerWithOptions(ctx, UpdateRequestSync, b.requestSync, workflow.UpdateHandlerOptions{Validator: b.validateRequest})
	if err != nil {
		return err
	}
	workflow.Go(ctx, func(ctx workflow.Context) { b.receive(ctx) })
	return nil
}

// receive takes signals for as long as the workflow lives. Input is optional: `temporal workflow signal` without any means
// "everything" (R16).
func (b *mailbox) receive(ctx workflow.Context) {
	sync := workflow.GetSignalChannel(ctx, SignalSyncNow)
	pause := workflow.GetSignalChannel(ctx, SignalPause)
	resume := workflow.GetSignalChannel(ctx, SignalResume)
	setUp := workflow.GetSignalChannel(ctx, SignalSetUp)
	sel := workflow.NewSelector(ctx)
	sel.AddReceive(sync, func(c workflow.ReceiveChannel, _ bool) {
		var r bridge.SyncRequest
		c.Receive(ctx, &r)
		b.add(signed(r, "signal"))
	})
	sel.AddReceive(setUp, func(c workflow.ReceiveChannel, _ bool) {
		c.Receive(ctx, nil)
		b.m.SetUp = true
	})
	sel.AddReceive(pause, func(c workflow.ReceiveChannel, _ bool) {
		var r PauseRequest
		c.Receive(ctx, &r)
		r.Paused = true
		b.setPaused(ctx, r)
	})
	sel.AddReceive(resume, func(c workflow.ReceiveChannel, _ bool) {
		var r PauseRequest
		c.Receive(ctx, &r)
		r.Paused = false
		b.setPaused(ctx, r)
	})
	for ctx.Err() == nil {
		sel.Select(ctx)
	}
}

// drain takes what arrived between the last look and continuing as new: such a signal must not be lost.
func (b *mailbox) drain(ctx workflow.Context) {
	sync := workflow.GetSignalChannel(ctx, SignalSyncNow)
	for {
		var r bridge.SyncRequest
		if !sync.ReceiveAsync(&r) {
			break
		}
		b.add(signed(r, "signal"))
	}
	for workflow.GetSignalChannel(ctx, SignalSetUp).ReceiveAsync(nil) {
		b.m.SetUp = true
	}
	for _, name := range []string{SignalPause, SignalResume} {
		var r PauseRequest
		for workflow.GetSignalChannel(ctx, name).ReceiveAsync(&r) {
			r.Paused = name == SignalPause
			b.m.Asked = append(b.m.Asked, r)
		}
	}
}

func signed(r bridge.SyncRequest, by string) bridge.SyncRequest {
	if r.By == "" {
		r.By = by
	}
	return r
}

// setPaused keeps the store and the mailbox of one mind, whoever paused: dashboard, command line or Temporal's own.
func (b *mailbox) setPaused(ctx workflow.Context, asked PauseRequest) {
	b.changing = true
	defer func() { b.changing = false }()
	var state activities.AccountState
	err := workflow.ExecuteActivity(bookkeeping(ctx, b.in.Account, "pause or resume"), acts.SetPaused,
		activities.SetPausedInput{Account: b.in.Account, Paused: asked.Paused, By: asked.By}).Get(ctx, &state)
	if err != nil {
		workflow.GetLogger(ctx).Error("pausing or resuming the account was not recorded", "account", b.in.Account, "error", err)
		return
	}
	b.m.Paused, b.m.Attention, b.m.Ready = state.Paused, state.Attention, state.Ready
}

func (b *mailbox) validateRequest(ctx workflow.Context, r bridge.SyncRequest) error {
	if b.m.Loaded && !b.m.Ready {
		return temporal.NewNonRetryableApplicationError("account "+b.in.Account+" is not set up yet: finish its set-up first", "not_ready", nil)
	}
	return nil
}

// requestSync is sync-now with an answer: the run that serves the request, as soon as it is opened.
func (b *mailbox) requestSync(ctx workflow.Context, r bridge.SyncRequest) (RequestAnswer, error) {
	b.handlers++
	defer func() { b.handlers-- }()
	r = signed(r, "update")
	if r.ID == "" {
		r.ID = "update-" + strconv.Itoa(b.m.Runs) + "-" + strconv.Itoa(len(b.m.Requests)) + "-" + strconv.Itoa(b.handlers)
	}
	b.add(r)
	// On a paused account the request waits, its caller need not.
	if err := workflow.Await(ctx, func() bool { return b.answered[r.ID] != 0 || b.m.Paused }); err != nil {
		return RequestAnswer{}, err
	}
	run := b.answered[r.ID]
	delete(b.answered, r.ID)
	return RequestAnswer{RunID: max(run, 0)}, nil
}
