package bridge

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// ConnectWise's words for how a line bills.
const (
	billable  = "Billable"
	doNotBill = "DoNotBill"
)

func (t *tenantPlanner) planAdditions() {
	wanted := make(map[string]bool, len(t.candidates))
	// Adoptions first: a line that a person gave to one product holds no other one any more.
	for _, adopting := range []bool{true, false} {
		for _, c := range t.candidates {
			if !BecomesAddition(c.place, t.in.Settings.Options) || t.toAdopt(c) != adopting {
				continue
			}
			m, key := t.currentLine(c)
			wanted[key] = true
			t.addition(c, m, key)
		}
	}
	t.planEnds(KindAddition, wanted)
}

// toAdopt tells whether a person decided that a product takes over a line made by hand.
func (t *tenantPlanner) toAdopt(c *candidate) bool {
	return slices.ContainsFunc(t.in.Decisions, func(d Decision) bool {
		return d.Kind == KindAddition && d.Choice == ChoiceAdopt && foldSerial(d.Serial) == foldSerial(c.Serial)
	})
}

// addition plans the line of one product; m is the one that stands, nil when it has to get one.
func (t *tenantPlanner) addition(c *candidate, m *Managed, key string) {
	change := t.change(KindAddition, ActionCreate, key, c)
	if m != nil {
		t.takeOver(m)
		change.Action, change.CWMID = ActionUpdate, m.CWMID
		if !m.EndedByHand.IsZero() && m.Facts[FactResume] == "" || t.endedElsewhere(m) {
			return
		}
	}
	contradiction := Contradiction(*c.Product)
	if expiry, _ := ExpiryOf(*c.Product); !expiry.IsZero() && expiry.Before(t.in.Agreement.BillStart) {
		contradiction = impossible(*c.Product) // the order of its dates R27 fails with the guide's own words, which name them as well
	}
	switch {
	case len(c.problems) > 0:
		t.addFailed(change, ReasonUnreadable, "The product was left out, because MySonicWall's facts about it cannot be read: "+strings.Join(c.problems, " "))
	case tooLong(c.Serial, maxAdditionSerial):
		t.addFailed(change, ReasonSerialTooLong, serialTooLong(c.Serial, maxAdditionSerial))
	case contradiction != "":
		t.holdContradiction(c, change, contradiction)
	case m != nil:
		t.managedAddition(c, m, change)
	default:
		t.newAddition(c, change)
	}
}

// holdContradiction shows a product whose facts cannot be true together, with those facts. What stands for it stays as it is.
func (t *tenantPlanner) holdContradiction(c *candidate, change Change, words string) {
	expiry, label := ExpiryOf(*c.Product)
	q := QuantityOf(*c.Product)
	change.Why = []Reasoning{
		{FieldCancelled, expiryRule(expiry, label), append([]Fact{{SourceMySonicWall, "registered", orNone(c.Registered.String())}}, expiryFacts(*c.Product)...)},
		{FieldQuantity, quantityRule(q), limitFacts(quantityFacts(*c.Product, q))},
	}
	t.addHeld(change, ReasonContradiction, words+" Nothing is written for this product until that is mended in MySonicWall.")
}

func serialTooLong(serial string, limit int) string {
	return fmt.Sprintf("The serial number %s is longer than the %d characters that ConnectWise keeps. A shortened one could not be found "+
		"again, so the product was left out.", cut(serial, limit)+"…", limit)
}

// newAddition adopts a line that stands under the natural key, or plans a new one (R33), in place of the line that billed the
// product before, if there is one (R49).
func (t *tenantPlanner) newAddition(c *candidate, change Change) {
	reason, message, silent := t.hindrance(KindAddition, c)
	switch {
	case silent:
		return
	case reason == ReasonNotRead:
		change.Status, change.Reason, change.Message = StatusSkipped, reason, message
		t.add(change)
		return
	case reason != "":
		t.createAddition(c, change, reason, message)
		return
	}
	if t.endedBefore(c) {
		return
	}
	open, ended := t.findAdditions(c)
	switch {
	case len(open) > 1:
		change.CWMID, change.Action = 0, ActionAdopt
		change.After, change.NextInvoice = t.wantedAddition(c), t.nextInvoice()
		t.holdForRival(c, change, *latest(open), ReasonSeveralOpen, fmt.Sprintf("The agreement has %d open lines for this product and serial "+
			"number, none of them made by Causeway. Cancel all but one in ConnectWise, or adopt the one shown.", len(open)))
	case len(open) == 1:
		t.adoptAddition(c, *open[0], change)
	case len(ended) > 0 && !t.ownEarlier(c):
		t.endedAddition(c, *latest(ended), change)
	default:
		t.createAddition(c, change, "", "")
	}
}

// endedBefore looks at the product's earlier lines: one that a person deleted or cancelled was ended by hand, and no new one is made
// (R52). One that its list lacks is asked for first. It tells whether nothing is planned before that is settled.
func (t *tenantPlanner) endedBefore(c *candidate) bool {
	waits := false
	for _, f := range t.forerunners(c, nil) {
		_, read := t.in.Elsewhere[f.m.ParentID]
		here := f.m.ParentID == t.in.Agreement.ID
		switch {
		case f.m.Settled(), f.m.Facts[FactResume] != "", !here && (!read || f.agreement.ID == 0):
			continue
		case f.line == nil:
			t.lost(f.m)
		case broughtForward(*f.line, f.m):
			t.endedByHand(f.m, "cancelled")
		default:
			continue
		}
		waits = true
	}
	return waits
}

// ownEarlier tells whether the product had a line of ours before, so that a cancelled one without a record of ours is no riddle.
func (t *tenantPlanner) ownEarlier(c *candidate) bool { return len(t.forerunners(c, nil)) > 0 }

// findAdditions are the agreement's lines for the product and serial that nobody manages, open and cancelled ones apart (R33).
func (t *tenantPlanner) findAdditions(c *candidate) (open, ended []*Addition) {
	serial := foldSerial(c.Serial)
	item, inCatalog := t.in.Catalog[CatalogKey(c.identifier)]
	for i := range t.in.Additions {
		a := &t.in.Additions[i]
		sameProduct := strings.EqualFold(a.Product, c.identifier) || inCatalog && a.ProductID == item.ID && item.ID != 0
		if !sameProduct || foldSerial(a.Serial) != serial || t.taken[KindAddition][a.ID] != nil {
			continue
		}
		if a.Cancelled.IsZero() || !a.Cancelled.Before(t.in.Today) {
			open = append(open, a)
		} else {
			ended = append(ended, a)
		}
	}
	return open, ended
}

func latest(lines []*Addition) *Addition {
	return slices.MaxFunc(lines, func(a, b *Addition) int { return cmp.Or(a.Effective.Compare(b.Effective), a.ID-b.ID) })
}

// endedAddition meets a cancelled line of which we have no record: never revived by itself. One that ended with the product is
// simply right, and nothing is said of a product that would get no new line anyway.
func (t *tenantPlanner) endedAddition(c *candidate, line Addition, change Change) {
	if expiry, _ := ExpiryOf(*c.Product); expiry == line.Cancelled {
		t.adoptAddition(c, line, change)
		return
	}
	change.RivalID, change.Rival = line.ID, line.Fields()
	t.createAddition(c, change, ReasonNotRevived, fmt.Sprintf("The agreement has a line for this product and serial number that was cancelled on %s, "+
		"not by Causeway. It is not revived by itself.", line.Cancelled))
}

// adoptAddition takes over a line made by a person: what a person may own and the effective date stay as found (R33).
func (t *tenantPlanner) adoptAddition(c *candidate, line Addition, change Change) {
	change.Action, change.CWMID = ActionAdopt, line.ID
	change.RivalID, change.Rival, change.BillFrom, change.Needs, change.BillsZero = 0, nil, Date{}, nil, false
	t.adopted[line.ID] = true
	change.Facts = Fields{FactRegistered: c.Registered.String(), FactQuantityFrom: QuantityOf(*c.Product).From, FactEnded: "", FactMoved: "", FactResume: "",
		FactMoveSeen: "", FactMoveTo: "", FactOver: "", FactOptionOff: "", FactStands: ""}
	before := t.forerunners(c, nil)
	if slices.ContainsFunc(before, func(f forerunner) bool { return f.alive(line.Effective) }) {
		change.Link = linkOf(KindAddition, t.in.Agreement.ID, change.Key)
	}
	rows := len(t.plan.Changes)
	defer func() {
		if len(t.plan.Changes) > rows {
			t.endForerunners(change.Key, line.Effective, t.leadAt(rows), before)
		}
	}()
	t.mergeAddition(c, line, nil, change, Reasoning{Field: FieldProduct, Rule: "The agreement already has a line for this product and serial " +
		"number; it is taken over instead of making a second one. Bill customer, descriptions, price and effective date stay as found.",
		Facts: []Fact{{SourceConnectWise, "line", line.Product}, {SourceConnectWise, "effective", line.Effective.String()}}})
}

// managedAddition compares a line that we made or adopted, and takes it up again where a person asked for that (R52).
func (t *tenantPlanner) managedAddition(c *candidate, m *Managed, change Change) {
	line, ok := t.additions[m.CWMID]
	resumed := m.Facts[FactResume] != ""
	switch {
	case !ok && resumed && t.verifiedGone(m):
		change.Action, change.CWMID = ActionCreate, 0
		t.createAddition(c, change, "", "")
		return
	case !ok:
		t.lost(m)
		return
	case broughtForward(*line, m) && !resumed:
		t.endedByHand(m, "cancelled")
		return
	}
	if free := t.mergeAddition(c, *line, m, change); free && !t.twofold[foldSerial(c.Serial)] && t.in.AlsoReportedBy[c.Serial] == "" {
		t.endForerunners(m.Key, line.Effective, nil, t.forerunners(c, m))
	}
}

// verifiedGone asks for a record that its list lacks and tells whether the answer was that it is gone.
func (t *tenantPlanner) verifiedGone(m *Managed) bool {
	verified := t.in.VerifiedAdditions
	if m.Kind == KindConfiguration {
		verified = t.in.VerifiedConfigurations
	}
	exists, asked := verified[m.CWMID]
	return asked && !exists
}

// broughtForward tells whether a person cancelled a line earlier than we did (R52). An empty date of ours means it was to run
// on; none noted at all proves nothing.
func broughtForward(line Addition, m *Managed) bool {
	noted, known := m.LastApplied[FieldCancelled]
	if !known || line.Cancelled.IsZero() || m.Facts[FactStands] == line.Cancelled.String() {
		return false
	}
	ours, err := ParseDate(noted)
	return err == nil && (ours.IsZero() || line.Cancelled.Before(ours))
}

// registeredAnew compares with the registration a line was made for; what either side does not know proves nothing (R51).
func registeredAnew(registered Date, m *Managed) bool {
	noted, err := ParseDate(m.Facts[FactRegistered])
	return err == nil && !noted.IsZero() && registered.After(noted)
}
