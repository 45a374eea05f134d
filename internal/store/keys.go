package store

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"causeway/internal/secret"
)

// Keys are an account's API keys in clear. They are kept sealed and opened only where a call is made.
type Keys struct {
	MySonicWall secret.Text
	ConnectWise secret.Text // the private key
}

const (
	columnMySonicWallKey = "mysonicwall_key"
	columnConnectWiseKey = "connectwise_key"
)

// SetKeys stores the keys that are given and keeps the others. The account's KeysVersion rises.
func (s *Store) SetKeys(ctx context.Context, id int64, keys Keys) error {
	err := s.transact(ctx, func(tx *gorm.DB) error {
		if _, err := lockLive(tx, id); err != nil {
			return err
		}
		_, err := s.storeKeys(tx, id, keys)
		return err
	})
	return attempted(err, "store the API keys of account %d", id)
}

// storeKeys answers with the keys' version afterwards. Without any key nothing changes.
func (s *Store) storeKeys(tx *gorm.DB, id int64, keys Keys) (version int, err error) {
	columns := map[string]any{}
	for column, key := range map[string]secret.Text{columnMySonicWallKey: keys.MySonicWall, columnConnectWiseKey: keys.ConnectWise} {
		if key.Reveal() == "" {
			continue
		}
		if columns[column], err = s.seal([]byte(key.Reveal()), id, column); err != nil {
			return 0, err
		}
	}
	if len(columns) > 0 {
		columns["keys_version"] = gorm.Expr("keys_version + 1")
		if err := tx.Model(&sealedKeysRow{}).Where("id = ?", id).Updates(columns).Error; err != nil {
			return 0, err
		}
	}
	err = tx.Model(&accountRow{}).Where("id = ?", id).Select("keys_version").Scan(&version).Error
	return version, err
}

// Keys opens the keys of an account; one that was never stored is empty.
func (s *Store) Keys(ctx context.Context, id int64) (Keys, error) {
	var row sealedKeysRow
	err := s.reader(ctx).Take(&row, "id = ?", id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return Keys{}, notFound("There is no account with the number %d.", id)
	}
	if err != nil {
		return Keys{}, fmt.Errorf("read the API keys of account %d: %w", id, err)
	}
	var keys Keys
	for _, k := range []struct {
		sealed []byte
		column string
		into   *secret.Text
	}{{row.MySonicWallKey, columnMySonicWallKey, &keys.MySonicWall}, {row.ConnectWiseKey, columnConnectWiseKey, &keys.ConnectWise}} {
		if len(k.sealed) == 0 {
			continue
		}
		plain, err := s.unseal(k.sealed, id, k.column)
		if err != nil {
			return Keys{}, err
		}
		*k.into = secret.Text(plain)
	}
	return keys, nil
}

// ResealKeys seals every stored key anew with the sealer's present master key and answers with the number of accounts. The keys
// themselves and their versions stay.
func (s *Store) ResealKeys(ctx context.Context) (accounts int, err error) {
	err = s.transact(ctx, func(tx *gorm.DB) error {
		var rows []sealedKeysRow
		if err := tx.Order("id").Find(&rows).Error; err != nil {
			return err
		}
		for _, row := range rows {
			changed, err := s.resealRow(&row)
			if err != nil {
				return err
			}
			if !changed {
				continue
			}
			if err := tx.Select(columnMySonicWallKey, columnConnectWiseKey).Updates(&row).Error; err != nil {
				return err
			}
			accounts++
		}
		return nil
	})
	return accounts, attempted(err, "seal the API keys with the new master key")
}

func (s *Store) resealRow(row *sealedKeysRow) (changed bool, err error) {
	for column, sealed := range map[string]*[]byte{columnMySonicWallKey: &row.MySonicWallKey, columnConnectWiseKey: &row.ConnectWiseKey} {
		if len(*sealed) == 0 {
			continue
		}
		plain, err := s.unseal(*sealed, row.ID, column)
		if err != nil {
			return false, err
		}
		if *sealed, err = s.seal(plain, row.ID, column); err != nil {
			return false, err
		}
		changed = true
	}
	return changed, nil
}

func (s *Store) seal(plain []byte, id int64, column string) ([]byte, error) {
	if s.sealer == nil {
		return nil, errors.New("API keys cannot be stored without a master key")
	}
	sealed, err := s.sealer.Seal(plain, sealContext(id, column))
	if err != nil {
		return nil, fmt.Errorf("seal %s of account %d: %w", column, id, err)
	}
	return sealed, nil
}

func (s *Store) unseal(sealed []byte, id int64, column string) ([]byte, error) {
	if s.sealer == nil {
		return nil, errors.New("API keys cannot be opened without a master key")
	}
	plain, err := s.sealer.Unseal(sealed, sealContext(id, column))
	if err != nil {
		return nil, fmt.Errorf("open %s of account %d; is this the master key it was sealed with?: %w", column, id, err)
	}
	return plain, nil
}

// sealContext binds a sealed key to its place.
func sealContext(id int64, column string) string { return fmt.Sprintf("account/%d/%s", id, column) }
