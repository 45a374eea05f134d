package views

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// R49: a tenant with open lines is mapped elsewhere only after both sides were shown.
func TestMappingQuestion(t *testing.T) {
	t.Parallel()
	doc := page(t, "ask-mapping")
	assert.Contains(t, words(by(doc, "mapping-sentence")), "2 open lines move to Managed Security 2026")
	assert.Contains(t, words(by(doc, "side-now")), "Managed Security 2025 Delmont Foods Co. next invoice 1 Nov 2026 2 open lines")
	assert.Contains(t, words(by(doc, "moving-line").First()), "1,204 Managed Security 2025 31 Oct 2026 1 Nov 2026")
	assert.Contains(t, words(by(doc, "moving-line").Last()), "15 Oct 2026 – its product ends before a new line would start")
	form := by(doc, "mapping-confirm")
	assert.Equal(t, "yes", hidden(form, "confirmed"))
	assert.Equal(t, "351", hidden(form, "agreement"))
	assert.Equal(t, "Move 2 lines to Managed Security 2026", words(by(doc, "confirm-mapping")))

	removal := page(t, "ask-mapping-clear")
	assert.Contains(t, words(by(removal, "mapping-sentence")), "2 lines stay open in ConnectWise, where billing goes on")
	assert.Equal(t, "1", hidden(by(removal, "mapping-confirm"), "clear"))
	assert.Zero(t, by(page(t, "ask-mapping-refused"), "mapping-confirm").Length())
}

// R53: the end of billing shows its lines and wants the tenant's name.
func TestEndQuestion(t *testing.T) {
	t.Parallel()
	doc := page(t, "ask-end")
	assert.Contains(t, words(by(doc, "end-why")), "Frozen since 1 Oct: its sync is off. 2 lines stay open in ConnectWise.")
	assert.Equal(t, "End billing of 1 line", words(by(doc, "end-billing")))
	assert.True(t, by(doc, "end-billing").HasClass("btn-danger"))
	assert.Equal(t, "SMA", doc.Find("#typed_name").AttrOr("value", ""), "what was typed stays")
	assert.Contains(t, words(by(doc, "ending-lines")), "Cancelled none becomes 29 Oct 2026")
	assert.Zero(t, doc.Find(".btn-primary").Length())
	none := page(t, "ask-end-none")
	assert.Zero(t, by(none, "end-form").Length(), "nobody ends what was not shown")
	assert.Equal(t, TenantEndPreviewURL(northbridge, "2300666"), by(none, "show-ending").Closest("form").AttrOr("action", ""))
	assert.Zero(t, by(page(t, "ask-end-refused"), "show-ending").Length())
}
