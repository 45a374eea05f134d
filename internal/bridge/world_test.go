package bridge

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
)

// failer is what both testing.T and rapid.T offer.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// world is a small ConnectWise in memory together with what Causeway notes about it. It applies plans the way the real one
// would take them and fails the test on anything the real one would refuse.
type world struct {
	t        failer
	today    Date
	settings Settings
	tenants  []*worldTenant

	types, categories, subcategories map[string]int
	catalog                          map[int]CatalogItem
	configurationTypes               map[int]ConfigurationType
	additions                        map[int]Addition
	configurations                   map[int]Configuration
	attached                         map[int]map[int]bool // configuration → agreements

	managed   map[objectRef]Managed
	decisions []Decision
	limited   map[string]map[string]Reason // by tenant: what a limit held when it was last compared
	parted    map[string]bool              // what a limit held together with what a person released since
	former    map[int]Agreement            // those that tenants were mapped to before
	lastID    int
	// refuses is ConnectWise's refusal of a change, empty when it takes it; nil for a ConnectWise that takes everything. With it,
	// applying marks the rows of the plan with what became of them.
	refuses func(Change) string
}

type worldTenant struct {
	tenant     Tenant
	company    Company
	agreement  Agreement
	products   []Product
	incomplete bool
	frozen     bool // switched off: no longer compared, and its products not read
	missing    bool // MySonicWall no longer lists it: not compared either, and it has nothing any more
	unread     bool // MySonicWall did not answer for it: products are those of the answer before
	ending     bool // frozen, and a person asked to end its billing
}

// still tells whether nothing is written for the tenant by itself (R53).
func (t *worldTenant) still() bool { return t.frozen || t.missing }

// halfRead tells whether a synchronised tenant was not read, or not completely.
func (t *worldTenant) halfRead() bool { return !t.still() && (t.incomplete || t.unread) }

func newWorld(t failer) *world {
	return &world{
		t: t, today: MustDate("2026-06-15"),
		settings: Settings{Limits: DefaultLimits()},
		types:    map[string]int{}, categories: map[string]int{}, subcategories: map[string]int{},
		catalog: map[int]CatalogItem{}, configurationTypes: map[int]ConfigurationType{}, additions: map[int]Addition{},
		configurations: map[int]Configuration{}, attached: map[int]map[int]bool{}, managed: map[objectRef]Managed{}, former: map[int]Agreement{}, limited: map[string]map[string]Reason{}, parted: map[string]bool{}, lastID: 100,
	}
}

func (w *world) id() int { w.lastID++; return w.lastID }

// addTenant maps a tenant to a company and a monthly agreement of its own.
func (w *world) addTenant(name string, products ...Product) *worldTenant {
	n := len(w.tenants) + 1
	tenant := &worldTenant{
		tenant:  Tenant{ID: strconv.Itoa(2300400 + n), Name: name},
		company: Company{ID: 10 + n, Name: name, Status: "Active"},
		agreement: Agreement{ID: 50 + n, CompanyID: 10 + n, Name: "Managed Security", Type: "Managed", Cycle: BillingMonthly,
			CycleName: "Every month", Start: MustDate("2026-01-01"), BillStart: MustDate("2026-01-01"), NextInvoice: MustDate("2026-07-01")},
		products: products,
	}
	tenant.tenant.Mapping = Mapping{CompanyID: tenant.company.ID, AgreementID: tenant.agreement.ID, Enabled: true}
	w.tenants = append(w.tenants, tenant)
	return tenant
}

func (w *world) state() SharedState {
	s := SharedState{
		ProductTypes: maps.Clone(w.types), Categories: maps.Clone(w.categories), Subcategories: maps.Clone(w.subcategories),
		Catalog: map[string]CatalogItem{}, Types: map[string]ConfigurationType{}, Managed: map[string]Managed{},
	}
	for _, id := range slices.Sorted(maps.Keys(w.catalog)) {
		key := CatalogKey(w.catalog[id].Identifier)
		if _, twice := s.Catalog[key]; !twice {
			s.Catalog[key] = w.catalog[id]
		}
	}
	for _, t := range w.configurationTypes {
		s.Types[t.Name] = t
	}
	for ref, m := range w.managed {
		if ref.kind.Shared() {
			s.Managed[NeedKey(ref.kind, ref.key)] = m
		}
	}
	return s
}

func (w *world) input(tenant *worldTenant, state SharedState) TenantInput {
	in := TenantInput{
		Tenant: tenant.tenant, Today: w.today, Settings: w.settings, Company: tenant.company, Agreement: tenant.agreement,
		Report:  Report{TenantID: tenant.tenant.ID, Products: tenant.products, Complete: !tenant.incomplete && !w.sharesHalfRead(tenant)},
		Catalog: state.Catalog, Types: state.KnownTypes(), ActiveStatus: "Active", ClosedStatus: "Retired",
		ClosedStatuses: []string{"Retired", "Scrapped"}, AlsoReportedBy: map[string]string{},
	}
	for _, id := range slices.Sorted(maps.Keys(w.additions)) {
		if w.additions[id].AgreementID == tenant.agreement.ID {
			in.Additions = append(in.Additions, w.additions[id])
		}
	}
	for _, id := range slices.Sorted(maps.Keys(w.configurations)) {
		if w.configurations[id].CompanyID == tenant.company.ID {
			in.Configurations = append(in.Configurations, w.configuration(id))
		}
	}
	serials := map[string]bool{}
	for _, p := range tenant.products {
		serials[p.Serial] = true
	}
	in.TakenLines, in.Elsewhere, in.Owners, in.Decisions = map[int]bool{}, map[int]AgreementLines{}, map[string]Owner{}, w.decisions
	in.Waiting = w.waiting(tenant.tenant.ID)
	for _, ref := range sortedRefs(w.managed) {
		m := w.managed[ref]
		if ref.kind == KindAddition {
			in.TakenLines[m.CWMID] = true
		}
		if ref.kind.Shared() || m.TenantID != tenant.tenant.ID && !serials[m.Serial] {
			continue
		}
		in.Managed = append(in.Managed, m)
		w.readElsewhere(&in, m)
	}
	for _, other := range w.tenants {
		if other != tenant {
			in.Owners[other.tenant.ID] = Owner{Name: other.tenant.Name, Unread: other.halfRead(), Frozen: other.frozen && !other.missing}
		}
		for _, p := range other.products {
			if other != tenant && !other.still() && p.synced() {
				in.AlsoReportedBy[p.Serial] = other.tenant.Name
			}
		}
	}
	return in
}

// sharesHalfRead tells whether a tenant of the same agreement was not read completely, so that nothing counts as gone.
func (w *world) sharesHalfRead(tenant *worldTenant) bool {
	return slices.ContainsFunc(w.tenants, func(other *worldTenant) bool {
		return other != tenant && other.halfRead() && other.agreement.ID == tenant.agreement.ID
	})
}

// readElsewhere adds what the compare reads of another agreement or company that a record stands on.
func (w *world) readElsewhere(in *TenantInput, m Managed) {
	if m.Kind == KindConfiguration && m.ParentID != in.Company.ID {
		if device, ok := w.configurations[m.CWMID]; ok && device.CompanyID == m.ParentID {
			in.Configurations = append(in.Configurations, w.configuration(m.CWMID))
		}
	}
	if _, read := in.Elsewhere[m.ParentID]; m.Kind != KindAddition || m.ParentID == in.Agreement.ID || read || !m.Runs(w.today) {
		return
	}
	lines := AgreementLines{Agreement: w.former[m.ParentID]}
	for _, other := range w.tenants {
		if other.agreement.ID == m.ParentID {
			lines.Agreement = other.agreement
		}
	}
	for _, id := range slices.Sorted(maps.Keys(w.additions)) {
		if w.additions[id].AgreementID == m.ParentID {
			lines.Additions = append(lines.Additions, w.additions[id])
		}
	}
	in.Elsewhere[m.ParentID] = lines
}

// remap maps a tenant to another agreement of its company, or of another one.
func (w *world) remap(tenant *worldTenant, to Agreement, company Company) {
	w.former[tenant.agreement.ID] = tenant.agreement
	tenant.agreement, tenant.company = to, company
	tenant.tenant.Mapping.AgreementID, tenant.tenant.Mapping.CompanyID = to.ID, company.ID
}

func sortedRefs(m map[objectRef]Managed) []objectRef {
	return slices.SortedFunc(maps.Keys(m), func(a, b objectRef) int {
		return strings.Compare(fmt.Sprint(a), fmt.Sprint(b))
	})
}

// configuration is a device as ConnectWise answers it: with every active question of its type, answered or not.
func (w *world) configuration(id int) Configuration {
	c := w.configurations[id]
	given := c.Answers
	c.Answers = nil
	c.Type = w.configurationTypes[c.TypeID].Name
	for _, q := range w.configurationTypes[c.TypeID].Questions {
		if q.Inactive {
			continue
		}
		answer := Answer{QuestionID: q.ID, Question: q.Label}
		for _, a := range given {
			if a.QuestionID == q.ID {
				answer.Value = a.Value
			}
		}
		c.Answers = append(c.Answers, answer)
	}
	return c
}

// plan compares one tenant, answering the compare's questions about ids that a list lacked.
func (w *world) plan(tenant *worldTenant, state SharedState) TenantPlan {
	return w.planHow(tenant, state, PlanTenant)
}

func (w *world) planHow(tenant *worldTenant, state SharedState, how func(TenantInput) TenantPlan) TenantPlan {
	in := w.input(tenant, state)
	plan := how(in)
	in.VerifiedAdditions, in.VerifiedConfigurations = map[int]bool{}, map[int]bool{}
	for len(plan.UnverifiedAdditions)+len(plan.UnverifiedConfigurations) > 0 {
		for _, ref := range plan.UnverifiedAdditions {
			_, in.VerifiedAdditions[ref.ID] = w.additions[ref.ID]
		}
		for _, id := range plan.UnverifiedConfigurations {
			_, in.VerifiedConfigurations[id] = w.configurations[id]
		}
		plan = how(in)
	}
	return plan
}

// Products for tests.

func qty(n int64) decimal.NullDecimal { return decimal.NewNullDecimal(decimal.NewFromInt(n)) }

// captureClient becomes an addition: 25 endpoints until the given date.
func captureClient(serial, expiry string) Product {
	return Product{Serial: serial, Name: "Capture Client Tenant", Line: LineCaptureClient, Tier: "ADVANCED", Billable: true,
		Registered: MustDate("2026-02-11"), Status: ProductActive, Services: []Service{{Name: "Capture Client Advanced", Expiry: MustDate(expiry),
			Subs: []Service{{Name: "Rollback", Quantity: qty(25), Expiry: MustDate(expiry)}, {Name: "Device Control", Quantity: qty(20)}}}}}
}

// firewall becomes a configuration.
func firewall(serial, expiry string) Product {
	return Product{Serial: serial, Name: "TZ370", FriendlyName: "HQ firewall", Line: LineFirewall, Billable: true,
		Registered: MustDate("2025-02-11"), Status: ProductActive, Services: []Service{{Name: "EPSS", Expiry: MustDate(expiry),
			Subs: []Service{{Name: "Capture ATP", Quantity: qty(1), Expiry: MustDate(expiry)}, {Name: "SSL VPN", Quantity: qty(10)}}}}}
}

func find(t *testing.T, changes []Change, kind Kind, action Action) Change {
	t.Helper()
	for _, c := range changes {
		if c.Kind == kind && c.Action == action {
			return c
		}
	}
	t.Fatalf("no %s of a %s among %+v", action, kind, changes)
	return Change{}
}
