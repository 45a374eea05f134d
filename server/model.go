package server

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/internal/store"
	"causeway/views"
	"causeway/views/components"
)

// account finds the account that the address names, with where it stands.
func (s shell) account(c echo.Context) (store.Summary, error) {
	ctx := c.Request().Context()
	account, err := s.store.Account(ctx, c.Param("account"))
	if err != nil {
		return store.Summary{}, err
	}
	return s.store.Summary(ctx, account.ID)
}

// run finds the run that the address names and refuses another account's.
func (s shell) run(c echo.Context, account bridge.Account) (bridge.Run, error) {
	return s.runNumbered(c.Request().Context(), account, c.Param("run"))
}

func (s shell) runNumbered(ctx context.Context, account bridge.Account, number string) (bridge.Run, error) {
	missing := &bridge.Error{Code: bridge.CodeNotFound, Message: "There is no run " + number + " in " + account.Name + "."}
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return bridge.Run{}, missing
	}
	run, err := s.store.Run(ctx, id)
	if bridge.CodeOf(err) == bridge.CodeNotFound || err == nil && run.AccountID != account.ID {
		return bridge.Run{}, missing
	}
	return run, err
}

// tenant finds the tenant that the address names by its id alone: two tenants may have one name.
func (s shell) tenant(c echo.Context, account bridge.Account) (bridge.Tenant, error) {
	id := c.Param("tenant")
	tenant, err := s.store.Tenant(c.Request().Context(), account.ID, id)
	if bridge.CodeOf(err) == bridge.CodeNotFound || err == nil && tenant.ID != id {
		return bridge.Tenant{}, &bridge.Error{Code: bridge.CodeNotFound, Message: "There is no tenant " + id + " in " + account.Name + "."}
	}
	return tenant, err
}

// zoneOf is the zone of an account's nights, UTC where this build does not know it.
func zoneOf(a bridge.Account) *time.Location {
	zone, err := time.LoadLocation(a.Zone())
	if err != nil {
		return time.UTC
	}
	return zone
}

// today is the account's local date.
func (s shell) today(a bridge.Account) bridge.Date { return bridge.DateOf(s.now().In(zoneOf(a))) }

// runID is a run's number in an address.
func runID(id int64) string { return strconv.FormatInt(id, 10) }

// recordID is a ConnectWise id in a form, empty for none.
func recordID(id int) string {
	if id == 0 {
		return ""
	}
	return strconv.Itoa(id)
}

// typedID reads a ConnectWise id that a form sent; 0 for none or nonsense, which the administration then refuses.
func typedID(text string) int {
	id, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || id < 0 {
		return 0
	}
	return id
}

// took is how long something lasted, until now while it lasts.
func took(started, ended, now time.Time) time.Duration {
	if started.IsZero() {
		return 0
	}
	if ended.IsZero() {
		ended = now
	}
	return max(0, ended.Sub(started))
}

func done(text string) views.Message   { return views.Message{Tone: components.ToneOK, Title: text} }
func failed(text string) views.Message { return views.Message{Tone: components.ToneFail, Title: text} }

// vendorSays is the message of a mistake that belongs to no field.
func vendorSays(title string, err error) *views.Message {
	return &views.Message{Tone: components.ToneFail, Title: title, Text: sentence(err)}
}

// temporalUI leads to Temporal's own pages.
type temporalUI struct{ base, namespace string }

// workflow is the address of a workflow's newest execution, empty without a UI.
func (t temporalUI) workflow(id string) string { return t.page("workflows", id) }

// schedule is the address of a schedule.
func (t temporalUI) schedule(id string) string { return t.page("schedules", id) }

func (t temporalUI) page(kind, id string) string {
	if t.base == "" {
		return ""
	}
	return strings.TrimSuffix(t.base, "/") + "/namespaces/" + url.PathEscape(t.namespace) + "/" + kind + "/" + url.PathEscape(id)
}

// states that a person's wish for a sync is taken in at once.
func canSync(a bridge.Account) bool {
	return !a.SetUpAt.IsZero() && slices.Contains([]bridge.AccountState{bridge.AccountReady, bridge.AccountNeedsAttention}, a.State)
}

// checkState is the outcome of a finding: one that is fine and yet has something to do is to be known.
func checkState(f bridge.Finding) views.CheckState {
	switch {
	case f.Skipped:
		return components.CheckWaiting
	case !f.OK:
		return components.CheckFailed
	case f.Fix != "":
		return components.CheckNote
	}
	return components.CheckOK
}

// readiness findings have their sentence as title.
func readinessCheck(f bridge.Finding) views.TestCheck {
	check := views.TestCheck{ID: f.Check, State: checkState(f), Title: strings.TrimSuffix(f.Message, "."), Fix: f.Fix, Answer: f.Answer}
	switch check.State {
	case components.CheckNote:
		check.Detail, check.Fix = f.Fix, "" // to be known, not to be mended
	case components.CheckWaiting:
		check.Title, check.Detail = admin.CheckTitle(f.Check), f.Message
	case components.CheckOK, components.CheckFailed, components.CheckRunning:
	}
	return check
}

func logEntries(lines []bridge.LogLine) []views.LogEntry {
	entries := make([]views.LogEntry, 0, len(lines))
	for _, l := range lines {
		entries = append(entries, views.LogEntry{At: l.Time, Level: string(l.Level), Tenant: l.Tenant, Text: l.Text})
	}
	return entries
}

// oneSentence is a reason as a list shows it; the vendor's answer to it stands on the page behind.
func oneSentence(reason string) string {
	sentence, _ := views.Parted(views.Worded(reason))
	return sentence
}

// capital begins a text as a sentence begins.
func capital(text string) string {
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
