package server

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"causeway/internal/bridge"
	"causeway/views"
	"causeway/views/components"
)

// by names the dashboard where somebody has to be named: there is no sign-in yet.
const by = "dashboard"

// answered leads back after a button that has no form of its own to show again: what a person can act on becomes the message there,
// everything else an error page.
func answered(c echo.Context, to string, err error, message views.Message) error {
	if err == nil {
		return then(c, to, message)
	}
	code := bridge.CodeOf(err)
	if code == "" {
		return err
	}
	title := "That did not work."
	switch code {
	case bridge.CodeConflict:
		title = "Someone was faster."
	case bridge.CodeNotReady:
		title = "Nothing was started."
	case bridge.CodeInvalid, bridge.CodeNotFound, bridge.CodeForbidden, bridge.CodeVendor:
	}
	return then(c, to, views.Message{Tone: components.ToneFail, Title: title, Text: sentence(err)})
}

// moved leads an address that only takes forms back to its page.
func moved(to func(account string) string) echo.HandlerFunc {
	return func(c echo.Context) error { return c.Redirect(http.StatusSeeOther, to(c.Param("account"))) }
}
