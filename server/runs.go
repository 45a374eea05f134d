package server

import (
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"causeway/internal/bridge"
	"causeway/internal/store"
	"causeway/views"
	"causeway/views/components"
)

const (
	runsLive    = "runs"
	runsSeconds = 5
	// runsListed bounds the list: about three years of nights. Older ones are pruned or found by their number.
	runsListed = 1000
)

// Origins of a run, as they stand in an address.
const (
	originNight  = "night"
	originPerson = "person"
	originCLI    = "cli"
	originSignal = "signal"
)

// runsPage is what happened these nights (R45).
type runsPage struct{ shell }

func (h runsPage) get(c echo.Context) error {
	of, err := h.account(c)
	if err != nil {
		return err
	}
	runs, err := h.store.Runs(c.Request().Context(), of.Account.ID, store.RunFilter{Limit: runsListed})
	if err != nil {
		return err
	}
	model := views.RunsPage{
		Account: of.Account.Name, Now: h.now(), Zone: zoneOf(of.Account), Query: views.ReadRunsQuery(c.QueryParams()),
		Running: of.RunningRun != 0, CanSync: canSync(of.Account), Next: nextNight(of.Account, h.now()),
	}
	countRuns(&model, runs)
	for _, r := range pageOf(matchingRuns(runs, model.Query), model.Query.Page, model.Query.Per) {
		model.Rows = append(model.Rows, runRow(r, model.Now))
	}
	if model.Running {
		model.Live = views.Live{URL: model.Query.URL(model.Account), Every: runsSeconds}
	}
	if polls(c, runsLive) {
		return h.part(c, views.RunsLive(model))
	}
	frame, err := h.accountFrame(c, of, "Runs", views.PlaceRuns)
	if err != nil {
		return err
	}
	return h.whole(c, http.StatusOK, frame, views.Runs(model))
}

// nextNight is zero while no night is planned.
func nextNight(a bridge.Account, now time.Time) time.Time {
	if a.SetUpAt.IsZero() || a.State != bridge.AccountReady {
		return time.Time{}
	}
	return nextNights(now, zoneOf(a), 1)[0]
}

// pageOf is one page of a list that is in memory.
func pageOf[T any](list []T, page, per int) []T {
	length := pageLength(per)
	offset := min(pageOffset(page, length), len(list))
	return list[offset:min(offset+length, len(list))]
}

func matchingRuns(runs []bridge.Run, q views.RunsQuery) []bridge.Run {
	var out []bridge.Run
	for _, r := range runs {
		if (q.Outcome == "" || q.Outcome == string(r.Status)) && (q.Origin == "" || q.Origin == originOf(r)) {
			out = append(out, r)
		}
	}
	return out
}

// countRuns puts the figures on the chips: each filter counts what the other one leaves.
func countRuns(model *views.RunsPage, runs []bridge.Run) {
	model.Total = len(matchingRuns(runs, model.Query))
	outcomes := []views.CountedFilter{
		{Value: "", Label: "All"}, {Value: string(bridge.RunRunning), Label: "Running"}, {Value: string(bridge.RunCompleted), Label: "Completed"},
		{Value: string(bridge.RunFailures), Label: "With failures"}, {Value: string(bridge.RunFailed), Label: "Failed"}, {Value: string(bridge.RunMissed), Label: "Missed"},
	}
	for _, f := range outcomes {
		f.Count = len(matchingRuns(runs, views.RunsQuery{Outcome: f.Value, Origin: model.Query.Origin}))
		if f.Value == "" || f.Count > 0 || f.Value == model.Query.Outcome {
			model.Outcomes = append(model.Outcomes, f)
		}
	}
	origins := []views.CountedFilter{
		{Value: "", Label: "Anyone"}, {Value: originNight, Label: "Night"}, {Value: originPerson, Label: "Dashboard"},
		{Value: originCLI, Label: "Command line"}, {Value: originSignal, Label: "Signal"},
	}
	for _, f := range origins {
		f.Count = len(matchingRuns(runs, views.RunsQuery{Outcome: model.Query.Outcome, Origin: f.Value}))
		if f.Value == "" || f.Count > 0 || f.Value == model.Query.Origin {
			model.Origins = append(model.Origins, f)
		}
	}
}

// originOf sorts by who asked first; a signal may name anybody.
func originOf(r bridge.Run) string {
	switch {
	case strings.HasPrefix(r.RequestedBy, "night"):
		return originNight
	case strings.HasPrefix(r.RequestedBy, by):
		return originPerson
	case strings.HasPrefix(r.RequestedBy, "command line"):
		return originCLI
	}
	return originSignal
}

// askedBy is who asked, within a sentence.
func askedBy(r bridge.Run) string {
	switch {
	case r.RequestedBy == "night":
		return "the night of " + views.Date(r.LocalDate.Time())
	case strings.HasPrefix(r.RequestedBy, by), strings.HasPrefix(r.RequestedBy, "command line"):
		return "the " + r.RequestedBy
	case r.RequestedBy == "":
		return "a signal"
	}
	return r.RequestedBy
}

func runRow(r bridge.Run, now time.Time) views.RunRow {
	row := views.RunRow{
		ID: runID(r.ID), Date: r.LocalDate.Time(), Started: r.Started, Took: took(r.Started, r.Ended, now), Origin: capital(r.RequestedBy),
		Status: views.Status(r.Status), Failed: r.Tenants.Failed, Held: r.Changes.Held, Changes: r.Changes.Applied,
		Calls: r.Calls.ConnectWise + r.Calls.MySonicWall, Tenants: views.Count(r.Tenants.Total, "tenant"),
	}
	row.Note = oneSentence(r.Reason)
	if r.Everything {
		row.Tenants = "all " + views.Number(r.Tenants.Total)
	}
	if r.Status == bridge.RunMissed {
		row.ID, row.Started, row.Took, row.Tenants = "", time.Time{}, 0, ""
	}
	return row
}

// outcomeOf is a tenant's state within a run.
func outcomeOf(status bridge.TenantStatus) views.Outcome { return views.Outcome(status) }

// tenantsWord is how many tenants a run is about.
func tenantsWord(r bridge.Run) string {
	if r.Everything {
		return "All enabled tenants"
	}
	return views.Count(r.Tenants.Total, "tenant")
}

// ranStatus is a run's status as a badge shows it.
func ranStatus(r bridge.Run) views.Status { return components.Status(r.Status) }
