package bridge

import "time"

// RunKind tells syncs from the other work whose changes are kept as rows.
type RunKind string

const (
	RunSync    RunKind = "sync"
	RunSetup   RunKind = "setup"
	RunPreview RunKind = "preview" // its rows are never applied
)

// RunStatus in the command line's words.
type RunStatus string

const (
	RunRunning   RunStatus = "running"
	RunCompleted RunStatus = "completed"
	RunFailures  RunStatus = "completed_with_failures"
	RunFailed    RunStatus = "failed"
	RunMissed    RunStatus = "missed" // a night that found the account paused or needing attention
)

// RunPhase is how far a run is.
type RunPhase string

const (
	PhaseCollect RunPhase = "collect" // read MySonicWall
	PhaseCompare RunPhase = "compare" // read ConnectWise and compare
	PhaseShared  RunPhase = "shared"  // shared records
	PhaseWrite   RunPhase = "write"   // tenants
	PhaseDone    RunPhase = "done"
)

// Run is one pass over an account's enabled tenants, or a set-up, or a preview.
type Run struct {
	ID          int64
	AccountID   int64
	Kind        RunKind
	Status      RunStatus
	Phase       RunPhase
	RequestedBy string // night, a person, command line, signal
	Reason      string // why it ended as it did, or the note given with the request
	LocalDate   Date   // the account's local day it works for
	Everything  bool   // all enabled tenants, not some
	Started     time.Time
	Ended       time.Time // zero while it runs
	WorkflowID  string
	TemporalID  string // Temporal's run id, for the link into its UI
	Tenants     TenantCounts
	Changes     ChangeCounts
	Calls       CallCounts
	Collected   int // tenants whose products are read
	Compared    int
	SharedTotal int
	SharedDone  int
	ToWrite     int // tenants that need a SyncTenant
	Written     int // of those, ended
	Slowdowns   int // times ConnectWise asked us to slow down
}

// TenantCounts of a run. Unchanged tenants count as synced.
type TenantCounts struct {
	Total   int `json:"-"`
	Synced  int `json:"synced"`
	Failed  int `json:"failed"`
	Skipped int `json:"skipped"`
}

// ChangeCounts count rows.
type ChangeCounts struct {
	Planned int `json:"planned"`
	Applied int `json:"applied"`
	Failed  int `json:"failed"`
	Skipped int `json:"skipped"`
	Held    int `json:"held"`
	Stale   int `json:"stale"`
}

// CallCounts of a run.
type CallCounts struct {
	ConnectWise int `json:"connectwise"`
	MySonicWall int `json:"mysonicwall"`
}

// TenantStatus is one tenant's state within a run.
type TenantStatus string

const (
	TenantWaiting   TenantStatus = "waiting"
	TenantRunning   TenantStatus = "running"
	TenantUnchanged TenantStatus = "unchanged"
	TenantSynced    TenantStatus = "synced" // something was written
	TenantHeld      TenantStatus = "held"   // nothing failed, something waits for a person
	TenantFailed    TenantStatus = "failed"
	TenantSkipped   TenantStatus = "skipped" // the run ended before it, with the reason
)

// TenantRun is one tenant's part of a run.
type TenantRun struct {
	RunID     int64
	TenantID  string
	Tenant    string // its name at the time
	Mapping   Mapping
	Ending    bool // the run ends the tenant's billing (R53) instead of synchronising it
	Status    TenantStatus
	Message   string // what happened, or why it failed, in a sentence
	Unchanged int    // objects that were already right
	Changes   ChangeCounts
	Started   time.Time
	Ended     time.Time
}

// LogLevel of a run's log line.
type LogLevel string

const (
	LogInfo  LogLevel = "info"
	LogWarn  LogLevel = "warn"
	LogError LogLevel = "error"
)

// LogLine names what was attempted, on whose behalf and what was said (R44).
type LogLine struct {
	ID       int64
	RunID    int64
	TenantID string
	Tenant   string
	Time     time.Time
	Level    LogLevel
	Text     string
}

// SyncRequest is what arrives in an account's mailbox.
type SyncRequest struct {
	ID      string   `json:"request,omitempty"`
	Tenants []string `json:"tenants,omitempty"` // ids or exact names; empty: all enabled
	By      string   `json:"by,omitempty"`
	Note    string   `json:"note,omitempty"`
	Night   Date     `json:"night,omitzero"` // set by the schedule: the local date it is for
}
