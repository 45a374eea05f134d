package estate

import (
	"strconv"
	"strings"
	"time"
)

// story is what is peculiar about a tenant's ConnectWise side.
type story int

const (
	plain          story = iota
	legalForm            // the company's name carries a legal form
	wordOrder            // the words stand in another order
	punctuation          // commas and dots instead of spaces
	prorating            // the agreement prorates
	twoAgreements        // two running agreements
	quarterly            // recurring, but not monthly
	nonRecurring         // not recurring
	prospect             // the company is a prospect
	inactive             // the company is inactive
	sharesPrevious       // belongs to the company of the tenant before it
	noCompany            // not in ConnectWise
	startsLater          // its agreement starts in the future
	childAgreement       // a child agreement without cycle and dates
	cancelled            // the old agreement was cancelled, a new one runs
	ended                // the only agreement has ended
	recycleBin           // a deleted company of the same name
	noAgreement          // company without agreements
	justPassed           // the next invoice date has just passed
	stale                // nobody has invoiced for months
)

// cast gives the stories of tenants 1 to 20 and, repeating, of all after them.
// The order lets a demonstration with twenty tenants show nearly everything;
// what comes after is mostly plain.
var (
	castFirst = []story{
		plain, legalForm, prorating, twoAgreements, punctuation, quarterly, wordOrder, prospect, plain, sharesPrevious,
		childAgreement, noCompany, legalForm, nonRecurring, startsLater, plain, cancelled, recycleBin, ended, justPassed,
	}
	castLater = []story{
		plain, plain, inactive, legalForm, plain, prorating, punctuation, noAgreement, plain, stale,
		wordOrder, plain, twoAgreements, plain, quarterly, plain, recycleBin, noCompany, plain, cancelled,
	}
)

func storyOf(number int) story {
	if number <= len(castFirst) {
		return castFirst[number-1]
	}
	return castLater[(number-1)%len(castLater)]
}

// companies makes the ConnectWise side; sets the tenant's company and agreement.
func (g *generator) companies(t *Tenant) []Company {
	var out []Company
	s := storyOf(g.number)
	if g.clean {
		s = plain
	}
	if s == sharesPrevious {
		// The previous tenant's company: ids depend on numbers alone.
		t.CompanyID, t.AgreementID = g.companyID(g.number-1), g.agreementID(g.number-1, 0)
	} else if s != noCompany {
		c := g.company(*t, s)
		t.CompanyID = c.ID
		t.AgreementID = pickAgreement(c, g.today)
		out = append(out, c)
	}
	if s == recycleBin {
		twin := out[0]
		twin.ID++
		twin.Identifier = identifier(twin.Name, strconv.Itoa(twin.ID))
		twin.Deleted = true
		twin.Agreements = nil
		out = append(out, twin)
	}
	if !g.clean && g.number%5 == 0 {
		out = append(out, g.otherCustomer())
	}
	return out
}

// Ids leave room for a twin and an unrelated company beside each tenant's own,
// and for four agreements each.
func (g *generator) companyID(number int) int { return 250 + g.account*200_000 + number*3 }

func (g *generator) agreementID(number, k int) int {
	return 100 + g.account*500_000 + number*8 + k
}

func (g *generator) company(t Tenant, s story) Company {
	id := g.companyID(g.number)
	name := cutRunes(companyName(t.Name, s), 50)
	status := "Active"
	switch s {
	case prospect:
		status = "Prospect"
	case inactive:
		status = "Inactive"
	}
	return Company{
		ID: id, Identifier: identifier(name, strconv.Itoa(id)), Name: name, Status: status,
		Tenant: g.number, Agreements: g.agreements(s),
	}
}

func companyName(tenant string, s story) string {
	switch s {
	case legalForm:
		return tenant + ", LLC"
	case wordOrder:
		return lastWordFirst(tenant)
	case punctuation:
		return strings.Replace(tenant, " ", ", ", 1) + "."
	case inactive:
		return tenant + " (old)"
	}
	return tenant
}

// otherCustomer is a company that has nothing from SonicWall.
func (g *generator) otherCustomer() Company {
	id := g.companyID(g.number) + 2
	name := cutRunes(plainName(g.seed, g.account, g.number+10_000), 50)
	return Company{
		ID: id, Identifier: identifier(name, strconv.Itoa(id)), Name: name, Status: "Active",
		Agreements: []Agreement{g.monthly(4, "Helpdesk")},
	}
}

// billingStart is the first of a month, four months to three years back.
func (g *generator) billingStart() time.Time {
	back := 4 + int(g.mix(11)%32)
	return firstOfMonth(g.today).AddDate(0, -back, 0)
}

func (g *generator) monthly(k int, name string) Agreement {
	start := g.billingStart()
	return Agreement{
		ID: g.agreementID(g.number, k), Name: name, Type: "Managed Services", Cycle: CycleMonthly,
		Start: start, BillStart: start, NextInvoice: firstOfMonth(g.today).AddDate(0, 1, 0),
	}
}

func (g *generator) agreements(s story) []Agreement {
	a := g.monthly(0, "Managed Security")
	month := firstOfMonth(g.today)
	switch s {
	case noAgreement:
		return nil
	case prorating:
		a.Prorate = true
	case twoAgreements:
		second := g.monthly(1, "Backup and Recovery")
		second.Prorate = true
		return []Agreement{a, second}
	case quarterly:
		a.Name, a.Cycle = "Managed Security (quarterly)", CycleQuarterly
		a.NextInvoice = month.AddDate(0, 2, 0)
	case nonRecurring:
		a.Name, a.Cycle, a.NextInvoice = "Block of Hours", CycleNotRecurring, time.Time{}
	case startsLater:
		a.Start = month.AddDate(0, 2, 0)
		a.BillStart, a.NextInvoice = a.Start, a.Start
	case childAgreement:
		child := Agreement{ID: g.agreementID(g.number, 1), ParentID: a.ID, Name: "Managed Security - branch", Type: a.Type, Start: a.Start}
		return []Agreement{a, child}
	case cancelled:
		old := g.monthly(1, "Managed Security (old terms)")
		old.Start, old.BillStart = old.Start.AddDate(-2, 0, 0), old.BillStart.AddDate(-2, 0, 0)
		old.Cancelled = g.today.AddDate(0, -1, 0)
		return []Agreement{a, old}
	case ended:
		a.End = g.today.AddDate(0, 0, -20)
	case justPassed:
		a.NextInvoice = g.today.AddDate(0, 0, -3)
	case stale:
		a.NextInvoice = month.AddDate(0, -3, 0)
	}
	return []Agreement{a}
}

// pickAgreement is the one a careful person would choose: running or about to
// start; the child agreement where there is one.
func pickAgreement(c Company, today time.Time) int {
	id := 0
	for _, a := range c.Agreements {
		over := !a.Cancelled.IsZero() || !a.End.IsZero() && a.End.Before(today)
		if !over && (id == 0 || a.ParentID != 0) {
			id = a.ID
		}
	}
	return id
}

func firstOfMonth(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
}
