package views

import (
	"time"

	"causeway/views/components"
)

// ConnectionPage is the wizard's first step: keys at the left, the test at the
// right. The form's fields are host, company, public_key, private_key and
// network_additions (on).
type ConnectionPage struct {
	Account string
	Zone    *time.Location
	// Editing means that keys are stored already: an empty private key keeps the
	// stored one, until the host or company is another.
	Editing bool
	InUse   bool // tenants are mapped by it
	Other   bool // the form names another ConnectWise than the one in use
	Form    ConnectionForm
	Errors  ConnectionErrors
	// Problem stands on top of the form: "ConnectWise did not accept the keys."
	Problem *Message
	Test    *ConnectionTest // nil before the first test
	// Tested means that the test passed for exactly what the form says, so that
	// Continue is the step that comes next.
	Tested bool
}

// ConnectionForm is what was typed. The private key is never part of a page.
type ConnectionForm struct {
	Host             string
	Company          string
	PublicKey        string
	NetworkAdditions bool
}

// ConnectionErrors stand under their fields; empty means none.
type ConnectionErrors struct {
	Host, Company, PublicKey, PrivateKey string
}

// ConnectionTest is the last test: seven checks in the order they happen.
type ConnectionTest struct {
	At     time.Time
	Took   time.Duration
	Checks []TestCheck
}

// TestCheck is one check of a test, of a preflight, or a step of set-up.
type TestCheck struct {
	ID     string // stable: host, name, tls, server, company, keys, permissions
	State  CheckState
	Title  string
	Inline string // a short fact behind the title
	Detail string
	Fix    string // where to mend it, by its menu path
	Answer string // the vendor's own answer, as received
	Link   Link
}

func (c TestCheck) component() components.Check {
	return components.Check{
		ID: c.ID, State: c.State, Title: c.Title, Inline: c.Inline, Detail: c.Detail,
		Fix: c.Fix, Answer: c.Answer, Link: c.Link,
	}
}

// ConnectionChecks names the seven checks in their order, by id, for a test that
// has not reached them yet.
func ConnectionChecks() []TestCheck {
	return []TestCheck{
		{ID: "host", State: components.CheckWaiting, Title: "Host name allowed"},
		{ID: "name", State: components.CheckWaiting, Title: "Name found"},
		{ID: "tls", State: components.CheckWaiting, Title: "Secure connection"},
		{ID: "server", State: components.CheckWaiting, Title: "It is a ConnectWise Manage server"},
		{ID: "company", State: components.CheckWaiting, Title: "Company exists"},
		{ID: "keys", State: components.CheckWaiting, Title: "Keys accepted"},
		{ID: "permissions", State: components.CheckWaiting, Title: "Permissions"},
	}
}

func (t ConnectionTest) badge() Badge {
	for i, c := range t.Checks {
		if c.State == components.CheckFailed {
			return Badge{Status: components.StatusFailed, Word: "Failed at check " + OfTotal(i+1, len(t.Checks))}
		}
	}
	for i, c := range t.Checks {
		if c.State == components.CheckRunning || c.State == components.CheckWaiting {
			return Badge{Status: components.StatusRunning, Word: "Check " + OfTotal(i+1, len(t.Checks))}
		}
	}
	return Badge{Status: components.StatusDone, Word: "All " + itoa(len(t.Checks)) + " passed"}
}

func (p ConnectionPage) errors() []fieldError {
	return collectErrors(
		fieldError{"host", "Server host name", p.Errors.Host},
		fieldError{"company", "Company ID", p.Errors.Company},
		fieldError{"public_key", "API public key", p.Errors.PublicKey},
		fieldError{"private_key", "API private key", p.Errors.PrivateKey},
	)
}

func (p ConnectionPage) hostField() components.Field {
	return components.Field{
		ID: "host", Label: "Server host name", Value: p.Form.Host, Error: p.Errors.Host, Required: true, Autocomplete: "off",
		Help: "The name you sign in to, without https://. Cloud sites: na, eu, au or staging.",
	}
}

func (p ConnectionPage) companyField() components.Field {
	return components.Field{
		ID: "company", Label: "Company ID", Value: p.Form.Company, Error: p.Errors.Company, Required: true, Autocomplete: "off",
		Help: "What you type in the Company field when you sign in to ConnectWise.",
	}
}

func (p ConnectionPage) publicKeyField() components.Field {
	return components.Field{
		ID: "public_key", Label: "API public key", Value: p.Form.PublicKey, Error: p.Errors.PublicKey,
		Required: true, Autocomplete: "off", Mono: true,
		Help: "System › Members › API Members › API Keys.",
	}
}

func (p ConnectionPage) privateKeyField() components.Field {
	f := components.Field{
		ID: "private_key", Label: "API private key", Error: p.Errors.PrivateKey, Type: "password",
		Required: !p.Editing || p.Other, Autocomplete: "off", Mono: true,
		Help: "Shown once by ConnectWise. Stored sealed, never shown again.",
	}
	if p.Editing && !p.Other {
		f.Help = "Stored; leave empty to keep it. A new host or company needs it again."
	}
	return f
}

// TicketsPage is the wizard's second step. Its fields are board, critical, high,
// as ids.
type TicketsPage struct {
	Account    string
	Boards     []Option
	Priorities []Option // for both selects; Selected is not read
	Board      string
	Critical   string
	High       string
	Errors     TicketsErrors
	Problem    *Message // ConnectWise could not be read, a board is gone
	ReadAt     time.Time
	Zone       *time.Location
}

// TicketsErrors stand under their fields; empty means none.
type TicketsErrors struct {
	Board, Critical, High string
}

func (p TicketsPage) errors() []fieldError {
	return collectErrors(
		fieldError{"board", "Service board", p.Errors.Board},
		fieldError{"critical", "Priority for Critical", p.Errors.Critical},
		fieldError{"high", "Priority for High", p.Errors.High},
	)
}

// chosen is a copy of the options with the given one selected.
func chosen(options []Option, value string) []Option {
	out := make([]Option, len(options))
	for i, o := range options {
		o.Selected = o.Value == value
		out[i] = o
	}
	return out
}

// ReviewPage is the wizard's third step.
type ReviewPage struct {
	Account   string
	Zone      *time.Location
	Groups    []ReviewGroup
	Creates   []Provision
	Findings  []TestCheck // the page puts those to mend first, then those to know
	CheckedAt time.Time
	Problem   *Message // instead of findings, when ConnectWise could not be asked
	// Refused keeps Submit closed for a reason that no check mends: another account
	// has this ConnectWise company.
	Refused string
}

// ReviewGroup is one part of the settings with the step that edits it.
type ReviewGroup struct {
	Title string
	URL   string
	Rows  []ReviewRow
}

// ReviewRow is one setting.
type ReviewRow struct {
	Label, Value string
	Mono         bool
}

// Provision is one record that Submit makes unless it is there.
type Provision struct {
	Kind  string // Product type, Category, Sub-category
	Name  string
	There bool
}

func (p ReviewPage) creates() (create, there int) {
	for _, c := range p.Creates {
		if c.There {
			there++
		} else {
			create++
		}
	}
	return create, there
}

// count is how many findings have the state.
func (p ReviewPage) count(state CheckState) int {
	n := 0
	for _, f := range p.Findings {
		if f.State == state {
			n++
		}
	}
	return n
}

// ordered puts what a person must mend first.
func (p ReviewPage) ordered() []TestCheck {
	out := make([]TestCheck, 0, len(p.Findings))
	for _, state := range []CheckState{
		components.CheckFailed, components.CheckWaiting, components.CheckRunning, components.CheckNote, components.CheckOK,
	} {
		for _, f := range p.Findings {
			if f.State == state {
				out = append(out, f)
			}
		}
	}
	return out
}

// closed says why Submit cannot be pressed; empty when it can.
func (p ReviewPage) closed() string {
	switch {
	case p.Refused != "":
		return p.Refused
	case p.Problem != nil || len(p.Findings) == 0:
		return "Submit opens once ConnectWise could be checked."
	case p.count(components.CheckFailed) > 0:
		return "Submit opens when nothing is left to mend."
	case p.count(components.CheckOK)+p.count(components.CheckNote) < len(p.Findings):
		return "Submit opens once everything is checked."
	}
	return ""
}

// untested is the seven checks before the first test.
func untested() []TestCheck {
	checks := ConnectionChecks()
	for i := range checks {
		checks[i].Detail = "not tested"
	}
	return checks
}

func (p ReviewPage) createsFacts() string {
	create, there := p.creates()
	return Number(create) + " new, " + Number(there) + " already there"
}

// badges count the findings; what nothing has is left out.
func (p ReviewPage) badges() []Badge {
	var out []Badge
	for _, c := range []struct {
		state  CheckState
		status Status
		word   string
	}{
		{components.CheckFailed, components.StatusFailed, " to mend"},
		{components.CheckNote, components.StatusWarning, " to know"},
		{components.CheckOK, components.StatusDone, " fine"},
	} {
		if n := p.count(c.state); n > 0 {
			out = append(out, Badge{Status: c.status, Word: Number(n) + c.word})
		}
	}
	return out
}

// otherConnectWise says what another host or company means, as a standing fact or once one was typed.
func otherConnectWise(typed bool) Message {
	m := Message{
		Tone: components.ToneIdle, Title: "Another host or company starts anew.",
		Text: "The mapping starts empty, nothing of the old ConnectWise is used or changed, and the private key has to be typed again.",
	}
	if typed {
		m.Tone, m.Title = components.ToneWarn, "This is another ConnectWise than the one in use."
		m.Text = "Saving it starts anew: the mapping starts empty, nothing of the old one is used or changed, and the private key has to be typed."
	}
	return m
}
