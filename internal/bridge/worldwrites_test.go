package bridge

import (
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// write carries out one change and fills in ConnectWise's answer.
func (w *world) write(c *Change) {
	w.t.Helper()
	if c.Action == ActionCreate && c.Kind != KindConfiguration && len(c.Before) > 0 {
		w.t.Fatalf("create %s %s has a before: %v", c.Kind, c.Key, c.Before)
	}
	switch c.Kind {
	case KindProductType:
		w.writeName(c, w.types, c.After.Get(FieldName))
	case KindCategory:
		w.writeName(c, w.categories, c.After.Get(FieldName))
	case KindSubcategory:
		if c.Action == ActionCreate {
			w.mustHave(w.categories, c.After.Get(FieldCategory), *c)
		}
		w.writeName(c, w.subcategories, c.After.Get(FieldCategory)+"/"+c.After.Get(FieldName))
	case KindCatalogItem:
		w.writeItem(c)
	case KindConfigurationType:
		w.writeType(c)
	case KindQuestion:
		w.writeQuestion(c)
	case KindAddition:
		w.writeAddition(c)
	case KindConfiguration:
		w.writeConfiguration(c)
	}
}

func (w *world) mustHave(names map[string]int, name string, c Change) {
	w.t.Helper()
	if names[name] == 0 {
		w.t.Fatalf("%s %s refers to %q, which ConnectWise does not have: %v", c.Kind, c.Key, name, names)
	}
}

func (w *world) writeName(c *Change, names map[string]int, name string) {
	w.t.Helper()
	if c.Action == ActionAdopt {
		return
	}
	for have := range names {
		if strings.EqualFold(have, name) {
			w.t.Fatalf("%s %q is there already", c.Kind, name)
		}
	}
	c.CWMID = w.id()
	names[name] = c.CWMID
	c.Answer = Fields{FieldName: name}
}

func (w *world) writeItem(c *Change) {
	w.t.Helper()
	item := w.catalog[c.CWMID]
	if c.Action == ActionCreate {
		for _, have := range w.catalog {
			if strings.EqualFold(have.Identifier, c.After[FieldIdentifier]) {
				w.t.Fatalf("a second catalog item %s", c.Key)
			}
		}
		c.CWMID = w.id()
		item = CatalogItem{ID: c.CWMID, Identifier: c.After[FieldIdentifier]}
		if tooLong(c.After[FieldDescription], maxDescription) || len(item.Identifier) > maxIdentifier || c.After[FieldCustomerDescription] == "" {
			w.t.Fatalf("ConnectWise would refuse the item %v", c.After)
		}
	} else {
		w.mustBeFresh(*c, item.Fields())
	}
	for field, value := range c.After {
		switch field {
		case FieldDescription:
			item.Description = value
		case FieldCustomerDescription:
			item.CustomerDescription = value
		case FieldType:
			w.mustHave(w.types, value, *c)
			item.Type = value
		case FieldCategory:
			item.Category = value
		case FieldSubcategory:
			w.mustHave(w.subcategories, c.After[FieldCategory]+"/"+value, *c)
			item.Subcategory = value
		case FieldClass:
			item.Class = value
		}
	}
	w.catalog[c.CWMID] = item
	c.Answer = item.Fields()
}

func (w *world) mustBeFresh(c Change, current Fields) {
	w.t.Helper()
	if stale := StaleFields(c.Before, current); len(stale) > 0 {
		w.t.Fatalf("%s %s %s was planned on what ConnectWise does not hold: %v", c.Action, c.Kind, c.Key, stale)
	}
}

func (w *world) writeType(c *Change) {
	if c.Action == ActionCreate {
		c.CWMID = w.id()
		w.configurationTypes[c.CWMID] = ConfigurationType{ID: c.CWMID, Name: c.After[FieldName]}
	}
	c.Answer = Fields{FieldName: w.configurationTypes[c.CWMID].Name}
}

func (w *world) writeQuestion(c *Change) {
	w.t.Helper()
	for id, t := range w.configurationTypes {
		if !strings.EqualFold(t.Name, c.After[FieldType]) {
			continue
		}
		for _, q := range t.Questions {
			if SameLabel(q.Label, c.After[FieldQuestion]) {
				w.t.Fatalf("a second question %q of %s", q.Label, t.Name)
			}
		}
		c.CWMID = w.id()
		t.Questions = append(slices.Clone(t.Questions), Question{ID: c.CWMID, Label: c.After[FieldQuestion]})
		w.configurationTypes[id] = t
		c.Answer = Fields{FieldQuestion: c.After[FieldQuestion]}
		return
	}
	w.t.Fatalf("question %s for a type that is not there", c.Key)
}

func (w *world) writeAddition(c *Change) {
	w.t.Helper()
	line := w.additions[c.CWMID]
	if c.Action == ActionCreate {
		line = w.newAddition(c)
	} else if line.ID == 0 {
		w.t.Fatalf("%s of an addition that is not there: %s", c.Action, c.Key)
	}
	if c.Action != ActionCreate {
		w.mustBeFresh(*c, line.Fields())
	}
	for field, value := range c.After {
		switch field {
		case FieldQuantity:
			line.Quantity = decimal.RequireFromString(value)
		case FieldCancelled:
			line.Cancelled = MustDate(value)
		case FieldSerial:
			line.Serial = value
		case FieldBillCustomer:
			line.BillCustomer = value
		case FieldInvoiceDescription:
			line.InvoiceDescription = value
		case FieldEffective:
			if c.Action != ActionCreate && c.DecisionID == 0 {
				w.t.Fatalf("the effective date is written after creation without a person's choice: %s", c.Key)
			}
			line.Effective = MustDate(value)
		case FieldProduct:
			if c.Action != ActionCreate {
				w.t.Fatalf("%s is never written after creation: %s", field, c.Key)
			}
		default:
			w.t.Fatalf("addition %s: unexpected field %s", c.Key, field)
		}
	}
	if !line.Cancelled.IsZero() && line.Cancelled.Before(line.Effective) && len(c.After) > 0 {
		w.t.Fatalf("addition %s would end on %s before it starts on %s", c.Key, line.Cancelled, line.Effective)
	}
	w.additions[line.ID] = line
	c.CWMID, c.Answer = line.ID, line.Fields()
}

func (w *world) newAddition(c *Change) Addition {
	w.t.Helper()
	line := Addition{ID: w.id(), AgreementID: c.ParentID, Product: c.After[FieldProduct], Effective: MustDate(c.After[FieldEffective])}
	for _, item := range w.catalog {
		if strings.EqualFold(item.Identifier, line.Product) {
			line.ProductID, line.Description, line.UnitPrice = item.ID, item.Description, item.Price
		}
	}
	if line.ProductID == 0 || line.Effective.IsZero() {
		w.t.Fatalf("addition %s without product or date: %v", c.Key, c.After)
	}
	if w.refuses != nil {
		return line
	}
	for _, have := range w.additions {
		open := have.Cancelled.IsZero() || !have.Cancelled.Before(w.today)
		if c.Link == "" && open && have.AgreementID == line.AgreementID && strings.EqualFold(have.Product, line.Product) && have.Serial == c.After[FieldSerial] {
			w.t.Fatalf("a second addition %s on agreement %d beside %+v", c.Key, line.AgreementID, have)
		}
	}
	for _, tenant := range w.tenants {
		if tenant.agreement.ID == c.ParentID && line.Effective.Before(tenant.agreement.BillStart) {
			w.t.Fatalf("addition %s starts before billing does", c.Key)
		}
	}
	return line
}

func (w *world) writeConfiguration(c *Change) {
	w.t.Helper()
	device := w.configurations[c.CWMID]
	switch c.Action {
	case ActionAttach:
		if device.ID == 0 {
			w.t.Fatalf("attaching a configuration that is not there: %s", c.Key)
		}
		agreement, _ := strconv.Atoi(c.Facts[FactAgreement])
		if w.attached[device.ID] == nil {
			w.attached[device.ID] = map[int]bool{}
		}
		w.attached[device.ID][agreement] = true
		c.Answer = w.configuration(device.ID).Fields()
		return
	case ActionCreate:
		device = w.newConfiguration(c)
	default:
		if device.ID == 0 {
			w.t.Fatalf("%s of a configuration that is not there: %s", c.Action, c.Key)
		}
		if !c.Detaches() {
			w.mustBeFresh(*c, w.configuration(c.CWMID).Fields())
		}
	}
	if c.Detaches() {
		old, _ := strconv.Atoi(w.managed[objectRef{c.Kind, c.ParentID, c.Key}].Facts[FactDetach])
		if !w.attached[device.ID][old] {
			w.t.Fatalf("%s is detached from agreement %d, to which it is not attached", c.Key, old)
		}
		delete(w.attached[device.ID], old)
		c.Answer = w.configuration(device.ID).Fields()
		return
	}
	for field, value := range c.After {
		w.setDevice(&device, field, value, *c)
	}
	w.configurations[device.ID] = device
	c.CWMID, c.Answer = device.ID, w.configuration(device.ID).Fields()
}

func (w *world) newConfiguration(c *Change) Configuration {
	w.t.Helper()
	device := Configuration{ID: w.id(), CompanyID: c.ParentID, Status: "Active", Active: true}
	for id, t := range w.configurationTypes {
		if t.Name == c.After[FieldType] {
			device.TypeID = id
		}
	}
	for _, have := range w.configurations {
		if have.CompanyID == c.ParentID && have.TypeID == device.TypeID && have.Serial == c.After[FieldSerial] {
			w.t.Fatalf("a second configuration %s", c.Key)
		}
	}
	if device.TypeID == 0 || c.After[FieldName] == "" {
		w.t.Fatalf("configuration %s without type or name: %v", c.Key, c.After)
	}
	return device
}

func (w *world) setDevice(device *Configuration, field, value string, c Change) {
	w.t.Helper()
	switch field {
	case FieldName:
		device.Name = value
	case FieldSerial:
		device.Serial = value
	case FieldStatus:
		device.Status = value
	case FieldActive:
		device.Active = value == "true"
	case FieldInstalled:
		device.Installed = MustDate(value)
	case FieldExpires:
		device.Expires = MustDate(value)
	case FieldType:
		if c.Action != ActionCreate {
			w.t.Fatalf("the type is never written after creation: %s", c.Key)
		}
	default:
		w.answer(device, field, value, c)
	}
}

func (w *world) answer(device *Configuration, field, value string, c Change) {
	w.t.Helper()
	label, ok := strings.CutPrefix(field, FieldAnswer)
	q, found := findQuestion(w.configurationTypes[device.TypeID], label)
	if !ok || !found || q.Inactive {
		w.t.Fatalf("configuration %s: no such field or question: %s", c.Key, field)
	}
	device.Answers = slices.DeleteFunc(slices.Clone(device.Answers), func(a Answer) bool { return a.QuestionID == q.ID })
	device.Answers = append(device.Answers, Answer{QuestionID: q.ID, Question: q.Label, Value: value})
}
