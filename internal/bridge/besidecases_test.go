package bridge

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// R49: who dismisses the new half of a linked change has put aside both.
func TestDismissedWithItsEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tenant := w.addTenant("Acme", captureClient("0040103A0001", "2027-02-10"), captureClient("0040103A0002", "2027-02-10"))
	w.sync()
	w.settings.Limits.NewAdditions = 1
	next := tenant.agreement
	next.ID, next.Name = 90, "Edge Security"
	w.remap(tenant, next, tenant.company)
	for _, c := range w.sync().tenants[0].Changes {
		if c.Action == ActionCreate {
			w.decide(c, ChoiceDismiss)
		}
	}
	if plan := w.planAll().tenants[0]; len(plan.Changes) > 0 || plan.Dismissed != 2 {
		t.Errorf("%d dismissed, %v", plan.Dismissed, described(plan.Changes))
	}
}

// R52: a line that is resumed while its end is right by now stays resumed, although nothing had to be written for it.
func TestResumedWithoutAWriteStaysSo(t *testing.T) {
	t.Parallel()
	w, tenant := invoiced(t)
	w.edit(func(a *Addition) { a.Cancelled = MustDate("2026-09-10") })
	w.sync()
	for ref, m := range w.managed {
		if !m.EndedByHand.IsZero() {
			m.Facts = m.Facts.With(Fields{FactResume: "ann"})
			w.managed[ref] = m
		}
	}
	tenant.products[0] = captureClient("0040103A0001", "2026-09-10")
	w.sync()
	w.requireSettled(t)
	tenant.products[0] = captureClient("0040103A0001", "2027-09-10")
	if diff := cmp.Diff([]string{"update " + advanced + " cancelledDate=2027-09-10"}, described(w.sync().tenants[0].Changes)); diff != "" {
		t.Error(diff)
	}
	w.requireSettled(t)
}

// A line whose product is renewed does not run on while another line of that product runs: of a tenant that lists it too, could not be
// read or is switched off, or of the other item where it is listed under two.
func TestNoLineRunsOnBesideAnother(t *testing.T) {
	t.Parallel()
	renewed := captureClient("0040103A0001", "2027-07-05")
	for name, test := range map[string]struct {
		then func(w *world, acme, bolt *worldTenant)
		want []string
	}{
		"both list it": {func(_ *world, _, bolt *worldTenant) { bolt.products = []Product{renewed} },
			[]string{"update " + advanced + " cancelledDate=2027-07-05 (held two_tenants)"}},
		"the other was not read": {func(_ *world, _, bolt *worldTenant) { bolt.products, bolt.incomplete = nil, true },
			[]string{"update " + advanced + " cancelledDate=2027-07-05 (skipped not_read)"}},
		"the other is switched off": {func(_ *world, _, bolt *worldTenant) { bolt.frozen = true },
			[]string{"update " + advanced + " cancelledDate=2027-07-05 (held other_key)"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			acme := w.addTenant("Acme", captureClient("0040103A0001", "2026-07-05"))
			w.sync()
			w.today = MustDate("2026-07-10")
			w.bill(acme)
			bolt := w.addTenant("Bolt", captureClient("0040103A0001", "2027-07-05"))
			acme.products = nil
			w.sync()
			acme.products = []Product{renewed}
			test.then(w, acme, bolt)
			if diff := cmp.Diff(test.want, described(w.plan(acme, w.state()).Changes)); diff != "" {
				t.Error(diff)
			}
			w.sync()
			if cancelled := w.additions[w.lineOfTenant(acme)].Cancelled; cancelled != MustDate("2026-07-05") {
				t.Errorf("runs until %s", cancelled)
			}
		})
	}
	t.Run("released, this one runs on and the other ends", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		acme := w.addTenant("Acme", captureClient("0040103A0001", "2026-07-05"))
		w.sync()
		w.today = MustDate("2026-07-10")
		bolt := w.addTenant("Bolt", renewed)
		acme.products = nil
		w.sync()
		acme.products, bolt.frozen = []Product{renewed}, true
		w.decide(w.plan(acme, w.state()).Changes[0], ChoiceRelease)
		want := []string{"update " + advanced + " cancelledDate=2027-07-05", "cancel " + advanced + " cancelledDate=2026-07-06 billCustomer=DoNotBill"}
		if diff := cmp.Diff(want, described(w.sync().tenants[0].Changes)); diff != "" {
			t.Error(diff)
		}
		w.requireSettled(t)
	})
	t.Run("listed under two items", func(t *testing.T) {
		t.Parallel()
		w, tenant := invoiced(t)
		both := []Product{tenant.products[0], tenant.products[0]}
		both[1].Tier = "PREMIER"
		tenant.products, tenant.incomplete = both[1:], true // half an answer, which shows one of the two
		w.sync()
		tenant.products, tenant.incomplete = both, false
		want := []string{"update " + advanced + " cancelledDate=2027-02-10 (held contradiction)"}
		if diff := cmp.Diff(want, described(w.sync().tenants[0].Changes)); diff != "" {
			t.Error(diff)
		}
	})
}

// lineOfTenant is the id of the line on a tenant's agreement.
func (w *world) lineOfTenant(tenant *worldTenant) int {
	for id, line := range w.additions {
		if line.AgreementID == tenant.agreement.ID {
			return id
		}
	}
	return 0
}

// R49: mapped back after its old line had run out, a renewed product gets a new one where the other agreement was invoiced meanwhile.
func TestReturnToALineThatRanOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tenant := w.addTenant("Acme", captureClient("0040103A0001", "2026-07-05"))
	w.sync()
	w.today = MustDate("2026-07-10")
	w.bill(tenant)
	home, next := tenant.agreement, tenant.agreement
	next.ID, next.Name, next.NextInvoice = 90, "Edge Security", MustDate("2026-08-15")
	w.remap(tenant, next, tenant.company)
	tenant.products[0] = captureClient("0040103A0001", "2027-07-05")
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

// Facts that cannot be are held also where the product had expired before billing started: released as a quantity, they would be
// written.
func TestImpossibleFactsOfAnExpiredProduct(t *testing.T) {
	t.Parallel()
	w, tenant := invoiced(t)
	tenant.products[0] = captureClient("0040103A0001", "2025-12-31")
	tenant.products[0].Services[0].Subs[0].Quantity = qty(-4)
	if diff := cmp.Diff([]string{"update " + advanced + " (held contradiction)"}, described(w.plan(tenant, w.state()).Changes)); diff != "" {
		t.Error(diff)
	}
}

// R24: a person who lets a line bill after we had stopped that has the last word.
func TestBillingAgainByHandStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tenant := w.addTenant("Acme", captureClient("0040103A0001", "2027-02-10"))
	w.sync()
	tenant.products[0].Tier = "PREMIER"
	w.sync()
	for id, line := range w.additions {
		if line.BillCustomer == doNotBill {
			line.BillCustomer = billable
			w.additions[id] = line
		}
	}
	if writes := w.planAll().writes(); len(writes) > 0 {
		t.Errorf("%v", described(writes))
	}
}

// R26, R49: an end that MySonicWall no longer gives waits for a person also where it keeps the product from moving; released, it moves.
func TestBlankEndThatKeepsTheOldLine(t *testing.T) {
	t.Parallel()
	w, tenant := invoiced(t)
	tenant.products[0] = captureClient("0040103A0001", "2026-07-20")
	w.sync()
	tenant.withoutExpiry()
	next := tenant.agreement
	next.ID, next.Name = 90, "Edge Security"
	w.remap(tenant, next, tenant.company)
	rows := w.sync().tenants[0].Changes
	if diff := cmp.Diff([]string{"update " + advanced + " cancelledDate= (held expiry_blank)"}, described(rows)); diff != "" {
		t.Fatal(diff)
	}
	w.decide(rows[0], ChoiceRelease)
	want := []string{"create " + advanced + " effectiveDate=2026-08-01"}
	if diff := cmp.Diff(want, described(w.sync().tenants[0].Changes)); diff != "" {
		t.Error(diff)
	}
	w.requireSettled(t)
}

// R52: ended by hand on one agreement, a product is not taken up again by the old line of the agreement that it returns to.
func TestEndedByHandStaysSoOnTheWayBack(t *testing.T) {
	t.Parallel()
	w, tenant := invoiced(t)
	home, next := tenant.agreement, tenant.agreement
	next.ID, next.Name = 90, "Edge Security"
	w.remap(tenant, next, tenant.company)
	w.sync()
	id := w.lineOfTenant(tenant)
	line := w.additions[id]
	line.Cancelled = MustDate("2026-08-01")
	w.additions[id] = line
	w.sync()
	w.remap(tenant, home, tenant.company)
	if writes := w.planAll().writes(); len(writes) > 0 {
		t.Errorf("%v", described(writes))
	}
}

// R32: a line that still runs to its last day after its product moved ends earlier when the product goes away meanwhile.
func TestGoneBeforeTheOldLineHadRunOut(t *testing.T) {
	t.Parallel()
	w, tenant := invoiced(t)
	next := tenant.agreement
	next.ID, next.Name, next.NextInvoice = 90, "Edge Security", MustDate("2026-08-15")
	w.remap(tenant, next, tenant.company)
	w.sync()
	tenant.products = []Product{captureClient("0040103A0009", "2027-02-10")}
	w.sync()
	w.today = w.today.AddDays(1)
	want := []string{"cancel " + advanced + " cancelledDate=2026-07-10", "cancel " + advanced + " cancelledDate=2026-08-15 billCustomer=DoNotBill"}
	if diff := cmp.Diff(want, described(w.planAll().writes())); diff != "" {
		t.Error(diff)
	}
}
