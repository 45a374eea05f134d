package bridge

import (
	"fmt"

	"github.com/shopspring/decimal"
)

// applyLimits holds what would change too much of a tenant in one run (R32, and the limit on new additions).
func (t *tenantPlanner) applyLimits() {
	limits := t.in.Settings.Limits
	switch {
	case t.emptyAnswer():
		t.holdEnds(ReasonEmptyAnswer, "MySonicWall lists no products at all for this tenant, where it had some before.")
	case removesTooMuch(t.going, t.objects, limits):
		t.holdEnds(ReasonShare, fmt.Sprintf("%d of %d lines and configurations of this tenant would end in one run, more than %s %%.",
			t.going, t.objects, limits.RemovedShare.Mul(decimal.New(100, 0))))
	}
	t.holdCreations(limits.NewAdditions)
}

// removesTooMuch needs both: more than the share and more than the number (R32). A share of zero switches the limit off.
func removesTooMuch(going, objects int, limits Limits) bool {
	if limits.RemovedShare.IsZero() || going <= limits.RemovedMoreThan {
		return false
	}
	allowed := limits.RemovedShare.Mul(decimal.NewFromInt(int64(objects)))
	return decimal.NewFromInt(int64(going)).GreaterThan(allowed)
}

// holdEnds holds the rows that end something, apart from those that a person released; what was dismissed is dropped.
func (t *tenantPlanner) holdEnds(reason Reason, message string) { t.holdRows(t.ends, reason, message) }

// holdCreations holds all new additions of the tenant when there are more than the limit; zero switches it off.
func (t *tenantPlanner) holdCreations(limit int) {
	var creations []int
	for i, c := range t.plan.Changes {
		if c.Kind == KindAddition && c.Action == ActionCreate && c.Status == StatusPlanned && c.DecisionID == 0 {
			creations = append(creations, i)
		}
	}
	if limit == 0 || len(creations) <= limit {
		return
	}
	t.holdRows(creations, ReasonNewAdditions, fmt.Sprintf("%d new additions would be made for this tenant in one run, more than %d.", len(creations), limit))
}

// holdRows holds rows that were planned, each with the other half of its linked change.
func (t *tenantPlanner) holdRows(rows []int, reason Reason, message string) {
	dropped, waits := map[int]bool{}, map[string]*Change{}
	for _, i := range rows {
		c := &t.plan.Changes[i]
		if c.Status != StatusPlanned || c.DecisionID != 0 {
			continue
		}
		dropped[i] = !t.settle(c, reason, message)
		if c.Link != "" && (dropped[i] || c.Status == StatusHeld) {
			waits[c.Link] = c
		}
	}
	for i := range t.plan.Changes {
		c := &t.plan.Changes[i]
		lead, linked := waits[c.Link]
		if !linked || !c.LinkedEnd() {
			continue
		}
		c.Status, c.Reason, c.Message = lead.Status, lead.Reason, lead.Message
		dropped[i] = lead.Status != StatusHeld
	}
	kept := t.plan.Changes[:0]
	for i, c := range t.plan.Changes {
		if !dropped[i] {
			kept = append(kept, c)
		}
	}
	t.plan.Changes, t.ends = kept, nil
}
