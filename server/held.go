package server

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/internal/store"
	"causeway/views"
)

// heldPage is what waits for a person, what persons ended in ConnectWise (R52), and what was decided.
type heldPage struct {
	shell
	admin *admin.Admin
}

func (h heldPage) get(c echo.Context) error {
	of, err := h.account(c)
	if err != nil {
		return err
	}
	model, err := h.model(c.Request().Context(), of, views.ReadHeldQuery(c.QueryParams()))
	if err != nil {
		return err
	}
	frame, err := h.accountFrame(c, of, "Held changes", views.PlaceHeld)
	if err != nil {
		return err
	}
	return h.whole(c, http.StatusOK, frame, views.Held(model))
}

func (h heldPage) model(ctx context.Context, of store.Summary, query views.HeldQuery) (views.HeldPage, error) {
	page := views.HeldPage{Account: of.Account.Name, Now: h.now(), Zone: zoneOf(of.Account), Query: query}
	if query.Tenant != "" {
		tenant, err := h.store.Tenant(ctx, of.Account.ID, query.Tenant)
		if err != nil {
			return page, err
		}
		page.Query.Tenant, page.TenantName = tenant.ID, tenant.Name
		query.Tenant = tenant.ID
	}
	waiting, err := h.waiting(ctx, of.Account, query.Tenant)
	if err != nil {
		return page, err
	}
	page.Counts.Waiting = len(waiting)
	touching := slices.DeleteFunc(slices.Clone(waiting), func(w linked) bool { return w.NextInvoice.IsZero() })
	page.Counts.Invoice = len(touching)
	if err := h.countOthers(ctx, of.Account, &page); err != nil {
		return page, err
	}
	switch query.Filter {
	case views.HeldEnded:
		err = h.ended(ctx, of.Account, &page)
	case views.HeldDecided:
		err = h.decided(ctx, of.Account, &page)
	case views.HeldInvoice:
		err = h.inbox(ctx, of.Account, touching, &page)
	case views.HeldWaiting:
		err = h.inbox(ctx, of.Account, waiting, &page)
	}
	return page, err
}

// waiting is what a person can decide on, of one tenant or of all, linked changes as one.
func (h heldPage) waiting(ctx context.Context, account bridge.Account, tenant string) ([]linked, error) {
	changes, err := h.store.HeldChanges(ctx, account.ID)
	if tenant != "" {
		changes = slices.DeleteFunc(changes, func(c bridge.Change) bool { return c.TenantID != tenant })
	}
	return linkedOf(changes), err
}

func (h heldPage) countOthers(ctx context.Context, account bridge.Account, page *views.HeldPage) error {
	var err error
	if _, page.Counts.Ended, err = h.store.EndedByHand(ctx, account.ID, store.EndedFilter{TenantID: page.Query.Tenant, Limit: 1}); err != nil {
		return err
	}
	_, page.Counts.Decided, err = h.store.Decided(ctx, account.ID, store.DecidedFilter{TenantID: page.Query.Tenant, Limit: 1})
	return err
}

// inbox is the list with the opened change, or the first one, beside it.
func (h heldPage) inbox(ctx context.Context, account bridge.Account, all []linked, page *views.HeldPage) error {
	page.Total = len(all)
	open := slices.IndexFunc(all, func(w linked) bool { return runID(w.ID) == page.Query.Open })
	if open >= 0 {
		page.Query.Page = open/views.DefaultPageLength + 1
	} else {
		page.Query.Open = ""
	}
	offset := min(pageOffset(page.Query.Page, views.DefaultPageLength), len(all))
	shown := all[offset:min(offset+views.DefaultPageLength, len(all))]
	names, err := h.tenantsOf(ctx, account, shown)
	if err != nil {
		return err
	}
	since, err := h.since(ctx, account, shown)
	if err != nil {
		return err
	}
	for _, w := range shown {
		page.Items = append(page.Items, heldItem(w, names[w.TenantID], since[w.ID], page.Now))
	}
	if len(shown) == 0 {
		return nil
	}
	at := max(0, open-offset)
	offer, err := h.admin.Offer(ctx, account)
	if err != nil {
		return err
	}
	detail := heldDetail(shown[at], page.Items[at], offer)
	detail.At, detail.Of = offset+at+1, len(all)
	detail.More = moreOf(account.Name, shown[at], all)
	page.Detail = &detail
	return nil
}

// tenantsOf are the names of the tenants that changes belong to.
func (h heldPage) tenantsOf(ctx context.Context, account bridge.Account, changes []linked) (map[string]string, error) {
	ids := make([]string, 0, len(changes))
	for _, c := range changes {
		ids = append(ids, c.TenantID)
	}
	slices.Sort(ids)
	rows, _, _, err := h.store.Tenants(ctx, account.ID, store.TenantFilter{IDs: slices.Compact(ids)})
	names := make(map[string]string, len(rows))
	for _, r := range rows {
		names[r.ID] = r.Name
	}
	return names, err
}

// since is when each change was held first.
func (h heldPage) since(ctx context.Context, account bridge.Account, changes []linked) (map[int64]time.Time, error) {
	ids := make([]int64, 0, len(changes))
	for _, c := range changes {
		ids = append(ids, c.ID)
	}
	return h.store.HeldSince(ctx, account.ID, ids)
}

func heldItem(w linked, tenant string, since, now time.Time) views.HeldItem {
	item := views.HeldItem{
		ID: runID(w.ID), Reason: reasonTitle(w.Change), Name: cmp.Or(w.Subject, w.Key), TenantID: w.TenantID, Tenant: cmp.Or(tenant, w.TenantID),
		Since: since, Effect: heldEffect(w),
	}
	if !w.NextInvoice.IsZero() {
		item.Invoice = views.NearDate(w.NextInvoice.Time(), now)
	}
	return item
}

// ended are the records that persons ended in ConnectWise.
func (h heldPage) ended(ctx context.Context, account bridge.Account, page *views.HeldPage) error {
	records, total, err := h.store.EndedByHand(ctx, account.ID, store.EndedFilter{
		TenantID: page.Query.Tenant, Limit: views.DefaultPageLength, Offset: pageOffset(page.Query.Page, views.DefaultPageLength),
	})
	page.Total = total
	for _, r := range records {
		row := views.EndedRecord{
			ID: runID(r.ID), Kind: views.KindWord(string(r.Kind)), Name: r.Subject, Serial: r.Serial, TenantID: r.TenantID, Tenant: cmp.Or(r.Tenant, r.TenantID),
			Record: recordID(r.CWMID), Since: r.EndedByHand.Time(), Resumed: r.Facts[bridge.FactResume], Means: resumingMeans(r),
		}
		for _, field := range shownFields[r.Kind] {
			if value := r.LastApplied.Get(field); value != "" {
				row.Fields = append(row.Fields, views.RecordField{Label: views.FieldLabel(field), Value: views.FieldText(field, value)})
			}
		}
		page.Ended = append(page.Ended, row)
	}
	return err
}

// decided are the decisions that were made, newest first.
func (h heldPage) decided(ctx context.Context, account bridge.Account, page *views.HeldPage) error {
	decisions, total, err := h.store.Decided(ctx, account.ID, store.DecidedFilter{
		TenantID: page.Query.Tenant, Limit: views.DefaultPageLength, Offset: pageOffset(page.Query.Page, views.DefaultPageLength),
	})
	page.Total = total
	for _, d := range decisions {
		words := wordsOf[d.Choice]
		page.Decided = append(page.Decided, views.DecidedRow{
			ID: runID(d.ID), At: d.At, By: d.By, Choice: words.done, Icon: words.icon, Reason: titleOf(d.Reason, string(d.Reason)),
			Name: cmp.Or(d.Subject, d.Key), Serial: d.Serial, TenantID: d.TenantID, Tenant: cmp.Or(d.Tenant, d.TenantID),
			Outcome: outcomeOfDecision(d), Open: d.Spent.IsZero(),
		})
	}
	return err
}
