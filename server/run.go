package server

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/internal/store"
	"causeway/views"
	"causeway/workflows"
)

const (
	runLive    = "run-live"
	runSeconds = 2
	// groupRows are the tenants read for the whole view: those in trouble come first, so groups further down may stay folded.
	groupRows = 100
	// runLogLines are the newest lines shown; the download has all.
	runLogLines = 60
)

// runPage is one run: is it moving, how long, who failed and why? (R42, R43, R45)
type runPage struct {
	shell
	temporal temporalUI
}

func (h runPage) get(c echo.Context) error { return h.show(c, polls(c, runLive)) }

// live answers with the region alone, whoever asks.
func (h runPage) live(c echo.Context) error { return h.show(c, true) }

func (h runPage) show(c echo.Context, part bool) error {
	of, err := h.account(c)
	if err != nil {
		return err
	}
	run, err := h.run(c, of.Account)
	if err != nil {
		return err
	}
	if run.Kind == bridge.RunPreview {
		return c.Redirect(http.StatusSeeOther, views.PreviewURL(of.Account.Name))
	}
	if run.Kind == bridge.RunSetup {
		return c.Redirect(http.StatusSeeOther, views.SetupURL(of.Account.Name))
	}
	model, err := h.model(c.Request().Context(), of, run, views.ReadRunQuery(c.QueryParams()))
	if err != nil {
		return err
	}
	if part {
		return h.part(c, views.RunLive(model))
	}
	frame, err := h.accountFrame(c, of, "Run "+runID(run.ID), views.PlaceRuns)
	if err != nil {
		return err
	}
	return h.whole(c, http.StatusOK, frame, views.Run(model))
}

func (h runPage) model(ctx context.Context, of store.Summary, run bridge.Run, query views.RunQuery) (views.RunPage, error) {
	page := views.RunPage{
		Account: of.Account.Name, ID: runID(run.ID), Now: h.now(), Zone: zoneOf(of.Account), Query: query, Status: ranStatus(run),
		Scope: tenantsWord(run), AskedBy: askedBy(run), Started: run.Started, Ended: run.Ended, Phases: phasesOf(run),
		Calls:   views.RunCalls{ConnectWise: run.Calls.ConnectWise, MySonicWall: run.Calls.MySonicWall, Slowdowns: run.Slowdowns},
		Written: run.Changes.Applied, Failed: run.Tenants.Failed, Counts: map[views.Outcome]int{},
		CanRetry: run.Tenants.Failed > 0 && canSync(of.Account),
	}
	if run.Status == bridge.RunFailed || run.Status == bridge.RunMissed {
		page.Reason, page.Answer = views.Parted(run.Reason)
	} else {
		page.Note = run.Reason // what the request said
	}
	if run.Status == bridge.RunRunning {
		_, page.Left = runProgress(run, page.Now)
		page.Live = views.Live{URL: query.LiveURL(page.Account, page.ID), Every: runSeconds}
	}
	if run.Status != bridge.RunMissed {
		page.TemporalURL = h.temporal.workflow(workflows.SyncAccountID(page.Account, run.ID))
	}
	if err := h.tenants(ctx, run, &page); err != nil {
		return page, err
	}
	log := store.LogFilter{AccountID: of.Account.ID, RunID: run.ID}
	var err error
	if page.LogTotal, err = h.store.CountLogs(ctx, log); err != nil {
		return page, err
	}
	log.Limit = runLogLines
	lines, err := h.store.Logs(ctx, log)
	page.Log = logEntries(lines)
	return page, err
}

// tenants groups the run's tenants in the order of trouble.
func (h runPage) tenants(ctx context.Context, run bridge.Run, page *views.RunPage) error {
	filter := store.TenantRunFilter{Status: bridge.TenantStatus(page.Query.Filter), Query: page.Query.Q, Limit: groupRows}
	if filter.Status != "" {
		filter.Limit = views.DefaultPageLength
		filter.Offset = pageOffset(page.Query.Page, filter.Limit)
	}
	rows, _, counts, err := h.store.TenantRuns(ctx, run.ID, filter)
	if err != nil {
		return err
	}
	byOutcome := map[views.Outcome][]views.RunTenant{}
	for _, t := range rows {
		outcome := outcomeOf(t.Status)
		byOutcome[outcome] = append(byOutcome[outcome], runTenant(t, page))
	}
	for status, n := range counts {
		page.Counts[outcomeOf(status)] = n
	}
	for _, outcome := range views.Outcomes() {
		if page.Counts[outcome] == 0 || page.Query.Filter != views.OutcomeAll && page.Query.Filter != outcome {
			continue
		}
		page.Groups = append(page.Groups, views.TenantGroup{
			Outcome: outcome, Count: page.Counts[outcome], Summary: groupSummary(outcome, page.Written), Rows: byOutcome[outcome],
		})
	}
	return nil
}

func groupSummary(outcome views.Outcome, written int) string {
	switch outcome {
	case views.OutcomeChanged:
		return views.Count(written, "change") + " written in this run"
	case views.OutcomeUnchanged:
		return "nothing to write"
	case views.OutcomeAll, views.OutcomeFailed, views.OutcomeHeld, views.OutcomeRunning, views.OutcomeWaiting, views.OutcomeSkipped:
	}
	return ""
}

func runTenant(t bridge.TenantRun, page *views.RunPage) views.RunTenant {
	out := views.RunTenant{
		ID: t.TenantID, Name: t.Tenant, Outcome: outcomeOf(t.Status), Done: t.Changes.Applied, Total: t.Changes.Planned, Held: t.Changes.Held,
		Took: took(t.Started, t.Ended, page.Now),
	}
	out.Message = oneSentence(t.Message)
	switch {
	case out.Outcome == views.OutcomeFailed && t.Changes.Planned > 0:
		out.Detail = views.OfTotal(t.Changes.Applied, t.Changes.Planned) + " changes written"
	case out.Message == "" && t.Changes.Applied > 0:
		out.Message = views.Count(t.Changes.Applied, "change") + " written"
	case out.Message == "" && out.Outcome == views.OutcomeUnchanged:
		out.Message = views.CountOf(t.Unchanged, "object was", "objects were") + " already right"
	}
	return out
}

const (
	tenantRunLive = "tenant-run-live"
	filterFailed  = "failed"
	filterInvoice = "invoice"
	// tenantRunChanges bounds the page: a tenant with more is read in the download.
	tenantRunChanges = 1000
)

// tenantRunPage is one tenant's part of a run: what was written, and why this number?
type tenantRunPage struct {
	shell
	tenants  tenantsPage
	temporal temporalUI
}

func (h tenantRunPage) get(c echo.Context) error {
	of, err := h.account(c)
	if err != nil {
		return err
	}
	run, err := h.run(c, of.Account)
	if err != nil {
		return err
	}
	part, err := h.store.TenantRun(c.Request().Context(), run.ID, c.Param("tenant"))
	if err != nil {
		return err
	}
	model, err := h.model(c.Request().Context(), of, run, part, c.QueryParam("filter"))
	if err != nil {
		return err
	}
	if polls(c, tenantRunLive) {
		return h.part(c, views.TenantRunLive(model))
	}
	frame, err := h.accountFrame(c, of, part.Tenant, views.PlaceRuns)
	if err != nil {
		return err
	}
	return h.whole(c, http.StatusOK, frame, views.TenantRun(model))
}

func (h tenantRunPage) model(ctx context.Context, of store.Summary, run bridge.Run, part bridge.TenantRun, filter string) (views.TenantRunPage, error) {
	page := views.TenantRunPage{
		Account: of.Account.Name, Run: runID(run.ID), TenantID: part.TenantID, Tenant: part.Tenant, Now: h.now(), Zone: zoneOf(of.Account),
		Started: part.Started, Ended: part.Ended, Outcome: outcomeOf(part.Status), Filter: filter, Unchanged: part.Unchanged,
	}
	if part.Status != bridge.TenantSynced && part.Status != bridge.TenantUnchanged { // those say no more than the page itself
		page.Message, page.Answer = views.Parted(views.Worded(part.Message))
	}
	changes, total, err := h.store.Changes(ctx, store.ChangeFilter{AccountID: of.Account.ID, RunID: run.ID, TenantID: &part.TenantID, Limit: tenantRunChanges})
	if err != nil {
		return page, err
	}
	rows := linkedOf(changes)
	page.Total = total - (len(changes) - len(rows))
	for _, w := range rows {
		if w.any(keptBy(filterFailed)) {
			page.Failed++
		}
		if w.any(reachesInvoice) {
			page.Invoice++
		}
	}
	offer, err := h.tenants.admin.Offer(ctx, of.Account)
	if err != nil {
		return page, err
	}
	answered, err := answersTo(ctx, h.store, of.Account, changes, views.TenantRunURL(page.Account, page.Run, page.TenantID, filter))
	if err != nil {
		return page, err
	}
	page.Sections = sectionsOf(rows, answered, offer, keptBy(filter))
	if err := h.place(ctx, of.Account, offer, part, &page); err != nil {
		return page, err
	}
	lines, err := h.store.Logs(ctx, store.LogFilter{AccountID: of.Account.ID, RunID: run.ID, TenantID: part.TenantID, Limit: runLogLines})
	page.Log = logEntries(lines)
	if page.Outcome == views.OutcomeRunning || page.Outcome == views.OutcomeWaiting && run.Status == bridge.RunRunning {
		page.Live = views.Live{URL: views.TenantRunURL(page.Account, page.Run, page.TenantID, filter), Every: runSeconds}
	}
	// Only what was written or failed has a workflow of its own.
	if !part.Started.IsZero() {
		page.TemporalURL = h.temporal.workflow(workflows.SyncTenantID(page.Account, part.TenantID))
	}
	return page, err
}

// keptBy is the filter of the page: all, failed, what the next invoice shows, or one section.
func keptBy(filter string) func(bridge.Change) bool {
	return func(c bridge.Change) bool {
		switch filter {
		case "":
			return true
		case filterFailed:
			return c.Status == bridge.StatusFailed
		case filterInvoice:
			return reachesInvoice(c)
		}
		return sectionID(c.Kind) == filter
	}
}

// place names company and agreement as the run saw them, and tells whether the tenant may be synced again.
func (h tenantRunPage) place(ctx context.Context, account bridge.Account, offer *admin.Offer, part bridge.TenantRun, page *views.TenantRunPage) error {
	if company, known := offer.Company(part.Mapping.CompanyID); known {
		page.Company = company.Name
		noteSection(page.Sections, bridge.KindConfiguration, "of "+company.Name)
	}
	if agreement, known := offer.Agreement(part.Mapping.AgreementID); known {
		page.Agreement, page.NextInvoice = agreement.Name, agreement.NextInvoice.Time()
		noteSection(page.Sections, bridge.KindAddition, "additions of "+agreement.Name)
		if page.Cycle = cycleWords(agreement); page.Cycle == "" {
			page.Cycle = "monthly"
		}
	}
	enabled, err := h.store.EnabledTenants(ctx, account.ID, []string{part.TenantID})
	page.CanSync = canSync(account) && len(enabled) > 0
	return err
}
