package bridge

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// R49: what a question foretells about another agreement is what the plan then does.
func TestRemapForetellsThePlan(t *testing.T) {
	t.Parallel()
	tests := map[string]func(w *world, tenant *worldTenant, to *Agreement){
		"the same period":            func(_ *world, _ *worldTenant, to *Agreement) { to.NextInvoice = MustDate("2026-08-01") },
		"an earlier invoice":         func(_ *world, _ *worldTenant, to *Agreement) { to.NextInvoice = MustDate("2026-07-20") },
		"a later invoice":            func(_ *world, _ *worldTenant, to *Agreement) { to.NextInvoice = MustDate("2026-08-15") },
		"billing starts later":       func(_ *world, _ *worldTenant, to *Agreement) { to.BillStart = MustDate("2026-09-01") },
		"no recurrence":              func(_ *world, _ *worldTenant, to *Agreement) { to.Cycle, to.NextInvoice = BillingNotRecurring, Date{} },
		"the old agreement ended":    func(_ *world, tenant *worldTenant, _ *Agreement) { tenant.agreement.End = MustDate("2026-07-09") },
		"the old agreement is ended": func(_ *world, tenant *worldTenant, _ *Agreement) { tenant.agreement.Cancelled = true },
		"never invoiced": func(w *world, tenant *worldTenant, to *Agreement) {
			w.unbill()
			tenant.agreement.NextInvoice, to.NextInvoice = MustDate("2026-07-01"), MustDate("2026-07-01")
		},
		"the product ends before": func(w *world, tenant *worldTenant, _ *Agreement) {
			tenant.products[0] = captureClient("0040103A0001", "2026-07-20")
			w.sync()
		},
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, tenant := invoiced(t)
			to := tenant.agreement
			to.ID, to.Name = 90, "Edge Security"
			change(w, tenant, &to)
			from := tenant.agreement
			var lines []Managed
			for _, m := range w.managed {
				if m.Open(w.today) {
					lines = append(lines, m)
				}
			}
			if len(lines) != 1 {
				t.Fatalf("open lines: %d", len(lines))
			}
			told := Remap(lines[0].Addition(), from, to, w.today)
			w.remap(tenant, to, tenant.company)
			var want Remapped
			changes := w.plan(tenant, w.state()).Changes
			for _, c := range changes {
				switch c.Action {
				case ActionCreate:
					want.Starts = MustDate(c.After[FieldEffective])
				case ActionCancel:
					want.Ends = MustDate(c.After[FieldCancelled])
					want.Unbilled = c.After[FieldBillCustomer] == doNotBill
				default:
				}
			}
			if told.Stays {
				told.Ends = Date{}
				want.Stays = len(changes) == 0
			}
			if diff := cmp.Diff(want, told); diff != "" {
				t.Errorf("told, and planned: %s", diff)
			}
		})
	}
}
