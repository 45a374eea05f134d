package connectwise

import (
	"slices"
	"sort"
	"strings"
)

// cell is one field of a record that is set.
type cell struct {
	at    int
	value any
}

// record is one row. Once it stands in a table it is never changed: an update puts a changed copy in its place, so a reader
// that holds a record may go on using it. Unset fields take no room.
type record struct {
	kind                 *kind // a base kind
	id                   int32
	created, updated     int64 // Unix milliseconds, simulated time
	enteredBy, updatedBy string
	cells                []cell // ordered by at
}

func (r *record) clone() *record {
	c := *r
	c.cells = slices.Clone(r.cells)
	return &c
}

func (r *record) find(at int) (int, bool) {
	i := sort.Search(len(r.cells), func(i int) bool { return r.cells[i].at >= at })
	return i, i < len(r.cells) && r.cells[i].at == at
}

// cell returns what is stored, nil where the field is unset.
func (r *record) cell(at int) any {
	if i, ok := r.find(at); ok {
		return r.cells[i].value
	}
	return nil
}

// value is the stored value or the field's default.
func (r *record) value(f *field) any {
	if v := r.cell(f.at); v != nil {
		return v
	}
	return f.def
}

// put stores a value; nil and what equals an empty text clear the field.
func (r *record) put(f *field, v any) {
	if s, ok := v.(string); ok && s == "" {
		v = nil
	}
	i, found := r.find(f.at)
	switch {
	case v == nil && found:
		r.cells = slices.Delete(r.cells, i, i+1)
	case v == nil:
	case found:
		r.cells[i].value = v
	default:
		r.cells = slices.Insert(r.cells, i, cell{f.at, v})
	}
}

// The accessors below take a field name of this package's own; an unknown one is a mistake here and panics.

func (r *record) get(name string) any    { return r.value(r.kind.must(name)) }
func (r *record) set(name string, v any) { r.put(r.kind.must(name), v) }
func (r *record) has(name string) bool   { return r.cell(r.kind.must(name).at) != nil }
func (r *record) text(name string) string {
	s, _ := r.get(name).(string)
	return s
}

func (r *record) ref(name string) int32 {
	v, _ := r.get(name).(ref)
	return int32(v)
}

func (r *record) flag(name string) bool {
	v, _ := r.get(name).(bool)
	return v
}

func (r *record) num(name string) amount {
	v, _ := r.get(name).(amount)
	return v
}

func (r *record) integer(name string) int32 {
	v, _ := r.get(name).(int32)
	return v
}

// day is a date or time; false where it is unset.
func (r *record) day(name string) (instant, bool) {
	v, ok := r.get(name).(instant)
	return v, ok
}

// init sets a field only while it is unset.
func (r *record) init(name string, v any) {
	if !r.has(name) {
		r.set(name, v)
	}
}

// answersOf are the answers of a configuration, ordered by question.
func (r *record) answersOf() []answer {
	v, _ := r.get("questions").([]answer)
	return v
}

// sameText compares as the vendor's database does, without regard to case.
func sameText(a, b string) bool { return strings.EqualFold(a, b) }

// foldKey is the index key of a text.
func foldKey(s string) string { return strings.ToLower(s) }
