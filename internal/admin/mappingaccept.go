package admin

import (
	"context"
	"errors"

	"causeway/internal/bridge"
	"causeway/internal/store"
)

// TenantMapping is a tenant with the company and agreement to map it to; its switch stays as it is.
type TenantMapping struct {
	TenantID               string
	CompanyID, AgreementID int
}

// AcceptMappings maps many tenants that have no company yet, all of them or none (R14). A tenant that was mapped meanwhile is a
// conflict, so that nobody's choice is overwritten.
func (a *Admin) AcceptMappings(ctx context.Context, name string, wanted []TenantMapping, by string) error {
	account, err := a.inUse(ctx, name)
	if err != nil {
		return err
	}
	offer, err := a.Offer(ctx, account)
	if err != nil {
		return err
	}
	var errs []error
	changes := make([]store.MappingChange, 0, len(wanted))
	for _, w := range wanted {
		to := bridge.Mapping{CompanyID: w.CompanyID, AgreementID: w.AgreementID}
		if err := offer.refuseChange(bridge.Mapping{}, to); err != nil {
			errs = append(errs, err)
		}
		changes = append(changes, store.MappingChange{TenantID: w.TenantID, Mapping: to, Expected: new(bridge.Mapping{})})
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	return a.store.SaveMappings(ctx, account.ID, changes, by)
}
