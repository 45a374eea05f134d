//go:build years

package bridge

import (
	"fmt"
	"maps"
	"slices"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

// What persons do in these years: by hand in ConnectWise, and in Causeway.

// handEvent is an edit in ConnectWise.
func (y *years) handEvent() {
	switch n := y.draw("by hand", 0, 11); {
	case n < 2:
		y.handMakesLine()
	case n < 4:
		y.handEditsItem()
	default:
		y.handEditsLine(n)
	}
}

// handMakesLine adds a line that may bill what a product's line bills: with its serial number, without one, cancelled already.
func (y *years) handMakesLine() {
	t := y.anyTenant()
	if len(y.truth[t]) == 0 {
		return
	}
	p := modelProduct(rapid.SampledFrom(y.truth[t]).Draw(y.rt, "look-alike"))
	line := Addition{ID: y.id(), AgreementID: t.agreement.ID, Product: p.Item, Serial: p.Serial, BillCustomer: billable, Quantity: decimal.NewFromInt(3),
		Effective: LaterOf(t.agreement.BillStart, y.today.AddDays(-50)), InvoiceDescription: "By hand"}
	switch y.draw("what line", 0, 4) {
	case 0:
		line.Product = "SW-FLAT"
	case 1:
		line.Serial = ""
	case 2:
		line.Cancelled = LaterOf(line.Effective, y.today.AddDays(-5))
	case 3:
		line.Product, line.Serial, line.Description = "MISC", "", "Server monitoring"
	}
	y.additions[line.ID] = line
}

// handEditsItem sets a price, or switches a catalog item off or on.
func (y *years) handEditsItem() {
	id := y.pick("item", slices.Sorted(maps.Keys(y.catalog)))
	if id == 0 {
		return
	}
	item := y.catalog[id]
	if y.chance("switch the item", 2) {
		item.Inactive = !item.Inactive
		delete(y.inactive, item.Identifier)
		if item.Inactive {
			y.inactive[item.Identifier] = true
		}
	} else {
		item.Price = decimal.NewFromInt(9)
		y.owns(KindCatalogItem, id, FieldPrice, "9")
	}
	y.catalog[id] = item
}

func (y *years) handEditsLine(n int) {
	id := y.pick("line", slices.Sorted(maps.Keys(y.additions)))
	line, ok := y.additions[id]
	if !ok {
		return
	}
	a := y.agreements[line.AgreementID]
	if a.Cancelled || line.Effective.Before(a.BillStart) {
		return // ConnectWise takes no change of it
	}
	switch n {
	case 4:
		bill := rapid.SampledFrom([]string{"NoCharge", doNotBill, billable}).Draw(y.rt, "bill")
		if bill == line.BillCustomer {
			return
		}
		line.BillCustomer = bill
		y.owns(KindAddition, id, FieldBillCustomer, line.BillCustomer)
		if m, ours := y.managedLine(id); line.BillCustomer == billable || ours && m.LastApplied[FieldBillCustomer] == bill { // as if nobody had
			delete(y.persons[fmt.Sprintf("%s/%d", KindAddition, id)], FieldBillCustomer)
		}
	case 5:
		line.InvoiceDescription = "As agreed by phone"
		y.owns(KindAddition, id, FieldInvoiceDescription, line.InvoiceDescription)
	case 6:
		line.Quantity = decimal.NewFromInt(int64(y.draw("by hand", 0, 9)))
	case 7: // earlier, later
		line.Cancelled = LaterOf(line.Effective, y.today.AddDays(y.draw("ends in", -20, 400)))
	case 8:
		line.Cancelled = Date{}
	case 9:
		line.Serial = "typed by hand"
	case 10:
		if line.BilledQuantity.IsZero() {
			delete(y.additions, id)
		}
		return
	}
	y.additions[id] = line
}

// agreementEvent ends, cancels, prolongs or replaces an agreement, moves its billing start, or forgets its invoices for a while.
func (y *years) agreementEvent() {
	a := y.agreements[y.pick("agreement", y.agreementIDs())]
	switch y.draw("agreement event", 0, 7) {
	case 0:
		a.End = LaterOf(a.Start, y.today.AddDays(y.draw("ends", -1, 60)))
	case 1: // with the last day that was or will be invoiced
		a.End = a.NextInvoice.AddDays(-1)
	case 2:
		a.Cancelled = true
	case 3:
		a.End, a.Cancelled = Date{}, false
	case 4:
		if start := y.today.AddDays(y.draw("billing moves", -40, 40)); a.NextInvoice.IsZero() || !start.After(a.NextInvoice) {
			a.BillStart = start
		}
	case 5:
		y.lags[a.ID] = rapid.SampledFrom([]int{80, 0, 5}).Draw(y.rt, "invoices issued")
	case 6, 7:
		y.newAgreement(rapid.SampledFrom(y.companies).Draw(y.rt, "company"), y.today)
		return
	}
	y.setAgreement(a)
}

// mappingEvent maps a tenant elsewhere, switches it off or on, has it go missing or come back, or ends its billing.
func (y *years) mappingEvent(t *worldTenant) {
	switch y.draw("mapping event", 0, 9) {
	case 0, 1, 2, 3:
		var offered []Agreement
		for _, id := range y.agreementIDs() {
			a := y.agreements[id]
			open := !a.Cancelled && (a.End.IsZero() || !a.End.Before(y.today))
			if open && (a.CompanyID == t.company.ID || y.chance("another company", 4)) {
				offered = append(offered, a)
			}
		}
		if len(offered) > 0 {
			y.mapTo(t, rapid.SampledFrom(offered).Draw(y.rt, "mapped to"))
		}
	case 4, 5:
		t.frozen, t.ending = !t.frozen, false
	case 6:
		t.missing, t.ending = !t.missing, false
	case 7:
		t.ending = t.still()
	case 8, 9: // all is well again
		t.frozen, t.missing, t.ending = false, false, false
	}
}

func (y *years) optionEvent() {
	if y.chance("price first", 3) {
		y.settings.Options.PriceFirst = !y.settings.Options.PriceFirst
		return
	}
	y.settings.Options.NetworkAdditions = !y.settings.Options.NetworkAdditions
}

// decisionsTonight answers some of the rows that wait, and takes up some of what was ended by hand.
func (y *years) decisionsTonight() {
	for i, plan := range y.last.tenants {
		for _, c := range plan.Changes {
			choices := c.Choices()
			if len(choices) == 0 || !y.chance("decide", 3) || y.answered(c) {
				continue
			}
			choice := rapid.SampledFrom(choices).Draw(y.rt, "choice")
			y.decided++
			if choice == ChoiceRelease {
				y.part(c)
			}
			y.decisions = append(y.decisions, Decision{ID: y.decided, Kind: c.Kind, Key: c.Key, Serial: c.Serial, Reason: c.Reason, Choice: choice,
				Shown: c.Shown(), Basis: c.Basis, Date: c.BillFrom, By: "ann"})
			if choice == ChoiceDismiss && c.Kind == KindAddition {
				y.book.Dismissed(y.tenants[i].tenant.ID, c.Serial, string(c.Reason))
			}
		}
	}
	for _, ref := range sortedRefs(y.managed) {
		m := y.managed[ref]
		if !m.EndedByHand.IsZero() && m.Facts[FactResume] == "" && y.chance("resume", 8) {
			m.Facts = m.Facts.With(Fields{FactResume: "ann"})
			y.managed[ref] = m
		}
	}
}

func (y *years) answered(c Change) bool {
	return slices.ContainsFunc(y.decisions, func(d Decision) bool { return d.Kind == c.Kind && d.Key == c.Key && d.Reason == c.Reason })
}

// spend forgets decisions that rows carried out or that the facts overtook, as the store does.
func (y *years) spend(p planned) {
	spent := map[int64]bool{}
	for _, tenant := range p.tenants {
		for _, id := range tenant.Spent {
			spent[id] = true
		}
		for _, c := range tenant.Changes {
			if c.Status == StatusApplied {
				spent[c.DecisionID] = true
			}
		}
	}
	y.decisions = slices.DeleteFunc(slices.Clone(y.decisions), func(d Decision) bool { return spent[d.ID] })
}
