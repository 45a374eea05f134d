package workflows

import "strconv"

// Task queues by need, not by account: a slow vendor must not keep mailboxes waiting.
const (
	Queue            = "causeway"
	QueueConnectWise = "causeway-cwm"
	QueueMySonicWall = "causeway-msw"
)

// Signals, updates and queries that others rely on.
const (
	SignalSyncNow     = "sync-now"
	SignalPause       = "pause"
	SignalResume      = "resume"
	SignalSetUp       = "set-up"
	SignalRetryStep   = "retry-step"
	UpdateRequestSync = "request-sync"
	QueryProgress     = "progress"
	QueryMailbox      = "mailbox"
)

// AccountID is the workflow id of an account's mailbox.
func AccountID(account string) string { return "account/" + account }

// SetupID is the workflow id of an account's set-up.
func SetupID(account string) string { return "setup/" + account }

// SyncAccountID is the workflow id of one run.
func SyncAccountID(account string, run int64) string {
	return "sync/" + account + "/" + strconv.FormatInt(run, 10)
}

// SyncTenantID is the workflow id of a tenant's part of a run; the tenant is MySonicWall's id. One id per tenant, not per run:
// that alone keeps two writers of one tenant apart (R17).
func SyncTenantID(account, tenant string) string { return "sync-tenant/" + account + "/" + tenant }

// PreviewID is the workflow id of an account's preview; a second request joins the one that is computing.
func PreviewID(account string) string { return "preview/" + account }

// NightlyID is both the schedule's id and the stem of the ids of the workflows it starts.
func NightlyID(account string) string { return "nightly/" + account }
