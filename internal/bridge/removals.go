package bridge

import (
	"cmp"
	"fmt"
	"slices"
)

// cause is why a managed record is no longer wanted (R22, R32).
type cause int

const (
	causeNone      cause = iota
	causeGone            // MySonicWall says deleted or transferred
	causeAbsent          // MySonicWall's complete answer lacks it
	causeOptionOff       // network products are no longer additions
)

// planEnds ends this tenant's managed records whose products went away, additions by a cancelled date, configurations by a
// closed status (R32). wanted are the keys that were planned as present. Nothing ends on an incomplete answer.
func (t *tenantPlanner) planEnds(kind Kind, wanted map[string]bool) {
	own := t.sortedOwn(kind)
	if !t.in.Report.Complete {
		return
	}
	for _, m := range own {
		here := m.ParentID == t.parent(kind)
		if here && wanted[m.Key] || !m.EndedByHand.IsZero() || !here && !t.readElsewhere(m) {
			continue
		}
		why := t.causeOf(kind, m)
		if why == causeNone || !t.due(m, why) {
			continue
		}
		if kind == KindAddition {
			t.endAddition(m, why)
		} else {
			t.closeConfiguration(m, why)
		}
	}
}

// foundAgain notes of every product that is listed that it is not missed any more, whoever owns its records; where another tenant
// lists it too, each notes its own.
func (t *tenantPlanner) foundAgain() {
	for serial := range t.listed {
		for _, m := range t.bySerial[serial] {
			if m.TenantID == t.in.Tenant.ID || t.in.AlsoReportedBy[m.Serial] == "" {
				t.observe(m, func(o *Observation) { o.MissedSince = Date{} })
			}
		}
	}
}

// readElsewhere tells whether a record under another agreement or company can be judged: what it stands on was read.
func (t *tenantPlanner) readElsewhere(m *Managed) bool {
	if m.Kind == KindConfiguration {
		return !m.Settled()
	}
	other, read := t.in.Elsewhere[m.ParentID]
	return m.Runs(t.in.Today) && read && !other.Unread && other.Agreement.ID != 0
}

func (t *tenantPlanner) sortedOwn(kind Kind) []*Managed {
	var out []*Managed
	for ref, m := range t.own {
		if ref.kind == kind {
			out = append(out, m)
		}
	}
	slices.SortFunc(out, func(a, b *Managed) int { return cmp.Or(cmp.Compare(a.ParentID, b.ParentID), cmp.Compare(a.Key, b.Key)) })
	return out
}

// causeOf tells why a record that is not wanted should end. One whose serial is still listed, under another name or for another
// tenant, is no missing product: it follows its serial.
func (t *tenantPlanner) causeOf(kind Kind, m *Managed) cause {
	serial := foldSerial(m.Serial)
	switch {
	case t.listed[serial] && kind == KindAddition && t.optionOff(m):
		return causeOptionOff
	case t.listed[serial]:
		return causeNone
	case t.in.AlsoReportedBy[m.Serial] != "":
		return causeNone // the tenant that lists it now takes it over (R49)
	case t.gone[serial]:
		return causeGone
	}
	return causeAbsent
}

// optionOff tells whether the line's product is a network device that is listed as before while the account no longer wants
// network devices as lines (R22).
func (t *tenantPlanner) optionOff(m *Managed) bool {
	return slices.ContainsFunc(t.candidates, func(c *candidate) bool {
		return variantOf(m.Key, AdditionKey(c.identifier, c.Serial)) > 0 && BecomesConfiguration(c.place) && !BecomesAddition(c.place, t.in.Settings.Options)
	})
}

// due notes since when a product is missing and tells whether it is time to act: at once when MySonicWall or a setting says so,
// on a second local date when it merely is absent (R32). An empty answer is shown at once, because it is held anyway.
func (t *tenantPlanner) due(m *Managed, why cause) bool {
	if why == causeOptionOff {
		if m.Facts[FactOptionOff] == "" {
			t.observeFacts(m, Fields{FactOptionOff: t.in.Today.String()})
		}
		return true
	}
	if m.MissedSince.IsZero() {
		t.observe(m, func(o *Observation) { o.MissedSince = t.in.Today })
		if why == causeAbsent && m.Facts[FactEnded] == "" {
			t.notef(LogInfo, "MySonicWall no longer lists the product behind the %s %s; it ends if a complete answer of a later day lacks it too.", m.Kind, m.Key)
		}
	}
	return why != causeAbsent || t.emptyAnswer() || !m.MissedSince.IsZero() && m.MissedSince.Before(t.in.Today)
}

func (t *tenantPlanner) emptyAnswer() bool { return len(t.in.Report.Products) == 0 }

// lastDay is the day on which a record ends: on which its product was first missed, or the option first seen switched off. It stays
// the same while a row waits for a person.
func (t *tenantPlanner) lastDay(m *Managed, why cause) Date {
	if why != causeOptionOff {
		return t.missedDay(m)
	}
	if since, err := ParseDate(m.Facts[FactOptionOff]); err == nil && !since.IsZero() {
		return since
	}
	return t.in.Today
}

func (t *tenantPlanner) missedDay(m *Managed) Date {
	if m.MissedSince.IsZero() {
		return t.in.Today
	}
	return m.MissedSince
}

func (t *tenantPlanner) endAddition(m *Managed, why cause) {
	line, ok := t.additions[m.CWMID]
	if !ok {
		t.lost(m)
		return
	}
	if broughtForward(*line, m) {
		t.endedByHand(m, "cancelled")
		return
	}
	f := t.forerunner(m)
	f.line = line
	agreement := f.agreement
	if agreement.Cancelled {
		t.plan.Unchanged++ // it bills nothing, and ConnectWise takes no change of it
		return
	}
	last := t.lastDay(m, why)
	if last.Before(line.Effective) {
		last = line.Effective
	}
	if !line.Cancelled.IsZero() && !line.Cancelled.After(last) {
		t.plan.Unchanged++
		return
	}
	current := line.Fields()
	merged := Merge(KindAddition, Fields{FieldCancelled: last.String()}, current, m.LastApplied)
	change := t.ending(m, ActionCancel, line.InvoiceDescription)
	change.Why = []Reasoning{explain(FieldCancelled, t.endRule(why)+" The line ends on the day it was first missed, not before it starts.",
		t.endFacts(m, why), current, m.LastApplied, merged)}
	if f.neverBills() {
		merged.set(FieldBillCustomer, billable, doNotBill)
		change.Why = append(change.Why, neverInvoicedWhy(*line, agreement))
	}
	change.Before, change.After = merged.Before, merged.After
	change.Facts = Fields{FactEnded: last.String(), FactOver: f.overAfter(last, change.After)}
	change.NextInvoice = agreement.NextInvoice
	t.addEnd(change, m, why)
}

func (t *tenantPlanner) closeConfiguration(m *Managed, why cause) {
	device, ok := t.devices[m.CWMID]
	if !ok {
		t.lost(m)
		return
	}
	if t.closed(*device) {
		if m.Facts[FactEnded] == "" {
			t.endedByHand(m, "closed")
		} else {
			t.plan.Unchanged++
		}
		return
	}
	change := t.ending(m, ActionDeactivate, device.Name)
	if t.in.ClosedStatus == "" {
		t.addFailed(change, ReasonNoStatus, "ConnectWise has no configuration status with the closed flag, so the configuration could not be closed. "+
			"Add one in System › Setup Tables › Configuration Status.")
		return
	}
	current := device.Fields()
	merged := Merge(KindConfiguration, Fields{FieldStatus: t.in.ClosedStatus, FieldActive: "false"}, current, m.LastApplied)
	change.Before, change.After = merged.Before, merged.After
	change.Why = []Reasoning{explain(FieldStatus, t.endRule(why)+" Its configuration is closed and no longer active.",
		t.endFacts(m, why), current, m.LastApplied, merged)}
	change.Facts = Fields{FactEnded: t.missedDay(m).String()}
	t.addEnd(change, m, why)
}

// ending starts a row about a record whose product MySonicWall need not list any more, so that it is named by what ConnectWise
// has.
func (t *tenantPlanner) ending(m *Managed, action Action, name string) Change {
	if name == "" {
		name = m.Key
	}
	return Change{TenantID: t.in.Tenant.ID, Kind: m.Kind, Action: action, Key: m.Key, ParentID: m.ParentID, Serial: m.Serial,
		Subject: name, CWMID: m.CWMID, Status: StatusPlanned}
}

func (t *tenantPlanner) endRule(why cause) string {
	switch why {
	case causeGone:
		return "MySonicWall reports the product as deleted or transferred."
	case causeOptionOff:
		return "Network products are no longer to be additions, by the account's option."
	}
	return "MySonicWall's complete answers no longer list the product."
}

func (t *tenantPlanner) endFacts(m *Managed, why cause) []Fact {
	if why == causeOptionOff {
		return []Fact{{SourceSetting, "network products as additions", "off"}}
	}
	return []Fact{{SourceMySonicWall, "first missed", t.missedDay(m).String()}}
}

// addEnd adds the row and remembers it for the limits on how much may go at once.
func (t *tenantPlanner) addEnd(change Change, m *Managed, why cause) {
	if why == causeOptionOff {
		t.addHeld(change, ReasonOptionOff, fmt.Sprintf("The account no longer wants network products as additions, so the line would end on %s. "+
			"All such lines wait together for a person.", change.After[FieldCancelled]))
		return
	}
	if m.Facts[FactEnded] == "" {
		t.going++
	}
	t.ends = append(t.ends, len(t.plan.Changes))
	t.add(change)
}
