package bridge

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"
)

// applyLimits holds what would change too much of a tenant in one run (R32, and the limit on new additions). What was held so waits
// for a person: that others were released must not let the rest through.
func (t *tenantPlanner) applyLimits() {
	limits := t.in.Settings.Limits
	switch {
	case t.emptyAnswer():
		t.holdRows(t.ends, ReasonEmptyAnswer, "MySonicWall lists no products at all for this tenant, where it had some before.")
	case removesTooMuch(t.going, t.objects, limits):
		t.holdRows(t.ends, ReasonShare, fmt.Sprintf("%d of %d lines and configurations of this tenant would end in one run, more than %s %%.",
			t.going, t.objects, limits.RemovedShare.Mul(decimal.New(100, 0))))
	case !limits.RemovedShare.IsZero():
		t.holdRows(t.heldBefore(t.ends, ReasonShare), ReasonShare, "It was to end together with too many others in one run, and waits for a person since then.")
	}
	t.ends = nil
	t.holdCreations(limits.NewAdditions)
}

// heldBefore are those of the rows that the last compare held for a reason, or that a person dismissed then.
func (t *tenantPlanner) heldBefore(rows []int, reason Reason) []int {
	return slices.DeleteFunc(slices.Clone(rows), func(i int) bool {
		c := t.plan.Changes[i]
		return t.in.Waiting[RecordNeed(c.Kind, c.ParentID, c.Key)] != reason && t.decision(c, reason, ChoiceDismiss) == nil
	})
}

// removesTooMuch needs both: more than the share and more than the number (R32). A share of zero switches the limit off.
func removesTooMuch(going, objects int, limits Limits) bool {
	if limits.RemovedShare.IsZero() || going <= limits.RemovedMoreThan {
		return false
	}
	allowed := limits.RemovedShare.Mul(decimal.NewFromInt(int64(objects)))
	return decimal.NewFromInt(int64(going)).GreaterThan(allowed)
}

// holdCreations holds all new additions of the tenant when there are more than the limit; zero switches it off.
func (t *tenantPlanner) holdCreations(limit int) {
	var creations []int
	for i, c := range t.plan.Changes {
		if c.Kind == KindAddition && c.Action == ActionCreate && c.Status == StatusPlanned && c.DecisionID == 0 {
			creations = append(creations, i)
		}
	}
	switch {
	case limit == 0:
	case len(creations) > limit:
		t.holdRows(creations, ReasonNewAdditions, fmt.Sprintf("%d new additions would be made for this tenant in one run, more than %d.", len(creations), limit))
	default:
		t.holdRows(t.heldBefore(creations, ReasonNewAdditions), ReasonNewAdditions, "It was to be made together with too many others in one run, and waits "+
			"for a person since then.")
	}
}

// holdRows holds rows that were planned, each with the other half of its linked change, apart from those that a person released;
// what was dismissed is dropped.
func (t *tenantPlanner) holdRows(rows []int, reason Reason, message string) {
	dropped, waits, dismissed := map[int]bool{}, map[string]*Change{}, map[string]bool{}
	for _, i := range rows {
		c := &t.plan.Changes[i]
		if c.Status != StatusPlanned || c.DecisionID != 0 {
			continue
		}
		dropped[i] = !t.settle(c, reason, message)
		if c.Link != "" && (dropped[i] || c.Status == StatusHeld) {
			waits[c.Link], dismissed[c.Link] = c, dropped[i]
		}
	}
	for i := range t.plan.Changes {
		c := &t.plan.Changes[i]
		lead, linked := waits[c.Link]
		if !linked || !c.LinkedEnd() {
			continue
		}
		c.Status, c.Reason, c.Message = lead.Status, lead.Reason, lead.Message
		dropped[i] = dismissed[c.Link]
	}
	kept := t.plan.Changes[:0]
	for i, c := range t.plan.Changes {
		if !dropped[i] {
			kept = append(kept, c)
		}
	}
	t.plan.Changes = kept
}
