package bridge

import (
	"maps"
	"slices"
	"strings"
)

const classNonInventory = "NonInventory"

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// CatalogKey is how catalog items are looked up: ConnectWise compares identifiers without regard to case.
func CatalogKey(identifier string) string { return strings.ToUpper(identifier) }

// catalogItem plans one item of the catalog (R19-R21). Texts and prices are written when the item is made and never again:
// every name that leads to an identifier may have given them, so that a later run of other tenants must not change them.
func (s *sharedPlanner) catalogItem(want CatalogDemand) {
	key := want.Identifier
	managed, noted := s.state.Managed[NeedKey(KindCatalogItem, key)]
	found, ok := s.state.Catalog[CatalogKey(key)]
	switch {
	case !ok:
		s.createItem(want)
		return
	case found.Inactive:
		s.add(inactive(KindCatalogItem, key, found.Identifier, found.ID, whereCatalog))
		return
	}
	noted = noted && managed.CWMID == found.ID
	applied := Fields(nil)
	if noted {
		applied = managed.LastApplied
	}
	merged, needs := s.mergeItem(want, found, applied)
	change := Change{Kind: KindCatalogItem, Action: ActionUpdate, Key: key, Subject: want.Names[0], CWMID: found.ID,
		Before: merged.Before, After: merged.After, Needs: needs}
	for _, field := range merged.After.Names() {
		change.Why = append(change.Why, itemReasoning(field, want, found, applied, merged))
	}
	if !noted {
		adopted := adoption(KindCatalogItem, key, want.Names[0], found.ID)
		change.Action, change.Why = ActionAdopt, append(adopted.Why, change.Why...)
	}
	if !noted || merged.Writes() {
		s.add(change)
	}
}

func (s *sharedPlanner) createItem(want CatalogDemand) {
	place := want.Placement
	productType := s.productType(place.Type)
	category := s.category(place.Category)
	subcategory := s.subcategory(CategoryPair{place.Category, place.Subcategory})
	name := want.Names[0]
	change := Change{Kind: KindCatalogItem, Action: ActionCreate, Key: want.Identifier, Subject: name,
		After: Fields{
			FieldIdentifier: want.Identifier, FieldDescription: Description(name), FieldCustomerDescription: cut(name, maxCustomerDescription),
			FieldType: productType.name, FieldCategory: category.name, FieldSubcategory: subcategory.name,
			FieldClass: classNonInventory, FieldPrice: "0", FieldCost: "0",
		},
		Needs: slices.Concat(productType.needs, category.needs, subcategory.needs),
		Why: []Reasoning{
			{FieldIdentifier, "The Product ID is made from the product's name and tier.", nameFacts(want)},
			{FieldCategory, placementRule(place), []Fact{{SourceRule, "category", place.Category}, {SourceRule, "sub-category", place.Subcategory}}},
			{FieldPrice, "A new catalog item starts with price and cost 0; set its price in ConnectWise, it is left alone afterwards.", nil},
		},
	}
	s.add(change)
}

// mergeItem treats category and sub-category as one value: a sub-category means nothing under another category.
func (s *sharedPlanner) mergeItem(want CatalogDemand, found CatalogItem, applied Fields) (Merged, []string) {
	current := found.Fields()
	merged := Merge(KindCatalogItem, Fields{FieldClass: classNonInventory}, current, applied)
	var needs []string
	if !SameValue(FieldType, found.Type, want.Placement.Type) {
		productType := s.productType(want.Placement.Type)
		m := Merge(KindCatalogItem, Fields{FieldType: productType.name}, current, applied)
		merged, needs = merged.with(m), productType.needs
	}
	place := CategoryPair{want.Placement.Category, want.Placement.Subcategory}
	ours := SameValue(FieldCategory, applied.Get(FieldCategory), found.Category) &&
		SameValue(FieldSubcategory, applied.Get(FieldSubcategory), found.Subcategory) && found.Subcategory != ""
	right := SameValue(FieldCategory, place.Category, found.Category) && SameValue(FieldSubcategory, place.Subcategory, found.Subcategory)
	if !ours || right {
		return merged, needs
	}
	category, subcategory := s.category(place.Category), s.subcategory(place)
	if SameValue(FieldCategory, category.name, found.Category) && SameValue(FieldSubcategory, subcategory.name, found.Subcategory) {
		return merged, needs // a person renamed them; the item is where it belongs
	}
	merged.set(FieldCategory, found.Category, category.name)
	merged.set(FieldSubcategory, found.Subcategory, subcategory.name)
	return merged, slices.Concat(needs, category.needs, subcategory.needs)
}

func (m Merged) with(other Merged) Merged {
	for field, value := range other.After {
		m.set(field, other.Before[field], value)
	}
	m.Overwritten = append(m.Overwritten, other.Overwritten...)
	slices.Sort(m.Overwritten)
	return m
}

func itemReasoning(field string, want CatalogDemand, found CatalogItem, applied Fields, merged Merged) Reasoning {
	rule := placementRule(want.Placement)
	if field == FieldClass {
		rule = "Items that the integration bills are of the class NonInventory."
	}
	return explain(field, rule, nameFacts(want), found.Fields(), applied, merged)
}

func placementRule(place Placement) string {
	if !place.Known {
		return "The product line is not in the integration's table, so the item goes to Miscellaneous."
	}
	return "The product line decides type, category and sub-category, by the integration's table."
}

func nameFacts(want CatalogDemand) []Fact {
	var facts []Fact
	for _, name := range want.Names {
		facts = append(facts, Fact{SourceMySonicWall, "product name", name})
	}
	return facts[:min(len(facts), maxFacts)]
}
