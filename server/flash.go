package server

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"causeway/views"
	"causeway/views/components"
)

// A message after an action travels in a cookie to the page that the redirect leads to, which shows it once.
const (
	flashCookie = "causeway_message"
	// flashSeconds is enough for a redirect; a message that nobody fetched does not turn up later.
	flashSeconds = 60
	// maxFlash keeps title and text, in bytes each, below what browsers take for a cookie (4 KB) after the coding.
	maxFlash = 900
)

// putFlash keeps a message for the next page.
func putFlash(c echo.Context, m views.Message) {
	m.Title, m.Text = cut(m.Title, maxFlash), cut(m.Text, maxFlash)
	text, err := json.Marshal(m)
	if err != nil {
		return // strings and nothing else: cannot happen
	}
	c.SetCookie(cookie(flashCookie, base64.RawURLEncoding.EncodeToString(text), flashSeconds))
}

// takeFlash gives the message and forgets it. A cookie is typed by whoever likes to, and others on this machine share it, so links
// lead only into the dashboard and the tone is one of ours.
func takeFlash(c echo.Context) *views.Message {
	got, err := c.Cookie(flashCookie)
	if err != nil {
		return nil
	}
	c.SetCookie(cookie(flashCookie, "", -1))
	text, err := base64.RawURLEncoding.DecodeString(got.Value)
	var m views.Message
	if err != nil || json.Unmarshal(text, &m) != nil {
		return nil
	}
	tones := []views.Tone{components.ToneOK, components.ToneRun, components.ToneIdle, components.ToneWarn, components.ToneFail, components.ToneHeld}
	if !slices.Contains(tones, m.Tone) {
		return nil
	}
	m.Icon = ""
	if !localPath(m.Link.URL) {
		m.Link = views.Link{}
	}
	return &m
}

// localPath tells a path of this dashboard from an address that leads elsewhere; browsers take a backslash for a slash.
func localPath(path string) bool {
	return strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//") && !strings.ContainsAny(path, "\\\r\n\t")
}

func cookie(name, value string, seconds int) *http.Cookie {
	return &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: seconds, HttpOnly: true, SameSite: http.SameSiteLaxMode} //nolint:gosec // loopback is plain http: a Secure cookie would not come back
}

// cut shortens text to so many bytes without splitting a character.
func cut(text string, bytes int) string {
	if len(text) <= bytes {
		return text
	}
	return strings.ToValidUTF8(text[:bytes], "") + "…"
}
