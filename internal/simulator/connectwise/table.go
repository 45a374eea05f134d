package connectwise

import (
	"iter"
	"slices"
	"sort"
)

// table holds the records of one kind, ordered by id, with an index for each field that asks for one.
type table struct {
	kind    *kind
	rows    []*record
	byID    map[int32]*record
	last    int32 // highest id ever given out: ids are not used again
	indexes map[int]*index
}

// index finds records by the value of one field; unset values are not in it.
type index struct {
	texts map[string][]*record // by foldKey
	ids   map[int32][]*record  // of references and integers
}

func newTable(k *kind) *table {
	t := &table{kind: k, byID: map[int32]*record{}, indexes: map[int]*index{}}
	for i := range k.fields {
		if k.fields[i].indexed {
			t.indexes[k.fields[i].at] = &index{texts: map[string][]*record{}, ids: map[int32][]*record{}}
		}
	}
	return t
}

// put inserts the record or replaces the one with its id, which is returned.
func (t *table) put(r *record) *record {
	old := t.byID[r.id]
	t.byID[r.id] = r
	t.last = max(t.last, r.id)
	if i, found := t.position(r.id); found {
		t.rows[i] = r
	} else {
		t.rows = slices.Insert(t.rows, i, r)
	}
	for at, ix := range t.indexes {
		ix.move(at, old, r)
	}
	return old
}

// remove takes the record out and returns it, nil if it was not there.
func (t *table) remove(id int32) *record {
	old := t.byID[id]
	if old == nil {
		return nil
	}
	delete(t.byID, id)
	if i, found := t.position(id); found {
		t.rows = slices.Delete(t.rows, i, i+1)
	}
	for at, ix := range t.indexes {
		ix.move(at, old, nil)
	}
	return old
}

func (t *table) position(id int32) (int, bool) {
	if n := len(t.rows); n == 0 || t.rows[n-1].id < id {
		return n, false // the usual case: a new record
	}
	i := sort.Search(len(t.rows), func(i int) bool { return t.rows[i].id >= id })
	return i, i < len(t.rows) && t.rows[i].id == id
}

// move replaces old by now in the index of one field; either may be nil.
func (ix *index) move(at int, old, now *record) {
	if old != nil {
		ix.edit(old.cell(at), func(list []*record) []*record {
			i, found := slices.BinarySearchFunc(list, old.id, byID)
			if !found {
				return list
			}
			return slices.Delete(list, i, i+1)
		})
	}
	if now != nil {
		ix.edit(now.cell(at), func(list []*record) []*record {
			if n := len(list); n == 0 || list[n-1].id < now.id {
				return append(list, now)
			}
			i, _ := slices.BinarySearchFunc(list, now.id, byID)
			return slices.Insert(list, i, now)
		})
	}
}

func byID(r *record, id int32) int { return int(r.id) - int(id) }

func (ix *index) edit(value any, change func([]*record) []*record) {
	switch v := value.(type) {
	case string:
		key := foldKey(v)
		if list := change(ix.texts[key]); len(list) > 0 {
			ix.texts[key] = list
		} else {
			delete(ix.texts, key)
		}
	case ref:
		ix.editID(int32(v), change)
	case int32:
		ix.editID(v, change)
	}
}

func (ix *index) editID(id int32, change func([]*record) []*record) {
	if list := change(ix.ids[id]); len(list) > 0 {
		ix.ids[id] = list
	} else {
		delete(ix.ids, id)
	}
}

// where returns the records whose field is v, ordered by id. The slice is the table's own: read it under the store's lock,
// do not change it.
func (t *table) where(name string, v any) []*record {
	f := t.kind.must(name)
	ix, ok := t.indexes[f.at]
	if !ok {
		panic("connectwise simulator: " + t.kind.name + "." + name + " has no index")
	}
	switch v := v.(type) {
	case string:
		return ix.texts[foldKey(v)]
	case ref:
		return ix.ids[int32(v)]
	case int32:
		return ix.ids[v]
	default:
		return nil
	}
}

// all yields the records by id.
func (t *table) all() iter.Seq[*record] { return slices.Values(t.rows) }
