//go:build years

package bridge

import (
	"fmt"
	"slices"
	"strings"

	"causeway/internal/billmodel"
)

// ConnectWise's part of these years: which writes it refuses, and its invoices.

// refusal is ConnectWise's answer to a write that its rules forbid.
func (y *years) refusal(c Change) string {
	switch {
	case c.Kind != KindAddition || len(c.After) == 0:
		return ""
	case c.Action == ActionCreate:
		return y.refusedLine(c, c.After[FieldEffective], true)
	}
	line, ok := y.additions[c.CWMID]
	if !ok {
		return "404"
	}
	effective := line.Effective.String()
	chosen, moved := c.After[FieldEffective]
	if moved {
		effective = chosen
	}
	return y.refusedLine(c, effective, moved)
}

func (y *years) refusedLine(c Change, effective string, moved bool) string {
	a, ok := y.agreements[c.ParentID]
	start := MustDate(effective)
	switch {
	case !ok:
		return "Agreement not found"
	case a.Cancelled:
		return "The agreement is cancelled."
	case start.Before(a.BillStart):
		return "effectiveDate cannot be less than the agreement billing start date."
	case moved && RecurrenceOf(a) != NotRecurring && !a.Prorate && start.Before(a.NextInvoice):
		return "This period has been invoiced already."
	case c.Action == ActionCreate && y.inactive[c.After[FieldProduct]]:
		return "The product is inactive."
	}
	return ""
}

// invoiceDue issues an agreement's next invoice when its day has come.
func (y *years) invoiceDue(a Agreement) {
	next := a.NextInvoice
	if a.Cancelled || next.IsZero() || RecurrenceOf(a) == NotRecurring || !a.End.IsZero() && next.After(a.End) || y.today.Before(next.AddDays(y.lags[a.ID])) {
		return
	}
	months := 1
	if a.Cycle != BillingMonthly {
		months = 3
	}
	until := next.AddMonths(months)
	y.book.Look(y.modelLines(), y.modelAgreements())
	in := billmodel.Invoice{Agreement: modelAgreement(a), Until: modelDay(until)}
	for id, line := range y.additions {
		bills := line.AgreementID == a.ID && line.BillCustomer == billable && line.Quantity.IsPositive() && line.Effective.Before(until) &&
			(line.Cancelled.IsZero() || !line.Cancelled.Before(next))
		if bills {
			line.BilledQuantity = line.Quantity
			y.additions[id] = line
			in.Lines = append(in.Lines, modelLine(line))
		}
	}
	slices.SortFunc(in.Lines, func(a, b billmodel.Line) int { return a.ID - b.ID })
	a.NextInvoice = until
	y.setAgreement(a)
	for _, finding := range y.book.Invoiced(in) {
		y.rt.Errorf("%s: %s", y.today, finding)
	}
	if y.rt.Failed() {
		y.tell()
	}
	y.book.Look(y.modelLines(), y.modelAgreements())
}

// The words in which a crash's picture names facts.
func factsOf(m Managed) string {
	var out []string
	for _, name := range m.Facts.Names() {
		out = append(out, name+"="+m.Facts[name])
	}
	return strings.Join(out, ",")
}

func intsOf(list []int) string { return fmt.Sprint(list) }
