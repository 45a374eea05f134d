package store

import (
	"context"
	"fmt"
	"time"

	"causeway/internal/bridge"
)

// RecentRuns are the syncs and missed nights of several accounts that worked for a local date since the given one, oldest first, by
// account, with the same few statements however many accounts there are.
func (s *Store) RecentRuns(ctx context.Context, accountIDs []int64, since bridge.Date) (map[int64][]bridge.Run, error) {
	var rows []runRow
	err := s.reader(ctx).Where("account_id IN ? AND kind = ? AND local_date >= ?", accountIDs, string(bridge.RunSync), since.String()).
		Order("id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list the runs since %s: %w", since, err)
	}
	runs, err := s.withLiveCounts(ctx, rows)
	byAccount := map[int64][]bridge.Run{}
	for _, r := range runs {
		byAccount[r.AccountID] = append(byAccount[r.AccountID], r)
	}
	return byAccount, err
}

// RunsByID finds runs of an account, of every kind; a number that is not the account's is left out.
func (s *Store) RunsByID(ctx context.Context, accountID int64, ids []int64) (map[int64]bridge.Run, error) {
	var rows []runRow
	if err := s.reader(ctx).Where("account_id = ? AND id IN ?", accountID, ids).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("find %d runs of account %d: %w", len(ids), accountID, err)
	}
	byID := make(map[int64]bridge.Run, len(rows))
	for _, r := range rows {
		byID[r.ID] = r.run()
	}
	return byID, nil
}

// LatestSetup is the newest set-up of an account, running or ended, nil without one.
func (s *Store) LatestSetup(ctx context.Context, accountID int64) (*bridge.Run, error) {
	var rows []runRow
	err := s.reader(ctx).Where("account_id = ? AND kind = ?", accountID, string(bridge.RunSetup)).
		Order("id DESC").Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, attempted(err, "find the latest set-up of account %d", accountID)
	}
	return new(rows[0].run()), nil
}

// TenantHistory are a tenant's parts of the newest syncs, newest first.
func (s *Store) TenantHistory(ctx context.Context, accountID int64, tenantID string, limit int) ([]bridge.TenantRun, error) {
	var rows []tenantRunRow
	err := s.reader(ctx).Raw(`
		SELECT t.* FROM tenant_runs t JOIN runs r ON r.id = t.run_id
		WHERE r.account_id = ? AND r.kind = 'sync' AND t.tenant_id = ? ORDER BY t.run_id DESC LIMIT ?`,
		accountID, clean(tenantID), limit).Scan(&rows).Error
	return mapped(rows, tenantRunRow.tenantRun), attempted(err, "list the syncs of tenant %s", tenantID)
}

// ChangedTenants are the tenants that the filter's changes belong to, shared records (the empty id) first, then by name; with how
// many there are without Offset and Limit.
func (s *Store) ChangedTenants(ctx context.Context, filter ChangeFilter) (ids []string, total int, err error) {
	counted := s.changesOf(ctx, filter).Select("count(DISTINCT tenant_id)").Scan(&total)
	if counted.Error != nil {
		return nil, 0, fmt.Errorf("count the tenants with changes in account %d: %w", filter.AccountID, counted.Error)
	}
	list := s.changesOf(ctx, filter).Select("tenant_id").Group("account_id, tenant_id").Order(`CASE WHEN tenant_id = '' THEN 0 ELSE 1 END,
		(SELECT t.search FROM tenants t WHERE t.account_id = changes.account_id AND t.id = changes.tenant_id), tenant_id`)
	if filter.Limit > 0 {
		list = list.Limit(filter.Limit).Offset(filter.Offset)
	}
	err = list.Scan(&ids).Error
	return ids, total, attempted(err, "list the tenants with changes in account %d", filter.AccountID)
}

// between narrows a list of changes to those whose run began in a span of time; a zero end is open.
func between(since, until time.Time) (condition string, args []any) {
	condition = "run_id IN (SELECT id FROM runs WHERE account_id = changes.account_id"
	if !since.IsZero() {
		condition, args = condition+" AND started_at >= ?", append(args, stamp(since))
	}
	if !until.IsZero() {
		condition, args = condition+" AND started_at < ?", append(args, stamp(until))
	}
	return condition + ")", args
}

// LineSums are what a plan does to agreement lines, without what is held. Tenants counts those for which anything would be written.
type LineSums struct{ Added, Changed, Ended, Tenants int }

// LineCounts sums up a preview's planned changes of additions, of one tenant or, with the empty text, of all.
func (s *Store) LineCounts(ctx context.Context, runID int64, tenantID string) (LineSums, error) {
	var sums LineSums
	query := s.reader(ctx).Model(&changeRow{}).Where("run_id = ? AND status = 'planned'", runID)
	if tenantID != "" {
		query = query.Where("tenant_id = ?", clean(tenantID))
	}
	err := query.Select(`
		count(CASE WHEN kind = 'addition' AND action = 'create' THEN 1 END) AS added,
		count(CASE WHEN kind = 'addition' AND action IN ('update', 'adopt') THEN 1 END) AS changed,
		count(CASE WHEN kind = 'addition' AND action = 'cancel' THEN 1 END) AS ended,
		count(DISTINCT CASE WHEN tenant_id <> '' THEN tenant_id END) AS tenants`).Scan(&sums).Error
	return sums, attempted(err, "sum up the lines of run %d", runID)
}
