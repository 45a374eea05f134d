package views

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	doc := page(t, "settings-schedule")
	nights := by(doc, "night")
	assert.Contains(t, words(nights.Eq(2)), "Clocks go back at 02:00")
	assert.Contains(t, words(nights.Eq(3)), "Mon 2 Nov 2026 01:00 CST 07:00 25 h")
	assert.Equal(t, "schedule", hidden(by(doc, "form-schedule"), "section"))
	assert.Contains(t, by(doc, "ask-pause").AttrOr("href", ""), "ask=pause")
	ask := page(t, "settings-pause")
	assert.Equal(t, PauseURL(northbridge), by(ask, "pause").Closest("form").AttrOr("action", ""))
	paused := page(t, "settings-paused")
	unpause := paused.Find("form#" + by(paused, "unpause").AttrOr("form", ""))
	assert.Equal(t, UnpauseURL(northbridge), unpause.AttrOr("action", ""))
	assert.Equal(t, "Save", words(by(paused, "form-schedule").Find("[type=submit]:not([form])").First()), "what Enter in the zone presses")
	assert.Equal(t, "America/Chicagoo", paused.Find("#zone").AttrOr("value", ""), "what was typed survives the error")
	options := page(t, "settings-options")
	assert.Equal(t, 1, by(options, "active-statuses").Find("input[checked]").Length(), "R12")
	_, on := options.Find("#price_first").Attr("checked")
	assert.True(t, on)
	remove := by(page(t, "settings-remove"), "form-remove")
	assert.Equal(t, "remove", hidden(remove, "section"))
	assert.Contains(t, words(remove), "412 lines of ours stay open there", "R56: nothing in ConnectWise changes")
	gone := storyNamed(t, "settings-removed")
	doc = document(t, Layout(gone.frame, gone.page))
	assert.Equal(t, 1, doc.Find(".sections .nav-item").Length(), "nothing else of it can be set")
	assert.Zero(t, by(doc, "nav-tenants").Length())
	assert.Contains(t, words(by(doc, "message")), "Its history can be read")
	assert.Equal(t, "A number, please.", words(by(page(t, "settings-limits"), "error-quantity_step")))
}

func TestErrorPages(t *testing.T) {
	t.Parallel()
	missing := page(t, "error-404")
	assert.Equal(t, "There is no run 9999 in northbridge-it.", words(by(missing, "error-sentence")))
	assert.Equal(t, RunsURL(northbridge), by(missing, "error-page").Find("a").AttrOr("href", ""))
	broken := page(t, "error-500")
	assert.Equal(t, "Something broke on our side. Nothing was written.", words(by(broken, "error-sentence")))
	assert.Equal(t, "c7f3a2", words(by(broken, "error-reference")))
	assert.Contains(t, words(by(page(t, "error-503"), "error-sentence")), "database does not answer")
}

func TestMessageAfterAnAction(t *testing.T) {
	t.Parallel()
	s := storyNamed(t, "tenants")
	doc := document(t, Layout(s.frame, s.page))
	flash := by(doc, "flash")
	assert.Equal(t, "-1", flash.AttrOr("tabindex", ""), "focus goes to it")
	assert.Equal(t, "status", flash.Find("[role]").AttrOr("role", ""))
	assert.Contains(t, words(flash), "12 tenants switched on. They are synced for the first time tonight, 01:00 CDT. Sync now")
	s.frame.Message = &Message{Tone: "fail", Title: "Nothing was saved."}
	assert.Equal(t, "alert", by(document(t, Layout(s.frame, s.page)), "flash").Find("[role]").AttrOr("role", ""))
}
