package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// prunedAtOnce bounds a transaction of Prune, so that syncs do not wait long for it.
const prunedAtOnce = 5

// Prune deletes an account's runs that ended before a time, with their tenants, changes and log lines, and answers with how many.
// It keeps the last run of each tenant and the one whose held changes stand, the latest preview, and every run with a write that
// may have been done and was not looked for yet.
func (s *Store) Prune(ctx context.Context, accountID int64, keepRunsSince time.Time) (runs int, err error) {
	for {
		var ids []int64
		err := s.transact(ctx, func(tx *gorm.DB) error {
			ids = nil
			err := tx.Raw(`
				SELECT id FROM runs r
				WHERE account_id = ? AND ended_at IS NOT NULL AND ended_at < ?
					AND NOT EXISTS (SELECT 1 FROM tenants t WHERE t.account_id = r.account_id AND (t.last_run_id = r.id OR t.planned_run_id = r.id))
					AND NOT EXISTS (SELECT 1 FROM changes c WHERE c.run_id = r.id AND c.status = 'sending')
					AND id <> (SELECT coalesce(max(p.id), 0) FROM runs p WHERE p.account_id = r.account_id AND p.kind = 'preview')
				ORDER BY id LIMIT ?`, accountID, stamp(keepRunsSince), prunedAtOnce).Scan(&ids).Error
			if err != nil || len(ids) == 0 {
				return err
			}
			// Their rows go with them, by the foreign keys.
			return tx.Delete(&runRow{}, "id IN ?", ids).Error
		})
		if err != nil {
			return runs, fmt.Errorf("prune the runs of account %d: %w", accountID, err)
		}
		runs += len(ids)
		if len(ids) < prunedAtOnce {
			return runs, nil
		}
	}
}
