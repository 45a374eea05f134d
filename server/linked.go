package server

import (
	"slices"

	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/views"
	"causeway/views/components"
)

// linked is a change with the ends that only happen once it stands (R49). A change of its own has none.
type linked struct {
	bridge.Change
	ends []bridge.Change
}

// any tells that one of a linked change's rows is meant.
func (w linked) any(meant func(bridge.Change) bool) bool {
	return meant(w.Change) || slices.ContainsFunc(w.ends, meant)
}

// linkedOf puts the ends of linked changes beside the change that they wait for, which keeps its place. An end whose other half is
// not among the changes stands alone.
func linkedOf(changes []bridge.Change) []linked {
	type pair struct {
		run          int64
		tenant, link string
	}
	leads := map[pair]int{}
	for _, c := range changes {
		if c.Link != "" && !c.LinkedEnd() {
			leads[pair{c.RunID, c.TenantID, c.Link}] = -1
		}
	}
	out := make([]linked, 0, len(changes))
	waiting := map[pair][]bridge.Change{}
	for _, c := range changes {
		of := pair{c.RunID, c.TenantID, c.Link}
		at, hasLead := leads[of]
		switch {
		case c.Link != "" && !c.LinkedEnd():
			leads[of] = len(out)
			out = append(out, linked{c, waiting[of]})
		case c.LinkedEnd() && hasLead && at >= 0:
			out[at].ends = append(out[at].ends, c)
		case c.LinkedEnd() && hasLead:
			waiting[of] = append(waiting[of], c) // its other half is still to come
		default:
			out = append(out, linked{Change: c})
		}
	}
	return out
}

// linkedRow makes a change ready to show, a linked one as one row with a line for each half. Where the halves stand on different
// agreements or in different companies, offer, where given, names them.
func linkedRow(w linked, offer *admin.Offer) views.Change {
	row := changeOf(w.Change)
	if len(w.ends) == 0 {
		return row
	}
	row.Action, row.Fields = components.ActionLinked, nil
	elsewhere := slices.ContainsFunc(w.ends, func(end bridge.Change) bool { return end.ParentID != w.ParentID })
	if !elsewhere {
		offer = nil
	}
	row.Halves = append(row.Halves, halfOf(w.Change, offer))
	for _, end := range w.ends {
		row.Halves = append(row.Halves, halfOf(end, offer))
		if effect := effectOf(end); effect != "" && row.Effect != "" {
			row.Effect += "; of the old one: " + effect
		}
		why := whyOf(end)
		row.Why.Reasons = append(row.Why.Reasons, why.Reasons...)
		// The new record's own trouble comes first; the end that waits for it repeats the same words.
		if row.Why.Failure == "" {
			row.Why.Failure, row.Why.Answer = why.Failure, why.Answer
		}
	}
	return row
}

func halfOf(c bridge.Change, offer *admin.Offer) views.ChangeHalf {
	change := changeOf(c)
	half := views.ChangeHalf{Action: change.Action, Name: change.Name, Badge: change.Badge, Fields: change.Fields}
	if offer != nil {
		half.Where = parentName(c, offer)
	}
	return half
}
