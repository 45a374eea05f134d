package server

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/views"
	"causeway/views/components"
)

// tenantMapping maps one tenant and switches its sync (R11).
type tenantMapping struct {
	tenantsPage
}

// post maps the tenant. With a mistake the row opens again with what was chosen.
func (h tenantMapping) post(c echo.Context) error {
	name, to := c.Param("account"), bridge.Mapping{}
	account, err := h.store.Account(c.Request().Context(), name)
	if err != nil {
		return err
	}
	tenant, err := h.tenant(c, account)
	if err != nil {
		return err
	}
	message := done(tenant.Name + " is no longer mapped.")
	if c.FormValue("clear") == "" {
		to = bridge.Mapping{CompanyID: typedID(c.FormValue("company")), AgreementID: typedID(c.FormValue("agreement")), Enabled: tenant.Mapping.Enabled}
		if to.CompanyID != 0 && to.AgreementID == 0 {
			return h.reopen(c, tenant.ID, bridge.Invalid("agreement_id", "Choose an agreement."))
		}
		message = done(tenant.Name + " is mapped.")
	}
	confirmed := c.FormValue("confirmed") != ""
	if asks, err := h.mustAsk(c.Request().Context(), account, tenant, to); err != nil {
		return err
	} else if asks && !confirmed {
		return leadTo(c, views.MappingQuestionURL(name, tenant.ID, recordID(to.CompanyID), recordID(to.AgreementID)))
	}
	warnings, err := h.admin.SaveMapping(c.Request().Context(), name, tenant.ID, to, &tenant.Mapping, by)
	if err != nil {
		return h.reopen(c, tenant.ID, err)
	}
	if confirmed {
		message.Text = movedText(to)
		message.Link = views.Link{Text: "Preview", URL: views.PreviewQuery{Tenant: tenant.ID}.URL(name)}
		if !to.Complete() || !to.Enabled {
			message.Link = views.Link{}
		}
	}
	if len(warnings) > 0 {
		message.Tone, message.Text = components.ToneWarn, strings.TrimSpace(warnings[0]+" "+message.Text)
	} else if to.Complete() && !to.Enabled && !confirmed {
		message.Text = "Its sync is off until you switch it on."
	}
	return then(c, back(c, views.TenantsURL(name)), message)
}

// movedText says what comes next for the lines of a tenant that was mapped elsewhere.
func movedText(to bridge.Mapping) string {
	switch {
	case !to.Complete():
		return "Its lines stay open in ConnectWise; nothing ends by itself."
	case !to.Enabled:
		return "Its lines move once its sync is switched on."
	}
	return "The next run moves its lines."
}

// leadTo shows another page instead; htmx, which exchanges a part of the page, is told to go there whole.
func leadTo(c echo.Context, to string) error {
	if c.Request().Header.Get("HX-Request") == "true" {
		c.Response().Header().Set("HX-Redirect", to)
		return c.NoContent(http.StatusNoContent)
	}
	return c.Redirect(http.StatusSeeOther, to)
}

// reopen shows the row again with the reason; htmx, which takes no page with an error, gets the message on the page it came from.
func (h tenantMapping) reopen(c echo.Context, tenant string, err error) error {
	fields, theirs := mistake(err)
	if !theirs {
		return err
	}
	if c.Request().Header.Get("HX-Request") == "true" {
		return answered(c, back(c, views.TenantsURL(c.Param("account"))), err, views.Message{})
	}
	query := views.TenantsQuery{}
	if from, parseErr := url.Parse(back(c, "")); parseErr == nil {
		query = views.ReadTenantsQuery(from.Query())
	}
	query.Edit, query.Chosen = tenant, c.FormValue("company")
	return h.show(c, http.StatusUnprocessableEntity, query, func(edit *views.TenantEdit) {
		if bridge.CodeOf(err) == bridge.CodeConflict {
			edit.Faster = &views.Message{Tone: components.ToneWarn, Icon: "users", Title: "Someone was faster.", Text: sentence(err)}
			return
		}
		edit.Error = sentence(err)
		for i := range edit.Agreements {
			edit.Agreements[i].Selected = edit.Agreements[i].ID == c.FormValue("agreement")
		}
		if text := fields["agreement_id"]; text != "" {
			edit.Error = text
		}
	})
}

// enabled turns the switch.
func (h tenantMapping) enabled(c echo.Context) error {
	name := c.Param("account")
	account, err := h.store.Account(c.Request().Context(), name)
	if err != nil {
		return err
	}
	tenant, err := h.tenant(c, account)
	if err != nil {
		return err
	}
	on := c.FormValue("enabled") == "on"
	outcome, err := h.admin.SetEnabled(c.Request().Context(), name, []string{tenant.ID}, on, by)
	if why, refused := outcome.Refused[tenant.ID]; refused && err == nil {
		err = bridge.Invalid("enabled", why)
	}
	message := switched(tenant.Name, on)
	if err == nil && !on {
		lines, err := h.openLines(c.Request().Context(), account, tenant)
		if err != nil {
			return err
		}
		if len(lines) > 0 {
			message.Text = "What stands in ConnectWise stays as it is: " + views.CountOf(len(lines), "line goes", "lines go") + " on billing there."
			message.Link = views.Link{Text: "End billing…", URL: views.TenantEndURL(name, tenant.ID)}
		}
	}
	return answered(c, back(c, views.TenantsURL(name)), err, message)
}

func switched(name string, on bool) views.Message {
	if on {
		m := done("Sync of " + name + " is on.")
		m.Text = "It is synced for the first time tonight, or when you ask for it."
		return m
	}
	m := done("Sync of " + name + " is off.")
	m.Text = "What stands in ConnectWise stays as it is."
	return m
}

// bulkMapping acts on many tenants at once (R14).
type bulkMapping struct {
	tenantsPage
	sync syncAction
}

func (h bulkMapping) post(c echo.Context) error {
	name := c.Param("account")
	to := back(c, views.TenantsURL(name))
	account, err := h.store.Account(c.Request().Context(), name)
	if err != nil {
		return err
	}
	ids, err := h.chosen(c, account)
	if err != nil {
		return answered(c, to, err, views.Message{})
	}
	switch c.FormValue("action") {
	case "accept":
		count, err := h.accept(c, account, ids)
		if err == nil && count == 0 {
			err = &bridge.Error{Code: bridge.CodeInvalid, Message: "None of the chosen tenants has a suggestion."}
		}
		message := done(views.Count(count, "suggestion") + " accepted.")
		message.Text = "Switch their sync on when they are right."
		message.Link = views.Link{Text: "All tenants", URL: views.TenantsURL(name)}
		return answered(c, to, err, message)
	case "enable", "disable":
		on := c.FormValue("action") == "enable"
		outcome, err := h.admin.SetEnabled(c.Request().Context(), name, ids, on, by)
		return answered(c, to, err, switchedMany(outcome, on))
	case "sync":
		return h.sync.ask(c, name, ids)
	}
	return answered(c, to, &bridge.Error{Code: bridge.CodeInvalid, Message: "This is no action for tenants."}, views.Message{})
}

// chosen are the ticked tenants, or all that match. The count that was shown must still match: nobody acts on rows unseen.
func (h bulkMapping) chosen(c echo.Context, account bridge.Account) ([]string, error) {
	form, err := c.FormParams()
	if err != nil {
		return nil, err
	}
	shown := typedID(form.Get("all_matching"))
	if shown == 0 {
		if len(form["tenant"]) == 0 {
			return nil, &bridge.Error{Code: bridge.CodeInvalid, Message: "No tenant is ticked."}
		}
		return form["tenant"], nil
	}
	query := views.ReadTenantsQuery(form)
	query.Per = -1
	list, err := h.list(c.Request().Context(), account, query)
	if err != nil {
		return nil, err
	}
	if list.total != shown {
		return nil, &bridge.Error{
			Code:    bridge.CodeConflict,
			Message: views.Number(shown) + " were shown, " + views.Number(list.total) + " match now. Look again.",
		}
	}
	ids := make([]string, 0, len(list.rows))
	for _, row := range list.rows {
		ids = append(ids, row.ID)
	}
	return ids, nil
}

// accept maps those of the tenants that have a suggestion, as it stands now.
func (h bulkMapping) accept(c echo.Context, account bridge.Account, ids []string) (int, error) {
	list, err := h.list(c.Request().Context(), account, views.TenantsQuery{})
	if err != nil {
		return 0, err
	}
	var wanted []admin.TenantMapping
	for _, id := range ids {
		if s, ok := list.suggested[id]; ok {
			wanted = append(wanted, admin.TenantMapping{TenantID: id, CompanyID: typedID(s.CompanyID), AgreementID: typedID(s.AgreementID)})
		}
	}
	if len(wanted) == 0 {
		return 0, nil
	}
	return len(wanted), h.admin.AcceptMappings(c.Request().Context(), account.Name, wanted, by)
}

func switchedMany(outcome admin.BulkOutcome, on bool) views.Message {
	word := "off"
	if on {
		word = "on"
	}
	m := done(views.Count(outcome.Changed, "tenant") + " switched " + word + ".")
	for _, why := range outcome.Refused {
		m.Tone = components.ToneWarn
		m.Text = views.CountOf(len(outcome.Refused), "tenant could", "tenants could") + " not be switched " + word + ": " + why
		break
	}
	return m
}

// refreshAction reads companies and agreements again (R9).
type refreshAction struct{ admin *admin.Admin }

func (h refreshAction) post(c echo.Context) error {
	name := c.Param("account")
	companies, err := h.admin.Companies(c.Request().Context(), name, true)
	agreements := 0
	for _, company := range companies {
		agreements += len(company.Agreements)
	}
	return answered(c, back(c, views.TenantsURL(name)), err,
		done(views.CountOf(len(companies), "company", "companies")+" with "+views.Count(agreements, "agreement")+" read from ConnectWise."))
}
