package store

import (
	"context"
	"fmt"

	"causeway/internal/bridge"
)

// reportedSerials are the serials of billable products that enabled tenants report, each once for a tenant. A product that a report
// itself calls deleted or transferred is not counted: after a move the tombstone stays with the old tenant. It takes the account's
// id and both words.
const reportedSerials = `
	SELECT DISTINCT p.account_id, p.serial, p.tenant_id
	FROM products p
	JOIN accounts a ON a.id = p.account_id
	JOIN tenants t ON t.account_id = p.account_id AND t.id = p.tenant_id AND NOT t.missing
	JOIN mappings m ON m.account_id = p.account_id AND m.binding = a.binding AND m.tenant_id = p.tenant_id AND m.enabled
	WHERE p.account_id = ? AND p.serial <> '' AND p.billable AND p.status NOT IN (?, ?)`

// SerialHolders maps serials to the ids of the enabled tenants that report them as billable products, for those that may have moved
// (R49) or stand twice: reported by several, or with an addition or configuration of ours that belongs to another tenant.
func (s *Store) SerialHolders(ctx context.Context, accountID int64) (map[string][]string, error) {
	var rows []struct{ Serial, TenantID string }
	err := s.reader(ctx).Raw(`WITH listed AS (`+reportedSerials+`)
		SELECT serial, tenant_id FROM listed
		WHERE serial IN (SELECT serial FROM listed GROUP BY serial HAVING count(*) > 1)
			OR EXISTS (SELECT 1 FROM managed x JOIN accounts a ON a.id = x.account_id AND a.binding = x.binding
				WHERE x.account_id = listed.account_id AND x.serial = listed.serial AND x.serial <> ''
					AND x.kind IN ('addition', 'configuration') AND x.tenant_id <> listed.tenant_id)
		ORDER BY serial, tenant_id`, accountID, string(bridge.ProductDeleted), string(bridge.ProductTransferred)).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("find serials that several tenants of account %d hold: %w", accountID, err)
	}
	holders := map[string][]string{}
	for _, r := range rows {
		holders[r.Serial] = append(holders[r.Serial], r.TenantID)
	}
	return holders, nil
}
