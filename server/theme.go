package server

import (
	"slices"

	"github.com/labstack/echo/v4"

	"causeway/views"
)

const (
	themeCookie = "causeway_theme"
	// themeSeconds is a year: a choice of colours is not asked for again.
	themeSeconds = 365 * 24 * 60 * 60
)

// themeOf is the scheme that the reader chose, the machine's own without a choice.
func themeOf(c echo.Context) views.Theme {
	if got, err := c.Cookie(themeCookie); err == nil && knownTheme(views.Theme(got.Value)) {
		return views.Theme(got.Value)
	}
	return views.ThemeSystem
}

func knownTheme(t views.Theme) bool {
	return slices.Contains([]views.Theme{views.ThemeSystem, views.ThemeLight, views.ThemeDark}, t)
}

// chooseTheme keeps a scheme and goes back to the page.
func chooseTheme(c echo.Context) error {
	theme := views.Theme(c.FormValue("theme"))
	if !knownTheme(theme) {
		theme = views.ThemeSystem
	}
	c.SetCookie(cookie(themeCookie, string(theme), themeSeconds))
	return then(c, back(c, views.HomeURL), views.Message{})
}
