package server

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"causeway/internal/bridge"
	"causeway/internal/store"
	"causeway/views"
)

const (
	// tenantRunsShown are the newest syncs on a tenant's page; all of them stand on the runs' pages.
	tenantRunsShown = 20
)

// tenantPage is one customer: what it has, what is billed, since when.
type tenantPage struct {
	tenants tenantsPage
}

func (h tenantPage) get(c echo.Context) error {
	of, err := h.tenants.account(c)
	if err != nil {
		return err
	}
	tenant, err := h.tenants.tenant(c, of.Account)
	if err != nil {
		return err
	}
	model, err := h.model(c.Request().Context(), of, tenant)
	if err != nil {
		return err
	}
	frame, err := h.tenants.accountFrame(c, of, tenant.Name, views.PlaceTenants)
	if err != nil {
		return err
	}
	return h.tenants.whole(c, http.StatusOK, frame, views.Tenant(model))
}

func (h tenantPage) model(ctx context.Context, of store.Summary, tenant bridge.Tenant) (views.TenantPage, error) {
	account := of.Account
	page := views.TenantPage{
		Account: account.Name, Now: h.tenants.now(), Zone: zoneOf(account),
		CanSync: canSync(account) && tenant.Mapping.Complete() && tenant.Mapping.Enabled && !tenant.Missing,
	}
	if err := h.row(ctx, account, tenant, &page); err != nil {
		return page, err
	}
	if err := h.products(ctx, account, tenant, &page); err != nil {
		return page, err
	}
	past, err := h.tenants.store.TenantHistory(ctx, account.ID, tenant.ID, tenantRunsShown)
	if err != nil {
		return page, err
	}
	for _, t := range past {
		page.Runs = append(page.Runs, views.TenantHistory{
			RunID: runID(t.RunID), At: t.Started, Outcome: outcomeOf(t.Status), Message: oneSentence(t.Message), Changes: t.Changes.Applied, Took: took(t.Started, t.Ended, page.Now),
		})
	}
	if err := h.startTimes(ctx, account, page.Runs, past); err != nil {
		return page, err
	}
	held, err := h.tenants.store.HeldChanges(ctx, account.ID)
	for _, w := range linkedOf(held) {
		if w.TenantID == tenant.ID {
			row := linkedRow(w, nil)
			row.Said = views.Link{Text: "Decide on it", URL: views.HeldQuery{Open: runID(w.ID)}.URL(account.Name)}
			page.Held = append(page.Held, row)
		}
	}
	return page, err
}

// startTimes gives parts that never began of their own, unchanged ones say, the start of their run.
func (h tenantPage) startTimes(ctx context.Context, account bridge.Account, rows []views.TenantHistory, past []bridge.TenantRun) error {
	var ids []int64
	for _, t := range past {
		if t.Started.IsZero() {
			ids = append(ids, t.RunID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	runs, err := h.tenants.store.RunsByID(ctx, account.ID, ids)
	for i, t := range past {
		if t.Started.IsZero() {
			rows[i].At = runs[t.RunID].Started
		}
	}
	return err
}

// row is the tenant as its list shows it.
func (h tenantPage) row(ctx context.Context, account bridge.Account, tenant bridge.Tenant, page *views.TenantPage) error {
	list, _, _, err := h.tenants.store.Tenants(ctx, account.ID, store.TenantFilter{IDs: []string{tenant.ID}})
	if err != nil {
		return err
	}
	offer, err := h.tenants.admin.Offer(ctx, account)
	if err != nil {
		return err
	}
	rows := tenantRows{account: account, offer: offer, today: h.tenants.today(account)}
	rows.suggested = h.tenants.suggestions.of(account, rows.today, offer, list)
	if err := rows.read(ctx, h.tenants.store); err != nil {
		return err
	}
	for _, r := range list {
		page.Tenant = rows.row(r)
	}
	return nil
}

// products puts beside each product what was last written for it.
func (h tenantPage) products(ctx context.Context, account bridge.Account, tenant bridge.Tenant, page *views.TenantPage) error {
	reports, err := h.tenants.store.Reports(ctx, account.ID, []string{tenant.ID})
	if err != nil {
		return err
	}
	managed, err := h.tenants.store.Managed(ctx, account.ID, store.ManagedFilter{
		TenantIDs: []string{tenant.ID}, Kinds: []bridge.Kind{bridge.KindAddition, bridge.KindConfiguration},
	})
	if err != nil {
		return err
	}
	for _, report := range reports {
		page.ReadAt = report.At
		for _, p := range report.Products {
			page.Products = append(page.Products, productOf(p, managed, account.Options))
		}
	}
	return nil
}

func productOf(p bridge.Product, managed []bridge.Managed, options bridge.Options) views.Product {
	place := bridge.PlacementOf(p.Line)
	out := views.Product{
		Name: p.Name, Device: p.FriendlyName, Serial: p.Serial, Line: lineWords(p.Line, place), Tier: tierWords(p.Tier), Registered: p.Registered.Time(),
		Trial: p.Trial, NotBillable: !p.Billable, Problems: p.Problems, Services: servicesOf(p.Services, ""),
	}
	if p.Gone() {
		out.Gone = strings.ToLower(string(p.Status))
	}
	out.Addition = recordOf(bridge.KindAddition, p, managed)
	out.Configuration = recordOf(bridge.KindConfiguration, p, managed)
	if out.Addition == nil && !bridge.BecomesAddition(place, options) {
		out.Addition = &views.Record{NotWhat: "not billed: " + out.Line + " products become no agreement lines here"}
	}
	if out.Configuration == nil && !bridge.BecomesConfiguration(place) {
		out.Configuration = &views.Record{NotWhat: "none for this product line"}
	}
	return out
}

// lineWords are the product line in the guide's words: its configuration's type, or MySonicWall's code made readable.
func lineWords(line bridge.ProductLine, place bridge.Placement) string {
	if place.ConfigurationType != "" {
		return place.ConfigurationType
	}
	words := strings.Fields(strings.ReplaceAll(strings.ToLower(string(line)), "_", " "))
	for i, w := range words {
		if slices.Contains([]string{"gms", "cms", "sma"}, w) {
			words[i] = strings.ToUpper(w)
		} else {
			words[i] = capital(w)
		}
	}
	return strings.Join(words, " ")
}

func tierWords(tier bridge.Tier) string { return capital(strings.ToLower(string(tier))) }

func servicesOf(services []bridge.Service, of string) []views.Service {
	var out []views.Service
	for _, s := range services {
		out = append(out, views.Service{Name: s.Name, Of: of, Quantity: quantityText(s.Quantity), Expires: s.Expiry.Time()})
		out = append(out, servicesOf(s.Subs, s.Name)...)
	}
	return out
}

func quantityText(q decimal.NullDecimal) string {
	if !q.Valid {
		return ""
	}
	return q.Decimal.String()
}

// shownFields are what a record's cell shows, the most telling first.
var shownFields = map[bridge.Kind][]string{
	bridge.KindAddition:      {bridge.FieldQuantity, bridge.FieldEffective, bridge.FieldCancelled, bridge.FieldBillCustomer},
	bridge.KindConfiguration: {bridge.FieldName, bridge.FieldStatus, bridge.FieldExpires},
}

// recordOf is the newest record of a kind for a product, nil without one.
func recordOf(kind bridge.Kind, p bridge.Product, managed []bridge.Managed) *views.Record {
	var found *views.Record
	newest := 0
	for _, m := range managed {
		if m.Kind != kind || m.Serial != p.Serial || m.CWMID < newest {
			continue
		}
		newest = m.CWMID
		found = &views.Record{ID: recordID(m.CWMID), ByHand: !m.EndedByHand.IsZero()}
		for _, field := range shownFields[kind] {
			if value := m.LastApplied.Get(field); value != "" {
				found.Fields = append(found.Fields, views.RecordField{Label: views.FieldLabel(field), Value: views.FieldText(field, value)})
			}
		}
	}
	return found
}
