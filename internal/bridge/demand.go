package bridge

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// synced tells whether a product is there and billable as MySonicWall flags it; any other gets nothing new in ConnectWise and
// what it has is treated as for a product that went away (R19, R32).
func (p Product) synced() bool { return p.Billable && !p.Gone() }

// problems are the product's unreadable facts, with those added without which nothing can be named after it.
func (p Product) problems() []string {
	problems := p.Problems
	if strings.TrimSpace(p.Serial) == "" {
		problems = append(slices.Clip(problems), "MySonicWall reports no serial number.")
	}
	if p.Name == "" {
		problems = append(slices.Clip(problems), "MySonicWall reports no product name.")
	}
	return problems
}

// DemandOf is what a tenant's products need of the shared records (R19, R20, R30). Leave out tenants for which nothing is
// written at all (Blocked).
func DemandOf(products []Product) Demand {
	var demand Demand
	for _, p := range products {
		if !p.synced() || len(p.problems()) > 0 {
			continue
		}
		place := PlacementOf(p.Line)
		demand.addItem(CatalogDemand{
			Identifier: CatalogIdentifier(p.Name, p.Tier), Placement: place, Names: []string{p.Name},
		})
		if !BecomesConfiguration(place) {
			continue
		}
		var labels []string
		for _, service := range ServiceDates(p) {
			labels = append(labels, service.Label)
		}
		demand.addType(TypeDemand{Name: place.ConfigurationType, Labels: labels})
	}
	return demand
}

// Merge adds another tenant's demand to d; the order of merging makes no difference.
func (d *Demand) Merge(other Demand) {
	for _, item := range other.CatalogItems {
		d.addItem(item)
	}
	for _, t := range other.Types {
		d.addType(t)
	}
}

func (d *Demand) addItem(item CatalogDemand) {
	if d.CatalogItems == nil {
		d.CatalogItems = map[string]CatalogDemand{}
	}
	have, ok := d.CatalogItems[item.Identifier]
	if !ok {
		item.Names = union(nil, item.Names)
		d.CatalogItems[item.Identifier] = item
		return
	}
	have.Names = union(have.Names, item.Names)
	if comparePlacement(item.Placement, have.Placement) < 0 {
		have.Placement = item.Placement
	}
	d.CatalogItems[item.Identifier] = have
}

func (d *Demand) addType(t TypeDemand) {
	if d.Types == nil {
		d.Types = map[string]TypeDemand{}
	}
	have := d.Types[t.Name]
	have.Name = t.Name
	have.Labels = union(have.Labels, t.Labels)
	d.Types[t.Name] = have
}

// comparePlacement prefers a line of the table, so that a product of which MySonicWall names the line only sometimes stays in
// one place.
func comparePlacement(a, b Placement) int {
	if a.Known != b.Known {
		if a.Known {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(a.Category, b.Category), cmp.Compare(a.Subcategory, b.Subcategory))
}

// union of two sorted lists, the first left as it is when it already holds everything.
func union(have, more []string) []string {
	out := have
	for _, item := range more {
		if at, found := slices.BinarySearch(out, item); !found {
			out = slices.Insert(slices.Clip(out), at, item)
		}
	}
	return out
}

// KnownTypes are the configuration types that exist, by their name in the guide's table: found by the id we noted, because a
// person may have renamed one, else by name without regard to case.
func (s SharedState) KnownTypes() map[string]ConfigurationType {
	out := map[string]ConfigurationType{}
	for _, name := range ConfigurationTypes() {
		if t, ok := s.findType(name); ok {
			out[name] = t
		}
	}
	return out
}

func (s SharedState) findType(name string) (ConfigurationType, bool) {
	managed, noted := s.Managed[NeedKey(KindConfigurationType, name)]
	var found ConfigurationType
	for _, key := range slices.Sorted(maps.Keys(s.Types)) {
		t := s.Types[key]
		if noted && t.ID == managed.CWMID {
			return t, true
		}
		if found.ID == 0 && strings.EqualFold(t.Name, name) {
			found = t
		}
	}
	return found, found.ID != 0
}

// findQuestion looks a label up without regard to case; of several an active one is preferred, then the oldest.
func findQuestion(t ConfigurationType, label string) (Question, bool) {
	var found Question
	for _, q := range t.Questions {
		if !SameLabel(q.Label, label) {
			continue
		}
		better := found.ID == 0 || found.Inactive && !q.Inactive || found.Inactive == q.Inactive && q.ID < found.ID
		if better {
			found = q
		}
	}
	return found, found.ID != 0
}

// SameLabel compares question labels as ConnectWise finds them: without regard to case or white space at the ends.
func SameLabel(a, b string) bool { return strings.EqualFold(canonical(a), canonical(b)) }
