package bridge

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
)

// line is the only addition of a world.
func (w *world) line() Addition {
	w.t.Helper()
	for _, a := range w.additions {
		return a
	}
	w.t.Fatalf("there is no addition")
	return Addition{}
}

// edit changes the only addition as a person would.
func (w *world) edit(change func(*Addition)) {
	w.t.Helper()
	a := w.line()
	change(&a)
	w.additions[a.ID] = a
}

// R19, R23, R25, R26, R28: a new line, whole.
func TestNewAddition(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.addTenant("Acme", captureClient("0040103A0001", "2027-02-10"))
	plan := w.sync()
	c := find(t, plan.tenants[0].Changes, KindAddition, ActionCreate)
	want := Fields{FieldProduct: "SONICWALL_CAPTURE_CLIENT_TENANT_ADVANCED", FieldBillCustomer: "Billable", FieldQuantity: "25",
		FieldEffective: "2026-07-01", FieldCancelled: "2027-02-10", FieldSerial: "0040103A0001", FieldInvoiceDescription: "Capture Client Tenant"}
	if diff := cmp.Diff(want, c.After); diff != "" {
		t.Error(diff)
	}
	if c.Key != "SONICWALL_CAPTURE_CLIENT_TENANT_ADVANCED/0040103A0001" || c.ParentID != 51 || c.Subject != "Capture Client Tenant · Advanced" ||
		c.NextInvoice != MustDate("2026-07-01") || !c.BillsZero || len(c.Before) > 0 || c.CWMID != 0 {
		t.Errorf("%+v", c)
	}
	if diff := cmp.Diff([]string{"catalog item/SONICWALL_CAPTURE_CLIENT_TENANT_ADVANCED"}, c.Needs); diff != "" {
		t.Error(diff)
	}
	for _, why := range c.Why {
		if why.Field == FieldQuantity {
			want := []Fact{{SourceMySonicWall, "Rollback", "25"}, {SourceMySonicWall, "Device Control", "20"}}
			if diff := cmp.Diff(want, why.Facts); diff != "" {
				t.Error(diff)
			}
		}
	}
	again := w.planAll()
	if len(again.writes()) > 0 || again.tenants[0].Unchanged != 1 {
		t.Errorf("again: %v, %d unchanged", rows(again.writes()), again.tenants[0].Unchanged)
	}
}

// What happens to a line when MySonicWall or a person changes something: after says which fields are written, nil that nothing
// is; held which reason a row waits for.
func TestManagedAddition(t *testing.T) {
	t.Parallel()
	services := func(mods ...func(*Service)) func(*Product) {
		return func(p *Product) {
			s := p.Services[0]
			s.Subs = append([]Service{}, s.Subs...)
			for _, mod := range mods {
				mod(&s)
			}
			p.Services = []Service{s}
		}
	}
	noDates := services(func(s *Service) { s.Expiry, s.Subs[0].Expiry = Date{}, Date{} })
	tests := []struct {
		name    string
		product func(*Product)
		person  func(*Addition)
		after   Fields
		held    Reason
		why     string
	}{
		{"R26 a renewal moves the end", services(func(s *Service) { s.Expiry = MustDate("2028-02-10") }), nil, Fields{FieldCancelled: "2028-02-10"}, "", "latest expiry"},
		{"R26 an earlier end follows too", services(func(s *Service) { s.Expiry, s.Subs[0].Expiry = MustDate("2026-12-31"), Date{} }), nil, Fields{FieldCancelled: "2026-12-31"}, "", ""},
		{"R26 a known end that turns blank is held", noDates, nil, nil, ReasonBlankExpiry, ""},
		{"R26 while other fields go on", func(p *Product) {
			noDates(p)
			p.Services[0].Subs[0].Quantity = qty(28)
		}, nil, Fields{FieldQuantity: "28"}, ReasonBlankExpiry, ""},
		{"R26 not before the line starts", services(func(s *Service) { s.Expiry, s.Subs[0].Expiry = MustDate("2026-06-20"), Date{} }), nil, Fields{FieldCancelled: "2026-07-01"}, "", "cannot end before it starts"},
		{"R28 the quantity follows", services(func(s *Service) { s.Subs[0].Quantity = qty(28) }), nil, Fields{FieldQuantity: "28"}, "", "whole period"},
		{"R28 down too", services(func(s *Service) { s.Subs[0].Quantity = qty(1) }), nil, Fields{FieldQuantity: "20"}, "", ""},
		{"R28 missing never replaces", services(func(s *Service) { s.Subs = nil }), nil, nil, "", ""},
		{"R28 nor a service's own figure", services(func(s *Service) { s.Subs, s.Quantity = nil, qty(99) }), nil, nil, "", ""},
		{"R28 zero is held", services(func(s *Service) { s.Subs[0].Quantity, s.Subs[1].Quantity = qty(0), qty(0) }), nil, nil, ReasonZeroQuantity, ""},
		{"a jump is held", services(func(s *Service) { s.Subs[0].Quantity = qty(126) }), nil, nil, ReasonQuantityJump, ""},
		{"a jump back too", services(func(s *Service) { s.Subs[0].Quantity = qty(126) }), func(a *Addition) { a.Quantity = decimal.NewFromInt(500) }, nil, ReasonQuantityJump, ""},
		{"R27 shortened to before billing start fails", services(func(s *Service) { s.Expiry, s.Subs[0].Expiry = MustDate("2025-12-31"), Date{} }), nil, Fields{FieldCancelled: "2026-07-01"}, ReasonExpiredEarly, ""},
		{"R51 an earlier or unknown registration says nothing", func(p *Product) { p.Registered = Date{} }, nil, nil, "", ""},
		{"R24 a person's quantity is overwritten and said", nil, func(a *Addition) { a.Quantity = decimal.NewFromInt(3) }, Fields{FieldQuantity: "25"}, "", "by hand"},
		{"R24 a person's longer end too", nil, func(a *Addition) { a.Cancelled = MustDate("2029-01-01") }, Fields{FieldCancelled: "2027-02-10"}, "", "by hand"},
		{"R24 a person's serial too", nil, func(a *Addition) { a.Serial = "" }, Fields{FieldSerial: "0040103A0001"}, "", "by hand"},
		{"R24 bill customer stays", nil, func(a *Addition) { a.BillCustomer = "NoCharge" }, nil, "", ""},
		{"R24 descriptions stay", nil, func(a *Addition) { a.Description, a.InvoiceDescription = "Ours", "Ours" }, nil, "", ""},
		{"R24 effective date and price stay", nil, func(a *Addition) { a.Effective, a.UnitPrice = MustDate("2026-08-01"), decimal.NewFromInt(9) }, nil, "", ""},
		{"unreadable facts fail the product", func(p *Product) { p.Problems = []string{"The expiry “soon” is no date."} }, nil, nil, ReasonUnreadable, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tenant := w.addTenant("Acme", captureClient("0040103A0001", "2027-02-10"))
			w.sync()
			if test.product != nil {
				test.product(&tenant.products[0])
			}
			if test.person != nil {
				w.edit(test.person)
			}
			var after Fields
			var reason Reason
			for _, c := range w.plan(tenant, w.state()).Changes {
				switch c.Status {
				case StatusPlanned:
					after = c.After
					if c.Action != ActionUpdate || c.NextInvoice.IsZero() != !touchesBilling(c.After) || !strings.Contains(c.Why[0].Rule, test.why) {
						t.Errorf("%+v", c)
					}
				default:
					reason = c.Reason
					if c.Message == "" || c.CWMID == 0 {
						t.Errorf("%+v", c)
					}
					if c.Status == StatusFailed {
						after = c.After
					}
				}
			}
			if diff := cmp.Diff(test.after, after); diff != "" || reason != test.held {
				t.Errorf("reason %q, want %q; %s", reason, test.held, diff)
			}
			w.sync()
			if again := w.planAll().writes(); len(again) > 0 {
				t.Errorf("again: %+v", again)
			}
		})
	}
}

// R52: deleted or cancelled by a person: noted once, left alone from then on, the other products go on.
func TestAdditionEndedByHand(t *testing.T) {
	t.Parallel()
	persons := map[string]func(*world){
		"deleted":         func(w *world) { clear(w.additions) },
		"brought forward": func(w *world) { w.edit(func(a *Addition) { a.Cancelled = MustDate("2026-07-31") }) },
	}
	for name, person := range persons {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tenant := w.addTenant("Acme", captureClient("0040103A0001", "2027-02-10"))
			w.sync()
			person(w)
			if name == "deleted" {
				first := PlanTenant(w.input(tenant, w.state()))
				if len(first.UnverifiedAdditions) != 1 || len(first.Observations) > 0 || len(first.Changes) > 0 {
					t.Fatalf("a list may lag: asked for by id first: %+v", first)
				}
			}
			plan := w.sync().tenants[0]
			if len(plan.Changes) > 0 || len(plan.Observations) != 1 || plan.Observations[0].EndedByHand != w.today || len(plan.Notes) != 1 {
				t.Fatalf("%+v", plan)
			}
			if anew := (Managed{}).Observed(plan.Observations[0]).Resuming() == ActionCreate; anew != (name == "deleted") {
				t.Errorf("resuming makes it anew: %v", anew)
			}
			tenant.products[0].Services[0].Expiry = MustDate("2030-01-01")
			plan = w.sync().tenants[0]
			if len(plan.Changes)+len(plan.Observations)+len(plan.UnverifiedAdditions) > 0 {
				t.Errorf("touched again: %+v", plan)
			}
		})
	}
	t.Run("only lagging", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		tenant := w.addTenant("Acme", captureClient("0040103A0001", "2027-02-10"))
		w.sync()
		in := w.input(tenant, w.state())
		in.VerifiedAdditions = map[int]bool{in.Additions[0].ID: true}
		in.Additions = nil
		if plan := PlanTenant(in); len(plan.Changes)+len(plan.Observations) > 0 || len(plan.Notes) != 1 {
			t.Errorf("%+v", plan)
		}
	})
}

// R33: what is made of lines that stand under the natural key already.
func TestAdditionFound(t *testing.T) {
	t.Parallel()
	found := func(mods ...func(*Addition)) Addition {
		a := Addition{AgreementID: 51, Product: "sonicwall_capture_client_tenant_advanced", Serial: "0040103a0001", BillCustomer: "NoCharge",
			Quantity: decimal.NewFromInt(25), Effective: MustDate("2026-02-01"), Cancelled: MustDate("2027-02-10"), InvoiceDescription: "As agreed"}
		for _, mod := range mods {
			mod(&a)
		}
		return a
	}
	right := func(a *Addition) { a.Serial = "0040103A0001" }
	ended := func(a *Addition) { a.Cancelled = MustDate("2026-05-31") }
	tests := []struct {
		name   string
		lines  []Addition
		expiry string
		action Action
		status Status
		reason Reason
		id     int // of the line acted on
		after  Fields
	}{
		{"the only one is adopted, with the serial", []Addition{found()}, "2027-02-10", ActionAdopt, StatusPlanned, "", 1, Fields{FieldSerial: "0040103A0001"}},
		{"right already: without a write", []Addition{found(right)}, "2027-02-10", ActionAdopt, StatusPlanned, "", 1, nil},
		{"its end and quantity follow", []Addition{found(right, func(a *Addition) { a.Cancelled, a.Quantity = Date{}, decimal.NewFromInt(5) })}, "2027-02-10", ActionAdopt, StatusPlanned, "", 1,
			Fields{FieldCancelled: "2027-02-10", FieldQuantity: "25"}},
		{"the open one of several", []Addition{found(ended), found(right)}, "2027-02-10", ActionAdopt, StatusPlanned, "", 2, nil},
		{"several open are held", []Addition{found(), found()}, "2027-02-10", ActionAdopt, StatusHeld, ReasonSeveralOpen, 0, nil},
		{"a cancelled one is never revived", []Addition{found(ended)}, "2027-02-10", ActionCreate, StatusHeld, ReasonNotRevived, 0, nil},
		{"one that ended with the product is right", []Addition{found(right, ended)}, "2026-05-31", ActionAdopt, StatusPlanned, "", 1, nil},
		{"of several such the latest to start", []Addition{found(right, ended), found(right, ended, func(a *Addition) { a.Effective = MustDate("2026-03-01") }), found(right, ended)}, "2026-05-31",
			ActionAdopt, StatusPlanned, "", 2, nil},
		{"ends today: still open", []Addition{found(right, func(a *Addition) { a.Cancelled = MustDate("2026-06-15") })}, "2027-02-10", ActionAdopt, StatusPlanned, "", 1, Fields{FieldCancelled: "2027-02-10"}},
		{"nothing to bill: a cancelled line is no question", []Addition{found(ended)}, "2026-06-20", ActionCreate, StatusSkipped, ReasonNothingToBill, 0, nil},
		{"another product's line is not it", []Addition{found(func(a *Addition) { a.Product = "OTHER" })}, "2027-02-10", ActionCreate, StatusPlanned, "", 0, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tenant := w.addTenant("Acme", captureClient("0040103A0001", test.expiry))
			for i, a := range test.lines {
				a.ID = i + 1
				w.additions[a.ID] = a
			}
			c := w.plan(tenant, w.state()).Changes[0]
			if c.Action != test.action || c.Status != test.status || c.Reason != test.reason || c.CWMID != test.id {
				t.Errorf("%s %s %s on %d", c.Action, c.Status, c.Reason, c.CWMID)
			}
			if diff := cmp.Diff(test.after, c.After); test.action == ActionAdopt && test.status == StatusPlanned && diff != "" {
				t.Error(diff)
			}
			before := w.additions[1]
			w.sync()
			if got := w.additions[1]; got.BillCustomer != before.BillCustomer || got.InvoiceDescription != before.InvoiceDescription || got.Effective != before.Effective {
				t.Errorf("what a person may own stays as found: %+v", got)
			}
			if again := w.planAll().writes(); len(again) > 0 {
				t.Errorf("again: %+v", again)
			}
		})
	}
}

// Why a product gets no line, or one that waits (R19, R25-R28 and the limits of one product).
func TestAdditionNotCreated(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		setup  func(*world, *worldTenant)
		status Status
		reason Reason
		words  string
	}{
		{"R27 expired before billing start", func(_ *world, w *worldTenant) { w.products[0] = captureClient("0040103A0001", "2025-12-31") }, StatusFailed, ReasonExpiredEarly,
			"Error occurred while creating/updating an addition for product. It expired on 2025-12-31, before billing of the agreement Managed Security starts on 2026-01-01."},
		{"R27 expired, nothing to bill", func(_ *world, w *worldTenant) { w.products[0] = captureClient("0040103A0001", "2026-06-30") }, StatusSkipped, ReasonNothingToBill, "Expired, nothing to bill"},
		{"R25 old next invoice date", func(_ *world, w *worldTenant) { w.agreement.NextInvoice = MustDate("2026-03-01") }, StatusHeld, ReasonOldInvoice, "2026-03-01"},
		{"R28 zero", func(_ *world, w *worldTenant) {
			w.products[0].Services[0].Subs = []Service{{Name: "a", Quantity: qty(0), Expiry: MustDate("2027-01-01")}}
		}, StatusHeld, ReasonZeroQuantity, "quantity 0"},
		{"R28 negative", func(_ *world, w *worldTenant) { w.products[0].Services[0].Subs[0].Quantity = qty(-5) }, StatusHeld, ReasonContradiction, "quantity -5 for Rollback"},
		{"a date in 1970", func(_ *world, w *worldTenant) { w.products[0].Registered = MustDate("1970-01-01") }, StatusHeld, ReasonContradiction, "registered on 1970-01-01"},
		{"a date in 9999", func(_ *world, w *worldTenant) { w.products[0].Services[0].Subs[1].Expiry = MustDate("9999-12-31") }, StatusHeld, ReasonContradiction, "Device Control expires on 9999-12-31"},
		{"registered after everything expired", func(_ *world, w *worldTenant) { w.products[0].Registered = MustDate("2027-02-11") }, StatusHeld, ReasonContradiction, "registered on 2027-02-11"},
		{"R19 price first", func(w *world, _ *worldTenant) { w.settings.Options.PriceFirst = true }, StatusHeld, ReasonPriceFirst, "no price yet"},
		{"unreadable", func(_ *world, w *worldTenant) { w.products[0].Problems = []string{"The expiry “soon” is no date."} }, StatusFailed, ReasonUnreadable, "“soon”"},
		{"no serial number", func(_ *world, w *worldTenant) { w.products[0].Serial = " " }, StatusFailed, ReasonUnreadable, "no serial number"},
		{"serial too long", func(_ *world, w *worldTenant) { w.products[0].Serial = strings.Repeat("A", 51) }, StatusFailed, ReasonSerialTooLong, "longer than the 50 characters"},
		{"no start date", func(_ *world, w *worldTenant) { w.products[0].Registered, w.agreement.Cycle = Date{}, BillingNone }, StatusFailed, ReasonUnreadable, "registered"},
		{"one serial in two tenants", func(w *world, _ *worldTenant) { w.addTenant("Bolt", captureClient("0040103A0001", "2027-02-10")) }, StatusHeld, ReasonTwoTenants, "Bolt"},
		{"one serial, two products", func(_ *world, w *worldTenant) {
			other := captureClient("0040103A0001", "2027-02-10")
			other.Tier = "BASIC"
			w.products = append(w.products, other)
		}, StatusHeld, ReasonContradiction, "two products"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tenant := w.addTenant("Acme", captureClient("0040103A0001", "2027-02-10"))
			tenant.products = append(tenant.products, captureClient("0040103A0002", "2027-02-10"))
			test.setup(w, tenant)
			for i, c := range w.plan(tenant, w.state()).Changes {
				if c.Serial == "0040103A0002" && c.Status != StatusPlanned && test.reason != ReasonPriceFirst && test.reason != ReasonOldInvoice {
					t.Errorf("the tenant's other products go on: %+v", c)
				}
				if i > 0 || c.Serial == "0040103A0002" {
					continue
				}
				if c.Status != test.status || c.Reason != test.reason || !strings.Contains(c.Message, test.words) {
					t.Errorf("%s %s: %s", c.Status, c.Reason, c.Message)
				}
			}
		})
	}
}

// R19: a line whose item has a price does not bill zero, and is not held by Price first.
func TestPricedItem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.settings.Options.PriceFirst = true
	tenant := w.addTenant("Acme", captureClient("0040103A0001", "2027-02-10"))
	w.sync()
	for id, item := range w.catalog {
		item.Price = decimal.NewFromInt(4)
		w.catalog[id] = item
	}
	c := find(t, w.plan(tenant, w.state()).Changes, KindAddition, ActionCreate)
	if c.Status != StatusPlanned || c.BillsZero {
		t.Errorf("%+v", c)
	}
}

// A product listed twice counts once, by its last row; one that is not billable gets nothing.
func TestListedTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	second := captureClient("0040103A0001", "2028-02-10")
	unbillable := captureClient("0040103A0002", "2028-02-10")
	unbillable.Billable = false
	tenant := w.addTenant("Acme", captureClient("0040103A0001", "2027-02-10"), second, unbillable)
	plan := w.plan(tenant, w.state())
	if len(plan.Changes) != 1 || plan.Changes[0].After[FieldCancelled] != "2028-02-10" || len(plan.Notes) != 1 {
		t.Errorf("%+v", plan)
	}
}
