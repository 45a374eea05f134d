// Package estate makes up the customers of a managed service provider: what
// MySonicWall reports about them and which companies and agreements
// ConnectWise Manage holds for them. Both simulators start from the same
// estate, so that a tenant of the one has its company in the other.
//
// Every name, serial number and date is invented. The same seed and day give
// the same estate, and tenant i is the same however many tenants are asked for.
package estate

import "time"

// Limits of one estate; serial numbers have room for no more.
const (
	MaxTenants           = 32767
	MaxProductsPerTenant = 255
)

// Estate is one provider's customers as both vendors' systems know them.
type Estate struct {
	Seed uint64
	// Today is midnight UTC of the day around which all dates were laid.
	Today time.Time
	// Statuses are the names of ConnectWise company statuses in use, the
	// default one first.
	Statuses  []string
	Tenants   []Tenant
	Companies []Company
}

// Tenant is one customer in MySonicWall.
type Tenant struct {
	// Number counts from 1; ID is MySonicWall's productGroupID.
	Number    int
	ID        int
	Name      string
	IsDefault bool
	// TimeZone is the tenant's own IANA zone; empty means the account's.
	TimeZone string
	// CaptureClientID is a GUID, empty where the tenant has no Capture Client.
	CaptureClientID string
	Products        []Product
	// CompanyID and AgreementID name the ConnectWise records that a careful
	// person would map the tenant to; 0 where there is none to choose.
	CompanyID   int
	AgreementID int
}

// Product is one registered unit or subscription of a tenant.
type Product struct {
	Serial       string
	Name         string // as MySonicWall writes it: may hold markup and entities
	FriendlyName string
	Line         string // FIREWALL, SMA1000, …, OTHER
	Tier         string // NONE, BASIC, ADVANCED or PREMIER
	Trial        bool
	Network      bool
	Billable     Billable
	Registered   time.Time // midnight UTC; zero where MySonicWall has none
	Status       string    // ACTIVE, EXPIRED, DELETED or TRANSFERRED
	UpdatedAt    time.Time
	Services     []Service
	Wire         Wire
}

// Billable is MySonicWall's flag, which can be missing.
type Billable string

// The three things MySonicWall can say about billing.
const (
	BillableYes     Billable = "YES"
	BillableNo      Billable = "NO"
	BillableUnknown Billable = ""
)

// Service is a licensed service; Parts are its sub-services.
type Service struct {
	Name     string
	Status   string    // ACTIVATED, NOT_ACTIVATED, EXPIRED or FREE_TRIAL
	Quantity *int      // nil: not reported
	Expires  time.Time // midnight UTC; zero: blank, never expires or unknown
	Parts    []Service
}

// Wire says how untidily MySonicWall writes one product's row.
type Wire struct {
	NumbersAsText bool
	MixedCase     bool // YES and NO as Yes, no, …
	PortalDates   bool // 11-Feb-25 instead of 2025-02-11
	OmitBlanks    bool // leaves blank dates out instead of sending ""
}

// Company is a ConnectWise company.
type Company struct {
	ID         int
	Identifier string // at most 25 characters
	Name       string // at most 50 characters
	Status     string // one of Estate.Statuses
	Deleted    bool   // in the recycle bin
	Tenant     int    // number of the tenant it stands for, 0: no SonicWall customer
	Agreements []Agreement
}

// Cycle is how often an agreement bills, in ConnectWise's words.
type Cycle string

// The billing cycles that occur in an estate.
const (
	CycleNone         Cycle = "" // a child agreement leaves it to its parent
	CycleMonthly      Cycle = "Monthly"
	CycleQuarterly    Cycle = "Quarterly"
	CycleNotRecurring Cycle = "NotRecurring"
)

// Agreement is a ConnectWise agreement. Dates are midnight UTC, zero = not set.
type Agreement struct {
	ID          int
	ParentID    int // 0: not a child agreement
	Name        string
	Type        string
	Cycle       Cycle
	Start       time.Time
	End         time.Time // zero: no ending date
	BillStart   time.Time
	NextInvoice time.Time
	Cancelled   time.Time // zero: not cancelled
	Prorate     bool
}

type options struct {
	clean    bool
	products int
	account  int
}

// Option changes what Generate makes.
type Option func(*options)

// Clean leaves out everything untidy: each tenant has a company of exactly its
// name with one monthly agreement, and its products are live, billable, half
// of them cloud subscriptions and half network devices. For measuring speed.
func Clean() Option { return func(o *options) { o.clean = true } }

// ProductsPerTenant gives every tenant exactly n products (1 to
// MaxProductsPerTenant). Without it a tenant has 4 to 30, clean ones 25.
func ProductsPerTenant(n int) Option {
	return func(o *options) { o.products = min(max(n, 0), MaxProductsPerTenant) }
}

// Second moves tenant ids, serial numbers, company ids and names out of the
// way of a first estate of the same seed, for another MySonicWall account.
func Second() Option { return func(o *options) { o.account = 1 } }

// Generate makes the estate of a seed as of a day (only its calendar date in
// its own zone counts). Tenants beyond MaxTenants are not made.
func Generate(seed uint64, tenants int, today time.Time, opts ...Option) Estate {
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	y, m, d := today.Date()
	e := Estate{
		Seed:     seed,
		Today:    time.Date(y, m, d, 0, 0, 0, 0, time.UTC),
		Statuses: []string{"Active", "Prospect", "Inactive"},
	}
	for i := 1; i <= min(tenants, MaxTenants); i++ {
		g := newGenerator(seed, i, e.Today, o)
		tenant, companies := g.tenant()
		e.Tenants = append(e.Tenants, tenant)
		e.Companies = append(e.Companies, companies...)
	}
	return e
}
