package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"causeway/internal/bridge"
)

// TenantRunFilter chooses tenants of a run. Query is looked for in names and ids. Limit 0 means all.
type TenantRunFilter struct {
	Status bridge.TenantStatus
	Query  string
	Offset int
	Limit  int
}

// tenantRunOrder puts what needs a person first, then what moves, then the rest, each by name.
const tenantRunOrder = `CASE status WHEN 'failed' THEN 0 WHEN 'held' THEN 1 WHEN 'running' THEN 2 WHEN 'waiting' THEN 3
	WHEN 'skipped' THEN 4 WHEN 'synced' THEN 5 ELSE 6 END, search`

// TenantRuns are the tenants of a run, those in trouble first, then by name; with how many the filter found and how many of
// the query's there are in each status.
func (s *Store) TenantRuns(ctx context.Context, runID int64, filter TenantRunFilter) ([]bridge.TenantRun, int, map[bridge.TenantStatus]int, error) {
	base := s.reader(ctx).Model(&tenantRunRow{}).Where("run_id = ?", runID)
	if filter.Query != "" {
		base = base.Where(`search LIKE ? ESCAPE '\'`, likePattern(filter.Query))
	}
	base = base.Session(&gorm.Session{})
	var sums []struct {
		Status bridge.TenantStatus
		Count  int
	}
	if err := base.Select("status, count(*) AS count").Group("status").Scan(&sums).Error; err != nil {
		return nil, 0, nil, fmt.Errorf("count the tenants of run %d: %w", runID, err)
	}
	counts := make(map[bridge.TenantStatus]int, len(sums))
	total := 0
	for _, sum := range sums {
		counts[sum.Status] = sum.Count
		if filter.Status == "" || filter.Status == sum.Status {
			total += sum.Count
		}
	}
	list := base
	if filter.Status != "" {
		list = list.Where("status = ?", string(filter.Status))
	}
	if filter.Limit > 0 {
		list = list.Limit(filter.Limit).Offset(filter.Offset)
	}
	var rows []tenantRunRow
	err := list.Order(tenantRunOrder).Find(&rows).Error
	if err == nil {
		err = countUnderway(s.reader(ctx), rows)
	}
	if err != nil {
		return nil, 0, nil, fmt.Errorf("list the tenants of run %d: %w", runID, err)
	}
	return mapped(rows, tenantRunRow.tenantRun), total, counts, nil
}

// TenantRun is one tenant's part of a run.
func (s *Store) TenantRun(ctx context.Context, runID int64, tenantID string) (bridge.TenantRun, error) {
	row, err := tenantRunOf(s.reader(ctx), runID, tenantID)
	rows := []tenantRunRow{row}
	if err == nil {
		err = countUnderway(s.reader(ctx), rows)
	}
	return rows[0].tenantRun(), attempted(err, "read tenant %s of run %d", tenantID, runID)
}

// countUnderway counts the changes of tenants of one run that are being written: their rows are counted when they end, so that a
// write does not touch two tables.
func countUnderway(db *gorm.DB, rows []tenantRunRow) error {
	at := map[string]int{}
	for i, r := range rows {
		if r.Status == tenantInRun {
			at[r.TenantID] = i
		}
	}
	if len(at) == 0 {
		return nil
	}
	var counts []struct {
		TenantID string
		Counts   countColumns `gorm:"embedded"`
	}
	err := db.Model(&changeRow{}).Select("tenant_id, "+countedChanges).
		Where("run_id = ? AND tenant_id IN ?", rows[0].RunID, slices.Collect(maps.Keys(at))).Group("tenant_id").Scan(&counts).Error
	for _, c := range counts {
		rows[at[c.TenantID]].Counts = c.Counts
	}
	return err
}

func tenantRunOf(db *gorm.DB, runID int64, tenantID string) (tenantRunRow, error) {
	var row tenantRunRow
	err := db.Take(&row, "run_id = ? AND tenant_id = ?", runID, clean(tenantID)).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return row, notFound("Run %d has no tenant %s.", runID, tenantID)
	}
	return row, err
}

// TenantsToSync are the next tenants of a run that wait for their own workflow, in the order of their ids, after the given one.
func (s *Store) TenantsToSync(ctx context.Context, runID int64, afterTenantID string, limit int) ([]bridge.TenantRun, error) {
	query := s.reader(ctx).Model(&tenantRunRow{}).
		Where("run_id = ? AND tenant_id > ? AND need_sync AND status = ?", runID, clean(afterTenantID), waiting).Order("tenant_id")
	if limit > 0 {
		query = query.Limit(limit)
	}
	var rows []tenantRunRow
	err := query.Find(&rows).Error
	return mapped(rows, tenantRunRow.tenantRun), attempted(err, "list the tenants that run %d has to write", runID)
}

// StartTenant marks a tenant's work as begun. One that ended stays ended.
func (s *Store) StartTenant(ctx context.Context, runID int64, tenantID string) error {
	done := s.writer(ctx).Exec(`
		UPDATE tenant_runs SET started_at = coalesce(started_at, ?), status = CASE WHEN ended_at IS NULL THEN ? ELSE status END
		WHERE run_id = ? AND tenant_id = ?`, stamp(s.clock()), tenantInRun, runID, clean(tenantID))
	if done.Error == nil && done.RowsAffected == 0 {
		return notFound("Run %d has no tenant %s.", runID, tenantID)
	}
	return attempted(done.Error, "begin tenant %s of run %d", tenantID, runID)
}

// EndTenant ends a tenant's part of a run with its counts and raises the run's Written. Without a status it is told from the
// changes: failed, held, synced or unchanged. One that already ended stays as it is.
func (s *Store) EndTenant(ctx context.Context, runID int64, tenantID string, status bridge.TenantStatus, message string) (bridge.TenantRun, error) {
	var row tenantRunRow
	err := s.transact(ctx, func(tx *gorm.DB) error {
		var err error
		row, err = tenantRunOf(tx.Clauses(clause.Locking{Strength: "UPDATE"}), runID, tenantID)
		if err != nil || row.tenantRun().Ended != (bridge.TenantRun{}).Ended {
			return err
		}
		err = tx.Raw(`SELECT `+countedChanges+` FROM changes WHERE run_id = ? AND tenant_id = ?`, runID, row.TenantID).Scan(&row.Counts).Error
		if err != nil {
			return err
		}
		if status == "" {
			status = statusByCounts(row.Counts)
		}
		row.Status, row.Message, row.EndedAt = string(status), clean(message), stamp(s.clock())
		err = tx.Select("status", "message", "ended_at", "changes_planned", "changes_applied", "changes_failed", "changes_skipped",
			"changes_held", "changes_stale").Updates(&row).Error
		if err != nil {
			return err
		}
		if err := tx.Exec(`UPDATE runs SET written = written + 1 WHERE id = ?`, runID).Error; err != nil {
			return err
		}
		if err := s.logFailure(tx, row); err != nil {
			return err
		}
		return s.noteEnded(tx, runID, []string{row.TenantID})
	})
	return row.tenantRun(), attempted(err, "end tenant %s of run %d", tenantID, runID)
}

// logFailure writes why a tenant failed into the run's log, which is what a person downloads (R43).
func (s *Store) logFailure(tx *gorm.DB, row tenantRunRow) error {
	if row.Status != string(bridge.TenantFailed) || row.Message == "" {
		return nil
	}
	of, err := s.originOf(tx, row.RunID)
	if err != nil {
		return err
	}
	line := s.logRowOf(of, bridge.LogLine{
		RunID: row.RunID, TenantID: row.TenantID, Tenant: row.TenantName, Level: bridge.LogError, Text: "failed: " + row.Message,
	})
	return tx.Create(&line).Error
}

func statusByCounts(c countColumns) bridge.TenantStatus {
	switch {
	case c.ChangesFailed > 0:
		return bridge.TenantFailed
	case c.ChangesHeld > 0:
		return bridge.TenantHeld
	case c.ChangesApplied > 0:
		return bridge.TenantSynced
	}
	return bridge.TenantUnchanged
}

// noteEnded makes a sync the last run of tenants that ended in it, and forgets the requests that it carried out.
func (s *Store) noteEnded(tx *gorm.DB, runID int64, tenants []string) error {
	for part := range portions(tenants) {
		err := tx.Exec(`
			UPDATE tenants SET last_run_id = ?
			WHERE account_id = (SELECT account_id FROM runs WHERE id = ? AND kind = ?)
				AND id IN ? AND (last_run_id IS NULL OR last_run_id < ?)`,
			runID, runID, string(bridge.RunSync), part, runID).Error
		if err != nil {
			return err
		}
	}
	return noteEndings(tx, runID, tenants)
}
