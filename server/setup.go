package server

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/internal/store"
	"causeway/views"
	"causeway/views/components"
	"causeway/workflows"
)

// setupPage shows set-up as it happens and retries a failed step (R5).
type setupPage struct {
	shell
	admin    *admin.Admin
	temporal temporalUI
}

const (
	setupLive    = "setup-live"
	setupSeconds = 1
	// setupLogLines are the newest lines shown; the download has all.
	setupLogLines = 100
)

func (h setupPage) get(c echo.Context) error {
	of, err := h.account(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	steps, err := h.store.SetupSteps(ctx, of.Account.ID)
	if err != nil {
		return err
	}
	model := views.SetupPage{
		Account: of.Account.Name, Now: h.now(), Zone: zoneOf(of.Account), NotMapped: of.TenantsUnmapped,
		TemporalURL: h.temporal.workflow(workflows.SetupID(of.Account.Name)),
	}
	for _, s := range steps {
		step := views.SetupStep{
			ID: s.Name, State: setupStates[s.Status], Title: s.Title, Outcome: s.Outcome, Started: s.Started, Problem: s.Message, Fix: s.Fix, Answer: s.Answer,
		}
		if !s.Ended.IsZero() {
			step.Took = max(time.Millisecond, s.Ended.Sub(s.Started))
		}
		model.Steps = append(model.Steps, step)
	}
	// Also while a failed step waits: it may be retried from somewhere else, and the retry itself takes a moment to show.
	if of.Account.State == bridge.AccountSettingUp {
		model.Live = views.Live{URL: views.SetupURL(of.Account.Name), Every: setupSeconds}
	}
	if err := h.addLog(ctx, of.Account, &model); err != nil {
		return err
	}
	if polls(c, setupLive) {
		return h.part(c, views.SetupLive(model))
	}
	frame, err := h.accountFrame(c, of, "Set-up", views.PlaceSettings)
	if err != nil {
		return err
	}
	return h.whole(c, http.StatusOK, frame, views.Setup(model))
}

// setupStates are the stored words of a step.
var setupStates = map[string]views.CheckState{
	"waiting": components.CheckWaiting, "running": components.CheckRunning, "done": components.CheckOK, "failed": components.CheckFailed,
}

// addLog shows what set-up did so far: the run that keeps its changes has the lines.
func (h setupPage) addLog(ctx context.Context, account bridge.Account, model *views.SetupPage) error {
	run, err := h.store.LatestSetup(ctx, account.ID)
	if err != nil || run == nil {
		return err
	}
	lines, err := h.store.Logs(ctx, store.LogFilter{AccountID: account.ID, RunID: run.ID, Limit: setupLogLines})
	if err != nil {
		return err
	}
	model.Log = logEntries(lines)
	model.LogsURL = views.RunLogsURL(account.Name, runID(run.ID), "txt")
	return nil
}

// retry tries a failed step again with the settings as they are now.
func (h setupPage) retry(c echo.Context) error {
	name := c.Param("account")
	if err := h.admin.RetrySetup(c.Request().Context(), name, c.FormValue("step")); err != nil {
		if _, theirs := mistake(err); !theirs && bridge.CodeOf(err) != bridge.CodeNotReady {
			return err
		}
		return then(c, views.SetupURL(name), failed(sentence(err)))
	}
	return then(c, views.SetupURL(name), views.Message{Tone: components.ToneRun, Title: "The step is tried again."})
}
