package bridge

import (
	"fmt"
	"slices"
	"strings"
)

// Recurrence is how an agreement bills, as far as Causeway cares (R29).
type Recurrence int

const (
	NotRecurring     Recurrence = iota
	MonthlyRecurring            // the only recurring period supported
	OtherRecurring              // quarterly, yearly, weekly and the like: refused
)

// RecurrenceOf goes by the billing cycle's option, never by its name: no cycle, NotRecurring and one-time billing do not recur
// (R29).
func RecurrenceOf(a Agreement) Recurrence {
	switch {
	case a.OneTime, a.Cycle == BillingNone, a.Cycle == BillingNotRecurring:
		return NotRecurring
	case a.Cycle == BillingMonthly:
		return MonthlyRecurring
	}
	return OtherRecurring
}

// Terms is child with what it lacks taken from its parent, each by itself: billing cycle, start, billing start and next invoice
// date (R25). A missing end date is not a lack: it says open-ended.
func Terms(child, parent Agreement) Agreement {
	if child.Cycle == BillingNone && !child.OneTime {
		child.Cycle, child.CycleName, child.OneTime = parent.Cycle, parent.CycleName, parent.OneTime
	}
	if child.Start.IsZero() {
		child.Start = parent.Start
	}
	if child.BillStart.IsZero() {
		child.BillStart = parent.BillStart
	}
	if child.NextInvoice.IsZero() {
		child.NextInvoice = parent.NextInvoice
	}
	return child
}

// Offered tells whether a tenant may be mapped to the agreement today, and if not why, in a sentence (R9). One that starts
// later is offered.
func Offered(a Agreement, c Company, today Date) (bool, string) {
	switch {
	case c.Deleted:
		return false, fmt.Sprintf("The company %s is in ConnectWise's recycle bin.", c.Name)
	case a.CompanyID != c.ID:
		return false, fmt.Sprintf("The agreement %s does not belong to the company %s.", a.Name, c.Name)
	case a.Cancelled:
		return false, fmt.Sprintf("The agreement %s is cancelled.", a.Name)
	case !a.End.IsZero() && a.End.Before(today):
		return false, fmt.Sprintf("The agreement %s ended on %s.", a.Name, a.End)
	}
	return true, ""
}

// Successor suggests the agreement that most likely replaces one that ended (R53): of the same company and offered, of the same
// type if there is one, and of those the latest to start.
func Successor(ended Agreement, agreements []Agreement, c Company, today Date) (Agreement, bool) {
	candidates := slices.DeleteFunc(slices.Clone(agreements), func(a Agreement) bool {
		offered, _ := Offered(a, c, today)
		return !offered || a.ID == ended.ID
	})
	if len(candidates) == 0 {
		return Agreement{}, false
	}
	return slices.MaxFunc(candidates, func(a, b Agreement) int {
		sameA, sameB := strings.EqualFold(a.Type, ended.Type), strings.EqualFold(b.Type, ended.Type)
		switch {
		case sameA != sameB && sameA:
			return 1
		case sameA != sameB:
			return -1
		case a.Start != b.Start:
			return a.Start.Compare(b.Start)
		}
		return a.ID - b.ID
	}), true
}
