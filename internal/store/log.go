package store

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"causeway/internal/bridge"
)

// AppendLogs adds lines to the logs of their runs. A line without a time has the present one.
func (s *Store) AppendLogs(ctx context.Context, lines []bridge.LogLine) error {
	if len(lines) == 0 {
		return nil
	}
	err := s.transact(ctx, func(tx *gorm.DB) error {
		rows := make([]logRow, 0, len(lines))
		for _, l := range lines {
			of, err := s.originOf(tx, l.RunID)
			if err != nil {
				return err
			}
			rows = append(rows, s.logRowOf(of, l))
		}
		return insertAll(tx, rows)
	})
	return attempted(err, "write %d log lines", len(lines))
}

// LogFilter chooses log lines of an account. RunID 0 means all runs, LastFailed those in which an enabled tenant failed that has
// had no sync since (R43); TenantID, where given, one tenant. Level means that level and worse. Before is a line's number below
// which the list goes on. Limit 0 means all.
type LogFilter struct {
	AccountID  int64
	RunID      int64
	LastFailed bool
	TenantID   string
	Level      string
	Before     int64
	Limit      int
}

// Logs are the newest lines that the filter chooses, in the order in which they were written.
func (s *Store) Logs(ctx context.Context, filter LogFilter) ([]bridge.LogLine, error) {
	query := s.logsOf(ctx, filter)
	if filter.Before > 0 {
		query = query.Where("id < ?", filter.Before)
	}
	if filter.Limit > 0 {
		query = query.Limit(filter.Limit)
	}
	var rows []logRow
	if err := query.Order("id DESC").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the log of account %d: %w", filter.AccountID, err)
	}
	slices.Reverse(rows)
	return mapped(rows, logRow.logLine), nil
}

// CountLogs tells how many lines the filter chooses. Before and Limit do not count.
func (s *Store) CountLogs(ctx context.Context, filter LogFilter) (int, error) {
	var count int64
	err := s.logsOf(ctx, filter).Model(&logRow{}).Count(&count).Error
	return int(count), attempted(err, "count the log lines of account %d", filter.AccountID)
}

// EachLog gives every line the filter chooses to each, oldest first, holding a few hundred at a time. Before and Limit do not
// count. Each may call the store.
func (s *Store) EachLog(ctx context.Context, filter LogFilter, each func(bridge.LogLine) error) error {
	what := fmt.Sprintf("the log of account %d", filter.AccountID)
	return eachOf(s.logsOf(ctx, filter), what, func(r logRow) (int64, bridge.LogLine) { return r.ID, r.logLine() }, each)
}

func (s *Store) logsOf(ctx context.Context, filter LogFilter) *gorm.DB {
	query := s.reader(ctx).Where("account_id = ?", filter.AccountID)
	if filter.RunID != 0 {
		query = query.Where("run_id = ?", filter.RunID)
	}
	if filter.LastFailed {
		query = query.Where("run_id IN (SELECT t.last_run_id "+tenantsWithMapping+`
			JOIN tenant_runs l ON l.run_id = t.last_run_id AND l.tenant_id = t.id
			WHERE t.account_id = ? AND `+chipConditions[ChipFailed]+")", filter.AccountID)
	}
	if filter.TenantID != "" {
		query = query.Where("tenant_id = ?", clean(filter.TenantID))
	}
	switch bridge.LogLevel(filter.Level) {
	case bridge.LogError:
		query = query.Where("level = 'error'")
	case bridge.LogWarn:
		query = query.Where("level IN ('warn', 'error')")
	case bridge.LogInfo:
	}
	return query
}
