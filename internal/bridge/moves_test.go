package bridge

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
)

// described are a plan's rows with the fields that a linked change is about.
func described(changes []Change) []string {
	var out []string
	for _, c := range changes {
		row := string(c.Action) + " " + c.Key
		for _, field := range []string{FieldEffective, FieldCancelled, FieldBillCustomer, FieldStatus, FieldAgreement} {
			if value, ok := c.After[field]; ok && (c.Action != ActionCreate || field == FieldEffective) {
				row += " " + field + "=" + value
			}
		}
		if c.Status != StatusPlanned {
			row += " (" + string(c.Status) + " " + string(c.Reason) + ")"
		}
		out = append(out, row)
	}
	return out
}

const (
	advanced = "SONICWALL_CAPTURE_CLIENT_TENANT_ADVANCED/0040103A0001"
	premier  = "SONICWALL_CAPTURE_CLIENT_TENANT_PREMIER/0040103A0001"
)

// invoiced is a synced tenant whose line was carried by an invoice: agreement 51, next invoice 2026-08-01, line from 2026-07-01.
func invoiced(t *testing.T, products ...Product) (*world, *worldTenant) {
	t.Helper()
	w := newWorld(t)
	if len(products) == 0 {
		products = []Product{captureClient("0040103A0001", "2027-02-10")}
	}
	tenant := w.addTenant("Acme", products...)
	w.sync()
	w.today = MustDate("2026-07-10")
	w.bill(tenant)
	return w, tenant
}

// bill issues the agreement's invoice as ConnectWise would.
func (w *world) bill(tenant *worldTenant) {
	for id, line := range w.additions {
		if line.AgreementID == tenant.agreement.ID && line.BillCustomer == billable && !line.Effective.After(tenant.agreement.NextInvoice) &&
			(line.Cancelled.IsZero() || !line.Cancelled.Before(tenant.agreement.NextInvoice)) {
			line.BilledQuantity = line.Quantity
			w.additions[id] = line
		}
	}
	tenant.agreement.NextInvoice = tenant.agreement.NextInvoice.AddMonths(1)
}

// R49: what moves, the rows it leads to, and that the next plan has nothing left to say.
func TestLinkedChanges(t *testing.T) {
	t.Parallel()
	another := func(tenant *worldTenant, id int, next string) Agreement {
		a := tenant.agreement
		a.ID, a.Name, a.NextInvoice = id, "Edge Security", MustDate(next)
		return a
	}
	tests := []struct {
		name string
		move func(w *world, tenant *worldTenant)
		who  int // the tenant whose plan is looked at
		want []string
	}{
		{"another agreement, the same period", func(w *world, t *worldTenant) { w.remap(t, another(t, 90, "2026-08-01"), t.company) }, 0,
			[]string{"create " + advanced + " effectiveDate=2026-08-01", "cancel " + advanced + " cancelledDate=2026-07-31"}},
		{"not before the old line's invoices end", func(w *world, t *worldTenant) { w.remap(t, another(t, 90, "2026-07-20"), t.company) }, 0,
			[]string{"create " + advanced + " effectiveDate=2026-08-01", "cancel " + advanced + " cancelledDate=2026-07-31"}},
		{"the new agreement's later invoice: the old one bills until then", func(w *world, t *worldTenant) { w.remap(t, another(t, 90, "2026-08-15"), t.company) }, 0,
			[]string{"create " + advanced + " effectiveDate=2026-08-15", "cancel " + advanced + " cancelledDate=2026-08-14"}},
		{"not before billing starts", func(w *world, t *worldTenant) {
			a := another(t, 90, "2026-08-01")
			a.BillStart = MustDate("2026-09-01")
			w.remap(t, a, t.company)
		}, 0, []string{"create " + advanced + " effectiveDate=2026-09-01", "cancel " + advanced + " cancelledDate=2026-08-31"}},
		{"an agreement without recurrence: the day first seen", func(w *world, t *worldTenant) {
			a := another(t, 90, "2026-08-01")
			a.Cycle, a.NextInvoice = BillingNotRecurring, Date{}
			w.unbill()
			t.agreement.NextInvoice = MustDate("2026-07-01")
			w.remap(t, a, t.company)
		}, 0, []string{"create " + advanced + " effectiveDate=2026-07-10", "cancel " + advanced + " cancelledDate=2026-07-09 billCustomer=DoNotBill"}},
		{"never invoiced: do not bill", func(w *world, t *worldTenant) {
			w.unbill()
			t.agreement.NextInvoice = MustDate("2026-07-01")
			w.remap(t, another(t, 90, "2026-07-01"), t.company)
		}, 0, []string{"create " + advanced + " effectiveDate=2026-07-01", "cancel " + advanced + " cancelledDate=2026-07-01 billCustomer=DoNotBill"}},
		{"the old agreement ended: its invoices end with it", func(w *world, t *worldTenant) {
			t.agreement.End = MustDate("2026-07-09")
			a := another(t, 90, "2026-07-10")
			a.End = Date{}
			w.remap(t, a, t.company)
		}, 0, []string{"create " + advanced + " effectiveDate=2026-07-10", "cancel " + advanced + " cancelledDate=2026-07-09"}},
		{"the old agreement is cancelled: ConnectWise takes no change of it", func(w *world, t *worldTenant) {
			t.agreement.Cancelled = true
			a := another(t, 90, "2026-08-01")
			a.Cancelled = false
			w.remap(t, a, t.company)
		}, 0, []string{"create " + advanced + " effectiveDate=2026-08-01"}},
		{"another tier", func(_ *world, t *worldTenant) { t.products[0].Tier = "PREMIER" }, 0,
			[]string{"create " + premier + " effectiveDate=2026-08-01", "cancel " + advanced + " cancelledDate=2026-07-31"}},
		{"another name", func(_ *world, t *worldTenant) { t.products[0].Name = "Capture Client" }, 0,
			[]string{"create SONICWALL_CAPTURE_CLIENT_ADVANCED/0040103A0001 effectiveDate=2026-08-01", "cancel " + advanced + " cancelledDate=2026-07-31"}},
		{"another tenant", func(w *world, t *worldTenant) {
			w.addTenant("Bolt", t.products[0]).agreement.NextInvoice = MustDate("2026-08-01")
			t.products = nil
		}, 1, []string{"create " + advanced + " effectiveDate=2026-08-01", "cancel " + advanced + " cancelledDate=2026-07-31"}},
		{"another tenant, the tombstone left behind", func(w *world, t *worldTenant) {
			w.addTenant("Bolt", t.products[0]).agreement.NextInvoice = MustDate("2026-08-01")
			t.products[0].Status = ProductTransferred
		}, 1, []string{"create " + advanced + " effectiveDate=2026-08-01", "cancel " + advanced + " cancelledDate=2026-07-31"}},
		{"another tenant on the same agreement: nothing to write", func(w *world, t *worldTenant) {
			bolt := w.addTenant("Bolt", t.products[0])
			bolt.agreement, bolt.company = t.agreement, t.company
			t.products = nil
		}, 1, nil},
		{"it ends before a new line would start: the old one keeps its date", func(w *world, t *worldTenant) {
			t.products[0] = captureClient("0040103A0001", "2026-07-20")
			w.sync()
			w.remap(t, another(t, 90, "2026-08-01"), t.company)
		}, 0, nil},
		{"and gets it where it had none", func(w *world, t *worldTenant) {
			t.products[0] = captureClient("0040103A0001", "2026-07-20")
			w.remap(t, another(t, 90, "2026-08-01"), t.company)
		}, 0, []string{"update " + advanced + " cancelledDate=2026-07-20"}},
		{"R51 registered anew while the old line runs", func(_ *world, t *worldTenant) { t.products[0].Registered = MustDate("2026-07-05") }, 0,
			[]string{"create " + advanced + " (2) effectiveDate=2026-08-01", "cancel " + advanced + " cancelledDate=2026-07-31"}},
		{"R51 registered anew after the old line ended: that one stays", func(w *world, t *worldTenant) {
			t.products[0] = captureClient("0040103A0001", "2026-07-08")
			w.sync()
			w.bill(t)
			t.products[0] = captureClient("0040103A0001", "2027-07-08")
			t.products[0].Registered = MustDate("2026-07-09")
		}, 0, []string{"create " + advanced + " (2) effectiveDate=2026-09-01"}},
		{"R52 ended by hand stays so under another agreement", func(w *world, t *worldTenant) {
			w.edit(func(a *Addition) { a.Cancelled = MustDate("2026-07-15") })
			w.sync()
			w.remap(t, another(t, 90, "2026-08-01"), t.company)
		}, 0, nil},
		{"a quarterly agreement takes no line and the old one stays", func(w *world, t *worldTenant) {
			a := another(t, 90, "2026-08-01")
			a.Cycle = "Quarterly"
			w.remap(t, a, t.company)
		}, 0, nil},
		{"a frozen tenant's product waits", func(w *world, t *worldTenant) {
			w.addTenant("Bolt", t.products[0]).agreement.NextInvoice = MustDate("2026-08-01")
			t.frozen = true
		}, 1, []string{"create " + advanced + " effectiveDate=2026-08-01 (held other_key)", "cancel " + advanced + " cancelledDate=2026-07-31 (held other_key)"}},
		{"half the facts move nothing", func(w *world, t *worldTenant) {
			w.addTenant("Bolt", t.products[0]).agreement.NextInvoice = MustDate("2026-08-01")
			t.products, t.incomplete = nil, true
		}, 1, []string{"create " + advanced + " (skipped not_read)"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w, tenant := invoiced(t)
			test.move(w, tenant)
			plan := w.plan(w.tenants[test.who], w.state())
			if diff := cmp.Diff(test.want, described(plan.Changes)); diff != "" {
				t.Fatalf("%s\n%+v", diff, plan)
			}
			for _, c := range plan.Changes {
				if c.LinkedEnd() && c.Link != plan.Changes[0].Link {
					t.Errorf("two links: %+v", plan.Changes)
				}
			}
			w.sync()
			if again := w.planAll().writes(); len(again) > 0 {
				t.Errorf("again: %v", described(again))
			}
			w.today = w.today.AddDays(3)
			w.sync()
			if again := w.planAll().writes(); len(again) > 0 {
				t.Errorf("three days later: %v", described(again))
			}
		})
	}
}

// unbill makes all lines uninvoiced.
func (w *world) unbill() {
	for id, line := range w.additions {
		line.BilledQuantity = decimal.Decimal{}
		w.additions[id] = line
	}
}

// R49: a crash between the two halves leaves both lines open; the next plan ends the old one, whatever was invoiced meanwhile.
func TestLinkedChangeAfterACrash(t *testing.T) {
	t.Parallel()
	w, tenant := invoiced(t)
	next := tenant.agreement
	next.ID, next.Name = 90, "Edge Security"
	w.remap(tenant, next, tenant.company)
	plan := w.planAll()
	failed := map[string]bool{}
	w.apply(plan.shared.Changes, failed)
	w.apply(plan.tenants[0].Changes[:1], failed)
	want := []string{"cancel " + advanced + " cancelledDate=2026-07-31"}
	if diff := cmp.Diff(want, described(w.planAll().writes())); diff != "" {
		t.Fatal(diff)
	}
	w.sync()
	if again := w.planAll().writes(); len(again) > 0 || len(w.additions) != 2 {
		t.Errorf("again: %v", described(again))
	}
}

// R49: mapped back before anything was invoiced twice, the old line runs on and the new one never bills; later it is a line anew.
func TestMovedBack(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		later Date
		want  []string
	}{
		"before the new line starts": {MustDate("2026-07-11"), []string{"update " + advanced + " cancelledDate=2027-02-10",
			"cancel " + advanced + " cancelledDate=2026-08-01 billCustomer=DoNotBill"}},
		"after it": {MustDate("2026-08-10"), []string{"create " + advanced + " (2) effectiveDate=2026-09-01", "cancel " + advanced + " cancelledDate=2026-08-31"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, tenant := invoiced(t)
			old, next := tenant.agreement, tenant.agreement
			next.ID, next.Name = 90, "Edge Security"
			w.remap(tenant, next, tenant.company)
			w.sync()
			w.today = test.later
			if test.later.After(MustDate("2026-08-01")) {
				w.bill(tenant)
				old.NextInvoice = MustDate("2026-09-01")
			}
			w.remap(tenant, old, tenant.company)
			if diff := cmp.Diff(test.want, described(w.planAll().writes())); diff != "" {
				t.Fatal(diff)
			}
			w.sync()
			if again := w.planAll().writes(); len(again) > 0 {
				t.Errorf("again: %v", described(again))
			}
		})
	}
}

// R49: a device moves with its tenant: attached elsewhere within its company, made anew in another one and closed in the first.
func TestDeviceInAnotherCompany(t *testing.T) {
	t.Parallel()
	w, tenant := invoiced(t, firewall("0017C5AA0001", "2027-01-31"))
	next, company := tenant.agreement, Company{ID: 77, Name: "Bolt", Status: "Active"}
	next.ID, next.CompanyID = 90, company.ID
	w.remap(tenant, next, company)
	plan := w.sync().tenants[0]
	want := []string{"create Firewall/0017C5AA0001", "deactivate Firewall/0017C5AA0001 status=Retired", "attach Firewall/0017C5AA0001 agreement=Managed Security"}
	if diff := cmp.Diff(want, described(plan.Changes)); diff != "" {
		t.Fatal(diff)
	}
	if plan.Changes[0].Link == "" || plan.Changes[0].Link != plan.Changes[1].Link || plan.Changes[1].ParentID != 11 {
		t.Errorf("%+v", plan.Changes)
	}
	if again := w.planAll().writes(); len(again) > 0 {
		t.Errorf("again: %v", described(again))
	}
}

// Every held row says what would be written, and which answers it takes; the linked end has none of its own.
func TestLinkedRowsAreDecidedTogether(t *testing.T) {
	t.Parallel()
	w, tenant := invoiced(t)
	bolt := w.addTenant("Bolt", tenant.products[0])
	bolt.agreement.NextInvoice = MustDate("2026-08-01")
	tenant.frozen = true
	rows := w.plan(bolt, w.state()).Changes
	if diff := cmp.Diff([]Choice{ChoiceRelease, ChoiceDismiss}, rows[0].Choices()); diff != "" || rows[1].Choices() != nil {
		t.Errorf("%s %v", diff, rows[1].Choices())
	}
	w.decide(rows[0], ChoiceRelease)
	plan := w.plan(bolt, w.state())
	want := []string{"create " + advanced + " effectiveDate=2026-08-01", "cancel " + advanced + " cancelledDate=2026-07-31"}
	if diff := cmp.Diff(want, described(plan.Changes)); diff != "" {
		t.Fatal(diff)
	}
	if c := plan.Changes[0]; c.DecisionID != 1 || c.Decided != "ann" || !strings.Contains(c.Why[len(c.Why)-1].Rule, "released by ann") {
		t.Errorf("%+v", c)
	}
}

// decide stores a decision as the store would.
func (w *world) decide(c Change, choice Choice) {
	if choice == ChoiceRelease {
		w.part(c)
	}
	w.decisions = append(w.decisions, Decision{ID: int64(len(w.decisions) + 1), Kind: c.Kind, Key: c.Key, Serial: c.Serial, Reason: c.Reason,
		Choice: choice, Shown: c.Shown(), Basis: c.Basis, Date: c.BillFrom, By: "ann"})
}
