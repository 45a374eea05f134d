package bridge

import "github.com/shopspring/decimal"

// Remapped is what another agreement means for one line, as far as it can be told from what was written last, before anything is
// read for it (R49).
type Remapped struct {
	Starts Date // the new line
	Ends   Date // the last day of the old one; zero where its agreement is cancelled: it bills nothing there and is left as it is
	// Stays tells that the product ends before a new line would start: it keeps its old one, with its end.
	Stays bool
	// Unbilled tells that no invoice carried the old line: it does not bill at all.
	Unbilled bool
}

// Remap foretells it by the rules of the plan. The line is on from and its billed quantity need not be known: one that starts before
// the next invoice date counts as invoiced.
func Remap(line Addition, from, to Agreement, today Date) Remapped {
	old := forerunner{line: &line, agreement: from}
	starts := to.NextInvoice
	if RecurrenceOf(to) != MonthlyRecurring || starts.IsZero() {
		starts = today
	}
	if starts.Before(to.BillStart) {
		starts = to.BillStart
	}
	if invoiced := old.firstUninvoiced(); old.alive(today) && starts.Before(invoiced) {
		starts = invoiced
	}
	if !line.Cancelled.IsZero() && line.Cancelled.Before(starts) {
		return Remapped{Ends: line.Cancelled, Stays: true}
	}
	if from.Cancelled {
		return Remapped{Starts: starts}
	}
	ends := starts.AddDays(-1)
	if ends.Before(line.Effective) {
		ends = line.Effective
	}
	return Remapped{Starts: starts, Ends: ends, Unbilled: line.BillCustomer == billable && NeverInvoiced(line, from)}
}

// Addition is a managed line as it was written last. What was never written by us is missing.
func (m Managed) Addition() Addition {
	quantity, _ := decimal.NewFromString(m.LastApplied.Get(FieldQuantity))
	effective, _ := ParseDate(m.LastApplied.Get(FieldEffective))
	cancelled, _ := ParseDate(m.LastApplied.Get(FieldCancelled))
	return Addition{
		ID: m.CWMID, AgreementID: m.ParentID, Product: m.LastApplied.Get(FieldProduct), Serial: m.Serial, Quantity: quantity,
		BillCustomer: m.LastApplied.Get(FieldBillCustomer), Effective: effective, Cancelled: cancelled,
		InvoiceDescription: m.LastApplied.Get(FieldInvoiceDescription),
	}
}

// Open tells whether a managed line still runs on a day by our notes (R53).
func (m Managed) Open(today Date) bool {
	ends, _ := ParseDate(m.LastApplied.Get(FieldCancelled))
	return m.Kind == KindAddition && m.EndedByHand.IsZero() && m.Facts[FactEnded] == "" && (ends.IsZero() || !ends.Before(today))
}
