package views

import (
	"net/url"
	"time"

	"causeway/views/components"
)

// PreviewFilter is a chip of the preview, as it stands in the address.
type PreviewFilter string

// The filters. Agreement lines is the zero value, because that is what bills.
const (
	PreviewLines      PreviewFilter = ""
	PreviewEverything PreviewFilter = "everything"
	PreviewEnds       PreviewFilter = "ends"
	PreviewZero       PreviewFilter = "zero"
	PreviewHeld       PreviewFilter = "held"
)

// PreviewQuery is the whole view of the preview. Pages count tenants.
type PreviewQuery struct {
	Q      string
	Filter PreviewFilter
	Tenant string // id: only this tenant
	Page   int
	Ask    bool // shows the question before the sync
}

// URL is the address of the view.
func (q PreviewQuery) URL(account string) string {
	v := url.Values{}
	set(v, "q", q.Q)
	set(v, "filter", string(q.Filter))
	set(v, "tenant", q.Tenant)
	setInt(v, "page", q.Page, 1)
	if q.Ask {
		v.Set("ask", "sync")
	}
	return withQuery(PreviewURL(account), v)
}

func (q PreviewQuery) filtered(f PreviewFilter) PreviewQuery {
	q.Filter, q.Page, q.Ask = f, 0, false
	return q
}

func (q PreviewQuery) paged(page int) PreviewQuery {
	q.Page, q.Ask = page, false
	return q
}

func (q PreviewQuery) asking() PreviewQuery {
	q.Ask = true
	return q
}

// PreviewPage answers: what would tonight do to my invoices?
type PreviewPage struct {
	Account    string
	Now        time.Time
	Zone       *time.Location
	Query      PreviewQuery
	TenantName string // where the query names one
	State      PreviewState
	Problem    string // why there is none, once computing failed
	Answer     string // the call behind that, with the vendor's own answer
	ComputedAt time.Time
	Sums       PreviewSums
	Counts     PreviewCounts
	Groups     []PreviewGroup // tenants of this page
	Total      int            // tenants that match
	Per        int            // tenants per page
	Phases     []Phase        // while it is computed: the first two of a run
	Live       Live
}

// PreviewState is how far the preview is.
type PreviewState string

// The states. None: nothing was computed yet.
const (
	PreviewNone      PreviewState = "none"
	PreviewComputing PreviewState = "computing"
	PreviewReady     PreviewState = "ready"
)

// PreviewSums are the six figures on top.
type PreviewSums struct {
	Added, Changed, Ended int // agreement lines
	Other                 int // other records
	Held                  int
	Unchanged             int // tenants
	Failed                int // tenants that a sync would fail
	Tenants               int // tenants that a sync would write
}

// PreviewCounts are the figures on the chips.
type PreviewCounts struct {
	Lines, Everything, Ends, Zero, Held int
}

// PreviewGroup is one tenant's part; shared records form a group without tenant.
type PreviewGroup struct {
	TenantID    string
	Tenant      string
	Agreement   string
	NextInvoice time.Time
	Problem     string // why this tenant's sync would fail
	Changes     []Change
}

// nothing tells that a sync would write nothing.
func (s PreviewSums) nothing() bool {
	return s.Added+s.Changed+s.Ended+s.Other == 0
}

func (p PreviewPage) title() string {
	if p.Query.Tenant != "" && p.TenantName != "" {
		return "Preview of " + p.TenantName
	}
	return "Preview"
}

func (p PreviewPage) facts() string {
	if p.State != PreviewReady {
		return "What a sync would change in ConnectWise now. Nothing has been written."
	}
	out := "What a sync would change in ConnectWise now. Nothing has been written. Computed " + MomentSeconds(p.ComputedAt, p.Now, p.Zone)
	if p.Now.Sub(p.ComputedAt) >= time.Minute {
		out += ", " + Age(p.ComputedAt, p.Now) + " ago"
	}
	return out + "."
}

// old tells that the preview is past the hour after which MySonicWall is read again.
func (p PreviewPage) old() bool {
	return p.State == PreviewReady && p.Now.Sub(p.ComputedAt) > time.Hour
}

func (p PreviewPage) chips() []components.Chip {
	all := []struct {
		filter PreviewFilter
		id     string
		label  string
		count  int
	}{
		{PreviewLines, "lines", "Agreement lines", p.Counts.Lines},
		{PreviewEverything, "everything", "Everything", p.Counts.Everything},
		{PreviewEnds, "ends", "Ends something", p.Counts.Ends},
		{PreviewZero, "zero", "Will bill 0.00", p.Counts.Zero},
		{PreviewHeld, "held", "Held", p.Counts.Held},
	}
	out := make([]components.Chip, len(all))
	for i, c := range all {
		out[i] = components.Chip{
			ID: c.id, Label: c.label, Count: Number(c.count), Active: p.Query.Filter == c.filter,
			URL: p.Query.filtered(c.filter).URL(p.Account),
		}
	}
	return out
}

func (p PreviewPage) pager() components.Pager {
	per := p.Per
	if per <= 0 {
		per = DefaultPageLength
	}
	out := pager(max(1, p.Query.Page), per, p.Total, func(page, _ int) string {
		return p.Query.paged(page).URL(p.Account)
	})
	out.Sizes = nil
	out.Range += " tenants"
	return out
}

func (g PreviewGroup) facts() string {
	out := Count(len(g.Changes), "change")
	if g.Agreement != "" {
		out = "agreement " + components.Visible(g.Agreement) + " · " + out
	}
	if !g.NextInvoice.IsZero() {
		out += " · next invoice " + Date(g.NextInvoice)
	}
	return out
}

// planned leaves out the badge that every row of a preview would carry.
func planned(c Change) Change {
	if c.Badge.Status == components.StatusPlanned {
		c.Badge = Badge{}
	}
	return c
}

// previewOpen is how many tenants of a page show their changes at once.
const previewOpen = 10

// id is stable between two renderings of the same view, so that what a person opened
// stays open.
func (g PreviewGroup) id(i int) string {
	if g.TenantID != "" {
		return g.TenantID
	}
	return "shared-" + itoa(i)
}

func (p PreviewPage) crumbs() []Link {
	if p.Query.Tenant == "" {
		return crumbs(p.Account, Link{Text: "Preview"})
	}
	return crumbs(p.Account, Link{Text: "Preview", URL: PreviewURL(p.Account)}, Link{Text: p.TenantName})
}

func (p PreviewPage) back() PreviewQuery {
	q := p.Query
	q.Ask = false
	return q
}

func (p PreviewPage) syncText() string {
	if p.Query.Tenant != "" {
		return "Sync this tenant"
	}
	if p.Sums.Tenants == 1 {
		return "Sync this 1 tenant"
	}
	return "Sync these " + Number(p.Sums.Tenants) + " tenants"
}

func (p PreviewPage) questionText() string {
	out := "This adds " + Count(p.Sums.Added, "line") + ", changes " + Number(p.Sums.Changed) + ", ends " + Number(p.Sums.Ended) +
		" and changes " + Count(p.Sums.Other, "other record") + " in ConnectWise."
	if p.Sums.Held > 0 {
		out += " " + CountOf(p.Sums.Held, "held change is", "held changes are") + " not part of it."
	}
	return out + " Everything is read again first; what differs by then is planned anew."
}

func (p PreviewPage) announce() string {
	switch p.State {
	case PreviewComputing:
		for _, ph := range p.Phases {
			if ph.State == components.CheckRunning {
				return ph.Title + ": " + OfTotal(ph.Done, ph.Total)
			}
		}
		return "Computing the preview"
	case PreviewReady:
		return "Preview computed: " + Count(p.Counts.Everything, "change")
	case PreviewNone:
	}
	return ""
}
