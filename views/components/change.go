package components

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"
)

// FieldChange is one field of a change. Before and After are ready to read; an
// empty one reads "none". Created fields show only After.
type FieldChange struct {
	Label   string
	Before  string
	After   string
	Diff    string // signed difference for a number or date: "+3", "−2", "+1 year"
	Note    string // why it stays, for a field that is shown though left alone
	Created bool
	Mono    bool // identifiers and serials
	Long    bool // texts that go one under the other
	Whole   bool // figures and dates, which never break
}

// Fact is one thing a rule went by, with the place it came from.
type Fact struct {
	Source string // MySonicWall, ConnectWise, Last written by us, Rule, Setting
	Value  string
	URL    string // the log line or product it came from, or empty
}

// Reason answers one question about a change.
type Reason struct {
	Question string
	Rule     string
	Facts    []Fact
}

// Why is everything that explains a change: what went wrong first, then the rules
// and facts behind its values, then what the next invoice says.
type Why struct {
	Failure     string // one sentence a dispatcher understands; empty unless failed or held
	Explain     string // what to do about it, or why it happened
	Answer      string // the vendor's own answer, as received
	AnsweredBy  string // whose answer that is; ConnectWise when empty
	Reasons     []Reason
	InvoiceDate string // next invoice date, ready to read; empty when nothing is invoiced
	Invoice     string
	InvoiceNote string
}

// Trouble tells that something went wrong: that is read at once, not unfolded.
func (w Why) Trouble() bool { return w.Failure != "" }

// Empty tells that there is nothing to unfold.
func (w Why) Empty() bool {
	return len(w.Reasons) == 0 && w.Invoice == "" && (w.Trouble() || w.Explain == "" && w.Answer == "")
}

// Link is text that leads somewhere. An empty URL is plain text.
type Link struct {
	Text string
	URL  string
	Icon string // name in the sprite, or empty
}

// Change is one row of a plan or of a history.
type Change struct {
	ID     string // unique on the page and safe as part of an element id
	Action Action
	Kind   string // what the record is, in words: agreement line, configuration, …
	Name   string
	Serial string
	Detail string // beside the serial, such as "Basic to Advanced"
	Fields []FieldChange
	Halves []ChangeHalf // of a linked change, in the order in which they are written; instead of Fields
	Badge  Badge
	Why    Why
	Tenant Link // only where rows of several tenants stand together
	When   string
	Effect string // what the next invoice says because of it
	Zero   bool   // the line will bill 0.00
	Record string // address of the record in ConnectWise, or empty
	Steps  []Step // what a person may answer to it
	Said   Link   // in place of steps: what was decided, or where to decide
}

// ChangeHalf is one of the two records of a linked change.
type ChangeHalf struct {
	Action Action
	Name   string
	Where  string // its agreement or company, where the halves differ in it
	Badge  Badge
	Fields []FieldChange
}

// Step is a button of its own form.
type Step struct {
	ID     string
	Text   string
	Kind   string // outline where empty
	URL    string
	Values []Option // what the form sends, by Text
}

func (s Step) kind() string {
	if s.Kind == "" {
		return "outline"
	}
	return s.Kind
}

// differing tells that the halves are not in the same state: then each shows its own.
func (c Change) differing() bool {
	for _, h := range c.Halves {
		if h.Badge.Status != c.Halves[0].Badge.Status {
			return true
		}
	}
	return false
}

// fieldsAtOnce is how many fields of a new record are shown before the rest is folded: a firewall has a question for each service.
const fieldsAtOnce = 8

// fields are those shown at once and those folded. What changed on a record that was there is never folded.
func (c Change) fields() (shown, folded []FieldChange) {
	if len(c.Fields) <= fieldsAtOnce+1 {
		return c.Fields, nil
	}
	for _, f := range c.Fields {
		if !f.Created {
			return c.Fields, nil
		}
	}
	return c.Fields[:fieldsAtOnce], c.Fields[fieldsAtOnce:]
}

// Breakable is an identifier that may break behind its underscores and slashes, and is copied without a blank there.
func Breakable(identifier string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		text := templ.EscapeString(Visible(identifier))
		_, err := io.WriteString(w, strings.NewReplacer("_", "_<wbr>", "/", "/<wbr>").Replace(text))
		return err
	})
}

func (w Why) answeredBy() string {
	if w.AnsweredBy != "" {
		return w.AnsweredBy
	}
	return "ConnectWise"
}
