package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"causeway/internal/bridge"
)

// OpenDecisions are the decisions that no run has carried out yet and no facts have overtaken, in the account's present ConnectWise
// company, in the order in which they were made.
func (s *Store) OpenDecisions(ctx context.Context, accountID int64) ([]bridge.Decision, error) {
	var rows []decisionRow
	err := s.ofBinding(ctx, "decisions", accountID).Where("spent_at IS NULL").Order("id").Find(&rows).Error
	return mapped(rows, decisionRow.decision), attempted(err, "list the open decisions of account %d", accountID)
}

// Decided is a decision with what became of it: Spent is zero while it is open.
type Decided struct {
	bridge.Decision
	ChangeID int64
	TenantID string
	Tenant   string // its name now
	Subject  string
	Spent    time.Time
	Outcome  string
}

// DecidedFilter chooses decisions. Before is a decision's number below which the list goes on. Limit 0 means all.
type DecidedFilter struct {
	TenantID string
	OpenOnly bool
	Before   int64
	Offset   int
	Limit    int
}

// Decided lists an account's decisions, newest first, and tells how many there are without Before, Offset and Limit.
func (s *Store) Decided(ctx context.Context, accountID int64, filter DecidedFilter) ([]Decided, int, error) {
	base := s.reader(ctx).Table("decisions AS d").Where("d.account_id = ?", accountID)
	if filter.TenantID != "" {
		base = base.Where("d.tenant_id = ?", clean(filter.TenantID))
	}
	if filter.OpenOnly {
		base = base.Where("d.spent_at IS NULL AND d.binding = (SELECT binding FROM accounts WHERE id = d.account_id)")
	}
	base = base.Session(&gorm.Session{})
	var total int64
	if err := base.Count(&total).Error; err != nil {
		return nil, 0, fmt.Errorf("count the decisions of account %d: %w", accountID, err)
	}
	list := base.Select("d.*, coalesce(t.name, '') AS tenant_name").
		Joins("LEFT JOIN tenants t ON t.account_id = d.account_id AND t.id = d.tenant_id").Order("d.id DESC")
	if filter.Before > 0 {
		list = list.Where("d.id < ?", filter.Before)
	}
	if filter.Limit > 0 {
		list = list.Limit(filter.Limit).Offset(filter.Offset)
	}
	var rows []struct {
		Row        decisionRow `gorm:"embedded"`
		TenantName string
	}
	if err := list.Scan(&rows).Error; err != nil {
		return nil, 0, fmt.Errorf("list the decisions of account %d: %w", accountID, err)
	}
	decided := make([]Decided, len(rows))
	for i, r := range rows {
		decided[i] = Decided{
			Decision: r.Row.decision(), ChangeID: r.Row.ChangeID, TenantID: r.Row.TenantID, Tenant: r.TenantName, Subject: r.Row.Subject,
			Spent: time.Time(r.Row.SpentAt), Outcome: r.Row.Outcome,
		}
	}
	return decided, int(total), nil
}

// DecisionsOn are the open decisions about rows, by the row's number.
func (s *Store) DecisionsOn(ctx context.Context, accountID int64, changeIDs []int64) (map[int64]bridge.Decision, error) {
	found := map[int64]bridge.Decision{}
	for part := range portions(changeIDs) {
		var rows []decisionRow
		err := s.reader(ctx).Find(&rows, "account_id = ? AND change_id IN ? AND spent_at IS NULL", accountID, part).Error
		if err != nil {
			return nil, fmt.Errorf("find the decisions on %d changes of account %d: %w", len(changeIDs), accountID, err)
		}
		for _, r := range rows {
			found[r.ChangeID] = r.decision()
		}
	}
	return found, nil
}

// spend ends decisions with what became of them. One that was spent before keeps its outcome.
func (s *Store) spend(tx *gorm.DB, accountID int64, ids []int64, outcome string) error {
	for part := range portions(ids) {
		err := tx.Exec(`UPDATE decisions SET spent_at = ?, outcome = ? WHERE account_id = ? AND id IN ? AND spent_at IS NULL`,
			stamp(s.clock()), outcome, accountID, part).Error
		if err != nil {
			return fmt.Errorf("note what became of decisions: %w", err)
		}
	}
	return nil
}

// spendOvertaken ends the decisions that a sync's compare found overtaken.
func (s *Store) spendOvertaken(tx *gorm.DB, runID int64, of origin, tenants []PlannedTenant) error {
	var ids []int64
	for _, p := range tenants {
		ids = append(ids, p.Plan.Spent...)
	}
	return s.spend(tx, of.account, ids, fmt.Sprintf("overtaken: run %d found other facts than those decided on", runID))
}

// undecided keeps rows (h) that no open decision answers; the row that comes first in a linked change (R49) answers for its others.
const undecided = `NOT EXISTS (SELECT 1 FROM decisions d WHERE d.change_id = h.id AND d.spent_at IS NULL)
	AND (h.link = '' OR NOT EXISTS (SELECT 1 FROM changes l JOIN decisions d ON d.change_id = l.id AND d.spent_at IS NULL
		WHERE l.run_id = h.run_id AND l.tenant_id = h.tenant_id AND l.link = h.link))`
