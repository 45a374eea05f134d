package connectwise

import (
	"cmp"
	"slices"
	"strings"
)

// operand is a field, or a member of a reference, as conditions and orderBy name it.
type operand struct {
	typ     fieldType
	options []string // of an enum
	get     func(*reader, *record) any
	// at is the indexed field that get compares by, -1 where there is none; byID marks the record's own id.
	at   int
	byID bool
}

// operand finds what a name in a condition stands for. Only what lists show can be named, without regard to case, and no
// members of arrays (ConnectWise developer guide).
func (k *kind) operand(name string) (operand, *apiError) {
	steps := strings.Split(strings.ToLower(name), "/")
	if op, ok := k.infoOperand(steps); ok {
		return op, nil
	}
	if k.base.name == "ticket" && slices.Equal(steps, []string{"configuration", "id"}) {
		return operand{typ: refsField, at: -1, get: ticketConfigurations}, nil
	}
	i, ok := k.folded[steps[0]]
	if !ok || k.fields[i].inputOnly || k.fields[i].internal {
		return operand{}, notRecognized(name)
	}
	f := &k.fields[i]
	switch {
	case len(steps) == 1 && f.plain():
		return f.operand(), nil
	case len(steps) == 2 && f.typ == refField:
		return f.memberOperand(steps[1], name)
	default:
		return operand{}, notRecognized(name)
	}
}

// plain reports whether the field holds one value that can be compared.
func (f *field) plain() bool {
	switch f.typ {
	case refField, refsField, intsField, textsField, customField, answersField:
		return false
	default:
		return true
	}
}

// infoOperand covers the id and what _info shows: lastUpdated everywhere, the date of entry on tickets by its bare name.
func (k *kind) infoOperand(steps []string) (operand, bool) {
	path := strings.TrimPrefix(strings.Join(steps, "/"), "_info/")
	switch {
	case path == "id" && len(steps) == 1:
		return operand{typ: intField, at: -1, byID: true, get: func(_ *reader, r *record) any { return r.id }}, true
	case path == "lastupdated":
		return operand{typ: timeField, at: -1, get: func(_ *reader, r *record) any { return instant(r.updated / 1000) }}, true
	case path == "dateentered" && (len(steps) == 2 || k.base.name == "ticket"):
		return operand{typ: timeField, at: -1, get: func(_ *reader, r *record) any { return instant(r.created / 1000) }}, true
	case path == "updatedby" && len(steps) == 2:
		return operand{typ: textField, at: -1, get: func(_ *reader, r *record) any { return r.updatedBy }}, true
	case path == "enteredby" && (len(steps) == 2 || k.base.name == "ticket"):
		return operand{typ: textField, at: -1, get: func(_ *reader, r *record) any { return r.enteredBy }}, true
	}
	return operand{}, false
}

func (f *field) operand() operand {
	op := operand{typ: f.typ, options: f.options, at: -1, get: func(q *reader, r *record) any { return q.value(r, f) }}
	if f.indexed && f.compute == nil {
		op.at = f.at
	}
	return op
}

// memberOperand is a member of the record that the field refers to, as the reference shows it.
func (f *field) memberOperand(member, name string) (operand, *apiError) {
	if member == "id" {
		op := operand{typ: intField, at: -1, get: func(q *reader, r *record) any {
			if id, ok := q.value(r, f).(ref); ok {
				return int32(id)
			}
			return nil
		}}
		if f.indexed && f.compute == nil {
			op.at = f.at
		}
		return op, nil
	}
	for _, s := range f.target.shows {
		if !strings.EqualFold(s.name, member) {
			continue
		}
		last := f.target.shownField(s)
		return operand{typ: last.typ, options: last.options, at: -1, get: func(q *reader, r *record) any {
			id, ok := q.value(r, f).(ref)
			if !ok {
				return nil
			}
			return q.shown(f.target, int32(id), s)
		}}, nil
	}
	return operand{}, notRecognized(name)
}

// shownField is the field at the end of a shown member's path.
func (k *kind) shownField(s shown) *field {
	f := k.must(s.steps[0])
	if len(s.steps) == 2 {
		f = f.target.must(s.steps[1])
	}
	return f
}

// shown reads one member of a reference.
func (q *reader) shown(k *kind, id int32, s shown) any {
	r := q.get(k, id)
	if r == nil {
		return nil
	}
	v := q.value(r, k.must(s.steps[0]))
	if len(s.steps) == 2 {
		to, ok := v.(ref)
		if !ok {
			return nil
		}
		return q.shown(k.must(s.steps[0]).target, int32(to), shown{steps: s.steps[1:]})
	}
	if s.plus != "" {
		first, _ := v.(string)
		second, _ := q.value(r, k.must(s.plus)).(string)
		return strings.TrimSpace(first + " " + second)
	}
	return v
}

// value is a field as answers show it: computed, stored, or its default.
func (q *reader) value(r *record, f *field) any {
	if f.compute != nil {
		return f.compute(q, r)
	}
	if f.at < 0 {
		return f.def
	}
	return r.value(f)
}

func ticketConfigurations(q *reader, r *record) any {
	var ids []ref
	for _, l := range q.rows("ticketConfiguration").where("ticket", ref(r.id)) {
		ids = append(ids, ref(l.ref("configuration")))
	}
	return ids
}

// order sorts records by several operands; unset values come first.
type order struct {
	keys []orderKey
}

type orderKey struct {
	operand
	descending bool
}

// parseOrder reads "name asc, lastUpdated desc".
func (k *kind) parseOrder(text string) (order, *apiError) {
	var o order
	for part := range strings.SplitSeq(text, ",") {
		words := strings.Fields(part)
		if len(words) == 0 {
			continue
		}
		op, err := k.operand(words[0])
		if err != nil {
			return order{}, err
		}
		key := orderKey{operand: op}
		switch {
		case len(words) == 1 || len(words) == 2 && strings.EqualFold(words[1], "asc"):
		case len(words) == 2 && strings.EqualFold(words[1], "desc"):
			key.descending = true
		default:
			return order{}, conditionError("orderBy could not be read at: %s", part)
		}
		o.keys = append(o.keys, key)
	}
	return o, nil
}

// natural reports whether the order is that of the ids, in which tables are kept.
func (o order) natural() bool {
	return len(o.keys) == 0 || o.keys[0].byID && !o.keys[0].descending
}

// sort returns the records in order; equal ones stay ordered by id. rows itself is left alone.
func (o order) sort(q *reader, rows []*record) []*record {
	if o.natural() {
		return rows
	}
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, func(a, b *record) int {
		for _, key := range o.keys {
			c := compareValues(key.get(q, a), key.get(q, b))
			if key.descending {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
	return sorted
}

// compareValues orders two values of one field.
func compareValues(a, b any) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	}
	switch a := a.(type) {
	case string:
		return strings.Compare(foldKey(a), foldKey(asText(b)))
	case int32:
		return compareAs(a, b)
	case amount:
		return compareAs(a, b)
	case instant:
		return compareAs(a, b)
	case bool:
		return cmp.Compare(rankOf(a), rankOf(b))
	default:
		return 0
	}
}

// compareAs compares with a value of the same field, which has the same type.
func compareAs[T cmp.Ordered](a T, b any) int {
	other, _ := b.(T)
	return cmp.Compare(a, other)
}

// rankOf puts false before true.
func rankOf(v any) int {
	if v == true {
		return 1
	}
	return 0
}
