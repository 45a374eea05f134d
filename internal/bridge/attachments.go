package bridge

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
)

// attach plans the device's link to the agreement, once per agreement: what is attached is not read again. One that moved from
// another agreement of the company is loosened from that afterwards (R49). It tells whether there was something to plan.
func (t *tenantPlanner) attach(c *candidate, device Change, m *Managed) bool {
	id := strconv.Itoa(t.in.Agreement.ID)
	if m != nil && m.Facts[FactDetach] != "" {
		t.detach(c, device, m.Facts[FactDetach])
		return true // and if it moved on meanwhile, the next run attaches it
	}
	if m != nil && m.Facts[FactAgreement] == id {
		return false
	}
	link := t.change(KindConfiguration, ActionAttach, device.Key, c)
	link.CWMID = device.CWMID
	link.After = Fields{FieldAgreement: t.in.Agreement.Name}
	link.Facts = Fields{FactAgreement: id}
	if device.Action != ActionUpdate {
		link.Needs = []string{RecordNeed(KindConfiguration, device.ParentID, device.Key)}
	}
	link.Why = []Reasoning{{FieldAgreement, "Devices are attached to the agreement their tenant is mapped to.",
		[]Fact{{SourceSetting, "agreement", t.in.Agreement.Name}}}}
	old := ""
	if m != nil {
		old = m.Facts[FactAgreement]
	}
	if old != "" {
		link.Facts[FactDetach] = old
		link.Link = linkOf(KindConfiguration, t.in.Agreement.ID, device.Key)
	}
	t.links = append(t.links, link)
	if old != "" {
		t.detach(c, device, old)
	}
	return true
}

// detach plans the row that loosens a device from the agreement it was attached to by us before. Which one that is stands with
// the record, from the moment that it was attached to the new one.
func (t *tenantPlanner) detach(c *candidate, device Change, old string) {
	id, err := strconv.Atoi(old)
	if err != nil {
		return
	}
	name := cmp.Or(t.in.Elsewhere[id].Agreement.Name, "agreement "+old)
	row := t.change(KindConfiguration, ActionUpdate, device.Key, c)
	row.CWMID = device.CWMID
	row.Before, row.After = Fields{FieldAgreement: name}, Fields{FieldAgreement: ""}
	row.Facts = Fields{FactDetach: ""}
	row.Link = linkOf(KindConfiguration, t.in.Agreement.ID, device.Key)
	row.Why = []Reasoning{{FieldAgreement, "The device now belongs to another agreement and is loosened from the one before.",
		[]Fact{{SourceLastWritten, "agreement", name}, {SourceSetting, "agreement", t.in.Agreement.Name}}}}
	t.links = append(t.links, row)
}

// currentDevice is the managed configuration of a product in the tenant's company, this tenant's or one that came with the
// product from another tenant.
func (t *tenantPlanner) currentDevice(c *candidate, key string) *Managed {
	if m := t.managed(KindConfiguration, key); m != nil {
		return m
	}
	for _, m := range t.bySerial[foldSerial(c.Serial)] {
		if m.Kind == KindConfiguration && m.ParentID == t.in.Company.ID && m.Key == key && t.takesOver(m) {
			return m
		}
	}
	return nil
}

// formerDevices are the product's open managed configurations other than the one at hand: of another company or another type.
func (t *tenantPlanner) formerDevices(c *candidate, except *Managed) []*Managed {
	var out []*Managed
	for _, m := range t.bySerial[foldSerial(c.Serial)] {
		ours := m.TenantID == t.in.Tenant.ID || t.takesOver(m)
		if m != except && m.Kind == KindConfiguration && ours && !m.Settled() {
			out = append(out, m)
		}
	}
	slices.SortFunc(out, func(a, b *Managed) int { return cmp.Or(cmp.Compare(a.ParentID, b.ParentID), cmp.Compare(a.Key, b.Key)) })
	return out
}

// closeFormer closes a product's configurations of another company or type once the new one stands (R49). lead is the row that
// makes or adopts it, nil when it stands already as m.
func (t *tenantPlanner) closeFormer(c *candidate, lead *Change, m *Managed) {
	for _, old := range t.formerDevices(c, m) {
		device, ok := t.devices[old.CWMID]
		switch {
		case lead != nil && old.Key == lead.Key && old.ParentID == lead.ParentID:
			continue // made anew after a person deleted it
		case !ok:
			t.lost(old)
			continue
		case t.closed(*device):
			t.endedByHand(old, "closed")
			continue
		case t.in.ClosedStatus == "":
			continue // a product that ends says so
		}
		current := device.Fields()
		merged := Merge(KindConfiguration, Fields{FieldStatus: t.in.ClosedStatus, FieldActive: "false"}, current, old.LastApplied)
		key := cmp.Or(keyOfLead(lead), keyOfManaged(m))
		row := Change{TenantID: t.in.Tenant.ID, Kind: KindConfiguration, Action: ActionDeactivate, Key: old.Key, ParentID: old.ParentID, Serial: old.Serial,
			Subject: cmp.Or(device.Name, old.Key), CWMID: old.CWMID, Status: StatusPlanned, Before: merged.Before, After: merged.After,
			Link: linkOf(KindConfiguration, t.in.Company.ID, key), Facts: Fields{FactEnded: t.in.Today.String(), FactMoved: t.in.Today.String(), FactResume: ""}}
		row.Why = []Reasoning{explain(FieldStatus, fmt.Sprintf("The device has the configuration %s of the company %s now, so this one is closed.", key, t.in.Company.Name),
			nil, current, old.LastApplied, merged)}
		if lead != nil {
			row.Needs = []string{RecordNeed(KindConfiguration, lead.ParentID, lead.Key)}
			row.Status, row.Reason, row.Message = lead.Status, lead.Reason, lead.Message
		}
		t.add(row)
	}
}

func keyOfLead(lead *Change) string {
	if lead == nil {
		return ""
	}
	return lead.Key
}

func keyOfManaged(m *Managed) string {
	if m == nil {
		return ""
	}
	return m.Key
}

// overNow are the facts of an earlier end, move or resumption that no longer hold for a record that is wanted.
func overNow(m *Managed) Fields {
	if m == nil {
		return nil
	}
	var out Fields
	for _, name := range []string{FactEnded, FactMoved, FactResume} {
		if m.Facts[name] != "" {
			out = out.With(Fields{name: ""})
		}
	}
	return out
}
