package activities

import (
	"context"
	"maps"
	"slices"
	"time"

	"causeway/internal/bridge"
	"causeway/internal/connectwise"
	"causeway/internal/store"
)

// surroundings are what a compare knows beyond the tenant at hand: who else reports a serial number, what stands on agreements
// that tenants were mapped to before, what persons decided. Read once per compare; other agreements as they are needed.
type surroundings struct {
	holders   map[string][]bridge.Tenant // by serial: the enabled tenants that report it, where that matters
	taken     map[int]bool               // ids of all managed additions
	decisions []bridge.Decision
	limited   map[string]map[string]bridge.Reason // by tenant: what a limit held when it was last compared
	halfRead  map[int]bool                        // agreements of tenants that were not read completely in this run
	elsewhere map[int]bridge.AgreementLines
	owners    map[string]bridge.Owner
}

func (a *Activities) readSurroundings(ctx context.Context, acc bridge.Account, run bridge.Run) (*surroundings, error) {
	around := &surroundings{elsewhere: map[int]bridge.AgreementLines{}, owners: map[string]bridge.Owner{}}
	var err error
	if around.holders, err = a.serialHolders(ctx, acc); err != nil {
		return nil, err
	}
	if around.taken, err = a.Store.ManagedIDs(ctx, acc.ID, bridge.KindAddition); err != nil {
		return nil, err
	}
	if around.decisions, err = a.Store.OpenDecisions(ctx, acc.ID); err != nil {
		return nil, err
	}
	if around.limited, err = a.Store.LimitHeld(ctx, acc.ID); err != nil {
		return nil, err
	}
	around.halfRead, err = a.Store.HalfReadAgreements(ctx, acc.ID, run.Started)
	return around, err
}

// serialHolders maps a serial number to the enabled tenants that report it, where there are several or where another tenant has a
// record of it.
func (a *Activities) serialHolders(ctx context.Context, acc bridge.Account) (map[string][]bridge.Tenant, error) {
	ids, err := a.Store.SerialHolders(ctx, acc.ID)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	tenants, err := a.Store.EnabledTenants(ctx, acc.ID, nil)
	if err != nil {
		return nil, err
	}
	byID := make(map[string]bridge.Tenant, len(tenants))
	for _, t := range tenants {
		byID[t.ID] = t
	}
	out := make(map[string][]bridge.Tenant, len(ids))
	for serial, holders := range ids {
		for _, id := range holders {
			out[serial] = append(out[serial], byID[id])
		}
	}
	return out, nil
}

// lookElsewhere reads, for a batch of tenants, the agreements on which records of theirs stand beside the ones they are mapped to,
// and who else owns records of their products. An unchanged estate needs neither. What it answers does not change any more.
func (c *comparing) lookElsewhere(ctx context.Context, b batch, managed managedIndex, reports []store.StoredReport) (surroundings, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var agreements []int
	var others []string
	for i, tenant := range b.tenants {
		for _, m := range managed.of(tenant.ID, reports[i].Report) {
			_, read := c.around.elsewhere[m.ParentID]
			if m.Kind == bridge.KindAddition && m.ParentID != tenant.Mapping.AgreementID && m.Runs(c.run.LocalDate) && !read {
				agreements = append(agreements, m.ParentID)
			}
			if _, known := c.around.owners[m.TenantID]; m.TenantID != tenant.ID && !known {
				others = append(others, m.TenantID)
			}
		}
	}
	if err := c.readElsewhere(ctx, compact(agreements)); err != nil {
		return surroundings{}, err
	}
	err := c.readOwners(ctx, compact(others))
	around := *c.around
	around.elsewhere, around.owners = maps.Clone(around.elsewhere), maps.Clone(around.owners)
	return around, err
}

func compact[T int | string](list []T) []T { return slices.Compact(slices.Sorted(slices.Values(list))) }

func (c *comparing) readElsewhere(ctx context.Context, ids []int) error {
	var ask []int
	for _, id := range ids {
		agreement, ok := c.snap.agreements[id]
		c.around.elsewhere[id] = bridge.AgreementLines{Agreement: bridge.Terms(agreement, c.snap.agreements[agreement.ParentID])}
		if ok {
			ask = append(ask, id)
		}
	}
	if len(ask) == 0 {
		return nil
	}
	got, err := readAdditions(ctx, c.client, ask)
	if err != nil {
		return err
	}
	for id, read := range got {
		lines := c.around.elsewhere[id]
		lines.Additions = read.rows
		switch {
		case connectwise.IsNotFound(read.err):
			lines.Agreement = bridge.Agreement{} // deleted since the list was read
		case read.err != nil:
			lines.Unread = true
		}
		c.around.elsewhere[id] = lines
	}
	return nil
}

// readOwners finds out about other tenants that have records of a batch's products: whether they were read in this run, and
// whether a person switched them off. One that MySonicWall stopped listing has nothing any more.
func (c *comparing) readOwners(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	rows, _, _, err := c.a.Store.Tenants(ctx, c.acc.ID, store.TenantFilter{IDs: ids})
	if err != nil {
		return err
	}
	reports, err := c.a.Store.Reports(ctx, c.acc.ID, ids)
	if err != nil {
		return err
	}
	read := make(map[string]store.StoredReport, len(reports))
	for _, r := range reports {
		read[r.TenantID] = r
	}
	for _, row := range rows {
		synced := row.Mapping.Complete() && row.Mapping.Enabled && !row.Missing
		c.around.owners[row.ID] = bridge.Owner{
			Name: row.Name, Unread: synced && !c.a.freshIn(c.run, read[row.ID]), Frozen: !synced && !row.Missing,
		}
	}
	return nil
}

// freshIn tells whether a report was read completely since the run began and is not too old to decide on.
func (a *Activities) freshIn(run bridge.Run, r store.StoredReport) bool {
	return r.Error == "" && r.Complete && !r.At.Before(run.Started.Truncate(time.Microsecond)) && a.Now().Sub(r.At) <= a.FreshFor
}

// into adds what is known around a tenant to the input of its compare.
func (s surroundings) into(in *bridge.TenantInput) {
	in.TakenLines, in.Decisions, in.Owners, in.Elsewhere = s.taken, s.decisions, s.owners, map[int]bridge.AgreementLines{}
	in.AlsoReportedBy, in.Waiting = map[string]string{}, s.limited[in.Tenant.ID]
	other := func(serial string) {
		for _, holder := range s.holders[serial] {
			if holder.ID != in.Tenant.ID {
				in.AlsoReportedBy[serial] = holder.Name
			}
		}
	}
	for _, p := range in.Report.Products {
		other(p.Serial)
	}
	for _, m := range in.Managed {
		other(m.Serial)
		if lines, read := s.elsewhere[m.ParentID]; read && m.Kind == bridge.KindAddition && m.ParentID != in.Agreement.ID {
			in.Elsewhere[m.ParentID] = lines
		}
	}
	// A tenant of the same agreement that could not be read may hold what this one lacks: nothing is taken for gone (R49).
	if s.halfRead[in.Tenant.Mapping.AgreementID] {
		in.Report.Complete = false
	}
}
