package bridge

import (
	"strings"
	"testing"

	"github.com/shopspring/decimal"
)

// R26: the latest over services and sub-services; none expiring is no date.
func TestExpiryOf(t *testing.T) {
	t.Parallel()
	early, mid, late := MustDate("2026-01-01"), MustDate("2027-01-01"), MustDate("2028-01-01")
	tests := []struct {
		name     string
		services []Service
		want     Date
		label    string
	}{
		{"a service", []Service{{Name: "A", Expiry: early}, {Name: "B", Expiry: late}}, late, "B"},
		{"a sub-service outlives its suite", []Service{{Name: "A", Expiry: early, Subs: []Service{{Name: "Support", Expiry: mid}}}}, mid, "A: Support"},
		{"a blank date takes no part", []Service{{Name: "A", Expiry: early, Subs: []Service{{Name: "VPN"}}}}, early, "A"},
		{"nothing expires", []Service{{Name: "A", Subs: []Service{{Name: "VPN"}}}}, Date{}, ""},
		{"no services", nil, Date{}, ""},
	}
	for _, test := range tests {
		got, label := ExpiryOf(Product{Services: test.services})
		if got != test.want || label != test.label {
			t.Errorf("%s: %s from %q, want %s from %q", test.name, got, label, test.want, test.label)
		}
	}
}

// R28: sub-services before services before 1; missing is not zero.
func TestQuantityOf(t *testing.T) {
	t.Parallel()
	none := decimal.NullDecimal{}
	tests := []struct {
		name     string
		services []Service
		want     string
		from     string
		label    string
	}{
		{"highest sub-service", []Service{{Name: "S", Quantity: qty(99), Subs: []Service{{Name: "a", Quantity: qty(25)}, {Name: "b", Quantity: qty(28)}}}}, "28", QuantityFromSubService, "S: b"},
		{"over several services", []Service{{Name: "S", Subs: []Service{{Name: "a", Quantity: qty(5)}}}, {Name: "T", Subs: []Service{{Name: "b", Quantity: qty(7)}}}}, "7", QuantityFromSubService, "T: b"},
		{"services when no sub-service has one", []Service{{Name: "S", Quantity: qty(3), Subs: []Service{{Name: "a", Quantity: none}}}, {Name: "T", Quantity: qty(4)}}, "4", QuantityFromService, "T"},
		{"one when nothing has any", []Service{{Name: "S"}}, "1", QuantityFromDefault, ""},
		{"zero is a figure", []Service{{Name: "S", Quantity: qty(9), Subs: []Service{{Name: "a", Quantity: qty(0)}}}}, "0", QuantityFromSubService, "S: a"},
		{"so is a negative one", []Service{{Name: "S", Quantity: qty(-3)}}, "-3", QuantityFromService, "S"},
	}
	for _, test := range tests {
		got := QuantityOf(Product{Services: test.services})
		if got.Value.String() != test.want || got.From != test.from || got.Label != test.label {
			t.Errorf("%s: %+v", test.name, got)
		}
	}
}

// R28: a missing quantity never replaces a known one, nor a service's own figure that of its sub-services.
func TestQuantityReplaces(t *testing.T) {
	t.Parallel()
	tests := []struct {
		from, before string
		want         bool
	}{
		{QuantityFromSubService, QuantityFromSubService, true},
		{QuantityFromSubService, QuantityFromService, true},
		{QuantityFromSubService, QuantityFromDefault, true},
		{QuantityFromSubService, "", true},
		{QuantityFromService, QuantityFromSubService, false},
		{QuantityFromService, QuantityFromService, true},
		{QuantityFromService, "", true},
		{QuantityFromDefault, QuantityFromSubService, false},
		{QuantityFromDefault, QuantityFromDefault, false},
		{QuantityFromDefault, "", false},
	}
	for _, test := range tests {
		if got := (Quantity{From: test.from}).Replaces(test.before); got != test.want {
			t.Errorf("%q after %q: %v", test.from, test.before, got)
		}
	}
}

// The limit quantity_factor and quantity_step: both must be exceeded, the factor counting both ways, zero switching it off.
func TestQuantityJumps(t *testing.T) {
	t.Parallel()
	off, stepOff := DefaultLimits(), DefaultLimits()
	off.QuantityFactor, stepOff.QuantityStep = decimal.Zero, decimal.Zero
	tests := []struct {
		from, to int64
		limits   Limits
		want     bool
	}{
		{10, 30, DefaultLimits(), false}, {10, 110, DefaultLimits(), false}, {10, 111, DefaultLimits(), true},
		{100, 300, DefaultLimits(), false}, {100, 301, DefaultLimits(), true}, {301, 100, DefaultLimits(), true}, {300, 100, DefaultLimits(), false},
		{0, 101, DefaultLimits(), true}, {0, 100, DefaultLimits(), false}, {1, 100000, off, false}, {1, 4, stepOff, true}, {1, 3, stepOff, false},
	}
	for _, test := range tests {
		if got := QuantityJumps(decimal.NewFromInt(test.from), decimal.NewFromInt(test.to), test.limits); got != test.want {
			t.Errorf("%d to %d: %v", test.from, test.to, got)
		}
	}
}

// R25: when a new line starts.
func TestEffectiveDate(t *testing.T) {
	t.Parallel()
	monthly := func(bill, next string) Agreement {
		return Agreement{Cycle: BillingMonthly, BillStart: MustDate(bill), NextInvoice: MustDate(next)}
	}
	plain := func(bill string) Agreement {
		return Agreement{BillStart: MustDate(bill), NextInvoice: MustDate("2026-07-01")}
	}
	tests := []struct {
		name       string
		registered string
		a          Agreement
		today      string
		want       string
		old        bool
	}{
		{"registration date", "2026-03-05", plain("2026-01-01"), "2026-06-15", "2026-03-05", false},
		{"not before billing start", "2025-03-05", plain("2026-01-01"), "2026-06-15", "2026-01-01", false},
		{"on billing start", "2026-01-01", plain("2026-01-01"), "2026-06-15", "2026-01-01", false},
		{"no billing start", "2025-03-05", plain(""), "2026-06-15", "2025-03-05", false},
		{"an old registration is no old invoice", "2020-03-05", plain(""), "2026-06-15", "2020-03-05", false},
		{"no registration, nothing to go by", "", plain("2026-01-01"), "2026-06-15", "", false},
		{"one-time billing does not recur", "2026-03-05", Agreement{Cycle: BillingMonthly, OneTime: true, NextInvoice: MustDate("2026-07-01")}, "2026-06-15", "2026-03-05", false},
		{"NotRecurring does not recur", "2026-03-05", Agreement{Cycle: BillingNotRecurring, NextInvoice: MustDate("2026-07-01")}, "2026-06-15", "2026-03-05", false},
		{"monthly: next invoice", "2025-03-05", monthly("2026-01-01", "2026-07-01"), "2026-06-15", "2026-07-01", false},
		{"monthly: billing start if later", "2025-03-05", monthly("2026-08-01", "2026-07-01"), "2026-06-15", "2026-08-01", false},
		{"monthly: just passed, the first not invoiced yet", "2025-03-05", monthly("2026-01-01", "2026-06-01"), "2026-06-15", "2026-06-01", false},
		{"monthly: exactly one period old", "2025-03-05", monthly("2026-01-01", "2026-05-15"), "2026-06-15", "2026-05-15", false},
		{"monthly: older than one period", "2025-03-05", monthly("2026-01-01", "2026-05-14"), "2026-06-15", "2026-05-14", true},
		{"monthly: the 31st and a short month", "2025-03-05", monthly("2026-01-01", "2026-01-31"), "2026-02-28", "2026-01-31", false},
		{"monthly: unknown registration does not matter", "", monthly("2026-01-01", "2026-07-01"), "2026-06-15", "2026-07-01", false},
		{"monthly: no next invoice", "2026-06-10", monthly("2026-01-01", ""), "2026-06-15", "2026-06-10", false},
		{"monthly: no next invoice, long ago", "2025-06-10", monthly("2026-01-01", ""), "2026-06-15", "2026-01-01", true},
	}
	for _, test := range tests {
		got := EffectiveDate(MustDate(test.registered), test.a, MustDate(test.today))
		if got.Date != MustDate(test.want) || got.Old != test.old || got.Rule == "" {
			t.Errorf("%s: %+v", test.name, got)
		}
	}
}

// R27 and its milder case.
func TestJudgeExpiry(t *testing.T) {
	t.Parallel()
	a := Agreement{Name: "Care", BillStart: MustDate("2026-05-01")}
	start := MustDate("2026-07-01")
	tests := map[string]ExpiryVerdict{
		"": ExpiryFine, "2026-04-30": ExpiredBeforeBillingStart, "2026-05-01": ExpiredNothingToBill, "2026-06-30": ExpiredNothingToBill,
		"2026-07-01": ExpiryFine, "2027-01-01": ExpiryFine,
	}
	for expiry, want := range tests {
		if got := JudgeExpiry(MustDate(expiry), start, a); got != want {
			t.Errorf("expired %q: %v, want %v", expiry, got, want)
		}
	}
	message := expiredMessage(MustDate("2026-04-30"), a)
	if !strings.HasPrefix(message, "Error occurred while creating/updating an addition for product.") ||
		!strings.Contains(message, "2026-04-30") || !strings.Contains(message, "2026-05-01") {
		t.Error(message)
	}
}

// R32's "not yet invoiced", as R49 defines it.
func TestNeverInvoiced(t *testing.T) {
	t.Parallel()
	monthly := Agreement{Cycle: BillingMonthly, NextInvoice: MustDate("2026-07-01")}
	tests := []struct {
		name      string
		a         Agreement
		effective string
		billed    int64
		want      bool
	}{
		{"starts with the next invoice", monthly, "2026-07-01", 0, true},
		{"starts later", monthly, "2026-08-01", 0, true},
		{"started before it", monthly, "2026-06-01", 0, false},
		{"billed already", monthly, "2026-07-01", 3, false},
		{"does not recur", Agreement{}, "2020-01-01", 0, true},
		{"does not recur, billed", Agreement{}, "2020-01-01", 1, false},
	}
	for _, test := range tests {
		line := Addition{Effective: MustDate(test.effective), BilledQuantity: decimal.NewFromInt(test.billed)}
		if got := NeverInvoiced(line, test.a); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}

// R29: told by the cycle's option, never by its name.
func TestRecurrenceOf(t *testing.T) {
	t.Parallel()
	tests := []struct {
		a    Agreement
		want Recurrence
	}{
		{Agreement{}, NotRecurring},
		{Agreement{Cycle: BillingNotRecurring, CycleName: "Monthly"}, NotRecurring},
		{Agreement{Cycle: BillingMonthly, CycleName: "Jahresrechnung"}, MonthlyRecurring},
		{Agreement{Cycle: BillingMonthly, OneTime: true}, NotRecurring},
		{Agreement{Cycle: "Quarterly", CycleName: "Monthly"}, OtherRecurring},
		{Agreement{Cycle: "Yearly"}, OtherRecurring}, {Agreement{Cycle: "SemiAnnual"}, OtherRecurring}, {Agreement{Cycle: "Weekly"}, OtherRecurring},
		{Agreement{Cycle: "BiWeekly"}, OtherRecurring}, {Agreement{Cycle: "BiMonthly"}, OtherRecurring},
		{Agreement{Cycle: "Yearly", OneTime: true}, NotRecurring},
	}
	for _, test := range tests {
		if got := RecurrenceOf(test.a); got != test.want {
			t.Errorf("%+v: %v", test.a, got)
		}
	}
}

// R25: what a child agreement lacks comes from its parent, each by itself.
func TestTerms(t *testing.T) {
	t.Parallel()
	parent := Agreement{ID: 1, Cycle: BillingMonthly, CycleName: "M", Start: MustDate("2025-01-01"), End: MustDate("2027-12-31"),
		BillStart: MustDate("2025-02-01"), NextInvoice: MustDate("2026-07-01")}
	got := Terms(Agreement{ID: 2, NextInvoice: MustDate("2026-06-01")}, parent)
	want := Agreement{ID: 2, Cycle: BillingMonthly, CycleName: "M", Start: parent.Start, BillStart: parent.BillStart, NextInvoice: MustDate("2026-06-01")}
	if got != want {
		t.Errorf("got %+v", got)
	}
	own := Agreement{ID: 3, Cycle: BillingNotRecurring, CycleName: "None", Start: MustDate("2026-01-01"), BillStart: MustDate("2026-01-02")}
	got = Terms(own, parent)
	if got.Cycle != BillingNotRecurring || got.Start != own.Start || got.BillStart != own.BillStart || got.NextInvoice != parent.NextInvoice {
		t.Errorf("got %+v", got)
	}
	if once := Terms(Agreement{OneTime: true}, parent); once.Cycle != BillingNone || !once.OneTime {
		t.Errorf("one-time billing is a choice, not a lack: %+v", once)
	}
}

// R9 and R53.
func TestOffered(t *testing.T) {
	t.Parallel()
	c := Company{ID: 7, Name: "Acme"}
	today := MustDate("2026-06-15")
	tests := []struct {
		name string
		a    Agreement
		c    Company
		want string // part of the reason; empty: offered
	}{
		{"open-ended", Agreement{CompanyID: 7}, c, ""},
		{"ends today", Agreement{CompanyID: 7, End: today}, c, ""},
		{"starts later", Agreement{CompanyID: 7, Start: MustDate("2027-01-01")}, c, ""},
		{"ended", Agreement{CompanyID: 7, Name: "Gold", End: MustDate("2026-06-14")}, c, "Gold ended on 2026-06-14"},
		{"cancelled", Agreement{CompanyID: 7, Name: "Gold", Cancelled: true}, c, "Gold is cancelled"},
		{"deleted company", Agreement{CompanyID: 7}, Company{ID: 7, Name: "Acme", Deleted: true}, "Acme is in ConnectWise's recycle bin"},
		{"of another company", Agreement{CompanyID: 8, Name: "Gold"}, c, "does not belong to the company Acme"},
	}
	for _, test := range tests {
		ok, reason := Offered(test.a, test.c, today)
		if ok != (test.want == "") || !strings.Contains(reason, test.want) || ok != (reason == "") {
			t.Errorf("%s: %v %q", test.name, ok, reason)
		}
	}
}

// R53: same company, offered, same type if possible, latest start.
func TestSuccessor(t *testing.T) {
	t.Parallel()
	c := Company{ID: 7}
	ended := Agreement{ID: 1, CompanyID: 7, Type: "Managed", End: MustDate("2026-05-31")}
	tests := []struct {
		name   string
		others []Agreement
		want   int
	}{
		{"none", nil, 0},
		{"itself never", []Agreement{{ID: 1, CompanyID: 7, Type: "Managed"}}, 0},
		{"another company's never", []Agreement{{ID: 2, CompanyID: 8, Type: "Managed"}}, 0},
		{"ended never", []Agreement{{ID: 2, CompanyID: 7, End: MustDate("2026-01-01")}}, 0},
		{"same type before later start", []Agreement{{ID: 2, CompanyID: 7, Type: "managed", Start: MustDate("2025-01-01")}, {ID: 3, CompanyID: 7, Type: "Block", Start: MustDate("2026-01-01")}}, 2},
		{"latest start", []Agreement{{ID: 2, CompanyID: 7, Type: "Managed", Start: MustDate("2026-06-01")}, {ID: 3, CompanyID: 7, Type: "Managed", Start: MustDate("2026-01-01")}}, 2},
		{"the newer of two alike", []Agreement{{ID: 5, CompanyID: 7}, {ID: 4, CompanyID: 7}}, 5},
	}
	for _, test := range tests {
		got, ok := Successor(ended, test.others, c, MustDate("2026-06-15"))
		if got.ID != test.want || ok != (test.want != 0) {
			t.Errorf("%s: %d %v", test.name, got.ID, ok)
		}
	}
}

// R13.
func TestCheckTenantName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Müller & Søn", "日本", "Acme 🔥", "Acme\u00a0Ltd"} {
		if err := CheckTenantName(name, Options{}); err == nil || !strings.Contains(err.Error(), "outside ASCII") || CodeOf(err) != CodeInvalid {
			t.Errorf("%q: %v", name, err)
		}
		if err := CheckTenantName(name, Options{UnicodeNames: true}); err != nil {
			t.Errorf("%q is allowed: %v", name, err)
		}
	}
	if err := CheckTenantName("Acme & Sons, Inc. (East)", Options{}); err != nil {
		t.Error(err)
	}
}

// R12.
func TestCompanyWarning(t *testing.T) {
	t.Parallel()
	chosen := Options{ActiveStatuses: []string{"Customer", "VIP"}}
	tests := []struct {
		status  string
		options Options
		active  bool
	}{
		{"Active", Options{}, true}, {"active ", Options{}, true}, {"Prospect", Options{}, false}, {"", Options{}, false},
		{"vip", chosen, true}, {"Active", chosen, false},
	}
	for _, test := range tests {
		c := Company{Name: "Acme", Status: test.status}
		warning := CompanyWarning(c, test.options)
		if CompanyActive(c, test.options) != test.active || (warning == "") != test.active {
			t.Errorf("%q: %q", test.status, warning)
		}
	}
}
