package store

import (
	"context"

	"causeway/internal/bridge"
)

// LimitHeld are the rows that a limit on what changes at once held in the newest compare of their tenant, by tenant and RecordNeed.
// They wait for a person also once the rest of their batch was decided.
func (s *Store) LimitHeld(ctx context.Context, accountID int64) (map[string]map[string]bridge.Reason, error) {
	var rows []changeRow
	err := s.reader(ctx).Raw(`
		SELECT h.tenant_id, h.kind, h.parent_id, h.natural_key, h.reason FROM tenants t
		JOIN accounts a ON a.id = t.account_id
		JOIN changes h ON h.account_id = t.account_id AND h.binding = a.binding AND h.run_id = t.planned_run_id AND h.tenant_id = t.id
		WHERE t.account_id = ? AND h.status = 'held' AND h.reason IN (?, ?)`,
		accountID, string(bridge.ReasonShare), string(bridge.ReasonNewAdditions)).Scan(&rows).Error
	held := map[string]map[string]bridge.Reason{}
	for _, r := range rows {
		if held[r.TenantID] == nil {
			held[r.TenantID] = map[string]bridge.Reason{}
		}
		held[r.TenantID][bridge.RecordNeed(bridge.Kind(r.Kind), r.ParentID, r.NaturalKey)] = bridge.Reason(r.Reason)
	}
	return held, attempted(err, "list what limits hold in account %d", accountID)
}
