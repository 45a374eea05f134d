package views

import (
	"time"

	"causeway/views/components"
)

func phases(write Phase) []Phase {
	return []Phase{
		{Title: "Read MySonicWall", State: components.CheckOK, Done: 188, Total: 188, Note: "4,512 products"},
		{Title: "Read ConnectWise and compare", State: components.CheckOK, Done: 188, Total: 188, Note: "154 tenants need nothing"},
		{Title: "Shared records", State: components.CheckOK, Done: 9, Total: 9, Note: "7 catalog items, 2 questions"},
		write,
	}
}

func runGroups() []TenantGroup {
	return []TenantGroup{
		{Outcome: OutcomeFailed, Count: 2, Rows: []RunTenant{
			{ID: "2300512", Name: "Ironwood Credit Union", Outcome: OutcomeFailed, Message: "ConnectWise refused one new line: its period is already invoiced. The date that would work is 1 Nov 2026.", Detail: "5 of 6 changes written", Took: 6200 * time.Millisecond},
			{ID: "2300666", Name: hostile, Outcome: OutcomeFailed, Message: "The agreement bills quarterly. Lines are written only to agreements that bill monthly.", Detail: "3 configurations written", Took: 2 * time.Second},
		}},
		{Outcome: OutcomeHeld, Count: 1, Rows: []RunTenant{
			{ID: "2300417", Name: "Brightwater Schools Trust", Outcome: OutcomeHeld, Held: 5, Message: "5 of 11 lines would end at once, more than the limit of 20 %.", Took: 1800 * time.Millisecond},
		}},
		{Outcome: OutcomeRunning, Count: 2, Rows: []RunTenant{
			{ID: "2300600", Name: "Kestrel Freight", Outcome: OutcomeRunning, Done: 3, Total: 7, Message: "writing addition Capture Client Tenant Advanced", Took: 4 * time.Second},
			{ID: "2300601", Name: "Orchard Print Co.", Outcome: OutcomeRunning, Done: 1, Total: 2, Message: "writing configuration TZ370", Mono: "18B169C4E0A7", Took: 2 * time.Second},
		}},
		{Outcome: OutcomeWaiting, Count: 9, Summary: "Umbra Film Studios, Vantage Title, Westlake Ministries and 6 more"},
		{Outcome: OutcomeChanged, Count: 16, Summary: "61 changes written", Rows: []RunTenant{{ID: "2300411", Name: "Aldergate Dental Group", Outcome: OutcomeChanged, Message: "4 changes written", Took: 900 * time.Millisecond}}},
		{Outcome: OutcomeUnchanged, Count: 154, Summary: "nothing to write"},
	}
}

func runPage(change func(*RunPage)) RunPage {
	p := RunPage{
		Account: northbridge, ID: "1843", Now: at(14, 19, 1), Zone: chicago, Status: components.StatusRunning,
		Scope: "All enabled tenants", AskedBy: "ops-lead in the dashboard", Note: "after new prices", Started: at(14, 16, 20), Left: 95 * time.Second,
		Calls:  RunCalls{ConnectWise: 611, Expected: 840, MySonicWall: 212, Slowdowns: 1, SlowedFor: 8 * time.Second},
		Phases: phases(Phase{Title: "Write tenants", State: components.CheckRunning, Done: 21, Total: 34, Note: "4 at this moment"}),
		Counts: map[Outcome]int{OutcomeFailed: 2, OutcomeHeld: 1, OutcomeRunning: 2, OutcomeWaiting: 9, OutcomeChanged: 16, OutcomeUnchanged: 154},
		Failed: 2, Groups: runGroups(), LogTotal: 1380, CanRetry: true,
		TemporalURL: "http://127.0.0.1:8233/namespaces/default/workflows/sync%2Fnorthbridge-it%2F1843",
		Live:        Live{URL: RunLiveURL(northbridge, "1843"), Every: 2},
		Log: []LogEntry{
			{At: at(14, 18, 58), Level: "info", Tenant: "Kestrel Freight", Text: "POST  finance/agreements/318/additions product:SONICWALL_CAPTURE_CLIENT_TENANT_ADVANCED 201 id:48391"},
			{At: at(14, 19, 0), Level: "error", Tenant: "Ironwood Credit Union and Savings Association", Text: "POST  finance/agreements/312/additions product:SONICWALL_NSV_470 error:400 InvalidObject"},
			{At: at(14, 19, 1), Level: "warn", Tenant: "Saltmarsh Brewing", Text: "GET   finance/agreements/355/additions error:429 retry after 4 s"},
		},
	}
	change(&p)
	return p
}

func runStories() []story {
	frame := inside(PlaceRuns, "Run 1843")
	ended := func(p *RunPage) {
		p.Status, p.Ended, p.Left, p.Live = components.StatusWithFailures, at(14, 20, 32), 0, Live{}
		p.Phases = phases(Phase{Title: "Write tenants", State: components.CheckOK, Done: 34, Total: 34})
		p.Groups = append(p.Groups[:2], p.Groups[4:]...)
		p.Counts = map[Outcome]int{OutcomeFailed: 2, OutcomeHeld: 1, OutcomeChanged: 31, OutcomeUnchanged: 154}
	}
	runs := RunsPage{
		Account: northbridge, Now: now, Zone: chicago, Total: 3, CanSync: true, Next: time.Date(2026, 10, 30, 1, 0, 0, 0, chicago),
		Outcomes: []CountedFilter{{"", "All", 3}, {"completed_with_failures", "With failures", 1}, {"missed", "Missed", 1}},
		Origins:  []CountedFilter{{"", "Anyone", 3}, {"night", "Night", 2}, {"person", "A person", 1}},
		Rows: []RunRow{
			{ID: "1843", Date: date(2026, 10, 29), Started: at(14, 16, 20), Took: 161 * time.Second, Origin: "ops-lead in the dashboard", Note: hostile, Status: components.StatusRunning, Changes: 61, Calls: 823, Tenants: "all 188"},
			{ID: "1842", Date: date(2026, 10, 29), Started: at(1, 0, 2), Took: 252 * time.Second, Origin: "Night", Status: components.StatusWithFailures, Failed: 3, Held: 7, Changes: 146, Calls: 1052, Tenants: "all 188"},
			{Date: date(2026, 10, 28), Origin: "Night", Note: "the account was paused", Status: components.StatusMissed},
		},
	}
	none := runs
	none.Rows, none.Total, none.Outcomes, none.Origins = nil, 0, []CountedFilter{{"", "All", 0}}, nil
	return []story{
		{"run-live", frame, Run(runPage(func(*RunPage) {}))},
		{"run-ended", frame, Run(runPage(ended))},
		{"run-away", frame, Run(runPage(func(p *RunPage) {
			p.Banner = &Message{Tone: components.ToneWarn, Icon: "hourglass", Title: "ConnectWise does not answer since 14:02 CDT.", Text: "This run waits for it until 19:02, then ends and says what it missed. Nothing is cancelled meanwhile."}
			p.Left = 0
		}))},
		{"run-failed", frame, Run(runPage(func(p *RunPage) {
			p.Status, p.Ended, p.Live, p.Reason = components.StatusFailed, at(14, 16, 22), Live{}, "ConnectWise refused the API keys (401). The account needs attention."
			p.Phases = []Phase{{Title: "Read MySonicWall", State: components.CheckOK, Done: 188, Total: 188}, {Title: "Read ConnectWise and compare", State: components.CheckFailed, Done: 0, Total: 188}, {Title: "Shared records", State: components.CheckWaiting, Total: -1}, {Title: "Write tenants", State: components.CheckWaiting, Total: -1}}
			p.Groups, p.Counts, p.Failed, p.Log = nil, nil, 0, nil
		}))},
		{"run-group", frame, Run(runPage(func(p *RunPage) {
			p.Query = RunQuery{Filter: OutcomeUnchanged}
			p.Groups = []TenantGroup{{Outcome: OutcomeUnchanged, Count: 154, Rows: []RunTenant{{ID: "2300544", Name: hebrew, Outcome: OutcomeUnchanged, Message: "18 objects were already right"}}}}
		}))},
		{"runs", inside(PlaceRuns, "Runs"), Runs(runs)},
		{"runs-none", inside(PlaceRuns, "Runs"), Runs(none)},
	}
}

func failedChange() Change {
	return Change{
		ID: "1", Action: components.ActionCreate, Kind: "agreement line", Name: "NSv 470", Serial: "0040103B7721",
		Fields: Fields(nil, map[string]string{"quantity": "1", "effectiveDate": "2026-10-01", "cancelledDate": "2027-10-31"}, true),
		Badge:  Badge{Status: components.StatusFailed},
		Why: Why{
			Failure: "ConnectWise refused this line: October is already invoiced and the agreement does not prorate.",
			Explain: "The invoice was made after Causeway had read the agreement. The date that would work is 1 Nov 2026.",
			Answer:  "POST finance/agreements/312/additions product:SONICWALL_NSV_470 error:400 InvalidObject\naddition/effectiveDate: This period has already been invoiced.",
			Reasons: []Reason{{Question: "Why 1 Oct 2026?", Rule: "A new line of a monthly agreement starts at its next invoice date.", Facts: []Fact{{Source: "ConnectWise", Value: "next invoice 1 Oct 2026"}, {Source: "MySonicWall", Value: "registered 24 Sep 2026"}}}},
		},
	}
}

func heldChange() Change {
	return Change{
		ID: "9", Action: components.ActionUpdate, Kind: "agreement line", Name: "Cloud App Security · Advanced", Serial: "0040103A15E2",
		Fields: Fields(map[string]string{"quantity": "40"}, map[string]string{"quantity": "0"}, false),
		Badge:  Badge{Status: components.StatusHeld},
		Why:    Why{Failure: "MySonicWall reports quantity 0.", Reasons: []Reason{{Question: "Why is it held?", Rule: "A quantity of zero is never written without a person.", Facts: []Fact{{Source: "MySonicWall", Value: "Cloud App Security 0"}, {Source: "Setting", Value: "hold zero"}}}}},
	}
}

func lineChanges() []Change {
	return []Change{
		failedChange(),
		{
			ID: "2", Action: components.ActionUpdate, Kind: "agreement line", Name: "Capture Client Tenant · Advanced", Serial: "0040103A15D8", Badge: Badge{Status: components.StatusApplied},
			Fields: Fields(map[string]string{"quantity": "25", "cancelledDate": "2026-11-14"}, map[string]string{"quantity": "28", "cancelledDate": "2027-11-14"}, false),
			Why: Why{
				Reasons: []Reason{
					{Question: "Why is the quantity 28?", Rule: "It is the highest quantity over the product’s sub-services; MySonicWall now reports 28 for two of them.",
						Facts: []Fact{{Source: "MySonicWall", Value: "Next-gen Anti-Malware 28"}, {Source: "MySonicWall", Value: "Rollback 25"}, {Source: "Last written by us", Value: "25, run 1701, 14 Oct", URL: RunURL(northbridge, "1701")}}},
					{Question: "Why 14 Nov 2027?", Rule: "Latest expiry of all its services.", Facts: []Fact{{Source: "MySonicWall", Value: "Capture Client Advanced until 14 Nov 2027"}}},
				},
				InvoiceDate: "1 Nov 2026", Invoice: "28 instead of 25, for the whole period.", InvoiceNote: "Price, description and bill customer are as they were in ConnectWise.",
			},
		},
		{ID: "3", Action: components.ActionCancel, Kind: "agreement line", Name: "SMA 410", Serial: "2CB8ED31A0F4", Badge: Badge{Status: components.StatusApplied},
			Fields: Fields(map[string]string{"cancelledDate": ""}, map[string]string{"cancelledDate": "2026-10-29"}, false),
			Why:    Why{Reasons: []Reason{{Question: "Why does it end?", Rule: "MySonicWall reports it as transferred."}}}},
	}
}

func configurationChanges() []Change {
	return []Change{
		{ID: "4", Action: components.ActionUpdate, Kind: "configuration", Name: "TZ570 · Branch 12", Serial: "18B1690FD2C6", Badge: Badge{Status: components.StatusApplied}, Record: "https://na.myconnectwise.net/x",
			Fields: Fields(map[string]string{"warrantyExpirationDate": "2026-11-30", "answer: APSS": "2026-11-30"}, map[string]string{"warrantyExpirationDate": "2029-11-30", "answer: APSS": "2029-11-30"}, false)},
		{ID: "5", Action: components.ActionDeactivate, Kind: "configuration", Name: hostile, Serial: "2CB8ED31A0F4", Badge: Badge{Status: components.StatusSkipped},
			Fields: Fields(map[string]string{"status": "Active", "activeFlag": "true"}, map[string]string{"status": hostile, "activeFlag": "false"}, false)},
	}
}

func tenantRunPage(change func(*TenantRunPage)) TenantRunPage {
	p := TenantRunPage{
		Account: northbridge, Run: "1843", TenantID: "2300512", Tenant: "Ironwood Credit Union", Now: now, Zone: chicago,
		Started: at(14, 18, 54), Ended: at(14, 19, 0), Outcome: OutcomeFailed, Company: "Ironwood Credit Union", Agreement: "Managed Security", Cycle: "monthly", NextInvoice: date(2026, 11, 1),
		AgreementURL: "https://na.myconnectwise.net/x", TemporalURL: "http://127.0.0.1:8233/x", Failed: 1, Invoice: 2, Total: 5, Unchanged: 18, CanSync: true,
		Sections: []ChangeSection{
			{ID: "additions", Title: "Agreement lines", Note: "additions of Managed Security", Count: 3, Changes: lineChanges()},
			{ID: "configurations", Title: "Configurations", Note: "of the company", Count: 2, Changes: configurationChanges()},
		},
		Log: []LogEntry{{At: at(14, 18, 55), Level: "info", Text: "GET finance/agreements/312/additions 200"}},
	}
	change(&p)
	return p
}

func tenantRunStories() []story {
	frame := inside(PlaceRuns, "Ironwood Credit Union")
	return []story{
		{"tenant-run", frame, TenantRun(tenantRunPage(func(*TenantRunPage) {}))},
		{"tenant-run-refused", frame, TenantRun(tenantRunPage(func(p *TenantRunPage) {
			p.Tenant, p.Message, p.Answer = hostile, "The agreement Managed Security 2025 ended 30 Sep 2026.", "GET finance/agreements/350 404"
			p.Sections, p.Failed, p.Total, p.Invoice, p.Log = nil, 0, 0, 0, nil
		}))},
		{"tenant-run-live", frame, TenantRun(tenantRunPage(func(p *TenantRunPage) {
			p.Outcome, p.Ended, p.Failed, p.Unchanged = OutcomeRunning, time.Time{}, 0, 0
			p.Live = Live{URL: RunTenantURL(northbridge, "1843", "2300512"), Every: 2}
		}))},
		{"tenant-run-unchanged", frame, TenantRun(tenantRunPage(func(p *TenantRunPage) {
			p.Outcome, p.Sections, p.Failed, p.Total, p.Invoice = OutcomeUnchanged, nil, 0, 0, 0
		}))},
	}
}

func previewPage(change func(*PreviewPage)) PreviewPage {
	move := Change{
		ID: "20", Action: components.ActionLinked, Kind: "agreement line", Name: "Capture Client Tenant", Serial: "0040103A7C10", Detail: "Basic to Advanced",
		Halves: linkedHalves(),
		Effect: "60 Advanced instead of 60 Basic; never both", Badge: Badge{Status: components.StatusPlanned},
	}
	zero := Change{
		ID: "21", Action: components.ActionCreate, Kind: "agreement line", Name: "NSv 270", Serial: "0040103A7CB1", Effect: "New: 1 ×", Zero: true, Badge: Badge{Status: components.StatusPlanned},
		Fields: Fields(nil, map[string]string{"quantity": "1", "effectiveDate": "2026-11-01", "cancelledDate": "2027-10-31"}, true),
	}
	p := PreviewPage{
		Account: northbridge, Now: now, Zone: chicago, State: PreviewReady, ComputedAt: at(14, 11, 5),
		Sums:   PreviewSums{Added: 12, Changed: 19, Ended: 4, Other: 26, Held: 7, Unchanged: 154, Tenants: 34},
		Counts: PreviewCounts{Lines: 35, Everything: 61, Ends: 6, Zero: 3, Held: 7}, Total: 23, Per: 5,
		Groups: []PreviewGroup{
			{TenantID: "2300600", Tenant: "Kestrel Freight", Agreement: "Managed Security", NextInvoice: date(2026, 11, 1), Changes: []Change{move, zero}},
			{TenantID: "2300570", Tenant: hostile, Agreement: "Security Retainer", Problem: "The agreement bills quarterly. Lines are written only to agreements that bill monthly.", Changes: []Change{heldChange()}},
		},
	}
	change(&p)
	return p
}

func previewStories() []story {
	frame := inside(PlacePreview, "Preview")
	return []story{
		{"preview", frame, Preview(previewPage(func(*PreviewPage) {}))},
		{"preview-ask", frame, Preview(previewPage(func(p *PreviewPage) { p.Query.Ask, p.ComputedAt = true, at(11, 0, 0) }))},
		{"preview-none", frame, Preview(previewPage(func(p *PreviewPage) { p.State, p.Groups = PreviewNone, nil }))},
		{"preview-computing", frame, Preview(previewPage(func(p *PreviewPage) {
			p.State, p.Live = PreviewComputing, Live{URL: PreviewURL(northbridge), Every: 2}
			p.Phases = []Phase{{Title: "Read MySonicWall", State: components.CheckRunning, Done: 40, Total: 188}, {Title: "Read ConnectWise and compare", State: components.CheckWaiting, Total: -1}}
		}))},
		{"preview-nothing", frame, Preview(previewPage(func(p *PreviewPage) {
			p.Sums, p.Counts, p.Groups, p.Total = PreviewSums{Unchanged: 188}, PreviewCounts{}, nil, 0
		}))},
		{"preview-no-match", frame, Preview(previewPage(func(p *PreviewPage) {
			p.Query, p.Groups, p.Total = PreviewQuery{Q: "jupiter"}, nil, 0
		}))},
	}
}

func changesStories() []story {
	changes := ChangesPage{
		Account: northbridge, Now: now, Zone: chicago, Total: 2,
		Tenants: []Option{{Value: "2300512", Text: "Ironwood Credit Union"}}, Kinds: []Option{{Value: "addition", Text: "agreement line"}},
		Rows: []ChangeRow{
			{At: at(14, 19, 0), RunID: "1843", TenantID: "2300512", Tenant: "Ironwood Credit Union", Change: lineChanges()[1]},
			{At: at(14, 17, 0), RunID: "1843", Change: configurationChanges()[0]},
		},
	}
	none := changes
	none.Rows, none.Total, none.Query = nil, 0, ChangesQuery{Kind: "addition"}
	return []story{
		{"changes", inside(PlaceRuns, "Changes"), Changes(changes)},
		{"changes-no-match", inside(PlaceRuns, "Changes"), Changes(none)},
	}
}
