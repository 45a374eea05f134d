package admin

import (
	"context"
	"errors"
	"fmt"

	"causeway/internal/bridge"
	"causeway/internal/store"
)

// Ended lists what persons ended in ConnectWise (R52), newest first, as the change that resuming it would make. Before is the record
// as we last wrote it.
func (a *Admin) Ended(ctx context.Context, name string) (WaitingAnswer, error) {
	account, err := a.inUse(ctx, name)
	if err != nil {
		return WaitingAnswer{}, err
	}
	records, _, err := a.store.EndedByHand(ctx, account.ID, store.EndedFilter{})
	answer := WaitingAnswer{Changes: make([]ChangeAnswer, 0, len(records))}
	for i := range records {
		answer.Changes = append(answer.Changes, answerOfEnded(records[i]))
	}
	return answer, err
}

func answerOfEnded(r store.EndedRecord) ChangeAnswer {
	answer := ChangeAnswer{
		ID: r.ID, Tenant: r.TenantID, Kind: r.Kind, Action: r.Resuming(), Key: r.Key, Subject: r.Subject, Serial: r.Serial,
		Before: fields(r.LastApplied), After: bridge.Fields{}, Why: []bridge.Reasoning{},
		Status: bridge.StatusSkipped, Reason: bridge.ReasonEndedByHand, EndedByHand: r.EndedByHand.String(),
		Error:   fmt.Sprintf("Ended by a person in ConnectWise, seen on %s. It is left alone until somebody resumes it.", r.EndedByHand),
		Decided: r.Facts[bridge.FactResume],
	}
	if answer.Decided != "" {
		answer.Error = fmt.Sprintf("Ended by a person in ConnectWise, seen on %s. Resumed by %s; the next run takes it up again.", r.EndedByHand, answer.Decided)
	}
	return answer
}

// Resume takes up again what a person ended, all or, with the first that cannot be, none, and asks for a run of its tenants.
func (a *Admin) Resume(ctx context.Context, name string, ids []int64, by string) (DecidedAnswer, error) {
	account, err := a.inUse(ctx, name)
	if err != nil {
		return DecidedAnswer{}, err
	}
	if len(ids) == 0 {
		return DecidedAnswer{}, bridge.Invalid("id", "Name at least one record.")
	}
	records, err := a.store.Resume(ctx, account.ID, ids, by)
	if err != nil {
		return DecidedAnswer{}, err
	}
	answer := DecidedAnswer{Changes: make([]ChangeAnswer, 0, len(records))}
	tenants := make([]string, 0, len(records))
	for i := range records {
		answer.Changes = append(answer.Changes, answerOfEnded(records[i]))
		tenants = append(tenants, records[i].TenantID)
	}
	answer.QueuedAnswer, err = a.runFor(ctx, account, tenants, by, counted(len(records), "record")+" to take up again")
	return answer, err
}

// EndBilling asks for the end of every open line and device of tenants that are not synchronised (R53), and for the run that does it.
func (a *Admin) EndBilling(ctx context.Context, name string, tenants []string, by string) (QueuedAnswer, error) {
	account, ids, err := a.toEnd(ctx, name, tenants)
	if err != nil {
		return QueuedAnswer{}, err
	}
	if err := a.store.RequestEnding(ctx, account.ID, ids, by, a.today(account)); err != nil {
		return QueuedAnswer{}, err
	}
	return a.runFor(ctx, account, ids, by, "end the billing of "+counted(len(ids), "tenant"))
}

// PreviewEnding computes what EndBilling would write; nothing is written or noted.
func (a *Admin) PreviewEnding(ctx context.Context, name string, tenants []string) (PreviewAnswer, error) {
	account, ids, err := a.toEnd(ctx, name, tenants)
	if err != nil {
		return PreviewAnswer{}, err
	}
	runID, err := a.starter.PreviewEnding(ctx, account.Name, ids)
	if err != nil {
		return PreviewAnswer{}, err
	}
	run, err := a.store.Run(ctx, runID)
	if err != nil {
		return PreviewAnswer{}, err
	}
	return a.answerOfPreview(ctx, run)
}

// toEnd resolves the tenants whose billing is to end, by id or exact name, and refuses those that the next run would bill again.
func (a *Admin) toEnd(ctx context.Context, name string, tenants []string) (bridge.Account, []string, error) {
	account, err := a.inUse(ctx, name)
	if err != nil {
		return account, nil, err
	}
	if account.SetUpAt.IsZero() {
		return account, nil, &bridge.Error{Code: bridge.CodeInvalid, Message: account.Name + " is not set up yet, so nothing of it is billed."}
	}
	if len(tenants) == 0 {
		return account, nil, bridge.Invalid("tenant", "Name the tenants whose billing is to end.")
	}
	var ids []string
	var errs []error
	for _, wanted := range tenants {
		tenant, err := a.store.Tenant(ctx, account.ID, wanted)
		if err == nil {
			err = tenant.MayEnd()
		}
		ids, errs = append(ids, tenant.ID), append(errs, err)
	}
	return account, ids, errors.Join(errs...)
}
