package components

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func document(t *testing.T, c templ.Component) *goquery.Document {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, c.Render(context.Background(), &out))
	doc, err := goquery.NewDocumentFromReader(&out)
	require.NoError(t, err)
	return doc
}

// Every status and action has a look of its own: a word and an icon of the sprite.
func TestStatusesAndActionsHaveIconAndWord(t *testing.T) {
	t.Parallel()
	sprite, err := os.ReadFile("../assets/icons.txt")
	require.NoError(t, err)
	icons := strings.Split(string(sprite), "\n")
	for status := range looks {
		b := Badge{Status: status}
		assert.NotEqual(t, string(status), b.Text(), "%s has no word", status)
		assert.Contains(t, icons, b.Icon(), status)
		assert.NotEmpty(t, b.Tone(), status)
	}
	assert.Equal(t, "quite new", Badge{Status: "quite new"}.Text(), "an unknown status is readable")
	for _, a := range []Action{ActionCreate, ActionAdopt, ActionUpdate, ActionLinked, ActionCancel, ActionDeactivate, ActionAttach} {
		assert.Contains(t, icons, a.Icon())
		assert.NotEqual(t, "Nothing", a.Word())
	}
}

func TestVisible(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"plain", "Café Lindqvist", "Café Lindqvist"},
		{"markup is text", "<b>bold</b>", "<b>bold</b>"},
		{"honest right to left", "מכון שניידר", "מכון שניידר"},
		{"control characters are blanks", "a\x00b\x1bc\u0085d", "a b c d"},
		{"one line", "a\nb\r\tc\u2028d", "a b  c d"},
		{"forced direction is seen", "photo\u202Egnp.exe", "photo\uFFFDgnp.exe"},
		{"isolates and marks too", "\u2067x\u2069\u200Fy", "\uFFFDx\uFFFD\uFFFDy"},
		{"broken UTF-8", "a\xffb", "a\uFFFDb"},
	} {
		assert.Equal(t, c.want, Visible(c.in), c.name)
	}
	assert.Equal(t, "a\nb \nc", VisibleLines("a\r\nb\x07\nc"))
}

func TestOutside(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://na.myconnectwise.net/x?a=1&b=2": "https://na.myconnectwise.net/x?a=1&b=2",
		"http://127.0.0.1:8233/namespaces":       "http://127.0.0.1:8233/namespaces",
		"javascript:alert(1)":                    "#",
		"data:text/html,<script>":                "#",
		"//elsewhere.example/x":                  "#",
		"https:///no-host":                       "#",
		"":                                       "#",
		"\x00https://x":                          "#",
	} {
		assert.Equal(t, want, string(Outside(address)), address)
	}
}

// "becomes" is read out where the arrow is seen; an empty value reads "none".
func TestBeforeAfter(t *testing.T) {
	t.Parallel()
	doc := document(t, BeforeAfter(FieldChange{Label: "Cancelled", After: "31 Oct 2027", Note: "edited"}))
	assert.Contains(t, doc.Find(".before").Text(), "none")
	assert.Equal(t, "becomes", doc.Find(".arrow .sr-only").Text())
	created := document(t, BeforeAfter(FieldChange{Label: "Cancelled", After: "31 Oct 2027", Created: true}))
	assert.Zero(t, created.Find(".before, .arrow").Length(), "created: only the new")
	mono := document(t, BeforeAfter(FieldChange{Before: "0040103A15D8", After: "<i>", Mono: true}))
	assert.Equal(t, "<i>", mono.Find(".after code").Text())
}

func TestProgressBar(t *testing.T) {
	t.Parallel()
	known := document(t, ProgressBar(Progress{Label: "Write tenants", Done: 40, Total: 34, Words: "40 of 34"})).Find("progress")
	assert.Equal(t, "34", known.AttrOr("value", ""), "never beyond its end")
	assert.Equal(t, "Write tenants", known.AttrOr("aria-label", ""))
	unknown := document(t, ProgressBar(Progress{Label: "x", Done: 5, Total: -1})).Find("progress")
	assert.Equal(t, "0", unknown.AttrOr("value", ""))
	nothing := document(t, ProgressBar(Progress{Label: "x", Tone: ToneOK})).Find("progress")
	assert.Equal(t, "1", nothing.AttrOr("value", ""), "nothing to do is done")
}

func TestFieldDescribesItself(t *testing.T) {
	t.Parallel()
	doc := document(t, TextField(Field{ID: "host", Label: "Host", Help: "help", Error: "wrong", Value: `"><script>`}))
	input := doc.Find("input")
	assert.Equal(t, "host-help host-error", input.AttrOr("aria-describedby", ""))
	assert.Equal(t, `"><script>`, input.AttrOr("value", ""))
	assert.Equal(t, "true", input.AttrOr("aria-invalid", ""))
	secret := document(t, TextField(Field{ID: "key", Label: "Key", Type: "password", Value: "canary-key"}))
	html, err := secret.Html()
	require.NoError(t, err)
	assert.NotContains(t, html, "canary-key", "a secret is never sent back")
}

func TestPagerClosesWhatLeadsNowhere(t *testing.T) {
	t.Parallel()
	doc := document(t, PagerBar(Pager{Range: "1–50 of 120", Next: "/x?page=2"}))
	assert.Equal(t, 1, doc.Find("a").Length())
	assert.Equal(t, "/x?page=2", doc.Find("a[rel=next]").AttrOr("href", ""))
	assert.Equal(t, "true", doc.Find("span.btn").AttrOr("aria-disabled", ""))
}

func TestNightsDrawOneScaleFromZero(t *testing.T) {
	t.Parallel()
	doc := document(t, Nights("14 nights", []Bar{{Value: 0}, {Value: 50, Failed: true}, {Value: 100}, {Missed: true}}))
	var heights []string
	doc.Find("rect").Each(func(_ int, s *goquery.Selection) { heights = append(heights, s.AttrOr("height", "")) })
	assert.Equal(t, []string{"1", "9", "18", "18"}, heights)
	assert.Equal(t, 1, doc.Find(".night-failed path").Length(), "a mark above a failed night")
	assert.Zero(t, document(t, Nights("none", nil)).Find("svg").Length())
}

func TestMessageRoles(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "alert", document(t, Say(Message{Tone: ToneFail, Title: "x"})).Find(".message").AttrOr("role", ""))
	assert.Equal(t, "status", document(t, Say(Message{Tone: ToneOK, Title: "x"})).Find(".message").AttrOr("role", ""))
}

func TestWhyPanel(t *testing.T) {
	t.Parallel()
	assert.True(t, Why{}.Empty())
	answered := Why{Explain: "Adopted.", Answer: "<html>\x1b[31m\nline two", AnsweredBy: "MySonicWall"}
	doc := document(t, WhyPanel(answered))
	assert.Contains(t, doc.Find(".answer").Text(), "What MySonicWall said")
	assert.Equal(t, "<html> [31m\nline two", doc.Find("pre").Text(), "the answer keeps its lines and nothing else")
	row := document(t, ChangeRow(Change{ID: "1", Action: ActionCreate, Name: "NSv"}))
	assert.Zero(t, row.Find("details").Length(), "nothing to explain: no panel")

	answered.Failure = "Refused."
	assert.Zero(t, document(t, WhyPanel(answered)).Find(".answer").Length(), "said once, outside the panel")
	row = document(t, ChangeRow(Change{ID: "1", Action: ActionCreate, Name: "NSv", Why: answered}))
	assert.Equal(t, 1, row.Find(`[data-testid="trouble"] .answer`).Length())
	assert.Zero(t, row.Find("details").Length(), "nothing more to unfold")
}

// A new firewall has a question for each service: what says most stays in sight, the rest is one click away. What changed never hides.
func TestManyNewFieldsFold(t *testing.T) {
	t.Parallel()
	fields := make([]FieldChange, 14)
	for i := range fields {
		fields[i] = FieldChange{Label: "Answer", After: "1 Nov 2026", Created: true}
	}
	row := document(t, ChangeRow(Change{ID: "1", Action: ActionCreate, Fields: fields}))
	assert.Equal(t, 14, row.Find(`[data-testid="field-change"]`).Length())
	assert.Equal(t, 6, row.Find(`details [data-testid="field-change"]`).Length())
	assert.Contains(t, row.Find("details summary").Text(), "6 more fields")
	fields[13].Created = false
	row = document(t, ChangeRow(Change{ID: "1", Action: ActionUpdate, Fields: fields}))
	assert.Zero(t, row.Find("details").Length())
}

func TestIdentifiersBreakBehindUnderscores(t *testing.T) {
	t.Parallel()
	doc := document(t, BeforeAfter(FieldChange{After: "SONICWALL_NSV_<b>", Created: true, Mono: true}))
	assert.Equal(t, "SONICWALL_NSV_<b>", strings.TrimSpace(doc.Find("code").Text()), "copied without blanks, markup as text")
	assert.Equal(t, 2, doc.Find("wbr").Length())
}
