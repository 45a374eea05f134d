package views

import (
	"time"

	"causeway/views/components"
)

// AccountState is where an account stands, spelled as the data spells it.
type AccountState = components.Status

// The states of an account.
const (
	AccountNew            AccountState = components.StatusNew
	AccountSettingUp      AccountState = components.StatusSettingUp
	AccountReady          AccountState = components.StatusReady
	AccountPaused         AccountState = components.StatusPaused
	AccountNeedsAttention AccountState = components.StatusNeedsAttention
	AccountRemoved        AccountState = components.StatusRemoved
)

// HomePage answers: is anything wrong, and what do I do first?
type HomePage struct {
	Now       time.Time
	Zone      *time.Location // the reader's
	Attention []Attention    // most costly first; the first one gets the filled button
	Accounts  []AccountRow   // none: the page is the form for the first one
	Synced    int            // tenants whose last sync went well
	First     AddAccountPage // the form, while there is no account
	Live      Live           // polls the whole region: attention and accounts
}

// Attention is one cause, not one tenant.
type Attention struct {
	Badge       Badge
	Sentence    string
	Account     string
	Consequence string
	Tenants     []Link // those it is about, where few
	More        int    // and how many it does not name
	Step        Link   // the one button
	LogsURL     string // download beside the button; empty for none
}

// AccountRow is one account on the home page.
type AccountRow struct {
	Name    string
	Zone    string // IANA name
	Loc     *time.Location
	State   AccountState
	Reason  string   // why it needs attention
	Run     *LastRun // nil before the first
	SetUp   bool     // false: figures are not known yet
	Enabled int
	Synced  int
	Failed  int
	Held    int
	Next    time.Time // zero when no night is planned
	NextSay string    // instead of a time: "waits for new keys"
	Nights  []Bar     // the last 14, oldest first
}

// LastRun is the latest run of an account, or the one going on.
type LastRun struct {
	ID      string
	Status  Status
	Failed  int
	Started time.Time
	Took    time.Duration // until now while it runs
	Percent int           // while it runs; below zero when not known
	Left    time.Duration // while it runs; zero when not known
	Reason  string        // why it failed as a whole
}

// Running tells whether the run goes on.
func (r LastRun) Running() bool { return r.Status == components.StatusRunning }

// announce is what the page's live line says when it changes.
func (p HomePage) announce() string {
	if len(p.Attention) == 0 {
		return "Nothing needs you"
	}
	return CountOf(len(p.Attention), "thing needs", "things need") + " attention"
}

// next is the account whose night comes first.
func (p HomePage) next() *AccountRow {
	var first *AccountRow
	for i, a := range p.Accounts {
		if !a.Next.IsZero() && (first == nil || a.Next.Before(first.Next)) {
			first = &p.Accounts[i]
		}
	}
	return first
}

// AllWell is what stands in place of the list when nothing needs a person.
func (p HomePage) AllWell() string {
	if a := p.next(); a != nil {
		return "Next: " + a.Name + ", " + Plan(a.Next, p.Now, a.Loc) + "."
	}
	return "No night is planned."
}

func (a AccountRow) stateBadge() Badge {
	if a.Run != nil && a.Run.Running() {
		if a.Run.Percent >= 0 {
			return Badge{Status: components.StatusRunning, Word: "Running, " + itoa(a.Run.Percent) + " %"}
		}
		return Badge{Status: components.StatusRunning}
	}
	return Badge{Status: a.State}
}

// runBadge says how a run ended, with the count of failed tenants where there are any.
func runBadge(status Status, failed int) Badge {
	if status == components.StatusWithFailures && failed > 0 {
		return Badge{Status: status, Word: Count(failed, "tenant") + " failed"}
	}
	return Badge{Status: status}
}

func (r LastRun) badge() Badge {
	if r.Running() {
		return Badge{Status: r.Status, Word: "Run " + r.ID}
	}
	return runBadge(r.Status, r.Failed)
}

func (r LastRun) facts(now time.Time, loc *time.Location) string {
	if r.Running() {
		out := "since " + Clock(r.Started, loc)
		if left := Left(r.Left); left != "" {
			out += " · " + left
		}
		return out
	}
	out := Moment(r.Started, now, loc)
	if r.Reason != "" {
		return out + " · " + r.Reason
	}
	return out + " · " + Duration(r.Took)
}

// url is where the account's name leads: of a removed one to its history.
func (a AccountRow) url() string {
	if a.State == AccountRemoved {
		return RunsURL(a.Name)
	}
	return AccountURL(a.Name)
}
