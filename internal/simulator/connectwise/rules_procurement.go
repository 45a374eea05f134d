package connectwise

var catalogItemRules = rules{
	defaults: func(t *tx, _, rec *record) {
		if sub := t.find("subCategory", rec.ref("subcategory")); sub != nil {
			rec.set("category", sub.get("category")) // follows from the subcategory, whatever was sent
		}
		t.initDefault(rec, "unitOfMeasure", "unitOfMeasure", anyRecord)
	},
	check: func(t *tx, old, rec *record) []problem {
		var problems []problem
		// Setup values that were switched off cannot be chosen anew; items that have them already keep them. Our choice: the
		// sources do not say.
		for field, name := range map[string]string{"type": "productType", "category": "category", "subcategory": "subCategory"} {
			chosen := t.find(name, rec.ref(field))
			if chosen == nil || !chosen.flag("inactiveFlag") || old != nil && old.get(field) == rec.get(field) {
				continue
			}
			problems = append(problems, problem{
				code: "InvalidObject", field: field, message: chosen.kind.label + " " + chosen.text("name") + " is inactive.",
			})
		}
		for _, name := range []string{"price", "cost"} {
			if rec.num(name) < 0 {
				problems = append(problems, problem{code: "InvalidField", field: name, message: "The field " + name + " cannot be negative."})
			}
		}
		return problems
	},
	computed: map[string]func(*reader, *record) any{
		"calculatedPrice": func(_ *reader, r *record) any { return r.num("price") },
		"calculatedCost":  func(_ *reader, r *record) any { return r.num("cost") },
	},
}
