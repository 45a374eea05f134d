package activities

import (
	"context"
	"time"

	"causeway/internal/bridge"
	"causeway/internal/store"
)

// passNotes is what our own notes say about the records that a pass is to write, read once when it begins. Nobody else writes
// these records meanwhile: a tenant has one writer, the shared records have one, and what an ended run left unclear only becomes
// less.
type passNotes struct {
	managed map[store.RecordKey]bridge.Managed
	unclear map[store.RecordKey]time.Time // since when a write may have been done, by runs that ended
}

func (a *Activities) readNotes(ctx context.Context, acc bridge.Account, changes []bridge.Change) (*passNotes, error) {
	filter := store.ManagedFilter{Serials: []string{}}
	for _, c := range changes {
		if c.Kind.Shared() {
			filter = store.ManagedFilter{SharedOnly: true}
			break
		}
		filter.Serials = append(filter.Serials, c.Serial)
	}
	rows, err := a.Store.Managed(ctx, acc.ID, filter)
	if err != nil {
		return nil, err
	}
	notes := &passNotes{managed: make(map[store.RecordKey]bridge.Managed, len(rows)+len(changes))}
	for _, m := range rows {
		notes.learn(m)
	}
	notes.unclear, err = a.Store.LeftSending(ctx, acc.ID)
	return notes, err
}

func (n *passNotes) learn(m bridge.Managed) {
	n.managed[store.RecordKey{Kind: m.Kind, ParentID: m.ParentID, Key: m.Key}] = m
}

// record is our note of a record, nil when there is none.
func (w *writing) record(kind bridge.Kind, parent int, key string) *bridge.Managed {
	if m, ok := w.notes.managed[store.RecordKey{Kind: kind, ParentID: parent, Key: key}]; ok {
		return &m
	}
	return nil
}

// managedAfter is the note about a change's record once it was written.
func (w *writing) managedAfter(c bridge.Change) bridge.Managed {
	before := w.record(c.Kind, c.ParentID, c.Key)
	if before == nil {
		before = &bridge.Managed{}
	}
	return bridge.ManagedAfter(*before, c)
}
