package bridge

// forerunner is a managed addition that billed the product before the line at hand.
type forerunner struct {
	m         *Managed
	line      *Addition // nil when it is gone, or stands on an agreement that was not read because it had long ended
	agreement Agreement
}

// alive tells whether the line still bills on or after a day.
func (f forerunner) alive(day Date) bool {
	return f.line != nil && (f.line.Cancelled.IsZero() || !f.line.Cancelled.Before(day))
}

// firstUninvoiced is the first day that no invoice of the old line's agreement has covered; zero when none has carried the line.
// An agreement that ends before its next invoice bills no further than its end.
func (f forerunner) firstUninvoiced() Date {
	if f.line == nil || NeverInvoiced(*f.line, f.agreement) || RecurrenceOf(f.agreement) == NotRecurring {
		return Date{}
	}
	day := f.agreement.NextInvoice
	if end := f.agreement.End; !end.IsZero() && end.Before(day) {
		day = end.AddDays(1)
	}
	return day
}

// leaves is the first day that the old line leaves to another one: after its invoices while it runs, after its last day and what was
// invoiced beyond it where it has ended. Of one that we ended it is noted, because such a line may not be read any more.
func (f forerunner) leaves(today Date) Date {
	switch {
	case f.m.Facts[FactEnded] != "":
		day, _ := ParseDate(f.m.Facts[FactOver])
		return day
	case f.alive(today):
		return f.firstUninvoiced()
	case f.line != nil && f.line.BillCustomer == billable:
		return f.line.Cancelled.AddDays(1)
	}
	return Date{}
}

// overAfter is the note for leaves of a line that gets its last day; empty where it does not bill at all.
func (f forerunner) overAfter(last Date, after Fields) string {
	if f.line.BillCustomer != billable || after[FieldBillCustomer] == doNotBill {
		return ""
	}
	return LaterOf(f.firstUninvoiced(), last.AddDays(1)).String()
}

// neverBills tells whether a line that ends must not bill at all, because no invoice has carried it (R32, R49). A person who let it
// bill after we had stopped that has the last word (R24).
func (f forerunner) neverBills() bool {
	return f.line.BillCustomer == billable && f.m.LastApplied[FieldBillCustomer] != doNotBill && NeverInvoiced(*f.line, f.agreement)
}

// tookOver tells whether a line began to bill after an older one and was invoiced, so that the older one is history.
func (f forerunner) tookOver(old forerunner) bool {
	began, _ := ParseDate(f.m.LastApplied[FieldEffective])
	invoiced := f.m.Facts[FactOver] != ""
	if f.line != nil {
		began, invoiced = f.line.Effective, !NeverInvoiced(*f.line, f.agreement)
	}
	return invoiced && (old.line == nil || began.After(old.line.Effective))
}

// lastDay is the last day of an old line beside a new one that starts on a given day, moved behind what the old one was invoiced
// for; needed is false where it ends by then already.
func (f forerunner) lastDay(newStart Date) (starts, last Date, needed bool) {
	starts = newStart
	if day := f.firstUninvoiced(); starts.Before(day) {
		starts = day
	}
	last = starts.AddDays(-1)
	if ended, err := ParseDate(f.m.Facts[FactEnded]); err == nil && !ended.IsZero() && f.m.Facts[FactMoved] != "" {
		last = ended
	}
	if last.Before(f.line.Effective) {
		last = f.line.Effective
	}
	if f.line.Cancelled.IsZero() || f.line.Cancelled.After(last) {
		return starts, last, true
	}
	// It ends in time. Where that is because no line ends before it starts, and none was invoiced, it still must not bill.
	return starts, f.line.Cancelled, f.neverBills() && !f.line.Cancelled.Before(starts)
}

// stuck is the old line that ConnectWise would not let end, because a person moved the start of billing behind the line's own: it
// takes no change of such a line. A new one beside it would bill the product twice.
func stuck(before []forerunner, starts Date) (forerunner, bool) {
	for _, f := range before {
		if f.line == nil || f.agreement.Cancelled || !f.line.Effective.Before(f.agreement.BillStart) || !f.m.EndedByHand.IsZero() && f.m.Facts[FactResume] == "" {
			continue
		}
		if _, _, needed := f.lastDay(starts); needed {
			return f, true
		}
	}
	return forerunner{}, false
}
