package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"causeway/internal/bridge"
)

// CreateAccount stores a new account with its keys and answers with it as stored. A name that was ever taken
// and a ConnectWise company that another account is joined to (R10) are conflicts.
func (s *Store) CreateAccount(ctx context.Context, account bridge.Account, keys Keys) (bridge.Account, error) {
	var row accountRow
	err := s.transact(ctx, func(tx *gorm.DB) error {
		var taken int64
		if err := tx.Model(&accountRow{}).Where("name = ?", account.Name).Count(&taken).Error; err != nil {
			return err
		}
		if taken > 0 {
			return nameTaken(account.Name)
		}
		if account.State == "" {
			account.State = bridge.AccountNew
		}
		row = accountRow{Name: account.Name, CreatedAt: stamp(s.clock())}
		row.fill(account)
		if row.CWMIdentity != nil {
			row.Binding = 1
		}
		if err := refuseSecondAccount(tx, row); err != nil {
			return err
		}
		if err := tx.Create(&row).Error; err != nil {
			return duplicateAccount(err, row)
		}
		version, err := s.storeKeys(tx, row.ID, keys)
		row.KeysVersion = version
		return err
	})
	if err != nil {
		return bridge.Account{}, attempted(err, "create account %s", account.Name)
	}
	return row.account(), nil
}

func nameTaken(name string) error {
	return conflict("account", "The name %s is taken. A removed account keeps its name while its history is kept. Choose another.", name)
}

// refuseSecondAccount holds R10. The unique index holds it too; this names the first account.
func refuseSecondAccount(tx *gorm.DB, row accountRow) error {
	if row.CWMIdentity == nil {
		return nil
	}
	var first []string
	err := tx.Model(&accountRow{}).Where("cwm_identity = ? AND id <> ?", *row.CWMIdentity, row.ID).Limit(1).Pluck("name", &first).Error
	if err != nil || len(first) == 0 {
		return err
	}
	return conflict("connectwise.company", "%s already uses this ConnectWise company. One company belongs to one account.", first[0])
}

// duplicateAccount says in words what a unique index refused when two accounts were stored at the same moment.
func duplicateAccount(err error, row accountRow) error {
	if !errors.Is(err, gorm.ErrDuplicatedKey) {
		return err
	}
	if row.CWMIdentity == nil {
		return nameTaken(row.Name)
	}
	return conflict("account", "Another account with the name %s or with ConnectWise company %s on %s was stored at the same moment.",
		row.Name, row.CWMCompany, row.CWMHost)
}

// UpdateAccount lets change alter the account as it is now, alone: no other process changes it meanwhile. Change must not call
// the store. ID, name, binding, keys' version and creation time are the store's own and stay; another ConnectWise host or company
// starts a new binding and ends what runs (R55), and is refused where another account has it (R10).
func (s *Store) UpdateAccount(ctx context.Context, id int64, change func(*bridge.Account) error) (bridge.Account, error) {
	var row accountRow
	err := s.transact(ctx, func(tx *gorm.DB) error {
		var err error
		if row, err = lockLive(tx, id); err != nil {
			return err
		}
		account := row.account()
		before := row.CWMIdentity
		if err := change(&account); err != nil {
			return err
		}
		row.fill(account)
		if row.CWMIdentity != nil && (before == nil || *before != *row.CWMIdentity) {
			row.Binding++
			row.CompaniesReadAt = stamp{}
			// What runs was planned with the ids of the company that is left; in the new one they are other records.
			err := errors.Join(s.endRunning(tx, id, "The account was joined to another ConnectWise."), forgetBinding(tx, id))
			if err != nil {
				return err
			}
		}
		if err := refuseSecondAccount(tx, row); err != nil {
			return err
		}
		// Only what this method may change is written: keys and the current run have methods of their own.
		err = tx.Select("*").Omit("id", "name", "created_at", "keys_version", "current_run_id").Updates(&row).Error
		return duplicateAccount(err, row)
	})
	if err != nil {
		return bridge.Account{}, attempted(err, "change account %d", id)
	}
	return row.account(), nil
}

// lockAccount reads an account that nobody else changes until the transaction ends.
func lockAccount(tx *gorm.DB, id int64) (accountRow, error) {
	var row accountRow
	err := tx.Clauses(clause.Locking{Strength: "UPDATE"}).Take(&row, "id = ?", id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return row, notFound("There is no account with the number %d.", id)
	}
	return row, err
}

// accountNow reads an account inside a transaction that only reads.
func accountNow(tx *gorm.DB, id int64) (accountRow, error) {
	var row accountRow
	err := tx.Take(&row, "id = ?", id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return row, notFound("There is no account with the number %d.", id)
	}
	return row, err
}

// Account finds an account by name.
func (s *Store) Account(ctx context.Context, name string) (bridge.Account, error) {
	return s.oneAccount(ctx, fmt.Sprintf("There is no account named %s.", name), "name = ?", clean(name))
}

// AccountByID finds an account by its number.
func (s *Store) AccountByID(ctx context.Context, id int64) (bridge.Account, error) {
	return s.oneAccount(ctx, fmt.Sprintf("There is no account with the number %d.", id), "id = ?", id)
}

func (s *Store) oneAccount(ctx context.Context, missing, where string, arg any) (bridge.Account, error) {
	var row accountRow
	err := s.reader(ctx).Take(&row, where, arg).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return bridge.Account{}, notFound("%s", missing)
	}
	if err != nil {
		return bridge.Account{}, fmt.Errorf("read account %v: %w", arg, err)
	}
	return row.account(), nil
}

// Accounts are all accounts by name.
func (s *Store) Accounts(ctx context.Context) ([]bridge.Account, error) {
	var rows []accountRow
	if err := s.reader(ctx).Order("name").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	return mapped(rows, accountRow.account), nil
}

// SetAccountState changes where an account stands, and why.
func (s *Store) SetAccountState(ctx context.Context, id int64, state bridge.AccountState, reason string) error {
	done := s.writer(ctx).Model(&accountRow{}).Where("id = ? AND removed_at IS NULL", id).
		Updates(map[string]any{"state": string(state), "state_reason": clean(reason)})
	if done.Error != nil {
		return fmt.Errorf("set account %d to %s: %w", id, state, done.Error)
	}
	if done.RowsAffected == 0 {
		account, err := s.AccountByID(ctx, id)
		return cmp.Or(err, account.Alive())
	}
	return nil
}

// DeleteAccount takes back an account that was never set up, with all that was stored for it. One that was set up once has a
// history, which is kept.
func (s *Store) DeleteAccount(ctx context.Context, id int64) error {
	err := s.transact(ctx, func(tx *gorm.DB) error {
		row, err := lockAccount(tx, id)
		if err != nil {
			return err
		}
		if !row.account().SetUpAt.IsZero() {
			return conflict("account", "%s was set up and has a history, so it cannot be deleted.", row.Name)
		}
		return tx.Delete(&accountRow{}, "id = ?", id).Error
	})
	return attempted(err, "delete account %d", id)
}
