package bridge

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
)

// estate is a synced tenant with n lines and n devices, of which only the first pair matters to a test.
func estate(t *testing.T, n int) (*world, *worldTenant) {
	t.Helper()
	w := newWorld(t)
	tenant := w.addTenant("Acme")
	for i := range n {
		tenant.products = append(tenant.products, captureClient(fmt.Sprintf("0040103A%04d", i+1), "2027-02-10"), firewall(fmt.Sprintf("0017C5AA%04d", i+1), "2027-01-31"))
	}
	w.sync()
	return w, tenant
}

func (w *world) bySerial(serial string) (Addition, Configuration) {
	var a Addition
	var c Configuration
	for _, line := range w.additions {
		if line.Serial == serial {
			a = line
		}
	}
	for _, device := range w.configurations {
		if device.Serial == serial {
			c = device
		}
	}
	return a, c
}

// R32: merely absent products end after complete reads without them on two local dates, as of the first.
func TestAbsentProducts(t *testing.T) {
	t.Parallel()
	w, tenant := estate(t, 6)
	first := w.today
	tenant.products = tenant.products[2:]
	plan := w.sync().tenants[0]
	if len(plan.Changes) > 0 || len(plan.Observations) != 2 || plan.Observations[0].MissedSince != first {
		t.Fatalf("the first day only notes it: %+v", plan)
	}
	if plan = w.sync().tenants[0]; len(plan.Changes)+len(plan.Observations) > 0 {
		t.Fatalf("the same day again says nothing new: %+v", plan)
	}
	w.today = first.AddDays(3)
	tenant.incomplete = true
	if plan = w.sync().tenants[0]; len(plan.Changes) > 0 {
		t.Fatalf("an incomplete answer ends nothing: %+v", plan)
	}
	tenant.incomplete = false
	plan = w.sync().tenants[0]
	if diff := cmp.Diff([]string{"cancel addition SONICWALL_CAPTURE_CLIENT_TENANT_ADVANCED/0040103A0001", "deactivate configuration Firewall/0017C5AA0001"}, rows(plan.Changes)); diff != "" {
		t.Fatal(diff)
	}
	// The line starts on 1 July, after the day it was missed, and no invoice carried it.
	wantLine := Fields{FieldCancelled: "2026-07-01", FieldBillCustomer: "DoNotBill"}
	if diff := cmp.Diff(wantLine, plan.Changes[0].After); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(Fields{FieldStatus: "Retired", FieldActive: "false"}, plan.Changes[1].After); diff != "" {
		t.Error(diff)
	}
	if plan.Changes[0].Serial != "0040103A0001" || plan.Changes[0].Subject != "Capture Client Tenant" || plan.Changes[1].Subject != "HQ firewall" {
		t.Errorf("%+v", plan.Changes)
	}
	w.today = w.today.AddDays(1)
	if again := w.planAll(); len(again.writes()) > 0 {
		t.Errorf("again: %+v", again.writes())
	}
}

// R32: the cancelled date, by what the line and the invoices say.
func TestEndOfALine(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		line func(*Addition)
		next string // the agreement's next invoice date by then
		want Fields
	}{
		{"invoiced: the day it was missed", func(a *Addition) { a.BilledQuantity = decimal.NewFromInt(25) }, "2026-09-01", Fields{FieldCancelled: "2026-08-10"}},
		{"not invoiced yet, but its period is", nil, "2026-09-01", Fields{FieldCancelled: "2026-08-10"}},
		{"not before the effective date", func(a *Addition) { a.Effective = MustDate("2026-10-01") }, "2026-09-01", Fields{FieldCancelled: "2026-10-01", FieldBillCustomer: "DoNotBill"}},
		{"a person's NoCharge stays", func(a *Addition) { a.Effective, a.BillCustomer = MustDate("2026-10-01"), "NoCharge" }, "2026-09-01", Fields{FieldCancelled: "2026-10-01"}},
		{"not after the date already there", func(a *Addition) { a.Cancelled = MustDate("2027-02-10") }, "2026-09-01", Fields{FieldCancelled: "2026-08-10"}},
		{"a person's longer end is overwritten", func(a *Addition) { a.Cancelled = MustDate("2029-01-01") }, "2026-09-01", Fields{FieldCancelled: "2026-08-10"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tenant := w.addTenant("Acme", captureClient("0040103A0001", "2027-02-10"))
			w.sync()
			if test.line != nil {
				w.edit(test.line)
			}
			tenant.agreement.NextInvoice = MustDate(test.next)
			w.today = MustDate("2026-08-10")
			tenant.products[0].Status = ProductTransferred // at once
			plan := w.sync().tenants[0]
			if len(plan.Changes) != 1 || plan.Changes[0].Status != StatusPlanned || plan.Changes[0].Action != ActionCancel {
				t.Fatalf("%+v", plan)
			}
			if diff := cmp.Diff(test.want, plan.Changes[0].After); diff != "" {
				t.Error(diff)
			}
			w.today = w.today.AddDays(2)
			if again := w.planAll(); len(again.writes()) > 0 {
				t.Errorf("again: %+v", again.writes())
			}
		})
	}
	t.Run("ended earlier: nothing to write", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		tenant := w.addTenant("Acme", captureClient("0040103A0001", "2026-07-20"))
		w.sync()
		w.today = MustDate("2026-08-10")
		tenant.products[0].Status = ProductDeleted
		if plan := w.sync().tenants[0]; len(plan.Changes) > 0 || plan.Unchanged != 1 {
			t.Errorf("%+v", plan)
		}
	})
}

// R26, R32: a product that comes back after we ended its records gets them back, with what we had switched off.
func TestReturningProduct(t *testing.T) {
	t.Parallel()
	w, tenant := estate(t, 1)
	tenant.products[0].Status, tenant.products[1].Status = ProductDeleted, ProductDeleted
	w.sync()
	line, _ := w.bySerial("0040103A0001")
	_, device := w.bySerial("0017C5AA0001")
	if line.BillCustomer != "DoNotBill" || device.Active || device.Status != "Retired" {
		t.Fatalf("%+v %+v", line, device)
	}
	tenant.products[0].Status, tenant.products[1].Status = ProductActive, ProductActive
	w.today = w.today.AddDays(1)
	plan := w.sync().tenants[0]
	if diff := cmp.Diff(Fields{FieldCancelled: "2027-02-10", FieldBillCustomer: "Billable"}, plan.Changes[0].After); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(Fields{FieldStatus: "Active", FieldActive: "true"}, plan.Changes[1].After); diff != "" {
		t.Error(diff)
	}
	if again := w.planAll(); len(again.writes()) > 0 || len(w.additions) != 1 {
		t.Errorf("again: %+v", again.writes())
	}
	for _, m := range w.managed {
		if m.Facts[FactEnded] != "" {
			t.Errorf("still noted as ended: %+v", m)
		}
	}
}

// R26: a renewal after the end had passed moves the same line.
func TestLateRenewal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tenant := w.addTenant("Acme", captureClient("0040103A0001", "2026-07-20"))
	w.sync()
	w.today = MustDate("2026-10-01")
	tenant.products[0] = captureClient("0040103A0001", "2027-07-20")
	w.sync()
	if len(w.additions) != 1 || w.line().Cancelled != MustDate("2027-07-20") {
		t.Errorf("%+v", w.additions)
	}
}

// R32: more than a fifth and more than two at once, or an empty answer, wait for a person; nothing of it is written.
func TestHeldEnds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		objects int // pairs of a line and a device
		gone    int // products
		change  func(*world)
		held    Reason
	}{
		{"two of two", 1, 2, nil, ReasonEmptyAnswer},
		{"three of eight", 4, 3, nil, ReasonShare},
		{"two of eight: not more than two", 4, 2, nil, ""},
		{"three of sixteen: not more than a fifth", 8, 3, nil, ""},
		{"four of twenty: exactly a fifth", 10, 4, nil, ""},
		{"five of twenty", 10, 5, nil, ReasonShare},
		{"all of them", 4, 8, nil, ReasonEmptyAnswer},
		{"share switched off", 4, 7, func(w *world) { w.settings.Limits.RemovedShare = decimal.Zero }, ""},
		{"a larger number allowed", 4, 3, func(w *world) { w.settings.Limits.RemovedMoreThan = 3 }, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w, tenant := estate(t, test.objects)
			if test.change != nil {
				test.change(w)
			}
			tenant.products = tenant.products[test.gone:]
			w.sync()
			w.today = w.today.AddDays(1)
			plan := w.sync().tenants[0]
			if len(plan.Changes) != test.gone {
				t.Errorf("%v", rows(plan.Changes))
			}
			for _, c := range plan.Changes {
				if held := c.Status == StatusHeld; held != (test.held != "") || c.Reason != test.held || held != (c.Message != "") {
					t.Errorf("%s %s %s", c.Status, c.Reason, c.Message)
				}
			}
			w.today = w.today.AddDays(1)
			again := w.plan(tenant, w.state())
			if test.held != "" {
				if diff := cmp.Diff(plan.Changes, again.Changes); diff != "" {
					t.Errorf("a held change stays what was shown: %s", diff)
				}
			}
		})
	}
}

// R32: an answer that is empty where there was something is shown on its first day.
func TestEmptyAnswerIsShownAtOnce(t *testing.T) {
	t.Parallel()
	w, tenant := estate(t, 2)
	tenant.products = nil
	plan := w.sync().tenants[0]
	if len(plan.Changes) != 4 || plan.Changes[0].Status != StatusHeld || plan.Changes[0].Reason != ReasonEmptyAnswer {
		t.Errorf("%v", rows(plan.Changes))
	}
}

// R22: switching the option off ends those lines, held together, and leaves the devices; switching it on again ends the wait.
func TestOptionSwitchedOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.settings.Options.NetworkAdditions = true
	tenant := w.addTenant("Acme", firewall("0017C5AA0001", "2027-01-31"), captureClient("0040103A0001", "2027-02-10"))
	w.sync()
	w.settings.Options.NetworkAdditions = false
	for range 2 {
		plan := w.sync().tenants[0]
		if diff := cmp.Diff([]string{"cancel addition SONICWALL_TZ370/0017C5AA0001 (held)"}, rows(plan.Changes)); diff != "" {
			t.Error(diff)
		}
		if plan.Changes[0].Reason != ReasonOptionOff {
			t.Errorf("%+v", plan.Changes[0])
		}
		w.today = w.today.AddDays(1)
	}
	w.settings.Options.NetworkAdditions = true
	if plan := w.plan(tenant, w.state()); len(plan.Changes) > 0 || len(plan.Observations) != 1 {
		t.Errorf("%+v", plan)
	}
}

// The limit new_additions holds all new lines of the tenant together; devices go on.
func TestNewAdditionsLimit(t *testing.T) {
	t.Parallel()
	for limit, held := range map[int]bool{0: false, 2: true, 3: false} {
		w := newWorld(t)
		w.settings.Limits.NewAdditions = limit
		tenant := w.addTenant("Acme", captureClient("1", "2027-02-10"), captureClient("2", "2027-02-10"), captureClient("3", "2027-02-10"), firewall("4", "2027-02-10"))
		for _, c := range w.plan(tenant, w.state()).Changes {
			if want := held && c.Kind == KindAddition; (c.Status == StatusHeld) != want || want && (c.Reason != ReasonNewAdditions || !strings.Contains(c.Message, "3 new additions")) {
				t.Errorf("limit %d: %s %s %s %s", limit, c.Key, c.Status, c.Reason, c.Message)
			}
		}
	}
}

// Without a closed status there is nothing to close a device with; its row says what to do.
func TestNoClosedStatus(t *testing.T) {
	t.Parallel()
	w, tenant := estate(t, 1)
	tenant.products[1].Status = ProductDeleted
	in := w.input(tenant, w.state())
	in.ClosedStatus, in.ClosedStatuses = "", nil
	c := PlanTenant(in).Changes[0]
	if c.Status != StatusFailed || c.Reason != ReasonNoStatus || !strings.Contains(c.Message, "Configuration Status") {
		t.Errorf("%+v", c)
	}
}
