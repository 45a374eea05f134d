//go:build years

package bridge

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"causeway/internal/billmodel"
)

// years lives through a year of a small estate: what MySonicWall has and what it answers, what persons do in ConnectWise and in
// Causeway, invoices, and a sync on every day on which something may happen. A second reading of the requirements
// (internal/billmodel) looks on.
type years struct {
	*life
	agreements map[int]Agreement
	companies  []Company
	lags       map[int]int // days between an agreement's next invoice date and the day on which that invoice is issued
	truth      map[*worldTenant][]Product
	book       *billmodel.Book
	last       planned // of the last night, with what became of its rows
	decided    int64
	inactive   map[string]bool // catalog items
	began      Date
}

// lived counts the days that all tests and benchmarks of this file lived through.
var lived atomic.Int64

// TestYears is the model test of R24-R33 and R49-R53. Each check is one random year; -rapid.checks asks for more of them.
func TestYears(t *testing.T) {
	t.Parallel()
	rapid.Check(t, liveOneYear)
}

// BenchmarkYears tells how many years a minute one processor lives through.
func BenchmarkYears(b *testing.B) {
	lived.Store(0)
	example := rapid.Custom(func(rt *rapid.T) bool { liveOneYear(rt); return true })
	start := time.Now()
	for i := range b.N {
		example.Example(i)
	}
	b.ReportMetric(float64(lived.Load())/365/time.Since(start).Minutes(), "years/min")
}

func liveOneYear(rt *rapid.T) {
	y := newYears(rt)
	for y.today.Before(y.began.AddDays(365)) {
		y.passTime()
		for range y.draw("events", 0, 3) {
			y.yearEvent()
		}
		y.yearNight()
	}
	lived.Add(int64(y.today.Time().Sub(y.began.Time()).Hours() / 24))
}

func newYears(rt *rapid.T) *years {
	l := &life{world: newWorld(rt), rt: rt, persons: map[string]Fields{}, away: map[*worldTenant][]Product{}}
	y := &years{
		life: l, agreements: map[int]Agreement{}, lags: map[int]int{}, truth: map[*worldTenant][]Product{}, book: billmodel.NewBook(),
		inactive: map[string]bool{}, began: l.today,
	}
	y.former, y.refuses = y.agreements, y.refusal
	y.settings.Options.NetworkAdditions = y.chance("devices as lines", 2)
	y.settings.Limits.NewAdditions = 5
	for i := range y.draw("tenants", 1, 3) {
		y.companies = append(y.companies, Company{ID: 11 + i, Name: fmt.Sprintf("Company %d", i), Status: "Active"})
	}
	for i, company := range y.companies {
		tenant := y.addTenant(fmt.Sprintf("Tenant %d", i))
		agreement := y.newAgreement(company, y.began)
		y.mapTo(tenant, agreement)
		for range y.draw("products", 0, 3) {
			y.truth[tenant] = append(y.truth[tenant], y.newProduct())
		}
	}
	if len(y.tenants) > 1 && y.chance("one agreement for two tenants", 4) {
		y.mapTo(y.tenants[1], y.tenants[0].agreement)
	}
	for range y.draw("lines made by hand", 0, 2) {
		y.handMakesLine()
	}
	return y
}

func (y *years) draw(label string, from, to int) int {
	return rapid.IntRange(from, to).Draw(y.rt, label)
}

// newAgreement is one that a person made: most bill monthly, with the next invoice within a month.
func (y *years) newAgreement(company Company, day Date) Agreement {
	id := y.id()
	a := Agreement{ID: id, CompanyID: company.ID, Name: fmt.Sprintf("Agreement %d", id), Type: "Managed", Cycle: BillingMonthly, CycleName: "Every month",
		Start: day.AddDays(-100), BillStart: day.AddDays(-100), NextInvoice: day.AddDays(y.draw("next invoice", 0, 30))}
	switch y.draw("cycle", 0, 9) {
	case 0:
		a.Cycle, a.NextInvoice = BillingNotRecurring, Date{}
	case 1:
		a.BillStart = a.NextInvoice.AddDays(y.draw("billing starts later", 0, 40))
	case 2:
		a.Cycle = "Quarterly"
	}
	y.agreements[id] = a
	y.lags[id] = y.draw("invoice issued", -5, 12)
	return a
}

func (y *years) mapTo(tenant *worldTenant, a Agreement) {
	tenant.agreement = a
	for _, company := range y.companies {
		if company.ID == a.CompanyID {
			tenant.company = company
		}
	}
	tenant.tenant.Mapping.AgreementID, tenant.tenant.Mapping.CompanyID = a.ID, a.CompanyID
}

// setAgreement changes an agreement for all that are mapped to it.
func (y *years) setAgreement(a Agreement) {
	y.agreements[a.ID] = a
	for _, tenant := range y.tenants {
		if tenant.agreement.ID == a.ID {
			tenant.agreement = a
		}
	}
}

func (y *years) agreementIDs() []int { return slices.Sorted(maps.Keys(y.agreements)) }

// passTime goes to the next day on which something may happen, and issues the invoices that fall due until then.
func (y *years) passTime() {
	days := 1
	if !y.chance("the next day", 3) {
		days = y.draw("days", 2, 25)
	}
	for range days {
		y.today = y.today.AddDays(1)
		for _, id := range y.agreementIDs() {
			y.invoiceDue(y.agreements[id])
		}
	}
}

// yearNight is a sync with everything that is to hold after it.
func (y *years) yearNight() {
	y.answers()
	y.book.Look(y.modelLines(), y.modelAgreements())
	additions, configurations := maps.Clone(y.additions), maps.Clone(y.configurations)
	open := y.openRecords()
	defer y.tellUnfinished()
	crashed := y.crashSometime()
	y.last = planned{}
	y.last = y.sync()
	for _, finding := range y.book.Evening(y.evening()) {
		y.rt.Errorf("%s: %s", y.today, finding)
	}
	if y.rt.Failed() {
		y.tell()
	}
	y.spend(y.last)
	if os.Getenv("TRACE") != "" {
		y.rt.Logf("=== %s", y.today)
		for _, t := range y.tenants {
			line := ""
			for _, p := range t.products {
				e, _ := ExpiryOf(p)
				line += fmt.Sprintf(" %s %s %s reg %s exp %s q %s billable %v;", p.Serial[6:], modelProduct(p).Item[10:], p.Status, p.Registered, e, QuantityOf(p).Value, p.Billable)
			}
			y.rt.Logf("%s on %d next %s still %v unread %v inc %v:%s", t.tenant.Name, t.agreement.ID, t.agreement.NextInvoice, t.still(), t.unread, t.incomplete, line)
		}
		y.tellPlan(y.last)
		for _, ref := range sortedRefs(y.managed) {
			m := y.managed[ref]
			if m.Kind == KindAddition {
				l := y.additions[m.CWMID]
				y.rt.Logf("  note %d %s %s@%d of %s ×%s %s from %s to %s billed %s %v missed %s hand %s", m.CWMID, m.Serial, m.Key, m.ParentID, m.TenantID, l.Quantity, l.BillCustomer, l.Effective, l.Cancelled, l.BilledQuantity, m.Facts, m.MissedSince, m.EndedByHand)
			}
		}
	}
	defer func() {
		if y.rt.Failed() {
			y.tellPlan(y.last)
		}
	}()
	y.checkYearFixedPoint()
	y.checkUnmanaged(additions, configurations)
	y.checkPersons()
	y.checkEnds(open)
	if crashed != nil {
		crashed(y.picture())
	}
	y.decisionsTonight()
}

// checkYearFixedPoint: what was written and learned is not written or learned again. A line that waited beside one made by hand is
// free once a tenant of the same agreement took that one over in the same night, one that waited for a frozen tenant once that tenant's
// billing was ended, and one that came to a batch over a limit of which a person had released others is judged anew.
func (y *years) checkYearFixedPoint() {
	freed := map[string]bool{}
	ending := slices.ContainsFunc(y.tenants, func(t *worldTenant) bool { return t.still() && t.ending })
	for _, tenant := range y.last.tenants {
		decided := slices.ContainsFunc(tenant.Changes, func(c Change) bool { return c.Status == StatusApplied && c.Decided != "" })
		for _, c := range tenant.Changes {
			_, ours := y.managedLine(c.RivalID)
			limited := decided && (c.Reason == ReasonShare || c.Reason == ReasonNewAdditions)
			freed[RecordNeed(c.Kind, c.ParentID, c.Key)] = c.Status == StatusHeld && (c.RivalID != 0 && ours || c.Reason == ReasonOtherKey && ending || limited)
		}
	}
	for _, d := range y.decisions { // dismissed beside such a line
		for i := range y.tenants {
			if d.Choice == ChoiceDismiss && d.Reason == ReasonLookAlike {
				freed[RecordNeed(d.Kind, y.tenants[i].agreement.ID, d.Key)] = true
			}
		}
	}
	again := y.planAll()
	for _, c := range again.taken(y.refuses) {
		if !freed[RecordNeed(c.Kind, c.ParentID, c.Key)] && !anyOf(c.Needs, freed) {
			y.rt.Errorf("%s: planned again after applying: %q", y.today, described([]Change{c}))
		}
	}
	for _, tenant := range again.tenants {
		if len(tenant.Observations) > 0 {
			y.rt.Errorf("%s: learned again after noting: %+v, with %q", y.today, tenant.Observations, described(tenant.Changes))
		}
	}
}

func (y *years) managedLine(id int) (Managed, bool) {
	for _, m := range y.managed {
		if m.Kind == KindAddition && m.CWMID == id {
			return m, true
		}
	}
	return Managed{}, false
}

// tell shows the night's rows and what stands beside a finding, and ends the life.
func (y *years) tell() {
	y.tellPlan(y.last)
	for _, id := range slices.Sorted(maps.Keys(y.additions)) {
		line := y.additions[id]
		y.rt.Logf("  line %d@%d %s %s %s ×%s billed %s from %s to %s", id, line.AgreementID, line.Product, line.Serial, line.BillCustomer, line.Quantity, line.BilledQuantity, line.Effective, line.Cancelled)
	}
	for _, id := range y.agreementIDs() {
		a := y.agreements[id]
		y.rt.Logf("  agreement %d: %q from %s next %s end %s cancelled %v", id, a.Cycle, a.BillStart, a.NextInvoice, a.End, a.Cancelled)
	}
	y.rt.FailNow()
}

// tellUnfinished shows the plan of a night that failed while it was applied.
func (y *years) tellUnfinished() {
	if y.rt.Failed() && len(y.last.tenants) == 0 {
		y.tellPlan(y.planAll())
	}
}

func (y *years) tellPlan(p planned) {
	for i, tenant := range p.tenants {
		t := y.tenants[i]
		y.rt.Logf("%s on agreement %d, still %v, unread %v, incomplete %v: %s", t.tenant.Name, t.agreement.ID, t.still(), t.unread, t.incomplete, tenant.Failure)
		for _, c := range tenant.Changes {
			y.rt.Logf("  %s %s %s@%d %s %s (%s) %v → %v link %.6s decided %s", c.Status, c.Action, c.Kind, c.ParentID, c.Key, c.Reason, c.Message, c.Before, c.After, c.Link, c.Decided)
		}
		for _, note := range tenant.Notes {
			y.rt.Logf("  note: %s", note.Text)
		}
	}
}
