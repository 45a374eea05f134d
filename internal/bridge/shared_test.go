package bridge

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func rows(changes []Change) []string {
	var out []string
	for _, c := range changes {
		row := string(c.Action) + " " + string(c.Kind) + " " + c.Key
		if c.Status != StatusPlanned {
			row += " (" + string(c.Status) + ")"
		}
		out = append(out, row)
	}
	return out
}

// R6, R7: what set-up makes on an empty ConnectWise, each after what it refers to.
func TestPlanProvisioningOnNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := PlanProvisioning(w.state())
	want := []string{
		"create product type Miscellaneous", "create product type SonicWall",
		"create category Cloud", "create category Hardware/Virtual", "create category Miscellaneous", "create category Software",
		"create subcategory Cloud/Cloud Services", "create subcategory Cloud/Software", "create subcategory Hardware/Virtual/Network Device",
		"create subcategory Miscellaneous/Miscellaneous", "create subcategory Software/Software",
	}
	if diff := cmp.Diff(want, rows(plan.Changes)); diff != "" {
		t.Error(diff)
	}
	w.apply(plan.Changes, map[string]bool{})
	if again := PlanProvisioning(w.state()); len(again.Changes) > 0 {
		t.Errorf("set-up repeated: %v", rows(again.Changes))
	}
}

// R6: what is there is used as it is, never renamed or duplicated, also in other case or renamed later by a person.
func TestPlanProvisioningUsesWhatStands(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.types["SONICWALL"], w.types["Miscellaneous"] = 1, 2
	w.categories["cloud"] = 3
	w.subcategories["cloud/software"] = 4
	plan := PlanProvisioning(w.state())
	for _, want := range []string{"adopt product type SonicWall", "adopt product type Miscellaneous", "adopt category Cloud", "adopt subcategory Cloud/Software",
		"create subcategory Cloud/Cloud Services", "create category Hardware/Virtual"} {
		if !strings.Contains(strings.Join(rows(plan.Changes), "\n")+"\n", want+"\n") {
			t.Errorf("%q is missing: %v", want, rows(plan.Changes))
		}
	}
	if sub := find(t, plan.Changes, KindSubcategory, ActionCreate); sub.After[FieldCategory] != "cloud" {
		t.Errorf("made under the category as ConnectWise names it: %v", sub.After)
	}
	w.apply(plan.Changes, map[string]bool{})
	w.categories["Cloud things"] = w.categories["cloud"]
	delete(w.categories, "cloud")
	w.subcategories["Cloud things/software"], w.subcategories["Cloud things/Cloud Services"] = 4, w.subcategories["cloud/Cloud Services"]
	delete(w.subcategories, "cloud/software")
	delete(w.subcategories, "cloud/Cloud Services")
	if again := PlanProvisioning(w.state()); len(again.Changes) > 0 {
		t.Errorf("a renamed record is still the same: %v", rows(again.Changes))
	}
}

// R52: a deleted record that is still needed is made anew.
func TestSharedRecordsAreMadeAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.addTenant("Acme", firewall("0017C5AA0001", "2027-01-31"))
	w.sync()
	clear(w.types)
	clear(w.catalog)
	clear(w.configurationTypes)
	p := w.planAll()
	got := strings.Join(rows(p.shared.Changes), "\n")
	for _, want := range []string{"create product type SonicWall", "create catalog item SONICWALL_TZ370", "create configuration type Firewall", "create question Firewall/EPSS: Capture ATP"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is missing in\n%s", want, got)
		}
	}
	if strings.Contains(got, "category") {
		t.Errorf("what stands is not made again:\n%s", got)
	}
}

// R19-R21: a new catalog item, and two names that share one.
func TestCatalogItemOfTwoNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := firewall("0017C5AA0001", "2027-01-31"), firewall("0017C5AA0002", "2027-01-31")
	a.Name, b.Name = "TZ 370", "TZ-370"
	w.addTenant("Acme", a)
	w.addTenant("Bolt", b)
	item := find(t, w.planAll().shared.Changes, KindCatalogItem, ActionCreate)
	want := Fields{FieldIdentifier: "SONICWALL_TZ_370", FieldDescription: "TZ 370", FieldCustomerDescription: "TZ 370", FieldType: "SonicWall",
		FieldCategory: "Hardware/Virtual", FieldSubcategory: "Network Device", FieldClass: "NonInventory", FieldPrice: "0", FieldCost: "0"}
	if diff := cmp.Diff(want, item.After); diff != "" {
		t.Error(diff)
	}
	wantNeeds := []string{"product type/SonicWall", "category/Hardware/Virtual", "subcategory/Hardware/Virtual/Network Device"}
	if diff := cmp.Diff(wantNeeds, item.Needs); diff != "" {
		t.Error(diff)
	}
	w.sync()
	// A run of one tenant only knows one of the names; the texts stay.
	plan := PlanShared(DemandOf(w.tenants[1].products), w.state())
	if len(plan.Changes) > 0 {
		t.Errorf("texts of a shared item changed: %v", rows(plan.Changes))
	}
}

// R20: an unknown line goes to Miscellaneous throughout and is named in the log.
func TestUnknownProductLine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := firewall("0017C5AA0001", "2027-01-31")
	p.Name, p.Line = "SonicWall Switch SWS14-24FPOE", "OTHER"
	w.addTenant("Acme", p)
	plan := w.sync()
	item := find(t, plan.shared.Changes, KindCatalogItem, ActionCreate)
	if item.After[FieldType] != "Miscellaneous" || item.After[FieldCategory] != "Miscellaneous" || item.After[FieldSubcategory] != "Miscellaneous" {
		t.Errorf("%v", item.After)
	}
	if len(plan.tenants[0].Changes) > 0 {
		t.Errorf("neither addition nor configuration: %v", rows(plan.tenants[0].Changes))
	}
	if notes := plan.tenants[0].Notes; len(notes) != 1 || notes[0].Level != LogWarn || !strings.Contains(notes[0].Text, "SonicWall Switch SWS14-24FPOE") {
		t.Errorf("%v", notes)
	}
}

// R24: texts, category and sub-category are a person's once changed, price and cost always; the type follows.
func TestCatalogItemEditedByAPerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.addTenant("Acme", captureClient("0040103A0001", "2027-01-31"))
	w.sync()
	w.types["Hardware"], w.subcategories["Cloud/Ours"] = 901, 902
	for id, item := range w.catalog {
		item.Description, item.CustomerDescription, item.Subcategory, item.Type = "Endpoint protection", "Endpoint protection, managed", "Ours", "Hardware"
		item.Price = qty(89).Decimal
		w.catalog[id] = item
	}
	plan := w.planAll()
	c := find(t, plan.shared.Changes, KindCatalogItem, ActionUpdate)
	if diff := cmp.Diff(Fields{FieldType: "SonicWall"}, c.After); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(c.Why[0].Rule, "by hand") {
		t.Errorf("that a person's edit is overwritten is said: %+v", c.Why)
	}
	w.sync()
	for _, item := range w.catalog {
		if item.Description != "Endpoint protection" || item.Subcategory != "Ours" || item.Price.String() != "89" || item.Type != "SonicWall" {
			t.Errorf("%+v", item)
		}
	}
}

// R33: an item of the same Product ID is adopted, its texts and place as found; one that is right already without a write.
func TestCatalogItemAdopted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.addTenant("Acme", captureClient("0040103A0001", "2027-01-31"))
	w.types["SonicWall"] = 1
	w.catalog[7] = CatalogItem{ID: 7, Identifier: "SonicWall_Capture_Client_Tenant_Advanced", Description: "CC", CustomerDescription: "CC adv", Type: "SonicWall",
		Category: "Software updated", Subcategory: "Software-1234", Class: "NonInventory", Price: qty(12).Decimal}
	before := w.catalog[7]
	plan := w.sync()
	c := find(t, plan.shared.Changes, KindCatalogItem, ActionAdopt)
	if c.CWMID != 7 || len(c.After)+len(c.Before) > 0 {
		t.Errorf("%+v", c)
	}
	if diff := cmp.Diff(before, w.catalog[7]); diff != "" {
		t.Error(diff)
	}
	if again := w.planAll().writes(); len(again) > 0 {
		t.Errorf("again: %v", rows(again))
	}
}

// An inactive item or type fails with what to do; the lines that need it do too, nothing else.
func TestInactiveSharedRecords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.addTenant("Acme", captureClient("0040103A0001", "2027-01-31"), firewall("0017C5AA0001", "2027-01-31"))
	w.catalog[7] = CatalogItem{ID: 7, Identifier: "SONICWALL_CAPTURE_CLIENT_TENANT_ADVANCED", Inactive: true}
	w.configurationTypes[8] = ConfigurationType{ID: 8, Name: "Firewall", Inactive: true}
	plan := w.planAll()
	failed := 0
	for _, c := range plan.shared.Changes {
		if c.Status == StatusFailed {
			failed++
			if c.Reason != ReasonInactive || !strings.Contains(c.Message, "active again in") {
				t.Errorf("%+v", c)
			}
		}
	}
	if failed != 2 {
		t.Errorf("%d failed: %v", failed, rows(plan.shared.Changes))
	}
	w.sync()
	if len(w.additions)+len(w.configurations) > 0 {
		t.Error("written all the same")
	}
}

// R30, R31: types and questions made by a person are used as found and only added to; the preview says so.
func TestConfigurationTypeOfAPerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := firewall("0017C5AA0001", "2027-01-31")
	p.Services[0].Subs[1].Expiry = MustDate("2027-01-31") // the service of the question that is switched off
	w.addTenant("Acme", p)
	w.configurationTypes[8] = ConfigurationType{ID: 8, Name: "FIREWALL", Questions: []Question{
		{ID: 81, Label: "epss "}, {ID: 82, Label: "Admin password"}, {ID: 83, Label: "EPSS: SSL VPN", Inactive: true}}}
	plan := w.planAll()
	var questions []string
	for _, c := range plan.shared.Changes {
		switch c.Kind {
		case KindQuestion:
			questions = append(questions, c.Key)
			if c.After[FieldType] != "FIREWALL" || !strings.Contains(c.Why[0].Rule, "A person made the type") {
				t.Errorf("%+v", c)
			}
		case KindConfigurationType:
			if c.Action != ActionAdopt || len(c.After) > 0 {
				t.Errorf("%+v", c)
			}
		}
	}
	if diff := cmp.Diff([]string{"Firewall/EPSS: Capture ATP"}, questions); diff != "" {
		t.Error(diff)
	}
	w.sync()
	if again := w.planAll().writes(); len(again) > 0 {
		t.Errorf("again: %v", rows(again))
	}
	for _, c := range w.configurations {
		if len(c.Answers) != 2 {
			t.Errorf("answers: %+v", c.Answers)
		}
	}
}

// Two tenants never want the same record made twice, and the order of merging makes no difference.
func TestDemandMerge(t *testing.T) {
	t.Parallel()
	a := DemandOf([]Product{firewall("1", "2027-01-31"), captureClient("2", "2027-01-31")})
	other := firewall("3", "2027-01-31")
	other.Services = append(other.Services, Service{Name: "DNS Security"})
	unbillable, gone, broken := firewall("4", ""), firewall("5", ""), firewall("6", "")
	unbillable.Name, unbillable.Billable = "X", false
	gone.Name, gone.Status = "Y", ProductDeleted
	broken.Name, broken.Problems = "Z", []string{"The date “soon” is none."}
	b := DemandOf([]Product{other, unbillable, gone, broken})
	var ab, ba Demand
	ab.Merge(a)
	ab.Merge(b)
	ba.Merge(b)
	ba.Merge(a)
	if diff := cmp.Diff(ab, ba); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"SONICWALL_CAPTURE_CLIENT_TENANT_ADVANCED", "SONICWALL_TZ370"}, sortedKeys(ab.CatalogItems)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"DNS Security", "EPSS", "EPSS: Capture ATP", "EPSS: SSL VPN"}, ab.Types["Firewall"].Labels); diff != "" {
		t.Error(diff)
	}
	if len(a.Types["Firewall"].Labels) != 3 {
		t.Errorf("merging changed what was merged: %v", a.Types)
	}
}
