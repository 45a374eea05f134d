package bridge

import (
	"cmp"
	"fmt"
	"strings"
)

// claimedBeside is why a line must not run longer: another line of its product runs that has as good a claim. It is of a tenant that
// lists the product too, that could not be read or for which nothing is written, or of the product's other item where it is listed
// under two.
func (t *tenantPlanner) claimedBeside(c *candidate, line Addition) (reason Reason, words string) {
	serial := foldSerial(c.Serial)
	for _, m := range t.bySerial[serial] {
		if m.Kind != KindAddition || m.CWMID == line.ID || m.Settled() || !t.forerunner(m).alive(t.in.Today) {
			continue
		}
		owner, other := t.in.Owners[m.TenantID], t.in.AlsoReportedBy[c.Serial]
		name := cmp.Or(owner.Name, m.TenantID)
		switch ours := m.TenantID == t.in.Tenant.ID; {
		case ours && t.twofold[serial]:
			return ReasonContradiction, fmt.Sprintf("MySonicWall lists the serial number %s under two products, %s, and another line of it runs.", c.Serial,
				strings.Join(t.namesOf(serial), " and "))
		case ours:
		case other != "":
			return ReasonTwoTenants, fmt.Sprintf("MySonicWall lists the serial number %s for the tenant %s too, which has a line of it that runs; remove "+
				"it from one of them there.", c.Serial, other)
		case owner.Unread:
			return ReasonNotRead, fmt.Sprintf("The line %s of %s bills this product, and that tenant could not be read in this run. Nothing is moved on half "+
				"the facts; the next run looks again.", m.Key, name)
		case owner.Frozen:
			return ReasonOtherKey, fmt.Sprintf("The line %s of the tenant %s bills this product, and nothing is written for that tenant because it is switched "+
				"off or not mapped. Released, this line runs on and that one ends.", m.Key, name)
		}
	}
	return "", ""
}

// runsOnBeside holds what would let a line run longer than it does while another one of its product runs, unless a person released it;
// end is what holds it anyway.
func (t *tenantPlanner) runsOnBeside(c *candidate, line Addition, m *Managed, end *heldField, change *Change, desired Fields) *heldField {
	until, decided := desired[FieldCancelled]
	longer := end != nil || decided && (until == "" || until > line.Cancelled.String())
	if m == nil || line.Cancelled.IsZero() || !longer {
		return nil
	}
	reason, words := t.claimedBeside(c, line)
	if reason == "" {
		return nil
	}
	row := *change
	row.Action, row.Before, row.After = ActionUpdate, Fields{FieldCancelled: line.Cancelled.String()}, Fields{FieldCancelled: until}
	if d := t.decision(row, reason, ChoiceRelease); d != nil {
		change.DecisionID, change.Decided = d.ID, d.By
		return nil
	}
	delete(desired, FieldCancelled)
	delete(desired, FieldBillCustomer)
	return &heldField{FieldCancelled, until, reason, words}
}
