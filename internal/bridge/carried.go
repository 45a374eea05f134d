package bridge

import (
	"cmp"
	"fmt"
	"slices"
)

// carried is what a new line takes over from the line that billed the product before (R49), because what MySonicWall says instead
// would wait for a person on that one: a quantity that jumps or is zero, an expiry that turned blank (R26, R28). Nil without one.
type carried struct {
	from     forerunner
	quantity Quantity
	known    bool // the quantity is the old line's
	end      Date // the old line's, zero where MySonicWall's counts
	waits    []heldField
}

// carryOver compares a product with the line that bills it until a new one does. What a person has released already is written.
func (t *tenantPlanner) carryOver(c *candidate, change *Change, before []forerunner) carried {
	out := carried{quantity: QuantityOf(*c.Product)}
	f, found := t.billing(before)
	if !found {
		return out
	}
	out.from = f
	desired := Fields{}
	hold := func(h *heldField) bool {
		if h == nil {
			return false
		}
		row := Change{Kind: KindAddition, Key: change.Key, Action: ActionUpdate, Serial: c.Serial,
			Before: Fields{h.field: f.line.Fields().Get(h.field)}, After: Fields{h.field: h.value}}
		d := t.decision(row, h.reason, ChoiceRelease)
		if row.Key = f.m.Key; d == nil { // where it waits on the old line, under that one's key
			d = t.decision(row, h.reason, ChoiceRelease)
		}
		if d != nil {
			change.DecisionID, change.Decided = d.ID, d.By
			return false
		}
		out.waits = append(out.waits, *h)
		return true
	}
	if h := t.wantQuantity(out.quantity, *f.line, f.m, desired); hold(h) || h == nil && desired[FieldQuantity] == "" {
		out.known = !out.quantity.Value.Equal(f.line.Quantity)
		out.quantity.Value = f.line.Quantity
		if !QuantityOf(*c.Product).Replaces(f.m.Facts[FactQuantityFrom]) {
			out.quantity.From = f.m.Facts[FactQuantityFrom]
		}
	}
	if hold(t.wantCancelled(c, *f.line, f.m, desired)) {
		out.end = f.line.Cancelled
	}
	return out
}

// billing is the line that bills a product until another one does: of several the one that was not to end yet, then the latest.
func (t *tenantPlanner) billing(before []forerunner) (f forerunner, found bool) {
	alive := slices.DeleteFunc(slices.Clone(before), func(f forerunner) bool { return !f.alive(t.in.Today) })
	if len(alive) == 0 {
		return forerunner{}, false
	}
	return slices.MaxFunc(alive, func(a, b forerunner) int {
		return cmp.Or(cmp.Compare(b.m.Facts[FactEnded], a.m.Facts[FactEnded]), a.line.Effective.Compare(b.line.Effective))
	}), true
}

// into puts what is carried over into a new line's values and reasons.
func (k carried) into(change *Change) {
	change.After[FieldQuantity] = k.quantity.Value.String()
	if !k.end.IsZero() {
		change.After[FieldCancelled] = k.end.String()
	}
	for i := range change.Why {
		w := &change.Why[i]
		switch {
		case w.Field == FieldQuantity && k.known:
			w.Rule = "The line takes over the quantity of the one before it."
		case w.Field == FieldCancelled && !k.end.IsZero():
			w.Rule = fmt.Sprintf("The line ends on %s like the one before it: a known expiry that turns blank does not clear the date by itself.", k.end)
		default:
			continue
		}
		w.Facts = append(slices.Clip(w.Facts), Fact{SourceConnectWise, "line before", k.from.line.Fields().Get(w.Field)})
	}
}

// holdCarried shows, beside the new line, what will wait on it.
func (t *tenantPlanner) holdCarried(c *candidate, line Change, k carried) {
	row := line
	row.DecisionID, row.Decided, row.Link, row.BillFrom, row.Needs = 0, "", "", Date{}, nil
	for _, h := range k.waits {
		t.holdField(row, h, line.After, c, QuantityOf(*c.Product))
	}
}

// holdOldEnd shows on the line that stays what keeps it from running on: the end that MySonicWall no longer gives (R26).
func (t *tenantPlanner) holdOldEnd(c *candidate, k carried) {
	m := k.from.m
	row := t.change(KindAddition, ActionUpdate, m.Key, c)
	row.ParentID, row.CWMID = m.ParentID, m.CWMID
	for _, h := range k.waits {
		if h.reason == ReasonBlankExpiry {
			t.holdField(row, h, k.from.line.Fields(), c, QuantityOf(*c.Product))
		}
	}
}
