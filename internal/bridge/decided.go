package bridge

import (
	"fmt"
	"slices"
	"strings"
)

// decision finds the person's decision that a row carries out: bound to the values that were shown, or for a dismissal to
// MySonicWall's facts.
func (t *tenantPlanner) decision(change Change, reason Reason, choices ...Choice) *Decision {
	change.Reason = reason
	change.Basis = t.basis(change.Serial, reason)
	shown := change.Shown()
	for i := range t.in.Decisions {
		d := &t.in.Decisions[i]
		if d.Kind != change.Kind || d.Key != change.Key || d.Reason != reason || !slices.Contains(choices, d.Choice) {
			continue
		}
		if d.Choice == ChoiceDismiss && d.Basis == change.Basis || d.Choice != ChoiceDismiss && d.Shown == shown {
			t.used[d.ID] = true
			return d
		}
	}
	return nil
}

// addHeld adds a row that waits for a person, or that a person has decided on already.
func (t *tenantPlanner) addHeld(change Change, reason Reason, message string) {
	if t.settle(&change, reason, message) {
		t.add(change)
	}
}

// settle holds a row, releases it where a person did, and tells whether it stands at all: a dismissed one does not.
func (t *tenantPlanner) settle(change *Change, reason Reason, message string) bool {
	change.Status, change.Reason, change.Message = StatusHeld, reason, message
	change.Basis = t.basis(change.Serial, reason)
	d := t.decision(*change, reason, ChoiceRelease, ChoiceDismiss)
	switch {
	case d == nil:
		return true
	case d.Choice == ChoiceDismiss:
		t.plan.Dismissed++
		return false
	}
	change.Status, change.Reason, change.Message = StatusPlanned, "", ""
	change.DecisionID, change.Decided = d.ID, d.By
	field := FieldProduct
	if names := change.After.Names(); len(names) > 0 {
		field = names[0]
	}
	change.Why = append(slices.Clip(change.Why), Reasoning{field, fmt.Sprintf("A rule held this change (%s); it was released by %s.", strings.TrimSuffix(message, "."), d.By), nil})
	return true
}

// billFrom is the date that a person chose after ConnectWise had refused ours, with whose choice it is.
func (t *tenantPlanner) billFrom(key string) *Decision {
	for i := range t.in.Decisions {
		d := &t.in.Decisions[i]
		if d.Kind == KindAddition && d.Key == key && d.Choice == ChoiceBillFrom && !d.Date.IsZero() {
			t.used[d.ID] = true
			return d
		}
	}
	return nil
}

// basis is a digest of what MySonicWall says about a serial number, and of why its row is held.
func (t *tenantPlanner) basis(serial string, reason Reason) string {
	parts := []string{string(reason), foldSerial(serial), t.in.AlsoReportedBy[serial]}
	for _, c := range t.candidates {
		if foldSerial(c.Serial) != foldSerial(serial) {
			continue
		}
		expiry, _ := ExpiryOf(*c.Product)
		q := QuantityOf(*c.Product)
		parts = append(parts, c.Name, string(c.Tier), string(c.Line), string(c.Status), c.Registered.String(), expiry.String(), q.Value.String(), q.From, Contradiction(*c.Product))
	}
	for _, m := range t.bySerial[foldSerial(serial)] {
		if !t.listed[foldSerial(serial)] {
			parts = append(parts, "missed", t.missedDay(m).String())
			break
		}
	}
	return digest(parts...)
}

// overtaken are the open decisions about this tenant's products that no row came to: their facts have moved on. A product that
// another tenant lists takes its decisions along, and half an answer overtakes nothing.
func (t *tenantPlanner) overtaken() []int64 {
	if !t.in.Report.Complete {
		return nil
	}
	var out []int64
	for _, d := range t.in.Decisions {
		serial := foldSerial(d.Serial)
		ours := t.listed[serial] || slices.ContainsFunc(t.bySerial[serial], func(m *Managed) bool { return m.TenantID == t.in.Tenant.ID })
		if ours && !t.used[d.ID] && t.in.AlsoReportedBy[d.Serial] == "" {
			out = append(out, d.ID)
		}
	}
	return out
}
