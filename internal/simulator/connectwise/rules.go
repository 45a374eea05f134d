package connectwise

import (
	"cmp"
	"slices"
)

// The rules of each kind stand in the file of its module; they are bound here, because kinds are read before any of them
// exists.
func init() {
	for name, r := range map[string]rules{
		"productType":               soleDefault(""),
		"category":                  soleDefault(""),
		"subCategory":               soleDefault("category"),
		"unitOfMeasure":             soleDefault(""),
		"catalogItem":               catalogItemRules,
		"billingCycle":              soleDefault(""),
		"agreement":                 agreementRules,
		"addition":                  additionRules,
		"companyStatus":             soleDefault(""),
		"company":                   companyRules,
		"configurationStatus":       soleDefault(""),
		"configurationType":         {owns: [][2]string{{"configurationTypeQuestion", "configurationType"}}},
		"configurationTypeQuestion": questionRules,
		"configuration":             configurationRules,
		"board":                     {owns: [][2]string{{"boardStatus", "board"}}},
		"boardStatus":               soleDefault("board"),
		"priority":                  soleDefault(""),
		"source":                    sourceRules,
		"ticket":                    ticketRules,
		"serviceNote":               noteRules,
		"memberInfo":                {computed: map[string]func(*reader, *record) any{"fullName": fullName}},
		"document":                  {computed: map[string]func(*reader, *record) any{"createdOnDate": enteredAt}},
	} {
		k := kindOf(name)
		k.rules = r
		for field, compute := range r.computed {
			k.must(field).compute = compute
		}
	}
}

// soleDefault lets a record that becomes the default take the flag from the others, of the same parent where there is one.
func soleDefault(parent string) rules {
	const flag = "defaultFlag"
	return rules{after: func(t *tx, _, rec *record) {
		if !rec.flag(flag) {
			return
		}
		for _, other := range slices.Clone(t.table(rec.kind).rows) {
			if other.id != rec.id && other.flag(flag) && (parent == "" || other.get(parent) == rec.get(parent)) {
				c := other.clone()
				c.set(flag, false)
				t.update(c)
			}
		}
	}}
}

// theDefault is the record with the default flag that satisfies keep, nil if there is none.
func (q *reader) theDefault(name string, keep func(*record) bool) *record {
	for r := range q.rows(name).all() {
		if r.flag("defaultFlag") && keep(r) {
			return r
		}
	}
	return nil
}

func anyRecord(*record) bool { return true }

func (t *tx) initDefault(rec *record, field, name string, keep func(*record) bool) {
	if rec.has(field) {
		return
	}
	if d := t.theDefault(name, keep); d != nil {
		rec.set(field, ref(d.id))
	}
}

func sortByID(rows []*record) {
	slices.SortFunc(rows, func(a, b *record) int { return cmp.Compare(a.id, b.id) })
}

func fullName(_ *reader, r *record) any { return r.text("firstName") + " " + r.text("lastName") }

func enteredAt(_ *reader, r *record) any { return instant(r.created / 1000).String() }
