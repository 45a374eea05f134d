package bridge

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// device is the only configuration of a world.
func (w *world) device() Configuration {
	w.t.Helper()
	for id := range w.configurations {
		return w.configuration(id)
	}
	w.t.Fatalf("there is no configuration")
	return Configuration{}
}

func (w *world) editDevice(change func(*Configuration)) {
	w.t.Helper()
	c := w.device()
	change(&c)
	w.configurations[c.ID] = c
}

// R30: a new device, whole, and its attachment.
func TestNewConfiguration(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.addTenant("Acme", firewall("0017C5AA0001", "2027-01-31"))
	plan := w.sync().tenants[0]
	if diff := cmp.Diff([]string{"create configuration Firewall/0017C5AA0001", "attach configuration Firewall/0017C5AA0001"}, rows(plan.Changes)); diff != "" {
		t.Error(diff)
	}
	c := plan.Changes[0]
	want := Fields{FieldName: "HQ firewall", FieldType: "Firewall", FieldSerial: "0017C5AA0001", FieldInstalled: "2025-02-11", FieldExpires: "2027-01-31",
		FieldStatus: "Active", FieldActive: "true", FieldAnswer + "EPSS": "2027-01-31", FieldAnswer + "EPSS: Capture ATP": "2027-01-31"}
	if diff := cmp.Diff(want, c.After); diff != "" {
		t.Error(diff)
	}
	wantNeeds := []string{"configuration type/Firewall", "question/Firewall/EPSS", "question/Firewall/EPSS: Capture ATP"}
	if diff := cmp.Diff(wantNeeds, c.Needs); diff != "" {
		t.Error(diff)
	}
	if c.ParentID != 11 || c.Subject != "TZ370 · HQ firewall" {
		t.Errorf("%+v", c)
	}
	link := plan.Changes[1]
	if link.After[FieldAgreement] != "Managed Security" || link.Facts[FactAgreement] != "51" || link.Needs[0] != "configuration@11/Firewall/0017C5AA0001" {
		t.Errorf("%+v", link)
	}
	device := w.device()
	if len(device.Answers) != 3 || device.Answers[2].Question != "EPSS: SSL VPN" || device.Answers[2].Value != "" {
		t.Errorf("a service without a date is asked for and left unanswered: %+v", device.Answers)
	}
	if again := w.planAll(); len(again.writes()) > 0 || again.tenants[0].Unchanged != 1 {
		t.Errorf("again: %v", rows(again.writes()))
	}
}

// What happens to a device when MySonicWall or a person changes something (R24, R26, R30, R31).
func TestManagedConfiguration(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		product func(*Product)
		person  func(*Configuration)
		after   Fields
		held    Fields
	}{
		{"R31 a renewed service", func(p *Product) { p.Services[0].Expiry = MustDate("2029-01-31") }, nil, Fields{FieldExpires: "2029-01-31", FieldAnswer + "EPSS": "2029-01-31"}, nil},
		{"R31 a new service", func(p *Product) {
			p.Services = append(p.Services, Service{Name: "DNS", Expiry: MustDate("2026-12-31")})
		}, nil, Fields{FieldAnswer + "DNS": "2026-12-31"}, nil},
		{"R31 a service that went away", func(p *Product) { p.Services[0].Subs = nil }, nil, Fields{FieldAnswer + "EPSS: Capture ATP": ""}, nil},
		{"R26 one date that turned blank", func(p *Product) { p.Services[0].Subs[0].Expiry = Date{} }, nil, nil, Fields{FieldAnswer + "EPSS: Capture ATP": ""}},
		{"R26 all dates", func(p *Product) { p.Services[0].Expiry, p.Services[0].Subs[0].Expiry = Date{}, Date{} }, nil, nil,
			Fields{FieldExpires: "", FieldAnswer + "EPSS": "", FieldAnswer + "EPSS: Capture ATP": ""}},
		{"a device renamed in MySonicWall", func(p *Product) { p.FriendlyName = "Branch" }, nil, Fields{FieldName: "Branch"}, nil},
		{"R24 a device renamed by a person", func(p *Product) { p.FriendlyName = "Branch" }, func(c *Configuration) { c.Name = "Lobby" }, nil, nil},
		{"R24 a person's expiration date", nil, func(c *Configuration) { c.Expires = MustDate("2030-01-01") }, Fields{FieldExpires: "2027-01-31"}, nil},
		{"R24 a person's answer", nil, func(c *Configuration) { c.Answers[0].Value = "2030-01-01" }, Fields{FieldAnswer + "EPSS": "2027-01-31"}, nil},
		{"R24 a person's status", nil, func(c *Configuration) { c.Status = "In repair" }, Fields{FieldStatus: "Active"}, nil},
		{"a registration that is no longer said", func(p *Product) { p.Registered = Date{} }, nil, nil, nil},
		{"white space as ConnectWise trims it", nil, func(c *Configuration) { c.Serial, c.Name = "0017C5AA0001 ", "HQ firewall\u200e" }, nil, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tenant := w.addTenant("Acme", firewall("0017C5AA0001", "2027-01-31"))
			w.sync()
			if test.product != nil {
				test.product(&tenant.products[0])
			}
			if test.person != nil {
				w.editDevice(test.person)
			}
			plan := w.planAll()
			var after, held Fields
			for _, c := range plan.tenants[0].Changes {
				if c.Status == StatusPlanned {
					after = c.After
				} else if c.Reason == ReasonBlankExpiry {
					held = c.After
				}
			}
			if diff := cmp.Diff(test.after, after); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(test.held, held); diff != "" {
				t.Error(diff)
			}
			if strings.Contains(test.name, "new service") != (len(plan.shared.Changes) == 1) {
				t.Errorf("questions: %v", rows(plan.shared.Changes))
			}
			w.sync()
			if again := w.planAll().writes(); len(again) > 0 {
				t.Errorf("again: %+v", again)
			}
		})
	}
}

// R33 for devices: company, type and serial number are the natural key.
func TestConfigurationFound(t *testing.T) {
	t.Parallel()
	found := func(mods ...func(*Configuration)) Configuration {
		c := Configuration{CompanyID: 11, TypeID: 8, Name: "Lobby", Serial: "0017c5aa0001", Status: "Spare", Active: true,
			Answers: []Answer{{QuestionID: 82, Question: "Admin password", Value: "person's own"}}}
		for _, mod := range mods {
			mod(&c)
		}
		return c
	}
	closed := func(c *Configuration) { c.Status = "Scrapped" }
	tests := []struct {
		name    string
		devices []Configuration
		action  Action
		status  Status
		reason  Reason
		id      int
	}{
		{"adopted, keeping its name", []Configuration{found()}, ActionAdopt, StatusPlanned, "", 1},
		{"the only open one of several", []Configuration{found(closed), found()}, ActionAdopt, StatusPlanned, "", 2},
		{"several open", []Configuration{found(), found()}, ActionAdopt, StatusHeld, ReasonSeveralOpen, 0},
		{"a closed one is not opened again", []Configuration{found(closed)}, ActionCreate, StatusHeld, ReasonNotRevived, 0},
		{"nor an inactive one", []Configuration{found(func(c *Configuration) { c.Active = false })}, ActionCreate, StatusHeld, ReasonNotRevived, 0},
		{"another type's is not it", []Configuration{found(func(c *Configuration) { c.TypeID = 9 })}, ActionCreate, StatusPlanned, "", 0},
		{"another company's is not it", []Configuration{found(func(c *Configuration) { c.CompanyID = 12 })}, ActionCreate, StatusPlanned, "", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tenant := w.addTenant("Acme", firewall("0017C5AA0001", "2027-01-31"))
			w.configurationTypes[8] = ConfigurationType{ID: 8, Name: "Firewall", Questions: []Question{{ID: 81, Label: "epss"}, {ID: 82, Label: "Admin password"}}}
			w.configurationTypes[9] = ConfigurationType{ID: 9, Name: "Managed Firewall"}
			for i, c := range test.devices {
				c.ID = i + 1
				w.configurations[c.ID] = c
			}
			c := w.plan(tenant, w.state()).Changes[0]
			if c.Action != test.action || c.Status != test.status || c.Reason != test.reason || c.CWMID != test.id {
				t.Errorf("%s %s %s on %d", c.Action, c.Status, c.Reason, c.CWMID)
			}
			w.sync()
			if again := w.planAll().writes(); len(again) > 0 {
				t.Errorf("again: %+v", again)
			}
			if test.id == 0 {
				return
			}
			got := w.configuration(test.id)
			if got.Name != "Lobby" || got.Serial != "0017C5AA0001" || got.Answers[1].Value != "person's own" || got.Answers[0].Value != "2027-01-31" {
				t.Errorf("%+v", got)
			}
			tenant.products[0].Services = []Service{{Name: "Support", Expiry: MustDate("2027-01-31")}}
			w.sync()
			if got := w.configuration(test.id); got.Answers[1].Value != "person's own" || got.Answers[0].Value != "" {
				t.Errorf("only answers of ours are cleared: %+v", got.Answers)
			}
		})
	}
}

// R52: closed, retired with another closed status, switched off or deleted by a person.
func TestConfigurationEndedByHand(t *testing.T) {
	t.Parallel()
	persons := map[string]func(*world){
		"closed":       func(w *world) { w.editDevice(func(c *Configuration) { c.Status, c.Active = "Retired", false }) },
		"scrapped":     func(w *world) { w.editDevice(func(c *Configuration) { c.Status = "Scrapped" }) },
		"switched off": func(w *world) { w.editDevice(func(c *Configuration) { c.Active = false }) },
		"deleted":      func(w *world) { clear(w.configurations) },
	}
	for name, person := range persons {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tenant := w.addTenant("Acme", firewall("0017C5AA0001", "2027-01-31"))
			w.sync()
			person(w)
			plan := w.sync().tenants[0]
			if len(plan.Changes) > 0 || len(plan.Observations) != 1 || plan.Observations[0].EndedByHand != w.today {
				t.Fatalf("%+v", plan)
			}
			tenant.products[0].Services[0].Expiry = MustDate("2030-01-01")
			if plan = w.sync().tenants[0]; len(plan.Changes)+len(plan.Observations) > 0 {
				t.Errorf("touched again: %+v", plan)
			}
		})
	}
}

// A type that a person renamed is still the type, and a device of another type keeps its questions to itself.
func TestConfigurationTypeRenamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tenant := w.addTenant("Acme", firewall("0017C5AA0001", "2027-01-31"))
	w.sync()
	for id, typ := range w.configurationTypes {
		typ.Name = "Managed Firewall"
		w.configurationTypes[id] = typ
	}
	tenant.products = append(tenant.products, firewall("0017C5AA0002", "2027-01-31"))
	w.sync()
	if again := w.planAll(); len(w.configurationTypes) != 1 || len(w.configurations) != 2 || len(again.writes()) > 0 {
		t.Errorf("%v %v", w.configurationTypes, rows(again.writes()))
	}
	w.configurationTypes[900] = ConfigurationType{ID: 900, Name: "Router"}
	for id, c := range w.configurations {
		c.TypeID = 900
		w.configurations[id] = c
	}
	tenant.products[0].Services[0].Expiry = MustDate("2029-01-31")
	plan := w.sync().tenants[0]
	if len(plan.Changes) != 1 || len(plan.Notes) != 2 || len(plan.Changes[0].After) != 1 || plan.Changes[0].After[FieldExpires] != "2029-01-31" {
		t.Errorf("%+v", plan)
	}
}

// R22: with the option, a device is a line and a configuration; the one does not wait for the other.
func TestNetworkAdditions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.settings.Options.NetworkAdditions = true
	tenant := w.addTenant("Acme", firewall("0017C5AA0001", "2025-12-31"))
	plan := w.sync().tenants[0]
	want := []string{"create addition SONICWALL_TZ370/0017C5AA0001 (failed)", "create configuration Firewall/0017C5AA0001", "attach configuration Firewall/0017C5AA0001"}
	if diff := cmp.Diff(want, rows(plan.Changes)); diff != "" {
		t.Errorf("R27 fails the line only: %s", diff)
	}
	tenant.products[0].Problems = []string{"The expiry “soon” is no date."}
	if diff := cmp.Diff([]string{"create addition SONICWALL_TZ370/0017C5AA0001 (failed)"}, rows(w.planAll().tenants[0].Changes)); diff != "" {
		t.Errorf("an unreadable product is one failed row: %s", diff)
	}
}
