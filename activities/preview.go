package activities

import (
	"context"

	"causeway/internal/bridge"
	"causeway/internal/store"
)

// OpenPreviewInput starts a preview; no tenants means all enabled ones. With Ending it is of the end of the tenants' billing,
// synchronised or not (R53).
type OpenPreviewInput struct {
	Account string
	Tenants []string
	Ending  bool `json:",omitempty"`
	Token   string
}

// OpenPreview opens the run whose rows are a preview; it claims nothing and may stand beside a sync.
func (a *Activities) OpenPreview(ctx context.Context, in OpenPreviewInput) (OpenedRun, error) {
	acc, err := a.Store.Account(ctx, in.Account)
	if err != nil {
		return OpenedRun{}, asTemporal(err)
	}
	wanted := OpenRunInput{Everything: len(in.Tenants) == 0 && !in.Ending, Tenants: in.Tenants}
	choose := a.wantedTenants
	if in.Ending {
		choose = a.endedTenants
	}
	tenants, unknown, err := choose(ctx, acc, wanted)
	if err != nil {
		return OpenedRun{}, asTemporal(err)
	}
	run, _, err := a.Store.OpenRun(ctx, store.OpenRun{
		AccountID: acc.ID, Kind: bridge.RunPreview, By: "preview", LocalDate: a.today(acc),
		Everything: wanted.Everything, Tenants: tenants, TemporalID: in.Token,
	})
	if err != nil {
		return OpenedRun{}, asTemporal(err)
	}
	return OpenedRun{RunID: run.ID}, a.warnUnknown(ctx, run, unknown)
}

// endedTenants are the named tenants as a run that ends their billing takes them: whether they are enabled does not matter.
func (a *Activities) endedTenants(ctx context.Context, acc bridge.Account, in OpenRunInput) (tenants []bridge.Tenant, unknown []string, err error) {
	tenants, unknown, err = a.namedTenants(ctx, acc, in.Tenants)
	for i := range tenants {
		tenants[i].Ending = true
	}
	return tenants, unknown, err
}
