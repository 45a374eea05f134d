package admin

import (
	"time"

	"causeway/internal/bridge"
)

// The answers of the command line, in its JSON. Times are UTC; null where there is none.

// AccountAnswer is where an account stands.
type AccountAnswer struct {
	Account       string              `json:"account"`
	State         bridge.AccountState `json:"state"`
	StateReason   string              `json:"state_reason"`
	TimeZone      string              `json:"time_zone"`
	NextRun       *time.Time          `json:"next_run"`
	LastRun       *time.Time          `json:"last_run"` // when the newest run started
	LastRunID     int64               `json:"last_run_id,omitempty"`
	LastRunStatus bridge.RunStatus    `json:"last_run_status,omitempty"`
	FailedTenants int                 `json:"failed_tenants"`
	HeldChanges   int                 `json:"held_changes"`
	Removed       *time.Time          `json:"removed,omitempty"` // when the account was removed (R56)
	Tenants       int                 `json:"tenants"`
	Enabled       int                 `json:"enabled_tenants"`
	WorkflowID    string              `json:"workflow_id"`
}

// TenantAnswer is a tenant with its mapping; company and agreement are ConnectWise's record ids, null while not mapped.
type TenantAnswer struct {
	Tenant        string          `json:"tenant"`
	Name          string          `json:"name"`
	Company       *int            `json:"company"`
	CompanyName   string          `json:"company_name"`
	Agreement     *int            `json:"agreement"`
	AgreementName string          `json:"agreement_name"`
	Enabled       bool            `json:"enabled"`
	Missing       bool            `json:"missing"`
	FrozenSince   string          `json:"frozen_since,omitempty"` // the local day since which nothing is written for it (R53)
	FrozenReason  string          `json:"frozen_reason,omitempty"`
	OpenLines     int             `json:"open_lines"`          // agreement lines of ours that still run
	EndingBy      string          `json:"ending_by,omitempty"` // who asked to end its billing, until a run has
	Warnings      []string        `json:"warnings"`
	LastSync      *LastSyncAnswer `json:"last_sync"`
}

// LastSyncAnswer is a tenant's part of the newest run that covered it.
type LastSyncAnswer struct {
	Run    int64               `json:"run"`
	Status bridge.TenantStatus `json:"status"`
	Ended  *time.Time          `json:"ended"`
	Error  string              `json:"error"`
}

// CompanyAnswer is a company that is offered for mapping, with those of its agreements that are.
type CompanyAnswer struct {
	ID         int               `json:"id"`
	Identifier string            `json:"identifier"`
	Name       string            `json:"name"`
	Status     string            `json:"status"`
	Agreements []AgreementAnswer `json:"agreements"`
}

// AgreementAnswer is an agreement; Cycle is the billing cycle's name.
type AgreementAnswer struct {
	ID    int    `json:"id"`
	Name  string `json:"name"`
	Type  string `json:"type"`
	Cycle string `json:"cycle"`
}

// MappingAnswer is the outcome of an import. With errors nothing was changed.
type MappingAnswer struct {
	Rows     int            `json:"rows"`
	Changed  int            `json:"changed"`
	Warnings []string       `json:"warnings"`
	Errors   []MappingError `json:"errors"`
	// Changes are the lines that change something, for a page that shows them first.
	Changes []MappingLine `json:"-"`
}

// MappingError is a mistake in a file; lines are numbered as an editor shows them, the header being 1.
type MappingError struct {
	Line    int    `json:"line"`
	Column  string `json:"column"`
	Message string `json:"message"`
}

// MappingLine is one tenant's mapping before and after an import.
type MappingLine struct {
	Line          int
	Tenant        bridge.Tenant
	From, To      bridge.Mapping
	FromCompany   string
	FromAgreement string
	ToCompany     string
	ToAgreement   string
}

// PreflightAnswer is whether ConnectWise is ready.
type PreflightAnswer struct {
	OK       bool             `json:"ok"`
	Findings []bridge.Finding `json:"findings"`
}

// PreviewAnswer is what a sync would write.
type PreviewAnswer struct {
	Run     int64          `json:"run"`
	Changes []ChangeAnswer `json:"changes"`
}

// ChangeAnswer is a change, planned or made.
type ChangeAnswer struct {
	ID          int64              `json:"id"`
	Tenant      string             `json:"tenant"` // empty for shared records
	Kind        bridge.Kind        `json:"kind"`
	Action      bridge.Action      `json:"action"`
	Key         string             `json:"key"`
	Subject     string             `json:"subject"`
	Serial      string             `json:"serial,omitempty"`
	Before      bridge.Fields      `json:"before"`
	After       bridge.Fields      `json:"after"`
	Why         []bridge.Reasoning `json:"why"`
	Status      bridge.Status      `json:"status"`
	Reason      bridge.Reason      `json:"reason,omitempty"`
	Error       string             `json:"error"`
	Answer      string             `json:"answer,omitempty"` // the vendor's own words
	NextInvoice string             `json:"next_invoice,omitempty"`
	BillsZero   bool               `json:"bills_zero,omitempty"`
	// Link is the same on the rows of one linked change (R49).
	Link string `json:"link,omitempty"`
	// Choices are what a person may answer to the row; Rival is the record that adopting takes, BillFrom the date that ConnectWise
	// would take. Decided is who decided what the row carries out, or on the row itself.
	Choices     []bridge.Choice `json:"choices,omitempty"`
	Rival       bridge.Fields   `json:"rival,omitempty"`
	BillFrom    string          `json:"bill_from,omitempty"`
	Decided     string          `json:"decided,omitempty"`
	EndedByHand string          `json:"ended_by_hand,omitempty"` // the local day on which that was seen (R52)
}

// WaitingAnswer is what waits for a person.
type WaitingAnswer struct {
	Changes []ChangeAnswer `json:"changes"`
}

// DecidedAnswer is what a person decided on, and the request for the run that writes it; without one where nothing is to be written.
type DecidedAnswer struct {
	QueuedAnswer
	Changes []ChangeAnswer `json:"changes"`
}

// QueuedAnswer is a request that waits in the account's mailbox.
type QueuedAnswer struct {
	Request string `json:"request"`
	Queued  bool   `json:"queued"`
}

// RunLineAnswer is a run in a list.
type RunLineAnswer struct {
	Run         int64            `json:"run"`
	Status      bridge.RunStatus `json:"status"`
	RequestedBy string           `json:"requested_by"`
	Reason      string           `json:"reason"`
	Started     *time.Time       `json:"started"`
	Ended       *time.Time       `json:"ended"`
}

// RunAnswer is the result of a run. Changes holds the counts, or the changes themselves where they were asked for.
type RunAnswer struct {
	Run          int64               `json:"run"`
	Account      string              `json:"account"`
	Status       bridge.RunStatus    `json:"status"`
	RequestedBy  string              `json:"requested_by"`
	Reason       string              `json:"reason"`
	Started      *time.Time          `json:"started"`
	Ended        *time.Time          `json:"ended"`
	Tenants      bridge.TenantCounts `json:"tenants"`
	Changes      any                 `json:"changes"` // bridge.ChangeCounts, or []ChangeAnswer
	ChangeCounts bridge.ChangeCounts `json:"change_counts"`
	Calls        bridge.CallCounts   `json:"calls"`
	Logs         []LogAnswer         `json:"logs,omitzero"`
}

// LogAnswer is one line of a run's log.
type LogAnswer struct {
	Time       time.Time       `json:"time"`
	Level      bridge.LogLevel `json:"level"`
	Tenant     string          `json:"tenant"`
	TenantName string          `json:"tenant_name,omitempty"`
	Text       string          `json:"text"`
}

// at is t in UTC, nil for no time.
func at(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return new(t.UTC())
}

// orEmpty keeps a list that has nothing in it from being null in JSON.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// AnswerOfChange is a change in the command line's form.
func AnswerOfChange(c bridge.Change) ChangeAnswer {
	answer := ChangeAnswer{
		ID: c.ID, Tenant: c.TenantID, Kind: c.Kind, Action: c.Action, Key: c.Key, Subject: c.Subject, Serial: c.Serial,
		Before: fields(c.Before), After: fields(c.After), Why: orEmpty(c.Why), Status: c.Status, Reason: c.Reason,
		Answer: c.VendorAnswer, NextInvoice: c.NextInvoice.String(), BillsZero: c.BillsZero,
		Link: c.Link, Choices: c.Choices(), Rival: c.Rival, BillFrom: c.BillFrom.String(), Decided: c.Decided,
	}
	switch c.Status {
	case bridge.StatusFailed, bridge.StatusHeld, bridge.StatusSkipped, bridge.StatusStale:
		answer.Error = c.Message
	}
	return answer
}

func fields(f bridge.Fields) bridge.Fields {
	if f == nil {
		return bridge.Fields{}
	}
	return f
}

// AnswerOfLog is a log line in the command line's form.
func AnswerOfLog(l bridge.LogLine) LogAnswer {
	return LogAnswer{Time: l.Time.UTC(), Level: l.Level, Tenant: l.TenantID, TenantName: l.Tenant, Text: l.Text}
}

// AnswerOfRun is a run's result with the counts of its changes.
func AnswerOfRun(account string, r bridge.Run) RunAnswer {
	return RunAnswer{
		Run: r.ID, Account: account, Status: r.Status, RequestedBy: r.RequestedBy, Reason: r.Reason, Started: at(r.Started), Ended: at(r.Ended),
		Tenants: r.Tenants, Changes: r.Changes, ChangeCounts: r.Changes, Calls: r.Calls,
	}
}

// LineOfRun is a run in a list.
func LineOfRun(r bridge.Run) RunLineAnswer {
	return RunLineAnswer{
		Run: r.ID, Status: r.Status, RequestedBy: r.RequestedBy, Reason: r.Reason, Started: at(r.Started), Ended: at(r.Ended),
	}
}
