package storetest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"causeway/internal/bridge"
	"causeway/internal/store"
)

// waitingRow is an addition of a tenant that waits for a person.
func waitingRow(tenant bridge.Tenant, number int) bridge.Change {
	c := Addition(tenant, number)
	c.Status, c.Reason, c.Message = bridge.StatusHeld, bridge.ReasonZeroQuantity, "MySonicWall reports the quantity 0."
	c.Basis = "basis of " + c.Serial
	return c
}

// plan makes changes what the newest compare of a tenant says and answers with them as stored.
func plan(t *testing.T, s *store.Store, run bridge.Run, tenant bridge.Tenant, p bridge.TenantPlan) []bridge.Change {
	t.Helper()
	require.NoError(t, s.SavePlan(t.Context(), run, []store.PlannedTenant{{TenantID: tenant.ID, NeedSync: len(p.Changes) > 0,
		Status: bridge.TenantUnchanged, Plan: p}}))
	rows, _, err := s.Changes(t.Context(), store.ChangeFilter{AccountID: run.AccountID, RunID: run.ID, TenantID: &tenant.ID})
	require.NoError(t, err)
	return rows
}

// heldNow are the ids of what waits for a person, as list, count and tenants agree on.
func heldNow(t *testing.T, s *store.Store, accountID int64) []int64 {
	t.Helper()
	changes, err := s.HeldChanges(t.Context(), accountID)
	require.NoError(t, err)
	var ids []int64
	for _, c := range changes {
		ids = append(ids, c.ID)
	}
	// A linked change (R49) counts once: its first row decides for both.
	leads := map[string]bool{}
	for _, c := range changes {
		if c.Link != "" && !c.LinkedEnd() {
			leads[c.TenantID+c.Link] = true
		}
	}
	alone := 0
	for _, c := range changes {
		if !c.LinkedEnd() || !leads[c.TenantID+c.Link] {
			alone++
		}
	}
	summary, err := s.Summary(t.Context(), accountID)
	require.NoError(t, err)
	assert.Equal(t, alone, summary.HeldChanges)
	tenants, _, chips, err := s.Tenants(t.Context(), accountID, store.TenantFilter{})
	require.NoError(t, err)
	held, with := 0, 0
	for _, tenant := range tenants {
		held += tenant.HeldChanges
		if tenant.HeldChanges > 0 {
			with++
		}
	}
	assert.Equal(t, alone, held)
	assert.Equal(t, with, chips[store.ChipHeld])
	return ids
}

func openDecisions(t *testing.T, s *store.Store, accountID int64) []bridge.Decision {
	t.Helper()
	open, err := s.OpenDecisions(t.Context(), accountID)
	require.NoError(t, err)
	return open
}

func decideOn(t *testing.T, s *store.Store, accountID int64, by string, decides ...store.Decide) {
	t.Helper()
	_, err := s.Decide(t.Context(), accountID, decides, by)
	require.NoError(t, err)
}

func release(id int64) store.Decide { return store.Decide{ChangeID: id, Choice: bridge.ChoiceRelease} }
func dismiss(id int64) store.Decide { return store.Decide{ChangeID: id, Choice: bridge.ChoiceDismiss} }

// decide: what a person decided on no longer waits for one, and the next compare learns what was decided on what.
func decide(t *testing.T, s *store.Store) {
	account := Account(t, s, "decide")
	run, tenants := Run(t, s, account, 1)
	lookAlike := waitingRow(tenants[0], 2)
	lookAlike.Reason, lookAlike.RivalID, lookAlike.Rival = bridge.ReasonLookAlike, 77, bridge.Fields{bridge.FieldQuantity: "3"}
	rows := plan(t, s, run, tenants[0], bridge.TenantPlan{Changes: []bridge.Change{
		waitingRow(tenants[0], 0), waitingRow(tenants[0], 1), lookAlike, waitingRow(tenants[0], 3),
	}})
	require.Len(t, heldNow(t, s, account.ID), 4)

	decided, err := s.Decide(t.Context(), account.ID, []store.Decide{
		release(rows[0].ID), dismiss(rows[1].ID), {ChangeID: rows[2].ID, Choice: bridge.ChoiceAdopt}, release(rows[0].ID),
	}, "ann")
	require.NoError(t, err)
	assert.Empty(t, cmp.Diff(rows[:3], decided), "each row once")
	assert.Equal(t, []int64{rows[3].ID}, heldNow(t, s, account.ID))
	open := openDecisions(t, s, account.ID)
	require.Len(t, open, 3)
	for i, choice := range []bridge.Choice{bridge.ChoiceRelease, bridge.ChoiceDismiss, bridge.ChoiceAdopt} {
		want := bridge.Decision{
			ID: open[i].ID, Kind: rows[i].Kind, Key: rows[i].Key, Serial: rows[i].Serial, Reason: rows[i].Reason, Choice: choice,
			Shown: rows[i].Shown(), Basis: rows[i].Basis, By: "ann", At: open[i].At,
		}
		assert.Empty(t, cmp.Diff(want, open[i]))
	}
	on, err := s.DecisionsOn(t.Context(), account.ID, []int64{rows[1].ID, rows[3].ID})
	require.NoError(t, err)
	assert.Empty(t, cmp.Diff(map[int64]bridge.Decision{rows[1].ID: open[1]}, on))

	next := OpenSync(t, s, account, tenants)
	again := plan(t, s, next, tenants[0], bridge.TenantPlan{Changes: []bridge.Change{waitingRow(tenants[0], 0)}})
	assert.Equal(t, []int64{again[0].ID}, heldNow(t, s, account.ID), "a row that is held anew waits anew")
	decideOn(t, s, account.ID, "bob", dismiss(again[0].ID))
	open = openDecisions(t, s, account.ID)
	require.Len(t, open, 3)
	assert.Equal(t, "bob", open[2].By, "the decision on the row that is gone gave way")
}

// decideAllOrNothing: an id that cannot be decided on is named, and nothing is written for the others.
func decideAllOrNothing(t *testing.T, s *store.Store) {
	account, other := Account(t, s, "nothing"), Account(t, s, "other")
	run, tenants := Run(t, s, account, 2)
	old := plan(t, s, run, tenants[0], bridge.TenantPlan{Changes: []bridge.Change{waitingRow(tenants[0], 0)}})[0]
	run = OpenSync(t, s, account, tenants)
	failed := waitingRow(tenants[0], 3)
	failed.Status = bridge.StatusFailed
	rows := plan(t, s, run, tenants[0], bridge.TenantPlan{Changes: []bridge.Change{
		waitingRow(tenants[0], 0), waitingRow(tenants[0], 1), Addition(tenants[0], 2), failed,
	}})
	preview, _, err := s.OpenRun(t.Context(), store.OpenRun{AccountID: account.ID, Kind: bridge.RunPreview, Tenants: tenants})
	require.NoError(t, err)
	shown := plan(t, s, preview, tenants[1], bridge.TenantPlan{Changes: []bridge.Change{waitingRow(tenants[1], 0)}})[0]
	otherRun := OpenSync(t, s, other, nil)
	require.NoError(t, s.SaveSharedPlan(t.Context(), otherRun, bridge.SharedPlan{Changes: []bridge.Change{{Status: bridge.StatusHeld}}}))
	foreign, err := s.HeldChanges(t.Context(), other.ID)
	require.NoError(t, err)
	decideOn(t, s, account.ID, "ann", release(rows[1].ID))

	good := release(rows[0].ID)
	for name, c := range map[string]struct {
		bad  store.Decide
		code bridge.Code
		says string
	}{
		"unknown":           {release(4711), bridge.CodeNotFound, "4711"},
		"another account's": {release(foreign[0].ID), bridge.CodeNotFound, "no change"},
		"of an older run":   {release(old.ID), bridge.CodeConflict, "no longer waits"},
		"of a preview":      {release(shown.ID), bridge.CodeConflict, "preview"},
		"planned":           {release(rows[2].ID), bridge.CodeConflict, "no longer waits"},
		"failed":            {release(rows[3].ID), bridge.CodeConflict, "does not wait"},
		"decided before":    {dismiss(rows[1].ID), bridge.CodeConflict, "already released by ann"},
		"no such choice":    {store.Decide{ChangeID: rows[0].ID, Choice: bridge.ChoiceAdopt}, bridge.CodeInvalid, "at once"},
		"a word":            {store.Decide{ChangeID: rows[0].ID, Choice: "perhaps"}, bridge.CodeInvalid, "at once"},
	} {
		_, err := s.Decide(t.Context(), account.ID, []store.Decide{good, c.bad}, "bob")
		assert.Contains(t, requireCode(t, c.code, err).Message, c.says, name)
		assert.Len(t, openDecisions(t, s, account.ID), 1, "%s: nothing was written", name)
	}
	_, err = s.Decide(t.Context(), account.ID, []store.Decide{{ChangeID: rows[0].ID, Choice: bridge.ChoiceAdopt}}, "bob")
	assert.Contains(t, requireCode(t, bridge.CodeConflict, err).Message, "released or dismissed")
	_, err = s.Decide(t.Context(), 4711, []store.Decide{good}, "bob")
	requireCode(t, bridge.CodeNotFound, err)
	assert.Equal(t, []int64{rows[0].ID}, heldNow(t, s, account.ID))
}

// decideLinked holds R49: both halves of a linked change are decided on by its first.
func decideLinked(t *testing.T, s *store.Store) {
	account := Account(t, s, "linked")
	run, tenants := Run(t, s, account, 2)
	starts, ends := waitingRow(tenants[0], 0), waitingRow(tenants[0], 1)
	starts.Link, ends.Link, ends.Action = "move-1", "move-1", bridge.ActionCancel
	rows := plan(t, s, run, tenants[0], bridge.TenantPlan{Changes: []bridge.Change{starts, ends}})
	elsewhere := waitingRow(tenants[1], 0)
	elsewhere.Link = "move-1"
	other := plan(t, s, run, tenants[1], bridge.TenantPlan{Changes: []bridge.Change{elsewhere}})
	require.Len(t, heldNow(t, s, account.ID), 3)
	_, err := s.Decide(t.Context(), account.ID, []store.Decide{release(rows[1].ID)}, "ann")
	assert.Contains(t, requireCode(t, bridge.CodeConflict, err).Message, "stands for both")
	decideOn(t, s, account.ID, "ann", release(rows[0].ID))
	assert.Equal(t, []int64{other[0].ID}, heldNow(t, s, account.ID), "the end does not wait for itself")
}

// decideBillFrom: a line that ConnectWise refused for its date is answered with the date that it would take.
func decideBillFrom(t *testing.T, s *store.Store) {
	account := Account(t, s, "refused")
	run, tenants := Run(t, s, account, 1)
	Plan(t, s, run, tenants, 2)
	pending := pendingOf(t, s, run, tenants[0])
	for i, from := range []string{"2026-12-01", ""} {
		c := pending[i]
		c.Status, c.Reason, c.BillFrom = bridge.StatusFailed, bridge.ReasonRejected, bridge.Date{}
		if from != "" {
			c.BillFrom = bridge.MustDate(from)
		}
		require.NoError(t, s.FinishChange(t.Context(), run, c, nil, nil))
	}
	refused, err := s.RefusedChanges(t.Context(), account.ID)
	require.NoError(t, err)
	require.Len(t, refused, 1, "only where ConnectWise would take another date")
	assert.Equal(t, pending[0].ID, refused[0].ID)
	assert.Equal(t, []bridge.Choice{bridge.ChoiceBillFrom}, refused[0].Choices())
	_, err = s.Decide(t.Context(), account.ID, []store.Decide{release(refused[0].ID)}, "ann")
	requireCode(t, bridge.CodeConflict, err)
	decideOn(t, s, account.ID, "ann", store.Decide{ChangeID: refused[0].ID, Choice: bridge.ChoiceBillFrom})
	open := openDecisions(t, s, account.ID)
	require.Len(t, open, 1)
	assert.Equal(t, bridge.MustDate("2026-12-01"), open[0].Date)
	refused, err = s.RefusedChanges(t.Context(), account.ID)
	require.NoError(t, err)
	assert.Empty(t, refused)
}

// decisionsSpent: a decision ends with the run that carried it out, or with the facts that overtook it; a preview ends none.
func decisionsSpent(t *testing.T, s *store.Store) {
	account, other := Account(t, s, "spent"), Account(t, s, "other")
	run, tenants := Run(t, s, account, 1)
	rows := plan(t, s, run, tenants[0], bridge.TenantPlan{Changes: []bridge.Change{
		waitingRow(tenants[0], 0), waitingRow(tenants[0], 1), waitingRow(tenants[0], 2),
	}})
	decideOn(t, s, account.ID, "ann", release(rows[0].ID), release(rows[1].ID), dismiss(rows[2].ID))
	open := openDecisions(t, s, account.ID)
	overtaken := bridge.TenantPlan{Spent: []int64{open[2].ID}}
	preview, _, err := s.OpenRun(t.Context(), store.OpenRun{AccountID: account.ID, Kind: bridge.RunPreview, Tenants: tenants})
	require.NoError(t, err)
	plan(t, s, preview, tenants[0], overtaken)
	require.Len(t, openDecisions(t, s, account.ID), 3)
	plan(t, s, OpenSync(t, s, other, []bridge.Tenant{tenants[0]}), tenants[0], overtaken)
	require.Len(t, openDecisions(t, s, account.ID), 3, "another account's run ends none of ours")

	next := OpenSync(t, s, account, tenants)
	carriedOut := overtaken
	for i := range 2 {
		c := Addition(tenants[0], i)
		c.DecisionID, c.Decided = open[i].ID, "ann"
		carriedOut.Changes = append(carriedOut.Changes, c)
	}
	plan(t, s, next, tenants[0], carriedOut)
	pending := pendingOf(t, s, next, tenants[0])
	Finish(t.Context(), t, s, next, pending[0], 1)
	refused := pending[1]
	refused.Status = bridge.StatusFailed
	require.NoError(t, s.FinishChange(t.Context(), next, refused, nil, nil))
	left := openDecisions(t, s, account.ID)
	require.Len(t, left, 1)
	assert.Equal(t, open[1].ID, left[0].ID, "what ConnectWise refused is tried again")
	assert.Equal(t, "ann", changeOf(t, s, account, pending[0].ID).Decided)

	all, total, err := s.Decided(t.Context(), account.ID, store.DecidedFilter{})
	require.NoError(t, err)
	assert.Equal(t, 3, total)
	require.Len(t, all, 3)
	assert.Contains(t, all[0].Outcome, "overtaken")
	assert.False(t, all[0].Spent.IsZero())
	assert.Empty(t, all[1].Outcome)
	assert.Regexp(t, `^written by run \d+$`, all[2].Outcome)
}

func decidedList(t *testing.T, s *store.Store) {
	account := Account(t, s, "list")
	run, tenants := Run(t, s, account, 2)
	var rows []bridge.Change
	for _, tenant := range tenants {
		rows = append(rows, plan(t, s, run, tenant, bridge.TenantPlan{Changes: []bridge.Change{waitingRow(tenant, 0), waitingRow(tenant, 1)}})...)
	}
	for _, row := range rows {
		decideOn(t, s, account.ID, "ann", dismiss(row.ID))
	}
	list := func(filter store.DecidedFilter) (changes []int64, total int) {
		t.Helper()
		decided, total, err := s.Decided(t.Context(), account.ID, filter)
		require.NoError(t, err)
		for _, d := range decided {
			changes = append(changes, d.ChangeID)
		}
		return changes, total
	}
	decided, _, err := s.Decided(t.Context(), account.ID, store.DecidedFilter{Limit: 1})
	require.NoError(t, err)
	assert.Empty(t, cmp.Diff(store.Decided{
		Decision: openDecisions(t, s, account.ID)[3], ChangeID: rows[3].ID, TenantID: tenants[1].ID, Tenant: tenants[1].Name, Subject: rows[3].Subject,
	}, decided[0]), "newest first")
	ids, total := list(store.DecidedFilter{Limit: 2, Before: decided[0].ID})
	assert.Equal(t, []int64{rows[2].ID, rows[1].ID}, ids)
	assert.Equal(t, 4, total)
	ids, total = list(store.DecidedFilter{Limit: 2, Offset: 1})
	assert.Equal(t, []int64{rows[2].ID, rows[1].ID}, ids)
	assert.Equal(t, 4, total)
	ids, total = list(store.DecidedFilter{TenantID: tenants[0].ID, OpenOnly: true})
	assert.Equal(t, []int64{rows[1].ID, rows[0].ID}, ids)
	assert.Equal(t, 2, total)
	plan(t, s, OpenSync(t, s, account, tenants), tenants[0], bridge.TenantPlan{Spent: []int64{openDecisions(t, s, account.ID)[0].ID}})
	ids, _ = list(store.DecidedFilter{TenantID: tenants[0].ID, OpenOnly: true})
	assert.Equal(t, []int64{rows[1].ID}, ids)
}
