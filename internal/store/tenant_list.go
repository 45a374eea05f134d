package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"causeway/internal/bridge"
)

// Chips of the list of tenants.
const (
	ChipUnmapped        = "unmapped"
	ChipEnabled         = "enabled"
	ChipFailed          = "failed" // enabled, and its last sync failed
	ChipHeld            = "held"
	ChipMissing         = "missing"
	ChipFrozen          = "frozen"           // R53
	ChipInactiveCompany = "inactive-company" // alerts get no ticket (R12)
)

// TenantRow is a tenant with its last sync, nil when it never had one, and how many of its changes wait for a person. EndingBy asked
// for the end of its billing on the local day EndingSince, and no run has ended it yet; empty and zero otherwise.
type TenantRow struct {
	bridge.Tenant
	LastRun     *bridge.TenantRun
	HeldChanges int
	OpenLines   int // additions of ours that still run
	EndingBy    string
	EndingSince bridge.Date
	SeenAt      time.Time // when MySonicWall last listed it
}

// TenantFilter chooses tenants. Query is looked for in names and ids. Chip is one of the Chip constants. Sort is name, company,
// ended (of the last sync, newest first) or status (what needs a person first); a leading - turns it round. Limit 0 means all.
type TenantFilter struct {
	Query       string
	Chip        string
	Sort        string
	Offset      int
	Limit       int
	IDs         []string
	EnabledOnly bool
}

// tenantList joins tenants with everything their list is filtered and sorted by: mapping (m), last sync (l), company (c).
const tenantList = tenantsWithMapping + `
LEFT JOIN tenant_runs l ON l.run_id = t.last_run_id AND l.tenant_id = t.id
LEFT JOIN companies c ON c.account_id = t.account_id AND c.binding = a.binding AND c.id = m.company_id
WHERE t.account_id = ?`

// heldOfTenant are the changes of a tenant (t) that wait for a person.
const heldOfTenant = `FROM changes h WHERE h.account_id = t.account_id AND h.run_id = t.planned_run_id AND h.tenant_id = t.id AND h.status = 'held'
	AND ` + undecided + ` AND ` + decidesAlone

var chipConditions = map[string]string{
	ChipUnmapped: "(coalesce(m.company_id, 0) = 0 OR coalesce(m.agreement_id, 0) = 0)",
	ChipEnabled:  "coalesce(m.enabled, FALSE)",
	ChipFailed:   "(coalesce(m.enabled, FALSE) AND l.status = 'failed')",
	ChipHeld:     "EXISTS (SELECT 1 " + heldOfTenant + ")",
	ChipMissing:  "t.missing",
	ChipFrozen:   "t.frozen_since <> ''",
}

var tenantOrders = map[string]string{
	"name":    "t.search",
	"company": "lower(coalesce(c.name, '')), t.search",
	"ended":   "coalesce(l.run_id, 0) DESC, t.search",
	"status": `CASE l.status WHEN 'failed' THEN 0 WHEN 'held' THEN 1 WHEN 'skipped' THEN 2 WHEN 'synced' THEN 3
		WHEN 'unchanged' THEN 4 ELSE 5 END, t.search`,
}

var tenantOrdersTurned = map[string]string{
	"name":    "t.search DESC",
	"company": "lower(coalesce(c.name, '')) DESC, t.search",
	"ended":   "coalesce(l.run_id, 0), t.search",
	"status": `CASE l.status WHEN 'failed' THEN 0 WHEN 'held' THEN 1 WHEN 'skipped' THEN 2 WHEN 'synced' THEN 3
		WHEN 'unchanged' THEN 4 ELSE 5 END DESC, t.search`,
}

// Tenants lists an account's tenants, with how many the filter found, and for each chip how many of the query's tenants it has.
func (s *Store) Tenants(ctx context.Context, accountID int64, filter TenantFilter) (rows []TenantRow, total int, chips map[string]int, err error) {
	err = s.reader(ctx).Transaction(func(tx *gorm.DB) error {
		account, err := accountNow(tx, accountID)
		if err != nil {
			return err
		}
		active := activeStatuses(account)
		where, args := tenantConditions(accountID, filter)
		if chips, err = countChips(tx, where, args, active); err != nil {
			return err
		}
		where, args = chosenChip(where, args, filter.Chip, active)
		if err := tx.Raw("SELECT count(*) "+where, args...).Scan(&total).Error; err != nil {
			return err
		}
		rows, err = readTenantList(tx, where, args, filter, account.localDate(s.clock()))
		return err
	}, repeatable)
	if err != nil {
		return nil, 0, nil, attempted(err, "list the tenants of account %d", accountID)
	}
	return rows, total, chips, nil
}

// activeStatuses are the company statuses that count as active, as written and folded.
func activeStatuses(account accountRow) []string {
	statuses := account.Options.V.ActiveStatuses
	if len(statuses) == 0 {
		statuses = []string{"Active"}
	}
	both := make([]string, 0, 2*len(statuses))
	for _, status := range statuses {
		status = strings.TrimSpace(clean(status))
		both = append(both, status, strings.ToLower(status))
	}
	return both
}

func tenantConditions(accountID int64, filter TenantFilter) (where string, args []any) {
	where, args = tenantList, []any{accountID}
	if filter.Query != "" {
		where += ` AND (t.search LIKE ? ESCAPE '\' OR lower(c.name) LIKE ? ESCAPE '\')`
		args = append(args, likePattern(filter.Query), likePattern(filter.Query))
	}
	if filter.IDs != nil {
		where += ` AND t.id IN ?`
		args = append(args, mapped(filter.IDs, clean))
	}
	if filter.EnabledOnly {
		where += ` AND m.enabled`
	}
	return where, args
}

// inactiveCompany needs the active statuses as its argument, twice: SQLite folds ASCII only, so others are compared as they are.
const inactiveCompany = "(c.id IS NOT NULL AND (c.deleted OR NOT (lower(trim(c.status)) IN ? OR trim(c.status) IN ?)))"

func chosenChip(where string, args []any, chip string, active []string) (string, []any) {
	if chip == ChipInactiveCompany {
		return where + " AND " + inactiveCompany, append(args, active, active)
	}
	if condition, known := chipConditions[chip]; known {
		where += " AND " + condition
	}
	return where, args
}

func countChips(tx *gorm.DB, where string, args []any, active []string) (map[string]int, error) {
	var sums struct{ Unmapped, Enabled, Failed, Held, Missing, Frozen, Inactive int }
	count := func(condition string) string { return "count(CASE WHEN " + condition + " THEN 1 END) AS " }
	query := "SELECT " + count(chipConditions[ChipUnmapped]) + "unmapped, " + count(chipConditions[ChipEnabled]) + "enabled, " +
		count(chipConditions[ChipFailed]) + "failed, " + count(chipConditions[ChipHeld]) + "held, " +
		count(chipConditions[ChipMissing]) + "missing, " + count(chipConditions[ChipFrozen]) + "frozen, " + count(inactiveCompany) + "inactive " + where
	if err := tx.Raw(query, append([]any{active, active}, args...)...).Scan(&sums).Error; err != nil {
		return nil, err
	}
	return map[string]int{
		ChipUnmapped: sums.Unmapped, ChipEnabled: sums.Enabled, ChipFailed: sums.Failed,
		ChipHeld: sums.Held, ChipMissing: sums.Missing, ChipFrozen: sums.Frozen, ChipInactiveCompany: sums.Inactive,
	}, nil
}

func readTenantList(tx *gorm.DB, where string, args []any, filter TenantFilter, today bridge.Date) ([]TenantRow, error) {
	orders, sort := tenantOrders, filter.Sort
	if turned, ok := strings.CutPrefix(sort, "-"); ok {
		orders, sort = tenantOrdersTurned, turned
	}
	order, known := orders[sort]
	if !known {
		order = tenantOrders["name"]
	}
	query := `SELECT ` + tenantColumns + `, (SELECT count(*) ` + heldOfTenant + `) AS held, ` + openLines + ` AS open_lines,
		t.ending_by, t.ending_since, t.seen_at ` + where + ` ORDER BY ` + order
	if filter.Limit > 0 {
		query += fmt.Sprintf(" LIMIT %d OFFSET %d", filter.Limit, max(filter.Offset, 0))
	}
	var found []tenantListRow
	if err := tx.Raw(query, append([]any{day(today)}, args...)...).Scan(&found).Error; err != nil {
		return nil, err
	}
	last, err := lastTenantRuns(tx, args[0], mapped(found, func(r tenantListRow) string { return r.Row.ID }))
	return mapped(found, func(r tenantListRow) TenantRow {
		return TenantRow{Tenant: r.Row.tenant(), LastRun: last[r.Row.ID], HeldChanges: r.Held, OpenLines: r.OpenLines,
			EndingBy: r.EndingBy, EndingSince: bridge.Date(r.EndingSince), SeenAt: time.Time(r.SeenAt)}
	}), err
}

type tenantListRow struct {
	Row         mappedTenantRow `gorm:"embedded"`
	Held        int
	OpenLines   int
	EndingBy    string
	EndingSince day
	SeenAt      stamp
}

func lastTenantRuns(tx *gorm.DB, accountID any, ids []string) (map[string]*bridge.TenantRun, error) {
	last := make(map[string]*bridge.TenantRun, len(ids))
	for part := range portions(ids) {
		var rows []tenantRunRow
		err := tx.Raw(`
			SELECT l.* FROM tenants t JOIN tenant_runs l ON l.run_id = t.last_run_id AND l.tenant_id = t.id
			WHERE t.account_id = ? AND t.id IN ?`, accountID, part).Scan(&rows).Error
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			last[r.TenantID] = new(r.tenantRun())
		}
	}
	return last, nil
}
