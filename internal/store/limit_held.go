package store

import (
	"context"

	"causeway/internal/bridge"
)

// LimitHeld are the rows that a limit on what changes at once held in the newest compare of their tenant, by tenant and RecordNeed,
// and of whose batch a person released others: that must not let the rest through below the limit. A batch of which nobody released
// anything is judged anew each time.
func (s *Store) LimitHeld(ctx context.Context, accountID int64) (map[string]map[string]bridge.Reason, error) {
	var rows []changeRow
	err := s.reader(ctx).Raw(`
		SELECT h.tenant_id, h.kind, h.parent_id, h.natural_key, h.reason FROM tenants t
		JOIN accounts a ON a.id = t.account_id
		JOIN changes h ON h.account_id = t.account_id AND h.binding = a.binding AND h.run_id = t.planned_run_id AND h.tenant_id = t.id
		WHERE t.account_id = ? AND h.status = 'held' AND h.reason IN (?, ?)
			AND EXISTS (SELECT 1 FROM decisions d
				JOIN changes x ON x.id = d.change_id
				JOIN changes y ON y.run_id = x.run_id AND y.tenant_id = h.tenant_id AND y.kind = h.kind AND y.parent_id = h.parent_id
					AND y.natural_key = h.natural_key AND y.reason = h.reason
				WHERE d.account_id = h.account_id AND d.binding = h.binding AND d.tenant_id = h.tenant_id AND d.choice = ? AND d.reason = h.reason)`,
		accountID, string(bridge.ReasonShare), string(bridge.ReasonNewAdditions), string(bridge.ChoiceRelease)).Scan(&rows).Error
	held := map[string]map[string]bridge.Reason{}
	for _, r := range rows {
		if held[r.TenantID] == nil {
			held[r.TenantID] = map[string]bridge.Reason{}
		}
		held[r.TenantID][bridge.RecordNeed(bridge.Kind(r.Kind), r.ParentID, r.NaturalKey)] = bridge.Reason(r.Reason)
	}
	return held, attempted(err, "list what limits hold in account %d", accountID)
}
