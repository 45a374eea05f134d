//go:build years

package bridge

import (
	"maps"
	"slices"

	"github.com/google/go-cmp/cmp"
)

// crashSometime sometimes has a twin of this world die between two rows of tonight's sync. It answers nil, or a function that
// finishes the twin's work with the next run and compares what stands with what an undisturbed night left.
func (y *years) crashSometime() func(undisturbed []string) {
	if !y.chance("crash", 12) {
		return nil
	}
	twin := y.twin()
	plan := twin.planAll()
	rows := len(plan.shared.Changes)
	for _, tenant := range plan.tenants {
		rows += len(tenant.Changes)
	}
	left := y.draw("rows before the crash", 0, rows)
	failed := map[string]bool{}
	part := func(changes []Change) {
		n := min(left, len(changes))
		twin.apply(changes[:n], failed)
		left -= n
	}
	twin.keep(plan)
	part(plan.shared.Changes)
	for _, tenant := range plan.tenants {
		part(tenant.Changes)
	}
	twin.spend(plan)
	return func(undisturbed []string) {
		twin.spend(twin.sync())
		diff := cmp.Diff(undisturbed, twin.picture())
		if diff != "" { // what the undisturbed night freed is written by its next run
			later := y.twin()
			later.sync()
			diff = cmp.Diff(later.picture(), twin.picture())
		}
		if diff != "" {
			y.tellPlan(plan)
			y.rt.Fatalf("%s: after a crash the next run leaves something else: %s", y.today, diff)
		}
	}
}

// twin is a copy of the world that shares nothing which a sync changes.
func (y *years) twin() *years {
	w := *y.world
	w.types, w.categories, w.subcategories = maps.Clone(w.types), maps.Clone(w.categories), maps.Clone(w.subcategories)
	w.catalog, w.configurationTypes = maps.Clone(w.catalog), maps.Clone(w.configurationTypes)
	w.additions, w.configurations, w.managed = maps.Clone(w.additions), maps.Clone(w.configurations), maps.Clone(w.managed)
	w.attached = make(map[int]map[int]bool, len(y.attached))
	for id, agreements := range y.attached {
		w.attached[id] = maps.Clone(agreements)
	}
	w.decisions, w.limited, w.parted = slices.Clone(w.decisions), maps.Clone(w.limited), maps.Clone(w.parted)
	life := *y.life
	life.world = &w
	twin := *y
	twin.life = &life
	w.refuses = twin.refusal
	return &twin
}
