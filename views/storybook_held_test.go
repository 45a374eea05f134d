package views

import "causeway/views/components"

func linkedHalves() []ChangeHalf {
	planned := Badge{Status: components.StatusPlanned}
	return []ChangeHalf{
		{Action: components.ActionCreate, Name: "Capture Client Tenant Advanced", Where: "agreement Managed Security of " + hostile, Badge: planned, Fields: Fields(nil, map[string]string{"quantity": "60", "effectiveDate": "2026-11-01"}, true)},
		{Action: components.ActionCancel, Name: "Capture Client Tenant Basic", Badge: planned, Fields: Fields(map[string]string{"cancelledDate": ""}, map[string]string{"cancelledDate": "2026-10-31"}, false)},
	}
}

func heldItems() []HeldItem {
	return []HeldItem{
		{ID: "31", Reason: "A line made by hand may bill the same thing", Name: "NSv 270", TenantID: "2300417", Tenant: "Brightwater Schools Trust", Since: at(1, 2, 0).AddDate(0, 0, -4), Effect: "2 lines if ours is added as well", Invoice: "1 Nov"},
		{ID: "32", Reason: "The quantity would become 0", Name: "Cloud App Security · Advanced", TenantID: "2300666", Tenant: hostile, Since: at(1, 2, 0), Effect: "quantity 0 instead of 40", Invoice: "1 Nov"},
		{ID: "33", Reason: "A known expiry turned blank", Name: hebrew, TenantID: "2300544", Tenant: hebrew, Since: at(1, 2, 0)},
	}
}

func heldPage(change func(*HeldPage)) HeldPage {
	items := heldItems()
	p := HeldPage{
		Account: northbridge, Now: now, Zone: chicago, Counts: HeldCounts{Waiting: 3, Invoice: 2, Ended: 2, Decided: 38}, Total: 3, Items: items,
		Detail: &HeldDetail{
			HeldItem: items[0], Serial: "0040103A91F2", Agreement: "agreement Network Care", RunID: "1842", Date: "1 Nov 2026", At: 1, Of: 3,
			Sentence: "The line “NSv 270 – monthly licence” (NSV270) of this agreement was made by hand and may bill the same thing.",
			Now: HeldSide{Title: "In ConnectWise now", Note: "line 47102, made by hand", Fields: RecordFields(map[string]string{
				"product": "NSV270", "quantity": "1", "effectiveDate": "2025-02-01",
			}, []string{"serialNumber", "cancelledDate"})},
			Would: HeldSide{Title: "Causeway would add", Note: "by MySonicWall, as run 1842 read it", Fields: RecordFields(map[string]string{
				"product": "SONICWALL_NSV_270", "serialNumber": "0040103A91F2", "quantity": "1", "effectiveDate": "2026-11-01", "cancelledDate": "2027-10-31",
			}, nil)},
			Outcomes: []HeldOutcome{
				{Choice: "Adopt the line", Says: "The hand-made line bills on; quantity, end and serial number follow MySonicWall.", Lines: "1"},
				{Choice: "Add ours as well", Says: "The hand-made line and Causeway’s own: billed twice.", Lines: "2"},
				{Choice: "Dismiss", Says: "The hand-made line as it is; Causeway does not look after it.", Lines: "1"},
			},
			Adopting: Fields(map[string]string{"serialNumber": "", "cancelledDate": ""}, map[string]string{"serialNumber": "0040103A91F2", "cancelledDate": "2027-10-31"}, false),
			Choices: []HeldChoice{
				{Choice: "adopt", Text: "Adopt the line", Kind: "primary", Icon: "link-2"}, {Choice: "release", Text: "Add ours as well", Kind: "outline", Icon: "plus"},
				{Choice: "dismiss", Text: "Dismiss", Kind: "outline", Icon: "x"},
			},
			Reasons: []Reason{{Question: "Why is the effective date 1 Nov 2026?", Rule: "It is the agreement’s next invoice date.", Facts: []Fact{{Source: "ConnectWise", Value: "next invoice 1 Nov 2026"}}}},
			More:    []Link{{Text: "Adopt all 4 of this reason…", URL: HeldReviewQuery{Choice: "adopt", Reason: "look_alike"}.URL(northbridge)}},
		},
	}
	change(&p)
	return p
}

// heldEnd is a linked change of which a share of the tenant's lines would end: nothing is filled.
func heldEnd(p *HeldPage) {
	item := p.Items[1]
	p.Query.Open = item.ID
	p.Detail = &HeldDetail{
		HeldItem: item, Serial: "0040103A15E2", RunID: "1842", Date: "1 Nov 2026", At: 2, Of: 3, Sentence: "MySonicWall reports the quantity 0; the line has 40.",
		Now:      HeldSide{Title: "In ConnectWise now", Note: "line 48391, only what would change", Fields: RecordFields(map[string]string{"quantity": "40"}, nil)},
		Would:    HeldSide{Title: "Causeway would change", Fields: RecordFields(map[string]string{"quantity": "0"}, nil)},
		Then:     &HeldSide{Title: "Then the old line ends", Note: "agreement Managed Security 2025 · line 47000", Fields: RecordFields(map[string]string{"cancelledDate": "2026-10-31"}, nil)},
		Outcomes: []HeldOutcome{{Choice: "Release", Says: "Quantity 0 instead of 40."}, {Choice: "Dismiss", Says: "The line as before, until MySonicWall’s facts change."}},
		Choices:  []HeldChoice{{Choice: "release", Text: "Release", Kind: "danger", Icon: "check"}, {Choice: "dismiss", Text: "Dismiss", Kind: "outline", Icon: "x"}},
	}
}

func heldReview(change func(*HeldReview)) HeldReview {
	r := HeldReview{
		Account: northbridge, Choice: "release", Verb: "Release", Keep: "Keep them held", Reason: "Much would end at once", Danger: true,
		Sums: []string{"2 changes of 1 tenant", "2 lines end", "2 touch the invoice of 1 Nov 2026"}, Said: "The next run writes exactly what is shown. What differs by then is held again.",
		IDs: []string{"41", "42"}, Action: HeldDecideURL(northbridge), Back: HeldURL(northbridge),
		Rows: []Change{
			{ID: "41", Action: components.ActionLinked, Kind: "agreement line", Name: "Capture Client Tenant", Serial: "0040103A7C10", Halves: linkedHalves(), Badge: Badge{Status: components.StatusHeld}, Tenant: Link{Text: hostile, URL: TenantURL(northbridge, "2300666")}},
			heldChange(),
		},
	}
	change(&r)
	return r
}

func heldStories() []story {
	frame := inside(PlaceHeld, "Held changes")
	said := frame
	said.Message = &Message{Tone: components.ToneOK, Title: "Adopted.", Text: "The next run writes it; one was asked for just now."}
	ended := heldPage(func(p *HeldPage) {
		p.Query.Filter, p.Items, p.Detail, p.Total = HeldEnded, nil, nil, 2
		p.Ended = []EndedRecord{
			{ID: "7", Kind: "agreement line", Name: "NSv 270", Serial: "0040103A91F2", TenantID: "2300417", Tenant: "Brightwater Schools Trust", Record: "47102", Since: date(2026, 10, 20), Fields: []RecordField{{"Quantity", "1"}, {"Effective", "1 Feb 2025"}}, Means: "Resuming makes a new line from the agreement’s next invoice date on."},
			{ID: "8", Kind: "configuration", Name: hostile, Serial: "18B1690FD2C6", TenantID: "2300666", Tenant: hostile, Record: "9127", Since: date(2026, 10, 20), Resumed: "ops-lead", Means: "Resuming opens it again."},
		}
	})
	decided := heldPage(func(p *HeldPage) {
		p.Query.Filter, p.Items, p.Detail, p.Total = HeldDecided, nil, nil, 2
		p.Decided = []DecidedRow{
			{ID: "2", At: at(14, 2, 0), By: "dashboard", Choice: "Released", Icon: "check", Reason: "The quantity would become 0", Name: hostile, Serial: "0040103A15E2", TenantID: "2300666", Tenant: hostile, Outcome: "The next run writes it.", Open: true},
			{ID: "1", At: at(9, 2, 0).AddDate(0, 0, -1), By: "ops-lead", Choice: "Adopted", Icon: "link-2", Reason: "A line made by hand may bill the same thing", Name: "NSv 270", Outcome: "Written by run 1840."},
		}
	})
	empty := HeldPage{Account: northbridge, Now: now, Zone: chicago}
	none := func(filter HeldFilter) HeldPage {
		p := empty
		p.Query.Filter = filter
		return p
	}
	return []story{
		{"held", said, Held(heldPage(func(*HeldPage) {}))},
		{"held-opened", frame, Held(heldPage(heldEnd))},
		{"held-none", frame, Held(empty)},
		{"held-invoice-none", frame, Held(none(HeldInvoice))},
		{"held-ended", frame, Held(ended)},
		{"held-ended-none", frame, Held(none(HeldEnded))},
		{"held-decided", frame, Held(decided)},
		{"held-decided-none", frame, Held(none(HeldDecided))},
		{"held-review", frame, ReviewHeld(heldReview(func(*HeldReview) {}))},
		{"held-review-refused", frame, ReviewHeld(heldReview(func(r *HeldReview) {
			r.Gone, r.Refused = 1, "These changes are held for different reasons. Choose those of one reason; each reason asks another question."
		}))},
	}
}
