package store

import (
	"time"

	"causeway/internal/bridge"
)

// countColumns are the counts of change rows, kept on runs and on tenant runs alike.
type countColumns struct {
	ChangesPlanned int
	ChangesApplied int
	ChangesFailed  int
	ChangesSkipped int
	ChangesHeld    int
	ChangesStale   int
}

func (c countColumns) bridge() bridge.ChangeCounts {
	return bridge.ChangeCounts{
		Planned: c.ChangesPlanned, Applied: c.ChangesApplied, Failed: c.ChangesFailed,
		Skipped: c.ChangesSkipped, Held: c.ChangesHeld, Stale: c.ChangesStale,
	}
}

// countedChanges counts the rows of a group of changes. Planned counts every row there is, whatever became of it: that is how
// much the plan held.
const countedChanges = `count(*) AS changes_planned,
	count(CASE WHEN status = 'applied' THEN 1 END) AS changes_applied,
	count(CASE WHEN status = 'failed' THEN 1 END) AS changes_failed,
	count(CASE WHEN status = 'skipped' THEN 1 END) AS changes_skipped,
	count(CASE WHEN status = 'held' THEN 1 END) AS changes_held,
	count(CASE WHEN status = 'stale' THEN 1 END) AS changes_stale`

type runRow struct {
	ID               int64 `gorm:"primaryKey"`
	AccountID        int64
	Binding          int
	Kind             string
	Status           string
	Phase            string
	RequestedBy      string
	Reason           string
	LocalDate        day
	Night            bool
	Everything       bool
	StartedAt        stamp
	EndedAt          stamp
	WorkflowID       string
	TemporalID       string
	TenantsTotal     int
	TenantsSynced    int
	TenantsFailed    int
	TenantsSkipped   int
	Counts           countColumns `gorm:"embedded"`
	CallsConnectWise int          `gorm:"column:calls_connectwise"`
	CallsMySonicWall int          `gorm:"column:calls_mysonicwall"`
	Collected        int
	Compared         int
	SharedTotal      int
	SharedDone       int
	ToWrite          int
	Written          int
	Slowdowns        int
}

func (runRow) TableName() string { return "runs" }

func (r runRow) run() bridge.Run {
	return bridge.Run{
		ID: r.ID, AccountID: r.AccountID, Kind: bridge.RunKind(r.Kind), Status: bridge.RunStatus(r.Status),
		Phase: bridge.RunPhase(r.Phase), RequestedBy: r.RequestedBy, Reason: r.Reason, LocalDate: bridge.Date(r.LocalDate),
		Everything: r.Everything, Started: time.Time(r.StartedAt), Ended: time.Time(r.EndedAt),
		WorkflowID: r.WorkflowID, TemporalID: r.TemporalID,
		Tenants: bridge.TenantCounts{
			Total: r.TenantsTotal, Synced: r.TenantsSynced, Failed: r.TenantsFailed, Skipped: r.TenantsSkipped,
		},
		Changes:   r.Counts.bridge(),
		Calls:     bridge.CallCounts{ConnectWise: r.CallsConnectWise, MySonicWall: r.CallsMySonicWall},
		Collected: r.Collected, Compared: r.Compared, SharedTotal: r.SharedTotal, SharedDone: r.SharedDone,
		ToWrite: r.ToWrite, Written: r.Written, Slowdowns: r.Slowdowns,
	}
}

type requestRow struct {
	AccountID int64  `gorm:"primaryKey"`
	RequestID string `gorm:"primaryKey"`
	RunID     int64
}

func (requestRow) TableName() string { return "run_requests" }

type tenantRunRow struct {
	RunID       int64  `gorm:"primaryKey;autoIncrement:false"`
	TenantID    string `gorm:"primaryKey"`
	AccountID   int64
	TenantName  string
	Search      string
	CompanyID   int
	AgreementID int
	Enabled     bool
	Ending      bool
	Status      string
	Message     string
	NeedSync    bool
	Unchanged   int
	Counts      countColumns `gorm:"embedded"`
	StartedAt   stamp
	EndedAt     stamp
}

func (tenantRunRow) TableName() string { return "tenant_runs" }

func (r tenantRunRow) tenantRun() bridge.TenantRun {
	return bridge.TenantRun{
		RunID: r.RunID, TenantID: r.TenantID, Tenant: r.TenantName,
		Mapping: bridge.Mapping{CompanyID: r.CompanyID, AgreementID: r.AgreementID, Enabled: r.Enabled},
		Ending:  r.Ending, Status: bridge.TenantStatus(r.Status), Message: r.Message, Unchanged: r.Unchanged, Changes: r.Counts.bridge(),
		Started: time.Time(r.StartedAt), Ended: time.Time(r.EndedAt),
	}
}

// Words of the rows as SQL compares them.
const (
	running     = string(bridge.RunRunning)
	planned     = string(bridge.StatusPlanned)
	sending     = string(bridge.StatusSending)
	held        = string(bridge.StatusHeld)
	skipped     = string(bridge.StatusSkipped)
	failed      = string(bridge.StatusFailed)
	waiting     = string(bridge.TenantWaiting)
	tenantInRun = string(bridge.TenantRunning)
)
