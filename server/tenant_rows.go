package server

import (
	"context"
	"strings"

	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/internal/store"
	"causeway/views"
	"causeway/views/components"
)

// tenantRows makes rows of tenants ready to show, for the list and for a tenant's own page.
type tenantRows struct {
	account   bridge.Account
	offer     *admin.Offer
	today     bridge.Date
	suggested map[string]views.Suggestion

	onAgreement map[int]int // tenants that are synced, by agreement
}

// read asks the store for what all rows need together.
func (t *tenantRows) read(ctx context.Context, s *store.Store) error {
	enabled, err := s.EnabledTenants(ctx, t.account.ID, nil)
	if err != nil {
		return err
	}
	t.onAgreement = map[int]int{}
	for _, tenant := range enabled {
		t.onAgreement[tenant.Mapping.AgreementID]++
	}
	return nil
}

func (t *tenantRows) row(r store.TenantRow) views.TenantRow {
	row := views.TenantRow{
		ID: r.ID, Name: r.Name, Enabled: r.Mapping.Enabled, Held: r.HeldChanges, OpenLines: r.OpenLines, Ending: r.EndingBy,
		Company: t.company(r.Mapping.CompanyID), Agreement: t.agreement(r), Closed: t.closed(r.Mapping), Last: t.last(r),
	}
	if s, ok := t.suggested[r.ID]; ok {
		row.Suggestion = &s
	}
	if r.Missing {
		row.Missing = bridge.DateOf(r.SeenAt.In(zoneOf(t.account))).Time()
	}
	if !r.Frozen.Since.IsZero() {
		row.Frozen, row.FrozenWhy = r.Frozen.Since.Time(), frozenWhy[r.Frozen.Reason]
	}
	row.CanEnd = r.OpenLines > 0 && r.EndingBy == "" && r.MayEnd() == nil && t.account.Alive() == nil
	return row
}

func (t *tenantRows) company(id int) *views.CompanyRef {
	if id == 0 {
		return nil
	}
	company, known := t.offer.Company(id)
	if !known {
		return &views.CompanyRef{ID: recordID(id), Name: "Company " + recordID(id) + " (no longer listed by ConnectWise)"}
	}
	return &views.CompanyRef{
		ID: recordID(id), Name: company.Name, Identifier: company.Identifier, Status: company.Status,
		Inactive: !bridge.CompanyActive(company, t.account.Options), Deleted: company.Deleted,
	}
}

func (t *tenantRows) agreement(r store.TenantRow) *views.AgreementRef {
	id := r.Mapping.AgreementID
	if id == 0 {
		return nil
	}
	agreement, known := t.offer.Agreement(id)
	if !known {
		return &views.AgreementRef{ID: recordID(id), Name: "Agreement " + recordID(id) + " (no longer listed by ConnectWise)", Ended: t.today.Time()}
	}
	ref := &views.AgreementRef{
		ID: recordID(id), Name: agreement.Name, Cycle: cycleWords(agreement), NextInvoice: agreement.NextInvoice.Time(), Tenants: max(1, t.onAgreement[id]),
	}
	if agreement.Start.After(t.today) {
		ref.Starts = agreement.Start.Time()
	}
	if ended(agreement, t.today) {
		ref.Ended = agreement.End.Time()
		if agreement.End.IsZero() {
			ref.Ended = t.today.Time() // cancelled without a date
		}
		ref.Successor = t.successor(r, agreement)
	}
	return ref
}

func ended(a bridge.Agreement, today bridge.Date) bool {
	return a.Cancelled || !a.End.IsZero() && a.End.Before(today)
}

// successor is the agreement that most likely replaces one that ended (R53).
func (t *tenantRows) successor(r store.TenantRow, endedOne bridge.Agreement) views.Successor {
	company, offered := t.offer.Offered(r.Mapping.CompanyID)
	if !offered || t.account.Alive() != nil {
		return views.Successor{}
	}
	next, found := bridge.Successor(endedOne, company.Agreements, company.Company, t.today)
	if !found {
		return views.Successor{}
	}
	return views.Successor{Name: next.Name, CompanyID: recordID(company.ID), AgreementID: recordID(next.ID)}
}

// cycleWords are empty for what the guide expects, so that only the exception is told (R29).
func cycleWords(a bridge.Agreement) string {
	switch bridge.RecurrenceOf(a) {
	case bridge.MonthlyRecurring:
		return ""
	case bridge.NotRecurring:
		return "does not recur"
	}
	if a.CycleName == "" {
		return "no billing cycle"
	}
	return "bills " + strings.ToLower(a.CycleName)
}

// closed says why the switch cannot be turned on.
func (t *tenantRows) closed(m bridge.Mapping) string {
	if m.Enabled {
		return ""
	}
	if !m.Complete() {
		return "Choose company and agreement first."
	}
	company, knownCompany := t.offer.Company(m.CompanyID)
	agreement, knownAgreement := t.offer.Agreement(m.AgreementID)
	if !knownCompany || !knownAgreement {
		return "ConnectWise no longer lists the company or agreement."
	}
	if company.Deleted {
		return "The company is in ConnectWise's recycle bin."
	}
	if fine, why := bridge.Offered(agreement, company, t.today); !fine {
		return why
	}
	return ""
}

func (t *tenantRows) last(r store.TenantRow) *views.TenantSync {
	if r.LastRun == nil {
		return nil
	}
	last := &views.TenantSync{
		RunID: runID(r.LastRun.RunID), Status: views.Status(r.LastRun.Status), At: r.LastRun.Ended, Changes: r.LastRun.Changes.Applied,
	}
	if last.At.IsZero() {
		last.At = r.LastRun.Started
	}
	if last.Status == components.StatusFailed || last.Status == components.StatusSkipped {
		last.Message = oneSentence(r.LastRun.Message)
	}
	if last.Status == components.StatusFailed && bridge.CheckTenantName(r.Name, t.account.Options) != nil {
		last.Step = views.Link{Text: "Allow such names", URL: views.SettingsURL(t.account.Name, views.SettingsOptions)}
	}
	return last
}

// edit is the opened row: companies found, the chosen one, and its agreements.
func (t *tenantRows) edit(r store.TenantRow, query views.TenantsQuery) *views.TenantEdit {
	edit := &views.TenantEdit{Tenant: r.ID, Find: query.Find}
	chosen := typedID(query.Chosen)
	if query.Chosen == "" && query.Find == "" {
		chosen = r.Mapping.CompanyID
	}
	if query.Find != "" || chosen == 0 {
		found := t.offer.Search(query.Find, len(t.offer.Companies))
		edit.More = max(0, len(found)-companiesFound)
		for _, c := range found[:min(len(found), companiesFound)] {
			edit.Companies = append(edit.Companies, views.CompanyChoice{ID: recordID(c.ID), Name: c.Name, Identifier: c.Identifier, Status: c.Status})
		}
	}
	edit.Chosen = t.company(chosen)
	company, offered := t.offer.Offered(chosen)
	if !offered {
		return edit
	}
	for _, ag := range company.Agreements {
		edit.Agreements = append(edit.Agreements, views.AgreementChoice{
			ID: recordID(ag.ID), Name: ag.Name, Note: t.agreementNote(ag), Selected: ag.ID == r.Mapping.AgreementID,
		})
	}
	return edit
}

func (t *tenantRows) agreementNote(a bridge.Agreement) string {
	note := cycleWords(a)
	if note == "" {
		note = "monthly"
	}
	if !a.NextInvoice.IsZero() {
		note += ", next invoice " + views.NearDate(a.NextInvoice.Time(), t.today.Time())
	}
	if a.Start.After(t.today) {
		note += ", starts " + views.NearDate(a.Start.Time(), t.today.Time())
	}
	return note
}
