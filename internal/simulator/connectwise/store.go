package connectwise

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// store is the whole state. Records are immutable once stored, so the lock is held only to find them and to answer from
// them, never while a request waits.
type store struct {
	mu      sync.RWMutex
	tables  []*table
	journal *journal // nil: nothing outlives the process
}

func newStore() *store {
	s := &store{}
	s.clear()
	return s
}

func (s *store) clear() {
	s.tables = make([]*table, len(kinds))
	for _, k := range kinds {
		s.tables[k.number] = newTable(k)
	}
}

// reader looks at the state while the store's lock is held.
type reader struct {
	store *store
	set   Settings
	now   time.Time
	// questions remembers the questions of each type for the length of one answer; nil while the state is being changed.
	questions map[ref][]*record
}

// table returns the records of a kind, for a twin those of its base.
func (q *reader) table(k *kind) *table { return q.store.tables[k.base.number] }

// rows is table by name.
func (q *reader) rows(name string) *table { return q.table(kindOf(name)) }

func (q *reader) get(k *kind, id int32) *record { return q.table(k).byID[id] }

// find is get by name.
func (q *reader) find(name string, id int32) *record { return q.get(kindOf(name), id) }

// today is the server's calendar date: it takes missing dates from its own zone, not from the caller's.
func (q *reader) today() instant { return dateOf(q.now.In(q.set.zone())) }

// tx is a change of the state by one actor: all of it takes effect, or nothing.
type tx struct {
	reader
	actor string
	undo  []func()
	// inputs are the fields of the body that are used once and not kept.
	inputs  map[string]any
	changes []change
}

// change is one step of a transaction as the journal keeps it: record is nil where id was deleted.
type change struct {
	kind   *kind
	id     int32
	record *record
}

// create gives the record an id and stores it.
func (t *tx) create(r *record) {
	r.id = t.table(r.kind).last + 1
	r.created, r.enteredBy = t.now.UnixMilli(), t.actor
	t.update(r)
}

// update stores a changed copy of a record.
func (t *tx) update(r *record) {
	r.updated, r.updatedBy = t.now.UnixMilli(), t.actor
	tab := t.table(r.kind)
	last := tab.last
	old := tab.put(r)
	t.undo = append(t.undo, func() {
		if old != nil {
			tab.put(old)
		} else {
			tab.remove(r.id)
		}
		tab.last = last
	})
	t.changes = append(t.changes, change{r.kind, r.id, r})
}

func (t *tx) remove(r *record) {
	tab := t.table(r.kind)
	old := tab.remove(r.id)
	if old == nil {
		return
	}
	t.undo = append(t.undo, func() { tab.put(old) })
	t.changes = append(t.changes, change{r.kind, r.id, nil})
}

func (t *tx) rollback() {
	for _, step := range slices.Backward(t.undo) {
		step()
	}
	t.undo, t.changes = nil, nil
}

// read runs f with the state held still.
func (s *store) read(set Settings, now time.Time, f func(*reader)) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	f(&reader{store: s, set: set, now: now, questions: map[ref][]*record{}})
}

// write runs f alone. When f succeeds its changes are in the journal before write returns; when it fails nothing has changed.
func (s *store) write(set Settings, now time.Time, actor string, f func(*tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &tx{reader: reader{store: s, set: set, now: now}, actor: actor, inputs: map[string]any{}}
	if err := f(t); err != nil {
		t.rollback()
		return err
	}
	if s.journal != nil && len(t.changes) > 0 {
		if err := s.journal.append(t.changes); err != nil {
			t.rollback()
			return fmt.Errorf("keep the change in the state file: %w", err)
		}
		s.compact()
	}
	return nil
}
