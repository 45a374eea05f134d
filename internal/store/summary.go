package store

import (
	"context"

	"gorm.io/gorm"

	"causeway/internal/bridge"
)

// Summary is where an account stands. LastRun is its newest sync that ended, nil before the first. SyncedTenants and FailedTenants
// are enabled and their last sync, whichever run that was, went well or failed. RunningRun is the number of the sync that runs now, 0 when none does.
type Summary struct {
	Account         bridge.Account
	LastRun         *bridge.Run
	SyncedTenants   int
	FailedTenants   int
	HeldChanges     int
	TenantsTotal    int
	TenantsEnabled  int
	TenantsUnmapped int
	TenantsMissing  int
	TenantsFrozen   int // R53
	RunningRun      int64
}

// Summary tells where one account stands.
func (s *Store) Summary(ctx context.Context, accountID int64) (Summary, error) {
	summaries, err := s.summaries(ctx, func(tx *gorm.DB) *gorm.DB { return tx.Where("id = ?", accountID) })
	if err == nil && len(summaries) == 0 {
		err = notFound("There is no account with the number %d.", accountID)
	}
	if err != nil {
		return Summary{}, attempted(err, "sum up account %d", accountID)
	}
	return summaries[0], nil
}

// Summaries tell where every account stands, by name, with the same few statements however many there are.
func (s *Store) Summaries(ctx context.Context) ([]Summary, error) {
	summaries, err := s.summaries(ctx, func(tx *gorm.DB) *gorm.DB { return tx })
	return summaries, attempted(err, "sum up the accounts")
}

func (s *Store) summaries(ctx context.Context, scope func(*gorm.DB) *gorm.DB) (summaries []Summary, err error) {
	err = s.reader(ctx).Transaction(func(tx *gorm.DB) error {
		var rows []accountRow
		if err := scope(tx).Order("name").Find(&rows).Error; err != nil || len(rows) == 0 {
			return err
		}
		summaries = mapped(rows, func(r accountRow) Summary { return Summary{Account: r.account()} })
		byID := make(map[int64]*Summary, len(rows))
		ids := make([]int64, len(rows))
		for i, r := range rows {
			byID[r.ID], ids[i] = &summaries[i], r.ID
		}
		for _, fill := range []func(*gorm.DB, []int64, map[int64]*Summary) error{fillRuns, fillTenants, fillHeld} {
			if err := fill(tx, ids, byID); err != nil {
				return err
			}
		}
		return nil
	}, repeatable)
	return summaries, err
}

func fillRuns(tx *gorm.DB, ids []int64, summaries map[int64]*Summary) error {
	var rows []runRow
	err := tx.Raw(`
		SELECT * FROM runs WHERE id IN (
			SELECT max(id) FROM runs WHERE account_id IN ? AND kind = 'sync' AND status NOT IN ('running', 'missed') GROUP BY account_id)
		UNION ALL
		SELECT r.* FROM accounts a JOIN runs r ON r.id = a.current_run_id
		WHERE a.id IN ? AND r.kind = 'sync' AND r.status = 'running'`, ids, ids).Scan(&rows).Error
	for _, r := range rows {
		if r.Status == running {
			summaries[r.AccountID].RunningRun = r.ID
		} else {
			summaries[r.AccountID].LastRun = new(r.run())
		}
	}
	return err
}

func fillTenants(tx *gorm.DB, ids []int64, summaries map[int64]*Summary) error {
	var rows []struct {
		AccountID                                                 int64
		Total, Enabled, Unmapped, Missing, Frozen, Synced, Failed int
	}
	err := tx.Raw(`SELECT t.account_id, count(*) AS total,
		count(CASE WHEN `+chipConditions[ChipEnabled]+` THEN 1 END) AS enabled,
		count(CASE WHEN `+chipConditions[ChipUnmapped]+` THEN 1 END) AS unmapped,
		count(CASE WHEN `+chipConditions[ChipMissing]+` THEN 1 END) AS missing,
		count(CASE WHEN `+chipConditions[ChipFrozen]+` THEN 1 END) AS frozen,
		count(CASE WHEN coalesce(m.enabled, FALSE) AND l.status IN ('synced', 'unchanged') THEN 1 END) AS synced,
		count(CASE WHEN `+chipConditions[ChipFailed]+` THEN 1 END) AS failed`+tenantsWithMapping+`
		LEFT JOIN tenant_runs l ON l.run_id = t.last_run_id AND l.tenant_id = t.id
		WHERE t.account_id IN ? GROUP BY t.account_id`, ids).Scan(&rows).Error
	for _, r := range rows {
		summary := summaries[r.AccountID]
		summary.TenantsTotal, summary.TenantsEnabled, summary.TenantsUnmapped = r.Total, r.Enabled, r.Unmapped
		summary.TenantsFrozen = r.Frozen
		summary.TenantsMissing, summary.SyncedTenants, summary.FailedTenants = r.Missing, r.Synced, r.Failed
	}
	return err
}

func fillHeld(tx *gorm.DB, ids []int64, summaries map[int64]*Summary) error {
	var rows []struct {
		AccountID int64
		Held      int
	}
	err := tx.Raw(`
		SELECT h.account_id, count(*) AS held FROM changes h
		WHERE h.id IN (SELECT id FROM (`+heldNow+`) AS waiting) AND `+decidesAlone+` GROUP BY h.account_id`, ids, ids, ids).Scan(&rows).Error
	for _, r := range rows {
		summaries[r.AccountID].HeldChanges = r.Held
	}
	return err
}
