package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"causeway/internal/bridge"
)

type tenantRow struct {
	AccountID    int64  `gorm:"primaryKey"`
	ID           string `gorm:"primaryKey"`
	Name         string
	Search       string
	Missing      bool
	FirstSeenAt  stamp
	SeenAt       stamp
	LastRunID    *int64
	PlannedRunID *int64
	FrozenSince  day
	FrozenReason string
	EndingBy     string
	EndingSince  day
}

func (tenantRow) TableName() string { return "tenants" }

type mappingRow struct {
	AccountID   int64  `gorm:"primaryKey"`
	Binding     int    `gorm:"primaryKey"`
	TenantID    string `gorm:"primaryKey"`
	CompanyID   int
	AgreementID int
	Enabled     bool
	ChangedBy   string
	ChangedAt   stamp
}

func (mappingRow) TableName() string { return "mappings" }

// SaveTenants takes the whole list of tenants that MySonicWall shows. One that is no longer there becomes missing and keeps its
// mapping; one that comes back is no longer missing. Added, renamed and missing count what this list changed.
func (s *Store) SaveTenants(ctx context.Context, accountID int64, tenants []bridge.Tenant, at time.Time) (added, renamed, missing int, err error) {
	err = s.transact(ctx, func(tx *gorm.DB) error {
		account, err := lockLive(tx, accountID)
		if err != nil {
			return err
		}
		var rows []tenantRow
		if err := tx.Find(&rows, "account_id = ?", accountID).Error; err != nil {
			return err
		}
		known := make(map[string]tenantRow, len(rows))
		for _, r := range rows {
			known[r.ID] = r
		}
		var changed []string
		upserts := make([]tenantRow, 0, len(tenants))
		for _, t := range tenants {
			row := tenantRow{
				AccountID: accountID, ID: clean(t.ID), Name: clean(t.Name), Search: fold(t.Name, t.ID),
				FirstSeenAt: stamp(at), SeenAt: stamp(at),
			}
			before, found := known[row.ID]
			delete(known, row.ID)
			switch {
			case !found:
				added++
			case before.Name != row.Name:
				renamed++
			}
			if before.Missing {
				changed = append(changed, row.ID)
			}
			upserts = append(upserts, row)
		}
		absent := newlyAbsent(known)
		if err := freezeListed(tx, accountID, changed, absent, account.localDate(at)); err != nil {
			return err
		}
		if err := upsertTenants(tx, upserts); err != nil {
			return err
		}
		missing = len(absent)
		return markMissing(tx, accountID, absent)
	})
	return added, renamed, missing, attempted(err, "store the tenants of account %d", accountID)
}

func upsertTenants(tx *gorm.DB, rows []tenantRow) error {
	return insertAll(tx.Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "account_id"}, {Name: "id"}},
		DoUpdates: clause.AssignmentColumns([]string{"name", "search", "missing", "seen_at"}),
	}).Session(&gorm.Session{}), rows)
}

// newlyAbsent are the ids of tenants that a list lacks and that were not missing before.
func newlyAbsent(absent map[string]tenantRow) []string {
	var ids []string
	for id, row := range absent {
		if !row.Missing {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

func markMissing(tx *gorm.DB, accountID int64, ids []string) error {
	for part := range portions(ids) {
		err := tx.Model(&tenantRow{}).Where("account_id = ? AND id IN ?", accountID, part).Update("missing", true).Error
		if err != nil {
			return err
		}
	}
	return nil
}

// mappedTenantRow is a tenant with its mapping in the account's present ConnectWise company.
type mappedTenantRow struct {
	ID           string
	Name         string
	Missing      bool
	CompanyID    int
	AgreementID  int
	Enabled      bool
	Ending       bool
	FrozenSince  day
	FrozenReason string
}

func (r mappedTenantRow) tenant() bridge.Tenant {
	return bridge.Tenant{
		ID: r.ID, Name: r.Name, Missing: r.Missing, Ending: r.Ending,
		Frozen:  bridge.Frozen{Since: bridge.Date(r.FrozenSince), Reason: r.FrozenReason},
		Mapping: bridge.Mapping{CompanyID: r.CompanyID, AgreementID: r.AgreementID, Enabled: r.Enabled},
	}
}

// tenantsWithMapping joins an account's tenants (t) with their mappings (m) in its present ConnectWise company.
const tenantsWithMapping = `
FROM tenants t
JOIN accounts a ON a.id = t.account_id
LEFT JOIN mappings m ON m.account_id = t.account_id AND m.binding = a.binding AND m.tenant_id = t.id`

const tenantColumns = `t.id, t.name, t.missing, coalesce(m.company_id, 0) AS company_id,
	coalesce(m.agreement_id, 0) AS agreement_id, coalesce(m.enabled, FALSE) AS enabled,
	t.frozen_since, t.frozen_reason, t.ending_since <> '' AS ending`

// EnabledTenants are those a run covers (R18): enabled, mapped and not missing, by id. Of ids, those that are not enabled are
// left out; nil means all.
func (s *Store) EnabledTenants(ctx context.Context, accountID int64, ids []string) ([]bridge.Tenant, error) {
	return s.tenantsWhere(ctx, accountID, ids, syncedTenant)
}

// SyncableTenants are the enabled tenants and those whose billing a person wants ended (R53), whatever their mapping. Ids as for
// EnabledTenants.
func (s *Store) SyncableTenants(ctx context.Context, accountID int64, ids []string) ([]bridge.Tenant, error) {
	return s.tenantsWhere(ctx, accountID, ids, `(`+syncedTenant+` OR t.ending_since <> '')`)
}

const syncedTenant = `m.enabled AND m.company_id <> 0 AND m.agreement_id <> 0 AND NOT t.missing`

func (s *Store) tenantsWhere(ctx context.Context, accountID int64, ids []string, condition string) ([]bridge.Tenant, error) {
	query := `SELECT ` + tenantColumns + tenantsWithMapping + ` WHERE t.account_id = ? AND ` + condition
	read := func(tail string, args ...any) ([]bridge.Tenant, error) {
		var rows []mappedTenantRow
		err := s.reader(ctx).Raw(query+tail+` ORDER BY t.id`, append([]any{accountID}, args...)...).Scan(&rows).Error
		return mapped(rows, mappedTenantRow.tenant), attempted(err, "list the tenants to synchronise of account %d", accountID)
	}
	if ids == nil {
		return read("")
	}
	var all []bridge.Tenant
	for part := range portions(sortedUnique(ids)) {
		tenants, err := read(` AND t.id IN ?`, part)
		if err != nil {
			return nil, err
		}
		all = append(all, tenants...)
	}
	return all, nil
}

// Tenant finds a tenant by MySonicWall's id, else by its exact name where only one has it.
func (s *Store) Tenant(ctx context.Context, accountID int64, idOrName string) (bridge.Tenant, error) {
	idOrName = clean(idOrName)
	var rows []mappedTenantRow
	err := s.reader(ctx).Raw(`SELECT `+tenantColumns+tenantsWithMapping+`
		WHERE t.account_id = ? AND (t.id = ? OR t.name = ?) ORDER BY CASE WHEN t.id = ? THEN 0 ELSE 1 END, t.id LIMIT 3`,
		accountID, idOrName, idOrName, idOrName).Scan(&rows).Error
	switch {
	case err != nil:
		return bridge.Tenant{}, attempted(err, "find tenant %s", idOrName)
	case len(rows) == 0:
		return bridge.Tenant{}, notFound("There is no tenant with the id or name %s.", idOrName)
	case rows[0].ID != idOrName && len(rows) > 1:
		return bridge.Tenant{}, conflict("tenant", "Several tenants are named %s. Use the id, such as %s or %s.", idOrName, rows[0].ID, rows[1].ID)
	}
	return rows[0].tenant(), nil
}

// MappingChange is what a tenant's mapping is to become. Expected, where set, is what the person saw: if it is no longer so,
// nothing is written.
type MappingChange struct {
	TenantID string
	Mapping  bridge.Mapping
	Expected *bridge.Mapping
}

// SaveMappings writes all changes or, with the first that cannot be, none.
func (s *Store) SaveMappings(ctx context.Context, accountID int64, changes []MappingChange, by string) error {
	err := s.transact(ctx, func(tx *gorm.DB) error {
		account, err := lockLive(tx, accountID)
		if err != nil {
			return err
		}
		current, err := mappingsNow(tx, accountID, mapped(changes, func(c MappingChange) string { return clean(c.TenantID) }))
		if err != nil {
			return err
		}
		rows := make(map[string]mappingRow, len(changes))
		for _, c := range changes {
			tenant, found := current[clean(c.TenantID)]
			if err := mayMap(c, tenant, found); err != nil {
				return err
			}
			rows[tenant.ID] = mappingRow{
				AccountID: accountID, Binding: account.Binding, TenantID: tenant.ID,
				CompanyID: c.Mapping.CompanyID, AgreementID: c.Mapping.AgreementID, Enabled: c.Mapping.Enabled,
				ChangedBy: clean(by), ChangedAt: stamp(s.clock()),
			}
		}
		if err := freezeMapped(tx, account, current, rows, s.clock()); err != nil {
			return err
		}
		return insertAll(tx.Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "account_id"}, {Name: "binding"}, {Name: "tenant_id"}},
			DoUpdates: clause.AssignmentColumns([]string{"company_id", "agreement_id", "enabled", "changed_by", "changed_at"}),
		}).Session(&gorm.Session{}), sortedValues(rows))
	})
	return attempted(err, "store the mappings of account %d", accountID)
}

func mappingsNow(tx *gorm.DB, accountID int64, ids []string) (map[string]bridge.Tenant, error) {
	current := make(map[string]bridge.Tenant, len(ids))
	for part := range portions(ids) {
		var rows []mappedTenantRow
		err := tx.Raw(`SELECT `+tenantColumns+tenantsWithMapping+` WHERE t.account_id = ? AND t.id IN ?`, accountID, part).Scan(&rows).Error
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			current[r.ID] = r.tenant()
		}
	}
	return current, nil
}

func mayMap(c MappingChange, tenant bridge.Tenant, found bool) error {
	switch {
	case !found:
		return notFound("There is no tenant with the id %s.", c.TenantID)
	case c.Mapping.Enabled && !c.Mapping.Complete():
		return bridge.Invalid("enabled", "Choose a company and an agreement for "+tenant.Name+" before its sync is switched on.")
	case c.Expected != nil && *c.Expected != tenant.Mapping:
		return conflict("mapping", "Somebody changed the mapping of %s meanwhile. Look at it again before changing it.", tenant.Name)
	}
	return nil
}
