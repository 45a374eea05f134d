package activities

import (
	"context"
	"strconv"
	"time"

	"causeway/internal/bridge"
	"causeway/internal/store"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// AccountState is what a mailbox needs to know of its account.
type AccountState struct {
	Paused    bool
	Attention bool
	Ready     bool // set-up ended well once
}

func stateOf(account bridge.Account) AccountState {
	return AccountState{
		Paused:    account.State == bridge.AccountPaused,
		Attention: account.State == bridge.AccountNeedsAttention,
		Ready:     !account.SetUpAt.IsZero(),
	}
}

// LoadAccount reads an account's state for its mailbox.
func (a *Activities) LoadAccount(ctx context.Context, account string) (AccountState, error) {
	acc, err := a.Store.Account(ctx, account)
	if err == nil {
		err = acc.Alive()
	}
	if err != nil {
		return AccountState{}, asTemporal(err)
	}
	return stateOf(acc), nil
}

// SetPausedInput asks for a pause or its end.
type SetPausedInput struct {
	Account string
	Paused  bool
	By      string
}

// SetPaused records a pause or a resume. Resuming also takes an account that needs attention up again: the next request tries
// its keys (R46).
func (a *Activities) SetPaused(ctx context.Context, in SetPausedInput) (AccountState, error) {
	acc, err := a.Store.UpdateAccount(ctx, a.accountID(ctx, in.Account), func(acc *bridge.Account) error {
		switch {
		case in.Paused:
			acc.State, acc.StateReason = bridge.AccountPaused, pausedBy(in.By)
		case acc.State == bridge.AccountPaused || acc.State == bridge.AccountNeedsAttention:
			acc.State, acc.StateReason = settledState(*acc), ""
		}
		return nil
	})
	if err != nil {
		return AccountState{}, asTemporal(err)
	}
	return stateOf(acc), nil
}

func pausedBy(who string) string {
	if who == "" {
		return "paused by a signal"
	}
	return "paused by " + who
}

// settledState is where an account stands when nothing is wrong with it.
func settledState(acc bridge.Account) bridge.AccountState {
	if acc.SetUpAt.IsZero() {
		return bridge.AccountNew
	}
	return bridge.AccountReady
}

func (a *Activities) accountID(ctx context.Context, name string) int64 {
	acc, err := a.Store.Account(ctx, name)
	if err != nil {
		return 0 // UpdateAccount answers "not found" in words
	}
	return acc.ID
}

// OpenRunInput is all that waits in a mailbox.
type OpenRunInput struct {
	Account    string
	Everything bool
	Tenants    []string // ids or exact names
	Requests   []bridge.SyncRequest
	Nights     []bridge.Date
	Token      string // the same token again gives the same run back
}

// OpenedRun names a run; 0 when none was needed. Wait is how long it waits for a vendor that is away (R54); 0 stands for the
// workflows' own default.
type OpenedRun struct {
	RunID int64
	Wait  time.Duration `json:",omitempty"`
}

// OpenRun opens the run that serves everything in the mailbox. A night's date is claimed by a unique row: where all that waits
// are nights whose date already had its run, nothing is opened (R15).
func (a *Activities) OpenRun(ctx context.Context, in OpenRunInput) (OpenedRun, error) {
	acc, err := a.Store.Account(ctx, in.Account)
	if err != nil {
		return OpenedRun{}, asTemporal(err)
	}
	tenants, unknown, err := a.wantedTenants(ctx, acc, in)
	if err != nil {
		return OpenedRun{}, asTemporal(err)
	}
	open := store.OpenRun{
		AccountID: acc.ID, Kind: bridge.RunSync, Requests: in.Requests, By: askedBy(in), Note: note(in),
		LocalDate: a.today(acc), Everything: in.Everything, Tenants: tenants, TemporalID: in.Token,
	}
	for _, night := range in.Nights {
		open.Night, open.LocalDate = true, night
	}
	run, opened, err := a.Store.OpenRun(ctx, open)
	if err != nil {
		return OpenedRun{}, asTemporal(err)
	}
	if !opened && len(in.Requests) > 0 {
		// The night was taken, the people who asked still want their run.
		open.Night, open.LocalDate = false, a.today(acc)
		run, opened, err = a.Store.OpenRun(ctx, open)
		if err != nil {
			return OpenedRun{}, asTemporal(err)
		}
	}
	if !opened {
		return OpenedRun{}, nil
	}
	return OpenedRun{RunID: run.ID, Wait: a.VendorWait}, a.warnUnknown(ctx, run, unknown)
}

func (a *Activities) wantedTenants(ctx context.Context, acc bridge.Account, in OpenRunInput) (tenants []bridge.Tenant, unknown []string, err error) {
	if in.Everything {
		tenants, err = a.Store.SyncableTenants(ctx, acc.ID, nil)
		return tenants, nil, err
	}
	named, unknown, err := a.namedTenants(ctx, acc, in.Tenants)
	if err != nil || len(named) == 0 {
		return nil, unknown, err
	}
	ids := make([]string, 0, len(named))
	for _, tenant := range named {
		ids = append(ids, tenant.ID)
	}
	tenants, err = a.Store.SyncableTenants(ctx, acc.ID, ids)
	return tenants, unknown, err
}

// namedTenants finds tenants by id or exact name, each once, and tells which are none or several.
func (a *Activities) namedTenants(ctx context.Context, acc bridge.Account, names []string) (tenants []bridge.Tenant, unknown []string, err error) {
	seen := map[string]bool{}
	for _, name := range names {
		tenant, err := a.Store.Tenant(ctx, acc.ID, name)
		switch {
		case bridge.CodeOf(err) == bridge.CodeNotFound, bridge.CodeOf(err) == bridge.CodeConflict:
			unknown = append(unknown, name)
		case err != nil:
			return nil, nil, err
		case !seen[tenant.ID]:
			seen[tenant.ID] = true
			tenants = append(tenants, tenant)
		}
	}
	return tenants, unknown, nil
}

func (a *Activities) warnUnknown(ctx context.Context, run bridge.Run, unknown []string) error {
	lines := make([]bridge.LogLine, 0, len(unknown))
	for _, name := range unknown {
		lines = append(lines, bridge.LogLine{RunID: run.ID, Time: a.Now(), Level: bridge.LogWarn,
			Text: "asked for tenant " + strconv.Quote(name) + ": there is no tenant, or more than one, of that id or name; the others are synced"})
	}
	if len(lines) == 0 {
		return nil
	}
	return asTemporal(a.Store.AppendLogs(ctx, lines))
}

func askedBy(in OpenRunInput) string {
	if len(in.Requests) == 0 {
		return "night"
	}
	by := in.Requests[0].By
	for _, r := range in.Requests[1:] {
		if r.By != by {
			return by + " and others"
		}
	}
	return by
}

func note(in OpenRunInput) string {
	for _, r := range in.Requests {
		if r.Note != "" {
			return r.Note
		}
	}
	return ""
}

// CloseRunInput ends a run; without a status it is computed from the tenants' outcomes.
type CloseRunInput struct {
	RunID  int64
	Status bridge.RunStatus
	Reason string
}

// CloseRun ends a run's row with its counts; ending it twice changes nothing.
func (a *Activities) CloseRun(ctx context.Context, in CloseRunInput) error {
	run, err := a.Store.CloseRun(ctx, in.RunID, in.Status, in.Reason)
	if err != nil {
		return asTemporal(err)
	}
	a.lookups.forget(run.ID)
	return asTemporal(a.keysWorkAgain(ctx, run))
}

// keysWorkAgain takes an account up again whose keys were refused, when the attempt that a person asked for got through (R46).
func (a *Activities) keysWorkAgain(ctx context.Context, run bridge.Run) error {
	if run.Status == bridge.RunFailed || run.Calls.ConnectWise == 0 || run.Calls.MySonicWall == 0 {
		return nil
	}
	acc, err := a.Store.AccountByID(ctx, run.AccountID)
	if err != nil || acc.State != bridge.AccountNeedsAttention {
		return err
	}
	_, err = a.Store.UpdateAccount(ctx, acc.ID, func(acc *bridge.Account) error {
		if acc.State == bridge.AccountNeedsAttention {
			acc.State, acc.StateReason = bridge.AccountReady, ""
		}
		return nil
	})
	return err
}

// MissNightInput names a night that found its account paused or needing attention.
type MissNightInput struct {
	Account string
	Night   bridge.Date
}

// MissNight notes a night as missed, with the reason.
func (a *Activities) MissNight(ctx context.Context, in MissNightInput) error {
	acc, err := a.Store.Account(ctx, in.Account)
	if err != nil {
		return asTemporal(err)
	}
	reason := acc.StateReason
	if reason == "" {
		reason = "the account was " + string(acc.State)
	}
	return asTemporal(a.Store.MissNight(ctx, acc.ID, in.Night, reason))
}

// HandNightInput carries the time that was scheduled, not the one at which a late catch-up fired.
type HandNightInput struct {
	Account     string
	ScheduledAt time.Time
}

// HandNight puts "the night of this local date" into the account's mailbox. The date comes from zone data, which differs
// between builds, and so never from workflow code.
func (a *Activities) HandNight(ctx context.Context, in HandNightInput) error {
	acc, err := a.Store.Account(ctx, in.Account)
	if err != nil {
		return asTemporal(err)
	}
	if acc.State == bridge.AccountRemoved {
		return nil // its schedule fired once more while it was being removed
	}
	zone, err := time.LoadLocation(acc.Zone())
	if err != nil {
		return asTemporal(bridge.Invalid("time_zone", "this build does not know the time zone "+acc.Zone()))
	}
	return a.Temporal.RequestSync(ctx, in.Account, bridge.SyncRequest{Night: bridge.DateOf(in.ScheduledAt.In(zone)), By: "night"})
}

// TenantsToSyncInput pages through a run's tenants that need a SyncTenant, by tenant id.
type TenantsToSyncInput struct {
	RunID int64
	After string
	Limit int
}

// TenantToSync names a tenant; the name is for the Temporal UI.
type TenantToSync struct {
	ID   string
	Name string
}

// TenantsToSync lists the next tenants with something to write, to hold or to fail.
func (a *Activities) TenantsToSync(ctx context.Context, in TenantsToSyncInput) ([]TenantToSync, error) {
	rows, err := a.Store.TenantsToSync(ctx, in.RunID, in.After, in.Limit)
	if err != nil {
		return nil, asTemporal(err)
	}
	out := make([]TenantToSync, 0, len(rows))
	for _, row := range rows {
		out = append(out, TenantToSync{ID: row.TenantID, Name: row.Tenant})
	}
	return out, nil
}

// EndTenantInput reports a tenant; without a status it is computed from its rows.
type EndTenantInput struct {
	RunID    int64
	TenantID string
	Status   bridge.TenantStatus
	Message  string
}

// EndTenant reports a tenant's outcome once; asked again it gives the same answer.
func (a *Activities) EndTenant(ctx context.Context, in EndTenantInput) (ApplyResult, error) {
	if in.Status == "" {
		var err error
		if in.Status, in.Message, err = a.outcome(ctx, in.RunID, in.TenantID); err != nil {
			return ApplyResult{}, asTemporal(err)
		}
	}
	row, err := a.Store.EndTenant(ctx, in.RunID, in.TenantID, in.Status, in.Message)
	if err != nil {
		return ApplyResult{}, asTemporal(err)
	}
	return ApplyResult{Ended: true, Status: row.Status, Message: row.Message}, nil
}

// outcome says in a sentence what happened to a tenant, trouble first. A tenant that the plan already failed (R13, R29, R53)
// stays failed whatever else was written.
func (a *Activities) outcome(ctx context.Context, runID int64, tenantID string) (bridge.TenantStatus, string, error) {
	planned, err := a.Store.TenantRun(ctx, runID, tenantID)
	if err != nil {
		return "", "", err
	}
	run, err := a.Store.OpenedRun(ctx, runID)
	if err != nil {
		return "", "", err
	}
	rows, _, err := a.Store.Changes(ctx, store.ChangeFilter{AccountID: run.AccountID, RunID: runID, TenantID: &tenantID})
	if err != nil {
		return "", "", err
	}
	var failed, held []bridge.Change
	applied := 0
	for _, row := range rows {
		switch row.Status {
		case bridge.StatusFailed:
			failed = append(failed, row)
		case bridge.StatusHeld:
			held = append(held, row)
		case bridge.StatusApplied:
			applied++
		}
	}
	switch {
	case planned.Message != "":
		return bridge.TenantFailed, planned.Message, nil
	case len(failed) > 0:
		return bridge.TenantFailed, first(failed), nil
	case len(held) > 0:
		return bridge.TenantHeld, first(held), nil
	case applied > 0:
		return bridge.TenantSynced, "", nil
	}
	return bridge.TenantUnchanged, "", nil
}

// first is the first row's reason, with how many more there are.
func first(rows []bridge.Change) string {
	message := rows[0].Subject + ": " + rows[0].Message
	if more := len(rows) - 1; more > 0 {
		message += " (and " + strconv.Itoa(more) + " more)"
	}
	return message
}
