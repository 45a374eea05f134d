package activities

import (
	"context"
	"maps"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"causeway/internal/bridge"
	"causeway/internal/connectwise"
	"causeway/internal/store"
)

// batchSize is how many tenants are compared and stored at once: small enough to hold their products in memory and to begin while
// others are read, large enough that a transaction costs little beside them.
const batchSize = 50

// CompareResult says what a compare found.
type CompareResult struct {
	Shared  int // shared changes to write
	ToWrite int // tenants that need a SyncTenant
	// CollectAgain: reports have grown older than an hour, because a vendor was away or the queue was long. Stale data never
	// ends anything (R54).
	CollectAgain bool
}

// CompareRun reads ConnectWise's lists once, in large pages, compares every tenant of the run and stores the plan. It writes
// nothing to ConnectWise, so a retry simply starts over. For a preview it is the same code (R34).
func (a *Activities) CompareRun(ctx context.Context, in RunInput) (CompareResult, error) {
	acc, run, err := a.load(ctx, in.Account, in.RunID)
	if err != nil {
		return CompareResult{}, err
	}
	m := a.meter(run)
	m.add(store.Progress{Phase: bridge.PhaseCompare, Compared: -run.Compared, ToWrite: -run.ToWrite, SharedTotal: -run.SharedTotal})
	defer m.beat(ctx)()
	out, err := a.compare(ctx, acc, run, m)
	if err != nil {
		return CompareResult{}, a.refused(ctx, acc, asTemporal(err))
	}
	return out, nil
}

func (a *Activities) compare(ctx context.Context, acc bridge.Account, run bridge.Run, m *meter) (CompareResult, error) {
	client, err := a.Vendors.ConnectWise(ctx, acc, m.connectWise)
	if err != nil {
		return CompareResult{}, err
	}
	tenants, err := a.runTenants(ctx, run)
	if err != nil {
		return CompareResult{}, err
	}
	began := a.Now()
	c, err := a.comparing(ctx, acc, run, m, client)
	if err != nil {
		return CompareResult{}, err
	}
	if err := c.all(ctx, tenants, 0); err != nil {
		return CompareResult{}, err
	}
	companies, agreements := c.snap.lists()
	if err := a.Store.SaveCompanies(ctx, acc, companies, agreements, began); err != nil {
		return CompareResult{}, err
	}
	return c.shared(ctx)
}

// comparing is one compare at work.
type comparing struct {
	a      *Activities
	acc    bridge.Account
	run    bridge.Run
	m      *meter
	client *connectwise.Client
	snap   *snapshot

	mu     sync.Mutex // of what follows: batches are compared side by side
	around *surroundings
	demand bridge.Demand
	out    CompareResult
}

func (a *Activities) comparing(ctx context.Context, acc bridge.Account, run bridge.Run, m *meter, client *connectwise.Client) (*comparing, error) {
	around, err := a.readSurroundings(ctx, acc, run)
	if err != nil {
		return nil, err
	}
	snap, err := a.newSnapshot(ctx, acc)
	if err != nil {
		return nil, err
	}
	return &comparing{a: a, acc: acc, run: run, m: m, client: client, snap: snap, around: around}, nil
}

// batch is a group of tenants with what was read for it.
type batch struct {
	tenants   []bridge.Tenant
	additions map[int]agreementAdditions // by agreement
}

// comparesAtOnce is how many batches are compared side by side while the next ones are read: comparing is the processor's work,
// beside the store's.
const comparesAtOnce = 2

// all reads ConnectWise's lists, of one company's configurations or, where it is 0, of all; beside them, as soon as it is known
// which agreements there are, the tenants' additions batch by batch; and compares what was read while the next batch is on its
// way: the calls set the pace, not the processor.
func (c *comparing) all(ctx context.Context, tenants []bridge.Tenant, companyID int) error {
	group, ctx := errgroup.WithContext(ctx)
	read := make(chan batch, comparesAtOnce)
	group.Go(func() error { return c.snap.fill(ctx, c.client, companyID) })
	group.Go(func() error {
		defer close(read)
		return c.readBatches(ctx, tenants, read)
	})
	for range comparesAtOnce {
		group.Go(func() error {
			if err := wait(ctx, c.snap.read); err != nil {
				return err
			}
			for b := range read {
				if err := c.compareBatch(ctx, b); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

func wait(ctx context.Context, signal <-chan struct{}) error {
	select {
	case <-signal:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *comparing) readBatches(ctx context.Context, tenants []bridge.Tenant, into chan<- batch) error {
	if err := wait(ctx, c.snap.agreementsRead); err != nil {
		return err
	}
	seen := map[int]agreementAdditions{}
	for chunk := range chunks(groupByAgreement(tenants), batchSize) {
		b, err := c.readBatch(ctx, chunk, seen)
		if err != nil {
			return err
		}
		select {
		case into <- b:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// readBatch asks for the additions of each distinct agreement once; seen carries over the last batch's, because tenants that
// share an agreement may stand on both sides of a batch's edge.
func (c *comparing) readBatch(ctx context.Context, tenants []bridge.Tenant, seen map[int]agreementAdditions) (batch, error) {
	b := batch{tenants: tenants, additions: map[int]agreementAdditions{}}
	var ask []int
	for _, t := range tenants {
		id := t.Mapping.AgreementID
		if _, known := b.additions[id]; known || !c.snap.asksFor(t) {
			continue
		}
		if old, ok := seen[id]; ok {
			b.additions[id] = old
			continue
		}
		b.additions[id] = agreementAdditions{}
		ask = append(ask, id)
	}
	got, err := readAdditions(ctx, c.client, ask)
	if err != nil {
		return batch{}, err
	}
	clear(seen)
	maps.Copy(b.additions, got)
	maps.Copy(seen, b.additions)
	return b, nil
}

func (c *comparing) compareBatch(ctx context.Context, b batch) error {
	ids := make([]string, 0, len(b.tenants))
	for _, t := range b.tenants {
		ids = append(ids, t.ID)
	}
	reports, err := c.a.Store.Reports(ctx, c.acc.ID, ids)
	if err != nil {
		return err
	}
	managed, err := c.a.managedOf(ctx, c.acc, ids, reports)
	if err != nil {
		return err
	}
	around, err := c.lookElsewhere(ctx, b, managed, reports)
	if err != nil {
		return err
	}
	planned := make([]store.PlannedTenant, 0, len(b.tenants))
	for i, tenant := range b.tenants {
		row, err := c.compareTenant(ctx, tenant, reports[i], b.additions[tenant.Mapping.AgreementID], managed, around)
		if err != nil {
			return err
		}
		planned = append(planned, row)
	}
	if err := c.a.Store.SavePlan(ctx, c.run, planned); err != nil {
		return err
	}
	toWrite := 0
	for _, row := range planned {
		if row.NeedSync {
			toWrite++
		}
	}
	c.mu.Lock()
	c.out.ToWrite += toWrite
	c.mu.Unlock()
	c.m.add(store.Progress{Compared: len(planned), ToWrite: toWrite})
	return nil
}

func (c *comparing) compareTenant(ctx context.Context, tenant bridge.Tenant, report store.StoredReport, rows agreementAdditions, managed managedIndex, around surroundings) (store.PlannedTenant, error) {
	row := store.PlannedTenant{TenantID: tenant.ID, Status: bridge.TenantWaiting, NeedSync: true}
	switch {
	case tenant.Ending && rows.err == nil:
		plan, err := c.plan(ctx, c.input(tenant, bridge.Report{TenantID: tenant.ID}, rows, managed, around), bridge.PlanEndBilling)
		if err != nil {
			return row, err
		}
		row.Plan = plan
	case report.Error != "":
		row.Plan.Failure = report.Error
	case report.At.IsZero():
		row.Plan.Failure = "MySonicWall was not read for this tenant; the next run tries again"
	case rows.err != nil:
		row.Plan.Failure = rows.err.Error()
	default:
		plan, err := c.plan(ctx, c.input(tenant, report.Report, rows, managed, around), bridge.PlanTenant)
		if err != nil {
			return row, err
		}
		row.Plan = plan
		demand := bridge.DemandOf(report.Products)
		c.mu.Lock()
		c.demand.Merge(demand)
		c.out.CollectAgain = c.out.CollectAgain || c.a.Now().Sub(report.At) > c.a.FreshFor
		c.mu.Unlock()
	}
	row.Message = row.Plan.Failure
	if row.Plan.Failure == "" && len(row.Plan.Changes) == 0 {
		row.Status, row.NeedSync = bridge.TenantUnchanged, false
	}
	return row, nil
}

// input is everything one tenant's compare depends on.
func (c *comparing) input(tenant bridge.Tenant, report bridge.Report, rows agreementAdditions, managed managedIndex, around surroundings) bridge.TenantInput {
	in := c.snap.input(c.acc, c.run, tenant, report, rows.rows, managed.of(tenant.ID, report))
	around.into(&in)
	return in
}

// plan compares one tenant. Records that a list does not show, but ours do, are asked for by id before that is believed:
// ConnectWise's lists may lag behind its records. An answer may lead to another question.
func (c *comparing) plan(ctx context.Context, in bridge.TenantInput, how func(bridge.TenantInput) bridge.TenantPlan) (bridge.TenantPlan, error) {
	in.VerifiedAdditions, in.VerifiedConfigurations = map[int]bool{}, map[int]bool{}
	plan := how(in)
	for len(plan.UnverifiedAdditions)+len(plan.UnverifiedConfigurations) > 0 {
		var err error
		if in, err = verify(ctx, c.client, in, plan); err != nil {
			return bridge.TenantPlan{}, err
		}
		plan = how(in)
	}
	return plan, nil
}

// shared compares the shared records for what all tenants together need.
func (c *comparing) shared(ctx context.Context) (CompareResult, error) {
	plan := bridge.PlanShared(c.demand, c.snap.shared())
	if err := c.a.Store.SaveSharedPlan(ctx, c.run, plan); err != nil {
		return CompareResult{}, err
	}
	for _, change := range plan.Changes {
		if change.Status == bridge.StatusPlanned {
			c.out.Shared++
		}
	}
	c.m.add(store.Progress{SharedTotal: c.out.Shared})
	return c.out, nil
}

// PlanTenantAnew compares one tenant again within its run, because ConnectWise no longer looked as planned.
func (a *Activities) PlanTenantAnew(ctx context.Context, in TenantInput) error {
	acc, run, err := a.load(ctx, in.Account, in.RunID)
	if err != nil {
		return err
	}
	row, err := a.Store.TenantRun(ctx, run.ID, in.TenantID)
	if err != nil {
		return asTemporal(err)
	}
	m := a.meter(run)
	defer m.beat(ctx)()
	client, err := a.Vendors.ConnectWise(ctx, acc, m.connectWise)
	if err != nil {
		return asTemporal(err)
	}
	tenant := bridge.Tenant{ID: row.TenantID, Name: row.Tenant, Mapping: row.Mapping, Ending: row.Ending}
	if err := a.collectAgain(ctx, acc, run, tenant, m); err != nil {
		return a.refused(ctx, acc, asTemporal(err))
	}
	c, err := a.comparing(ctx, acc, run, m, client)
	if err != nil {
		return asTemporal(err)
	}
	if err := c.all(ctx, []bridge.Tenant{tenant}, row.Mapping.CompanyID); err != nil {
		return a.refused(ctx, acc, asTemporal(err))
	}
	m.add(store.Progress{Compared: -1, ToWrite: -c.out.ToWrite}) // counted when the run was compared
	return nil
}

// runTenants are the run's tenants with the mapping they had when it opened: a mapping changed meanwhile counts from the next
// run on.
func (a *Activities) runTenants(ctx context.Context, run bridge.Run) ([]bridge.Tenant, error) {
	rows, _, _, err := a.Store.TenantRuns(ctx, run.ID, store.TenantRunFilter{})
	if err != nil {
		return nil, err
	}
	tenants := make([]bridge.Tenant, 0, len(rows))
	for _, row := range rows {
		tenants = append(tenants, bridge.Tenant{ID: row.TenantID, Name: row.Tenant, Mapping: row.Mapping, Ending: row.Ending})
	}
	return tenants, nil
}

// refused marks the account when a vendor refused its keys, so that no further call is made with them (R46).
func (a *Activities) refused(ctx context.Context, acc bridge.Account, err error) error {
	if reason := refusedKeys(err); reason != "" {
		marking, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if e := a.Store.SetAccountState(marking, acc.ID, bridge.AccountNeedsAttention, reason); e != nil {
			a.Log.Error("marking an account whose keys were refused", "account", acc.Name, "error", e)
		}
	}
	return err
}
