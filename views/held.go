package views

import (
	"net/url"
	"slices"
	"time"

	"causeway/views/components"
)

// HeldFilter is a chip of the held changes, as it stands in the address.
type HeldFilter string

// The filters. What waits for a person is the zero value.
const (
	HeldWaiting HeldFilter = ""
	HeldInvoice HeldFilter = "invoice"
	HeldEnded   HeldFilter = "ended"
	HeldDecided HeldFilter = "decided"
)

func heldFilters() []HeldFilter {
	return []HeldFilter{HeldWaiting, HeldInvoice, HeldEnded, HeldDecided}
}

// HeldQuery is the whole view of the held changes.
type HeldQuery struct {
	Filter HeldFilter
	Tenant string // id: only this tenant
	Open   string // number of the change whose decision is shown
	Page   int
}

// URL is the address of the view.
func (q HeldQuery) URL(account string) string {
	v := url.Values{}
	set(v, "filter", string(q.Filter))
	set(v, "tenant", q.Tenant)
	set(v, "open", q.Open)
	setInt(v, "page", q.Page, 1)
	return withQuery(HeldURL(account), v)
}

// ReadHeldQuery is the view that an address of the held changes names.
func ReadHeldQuery(v url.Values) HeldQuery {
	q := HeldQuery{Filter: HeldFilter(v.Get("filter")), Tenant: v.Get("tenant"), Open: v.Get("open"), Page: readPage(v)}
	if !slices.Contains(heldFilters(), q.Filter) {
		q.Filter = HeldWaiting
	}
	return q
}

func (q HeldQuery) filtered(f HeldFilter) HeldQuery {
	q.Filter, q.Open, q.Page = f, "", 0
	return q
}

func (q HeldQuery) paged(page int) HeldQuery {
	q.Open, q.Page = "", page
	return q
}

// Opening is the view with one change opened.
func (q HeldQuery) Opening(change string) HeldQuery {
	q.Open = change
	return q
}

// HeldCounts are the figures on the chips.
type HeldCounts struct {
	Waiting, Invoice, Ended, Decided int
}

// HeldPage answers: may this go to the invoice? The list is at the left, the decision on the opened change at the right; on a phone
// they are two pages.
type HeldPage struct {
	Account    string
	Now        time.Time
	Zone       *time.Location
	Query      HeldQuery
	TenantName string // where the query names one
	Counts     HeldCounts
	Total      int // that match the filter
	Items      []HeldItem
	Detail     *HeldDetail // nil when nothing is held
	Ended      []EndedRecord
	Decided    []DecidedRow
}

// HeldItem is a change that waits for a person, as the list shows it. A linked pair is one item.
type HeldItem struct {
	ID       string
	Reason   string // as a title: "The quantity would become 0"
	Name     string
	TenantID string
	Tenant   string    // empty for a shared record
	Since    time.Time // the run that held it first
	Effect   string    // what the invoice would say; empty when it says the same
	Invoice  string    // its date, near
}

// HeldDetail is one change with everything that a decision on it needs.
type HeldDetail struct {
	HeldItem
	Serial    string
	Agreement string // or the company of a configuration
	RunID     string
	Sentence  string // why it is held
	Now       HeldSide
	Would     HeldSide
	Then      *HeldSide // what ends once the new record stands
	Outcomes  []HeldOutcome
	Date      string // of the next invoice, whole; empty when none is touched
	Choices   []HeldChoice
	Nobody    string        // why nobody is asked, in place of the choices
	Adopting  []FieldChange // what adopting changes on the record that stands
	Reasons   []Reason
	More      []Link // the others of the same reason, to be reviewed together
	At, Of    int    // its place in the list
}

// HeldSide is one of the two states that stand side by side.
type HeldSide struct {
	Title  string // "In ConnectWise now"
	Note   string // "line 47102, made by hand"
	Fields []RecordField
	None   string // in place of fields
}

// HeldOutcome is what follows from one choice.
type HeldOutcome struct {
	Choice string
	Says   string
	Lines  string // how many lines bill then; empty where that is not the question
}

// HeldChoice is one button. Its form goes to HeldDecideURL with choice and the change's id.
type HeldChoice struct {
	Choice string // release, adopt, dismiss, bill_from
	Text   string
	Kind   string // primary, outline, danger
	Icon   string
}

// EndedRecord is what a person ended in ConnectWise.
type EndedRecord struct {
	ID       string
	Kind     string // in words
	Name     string
	Serial   string
	TenantID string
	Tenant   string
	Record   string    // ConnectWise's id
	Since    time.Time // calendar date
	Fields   []RecordField
	Resumed  string // who asked to take it up again
	Means    string // what resuming would do
}

// DecidedRow is a decision with what became of it.
type DecidedRow struct {
	ID       string
	At       time.Time
	By       string
	Choice   string // "Released"
	Icon     string
	Reason   string // as a title
	Name     string
	Serial   string
	TenantID string
	Tenant   string
	Outcome  string
	Open     bool
}

// HeldReview is the question before several changes are decided on together.
type HeldReview struct {
	Account string
	Choice  string
	Verb    string   // "Release"
	Keep    string   // the way back: "Keep them held"
	Reason  string   // as a title; empty for records ended by hand
	Sums    []string // what it does, in figures
	Said    string   // what follows
	Danger  bool
	IDs     []string
	Action  string // where the form goes
	Rows    []Change
	More    int    // rows beyond those shown
	Gone    int    // of those asked for, no longer waiting
	Refused string // why nothing can be decided together
	Back    string
}

func (r HeldReview) title() string { return r.Verb + " " + Count(len(r.IDs), "change") }

func (r HeldReview) kind() string {
	if r.Danger {
		return "danger"
	}
	return "primary"
}

func (r HeldReview) goneSentence() string {
	return CountOf(r.Gone, "of the chosen changes no longer waits", "of the chosen changes no longer wait") + ": MySonicWall’s facts moved on or somebody decided."
}

// HeldReviewQuery is the address of the question about several changes: named one by one, or all of one reason.
type HeldReviewQuery struct {
	Choice string
	IDs    []string
	Reason string
	Tenant string
}

// URL is the address of the question.
func (q HeldReviewQuery) URL(account string) string {
	v := url.Values{"choice": {q.Choice}}
	set(v, "reason", q.Reason)
	set(v, "tenant", q.Tenant)
	for _, id := range q.IDs {
		v.Add("id", id)
	}
	return withQuery(HeldReviewURL(account), v)
}

func (p HeldPage) chips() []components.Chip {
	chip := func(filter HeldFilter, id, label string, count int) components.Chip {
		return components.Chip{ID: id, Label: label, Count: Number(count), Active: p.Query.Filter == filter, URL: p.Query.filtered(filter).URL(p.Account)}
	}
	return []components.Chip{
		chip(HeldWaiting, "all", "Held", p.Counts.Waiting),
		chip(HeldInvoice, "invoice", "Touches the next invoice", p.Counts.Invoice),
		chip(HeldEnded, "ended", "Ended by hand", p.Counts.Ended),
		chip(HeldDecided, "decided", "Decided", p.Counts.Decided),
	}
}

func (p HeldPage) pager() components.Pager {
	out := pager(max(1, p.Query.Page), DefaultPageLength, p.Total, func(page, _ int) string { return p.Query.paged(page).URL(p.Account) })
	out.Sizes = nil
	return out
}

// title is the page's; on a phone the opened change has a place in the list.
func (p HeldPage) title() string {
	if p.TenantName != "" {
		return "Held changes of " + p.TenantName
	}
	return "Held changes"
}

func (p HeldPage) facts() string {
	switch p.Query.Filter {
	case HeldEnded:
		return "Records of ours that a person deleted, cancelled or closed in ConnectWise. They are left alone until somebody resumes them."
	case HeldDecided:
		return "What was decided, by whom, and what became of it. Newest first."
	case HeldWaiting, HeldInvoice:
	}
	return "Changes that a safety rule stopped. Each waits for a person; everything else of the tenant goes on."
}

// opened tells that the address names a change: on a phone the list then gives way to it.
func (p HeldPage) opened() bool { return p.Query.Open != "" && p.Detail != nil }

func (p HeldPage) current(item HeldItem) bool { return p.Detail != nil && p.Detail.ID == item.ID }

// next is the view after a decision: the change that follows in the list is open, unless the list itself was.
func (p HeldPage) next() string {
	after := p.Query.Opening("")
	if p.Query.Open == "" || p.Detail == nil {
		return after.URL(p.Account)
	}
	for i, item := range p.Items {
		if item.ID == p.Detail.ID && i+1 < len(p.Items) {
			return after.Opening(p.Items[i+1].ID).URL(p.Account)
		}
	}
	return after.URL(p.Account)
}

func (p HeldPage) emptyTitle() string {
	if p.Query.Filter == HeldInvoice {
		return "Nothing held touches the next invoice"
	}
	return "Nothing is held"
}

func (p HeldPage) emptyText() string {
	switch {
	case p.Query.Filter == HeldInvoice:
		return CountOf(p.Counts.Waiting, "other change is", "other changes are") + " held."
	case p.TenantName != "":
		return "No run held a change of this tenant. What a preview shows as held appears here after the next run."
	}
	return "Changes stop here when a safety rule wants a person to look."
}

func (i HeldItem) about() string {
	out := components.Visible(i.Name)
	if i.Tenant != "" {
		out += " · " + components.Visible(i.Tenant)
	}
	return out
}

func (d HeldDetail) invoiceTitle() string {
	if d.Date == "" {
		return "What each choice does"
	}
	return "What the invoice of " + d.Date + " says"
}

func (d HeldDetail) place() string { return "Held change " + OfTotal(d.At, d.Of) }

// countsLines tells that the question is how many lines bill.
func (d HeldDetail) countsLines() bool {
	return slices.ContainsFunc(d.Outcomes, func(o HeldOutcome) bool { return o.Lines != "" })
}

func (d HeldDetail) runURL(account string) string {
	if d.TenantID == "" {
		return RunURL(account, d.RunID)
	}
	return RunTenantURL(account, d.RunID, d.TenantID)
}

// invoice is the list's line about the next invoice.
func (i HeldItem) invoice() string {
	if i.Invoice == "" {
		return components.Visible(i.Effect)
	}
	return "Invoice of " + i.Invoice + ": " + components.Visible(i.Effect)
}
