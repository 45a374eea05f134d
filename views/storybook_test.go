package views

import (
	"bytes"
	"context"
	"testing"
	"time"
	_ "time/tzdata" // the stories' zones, wherever the tests run

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"
	"github.com/stretchr/testify/require"

	"causeway/views/components"
)

// story is a page in one of its states, as a person would meet it.
type story struct {
	name  string
	frame Frame
	page  templ.Component
}

// now is the moment at which the stories are told: a Thursday afternoon in Chicago,
// three days before the clocks go back.
var now = time.Date(2026, 10, 29, 19, 20, 6, 0, time.UTC)

func loc(name string) *time.Location {
	l, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return l
}

var chicago = loc("America/Chicago")

// at is a moment of the stories' day in Chicago.
func at(hour, minute, second int) time.Time {
	return time.Date(2026, 10, 29, hour, minute, second, 0, chicago)
}

func date(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

const northbridge = "northbridge-it"

func outside(title string) Frame {
	return Frame{Title: title, Place: PlaceHome, Path: "/", Accounts: []string{northbridge, "harbour-managed"}}
}

func inside(place Place, title string) Frame {
	return Frame{
		Title: title + " · " + northbridge, Place: place, Path: TenantsURL(northbridge),
		Account:  &FrameAccount{Name: northbridge, Zone: "America/Chicago", ZoneShort: "CDT", NotMapped: 19, Failed: 3, Held: 7},
		Accounts: []string{northbridge, "harbour-managed"},
	}
}

// stories is every page in its main states.
func stories() []story {
	var out []story
	for _, part := range [][]story{
		homeStories(), setupStories(), tenantsStories(), mappingStories(), previewStories(),
		runStories(), tenantRunStories(), tenantStories(), questionStories(), changesStories(), heldStories(), settingsStories(), errorStories(),
	} {
		out = append(out, part...)
	}
	return out
}

func storyNamed(t *testing.T, name string) story {
	t.Helper()
	for _, s := range stories() {
		if s.name == name {
			return s
		}
	}
	t.Fatalf("no story is called %s", name)
	return story{}
}

// html renders a component as a browser would get it.
func html(t *testing.T, c templ.Component) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, c.Render(context.Background(), &out))
	return out.String()
}

// document renders a component and parses it.
func document(t *testing.T, c templ.Component) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(bytes.NewBufferString(html(t, c)))
	require.NoError(t, err)
	return doc
}

// by finds what a test looks for.
func by(doc *goquery.Document, testid string) *goquery.Selection {
	return doc.Find(`[data-testid="` + testid + `"]`)
}

func homeStories() []story {
	nights := func(values ...int) []Bar {
		out := make([]Bar, len(values))
		for i, v := range values {
			out[i] = Bar{Label: "night " + itoa(i+1) + ": " + itoa(v) + " changes", Value: v}
		}
		return out
	}
	busy := nights(5, 4, 7, 5, 6, 8, 5, 6, 5, 7, 6, 18, 6, 9)
	busy[13].Failed = true
	stopped := nights(5, 4, 3, 4, 6, 5, 5, 6, 4, 5, 4, 4, 1, 0)
	stopped[12].Failed, stopped[13].Missed = true, true
	accounts := []AccountRow{
		{
			Name: northbridge, Zone: "America/Chicago", Loc: chicago, State: AccountReady, SetUp: true,
			Enabled: 214, Synced: 188, Failed: 3, Held: 7, Next: time.Date(2026, 10, 30, 1, 0, 0, 0, chicago), Nights: busy,
			Run: &LastRun{ID: "1842", Status: components.StatusWithFailures, Failed: 3, Started: at(1, 0, 2), Took: 4*time.Minute + 12*time.Second},
		},
		{
			Name: "harbour-managed", Zone: "Europe/London", Loc: loc("Europe/London"), State: AccountReady, SetUp: true,
			Enabled: 152, Synced: 140, Held: 2, Next: time.Date(2026, 10, 30, 1, 0, 0, 0, loc("Europe/London")), Nights: nights(6, 5, 6, 7, 5, 6, 8, 6, 5, 7, 6, 6, 17, 7),
			Run: &LastRun{ID: "1207", Status: components.StatusRunning, Started: now.Add(-3 * time.Minute), Took: 3 * time.Minute, Percent: 62, Left: 110 * time.Second},
		},
		{
			Name: "alpenblick-it", Zone: "Europe/Berlin", Loc: loc("Europe/Berlin"), State: AccountNeedsAttention, SetUp: true,
			Enabled: 61, Failed: 61, NextSay: "waits for new keys", Nights: stopped,
			Run: &LastRun{ID: "977", Status: components.StatusFailed, Failed: 61, Started: time.Date(2026, 10, 28, 1, 0, 0, 0, loc("Europe/Berlin")), Reason: "keys refused"},
		},
		{Name: "lakeshore-demo", Zone: "America/Denver", Loc: loc("America/Denver"), State: AccountNew},
		{Name: "old-msp", Zone: "America/Denver", Loc: loc("America/Denver"), State: AccountRemoved, Reason: "removed by ops-lead"},
	}
	attention := []Attention{
		{
			Badge: Badge{Status: components.StatusNeedsAttention}, Account: "alpenblick-it",
			Sentence:    "ConnectWise refuses the API keys since Wed 28 Oct, 01:00 CET",
			Consequence: "nothing is synced or ticketed: 61 tenants wait, 1 night missed. Nothing was cancelled.",
			Step:        Link{Text: "Replace keys", URL: ConnectionURL("alpenblick-it")},
		},
		{
			Badge: Badge{Status: components.StatusHeld, Word: "7 held changes"}, Account: northbridge,
			Sentence:    "7 changes wait for a decision; 4 touch the invoice of Sun 1 Nov",
			Consequence: "a quantity of zero, 5 lines of one tenant that would end",
			Step:        Link{Text: "Review changes", URL: HeldURL(northbridge)},
		},
		{
			Badge: Badge{Status: components.StatusFailed, Word: "3 failed tenants"}, Account: northbridge,
			Sentence: "3 of 188 tenants failed last night; the other 185 are up to date",
			Tenants: []Link{
				{Text: "Ironwood Credit Union", URL: RunTenantURL(northbridge, "1842", "2300512")},
				{Text: "Café Lindqvist", URL: RunTenantURL(northbridge, "1842", "2300533")},
			},
			More:    1,
			LogsURL: RunLogsURL(northbridge, "1842", "txt"),
			Step:    Link{Text: "See why", URL: RunURL(northbridge, "1842")},
		},
		{
			Badge: Badge{Status: components.StatusNotMapped}, Account: northbridge,
			Sentence:    "19 tenants have no company yet; 5 of them own billable products",
			Consequence: "14 have a suggestion of 90 % or better",
			Step:        Link{Text: "Map tenants", URL: TenantsURL(northbridge)},
		},
	}
	refused := AddAccountPage{Name: "Northbridge IT", NameError: "Only lower case, digits and dashes, please.", KeyError: "MySonicWall refuses this key."}
	return []story{
		{"home", outside("Home"), Home(HomePage{
			Now: now, Zone: chicago, Attention: attention, Accounts: accounts, Synced: 328, Live: Live{URL: "/", Every: 2},
		})},
		{"home-well", outside("Home"), Home(HomePage{Now: now, Zone: chicago, Accounts: accounts[:1], Synced: 188})},
		{"home-empty", Frame{Title: "Home", Place: PlaceHome, Path: "/"}, Home(HomePage{Now: now, Zone: chicago})},
		{"account-add", outside("Add account"), AddAccount(refused)},
		{"account-added", outside("Add account"), AddAccount(AddAccountPage{Added: &AccountAdded{Account: northbridge, Tenants: 214, Zone: "America/Chicago"}})},
	}
}

func errorStories() []story {
	return []story{
		{"error-404", inside(PlaceRuns, "Not found"), Error(ErrorPage{
			Code: 404, Sentence: "There is no run 9999 in northbridge-it.", Back: Link{Text: "All runs", URL: RunsURL(northbridge)},
		})},
		{"error-409", inside(PlaceTenants, "Someone was faster"), Error(ErrorPage{
			Code: 409, Sentence: "214 were shown, 216 match now. Look again.", Back: Link{Text: "Tenants", URL: TenantsURL(northbridge)},
		})},
		{"error-500", outside("Something broke"), Error(ErrorPage{Code: 500, Reference: "c7f3a2"})},
		{"error-503", outside("Not available"), Error(ErrorPage{Code: 503, Reference: "c7f3a3"})},
	}
}
