package store

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"causeway/internal/bridge"
)

// Run finds a run by number. While it runs its counts are those of this moment.
func (s *Store) Run(ctx context.Context, id int64) (bridge.Run, error) {
	run, found, err := s.oneRun(ctx, "id = ?", id)
	if err == nil && !found {
		err = noRun(id)
	}
	return run, err
}

// OpenedRun is a run as it was opened, with the progress noted on it. What a run in progress has changed is not counted, which
// would cost a walk through its changes: for work that only needs to know which run it belongs to.
func (s *Store) OpenedRun(ctx context.Context, id int64) (bridge.Run, error) {
	var row runRow
	err := s.reader(ctx).Take(&row, "id = ?", id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return bridge.Run{}, noRun(id)
	}
	return row.run(), attempted(err, "read run %d", id)
}

// RunByTemporal finds a run by Temporal's run id of the workflow that opened it.
func (s *Store) RunByTemporal(ctx context.Context, temporalID string) (bridge.Run, error) {
	run, found, err := s.oneRun(ctx, "temporal_id = ? AND temporal_id <> ''", temporalID)
	if err == nil && !found {
		err = notFound("No run was opened by the Temporal run %s.", temporalID)
	}
	return run, err
}

func (s *Store) oneRun(ctx context.Context, where string, arg any) (run bridge.Run, found bool, err error) {
	var row runRow
	err = s.reader(ctx).Take(&row, where, arg).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return run, false, nil
	}
	if err != nil {
		return run, false, fmt.Errorf("read run %v: %w", arg, err)
	}
	runs, err := s.withLiveCounts(ctx, []runRow{row})
	if err != nil {
		return run, false, err
	}
	return runs[0], true, nil
}

// RunFilter chooses runs. By is who asked for them (night, a person, command line, signal). Before is a run's number below
// which the list goes on. Limit 0 means all.
type RunFilter struct {
	Status bridge.RunStatus
	By     string
	Before int64
	Limit  int
}

// Runs are an account's syncs and missed nights, newest first.
func (s *Store) Runs(ctx context.Context, accountID int64, filter RunFilter) ([]bridge.Run, error) {
	query := s.reader(ctx).Where("account_id = ? AND kind = ?", accountID, string(bridge.RunSync))
	if filter.Status != "" {
		query = query.Where("status = ?", string(filter.Status))
	}
	if filter.By != "" {
		query = query.Where("requested_by = ?", clean(filter.By))
	}
	if filter.Before > 0 {
		query = query.Where("id < ?", filter.Before)
	}
	if filter.Limit > 0 {
		query = query.Limit(filter.Limit)
	}
	var rows []runRow
	if err := query.Order("id DESC").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list the runs of account %d: %w", accountID, err)
	}
	return s.withLiveCounts(ctx, rows)
}

// LatestPreview is the newest preview of what a sync would write, running or ended, nil without one.
func (s *Store) LatestPreview(ctx context.Context, accountID int64) (*bridge.Run, error) {
	run, err := s.latestPreview(ctx, accountID, `NOT EXISTS (SELECT 1 FROM tenant_runs t WHERE t.run_id = runs.id AND t.ending)`)
	return run, attempted(err, "find the latest preview of account %d", accountID)
}

// LatestEnding is the newest preview of the end of a tenant's billing (R53), running or ended, nil without one.
func (s *Store) LatestEnding(ctx context.Context, accountID int64, tenantID string) (*bridge.Run, error) {
	run, err := s.latestPreview(ctx, accountID,
		`EXISTS (SELECT 1 FROM tenant_runs t WHERE t.run_id = runs.id AND t.tenant_id = ? AND t.ending)`, clean(tenantID))
	return run, attempted(err, "find the latest preview of the end of tenant %s", tenantID)
}

func (s *Store) latestPreview(ctx context.Context, accountID int64, which string, args ...any) (*bridge.Run, error) {
	var rows []runRow
	err := s.reader(ctx).Where("account_id = ? AND kind = ?", accountID, string(bridge.RunPreview)).Where(which, args...).
		Order("id DESC").Limit(1).Find(&rows).Error
	if err != nil {
		return nil, err
	}
	runs, err := s.withLiveCounts(ctx, rows)
	if err != nil || len(runs) == 0 {
		return nil, err
	}
	return &runs[0], nil
}

// withLiveCounts turns rows into runs and counts those that still run, which have no counts of their own yet.
func (s *Store) withLiveCounts(ctx context.Context, rows []runRow) ([]bridge.Run, error) {
	live := map[int64]*runRow{}
	var ids []int64
	for i := range rows {
		if rows[i].Status == running {
			live[rows[i].ID] = &rows[i]
			ids = append(ids, rows[i].ID)
		}
	}
	if len(ids) > 0 {
		if err := countLive(s.reader(ctx), ids, live); err != nil {
			return nil, fmt.Errorf("count the changes of runs in progress: %w", err)
		}
	}
	return mapped(rows, runRow.run), nil
}

func countLive(db *gorm.DB, ids []int64, rows map[int64]*runRow) error {
	var tenants []tenantSums
	if err := db.Raw(tenantSumsOf+` WHERE run_id IN ? GROUP BY run_id`, ids).Scan(&tenants).Error; err != nil {
		return err
	}
	for _, t := range tenants {
		row := rows[t.RunID]
		row.TenantsSynced, row.TenantsFailed, row.TenantsSkipped = t.Synced, t.Failed, t.Skipped
	}
	var changes []struct {
		RunID  int64
		Counts countColumns `gorm:"embedded"`
	}
	if err := db.Raw(`SELECT run_id, `+countedChanges+` FROM changes WHERE run_id IN ? GROUP BY run_id`, ids).Scan(&changes).Error; err != nil {
		return err
	}
	for _, c := range changes {
		rows[c.RunID].Counts = c.Counts
	}
	return nil
}

// Progress is added to what a run has done so far, except Phase, which replaces the run's unless it is empty.
type Progress struct {
	Phase       bridge.RunPhase
	Collected   int
	Compared    int
	SharedTotal int
	SharedDone  int
	ToWrite     int
	Written     int
	Slowdowns   int
	Calls       bridge.CallCounts
}

// AddProgress adds to a run's figures. A run that has ended still takes calls that were under way.
func (s *Store) AddProgress(ctx context.Context, runID int64, p Progress) error {
	err := s.writer(ctx).Exec(`
		UPDATE runs SET phase = CASE WHEN ? = '' OR status <> ? THEN phase ELSE ? END,
			collected = collected + ?, compared = compared + ?, shared_total = shared_total + ?, shared_done = shared_done + ?,
			to_write = to_write + ?, written = written + ?, slowdowns = slowdowns + ?,
			calls_connectwise = calls_connectwise + ?, calls_mysonicwall = calls_mysonicwall + ?
		WHERE id = ?`,
		string(p.Phase), running, string(p.Phase), p.Collected, p.Compared, p.SharedTotal, p.SharedDone,
		p.ToWrite, p.Written, p.Slowdowns, p.Calls.ConnectWise, p.Calls.MySonicWall, runID).Error
	return attempted(err, "note the progress of run %d", runID)
}

// origin is what never changes about a run: whose it is, of which ConnectWise company, and whether its rows are ever sent.
type origin struct {
	account int64
	binding int
	preview bool
}

func (s *Store) originOf(db *gorm.DB, runID int64) (origin, error) {
	if known, ok := s.origins.Load(runID); ok {
		return known.(origin), nil //nolint:errcheck // only this method stores there
	}
	var row runRow
	err := db.Select("account_id", "binding", "kind").Take(&row, "id = ?", runID).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return origin{}, noRun(runID)
	}
	if err != nil {
		return origin{}, fmt.Errorf("read run %d: %w", runID, err)
	}
	found := origin{account: row.AccountID, binding: row.Binding, preview: row.Kind == string(bridge.RunPreview)}
	s.origins.Store(runID, found)
	return found, nil
}
