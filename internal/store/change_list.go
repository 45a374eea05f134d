package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"causeway/internal/bridge"
)

// Values of ChangeFilter.Touches. What failed or was skipped touches nothing.
const (
	TouchesInvoice = "invoice" // the agreement's next invoice
	TouchesEnds    = "ends"    // a record is cancelled or closed
	TouchesZero    = "zero"    // a new addition that bills 0.00, unless it is held
)

// ChangeFilter chooses changes of an account. RunID 0 means all runs except previews. TenantID nil means all, the empty text the
// shared records. Query is looked for in subject, key and serial, with OfTenants also in the tenant's name and id. Before is a change's number below which the list goes on.
// Limit 0 means all.
type ChangeFilter struct {
	AccountID int64
	RunID     int64
	TenantID  *string
	Kinds     []string
	Actions   []string
	Statuses  []string
	Query     string
	OfTenants bool
	Before    int64
	Offset    int
	Limit     int
	Touches   string
	// TenantIDs, where given, are the tenants whose changes are meant, the empty text being the shared records.
	TenantIDs []string
	// Since and Until bound the start of the run; a zero one is open.
	Since, Until time.Time
}

// Changes lists changes and tells how many there are without Before, Offset and Limit: those of one run in the order of its plan,
// those of all runs newest first.
func (s *Store) Changes(ctx context.Context, filter ChangeFilter) ([]bridge.Change, int, error) {
	base := s.changesOf(ctx, filter).Session(&gorm.Session{})
	var total int64
	if err := base.Count(&total).Error; err != nil {
		return nil, 0, fmt.Errorf("count changes of account %d: %w", filter.AccountID, err)
	}
	list := base
	if filter.RunID != 0 {
		list = list.Order("id")
	} else {
		list = list.Order("id DESC")
	}
	if filter.Before > 0 {
		list = list.Where("id < ?", filter.Before)
	}
	if filter.Limit > 0 {
		list = list.Limit(filter.Limit).Offset(filter.Offset)
	}
	var rows []changeRow
	if err := list.Find(&rows).Error; err != nil {
		return nil, 0, fmt.Errorf("list changes of account %d: %w", filter.AccountID, err)
	}
	return mapped(rows, changeRow.change), int(total), nil
}

func (s *Store) changesOf(ctx context.Context, filter ChangeFilter) *gorm.DB {
	query := s.reader(ctx).Model(&changeRow{}).Where("account_id = ?", filter.AccountID)
	if filter.RunID != 0 {
		query = query.Where("run_id = ?", filter.RunID)
	} else {
		query = query.Where("NOT preview")
	}
	if filter.TenantID != nil {
		query = query.Where("tenant_id = ?", clean(*filter.TenantID))
	}
	if filter.TenantIDs != nil {
		query = query.Where("tenant_id IN ?", mapped(filter.TenantIDs, clean))
	}
	if !filter.Since.IsZero() || !filter.Until.IsZero() {
		condition, args := between(filter.Since, filter.Until)
		query = query.Where(condition, args...)
	}
	for column, values := range map[string][]string{"kind": filter.Kinds, "action": filter.Actions, "status": filter.Statuses} {
		if len(values) > 0 {
			query = query.Where(column+" IN ?", values)
		}
	}
	if pattern := likePattern(filter.Query); filter.Query != "" && filter.OfTenants {
		query = query.Where(`(search LIKE ? ESCAPE '\' OR tenant_id IN (
			SELECT t.tenant_id FROM tenant_runs t WHERE t.run_id = changes.run_id AND t.search LIKE ? ESCAPE '\'))`, pattern, pattern)
	} else if filter.Query != "" {
		query = query.Where(`search LIKE ? ESCAPE '\'`, pattern)
	}
	if condition, known := touchConditions[filter.Touches]; known {
		query = query.Where(condition)
	}
	return query
}

var touchConditions = map[string]string{
	TouchesInvoice: "next_invoice <> '' AND status NOT IN ('failed', 'skipped')",
	TouchesEnds:    "action IN ('cancel', 'deactivate') AND status NOT IN ('failed', 'skipped')",
	TouchesZero:    "bills_zero AND status NOT IN ('failed', 'skipped', 'held')",
}

// Change finds one change of an account.
func (s *Store) Change(ctx context.Context, accountID, id int64) (bridge.Change, error) {
	var row changeRow
	err := s.reader(ctx).Take(&row, "account_id = ? AND id = ?", accountID, id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return bridge.Change{}, notFound("There is no change with the number %d.", id)
	}
	return row.change(), attempted(err, "read change %d", id)
}

// EachChange gives every change the filter chooses to each, oldest first, holding a few hundred at a time. Before, Offset and
// Limit do not count. Each may call the store.
func (s *Store) EachChange(ctx context.Context, filter ChangeFilter, each func(bridge.Change) error) error {
	what := fmt.Sprintf("changes of account %d", filter.AccountID)
	return eachOf(s.changesOf(ctx, filter), what, func(r changeRow) (int64, bridge.Change) { return r.ID, r.change() }, each)
}

// decidesAlone leaves out the end of a linked change (R49, alias h): the row that it waits for decides for both, so a person has one
// thing to do.
const decidesAlone = `NOT (h.link <> '' AND h.action IN ('cancel', 'deactivate') AND EXISTS (SELECT 1 FROM changes l
	WHERE l.run_id = h.run_id AND l.tenant_id = h.tenant_id AND l.link = h.link AND l.status = 'held' AND l.action NOT IN ('cancel', 'deactivate')))`

// heldNow are the ids and accounts of changes that wait for a person: those of the newest sync that compared each tenant, and of
// shared records those of the newest sync. What was decided waits for the next run instead. It takes the accounts' ids three times.
const heldNow = `
SELECT h.id, h.account_id FROM tenants t
JOIN changes h ON h.account_id = t.account_id AND h.run_id = t.planned_run_id AND h.tenant_id = t.id AND h.status = 'held'
WHERE t.account_id IN ? AND ` + undecided + `
UNION ALL
SELECT id, account_id FROM changes
WHERE account_id IN ? AND tenant_id = '' AND status = 'held' AND run_id IN (
	SELECT max(id) FROM runs WHERE account_id IN ? AND kind = 'sync' AND status <> 'missed' GROUP BY account_id)`

// HeldChanges are an account's changes that wait for a person, those that touch an invoice first, then the oldest.
func (s *Store) HeldChanges(ctx context.Context, accountID int64) ([]bridge.Change, error) {
	account := []int64{accountID}
	var rows []changeRow
	err := s.reader(ctx).Where(`id IN (SELECT id FROM (`+heldNow+`) AS h)`, account, account, account).
		Order("CASE WHEN next_invoice = '' THEN 1 ELSE 0 END, id").Find(&rows).Error
	return mapped(rows, changeRow.change), attempted(err, "list the held changes of account %d", accountID)
}

// ChangeSums are counts of a run's changes from several sides.
type ChangeSums struct {
	Total    int
	ByKind   map[bridge.Kind]int
	ByAction map[bridge.Action]int
	ByStatus map[bridge.Status]int
	Invoice  int // that touch the agreement's next invoice
	Ends     int // that cancel or close
	Zero     int // new additions that bill 0.00
	Tenants  int // with at least one change
	// Paired are the ends that a page shows in one row with the new record that they wait for (R49), of those that are counted above.
	Paired     map[bridge.Kind]int
	PairedHeld int
}

// paired are ends of linked changes whose other half is a row of the same run.
const paired = `link <> '' AND action IN ('cancel', 'deactivate') AND EXISTS (SELECT 1 FROM changes l
	WHERE l.run_id = changes.run_id AND l.tenant_id = changes.tenant_id AND l.link = changes.link AND l.action NOT IN ('cancel', 'deactivate'))`

// ChangeCounts counts the changes of a run, of one tenant or, with the empty text, of all and the shared records.
func (s *Store) ChangeCounts(ctx context.Context, runID int64, tenantID string) (ChangeSums, error) {
	var groups []struct {
		Kind                       bridge.Kind
		Action                     bridge.Action
		Status                     bridge.Status
		Count, Invoice, Ends, Zero int
		Paired                     int
	}
	base := s.reader(ctx).Model(&changeRow{}).Where("run_id = ?", runID)
	if tenantID != "" {
		base = base.Where("tenant_id = ?", clean(tenantID))
	}
	base = base.Session(&gorm.Session{})
	err := base.Select(`kind, action, status, count(*) AS count,
		count(CASE WHEN ` + touchConditions[TouchesInvoice] + ` THEN 1 END) AS invoice,
		count(CASE WHEN ` + touchConditions[TouchesEnds] + ` THEN 1 END) AS ends,
		count(CASE WHEN ` + touchConditions[TouchesZero] + ` THEN 1 END) AS zero,
		count(CASE WHEN ` + paired + ` THEN 1 END) AS paired`).
		Group("kind, action, status").Scan(&groups).Error
	if err != nil {
		return ChangeSums{}, fmt.Errorf("count the changes of run %d: %w", runID, err)
	}
	sums := ChangeSums{ByKind: map[bridge.Kind]int{}, ByAction: map[bridge.Action]int{}, ByStatus: map[bridge.Status]int{}, Paired: map[bridge.Kind]int{}}
	for _, g := range groups {
		sums.Total += g.Count
		sums.ByKind[g.Kind] += g.Count
		sums.ByAction[g.Action] += g.Count
		sums.ByStatus[g.Status] += g.Count
		sums.Invoice += g.Invoice
		sums.Ends += g.Ends
		sums.Zero += g.Zero
		sums.Paired[g.Kind] += g.Paired
		if g.Status == bridge.StatusHeld {
			sums.PairedHeld += g.Paired
		}
	}
	err = base.Where("tenant_id <> ''").Select("count(DISTINCT tenant_id)").Scan(&sums.Tenants).Error
	return sums, attempted(err, "count the tenants with changes in run %d", runID)
}

// RefusedChanges are the lines that ConnectWise refused for their date in the newest compare of their tenant, where it would take
// another and nobody has decided on that yet, the oldest first.
func (s *Store) RefusedChanges(ctx context.Context, accountID int64) ([]bridge.Change, error) {
	var rows []changeRow
	err := s.reader(ctx).Raw(`
		SELECT h.* FROM tenants t
		JOIN accounts a ON a.id = t.account_id
		JOIN changes h ON h.account_id = t.account_id AND h.binding = a.binding AND h.run_id = t.planned_run_id AND h.tenant_id = t.id
		WHERE t.account_id = ? AND h.status = 'failed' AND h.reason = ? AND h.bill_from <> '' AND `+undecided+` ORDER BY h.id`,
		accountID, string(bridge.ReasonRejected)).Scan(&rows).Error
	return mapped(rows, changeRow.change), attempted(err, "list what ConnectWise refused for its date in account %d", accountID)
}
