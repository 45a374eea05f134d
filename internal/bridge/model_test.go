package bridge

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestModel lives through random estates, human edits and syncs and holds the promises against them: planning after applying
// is empty (R35), what Causeway does not manage stays as it was (R33), no natural key is made twice, a person's fields stay
// (R24), ids are managed once, nothing more ends than the limits allow (R32). The world itself refuses what ConnectWise would.
func TestModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		l := newLife(rt)
		for range rapid.IntRange(1, 12).Draw(rt, "nights") {
			for range rapid.IntRange(0, 4).Draw(rt, "events") {
				l.happen()
			}
			l.night()
			l.today = l.today.AddDays(rapid.IntRange(0, 2).Draw(rt, "later"))
		}
	})
}

func (l *life) night() {
	additions, configurations := maps.Clone(l.additions), maps.Clone(l.configurations)
	plan := l.sync()
	l.checkFixedPoint()
	l.checkUnmanaged(additions, configurations)
	l.checkPersons()
	l.checkLimits(plan)
}

func (l *life) checkFixedPoint() {
	again := l.planAll()
	if writes := again.writes(); len(writes) > 0 {
		l.rt.Fatalf("planned again after applying: %q", described(writes))
	}
	for _, tenant := range again.tenants {
		if len(tenant.Observations) > 0 || len(tenant.UnverifiedAdditions)+len(tenant.UnverifiedConfigurations) > 0 {
			l.rt.Fatalf("learned again after noting: %+v, with %q", tenant.Observations, described(tenant.Changes))
		}
	}
}

func (l *life) checkUnmanaged(additions map[int]Addition, configurations map[int]Configuration) {
	ids := map[Kind]map[int]string{KindAddition: {}, KindConfiguration: {}}
	for ref, m := range l.managed {
		if ref.kind.Shared() {
			continue
		}
		if other, twice := ids[ref.kind][m.CWMID]; twice {
			l.rt.Fatalf("%s %d is managed as %s and %s", ref.kind, m.CWMID, other, ref.key)
		}
		ids[ref.kind][m.CWMID] = ref.key
	}
	for id, before := range additions {
		if _, ours := ids[KindAddition][id]; !ours && !cmp.Equal(before, l.additions[id]) {
			l.rt.Fatalf("an addition that nobody manages changed: %s", cmp.Diff(before, l.additions[id]))
		}
	}
	for id, before := range configurations {
		if _, ours := ids[KindConfiguration][id]; !ours && !cmp.Equal(before, l.configurations[id]) {
			l.rt.Fatalf("a configuration that nobody manages changed: %s", cmp.Diff(before, l.configurations[id]))
		}
	}
}

func (l *life) checkPersons() {
	for key, fields := range l.persons {
		kind, id, _ := strings.Cut(key, "/")
		n, _ := strconv.Atoi(id)
		var current Fields
		switch Kind(kind) {
		case KindAddition:
			if line, ok := l.additions[n]; ok {
				current = line.Fields()
			}
		case KindConfiguration:
			if _, ok := l.configurations[n]; ok {
				current = l.configuration(n).Fields()
			}
		default:
			if item, ok := l.catalog[n]; ok {
				current = item.Fields()
			}
		}
		for field, value := range fields {
			if current != nil && current.Get(field) != value {
				l.rt.Fatalf("%s of %s was %q by hand and is %q", field, key, value, current.Get(field))
			}
		}
	}
}

func (l *life) checkLimits(plan planned) {
	for i, tenant := range plan.tenants {
		going := 0
		for _, c := range tenant.Changes {
			if c.Status == StatusPlanned && c.Link == "" && (c.Action == ActionCancel || c.Action == ActionDeactivate) {
				going++
			}
		}
		objects := 0
		for _, m := range l.managed {
			if m.TenantID == l.tenants[i].tenant.ID && !m.Kind.Shared() {
				objects++
			}
		}
		if going > 2 && going*5 > objects {
			l.rt.Fatalf("%d of %d objects of %s end at once", going, objects, l.tenants[i].tenant.Name)
		}
	}
}

// TestOrderDoesNotMatter: MySonicWall's order of products, ConnectWise's of records and the store's of notes change no plan.
func TestOrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		l := newLife(rt)
		l.sync()
		for range rapid.IntRange(1, 8).Draw(rt, "events") {
			l.happen()
		}
		state := l.state()
		var one, other Demand
		for _, tenant := range l.tenants {
			in := l.input(tenant, state)
			in.Report.Products = onceEach(in.Report.Products)
			plan := PlanTenant(in)
			one.Merge(DemandOf(in.Report.Products))
			slices.Reverse(in.Additions)
			slices.Reverse(in.Configurations)
			in.Report.Products = rapid.Permutation(in.Report.Products).Draw(rt, "products")
			in.Managed = rapid.Permutation(in.Managed).Draw(rt, "managed")
			if diff := cmp.Diff(plan, PlanTenant(in)); diff != "" {
				rt.Fatalf("order changed the plan: %s", diff)
			}
		}
		for _, tenant := range slices.Backward(l.tenants) {
			other.Merge(DemandOf(onceEach(tenant.products)))
		}
		if diff := cmp.Diff(PlanShared(one, state), PlanShared(other, state)); diff != "" {
			rt.Fatalf("order changed the shared plan: %s", diff)
		}
	})
}

// onceEach leaves one row for each serial number: of two rows for one product the last counts, so there the order says something.
func onceEach(products []Product) []Product {
	seen := map[string]bool{}
	return slices.DeleteFunc(slices.Clone(products), func(p Product) bool {
		twice := seen[p.Serial]
		seen[p.Serial] = true
		return twice
	})
}
