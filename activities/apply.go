package activities

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.temporal.io/sdk/activity"

	"causeway/internal/bridge"
	"causeway/internal/connectwise"
	"causeway/internal/store"
)

// ApplyResult says how far applying came.
type ApplyResult struct {
	Waiting    int           // rows that have to be looked for or tried again after RetryAfter
	RetryAfter time.Duration // how long the workflow waits before it calls again
	Stale      int           // rows that ConnectWise overtook: to be planned anew
	Ended      bool          // the tenant was reported, with:
	Status     bridge.TenantStatus
	Message    string
}

// ApplyInput names whose rows are applied; Try counts the calls that waited before this one.
type ApplyInput struct {
	Account  string
	RunID    int64
	TenantID string // empty for the shared records
	Try      int
}

const (
	// triesAfterTrouble is how often a record that ConnectWise answers with a server error is tried before it fails. A 500 is
	// not always transient: ConnectWise also answers so where "another error message has not been defined".
	triesAfterTrouble = 5
	// triesWithoutAnswer is the same for a record whose requests get no answer while others do.
	triesWithoutAnswer = 30
	// outageAfter is how many rows in a row without an answer are an outage.
	outageAfter  = 3
	longestPause = time.Minute
)

// ApplyShared writes the shared records of a run, in order: product types before categories before subcategories before
// catalog items, configuration types before their questions. It is the account's only writer of them.
func (a *Activities) ApplyShared(ctx context.Context, in ApplyInput) (ApplyResult, error) {
	acc, run, err := a.load(ctx, in.Account, in.RunID)
	if err != nil {
		return ApplyResult{}, err
	}
	m := a.meter(run)
	m.add(store.Progress{Phase: bridge.PhaseShared})
	defer m.beat(ctx)()
	return a.apply(ctx, acc, run, m, in)
}

// ApplyTenant writes one tenant's rows and, when none is left, reports the tenant.
func (a *Activities) ApplyTenant(ctx context.Context, in ApplyInput) (ApplyResult, error) {
	acc, run, err := a.load(ctx, in.Account, in.RunID)
	if err != nil {
		return ApplyResult{}, err
	}
	if err := a.Store.StartTenant(ctx, run.ID, in.TenantID); err != nil {
		return ApplyResult{}, asTemporal(err)
	}
	tenant, err := a.Store.TenantRun(ctx, run.ID, in.TenantID)
	if err != nil {
		return ApplyResult{}, asTemporal(err)
	}
	m := a.meter(run)
	m.tenantID, m.tenant = tenant.TenantID, tenant.Tenant
	if run.Phase != bridge.PhaseWrite {
		m.add(store.Progress{Phase: bridge.PhaseWrite})
	}
	defer m.beat(ctx)()
	out, err := a.apply(ctx, acc, run, m, in)
	if err != nil || out.Waiting > 0 || out.Stale > 0 {
		return out, err
	}
	return a.EndTenant(ctx, EndTenantInput{RunID: run.ID, TenantID: in.TenantID})
}

// apply goes through the rows that are planned or maybe done. Rows are the truth: a retry after a crash goes by them alone.
func (a *Activities) apply(ctx context.Context, acc bridge.Account, run bridge.Run, m *meter, in ApplyInput) (ApplyResult, error) {
	changes, err := a.Store.PendingChanges(ctx, run.ID, in.TenantID)
	if err != nil {
		return ApplyResult{}, asTemporal(err)
	}
	if len(changes) == 0 {
		return ApplyResult{}, nil
	}
	client, err := a.Vendors.ConnectWise(ctx, acc, m.connectWise)
	if err != nil {
		return ApplyResult{}, asTemporal(err)
	}
	w := &writing{a: a, acc: acc, run: run, m: m, client: client, try: in.Try, tenantID: in.TenantID}
	if w.notes, err = a.readNotes(ctx, acc, changes); err != nil {
		return ApplyResult{}, asTemporal(err)
	}
	if w.oldFacts, err = a.tooOldToEnd(ctx, acc, run, in.TenantID); err != nil {
		return ApplyResult{}, asTemporal(err)
	}
	for _, change := range changes {
		if err := w.mayGoOn(ctx); err != nil {
			return ApplyResult{}, err
		}
		if err := w.one(ctx, change); err != nil {
			return ApplyResult{}, a.refused(ctx, acc, asTemporal(err))
		}
	}
	return w.out, nil
}

// writing is one pass over the rows of a tenant, or over the shared ones.
type writing struct {
	a        *Activities
	acc      bridge.Account
	run      bridge.Run
	m        *meter
	client   *connectwise.Client
	tenantID string
	try      int
	checked  time.Time // when a pause was last looked for
	lost     int       // rows in a row without an answer
	known    *taxonomy
	notes    *passNotes
	waiting  map[string]bool // rows of this pass that wait, by what needs them
	unclear  map[int64]bool  // rows whose record an earlier run may have written already
	oldFacts bool            // MySonicWall's answer is too old to end anything on
	out      ApplyResult
}

// pauseLook is how often a pass looks whether the account was paused: a run finishes the change in hand, not the estate.
const pauseLook = time.Second

// mayGoOn stops between two changes when the worker stops, the activity is cancelled or the account is paused.
func (w *writing) mayGoOn(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-activity.GetWorkerStopChannel(ctx):
		return errors.New("the worker stops; another goes on with the next change")
	default:
	}
	if now := w.a.Now(); now.Sub(w.checked) > pauseLook {
		w.checked = now
		acc, err := w.a.Store.AccountByID(ctx, w.acc.ID)
		if err != nil {
			return asTemporal(err)
		}
		if acc.State == bridge.AccountPaused {
			return paused(acc)
		}
	}
	return nil
}

// one settles a row or leaves it waiting. The error it answers ends the pass: the store or the whole vendor is away, or the
// keys are refused. Anything about this row alone ends in the row.
func (w *writing) one(ctx context.Context, c bridge.Change) error {
	if slices.ContainsFunc(c.Needs, w.waits) {
		// Not failed: what it needs may be there already, and the next pass knows.
		w.wait(c, w.pause())
		return nil
	}
	if w.oldFacts && c.Status == bridge.StatusPlanned && (c.Action == bridge.ActionCancel || c.Action == bridge.ActionDeactivate) {
		return w.stale(ctx, c, "MySonicWall was read more than "+w.a.FreshFor.String()+" ago, while a vendor was away; it is read again before anything ends")
	}
	if blocked, err := w.unmetNeed(ctx, c); err != nil || blocked != "" {
		if err != nil {
			return err
		}
		return w.leave(ctx, c, blocked)
	}
	how := w.writerOf(c)
	found, settled, err := w.lookFor(ctx, c, how)
	switch {
	case err != nil:
		return w.trouble(ctx, c, err)
	case !settled:
		w.wait(c, w.pause())
		return nil
	case found != nil:
		return w.done(ctx, c, *found)
	}
	claimed, err := w.a.Store.ClaimChange(ctx, w.run, c.ID)
	if err != nil {
		return err
	}
	if !claimed {
		return overtaken(w.run)
	}
	c.Status, c.SendingAt = bridge.StatusSending, w.a.Now()
	rec, err := how.write(ctx, w, c)
	if err != nil {
		return w.trouble(ctx, c, err)
	}
	return w.done(ctx, c, rec)
}

// leave fails a row whose need is not met. The old half of a linked change stays as it is and is no failure of its own: its new
// half has failed already (R49).
func (w *writing) leave(ctx context.Context, c bridge.Change, why string) error {
	if !c.LinkedEnd() {
		return w.fail(ctx, c, bridge.ReasonNeeds, "not written, because "+why, "")
	}
	c.Status, c.Reason, c.Message, c.EndedAt = bridge.StatusSkipped, bridge.ReasonNeeds, "The old record stays, because the new one does not stand: "+why, w.a.Now()
	return w.a.Store.FinishChange(ctx, w.run, c, nil, w.logLine(bridge.LogWarn, describe(c)+": "+c.Message))
}

// unmetNeed says in words which shared record a change needs and does not have; shared records were written before.
func (w *writing) unmetNeed(ctx context.Context, c bridge.Change) (string, error) {
	for _, need := range c.Needs {
		ok, why, err := w.needMet(ctx, c, need)
		if err != nil {
			return "", err
		}
		if !ok {
			return why, nil
		}
	}
	return "", nil
}

// lookFor decides whether a create may already have been done: by this run before a crash or an unclear answer, or by an
// earlier one that ended in the middle. Settled is false while it has to be looked for again (R36).
func (w *writing) lookFor(ctx context.Context, c bridge.Change, how writer) (found *record, settled bool, err error) {
	if c.Action != bridge.ActionCreate && c.Action != bridge.ActionAttach {
		return nil, true, nil // an update reads the record again anyway
	}
	since := c.SendingAt
	if c.Status != bridge.StatusSending {
		var unclear bool
		if since, unclear = w.notes.unclear[store.RecordKey{Kind: c.Kind, ParentID: c.ParentID, Key: c.Key}]; !unclear {
			return nil, true, nil
		}
	}
	if w.unclear == nil {
		w.unclear = map[int64]bool{}
	}
	w.unclear[c.ID] = true
	found, err = how.find(ctx, w, c)
	if err != nil || found != nil {
		return found, true, err
	}
	// What an agreement owns shows at once in its whole list; a filtered list may lag for minutes.
	if how.exact || w.a.Now().Sub(since) >= w.a.MaybeDoneWait {
		return nil, true, nil
	}
	return nil, false, nil
}

// mayHaveLeftovers tells whether an earlier run may have left a row of the same record sending: not where a create was looked up
// and nothing was found, which spares the store a write for each of thousands.
func (w *writing) mayHaveLeftovers(c bridge.Change) bool {
	if c.Action != bridge.ActionCreate && c.Action != bridge.ActionAttach {
		return true
	}
	return w.unclear[c.ID]
}

// pause grows with the tries, so that a slow index is not asked every second for ten minutes.
func (w *writing) pause() time.Duration {
	return min(2*time.Second<<min(w.try, 5), longestPause, max(w.a.MaybeDoneWait/4, 100*time.Millisecond))
}

// wait leaves a row, and with it those that need it, to a later pass.
func (w *writing) wait(c bridge.Change, pause time.Duration) {
	w.out.Waiting++
	w.out.RetryAfter = max(w.out.RetryAfter, pause)
	if w.waiting == nil {
		w.waiting = map[string]bool{}
	}
	w.waiting[strings.ToLower(bridge.NeedKey(c.Kind, c.Key))] = true
	w.waiting[strings.ToLower(bridge.RecordNeed(c.Kind, c.ParentID, c.Key))] = true
}

func (w *writing) waits(need string) bool { return w.waiting[strings.ToLower(need)] }

// done stores what ConnectWise holds now, with the row, in one transaction.
func (w *writing) done(ctx context.Context, c bridge.Change, rec record) error {
	w.lost = 0
	c.Status, c.CWMID, c.Answer, c.EndedAt = bridge.StatusApplied, rec.id, rec.fields, w.a.Now()
	c.Message, c.VendorAnswer, c.Reason = "", "", ""
	managed := w.managedAfter(c)
	err := w.a.Store.FinishChange(ctx, w.run, c, &managed, w.written(c, rec))
	if bridge.CodeOf(err) == bridge.CodeConflict {
		// Another record of ours has this ConnectWise id: a person has to say which is meant.
		return w.fail(ctx, c, bridge.ReasonOtherKey, err.Error(), "")
	}
	if err != nil {
		return err
	}
	w.notes.learn(managed)
	if w.mayHaveLeftovers(c) {
		if err := w.a.Store.ResolveSending(ctx, w.acc.ID, c.Kind, c.ParentID, c.Key); err != nil {
			return err
		}
	}
	if c.Kind.Shared() {
		w.a.lookups.learn(w.run.ID, bridge.NeedKey(c.Kind, c.Key), rec.id)
		w.known.learn(c, rec.id)
		w.m.add(store.Progress{SharedDone: 1})
	}
	return nil
}

func (w *writing) fail(ctx context.Context, c bridge.Change, reason bridge.Reason, message, answer string) error {
	c.Status, c.Reason, c.Message, c.VendorAnswer, c.EndedAt = bridge.StatusFailed, reason, message, clip(answer), w.a.Now()
	if c.Kind.Shared() {
		w.m.add(store.Progress{SharedDone: 1})
	}
	text := message
	if answer != "" {
		text = answer
	}
	return w.a.Store.FinishChange(ctx, w.run, c, nil, w.logLine(bridge.LogError, text))
}

// written is the log line of a write; a row that needed none has none.
func (w *writing) written(c bridge.Change, rec record) *bridge.LogLine {
	if !rec.wrote {
		return nil
	}
	return w.logLine(bridge.LogInfo, describe(c)+" id:"+strconv.Itoa(rec.id))
}

func (w *writing) logLine(level bridge.LogLevel, text string) *bridge.LogLine {
	return new(w.m.line(level, text))
}

// unplan puts a row back that certainly was not written, to be tried again.
func (w *writing) unplan(ctx context.Context, c bridge.Change) error {
	c.Status = bridge.StatusPlanned
	return w.a.Store.FinishChange(ctx, w.run, c, nil, nil)
}

// stale ends a row that no longer says how things are: its tenant is planned anew within the run.
func (w *writing) stale(ctx context.Context, c bridge.Change, why string) error {
	c.Status, c.Message, c.EndedAt = bridge.StatusStale, why, w.a.Now()
	w.out.Stale++
	return w.a.Store.FinishChange(ctx, w.run, c, nil, w.logLine(bridge.LogWarn, describe(c)+": "+c.Message))
}

// tooOldToEnd tells whether a tenant's report is older than a plan may rest on when it ends something (R54). Shared records, and a
// tenant whose billing a person ends, rest on none.
func (a *Activities) tooOldToEnd(ctx context.Context, acc bridge.Account, run bridge.Run, tenantID string) (bool, error) {
	if tenantID == "" {
		return false, nil
	}
	tenant, err := a.Store.TenantRun(ctx, run.ID, tenantID)
	if err != nil || tenant.Ending {
		return false, err
	}
	at, err := a.Store.ReportTimes(ctx, acc.ID, []string{tenantID})
	return err == nil && a.Now().Sub(at[tenantID]) > a.FreshFor, err
}

// trouble decides what an error of one row means: for the row, or for the whole pass.
func (w *writing) trouble(ctx context.Context, c bridge.Change, err error) error {
	if errors.Is(err, errStale) {
		return w.stale(ctx, c, "edited in ConnectWise after it was planned; planned anew")
	}
	cw, ok := errors.AsType[*connectwise.Error](err)
	if !ok {
		if own, ok := errors.AsType[*bridge.Error](err); ok {
			return w.fail(ctx, c, bridge.ReasonNeeds, own.Error(), "")
		}
		return err
	}
	switch cw.Kind {
	case connectwise.KindAuth, connectwise.KindCanceled, connectwise.KindWrongCompany, connectwise.KindNotConnectWise:
		return err
	case connectwise.KindThrottled:
		w.wait(c, max(cw.RetryAfter, time.Second))
		return w.unplan(ctx, c)
	case connectwise.KindUnavailable, connectwise.KindProtocol:
		return w.unavailable(ctx, c, cw)
	case connectwise.KindRejected:
		c.BillFrom = w.dateThatWorks(ctx, c)
	}
	return w.fail(ctx, c, bridge.ReasonRejected, refusal(c, cw), cw.Error())
}

// unavailable keeps a row whose write may have been done as sending. Several rows in a row without any answer end the pass: that is
// an outage, waited for by the activity's retry. A server that answers this record with an error is tried a few times.
func (w *writing) unavailable(ctx context.Context, c bridge.Change, cw *connectwise.Error) error {
	if !cw.MaybeDone && c.Status == bridge.StatusSending {
		if err := w.unplan(ctx, c); err != nil {
			return err
		}
	}
	tries := triesAfterTrouble
	if away(cw) {
		w.lost++
		if w.lost >= outageAfter {
			return cw
		}
		tries = triesWithoutAnswer
	}
	if w.try >= tries {
		reason := bridge.ReasonRejected
		if cw.MaybeDone {
			reason = bridge.ReasonMaybeDone
		}
		return w.fail(ctx, c, reason, refusal(c, cw), cw.Error())
	}
	w.m.note(bridge.LogWarn, cw.Error()+"; looked for and tried again")
	w.wait(c, w.pause())
	return nil
}
