package connectwise

import (
	"fmt"
	"net/http"
	"strings"
)

// rules are what one kind does beyond its table of fields. old is nil for a new record.
type rules struct {
	// defaults fills what the caller left out and keeps derived fields in step.
	defaults func(t *tx, old, rec *record)
	// check looks for what the fields' table cannot say. It runs only on records that pass the table.
	check func(t *tx, old, rec *record) []problem
	// after runs once the record is stored.
	after func(t *tx, old, rec *record)
	// remove takes the place of the usual deletion.
	remove func(t *tx, rec *record)
	// owns are the kinds whose records go with this one: kind and the field that points here.
	owns [][2]string
	// computed are fields derived at reading time.
	computed map[string]func(*reader, *record) any
}

// save validates a record as a whole, whatever part of it the caller touched, and stores it.
func (t *tx) save(old, rec *record, problems []problem) *apiError {
	if rec.kind.rules.defaults != nil && len(problems) == 0 {
		rec.kind.rules.defaults(t, old, rec)
	}
	problems = append(t.tableProblems(rec, problems), problems...)
	if len(problems) == 0 {
		problems = t.uniqueProblems(rec)
	}
	if len(problems) == 0 && rec.kind.rules.check != nil {
		problems = rec.kind.rules.check(t, old, rec)
	}
	if len(problems) > 0 {
		return invalid(rec.kind.name, problems...)
	}
	if old == nil {
		t.create(rec)
	} else {
		t.update(rec)
	}
	if rec.kind.rules.after != nil {
		rec.kind.rules.after(t, old, rec)
	}
	return nil
}

// tableProblems are missing and overlong fields; a field that already has a problem is not also called missing.
func (t *tx) tableProblems(rec *record, known []problem) []problem {
	var problems []problem
	for i := range rec.kind.fields {
		f := &rec.kind.fields[i]
		v := rec.cell(f.at)
		if f.required && v == nil && !named(known, f.name) {
			problems = append(problems, missing(f.name))
		}
		if s, ok := v.(string); ok && f.typ == textField {
			if limit := t.limit(rec.kind, f); limit > 0 && utf16Length(s) > limit {
				problems = append(problems, problem{
					code: "MaxLengthField", field: f.name,
					message: fmt.Sprintf("The field %s must be a string with a maximum length of %d.", f.name, limit),
				})
			}
		}
	}
	return problems
}

func named(problems []problem, name string) bool {
	for _, p := range problems {
		if p.field == name || strings.HasPrefix(p.field, name+"/") {
			return true
		}
	}
	return false
}

// limit is the longest text of a field: two of them differ by release.
func (t *tx) limit(k *kind, f *field) int {
	switch {
	case k.name == "catalogItem" && f.name == "identifier":
		return t.set.IdentifierLimit
	case k.name == "company" && f.name == "identifier":
		return t.set.CompanyIdentifierLimit
	default:
		return f.limit
	}
}

func (t *tx) uniqueProblems(rec *record) []problem {
	k := rec.kind
	if len(k.unique) == 0 || t.twin(rec) == nil {
		return nil
	}
	if k.name == "catalogItem" && t.set.DuplicateIdentifier == "copy0" {
		t.renameCopy(rec)
		return nil
	}
	return []problem{{code: "ObjectExists", message: k.uniqueText + " already in use.", field: k.unique[0]}}
}

// twin is another record with the same unique fields.
func (t *tx) twin(rec *record) *record {
	for _, other := range t.table(rec.kind).where(rec.kind.unique[0], rec.get(rec.kind.unique[0])) {
		same := other.id != rec.id
		for _, name := range rec.kind.unique[1:] {
			same = same && other.get(name) == rec.get(name)
		}
		if same {
			return other
		}
	}
	return nil
}

// renameCopy appends -Copy0, -Copy1 … within the limit, as some servers do with a duplicate product id.
func (t *tx) renameCopy(rec *record) {
	wanted := rec.text("identifier")
	for n := 0; t.twin(rec) != nil; n++ {
		suffix := fmt.Sprintf("-Copy%d", n)
		keep := min(len(wanted), t.set.IdentifierLimit-len(suffix))
		rec.set("identifier", strings.ToValidUTF8(wanted[:keep], "")+suffix)
	}
}

// erase deletes a record with what it owns, unless something else still refers to it.
func (t *tx) erase(rec *record) *apiError {
	if rec.kind.rules.remove != nil {
		rec.kind.rules.remove(t, rec)
		return nil
	}
	if user := t.user(rec); user != nil {
		return refuse(http.StatusConflict, "Conflict", "%s %d is in use by %s %d and cannot be deleted.",
			rec.kind.label, rec.id, user.kind.label, user.id)
	}
	t.eraseOwned(rec)
	return nil
}

func (t *tx) eraseOwned(rec *record) {
	for _, own := range rec.kind.rules.owns {
		k := kindOf(own[0])
		var gone []*record
		for r := range t.table(k).all() {
			if pointsTo(r, k.must(own[1]), rec.id) {
				gone = append(gone, r)
			}
		}
		for _, r := range gone {
			t.eraseOwned(r)
		}
	}
	t.remove(rec)
}

func pointsTo(r *record, f *field, id int32) bool {
	switch v := r.cell(f.at).(type) {
	case ref:
		return int32(v) == id
	case int32:
		return v == id
	default:
		return false
	}
}

// user is a record that refers to rec without being owned by it.
func (t *tx) user(rec *record) *record {
	for _, k := range kinds {
		if k.base != k {
			continue
		}
		for i := range k.fields {
			f := &k.fields[i]
			if f.typ != refField || f.target != rec.kind || rec.kind.rules.ownsBy(k.name, f.name) {
				continue
			}
			for r := range t.table(k).all() {
				if pointsTo(r, f, rec.id) {
					return r
				}
			}
		}
	}
	return nil
}

func (r rules) ownsBy(kind, field string) bool {
	for _, own := range r.owns {
		if own[0] == kind && own[1] == field {
			return true
		}
	}
	return false
}
