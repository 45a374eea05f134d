package connectwise

import (
	"cmp"
	"slices"

	"causeway/internal/simulator/estate"
)

// installer is who the records of a fresh server were made by.
const installer = "admin"

// seed fills the empty store with the set-up of a service provider and its customers.
func (s *Server) seed(seed int64, tenants int) error {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	return s.seedLocked(seed, tenants)
}

func (s *Server) seedLocked(seed int64, tenants int) error {
	now := s.Now()
	t := &tx{reader: reader{store: s.store, set: s.settings.Get(), now: now}, actor: installer, inputs: map[string]any{}}
	g := &seeder{tx: t, byName: map[string]map[string]ref{}}
	g.setup(s.opts.Member)
	g.serviceDesk()
	g.procurement()
	g.finance()
	e := estate.Generate(uint64(seed), tenants, now, s.opts.Estate...)
	g.companyStatuses(e.Statuses)
	g.companies(e.Companies)
	g.handMade()
	return nil
}

// seeder makes records without the API's checks: what it makes is right by construction.
type seeder struct {
	*tx
	byName map[string]map[string]ref // kind, name → id
}

// row is the fields of a record by name.
type row map[string]any

func (g *seeder) add(kind string, fields row) ref { return g.addAs(kind, 0, fields) }

// addAs gives the record that id; 0 takes the next one.
func (g *seeder) addAs(kind string, id int32, fields row) ref {
	r := &record{kind: kindOf(kind)}
	for name, v := range fields {
		r.set(name, v)
	}
	// Long ago, so that the index lag does not hide what was always there.
	r.created = g.now.AddDate(0, -6, 0).UnixMilli()
	r.updated = r.created
	r.enteredBy, r.updatedBy = installer, installer
	if r.id = id; id == 0 {
		r.id = g.table(r.kind).last + 1
	}
	g.table(r.kind).put(r)
	if name, ok := fields["name"].(string); ok {
		if g.byName[kind] == nil {
			g.byName[kind] = map[string]ref{}
		}
		if _, known := g.byName[kind][name]; !known {
			g.byName[kind][name] = ref(r.id)
		}
	}
	return ref(r.id)
}

// named is the id of a seeded record; asking for one that was not seeded is a mistake here.
func (g *seeder) named(kind, name string) ref {
	id, ok := g.byName[kind][name]
	if !ok {
		panic("connectwise simulator: no " + kind + " " + name + " is seeded")
	}
	return id
}

func (g *seeder) setup(member string) {
	g.add("location", row{"name": "Tampa Office"})
	g.add("department", row{"identifier": "PS", "name": "Professional Services"})
	g.add("department", row{"identifier": "MS", "name": "Managed Services"})
	g.add("currency", row{"name": "US Dollars"})
	g.add("billingTerms", row{"name": "Net 30 days"})
	g.add("taxCode", row{"name": "FL-Tampa"})
	for _, m := range [][3]string{{"admin", "System", "Administrator"}, {"dmiller", "Dana", "Miller"}, {"rortiz", "Rafael", "Ortiz"}, {member, "API", member}} {
		g.add("member", row{
			"identifier": m[0], "firstName": m[1], "lastName": m[2], "licenseClass": "F", "defaultEmail": "Office", "defaultPhone": "Office",
			"hireDate": dateOf(g.now.AddDate(-4, 0, 0)),
		})
	}
	for i, name := range []string{"Customer", "Prospect", "Vendor"} {
		g.add("companyType", row{"name": name, "defaultFlag": i == 0})
	}
	g.add("configurationStatus", row{"description": "Active", "defaultFlag": true})
	g.add("configurationStatus", row{"description": "Inactive"})
	g.add("configurationStatus", row{"description": "Closed", "closedFlag": true})
	for _, name := range []string{"Workstation", "Server", "Network Switch", "Printer"} {
		g.add("configurationType", row{"name": name})
	}
	g.add("configurationTypeQuestion", row{
		"configurationType": g.named("configurationType", "Server"), "question": "Operating system", "fieldType": "Text",
		"entryType": "EntryField", "sequenceNumber": amount(100), "ordinal": int32(1),
	})
	g.add("configurationTypeQuestion", row{
		"configurationType": g.named("configurationType", "Server"), "question": "Support until", "fieldType": "Date",
		"entryType": "Date", "sequenceNumber": amount(200), "ordinal": int32(2),
	})
}

// boardStatuses are the statuses of each seeded board: name, sort order, closed.
var boardStatuses = map[string][]struct {
	name   string
	sort   int32
	closed bool
}{
	"Professional Services": {{"New (not responded)", 0, false}, {"Assigned (responded)", 10, false}, {"In Progress (plan of action)", 20, false}, {"Waiting on customer", 30, false}, {"Closed", 98, true}},
	"Security Alerts":       {{"New", 0, false}, {"Investigating", 10, false}, {"Re-Opened", 15, false}, {"Closed", 98, true}, {"Closed (false positive)", 99, true}},
	"Help Desk":             {{"New", 0, false}, {"In Progress", 10, false}, {"Completed", 90, true}},
	"Legacy Support":        {{"New", 0, false}, {"Closed", 98, true}},
	"Projects":              {{"Planned", 0, false}, {"Closed", 98, true}},
}

func (g *seeder) serviceDesk() {
	for _, name := range []string{"Professional Services", "Security Alerts", "Help Desk", "Legacy Support", "Projects"} {
		board := g.add("board", row{
			"name": name, "location": ref(1), "department": ref(1),
			"inactiveFlag": name == "Legacy Support", "projectFlag": name == "Projects",
			"billTime": "NoDefault", "billExpense": "NoDefault", "billProduct": "Billable",
		})
		for i, s := range boardStatuses[name] {
			g.add("boardStatus", row{
				"name": s.name, "board": board, "sortOrder": s.sort, "closedStatus": s.closed, "defaultFlag": i == 0,
				"timeEntryNotAllowed": s.closed, "displayOnBoard": !s.closed, "escalationStatus": escalation(s.closed),
			})
		}
	}
	for i, p := range [][3]string{
		{"Priority 1 - Emergency", "Red", "Critical"}, {"Priority 2 - High", "Orange", "High"},
		{"Priority 3 - Normal Response", "Yellow", "Medium"}, {"Priority 4 - Scheduled Maintenance", "White", "Low"},
	} {
		g.add("priority", row{"name": p[0], "color": p[1], "level": p[2], "sortOrder": int32(i + 1), "defaultFlag": i == 2})
	}
	for i, name := range []string{"Phone", "Email Connector", "Internal"} {
		g.add("source", row{"name": name, "defaultFlag": i == 0})
	}
}

func escalation(closed bool) string {
	if closed {
		return "Resolved"
	}
	return "NotResponded"
}

func (g *seeder) procurement() {
	for i, name := range []string{"Each", "Hour", "User"} {
		g.add("unitOfMeasure", row{"name": name, "defaultFlag": i == 0})
	}
	for i, name := range []string{"Hardware", "Software", "Managed Services"} {
		g.add("productType", row{"name": name, "defaultFlag": i == 0, "typeXref": "NonInventoryPart"})
	}
	g.add("productType", row{"name": "Retired", "inactiveFlag": true})
	for _, c := range [][2]string{{"Hardware", "Switches"}, {"Hardware", "Accessories"}, {"Managed Services", "Monitoring"}, {"Software", "Subscriptions"}} {
		category, known := g.byName["category"][c[0]]
		if !known {
			category = g.add("category", row{"name": c[0]})
		}
		g.add("subCategory", row{"name": c[1], "category": category})
	}
	g.add("manufacturer", row{"name": "SonicWall"})
}

// finance makes a billing cycle for every option the vendor has, named as providers name theirs.
func (g *seeder) finance() {
	for i, c := range [][3]string{
		{"M", "Monthly", "Monthly"}, {"MC", "Monthly-Calendar", "Monthly"}, {"Q", "Quarterly", "Quarterly"}, {"Y", "Annual", "Yearly"},
		{"W", "Weekly", "Weekly"}, {"BW", "Every two weeks", "BiWeekly"}, {"BM", "Every two months", "BiMonthly"},
		{"SA", "Semi-annual", "SemiAnnual"}, {"OT", "One time", "NotRecurring"},
	} {
		g.add("billingCycle", row{"identifier": c[0], "name": c[1], "billingOptions": c[2], "defaultFlag": i == 0})
	}
}

func (g *seeder) companyStatuses(names []string) {
	for i, name := range names {
		g.add("companyStatus", row{"name": name, "defaultFlag": i == 0})
	}
	g.add("companyStatus", row{
		"name": "Credit Hold", "notifyFlag": true, "disallowSavingFlag": true, "notificationMessage": "Ask accounting before doing any work.",
	})
}

func (g *seeder) companies(all []estate.Company) {
	slices.SortFunc(all, func(a, b estate.Company) int { return cmp.Compare(a.ID, b.ID) })
	var agreements []seededAgreement
	for _, c := range all {
		g.company(c)
		for _, a := range c.Agreements {
			agreements = append(agreements, seededAgreement{a, c})
		}
	}
	slices.SortFunc(agreements, func(a, b seededAgreement) int { return cmp.Compare(a.ID, b.ID) })
	for _, a := range agreements {
		g.agreement(a.Agreement, a.company)
	}
}

type seededAgreement struct {
	estate.Agreement
	company estate.Company
}

func (g *seeder) company(c estate.Company) {
	status, known := g.byName["companyStatus"][c.Status]
	if !known {
		status = g.add("companyStatus", row{"name": c.Status})
	}
	id := ref(c.ID)
	site := g.add("site", row{"name": "Main", "company": id})
	contact := g.add("contact", row{"name": "Accounts Payable", "company": id})
	fields := row{
		"identifier": c.Identifier, "name": c.Name, "status": status, "site": site, "defaultContact": contact,
		"types": []ref{1}, "territory": ref(1), "city": "Tampa", "state": "FL", "addressLine1": "100 Main Street", "zip": "33602",
	}
	if c.Deleted {
		fields["deletedFlag"], fields["deletedBy"] = true, "rortiz"
		fields["dateDeleted"] = instantOf(g.now.AddDate(0, -2, 0))
	}
	g.addAs("company", int32(c.ID), fields)
}

func (g *seeder) agreement(a estate.Agreement, c estate.Company) {
	typ, known := g.byName["agreementType"][a.Type]
	if !known {
		typ = g.add("agreementType", row{
			"name": a.Type, "employeeCompRate": "Hourly", "employeeCompNotExceed": "Billing", "invoicingCycle": "CalendarYear",
			"billTime": "Billable", "billExpenses": "Billable", "billProducts": "Billable", "billingCycle": g.named("billingCycle", "Monthly"),
		})
	}
	company := g.find("company", int32(c.ID))
	fields := row{
		"name": a.Name, "type": typ, "company": ref(c.ID), "contact": company.get("defaultContact"), "site": company.get("site"),
		"location": ref(1), "department": ref(2), "prorateFlag": a.Prorate, "billTime": "Billable", "billExpenses": "Billable",
		"billProducts": "Billable", "periodType": "Current", "invoicingCycle": "CalendarYear", "noEndingDateFlag": a.End.IsZero(),
	}
	if a.ParentID != 0 {
		fields["parentAgreement"] = ref(a.ParentID)
	}
	switch a.Cycle {
	case estate.CycleNone:
	case estate.CycleNotRecurring:
		fields["billingCycle"] = g.named("billingCycle", "One time")
	default:
		fields["billingCycle"] = g.named("billingCycle", string(a.Cycle))
	}
	for name, date := range map[string]instant{
		"startDate": dateOf(a.Start), "endDate": dateOf(a.End), "billStartDate": dateOf(a.BillStart), "nextInvoiceDate": dateOf(a.NextInvoice),
		"dateCancelled": dateOf(a.Cancelled),
	} {
		if date.time().Year() > 1 { // zero times are dates that are not set
			fields[name] = date
		}
	}
	if !a.Cancelled.IsZero() {
		fields["cancelledFlag"], fields["reasonCancelled"] = true, "Replaced by new terms"
	}
	g.addAs("agreement", int32(a.ID), fields)
}
