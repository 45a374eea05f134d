package admin

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"causeway/internal/bridge"
	"causeway/internal/store"
)

// Held lists the changes that wait for a person, those that touch an invoice first.
func (a *Admin) Held(ctx context.Context, name string) (WaitingAnswer, error) {
	return a.waiting(ctx, name, a.store.HeldChanges)
}

// Refused lists the lines that ConnectWise refused for their date, where it would take another.
func (a *Admin) Refused(ctx context.Context, name string) (WaitingAnswer, error) {
	return a.waiting(ctx, name, a.store.RefusedChanges)
}

func (a *Admin) waiting(ctx context.Context, name string, list func(context.Context, int64) ([]bridge.Change, error)) (WaitingAnswer, error) {
	account, err := a.inUse(ctx, name)
	if err != nil {
		return WaitingAnswer{}, err
	}
	changes, err := list(ctx, account.ID)
	answer := WaitingAnswer{Changes: make([]ChangeAnswer, 0, len(changes))}
	for i := range changes {
		answer.Changes = append(answer.Changes, AnswerOfChange(changes[i]))
	}
	return answer, err
}

// Decide records what a person chose for rows that wait, all or, with the first that cannot be, none. What is to be written then asks
// for a run of exactly the tenants that it concerns; what is only put aside needs none.
func (a *Admin) Decide(ctx context.Context, name string, decides []store.Decide, by string) (DecidedAnswer, error) {
	account, err := a.inUse(ctx, name)
	if err != nil {
		return DecidedAnswer{}, err
	}
	if len(decides) == 0 {
		return DecidedAnswer{}, bridge.Invalid("id", "Name at least one change.")
	}
	rows, err := a.store.Decide(ctx, account.ID, decides, by)
	if err != nil {
		return DecidedAnswer{}, err
	}
	chosen := make(map[int64]bridge.Choice, len(decides))
	for _, d := range decides {
		chosen[d.ChangeID] = d.Choice
	}
	answer := DecidedAnswer{Changes: make([]ChangeAnswer, 0, len(rows))}
	var tenants []string
	for i := range rows {
		row := AnswerOfChange(rows[i])
		row.Choices, row.Decided = nil, by
		answer.Changes = append(answer.Changes, row)
		if chosen[row.ID] != bridge.ChoiceDismiss {
			tenants = append(tenants, row.Tenant)
		}
	}
	answer.QueuedAnswer, err = a.runFor(ctx, account, tenants, by, counted(len(tenants), "decision")+" to carry out")
	return answer, err
}

// Release has the next run write exactly what was shown (R34).
func (a *Admin) Release(ctx context.Context, name string, ids []int64, by string) (DecidedAnswer, error) {
	return a.Decide(ctx, name, Choose(bridge.ChoiceRelease, ids), by)
}

// Adopt has the next run take the line that stands instead of making another (R33, R50).
func (a *Admin) Adopt(ctx context.Context, name string, ids []int64, by string) (DecidedAnswer, error) {
	return a.Decide(ctx, name, Choose(bridge.ChoiceAdopt, ids), by)
}

// Dismiss puts changes aside until MySonicWall's facts change.
func (a *Admin) Dismiss(ctx context.Context, name string, ids []int64, by string) (DecidedAnswer, error) {
	return a.Decide(ctx, name, Choose(bridge.ChoiceDismiss, ids), by)
}

// BillFrom has the next run bill from the date that ConnectWise would take, after it refused ours.
func (a *Admin) BillFrom(ctx context.Context, name string, ids []int64, by string) (DecidedAnswer, error) {
	return a.Decide(ctx, name, Choose(bridge.ChoiceBillFrom, ids), by)
}

// Choose makes one choice for several rows.
func Choose(choice bridge.Choice, ids []int64) []store.Decide {
	decides := make([]store.Decide, 0, len(ids))
	for _, id := range ids {
		decides = append(decides, store.Decide{ChangeID: id, Choice: choice})
	}
	return decides
}

// runFor asks for a run of exactly the given tenants, after something was stored that it is to write. Those that no run covers, being
// switched off meanwhile, wait until one does. What was stored stays so when Temporal is away, and the error says it.
func (a *Admin) runFor(ctx context.Context, account bridge.Account, tenantIDs []string, by, note string) (QueuedAnswer, error) {
	if len(tenantIDs) == 0 {
		return QueuedAnswer{}, nil
	}
	tenants, err := a.store.SyncableTenants(ctx, account.ID, tenantIDs)
	if err != nil || len(tenants) == 0 {
		return QueuedAnswer{}, err
	}
	request := bridge.SyncRequest{ID: uuid.NewString(), By: by, Note: note}
	for i := range tenants {
		request.Tenants = append(request.Tenants, tenants[i].ID)
	}
	queued, err := a.queue(ctx, account, request)
	if err != nil {
		return QueuedAnswer{}, &bridge.Error{
			Code: bridge.CodeNotReady, Err: err,
			Message: "This is stored, and the next night carries it out; a run could not be asked for now: " + sentence(err),
		}
	}
	return queued, nil
}

func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
