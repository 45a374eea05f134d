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
	for _, c := range t.candidates {
		if !BecomesAddition(c.place, t.in.Settings.Options) {
			continue
		}
		key := AdditionKey(c.identifier, c.Serial)
		wanted[key] = true
		t.addition(c, key)
	}
	t.planEnds(KindAddition, wanted)
}

// addition plans the line of one product.
func (t *tenantPlanner) addition(c *candidate, key string) {
	m := t.managed(KindAddition, key)
	if m != nil {
		t.observe(m, func(o *Observation) { o.MissedSince = Date{} })
		if !m.EndedByHand.IsZero() {
			return
		}
	}
	change := t.change(KindAddition, ActionCreate, key, c)
	if m != nil {
		change.Action, change.CWMID = ActionUpdate, m.CWMID
	}
	switch {
	case len(c.problems) > 0:
		t.addFailed(change, ReasonUnreadable, "The product was left out, because MySonicWall's facts about it cannot be read: "+strings.Join(c.problems, " "))
	case tooLong(c.Serial, maxAdditionSerial):
		t.addFailed(change, ReasonSerialTooLong, serialTooLong(c.Serial, maxAdditionSerial))
	case m != nil:
		t.managedAddition(c, m)
	default:
		t.newAddition(c, change)
	}
}

func serialTooLong(serial string, limit int) string {
	return fmt.Sprintf("The serial number %s is longer than the %d characters that ConnectWise keeps. A shortened one could not be found "+
		"again, so the product was left out.", cut(serial, limit)+"…", limit)
}

// newAddition adopts a line that stands under the natural key, or plans a new one (R33).
func (t *tenantPlanner) newAddition(c *candidate, change Change) {
	if reason, message := t.elsewhere(KindAddition, c, change.Key); reason != "" {
		t.createAddition(c, change, reason, message)
		return
	}
	open, ended := t.findAdditions(c)
	switch {
	case len(open) > 1:
		change.CWMID, change.Action = 0, ActionAdopt
		change.After, change.NextInvoice = t.wantedAddition(c), t.nextInvoice()
		t.addHeld(change, ReasonSeveralOpen, fmt.Sprintf("The agreement has %d open lines for this product and serial number, none of them "+
			"made by Causeway. Cancel all but one in ConnectWise; that one is then taken over.", len(open)))
	case len(open) == 1:
		t.adoptAddition(c, *open[0], change)
	case len(ended) > 0:
		t.endedAddition(c, *latest(ended), change)
	default:
		t.createAddition(c, change, "", "")
	}
}

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
	t.createAddition(c, change, ReasonNotRevived, fmt.Sprintf("The agreement has a line for this product and serial number that was cancelled on %s, "+
		"not by Causeway. It is not revived by itself.", line.Cancelled))
}

// wantedAddition are the fields a line should have, its effective date apart.
func (t *tenantPlanner) wantedAddition(c *candidate) Fields {
	expiry, _ := ExpiryOf(*c.Product)
	return Fields{
		FieldProduct: c.identifier, FieldBillCustomer: billable, FieldQuantity: QuantityOf(*c.Product).Value.String(),
		FieldCancelled: expiry.String(), FieldSerial: c.Serial, FieldInvoiceDescription: cut(c.Name, maxCustomerDescription),
	}
}

// createAddition plans a new line, or why there is none (R25, R27). A reason given by the caller holds it.
func (t *tenantPlanner) createAddition(c *candidate, change Change, hold Reason, words string) {
	start := EffectiveDate(c.Registered, t.in.Agreement, t.in.Today)
	expiry, expiryLabel := ExpiryOf(*c.Product)
	quantity := QuantityOf(*c.Product)
	change.After = t.wantedAddition(c)
	change.After[FieldEffective] = start.Date.String()
	if expiry.IsZero() {
		delete(change.After, FieldCancelled)
	}
	change.Facts = Fields{FactRegistered: c.Registered.String(), FactQuantityFrom: quantity.From, FactEnded: ""}
	change.Needs = []string{NeedKey(KindCatalogItem, c.identifier)}
	item, inCatalog := t.in.Catalog[CatalogKey(c.identifier)]
	change.BillsZero = !inCatalog || item.Price.IsZero()
	change.NextInvoice = t.nextInvoice()
	change.Why = t.whyNew(c, start, expiry, expiryLabel, quantity)
	switch JudgeExpiry(expiry, start.Date, t.in.Agreement) {
	case ExpiredBeforeBillingStart:
		t.addFailed(change, ReasonExpiredEarly, expiredMessage(expiry, t.in.Agreement))
		return
	case ExpiredNothingToBill:
		change.Status, change.Reason = StatusSkipped, ReasonNothingToBill
		change.Message = fmt.Sprintf("Expired, nothing to bill: it expired on %s and its line would start on %s.", expiry, start.Date)
		t.add(change)
		return
	}
	if hold == "" && start.Date.IsZero() {
		t.addFailed(change, ReasonUnreadable, "MySonicWall does not say when the product was registered, and the agreement does not recur, so "+
			"there is no date to start its line on.")
		return
	}
	if hold == "" {
		hold, words = t.holdNew(start, quantity, change)
	}
	if hold != "" {
		t.addHeld(change, hold, words)
		return
	}
	t.add(change)
}

// holdNew is why a new line waits for a person, if it does (R19, R25, R28).
func (t *tenantPlanner) holdNew(start Start, quantity Quantity, change Change) (Reason, string) {
	switch {
	case !quantity.Value.IsPositive():
		return ReasonZeroQuantity, fmt.Sprintf("MySonicWall reports the quantity %s.", quantity.Value)
	case start.Old:
		return ReasonOldInvoice, fmt.Sprintf("The line would start on %s, more than a month ago, because the agreement's next invoice date lies "+
			"that far back. Invoice the agreement in ConnectWise, or release the line to bill from that date.", start.Date)
	case change.BillsZero && t.in.Settings.Options.PriceFirst:
		return ReasonPriceFirst, fmt.Sprintf("The catalog item %s has no price yet, and the account asks for the price first. Set it in %s.",
			change.After[FieldProduct], whereCatalog)
	}
	return "", ""
}

func (t *tenantPlanner) nextInvoice() Date {
	if t.recurrence == NotRecurring {
		return Date{}
	}
	return t.in.Agreement.NextInvoice
}

func (t *tenantPlanner) whyNew(c *candidate, start Start, expiry Date, label string, quantity Quantity) []Reasoning {
	a := t.in.Agreement
	dates := []Fact{{SourceMySonicWall, "registered", orNone(c.Registered.String())}, {SourceConnectWise, "billing start", orNone(a.BillStart.String())}}
	if t.recurrence == MonthlyRecurring {
		dates = append(dates, Fact{SourceConnectWise, "next invoice", orNone(a.NextInvoice.String())})
	}
	return []Reasoning{
		{FieldProduct, "The catalog item is the one of the product's name and tier.", []Fact{{SourceMySonicWall, "product name", c.Name}, {SourceMySonicWall, "tier", orNone(string(c.Tier))}}},
		{FieldEffective, start.Rule, dates},
		{FieldCancelled, expiryRule(expiry, label), expiryFacts(*c.Product)},
		{FieldQuantity, quantityRule(quantity), limitFacts(quantityFacts(*c.Product, quantity))},
		{FieldBillCustomer, "New lines are billable; whoever changes it in ConnectWise has the last word.", nil},
	}
}

func limitFacts(facts []Fact) []Fact { return facts[:min(len(facts), maxFacts)] }

// adoptAddition takes over a line made by a person: what a person may own and the effective date stay as found (R33).
func (t *tenantPlanner) adoptAddition(c *candidate, line Addition, change Change) {
	change.Action, change.CWMID = ActionAdopt, line.ID
	change.Facts = Fields{FactRegistered: c.Registered.String(), FactQuantityFrom: QuantityOf(*c.Product).From, FactEnded: ""}
	t.mergeAddition(c, line, nil, change, Reasoning{Field: FieldProduct, Rule: "The agreement already has a line for this product and serial " +
		"number; it is taken over instead of making a second one. Bill customer, descriptions, price and effective date stay as found.",
		Facts: []Fact{{SourceConnectWise, "line", line.Product}, {SourceConnectWise, "effective", line.Effective.String()}}})
}

// managedAddition compares a line that we made or adopted.
func (t *tenantPlanner) managedAddition(c *candidate, m *Managed) {
	line, ok := t.additions[m.CWMID]
	if !ok {
		t.lost(m, t.in.VerifiedAdditions, &t.plan.UnverifiedAdditions)
		return
	}
	if broughtForward(*line, m) {
		t.endedByHand(m, "cancelled")
		return
	}
	change := t.change(KindAddition, ActionUpdate, m.Key, c)
	change.CWMID = m.CWMID
	if registeredAnew(c.Registered, m) {
		change.After = Fields{FieldCancelled: t.wantedAddition(c)[FieldCancelled]}
		change.Before = Fields{FieldCancelled: line.Cancelled.String()}
		t.addHeld(change, ReasonRegisteredAnew, fmt.Sprintf("The product was registered again on %s; this line belongs to the registration of %s.",
			c.Registered, m.Facts[FactRegistered]))
		return
	}
	t.mergeAddition(c, *line, m, change)
}

// broughtForward tells whether a person cancelled a line earlier than we did (R52). An empty date of ours means it was to run
// on; none noted at all proves nothing.
func broughtForward(line Addition, m *Managed) bool {
	noted, known := m.LastApplied[FieldCancelled]
	if !known || line.Cancelled.IsZero() {
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
