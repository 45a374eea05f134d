package bridge

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What random years found wrong, each as the shortest life that showed it.

// requireSettled fails unless a further plan writes and learns nothing.
func (w *world) requireSettled(t *testing.T) {
	t.Helper()
	again := w.planAll()
	if writes := again.writes(); len(writes) > 0 {
		t.Errorf("again: %v", described(writes))
	}
	for _, tenant := range again.tenants {
		if len(tenant.Observations) > 0 {
			t.Errorf("learned again: %+v", tenant.Observations)
		}
	}
}

// A serial number that MySonicWall lists under two products is held for the second; the line that stands for the first is not
// threatened with its end, and nothing is learned anew each night.
func TestTwofoldProductLeavesTheStandingLine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := captureClient("0040103A0001", "2027-02-10")
	tenant := w.addTenant("Acme", first)
	tenant.agreement.Cycle = BillingNotRecurring
	w.sync()
	second := first
	second.Tier = "PREMIER"
	tenant.products = []Product{first, second}
	w.edit(func(a *Addition) { a.Serial = "typed by hand" })
	want := []string{"update " + advanced, "create " + premier + " effectiveDate=2026-02-11 (held contradiction)"}
	if diff := cmp.Diff(want, described(w.sync().tenants[0].Changes)); diff != "" {
		t.Error(diff)
	}
	w.requireSettled(t)
}

// A line by hand that a person gives to one product holds no other one in the same run, whichever comes first.
func TestAdoptionFreesTheOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tenant := w.addTenant("Acme", captureClient("0040103A0001", "2027-02-10"), captureClient("0040103A0002", "2027-02-10"))
	w.byHand(tenant)
	w.decide(w.plan(tenant, w.state()).Changes[1], ChoiceAdopt)
	w.sync()
	if len(w.additions) != 2 {
		t.Errorf("%+v", w.additions)
	}
	w.requireSettled(t)
}

// R49, R51: a line whose product's end was clamped to the line's start, and that no invoice carried, does not bill beside the new
// registration's line that starts on the same day.
func TestUninvoicedLineOfOneDayDoesNotBillTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tenant := w.addTenant("Acme", captureClient("0040103A0001", "2027-02-10"))
	w.sync()
	tenant.products[0] = captureClient("0040103A0001", "2026-06-20")
	w.sync()
	tenant.products[0] = captureClient("0040103A0001", "2027-03-10")
	tenant.products[0].Registered = w.today
	want := []string{"create " + advanced + " (2) effectiveDate=2026-07-01", "cancel " + advanced + " billCustomer=DoNotBill"}
	if diff := cmp.Diff(want, described(w.sync().tenants[0].Changes)); diff != "" {
		t.Error(diff)
	}
	w.requireSettled(t)
}

// R22, R32: that network devices are no lines any more says nothing of the product being gone: it ends only after it was missed on two
// days, and on the first of them.
func TestOptionOffIsNoAbsence(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.settings.Options.NetworkAdditions = true
	tenant := w.addTenant("Acme", firewall("0017C5AA0001", "2027-01-31"), captureClient("0040103A0001", "2027-02-10"))
	w.sync()
	w.settings.Options.NetworkAdditions = false
	w.decide(find(t, w.sync().tenants[0].Changes, KindAddition, ActionCancel), ChoiceDismiss)
	tenant.products = tenant.products[1:]
	w.today = w.today.AddDays(1)
	if writes := w.planAll().writes(); len(writes) > 0 {
		t.Fatalf("ended on the first day: %v", described(writes))
	}
	w.sync()
	w.today = w.today.AddDays(1)
	ends := find(t, w.planAll().writes(), KindAddition, ActionCancel)
	if ends.After[FieldCancelled] != "2026-07-01" || ends.After[FieldBillCustomer] != doNotBill {
		t.Errorf("%+v", ends)
	}
}

// R32: missed on one day, listed on the next and missed again is missed since the later day, also where the option makes it no line.
func TestListedAgainIsNotMissed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.settings.Options.NetworkAdditions = true
	device, other := firewall("0017C5AA0001", "2027-01-31"), captureClient("0040103A0001", "2027-02-10")
	tenant := w.addTenant("Acme", device, other)
	w.sync()
	w.settings.Options.NetworkAdditions = false
	for day, products := range [][]Product{{other}, {device, other}, {other}} {
		tenant.products = products
		w.today = w.today.AddDays(1)
		plan := w.sync().tenants[0]
		for _, c := range plan.Changes {
			if c.Status == StatusPlanned && c.Action != ActionUpdate {
				t.Errorf("day %d: %v", day, described(plan.Changes))
			}
		}
	}
}

// R49: a product that went away, was billed to the end of the period all the same and turns up on another agreement is billed there
// from where those invoices end, also once nobody reads the old line any more.
func TestReturnElsewhereStartsAfterTheInvoices(t *testing.T) {
	t.Parallel()
	w, tenant := invoiced(t)
	gone := tenant.products[0]
	tenant.products = []Product{captureClient("0040103A0009", "2027-02-10")}
	w.sync()
	w.today = w.today.AddDays(1)
	w.sync()
	bolt := w.addTenant("Bolt", gone)
	bolt.agreement.NextInvoice = MustDate("2026-07-20")
	w.today = w.today.AddDays(1)
	c := find(t, w.sync().tenants[1].Changes, KindAddition, ActionCreate)
	if c.After[FieldEffective] != "2026-08-01" {
		t.Errorf("starts on %s", c.After[FieldEffective])
	}
}

// R49: mapped back after its line ended because the product was gone, the product gets a new line where the other agreement was
// invoiced: the old one would bill those days again.
func TestReturnToAnEndedLine(t *testing.T) {
	t.Parallel()
	w, tenant := invoiced(t)
	home := tenant.agreement
	product := tenant.products[0]
	tenant.products = []Product{captureClient("0040103A0009", "2027-02-10")}
	w.sync()
	w.today = w.today.AddDays(1)
	w.sync()
	next := home
	next.ID, next.Name, next.NextInvoice = 90, "Edge Security", MustDate("2026-08-15")
	w.remap(tenant, next, tenant.company)
	tenant.products = append(tenant.products, product)
	w.sync()
	w.today = MustDate("2026-08-20")
	w.bill(tenant)
	w.former[next.ID] = tenant.agreement
	home.NextInvoice = MustDate("2026-09-01")
	w.remap(tenant, home, tenant.company)
	c := find(t, w.sync().tenants[0].Changes, KindAddition, ActionCreate)
	if c.Key != advanced+" (2)" || c.After[FieldEffective] != "2026-09-15" {
		t.Errorf("%+v", c)
	}
	w.requireSettled(t)
}

// The date that a person chose after a refusal is not written to a line that ends before it, and is not offered for one.
func TestBillFromNotBehindTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tenant := w.addTenant("Acme", captureClient("0040103A0001", "2026-07-05"))
	tenant.agreement.Cycle, tenant.agreement.BillStart = BillingNotRecurring, MustDate("2026-03-01")
	w.sync()
	tenant.agreement.BillStart = MustDate("2026-08-01")
	tenant.products[0].Services[0].Subs[0].Quantity = qty(26)
	row := w.plan(tenant, w.state()).Changes[0]
	if !row.BillFrom.IsZero() {
		t.Fatalf("offered %s for a line that ends on 2026-07-05", row.BillFrom)
	}
	row.BillFrom = MustDate("2026-08-01")
	w.decide(row, ChoiceBillFrom)
	if c := w.plan(tenant, w.state()).Changes[0]; c.After[FieldEffective] != "" {
		t.Errorf("%+v", c)
	}
}

// Held is written only once a person releases it: that others of the batch were released, or dismissed, lets none of the rest through.
func TestTheRestOfABatchStaysHeld(t *testing.T) {
	t.Parallel()
	status := func(changes []Change, action Action) map[Status]int {
		out := map[Status]int{}
		for _, c := range changes {
			if c.Kind == KindAddition && c.Action == action {
				out[c.Status]++
			}
		}
		return out
	}
	t.Run("new additions", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.settings.Limits.NewAdditions = 2
		tenant := w.addTenant("Acme")
		for _, serial := range []string{"0040103A0001", "0040103A0002", "0040103A0003", "0040103A0004"} {
			tenant.products = append(tenant.products, captureClient(serial, "2027-02-10"))
		}
		rows := w.sync().tenants[0].Changes
		w.decide(rows[0], ChoiceRelease)
		w.decide(rows[1], ChoiceRelease)
		w.decide(rows[2], ChoiceDismiss)
		w.sync()
		w.decisions = w.decisions[2:]
		again := w.planAll().tenants[0]
		if diff := cmp.Diff(map[Status]int{StatusHeld: 1}, status(again.Changes, ActionCreate)); diff != "" || again.Dismissed != 1 {
			t.Errorf("%s %d dismissed", diff, again.Dismissed)
		}
		w.settings.Limits.NewAdditions = 0
		if writes := w.planAll().writes(); len(writes) != 2 {
			t.Errorf("without the limit: %v", described(writes))
		}
	})
	t.Run("ends", func(t *testing.T) {
		t.Parallel()
		w, tenant := estate(t, 4)
		for i := range 6 {
			tenant.products[i].Status = ProductDeleted
		}
		ended := 0
		for _, c := range w.sync().tenants[0].Changes {
			if c.Status == StatusHeld && ended < 4 {
				w.decide(c, ChoiceRelease)
				ended++
			}
		}
		w.sync()
		w.decisions = nil
		if writes := w.planAll().writes(); len(writes) > 0 {
			t.Errorf("%v", described(writes))
		}
	})
}

// R49: where ConnectWise would not let the old line end, because billing starts after it by now, no second one is made beside it.
func TestNoLineBesideOneThatCannotEnd(t *testing.T) {
	t.Parallel()
	w, tenant := invoiced(t)
	tenant.agreement.BillStart = MustDate("2026-07-15")
	next := tenant.agreement
	next.ID, next.Name = 90, "Edge Security"
	w.remap(tenant, next, tenant.company)
	if diff := cmp.Diff([]string{"create " + advanced + " effectiveDate=2026-08-01 (failed needs_failed)"}, described(w.sync().tenants[0].Changes)); diff != "" {
		t.Error(diff)
	}
}

// R52: what a person ended stays ended where the product moves on the same day, before any run saw it.
func TestEndedByHandOnTheDayOfTheMove(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*world){
		"a line, cancelled": func(w *world) { w.edit(func(a *Addition) { a.Cancelled = MustDate("2026-07-05") }) },
		"a line, deleted":   func(w *world) { clear(w.additions) },
		"a device, closed": func(w *world) {
			for id, device := range w.configurations {
				device.Active = false
				w.configurations[id] = device
			}
		},
		"a device, deleted": func(w *world) { clear(w.configurations) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			product := captureClient("0040103A0001", "2027-02-10")
			if name[:6] != "a line" {
				product = firewall("0040103A0001", "2027-02-10")
			}
			w, tenant := invoiced(t, product)
			next, company := tenant.agreement, Company{ID: 77, Name: "Bolt", Status: "Active"}
			next.ID, next.CompanyID = 90, company.ID
			w.remap(tenant, next, company)
			end(w)
			if writes := w.planAll().writes(); len(writes) > 0 {
				t.Errorf("%v", described(writes))
			}
			w.sync()
			w.requireSettled(t)
		})
	}
}

// R36, R52: a device made anew after it was deleted is attached, also where a crash came between the two.
func TestDeviceMadeAnewIsAttachedAfterACrash(t *testing.T) {
	t.Parallel()
	w, tenant := invoiced(t, firewall("0017C5AA0001", "2027-01-31"))
	clear(w.configurations)
	w.sync()
	for ref, m := range w.managed {
		if m.Kind == KindConfiguration {
			m.Facts = m.Facts.With(Fields{FactResume: "ann"})
			w.managed[ref] = m
		}
	}
	rows := w.plan(tenant, w.state()).Changes
	w.apply(rows[:1], map[string]bool{})
	if diff := cmp.Diff([]string{"attach Firewall/0017C5AA0001 agreement=Managed Security"}, described(w.planAll().writes())); diff != "" {
		t.Error(diff)
	}
}
