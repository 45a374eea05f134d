package billmodel

import "slices"

// judging is one evening's look at everything.
type judging struct {
	*Book
	e       Evening
	morning map[int]Line // as persons left them
	noted   map[int]Note // before the sync
	holders map[string][]string
	theirs  map[int]bool // lines that a person opened again or decides on, as of the morning
}

// Evening judges what a sync left behind, and remembers it. What it finds wrong is told in words.
func (b *Book) Evening(e Evening) []string {
	j := &judging{Book: b, e: e, morning: b.lines, noted: b.notes, holders: map[string][]string{}}
	b.lines, b.notes, b.due = make(map[int]Line, len(e.Lines)), make(map[int]Note, len(e.Notes)), nil
	for _, l := range e.Lines {
		b.lines[l.ID] = l
	}
	for _, n := range e.Notes {
		if twin, twice := b.notes[n.Line]; twice {
			b.findf("line %d is noted for %s and for %s", n.Line, twin.Serial, n.Serial)
		}
		b.notes[n.Line] = n
	}
	for _, t := range e.Tenants {
		if t.Reading == Frozen || t.Reading == Missing || t.Reading == Ending {
			continue
		}
		for _, p := range t.Products {
			if holders := j.holders[p.Serial]; p.there() && (len(holders) == 0 || holders[len(holders)-1] != t.ID) {
				j.holders[p.Serial] = append(holders, t.ID)
			}
		}
	}
	j.theirs = make(map[int]bool, len(b.opened)+len(b.personal))
	for id := range j.morning {
		j.theirs[id] = b.personally(id)
	}
	j.changes()
	for _, t := range e.Tenants {
		j.tenant(t)
	}
	j.overlaps()
	j.starts()
	clear(b.touched)
	b.evening = e
	return b.take()
}

// changes looks at every line that the sync touched or should not have.
func (j *judging) changes() {
	for id, before := range j.morning {
		if _, stands := j.lines[id]; !stands {
			j.findf("line %d of %s was deleted", id, before.Serial)
		}
	}
	for _, l := range j.e.Lines {
		before, stood := j.morning[l.ID]
		note, ours := j.notes[l.ID]
		_, wereOurs := j.noted[l.ID]
		switch {
		case !ours:
			if before != l {
				j.findf("line %d of %s, which is not ours, changed", l.ID, l.Serial)
			}
			continue
		case !wereOurs && stood:
			j.adopted[l.ID] = true
			j.personal[l.ID] = l.Bill != billable
		case stood && before.Bill != l.Bill && j.personal[l.ID]:
			j.findf("how line %d of %s bills was changed by hand to %s, and is %s", l.ID, l.Serial, before.Bill, l.Bill)
		}
		if !wereOurs || before.Cancelled != l.Cancelled {
			j.wrote[l.ID] = l.Cancelled
			j.left[l.ID] = invoicedUntil(l, j.e.Agreements[l.Agreement])
			if !later(l.Cancelled, j.openedFrom[l.ID]) || j.newest(note.Serial) == l.ID {
				delete(j.opened, l.ID)
			}
		}
		if stood && before.Effective != l.Effective && j.chosen(note.Serial) == 0 {
			j.findf("line %d of %s began on %s and now on %s", l.ID, note.Serial, before.Effective, l.Effective)
		}
	}
	for id, note := range j.notes {
		if note.EndedByHand && !j.noted[id].EndedByHand {
			j.ended(note)
		}
	}
}

// newest is the product's line that began last.
func (j *judging) newest(serial string) int {
	var newest Line
	for _, l := range j.ours(serial) {
		if l.Effective >= newest.Effective {
			newest = l
		}
	}
	return newest.ID
}

// ended finds notes of an end by hand that no hand made (R52).
func (j *judging) ended(note Note) {
	l, stood := j.morning[note.Line]
	if wrote := j.wrote[note.Line]; stood && (l.Cancelled == 0 || !later(wrote, l.Cancelled)) {
		j.findf("line %d of %s counts as ended by hand; it ends %s, and %s was written", note.Line, note.Serial, l.Cancelled, wrote)
	}
}

// chosen is the first day that a person chose for a product's line, 0 where nobody did.
func (j *judging) chosen(serial string) Day {
	for _, t := range j.e.Tenants {
		for _, r := range t.Rows {
			if r.Serial == serial && r.Chosen != 0 && r.Status == "applied" {
				return r.Chosen
			}
		}
	}
	return 0
}

// overlaps finds products of which two lines will bill the same days, apart from those that a person opened again, or that could
// not be ended, as a row says.
func (j *judging) overlaps() {
	for _, serial := range j.serials() {
		lines := j.ours(serial)
		if len(lines) < 2 {
			continue
		}
		var will []span
		for _, l := range lines {
			a := j.e.Agreements[l.Agreement]
			s := pending(l, a)
			if _, stood := j.morning[l.ID]; stood && !a.recurs() {
				s.from = max(s.from, j.e.Today) // what such an agreement billed before is history
			}
			if !s.empty() && !j.personally(l.ID) {
				will = append(will, s)
			}
		}
		a, b, found := twice(will, j.invoiced[serial])
		switch {
		case !found, j.unended[serial]:
		case j.adopted[a.line]:
			j.unended[serial] = true // it billed beside ours already
		case !j.judged(serial):
			j.unended[serial] = true // by a person, or from the part of an answer, since the last compare
		default:
			j.findf("%s will be billed twice: by line %d from %s to %s and by line %d from %s to %s", serial, a.line, a.from, a.to, b.line, b.from, b.to)
		}
	}
}

// personally tells whether a person opened a line again or decided how it bills.
func (b *Book) personally(line int) bool { return b.opened[line] || b.personal[line] }

// judged tells whether what stands for a product is tonight's work: a tenant that lists it was compared, and whoever else owns a line of
// it was read whole.
func (j *judging) judged(serial string) bool {
	holders := j.holders[serial]
	if len(holders) > 0 && !j.heldByCompared(serial) {
		return false
	}
	for _, note := range j.notes {
		if note.Serial != serial || slices.Contains(holders, note.Tenant) {
			continue
		}
		for _, t := range j.e.Tenants {
			if note.Tenant == t.ID && (t.Reading == Unread || t.Reading == Compared && !t.Complete || t.Reading != Compared && len(holders) == 0) {
				return false
			}
		}
	}
	return true
}

// noteUnended remembers the lines whose end was held or refused when their tenant was last compared.
func (j *judging) noteUnended(t *Tenant) {
	for i := range t.Products {
		delete(j.unended, t.Products[i].Serial)
	}
	for _, r := range t.Rows {
		if r.Action == "cancel" && r.Status != "applied" && r.Status != "planned" {
			j.unended[r.Serial] = true
		}
	}
}

// tenant judges one tenant's products and lines.
func (j *judging) tenant(t Tenant) {
	if t.Reading != Compared {
		j.untouched(t)
	}
	switch t.Reading {
	case Compared:
		j.noteUnended(&t)
		seen := map[string]bool{}
		for i := len(t.Products) - 1; i >= 0; i-- { // of two rows for one product the last counts
			if p := &t.Products[i]; p.there() && !seen[p.Serial] {
				seen[p.Serial] = true
				for _, missed := range j.missed {
					delete(missed, p.Serial)
				}
				j.product(&t, p)
			}
		}
		j.gone(&t, seen)
	case Ending:
		j.ending(&t)
	}
}

// untouched: of a tenant that took no part, no line changes, unless its product moved to one that did (R53).
func (j *judging) untouched(t Tenant) {
	for id, note := range j.noted {
		l, stands := j.lines[id]
		if note.Tenant != t.ID || !stands || l == j.morning[id] || t.Reading == Ending || j.heldByCompared(note.Serial) {
			continue
		}
		j.findf("line %d of %s changed although its tenant took no part", id, note.Serial)
	}
}

func (j *judging) heldByCompared(serial string) bool {
	for _, t := range j.e.Tenants {
		if t.Reading != Compared {
			continue
		}
		for _, p := range t.Products {
			if p.Serial == serial && p.there() {
				return true
			}
		}
	}
	return false
}

// ending: a person asked for the end of a frozen tenant's billing (R53).
func (j *judging) ending(t *Tenant) {
	for id, note := range j.notes {
		l, stands := j.lines[id]
		if note.Tenant != t.ID || !stands || note.EndedByHand {
			continue
		}
		s := pending(l, j.e.Agreements[l.Agreement])
		if s.empty() || s.to <= max(j.e.Today, l.Effective) || j.personal[id] || j.opened[id] || rowOf(t.Rows, note.Serial) != nil {
			continue
		}
		j.findf("the billing of %s was ended, but line %d of %s bills until %s", t.ID, id, note.Serial, s.to)
	}
}

// rowOf is a product's first row that was not written.
func rowOf(rows []Row, serial string) *Row {
	for i := range rows {
		if rows[i].Serial == serial && rows[i].Status != "applied" && rows[i].Status != "planned" {
			return &rows[i]
		}
	}
	return nil
}
