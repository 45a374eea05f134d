package views

import (
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// R50, R33: a held change shows both sides, what each choice means for the invoice, and the choices.
func TestHeldShowsBothSides(t *testing.T) {
	t.Parallel()
	doc := page(t, "held")
	rows := by(doc, "held-change")
	require.Equal(t, 3, rows.Length())
	assert.Contains(t, words(rows.First()), "Brightwater Schools Trust Invoice of 1 Nov: 2 lines if ours is added as well 4 d")
	assert.Contains(t, words(rows.Last()), "No effect on the next invoice")
	assert.Equal(t, "true", rows.First().AttrOr("aria-current", ""), "the first one is open")
	assert.Contains(t, words(by(doc, "side-now")), "line 47102, made by hand")
	assert.Contains(t, words(by(doc, "side-now")), "Serial number none")
	assert.Contains(t, words(by(doc, "side-would")), "Quantity 1 Effective 1 Nov 2026 Cancelled 31 Oct 2027")
	assert.Contains(t, words(by(doc, "outcomes")), "Add ours as well The hand-made line and Causeway’s own: billed twice. 2")
	assert.Contains(t, words(by(doc, "adopting")), "Serial number none becomes 0040103A91F2")
	form := by(doc, "decide")
	assert.Equal(t, HeldDecideURL(northbridge), form.AttrOr("action", ""))
	assert.Equal(t, "31", hidden(form, "id"))
	assert.Equal(t, HeldURL(northbridge), hidden(form, "back"), "from the list back to the list, whose first change is open then")
	assert.True(t, by(doc, "choose-adopt").HasClass("btn-primary"))
	assert.Equal(t, "/accounts/northbridge-it/held/review?choice=adopt&reason=look_alike", by(doc, "review-more").AttrOr("href", ""))
}

// Ends and zeros are never suggested, and a decision leads to the change that follows.
func TestHeldEndIsNotSuggested(t *testing.T) {
	t.Parallel()
	doc := page(t, "held-opened")
	assert.Zero(t, doc.Find(".btn-primary").Length())
	assert.True(t, by(doc, "choose-release").HasClass("btn-danger"))
	assert.Contains(t, words(by(doc, "side-then")), "Then the old line ends agreement Managed Security 2025 · line 47000 Cancelled 31 Oct 2026")
	assert.Equal(t, HeldQuery{Open: "33"}.URL(northbridge), hidden(by(doc, "decide"), "back"))
	assert.Equal(t, 1, doc.Find(".inbox-opened").Length(), "on a phone the list gives way")
}

func TestHeldReviewAsksWithFigures(t *testing.T) {
	t.Parallel()
	doc := page(t, "held-review")
	assert.Contains(t, words(by(doc, "review-sums")), "2 lines end 2 touch the invoice of 1 Nov 2026")
	button := by(doc, "decide-all")
	assert.Equal(t, "Release 2 changes", words(button))
	assert.True(t, button.HasClass("btn-danger"))
	var ids []string
	button.Closest("form").Find("[name=id]").Each(func(_ int, s *goquery.Selection) { ids = append(ids, s.AttrOr("value", "")) })
	assert.Equal(t, []string{"41", "42"}, ids)
	halves := by(doc, "half")
	require.Equal(t, 2, halves.Length(), "a linked pair is one row with two lines")
	assert.Contains(t, words(halves.First()), "Add Capture Client Tenant Advanced, agreement Managed Security of")
	assert.Contains(t, words(halves.Last()), "End Capture Client Tenant Basic")

	refused := page(t, "held-review-refused")
	assert.Contains(t, words(by(refused, "refused")), "different reasons")
	assert.Zero(t, by(refused, "decide-all").Length())
	assert.Contains(t, words(by(refused, "message")), "1 of the chosen changes no longer waits")
}

// R52 and who decided what.
func TestEndedAndDecided(t *testing.T) {
	t.Parallel()
	ended := page(t, "held-ended")
	form := by(ended, "resume").Closest("form")
	assert.Equal(t, 1, form.Length(), "what was resumed is not resumed again")
	assert.Equal(t, "7", hidden(form, "id"))
	assert.Equal(t, "Resumed by ops-lead; the next run takes it up again.", words(by(ended, "resumed")))
	decided := by(page(t, "held-decided"), "decision")
	assert.Contains(t, words(decided.First()), "dashboard today 14:02:00 CDT Open The next run writes it.")
	assert.Contains(t, words(decided.Last()), "Written by run 1840.")
	assert.Contains(t, words(by(page(t, "held-none"), "empty")), "Nothing is held")
}
