package views

import (
	"net/url"
	"strings"
	"time"

	"causeway/views/components"
)

// Outcome is a tenant's state within a run, and a chip of the run page.
type Outcome string

// The outcomes in the order in which they stand: trouble first, what needed
// nothing last. OutcomeAll is the chip for all of them.
const (
	OutcomeAll       Outcome = ""
	OutcomeFailed    Outcome = "failed"
	OutcomeHeld      Outcome = "held"
	OutcomeRunning   Outcome = "running"
	OutcomeWaiting   Outcome = "waiting"
	OutcomeSkipped   Outcome = "skipped"
	OutcomeChanged   Outcome = "synced"
	OutcomeUnchanged Outcome = "unchanged"
)

// Outcomes lists them in order, without OutcomeAll.
func Outcomes() []Outcome {
	return []Outcome{
		OutcomeFailed, OutcomeHeld, OutcomeRunning, OutcomeWaiting, OutcomeSkipped, OutcomeChanged, OutcomeUnchanged,
	}
}

// Label is the outcome as a group's heading.
func (o Outcome) Label() string {
	switch o {
	case OutcomeAll:
		return "All"
	case OutcomeFailed:
		return "Failed"
	case OutcomeHeld:
		return "Held"
	case OutcomeRunning:
		return "Running"
	case OutcomeWaiting:
		return "Waiting"
	case OutcomeSkipped:
		return "Skipped"
	case OutcomeChanged:
		return "Changed"
	case OutcomeUnchanged:
		return "Unchanged"
	}
	return string(o)
}

// opens tells which groups show their rows at once.
func (o Outcome) opens() bool {
	return o == OutcomeFailed || o == OutcomeHeld || o == OutcomeRunning
}

// RunQuery is the whole view of a run.
type RunQuery struct {
	Filter Outcome
	Q      string
	Page   int // of the filtered group
}

// URL is the address of the view.
func (q RunQuery) URL(account, run string) string { return q.at(RunURL(account, run)) }

// LiveURL is the address that answers with the view's live region.
func (q RunQuery) LiveURL(account, run string) string { return q.at(RunLiveURL(account, run)) }

func (q RunQuery) at(path string) string {
	v := url.Values{}
	set(v, "filter", string(q.Filter))
	set(v, "q", q.Q)
	setInt(v, "page", q.Page, 1)
	return withQuery(path, v)
}

// Phase is one of a run's four phases.
type Phase struct {
	Title string // Read MySonicWall, Read ConnectWise and compare, Shared records, Write tenants
	State CheckState
	Done  int
	Total int    // below zero: not known yet
	Note  string // "4,512 products", "4 at this moment"
}

// RunPage answers: is it moving, how long, who failed and why?
type RunPage struct {
	Account     string
	ID          string
	Now         time.Time // when the figures were read
	Zone        *time.Location
	Query       RunQuery
	Status      Status
	Scope       string // "All enabled tenants", "3 tenants"
	AskedBy     string // "the night of 29 Oct", "ops-lead in the dashboard"
	Note        string // given with the request
	Reason      string // why it failed as a whole, or waits
	Answer      string // the call behind that, with the vendor's own answer
	Banner      *Message
	Started     time.Time
	Ended       time.Time     // zero while it runs
	Left        time.Duration // estimate; zero when there is none
	Calls       RunCalls
	Phases      []Phase
	Counts      map[Outcome]int
	Written     int           // changes written
	Failed      int           // tenants: links to the log download when above zero (R43)
	Groups      []TenantGroup // in the order of Outcomes; empty ones left out
	Log         []LogEntry    // the latest, oldest first
	LogTotal    int
	TemporalURL string
	CanRetry    bool // failed tenants may be asked for again
	Live        Live
}

// RunCalls are the calls made to both vendors.
type RunCalls struct {
	ConnectWise int
	Expected    int // of ConnectWise; 0 when not known
	MySonicWall int
	Slowdowns   int           // times a vendor asked to slow down
	SlowedFor   time.Duration // in all; 0 when not known
}

// TenantGroup is the tenants of one outcome.
type TenantGroup struct {
	Outcome Outcome
	Count   int
	Summary string // beside the count when folded: "61 changes written"
	Rows    []RunTenant
}

// RunTenant is one tenant within a run.
type RunTenant struct {
	ID      string
	Name    string
	Outcome Outcome
	Done    int // changes applied so far
	Total   int // changes planned
	Held    int
	Message string // one sentence
	Detail  string // "5 of 6 changes written"
	Mono    string // an identifier behind the message, as in "writing configuration TZ370"
	Took    time.Duration
}

func (p RunPage) running() bool { return p.Status == components.StatusRunning }

func (p RunPage) took() time.Duration {
	if p.Ended.IsZero() {
		return p.Now.Sub(p.Started)
	}
	return p.Ended.Sub(p.Started)
}

func (p RunPage) badge() Badge { return runBadge(p.Status, p.Failed) }

// facts is the line under the title.
func (p RunPage) facts() string {
	out := p.Scope + " · asked for by " + p.AskedBy
	if p.Note != "" {
		out += ", “" + components.Visible(p.Note) + "”"
	}
	out += " · started " + MomentSeconds(p.Started, p.Now, p.Zone)
	if !p.Ended.IsZero() {
		out += " · ended " + MomentSeconds(p.Ended, p.Now, p.Zone)
	}
	return out
}

func (p RunPage) lead() string {
	switch {
	case !p.running():
		return "Took " + Duration(p.took())
	case p.Left > 0:
		return capital(Left(p.Left))
	}
	return "Running for " + Whole(p.took())
}

func (p RunPage) calls() []string {
	var out []string
	if p.running() && p.Left > 0 {
		out = append(out, "running for "+Whole(p.took()))
	}
	cwm := "ConnectWise: " + Count(p.Calls.ConnectWise, "call")
	if p.running() && p.Calls.Expected > 0 {
		cwm = "ConnectWise: " + Number(p.Calls.ConnectWise) + " of about " + Count(max(p.Calls.Expected, p.Calls.ConnectWise), "call")
	}
	switch {
	case p.Calls.Slowdowns == 1:
		cwm += ", slowed down once"
	case p.Calls.Slowdowns > 1:
		cwm += ", slowed down " + Number(p.Calls.Slowdowns) + " times"
	}
	if p.Calls.SlowedFor > 0 {
		cwm += " for " + Whole(p.Calls.SlowedFor)
	}
	return append(out, cwm, "MySonicWall: "+Count(p.Calls.MySonicWall, "call"))
}

func (p RunPage) chips() []components.Chip {
	total := 0
	for _, n := range p.Counts {
		total += n
	}
	out := []components.Chip{p.chip(OutcomeAll, total)}
	for _, o := range Outcomes() {
		if p.Counts[o] > 0 || p.Query.Filter == o {
			out = append(out, p.chip(o, p.Counts[o]))
		}
	}
	return out
}

func (p RunPage) chip(o Outcome, count int) components.Chip {
	id := string(o)
	if id == "" {
		id = "all"
	}
	q := p.Query
	q.Filter, q.Page = o, 0
	return components.Chip{ID: id, Label: o.Label(), Count: Number(count), Active: p.Query.Filter == o, URL: q.URL(p.Account, p.ID)}
}

// announce is what the page's live line says.
func (p RunPage) announce() string {
	if !p.running() {
		return "Run " + p.ID + ": " + p.badge().Text()
	}
	for _, ph := range p.Phases {
		if ph.State == components.CheckRunning {
			return ph.Title + ": " + OfTotal(ph.Done, ph.Total)
		}
	}
	return "Run " + p.ID + " is running"
}

func (ph Phase) progress() Progress {
	tone := components.ToneRun
	if ph.State == components.CheckOK {
		tone = components.ToneOK
	}
	if ph.State == components.CheckFailed {
		tone = components.ToneFail
	}
	return Progress{Label: ph.Title, Done: ph.Done, Total: ph.Total, Words: OfTotal(ph.Done, ph.Total), Tone: tone}
}

// open tells whether a group shows its rows at once in this view.
func (p RunPage) open(g TenantGroup) bool {
	return p.Query.Filter == g.Outcome || p.Query.Q != "" || (p.Query.Filter == OutcomeAll && g.Outcome.opens())
}

func (g TenantGroup) hidden() int { return max(0, g.Count-len(g.Rows)) }

func (t RunTenant) badge() Badge {
	switch t.Outcome {
	case OutcomeHeld:
		return Badge{Status: components.StatusHeld, Word: Number(max(t.Held, 1)) + " held"}
	case OutcomeRunning:
		if t.Total > 0 {
			return Badge{Status: components.StatusRunning, Word: OfTotal(t.Done, t.Total)}
		}
	case OutcomeAll, OutcomeFailed, OutcomeWaiting, OutcomeSkipped, OutcomeChanged, OutcomeUnchanged:
	}
	return Badge{Status: Status(t.Outcome)}
}

// vendorIn is whose answer a sentence is about.
func vendorIn(sentence string) string {
	if strings.Contains(sentence, "MySonicWall") {
		return "MySonicWall"
	}
	return "ConnectWise"
}
