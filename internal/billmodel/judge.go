package billmodel

// product judges what stands for one product that MySonicWall lists: whether every day from the first that no invoice has covered
// until the product expires is billed once, on the tenant's agreement, under the right item, for the right quantity.
func (j *judging) product(t *Tenant, p *Product) {
	a := j.e.Agreements[t.Agreement]
	if !p.becomesLine(j.e.Devices) || a.Other || j.endedByHand(p.Serial) {
		return
	}
	lines := j.ours(p.Serial)
	row := rowOf(t.Rows, p.Serial)
	if twofold(t.Products, p) {
		if len(lines) == 0 && row == nil && !j.putAside(p) {
			j.findf("%s is listed as two products, is not billed, and nothing says why", p.Serial)
		}
		return
	}
	if row != nil && !row.End {
		j.reason(t, p, *row)
	}
	known := j.learnQuantity(p, lines)
	last := forever
	if day := p.expiry(); day != 0 {
		last = day
	}
	if a.End != 0 {
		last = min(last, a.End)
	}
	first := j.firstDay(p, a)
	if !j.ran(p.Serial) {
		delete(j.since, p.Serial)
	}
	first = max(first, j.since[p.Serial], j.leftBy(p.Serial))
	for _, l := range lines {
		if j.adopted[l.ID] {
			first = max(first, l.Effective) // as a person made it (R33)
		}
	}
	if first > last || j.owned(lines) {
		return
	}
	spans := append([]span(nil), j.invoiced[p.Serial]...)
	for _, l := range lines {
		if s := pending(l, j.e.Agreements[l.Agreement]); !s.empty() {
			spans = append(spans, s)
		}
	}
	if gap := firstGap(spans, first, last); gap != 0 {
		if row == nil && !j.putAside(p) {
			j.findf("%s is not billed from %s on, and nothing says why", p.Serial, gap)
		}
		return
	}
	if j.since[p.Serial] == 0 {
		j.since[p.Serial] = first
	}
	j.current(p, a, lines, known, row, last)
}

// ran tells whether a line of the product was billing in the morning.
func (j *judging) ran(serial string) bool {
	for _, l := range j.running(serial) {
		if l.Bill == billable {
			return true
		}
	}
	return false
}

// leftBy is the first day that the lines which ran in the morning leave to another: after what they were invoiced for (R49).
func (j *judging) leftBy(serial string) Day {
	day := Day(0)
	for _, l := range j.running(serial) {
		if !j.theirs[l.ID] {
			day = max(day, min(invoicedUntil(l, j.e.Agreements[l.Agreement]), orForever(l.Cancelled)+1))
		}
	}
	for id, note := range j.noted {
		if note.Serial == serial && j.wrote[id] != 0 && j.wrote[id] < j.e.Today {
			day = max(day, j.left[id])
		}
	}
	return day
}

// firstDay is the first day that a product's lines have to bill (R25, R49).
func (j *judging) firstDay(p *Product, a Agreement) Day {
	first := max(a.BillStart, j.from[p.Serial])
	if a.Monthly {
		return max(first, a.Next)
	}
	return max(first, p.Registered, j.e.Today)
}

func (j *judging) endedByHand(serial string) bool {
	for _, note := range j.notes {
		if note.Serial == serial && note.EndedByHand && !note.Resumed {
			return true
		}
	}
	return false
}

// owned tells whether a person decided that one of a product's lines does not bill.
func (j *judging) owned(lines []Line) bool {
	for _, l := range lines {
		if j.personal[l.ID] && l.Bill != billable {
			return true
		}
	}
	return false
}

// current judges the line that bills the product's last days.
func (j *judging) current(p *Product, a Agreement, lines []Line, known map[int]int, row *Row, last Day) {
	for _, l := range lines {
		s := pending(l, j.e.Agreements[l.Agreement])
		if s.empty() || j.opened[l.ID] {
			continue
		}
		if s.to > max(last, l.Effective) && row == nil && !j.putAside(p) {
			j.findf("line %d of %s bills until %s, after its product's end on %s", l.ID, p.Serial, s.to, last)
		}
		if s.to < last || l.Agreement != a.ID {
			continue
		}
		if l.Item != p.Item && row == nil && !j.adopted[l.ID] && !j.putAside(p) {
			j.findf("line %d bills %s as %s instead of %s", l.ID, p.Serial, l.Item, p.Item)
		}
		j.quantity(p, l, known[l.ID], row)
		j.due = append(j.due, charge{p.Serial, a.ID, s, l.Quantity})
	}
}

// learnQuantity remembers from how telling a source each line has its quantity, and answers with what was known before. A line that
// takes over knows what the lines before it knew.
func (j *judging) learnQuantity(p *Product, lines []Line) map[int]int {
	known := make(map[int]int, len(lines))
	want, from := p.quantity()
	for _, l := range lines {
		known[l.ID] = j.counted[l.ID]
		if _, stood := j.morning[l.ID]; !stood {
			for _, old := range j.running(p.Serial) {
				known[l.ID] = max(known[l.ID], j.counted[old.ID])
			}
		}
		j.counted[l.ID] = known[l.ID]
		if l.Quantity == want {
			j.counted[l.ID] = max(known[l.ID], from)
		}
	}
	return known
}

// running are the product's lines that ran in the morning.
func (j *judging) running(serial string) []Line {
	var out []Line
	for id, note := range j.noted {
		if l, stood := j.morning[id]; stood && note.Serial == serial && later(l.Cancelled, j.e.Today-1) {
			out = append(out, l)
		}
	}
	return out
}

// quantity judges a line's quantity (R28): MySonicWall's, unless it is missing or comes from less than what gave it before.
func (j *judging) quantity(p *Product, l Line, known int, row *Row) {
	want, from := p.quantity()
	if row != nil || j.putAside(p) || l.Quantity == want && from != fromNowhere && from >= known {
		return
	}
	before := j.running(p.Serial)
	if line, stood := j.morning[l.ID]; stood {
		before = []Line{line}
	}
	if from == fromNowhere || from < known {
		for _, old := range before {
			if old.Quantity == l.Quantity {
				return
			}
		}
	}
	if l.Quantity != want || len(before) > 0 {
		j.findf("line %d of %s has %d, where MySonicWall says %d", l.ID, p.Serial, l.Quantity, want)
	}
}
