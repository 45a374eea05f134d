package views

import (
	"net/url"
	"time"

	"causeway/views/components"
)

// ChangesQuery is the whole view of the changes of all runs.
type ChangesQuery struct {
	Tenant, Kind, Action, Status string // exact values; empty is any
	Q                            string // product or serial
	From, To                     string // YYYY-MM-DD in the account's zone
	Page, Per                    int
}

// URL is the address of the view.
func (q ChangesQuery) URL(account string) string {
	v := url.Values{}
	set(v, "tenant", q.Tenant)
	set(v, "kind", q.Kind)
	set(v, "action", q.Action)
	set(v, "status", q.Status)
	set(v, "q", q.Q)
	set(v, "from", q.From)
	set(v, "to", q.To)
	setInt(v, "page", q.Page, 1)
	setInt(v, "per", q.Per, DefaultPageLength)
	return withQuery(ChangesURL(account), v)
}

// ChangesPage lists every change ever made or tried for an account.
type ChangesPage struct {
	Account string
	Now     time.Time
	Zone    *time.Location
	Query   ChangesQuery
	Tenants []Option
	Kinds   []Option
	Actions []Option
	States  []Option
	Rows    []ChangeRow
	Total   int
	Problem string // a date that could not be read
}

// ChangeRow is one change with its run.
type ChangeRow struct {
	At       time.Time
	RunID    string
	TenantID string
	Tenant   string // empty for shared records
	Change   Change
}

func (q ChangesQuery) empty() bool {
	q.Page, q.Per = 0, 0
	return q == ChangesQuery{}
}

func (p ChangesPage) pager() components.Pager {
	per := p.Query.Per
	if per <= 0 {
		per = DefaultPageLength
	}
	return pager(max(1, p.Query.Page), per, p.Total, func(page, per int) string {
		q := p.Query
		q.Page, q.Per = page, per
		return q.URL(p.Account)
	})
}

// row adds to a change where it belongs and when it happened.
func (p ChangesPage) row(r ChangeRow) Change {
	c := r.Change
	c.Tenant = Link{Text: "Run " + r.RunID, URL: RunURL(p.Account, r.RunID)}
	if r.TenantID != "" {
		c.Tenant = Link{Text: r.Tenant + ", run " + r.RunID, URL: RunTenantURL(p.Account, r.RunID, r.TenantID)}
	}
	c.When = MomentSeconds(r.At, p.Now, p.Zone)
	return c
}
