package bridge

import "fmt"

// Start is the effective date of a new addition with the rule it came from, in a sentence (R25).
type Start struct {
	Date Date
	Rule string
	// Old is true when that date lies more than one billing period back: billing would reach back further than anyone
	// expects, so a person decides.
	Old bool
}

// EffectiveDate decides when a new addition starts to bill (R25). a has its parent's terms filled in. The date is zero when the
// facts do not give one: an agreement that does not recur and a product whose registration date is unknown.
func EffectiveDate(registered Date, a Agreement, today Date) Start {
	if RecurrenceOf(a) == MonthlyRecurring {
		return monthlyStart(registered, a, today)
	}
	if registered.Before(a.BillStart) && !registered.IsZero() {
		return Start{Date: a.BillStart, Rule: fmt.Sprintf(
			"The product was registered on %s, before billing of the agreement starts; the billing start date is used.", registered)}
	}
	return Start{Date: registered, Rule: "The line starts on the product's registration date."}
}

// monthlyStart takes the next invoice date also when it has just passed: it then is the first that is not invoiced yet.
func monthlyStart(registered Date, a Agreement, today Date) Start {
	start := Start{Date: a.NextInvoice, Rule: "The agreement bills monthly; the line starts on its next invoice date."}
	if a.NextInvoice.IsZero() {
		start = Start{Date: registered, Rule: "The agreement bills monthly but has no next invoice date; the line starts on the product's " +
			"registration date."}
	}
	if start.Date.Before(a.BillStart) {
		start = Start{Date: a.BillStart, Rule: "The agreement bills monthly and billing has not started; the line starts on the billing " +
			"start date."}
	}
	start.Old = start.Date.AddMonths(1).Before(today)
	return start
}

// ExpiryVerdict is what an expiry date means for a line that starts on a given day (R27).
type ExpiryVerdict int

const (
	ExpiryFine ExpiryVerdict = iota
	// ExpiredBeforeBillingStart fails the product.
	ExpiredBeforeBillingStart
	// ExpiredNothingToBill skips it: the line would end before it starts.
	ExpiredNothingToBill
)

// JudgeExpiry applies R27 to a product that should become a line effective on start. No expiry is always fine.
func JudgeExpiry(expiry, start Date, a Agreement) ExpiryVerdict {
	switch {
	case expiry.IsZero():
		return ExpiryFine
	case expiry.Before(a.BillStart):
		return ExpiredBeforeBillingStart
	case expiry.Before(start):
		return ExpiredNothingToBill
	}
	return ExpiryFine
}

// expiredMessage is the guide's own sentence, which support staff search logs for, with the dates behind it (R27).
func expiredMessage(expiry Date, a Agreement) string {
	return fmt.Sprintf("Error occurred while creating/updating an addition for product. It expired on %s, before billing of the "+
		"agreement %s starts on %s. Renew the product in MySonicWall or move the agreement's billing start date in ConnectWise.",
		expiry, a.Name, a.BillStart)
}

// WorkingDate is the first day from which ConnectWise takes any line of an agreement: not before billing starts, and in no period
// that was invoiced. a has its parent's terms filled in.
func WorkingDate(a Agreement) Date {
	if RecurrenceOf(a) != NotRecurring && a.NextInvoice.After(a.BillStart) {
		return a.NextInvoice
	}
	return a.BillStart
}

// NeverInvoiced tells whether no invoice can have carried the line yet: nothing was billed and, where the agreement recurs, the
// line starts on or after the next invoice date (R32, R49).
func NeverInvoiced(line Addition, a Agreement) bool {
	if !line.BilledQuantity.IsZero() {
		return false
	}
	return RecurrenceOf(a) == NotRecurring || !line.Effective.Before(a.NextInvoice)
}
