package bridge

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// PlanShared compares what the products of all tenants of a run need with the shared records that ConnectWise has: product
// types, categories, sub-categories, catalog items, configuration types and questions. A record that stands is used as found,
// one that a person deleted is made anew, none is renamed (R6, R7, R19-R21, R30, R31, R52).
func PlanShared(demand Demand, state SharedState) SharedPlan {
	s := sharedPlanner{state: state, planned: map[string]bool{}}
	for _, key := range sortedKeys(demand.CatalogItems) {
		s.catalogItem(demand.CatalogItems[key])
	}
	for _, key := range sortedKeys(demand.Types) {
		s.configurationType(demand.Types[key])
	}
	return s.finish()
}

// PlanProvisioning is what set-up makes or adopts before any product is known (R6, R7).
func PlanProvisioning(state SharedState) SharedPlan {
	s := sharedPlanner{state: state, planned: map[string]bool{}}
	types, categories, pairs := Provisioned()
	for _, name := range types {
		s.productType(name)
	}
	for _, name := range categories {
		s.category(name)
	}
	for _, pair := range pairs {
		s.subcategory(pair)
	}
	return s.finish()
}

type sharedPlanner struct {
	state   SharedState
	plan    SharedPlan
	planned map[string]bool // need keys that have a row
}

// standing is a shared record as another one refers to it: its name in ConnectWise, which a person may have changed, and the
// need to wait for when it is not there yet.
type standing struct {
	name  string
	needs []string
}

const (
	whereProductTypes = "Procurement › Setup tables › Product Type"
	whereCatalog      = "Procurement › Product Catalog"
	whereTypes        = "System › Setup Tables › Configuration Type"
)

func (s *sharedPlanner) productType(name string) standing {
	return s.named(KindProductType, name, name, s.state.ProductTypes, nil)
}

func (s *sharedPlanner) category(name string) standing {
	return s.named(KindCategory, name, name, s.state.Categories, nil)
}

// subcategory belongs to its category: the same name under another category is another record.
func (s *sharedPlanner) subcategory(pair CategoryPair) standing {
	category := s.category(pair.Category)
	within := map[string]int{}
	for path, id := range s.state.Subcategories {
		prefix := category.name + "/"
		if len(path) > len(prefix) && strings.EqualFold(path[:len(prefix)], prefix) {
			within[path[len(prefix):]] = id
		}
	}
	key := SubcategoryKey(pair.Category, pair.Subcategory)
	return s.named(KindSubcategory, key, pair.Subcategory, within, &category)
}

// named finds or plans a record that is nothing but a name: one we noted by its id, else one of that name.
func (s *sharedPlanner) named(kind Kind, key, name string, found map[string]int, parent *standing) standing {
	need := NeedKey(kind, key)
	managed, noted := s.state.Managed[need]
	current, id := findNamed(found, name, managed.CWMID)
	after := Fields{FieldName: name}
	if parent != nil {
		after[FieldCategory] = parent.name
	}
	switch {
	case id == 0:
		change := Change{Kind: kind, Action: ActionCreate, Key: key, Subject: name, After: after,
			Why: []Reasoning{{Field: FieldName, Rule: "The integration needs this " + string(kind) + " and ConnectWise has none of this name.",
				Facts: []Fact{{SourceRule, string(kind), key}}}}}
		if parent != nil {
			change.Needs = parent.needs
		}
		s.add(change)
		return standing{name: name, needs: []string{need}}
	case !noted || managed.CWMID != id:
		s.add(adoption(kind, key, current, id))
	}
	return standing{name: current}
}

// findNamed prefers the record whose id we noted, then the exact name, then the same name in other case with the lowest id.
func findNamed(found map[string]int, name string, noted int) (string, int) {
	best, bestID := "", 0
	for as, id := range found {
		switch {
		case noted != 0 && id == noted:
			return as, id
		case !strings.EqualFold(canonical(as), name):
		case bestID == 0 || id < bestID:
			best, bestID = as, id
		}
	}
	return best, bestID
}

func adoption(kind Kind, key, subject string, id int) Change {
	return Change{Kind: kind, Action: ActionAdopt, Key: key, Subject: subject, CWMID: id,
		Why: []Reasoning{{Field: FieldName, Rule: "ConnectWise already has this " + string(kind) + "; it is used as it is.",
			Facts: []Fact{{SourceConnectWise, string(kind), subject}}}}}
}

func (s *sharedPlanner) configurationType(want TypeDemand) {
	need := NeedKey(KindConfigurationType, want.Name)
	managed, noted := s.state.Managed[need]
	found, ok := s.state.findType(want.Name)
	switch {
	case !ok:
		s.add(Change{Kind: KindConfigurationType, Action: ActionCreate, Key: want.Name, Subject: want.Name,
			After: Fields{FieldName: want.Name},
			Why: []Reasoning{{Field: FieldName, Rule: "Devices of this product line become configurations of a type of the same name, and " +
				"ConnectWise has none.", Facts: []Fact{{SourceRule, "configuration type", want.Name}}}}})
	case found.Inactive:
		s.add(inactive(KindConfigurationType, want.Name, found.Name, found.ID, whereTypes))
		return
	case !noted || managed.CWMID != found.ID:
		s.add(adoption(KindConfigurationType, want.Name, found.Name, found.ID))
	}
	ours := !ok
	if _, wroteName := managed.LastApplied[FieldName]; noted && managed.CWMID == found.ID {
		ours = wroteName && managed.Facts[FactAdopted] == ""
	}
	for _, label := range want.Labels {
		s.question(want.Name, label, found, ours)
	}
}

// question adds what is missing; existing questions are never changed (R31). One that a person switched off stays off.
func (s *sharedPlanner) question(typeName, label string, found ConfigurationType, ours bool) {
	q, ok := findQuestion(found, label)
	if ok {
		if q.Inactive {
			s.notef(LogInfo, "The question %q of the configuration type %s is switched off in ConnectWise, so its date is not kept.", label, typeName)
		}
		return
	}
	rule := "Each service's expiry date is the answer to a question of the configuration type, and this one is new."
	if !ours {
		rule += " A person made the type in ConnectWise: the question is added, its own questions stay as they are."
	}
	change := Change{Kind: KindQuestion, Action: ActionCreate, Key: QuestionKey(typeName, label), Subject: label,
		After: Fields{FieldQuestion: label, FieldType: cmp.Or(found.Name, typeName)},
		Why:   []Reasoning{{Field: FieldQuestion, Rule: rule, Facts: []Fact{{SourceMySonicWall, "service", label}}}}}
	if found.ID == 0 {
		change.Needs = []string{NeedKey(KindConfigurationType, typeName)}
	}
	s.add(change)
}

func inactive(kind Kind, key, name string, id int, where string) Change {
	return Change{Kind: kind, Action: ActionAdopt, Key: key, Subject: name, CWMID: id, Status: StatusFailed, Reason: ReasonInactive,
		Message: fmt.Sprintf("The %s %s is inactive in ConnectWise, so nothing new can use it. Make it active again in %s.", kind, name, where)}
}

func (s *sharedPlanner) notef(level LogLevel, format string, args ...any) {
	s.plan.Notes = append(s.plan.Notes, Note{Level: level, Text: fmt.Sprintf(format, args...)})
}

func (s *sharedPlanner) add(change Change) {
	need := NeedKey(change.Kind, change.Key)
	if s.planned[need] {
		return
	}
	s.planned[need] = true
	if change.Status == "" {
		change.Status = StatusPlanned
	}
	s.plan.Changes = append(s.plan.Changes, change)
}

// sharedOrder is the order of writing: a record after everything it refers to.
var sharedOrder = []Kind{KindProductType, KindCategory, KindSubcategory, KindCatalogItem, KindConfigurationType, KindQuestion}

func (s *sharedPlanner) finish() SharedPlan {
	slices.SortFunc(s.plan.Changes, func(a, b Change) int {
		return cmp.Or(slices.Index(sharedOrder, a.Kind)-slices.Index(sharedOrder, b.Kind), cmp.Compare(a.Key, b.Key))
	})
	return s.plan
}
