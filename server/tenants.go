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
	tenantsLive = "tenants"
	// tenantsSeconds is how often the table is read again while a run is on.
	tenantsSeconds = 5
	// companiesFound is how many companies a search lists.
	companiesFound = 20
)

// tenantsPage is the mapping (R9, R11, R12, R14).
type tenantsPage struct {
	shell
	admin       *admin.Admin
	suggestions *suggestions
}

func (h tenantsPage) get(c echo.Context) error {
	return h.show(c, http.StatusOK, views.ReadTenantsQuery(c.QueryParams()), nil)
}

// show renders a view of the page; opened, where given, puts an error into the opened row.
func (h tenantsPage) show(c echo.Context, status int, query views.TenantsQuery, opened func(*views.TenantEdit)) error {
	of, err := h.account(c)
	if err != nil {
		return err
	}
	model, err := h.model(c.Request().Context(), of, query)
	if err != nil {
		return err
	}
	if opened != nil && model.Edit != nil {
		opened(model.Edit)
	}
	if polls(c, tenantsLive) {
		return h.part(c, views.TenantsLive(model))
	}
	frame, err := h.accountFrame(c, of, "Tenants", views.PlaceTenants)
	if err != nil {
		return err
	}
	return h.whole(c, status, frame, views.Tenants(model))
}

func (h tenantsPage) model(ctx context.Context, of store.Summary, query views.TenantsQuery) (views.TenantsPage, error) {
	page := views.TenantsPage{
		Account: of.Account.Name, Now: h.now(), Zone: zoneOf(of.Account), Query: query, Configured: of.Account.Configured() && !of.Account.SetUpAt.IsZero(),
	}
	list, err := h.list(ctx, of.Account, query)
	if err != nil {
		return page, err
	}
	page.Total, page.CompaniesReadAt, page.Companies = list.total, list.offer.ReadAt, len(list.offer.Companies)
	page.Counts = views.TenantCounts{
		All: of.TenantsTotal, NotMapped: list.chips[store.ChipUnmapped], Suggested: len(list.suggested), Enabled: list.chips[store.ChipEnabled],
		Failed: list.chips[store.ChipFailed], Held: list.chips[store.ChipHeld], Frozen: list.chips[store.ChipFrozen], Missing: list.chips[store.ChipMissing], NotActive: list.chips[store.ChipInactiveCompany],
	}
	rows := tenantRows{account: of.Account, offer: list.offer, today: h.today(of.Account), suggested: list.suggested}
	if err := rows.read(ctx, h.store); err != nil {
		return page, err
	}
	for _, row := range list.rows {
		page.Rows = append(page.Rows, rows.row(row))
		if row.ID == query.Edit && page.Configured {
			page.Edit = rows.edit(row, query)
		}
	}
	if query.Accept {
		page.Accept = acceptance(query.Threshold, list.unmapped, list.suggested)
	}
	if of.RunningRun != 0 {
		page.RunningID = runID(of.RunningRun)
		if page.Edit == nil && page.Accept == nil {
			page.Live = views.Live{URL: query.URL(of.Account.Name), Every: tenantsSeconds}
		}
	}
	return page, nil
}

// tenantList is what a view of the page chooses.
type tenantList struct {
	rows      []store.TenantRow
	total     int
	chips     map[string]int
	offer     *admin.Offer
	unmapped  []store.TenantRow
	suggested map[string]views.Suggestion
}

// chips are the filters that the store counts, by their place in the address.
var tenantChips = map[views.TenantFilter]string{
	views.TenantsNotMapped: store.ChipUnmapped, views.TenantsEnabled: store.ChipEnabled, views.TenantsFailed: store.ChipFailed,
	views.TenantsHeld: store.ChipHeld, views.TenantsFrozen: store.ChipFrozen, views.TenantsMissing: store.ChipMissing, views.TenantsNotActive: store.ChipInactiveCompany,
}

func (h tenantsPage) list(ctx context.Context, account bridge.Account, query views.TenantsQuery) (tenantList, error) {
	var list tenantList
	var err error
	if list.offer, err = h.admin.Offer(ctx, account); err != nil {
		return list, err
	}
	if list.unmapped, _, _, err = h.store.Tenants(ctx, account.ID, store.TenantFilter{Query: query.Q, Chip: store.ChipUnmapped}); err != nil {
		return list, err
	}
	list.suggested = h.suggestions.of(account, h.today(account), list.offer, list.unmapped)
	list.rows, list.total, list.chips, err = h.store.Tenants(ctx, account.ID, tenantFilter(query, list.suggested))
	return list, err
}

// tenantFilter is the store's filter for a view; a Per below zero lists everything that matches.
func tenantFilter(query views.TenantsQuery, suggested map[string]views.Suggestion) store.TenantFilter {
	filter := store.TenantFilter{Query: query.Q, Sort: query.Sort, Chip: tenantChips[query.Filter]}
	if query.Per >= 0 {
		filter.Limit = pageLength(query.Per)
		filter.Offset = pageOffset(query.Page, filter.Limit)
	}
	if query.Filter == views.TenantsSuggested {
		filter.IDs = make([]string, 0, len(suggested))
		for id := range suggested {
			filter.IDs = append(filter.IDs, id)
		}
	}
	return filter
}

func pageLength(per int) int {
	if per <= 0 {
		return views.DefaultPageLength
	}
	return per
}

func pageOffset(page, length int) int { return (max(1, page) - 1) * length }

func acceptance(threshold int, tenants []store.TenantRow, suggested map[string]views.Suggestion) *views.Acceptance {
	if threshold <= 0 {
		threshold = views.DefaultThreshold
	}
	out := &views.Acceptance{Threshold: threshold}
	for _, t := range tenants {
		if s, ok := suggested[t.ID]; ok && s.Score >= threshold {
			out.Pairs = append(out.Pairs, views.SuggestedPair{TenantID: t.ID, Tenant: t.Name, Suggestion: s})
		}
	}
	return out
}
