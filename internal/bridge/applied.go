package bridge

import (
	"cmp"
	"strings"
)

// ManagedAfter is what to note about a record once a change to it was applied: change.CWMID and change.Answer are ConnectWise's,
// before is the earlier note, empty when there was none.
//
// The note remembers what we wrote, not what we saw. A person's edit that happens to stand in the answer to our write must not
// pass for ours at the next compare: their own fields would be overwritten, their cancelling undone. So a field enters the note
// only when the change wrote it or, for a record just created or adopted, when nobody but us decides on it. Answer must be the
// whole record also for an adoption without a write: what was right then counts as ours from then on.
func ManagedAfter(before Managed, change Change) Managed {
	after := before
	after.Kind, after.Key, after.ParentID = change.Kind, change.Key, change.ParentID
	after.TenantID, after.CWMID = change.TenantID, change.CWMID
	if change.Serial != "" {
		after.Serial = change.Serial
	}
	after.LastApplied = lastApplied(before, change)
	after.Facts = overlayFacts(before.Facts, change.Facts)
	if _, resumed := change.Facts[FactResume]; resumed && before.Facts[FactResume] != "" || change.Action == ActionCreate || change.Action == ActionAdopt {
		after.EndedByHand = Date{}
	}
	switch change.Action {
	case ActionAdopt:
		after.Facts[FactAdopted] = "true"
	case ActionCreate:
		delete(after.Facts, FactAdopted)
	}
	return after
}

func lastApplied(before Managed, change Change) Fields {
	out := Fields{}
	fresh := change.Action == ActionCreate || change.Action == ActionAdopt
	if !fresh {
		out = before.LastApplied.With(nil)
	}
	for field, value := range change.Answer {
		_, written := change.After[field]
		followsUs := PolicyOf(change.Kind, field) != PersonOwns && !strings.HasPrefix(field, FieldAnswer)
		if written || fresh && followsUs {
			out[field] = value
		}
	}
	// An answer that ConnectWise does not echo, being empty, still was written.
	for field, value := range change.After {
		if _, answered := change.Answer[field]; !answered {
			out[field] = value
		}
	}
	return out
}

// overlayFacts replaces facts; an empty value forgets one.
func overlayFacts(before, over Fields) Fields {
	out := before.With(over)
	for name, value := range out {
		if value == "" {
			delete(out, name)
		}
	}
	return out
}

// Observed is the managed record with what a compare learned about it.
func (m Managed) Observed(o Observation) Managed {
	m.MissedSince, m.EndedByHand = o.MissedSince, o.EndedByHand
	m.TenantID = cmp.Or(o.TenantID, m.TenantID)
	m.Facts = overlayFacts(m.Facts, o.Facts)
	return m
}

// FactEndedHow of Managed.Facts is how a person ended a record, in a word (R52).
const (
	FactEndedHow = "ended_how"
	EndedDeleted = "deleted"
)

// Resuming is what taking up again a record that a person ended begins with: one that was deleted is made anew.
func (m Managed) Resuming() Action {
	if m.Facts[FactEndedHow] == EndedDeleted {
		return ActionCreate
	}
	return ActionUpdate
}
