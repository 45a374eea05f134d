package views

import (
	"bufio"
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// spriteNames are the icons that the sprite is built from.
func spriteNames(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("assets/icons.txt")
	require.NoError(t, err)
	var names []string
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		name, _, _ := strings.Cut(lines.Text(), "#")
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// every renders each story whole, in each theme, and hands it over.
func every(t *testing.T, check func(t *testing.T, doc *goquery.Document)) {
	t.Helper()
	for _, s := range stories() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			check(t, document(t, Layout(s.frame, s.page)))
		})
	}
}

// What holds for every page in every state.
func TestEveryPageKeepsTheRules(t *testing.T) {
	t.Parallel()
	icons := spriteNames(t)
	every(t, func(t *testing.T, doc *goquery.Document) {
		t.Helper()
		assert.Equal(t, 1, doc.Find("h1").Length(), "one title")
		assert.LessOrEqual(t, doc.Find(".btn-primary").Length(), 1, "at most one filled button")
		assert.Zero(t, doc.Find("[style], style, script:not([src])").Length(), "nothing inline: the content policy forbids it")
		assert.Zero(t, doc.Find("[onclick], [onchange], [onsubmit], [hx-on], [hx-vals], [hx-vars]").Length(), "nothing that is evaluated")
		doc.Find("script[src], link[rel=stylesheet], link[rel=icon]").Each(func(_ int, s *goquery.Selection) {
			address := s.AttrOr("src", s.AttrOr("href", ""))
			assert.True(t, strings.HasPrefix(address, "/assets/"), "%s comes from elsewhere", address)
		})
		doc.Find("use").Each(func(_ int, s *goquery.Selection) {
			name := strings.TrimPrefix(s.AttrOr("href", ""), "/assets/icons.svg#")
			assert.Contains(t, icons, name, "an icon that the sprite lacks")
		})
		ids := map[string]int{}
		doc.Find("[id]").Each(func(_ int, s *goquery.Selection) { ids[s.AttrOr("id", "")]++ })
		for id, n := range ids {
			assert.Equal(t, 1, n, "id %q is given twice", id)
		}
		doc.Find("[aria-describedby]").Each(func(_ int, s *goquery.Selection) {
			for id := range strings.FieldsSeq(s.AttrOr("aria-describedby", "")) {
				assert.Contains(t, ids, id, "a description that is not there")
			}
		})
		doc.Find("input:not([type=hidden]):not([type=checkbox]), select").Each(func(_ int, s *goquery.Selection) {
			label := doc.Find(`label[for="` + s.AttrOr("id", "") + `"]`).Length()
			assert.True(t, label > 0 || s.AttrOr("aria-label", "") != "", "%s has no label", s.AttrOr("name", ""))
		})
		doc.Find("form").Each(func(_ int, s *goquery.Selection) {
			if s.AttrOr("method", "") == "dialog" {
				return
			}
			assert.True(t, strings.HasPrefix(s.AttrOr("action", ""), "/"), "a form needs an address of ours to work without a script")
		})
		doc.Find("[target=_blank]").Each(func(_ int, s *goquery.Selection) {
			assert.Equal(t, "noopener noreferrer", s.AttrOr("rel", ""))
		})
		assert.NotContains(t, doc.Find("body").Text(), "!", "no exclamation mark")
	})
}

// Names come from outside. Whatever they hold, they are text, isolated, and keep
// their direction to themselves.
func TestHostileNamesAreText(t *testing.T) {
	t.Parallel()
	every(t, func(t *testing.T, doc *goquery.Document) {
		t.Helper()
		assert.Equal(t, 2, doc.Find("script").Length(), "only htmx and our own")
		text := doc.Text()
		for _, forced := range []string{"\u202E", "\u202D", "\u2066", "\u0000", "\u0007"} {
			assert.NotContains(t, text, forced)
			doc.Find("[title], [aria-label], [value]").Each(func(_ int, s *goquery.Selection) {
				assert.NotContains(t, s.AttrOr("title", "")+s.AttrOr("aria-label", ""), forced)
			})
		}
	})
	doc := document(t, storyNamed(t, "tenants").page)
	row := doc.Find(`[data-tenant="2300666"]`)
	assert.Contains(t, row.Find("bdi.name").First().Text(), "<script>alert(1)</script>", "markup is shown, not obeyed")
	assert.Contains(t, row.Find("bdi.name").First().AttrOr("title", ""), "<script>", "the whole name is in the title")
	hebrewRow := doc.Find(`[data-tenant="2300544"] bdi`).First()
	assert.Equal(t, hebrew, hebrewRow.Text(), "an honest right-to-left name stays whole, isolated")
}

func TestAddressesOfOtherProgramsAreWeb(t *testing.T) {
	t.Parallel()
	page := tenantRunPage(func(p *TenantRunPage) {
		p.AgreementURL, p.TemporalURL = "javascript:alert(1)", "data:text/html,x"
		p.Sections[0].Changes[0].Record = "vbscript:x"
	})
	rendered := html(t, TenantRun(page))
	for _, scheme := range []string{"javascript:", "data:text", "vbscript:"} {
		assert.NotContains(t, rendered, scheme)
	}
}

func TestThemes(t *testing.T) {
	t.Parallel()
	for theme, class := range map[Theme]string{ThemeLight: "light", ThemeDark: "dark", ThemeSystem: "", "": ""} {
		frame := inside(PlaceRuns, "Run")
		frame.Theme, frame.Path = theme, "/accounts/northbridge-it/runs/1843?filter=failed"
		doc := document(t, Layout(frame, storyNamed(t, "run-live").page))
		assert.Equal(t, class, doc.Find("html").AttrOr("class", ""))
		form := by(doc, "theme").Closest("form")
		assert.Equal(t, string(theme.Next()), form.Find("[name=theme]").AttrOr("value", ""))
		assert.Equal(t, frame.Path, form.Find("[name=back]").AttrOr("value", ""))
	}
	assert.Equal(t, ThemeSystem, ThemeSystem.Next().Next().Next(), "three clicks lead round")
}

func TestHTMXKeepsToTheContentPolicy(t *testing.T) {
	t.Parallel()
	doc := document(t, Layout(outside("Home"), storyNamed(t, "home").page))
	config := doc.Find("meta[name=htmx-config]").AttrOr("content", "")
	for _, want := range []string{`"allowEval":false`, `"includeIndicatorStyles":false`, `"selfRequestsOnly":true`, `"historyCacheSize":0`} {
		assert.Contains(t, config, want)
	}
}

// The navigation shows what exists, marks where one is, and counts only what waits
// for a person.
func TestNavigation(t *testing.T) {
	t.Parallel()
	doc := document(t, Layout(inside(PlaceRuns, "Runs"), storyNamed(t, "runs").page))
	var labels []string
	doc.Find("#menu .nav-item > span:first-of-type").Each(func(_ int, s *goquery.Selection) { labels = append(labels, s.Text()) })
	assert.Equal(t, []string{"Home", "Tenants", "Preview", "Runs", "Held changes", "Settings"}, labels[:6])
	assert.Equal(t, "page", by(doc, "nav-runs").AttrOr("aria-current", ""))
	assert.Contains(t, by(doc, "nav-tenants").Find(".nav-count").Text(), "19")
	assert.Zero(t, by(doc, "nav-preview").Find(".nav-count").Length())
	assert.Contains(t, by(doc, "zone").Text(), "America/Chicago")

	doc = document(t, Layout(outside("Home"), storyNamed(t, "home").page))
	assert.Zero(t, by(doc, "account-nav").Length(), "outside an account there is no account's navigation")
	assert.Equal(t, 1, by(doc, "switcher").Length())
}

// A region polls only while the server renders the trigger into it.
func TestRegionsPollOnlyWhileWorkGoesOn(t *testing.T) {
	t.Parallel()
	for name, polls := range map[string]bool{
		"run-live": true, "run-ended": false, "run-failed": false, "tenant-run-live": true, "tenant-run": false,
		"setup-running": true, "setup-failed": false, "setup-done": false, "preview-computing": true, "preview": false,
		"home": true, "home-well": false, "tenants": false,
	} {
		doc := document(t, storyNamed(t, name).page)
		live := doc.Find("[data-live]")
		if !polls {
			assert.Zero(t, doc.Find("[hx-trigger^=every]").Length(), name)
			continue
		}
		require.Equal(t, 1, live.Length(), name)
		id := live.AttrOr("id", "")
		assert.Equal(t, "#"+id, live.AttrOr("hx-select", ""), name)
		assert.True(t, strings.HasPrefix(live.AttrOr("hx-trigger", ""), "every "), name)
		assert.NotContains(t, live.AttrOr("hx-trigger", ""), "[", "a trigger filter would need eval")
	}
}

// Each exported region is rendered alone with the id that its page has.
func TestFragmentsAreTheRegionsOfTheirPages(t *testing.T) {
	t.Parallel()
	run := runPage(func(*RunPage) {})
	assert.Equal(t, html(t, Run(run)), html(t, RunLive(run)))
	tenants := tenantsPage(func(*TenantsPage) {})
	whole, part := document(t, Tenants(tenants)), document(t, TenantsLive(tenants))
	want, err := goquery.OuterHtml(whole.Find("#tenants"))
	require.NoError(t, err)
	got, err := goquery.OuterHtml(part.Find("#tenants"))
	require.NoError(t, err)
	assert.Equal(t, want, got)
}
