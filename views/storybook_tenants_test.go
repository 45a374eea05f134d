package views

import (
	"time"

	"causeway/views/components"
)

// hostile is a name as someone would choose it to break a page: markup, a script, a
// forced writing direction, control characters.
const hostile = "</td><script>alert(1)</script> \u202Egnp.exe\u0000 & \"Söhne\"\u0007"

// hebrew is an honest right-to-left name.
const hebrew = "מכון שניידר בע״מ"

func tenantRows() []TenantRow {
	synced := func(changes int) *TenantSync {
		return &TenantSync{RunID: "1842", Status: components.StatusSynced, At: at(1, 2, 0), Changes: changes}
	}
	security := &AgreementRef{ID: "312", Name: "Managed Security", NextInvoice: date(2026, 11, 1), Tenants: 1}
	care := &AgreementRef{ID: "318", Name: "Network Care", NextInvoice: date(2026, 11, 1), Tenants: 2}
	company := func(id, name, identifier string) *CompanyRef {
		return &CompanyRef{ID: id, Name: name, Identifier: identifier, Status: "Active"}
	}
	failed := func(message string, step Link) *TenantSync {
		return &TenantSync{RunID: "1842", Status: components.StatusFailed, At: at(1, 2, 0), Message: message, Step: step}
	}
	return []TenantRow{
		{ID: "2300411", Name: "Aldergate Dental Group", Company: company("1", "Aldergate Dental Group, LLC", "ALDERGATE"), Agreement: security, Enabled: true, Last: synced(4)},
		{ID: "2300417", Name: "Brightwater Schools Trust", Company: company("2", "Brightwater Schools Trust", "BRIGHTWATER"), Agreement: care, Enabled: true, Last: synced(0), Held: 1},
		{ID: "2300533", Name: "Café Lindqvist", Company: company("3", "Café Lindqvist", "LINDQVIST"), Agreement: security, Enabled: true,
			Last: failed("The name has a letter outside ASCII: “é”.", Link{Text: "Allow such names", URL: SettingsURL(northbridge, SettingsOptions)})},
		{ID: "2300540", Name: "Cedar & Finch", Closed: "Choose company and agreement first.", Suggestion: &Suggestion{
			CompanyID: "4", Company: "Cedar & Finch, LLP", Identifier: "CEDAR", AgreementID: "340", Agreement: "Managed Security", OnlyAgreement: true, Score: 97, Reason: "same words, “LLP” ignored",
		}},
		{ID: "2300544", Name: hebrew, Company: company("5", hebrew, "COPPERLINE"), Agreement: care, Enabled: true, Last: &TenantSync{RunID: "1842", Status: components.StatusUnchanged, At: at(1, 2, 0)}},
		{ID: "2300551", Name: "Delmont Foods", Company: company("6", "Delmont Foods Co.", "DELMONT"), Enabled: true, Frozen: date(2026, 10, 1), FrozenWhy: "its agreement ended", OpenLines: 4, CanEnd: true,
			Agreement: &AgreementRef{ID: "350", Name: "Managed Security 2025", Ended: date(2026, 9, 30), Tenants: 1, Successor: Successor{Name: "Managed Security 2026", CompanyID: "6", AgreementID: "351"}}},
		{ID: "2300562", Name: "Fernhill Veterinary", Closed: "Choose company and agreement first.", Suggestion: &Suggestion{Score: 88, Ties: []string{"Fernhill Veterinary (Ames)", "Fernhill Veterinary (Boone)"}}},
		{ID: "2300570", Name: "Granite State Tool & Die", Company: company("7", "Granite State Tool & Die", "GRANITE"), Enabled: true,
			Agreement: &AgreementRef{ID: "360", Name: "Security Retainer", Cycle: "quarterly", NextInvoice: date(2027, 1, 1)},
			Last:      failed("Billing is quarterly; lines are written only to monthly agreements. Configurations were written.", Link{})},
		{ID: "2300571", Name: "Halcyon Insurance Brokers", Company: &CompanyRef{ID: "8", Name: "Halcyon Insurance Brokers", Identifier: "HALCYON", Status: "Prospect", Inactive: true},
			Agreement: &AgreementRef{ID: "370", Name: "Managed Security", Starts: date(2026, 11, 15)}, Enabled: true, Last: synced(1)},
		{ID: "2300588", Name: "Juniper Hotel Collection", Company: company("9", "Juniper Hotel Collection", "JUNIPER"), Agreement: care, Enabled: true, Missing: date(2026, 10, 26), OpenLines: 6, Ending: "ops-lead"},
		{ID: "2300602", Name: "Lumen Architects", Closed: "Choose company and agreement first."},
		{ID: "2300666", Name: hostile, Company: company("10", hostile, "HOSTILE"), Agreement: &AgreementRef{ID: "390", Name: hostile, NextInvoice: date(2026, 11, 1)}, Last: failed(hostile, Link{})},
	}
}

func tenantsPage(change func(*TenantsPage)) TenantsPage {
	p := TenantsPage{
		Account: northbridge, Now: now, Zone: chicago, Configured: true, Companies: 73, CompaniesReadAt: at(1, 0, 30),
		Counts: TenantCounts{All: 214, NotMapped: 19, Suggested: 14, Enabled: 188, Failed: 3, Held: 5, Frozen: 4, Missing: 2, NotActive: 6},
		Rows:   tenantRows(), Total: 214,
	}
	change(&p)
	return p
}

func tenantsStories() []story {
	frame := inside(PlaceTenants, "Tenants")
	said := frame
	said.Message = &Message{Tone: components.ToneOK, Title: "12 tenants switched on.", Text: "They are synced for the first time tonight, 01:00 CDT.", Link: Link{Text: "Sync now", URL: PreviewURL(northbridge)}}
	opened := func(edit TenantEdit) func(*TenantsPage) {
		return func(p *TenantsPage) {
			p.Query = TenantsQuery{Edit: edit.Tenant, Find: edit.Find}
			p.Edit = &edit
		}
	}
	chosenCompany := &CompanyRef{ID: "21", Name: "Fernhill Veterinary (Ames)", Identifier: "FERNHILLA", Status: "Active"}
	return []story{
		{"tenants", said, Tenants(tenantsPage(func(*TenantsPage) {}))},
		{"tenants-find", frame, Tenants(tenantsPage(opened(TenantEdit{
			Tenant: "2300562", Find: "fern", More: 3,
			Companies: []CompanyChoice{{"21", "Fernhill Veterinary (Ames)", "FERNHILLA", "Active"}, {"22", "Fernhill Veterinary (Boone)", "FERNHILLB", "Prospect"}},
		})))},
		{"tenants-chosen", frame, Tenants(tenantsPage(opened(TenantEdit{
			Tenant: "2300562", Chosen: chosenCompany, Error: "Choose an agreement.",
			Agreements: []AgreementChoice{{ID: "1", Name: "Gold", Note: "monthly, next invoice 1 Nov"}, {ID: "2", Name: "Silver", Note: "starts 15 Nov"}},
			Faster:     &Message{Tone: components.ToneWarn, Icon: "users", Title: "Someone was faster.", Text: "billing-lead mapped this tenant to Fernhill Veterinary (Ames) at 14:12 CDT. Your choice was not saved."},
		})))},
		{"tenants-accept", frame, Tenants(tenantsPage(func(p *TenantsPage) {
			p.Query.Accept = true
			p.Accept = &Acceptance{Threshold: 90, Pairs: []SuggestedPair{
				{TenantID: "2300540", Tenant: "Cedar & Finch", Suggestion: *p.Rows[3].Suggestion},
				{TenantID: "2300560", Tenant: hostile, Suggestion: Suggestion{CompanyID: "12", Company: hostile, Score: 91, Reason: hostile}},
			}}
		}))},
		{"tenants-no-match", frame, Tenants(tenantsPage(func(p *TenantsPage) {
			p.Query, p.Rows, p.Total = TenantsQuery{Q: "jupiter<", Filter: TenantsMissing}, nil, 0
		}))},
		{"tenants-none", frame, Tenants(tenantsPage(func(p *TenantsPage) { p.Rows, p.Total, p.Counts = nil, 0, TenantCounts{} }))},
		{"tenants-unconfigured", frame, Tenants(tenantsPage(func(p *TenantsPage) {
			p.Configured, p.Companies, p.CompaniesReadAt = false, 0, time.Time{}
			p.Rows, p.Counts = p.Rows[10:11], TenantCounts{All: 1, NotMapped: 1}
			p.Total = 1
		}))},
		{"tenants-no-companies", frame, Tenants(tenantsPage(func(p *TenantsPage) { p.Companies = 0 }))},
	}
}

func tenantStories() []story {
	row := tenantRows()[0]
	page := TenantPage{
		Account: northbridge, Now: now, Zone: chicago, Tenant: row, ReadAt: at(1, 0, 41), CanSync: true,
		CompanyURL: "https://na.myconnectwise.net/v4_6_release/services/system_io/router/openrecord.rails?recordType=CompanyFV&recid=1",
		Products: []Product{
			{
				Name: "Capture Client Tenant", Tier: "Advanced", Serial: "0040103A15D8", Line: "Capture Client", Registered: date(2025, 11, 14),
				Services: []Service{{Name: "Capture Client Advanced", Quantity: "28", Expires: date(2027, 11, 14)}, {Name: "Device Control", Of: "Capture Client Advanced", Quantity: "1204", Expires: date(2027, 11, 14)}},
				Addition: &Record{ID: "48391", URL: "https://na.myconnectwise.net/x", Fields: []RecordField{{"Quantity", "28"}, {"Cancelled", "14 Nov 2027"}}, Edited: true},
			},
			{
				Name: "TZ570", Device: "Branch 12", Serial: "18B1690FD2C6", Line: "Firewall", Registered: date(2023, 12, 1), Gone: "transferred",
				Configuration: &Record{ID: "9127", Fields: []RecordField{{"Status", "Active"}, {"Expiration", "30 Nov 2029"}}, ByHand: true},
				Addition:      &Record{NotWhat: "network products are not billed here"},
				Problems:      []string{"Expiry “31/13/2026” is no date."},
			},
			{Name: hostile, Serial: "<b>00</b>", Line: "Miscellaneous", NotBillable: true, Trial: true},
		},
		Runs: []TenantHistory{
			{RunID: "1842", At: at(1, 2, 0), Outcome: OutcomeChanged, Changes: 4, Took: 6200 * time.Millisecond, Message: "4 changes written"},
			{RunID: "1841", At: at(1, 2, 0).AddDate(0, 0, -1), Outcome: OutcomeUnchanged, Took: 300 * time.Millisecond},
		},
		Held: []Change{heldChange()},
	}
	bare := TenantPage{Account: northbridge, Now: now, Zone: chicago, Tenant: tenantRows()[10]}
	frame := inside(PlaceTenants, row.Name)
	return []story{{"tenant", frame, Tenant(page)}, {"tenant-bare", frame, Tenant(bare)}}
}

func mappingStories() []story {
	frame := inside(PlaceTenants, "CSV")
	check := MappingCheck{
		File: "mapping.csv", Rows: 214, Staged: "1f0c",
		Changes: []MappingChange{{Line: 3, Tenant: "Cedar & Finch", ID: "2300540", Fields: []FieldChange{
			{Label: "Company", After: "Cedar & Finch, LLP"}, {Label: "Enabled", Before: "no", After: "yes"},
		}}},
		Warnings: []LineProblem{{Line: 9, Message: "Status is Prospect: alerts get no ticket."}},
	}
	wrong := check
	wrong.Errors = []LineProblem{{Line: 14, Column: "agreement_name", Message: "Fernhill has no agreement Gold."}}
	page := MappingPage{Account: northbridge, Now: now, Zone: chicago, Tenants: 214}
	with := func(c *MappingCheck, problem *Message) MappingPage {
		p := page
		p.Check, p.Problem = c, problem
		return p
	}
	return []story{
		{"mapping", frame, Mapping(page)},
		{"mapping-ready", frame, Mapping(with(&check, nil))},
		{"mapping-wrong", frame, Mapping(with(&wrong, nil))},
		{"mapping-unreadable", frame, Mapping(with(nil, &Message{Tone: components.ToneFail, Title: "This is no CSV file.", Text: "Line 1 has no column tenant_id."}))},
	}
}
