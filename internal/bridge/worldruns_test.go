package bridge

import (
	"maps"
	"slices"
)

// Runs of the small ConnectWise: compared as a whole, then applied row by row.

// planned is a whole run as it was compared, before anything is written.
type planned struct {
	shared  SharedPlan
	tenants []TenantPlan
}

func (w *world) planAll() planned {
	state := w.state()
	var demand Demand
	var out planned
	for _, tenant := range w.tenants {
		switch {
		case tenant.still() && tenant.ending:
			out.tenants = append(out.tenants, w.planHow(tenant, state, PlanEndBilling))
			continue
		case tenant.still(), tenant.unread:
			out.tenants = append(out.tenants, TenantPlan{})
			continue
		}
		if Blocked(w.input(tenant, state)) == "" {
			demand.Merge(DemandOf(tenant.products))
		}
		out.tenants = append(out.tenants, w.plan(tenant, state))
	}
	out.shared = PlanShared(demand, state)
	return out
}

// sync compares everything and applies what is planned. What ConnectWise overtook meanwhile is planned anew, once.
func (w *world) sync() planned {
	p := w.planAll()
	failed := map[string]bool{}
	w.keep(p)
	w.apply(p.shared.Changes, failed)
	for i, tenant := range p.tenants {
		if w.apply(tenant.Changes, maps.Clone(failed)) {
			again := w.plan(w.tenants[i], w.state())
			w.keepOne(i, again)
			w.apply(again.Changes, maps.Clone(failed))
			p.tenants[i].Changes = append(onlyApplied(tenant.Changes), again.Changes...)
		}
	}
	return p
}

func onlyApplied(changes []Change) []Change {
	return slices.DeleteFunc(changes, func(c Change) bool { return c.Status != StatusApplied })
}

// keep stores a plan as a compare does, before anything is written: what it learned, and what a limit holds.
func (w *world) keep(p planned) {
	for i, plan := range p.tenants {
		w.keepOne(i, plan)
	}
}

func (w *world) keepOne(i int, plan TenantPlan) {
	w.learn(plan)
	if t := w.tenants[i]; t.still() || t.unread || plan.Failure != "" && len(plan.Changes) == 0 {
		return
	}
	held := map[string]Reason{}
	for _, c := range plan.Changes {
		if c.Status == StatusHeld && (c.Reason == ReasonShare || c.Reason == ReasonNewAdditions) {
			held[RecordNeed(c.Kind, c.ParentID, c.Key)] = c.Reason
		}
	}
	w.limited[w.tenants[i].tenant.ID] = held
}

// part notes that a person released a row: what a limit held together with it waits from then on.
func (w *world) part(c Change) {
	for need, reason := range w.limited[c.TenantID] {
		if reason == c.Reason {
			w.parted[c.TenantID+"/"+string(reason)+"/"+need] = true
		}
	}
}

// waiting are the rows that a limit held and of whose batch a person released others.
func (w *world) waiting(tenant string) map[string]Reason {
	out := map[string]Reason{}
	for need, reason := range w.limited[tenant] {
		if w.parted[tenant+"/"+string(reason)+"/"+need] {
			out[need] = reason
		}
	}
	return out
}

// learn notes what a compare saw without writing.
func (w *world) learn(plan TenantPlan) {
	for _, o := range plan.Observations {
		ref := objectRef{o.Kind, o.ParentID, o.Key}
		w.managed[ref] = w.managed[ref].Observed(o)
	}
}

// writes are the rows of a plan that would be sent, apart from those that wait for a record that cannot be written.
func (p planned) writes() []Change { return p.taken(func(Change) string { return "" }) }

// taken are the rows that would be sent and that ConnectWise would not refuse.
func (p planned) taken(refuses func(Change) string) []Change {
	failed := map[string]bool{}
	var out []Change
	all := slices.Clone(p.shared.Changes)
	for _, tenant := range p.tenants {
		all = append(all, tenant.Changes...)
	}
	for _, c := range all {
		if c.Status != StatusPlanned || anyOf(c.Needs, failed) || refuses(c) != "" {
			fails(c, failed)
			continue
		}
		out = append(out, c)
	}
	return out
}

// fails notes that a record did not come to stand; a row that only waits to change one that stands fails nothing.
func fails(c Change, failed map[string]bool) {
	if c.Action == ActionCreate || c.Action == ActionAdopt {
		failed[NeedKey(c.Kind, c.Key)], failed[RecordNeed(c.Kind, c.ParentID, c.Key)] = true, true
	}
}

func anyOf(needs []string, failed map[string]bool) bool {
	return slices.ContainsFunc(needs, func(need string) bool { return failed[need] })
}

// apply writes rows in order. It tells whether ConnectWise had overtaken one.
func (w *world) apply(changes []Change, failed map[string]bool) (stale bool) {
	w.t.Helper()
	for i, c := range changes {
		switch {
		case c.Status != StatusPlanned:
			fails(c, failed)
		case anyOf(c.Needs, failed):
			fails(c, failed)
			w.mark(&changes[i], ReasonNeeds, "not written, because what it needs is not there")
		case w.refuses != nil && w.refuses(c) != "":
			fails(c, failed)
			w.mark(&changes[i], ReasonRejected, w.refuses(c))
		case w.refuses != nil && c.Kind == KindAddition && len(StaleFields(c.Before, w.additions[c.CWMID].Fields())) > 0:
			fails(c, failed)
			changes[i].Status, stale = StatusStale, true
		default:
			w.carryOut(c)
			w.mark(&changes[i], "", "")
		}
	}
	return stale
}

// carryOut writes one change and notes it.
func (w *world) carryOut(c Change) {
	w.t.Helper()
	for _, need := range c.Needs {
		w.mustStand(c, need)
	}
	ref := objectRef{c.Kind, c.ParentID, c.Key}
	if c.CWMID == 0 {
		c.CWMID = w.managed[ref].CWMID
	}
	w.write(&c)
	w.managed[ref] = ManagedAfter(w.managed[ref], c)
}

// mark says on a row what became of it; the old half of a linked change whose new one failed is no failure of its own.
func (w *world) mark(c *Change, reason Reason, message string) {
	switch {
	case w.refuses == nil:
	case reason == "":
		c.Status = StatusApplied
	case reason == ReasonNeeds && c.LinkedEnd():
		c.Status, c.Reason, c.Message = StatusSkipped, reason, message
	default:
		c.Status, c.Reason, c.Message = StatusFailed, reason, message
	}
}

func (w *world) mustStand(c Change, need string) {
	w.t.Helper()
	for ref, m := range w.managed {
		if (NeedKey(ref.kind, ref.key) == need || RecordNeed(ref.kind, ref.parent, ref.key) == need) && m.CWMID != 0 {
			return
		}
	}
	w.t.Fatalf("%s %s %s needs %s, which does not stand", c.Action, c.Kind, c.Key, need)
}
