package store

import (
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"causeway/internal/bridge"
)

// saveObservations keeps what the compare learned about records without writing to ConnectWise.
func saveObservations(tx *gorm.DB, of origin, tenants []PlannedTenant) error {
	for _, p := range tenants {
		for _, o := range p.Plan.Observations {
			if err := saveObservation(tx, of, o); err != nil {
				return fmt.Errorf("note what was seen of %s %s: %w", o.Kind, o.Key, err)
			}
		}
	}
	return nil
}

func saveObservation(tx *gorm.DB, of origin, o bridge.Observation) error {
	record := tx.Model(&managedRow{}).Where("account_id = ? AND binding = ? AND kind = ? AND parent_id = ? AND natural_key = ?",
		of.account, of.binding, string(o.Kind), o.ParentID, clean(o.Key)).Session(&gorm.Session{})
	set := map[string]any{"missed_since": day(o.MissedSince), "ended_by_hand": day(o.EndedByHand)}
	if o.TenantID != "" {
		set["tenant_id"] = clean(o.TenantID)
	}
	if len(o.Facts) > 0 {
		// Read here and not taken from the compare: a person may have asked to resume the record meanwhile.
		var rows []managedRow
		if err := record.Clauses(clause.Locking{Strength: "UPDATE"}).Find(&rows).Error; err != nil || len(rows) == 0 {
			return err
		}
		set["facts"] = document[bridge.Fields]{rows[0].managed().Observed(o).Facts}
	}
	return record.Updates(set).Error
}
