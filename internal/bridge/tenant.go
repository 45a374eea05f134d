package bridge

// Tenant is an MSW tenant: an end customer of the MSP. ID is MySonicWall's productGroupID; names change and are not unique.
type Tenant struct {
	ID      string
	Name    string
	Missing bool // MySonicWall stopped listing it (R1)
	Mapping Mapping
	Ending  bool // a person asked to end its billing (R53), whether or not it is enabled
	Frozen  Frozen
}

// Idle is why a tenant is not synchronised, as far as its mapping and MySonicWall's list say, in the words of the Frozen reasons;
// empty while it is.
func (t Tenant) Idle() string {
	switch {
	case t.Missing:
		return FrozenMissing
	case !t.Mapping.Complete():
		return FrozenUnmapped
	case !t.Mapping.Enabled:
		return FrozenDisabled
	}
	return ""
}

// MayEnd refuses the end of billing (R53) for a tenant that the next run would bill again.
func (t Tenant) MayEnd() error {
	if t.Idle() != "" || !t.Frozen.Since.IsZero() {
		return nil
	}
	return &Error{
		Code: CodeConflict, Field: "tenant",
		Message: t.Name + " is synchronised, so its billing would begin again with the next run. Switch its sync off first.",
	}
}

// Frozen is since which local day, and why, nothing is written for a tenant that was synchronised before (R53); zero while it is.
type Frozen struct {
	Since  Date
	Reason string
}

// Reasons for which a tenant is frozen: nothing of it is written, nothing of it ends by itself (R53).
const (
	FrozenDisabled  = "disabled"
	FrozenUnmapped  = "unmapped"
	FrozenMissing   = "missing"
	FrozenAgreement = "agreement" // ended or cancelled, or its company is in the recycle bin
)

// Mapping is where a tenant's products go. Zero ids mean not mapped.
type Mapping struct {
	CompanyID   int
	AgreementID int
	Enabled     bool
}

// Complete tells whether the sync switch may be turned on (R11).
func (m Mapping) Complete() bool { return m.CompanyID != 0 && m.AgreementID != 0 }

// Company is a ConnectWise company as far as mapping needs it.
type Company struct {
	ID         int
	Identifier string
	Name       string
	Status     string // the status' name; free text of each MSP
	Deleted    bool   // in the recycle bin
}

// BillingOption is the option of an agreement's billing cycle, in ConnectWise's words. The cycle's name is the MSP's own text
// and says nothing (R29).
type BillingOption string

const (
	BillingNone         BillingOption = "" // no cycle
	BillingNotRecurring BillingOption = "NotRecurring"
	BillingMonthly      BillingOption = "Monthly"
)

// Agreement is a ConnectWise agreement. Cycle and dates are as ConnectWise has them; Terms fills what a child lacks from its
// parent (R25).
type Agreement struct {
	ID          int
	CompanyID   int
	ParentID    int // 0 when it has none
	Name        string
	Type        string
	CycleName   string
	Cycle       BillingOption
	OneTime     bool
	Start       Date
	End         Date // zero when open-ended
	BillStart   Date
	NextInvoice Date
	Cancelled   bool
	Prorate     bool
	Status      string // ConnectWise's computed status, for display only
}
