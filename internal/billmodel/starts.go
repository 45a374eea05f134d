package billmodel

// starts judges the first day of every line that the sync made: never before what was invoiced, never before the agreement bills,
// and no later than that (R25, R49, R51).
func (j *judging) starts() {
	for _, l := range j.e.Lines {
		note, ours := j.notes[l.ID]
		if _, stood := j.morning[l.ID]; stood || !ours {
			continue
		}
		if day := j.chosen(note.Serial); day != 0 {
			j.from[note.Serial] = day
			if l.Effective != day {
				j.findf("line %d of %s begins on %s, but a person chose %s", l.ID, note.Serial, l.Effective, day)
			}
			continue
		}
		delete(j.from, note.Serial)
		a := j.e.Agreements[l.Agreement]
		if low, high := j.starting(note, a); l.Effective < low || l.Effective > high {
			j.findf("line %d of %s begins on %s, which is not from %s to %s", l.ID, note.Serial, l.Effective, low, high)
		}
	}
}

// starting is the earliest and the latest right first day of a new line. On a monthly agreement they are one day.
func (j *judging) starting(note Note, a Agreement) (low, high Day) {
	low = max(a.BillStart, a.Next)
	high = low
	if !a.Monthly {
		registered := j.registered(note)
		low, high = max(a.BillStart, registered), max(a.BillStart, registered)
	}
	for id, other := range j.noted {
		if other.Serial != note.Serial {
			continue
		}
		if !a.Monthly {
			low, high = a.BillStart, max(high, j.e.Today) // the day on which the change was first seen
		}
		before, stood := j.morning[id]
		if !stood {
			continue
		}
		until, after := invoicedUntil(before, j.e.Agreements[before.Agreement]), Day(0)
		if before.Cancelled != 0 {
			after = before.Cancelled + 1
		}
		if before.Bill == billable && !j.theirs[id] && later(before.Cancelled, j.e.Today-1) {
			low = max(low, min(until, orForever(before.Cancelled)+1))
		}
		if high = max(high, until, after, j.left[id]); before.Billed {
			high = max(high, j.e.Agreements[before.Agreement].Next)
		}
	}
	return low, high
}

func (j *judging) registered(note Note) Day {
	for _, t := range j.e.Tenants {
		if t.ID != note.Tenant {
			continue
		}
		for i := len(t.Products) - 1; i >= 0; i-- {
			if p := &t.Products[i]; p.Serial == note.Serial && p.there() {
				return p.Registered
			}
		}
	}
	return 0
}
