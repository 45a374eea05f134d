package views

import (
	"net/url"
	"strconv"
)

func itoa(n int) string { return strconv.Itoa(n) }

func accountURL(account string, rest string) string {
	return "/accounts/" + url.PathEscape(account) + rest
}

func withQuery(path string, q url.Values) string {
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// set leaves out what is empty, so that the plain view has the plain address.
func set(q url.Values, key, value string) {
	if value != "" {
		q.Set(key, value)
	}
}

func setInt(q url.Values, key string, value, usual int) {
	if value != 0 && value != usual {
		q.Set(key, strconv.Itoa(value))
	}
}

// Addresses outside an account.
const (
	HomeURL       = "/"
	NewAccountURL = "/accounts/new"
	ThemeURL      = "/theme"
)

// Addresses of an account's pages. Names and ids are escaped.

// ConnectionURL is the wizard's first step.
func ConnectionURL(account string) string { return accountURL(account, "/configure/connection") }

// ConnectionTestURL takes the first step's form and answers with the test.
func ConnectionTestURL(account string) string {
	return accountURL(account, "/configure/connection/test")
}

// TicketsURL is the wizard's second step.
func TicketsURL(account string) string { return accountURL(account, "/configure/tickets") }

// ReviewURL is the wizard's third step.
func ReviewURL(account string) string { return accountURL(account, "/configure/review") }

// SetupURL shows set-up as it happens.
func SetupURL(account string) string { return accountURL(account, "/setup") }

// SetupRetryURL takes the step to retry.
func SetupRetryURL(account string) string { return accountURL(account, "/setup/retry") }

// TenantsURL is the mapping page.
func TenantsURL(account string) string { return accountURL(account, "/tenants") }

// BulkURL takes an action on many tenants.
func BulkURL(account string) string { return accountURL(account, "/tenants/bulk") }

// TenantURL is a tenant's own page.
func TenantURL(account, tenant string) string {
	return accountURL(account, "/tenants/"+url.PathEscape(tenant))
}

// TenantMappingURL takes a tenant's company and agreement.
func TenantMappingURL(account, tenant string) string { return TenantURL(account, tenant) + "/mapping" }

// TenantEnabledURL takes a tenant's sync switch.
func TenantEnabledURL(account, tenant string) string { return TenantURL(account, tenant) + "/enabled" }

// MappingURL is the page that checks and imports a mapping file.
func MappingURL(account string) string { return accountURL(account, "/mapping") }

// MappingCSVURL downloads the mapping.
func MappingCSVURL(account string) string { return accountURL(account, "/mapping.csv") }

// SyncURL takes a request for a sync of all or some tenants.
func SyncURL(account string) string { return accountURL(account, "/sync") }

// PreviewURL shows what a sync would do; posting to it computes anew.
func PreviewURL(account string) string { return accountURL(account, "/preview") }

// PreviewCSVURL downloads the preview's changes.
func PreviewCSVURL(account string) string { return accountURL(account, "/preview.csv") }

// RunsURL lists the runs.
func RunsURL(account string) string { return accountURL(account, "/runs") }

// RunURL is one run.
func RunURL(account, run string) string { return accountURL(account, "/runs/"+url.PathEscape(run)) }

// RunLiveURL answers with the run's live region.
func RunLiveURL(account, run string) string { return RunURL(account, run) + "/live" }

// RunTenantURL is one tenant's part of a run.
func RunTenantURL(account, run, tenant string) string {
	return RunURL(account, run) + "/tenants/" + url.PathEscape(tenant)
}

// RunLogsURL downloads a run's log as txt, csv or json.
func RunLogsURL(account, run, format string) string {
	return RunURL(account, run) + "/logs." + format
}

// FailedLogsURL downloads the logs of the runs in which tenants failed that failed
// last.
func FailedLogsURL(account string) string { return accountURL(account, "/failed-logs.txt") }

// RunTenantLogsURL downloads the log of one tenant's part of a run.
func RunTenantLogsURL(account, run, tenant, format string) string {
	return withQuery(RunLogsURL(account, run, format), url.Values{"tenant": {tenant}})
}

// ChangesURL lists the changes of all runs.
func ChangesURL(account string) string { return accountURL(account, "/changes") }

// HeldURL lists the held changes.
func HeldURL(account string) string { return accountURL(account, "/held") }

// HeldReviewURL asks before several changes are decided on together.
func HeldReviewURL(account string) string { return HeldURL(account) + "/review" }

// HeldDecideURL takes a decision on held changes.
func HeldDecideURL(account string) string { return HeldURL(account) + "/decide" }

// ResumeURL takes records that were ended by hand up again.
func ResumeURL(account string) string { return HeldURL(account) + "/resume" }

// SettingsURL is one section of the settings; the first one when empty.
func SettingsURL(account string, section SettingsSection) string {
	q := url.Values{}
	set(q, "section", string(section))
	return withQuery(accountURL(account, "/settings"), q)
}

// PauseURL stops an account's nights.
func PauseURL(account string) string { return accountURL(account, "/pause") }

// UnpauseURL takes them up again.
func UnpauseURL(account string) string { return accountURL(account, "/unpause") }

// RefreshURL reads companies and agreements from ConnectWise again.
func RefreshURL(account string) string { return accountURL(account, "/companies/refresh") }

// AccountURL is where an account's name leads: its tenants.
func AccountURL(account string) string { return TenantsURL(account) }
