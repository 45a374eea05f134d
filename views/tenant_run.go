package views

import (
	"net/url"
	"time"

	"causeway/views/components"
)

// TenantRunPage answers: what was written for this customer, and why this number?
type TenantRunPage struct {
	Account      string
	Run          string
	TenantID     string
	Tenant       string
	Now          time.Time
	Zone         *time.Location
	Started      time.Time
	Ended        time.Time // zero while it runs
	Outcome      Outcome
	Message      string // why the tenant failed as a whole
	Answer       string // the vendor's own answer to that
	Company      string
	Agreement    string
	Cycle        string // "monthly", "quarterly"
	NextInvoice  time.Time
	AgreementURL string // in ConnectWise; empty for none
	TemporalURL  string
	Filter       string // failed, invoice, or a section's ID; empty is all
	Failed       int    // changes
	Invoice      int    // changes that touch the next invoice
	Total        int    // changes
	Sections     []ChangeSection
	Unchanged    int // objects that were already right
	Log          []LogEntry
	CanSync      bool
	Live         Live
}

// ChangeSection is the changes of one kind, failed ones first.
type ChangeSection struct {
	ID      string // additions, configurations, shared
	Title   string // Agreement lines
	Note    string // "additions of Managed Security"
	Count   int    // before the filter
	Changes []Change
}

// TenantRunURL is the address of the page with a filter.
func TenantRunURL(account, run, tenant, filter string) string {
	v := url.Values{}
	set(v, "filter", filter)
	return withQuery(RunTenantURL(account, run, tenant), v)
}

func (p TenantRunPage) badge() Badge {
	switch {
	case p.Failed > 0:
		return Badge{Status: components.StatusFailed, Word: OfTotal(p.Failed, p.Total) + " changes failed"}
	case p.Outcome == OutcomeChanged:
		return Badge{Status: components.StatusSynced}
	}
	return Badge{Status: Status(p.Outcome)}
}

func (p TenantRunPage) facts() string {
	out := "Run " + p.Run + " · "
	switch {
	case p.Started.IsZero():
		out += "not started"
	case p.Ended.IsZero():
		out += "since " + MomentSeconds(p.Started, p.Now, p.Zone)
	default:
		out += day(p.Started, p.Now, p.Zone) + " " + Seconds(p.Started, p.Zone) + "–" + ClockSeconds(p.Ended, p.Zone)
	}
	if p.Company != "" {
		out += " · company " + components.Visible(p.Company)
	}
	if p.Agreement != "" {
		out += ", agreement " + components.Visible(p.Agreement)
		switch {
		case p.Cycle != "" && !p.NextInvoice.IsZero():
			out += " (" + p.Cycle + ", next invoice " + Date(p.NextInvoice) + ")"
		case p.Cycle != "":
			out += " (" + p.Cycle + ")"
		}
	}
	return out
}

func (p TenantRunPage) chips() []components.Chip {
	out := []components.Chip{p.chip("", "All changes", p.Total)}
	if p.Failed > 0 || p.Filter == "failed" {
		out = append(out, p.chip("failed", "Failed", p.Failed))
	}
	out = append(out, p.chip("invoice", "Touches the next invoice", p.Invoice))
	for _, s := range p.Sections {
		out = append(out, p.chip(s.ID, s.Title, s.Count))
	}
	return out
}

func (p TenantRunPage) chip(filter, label string, count int) components.Chip {
	id := filter
	if id == "" {
		id = "all"
	}
	return components.Chip{
		ID: id, Label: label, Count: Number(count), Active: p.Filter == filter,
		URL: TenantRunURL(p.Account, p.Run, p.TenantID, filter),
	}
}

// rows is how many changes the filter leaves.
func (p TenantRunPage) rows() int {
	n := 0
	for _, s := range p.Sections {
		n += len(s.Changes)
	}
	return n
}

// day is "today" or the date of t as seen from now.
func day(t, now time.Time, loc *time.Location) string {
	t, now = t.In(zone(loc)), now.In(zone(loc))
	if t.YearDay() == now.YearDay() && t.Year() == now.Year() {
		return "today"
	}
	return PlanDate(t, now)
}

func (p TenantRunPage) messageTone() Tone {
	switch p.Outcome {
	case OutcomeFailed:
		return components.ToneFail
	case OutcomeHeld:
		return components.ToneHeld
	case OutcomeAll, OutcomeRunning, OutcomeWaiting, OutcomeSkipped, OutcomeChanged, OutcomeUnchanged:
	}
	return components.ToneIdle
}

func (p TenantRunPage) emptyTitle() string {
	if p.Filter != "" {
		return "No change matches"
	}
	return "Nothing was written"
}

func (p TenantRunPage) emptyText() string {
	switch {
	case p.Filter != "":
		return Count(p.Total, "change") + " in all for this tenant in this run."
	case p.Outcome == OutcomeUnchanged:
		return "ConnectWise already said what MySonicWall says."
	case p.Outcome == OutcomeRunning || p.Outcome == OutcomeWaiting:
		return "Changes appear here as they are planned and written."
	}
	return "This run planned no change for this tenant."
}

func (p TenantRunPage) unchangedSentence() string {
	return CountOf(p.Unchanged, "other object of this tenant was", "other objects of this tenant were") +
		" already right and " + map[bool]string{true: "was", false: "were"}[p.Unchanged == 1] + " not written."
}
