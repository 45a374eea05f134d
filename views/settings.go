package views

import "time"

// SettingsSection is one page of an account's settings; also the hidden field
// section of its form.
type SettingsSection string

// The sections.
const (
	SettingsSchedule    SettingsSection = "schedule"
	SettingsConnectWise SettingsSection = "connectwise"
	SettingsMySonicWall SettingsSection = "mysonicwall"
	SettingsOptions     SettingsSection = "options"
	SettingsLimits      SettingsSection = "limits"
	SettingsRemove      SettingsSection = "remove"
)

// SettingsPage is one section of an account's settings. Only the part of its
// section is read.
type SettingsPage struct {
	Account string
	Section SettingsSection
	Now     time.Time
	Zone    *time.Location
	// Asking shows the question before pausing; the address asks with ask=pause.
	Asking      bool
	Schedule    ScheduleSettings
	ConnectWise ConnectWiseSettings
	MySonicWall MySonicWallSettings
	Options     OptionSettings
	Limits      LimitSettings
	Remove      RemoveSettings
}

// RemoveSettings take the account's name as typed_name before it is removed.
type RemoveSettings struct {
	Removed   time.Time // zero while the account is in use
	OpenLines int       // of all its tenants, that stay in ConnectWise
	Typed     string
	TypedFail string
}

// ScheduleSettings are the nights. The form's field is zone; an empty one means
// MySonicWall's.
type ScheduleSettings struct {
	Paused      bool
	PausedSince time.Time // zero when not known
	ZoneName    string    // IANA name in force, or what was typed
	MSWZone     string    // as MySonicWall reports it
	Overridden  bool
	ZoneError   string
	Zones       []string // IANA names to offer
	Nights      []Night  // the next ones, soonest first
	Last        []PastNight
	TemporalURL string
}

// Night is one night to come.
type Night struct {
	Start time.Time
	After time.Duration // since the one before; zero for the first
	Note  string        // what the clocks do
}

// PastNight is one night that was.
type PastNight struct {
	Date    time.Time
	Started time.Time // zero for a missed one
	RunID   string    // empty for a missed one
	Status  Status
	Failed  int
	Note    string
	Took    time.Duration
}

// ConnectWiseSettings are shown, not edited: the wizard edits them.
type ConnectWiseSettings struct {
	Host      string
	Company   string
	PublicKey string
	Board     string
	Critical  string
	High      string
	ReadAt    time.Time // companies and agreements
	Companies int
	Agreement int
}

// MySonicWallSettings take a new key as msw_api_key.
type MySonicWallSettings struct {
	URL      string
	Tenants  int
	KeyError string
}

// OptionSettings are sent as network_additions, unicode_names and price_first (on),
// and active_statuses once per ticked status.
type OptionSettings struct {
	NetworkAdditions bool
	UnicodeNames     bool
	PriceFirst       bool
	Statuses         []Option // company statuses of ConnectWise; Value is the name
	StatusesError    string
}

// LimitSettings are texts as typed: removed_share in per cent, removed_more_than,
// quantity_factor, quantity_step, new_additions. Zero switches a limit off.
type LimitSettings struct {
	RemovedShare, RemovedMoreThan string
	QuantityFactor, QuantityStep  string
	NewAdditions                  string
	Errors                        map[string]string // by field name
}

type settingsEntry struct {
	section SettingsSection
	label   string
}

func settingsSections() []settingsEntry {
	return []settingsEntry{
		{SettingsSchedule, "Schedule"},
		{SettingsConnectWise, "ConnectWise"},
		{SettingsMySonicWall, "MySonicWall"},
		{SettingsOptions, "Options"},
		{SettingsLimits, "Limits"},
		{SettingsRemove, "Remove account"},
	}
}

// Title is the section's name.
func (p SettingsPage) Title() string {
	for _, e := range settingsSections() {
		if e.section == p.Section {
			return e.label
		}
	}
	return "Settings"
}
