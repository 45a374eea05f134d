package store

import (
	"context"

	"gorm.io/gorm"

	"causeway/internal/bridge"
)

// RemoveAccount takes an account out of use (R56): its keys are wiped, its runs end, its ConnectWise company is free for another
// account. Name and history stay. Removing it again changes nothing.
func (s *Store) RemoveAccount(ctx context.Context, id int64, by string) (bridge.Account, error) {
	var row accountRow
	err := s.transact(ctx, func(tx *gorm.DB) error {
		var err error
		if row, err = lockAccount(tx, id); err != nil || row.account().Alive() != nil {
			return err
		}
		if err := s.endRunning(tx, id, "The account was removed."); err != nil {
			return err
		}
		row.State, row.StateReason, row.RemovedAt = string(bridge.AccountRemoved), "removed by "+clean(by), stamp(s.clock())
		row.CWMIdentity, row.CurrentRunID = nil, nil
		row.KeysVersion++
		err = tx.Select("state", "state_reason", "removed_at", "cwm_identity", "current_run_id", "keys_version").Updates(&row).Error
		if err != nil {
			return err
		}
		return tx.Model(&sealedKeysRow{}).Where("id = ?", id).Updates(map[string]any{columnMySonicWallKey: nil, columnConnectWiseKey: nil}).Error
	})
	if err != nil {
		return bridge.Account{}, attempted(err, "remove account %d", id)
	}
	return row.account(), nil
}

// endRunning ends everything that runs for an account, previews too.
func (s *Store) endRunning(tx *gorm.DB, accountID int64, reason string) error {
	var runs []int64
	if err := tx.Model(&runRow{}).Where("account_id = ? AND status = ?", accountID, running).Order("id").Pluck("id", &runs).Error; err != nil {
		return err
	}
	for _, runID := range runs {
		run, err := lockRun(tx, runID)
		if err != nil {
			return err
		}
		if err := s.endRun(tx, &run, bridge.RunFailed, reason); err != nil {
			return err
		}
	}
	return nil
}

// lockLive locks an account that is in use.
func lockLive(tx *gorm.DB, id int64) (accountRow, error) {
	row, err := lockAccount(tx, id)
	if err != nil {
		return row, err
	}
	return row, row.account().Alive()
}
