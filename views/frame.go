package views

import "causeway/views/components"

// The pieces that pages share, under this package's name, so that whoever fills a
// page's model needs no other import for most of them.
type (
	// Badge is a status with its word.
	Badge = components.Badge
	// Status is a state, spelled as the data spells it.
	Status = components.Status
	// Tone is one of the six colours of a status.
	Tone = components.Tone
	// Action is what a change does to a record.
	Action = components.Action
	// Change is one row of a plan or of a history.
	Change = components.Change
	// ChangeHalf is one of the two records of a linked change.
	ChangeHalf = components.ChangeHalf
	// Step is a button of its own form.
	Step = components.Step
	// FieldChange is one field of a change.
	FieldChange = components.FieldChange
	// Fact is one thing a rule went by.
	Fact = components.Fact
	// Reason answers one question about a change.
	Reason = components.Reason
	// Why explains a change.
	Why = components.Why
	// Link is text that leads somewhere.
	Link = components.Link
	// Message is said after an action or about a standing condition.
	Message = components.Message
	// Progress is how far something is.
	Progress = components.Progress
	// CheckState is the outcome of a check or step.
	CheckState = components.CheckState
	// Option is one choice of a form.
	Option = components.Option
	// Bar is one night of a small chart.
	Bar = components.Bar
)

// Theme is the colour scheme a reader chose, kept in a cookie.
type Theme string

// The themes. System follows the reader's machine.
const (
	ThemeSystem Theme = "system"
	ThemeLight  Theme = "light"
	ThemeDark   Theme = "dark"
)

// Class is the theme's class on the html element.
func (t Theme) Class() string {
	if t == ThemeLight || t == ThemeDark {
		return string(t)
	}
	return ""
}

// Next is the theme that the button at the foot of the column leads to.
func (t Theme) Next() Theme {
	switch t {
	case ThemeLight:
		return ThemeDark
	case ThemeDark:
		return ThemeSystem
	case ThemeSystem:
	}
	return ThemeLight
}

// Place is an entry of the navigation.
type Place string

// The entries that exist.
const (
	PlaceHome     Place = "home"
	PlaceTenants  Place = "tenants"
	PlacePreview  Place = "preview"
	PlaceRuns     Place = "runs"
	PlaceHeld     Place = "held"
	PlaceSettings Place = "settings"
)

// Frame is what stands around a page.
type Frame struct {
	Title    string // of the browser's window, without the product's name
	Theme    Theme
	Path     string // path and query of this page; the theme form comes back to it
	Place    Place
	Account  *FrameAccount // nil on pages outside an account
	Accounts []string      // names, for the switcher
	Message  *Message      // said once, after an action
}

// FrameAccount is the account a page belongs to. Its numbers count what waits for
// a person, never totals.
type FrameAccount struct {
	Name      string
	Zone      string // IANA name
	ZoneShort string // abbreviation at the moment, such as CDT
	NotMapped int
	Failed    int // tenants failed in the latest run
	Held      int
	Removed   bool // its history is read; nothing else is done for it
}

type navEntry struct {
	place Place
	label string
	icon  string
	url   string
	count int
}

func (a FrameAccount) nav() []navEntry {
	if a.Removed {
		return []navEntry{
			{PlaceRuns, "Runs", "list-checks", RunsURL(a.Name), 0},
			{PlaceSettings, "Settings", "settings", SettingsURL(a.Name, SettingsRemove), 0},
		}
	}
	return []navEntry{
		{PlaceTenants, "Tenants", "building-2", TenantsURL(a.Name), a.NotMapped},
		{PlacePreview, "Preview", "eye", PreviewURL(a.Name), 0},
		{PlaceRuns, "Runs", "list-checks", RunsURL(a.Name), a.Failed},
		{PlaceHeld, "Held changes", "hand", HeldURL(a.Name), a.Held},
		{PlaceSettings, "Settings", "settings", SettingsURL(a.Name, ""), 0},
	}
}

// Live lets a region refresh itself. The zero value is a region that is finished:
// it is rendered without a trigger, so polling ends with it.
type Live struct {
	URL   string // answers with the region, alone or within its page
	Every int    // seconds
}

// On tells whether the region polls.
func (l Live) On() bool { return l.URL != "" && l.Every > 0 }

// Trigger is the region's htmx trigger.
func (l Live) Trigger() string { return "every " + itoa(l.Every) + "s" }

func (t Theme) word() string {
	if t == "" {
		return string(ThemeSystem)
	}
	return string(t)
}

// removedBanner stands on every page of an account that was removed.
func removedBanner(account string) Message {
	return Message{
		Tone: components.ToneIdle, Icon: "archive", Title: account + " was removed.",
		Text: "Its history can be read; nothing is synced, and nothing in ConnectWise changed.",
	}
}
