package views

import (
	"net/url"
	"time"
)

// MappingQuestion is asked before a tenant with open lines is mapped elsewhere: what moves from when, and what ends when.
type MappingQuestion struct {
	Account     string
	TenantID    string
	Tenant      string
	Now         time.Time
	Zone        *time.Location
	From        []MappingSide // where lines stand now, each agreement with its number of lines
	To          MappingSide
	Clear       bool // the mapping is to be removed
	Refused     string
	Lines       []MovingLine // those that are shown
	Count       int          // open lines in all
	More        int
	Devices     int    // configurations that go with the tenant
	SameCompany bool   // they stay where they are and are attached to the new agreement
	Enabled     bool   // its sync is on: the next run does it
	Warning     string // why lines would not be written there
	CompanyID   string // what the form sends
	AgreementID string
	ReadAt      time.Time
	Back        string
}

// MappingSide is one agreement with its company.
type MappingSide struct {
	Company     string
	Agreement   string
	NextInvoice string
	Lines       int // open ones that stand there
	Note        string
}

// MovingLine is one open line with what becomes of it.
type MovingLine struct {
	Name     string
	Serial   string
	Quantity string
	From     string // agreement
	Starts   string // the new line; empty where there is none
	Ends     string // the old one; empty where it is left as it is
	Note     string
}

func (q MappingQuestion) title() string {
	if q.Clear {
		return "Remove the mapping of " + q.Tenant + "?"
	}
	return "Map " + q.Tenant + " to " + q.target() + "?"
}

func (q MappingQuestion) button() string {
	switch {
	case q.Clear:
		return "Remove the mapping"
	case q.moving() > 0:
		return "Move " + Count(q.moving(), "line") + " to " + q.target()
	}
	return "Map to " + q.target()
}

// target is the agreement, with its company where that is another: agreements of two companies often have one name.
func (q MappingQuestion) target() string {
	if q.SameCompany || q.To.Company == "" {
		return q.To.Agreement
	}
	return q.To.Agreement + " of " + q.To.Company
}

// moving are the open lines that get a successor there; those that stand there already need none.
func (q MappingQuestion) moving() int { return q.Count - q.staying() }

func (q MappingQuestion) staying() int {
	if q.Clear {
		return q.Count
	}
	return q.To.Lines
}

func (q MappingQuestion) sentence() string {
	if q.Clear {
		return CountOf(q.Count, "line stays", "lines stay") + " open in ConnectWise, where billing goes on: nothing ends by itself. " +
			"The tenant shows since when it is frozen, and End billing ends them."
	}
	out := CountOf(q.moving(), "open line moves", "open lines move") + " to " + q.target() +
		": a new line starts there, and once it stands the old one ends."
	if q.staying() > 0 {
		out += " " + CountOf(q.staying(), "line stands", "lines stand") + " there already."
	}
	return out
}

func (q MappingQuestion) devices() string {
	switch {
	case q.Devices == 0 || q.Clear:
		return ""
	case q.SameCompany:
		return CountOf(q.Devices, "configuration stays and is", "configurations stay and are") + " attached to the new agreement."
	}
	return CountOf(q.Devices, "configuration is", "configurations are") + " made anew in " + q.To.Company + "; the old ones are closed."
}

func (q MappingQuestion) when() string {
	switch {
	case q.Clear:
		return ""
	case q.Enabled:
		return "The next run does it. Dates are by what was written last and by ConnectWise’s agreements as read " + MomentSeconds(q.ReadAt, q.Now, q.Zone) +
			"; the preview afterwards reads everything again."
	}
	return "Its sync is off: nothing moves until you switch it on. Dates are by ConnectWise’s agreements as read " + MomentSeconds(q.ReadAt, q.Now, q.Zone) + "."
}

// EndQuestion is asked before a tenant's billing is ended, with the lines that end.
type EndQuestion struct {
	Account   string
	TenantID  string
	Tenant    string
	Now       time.Time
	Zone      *time.Location
	Why       string // why nothing is synchronised: "Frozen since 1 Oct: its sync is off."
	OpenLines int
	State     PreviewState
	Problem   *Message
	At        time.Time // when the preview was computed
	Rows      []Change
	Notes     []string // why lines are not among them
	Typed     string
	TypedFail string // what is wrong about the typed name
	Refused   string // why its billing cannot be ended
	Asked     string // who asked for it already
	Live      Live
}

func (q EndQuestion) facts() string {
	if q.State == PreviewReady {
		return "Nothing has been written. Computed " + MomentSeconds(q.At, q.Now, q.Zone) + "."
	}
	return "Nothing has been written."
}

func (q EndQuestion) announce() string {
	switch q.State {
	case PreviewComputing:
		return "Computing what ends"
	case PreviewReady:
		return q.button()
	case PreviewNone:
	}
	return ""
}

func (q EndQuestion) button() string { return "End billing of " + Count(len(q.Rows), "line") }

// MappingQuestionURL asks before a tenant with open lines is mapped elsewhere; without an agreement its mapping is to be removed.
func MappingQuestionURL(account, tenant, company, agreement string) string {
	v := url.Values{}
	set(v, "company", company)
	set(v, "agreement", agreement)
	return withQuery(TenantMappingURL(account, tenant), v)
}

// TenantEndURL asks before a tenant's billing is ended, and takes the answer.
func TenantEndURL(account, tenant string) string { return TenantURL(account, tenant) + "/end" }

// TenantEndPreviewURL takes the request to compute what would end.
func TenantEndPreviewURL(account, tenant string) string {
	return TenantEndURL(account, tenant) + "/preview"
}
