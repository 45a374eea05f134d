package server

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"causeway/internal/bridge"
	"causeway/internal/store"
	"causeway/views"
)

// removal says what stays when an account is removed (R56).
func (h settingsPage) removal(ctx context.Context, account bridge.Account, model *views.SettingsPage) error {
	model.Remove.Removed = account.RemovedAt
	rows, _, _, err := h.store.Tenants(ctx, account.ID, store.TenantFilter{})
	for _, row := range rows {
		model.Remove.OpenLines += row.OpenLines
	}
	return err
}

// remove takes the account out of use once its name was typed. Asked again, it ends what Temporal could not end the first time.
func (h settingsPage) remove(c echo.Context) error {
	name, typed := c.Param("account"), c.FormValue("typed_name")
	if !sameName(typed, name) {
		return h.show(c, http.StatusUnprocessableEntity, views.SettingsRemove, func(p *views.SettingsPage) {
			p.Remove.Typed, p.Remove.TypedFail = typed, "This is not the account’s name. Nothing was removed."
		})
	}
	_, err := h.admin.RemoveAccount(c.Request().Context(), name, by)
	if err != nil {
		return answered(c, views.SettingsURL(name, views.SettingsRemove), err, views.Message{})
	}
	message := done(name + " was removed.")
	message.Text = "Nothing in ConnectWise changed. Its history stays readable."
	message.Link = views.Link{Text: "Its runs", URL: views.RunsURL(name)}
	return then(c, views.HomeURL, message)
}
