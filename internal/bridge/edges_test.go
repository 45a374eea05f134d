package bridge

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// R26, R32: a product without any expiry that comes back runs on again: the end was ours, not a known expiry turned blank.
func TestReturningProductWithoutExpiry(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tenant := w.addTenant("Acme", captureClient("0040103A0001", ""))
	w.sync()
	tenant.products[0].Status = ProductDeleted
	w.sync()
	if w.line().Cancelled.IsZero() {
		t.Fatal("the line was not ended")
	}
	tenant.products[0].Status = ProductActive
	c := find(t, w.sync().tenants[0].Changes, KindAddition, ActionUpdate)
	if diff := cmp.Diff(Fields{FieldCancelled: "", FieldBillCustomer: "Billable"}, c.After); diff != "" || c.Status != StatusPlanned {
		t.Errorf("%s: %s", c.Status, diff)
	}
	if again := w.planAll().writes(); len(again) > 0 {
		t.Errorf("again: %+v", again)
	}
}

// R33: a record of ours whose serial number a person typed over with another product's is not that product's record.
func TestSerialTypedOver(t *testing.T) {
	t.Parallel()
	w, tenant := estate(t, 1)
	w.edit(func(a *Addition) { a.Serial = "0040103A0099" })
	w.editDevice(func(c *Configuration) { c.Serial = "0017C5AA0099" })
	tenant.products = append(tenant.products, captureClient("0040103A0099", "2027-02-10"), firewall("0017C5AA0099", "2027-01-31"))
	var got []string
	for _, c := range w.plan(tenant, w.state()).Changes {
		got = append(got, string(c.Action)+" "+c.Serial)
	}
	want := []string{"update 0040103A0001", "create 0040103A0099", "update 0017C5AA0001", "create 0017C5AA0099", "attach 0017C5AA0099"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// R49: a device of the same company is attached to the agreement its tenant is mapped to now.
func TestAttachedToTheNewAgreement(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tenant := w.addTenant("Acme", firewall("0017C5AA0001", "2027-01-31"))
	w.sync()
	next := tenant.agreement
	next.ID, next.Name = 99, "Managed Security 2027"
	w.remap(tenant, next, tenant.company)
	plan := w.sync().tenants[0]
	if diff := cmp.Diff([]string{"attach configuration Firewall/0017C5AA0001", "update configuration Firewall/0017C5AA0001"}, rows(plan.Changes)); diff != "" {
		t.Fatal(diff)
	}
	c := plan.Changes[0]
	if c.CWMID == 0 || len(c.Needs) > 0 || len(w.attached[c.CWMID]) != 1 || !w.attached[c.CWMID][99] {
		t.Errorf("%+v attached to %v", c, w.attached[c.CWMID])
	}
	if loose := plan.Changes[1]; !loose.Detaches() || loose.Link != c.Link || loose.Link == "" {
		t.Errorf("%+v", loose)
	}
	if again := w.planAll().writes(); len(again) > 0 {
		t.Errorf("again: %+v", again)
	}
}

// R30, R31: an answer that a person gave for a service without a date is neither held nor cleared.
func TestAnswerOfAPersonStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tenant := w.addTenant("Acme", firewall("0017C5AA0001", "2027-01-31"))
	w.sync()
	w.editDevice(func(c *Configuration) { c.Answers[2].Value = "2031-01-01" })
	if plan := w.plan(tenant, w.state()); len(plan.Changes) > 0 {
		t.Errorf("%+v", plan.Changes)
	}
	tenant.products[0].Services[0].Subs = tenant.products[0].Services[0].Subs[:1]
	if plan := w.plan(tenant, w.state()); len(plan.Changes) > 0 {
		t.Errorf("nor when the service goes away: %+v", plan.Changes)
	}
}

// Of two questions with one label the active one counts, of those the oldest.
func TestFindQuestion(t *testing.T) {
	t.Parallel()
	typ := ConfigurationType{Questions: []Question{{ID: 3, Label: "EPSS"}, {ID: 1, Label: "epss", Inactive: true}, {ID: 2, Label: "EPSS "}, {ID: 4, Label: "EPSS"}}}
	if q, ok := findQuestion(typ, "EPSS"); !ok || q.ID != 2 {
		t.Errorf("%+v", q)
	}
	if _, ok := findQuestion(typ, "VPN"); ok {
		t.Error("found what is not there")
	}
}

// R32: what ended before is not part of the whole of which removals are a share.
func TestEndedRecordsAreNotPartOfTheShare(t *testing.T) {
	t.Parallel()
	w, tenant := estate(t, 8)
	for i := range tenant.products {
		tenant.products[i].Status = ProductActive
	}
	for at := 0; at < 6; at += 2 { // three nights, two products each: never too many at once
		tenant.products[at].Status, tenant.products[at+1].Status = ProductDeleted, ProductDeleted
		w.sync()
		w.today = w.today.AddDays(1)
	}
	for at := 6; at < 9; at++ { // three of the ten that are left
		tenant.products[at].Status = ProductDeleted
	}
	held := 0
	for _, c := range w.plan(tenant, w.state()).Changes {
		if c.Reason == ReasonShare {
			held++
		}
	}
	if held != 3 {
		t.Errorf("%d held", held)
	}
}

// Everything a person sees of a plan stays the same when it is made again: a held change is released by what it showed.
func TestPlansRepeatThemselves(t *testing.T) {
	t.Parallel()
	w, tenant := estate(t, 3)
	tenant.products = append(tenant.products[2:], captureClient("0040103A0077", ""), firewall("0017C5AA0077", "2028-01-31"))
	in := w.input(tenant, w.state())
	first := PlanTenant(in)
	for range 20 {
		if diff := cmp.Diff(first, PlanTenant(in)); diff != "" {
			t.Fatal(diff)
		}
	}
}
