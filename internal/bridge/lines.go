package bridge

import (
	"cmp"
	"fmt"
	"slices"
)

// heldField is a value of a line that waits for a person while the rest of the line goes on.
type heldField struct {
	field   string
	value   string
	reason  Reason
	message string
}

// mergeAddition plans what to write to a line that stands; m is nil when it is being adopted. Fields that must wait become rows
// of their own (R26, R28).
// It answers false where the line may not run longer, because another one of the product runs.
func (t *tenantPlanner) mergeAddition(c *candidate, line Addition, m *Managed, change Change, lead ...Reasoning) (free bool) {
	current := line.Fields()
	desired := Fields{FieldSerial: c.Serial, FieldInvoiceDescription: cut(c.Name, maxCustomerDescription), FieldBillCustomer: billable}
	var applied Fields
	if m != nil {
		applied = m.LastApplied
	}
	var held []heldField
	end := t.wantCancelled(c, line, m, desired)
	beside := t.runsOnBeside(c, line, m, end, &change, desired)
	held = appendHeld(held, cmp.Or(beside, end))
	quantity := QuantityOf(*c.Product)
	held = appendHeld(held, t.wantQuantity(quantity, line, m, desired))

	merged := Merge(KindAddition, desired, current, applied)
	if m != nil && line.Effective.Before(t.in.Agreement.BillStart) {
		t.startLater(&change, line, m, &merged)
	}
	expiry, label := ExpiryOf(*c.Product)
	if _, moves := merged.After[FieldCancelled]; moves && !expiry.IsZero() && expiry.Before(t.in.Agreement.BillStart) {
		change.Before, change.After = merged.Before, merged.After
		t.addFailed(change, ReasonExpiredEarly, expiredMessage(expiry, t.in.Agreement))
		return true
	}
	change.Before, change.After = merged.Before, merged.After
	change.Why = slices.Clip(lead)
	for _, field := range merged.After.Names() {
		change.Why = append(change.Why, t.whyLine(field, c, expiry, label, quantity, current, applied, merged))
	}
	if touchesBilling(merged.After) {
		change.NextInvoice = t.nextInvoice()
	}
	t.rememberLine(&change, m, line, quantity, merged)
	switch {
	case change.Action == ActionAdopt || merged.Writes():
		t.add(change)
	case len(held) == 0:
		t.plan.Unchanged++
	}
	change.DecisionID, change.Decided, change.Link, change.BillFrom = 0, "", "", Date{}
	for _, h := range held {
		t.holdField(change, h, current, c, quantity)
	}
	return beside == nil
}

// startLater offers the day from which ConnectWise would take a line that it refuses to save, because a person moved the start of
// billing behind the line's own; chosen by a person, it is written. Nothing is offered for a line that ends before that day.
func (t *tenantPlanner) startLater(change *Change, line Addition, m *Managed, merged *Merged) {
	end := line.Cancelled
	if moved, moves := merged.After[FieldCancelled]; moves {
		end, _ = ParseDate(moved)
	}
	day := t.workingDate(line.Effective)
	if !end.IsZero() && end.Before(day) {
		return
	}
	change.BillFrom = day
	d := t.billFrom(m.Key)
	if d == nil || !end.IsZero() && end.Before(d.Date) {
		return
	}
	change.DecisionID, change.Decided = d.ID, d.By
	merged.set(FieldEffective, line.Effective.String(), d.Date.String())
}

func appendHeld(list []heldField, h *heldField) []heldField {
	if h == nil {
		return list
	}
	return append(list, *h)
}

// rememberLine notes facts that belong to the line: with the write where there is one, else by observation.
func (t *tenantPlanner) rememberLine(change *Change, m *Managed, line Addition, quantity Quantity, merged Merged) {
	if m == nil {
		return
	}
	facts := Fields{}
	if quantity.Replaces(m.Facts[FactQuantityFrom]) && m.Facts[FactQuantityFrom] != quantity.From {
		facts[FactQuantityFrom] = quantity.From
	}
	for _, name := range []string{FactEnded, FactMoved, FactMoveSeen, FactMoveTo, FactOptionOff, FactResume, FactOver} {
		if m.Facts[name] != "" {
			facts[name] = ""
		}
	}
	switch _, moves := merged.After[FieldCancelled]; {
	case moves && m.Facts[FactStands] != "":
		facts[FactStands] = ""
	case !moves && m.Facts[FactResume] != "":
		facts[FactStands] = line.Cancelled.String()
	}
	if len(facts) == 0 {
		return
	}
	if merged.Writes() {
		change.Facts = facts
		return
	}
	t.observeFacts(m, facts)
	if m.Facts[FactResume] != "" {
		t.observe(m, func(o *Observation) { o.EndedByHand = Date{} })
	}
}

// wantCancelled decides the line's cancelled date (R26): the product's expiry, never before the line's own start. A known end
// that turned blank is held, unless it was our own ending of a product that came back.
func (t *tenantPlanner) wantCancelled(c *candidate, line Addition, m *Managed, desired Fields) *heldField {
	expiry, _ := ExpiryOf(*c.Product)
	if !expiry.IsZero() {
		if expiry.Before(line.Effective) {
			expiry = line.Effective
		}
		desired[FieldCancelled] = expiry.String()
		return nil
	}
	if m != nil && (m.Facts[FactEnded] != "" || m.Facts[FactResume] != "") {
		desired[FieldCancelled] = ""
		return nil
	}
	if line.Cancelled.IsZero() {
		return nil
	}
	return &heldField{FieldCancelled, "", ReasonBlankExpiry, fmt.Sprintf("MySonicWall no longer gives an expiry date for this product; the line ends "+
		"on %s. Without a date it would run on, so a person decides.", line.Cancelled)}
}

// wantQuantity decides the line's quantity (R28).
func (t *tenantPlanner) wantQuantity(q Quantity, line Addition, m *Managed, desired Fields) *heldField {
	before := ""
	if m != nil {
		before = m.Facts[FactQuantityFrom]
	}
	switch {
	case !q.Replaces(before) || q.Value.Equal(line.Quantity):
		return nil
	case !q.Value.IsPositive():
		return &heldField{FieldQuantity, q.Value.String(), ReasonZeroQuantity, fmt.Sprintf("MySonicWall reports the quantity %s; the line has %s.",
			q.Value, line.Quantity)}
	case QuantityJumps(line.Quantity, q.Value, t.in.Settings.Limits):
		limits := t.in.Settings.Limits
		return &heldField{FieldQuantity, q.Value.String(), ReasonQuantityJump, fmt.Sprintf("The quantity would change from %s to %s: by more than "+
			"the factor %s and by more than %s.", line.Quantity, q.Value, limits.QuantityFactor, limits.QuantityStep)}
	}
	desired[FieldQuantity] = q.Value.String()
	return nil
}

// holdField plans the row for a value that waits.
func (t *tenantPlanner) holdField(change Change, h heldField, current Fields, c *candidate, q Quantity) {
	change.Action, change.Facts, change.BillsZero = ActionUpdate, nil, false
	change.Before, change.After = Fields{h.field: current.Get(h.field)}, Fields{h.field: h.value}
	change.NextInvoice = t.nextInvoice()
	facts := []Fact{{SourceConnectWise, "now", current.Get(h.field)}}
	rule := "A known expiry that turns blank does not clear the line's end by itself."
	switch {
	case h.field == FieldCancelled && h.reason != ReasonBlankExpiry:
		rule = "Two lines would bill one product."
	case h.field == FieldQuantity:
		facts = append(limitFacts(quantityFacts(*c.Product, q)), facts...)
		rule = quantityRule(q)
		if q.Value.IsPositive() {
			change.Facts = Fields{FactQuantityFrom: q.From}
		}
	}
	change.Why = []Reasoning{{Field: h.field, Rule: rule, Facts: facts}}
	if h.reason == ReasonNotRead {
		change.Status, change.Reason, change.Message = StatusSkipped, h.reason, h.message
		t.add(change)
		return
	}
	t.addHeld(change, h.reason, h.message)
}

func (t *tenantPlanner) whyLine(field string, c *candidate, expiry Date, label string, q Quantity, current, applied Fields, merged Merged) Reasoning {
	rule, facts := "", []Fact(nil)
	switch field {
	case FieldCancelled:
		rule, facts = expiryRule(expiry, label), expiryFacts(*c.Product)
		if !expiry.IsZero() && merged.After[field] != expiry.String() {
			rule = fmt.Sprintf("The product expires on %s, before its line starts; a line cannot end before it starts.", expiry)
		}
	case FieldQuantity:
		rule, facts = quantityRule(q), limitFacts(quantityFacts(*c.Product, q))
		if t.recurrence == MonthlyRecurring {
			rule += " ConnectWise bills the new figure for the whole period."
		}
	case FieldSerial:
		rule, facts = "The serial number is the product's, by which its line is found again.", []Fact{{SourceMySonicWall, "serial number", c.Serial}}
	case FieldInvoiceDescription:
		rule, facts = "The invoice names the product as MySonicWall reports it.", []Fact{{SourceMySonicWall, "product name", c.Name}}
	case FieldBillCustomer:
		rule = "The product is back, so its line bills again."
	case FieldEffective:
		rule = "ConnectWise refused the line because it starts before the agreement's billing; a person chose this date."
	}
	return explain(field, rule, facts, current, applied, merged)
}

func touchesBilling(after Fields) bool {
	for _, field := range []string{FieldQuantity, FieldCancelled, FieldBillCustomer, FieldEffective} {
		if _, ok := after[field]; ok {
			return true
		}
	}
	return false
}
