package server

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"causeway/internal/store"
	"causeway/views"
)

// shell is what every page needs: the store for what stands around it, the clock, and the log.
type shell struct {
	store *store.Store
	now   func() time.Time
	log   *slog.Logger
}

// renderHTML renders into memory first, so that a page that fails half-way is an error page and not half a page.
func renderHTML(ctx context.Context, page templ.Component) ([]byte, error) {
	var body bytes.Buffer
	if err := page.Render(ctx, &body); err != nil {
		return nil, fmt.Errorf("render a page: %w", err)
	}
	return body.Bytes(), nil
}

// whole answers with a page in its frame.
func (s shell) whole(c echo.Context, status int, frame views.Frame, page templ.Component) error {
	body, err := renderHTML(c.Request().Context(), views.Layout(frame, page))
	if err != nil {
		return err
	}
	return c.HTMLBlob(status, body)
}

// part answers with a region alone.
func (s shell) part(c echo.Context, region templ.Component) error {
	body, err := renderHTML(c.Request().Context(), region)
	if err != nil {
		return err
	}
	return c.HTMLBlob(http.StatusOK, body)
}

// polls tells whether a region asks for itself. What htmx fetches for another reason, such as the page after a form, needs the whole
// page: the message stands outside the region.
func polls(c echo.Context, region string) bool {
	h := c.Request().Header
	return h.Get("HX-Request") == "true" && h.Get("HX-Target") == region && h.Get("HX-Trigger") == region
}

// frame is what stands around a page outside an account.
func (s shell) frame(c echo.Context, title string, place views.Place) (views.Frame, error) {
	accounts, err := s.store.Accounts(c.Request().Context())
	if err != nil {
		return views.Frame{}, err
	}
	names := make([]string, 0, len(accounts))
	for _, a := range accounts {
		if a.Alive() == nil {
			names = append(names, a.Name)
		}
	}
	return views.Frame{
		Title: title, Theme: themeOf(c), Path: c.Request().URL.RequestURI(), Place: place, Accounts: names, Message: takeFlash(c),
	}, nil
}

// accountFrame is what stands around a page of an account.
func (s shell) accountFrame(c echo.Context, of store.Summary, title string, place views.Place) (views.Frame, error) {
	frame, err := s.frame(c, title+" · "+of.Account.Name, place)
	zone := zoneOf(of.Account)
	frame.Account = &views.FrameAccount{
		Name: of.Account.Name, Zone: of.Account.Zone(), ZoneShort: views.ZoneShort(s.now(), zone),
		NotMapped: of.TenantsUnmapped, Failed: of.FailedTenants, Held: of.HeldChanges,
		Removed: of.Account.Alive() != nil,
	}
	return frame, err
}

// then leads to a page after an action; the message is shown there once.
func then(c echo.Context, to string, m views.Message) error {
	if m.Title != "" || m.Text != "" {
		putFlash(c, m)
	}
	return c.Redirect(http.StatusSeeOther, to)
}

// back is where a form said it came from, if that is a path of ours, else the other one.
func back(c echo.Context, otherwise string) string {
	if to := c.FormValue("back"); localPath(to) {
		return to
	}
	return otherwise
}
