package views

import (
	"time"

	"causeway/views/components"
)

const lakeshore = "lakeshore-demo"

func lakeshoreFrame(title string) Frame {
	return Frame{
		Title: title, Place: PlaceSettings, Path: SetupURL(lakeshore), Accounts: []string{northbridge, lakeshore},
		Account: &FrameAccount{Name: lakeshore, Zone: "America/Denver", ZoneShort: "MDT"},
	}
}

var denver = loc("America/Denver")

// keysRefused is a test that failed at its sixth check.
func keysRefused() *ConnectionTest {
	checks := ConnectionChecks()
	for i, detail := range []string{
		"na.myconnectwise.net, HTTPS on port 443", "answers from a public address", "certificate valid until 12 Mar 2027",
		"release 2026.3", "lakeshore",
	} {
		checks[i].State, checks[i].Detail = components.CheckOK, detail
	}
	checks[5].State, checks[5].Title = components.CheckFailed, "Keys refused"
	checks[5].Detail = "ConnectWise knows the company but not this pair of keys."
	checks[5].Fix = "System › Members › API Members, choose the member, tab API Keys, and copy both keys of one line."
	checks[5].Answer = "GET system/info error:401 Incorrect public/private key"
	checks[6].Detail = "not tested: needs working keys"
	return &ConnectionTest{At: time.Date(2026, 10, 29, 13, 21, 14, 0, denver), Took: 1400 * time.Millisecond, Checks: checks}
}

func passedTest() *ConnectionTest {
	checks := ConnectionChecks()
	for i := range checks {
		checks[i].State = components.CheckOK
	}
	return &ConnectionTest{At: time.Date(2026, 10, 29, 13, 24, 0, 0, denver), Took: 900 * time.Millisecond, Checks: checks}
}

func setupSteps() []SetupStep {
	start := time.Date(2026, 10, 29, 13, 36, 10, 0, denver)
	return []SetupStep{
		{ID: "preflight", State: components.CheckOK, Title: "Check ConnectWise", Outcome: "10 fine, 1 to know", Started: start, Took: 3 * time.Second},
		{ID: "types", State: components.CheckOK, Title: "Product types", Outcome: "SonicWall created · Miscellaneous was there", Started: start.Add(3 * time.Second), Took: time.Second},
		{ID: "categories", State: components.CheckOK, Title: "Categories", Outcome: "Hardware/Virtual created · Cloud, Software, Miscellaneous were there", Started: start.Add(4 * time.Second), Took: 2 * time.Second},
		{ID: "subcategories", State: components.CheckWaiting, Title: "Sub-categories"},
		{ID: "companies", State: components.CheckWaiting, Title: "Companies and agreements"},
		{ID: "schedule", State: components.CheckWaiting, Title: "Nightly sync, every day at 01:00 America/Denver"},
		{ID: "alerts", State: components.CheckWaiting, Title: "Alert check, every 10 minutes"},
	}
}

func setupPage(change func(*SetupPage)) SetupPage {
	start := time.Date(2026, 10, 29, 13, 36, 10, 0, denver)
	p := SetupPage{
		Account: lakeshore, Now: start.Add(8 * time.Second), Zone: denver, Steps: setupSteps(),
		TemporalURL: "http://127.0.0.1:8233/namespaces/default/workflows/setup%2Flakeshore-demo",
		LogsURL:     RunLogsURL(lakeshore, "12", "txt"),
		Live:        Live{URL: SetupURL(lakeshore), Every: 1},
		Log: []LogEntry{
			{At: start, Level: "info", Text: "preflight ok, 11 findings"},
			{At: start.Add(3 * time.Second), Level: "info", Text: "POST procurement/types type:SonicWall 201"},
			{At: start.Add(7 * time.Second), Level: "error", Text: "POST procurement/subcategories subcategory:Network Device error:403 Security"},
		},
	}
	change(&p)
	return p
}

func reviewPage(change func(*ReviewPage)) ReviewPage {
	p := ReviewPage{
		Account: lakeshore, Zone: denver, CheckedAt: time.Date(2026, 10, 29, 13, 34, 2, 0, denver),
		Groups: []ReviewGroup{
			{Title: "Connection", URL: ConnectionURL(lakeshore), Rows: []ReviewRow{
				{Label: "Host", Value: "na.myconnectwise.net"}, {Label: "Company", Value: "lakeshore"},
				{Label: "Public key", Value: "kX2vQ9mTz7LrWc4n", Mono: true}, {Label: "Private key", Value: "stored, not shown"},
				{Label: "Network products", Value: "configurations only"},
			}},
			{Title: "Tickets", URL: TicketsURL(lakeshore), Rows: []ReviewRow{
				{Label: "Board", Value: "Security Operations"}, {Label: "Critical", Value: "Priority 1 – Emergency"}, {Label: "High", Value: "Priority 2 – High"},
			}},
			{Title: "Nightly sync", Rows: []ReviewRow{{Label: "When", Value: "every day at 01:00"}, {Label: "Zone", Value: "America/Denver, from MySonicWall"}}},
		},
		Creates: []Provision{
			{Kind: "Product type", Name: "SonicWall"}, {Kind: "Category", Name: "Cloud", There: true},
			{Kind: "Category", Name: "Hardware/Virtual"}, {Kind: "Sub-category", Name: "Network Device"},
		},
		Findings: []TestCheck{
			{ID: "reachable", State: components.CheckOK, Title: "ConnectWise reachable over HTTPS", Inline: "84 ms"},
			{ID: "permissions", State: components.CheckOK, Title: "May read and write", Inline: "companies, agreements, additions, catalog, configurations, tickets"},
			{ID: "billing", State: components.CheckNote, Title: "2 of 91 agreements do not bill monthly", Detail: "Retainer 2026 and Flex Support bill quarterly. Causeway writes no lines to them; configurations are written. You can go on."},
			{ID: "closed-status", State: components.CheckFailed, Title: "No configuration status closes a configuration",
				Detail: "Causeway sets a closed status on firewalls that leave MySonicWall. No status here has its Closed flag ticked.",
				Fix:    "in ConnectWise open System › Setup Tables › Configuration Status, open Retired (or add Closed) and tick Closed. Then check again."},
		},
	}
	change(&p)
	return p
}

func setupStories() []story {
	refused := ConnectionPage{
		Account: lakeshore, Zone: denver, Test: keysRefused(),
		Form:    ConnectionForm{Host: "na.myconnectwise.net", Company: "lakeshore", PublicKey: "kX2vQ9mTz7LrWc4n"},
		Problem: &Message{Tone: components.ToneFail, Title: "ConnectWise did not accept the keys.", Text: "Nothing was saved. What you typed is still here; the private key has to be pasted again."},
		Errors:  ConnectionErrors{PrivateKey: "These two keys do not belong together, were not copied whole, or their API member is inactive."},
	}
	options := []Option{{Value: "1", Text: "Security Operations"}, {Value: "2", Text: "Service Desk"}}
	return []story{
		{"connection", lakeshoreFrame("Configure"), Connection(ConnectionPage{Account: lakeshore, Zone: denver})},
		{"connection-other", lakeshoreFrame("Configure"), Connection(ConnectionPage{
			Account: lakeshore, Zone: denver, Editing: true, InUse: true, Other: true, Form: ConnectionForm{Host: "eu.myconnectwise.net", Company: "lakeshore"},
		})},
		{"connection-in-use", lakeshoreFrame("Configure"), Connection(ConnectionPage{
			Account: lakeshore, Zone: denver, Editing: true, InUse: true, Form: ConnectionForm{Host: "na.myconnectwise.net", Company: "lakeshore"},
		})},
		{"connection-refused", lakeshoreFrame("Configure"), Connection(refused)},
		{"connection-passed", lakeshoreFrame("Configure"), Connection(ConnectionPage{
			Account: lakeshore, Zone: denver, Editing: true, Tested: true, Test: passedTest(),
			Form: ConnectionForm{Host: "na.myconnectwise.net", Company: "lakeshore", PublicKey: "kX2vQ9mTz7LrWc4n", NetworkAdditions: true},
		})},
		{"tickets", lakeshoreFrame("Configure"), Tickets(TicketsPage{
			Account: lakeshore, Boards: options, Priorities: options, Critical: "1", High: "2", Zone: denver, ReadAt: now,
			Errors: TicketsErrors{Board: "Board Security is no longer in ConnectWise. Choose another."},
		})},
		{"review", lakeshoreFrame("Configure"), Review(reviewPage(func(*ReviewPage) {}))},
		{"review-ready", lakeshoreFrame("Configure"), Review(reviewPage(func(p *ReviewPage) { p.Findings = p.Findings[:3] }))},
		{"review-taken", lakeshoreFrame("Configure"), Review(reviewPage(func(p *ReviewPage) {
			p.Findings = p.Findings[:3]
			p.Refused = "northbridge-it already uses this ConnectWise company. One company belongs to one account."
		}))},
		{"setup-running", lakeshoreFrame("Set-up"), Setup(setupPage(func(p *SetupPage) {
			p.Steps[3].State, p.Steps[3].Started = components.CheckRunning, p.Now
		}))},
		{"setup-failed", lakeshoreFrame("Set-up"), Setup(setupPage(func(p *SetupPage) {
			p.Live = Live{}
			p.Steps[3] = SetupStep{
				ID: "subcategories", State: components.CheckFailed, Title: "Sub-categories", Started: p.Now,
				Problem: "The API member may not add sub-categories.", Explain: "2 of 5 stand; Network Device under Hardware/Virtual was refused.",
				Fix:    "in ConnectWise open System › Security Roles › (the member’s role) › System › Table Setup, set Add level to All.",
				Answer: "POST procurement/subcategories subcategory:Network Device error:403 Security\nYou do not have security permission to perform this action.",
			}
		}))},
		{"setup-done", lakeshoreFrame("Set-up"), Setup(setupPage(func(p *SetupPage) {
			p.Live, p.NotMapped = Live{}, 61
			for i := range p.Steps {
				p.Steps[i].State, p.Steps[i].Started, p.Steps[i].Took = components.CheckOK, p.Now, time.Second
			}
		}))},
	}
}

func removedFrame() Frame {
	frame := inside(PlaceSettings, "Remove account")
	frame.Account.Removed = true
	return frame
}

func settingsStories() []story {
	nights := []Night{}
	for day := 30; day <= 35; day++ {
		n := Night{Start: time.Date(2026, 10, day, 1, 0, 0, 0, chicago)}
		if len(nights) > 0 {
			n.After = n.Start.Sub(nights[len(nights)-1].Start)
		}
		if day == 32 {
			n.Note = "Clocks go back at 02:00, so 01:00 comes twice. The run starts at the first and not again."
		}
		nights = append(nights, n)
	}
	page := func(section SettingsSection, change func(*SettingsPage)) SettingsPage {
		p := SettingsPage{
			Account: northbridge, Section: section, Now: now, Zone: chicago,
			Schedule: ScheduleSettings{
				ZoneName: "America/Chicago", MSWZone: "America/Chicago", Zones: []string{"America/Chicago", "Europe/London"}, Nights: nights,
				TemporalURL: "http://127.0.0.1:8233/namespaces/default/schedules/nightly%2Fnorthbridge-it",
				Last: []PastNight{
					{Date: date(2026, 10, 29), Started: at(1, 0, 2), RunID: "1842", Status: components.StatusWithFailures, Failed: 3, Took: 4*time.Minute + 12*time.Second},
					{Date: date(2026, 10, 28), Status: components.StatusMissed, Note: "the account was paused"},
				},
			},
			ConnectWise: ConnectWiseSettings{Host: "na.myconnectwise.net", Company: "northbridge", PublicKey: "kX2vQ9mTz7LrWc4n", Board: "Security", Critical: "Priority 1", High: "Priority 2", ReadAt: now, Companies: 73, Agreement: 91},
			MySonicWall: MySonicWallSettings{URL: "http://127.0.0.1:9000", Tenants: 214},
			Options: OptionSettings{PriceFirst: true, Statuses: []Option{
				{Value: "Active", Text: "Active", Selected: true}, {Value: "Prospect", Text: "Prospect"},
			}},
			Limits: LimitSettings{RemovedShare: "20", RemovedMoreThan: "2", QuantityFactor: "3", QuantityStep: "many", NewAdditions: "100",
				Errors: map[string]string{"quantity_step": "A number, please."}},
		}
		change(&p)
		return p
	}
	keep := func(*SettingsPage) {}
	frame := inside(PlaceSettings, "Settings")
	return []story{
		{"settings-schedule", frame, Settings(page(SettingsSchedule, keep))},
		{"settings-pause", frame, Settings(page(SettingsSchedule, func(p *SettingsPage) { p.Asking = true }))},
		{"settings-paused", frame, Settings(page(SettingsSchedule, func(p *SettingsPage) {
			p.Schedule.Paused, p.Schedule.PausedSince, p.Schedule.Nights = true, at(9, 0, 0), nil
			p.Schedule.Overridden, p.Schedule.ZoneName, p.Schedule.ZoneError = true, "America/Chicagoo", "There is no zone of this name."
		}))},
		{"settings-connectwise", frame, Settings(page(SettingsConnectWise, keep))},
		{"settings-mysonicwall", frame, Settings(page(SettingsMySonicWall, func(p *SettingsPage) { p.MySonicWall.KeyError = "MySonicWall refuses this key." }))},
		{"settings-options", frame, Settings(page(SettingsOptions, keep))},
		{"settings-limits", frame, Settings(page(SettingsLimits, keep))},
		{"settings-remove", frame, Settings(page(SettingsRemove, func(p *SettingsPage) {
			p.Remove = RemoveSettings{OpenLines: 412, Typed: "northbridge", TypedFail: "This is not the account’s name. Nothing was removed."}
		}))},
		{"settings-removed", removedFrame(), Settings(page(SettingsRemove, func(p *SettingsPage) { p.Remove = RemoveSettings{Removed: at(9, 0, 0)} }))},
	}
}
