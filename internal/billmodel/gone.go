package billmodel

// gone judges the lines of products that a tenant's answer lacks (R32): they end on the day first missed, once that is sure.
func (j *judging) gone(t *Tenant, listed map[string]bool) {
	if j.e.Agreements[t.Agreement].Other {
		return // no line is written for such a tenant, and it fails with that reason (R29)
	}
	if j.missed[t.ID] == nil {
		j.missed[t.ID] = map[string]Day{}
	}
	for id, note := range j.notes {
		was := j.noted[id]
		l, stands := j.lines[id]
		if was.Tenant != t.ID || note.Tenant != t.ID || listed[note.Serial] || j.heldElsewhere(note.Serial, t.ID) {
			continue
		}
		missed, sure := j.missedSince(t, note.Serial)
		if note.EndedByHand || !stands {
			continue
		}
		if !sure {
			if l.Cancelled != j.morning[id].Cancelled || l.Bill != j.morning[id].Bill {
				j.findf("line %d of %s changed, although it is not sure yet that its product is gone", id, note.Serial)
			}
			continue
		}
		j.over(t, note.Serial, l, missed)
	}
}

// missedSince is the first day whose complete answer lacked the product, and whether it counts as gone.
func (j *judging) missedSince(t *Tenant, serial string) (Day, bool) {
	day := j.missed[t.ID][serial]
	if !t.Complete {
		return day, false
	}
	if day == 0 {
		day = j.e.Today
		j.missed[t.ID][serial] = day
	}
	for _, p := range t.Products {
		if p.Serial == serial && p.Gone {
			return day, true
		}
	}
	return day, day < j.e.Today
}

// over judges the line of a product that is gone.
func (j *judging) over(t *Tenant, serial string, l Line, missed Day) {
	a := j.e.Agreements[l.Agreement]
	s := pending(l, a)
	switch {
	case s.empty(), j.personal[l.ID], j.takenOver(serial, l), j.opened[l.ID] && l.Agreement != t.Agreement, rowOf(t.Rows, serial) != nil, j.putAsideGone(serial), a.Cancelled:
		return
	case s.to > max(missed, l.Effective):
		j.findf("%s is gone since %s, but line %d bills until %s", serial, missed, l.ID, s.to)
	case j.morning[l.ID].Cancelled != l.Cancelled && invoicedUntil(l, a) == 0:
		j.findf("%s is gone and no invoice carried line %d, but it bills from %s to %s", serial, l.ID, s.from, s.to)
	}
}

// takenOver tells whether a line had ended before tonight with the day before another one's first.
func (j *judging) takenOver(serial string, l Line) bool {
	for _, o := range j.ours(serial) {
		if l.Cancelled != 0 && l.Cancelled < j.e.Today && o.Effective == l.Cancelled+1 {
			return true
		}
	}
	return false
}

func (j *judging) putAsideGone(serial string) bool {
	for _, d := range j.dismissed[serial] {
		if !d.listed {
			return true
		}
	}
	return false
}

// heldElsewhere tells whether another synchronised tenant lists the product.
func (j *judging) heldElsewhere(serial, except string) bool {
	for _, id := range j.holders[serial] {
		if id != except {
			return true
		}
	}
	return false
}
