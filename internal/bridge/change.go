package bridge

import (
	"maps"
	"slices"
	"time"
)

// Kind is the kind of ConnectWise record a change is about, in the words of the command line's answers.
type Kind string

const (
	KindProductType       Kind = "product type"
	KindCategory          Kind = "category"
	KindSubcategory       Kind = "subcategory"
	KindCatalogItem       Kind = "catalog item"
	KindConfigurationType Kind = "configuration type"
	KindQuestion          Kind = "question"
	KindConfiguration     Kind = "configuration"
	KindAddition          Kind = "addition"
	KindTicket            Kind = "ticket"
)

// Shared tells whether records of this kind belong to no tenant and so have one writer per account.
func (k Kind) Shared() bool {
	switch k {
	case KindConfiguration, KindAddition, KindTicket:
		return false
	}
	return true
}

// Action is what a change does.
type Action string

const (
	ActionCreate     Action = "create"
	ActionAdopt      Action = "adopt"  // take an existing record as ours; a write only where Before and After differ
	ActionUpdate     Action = "update" // fields of a managed record
	ActionCancel     Action = "cancel" // an addition gets its cancelled date
	ActionDeactivate Action = "deactivate"
	ActionAttach     Action = "attach" // a configuration to its agreement
)

// Status of a change: planned → sending → applied | failed | skipped. Held waits for a person; stale was overtaken by an edit
// in ConnectWise between plan and write and is planned anew.
type Status string

const (
	StatusPlanned Status = "planned"
	StatusSending Status = "sending" // committed before a write leaves: after a crash it means "maybe done"
	StatusApplied Status = "applied"
	StatusFailed  Status = "failed"
	StatusSkipped Status = "skipped"
	StatusHeld    Status = "held"
	StatusStale   Status = "stale"
)

// Reason is why a change is held, skipped or failed, for programs; Change.Message says the same in words.
type Reason string

const (
	ReasonShare          Reason = "removed_share"    // R32: too much of a tenant would go at once
	ReasonEmptyAnswer    Reason = "empty_answer"     // R32: MySonicWall lists nothing where there was something
	ReasonOptionOff      Reason = "option_off"       // R22: network products are no longer additions
	ReasonOldInvoice     Reason = "old_next_invoice" // R25: next invoice date older than one period
	ReasonBlankExpiry    Reason = "expiry_blank"     // R26
	ReasonZeroQuantity   Reason = "quantity_zero"    // R28
	ReasonQuantityJump   Reason = "quantity_jump"    // limits quantity_factor and quantity_step
	ReasonNewAdditions   Reason = "new_additions"    // limit new_additions
	ReasonPriceFirst     Reason = "price_zero"       // R19 with the option Price first
	ReasonSeveralOpen    Reason = "several_open"     // R33: several open lines under one natural key
	ReasonNotRevived     Reason = "cancelled_found"  // R33: a cancelled line that we have no record of cancelling
	ReasonOtherKey       Reason = "other_key"        // the serial has a managed record under another key
	ReasonTwoTenants     Reason = "two_tenants"      // one serial reported by two tenants
	ReasonExpiredEarly   Reason = "expired_before_billing_start"
	ReasonNothingToBill  Reason = "expired_nothing_to_bill"
	ReasonUnreadable     Reason = "unreadable_facts" // Product.Problems
	ReasonNeeds          Reason = "needs_failed"     // a shared record this change needs could not be written
	ReasonRejected       Reason = "rejected"         // ConnectWise refused it
	ReasonMaybeDone      Reason = "maybe_done"       // no clear answer to a create: the next run looks for it before making it again
	ReasonEndedByHand    Reason = "ended_by_hand"    // R52
	ReasonRegisteredAnew Reason = "registered_anew"  // the product was registered again after the line was made (R51)
	ReasonSerialTooLong  Reason = "serial_too_long"  // ConnectWise cannot hold the serial number
	ReasonInactive       Reason = "inactive"         // the shared record is switched off in ConnectWise
	ReasonNoStatus       Reason = "status_missing"   // ConnectWise has no closed configuration status
	ReasonLookAlike      Reason = "look_alike"       // R50: a line made by hand may already bill the same thing
	ReasonContradiction  Reason = "contradiction"    // MySonicWall's facts about the product contradict each other
	ReasonNotRead        Reason = "not_read"         // another tenant that the change touches could not be read in this run
)

// Fields are a record's values in canonical text, by ConnectWise's own field names: dates YYYY-MM-DD, decimals without
// trailing zeros, booleans true or false, references by name. Absent and empty are the same, as they are in ConnectWise.
type Fields map[string]string

// Canonical field names. Answers to configuration questions are FieldAnswer + label.
const (
	FieldName                = "name"
	FieldCategory            = "category"
	FieldIdentifier          = "identifier"
	FieldDescription         = "description"
	FieldCustomerDescription = "customerDescription"
	FieldType                = "type"
	FieldSubcategory         = "subcategory"
	FieldClass               = "productClass"
	FieldPrice               = "price"
	FieldCost                = "cost"
	FieldProduct             = "product"
	FieldBillCustomer        = "billCustomer"
	FieldQuantity            = "quantity"
	FieldEffective           = "effectiveDate"
	FieldCancelled           = "cancelledDate"
	FieldSerial              = "serialNumber"
	FieldInvoiceDescription  = "invoiceDescription"
	FieldStatus              = "status"
	FieldActive              = "activeFlag"
	FieldInstalled           = "installationDate"
	FieldExpires             = "warrantyExpirationDate"
	FieldAgreement           = "agreement"
	FieldQuestion            = "question"
	FieldAnswer              = "answer: "
)

// Get treats absent as empty.
func (f Fields) Get(name string) string { return f[name] }

// Names in a stable order.
func (f Fields) Names() []string { return slices.Sorted(maps.Keys(f)) }

// With is a copy of f in which the given fields are replaced.
func (f Fields) With(over Fields) Fields {
	out := make(Fields, len(f)+len(over))
	maps.Copy(out, f)
	maps.Copy(out, over)
	return out
}

// Source says where a fact comes from, in the dashboard's words.
type Source string

const (
	SourceMySonicWall Source = "MySonicWall"
	SourceConnectWise Source = "ConnectWise"
	SourceLastWritten Source = "Last written by us"
	SourceRule        Source = "Rule"
	SourceSetting     Source = "Setting"
)

// Fact is one thing a value was decided from.
type Fact struct {
	Source Source `json:"source"`
	Name   string `json:"name"`
	Value  string `json:"value"`
}

// Reasoning explains one field of a change: the rule in a sentence and the facts behind it.
type Reasoning struct {
	Field string `json:"field"`
	Rule  string `json:"rule"` // a sentence for a dispatcher
	Facts []Fact `json:"facts,omitempty"`
}

// Change is one write to ConnectWise: planned, then applied, then history. Key is the natural key in words, never a ConnectWise
// id, so that a preview before the first run and that run name the same rows; Kind, ParentID and Key together are unique among
// an account's records.
type Change struct {
	ID       int64
	RunID    int64
	TenantID string // empty for shared records
	Kind     Kind
	Action   Action
	Key      string
	ParentID int    // agreement of an addition, company of a configuration, 0 for shared records
	Serial   string // of the product behind it
	Subject  string // the product or record in a person's words
	CWMID    int    // the record acted on; 0 until a create was applied
	// Before and After hold only the fields that the change touches; Before is empty for a create.
	Before, After Fields
	// Answer is what ConnectWise held afterwards, whole: the new "last applied".
	Answer Fields
	// Facts go to the managed object once applied (registration date, where the quantity came from).
	Facts  Fields
	Why    []Reasoning
	Status Status
	Reason Reason
	// Message is the reason or error in words; VendorAnswer is ConnectWise's own, at most 1 KB, without secrets.
	Message      string
	VendorAnswer string
	// Needs are the records ("kind/key", NeedKey) that must stand before this one can be written: one that this run was to
	// create or adopt, and could not, fails or holds back this change too.
	Needs       []string
	NextInvoice Date // of the agreement, where the change touches billing
	BillsZero   bool // a new addition whose catalog price is 0 (R19)
	// Link is the same on the rows of one linked change (R49): the new record's and the old one's. Empty for the others.
	Link string
	// Basis is a digest of the MySonicWall facts a held row rests on: a dismissal holds for as long as they stay.
	Basis string
	// RivalID is a record in ConnectWise that a person may adopt instead (R33, R50), with its fields as found; 0 without one.
	RivalID int
	Rival   Fields
	// BillFrom is the date that ConnectWise would take, offered to a person where it refused ours; zero where there is none.
	BillFrom Date
	// DecisionID is the decision that this row carries out, Decided says whose it is; 0 and empty without one.
	DecisionID int64
	Decided    string
	SendingAt  time.Time
	EndedAt    time.Time
}

// NeedKey is how Change.Needs names a shared record.
func NeedKey(kind Kind, key string) string { return string(kind) + "/" + key }

// Detaches tells whether a change loosens a configuration from the agreement it was attached to before (R49).
func (c Change) Detaches() bool {
	_, touches := c.After[FieldAgreement]
	return c.Kind == KindConfiguration && c.Action == ActionUpdate && touches
}

// Managed is a ConnectWise record that Causeway created or adopted.
type Managed struct {
	Kind     Kind
	Key      string
	ParentID int
	TenantID string // empty for shared records
	Serial   string
	CWMID    int
	// LastApplied is the record as ConnectWise answered our last write (it rounds and trims); for an adopted record the
	// fields that a person may own are left out, because we never wrote them (R24, R33).
	LastApplied Fields
	// Facts behind the last write: FactRegistered, FactQuantityFrom, FactEnded.
	Facts Fields
	// MissedSince is the account's local day on which MySonicWall's complete answer first lacked the product; zero while it is
	// listed (R32).
	MissedSince Date
	// EndedByHand is the local day on which we saw that a person had deleted, cancelled or closed it (R52); zero otherwise.
	EndedByHand Date
}

// Names of Managed.Facts.
const (
	FactRegistered   = "registered"    // YYYY-MM-DD, the registration behind an addition (R51)
	FactQuantityFrom = "quantity_from" // sub-service, service or default (R28)
	FactEnded        = "ended"         // YYYY-MM-DD: we ended it under R32
	FactAgreement    = "agreement_id"  // the agreement a configuration was attached to by us
	FactAdopted      = "adopted"       // "true": a person made the record
	FactResume       = "resume"        // who asked to take up again what was ended by hand (R52)
	FactDetach       = "detach_from"   // the agreement a configuration is still attached to after it moved (R49)
	FactMoved        = "moved"         // YYYY-MM-DD: from this day another line of ours bills the product (R49)
	FactOver         = "over"          // YYYY-MM-DD: from this day on neither a line that we ended nor an invoice of it bills
	FactOptionOff    = "option_off"    // YYYY-MM-DD: the local day on which network devices were first seen to be no lines any more (R22)
	FactStands       = "stands"        // YYYY-MM-DD: an end before the one we wrote that was resumed and is right by now (R52)
	FactMoveSeen     = "move_seen"     // YYYY-MM-DD: the local day on which a move to another key was first seen (R49)
	FactMoveTo       = "move_to"       // the key the product moves to: another one makes another day
)

// Observation is what a compare learned about a managed object without writing to ConnectWise. A sync stores it, a preview
// does not. Both dates are complete: a zero one clears what was noted. Facts are laid over the noted ones, an empty value
// forgets one.
type Observation struct {
	Kind        Kind
	Key         string
	ParentID    int
	MissedSince Date
	EndedByHand Date
	TenantID    string // the tenant that takes the record over (R49); empty: it stays where it is
	Facts       Fields
}
