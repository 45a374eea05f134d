package views

import (
	"net/url"
	"time"

	"causeway/views/components"
)

// RunsQuery is the whole view of the runs page.
type RunsQuery struct {
	Outcome string // completed, completed_with_failures, failed, missed; empty is all
	Origin  string // night, person, cli, signal; empty is all
	Page    int
	Per     int
}

// URL is the address of the view.
func (q RunsQuery) URL(account string) string {
	v := url.Values{}
	set(v, "outcome", q.Outcome)
	set(v, "origin", q.Origin)
	setInt(v, "page", q.Page, 1)
	setInt(v, "per", q.Per, DefaultPageLength)
	return withQuery(RunsURL(account), v)
}

// RunsPage answers: what happened these nights?
type RunsPage struct {
	Account  string
	Now      time.Time
	Zone     *time.Location
	Query    RunsQuery
	Outcomes []CountedFilter // in the order to show; the first is all
	Origins  []CountedFilter
	Rows     []RunRow
	Total    int
	Running  bool      // a run is going on: a request comes right after it
	Next     time.Time // the next night; zero when none is planned
	CanSync  bool      // false while the account is not set up, paused or needs attention
	Live     Live
}

// CountedFilter is one choice of a filter with how many rows it has.
type CountedFilter struct {
	Value string // empty for all
	Label string
	Count int
}

// RunRow is one run, or one night that was missed.
type RunRow struct {
	ID      string    // empty for a missed night
	Date    time.Time // the account's local day it worked for
	Started time.Time
	Took    time.Duration // until now while it runs
	Origin  string        // in words: "Night", "ops-lead in the dashboard", "command line", "signal"
	Note    string        // given with the request, or why it was missed or failed
	Status  Status
	Failed  int    // tenants
	Held    int    // changes
	Changes int    // written
	Calls   int    // to both vendors
	Tenants string // "all" or how many: "all 188", "1 tenant"
}

func (r RunRow) badge() Badge { return runBadge(r.Status, r.Failed) }

// took leaves out tenths while the run goes on.
func (r RunRow) took() string {
	if r.Status == components.StatusRunning {
		return Whole(r.Took)
	}
	return Duration(r.Took)
}

func (r RunRow) missed() bool { return r.Status == components.StatusMissed }

func (p RunsPage) chips(filters []CountedFilter, current string, to func(value string) RunsQuery) []components.Chip {
	out := make([]components.Chip, len(filters))
	for i, f := range filters {
		id := f.Value
		if id == "" {
			id = "all"
		}
		out[i] = components.Chip{ID: id, Label: f.Label, Count: Number(f.Count), Active: current == f.Value, URL: to(f.Value).URL(p.Account)}
	}
	return out
}

func (p RunsPage) outcomeChips() []components.Chip {
	return p.chips(p.Outcomes, p.Query.Outcome, func(v string) RunsQuery {
		q := p.Query
		q.Outcome, q.Page = v, 0
		return q
	})
}

func (p RunsPage) originChips() []components.Chip {
	return p.chips(p.Origins, p.Query.Origin, func(v string) RunsQuery {
		q := p.Query
		q.Origin, q.Page = v, 0
		return q
	})
}

func (p RunsPage) pager() components.Pager {
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

func (p RunsPage) facts() string {
	if p.Next.IsZero() {
		return "No night is planned. Times in the account’s zone."
	}
	return "Next night: " + Plan(p.Next, p.Now, p.Zone) + ". Times in the account’s zone."
}

func (p RunsPage) emptySentence() string {
	if p.Next.IsZero() {
		return "A run reads MySonicWall, compares, and writes what differs to ConnectWise."
	}
	return "The first one starts " + Plan(p.Next, p.Now, p.Zone) + ", or when someone asks for it."
}

// dash stands for a text that is not there.
func dash(text string) string {
	if text == "" {
		return unknown
	}
	return text
}
