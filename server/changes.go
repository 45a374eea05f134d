package server

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"causeway/internal/bridge"
	"causeway/internal/store"
	"causeway/views"
	"causeway/views/components"
)

// changesPage lists the changes of all runs (R45).
type changesPage struct{ shell }

func (h changesPage) get(c echo.Context) error {
	of, err := h.account(c)
	if err != nil {
		return err
	}
	model := views.ChangesPage{
		Account: of.Account.Name, Now: h.now(), Zone: zoneOf(of.Account), Query: views.ReadChangesQuery(c.QueryParams()),
		Kinds: kindOptions(), Actions: actionOptions(), States: stateOptions(),
	}
	status := http.StatusOK
	filter, err := changesFilter(of.Account, model.Query)
	if err != nil {
		status, model.Problem = http.StatusUnprocessableEntity, sentence(err)
	} else if err := h.fill(c.Request().Context(), filter, &model); err != nil {
		return err
	}
	frame, err := h.accountFrame(c, of, "Changes", views.PlaceRuns)
	if err != nil {
		return err
	}
	return h.whole(c, status, frame, views.Changes(model))
}

func (h changesPage) fill(ctx context.Context, filter store.ChangeFilter, model *views.ChangesPage) error {
	filter.Limit = pageLength(model.Query.Per)
	filter.Offset = pageOffset(model.Query.Page, filter.Limit)
	changes, total, err := h.store.Changes(ctx, filter)
	if err != nil {
		return err
	}
	ids := make([]int64, 0, len(changes))
	for _, c := range changes {
		ids = append(ids, c.RunID)
	}
	runs, err := h.store.RunsByID(ctx, filter.AccountID, ids)
	if err != nil {
		return err
	}
	names, options, err := tenantNames(ctx, h.store, filter.AccountID)
	if err != nil {
		return err
	}
	model.Total, model.Tenants = total, options
	for _, c := range changes {
		row := views.ChangeRow{
			At: whenOf(c, runs[c.RunID]), RunID: runID(c.RunID), TenantID: c.TenantID, Tenant: cmp.Or(names[c.TenantID], c.TenantID), Change: changeOf(c),
		}
		model.Rows = append(model.Rows, row)
	}
	return nil
}

// whenOf is when a change was made or, where it was not, when its run began.
func whenOf(c bridge.Change, run bridge.Run) time.Time {
	for _, at := range []time.Time{c.EndedAt, c.SendingAt} {
		if !at.IsZero() {
			return at
		}
	}
	return run.Started
}

// tenantNames are an account's tenants by id, and as choices by name.
func tenantNames(ctx context.Context, s *store.Store, accountID int64) (map[string]string, []views.Option, error) {
	rows, _, _, err := s.Tenants(ctx, accountID, store.TenantFilter{})
	names, options := make(map[string]string, len(rows)), make([]views.Option, 0, len(rows))
	for _, r := range rows {
		names[r.ID] = r.Name
		options = append(options, views.Option{Value: r.ID, Text: r.Name})
	}
	return names, options, err
}

// changesFilter is the store's filter for a view. Dates are whole days of the account.
func changesFilter(account bridge.Account, q views.ChangesQuery) (store.ChangeFilter, error) {
	filter := store.ChangeFilter{AccountID: account.ID, Query: q.Q, Kinds: one(q.Kind), Actions: one(q.Action), Statuses: one(q.Status)}
	if q.Tenant != "" {
		filter.TenantID = &q.Tenant
	}
	for _, end := range []struct {
		text string
		to   *time.Time
		days int
	}{{q.From, &filter.Since, 0}, {q.To, &filter.Until, 1}} {
		if end.text == "" {
			continue
		}
		date, err := bridge.ParseDate(end.text)
		if err != nil {
			return filter, bridge.Invalid("from", "“"+end.text+"” is no date of the form 2026-11-30.")
		}
		day := date.AddDays(end.days).Time()
		*end.to = time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, zoneOf(account))
	}
	return filter, nil
}

func one(value string) []string {
	if value == "" {
		return nil
	}
	return []string{value}
}

func kindOptions() []views.Option {
	var options []views.Option
	for _, kind := range []bridge.Kind{
		bridge.KindAddition, bridge.KindConfiguration, bridge.KindCatalogItem, bridge.KindConfigurationType, bridge.KindQuestion,
		bridge.KindProductType, bridge.KindCategory, bridge.KindSubcategory,
	} {
		options = append(options, views.Option{Value: string(kind), Text: views.KindTitle(string(kind))})
	}
	return options
}

func actionOptions() []views.Option {
	var options []views.Option
	for _, action := range []bridge.Action{
		bridge.ActionCreate, bridge.ActionAdopt, bridge.ActionUpdate, bridge.ActionCancel, bridge.ActionDeactivate, bridge.ActionAttach,
	} {
		options = append(options, views.Option{Value: string(action), Text: components.Action(action).Word()})
	}
	return options
}

func stateOptions() []views.Option {
	var options []views.Option
	for _, status := range []bridge.Status{
		bridge.StatusApplied, bridge.StatusFailed, bridge.StatusHeld, bridge.StatusStale, bridge.StatusSkipped, bridge.StatusPlanned, bridge.StatusSending,
	} {
		options = append(options, views.Option{Value: string(status), Text: views.StatusBadge(string(status)).Text()})
	}
	return options
}
