package bridge

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// PlanTenant compares one tenant's products with the lines of its agreement and the configurations of its company. It is the
// one function behind preview and sync (R34): applying its plan and planning again gives no changes (R35).
func PlanTenant(in TenantInput) TenantPlan {
	if reason := Blocked(in); reason != "" {
		return TenantPlan{Failure: reason, Frozen: frozenBy(in)}
	}
	t := newTenantPlanner(in)
	t.readReport()
	t.foundAgain()
	if t.recurrence == OtherRecurring {
		t.plan.Failure = fmt.Sprintf("The agreement %s bills by the cycle %s. Of recurring agreements only monthly ones are supported, so "+
			"no addition was written; catalog items and configurations were.", in.Agreement.Name, cmp.Or(in.Agreement.CycleName, string(in.Agreement.Cycle)))
	} else {
		t.planAdditions()
	}
	t.planConfigurations()
	t.applyLimits()
	t.plan.Changes = append(t.plan.Changes, t.links...)
	return t.finish()
}

// Blocked is the reason, in words, for which nothing at all is written for a tenant: its name (R13), an agreement that ended,
// was cancelled or is gone, a company in the recycle bin (R53). Empty when work can begin. Leave blocked tenants out of the
// demand for shared records.
func Blocked(in TenantInput) string {
	if err := CheckTenantName(in.Tenant.Name, in.Settings.Options); err != nil {
		return err.Error()
	}
	var reason string
	switch {
	case in.Company.ID == 0:
		reason = "The company this tenant is mapped to no longer exists in ConnectWise."
	case in.Agreement.ID == 0:
		reason = "The agreement this tenant is mapped to no longer exists in ConnectWise."
	default:
		_, reason = Offered(in.Agreement, in.Company, in.Today)
	}
	switch {
	case reason == "":
		return ""
	case in.Successor != "":
		return fmt.Sprintf("%s Nothing was written. A likely successor is the agreement %s: map the tenant to it.", reason, in.Successor)
	}
	return reason + " Nothing was written. Map the tenant to an agreement that is open."
}

// frozenBy tells a tenant whose agreement or company ended (R53) from one whose name is refused.
func frozenBy(in TenantInput) string {
	if CheckTenantName(in.Tenant.Name, in.Settings.Options) != nil {
		return ""
	}
	return FrozenAgreement
}

// objectRef is what a managed record is known by within an account.
type objectRef struct {
	kind   Kind
	parent int
	key    string
}

// candidate is a product of the report that is to have records in ConnectWise.
type candidate struct {
	*Product
	place      Placement
	identifier string
	problems   []string
}

type tenantPlanner struct {
	in         TenantInput
	plan       TenantPlan
	recurrence Recurrence
	candidates []*candidate
	listed     map[string]bool // by folded serial: MySonicWall still has it
	gone       map[string]bool // by folded serial: MySonicWall says it was deleted or transferred
	identified map[string]string
	twofold    map[string]bool // by folded serial: listed under two catalog items
	own        map[objectRef]*Managed
	bySerial   map[string][]*Managed
	taken      map[Kind]map[int]*Managed
	adopted    map[int]bool      // lines that this plan takes over: each serves one product
	additions  map[int]*Addition // of all agreements that were read
	devices    map[int]*Configuration
	seen       map[*Managed]Observation
	objects    int            // open records of the tenant, the whole of which removals are a share (R32)
	going      int            // of them, how many would end
	ends       []int          // rows of plan.Changes that end something
	links      []Change       // attachments, kept apart to follow their configurations
	used       map[int64]bool // decisions that a row carries out
}

func newTenantPlanner(in TenantInput) *tenantPlanner {
	t := &tenantPlanner{
		in: in, recurrence: RecurrenceOf(in.Agreement),
		listed: make(map[string]bool, len(in.Report.Products)), gone: map[string]bool{},
		identified: make(map[string]string, len(in.Report.Products)), twofold: map[string]bool{},
		own:       make(map[objectRef]*Managed, len(in.Managed)),
		bySerial:  make(map[string][]*Managed, len(in.Managed)),
		taken:     map[Kind]map[int]*Managed{KindAddition: {}, KindConfiguration: {}},
		adopted:   map[int]bool{},
		used:      map[int64]bool{},
		additions: make(map[int]*Addition, len(in.Additions)),
		devices:   make(map[int]*Configuration, len(in.Configurations)),
		seen:      map[*Managed]Observation{},
	}
	for i := range in.Additions {
		t.additions[in.Additions[i].ID] = &in.Additions[i]
	}
	for id, other := range in.Elsewhere {
		if id == in.Agreement.ID {
			continue
		}
		for i := range other.Additions {
			t.additions[other.Additions[i].ID] = &other.Additions[i]
		}
	}
	for i := range in.Configurations {
		t.devices[in.Configurations[i].ID] = &in.Configurations[i]
	}
	for i := range in.Managed {
		t.index(&in.Managed[i])
	}
	return t
}

func (t *tenantPlanner) index(m *Managed) {
	if m.Kind != KindAddition && m.Kind != KindConfiguration {
		return
	}
	serial := foldSerial(m.Serial)
	t.bySerial[serial] = append(t.bySerial[serial], m)
	t.taken[m.Kind][m.CWMID] = m
	if m.TenantID != t.in.Tenant.ID {
		return
	}
	t.own[objectRef{m.Kind, m.ParentID, m.Key}] = m
	if m.EndedByHand.IsZero() && m.Facts[FactEnded] == "" {
		t.objects++
	}
}

// parent is the agreement of additions and the company of configurations.
func (t *tenantPlanner) parent(kind Kind) int {
	if kind == KindAddition {
		return t.in.Agreement.ID
	}
	return t.in.Company.ID
}

func foldSerial(serial string) string { return strings.ToUpper(strings.TrimSpace(serial)) }

// readReport sorts the products into what is to be there, what is listed and what is gone. Two rows for one serial and catalog
// item are one product, the last row counting.
func (t *tenantPlanner) readReport() {
	at := make(map[string]int, len(t.in.Report.Products))
	for i := range t.in.Report.Products {
		p := &t.in.Report.Products[i]
		serial := foldSerial(p.Serial)
		if p.Gone() {
			t.gone[serial] = true
		}
		if !p.synced() {
			continue
		}
		t.listed[serial] = true
		place := PlacementOf(p.Line)
		if !place.Known {
			t.notef(LogWarn, "%s (%s) is of the product line %q, which the integration does not know: it is kept in the catalog only.",
				p.Name, p.Serial, string(p.Line))
			continue
		}
		c := &candidate{Product: p, place: place, identifier: CatalogIdentifier(p.Name, p.Tier), problems: p.problems()}
		key := AdditionKey(c.identifier, serial)
		if at, twice := at[key]; twice {
			t.notef(LogWarn, "MySonicWall lists %s (%s) twice; the last row counts.", p.Name, p.Serial)
			t.candidates[at] = c
			continue
		}
		at[key] = len(t.candidates)
		t.candidates = append(t.candidates, c)
		if first, ok := t.identified[serial]; ok && first != c.identifier {
			t.twofold[serial] = true
		}
		t.identified[serial] = c.identifier
	}
	slices.SortStableFunc(t.candidates, func(a, b *candidate) int {
		return cmp.Or(cmp.Compare(a.Serial, b.Serial), cmp.Compare(a.identifier, b.identifier), cmp.Compare(a.Line, b.Line))
	})
}

func (t *tenantPlanner) notef(level LogLevel, format string, args ...any) {
	t.plan.Notes = append(t.plan.Notes, Note{Level: level, Text: fmt.Sprintf(format, args...)})
}

// managed is this tenant's note of a record, nil when it has none.
func (t *tenantPlanner) managed(kind Kind, key string) *Managed {
	return t.own[objectRef{kind, t.parent(kind), key}]
}

// observe changes what is noted about a managed record; only differences become observations.
func (t *tenantPlanner) observe(m *Managed, change func(*Observation)) {
	o, ok := t.seen[m]
	if !ok {
		o = Observation{Kind: m.Kind, Key: m.Key, ParentID: m.ParentID, MissedSince: m.MissedSince, EndedByHand: m.EndedByHand}
	}
	change(&o)
	t.seen[m] = o
}

// endedByHand notes that a person ended a record; it is not touched again until a person resumes it (R52).
func (t *tenantPlanner) endedByHand(m *Managed, what string) {
	t.observe(m, func(o *Observation) { o.EndedByHand, o.Facts = t.in.Today, o.Facts.With(Fields{FactEndedHow: what}) })
	t.notef(LogInfo, "The %s %s was %s in ConnectWise by a person; it is left alone until somebody resumes it.", m.Kind, m.Key, what)
}

// lost decides about a managed record that its list lacks: asked for by id first, because lists may lag. The record is left
// alone now in any case.
func (t *tenantPlanner) lost(m *Managed) {
	verified := t.in.VerifiedAdditions
	if m.Kind == KindConfiguration {
		verified = t.in.VerifiedConfigurations
	}
	exists, asked := verified[m.CWMID]
	switch {
	case !asked && m.Kind == KindConfiguration:
		t.plan.UnverifiedConfigurations = append(t.plan.UnverifiedConfigurations, m.CWMID)
	case !asked:
		t.plan.UnverifiedAdditions = append(t.plan.UnverifiedAdditions, LineRef{m.ParentID, m.CWMID})
	case exists:
		t.notef(LogWarn, "The %s %s exists in ConnectWise but was not in its list; it is looked at again in the next run.", m.Kind, m.Key)
	default:
		t.endedByHand(m, EndedDeleted)
	}
}

// change starts a row about a product's record.
func (t *tenantPlanner) change(kind Kind, action Action, key string, c *candidate) Change {
	return Change{TenantID: t.in.Tenant.ID, Kind: kind, Action: action, Key: key, ParentID: t.parent(kind), Serial: c.Serial,
		Subject: subject(kind, *c.Product), Status: StatusPlanned}
}

// subject names a product for a person: with its tier, a device with its own name.
func subject(kind Kind, p Product) string {
	second := strings.ToLower(string(p.Tier))
	if kind == KindConfiguration && p.FriendlyName != "" {
		return p.Name + " · " + CleanName(p.FriendlyName)
	}
	if second == "" {
		return p.Name
	}
	return p.Name + " · " + strings.ToUpper(second[:1]) + second[1:]
}

func (t *tenantPlanner) add(change Change) { t.plan.Changes = append(t.plan.Changes, change) }

func (t *tenantPlanner) addFailed(change Change, reason Reason, message string) {
	change.Status, change.Reason, change.Message = StatusFailed, reason, message
	t.add(change)
}

// finish puts rows, observations and questions in an order that does not depend on MySonicWall's.
func (t *tenantPlanner) finish() TenantPlan {
	slices.SortStableFunc(t.plan.Changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Serial, b.Serial), later(a)-later(b), cmp.Compare(a.Key, b.Key))
	})
	for m, o := range t.seen {
		same := o.MissedSince == m.MissedSince && o.EndedByHand == m.EndedByHand && (o.TenantID == "" || o.TenantID == m.TenantID)
		for name, value := range o.Facts {
			same = same && m.Facts[name] == value
		}
		if !same {
			t.plan.Observations = append(t.plan.Observations, o)
		}
	}
	slices.SortFunc(t.plan.Observations, func(a, b Observation) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ParentID, b.ParentID), cmp.Compare(a.Key, b.Key))
	})
	slices.SortFunc(t.plan.Notes, func(a, b Note) int { return cmp.Or(cmp.Compare(a.Level, b.Level), cmp.Compare(a.Text, b.Text)) })
	slices.SortFunc(t.plan.UnverifiedAdditions, func(a, b LineRef) int {
		return cmp.Or(cmp.Compare(a.AgreementID, b.AgreementID), cmp.Compare(a.ID, b.ID))
	})
	slices.Sort(t.plan.UnverifiedConfigurations)
	t.plan.Spent = t.overtaken()
	return t.plan
}

// later puts the old half of a linked change after the new one, which it needs, and a detachment after its attachment.
func later(c Change) int {
	switch {
	case c.LinkedEnd():
		return 1
	case c.Kind == KindConfiguration && c.Action == ActionAttach:
		return 2
	case c.Detaches():
		return 3
	}
	return 0
}
