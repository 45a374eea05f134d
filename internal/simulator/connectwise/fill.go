package connectwise

import (
	"fmt"
	"slices"
	"strconv"
)

// first are members that others are read against: a status belongs to a board, a question to a type.
var first = []string{"board", "category", "company", "type"}

// fill puts the members of a body into a record. The apiError is a body that cannot be read at all; problems are references
// and answers that do not exist.
func (t *tx) fill(b body, members []member, rec *record) ([]problem, *apiError) {
	sorted := slices.Clone(members)
	slices.SortStableFunc(sorted, func(x, y member) int { return rank(x.name) - rank(y.name) })
	var problems []problem
	for _, m := range sorted {
		if m.name == "id" || m.name == "_info" {
			continue // given back as it was read; both are the server's own
		}
		f, ok := rec.kind.field(m.name)
		if !ok || f.internal {
			return nil, b.unknownMember(m, rec.kind.typ)
		}
		found, err := t.fillOne(b, m, f, rec)
		if err != nil {
			return nil, err
		}
		problems = append(problems, found...)
	}
	return problems, nil
}

func rank(name string) int {
	if i := slices.Index(first, name); i >= 0 {
		return i
	}
	return len(first)
}

func (t *tx) fillOne(b body, m member, f *field, rec *record) ([]problem, *apiError) {
	switch {
	case f.readOnly:
		return nil, nil
	case f.typ == refField:
		id, problems, err := t.reference(b, m, f, rec)
		if err == nil && id != 0 {
			rec.put(f, id)
		} else if err == nil && len(problems) == 0 {
			rec.put(f, nil)
		}
		return problems, err
	case f.typ == refsField:
		return t.fillReferences(b, m, f, rec)
	case f.typ == answersField:
		answers, problems, err := t.answersFrom(b, m, rec)
		if err == nil && len(problems) == 0 {
			rec.setAnswers(answers)
		}
		return problems, err
	}
	v, err := b.value(f, m)
	switch {
	case err != nil:
		return nil, err
	case f.inputOnly:
		t.inputs[f.name] = v
	default:
		rec.put(f, v)
	}
	return nil, nil
}

// reference reads {"id":N}, {"name":"…"} or {"identifier":"…"} and finds the record; 0 is null.
func (t *tx) reference(b body, m member, f *field, rec *record) (ref, []problem, *apiError) {
	if string(m.raw) == "null" {
		return 0, nil, nil
	}
	if scalar(m.raw) || m.raw[0] == '[' {
		return 0, nil, b.unreadable(m, f.target.typ+"Reference")
	}
	members, err := b.object(m.raw, m.path, m.end)
	if err != nil {
		return 0, nil, err
	}
	var id int32
	name, text := "", ""
	for _, inner := range members {
		value, quoted := unquote(inner.raw)
		switch {
		case inner.name == "_info":
		case inner.name == "id":
			n, err := strconv.ParseInt(value, 10, 32)
			if err != nil && value != "null" {
				return 0, nil, b.unreadable(inner, "System.Int32")
			}
			id = int32(n)
		case f.target.showsMember(inner.name):
			if quoted && value != "" && name == "" && f.target.lookup(inner.name) != nil {
				name, text = inner.name, value
			}
		default:
			return 0, nil, b.unknownMember(inner, f.target.typ+"Reference")
		}
	}
	switch {
	case id != 0 && t.get(f.target, id) == nil:
		return 0, []problem{referenceMissing(f, "id", strconv.Itoa(int(id)))}, nil
	case id != 0:
		return ref(id), nil, nil
	case name == "":
		return 0, nil, nil
	}
	t.inputs[f.name+"/by"] = text
	if f.target.name == "site" && rec.kind.name == "company" && rec.id == 0 {
		t.inputs["site"] = text // a new company brings its first site
		return 0, nil, nil
	}
	if found := t.named(f, name, text, rec); found != nil {
		return ref(found.id), nil, nil
	}
	return 0, []problem{referenceMissing(f, name, text)}, nil
}

func referenceMissing(f *field, by, what string) problem {
	return problem{code: "NotFound", message: f.target.label + " " + what + " not found", field: f.name + "/" + by}
}

func (k *kind) showsMember(name string) bool {
	return slices.ContainsFunc(k.shows, func(s shown) bool { return s.name == name })
}

// lookup is the text field by which a record of k can be referred to under that member, nil where it cannot.
func (k *kind) lookup(name string) *field {
	for _, s := range k.shows {
		if s.name != name || len(s.steps) != 1 || s.plus != "" {
			continue
		}
		if f := k.must(s.steps[0]); f.typ == textField {
			return f
		}
	}
	return nil
}

// named finds a record by name; of several, the one that belongs to what rec says about board, category or company.
func (t *tx) named(f *field, name, text string, rec *record) *record {
	by := f.target.lookup(name)
	var best *record
	for r := range t.table(f.target).all() {
		if s, _ := r.value(by).(string); !sameText(s, text) {
			continue
		}
		if best == nil || t.belongs(r, rec) && !t.belongs(best, rec) {
			best = r
		}
	}
	return best
}

func (t *tx) belongs(r, rec *record) bool {
	for _, name := range first[:3] {
		theirs, ok := r.kind.field(name)
		ours, also := rec.kind.field(name)
		if ok && also && theirs.typ == refField && r.value(theirs) == rec.value(ours) {
			return true
		}
	}
	return false
}

func (t *tx) fillReferences(b body, m member, f *field, rec *record) ([]problem, *apiError) {
	if string(m.raw) == "null" {
		rec.put(f, nil)
		return nil, nil
	}
	items, err := body(m.raw).array()
	if err != nil {
		return nil, b.unreadable(m, "System.Collections.Generic.List")
	}
	var ids []ref
	var problems []problem
	for i, raw := range items {
		id, found, err := t.reference(b, member{name: m.name, raw: raw, path: fmt.Sprintf("%s[%d]", m.path, i), end: m.end}, f, rec)
		if err != nil {
			return nil, err
		}
		problems = append(problems, found...)
		if id != 0 {
			ids = append(ids, id)
		}
	}
	if len(problems) == 0 && len(ids) > 0 {
		rec.put(f, ids)
	} else if len(ids) == 0 {
		rec.put(f, nil)
	}
	return problems, nil
}
