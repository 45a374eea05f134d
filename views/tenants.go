package views

import (
	"net/url"
	"time"

	"causeway/views/components"
)

// TenantFilter is a chip of the tenants page, as it stands in the address.
type TenantFilter string

// The filters. All is the zero value.
const (
	TenantsAll        TenantFilter = ""
	TenantsNotMapped  TenantFilter = "not_mapped"
	TenantsSuggested  TenantFilter = "suggested"
	TenantsEnabled    TenantFilter = "enabled"
	TenantsFailed     TenantFilter = "failed"
	TenantsHeld       TenantFilter = "held"
	TenantsFrozen     TenantFilter = "frozen"
	TenantsMissing    TenantFilter = "missing"
	TenantsNotActive  TenantFilter = "not_active"
	DefaultPageLength              = 50
)

// PageLengths are the rows per page a reader may choose.
func PageLengths() []int { return []int{25, 50, 100, 200} }

// TenantsQuery is the whole view of the tenants page; its address holds all of it.
type TenantsQuery struct {
	Q      string
	Filter TenantFilter
	Sort   string // name or company, with a leading - for descending; empty is name
	Page   int    // from 1; 0 is 1
	Per    int    // rows per page; 0 is DefaultPageLength
	Edit   string // id of the tenant whose row is opened
	Find   string // the company search of the opened row (company_q)
	Chosen string // company id chosen in the opened row (company)
	// Accept shows the suggestions from Threshold per cent up, to be accepted
	// together (ask=accept).
	Accept    bool
	Threshold int // 0 is DefaultThreshold
}

// DefaultThreshold is the score in per cent from which suggestions are offered
// together.
const DefaultThreshold = 90

func tenantFilters() []TenantFilter {
	return []TenantFilter{
		TenantsAll, TenantsNotMapped, TenantsSuggested, TenantsEnabled, TenantsFailed, TenantsHeld,
		TenantsFrozen, TenantsMissing, TenantsNotActive,
	}
}

// URL is the address of the view.
func (q TenantsQuery) URL(account string) string {
	v := url.Values{}
	set(v, "q", q.Q)
	set(v, "filter", string(q.Filter))
	set(v, "sort", q.Sort)
	setInt(v, "page", q.Page, 1)
	setInt(v, "per", q.Per, DefaultPageLength)
	set(v, "edit", q.Edit)
	set(v, "company_q", q.Find)
	set(v, "company", q.Chosen)
	if q.Accept {
		v.Set("ask", "accept")
		setInt(v, "threshold", q.Threshold, DefaultThreshold)
	}
	return withQuery(TenantsURL(account), v)
}

func (q TenantsQuery) closed() TenantsQuery {
	q.Edit, q.Find, q.Chosen = "", "", ""
	q.Accept, q.Threshold = false, 0
	return q
}

func (q TenantsQuery) accepting() TenantsQuery {
	q = q.closed()
	q.Accept = true
	return q
}

func (q TenantsQuery) filtered(f TenantFilter) TenantsQuery {
	q = q.closed()
	q.Filter, q.Page = f, 0
	return q
}

func (q TenantsQuery) sorted(column string) TenantsQuery {
	q = q.closed()
	current := q.Sort
	if current == "" {
		current = "name"
	}
	if current == column {
		column = "-" + column
	}
	q.Sort, q.Page = column, 0
	return q
}

func (q TenantsQuery) paged(page int) TenantsQuery {
	q = q.closed()
	q.Page = page
	return q
}

func (q TenantsQuery) editing(tenant string) TenantsQuery {
	q = q.closed()
	q.Edit = tenant
	return q
}

// TenantsPage answers: who is billed where, and who is not billed at all?
type TenantsPage struct {
	Account string
	Now     time.Time
	Zone    *time.Location
	Query   TenantsQuery
	Counts  TenantCounts
	Total   int // rows that match query and filter
	Rows    []TenantRow
	Edit    *TenantEdit // the opened row, when the query names one that is shown
	Accept  *Acceptance // when the query asks for it
	// Configured is false while ConnectWise was never set up: then nothing can be
	// mapped and the page says so.
	Configured bool
	// CompaniesReadAt is when companies and agreements were last read; zero for never.
	CompaniesReadAt time.Time
	Companies       int
	RunningID       string // the run going on; empty for none
	Live            Live   // while a run is on
	alone           bool   // its cells stand on a tenant's own page
}

// TenantCounts are the figures on the chips, over all tenants of the account.
type TenantCounts struct {
	All, NotMapped, Suggested, Enabled, Failed, Held, Frozen, Missing, NotActive int
}

// TenantRow is one tenant with its mapping and last sync.
type TenantRow struct {
	ID         string
	Name       string
	Company    *CompanyRef   // nil while not mapped
	Agreement  *AgreementRef // nil while not mapped
	Suggestion *Suggestion   // only while not mapped
	Enabled    bool
	Closed     string // why the switch cannot be turned on; empty when it can
	Last       *TenantSync
	Held       int
	Frozen     time.Time // since when; calendar date, zero for not frozen
	Missing    time.Time // since when MySonicWall stopped listing it
	FrozenWhy  string    // in words
	OpenLines  int       // that stay open in ConnectWise while frozen or missing
	Ending     string    // who asked to end its billing, until a run has
	CanEnd     bool      // its billing can be ended
}

// CompanyRef is a mapped company.
type CompanyRef struct {
	ID         string
	Name       string
	Identifier string
	Status     string
	Inactive   bool // its status does not count as active: alerts get no ticket (R12)
	Deleted    bool // in the recycle bin
}

// AgreementRef is a mapped agreement.
type AgreementRef struct {
	ID          string
	Name        string
	Cycle       string    // in words, only where it is not monthly: "quarterly", "no billing cycle"
	NextInvoice time.Time // calendar date; zero where it has none
	Starts      time.Time // only while it lies ahead
	Ended       time.Time // only once it has ended or was cancelled
	Tenants     int       // mapped to it, this one included
	Successor   Successor // a likely replacement; without a name there is none
}

// Successor is the agreement that most likely replaces one that ended. Using it is one step.
type Successor struct {
	Name, CompanyID, AgreementID string
}

// Suggestion is a company that fits by name.
type Suggestion struct {
	CompanyID     string
	Company       string
	Identifier    string
	AgreementID   string // empty when the company has several
	Agreement     string
	OnlyAgreement bool
	Score         int    // per cent
	Reason        string // "same words, “LLP” ignored"
	// Ties are names that fit equally well; then none is picked and CompanyID is empty.
	Ties []string
}

// Acceptance is the question before suggestions are accepted together. Its form
// goes to BulkURL with action accept and tenant once per ticked pair.
type Acceptance struct {
	Threshold int // per cent
	Pairs     []SuggestedPair
}

// SuggestedPair is one tenant with the company that fits it.
type SuggestedPair struct {
	TenantID   string
	Tenant     string
	Suggestion Suggestion
}

// TenantSync is a tenant's last sync.
type TenantSync struct {
	RunID   string
	Status  Status // synced, unchanged, failed, held, running, waiting, skipped
	At      time.Time
	Changes int    // written
	Message string // why it failed, in a sentence
	Step    Link   // what mends it
}

// TenantEdit is the opened row. The form sends company (id), agreement (id) and
// comes back to the view by the hidden field back.
type TenantEdit struct {
	Tenant     string
	Find       string // what was typed into the company search
	Companies  []CompanyChoice
	More       int // companies that match beyond those listed
	Chosen     *CompanyRef
	Agreements []AgreementChoice // of the chosen company
	Error      string
	// Faster is set when another person saved this mapping meanwhile.
	Faster *Message
}

// CompanyChoice is one company found.
type CompanyChoice struct {
	ID, Name, Identifier, Status string
}

// AgreementChoice is one agreement of the chosen company.
type AgreementChoice struct {
	ID       string
	Name     string
	Note     string // "monthly, next invoice 1 Nov", "starts 15 Nov"
	Selected bool
}

func (p TenantsPage) per() int {
	if p.Query.Per > 0 {
		return p.Query.Per
	}
	return DefaultPageLength
}

func (p TenantsPage) chips() []components.Chip {
	all := []struct {
		filter TenantFilter
		label  string
		count  int
	}{
		{TenantsAll, "All", p.Counts.All},
		{TenantsNotMapped, "Not mapped", p.Counts.NotMapped},
		{TenantsSuggested, "Suggested", p.Counts.Suggested},
		{TenantsEnabled, "Enabled", p.Counts.Enabled},
		{TenantsFailed, "Failed", p.Counts.Failed},
		{TenantsHeld, "Held", p.Counts.Held},
		{TenantsFrozen, "Frozen", p.Counts.Frozen},
		{TenantsMissing, "Missing", p.Counts.Missing},
		{TenantsNotActive, "Company not active", p.Counts.NotActive},
	}
	out := make([]components.Chip, len(all))
	for i, c := range all {
		id := string(c.filter)
		if id == "" {
			id = "all"
		}
		out[i] = components.Chip{
			ID: id, Label: c.label, Count: Number(c.count), Active: p.Query.Filter == c.filter,
			URL: p.Query.filtered(c.filter).URL(p.Account),
		}
	}
	return out
}

func (p TenantsPage) pager() components.Pager {
	return pager(max(1, p.Query.Page), p.per(), p.Total, func(page, per int) string {
		q := p.Query.paged(page)
		q.Per = per
		return q.URL(p.Account)
	})
}

// filterLabel names the filter in force for the sentence of an empty table.
func (p TenantsPage) filterLabel() string {
	for _, c := range p.chips() {
		if c.Active {
			return c.Label
		}
	}
	return "All"
}

// noMatch is the text below "No tenant matches".
func (p TenantsPage) noMatch() string {
	out := CountOf(p.Counts.All, "tenant is", "tenants are") + " there without the "
	switch {
	case p.Query.Q != "" && p.Query.Filter != TenantsAll:
		return out + "search and the filter " + p.filterLabel() + "."
	case p.Query.Q != "":
		return out + "search."
	}
	return out + "filter " + p.filterLabel() + "."
}

// facts is what stands under an agreement's name.
func (a AgreementRef) facts(now time.Time) string {
	switch {
	case !a.Ended.IsZero():
		return "ended " + NearDate(a.Ended, now)
	case !a.Starts.IsZero():
		return "starts " + NearDate(a.Starts, now)
	case a.Cycle != "" && !a.NextInvoice.IsZero():
		return a.Cycle + ", next " + NearDate(a.NextInvoice, now)
	case a.Cycle != "":
		return a.Cycle
	case !a.NextInvoice.IsZero():
		return "next invoice " + NearDate(a.NextInvoice, now)
	}
	return "no next invoice date"
}

func (t TenantSync) facts(now time.Time, loc *time.Location) string {
	out := Moment(t.At, now, loc)
	switch {
	case t.Status == components.StatusSynced && t.Changes == 0:
		return out + " · no changes"
	case t.Status == components.StatusSynced || t.Changes > 0:
		return out + " · " + Count(t.Changes, "change")
	}
	return out
}

// switchLabel is the accessible name of a row's sync switch.
func (r TenantRow) switchLabel() string { return "Sync " + components.Visible(r.Name) }

// pager builds the foot of a table from its place in the whole.
func pager(page, per, total int, at func(page, per int) string) components.Pager {
	out := components.Pager{Range: Range(page, per, total)}
	if page > 1 {
		out.Previous = at(page-1, per)
	}
	if page*per < total {
		out.Next = at(page+1, per)
	}
	if total > PageLengths()[0] {
		for _, n := range PageLengths() {
			out.Sizes = append(out.Sizes, components.Chip{
				ID: "per-" + itoa(n), Label: itoa(n), Active: n == per, URL: at(1, n),
			})
		}
	}
	return out
}
