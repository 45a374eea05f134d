package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"causeway/internal/bridge"
)

// PlannedTenant is what a compare decided for one tenant. One that needs a workflow of its own (something to write, to hold or
// to fail) waits for it; any other ends here with Status.
type PlannedTenant struct {
	TenantID string
	Plan     bridge.TenantPlan
	Status   bridge.TenantStatus
	NeedSync bool
	Message  string
}

// SavePlan stores what a batch of tenants is to become, in one transaction. It may be called again for the same tenants: their
// rows of this run that are planned, held, skipped or failed and their notes are replaced, rows already sending or applied stay,
// and what is still sending is not planned a second time. Observations, spent decisions and what freezes a tenant are kept for
// syncs only.
func (s *Store) SavePlan(ctx context.Context, run bridge.Run, tenants []PlannedTenant) error {
	err := s.transact(ctx, func(tx *gorm.DB) error {
		of, err := s.originOf(tx, run.ID)
		if err != nil {
			return err
		}
		for part := range portions(tenants) {
			if err := s.savePlans(tx, run, of, part); err != nil {
				return err
			}
		}
		return nil
	})
	return attempted(err, "store the plan of %d tenants of run %d", len(tenants), run.ID)
}

// SaveSharedPlan stores the changes of shared records, which belong to no tenant. It may be called again as SavePlan may.
func (s *Store) SaveSharedPlan(ctx context.Context, run bridge.Run, plan bridge.SharedPlan) error {
	err := s.transact(ctx, func(tx *gorm.DB) error {
		of, err := s.originOf(tx, run.ID)
		if err != nil {
			return err
		}
		shared := PlannedTenant{Plan: bridge.TenantPlan{Changes: plan.Changes, Notes: plan.Notes}}
		return s.replaceRows(tx, run, of, []PlannedTenant{shared}, map[string]string{})
	})
	return attempted(err, "store the shared plan of run %d", run.ID)
}

func (s *Store) savePlans(tx *gorm.DB, run bridge.Run, of origin, tenants []PlannedTenant) error {
	ids := mapped(tenants, func(p PlannedTenant) string { return clean(p.TenantID) })
	names, err := tenantNames(tx, run.ID, ids)
	if err != nil {
		return err
	}
	if err := s.replaceRows(tx, run, of, tenants, names); err != nil {
		return err
	}
	var ended, compared []string
	for i, p := range tenants {
		if err := s.saveTenantPlan(tx, run, p); err != nil {
			return err
		}
		if !p.NeedSync {
			ended = append(ended, ids[i])
		}
		if len(p.Plan.Changes) > 0 || p.Plan.Failure == "" && !p.NeedSync {
			compared = append(compared, ids[i])
		}
	}
	if run.Kind != bridge.RunSync {
		return nil
	}
	if err := saveObservations(tx, of, tenants); err != nil {
		return err
	}
	if err := s.spendOvertaken(tx, run.ID, of, tenants); err != nil {
		return err
	}
	if err := noteFrozen(tx, run, of, tenants); err != nil {
		return err
	}
	if err := notePlanned(tx, run.ID, of, compared); err != nil {
		return err
	}
	return s.noteEnded(tx, run.ID, ended)
}

// tenantNames are the names that the tenants of a run had when it began.
func tenantNames(tx *gorm.DB, runID int64, ids []string) (map[string]string, error) {
	var rows []tenantRunRow
	err := tx.Select("tenant_id", "tenant_name").Find(&rows, "run_id = ? AND tenant_id IN ?", runID, ids).Error
	names := make(map[string]string, len(rows))
	for _, r := range rows {
		names[r.TenantID] = r.TenantName
	}
	return names, err
}

// replaceRows replaces the changes and notes of tenants.
func (s *Store) replaceRows(tx *gorm.DB, run bridge.Run, of origin, tenants []PlannedTenant, names map[string]string) error {
	ids := mapped(tenants, func(p PlannedTenant) string { return clean(p.TenantID) })
	err := tx.Exec(`DELETE FROM changes WHERE run_id = ? AND tenant_id IN ? AND status IN ('planned', 'held', 'skipped', 'failed')`,
		run.ID, ids).Error
	if err != nil {
		return err
	}
	if err := tx.Exec(`DELETE FROM log_lines WHERE run_id = ? AND tenant_id IN ? AND planned`, run.ID, ids).Error; err != nil {
		return err
	}
	underway, err := sendingKeys(tx, run.ID, ids)
	if err != nil {
		return err
	}
	now := s.clock()
	var changes []changeRow
	var notes []logRow
	for i, p := range tenants {
		for _, c := range p.Plan.Changes {
			c.TenantID = ids[i]
			row := changeRowOf(run.ID, of, c)
			if !underway[keyOf(row)] {
				changes = append(changes, row)
			}
		}
		for _, n := range append(failedByRule(p.Plan.Changes), p.Plan.Notes...) {
			row := s.logRowOf(of, bridge.LogLine{RunID: run.ID, TenantID: ids[i], Tenant: names[ids[i]], Time: now, Level: n.Level, Text: n.Text})
			row.Planned = true
			notes = append(notes, row)
		}
	}
	if err := insertAll(tx, changes); err != nil {
		return err
	}
	return insertAll(tx, notes)
}

// failedByRule are a plan's changes that are failed before anything was sent: no call of theirs ever writes a log line (R43).
func failedByRule(changes []bridge.Change) (notes []bridge.Note) {
	for i := range changes {
		if c := &changes[i]; c.Status == bridge.StatusFailed {
			notes = append(notes, bridge.Note{Level: bridge.LogError, Text: fmt.Sprintf("%s %s %s: %s", c.Action, c.Kind, c.Key, c.Message)})
		}
	}
	return notes
}

// changeKey tells whether two rows are about the same record.
type changeKey struct {
	tenant, kind, key string
	parent            int
}

func keyOf(r changeRow) changeKey { return changeKey{r.TenantID, r.Kind, r.NaturalKey, r.ParentID} }

// sendingKeys are the records that a write of this run may have reached; each has its row until that is settled.
func sendingKeys(tx *gorm.DB, runID int64, tenants []string) (map[changeKey]bool, error) {
	var rows []changeRow
	err := tx.Select("tenant_id", "kind", "natural_key", "parent_id").
		Find(&rows, "run_id = ? AND tenant_id IN ? AND status = ?", runID, tenants, sending).Error
	keys := make(map[changeKey]bool, len(rows))
	for _, r := range rows {
		keys[keyOf(r)] = true
	}
	return keys, err
}

// saveTenantPlan updates a tenant's part of the run. A tenant in the middle of its own workflow stays there.
func (s *Store) saveTenantPlan(tx *gorm.DB, run bridge.Run, p PlannedTenant) error {
	counts := countPlanned(p.Plan.Changes)
	message := clean(p.Message)
	if message == "" {
		message = clean(p.Plan.Failure)
	}
	set := map[string]any{
		"need_sync": p.NeedSync, "message": message, "unchanged": p.Plan.Unchanged,
		"changes_planned": counts.ChangesPlanned, "changes_failed": counts.ChangesFailed,
		"changes_skipped": counts.ChangesSkipped, "changes_held": counts.ChangesHeld,
	}
	if p.NeedSync {
		set["status"] = gorm.Expr("CASE WHEN status = ? THEN status ELSE ? END", tenantInRun, waiting)
		set["ended_at"] = nil
	} else {
		now := stamp(s.clock())
		set["status"], set["ended_at"] = string(p.Status), now
		set["started_at"] = gorm.Expr("coalesce(started_at, ?)", now)
	}
	done := tx.Model(&tenantRunRow{}).Where("run_id = ? AND tenant_id = ?", run.ID, clean(p.TenantID)).Updates(set)
	if done.Error == nil && done.RowsAffected == 0 {
		return notFound("Run %d has no tenant %s.", run.ID, p.TenantID)
	}
	return done.Error
}

func countPlanned(changes []bridge.Change) countColumns {
	c := countColumns{ChangesPlanned: len(changes)}
	for i := range changes {
		switch changes[i].Status {
		case bridge.StatusFailed:
			c.ChangesFailed++
		case bridge.StatusSkipped:
			c.ChangesSkipped++
		case bridge.StatusHeld:
			c.ChangesHeld++
		default:
		}
	}
	return c
}

// notePlanned makes this run the one whose held changes stand for its tenants. A tenant that could not be compared keeps those
// of before.
func notePlanned(tx *gorm.DB, runID int64, of origin, tenants []string) error {
	for part := range portions(tenants) {
		err := tx.Exec(`UPDATE tenants SET planned_run_id = ? WHERE account_id = ? AND id IN ?`, runID, of.account, part).Error
		if err != nil {
			return err
		}
	}
	return nil
}
