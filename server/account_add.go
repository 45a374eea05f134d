package server

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/internal/secret"
	"causeway/views"
)

// addAccountPage takes a name and a MySonicWall key (R1).
type addAccountPage struct {
	shell
	admin *admin.Admin
}

// get shows the form or, once an account was added, what MySonicWall said about it.
func (h addAccountPage) get(c echo.Context) error {
	model := views.AddAccountPage{}
	if name := c.QueryParam("added"); name != "" {
		account, err := h.store.Account(c.Request().Context(), name)
		if err != nil {
			return err
		}
		summary, err := h.store.Summary(c.Request().Context(), account.ID)
		if err != nil {
			return err
		}
		model.Added = &views.AccountAdded{Account: account.Name, Tenants: summary.TenantsTotal, Zone: account.Zone()}
	}
	return h.show(c, http.StatusOK, model)
}

func (h addAccountPage) post(c echo.Context) error {
	name := strings.TrimSpace(c.FormValue("name"))
	key := strings.TrimSpace(c.FormValue("msw_api_key"))
	added, err := h.admin.AddAccount(c.Request().Context(), admin.NewAccount{Name: name, MySonicWallKey: secret.Text(key)})
	if err == nil {
		return then(c, views.NewAccountURL+"?"+url.Values{"added": {added.Account.Name}}.Encode(), views.Message{})
	}
	if bridge.CodeOf(err) == bridge.CodeNotReady {
		return h.show(c, http.StatusServiceUnavailable, views.AddAccountPage{Name: name, KeyError: sentence(err)})
	}
	fields, theirs := mistake(err)
	if !theirs {
		return err
	}
	model := views.AddAccountPage{Name: name, NameError: fieldSentence(fields["account"]), KeyError: fieldSentence(fields["mysonicwall.api_key"])}
	if model.NameError == "" && model.KeyError == "" {
		model.KeyError = sentence(err)
	}
	return h.show(c, http.StatusUnprocessableEntity, model)
}

func (h addAccountPage) show(c echo.Context, status int, model views.AddAccountPage) error {
	frame, err := h.frame(c, "Add account", views.PlaceHome)
	if err != nil {
		return err
	}
	return h.whole(c, status, frame, views.AddAccount(model))
}

// fieldSentence makes a sentence of what the command line puts behind a field's name, such as "is missing".
func fieldSentence(text string) string {
	for _, verb := range []string{"is ", "may ", "holds ", "must ", "has "} {
		if strings.HasPrefix(text, verb) {
			text = "This " + text
			break
		}
	}
	if text != "" && !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, ")") {
		text += "."
	}
	return text
}
