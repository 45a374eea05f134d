package server

import (
	"context"
	"time"

	"github.com/labstack/echo/v4"

	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/internal/store"
	"causeway/views"
	"causeway/views/components"
)

// A request is usually served within a moment; then its run is the page that a person wants to see.
const (
	runAwaited  = 3 * time.Second
	runLookedAt = 100 * time.Millisecond
)

// syncAction asks for a sync of all enabled tenants, of some, or of those that failed in a run (R16).
type syncAction struct {
	shell
	admin *admin.Admin
}

func (h syncAction) post(c echo.Context) error {
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	tenants := form["tenant"]
	if run := form.Get("failed_of"); run != "" {
		account, err := h.store.Account(c.Request().Context(), c.Param("account"))
		if err != nil {
			return err
		}
		if tenants, err = h.failedOf(c, account, run); err != nil {
			return answered(c, views.RunsURL(account.Name), err, views.Message{})
		}
	}
	return h.ask(c, c.Param("account"), tenants)
}

// failedOf are the tenants that failed in a run and are still synced.
func (h syncAction) failedOf(c echo.Context, account bridge.Account, number string) ([]string, error) {
	ctx := c.Request().Context()
	run, err := h.runNumbered(ctx, account, number)
	if err != nil {
		return nil, err
	}
	failed, _, _, err := h.store.TenantRuns(ctx, run.ID, store.TenantRunFilter{Status: bridge.TenantFailed})
	if err != nil {
		return nil, err
	}
	ids := make([]string, 0, len(failed))
	for _, t := range failed {
		ids = append(ids, t.TenantID)
	}
	enabled, err := h.store.EnabledTenants(ctx, account.ID, ids)
	if err == nil && len(enabled) == 0 {
		err = &bridge.Error{Code: bridge.CodeInvalid, Message: "No tenant that failed in run " + number + " is switched on any more."}
	}
	ids = ids[:0]
	for _, t := range enabled {
		ids = append(ids, t.ID)
	}
	return ids, err
}

// ask puts the request into the account's mailbox and leads to its run, or to the list of runs while another one is going on.
func (h syncAction) ask(c echo.Context, name string, tenants []string) error {
	ctx := c.Request().Context()
	account, err := h.store.Account(ctx, name)
	if err != nil {
		return err
	}
	summary, err := h.store.Summary(ctx, account.ID)
	if err != nil {
		return err
	}
	queued, err := h.admin.RequestSync(ctx, name, tenants, by, "")
	if err != nil {
		return answered(c, back(c, views.RunsURL(name)), err, views.Message{})
	}
	asked := views.Message{Tone: components.ToneRun, Title: "The sync is asked for."}
	switch {
	case account.State == bridge.AccountPaused:
		asked.Text = name + " is paused. The sync starts once it is taken up again."
	case summary.RunningRun != 0:
		asked.Text = "A run is going on. Yours comes right after it, once."
	default:
		run, found, err := h.served(ctx, account, queued.Request)
		if err != nil {
			return err
		}
		if found {
			return then(c, views.RunURL(name, runID(run.ID)), views.Message{})
		}
		asked.Text = "It starts as soon as a worker takes it."
	}
	return then(c, views.RunsURL(name), asked)
}

// served waits a moment for the run that serves a request.
func (h syncAction) served(ctx context.Context, account bridge.Account, request string) (bridge.Run, bool, error) {
	waited, cancel := context.WithTimeout(ctx, runAwaited)
	defer cancel()
	ticker := time.NewTicker(runLookedAt)
	defer ticker.Stop()
	for {
		run, found, err := h.store.RunOfRequest(ctx, account.ID, request)
		if err != nil || found {
			return run, found, err
		}
		select {
		case <-ticker.C:
		case <-waited.Done():
			return bridge.Run{}, false, nil
		}
	}
}

// pauseAction holds an account's nights back, or takes it up again.
type pauseAction struct{ admin *admin.Admin }

func (h pauseAction) pause(c echo.Context) error {
	name := c.Param("account")
	message := done(name + " is paused.")
	message.Text = "Nights are noted as missed; nothing in ConnectWise changes."
	return answered(c, views.SettingsURL(name, views.SettingsSchedule), h.admin.Pause(c.Request().Context(), name, by), message)
}

func (h pauseAction) unpause(c echo.Context) error {
	name := c.Param("account")
	return answered(c, views.SettingsURL(name, views.SettingsSchedule), h.admin.Unpause(c.Request().Context(), name, by), done(name+" is taken up again."))
}
