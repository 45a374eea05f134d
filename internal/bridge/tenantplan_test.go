package bridge

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// R13, R53: what fails a whole tenant; nothing is written for it.
func TestBlocked(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		setup func(*TenantInput)
		words []string // empty: not blocked
	}{
		{"open", func(*TenantInput) {}, nil},
		{"starts later", func(in *TenantInput) { in.Agreement.Start = MustDate("2027-01-01") }, nil},
		{"R13 a name outside ASCII", func(in *TenantInput) { in.Tenant.Name = "Müller" }, []string{"Müller", "outside ASCII", "Allow Unicode tenant names"}},
		{"R13 allowed", func(in *TenantInput) { in.Tenant.Name, in.Settings.Options.UnicodeNames = "Müller", true }, nil},
		{"R53 ended", func(in *TenantInput) { in.Agreement.End = MustDate("2026-05-31") }, []string{"ended on 2026-05-31", "Nothing was written", "Map the tenant to an agreement that is open"}},
		{"R53 ended, with a successor", func(in *TenantInput) {
			in.Agreement.End, in.Successor = MustDate("2026-05-31"), "Managed Security 2026"
		}, []string{"Managed Security 2026"}},
		{"R53 cancelled", func(in *TenantInput) { in.Agreement.Cancelled = true }, []string{"is cancelled"}},
		{"R53 company in the recycle bin", func(in *TenantInput) { in.Company.Deleted = true }, []string{"recycle bin"}},
		{"agreement gone", func(in *TenantInput) { in.Agreement = Agreement{} }, []string{"agreement", "no longer exists"}},
		{"company gone", func(in *TenantInput) { in.Company = Company{} }, []string{"company", "no longer exists"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w, tenant := estate(t, 1)
			tenant.products = tenant.products[:1]
			tenant.products[0].Status = ProductDeleted
			in := w.input(tenant, w.state())
			test.setup(&in)
			plan := PlanTenant(in)
			if (plan.Failure != "") != (len(test.words) > 0) || plan.Failure != Blocked(in) {
				t.Fatalf("%q", plan.Failure)
			}
			for _, words := range test.words {
				if !strings.Contains(plan.Failure, words) {
					t.Errorf("%q lacks %q", plan.Failure, words)
				}
			}
			if len(test.words) > 0 && len(plan.Changes)+len(plan.Observations) > 0 {
				t.Errorf("something is written: %+v", plan)
			}
		})
	}
}

// R29: any recurring period but a month fails the tenant; no addition is written or ended, devices are.
func TestUnsupportedCycle(t *testing.T) {
	t.Parallel()
	w, tenant := estate(t, 1)
	tenant.agreement.Cycle, tenant.agreement.CycleName = "Quarterly", "Monthly (3)"
	tenant.products[0].Status = ProductDeleted
	tenant.products = append(tenant.products, captureClient("0040103A0009", "2027-02-10"), firewall("0017C5AA0009", "2027-02-10"))
	plan := w.planAll()
	if !strings.Contains(plan.tenants[0].Failure, "only monthly ones are supported") || !strings.Contains(plan.tenants[0].Failure, "Monthly (3)") {
		t.Error(plan.tenants[0].Failure)
	}
	want := []string{"create configuration Firewall/0017C5AA0009", "attach configuration Firewall/0017C5AA0009"}
	if diff := cmp.Diff(want, rows(plan.tenants[0].Changes)); diff != "" {
		t.Error(diff)
	}
}

// Every row says why, field by field, and names a product; held, failed and skipped ones say so in words.
func TestEveryRowExplainsItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.settings.Options.NetworkAdditions = true
	tenant := w.addTenant("Acme")
	for i := range 4 {
		tenant.products = append(tenant.products, captureClient(fmt.Sprint("C", i), "2027-02-10"), firewall(fmt.Sprint("F", i), "2027-01-31"))
	}
	check := func(p planned) {
		for _, c := range append(p.shared.Changes, p.tenants[0].Changes...) {
			if c.Subject == "" || len(c.Why) == 0 && c.Status == StatusPlanned || c.Status != StatusPlanned && (c.Reason == "" || c.Message == "") {
				t.Errorf("%+v", c)
			}
			for _, why := range c.Why {
				if why.Rule == "" || !strings.HasSuffix(why.Rule, ".") {
					t.Errorf("%s %s: %+v", c.Action, c.Key, why)
				}
			}
			if c.Action != ActionUpdate {
				continue
			}
			for _, field := range c.After.Names() {
				if !strings.Contains(fmt.Sprint(c.Why), field) {
					t.Errorf("%s says nothing of %s", c.Key, field)
				}
			}
		}
	}
	check(w.sync())
	tenant.products[0].Services[0].Expiry = MustDate("2029-01-01")
	tenant.products[1].Services[0].Expiry = MustDate("2029-01-01")
	tenant.products[3].FriendlyName = "Branch"
	w.settings.Options.NetworkAdditions = false
	check(w.sync())
	tenant.products[2].Status, tenant.products[5].Status = ProductDeleted, ProductTransferred
	check(w.sync())
	tenant.products = nil
	check(w.sync())
}

func BenchmarkPlanTenant(b *testing.B) {
	for _, unchanged := range []bool{true, false} {
		b.Run(map[bool]string{true: "unchanged", false: "first run"}[unchanged], func(b *testing.B) {
			w := newWorld(b)
			tenant := w.addTenant("Acme")
			for i := range 25 {
				p := captureClient(fmt.Sprintf("0040103A%04d", i), "2027-02-10")
				if i%2 == 0 {
					p = firewall(fmt.Sprintf("0017C5AA%04d", i), "2027-02-10")
				}
				tenant.products = append(tenant.products, p)
			}
			if unchanged {
				w.sync()
			}
			in := w.input(tenant, w.state())
			b.ReportAllocs()
			for b.Loop() {
				if plan := PlanTenant(in); (len(plan.Changes) == 0) != unchanged {
					b.Fatalf("%d changes", len(plan.Changes))
				}
			}
		})
	}
}
