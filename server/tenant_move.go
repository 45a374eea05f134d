package server

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/internal/store"
	"causeway/views"
)

// movingShown are the lines named in the question; its figures are of all.
const movingShown = 50

// ask is the question before a tenant with open lines is mapped elsewhere (R49), or its mapping is removed (R53).
func (h tenantMapping) ask(c echo.Context) error {
	of, err := h.account(c)
	if err != nil {
		return err
	}
	tenant, err := h.tenant(c, of.Account)
	if err != nil {
		return err
	}
	to := bridge.Mapping{CompanyID: typedID(c.QueryParam("company")), AgreementID: typedID(c.QueryParam("agreement")), Enabled: tenant.Mapping.Enabled}
	question, err := h.question(c.Request().Context(), of.Account, tenant, to)
	if err != nil {
		return err
	}
	frame, err := h.accountFrame(c, of, "Change mapping", views.PlaceTenants)
	if err != nil {
		return err
	}
	return h.whole(c, http.StatusOK, frame, views.AskMapping(question))
}

// mustAsk tells whether another mapping touches lines that run: then a person sees first what becomes of them.
func (h tenantMapping) mustAsk(ctx context.Context, account bridge.Account, tenant bridge.Tenant, to bridge.Mapping) (bool, error) {
	if to.CompanyID == tenant.Mapping.CompanyID && to.AgreementID == tenant.Mapping.AgreementID {
		return false, nil
	}
	lines, err := h.openLines(ctx, account, tenant)
	// Lines that stand where the tenant is mapped to again, after an unmapping, are only taken up again.
	elsewhere := slices.ContainsFunc(lines, func(m bridge.Managed) bool { return m.ParentID != to.AgreementID })
	return elsewhere, err
}

// openLines are a tenant's lines that still run by our notes, by agreement and name.
func (h tenantMapping) openLines(ctx context.Context, account bridge.Account, tenant bridge.Tenant) ([]bridge.Managed, error) {
	lines, err := h.store.Managed(ctx, account.ID, store.ManagedFilter{TenantIDs: []string{tenant.ID}, Kinds: []bridge.Kind{bridge.KindAddition}})
	today := h.today(account)
	lines = slices.DeleteFunc(lines, func(m bridge.Managed) bool { return !m.Open(today) })
	slices.SortFunc(lines, func(a, b bridge.Managed) int {
		return cmp.Or(cmp.Compare(a.ParentID, b.ParentID), cmp.Compare(a.Key, b.Key))
	})
	return lines, err
}

func (h tenantMapping) question(ctx context.Context, account bridge.Account, tenant bridge.Tenant, to bridge.Mapping) (views.MappingQuestion, error) {
	q := views.MappingQuestion{
		Account: account.Name, TenantID: tenant.ID, Tenant: tenant.Name, Now: h.now(), Zone: zoneOf(account), Clear: !to.Complete(), Enabled: to.Enabled && !tenant.Missing,
		SameCompany: to.CompanyID == tenant.Mapping.CompanyID, CompanyID: recordID(to.CompanyID), AgreementID: recordID(to.AgreementID),
		Back: views.TenantURL(account.Name, tenant.ID),
	}
	lines, err := h.openLines(ctx, account, tenant)
	if err != nil {
		return q, err
	}
	devices, err := h.store.Managed(ctx, account.ID, store.ManagedFilter{TenantIDs: []string{tenant.ID}, Kinds: []bridge.Kind{bridge.KindConfiguration}})
	if err != nil {
		return q, err
	}
	for _, d := range devices {
		if d.EndedByHand.IsZero() && d.Facts[bridge.FactEnded] == "" {
			q.Devices++
		}
	}
	offer, err := h.admin.Offer(ctx, account)
	if err != nil {
		return q, err
	}
	q.ReadAt, q.Count = offer.ReadAt, len(lines)
	agreement, _ := offer.Agreement(to.AgreementID)
	if !q.Clear {
		q.Refused, q.Warning = h.refusal(account, offer, to), unbilled(agreement)
		q.To = mappingSide(offer, to.AgreementID, 0)
		if company, known := offer.Company(to.CompanyID); known {
			q.To.Company = company.Name
		}
	}
	byAgreement := map[int]int{}
	for _, line := range lines {
		byAgreement[line.ParentID]++
		if line.ParentID == to.AgreementID {
			q.To.Lines++
		} else if len(q.Lines) < movingShown {
			q.Lines = append(q.Lines, h.movingLine(account, offer, line, agreement, q.Clear))
		}
	}
	for _, line := range lines {
		if n := byAgreement[line.ParentID]; n > 0 && line.ParentID != to.AgreementID {
			q.From = append(q.From, mappingSide(offer, line.ParentID, n))
			byAgreement[line.ParentID] = 0
		}
	}
	q.More = len(lines) - q.To.Lines - len(q.Lines)
	return q, nil
}

// refusal is why the tenant cannot be mapped there, empty where it can.
func (h tenantMapping) refusal(account bridge.Account, offer *admin.Offer, to bridge.Mapping) string {
	company, knownCompany := offer.Company(to.CompanyID)
	agreement, known := offer.Agreement(to.AgreementID)
	if !known || !knownCompany {
		return "ConnectWise no longer lists this company or agreement. Read ConnectWise again and choose another."
	}
	if fine, why := bridge.Offered(agreement, company, h.today(account)); !fine {
		return views.Worded(why)
	}
	return ""
}

// unbilled says that lines are not written to the agreement (R29).
func unbilled(a bridge.Agreement) string {
	if bridge.RecurrenceOf(a) != bridge.OtherRecurring {
		return ""
	}
	return a.Name + " " + cycleWords(a) + ". Lines are written only to agreements that bill monthly or do not recur: the tenant would fail and its lines would stay."
}

func mappingSide(offer *admin.Offer, agreementID, lines int) views.MappingSide {
	side := views.MappingSide{Agreement: "Agreement " + recordID(agreementID), Note: "ConnectWise no longer lists it", Lines: lines}
	agreement, known := offer.Agreement(agreementID)
	if !known {
		return side
	}
	side.Agreement, side.Note = agreement.Name, "no next invoice date"
	if !agreement.NextInvoice.IsZero() {
		side.NextInvoice = views.Date(agreement.NextInvoice.Time())
	}
	if company, known := offer.Company(agreement.CompanyID); known {
		side.Company = company.Name
	}
	return side
}

// movingLine tells what becomes of one line by the rules, as far as it can be told without reading it again.
func (h tenantMapping) movingLine(account bridge.Account, offer *admin.Offer, m bridge.Managed, to bridge.Agreement, stays bool) views.MovingLine {
	written, side := m.Addition(), mappingSide(offer, m.ParentID, 0)
	line := views.MovingLine{
		Name: cmp.Or(written.InvoiceDescription, m.Key), Serial: m.Serial, Quantity: views.Quantity(m.LastApplied.Get(bridge.FieldQuantity)),
		From: side.Agreement,
	}
	if side.Company != "" && side.Agreement == to.Name {
		line.From += " of " + side.Company // the same name on both sides would tell nothing
	}
	from, known := offer.Agreement(m.ParentID)
	if !known || stays || bridge.RecurrenceOf(to) == bridge.OtherRecurring {
		return line
	}
	told := bridge.Remap(written, from, to, h.today(account))
	line.Ends, line.Starts = views.Date(told.Ends.Time()), views.Date(told.Starts.Time())
	switch {
	case told.Stays:
		line.Note = "its product ends before a new line would start"
	case told.Ends.IsZero():
		line.Note = "the old agreement is cancelled and bills nothing"
	case told.Unbilled:
		line.Note = "the old one was never invoiced: it is set to Do not bill"
	}
	return line
}
