package bridge

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
)

// seatsOf sets what MySonicWall says about seats; an invalid figure is none.
func (t *worldTenant) seatsOf(figure decimal.NullDecimal) {
	t.products[0].Services = []Service{{Name: "Capture Client Advanced", Expiry: t.products[0].Services[0].Expiry,
		Subs: []Service{{Name: "Rollback", Quantity: figure, Expiry: t.products[0].Services[0].Expiry}}}}
}

func (t *worldTenant) withoutExpiry() {
	t.products[0].Services = []Service{{Name: "Capture Client Advanced", Subs: []Service{{Name: "Rollback", Quantity: qty(25)}}}}
}

// R49 with R26 and R28: a product that moves takes along what its line knows. A figure that would wait on the old line waits on the
// new one, and a missing one replaces none; the move goes on meanwhile.
func TestWhatALineKnowsMovesAlong(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change          func(*worldTenant)
		quantity, until string   // of the new line
		waits           []string // field, value and reason of what is held beside it
	}{
		"a quantity that jumps":         {func(t *worldTenant) { t.seatsOf(qty(200)) }, "25", "2027-02-10", []string{"quantity 200 quantity_jump"}},
		"a quantity of zero":            {func(t *worldTenant) { t.seatsOf(qty(0)) }, "25", "2027-02-10", []string{"quantity 0 quantity_zero"}},
		"a quantity that is missing":    {func(t *worldTenant) { t.seatsOf(decimal.NullDecimal{}) }, "25", "2027-02-10", nil},
		"a quantity that may change":    {func(t *worldTenant) { t.seatsOf(qty(30)) }, "30", "2027-02-10", nil},
		"an expiry that turns blank":    {(*worldTenant).withoutExpiry, "25", "2027-02-10", []string{"cancelledDate  expiry_blank"}},
		"an expiry that moves, as ever": {func(t *worldTenant) { t.products[0] = captureClient("0040103A0001", "2028-02-10") }, "25", "2028-02-10", nil},
	} {
		for move, how := range map[string]func(*world, *worldTenant){
			"another agreement": func(w *world, t *worldTenant) {
				next := t.agreement
				next.ID = 90
				w.remap(t, next, t.company)
			},
			"another tier": func(_ *world, t *worldTenant) { t.products[0].Tier = "PREMIER" },
		} {
			t.Run(name+", "+move, func(t *testing.T) {
				t.Parallel()
				w, tenant := invoiced(t)
				test.change(tenant)
				how(w, tenant)
				rows := w.planAll().tenants[0].Changes
				line := find(t, rows, KindAddition, ActionCreate)
				if line.Status != StatusPlanned || line.After[FieldQuantity] != test.quantity || line.After[FieldCancelled] != test.until {
					t.Errorf("%+v", line)
				}
				if diff := cmp.Diff(test.waits, heldFields(rows)); diff != "" {
					t.Error(diff)
				}
				w.sync()
				if diff := cmp.Diff(test.waits, heldFields(w.planAll().tenants[0].Changes)); diff != "" {
					t.Errorf("afterwards: %s", diff)
				}
			})
		}
	}
}

// heldFields are the values that wait on lines.
func heldFields(rows []Change) []string {
	var out []string
	for _, c := range rows {
		if c.Status == StatusHeld && c.Action == ActionUpdate {
			for _, field := range c.After.Names() {
				out = append(out, field+" "+c.After[field]+" "+string(c.Reason))
			}
		}
	}
	return out
}

// R49: what a person said about the old line counts for the new one under the same key.
func TestDecisionsMoveAlong(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		choice   Choice
		quantity string
	}{"dismissed": {ChoiceDismiss, "25"}, "released": {ChoiceRelease, "200"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, tenant := invoiced(t)
			tenant.seatsOf(qty(200))
			w.decide(w.planAll().tenants[0].Changes[0], test.choice)
			next := tenant.agreement
			next.ID = 90
			w.remap(tenant, next, tenant.company)
			plan := w.planAll().tenants[0]
			line := find(t, plan.Changes, KindAddition, ActionCreate)
			if line.Status != StatusPlanned || line.After[FieldQuantity] != test.quantity || len(heldFields(plan.Changes)) > 0 || len(plan.Spent) > 0 {
				t.Errorf("%+v", plan)
			}
			if released := test.choice == ChoiceRelease; (line.DecisionID == 1) != released || (plan.Dismissed == 1) == released {
				t.Errorf("%+v", plan)
			}
			w.sync()
			if again := w.planAll(); len(again.writes()) > 0 || len(heldFields(again.tenants[0].Changes)) > 0 {
				t.Errorf("afterwards: %+v", again.tenants[0])
			}
		})
	}
}
