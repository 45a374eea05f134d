package admin

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"causeway/internal/bridge"
	"causeway/internal/vendors"
)

// Offer is what tenants of an account may be mapped to today (R9), with everything else that was read, so that a mapping made
// earlier can still be shown by name.
type Offer struct {
	// ReadAt is when ConnectWise was asked; zero when it never was.
	ReadAt time.Time
	// Companies that are offered, by name; each has at least one agreement.
	Companies []OfferedCompany

	companies  map[int]bridge.Company
	agreements map[int]bridge.Agreement
	offered    map[int]int // place in Companies by id
	options    bridge.Options
	today      bridge.Date
}

// OfferedCompany is a company with the agreements that are offered, by name, each with its parent's terms filled in.
type OfferedCompany struct {
	bridge.Company
	Agreements []bridge.Agreement
	// Warning says that alerts of its tenants get no ticket, and why (R12); empty when they do.
	Warning string
}

// RefreshCompanies reads all companies and agreements and stores them (R9). It answers how many companies are offered, with how
// many agreements.
func (a *Admin) RefreshCompanies(ctx context.Context, account bridge.Account) (companies, agreements int, err error) {
	client, err := a.vendors.ConnectWise(ctx, account, nil)
	if err != nil {
		return 0, 0, err
	}
	now := a.now()
	allCompanies, allAgreements, err := vendors.ReadCompanies(ctx, client)
	if err != nil {
		return 0, 0, err
	}
	if err := a.store.SaveCompanies(ctx, account, allCompanies, allAgreements, now); err != nil {
		return 0, 0, err
	}
	offer := newOffer(account, allCompanies, allAgreements, now, a.today(account))
	for _, c := range offer.Companies {
		agreements += len(c.Agreements)
	}
	return len(offer.Companies), agreements, nil
}

// Offer is what was read last.
func (a *Admin) Offer(ctx context.Context, account bridge.Account) (*Offer, error) {
	companies, err := a.store.Companies(ctx, account.ID)
	if err != nil {
		return nil, err
	}
	agreements, err := a.store.Agreements(ctx, account.ID)
	if err != nil {
		return nil, err
	}
	readAt, err := a.store.CompaniesReadAt(ctx, account.ID)
	if err != nil {
		return nil, err
	}
	return newOffer(account, companies, agreements, readAt, a.today(account)), nil
}

func newOffer(account bridge.Account, companies []bridge.Company, agreements []bridge.Agreement, readAt time.Time, today bridge.Date) *Offer {
	o := &Offer{
		ReadAt: readAt, companies: make(map[int]bridge.Company, len(companies)), agreements: make(map[int]bridge.Agreement, len(agreements)),
		options: account.Options, today: today,
	}
	for _, c := range companies {
		o.companies[c.ID] = c
	}
	for _, ag := range agreements {
		o.agreements[ag.ID] = ag
	}
	offered := map[int][]bridge.Agreement{}
	for _, ag := range agreements {
		if parent, ok := o.agreements[ag.ParentID]; ok && ag.ParentID != 0 {
			ag = bridge.Terms(ag, parent)
			o.agreements[ag.ID] = ag
		}
		if company, known := o.companies[ag.CompanyID]; known {
			if fine, _ := bridge.Offered(ag, company, today); fine {
				offered[ag.CompanyID] = append(offered[ag.CompanyID], ag)
			}
		}
	}
	for _, c := range companies {
		if len(offered[c.ID]) == 0 {
			continue
		}
		slices.SortFunc(offered[c.ID], func(x, y bridge.Agreement) int {
			return cmp.Or(strings.Compare(strings.ToLower(x.Name), strings.ToLower(y.Name)), x.ID-y.ID)
		})
		o.Companies = append(o.Companies, OfferedCompany{c, offered[c.ID], bridge.CompanyWarning(c, account.Options)})
	}
	slices.SortFunc(o.Companies, func(x, y OfferedCompany) int {
		return cmp.Or(strings.Compare(strings.ToLower(x.Name), strings.ToLower(y.Name)), x.ID-y.ID)
	})
	o.offered = make(map[int]int, len(o.Companies))
	for i, c := range o.Companies {
		o.offered[c.ID] = i
	}
	return o
}

// Company that was read, offered or not.
func (o *Offer) Company(id int) (bridge.Company, bool) { c, ok := o.companies[id]; return c, ok }

// Agreement that was read, offered or not, with its parent's terms.
func (o *Offer) Agreement(id int) (bridge.Agreement, bool) { ag, ok := o.agreements[id]; return ag, ok }

// Offered is a company of the drop-down.
func (o *Offer) Offered(id int) (OfferedCompany, bool) {
	i, ok := o.offered[id]
	if !ok {
		return OfferedCompany{}, false
	}
	return o.Companies[i], true
}

// Search finds offered companies whose name or identifier contains the text, in any case; an exact match comes first.
func (o *Offer) Search(text string, limit int) []OfferedCompany {
	text = strings.ToLower(strings.TrimSpace(text))
	var exact, found []OfferedCompany
	for _, c := range o.Companies {
		name, identifier := strings.ToLower(c.Name), strings.ToLower(c.Identifier)
		switch {
		case name == text || identifier == text:
			exact = append(exact, c)
		case strings.Contains(name, text) || strings.Contains(identifier, text):
			found = append(found, c)
		}
	}
	found = append(exact, found...)
	return found[:min(len(found), limit)]
}

// refusal says why a mapping cannot be made, with the field at fault; nil when it can.
func (o *Offer) refusal(m bridge.Mapping) *bridge.Error {
	switch {
	case m.Enabled && !m.Complete():
		return bridge.Invalid("enabled", "Choose company and agreement first.")
	case m.CompanyID == 0 && m.AgreementID == 0:
		return nil
	case m.CompanyID == 0:
		return bridge.Invalid("company_id", "An agreement needs its company.")
	}
	company, known := o.companies[m.CompanyID]
	if !known {
		return bridge.Invalid("company_id", fmt.Sprintf("ConnectWise has no company with the id %d.", m.CompanyID))
	}
	if company.Deleted {
		return bridge.Invalid("company_id", fmt.Sprintf("The company %s is in ConnectWise's recycle bin.", company.Name))
	}
	if _, offered := o.Offered(company.ID); !offered {
		return bridge.Invalid("company_id", fmt.Sprintf("%s has no agreement that runs or is yet to start.", company.Name))
	}
	if m.AgreementID == 0 {
		return nil
	}
	agreement, known := o.agreements[m.AgreementID]
	if !known {
		return bridge.Invalid("agreement_id", fmt.Sprintf("ConnectWise has no agreement with the id %d.", m.AgreementID))
	}
	if fine, why := bridge.Offered(agreement, company, o.today); !fine {
		return bridge.Invalid("agreement_id", why)
	}
	return nil
}

// Warnings are what to tell about a mapping that may be made or was made (R12, R29, R53).
func (o *Offer) Warnings(m bridge.Mapping) []string {
	var warnings []string
	company, known := o.companies[m.CompanyID]
	switch {
	case m.CompanyID == 0:
		return nil
	case !known:
		return []string{"ConnectWise no longer lists the company."}
	case company.Deleted:
		warnings = append(warnings, fmt.Sprintf("The company %s is in ConnectWise's recycle bin.", company.Name))
	default:
		if w := bridge.CompanyWarning(company, o.options); w != "" {
			warnings = append(warnings, w)
		}
	}
	agreement, known := o.agreements[m.AgreementID]
	switch {
	case m.AgreementID == 0:
	case !known:
		warnings = append(warnings, "ConnectWise no longer lists the agreement.")
	default:
		if fine, why := bridge.Offered(agreement, company, o.today); !fine && !company.Deleted {
			warnings = append(warnings, why)
		}
		if bridge.RecurrenceOf(agreement) == bridge.OtherRecurring {
			warnings = append(warnings, fmt.Sprintf("%s bills %s; only monthly billing is supported, so no lines are written to it.", agreement.Name, agreement.CycleName))
		}
	}
	return warnings
}

// Companies is the command line's list of what is offered; refresh reads ConnectWise first.
func (a *Admin) Companies(ctx context.Context, name string, refresh bool) ([]CompanyAnswer, error) {
	account, err := a.inUse(ctx, name)
	if err != nil {
		return nil, err
	}
	offer, err := a.Offer(ctx, account)
	if err != nil {
		return nil, err
	}
	if refresh || offer.ReadAt.IsZero() && account.Configured() {
		if _, _, err := a.RefreshCompanies(ctx, account); err != nil {
			return nil, connectWiseTrouble(err, "read companies and agreements")
		}
		if offer, err = a.Offer(ctx, account); err != nil {
			return nil, err
		}
	}
	answers := make([]CompanyAnswer, 0, len(offer.Companies))
	for _, c := range offer.Companies {
		answer := CompanyAnswer{ID: c.ID, Identifier: c.Identifier, Name: c.Name, Status: c.Status, Agreements: []AgreementAnswer{}}
		for _, ag := range c.Agreements {
			answer.Agreements = append(answer.Agreements, AgreementAnswer{ID: ag.ID, Name: ag.Name, Type: ag.Type, Cycle: ag.CycleName})
		}
		answers = append(answers, answer)
	}
	return answers, nil
}
