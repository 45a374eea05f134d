package admin

import (
	"context"
	"fmt"

	"causeway/internal/bridge"
	"causeway/internal/store"
)

// SaveMapping maps one tenant (R11). Only what is offered can be chosen (R9), except that a mapping may stay as it is when merely
// its switch changes. Expected, where given, is the mapping that the person saw. The warnings stand beside the mapping from now on.
func (a *Admin) SaveMapping(ctx context.Context, name, tenantID string, to bridge.Mapping, expected *bridge.Mapping, by string) ([]string, error) {
	account, err := a.inUse(ctx, name)
	if err != nil {
		return nil, err
	}
	tenant, err := a.store.Tenant(ctx, account.ID, tenantID)
	if err != nil {
		return nil, err
	}
	offer, err := a.Offer(ctx, account)
	if err != nil {
		return nil, err
	}
	if err := offer.refuseChange(tenant.Mapping, to); err != nil {
		return nil, err
	}
	change := store.MappingChange{TenantID: tenant.ID, Mapping: to, Expected: expected}
	if err := a.store.SaveMappings(ctx, account.ID, []store.MappingChange{change}, by); err != nil {
		return nil, err
	}
	return offer.Warnings(to), nil
}

// refuseChange lets a mapping stay that was made when it was offered; switching it off is always possible.
func (o *Offer) refuseChange(from, to bridge.Mapping) error {
	same := from.CompanyID == to.CompanyID && from.AgreementID == to.AgreementID
	if same && (from.Enabled == to.Enabled || !to.Enabled) {
		return nil
	}
	if refused := o.refusal(to); refused != nil {
		return refused
	}
	return nil
}

// BulkOutcome is what switching many tenants did: those that could not be switched keep their state, each with the reason.
type BulkOutcome struct {
	Changed int
	Refused map[string]string // by tenant id
}

// SetEnabled turns the sync switch of tenants on or off (R11, R14). Tenants that cannot be switched on are named and left alone.
func (a *Admin) SetEnabled(ctx context.Context, name string, tenantIDs []string, enabled bool, by string) (BulkOutcome, error) {
	account, err := a.inUse(ctx, name)
	if err != nil {
		return BulkOutcome{}, err
	}
	offer, err := a.Offer(ctx, account)
	if err != nil {
		return BulkOutcome{}, err
	}
	rows, _, _, err := a.store.Tenants(ctx, account.ID, store.TenantFilter{IDs: orEmpty(tenantIDs)})
	if err != nil {
		return BulkOutcome{}, err
	}
	outcome := BulkOutcome{Refused: map[string]string{}}
	for _, id := range tenantIDs {
		outcome.Refused[id] = fmt.Sprintf("There is no tenant with the id %s.", id)
	}
	var changes []store.MappingChange
	for _, row := range rows {
		delete(outcome.Refused, row.ID)
		to := row.Mapping
		to.Enabled = enabled
		if to == row.Mapping {
			continue
		}
		if err := offer.refuseChange(row.Mapping, to); err != nil {
			outcome.Refused[row.ID] = sentence(err)
			continue
		}
		changes = append(changes, store.MappingChange{TenantID: row.ID, Mapping: to, Expected: new(row.Mapping)})
	}
	if err := a.store.SaveMappings(ctx, account.ID, changes, by); err != nil {
		return BulkOutcome{}, err
	}
	outcome.Changed = len(changes)
	return outcome, nil
}

// Tenants is the command line's list, by name.
func (a *Admin) Tenants(ctx context.Context, name string) ([]TenantAnswer, error) {
	account, err := a.inUse(ctx, name)
	if err != nil {
		return nil, err
	}
	offer, err := a.Offer(ctx, account)
	if err != nil {
		return nil, err
	}
	rows, _, _, err := a.store.Tenants(ctx, account.ID, store.TenantFilter{})
	if err != nil {
		return nil, err
	}
	answers := make([]TenantAnswer, 0, len(rows))
	for _, row := range rows {
		answers = append(answers, answerOfTenant(row, offer, account.Options))
	}
	return answers, nil
}

func answerOfTenant(row store.TenantRow, offer *Offer, options bridge.Options) TenantAnswer {
	answer := TenantAnswer{
		Tenant: row.ID, Name: row.Name, Enabled: row.Mapping.Enabled, Missing: row.Missing,
		FrozenSince: row.Frozen.Since.String(), FrozenReason: row.Frozen.Reason, OpenLines: row.OpenLines, EndingBy: row.EndingBy,
		Warnings: orEmpty(offer.TenantWarnings(row.Tenant, options)),
	}
	if id := row.Mapping.CompanyID; id != 0 {
		answer.Company = new(id)
		company, _ := offer.Company(id)
		answer.CompanyName = company.Name
	}
	if id := row.Mapping.AgreementID; id != 0 {
		answer.Agreement = new(id)
		agreement, _ := offer.Agreement(id)
		answer.AgreementName = agreement.Name
	}
	if last := row.LastRun; last != nil {
		answer.LastSync = &LastSyncAnswer{Run: last.RunID, Status: last.Status, Ended: at(last.Ended)}
		if last.Status == bridge.TenantFailed || last.Status == bridge.TenantSkipped {
			answer.LastSync.Error = last.Message
		}
	}
	return answer
}

// TenantWarnings are the standing facts about a tenant: of its mapping, its name (R13), and that MySonicWall stopped listing it
// (R1).
func (o *Offer) TenantWarnings(t bridge.Tenant, options bridge.Options) []string {
	var warnings []string
	if t.Missing {
		warnings = append(warnings, "MySonicWall stopped listing this tenant.")
	}
	if err := bridge.CheckTenantName(t.Name, options); err != nil {
		warnings = append(warnings, sentence(err))
	}
	return append(warnings, o.Warnings(t.Mapping)...)
}

// sentence is an error's message without its field.
func sentence(err error) string {
	if e, ok := err.(*bridge.Error); ok { //nolint:errorlint // only an error that is one itself has a sentence of its own
		return e.Message
	}
	return err.Error()
}
