package billmodel

import "time"

// Day counts days since 1899-12-31, so that also the dates that programs write for none are days; 0 is no date.
type Day int

const (
	daySeconds = int64(24 * time.Hour / time.Second)
	// epoch is 1899-12-31 in days before 1970-01-01.
	epoch = 25568
)

// DayOf is the day of a calendar date.
func DayOf(year int, month time.Month, day int) Day {
	return Day(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix()/daySeconds + epoch)
}

// String is YYYY-MM-DD.
func (d Day) String() string {
	if d == 0 {
		return "never"
	}
	return d.date().Format(time.DateOnly)
}

func (d Day) date() time.Time { return time.Unix((int64(d)-epoch)*daySeconds, 0).UTC() }

// month is the same day of the next month, or that month's last.
func (d Day) month() Day {
	t := d.date()
	first := time.Date(t.Year(), t.Month()+1, 1, 0, 0, 0, 0, time.UTC)
	return DayOf(first.Year(), first.Month(), min(t.Day(), first.AddDate(0, 1, -1).Day()))
}

// Service is a service or sub-service as MySonicWall reports it.
type Service struct {
	Expires  Day
	Quantity int
	Counted  bool // a quantity is reported
	Subs     []Service
}

// Product is what MySonicWall says of one product.
type Product struct {
	Serial     string
	Item       string // the catalog identifier that its name and tier must lead to
	Cloud      bool   // a cloud service or software: always a line
	Device     bool   // a network device: a line where the account wants that
	Billable   bool
	Gone       bool // reported as deleted or transferred
	Unreadable bool
	Registered Day
	Services   []Service
}

// Agreement is an agreement of ConnectWise.
type Agreement struct {
	ID        int
	Monthly   bool
	Other     bool // recurs, but not monthly
	BillStart Day
	Next      Day // first day of the period that is invoiced next
	End       Day
	Cancelled bool
}

// Line is an addition of ConnectWise.
type Line struct {
	ID        int
	Agreement int
	Item      string
	Serial    string
	Bill      string // Billable, DoNotBill, NoCharge
	Quantity  int
	Billed    bool // an invoice carried it
	Effective Day
	Cancelled Day // the last day that bills
}

const (
	billable  = "Billable"
	doNotBill = "DoNotBill"
)

// Note is what Causeway keeps about a line of its own.
type Note struct {
	Line        int
	Agreement   int
	Serial      string
	Tenant      string
	EndedByHand bool
	Resumed     bool // a person asked to take it up again
}

// Row is a row about a product's line that a sync planned and did not, or did, write.
type Row struct {
	Serial string
	Action string
	Status string
	Reason string
	Fields []string // that it would write
	End    bool     // the end of a line that another takes over from
	Chosen Day      // the first day that a person chose for a line which ConnectWise refused
}

// Reading is how a tenant took part in a sync.
type Reading int

const (
	// Compared: MySonicWall answered, and the tenant's lines were compared.
	Compared Reading = iota
	// Unread: MySonicWall did not answer; Products is the answer before.
	Unread
	// Blocked: the agreement or the company ended, so that nothing is written.
	Blocked
	// Frozen: disabled or not mapped.
	Frozen
	// Missing: MySonicWall no longer lists the tenant.
	Missing
	// Ending: frozen, and a person asked to end its billing.
	Ending
)

// Tenant is one tenant's part in a sync.
type Tenant struct {
	ID        string
	Agreement int
	Reading   Reading
	Complete  bool
	Products  []Product
	Rows      []Row
}

// Evening is what there is after a sync.
type Evening struct {
	Today      Day
	Devices    bool // network devices become lines
	PriceFirst bool
	Limit      int // of new lines for a tenant in one run
	Agreements map[int]Agreement
	Lines      []Line
	Notes      []Note
	Tenants    []Tenant
	Inactive   map[string]bool // catalog items that are switched off
}
