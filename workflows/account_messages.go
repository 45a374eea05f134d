package workflows

import (
	"slices"
	"strconv"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"causeway/activities"
	"causeway/internal/bridge"
)

// PauseRequest comes with the signals pause and resume; both also work without input.
type PauseRequest struct {
	By     string    `json:"by,omitempty"`
	At     time.Time `json:"at,omitzero"`      // when it was asked for; the mailbox sets what a caller leaves out
	Paused bool      `json:"paused,omitempty"` // set by the mailbox from the signal's name
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

// receive takes signals for as long as the workflow lives, and records pauses. It takes them as drain does and not with a
// Selector: that takes a signal out of its channel one step before it hands it over, and a mailbox that continued as new in
// between would lose it.
func (b *mailbox) receive(ctx workflow.Context) {
	var channels []workflow.ReceiveChannel
	for _, name := range []string{SignalSyncNow, SignalSetUp, SignalPause, SignalResume} {
		channels = append(channels, workflow.GetSignalChannel(ctx, name))
	}
	arrived := func() bool {
		return slices.ContainsFunc(channels, func(c workflow.ReceiveChannel) bool { return c.Len() > 0 })
	}
	// Not before the account is loaded: its state would be overwritten by an older one.
	asked := func() bool { return b.m.Loaded && len(b.m.Asked) > 0 }
	for workflow.Await(ctx, func() bool { return arrived() || asked() }) == nil {
		b.drain(ctx)
		if asked() {
			next := b.m.Asked[0]
			b.m.Asked = b.m.Asked[1:]
			b.setPaused(ctx, next)
		}
	}
}

// drain takes everything that has arrived, without waiting. Input is optional: `temporal workflow signal` without any means
// "everything" (R16).
func (b *mailbox) drain(ctx workflow.Context) {
	for r, ok := received[bridge.SyncRequest](ctx, SignalSyncNow); ok; r, ok = received[bridge.SyncRequest](ctx, SignalSyncNow) {
		b.add(signed(r, "signal"))
	}
	for workflow.GetSignalChannel(ctx, SignalSetUp).ReceiveAsync(nil) {
		b.m.SetUp = true
	}
	now := workflow.Now(ctx)
	for _, name := range []string{SignalResume, SignalPause} {
		for r, ok := received[PauseRequest](ctx, name); ok; r, ok = received[PauseRequest](ctx, name) {
			r.Paused = name == SignalPause
			if r.At.IsZero() {
				r.At = now
			}
			b.m.Asked = append(b.m.Asked, r)
		}
	}
	// Each signal has a channel of its own, so that two that were taken together have lost their order. Where nothing tells it, a
	// pause counts as the last word.
	slices.SortStableFunc(b.m.Asked, func(x, y PauseRequest) int { return x.At.Compare(y.At) })
}

// received takes one signal that has arrived.
func received[T any](ctx workflow.Context, name string) (in T, ok bool) {
	ok = workflow.GetSignalChannel(ctx, name).ReceiveAsync(&in)
	return in, ok
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
