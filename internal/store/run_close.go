package store

import (
	"context"
	"errors"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"causeway/internal/bridge"
)

// CloseRun ends a run. Without a status it is computed: any failed tenant makes completed_with_failures. Changes still planned are
// skipped (a preview's stay as they are, they were never meant to be sent), tenants that were not reached are skipped with the
// reason, and counts are kept on the run. Changes still sending stay so: they may be done. Closing again changes nothing.
func (s *Store) CloseRun(ctx context.Context, runID int64, status bridge.RunStatus, reason string) (bridge.Run, error) {
	var row runRow
	err := s.transact(ctx, func(tx *gorm.DB) error {
		// The account first, as everywhere: two transactions that lock in one order cannot block each other.
		var accountID int64
		if err := tx.Model(&runRow{}).Where("id = ?", runID).Select("account_id").Scan(&accountID).Error; err != nil {
			return err
		}
		if accountID == 0 {
			return noRun(runID)
		}
		if _, err := lockAccount(tx, accountID); err != nil {
			return err
		}
		var err error
		if row, err = lockRun(tx, runID); err != nil || row.Status != running {
			return err
		}
		return s.endRun(tx, &row, status, reason)
	})
	return row.run(), attempted(err, "close run %d", runID)
}

func noRun(id int64) error { return notFound("There is no run with the number %d.", id) }

// lockRun reads a run that nobody else changes until the transaction ends.
func lockRun(tx *gorm.DB, id int64) (runRow, error) {
	var row runRow
	err := tx.Clauses(clause.Locking{Strength: "UPDATE"}).Take(&row, "id = ?", id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return row, noRun(id)
	}
	return row, err
}

// endRun ends a locked run and leaves row as it then is.
func (s *Store) endRun(tx *gorm.DB, row *runRow, status bridge.RunStatus, reason string) error {
	now := s.clock()
	left := clean(reason)
	if left == "" {
		left = "The run ended before this."
	}
	if row.Kind != string(bridge.RunPreview) {
		err := tx.Exec(`UPDATE changes SET status = ?, message = ?, ended_at = ? WHERE run_id = ? AND status = ?`,
			skipped, left, stamp(now), row.ID, planned).Error
		if err != nil {
			return err
		}
	}
	err := tx.Exec(`UPDATE tenant_runs SET status = ?, message = ?, ended_at = ? WHERE run_id = ? AND ended_at IS NULL`,
		string(bridge.TenantSkipped), left, stamp(now), row.ID).Error
	if err != nil {
		return err
	}
	if err := countTenants(tx, row.ID); err != nil {
		return err
	}
	if row.Kind == string(bridge.RunSync) {
		if err := noteLastRun(tx, *row); err != nil {
			return err
		}
	}
	if err := countRun(tx, row); err != nil {
		return err
	}
	row.Status, row.Phase, row.EndedAt = string(status), string(bridge.PhaseDone), stamp(now)
	switch {
	case status != "":
	case row.TenantsFailed > 0:
		row.Status = string(bridge.RunFailures)
	default:
		row.Status = string(bridge.RunCompleted)
	}
	if reason != "" {
		row.Reason = clean(reason)
	}
	return saveEnd(tx, *row)
}

func saveEnd(tx *gorm.DB, row runRow) error {
	err := tx.Select("status", "phase", "reason", "ended_at", "tenants_synced", "tenants_failed", "tenants_skipped", "changes_planned",
		"changes_applied", "changes_failed", "changes_skipped", "changes_held", "changes_stale").Updates(&row).Error
	if err != nil {
		return err
	}
	return tx.Exec(`UPDATE accounts SET current_run_id = NULL WHERE id = ? AND current_run_id = ?`, row.AccountID, row.ID).Error
}

// countTenants renews the counts of every tenant of a run from its rows.
func countTenants(tx *gorm.DB, runID int64) error {
	return tx.Exec(`
		UPDATE tenant_runs SET changes_planned = c.changes_planned, changes_applied = c.changes_applied,
			changes_failed = c.changes_failed, changes_skipped = c.changes_skipped, changes_held = c.changes_held,
			changes_stale = c.changes_stale
		FROM (SELECT tenant_id, `+countedChanges+` FROM changes WHERE run_id = ? GROUP BY tenant_id) AS c
		WHERE tenant_runs.run_id = ? AND tenant_runs.tenant_id = c.tenant_id`, runID, runID).Error
}

// noteLastRun makes a run the last one of all its tenants, unless a newer one already is.
func noteLastRun(tx *gorm.DB, row runRow) error {
	return tx.Exec(`
		UPDATE tenants SET last_run_id = ?
		WHERE account_id = ? AND (last_run_id IS NULL OR last_run_id < ?)
			AND id IN (SELECT tenant_id FROM tenant_runs WHERE run_id = ?)`,
		row.ID, row.AccountID, row.ID, row.ID).Error
}

// countRun fills a row's counts from its tenants and changes.
func countRun(tx *gorm.DB, row *runRow) error {
	var tenants tenantSums
	if err := tx.Raw(tenantSumsOf+` WHERE run_id = ? GROUP BY run_id`, row.ID).Scan(&tenants).Error; err != nil {
		return err
	}
	row.TenantsSynced, row.TenantsFailed, row.TenantsSkipped = tenants.Synced, tenants.Failed, tenants.Skipped
	row.Counts = countColumns{}
	return tx.Raw(`SELECT `+countedChanges+` FROM changes WHERE run_id = ?`, row.ID).Scan(&row.Counts).Error
}

// tenantSums count the tenants of a run that ended. Those unchanged or held are synced: nothing of theirs failed.
type tenantSums struct {
	RunID   int64
	Synced  int
	Failed  int
	Skipped int
}

const tenantSumsOf = `SELECT run_id,
	count(CASE WHEN status IN ('unchanged', 'synced', 'held') THEN 1 END) AS synced,
	count(CASE WHEN status = 'failed' THEN 1 END) AS failed,
	count(CASE WHEN status = 'skipped' THEN 1 END) AS skipped
	FROM tenant_runs`
