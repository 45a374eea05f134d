package bridge

import (
	"fmt"
	"slices"
)

// wantedAddition are the fields a line should have, its effective date apart.
func (t *tenantPlanner) wantedAddition(c *candidate) Fields {
	expiry, _ := ExpiryOf(*c.Product)
	return Fields{
		FieldProduct: c.identifier, FieldBillCustomer: billable, FieldQuantity: QuantityOf(*c.Product).Value.String(),
		FieldCancelled: expiry.String(), FieldSerial: c.Serial, FieldInvoiceDescription: cut(c.Name, maxCustomerDescription),
	}
}

// createAddition plans a new line, or why there is none (R25, R27). A reason given by the caller holds it. Where another line
// billed the product before, that one ends once the new one stands (R49).
func (t *tenantPlanner) createAddition(c *candidate, change Change, hold Reason, words string) {
	before := t.forerunners(c, nil)
	if hold == ReasonContradiction {
		before = nil // listed twice, it takes over from none: one of the two may be what the standing line bills
	}
	start := t.startOf(c, &change, before, hold)
	expiry, expiryLabel := ExpiryOf(*c.Product)
	carry := t.carryOver(c, &change, before)
	quantity := carry.quantity
	change.After = t.wantedAddition(c)
	change.After[FieldEffective] = start.Date.String()
	if expiry.IsZero() {
		delete(change.After, FieldCancelled)
	}
	change.Facts = Fields{FactRegistered: c.Registered.String(), FactQuantityFrom: quantity.From, FactEnded: "", FactMoved: "", FactResume: "",
		FactMoveSeen: "", FactMoveTo: "", FactOver: "", FactOptionOff: "", FactStands: ""}
	change.Needs = []string{NeedKey(KindCatalogItem, c.identifier)}
	item, inCatalog := t.in.Catalog[CatalogKey(c.identifier)]
	change.BillsZero = !inCatalog || item.Price.IsZero()
	change.NextInvoice = t.nextInvoice()
	change.BillFrom = t.workingDate(start.Date)
	change.Why = t.whyNew(c, start, expiry, expiryLabel, quantity)
	carry.into(&change)
	if !carry.end.IsZero() {
		expiry = carry.end
	}
	linked := slices.ContainsFunc(before, func(f forerunner) bool { return f.alive(t.in.Today) })
	if linked {
		change.Link = linkOf(KindAddition, t.in.Agreement.ID, change.Key)
	}
	switch verdict := JudgeExpiry(expiry, start.Date, t.in.Agreement); {
	case verdict == ExpiredBeforeBillingStart && !linked:
		t.addFailed(change, ReasonExpiredEarly, expiredMessage(expiry, t.in.Agreement))
		return
	case verdict != ExpiryFine && linked:
		t.keepOld(c, expiry, start, before)
		if !carry.end.IsZero() {
			t.holdOldEnd(c, carry)
		}
		return
	case verdict == ExpiredNothingToBill:
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
	rows := len(t.plan.Changes)
	t.addNew(c, change, hold, words, start, before)
	if len(t.plan.Changes) > rows && t.plan.Changes[rows].Status == StatusPlanned && t.plan.Changes[rows].Action == ActionCreate {
		t.holdCarried(c, t.plan.Changes[rows], carry)
	}
}

// addNew adds the row of a new line, held where a rule says so, and the ends of the lines it takes over from.
func (t *tenantPlanner) addNew(c *candidate, change Change, hold Reason, words string, start Start, before []forerunner) {
	if old, found := stuck(before, start.Date); found {
		change.BillFrom = Date{}
		t.addFailed(change, ReasonNeeds, fmt.Sprintf("The line %s of the agreement %s bills this product. It starts on %s, before billing of its agreement "+
			"does on %s, so ConnectWise takes no change of it and it cannot be ended. No second line is made beside it. Move the billing start back or the "+
			"line's effective date forward in ConnectWise.", old.m.Key, old.agreement.Name, old.line.Effective, old.agreement.BillStart))
		return
	}
	rows := len(t.plan.Changes)
	rival, count := t.lookAlike(c)
	switch {
	case hold == ReasonNotRevived:
		if d := t.decision(change, hold, ChoiceAdopt); d != nil {
			change.DecisionID, change.Decided = d.ID, d.By
			t.adoptAddition(c, *t.additions[change.RivalID], change)
			return
		}
		t.addHeld(change, hold, words)
	case hold != "":
		t.addHeld(change, hold, words)
	case rival != nil:
		t.holdForRival(c, change, *rival, ReasonLookAlike, lookAlikeMessage(*rival, count))
		if t.adopted[rival.ID] {
			return
		}
	default:
		if hold, words = t.holdNew(start, QuantityOf(*c.Product), change); hold != "" {
			t.addHeld(change, hold, words)
		} else {
			t.add(change)
		}
	}
	if len(t.plan.Changes) > rows {
		t.endForerunners(change.Key, start.Date, t.leadAt(rows), before)
	}
}

// startOf is the effective date of a new line: the one a person chose after a refusal, else R49's where another line billed the
// product before, else R25's.
func (t *tenantPlanner) startOf(c *candidate, change *Change, before []forerunner, hold Reason) Start {
	if d := t.billFrom(change.Key); d != nil {
		change.DecisionID, change.Decided = d.ID, d.By
		return Start{Date: d.Date, Rule: fmt.Sprintf("ConnectWise refused the date by the rules; %s chose this one.", d.By)}
	}
	fresh := EffectiveDate(c.Registered, t.in.Agreement, t.in.Today)
	alive := slices.ContainsFunc(before, func(f forerunner) bool { return f.alive(t.in.Today) })
	again := len(before) > 0 && !slices.ContainsFunc(before, func(f forerunner) bool { return !registeredAnew(c.Registered, f.m) })
	switch {
	case hold == ReasonNotRevived, alive, len(before) > 0 && !again:
		return t.moveStart(change.Key, before)
	case again:
		return t.afterOld(fresh, before)
	}
	return fresh
}

// afterOld keeps the line of a new registration from overlapping with one that has ended (R51), and with what was invoiced for it.
func (t *tenantPlanner) afterOld(start Start, before []forerunner) Start {
	for _, f := range before {
		if day := f.leaves(t.in.Today); !start.Date.IsZero() && start.Date.Before(day) {
			start.Date, start.Rule = day, "The line starts where the one of the earlier registration, or what was invoiced for it, ends."
		}
	}
	return start
}

// workingDate is the date that ConnectWise would take where it refuses ours: not before billing starts, and in no period that was
// invoiced; zero when ours is that date.
func (t *tenantPlanner) workingDate(ours Date) Date {
	date := WorkingDate(t.in.Agreement)
	if date == ours {
		return Date{}
	}
	return date
}

// keepOld leaves a product with its old line, because it ends before a new one would start (R49).
func (t *tenantPlanner) keepOld(c *candidate, expiry Date, start Start, before []forerunner) {
	t.notef(LogInfo, "%s (%s) ends on %s, before a new line would start on %s: its old line stays and ends with it.", c.Name, c.Serial, expiry, start.Date)
	for _, f := range before {
		if f.alive(t.in.Today) && (f.line.Cancelled.IsZero() || f.line.Cancelled.After(expiry)) {
			t.endWithProduct(f, expiry)
			continue
		}
		t.plan.Unchanged++
	}
}

// holdNew is why a new line waits for a person, if it does (R19, R25, R28).
func (t *tenantPlanner) holdNew(start Start, quantity Quantity, change Change) (Reason, string) {
	switch {
	case change.Link == "" && !quantity.Value.IsPositive():
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
