package store

import (
	"context"
	"fmt"
	"time"

	"causeway/internal/bridge"
)

// ManagedIDs are ConnectWise's ids of all records of a kind that the account manages in its present ConnectWise company.
func (s *Store) ManagedIDs(ctx context.Context, accountID int64, kind bridge.Kind) (map[int]bool, error) {
	var ids []int
	err := s.ofBinding(ctx, "managed", accountID).Where("kind = ? AND cwm_id <> 0", string(kind)).Pluck("cwm_id", &ids).Error
	if err != nil {
		return nil, fmt.Errorf("list the ids of managed records of account %d: %w", accountID, err)
	}
	out := make(map[int]bool, len(ids))
	for _, id := range ids {
		out[id] = true
	}
	return out, nil
}

// syncedTenants chooses tenants that a sync covers: mapped and enabled in the present binding, and listed by MySonicWall.
const syncedTenants = `
	FROM tenants t
	JOIN accounts a ON a.id = t.account_id
	JOIN mappings m ON m.account_id = t.account_id AND m.binding = a.binding AND m.tenant_id = t.id AND m.enabled
	LEFT JOIN reports r ON r.account_id = t.account_id AND r.tenant_id = t.id
	WHERE t.account_id = ? AND NOT t.missing`

// HalfReadAgreements are the agreements of synchronised tenants that were not read completely since a time: what another tenant
// of theirs lacks may stand with one of those.
func (s *Store) HalfReadAgreements(ctx context.Context, accountID int64, since time.Time) (map[int]bool, error) {
	var ids []int
	err := s.reader(ctx).Raw(`SELECT DISTINCT m.agreement_id`+syncedTenants+`
		AND (r.read_at IS NULL OR r.read_at < ? OR r.error <> '' OR NOT r.complete)`, accountID, stamp(since)).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("find agreements of account %d whose tenants were not read: %w", accountID, err)
	}
	out := make(map[int]bool, len(ids))
	for _, id := range ids {
		out[id] = true
	}
	return out, nil
}

// Companions are the synchronised tenants outside of a run that share an agreement with one of its tenants, or a serial number:
// in their last report, or in a record that is managed for them.
func (s *Store) Companions(ctx context.Context, accountID, runID int64) ([]bridge.Tenant, error) {
	var rows []mappedTenantRow
	err := s.reader(ctx).Raw(`
		WITH inside AS (SELECT tenant_id, agreement_id FROM tenant_runs WHERE run_id = ?),
		serials AS (
			SELECT p.serial FROM products p JOIN inside i ON i.tenant_id = p.tenant_id WHERE p.account_id = ? AND p.serial <> ''
			UNION
			SELECT g.serial FROM managed g JOIN inside i ON i.tenant_id = g.tenant_id WHERE g.account_id = ? AND g.serial <> '')
		SELECT t.id, t.name, t.missing, m.company_id, m.agreement_id, m.enabled`+syncedTenants+`
			AND t.id NOT IN (SELECT tenant_id FROM inside)
			AND (m.agreement_id IN (SELECT agreement_id FROM inside)
				OR t.id IN (SELECT p.tenant_id FROM products p JOIN serials s ON s.serial = p.serial WHERE p.account_id = t.account_id)
				OR t.id IN (SELECT g.tenant_id FROM managed g JOIN serials s ON s.serial = g.serial WHERE g.account_id = t.account_id))
		ORDER BY t.id`, runID, accountID, accountID, accountID).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("find tenants that share an agreement or a serial number with those of run %d: %w", runID, err)
	}
	return mapped(rows, mappedTenantRow.tenant), nil
}
