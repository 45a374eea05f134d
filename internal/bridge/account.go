package bridge

import (
	"time"

	"github.com/shopspring/decimal"
)

// AccountState is where an account stands, in the command line's words.
type AccountState string

const (
	AccountNew            AccountState = "new" // MSW key stored, ConnectWise not configured
	AccountSettingUp      AccountState = "setting_up"
	AccountReady          AccountState = "ready"
	AccountPaused         AccountState = "paused"
	AccountNeedsAttention AccountState = "needs_attention" // keys refused (R46); StateReason says by whom
	AccountRemoved        AccountState = "removed"         // R56: its history is kept, nothing else works
)

// Account is one MySonicWall account joined to one ConnectWise company login. It never carries keys: those stay sealed in the
// store and are opened only where a call is made.
type Account struct {
	ID          int64
	Name        string // lower case, digits, dashes; in every command, address and workflow id
	State       AccountState
	StateReason string
	MSWURL      string // empty: the installation's
	MSWZone     string // IANA name as MySonicWall reports it
	ZoneSetting string // IANA name that overrides it; empty: MySonicWall's
	ConnectWise ConnectWiseSettings
	Options     Options
	Limits      Limits
	Tickets     TicketSettings
	// Binding counts the ConnectWise companies this account was joined to; ids of an older binding are never used (R55).
	Binding int
	// KeysVersion rises with every change of keys, so that clients made from older keys are dropped.
	KeysVersion int
	CreatedAt   time.Time
	SetUpAt     time.Time // zero until set-up ended well once
	RemovedAt   time.Time // zero while the account is in use (R56)
}

// Alive refuses, in a sentence, what cannot be done for a removed account (R56).
func (a Account) Alive() error {
	if a.State != AccountRemoved {
		return nil
	}
	return Invalid("account", a.Name+" was removed. Its history can still be read; nothing else is done for it.")
}

// Zone is the IANA name by which the account's nights and dates go.
func (a Account) Zone() string {
	if a.ZoneSetting != "" {
		return a.ZoneSetting
	}
	if a.MSWZone != "" {
		return a.MSWZone
	}
	return "UTC"
}

// Configured tells whether step 1 of the wizard was stored.
func (a Account) Configured() bool { return a.ConnectWise.Host != "" }

// ConnectWiseSettings are the wizard's first step without the private key.
type ConnectWiseSettings struct {
	Host           string // host or host:port, no scheme
	Company        string // the login company id
	PublicKey      string
	CallsAtOnce    int     // default 4
	CallsPerSecond float64 // default 15; 0 = no limit of ours
}

// Default rates towards one ConnectWise login. Its published trouble line is about 1,000 requests a minute.
const (
	DefaultCallsAtOnce    = 4
	DefaultCallsPerSecond = 15
)

// Options of an account that change what is written.
type Options struct {
	NetworkAdditions bool `json:"network_products_as_additions"` // R22
	UnicodeNames     bool `json:"allow_unicode_tenant_names"`    // R13
	PriceFirst       bool `json:"price_first"`                   // R19
	// ActiveStatuses are the company statuses that count as active (R12), by name; empty means the one named Active.
	ActiveStatuses []string `json:"active_statuses,omitempty"`
}

// Limits hold changes of one tenant in one run for a person. A zero switches that limit off.
type Limits struct {
	RemovedShare    decimal.Decimal // 0.20: of the tenant's objects, and more than RemovedMoreThan
	RemovedMoreThan int
	QuantityFactor  decimal.Decimal // 3: up or down, and by more than QuantityStep
	QuantityStep    decimal.Decimal
	NewAdditions    int
}

// DefaultLimits as the settings file documents them.
func DefaultLimits() Limits {
	return Limits{
		RemovedShare: decimal.New(20, -2), RemovedMoreThan: 2,
		QuantityFactor: decimal.New(3, 0), QuantityStep: decimal.New(100, 0),
		NewAdditions: 100,
	}
}

// TicketSettings are the wizard's second step: ids with the names they had when chosen.
type TicketSettings struct {
	BoardID      int
	BoardName    string
	CriticalID   int
	CriticalName string
	HighID       int
	HighName     string
}

// Finding is one line of a preflight or connection test (R3, R8).
type Finding struct {
	Check   string `json:"check"`
	OK      bool   `json:"ok"`
	Skipped bool   `json:"skipped,omitempty"` // not tested because an earlier one failed
	Message string `json:"message"`
	Fix     string `json:"fix"` // the ConnectWise screen that mends it, by its menu path
	Answer  string `json:"answer,omitempty"`
}
