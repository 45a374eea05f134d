package views

import (
	"time"

	"causeway/views/components"
)

// TenantPage answers: what does this customer have, what do we bill, since when?
type TenantPage struct {
	Account    string
	Now        time.Time
	Zone       *time.Location
	Tenant     TenantRow // mapping and last sync
	ReadAt     time.Time // when MySonicWall last reported its products; zero for never
	Products   []Product
	Runs       []TenantHistory // newest first
	Held       []Change
	CompanyURL string // in ConnectWise
	CanSync    bool
}

// Product is one registered product as MySonicWall last reported it.
type Product struct {
	Name          string
	Device        string // its friendly name
	Serial        string
	Line          string // in the guide's words: Firewall, Capture Client
	Tier          string
	Registered    time.Time
	Trial         bool
	NotBillable   bool
	Gone          string // "deleted", "transferred"; empty while it is there
	Problems      []string
	Services      []Service
	Addition      *Record // nil when nothing is billed for it
	Configuration *Record
}

// Service is one service of a product; the sub-services name theirs in Of.
type Service struct {
	Name     string
	Of       string    // the service it belongs to; empty for a service itself
	Quantity string    // empty when not reported
	Expires  time.Time // zero when perpetual
}

// Record is a ConnectWise record as last written.
type Record struct {
	ID      string
	URL     string // in ConnectWise; empty for none
	Fields  []RecordField
	Edited  bool   // a person changed something that stays theirs
	ByHand  bool   // a person ended it
	NotWhat string // why there is no record, in place of fields
}

// RecordField is one value of a record.
type RecordField struct {
	Label, Value string
}

// TenantHistory is one of a tenant's syncs.
type TenantHistory struct {
	RunID   string
	At      time.Time
	Outcome Outcome
	Message string
	Changes int
	Took    time.Duration
}

func (p Product) title() string {
	out := p.Name
	if p.Tier != "" {
		out += " · " + p.Tier
	}
	return out
}

func (h TenantHistory) badge() Badge {
	if h.Outcome == OutcomeChanged {
		return Badge{Status: components.StatusSynced}
	}
	return Badge{Status: Status(h.Outcome)}
}

func (p TenantPage) badge() Badge {
	switch {
	case !p.Tenant.Missing.IsZero():
		return Badge{Status: components.StatusMissing}
	case !p.Tenant.Frozen.IsZero():
		return Badge{Status: components.StatusFrozen}
	case p.Tenant.Company == nil:
		return Badge{Status: components.StatusNotMapped}
	case p.Tenant.Last != nil:
		return Badge{Status: p.Tenant.Last.Status}
	case !p.Tenant.Enabled:
		return Badge{Status: components.StatusOff}
	}
	return Badge{}
}

func (p TenantPage) facts() string {
	if p.Tenant.Company == nil {
		return "No company yet: nothing is synced."
	}
	out := "Company " + components.Visible(p.Tenant.Company.Name)
	if a := p.Tenant.Agreement; a != nil {
		out += " · agreement " + components.Visible(a.Name) + ", " + a.facts(p.Now)
	}
	return out
}

// asTenants lends the page's clock to the cells it shares with the tenants page.
func (p TenantPage) asTenants() TenantsPage {
	return TenantsPage{Account: p.Account, Now: p.Now, Zone: p.Zone, Configured: true, alone: true}
}

func (p TenantPage) noProducts() string {
	if p.ReadAt.IsZero() {
		return "Products are read by a sync or a preview."
	}
	return "MySonicWall reports no product for this tenant."
}

func (p Product) about() string {
	out := p.Line
	if p.Device != "" && p.Device != p.Name {
		out += " · " + components.Visible(p.Device)
	}
	if !p.Registered.IsZero() {
		out += " · registered " + Date(p.Registered)
	}
	if p.Trial {
		out += " · trial"
	}
	if p.NotBillable {
		out += " · not billable"
	}
	return out
}

func (p Product) gone() string { return capital(p.Gone) + " in MySonicWall" }

func (s Service) facts() string {
	out := "no expiry"
	if !s.Expires.IsZero() {
		out = "until " + Date(s.Expires)
	}
	if s.Quantity != "" {
		out = Quantity(s.Quantity) + " · " + out
	}
	return out
}
