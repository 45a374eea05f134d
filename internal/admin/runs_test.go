package admin_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/internal/store"
)

func TestRequestSync(t *testing.T) { // R16, R18
	t.Parallel()
	w := newWorld(t, estate)
	w.add("lakeshore-demo")
	_, err := w.admin.RequestSync(t.Context(), "lakeshore-demo", nil, "ops-lead", "")
	require.Equal(t, bridge.CodeInvalid, bridge.CodeOf(err), "an account that was never set up is refused")

	account := w.ready("northbridge-it")
	tenants, err := w.admin.Tenants(t.Context(), account.Name)
	require.NoError(t, err)
	_, to := plain(t, w.offer(account))
	to.Enabled = true
	_, err = w.admin.SaveMapping(t.Context(), account.Name, tenants[0].Tenant, to, nil, "ops-lead")
	require.NoError(t, err)

	queued, err := w.admin.RequestSync(t.Context(), account.Name, []string{tenants[0].Name}, "ops-lead", "after a renewal")
	require.NoError(t, err)
	require.True(t, queued.Queued)
	require.Len(t, w.starter.requests, 1)
	require.Equal(t, []string{tenants[0].Tenant}, w.starter.requests[0].Tenants, "names become ids")
	require.Equal(t, queued.Request, w.starter.requests[0].ID)

	_, err = w.admin.RequestSync(t.Context(), account.Name, []string{tenants[1].Tenant, "nobody"}, "ops-lead", "")
	require.ErrorContains(t, err, "is not synchronised")
	require.ErrorContains(t, err, "nobody")
	require.Len(t, w.starter.requests, 1)
}

func TestWaitForRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	account := w.ready("northbridge-it")
	queued, err := w.admin.RequestSync(t.Context(), account.Name, nil, "ops-lead", "")
	require.NoError(t, err)
	run, opened, err := w.store.OpenRun(t.Context(), store.OpenRun{
		AccountID: account.ID, Kind: bridge.RunSync, By: "ops-lead", LocalDate: bridge.MustDate("2026-11-23"), Everything: true,
		Requests: w.starter.requests, TemporalID: "t1",
	})
	require.NoError(t, err)
	require.True(t, opened)

	brief, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, _, err = w.admin.WaitForRequest(brief, account.Name, queued.Request)
	require.ErrorIs(t, err, context.DeadlineExceeded, "a run that goes on is waited for")

	_, err = w.store.CloseRun(t.Context(), run.ID, bridge.RunCompleted, "")
	require.NoError(t, err)
	ended, served, err := w.admin.WaitForRequest(t.Context(), account.Name, queued.Request)
	require.NoError(t, err)
	require.True(t, served)
	require.Equal(t, run.ID, ended.ID)

	require.NoError(t, w.admin.Pause(t.Context(), account.Name, "ops-lead"))
	queued, err = w.admin.RequestSync(t.Context(), account.Name, nil, "ops-lead", "")
	require.NoError(t, err)
	_, served, err = w.admin.WaitForRequest(t.Context(), account.Name, queued.Request)
	require.NoError(t, err)
	require.False(t, served, "on a paused account a request waits, its caller need not")
	show, err := w.admin.Show(t.Context(), account.Name)
	require.NoError(t, err)
	require.Equal(t, bridge.AccountPaused, show.State)
	require.Contains(t, show.StateReason, "ops-lead")

	require.NoError(t, w.admin.Unpause(t.Context(), account.Name, "ops-lead"))
	show, err = w.admin.Show(t.Context(), account.Name)
	require.NoError(t, err)
	require.Equal(t, bridge.AccountReady, show.State)
}

func TestRunAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	account := w.ready("northbridge-it")
	run, _, err := w.store.OpenRun(t.Context(), store.OpenRun{
		AccountID: account.ID, Kind: bridge.RunSync, By: "night", LocalDate: bridge.MustDate("2026-11-23"), Everything: true, TemporalID: "t1",
	})
	require.NoError(t, err)
	require.NoError(t, w.store.SaveSharedPlan(t.Context(), run, bridge.SharedPlan{Changes: []bridge.Change{{
		Kind: bridge.KindCatalogItem, Action: bridge.ActionCreate, Key: "SONICWALL_TZ370", Subject: "TZ370", Status: bridge.StatusPlanned,
		After: bridge.Fields{"identifier": "SONICWALL_TZ370"},
	}}}))
	require.NoError(t, w.store.AppendLogs(t.Context(), []bridge.LogLine{{RunID: run.ID, Time: noon, Level: bridge.LogInfo, Text: "opened"}}))
	_, err = w.store.CloseRun(t.Context(), run.ID, bridge.RunCompleted, "")
	require.NoError(t, err)

	runs, err := w.admin.Runs(t.Context(), account.Name)
	require.NoError(t, err)
	require.Len(t, runs, 1)
	require.Equal(t, "night", runs[0].RequestedBy)

	plain, err := w.admin.Run(t.Context(), run.ID, false, false)
	require.NoError(t, err)
	require.IsType(t, bridge.ChangeCounts{}, plain.Changes)
	require.Nil(t, plain.Logs)
	whole, err := w.admin.Run(t.Context(), run.ID, true, true)
	require.NoError(t, err)
	require.Len(t, whole.Changes, 1)
	require.Equal(t, "SONICWALL_TZ370", whole.Changes.([]admin.ChangeAnswer)[0].Key)
	require.NotEmpty(t, whole.Logs)

	show, err := w.admin.Show(t.Context(), account.Name)
	require.NoError(t, err)
	require.Equal(t, run.ID, show.LastRunID)
	require.NotNil(t, show.LastRun)
	_, err = w.admin.Run(t.Context(), 999, false, false)
	require.Equal(t, bridge.CodeNotFound, bridge.CodeOf(err))
}

func TestNextNightIsTheOneThatCounts(t *testing.T) { // R15
	t.Parallel()
	w := newWorld(t)
	account := w.ready("northbridge-it")
	_, err := w.admin.SetZone(t.Context(), account.Name, "Europe/London")
	require.NoError(t, err)
	require.Equal(t, "Europe/London", w.starter.zone)
	london, err := time.LoadLocation("Europe/London")
	require.NoError(t, err)
	for day := 24; day <= 25; day++ {
		for hour := 1; hour <= 3; hour++ {
			w.starter.next = append(w.starter.next, time.Date(2026, 11, day, hour, 0, 0, 0, london))
		}
	}
	nights, err := w.admin.NextNights(t.Context(), account.Name)
	require.NoError(t, err)
	require.Len(t, nights, 2)
	show, err := w.admin.Show(t.Context(), account.Name)
	require.NoError(t, err)
	require.Equal(t, time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC), *show.NextRun)

	// At 17:00 UTC of the 23rd it is already the 24th, 04:00, in Sydney: that night has been.
	_, err = w.admin.SetZone(t.Context(), account.Name, "Australia/Sydney")
	require.NoError(t, err)
	sydney, err := time.LoadLocation("Australia/Sydney")
	require.NoError(t, err)
	w.starter.next = []time.Time{time.Date(2026, 11, 24, 5, 0, 0, 0, sydney), time.Date(2026, 11, 25, 1, 0, 0, 0, sydney)}
	nights, err = w.admin.NextNights(t.Context(), account.Name)
	require.NoError(t, err)
	require.Len(t, nights, 1)
	require.Equal(t, 25, nights[0].Day())

	_, err = w.admin.SetZone(t.Context(), account.Name, "Mars/Olympus")
	require.Contains(t, admin.FieldErrors(err), "time_zone")
}

func TestTypedLimits(t *testing.T) {
	t.Parallel()
	limits, err := admin.TypedLimits{RemovedShare: "25%", RemovedMoreThan: "0", QuantityFactor: "2", QuantityStep: "10.5", NewAdditions: "7"}.Parse()
	require.NoError(t, err)
	require.Equal(t, "0.25", limits.RemovedShare.String())
	require.Equal(t, "10.5", limits.QuantityStep.String())
	_, err = admin.TypedLimits{RemovedShare: "x", RemovedMoreThan: "1.5", QuantityFactor: "1", QuantityStep: "-1", NewAdditions: ""}.Parse()
	require.Len(t, admin.FieldErrors(err), 5)
}

func TestReview(t *testing.T) { // R5, R6, R8
	t.Parallel()
	w := newWorld(t)
	account := w.ready("northbridge-it")
	review, err := w.admin.Review(t.Context(), account.Name)
	require.NoError(t, err)
	require.Empty(t, review.Trouble)
	require.Zero(t, w.writes())
	for _, f := range review.Findings {
		require.True(t, f.OK, "%+v", f)
	}
	there := map[string]bool{}
	for _, p := range review.Creates {
		there[string(p.Kind)+"/"+p.Name] = p.There
	}
	require.False(t, there["product type/SonicWall"])
	require.Contains(t, there, "category/Cloud")
	require.Contains(t, there, "subcategory/Cloud/Cloud Services")
}

// TestPreflightNamesTheScreen is R8: each finding says which ConnectWise screen mends it.
func TestPreflightNamesTheScreen(t *testing.T) {
	t.Parallel()
	type edit struct {
		path string
		body []map[string]any
	}
	replace := func(field string, value any) []map[string]any {
		return []map[string]any{{"op": "replace", "path": field, "value": value}}
	}
	for name, c := range map[string]struct {
		edits    func(*world, bridge.Account) []edit
		settings map[string]any
		check    string
		screen   string
	}{
		"no default configuration status": {
			edits: func(*world, bridge.Account) []edit {
				return []edit{{"company/configurations/statuses/1", replace("defaultFlag", false)}}
			},
			check: "configuration-status-default", screen: "Configuration Status",
		},
		"no closing configuration status": {
			edits: func(*world, bridge.Account) []edit {
				return []edit{{"company/configurations/statuses/3", replace("closedFlag", false)}}
			},
			check: "configuration-status-closed", screen: "Configuration Status",
		},
		"board inactive": {
			edits: func(_ *world, a bridge.Account) []edit {
				return []edit{{"service/boards/" + idOf(a.Tickets.BoardID), replace("inactiveFlag", true)}}
			},
			check: "board", screen: "Service Board",
		},
		"permission": {
			settings: map[string]any{"denied": []string{"GET company/configurations"}}, check: "permissions:configurations", screen: "Companies › Configurations",
		},
		"keys revoked": {settings: map[string]any{"keys_revoked": true}, check: "reachable", screen: "test the connection"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			account := w.ready("northbridge-it")
			if c.edits != nil {
				for _, e := range c.edits(w, account) {
					w.sim(w.cwm, http.MethodPost, "edit", map[string]any{"method": "PATCH", "path": e.path, "body": e.body, "by": "dmiller"})
				}
			}
			if c.settings != nil {
				w.sim(w.cwm, http.MethodPatch, "settings", c.settings)
			}
			answer, err := w.admin.CheckReadiness(t.Context(), account.Name)
			require.NoError(t, err)
			require.False(t, answer.OK)
			found := false
			for _, f := range answer.Findings {
				if f.Check == c.check {
					found = true
					require.False(t, f.OK)
					require.Contains(t, f.Fix, c.screen)
					require.NotEmpty(t, f.Message)
				}
			}
			require.True(t, found, "%+v", answer.Findings)
			err = w.admin.Submit(t.Context(), account.Name)
			require.Error(t, err)
			require.NotEmpty(t, admin.FindingsOf(err))
			require.Equal(t, 1, w.starter.times("set-up northbridge-it"), "Submit stays closed while something is to mend")
		})
	}
}
