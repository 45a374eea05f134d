package bridge

// Settings are an account's choices that the compare goes by.
type Settings struct {
	Options Options
	Limits  Limits
}

// Demand is what the shared records must hold for a set of products: merged over tenants before anything is compared, so that
// two tenants never want the same record made twice.
type Demand struct {
	CatalogItems map[string]CatalogDemand // by identifier
	Types        map[string]TypeDemand    // by configuration type name
}

// CatalogDemand is one catalog item with every name that leads to it (R21: they share one item).
type CatalogDemand struct {
	Identifier string
	Placement  Placement
	Names      []string // sorted, without repeats
}

// TypeDemand is one configuration type with the question labels its devices need, sorted.
type TypeDemand struct {
	Name   string
	Labels []string
}

// Placement is where a product line goes in ConnectWise (R19, R20).
type Placement struct {
	Type        string
	Category    string
	Subcategory string
	// ConfigurationType is the product line's name in the guide's table; empty for lines that never become configurations.
	ConfigurationType string
	// Known is false for lines outside the table (R20): catalog only, with a warning.
	Known bool
}

// SharedState is what ConnectWise and our notes say about shared records.
type SharedState struct {
	ProductTypes  map[string]int         // name as found → id
	Categories    map[string]int         // name as found → id
	Subcategories map[string]int         // "category/name" as found → id
	Catalog       map[string]CatalogItem // by upper-cased identifier; several with one identifier: lowest id
	Types         map[string]ConfigurationType
	Managed       map[string]Managed // by NeedKey(kind, key), shared kinds only
}

// SharedPlan is the outcome of comparing shared records.
type SharedPlan struct {
	Changes []Change
	Notes   []Note
}

// Note is a line for the run's log that no change row carries.
type Note struct {
	Level LogLevel
	Text  string
}

// TenantInput is everything one tenant's compare depends on. It holds no clock: Today is the account's local date.
type TenantInput struct {
	Tenant   Tenant
	Today    Date
	Settings Settings
	Company  Company
	// Agreement with its parent's terms filled in (Terms).
	Agreement Agreement
	// Successor names a likely replacement when the agreement has ended; empty when none.
	Successor string
	Report    Report
	// Additions is the agreement's whole, unfiltered list.
	Additions []Addition
	// Configurations of the company, of every type in the guide's table.
	Configurations []Configuration
	Catalog        map[string]CatalogItem // by upper-cased identifier, as read
	// Types as read, by their name in the guide's table (KnownTypes): a person may have renamed one.
	Types map[string]ConfigurationType
	// Managed are this tenant's additions and configurations, and those of any tenant that share a serial with its products.
	Managed []Managed
	// Elsewhere are the other agreements on which records of this tenant stand, or of products that it took over (R49), by id.
	Elsewhere map[int]AgreementLines
	// TakenLines are the ids of all additions that the account manages, whoever's they are: none of them is a line made by hand.
	TakenLines map[int]bool
	// Owners are the other tenants among Managed, by id.
	Owners map[string]Owner
	// AlsoReportedBy maps a serial, of a product or of a managed record, to the name of another enabled tenant whose report lists it.
	AlsoReportedBy map[string]string
	// ActiveStatus and ClosedStatus are the configuration statuses used for R30 and R32, by name.
	ActiveStatus string
	ClosedStatus string
	// ClosedStatuses are all configuration statuses with the closed flag, by name; a person may have chosen another one than
	// ClosedStatus (R52).
	ClosedStatuses []string
	// Verified are ConnectWise ids that were missing from a list and then asked for by id: true when they still exist. Those of
	// configurations that do are among Configurations, of additions among Additions or Elsewhere.
	VerifiedAdditions      map[int]bool
	VerifiedConfigurations map[int]bool
	// Decisions are the account's open decisions about records of these kinds.
	Decisions []Decision
	// Waiting are the rows of the tenant's last compare that a limit on what changes at once held, and of whose batch a person
	// released others, by RecordNeed: they wait for a person also when the rest is below the limit.
	Waiting map[string]Reason
}

// TenantPlan is what one tenant's compare leads to.
type TenantPlan struct {
	// Failure fails the whole tenant with a reason in words; Changes may still hold what R29 lets through.
	Failure      string
	Changes      []Change
	Observations []Observation
	Notes        []Note
	Unchanged    int // objects already right
	// Unverified ask for ids to be read by id before the compare is made again: lists may lag.
	UnverifiedAdditions      []LineRef
	UnverifiedConfigurations []int
	// Dismissed counts the rows that a person put aside and whose facts have stayed.
	Dismissed int
	// Spent are decisions that the facts have overtaken, by id. A sync stores that, a preview does not.
	Spent []int64
	// Frozen is why nothing may be written for the tenant (R53), one of the Frozen reasons; empty while it is synchronised.
	Frozen string
}

// LineRef names an addition as ConnectWise is asked for it.
type LineRef struct {
	AgreementID int
	ID          int
}

// AgreementLines is another agreement with its whole list of additions.
type AgreementLines struct {
	Agreement Agreement // with its parent's terms; its id is 0 when ConnectWise no longer has it
	Additions []Addition
	Unread    bool // it could not be read: nothing is linked to its lines
}

// Owner is what a compare knows of another tenant that has a record of one of this tenant's products.
type Owner struct {
	Name   string
	Unread bool // it is synchronised and was not read completely in this run: whether it still has the product is unknown
	// Frozen tells that nothing is written for it because a person disabled or unmapped it.
	Frozen bool
}
