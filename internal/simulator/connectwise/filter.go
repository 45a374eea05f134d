package connectwise

import (
	"slices"
	"strconv"
	"strings"
)

// filter is a condition ready to be applied to the records of one kind.
type filter struct {
	match func(*reader, *record) bool
	// narrow returns the only records that can match, by way of an index, ordered by id; nil where there is no such way.
	narrow func(*table) ([]*record, bool)
}

// compile binds a parsed condition to a kind. refused names fields that lists of this kind show but conditions do not take.
func (k *kind) compile(n *node, refused []string) (*filter, *apiError) {
	if n == nil {
		return nil, nil
	}
	if n.op == "and" || n.op == "or" {
		parts := make([]*filter, len(n.nodes))
		for i := range n.nodes {
			part, err := k.compile(&n.nodes[i], refused)
			if err != nil {
				return nil, err
			}
			parts[i] = part
		}
		if n.op == "or" {
			return anyOf(parts), nil
		}
		return allOf(parts), nil
	}
	if slices.ContainsFunc(refused, func(name string) bool { return strings.EqualFold(name, n.name) }) {
		return nil, notRecognized(n.name)
	}
	op, err := k.operand(n.name)
	if err != nil {
		return nil, err
	}
	return op.compare(n)
}

func anyOf(parts []*filter) *filter {
	return &filter{match: func(q *reader, r *record) bool {
		for _, p := range parts {
			if p.match(q, r) {
				return true
			}
		}
		return false
	}}
}

func allOf(parts []*filter) *filter {
	f := &filter{match: func(q *reader, r *record) bool {
		for _, p := range parts {
			if !p.match(q, r) {
				return false
			}
		}
		return true
	}}
	f.narrow = func(t *table) (best []*record, found bool) {
		for _, p := range parts {
			if p.narrow == nil {
				continue
			}
			if rows, ok := p.narrow(t); ok && (!found || len(rows) < len(best)) {
				best, found = rows, true
			}
		}
		return best, found
	}
	return f
}

// compare builds the filter of one comparison.
func (op operand) compare(n *node) (*filter, *apiError) {
	if len(n.literals) == 1 && n.literals[0].kind == nullLiteral {
		return op.compareNull(n)
	}
	var test func(any) bool
	var values []any
	for _, l := range n.literals {
		v, err := op.literal(n, l)
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	switch n.op {
	case "like":
		test = pattern(asText(values[0]))
	case "contains":
		part := foldKey(asText(values[0]))
		test = func(v any) bool { return strings.Contains(foldKey(asText(v)), part) }
	case "in":
		test = func(v any) bool {
			return slices.ContainsFunc(values, func(w any) bool { return compareValues(v, w) == 0 })
		}
	default:
		test = comparison(n.op, values[0])
	}
	f := &filter{match: func(q *reader, r *record) bool {
		v := op.get(q, r)
		if ids, ok := v.([]ref); ok {
			return slices.ContainsFunc(ids, func(id ref) bool { return test(int32(id)) }) != n.not
		}
		// As in SQL, an unset value neither equals nor differs.
		return v != nil && test(v) != n.not
	}}
	if !n.not && (n.op == "=" || n.op == "in") && (op.at >= 0 || op.byID) && !slices.ContainsFunc(values, scanned) {
		f.narrow = func(t *table) ([]*record, bool) { return op.lookUp(t, values), true }
	}
	return f, nil
}

func (op operand) compareNull(n *node) (*filter, *apiError) {
	if n.op != "=" && n.op != "!=" {
		return nil, conditionError("null can only be compared by = and !=.")
	}
	wanted := n.op == "="
	return &filter{match: func(q *reader, r *record) bool {
		v := op.get(q, r)
		return (v == nil || v == "") == wanted
	}}, nil
}

// asText is the text of a value of a text field; literal has seen to it that texts are only compared with texts.
func asText(v any) string {
	s, _ := v.(string)
	return s
}

// wild reports whether a text holds a wildcard, which works in equality too.
func wild(v any) bool {
	s, ok := v.(string)
	return ok && strings.ContainsAny(s, "*%")
}

// scanned reports whether a value cannot be looked up: wildcards fit many keys, and unset texts are in no index.
func scanned(v any) bool { return v == "" || wild(v) }

func comparison(op string, value any) func(any) bool {
	if wild(value) && (op == "=" || op == "!=") {
		like := pattern(asText(value))
		return func(v any) bool { return like(v) == (op == "=") }
	}
	if text, ok := value.(string); ok && (op == "=" || op == "!=") {
		return func(v any) bool { return sameText(asText(v), text) == (op == "=") }
	}
	return func(v any) bool {
		c := compareValues(v, value)
		switch op {
		case "=":
			return c == 0
		case "!=":
			return c != 0
		case "<":
			return c < 0
		case "<=":
			return c <= 0
		case ">":
			return c > 0
		default:
			return c >= 0
		}
	}
}

// literal turns what was written into a value of the operand's type.
func (op operand) literal(n *node, l literal) (any, *apiError) {
	mismatch := conditionError("The value %s cannot be compared with %s.", l.text, n.name)
	if (n.op == "like" || n.op == "contains") && op.typ != textField {
		return nil, mismatch
	}
	switch op.typ {
	case textField:
		if l.kind == textLiteral {
			return l.text, nil
		}
	case enumField:
		return op.enumLiteral(n, l)
	case intField, refsField:
		if v, err := strconv.ParseInt(l.text, 10, 32); err == nil && (l.kind == numberLiteral || l.kind == textLiteral) {
			return int32(v), nil
		}
	case numField:
		if l.kind == numberLiteral {
			if v, err := parseAmount(l.text); err == nil {
				return v, nil
			}
		}
	case boolField:
		if l.kind == boolLiteral {
			return strings.EqualFold(l.text, "true"), nil
		}
	case timeField, dateField:
		if l.kind == dateLiteral {
			if v, err := parseTime(strings.TrimSpace(l.text)); err == nil {
				return v, nil
			}
		}
	}
	return nil, mismatch
}

func (op operand) enumLiteral(n *node, l literal) (any, *apiError) {
	i := slices.IndexFunc(op.options, func(o string) bool { return sameText(o, l.text) })
	if l.kind != textLiteral || i < 0 || n.op != "=" && n.op != "!=" && n.op != "in" {
		return nil, conditionError("Enum value supplied was invalid")
	}
	return op.options[i], nil
}

// lookUp collects the records with one of the values by the operand's index.
func (op operand) lookUp(t *table, values []any) []*record {
	var rows []*record
	for _, v := range values {
		if op.byID {
			if id, ok := v.(int32); ok && t.byID[id] != nil {
				rows = append(rows, t.byID[id])
			}
			continue
		}
		ix := t.indexes[op.at]
		var list []*record
		switch v := v.(type) {
		case string:
			list = ix.texts[foldKey(v)]
		case int32:
			list = ix.ids[v]
		}
		if len(values) == 1 {
			return list
		}
		rows = append(rows, list...)
	}
	slices.SortFunc(rows, func(a, b *record) int { return int(a.id) - int(b.id) })
	return slices.Compact(rows)
}

// pattern matches a text with wildcards, * or %, without regard to case.
func pattern(text string) func(any) bool {
	parts := strings.Split(strings.ReplaceAll(foldKey(text), "%", "*"), "*")
	return func(v any) bool {
		s := foldKey(asText(v))
		if len(parts) == 1 {
			return s == parts[0]
		}
		rest, ok := strings.CutPrefix(s, parts[0])
		if !ok {
			return false
		}
		for _, p := range parts[1 : len(parts)-1] {
			i := strings.Index(rest, p)
			if i < 0 {
				return false
			}
			rest = rest[i+len(p):]
		}
		return strings.HasSuffix(rest, parts[len(parts)-1])
	}
}
