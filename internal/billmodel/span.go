package billmodel

import (
	"cmp"
	"slices"
)

// forever ends the span of a line that runs on.
const forever Day = 1 << 30

// span is a run of days, first and last included, that a line bills or billed.
type span struct {
	from, to Day
	line     int
	paid     Day  // of an invoice: the end of its period
	of       int  // of an invoice: its agreement
	hand     bool // of an invoice: a person had the line bill
}

func (s span) empty() bool { return s.from > s.to }

func (s span) meets(o span) bool { return s.line != o.line && s.from <= o.to && o.from <= s.to }

// twice finds a day that two lines bill: that both will, or that one will and an invoice billed by the other.
func twice(will, invoiced []span) (a, b span, found bool) {
	for i, s := range will {
		for _, o := range will[i+1:] {
			if s.meets(o) {
				return s, o, true
			}
		}
		for _, o := range invoiced {
			if s.meets(o) && !o.hand {
				return s, o, true
			}
		}
	}
	return span{}, span{}, false
}

// firstGap is the first day from one to another, both included, that no span covers; 0 when there is none. A period counts as
// covered to its end where an invoice carried the line, because a line that takes over starts after it (R49).
func firstGap(spans []span, from, to Day) Day {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	for _, s := range spans {
		if s.from > from {
			break
		}
		from = max(from, s.to+1, s.paid+1)
		if from > to {
			return 0
		}
	}
	if from > to {
		return 0
	}
	return from
}

func orForever(d Day) Day {
	if d == 0 {
		return forever
	}
	return d
}

// pending are the days that a line will bill as things stand: those that no invoice has covered, until it or its agreement ends.
func pending(l Line, a Agreement) span {
	s := span{from: l.Effective, to: orForever(l.Cancelled), line: l.ID}
	if a.End != 0 {
		s.to = min(s.to, a.End)
	}
	if a.recurs() {
		s.from = max(s.from, a.Next)
	}
	if l.Bill != billable || a.Cancelled || a.ID == 0 {
		return span{from: 1, line: l.ID}
	}
	return s
}

func (a Agreement) recurs() bool { return a.Monthly || a.Other }

// invoicedUntil is the first day that no invoice can have covered of a line that one carried; 0 of one that none did.
func invoicedUntil(l Line, a Agreement) Day {
	if !a.recurs() || !l.Billed && l.Effective >= a.Next {
		return 0
	}
	if a.End != 0 && a.End < a.Next {
		return a.End + 1
	}
	return a.Next
}
