package views

import "causeway/views/components"

func mappingQuestion(change func(*MappingQuestion)) MappingQuestion {
	q := MappingQuestion{
		Account: northbridge, TenantID: "2300551", Tenant: "Delmont Foods", Now: now, Zone: chicago, ReadAt: at(1, 0, 30), Enabled: true, SameCompany: true,
		From:  []MappingSide{{Company: "Delmont Foods Co.", Agreement: "Managed Security 2025", NextInvoice: "1 Nov 2026", Lines: 2}},
		To:    MappingSide{Company: "Delmont Foods Co.", Agreement: "Managed Security 2026", NextInvoice: "1 Nov 2026"},
		Count: 2, Devices: 1, CompanyID: "6", AgreementID: "351", Back: TenantURL(northbridge, "2300551"),
		Lines: []MovingLine{
			{Name: "Capture Client Tenant Advanced", Serial: "0040103A15D8", Quantity: "1,204", From: "Managed Security 2025", Starts: "1 Nov 2026", Ends: "31 Oct 2026"},
			{Name: hostile, Serial: "<b>00</b>", Quantity: "1", From: hostile, Ends: "15 Oct 2026", Note: "its product ends before a new line would start"},
		},
	}
	change(&q)
	return q
}

func endQuestion(change func(*EndQuestion)) EndQuestion {
	q := EndQuestion{
		Account: northbridge, TenantID: "2300666", Tenant: hostile, Now: now, Zone: chicago, Why: "Frozen since 1 Oct: its sync is off.", OpenLines: 2,
		State: PreviewReady, At: at(14, 11, 5), Notes: []string{"The line SONICWALL_X/1 stands on an agreement that ConnectWise no longer has, so there is nothing to end."},
		Rows: []Change{{
			ID: "3", Action: components.ActionCancel, Kind: "agreement line", Name: "SMA 410", Serial: "2CB8ED31A0F4", Badge: Badge{Status: components.StatusPlanned},
			Fields: Fields(map[string]string{"cancelledDate": ""}, map[string]string{"cancelledDate": "2026-10-29"}, false), Effect: "the line ends 29 Oct 2026",
		}},
	}
	change(&q)
	return q
}

func questionStories() []story {
	frame := inside(PlaceTenants, "Change mapping")
	return []story{
		{"ask-mapping", frame, AskMapping(mappingQuestion(func(*MappingQuestion) {}))},
		{"ask-mapping-clear", frame, AskMapping(mappingQuestion(func(q *MappingQuestion) { q.Clear = true }))},
		{"ask-mapping-refused", frame, AskMapping(mappingQuestion(func(q *MappingQuestion) {
			q.Refused, q.Lines, q.Warning = "The agreement Managed Security 2024 ended on 30 Sep 2025.", nil, ""
		}))},
		{"ask-end", frame, AskEnd(endQuestion(func(q *EndQuestion) {
			q.Typed, q.TypedFail = "SMA", "This is not the tenant’s name. Nothing was ended."
		}))},
		{"ask-end-none", frame, AskEnd(endQuestion(func(q *EndQuestion) { q.State, q.Rows, q.Notes = PreviewNone, nil, nil }))},
		{"ask-end-computing", frame, AskEnd(endQuestion(func(q *EndQuestion) {
			q.State, q.Rows, q.Notes, q.Live = PreviewComputing, nil, nil, Live{URL: TenantEndURL(northbridge, "2300666"), Every: 2}
		}))},
		{"ask-end-refused", frame, AskEnd(endQuestion(func(q *EndQuestion) {
			q.State, q.Rows, q.Refused = PreviewNone, nil, "Delmont Foods is synchronised, so its billing would begin again with the next run. Switch its sync off first."
		}))},
	}
}
