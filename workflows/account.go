package workflows

import (
	"errors"
	"slices"
	"strconv"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"causeway/activities"
	"causeway/internal/bridge"
)

var acts *activities.Activities // never called: its methods are typed names for activities

// runsPerHistory bounds a mailbox's history: a busy account continues as new after so many runs even where the server does
// not suggest it yet.
const runsPerHistory = 100

// AccountInput starts an account's mailbox; Mailbox is what an earlier execution handed over.
type AccountInput struct {
	Account string
	Mailbox Mailbox
	// Searchable tells that the namespace has Causeway's search attributes.
	Searchable bool
}

// Mailbox is the whole state of an Account workflow: requests that wait, merged so that none is lost and none doubled (R17).
type Mailbox struct {
	Everything bool     // all enabled tenants are wanted; beats Tenants
	Tenants    []string // ids or exact names, sorted
	Requests   []bridge.SyncRequest
	Nights     []bridge.Date
	SetUp      bool
	Loaded     bool // Paused, Attention and Ready were read from the store
	Paused     bool
	Attention  bool // the keys were refused: only a person's request is tried (R46)
	Ready      bool // set-up ended well once
	Runs       int  // since the account's mailbox began
	Running    int64
	// Asked are pauses and resumes that are not recorded yet, oldest first; no run is opened before they are.
	Asked []PauseRequest
}

// MailboxView answers the mailbox query.
type MailboxView struct {
	Waiting   int
	Running   int64
	Paused    bool
	Attention bool
}

type mailbox struct {
	in       AccountInput
	m        Mailbox
	answered map[string]int64 // request id → the run that serves it, for update handlers that wait
	handlers int
	runs     int // in this history
	changing bool
}

// Account is an account's mailbox: every request for a sync comes in here, and only here are set-ups and runs started, one at a
// time (R17). It lives as long as the account.
func Account(ctx workflow.Context, in AccountInput) error {
	b := &mailbox{in: in, m: in.Mailbox, answered: map[string]int64{}}
	if err := b.listen(ctx); err != nil {
		return err
	}
	if err := b.load(ctx); err != nil {
		return err
	}
	for !b.done(ctx) {
		if err := workflow.Await(ctx, func() bool { return b.hasWork() || b.done(ctx) }); err != nil {
			return err
		}
		if err := b.work(ctx); err != nil {
			return err
		}
	}
	return b.continueAsNew(ctx)
}

func (b *mailbox) load(ctx workflow.Context) error {
	if b.m.Loaded {
		return nil
	}
	var state activities.AccountState
	err := workflow.ExecuteActivity(bookkeeping(ctx, b.in.Account, "read the account's state"), acts.LoadAccount, b.in.Account).Get(ctx, &state)
	if err != nil {
		return err
	}
	b.m.Loaded = true
	b.m.Paused, b.m.Attention, b.m.Ready = state.Paused, state.Attention, state.Ready
	return nil
}

func (b *mailbox) hasWork() bool {
	if !b.m.Loaded || b.changing || len(b.m.Asked) > 0 {
		return false
	}
	if b.m.SetUp || len(b.m.Nights) > 0 && b.quiet() {
		return true
	}
	return b.wanted() && b.m.Ready && !b.m.Paused && (!b.m.Attention || len(b.m.Requests) > 0)
}

func (b *mailbox) wanted() bool {
	return b.m.Everything || len(b.m.Tenants) > 0 || len(b.m.Nights) > 0
}

// quiet is when nights are recorded as missed instead of run.
func (b *mailbox) quiet() bool { return b.m.Paused || b.m.Attention || !b.m.Ready }

// done tells whether this history should end: not while a pause is being recorded, nor while an update's caller still waits for
// the run that answers it. The decision is taken anew after every wait, because either may begin during one.
func (b *mailbox) done(ctx workflow.Context) bool {
	full := b.runs >= runsPerHistory || workflow.GetInfo(ctx).GetContinueAsNewSuggested()
	return full && !b.changing && workflow.AllHandlersFinished(ctx)
}

func (b *mailbox) work(ctx workflow.Context) error {
	switch {
	case b.m.SetUp:
		b.m.SetUp = false
		return b.setUp(ctx)
	case len(b.m.Nights) > 0 && b.quiet():
		return b.missNights(ctx)
	case b.hasWork():
		return b.run(ctx)
	}
	return nil
}

func (b *mailbox) missNights(ctx workflow.Context) error {
	nights := b.m.Nights
	b.m.Nights = nil
	for _, night := range nights {
		err := workflow.ExecuteActivity(bookkeeping(ctx, b.in.Account, "note the missed night "+night.String()),
			acts.MissNight, activities.MissNightInput{Account: b.in.Account, Night: night}).Get(ctx, nil)
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *mailbox) setUp(ctx workflow.Context) error {
	b.runs++
	ctx = workflow.WithChildOptions(ctx, childOptions(SetupID(b.in.Account), b.in.Account+": set-up", Queue, searchAttributes(b.in.Searchable, b.in.Account, "", 0)))
	var out SetupResult
	err := workflow.ExecuteChildWorkflow(ctx, Setup, SetupInput{Account: b.in.Account, Searchable: b.in.Searchable}).Get(ctx, &out)
	if temporal.IsCanceledError(err) && ctx.Err() != nil {
		return err
	}
	if err == nil && out.Ready {
		b.m.Ready, b.m.Attention = true, false
	}
	return nil
}

// run opens one run for everything that waits and sees it to its end.
func (b *mailbox) run(ctx workflow.Context) error {
	b.runs++
	b.m.Runs++
	taken := b.take()
	var opened activities.OpenedRun
	err := workflow.ExecuteActivity(bookkeeping(ctx, b.in.Account, "open a run"), acts.OpenRun, activities.OpenRunInput{
		Account: b.in.Account, Everything: taken.Everything, Tenants: taken.Tenants, Requests: taken.Requests, Nights: taken.Nights,
		Token: workflow.GetInfo(ctx).WorkflowExecution.RunID + "/" + strconv.Itoa(b.m.Runs),
	}).Get(ctx, &opened)
	if err != nil {
		return err
	}
	if opened.RunID == 0 { // only nights whose date already had its run
		b.settle(taken.Requests, -1)
		return nil
	}
	b.m.Running = opened.RunID
	b.settle(taken.Requests, opened.RunID)
	out, err := b.syncAccount(ctx, opened, taken)
	b.m.Running = 0
	if err != nil {
		return err
	}
	// One attempt, then quiet again, until the keys change or a person asks (R46).
	b.m.Attention = out.KeysRefused
	return nil
}

func (b *mailbox) syncAccount(ctx workflow.Context, opened activities.OpenedRun, taken Mailbox) (SyncAccountResult, error) {
	priority := priorityNight
	if len(taken.Requests) > 0 {
		priority = priorityPerson
	}
	o := childOptions(SyncAccountID(b.in.Account, opened.RunID), b.in.Account+": run "+strconv.FormatInt(opened.RunID, 10), Queue,
		searchAttributes(b.in.Searchable, b.in.Account, "", opened.RunID))
	o.Priority = temporal.Priority{FairnessKey: b.in.Account, PriorityKey: priority}
	var out SyncAccountResult
	err := workflow.ExecuteChildWorkflow(workflow.WithChildOptions(ctx, o), SyncAccount, SyncAccountInput{
		Account: b.in.Account, RunID: opened.RunID, Priority: priority, Searchable: b.in.Searchable, Wait: opened.Wait,
	}).Get(ctx, &out)
	if err == nil {
		return out, nil
	}
	if ctx.Err() != nil {
		return out, err
	}
	// Ended from outside (terminated, timed out): its row must not stay "running", nor its rows be applied by anyone.
	why := "the run's workflow ended early: " + shortCause(err)
	err = workflow.ExecuteActivity(bookkeeping(ctx, b.in.Account, "close the run"), acts.CloseRun,
		activities.CloseRunInput{RunID: opened.RunID, Status: bridge.RunFailed, Reason: why}).Get(ctx, nil)
	return out, err
}

// take hands over all that waits and leaves the mailbox empty.
func (b *mailbox) take() Mailbox {
	taken := Mailbox{Everything: b.m.Everything || len(b.m.Nights) > 0, Tenants: b.m.Tenants, Requests: b.m.Requests, Nights: b.m.Nights}
	if taken.Everything {
		taken.Tenants = nil
	}
	b.m.Everything, b.m.Tenants, b.m.Requests, b.m.Nights = false, nil, nil, nil
	return taken
}

// settle tells update handlers which run serves their request; -1 means that none was needed.
func (b *mailbox) settle(requests []bridge.SyncRequest, run int64) {
	if b.handlers == 0 {
		return
	}
	for _, r := range requests {
		if r.ID != "" {
			b.answered[r.ID] = run
		}
	}
}

// add merges a request into what waits; a request id that already waits is the same request sent again.
func (b *mailbox) add(r bridge.SyncRequest) {
	if !r.Night.IsZero() {
		if !slices.Contains(b.m.Nights, r.Night) {
			b.m.Nights = append(b.m.Nights, r.Night)
		}
		return
	}
	if r.ID != "" && slices.ContainsFunc(b.m.Requests, func(o bridge.SyncRequest) bool { return o.ID == r.ID }) {
		return
	}
	b.m.Requests = append(b.m.Requests, r)
	if len(r.Tenants) == 0 {
		b.m.Everything = true
	}
	b.m.Tenants = slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(b.m.Tenants), r.Tenants...))))
}

// continueAsNew hands the mailbox to a fresh history. It happens only between runs: with the default close policy a running
// child would be ended, and an abandoned one could not be waited for.
func (b *mailbox) continueAsNew(ctx workflow.Context) error {
	b.drain(ctx) // nothing has waited since that was decided, so whatever had arrived is still in its channel
	next := b.in
	next.Mailbox = b.m
	return workflow.NewContinueAsNewError(ctx, Account, next)
}

// shortCause is the innermost message of a child's failure.
func shortCause(err error) string {
	if app, ok := errors.AsType[*temporal.ApplicationError](err); ok {
		return app.Message()
	}
	if _, ok := errors.AsType[*temporal.TerminatedError](err); ok {
		return "terminated"
	}
	if _, ok := errors.AsType[*temporal.TimeoutError](err); ok {
		return "timed out"
	}
	if temporal.IsCanceledError(err) {
		return "cancelled"
	}
	return err.Error()
}
