package admin

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"causeway/internal/bridge"
	"causeway/internal/store"
)

// RequestSync asks for a sync of all enabled tenants or of some, by id or exact name (R16). The request waits in the account's
// mailbox while a run is on, and on a paused account until it is taken up again; on an account that needs attention it is one
// attempt (R46). An account that was never set up is refused.
func (a *Admin) RequestSync(ctx context.Context, name string, tenants []string, by, note string) (QueuedAnswer, error) {
	account, err := a.inUse(ctx, name)
	if err != nil {
		return QueuedAnswer{}, err
	}
	ids, err := a.wanted(ctx, account, tenants)
	if err != nil {
		return QueuedAnswer{}, err
	}
	request := bridge.SyncRequest{ID: uuid.NewString(), Tenants: ids, By: by, Note: note}
	return a.queue(ctx, account, request)
}

func (a *Admin) queue(ctx context.Context, account bridge.Account, request bridge.SyncRequest) (QueuedAnswer, error) {
	if err := a.starter.RequestSync(ctx, account.Name, request); err != nil {
		return QueuedAnswer{}, err
	}
	return QueuedAnswer{Request: request.ID, Queued: true}, nil
}

// wanted resolves tenants and refuses those that a sync would leave out, so that nobody waits for nothing (R18).
func (a *Admin) wanted(ctx context.Context, account bridge.Account, tenants []string) ([]string, error) {
	if account.SetUpAt.IsZero() {
		return nil, &bridge.Error{Code: bridge.CodeInvalid, Message: account.Name + " is not set up yet: finish its set-up first."}
	}
	var ids []string
	var errs []error
	for _, wanted := range tenants {
		tenant, err := a.store.Tenant(ctx, account.ID, wanted)
		switch {
		case err != nil:
			errs = append(errs, err)
		case !tenant.Mapping.Complete() || !tenant.Mapping.Enabled:
			errs = append(errs, bridge.Invalid("tenant", tenant.Name+" is not synchronised: map it and switch its sync on."))
		case tenant.Missing:
			errs = append(errs, bridge.Invalid("tenant", "MySonicWall stopped listing "+tenant.Name+", so it is not synchronised."))
		default:
			ids = append(ids, tenant.ID)
		}
	}
	return ids, errors.Join(errs...)
}

// pollEvery is how often the database is asked about a request that is being waited for.
const pollEvery = 250 * time.Millisecond

// WaitForRequest waits until the run that serves a request has ended. It gives false at once when the account is paused and the
// request waits for its end.
func (a *Admin) WaitForRequest(ctx context.Context, name, request string) (bridge.Run, bool, error) {
	account, err := a.inUse(ctx, name)
	if err != nil {
		return bridge.Run{}, false, err
	}
	var run bridge.Run
	served := false
	err = a.until(ctx, func() (bool, error) {
		if served { // what it has written so far need not be counted until it has ended
			now, err := a.store.OpenedRun(ctx, run.ID)
			if err != nil || now.Status == bridge.RunRunning {
				return false, err
			}
			run, err = a.store.Run(ctx, run.ID)
			return true, err
		}
		var found bool
		if run, found, err = a.store.RunOfRequest(ctx, account.ID, request); err != nil || found {
			served = found
			return found && run.Status != bridge.RunRunning, err
		}
		if account, err = a.store.AccountByID(ctx, account.ID); err != nil {
			return false, err
		}
		return account.State == bridge.AccountPaused, account.Alive()
	})
	return run, served && err == nil, err
}

// until asks again and again until done says so or the context ends.
func (a *Admin) until(ctx context.Context, done func() (bool, error)) error {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for {
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ticker.C:
		}
	}
}

// Pause holds an account's nights and requests back; a run finishes the change in hand. ConnectWise is not touched.
func (a *Admin) Pause(ctx context.Context, name, by string) error {
	account, err := a.inUse(ctx, name)
	if err != nil {
		return err
	}
	if account.SetUpAt.IsZero() {
		return &bridge.Error{Code: bridge.CodeInvalid, Message: name + " is not set up yet, so there is nothing to pause."}
	}
	return a.switchPause(ctx, account, true, by)
}

// Unpause takes a paused account up again, and one that needs attention (R46).
func (a *Admin) Unpause(ctx context.Context, name, by string) error {
	account, err := a.inUse(ctx, name)
	if err != nil {
		return err
	}
	return a.switchPause(ctx, account, false, by)
}

// switchPause stores the state at once, so that whoever looks next sees it, and tells the mailbox, which does the same for pauses
// that come by signal. The schedule itself goes on: the nights in between are recorded as missed.
func (a *Admin) switchPause(ctx context.Context, account bridge.Account, pause bool, by string) error {
	tell := a.starter.Resume
	if pause {
		tell = a.starter.Pause
	}
	if err := tell(ctx, account.Name, by); err != nil {
		return err
	}
	_, err := a.store.UpdateAccount(ctx, account.ID, func(acc *bridge.Account) error {
		switch {
		case pause:
			acc.State, acc.StateReason = bridge.AccountPaused, "paused by "+by
		case acc.State == bridge.AccountPaused || acc.State == bridge.AccountNeedsAttention:
			acc.State, acc.StateReason = bridge.AccountReady, ""
			if acc.SetUpAt.IsZero() {
				acc.State = bridge.AccountNew
			}
		}
		return nil
	})
	return err
}

// Preview computes what a sync would write and waits for it (R34); nothing is written to ConnectWise.
func (a *Admin) Preview(ctx context.Context, name string, tenants []string) (bridge.Run, error) {
	account, err := a.inUse(ctx, name)
	if err != nil {
		return bridge.Run{}, err
	}
	ids, err := a.wanted(ctx, account, tenants)
	if err != nil {
		return bridge.Run{}, err
	}
	runID, err := a.starter.StartPreview(ctx, account.Name, ids)
	if err != nil {
		return bridge.Run{}, err
	}
	return a.store.Run(ctx, runID)
}

// PreviewChanges is Preview with its changes, for the command line.
func (a *Admin) PreviewChanges(ctx context.Context, name string, tenants []string) (PreviewAnswer, error) {
	run, err := a.Preview(ctx, name, tenants)
	if err != nil {
		return PreviewAnswer{}, err
	}
	return a.answerOfPreview(ctx, run)
}

func (a *Admin) answerOfPreview(ctx context.Context, run bridge.Run) (PreviewAnswer, error) {
	if run.Status == bridge.RunFailed {
		return PreviewAnswer{}, &bridge.Error{Code: bridge.CodeVendor, Message: "The preview could not be computed: " + run.Reason}
	}
	changes, err := a.changesOf(ctx, run)
	return PreviewAnswer{Run: run.ID, Changes: changes}, err
}

func (a *Admin) changesOf(ctx context.Context, run bridge.Run) ([]ChangeAnswer, error) {
	answers := []ChangeAnswer{}
	err := a.store.EachChange(ctx, store.ChangeFilter{AccountID: run.AccountID, RunID: run.ID}, func(c bridge.Change) error {
		answers = append(answers, AnswerOfChange(c))
		return nil
	})
	return answers, err
}
