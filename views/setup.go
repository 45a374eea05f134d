package views

import (
	"time"

	"causeway/views/components"
)

// SetupPage shows set-up as it happens and lets a failed step be retried.
type SetupPage struct {
	Account     string
	Now         time.Time
	Zone        *time.Location
	Steps       []SetupStep
	Log         []LogEntry // oldest first
	LogsURL     string     // download; empty for none
	TemporalURL string     // the workflow in the Temporal UI; empty for none
	NotMapped   int        // tenants that wait for a company once it is done
	Live        Live
}

// SetupStep is one step of set-up.
type SetupStep struct {
	ID      string // sent as step when it is retried
	State   CheckState
	Title   string
	Outcome string        // "SonicWall created · Miscellaneous was there"
	Started time.Time     // zero before it began
	Took    time.Duration // zero while it runs
	Problem string        // what failed, in a sentence
	Explain string
	Fix     string
	Answer  string
}

// LogEntry is one line of a log.
type LogEntry struct {
	At     time.Time
	Level  string // info, warn, error
	Tenant string // its name; empty for the run's own lines
	Text   string
}

func (p SetupPage) done() int {
	n := 0
	for _, s := range p.Steps {
		if s.State == components.CheckOK || s.State == components.CheckNote {
			n++
		}
	}
	return n
}

func (p SetupPage) finished() bool { return len(p.Steps) > 0 && p.done() == len(p.Steps) }

func (p SetupPage) failed() bool {
	for _, s := range p.Steps {
		if s.State == components.CheckFailed {
			return true
		}
	}
	return false
}

func (p SetupPage) badge() Badge {
	switch {
	case p.failed():
		return Badge{Status: components.StatusWaitsForYou}
	case p.finished():
		return Badge{Status: components.StatusReady}
	}
	return Badge{Status: components.StatusSettingUp}
}

// announce is what the page's live line says.
func (p SetupPage) announce() string {
	if len(p.Steps) == 0 {
		return "Set-up starts"
	}
	out := OfTotal(p.done(), len(p.Steps)) + " steps done"
	for _, s := range p.Steps {
		if s.State == components.CheckFailed {
			return out + ", " + s.Title + " failed"
		}
	}
	return out
}

func (p SetupPage) progress() Progress {
	tone := components.ToneRun
	if p.finished() {
		tone = components.ToneOK
	}
	if len(p.Steps) == 0 {
		return Progress{Label: "Set-up steps", Total: -1, Words: "not begun", Tone: tone}
	}
	return Progress{Label: "Set-up steps", Done: p.done(), Total: len(p.Steps), Words: OfTotal(p.done(), len(p.Steps)) + " done", Tone: tone}
}

func (s SetupStep) aside(loc *time.Location) string {
	switch {
	case s.Started.IsZero():
		return "waits"
	case s.State == components.CheckFailed:
		return Seconds(s.Started, loc) + " · failed"
	case s.Took == 0:
		return Seconds(s.Started, loc)
	}
	return Seconds(s.Started, loc) + " · " + Duration(s.Took)
}

// logLines makes entries ready to read in the location's time of day.
func logLines(entries []LogEntry, loc *time.Location) []components.LogLine {
	out := make([]components.LogLine, len(entries))
	for i, e := range entries {
		out[i] = components.LogLine{Time: Seconds(e.At, loc), Level: e.Level, Tenant: e.Tenant, Text: e.Text}
	}
	return out
}

func (p SetupPage) title() string {
	if p.finished() {
		return "Set-up of " + p.Account
	}
	return "Setting up " + p.Account
}

func (p SetupPage) facts() string {
	if p.finished() {
		return "What was there is used as found. What was missing is created."
	}
	return "You can leave this page; set-up goes on without it. What is already done is kept and not done twice."
}

func (p SetupPage) readySentence() string {
	if p.NotMapped == 0 {
		return "Ready. Every tenant has a company."
	}
	return "Ready. " + CountOf(p.NotMapped, "tenant waits", "tenants wait") + " for a company."
}

func (s SetupStep) component(loc *time.Location) components.Check {
	c := components.Check{
		ID: s.ID, State: s.State, Title: s.Title, Detail: s.Outcome, Fix: s.Fix, Answer: s.Answer, Aside: s.aside(loc),
	}
	if s.Problem != "" {
		c.Title, c.Inline = s.Title, ""
		c.Detail = joinSentences(s.Problem, s.Explain)
	}
	return c
}

func joinSentences(first, second string) string {
	if first == "" || second == "" {
		return first + second
	}
	return first + " " + second
}
