package views

import (
	"net/url"
	"time"

	"causeway/views/components"
)

// HeldPage lists what a safety rule stopped, with the reason. Touching the next
// invoice first, then oldest.
type HeldPage struct {
	Account string
	Now     time.Time
	Zone    *time.Location
	Invoice int  // how many touch the next invoice
	Only    bool // filter=invoice: only those
	All     int
	Page    int
	Total   int // that match the filter
	Items   []HeldChange
}

// HeldChange is one held change.
type HeldChange struct {
	Reason   string // as a title: "Quantity would become 0"
	TenantID string
	Tenant   string
	RunID    string
	Since    time.Time
	Effect   string // on the next invoice; empty for none
	Change   Change
}

func (p HeldPage) url(only bool, page int) string {
	v := url.Values{}
	if only {
		v.Set("filter", "invoice")
	}
	setInt(v, "page", page, 1)
	return withQuery(HeldURL(p.Account), v)
}

func (p HeldPage) chips() []components.Chip {
	return []components.Chip{
		{ID: "all", Label: "Held", Count: Number(p.All), Active: !p.Only, URL: p.url(false, 0)},
		{ID: "invoice", Label: "Touches the next invoice", Count: Number(p.Invoice), Active: p.Only, URL: p.url(true, 0)},
	}
}

func (p HeldPage) pager() components.Pager {
	out := pager(max(1, p.Page), DefaultPageLength, p.Total, func(page, _ int) string { return p.url(p.Only, page) })
	out.Sizes = nil
	return out
}
