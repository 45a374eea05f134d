package bridge

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

func (t *tenantPlanner) planConfigurations() {
	wanted := make(map[string]bool, len(t.candidates))
	for _, c := range t.candidates {
		if !BecomesConfiguration(c.place) {
			continue
		}
		key := ConfigurationKey(c.place.ConfigurationType, c.Serial)
		if wanted[key] {
			continue // two products of one line and serial: neither has a record, which elsewhere says
		}
		wanted[key] = true
		t.configuration(c, key)
	}
	t.planEnds(KindConfiguration, wanted)
}

// configuration plans the device of one product (R30).
func (t *tenantPlanner) configuration(c *candidate, key string) {
	m := t.currentDevice(c, key)
	change := t.change(KindConfiguration, ActionCreate, key, c)
	if m != nil {
		t.takeOver(m)
		change.Action, change.CWMID = ActionUpdate, m.CWMID
		if !m.EndedByHand.IsZero() && m.Facts[FactResume] == "" || t.endedElsewhere(m) {
			return
		}
	}
	alone := !BecomesAddition(c.place, t.in.Settings.Options) || t.recurrence == OtherRecurring
	contradiction := Contradiction(*c.Product)
	switch {
	case contradiction != "" && len(c.problems) == 0:
		if alone { // else its line says so
			t.holdContradiction(c, change, contradiction)
		}
	case len(c.problems) > 0:
		if alone {
			t.addFailed(change, ReasonUnreadable, "The product was left out, because MySonicWall's facts about it cannot be read: "+strings.Join(c.problems, " "))
		}
	case tooLong(c.Serial, maxConfigurationSerial):
		t.addFailed(change, ReasonSerialTooLong, serialTooLong(c.Serial, maxConfigurationSerial))
	case m != nil:
		t.managedConfiguration(c, m, change)
	default:
		t.newConfiguration(c, change)
	}
}

// newConfiguration adopts a device that stands under the natural key, or plans a new one (R30, R33).
func (t *tenantPlanner) newConfiguration(c *candidate, change Change) {
	labels := t.labels(c, nil)
	reason, message, silent := t.hindrance(KindConfiguration, c)
	switch {
	case silent:
		return
	case reason == ReasonNotRead:
		change.Status, change.Reason, change.Message = StatusSkipped, reason, message
		t.add(change)
		return
	case reason != "":
		t.createConfiguration(c, change, labels, reason, message)
		return
	}
	if t.closedBefore(c) {
		return
	}
	open, closed := t.findConfigurations(c)
	switch {
	case len(open) > 1:
		change.Action, change.After = ActionAdopt, t.newDevice(c, labels)
		t.holdDevice(c, change, *open[0], ReasonSeveralOpen, fmt.Sprintf("The company has %d open configurations of this type with this serial number, "+
			"none of them made by Causeway. Close all but one in ConnectWise, or adopt the one shown.", len(open)))
	case len(open) == 1:
		t.adoptDevice(c, *open[0], change)
	case len(closed) > 0 && len(t.formerDevices(c, nil)) == 0:
		change.RivalID, change.Rival = closed[0].ID, closed[0].Fields()
		t.createConfiguration(c, change, labels, ReasonNotRevived, "The company has a configuration of this type with this serial number that was "+
			"closed, not by Causeway. It is not opened again by itself.")
	default:
		t.createConfiguration(c, change, labels, "", "")
	}
}

// closedBefore looks at the product's earlier configurations: one that a person deleted or closed was ended by hand, and no new one is
// made (R52). One that its list lacks is asked for first. It tells whether nothing is planned before that is settled.
func (t *tenantPlanner) closedBefore(c *candidate) bool {
	waits := false
	for _, m := range t.formerDevices(c, nil) {
		device, listed := t.devices[m.CWMID]
		switch {
		case m.Facts[FactResume] != "":
			continue
		case !listed:
			t.lost(m)
		case t.closed(*device):
			t.endedByHand(m, "closed")
		default:
			continue
		}
		waits = true
	}
	return waits
}

// holdDevice holds a configuration beside one that stands, which a person may adopt.
func (t *tenantPlanner) holdDevice(c *candidate, change Change, rival Configuration, reason Reason, message string) {
	change.RivalID, change.Rival = rival.ID, rival.Fields()
	if d := t.decision(change, reason, ChoiceAdopt); d != nil {
		change.DecisionID, change.Decided = d.ID, d.By
		t.adoptDevice(c, rival, change)
		return
	}
	t.addHeld(change, reason, message)
}

func (t *tenantPlanner) adoptDevice(c *candidate, device Configuration, change Change) {
	change.Action, change.CWMID, change.RivalID, change.Rival = ActionAdopt, device.ID, 0, nil
	t.mergeConfiguration(c, device, nil, change)
	t.closeFormer(c, &change, nil)
}

func (t *tenantPlanner) createConfiguration(c *candidate, change Change, labels []answerWanted, hold Reason, words string) {
	change.After = t.newDevice(c, labels)
	change.Facts = Fields{FactEnded: "", FactMoved: "", FactResume: "", FactAgreement: "", FactDetach: ""} // a new device is attached to none
	if len(t.formerDevices(c, nil)) > 0 {
		change.Link = linkOf(KindConfiguration, t.in.Company.ID, change.Key)
	}
	change.Needs = append([]string{NeedKey(KindConfigurationType, c.place.ConfigurationType)}, t.questionNeeds(c, change.After)...)
	expiry, label := ExpiryOf(*c.Product)
	change.Why = []Reasoning{
		{FieldType, "Network devices become configurations of the type named as their product line.", []Fact{{SourceMySonicWall, "product line", string(c.Line)}}},
		{FieldName, "The configuration has the device's name.", []Fact{{SourceMySonicWall, "friendly name", orNone(c.FriendlyName)}}},
		{FieldInstalled, "The installation date is the registration date.", []Fact{{SourceMySonicWall, "registered", orNone(c.Registered.String())}}},
		{FieldExpires, expiryRule(expiry, label), expiryFacts(*c.Product)},
	}
	if hold == ReasonNotRevived {
		if d := t.decision(change, hold, ChoiceAdopt); d != nil {
			change.DecisionID, change.Decided = d.ID, d.By
			t.adoptDevice(c, *t.devices[change.RivalID], change)
			return
		}
	}
	rows := len(t.plan.Changes)
	if hold != "" {
		t.addHeld(change, hold, words)
	} else {
		t.add(change)
	}
	if len(t.plan.Changes) == rows {
		return
	}
	lead := t.plan.Changes[rows]
	if lead.Status == StatusPlanned {
		t.attach(c, change, nil)
	}
	t.closeFormer(c, &lead, nil)
}

// newDevice are the fields of a configuration that does not exist yet; empty ones are not sent.
func (t *tenantPlanner) newDevice(c *candidate, labels []answerWanted) Fields {
	out := t.wantedDevice(c)
	out[FieldType] = t.typeName(c)
	for _, l := range labels {
		out[FieldAnswer+l.label] = l.value
	}
	for field, value := range out {
		if value == "" {
			delete(out, field)
		}
	}
	return out
}

// wantedDevice are the fields that a device should have, its type and answers apart.
func (t *tenantPlanner) wantedDevice(c *candidate) Fields {
	out := Fields{FieldName: ConfigurationName(*c.Product), FieldSerial: c.Serial, FieldActive: "true"}
	if t.in.ActiveStatus != "" {
		out[FieldStatus] = t.in.ActiveStatus
	}
	if !c.Registered.IsZero() {
		out[FieldInstalled] = c.Registered.String()
	}
	if expiry, _ := ExpiryOf(*c.Product); !expiry.IsZero() {
		out[FieldExpires] = expiry.String()
	}
	return out
}

func (t *tenantPlanner) typeName(c *candidate) string {
	return cmp.Or(t.in.Types[c.place.ConfigurationType].Name, c.place.ConfigurationType)
}

// findConfigurations are the company's devices of the type with the serial that nobody manages, open and closed ones apart.
func (t *tenantPlanner) findConfigurations(c *candidate) (open, closed []*Configuration) {
	serial, name := foldSerial(c.Serial), t.typeName(c)
	for i := range t.in.Configurations {
		device := &t.in.Configurations[i]
		if foldSerial(device.Serial) != serial || !strings.EqualFold(device.Type, name) || t.taken[KindConfiguration][device.ID] != nil {
			continue
		}
		if device.CompanyID != 0 && device.CompanyID != t.in.Company.ID {
			continue
		}
		if t.closed(*device) {
			closed = append(closed, device)
		} else {
			open = append(open, device)
		}
	}
	newestFirst := func(a, b *Configuration) int { return b.ID - a.ID }
	slices.SortFunc(open, newestFirst)
	slices.SortFunc(closed, newestFirst)
	return open, closed
}

// closed tells whether a device counts as out of service in ConnectWise.
func (t *tenantPlanner) closed(device Configuration) bool {
	isStatus := func(name string) bool { return name != "" && strings.EqualFold(device.Status, name) }
	return !device.Active || isStatus(t.in.ClosedStatus) || slices.ContainsFunc(t.in.ClosedStatuses, isStatus)
}

// managedConfiguration compares a device that we made or adopted.
func (t *tenantPlanner) managedConfiguration(c *candidate, m *Managed, change Change) {
	device, ok := t.devices[m.CWMID]
	resumed := m.Facts[FactResume] != ""
	switch {
	case !ok && resumed && t.verifiedGone(m):
		change.Action, change.CWMID = ActionCreate, 0
		t.createConfiguration(c, change, t.labels(c, nil), "", "")
		return
	case !ok:
		t.lost(m)
		return
	case t.closed(*device) && m.Facts[FactEnded] == "" && !resumed:
		t.endedByHand(m, "closed")
		return
	}
	t.mergeConfiguration(c, *device, m, change)
	if !t.twofold[foldSerial(c.Serial)] && t.in.AlsoReportedBy[c.Serial] == "" {
		t.closeFormer(c, nil, m)
	}
}

// mergeConfiguration plans what to write to a device that stands; m is nil when it is being adopted.
func (t *tenantPlanner) mergeConfiguration(c *candidate, device Configuration, m *Managed, change Change) {
	current := device.Fields()
	desired := t.wantedDevice(c)
	var applied Fields
	if m != nil {
		applied = m.LastApplied
	}
	blank := Fields{} // dates that were known and are no longer: held (R26)
	if _, known := desired[FieldExpires]; !known && !device.Expires.IsZero() {
		blank[FieldExpires] = ""
	}
	t.wantAnswers(c, device, applied, desired, blank)
	merged := Merge(KindConfiguration, desired, current, applied)
	change.Before, change.After = merged.Before, merged.After
	change.Needs = t.questionNeeds(c, merged.After)
	if change.Action == ActionAdopt {
		change.Why = []Reasoning{{Field: FieldSerial, Rule: "The company already has a configuration of this type with this serial number; it is " +
			"taken over instead of making a second one, and keeps its name.", Facts: []Fact{{SourceConnectWise, "configuration", device.Name}}}}
	}
	for _, field := range merged.After.Names() {
		change.Why = append(change.Why, t.whyDevice(field, c, current, applied, merged))
	}
	attached := t.attach(c, change, m)
	over := overNow(m)
	if len(over) > 0 && !merged.Writes() {
		t.observeFacts(m, over)
		if m.Facts[FactResume] != "" {
			t.observe(m, func(o *Observation) { o.EndedByHand = Date{} })
		}
	}
	switch {
	case change.Action == ActionAdopt || merged.Writes():
		change.Facts = over
		t.add(change)
	case !attached && len(blank) == 0:
		t.plan.Unchanged++
	}
	if len(blank) > 0 {
		t.holdBlank(change, blank, current)
	}
}

// holdBlank plans the row for dates that turned blank.
func (t *tenantPlanner) holdBlank(change Change, blank, current Fields) {
	change.Action, change.Facts, change.Needs = ActionUpdate, nil, nil
	change.Before, change.After, change.Why = Fields{}, blank, nil
	for _, field := range blank.Names() {
		change.Before[field] = current.Get(field)
		change.Why = append(change.Why, Reasoning{field, "A known expiry that turns blank does not clear the date by itself.",
			[]Fact{{SourceConnectWise, "now", current.Get(field)}, {SourceMySonicWall, "expiry", "none"}}})
	}
	t.addHeld(change, ReasonBlankExpiry, "MySonicWall no longer gives an expiry date that it gave before, so a person decides whether the date goes.")
}
