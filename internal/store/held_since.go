package store

import (
	"context"
	"fmt"
	"time"
)

// HeldSince tells for held changes, by their number, when a run first held the same record for the same reason: a row is planned anew
// by each run, and a person wants to know how long it has waited. A run in which the tenant was compared without that row begins anew;
// one that did not come to the tenant says nothing.
func (s *Store) HeldSince(ctx context.Context, accountID int64, changeIDs []int64) (map[int64]time.Time, error) {
	since := make(map[int64]time.Time, len(changeIDs))
	for part := range portions(changeIDs) {
		var rows []struct {
			ID      int64
			Started stamp
		}
		err := s.reader(ctx).Raw(`
			SELECT h.id, min(r.started_at) AS started
			FROM changes h
			JOIN changes o ON o.account_id = h.account_id AND o.serial = h.serial AND o.binding = h.binding AND o.kind = h.kind
				AND o.natural_key = h.natural_key AND o.tenant_id = h.tenant_id AND o.reason = h.reason AND o.status = 'held' AND NOT o.preview
			JOIN runs r ON r.id = o.run_id
			WHERE h.account_id = ? AND h.id IN ? AND o.run_id > coalesce((
				SELECT max(t.run_id) FROM tenant_runs t JOIN runs q ON q.id = t.run_id AND q.kind = 'sync'
				WHERE t.account_id = h.account_id AND t.tenant_id = h.tenant_id AND t.run_id < h.run_id AND t.status IN ('synced', 'unchanged', 'held')
					AND NOT EXISTS (SELECT 1 FROM changes x WHERE x.run_id = t.run_id AND x.tenant_id = t.tenant_id AND x.kind = h.kind
						AND x.natural_key = h.natural_key AND x.reason = h.reason AND x.status = 'held')), 0)
			GROUP BY h.id`, accountID, part).Scan(&rows).Error
		if err != nil {
			return nil, fmt.Errorf("find out since when %d changes of account %d are held: %w", len(changeIDs), accountID, err)
		}
		for _, r := range rows {
			since[r.ID] = time.Time(r.Started)
		}
	}
	return since, nil
}
