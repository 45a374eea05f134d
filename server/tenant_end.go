package server

import (
	"context"
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
	endLive = "end-live"
	// endFresh is how long what would end is shown as it was computed; after that ConnectWise is read again.
	endFresh = time.Hour
)

// endPage ends the billing of a tenant that is not synchronised (R53), after showing which lines that ends.
type endPage struct {
	tenants  tenantsPage
	previews *previews
}

func (h endPage) get(c echo.Context) error {
	return h.show(c, http.StatusOK, func(*views.EndQuestion) {})
}

func (h endPage) show(c echo.Context, status int, typed func(*views.EndQuestion)) error {
	of, err := h.tenants.account(c)
	if err != nil {
		return err
	}
	tenant, err := h.tenants.tenant(c, of.Account)
	if err != nil {
		return err
	}
	question, err := h.model(c.Request().Context(), of.Account, tenant)
	if err != nil {
		return err
	}
	typed(&question)
	if polls(c, endLive) {
		return h.tenants.part(c, views.AskEndLive(question))
	}
	frame, err := h.tenants.accountFrame(c, of, "End billing", views.PlaceTenants)
	if err != nil {
		return err
	}
	return h.tenants.whole(c, status, frame, views.AskEnd(question))
}

func (h endPage) model(ctx context.Context, account bridge.Account, tenant bridge.Tenant) (views.EndQuestion, error) {
	q := views.EndQuestion{Account: account.Name, TenantID: tenant.ID, Tenant: tenant.Name, Now: h.tenants.now(), Zone: zoneOf(account), State: views.PreviewNone}
	rows, _, _, err := h.tenants.store.Tenants(ctx, account.ID, store.TenantFilter{IDs: []string{tenant.ID}})
	if err != nil {
		return q, err
	}
	for _, row := range rows {
		q.OpenLines, q.Asked = row.OpenLines, row.EndingBy
	}
	q.Why = frozenSentence(tenant, q.Now)
	if err := tenant.MayEnd(); err != nil {
		q.Refused = sentence(err)
		return q, nil
	}
	if err := account.Alive(); err != nil {
		q.Refused = sentence(err)
		return q, nil
	}
	err = h.preview(ctx, account, tenant, &q)
	return q, err
}

// preview shows what was computed, if that is recent, or how far it is.
func (h endPage) preview(ctx context.Context, account bridge.Account, tenant bridge.Tenant, q *views.EndQuestion) error {
	computing, trouble := h.previews.state(endingOf(account.Name, tenant.ID))
	run, err := h.tenants.store.LatestEnding(ctx, account.ID, tenant.ID)
	if err != nil {
		return err
	}
	switch {
	case computing:
		q.State, q.Live = views.PreviewComputing, views.Live{URL: views.TenantEndURL(account.Name, tenant.ID), Every: previewSeconds}
		return nil
	case trouble != "":
		q.Problem = &views.Message{Tone: components.ToneFail, Title: "What would end could not be computed.", Text: trouble}
		return nil
	case run == nil || run.Status == bridge.RunRunning || q.Now.Sub(run.Ended) > endFresh:
		return nil
	case run.Status == bridge.RunFailed:
		q.Problem = &views.Message{Tone: components.ToneFail, Title: "What would end could not be computed.", Text: run.Reason}
		return nil
	}
	changes, _, err := h.tenants.store.Changes(ctx, store.ChangeFilter{AccountID: account.ID, RunID: run.ID, TenantID: &tenant.ID})
	if err != nil {
		return err
	}
	q.State, q.At = views.PreviewReady, run.Ended
	for _, w := range linkedOf(changes) {
		q.Rows = append(q.Rows, linkedRow(w, nil))
	}
	logs, err := h.tenants.store.Logs(ctx, store.LogFilter{AccountID: account.ID, RunID: run.ID, TenantID: tenant.ID, Limit: runLogLines})
	for _, l := range logs {
		if l.Level == bridge.LogWarn {
			q.Notes = append(q.Notes, views.Worded(l.Text))
		}
	}
	return err
}

// compute reads ConnectWise and works out which lines would end; nothing is written.
func (h endPage) compute(c echo.Context) error {
	name, tenant := c.Param("account"), c.Param("tenant")
	return answered(c, views.TenantEndURL(name, tenant), h.previews.startEnding(name, tenant), views.Message{})
}

// post ends the billing once the tenant's name was typed.
func (h endPage) post(c echo.Context) error {
	name := c.Param("account")
	account, err := h.tenants.store.Account(c.Request().Context(), name)
	if err != nil {
		return err
	}
	tenant, err := h.tenants.tenant(c, account)
	if err != nil {
		return err
	}
	typed := c.FormValue("typed_name")
	if !sameName(typed, tenant.Name) {
		return h.show(c, http.StatusUnprocessableEntity, func(q *views.EndQuestion) {
			q.Typed, q.TypedFail = typed, "This is not the tenant’s name. Nothing was ended."
		})
	}
	_, err = h.tenants.admin.EndBilling(c.Request().Context(), name, []string{tenant.ID}, by)
	message := done("The end of billing of " + tenant.Name + " is asked for.")
	message.Text = "The next run ends its lines; one was asked for just now."
	if account.State == bridge.AccountPaused {
		message.Text = name + " is paused. Its lines end once the account is taken up again."
	}
	return answered(c, views.TenantURL(name, tenant.ID), err, message)
}

// sameName compares what a person typed with a name on the page, where blanks may have come together.
func sameName(typed, name string) bool {
	return strings.Join(strings.Fields(typed), " ") == strings.Join(strings.Fields(components.Visible(name)), " ") && strings.TrimSpace(name) != ""
}

// frozenWhy are the reasons for which nothing is written for a tenant, in words.
var frozenWhy = map[string]string{
	bridge.FrozenDisabled:  "its sync is off",
	bridge.FrozenUnmapped:  "it is not mapped",
	bridge.FrozenMissing:   "MySonicWall stopped listing it",
	bridge.FrozenAgreement: "its agreement ended or was cancelled, or its company is in the recycle bin",
}

// frozenSentence says since when and why nothing is written for a tenant.
func frozenSentence(t bridge.Tenant, now time.Time) string {
	why := frozenWhy[t.Frozen.Reason]
	if why == "" {
		why = frozenWhy[t.Idle()]
	}
	switch {
	case t.Frozen.Since.IsZero() && why == "":
		return ""
	case t.Frozen.Since.IsZero():
		return "Nothing is written for it: " + why + "."
	}
	return "Frozen since " + views.NearDate(t.Frozen.Since.Time(), now) + ": " + why + "."
}
