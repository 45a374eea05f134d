package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"causeway/internal/bridge"
	"causeway/internal/mysonicwall"
	"causeway/internal/store"
)

// CollectResult says how many tenants' products were read.
type CollectResult struct {
	Read   int
	Failed int // each with its reason on the tenant's row
}

const (
	// readsAtOnce is how many tenants are asked for at a time; the client's limiter may allow fewer.
	readsAtOnce = 16
	// readTries is how often one tenant's read is tried while others answer.
	readTries = 3
	// savedAtOnce is how many reports go into one transaction.
	savedAtOnce = 50
)

// CollectRun reads MySonicWall for every tenant of a run and stores what it reports. Tenants read since the run began are not
// asked for again, so a retry goes on where a crash stopped it. One tenant's trouble is kept with that tenant; where none
// answers, MySonicWall is away and the activity is retried.
func (a *Activities) CollectRun(ctx context.Context, in RunInput) (CollectResult, error) {
	acc, run, err := a.load(ctx, in.Account, in.RunID)
	if err != nil {
		return CollectResult{}, err
	}
	m := a.meter(run)
	if run.Phase != bridge.PhaseCollect {
		m.add(store.Progress{Phase: bridge.PhaseCollect, Collected: -run.Collected})
	}
	defer m.beat(ctx)()
	source, err := a.Vendors.MySonicWall(ctx, acc, m.mySonicWall)
	if err != nil {
		return CollectResult{}, asTemporal(err)
	}
	if err := a.refreshTenants(ctx, acc, source, m); err != nil {
		return CollectResult{}, a.refused(ctx, acc, asTemporal(err))
	}
	missing, err := a.uncollected(ctx, acc, run)
	if err != nil {
		return CollectResult{}, asTemporal(err)
	}
	c := &collecting{a: a, acc: acc, source: source, m: m}
	if err := c.all(ctx, missing); err != nil {
		return CollectResult{}, a.refused(ctx, acc, asTemporal(err))
	}
	if err := c.companions(ctx, run); err != nil {
		return CollectResult{}, a.refused(ctx, acc, asTemporal(err))
	}
	return c.out, nil
}

// refreshTenants takes MySonicWall's list of tenants: new ones appear unmapped, those no longer listed show as missing (R1).
func (a *Activities) refreshTenants(ctx context.Context, acc bridge.Account, source mysonicwall.Source, m *meter) error {
	listed, err := source.Tenants(ctx)
	if err != nil {
		return err
	}
	tenants := make([]bridge.Tenant, 0, len(listed))
	for _, t := range listed {
		tenants = append(tenants, bridge.Tenant{ID: t.ID, Name: t.Name})
	}
	added, renamed, missing, err := a.Store.SaveTenants(ctx, acc.ID, tenants, a.Now())
	if err != nil {
		return err
	}
	if added+renamed+missing > 0 {
		m.note(bridge.LogInfo, fmt.Sprintf("MySonicWall's tenants: %d new, %d renamed, %d no longer listed", added, renamed, missing))
	}
	return nil
}

// uncollected are the run's tenants whose report is older than the run, or has grown too old while the run waited.
func (a *Activities) uncollected(ctx context.Context, acc bridge.Account, run bridge.Run) ([]bridge.Tenant, error) {
	tenants, err := a.runTenants(ctx, run)
	if err != nil {
		return nil, err
	}
	tenants = slices.DeleteFunc(tenants, func(t bridge.Tenant) bool { return t.Ending }) // nothing of MySonicWall's decides there
	return a.notReadIn(ctx, acc, run, tenants)
}

func (a *Activities) notReadIn(ctx context.Context, acc bridge.Account, run bridge.Run, tenants []bridge.Tenant) ([]bridge.Tenant, error) {
	var out []bridge.Tenant
	for chunk := range chunks(tenants, batchSize) {
		ids := make([]string, 0, len(chunk))
		for _, t := range chunk {
			ids = append(ids, t.ID)
		}
		at, err := a.Store.ReportTimes(ctx, acc.ID, ids)
		if err != nil {
			return nil, err
		}
		for _, t := range chunk {
			if read := at[t.ID]; read.Before(run.Started) || a.Now().Sub(read) > a.FreshFor {
				out = append(out, t)
			}
		}
	}
	return out, nil
}

// collecting is one collect at work.
type collecting struct {
	a      *Activities
	acc    bridge.Account
	source mysonicwall.Source
	m      *meter
	beside bool // tenants outside of the run, which its progress does not count

	mu      sync.Mutex
	reports []bridge.Report
	out     CollectResult
	last    error // the newest failure of a tenant's read
}

func (c *collecting) all(ctx context.Context, tenants []bridge.Tenant) error {
	group, reading := errgroup.WithContext(ctx)
	group.SetLimit(readsAtOnce)
	for _, tenant := range tenants {
		if reading.Err() != nil {
			break
		}
		group.Go(func() error { return c.one(reading, tenant) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if err := c.save(ctx, 0); err != nil {
		return err
	}
	if c.out.Read == 0 && c.out.Failed > 0 && isAway(c.last) && !c.beside {
		return c.last
	}
	return nil
}

func (c *collecting) one(ctx context.Context, tenant bridge.Tenant) error {
	report, err := c.read(ctx, tenant)
	switch {
	case err == nil:
		c.mu.Lock()
		c.reports = append(c.reports, report)
		c.out.Read++
		c.mu.Unlock()
		c.count()
		return c.save(ctx, savedAtOnce)
	case ctx.Err() != nil || kindOf(err) == mysonicwall.KindAuth:
		return err
	}
	c.mu.Lock()
	c.out.Failed++
	c.last = err
	c.mu.Unlock()
	c.count()
	return c.a.Store.SaveReportError(ctx, c.acc.ID, tenant.ID, collectFailure(err), c.a.Now())
}

// companions reads the tenants that a run of some tenants leaves out and that share an agreement or a serial number with them: a
// product that moved between the two is told from one that is gone only by looking at both (R49).
func (c *collecting) companions(ctx context.Context, run bridge.Run) error {
	if run.Everything {
		return nil
	}
	others, err := c.a.Store.Companions(ctx, c.acc.ID, run.ID)
	if err != nil {
		return err
	}
	missing, err := c.a.notReadIn(ctx, c.acc, run, others)
	if err != nil {
		return err
	}
	// They count for nothing in the run: whether one could not be read, the compare sees from its report.
	beside := &collecting{a: c.a, acc: c.acc, source: c.source, m: c.m, beside: true}
	return beside.all(ctx, missing)
}

// collectAgain reads one tenant anew where its report has grown too old within the run (R54).
func (a *Activities) collectAgain(ctx context.Context, acc bridge.Account, run bridge.Run, tenant bridge.Tenant, m *meter) error {
	old, err := a.tooOldToEnd(ctx, acc, run, tenant.ID)
	if err != nil || !old {
		return err
	}
	source, err := a.Vendors.MySonicWall(ctx, acc, m.mySonicWall)
	if err != nil {
		return err
	}
	c := &collecting{a: a, acc: acc, source: source, m: m, beside: true}
	return c.all(ctx, []bridge.Tenant{tenant})
}

func (c *collecting) count() {
	if !c.beside {
		c.m.add(store.Progress{Collected: 1})
	}
}

// read asks for one tenant's products, a few times where MySonicWall answers it with an error of its own.
func (c *collecting) read(ctx context.Context, tenant bridge.Tenant) (bridge.Report, error) {
	for try := 1; ; try++ {
		products, err := c.source.Products(ctx, tenant.ID)
		if err == nil {
			return toReport(tenant.ID, products), nil
		}
		if try == readTries || !isAway(err) {
			return bridge.Report{}, err
		}
		select {
		case <-ctx.Done():
			return bridge.Report{}, ctx.Err()
		case <-time.After(time.Duration(try) * 500 * time.Millisecond):
		}
	}
}

// save stores the reports read so far once there are at least so many.
func (c *collecting) save(ctx context.Context, atLeast int) error {
	c.mu.Lock()
	if len(c.reports) < max(atLeast, 1) {
		c.mu.Unlock()
		return nil
	}
	reports := c.reports
	c.reports = nil
	c.mu.Unlock()
	return c.a.Store.SaveReports(ctx, c.acc.ID, reports, c.a.Now())
}

// collectFailure is the reason on a tenant's row.
func collectFailure(err error) string {
	if kindOf(err) == mysonicwall.KindNotFound {
		return "MySonicWall no longer knows this tenant; nothing was changed in ConnectWise. Its mapping can be removed once that is meant. " + err.Error()
	}
	return "MySonicWall could not be read for this tenant; nothing was changed in ConnectWise. " + err.Error()
}

// isAway tells a vendor that is away, or in trouble, from one that refuses.
func isAway(err error) bool {
	switch kindOf(err) {
	case mysonicwall.KindUnavailable, mysonicwall.KindThrottled, mysonicwall.KindProtocol:
		return true
	}
	return false
}

func kindOf(err error) mysonicwall.Kind {
	if msw, ok := errors.AsType[*mysonicwall.Error](err); ok {
		return msw.Kind
	}
	return ""
}
