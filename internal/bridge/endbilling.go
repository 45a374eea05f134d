package bridge

import "fmt"

// PlanEndBilling ends every line of a tenant that still runs, because a person asked for that (R53): the tenant is frozen, so no
// sync would. The lines end today, not before they start, and one that no invoice carried does not bill at all. Configurations
// stay as they are. No limit holds it: the person saw the lines before.
func PlanEndBilling(in TenantInput) TenantPlan {
	t := newTenantPlanner(in)
	for _, m := range t.sortedOwn(KindAddition) {
		if m.EndedByHand.IsZero() && m.Facts[FactEnded] == "" {
			t.endBilling(m)
		}
	}
	return t.finish()
}

func (t *tenantPlanner) endBilling(m *Managed) {
	other, elsewhere := t.in.Elsewhere[m.ParentID]
	f := t.forerunner(m)
	switch {
	case m.ParentID != t.in.Agreement.ID && (!elsewhere || other.Agreement.ID == 0), f.agreement.ID == 0:
		t.notef(LogWarn, "The line %s stands on an agreement that ConnectWise no longer has, so there is nothing to end.", m.Key)
		return
	case other.Unread:
		t.addFailed(t.ending(m, ActionCancel, ""), ReasonNotRead, fmt.Sprintf("The agreement %s could not be read, so the line was not ended.", f.agreement.Name))
		return
	case f.line == nil:
		t.lost(m)
		return
	case broughtForward(*f.line, m):
		t.endedByHand(m, "cancelled")
		return
	case f.agreement.Cancelled:
		t.notef(LogInfo, "The agreement %s is cancelled, so its line %s bills nothing and is left as it is.", f.agreement.Name, m.Key)
		return
	}
	last := t.in.Today
	if last.Before(f.line.Effective) {
		last = f.line.Effective
	}
	if !f.line.Cancelled.IsZero() && !f.line.Cancelled.After(last) {
		t.plan.Unchanged++
		return
	}
	change := t.endOf(f, last, "A person ended the billing of this tenant; the line ends on that day, not before it starts.",
		Fact{SourceRule, "asked for", t.in.Today.String()})
	change.Facts = Fields{FactEnded: last.String(), FactOver: f.overAfter(last, change.After)}
	t.add(change)
}
