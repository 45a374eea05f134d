package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"causeway/internal/bridge"
)

// EndedRecord is an addition or configuration that a person ended in ConnectWise (R52). Facts[FactResume] says who asked to take it
// up again, where somebody did and no run has yet.
type EndedRecord struct {
	bridge.Managed
	ID      int64
	Tenant  string // the tenant's name
	Subject string // the product or record in a person's words
}

// EndedFilter chooses records ended by hand. Limit 0 means all.
type EndedFilter struct {
	TenantID string
	Offset   int
	Limit    int
}

const endedByHand = `
FROM managed x
JOIN accounts a ON a.id = x.account_id AND a.binding = x.binding
LEFT JOIN tenants t ON t.account_id = x.account_id AND t.id = x.tenant_id
WHERE x.account_id = ? AND x.kind IN ('addition', 'configuration') AND x.ended_by_hand <> ''`

// EndedByHand lists what persons ended in the account's present ConnectWise company, newest first, and tells how much there is without
// Offset and Limit.
func (s *Store) EndedByHand(ctx context.Context, accountID int64, filter EndedFilter) ([]EndedRecord, int, error) {
	where, args := endedByHand, []any{accountID}
	if filter.TenantID != "" {
		where, args = where+" AND x.tenant_id = ?", append(args, clean(filter.TenantID))
	}
	var total int
	if err := s.reader(ctx).Raw("SELECT count(*) "+where, args...).Scan(&total).Error; err != nil {
		return nil, 0, fmt.Errorf("count what was ended by hand in account %d: %w", accountID, err)
	}
	tail := ""
	if filter.Limit > 0 {
		tail = fmt.Sprintf(" LIMIT %d OFFSET %d", filter.Limit, max(filter.Offset, 0))
	}
	ended, err := readEnded(s.reader(ctx), where, args, tail)
	return ended, total, attempted(err, "list what was ended by hand in account %d", accountID)
}

// readEnded finds what a record was called where its newest change is still kept.
func readEnded(db *gorm.DB, where string, args []any, tail string) ([]EndedRecord, error) {
	var rows []struct {
		Row        managedRow `gorm:"embedded"`
		TenantName string
		Subject    string
	}
	err := db.Raw(`SELECT x.*, coalesce(t.name, '') AS tenant_name, coalesce((
		SELECT c.subject FROM changes c
		WHERE c.account_id = x.account_id AND c.serial = x.serial AND c.serial <> '' AND c.kind = x.kind AND c.natural_key = x.natural_key
		ORDER BY c.id DESC LIMIT 1), '') AS subject `+where+` ORDER BY x.ended_by_hand DESC, x.id`+tail, args...).Scan(&rows).Error
	ended := make([]EndedRecord, len(rows))
	for i, r := range rows {
		ended[i] = EndedRecord{Managed: r.Row.managed(), ID: r.Row.ID, Tenant: r.TenantName}
		written := ended[i].LastApplied
		ended[i].Subject = cmp.Or(r.Subject, written.Get(bridge.FieldInvoiceDescription), written.Get(bridge.FieldName), r.Row.NaturalKey)
	}
	return ended, err
}

// Resume asks for records that were ended by hand to be taken up again by the next run, all or, with the first that cannot be, none; it
// answers with them.
func (s *Store) Resume(ctx context.Context, accountID int64, managedIDs []int64, by string) ([]EndedRecord, error) {
	var resumed []EndedRecord
	err := s.transact(ctx, func(tx *gorm.DB) error {
		account, err := lockLive(tx, accountID)
		if err != nil {
			return err
		}
		ids := slices.Compact(slices.Sorted(slices.Values(managedIDs)))
		for _, id := range ids {
			if err := resumeOne(tx, account, id, clean(by)); err != nil {
				return err
			}
		}
		resumed = nil
		for part := range portions(ids) {
			records, err := readEnded(tx, endedByHand+" AND x.id IN ?", []any{accountID, part}, "")
			if err != nil {
				return err
			}
			resumed = append(resumed, records...)
		}
		return nil
	})
	if err != nil {
		return nil, attempted(err, "resume %d records of account %d", len(managedIDs), accountID)
	}
	return resumed, nil
}

func resumeOne(tx *gorm.DB, account accountRow, id int64, by string) error {
	var rows []managedRow
	err := tx.Clauses(clause.Locking{Strength: "UPDATE"}).
		Find(&rows, "account_id = ? AND binding = ? AND id = ?", account.ID, account.Binding, id).Error
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return notFound("Nothing that was ended by hand has the number %d.", id)
	}
	m := rows[0].managed()
	switch who := m.Facts[bridge.FactResume]; {
	case m.EndedByHand.IsZero():
		return conflict("id", "%d, the %s %s, is not ended by hand.", id, m.Kind, m.Key)
	case who != "":
		return conflict("id", "%d, the %s %s, was already resumed by %s; the next run takes it up again.", id, m.Kind, m.Key, who)
	}
	facts := m.Facts.With(bridge.Fields{bridge.FactResume: by})
	return tx.Model(&managedRow{}).Where("id = ?", id).Update("facts", document[bridge.Fields]{facts}).Error
}
