package bridge

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
)

// byHand is an open line that a person made: 20 of a product that the catalog has under another name, from 2026-02-01.
func (w *world) byHand(tenant *worldTenant, mods ...func(*Addition)) int {
	line := Addition{ID: w.id(), AgreementID: tenant.agreement.ID, Product: "SW-CC", Description: "Capture Client Tenant, monthly", BillCustomer: billable,
		Quantity: decimal.NewFromInt(20), Effective: MustDate("2026-02-01"), InvoiceDescription: "As agreed"}
	for _, mod := range mods {
		mod(&line)
	}
	w.additions[line.ID] = line
	return line.ID
}

// R50: an open line made by hand that may bill the same thing holds the new one.
func TestLookAlike(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		line func(*Addition)
		held bool
	}{
		"the name among others":                {func(*Addition) {}, true},
		"the serial number on another product": {func(a *Addition) { a.Product, a.Description, a.Serial = "FLAT", "Flat fee", "0040103a0001 " }, true},
		"our own item without a serial number": {func(a *Addition) { a.Product, a.Description = "sonicwall_capture_client_tenant_advanced", "" }, true},
		"part of the name":                     {func(a *Addition) { a.Description = "SonicWall Capture-Client" }, true},
		"the name on the invoice":              {func(a *Addition) { a.Description, a.InvoiceDescription = "", "CAPTURE CLIENT TENANT (ADVANCED)" }, true},
		"another product":                      {func(a *Addition) { a.Description = "Server monitoring" }, false},
		"one common word":                      {func(a *Addition) { a.Description = "Client care" }, false},
		"another serial number":                {func(a *Addition) { a.Serial = "0040103A0009" }, false},
		"cancelled":                            {func(a *Addition) { a.Cancelled = MustDate("2026-05-31") }, false},
		"not billed":                           {func(a *Addition) { a.BillCustomer = doNotBill }, false},
		"no charge":                            {func(a *Addition) { a.BillCustomer = "NoCharge" }, false},
		"ends later":                           {func(a *Addition) { a.Cancelled = MustDate("2026-12-31") }, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tenant := w.addTenant("Acme", captureClient("0040103A0001", "2027-02-10"))
			id := w.byHand(tenant, test.line)
			c := w.plan(tenant, w.state()).Changes[0]
			if held := c.Status == StatusHeld && c.Reason == ReasonLookAlike; held != test.held {
				t.Fatalf("held %v: %+v", held, c)
			}
			if !test.held {
				return
			}
			if c.RivalID != id || c.Rival.Get(FieldQuantity) != "20" || c.Action != ActionCreate || c.After.Get(FieldQuantity) != "25" || !strings.Contains(c.Message, "made by hand") {
				t.Errorf("both sides are shown: %+v", c)
			}
			if diff := cmp.Diff([]Choice{ChoiceAdopt, ChoiceRelease, ChoiceDismiss}, c.Choices()); diff != "" {
				t.Error(diff)
			}
			w.sync()
			if len(w.additions) != 1 {
				t.Errorf("written although held: %+v", w.additions)
			}
		})
	}
}

// R50: adopting keeps what a person owns and writes the rest; adding ours leaves the line alone; a line that we manage is none.
func TestLookAlikeDecided(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tenant := w.addTenant("Acme", captureClient("0040103A0001", "2027-02-10"))
	id := w.byHand(tenant)
	w.decide(w.plan(tenant, w.state()).Changes[0], ChoiceAdopt)
	plan := w.sync().tenants[0]
	c := plan.Changes[0]
	want := Fields{FieldSerial: "0040103A0001", FieldQuantity: "25", FieldCancelled: "2027-02-10"}
	if diff := cmp.Diff(want, c.After); diff != "" || c.Action != ActionAdopt || c.CWMID != id || c.Decided != "ann" || len(plan.Spent) > 0 {
		t.Fatalf("%s %+v", diff, c)
	}
	line := w.additions[id]
	if line.Product != "SW-CC" || line.Effective != MustDate("2026-02-01") || line.InvoiceDescription != "As agreed" || len(w.additions) != 1 {
		t.Errorf("%+v", w.additions)
	}
	if again := w.planAll().writes(); len(again) > 0 {
		t.Errorf("again: %v", described(again))
	}

	other := w.addTenant("Bolt", captureClient("0040103A0002", "2027-02-10"))
	second := w.byHand(other)
	before := w.additions[second]
	w.decide(w.plan(other, w.state()).Changes[0], ChoiceRelease)
	w.sync()
	if len(w.additions) != 3 || !cmp.Equal(before, w.additions[second]) {
		t.Errorf("%+v", w.additions)
	}
}

// One line made by hand serves one product: of two that look like it, the second is added or asked about another.
func TestOneLookAlikeForTwoProducts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tenant := w.addTenant("Acme", captureClient("0040103A0001", "2027-02-10"), captureClient("0040103A0002", "2027-02-10"))
	w.byHand(tenant)
	for _, c := range w.plan(tenant, w.state()).Changes {
		w.decide(c, ChoiceAdopt)
	}
	var got []string
	for _, c := range w.plan(tenant, w.state()).Changes {
		got = append(got, string(c.Action)+" "+c.Serial+" "+string(c.Status))
	}
	if diff := cmp.Diff([]string{"adopt 0040103A0001 planned", "create 0040103A0002 planned"}, got); diff != "" {
		t.Error(diff)
	}
}

// A release writes exactly what was shown; other facts by then, held anew and the decision is spent. A dismissal holds until
// MySonicWall's facts change.
func TestDecisionsAreBound(t *testing.T) {
	t.Parallel()
	setup := func(t *testing.T) (*world, *worldTenant) {
		t.Helper()
		w, tenant := invoiced(t)
		tenant.products[0].Services[0].Subs[0].Quantity = qty(500)
		return w, tenant
	}
	quantity := func(w *world) string { return w.additions[w.lineOf("0040103A0001")].Quantity.String() }
	t.Run("released", func(t *testing.T) {
		t.Parallel()
		w, tenant := setup(t)
		row := w.plan(tenant, w.state()).Changes[0]
		if row.Reason != ReasonQuantityJump {
			t.Fatalf("%+v", row)
		}
		w.decide(row, ChoiceRelease)
		w.sync()
		if quantity(w) != "500" {
			t.Errorf("quantity %s", quantity(w))
		}
		if again := w.planAll().writes(); len(again) > 0 {
			t.Errorf("again: %v", described(again))
		}
	})
	t.Run("other facts, held anew", func(t *testing.T) {
		t.Parallel()
		w, tenant := setup(t)
		w.decide(w.plan(tenant, w.state()).Changes[0], ChoiceRelease)
		tenant.products[0].Services[0].Subs[0].Quantity = qty(600)
		plan := w.sync().tenants[0]
		if quantity(w) != "25" || plan.Changes[0].Status != StatusHeld || len(plan.Spent) != 1 {
			t.Errorf("%s %+v", quantity(w), plan)
		}
	})
	t.Run("another edit by hand, held anew", func(t *testing.T) {
		t.Parallel()
		w, tenant := setup(t)
		w.decide(w.plan(tenant, w.state()).Changes[0], ChoiceRelease)
		w.edit(func(a *Addition) { a.Quantity = decimal.NewFromInt(30) })
		if plan := w.sync().tenants[0]; quantity(w) != "30" || plan.Changes[0].Status != StatusHeld {
			t.Errorf("%s %+v", quantity(w), plan)
		}
	})
	t.Run("dismissed", func(t *testing.T) {
		t.Parallel()
		w, tenant := setup(t)
		w.decide(w.plan(tenant, w.state()).Changes[0], ChoiceDismiss)
		for range 3 {
			w.today = w.today.AddDays(20)
			w.bill(tenant)
			if plan := w.sync().tenants[0]; len(plan.Changes) > 0 || plan.Dismissed != 1 || len(plan.Spent) > 0 {
				t.Fatalf("%+v", plan)
			}
		}
		tenant.products[0].Services[0].Subs[0].Quantity = qty(501)
		if plan := w.sync().tenants[0]; len(plan.Changes) != 1 || plan.Changes[0].Status != StatusHeld || len(plan.Spent) != 1 {
			t.Errorf("%+v", plan)
		}
	})
	t.Run("the cause goes", func(t *testing.T) {
		t.Parallel()
		w, tenant := setup(t)
		w.decide(w.plan(tenant, w.state()).Changes[0], ChoiceRelease)
		tenant.products[0].Services[0].Subs[0].Quantity = qty(26)
		if plan := w.sync().tenants[0]; quantity(w) != "26" || len(plan.Spent) != 1 {
			t.Errorf("%s %+v", quantity(w), plan)
		}
	})
	t.Run("half an answer overtakes nothing", func(t *testing.T) {
		t.Parallel()
		w, tenant := setup(t)
		w.decide(w.plan(tenant, w.state()).Changes[0], ChoiceDismiss)
		kept := tenant.products
		tenant.products, tenant.incomplete = nil, true
		if plan := w.sync().tenants[0]; len(plan.Spent) > 0 {
			t.Errorf("%+v", plan)
		}
		tenant.products, tenant.incomplete = kept, false
		if plan := w.sync().tenants[0]; plan.Dismissed != 1 {
			t.Errorf("%+v", plan)
		}
	})
}

func (w *world) lineOf(serial string) int {
	for id, line := range w.additions {
		if line.Serial == serial {
			return id
		}
	}
	return 0
}

// R32: of the ends that a share holds, those that a person released are written and no longer count.
func TestReleasedEnds(t *testing.T) {
	t.Parallel()
	w, tenant := estate(t, 4)
	for i := range tenant.products {
		if i < 6 {
			tenant.products[i].Status = ProductDeleted
		}
	}
	plan := w.plan(tenant, w.state())
	released := 0
	for _, c := range plan.Changes {
		if c.Status != StatusHeld || c.Reason != ReasonShare {
			t.Fatalf("%+v", c)
		}
		if released < 2 {
			w.decide(c, ChoiceRelease)
			released++
		}
	}
	count := map[Status]int{}
	for _, c := range w.plan(tenant, w.state()).Changes {
		count[c.Status]++
	}
	if diff := cmp.Diff(map[Status]int{StatusPlanned: 2, StatusHeld: 4}, count); diff != "" {
		t.Error(diff)
	}
}

// R33: a cancelled line that nobody of ours cancelled: released, a new line by R49's date; adopted, the old one runs on.
func TestCancelledLineDecided(t *testing.T) {
	t.Parallel()
	setup := func(t *testing.T) (*world, *worldTenant, Change) {
		t.Helper()
		w := newWorld(t)
		tenant := w.addTenant("Acme", captureClient("0040103A0001", "2027-02-10"))
		w.byHand(tenant, func(a *Addition) {
			a.Product, a.Serial, a.Cancelled = "SONICWALL_CAPTURE_CLIENT_TENANT_ADVANCED", "0040103A0001", MustDate("2026-05-31")
		})
		row := w.plan(tenant, w.state()).Changes[0]
		if row.Reason != ReasonNotRevived || row.RivalID == 0 || row.After.Get(FieldEffective) != "2026-07-01" {
			t.Fatalf("%+v", row)
		}
		return w, tenant, row
	}
	t.Run("released", func(t *testing.T) {
		t.Parallel()
		w, _, row := setup(t)
		w.decide(row, ChoiceRelease)
		w.sync()
		if len(w.additions) != 2 || w.additions[row.RivalID].Cancelled != MustDate("2026-05-31") {
			t.Errorf("%+v", w.additions)
		}
	})
	t.Run("adopted", func(t *testing.T) {
		t.Parallel()
		w, _, row := setup(t)
		w.decide(row, ChoiceAdopt)
		w.sync()
		if len(w.additions) != 1 || w.additions[row.RivalID].Cancelled != MustDate("2027-02-10") {
			t.Errorf("%+v", w.additions)
		}
		if again := w.planAll().writes(); len(again) > 0 {
			t.Errorf("again: %v", described(again))
		}
	})
}

// R52: what a person ended is taken up again when a person says so: a cancelled line follows MySonicWall again, a deleted one
// starts anew by R49's date.
func TestResumed(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		end  func(*world)
		want []string
	}{
		"cancelled": {func(w *world) { w.edit(func(a *Addition) { a.Cancelled = MustDate("2026-07-05") }) }, []string{"update " + advanced + " cancelledDate=2027-02-10"}},
		"deleted":   {func(w *world) { delete(w.additions, w.lineOf("0040103A0001")) }, []string{"create " + advanced + " effectiveDate=2026-08-01"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, tenant := invoiced(t)
			test.end(w)
			w.sync()
			if plan := w.sync().tenants[0]; len(plan.Changes) > 0 {
				t.Fatalf("revived: %v", described(plan.Changes))
			}
			for ref, m := range w.managed {
				if m.EndedByHand != (Date{}) {
					m.Facts = m.Facts.With(Fields{FactResume: "ann"})
					w.managed[ref] = m
				}
			}
			if diff := cmp.Diff(test.want, described(w.plan(tenant, w.state()).Changes)); diff != "" {
				t.Fatal(diff)
			}
			w.sync()
			for _, m := range w.managed {
				if m.EndedByHand != (Date{}) || m.Facts[FactResume] != "" {
					t.Errorf("still ended: %+v", m)
				}
			}
			if again := w.planAll().writes(); len(again) > 0 {
				t.Errorf("again: %v", described(again))
			}
		})
	}
}

// R53: a person ends a frozen tenant's billing: every open line ends today, and nothing else changes.
func TestEndBilling(t *testing.T) {
	t.Parallel()
	w, tenant := invoiced(t, captureClient("0040103A0001", "2027-02-10"), captureClient("0040103A0002", "2026-07-05"), firewall("0017C5AA0001", "2027-01-31"))
	third := captureClient("0040103A0003", "2027-02-10")
	tenant.products = append(tenant.products, third)
	w.sync()
	plan := PlanEndBilling(w.input(tenant, w.state()))
	want := []string{"cancel " + advanced + " cancelledDate=2026-07-10",
		"cancel SONICWALL_CAPTURE_CLIENT_TENANT_ADVANCED/0040103A0003 cancelledDate=2026-08-01 billCustomer=DoNotBill"}
	if diff := cmp.Diff(want, described(plan.Changes)); diff != "" {
		t.Fatal(diff)
	}
	w.apply(plan.Changes, map[string]bool{})
	if again := PlanEndBilling(w.input(tenant, w.state())); len(again.Changes) > 0 {
		t.Errorf("again: %v", described(again.Changes))
	}
}

// A refusal of ours by ConnectWise is answered with the date that works, as a person's choice.
func TestBillFrom(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tenant := w.addTenant("Acme", captureClient("0040103A0001", "2027-02-10"))
	tenant.agreement.Cycle, tenant.agreement.BillStart = BillingNotRecurring, MustDate("2026-03-01")
	row := w.plan(tenant, w.state()).Changes[0]
	if row.After.Get(FieldEffective) != "2026-03-01" || !row.BillFrom.IsZero() {
		t.Fatalf("%+v", row)
	}
	w.sync()
	tenant.agreement.BillStart = MustDate("2026-05-01") // moved later by a person: every save of the line is refused now
	tenant.products[0].Services[0].Subs[0].Quantity = qty(26)
	row = w.plan(tenant, w.state()).Changes[0]
	if row.BillFrom != MustDate("2026-05-01") || row.Choices() != nil {
		t.Fatalf("%+v", row)
	}
	row.Status, row.Reason = StatusFailed, ReasonRejected
	if diff := cmp.Diff([]Choice{ChoiceBillFrom}, row.Choices()); diff != "" {
		t.Error(diff)
	}
	w.decide(row, ChoiceBillFrom)
	c := w.plan(tenant, w.state()).Changes[0]
	if diff := cmp.Diff(Fields{FieldQuantity: "26", FieldEffective: "2026-05-01"}, c.After); diff != "" || c.Decided != "ann" {
		t.Errorf("%s %+v", diff, c)
	}
}

// What a limit held and nobody decided is judged anew each time: it is written once the limit allows it, or enough came back.
func TestHeldByALimitNoMore(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*world, *worldTenant){
		"the limit was raised": func(w *world, _ *worldTenant) { w.settings.Limits.RemovedMoreThan = 10 },
		"products came back": func(_ *world, tenant *worldTenant) {
			for i := 2; i < 6; i++ {
				tenant.products[i].Status = ProductActive
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, tenant := estate(t, 4)
			for i := range 6 {
				tenant.products[i].Status = ProductDeleted
			}
			for _, c := range w.sync().tenants[0].Changes {
				if c.Status != StatusHeld || c.Reason != ReasonShare {
					t.Fatalf("%+v", c)
				}
			}
			change(w, tenant)
			for _, c := range w.sync().tenants[0].Changes {
				if c.Status != StatusPlanned {
					t.Errorf("%+v", c)
				}
			}
		})
	}
}
