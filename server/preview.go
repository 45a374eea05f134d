package server

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/internal/store"
	"causeway/views"
)

const (
	previewLive    = "preview-live"
	previewSeconds = 2
	// troubledTenants are the tenants that a sync would fail, shown on the first page.
	troubledTenants = 50
)

// previewPage is what a sync would do (R34).
type previewPage struct {
	shell
	admin    *admin.Admin
	previews *previews
}

// post starts to compute one and leads to the page, which shows how far it is.
func (h previewPage) post(c echo.Context) error {
	account, err := h.store.Account(c.Request().Context(), c.Param("account"))
	if err != nil {
		return err
	}
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	query := views.PreviewQuery{}
	tenants := form["tenant"]
	if len(tenants) == 1 {
		query.Tenant = tenants[0]
	}
	if err := h.previews.start(account.Name, tenants); bridge.CodeOf(err) == "" && err != nil {
		return err
	}
	return then(c, query.URL(account.Name), views.Message{}) // which says what went wrong, if anything did
}

func (h previewPage) get(c echo.Context) error {
	of, err := h.account(c)
	if err != nil {
		return err
	}
	model, err := h.model(c.Request().Context(), of, views.ReadPreviewQuery(c.QueryParams()))
	if err != nil {
		return err
	}
	if polls(c, previewLive) {
		return h.part(c, views.PreviewLive(model))
	}
	frame, err := h.accountFrame(c, of, "Preview", views.PlacePreview)
	if err != nil {
		return err
	}
	return h.whole(c, http.StatusOK, frame, views.Preview(model))
}

func (h previewPage) model(ctx context.Context, of store.Summary, query views.PreviewQuery) (views.PreviewPage, error) {
	page := views.PreviewPage{
		Account: of.Account.Name, Now: h.now(), Zone: zoneOf(of.Account), Query: query, State: views.PreviewNone, Per: views.DefaultPageLength,
	}
	run, err := h.newest(ctx, of.Account, &page)
	if err != nil {
		return page, err
	}
	query = page.Query
	computing, trouble := h.previews.state(of.Account.Name)
	switch {
	case computing && (run == nil || run.Status != bridge.RunRunning):
		// Asked for, and no worker has begun.
		page.State, page.Phases = views.PreviewComputing, phasesOf(bridge.Run{Kind: bridge.RunPreview, Status: bridge.RunRunning, Phase: bridge.PhaseCollect})
		page.Phases[0].Total = -1
	case run != nil && run.Status == bridge.RunRunning:
		page.State, page.Phases = views.PreviewComputing, phasesOf(*run)
	case trouble != "":
		page.Problem, page.Answer = views.Parted(trouble)
	case run != nil && run.Status == bridge.RunFailed:
		page.Problem, page.Answer = views.Parted(run.Reason)
	case run != nil:
		page.State, page.ComputedAt = views.PreviewReady, run.Ended
		err := h.result(ctx, of.Account, *run, &page)
		return page, err
	}
	if page.State == views.PreviewComputing {
		page.Live = views.Live{URL: query.URL(page.Account), Every: previewSeconds}
	}
	return page, nil
}

// newest is the newest preview that the page is about. One that was computed for a single tenant is shown as that tenant's, and a
// tenant that it does not cover has none.
func (h previewPage) newest(ctx context.Context, account bridge.Account, page *views.PreviewPage) (*bridge.Run, error) {
	run, err := h.store.LatestPreview(ctx, account.ID)
	if err != nil {
		return nil, err
	}
	if run != nil && page.Query.Tenant == "" && !run.Everything && run.Tenants.Total == 1 {
		only, _, _, err := h.store.TenantRuns(ctx, run.ID, store.TenantRunFilter{Limit: 1})
		if err != nil {
			return nil, err
		}
		for _, t := range only {
			page.Query.Tenant = t.TenantID
		}
	}
	if page.Query.Tenant == "" {
		return run, nil
	}
	tenant, err := h.store.Tenant(ctx, account.ID, page.Query.Tenant)
	if err != nil {
		return nil, err
	}
	page.Query.Tenant, page.TenantName = tenant.ID, tenant.Name
	if run == nil || run.Status == bridge.RunRunning {
		return run, nil
	}
	if _, err := h.store.TenantRun(ctx, run.ID, tenant.ID); bridge.CodeOf(err) == bridge.CodeNotFound {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	return run, nil
}

// result is what was computed, by tenant.
func (h previewPage) result(ctx context.Context, account bridge.Account, run bridge.Run, page *views.PreviewPage) error {
	if err := h.sums(ctx, run, page); err != nil {
		return err
	}
	filter := previewFilter(account, run, page.Query)
	filter.Limit, filter.Offset = page.Per, pageOffset(page.Query.Page, page.Per)
	ids, total, err := h.store.ChangedTenants(ctx, filter)
	if err != nil {
		return err
	}
	page.Total = total
	filter.Limit, filter.Offset, filter.TenantIDs = 0, 0, append([]string{}, ids...)
	changes, _, err := h.store.Changes(ctx, filter)
	if err != nil {
		return err
	}
	troubled, err := h.troubled(ctx, run, page)
	if err != nil {
		return err
	}
	offer, err := h.admin.Offer(ctx, account)
	if err != nil {
		return err
	}
	groups, waiting, err := h.groups(ctx, account, offer, ids, troubled)
	if err != nil {
		return err
	}
	at := map[string]int{}
	for i, g := range groups {
		at[g.TenantID] = i
	}
	for _, w := range linkedOf(changes) {
		i, ok := at[w.TenantID]
		if !ok {
			continue
		}
		row := linkedRow(w, offer)
		// A preview's rows are never decided on. What the last run held of the tenant is.
		if w.Status == bridge.StatusHeld && waiting[w.TenantID] {
			row.Said = views.Link{Text: "Held changes of this tenant", URL: views.HeldQuery{Tenant: w.TenantID}.URL(page.Account)}
		}
		groups[i].Changes = append(groups[i].Changes, row)
	}
	page.Groups = groups
	return nil
}

// previewFilter is the store's filter for a view.
func previewFilter(account bridge.Account, run bridge.Run, query views.PreviewQuery) store.ChangeFilter {
	filter := store.ChangeFilter{AccountID: account.ID, RunID: run.ID, Query: query.Q, OfTenants: true}
	if query.Tenant != "" {
		filter.TenantID = &query.Tenant
	}
	switch query.Filter {
	case views.PreviewLines:
		filter.Kinds = []string{string(bridge.KindAddition)}
	case views.PreviewEnds:
		filter.Touches = store.TouchesEnds
	case views.PreviewZero:
		filter.Touches = store.TouchesZero
	case views.PreviewHeld:
		filter.Statuses = []string{string(bridge.StatusHeld)}
	case views.PreviewEverything:
	}
	return filter
}

// sums are the figures on top and on the chips, of the whole preview or of the one tenant.
func (h previewPage) sums(ctx context.Context, run bridge.Run, page *views.PreviewPage) error {
	sums, err := h.store.ChangeCounts(ctx, run.ID, page.Query.Tenant)
	if err != nil {
		return err
	}
	lines, err := h.store.LineCounts(ctx, run.ID, page.Query.Tenant)
	if err != nil {
		return err
	}
	_, _, tenants, err := h.store.TenantRuns(ctx, run.ID, store.TenantRunFilter{Limit: 1})
	if err != nil {
		return err
	}
	page.Counts = views.PreviewCounts{
		Lines: sums.ByKind[bridge.KindAddition] - sums.Paired[bridge.KindAddition], Everything: sums.Total, Ends: sums.Ends, Zero: sums.Zero,
		Held: sums.ByStatus[bridge.StatusHeld] - sums.PairedHeld,
	}
	for _, n := range sums.Paired {
		page.Counts.Everything -= n
	}
	page.Sums = views.PreviewSums{
		Added: lines.Added, Changed: lines.Changed, Ended: lines.Ended, Other: sums.ByStatus[bridge.StatusPlanned] - lines.Added - lines.Changed - lines.Ended,
		Held: page.Counts.Held, Unchanged: tenants[bridge.TenantUnchanged], Failed: tenants[bridge.TenantFailed], Tenants: lines.Tenants,
	}
	return nil
}

// troubled are the tenants that a sync would fail, by id; on the first page of an unsearched view only.
func (h previewPage) troubled(ctx context.Context, run bridge.Run, page *views.PreviewPage) ([]bridge.TenantRun, error) {
	q := page.Query
	if q.Q != "" || q.Page > 1 || q.Filter != views.PreviewLines && q.Filter != views.PreviewEverything {
		return nil, nil
	}
	rows, _, _, err := h.store.TenantRuns(ctx, run.ID, store.TenantRunFilter{Status: bridge.TenantFailed, Limit: troubledTenants})
	if q.Tenant == "" {
		return rows, err
	}
	for _, r := range rows {
		if r.TenantID == q.Tenant {
			return []bridge.TenantRun{r}, err
		}
	}
	return nil, err
}

// groups are the tenants of the page, those that would fail first, and which of them have changes that wait for a person.
func (h previewPage) groups(ctx context.Context, account bridge.Account, offer *admin.Offer, ids []string, troubled []bridge.TenantRun) ([]views.PreviewGroup, map[string]bool, error) {
	problems := map[string]string{}
	var order []string
	for _, t := range troubled {
		problems[t.TenantID] = views.Worded(t.Message)
		order = append(order, t.TenantID)
	}
	for _, id := range ids {
		if _, named := problems[id]; !named {
			order = append(order, id)
		}
	}
	rows, _, _, err := h.store.Tenants(ctx, account.ID, store.TenantFilter{IDs: append([]string{}, order...)})
	if err != nil {
		return nil, nil, err
	}
	byID, waiting := map[string]store.TenantRow{}, map[string]bool{}
	for _, r := range rows {
		byID[r.ID], waiting[r.ID] = r, r.HeldChanges > 0
	}
	groups := make([]views.PreviewGroup, 0, len(order))
	for _, id := range order {
		group := views.PreviewGroup{TenantID: id, Tenant: byID[id].Name, Problem: problems[id]}
		if agreement, known := offer.Agreement(byID[id].Mapping.AgreementID); known {
			group.Agreement, group.NextInvoice = agreement.Name, agreement.NextInvoice.Time()
		}
		groups = append(groups, group)
	}
	return groups, waiting, nil
}
