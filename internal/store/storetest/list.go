package storetest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"causeway/internal/bridge"
	"causeway/internal/store"
)

// heldChanges: what waits for a person is what the newest compare of each tenant held.
func heldChanges(t *testing.T, s *store.Store) {
	account := Account(t, s, "held")
	tenants := Tenants(t, s, account.ID, 3)
	hold := func(run bridge.Run, tenant bridge.Tenant, numbers ...int) {
		t.Helper()
		p := store.PlannedTenant{TenantID: tenant.ID, NeedSync: len(numbers) > 0, Status: bridge.TenantUnchanged}
		for _, number := range numbers {
			c := Addition(tenant, number)
			c.Status, c.Reason = bridge.StatusHeld, bridge.ReasonZeroQuantity
			if number > 0 {
				c.NextInvoice = bridge.Date{}
			}
			p.Plan.Changes = append(p.Plan.Changes, c)
		}
		require.NoError(t, s.SavePlan(t.Context(), run, []store.PlannedTenant{p}))
	}
	now := func() []string {
		t.Helper()
		changes, err := s.HeldChanges(t.Context(), account.ID)
		require.NoError(t, err)
		var serials []string
		for _, c := range changes {
			serials = append(serials, c.Serial)
		}
		summary, err := s.Summary(t.Context(), account.ID)
		require.NoError(t, err)
		assert.Equal(t, len(serials), summary.HeldChanges)
		return serials
	}
	serial := func(tenant, number int) string { return Addition(tenants[tenant], number).Serial }
	first := OpenSync(t, s, account, tenants)
	hold(first, tenants[0], 1, 0)
	hold(first, tenants[1], 0)
	hold(first, tenants[2], 0)
	assert.Equal(t, []string{serial(0, 0), serial(1, 0), serial(2, 0), serial(0, 1)}, now(), "what touches an invoice first")

	second := OpenSync(t, s, account, tenants)
	hold(second, tenants[0], 1)
	hold(second, tenants[1])
	require.NoError(t, s.SavePlan(t.Context(), second, []store.PlannedTenant{{TenantID: tenants[2].ID, NeedSync: true, Message: "MySonicWall was away"}}))
	assert.Equal(t, []string{serial(2, 0), serial(0, 1)}, now(), "a tenant that could not be compared keeps what it held")
	preview, _, err := s.OpenRun(t.Context(), store.OpenRun{AccountID: account.ID, Kind: bridge.RunPreview, Tenants: tenants})
	require.NoError(t, err)
	hold(preview, tenants[1], 0)
	assert.Equal(t, []string{serial(2, 0), serial(0, 1)}, now(), "a preview holds nothing")
}

func changeList(t *testing.T, s *store.Store) {
	account := Account(t, s, "changes")
	tenants := Tenants(t, s, account.ID, 2)
	first := OpenSync(t, s, account, tenants)
	full := Addition(tenants[0], 0)
	full.Action, full.CWMID, full.BillsZero = bridge.ActionCancel, 5, true
	full.Before, full.Reason, full.Message, full.VendorAnswer = bridge.Fields{"quantity": "1"}, bridge.ReasonShare, "msg", "400 no"
	full.Status = bridge.StatusHeld
	plain := bridge.Change{
		TenantID: tenants[1].ID, Kind: bridge.KindConfiguration, Action: bridge.ActionUpdate, Key: "Firewall/Q", ParentID: 9, Serial: "Q",
		Subject: "Büro Süd", Status: bridge.StatusPlanned,
	}
	require.NoError(t, s.SavePlan(t.Context(), first, []store.PlannedTenant{
		{TenantID: tenants[0].ID, NeedSync: true, Plan: bridge.TenantPlan{Changes: []bridge.Change{full, Addition(tenants[0], 1)}}},
		{TenantID: tenants[1].ID, NeedSync: true, Plan: bridge.TenantPlan{Changes: []bridge.Change{plain}}},
	}))
	second := OpenSync(t, s, account, tenants)
	require.NoError(t, s.SaveSharedPlan(t.Context(), second, bridge.SharedPlan{Changes: []bridge.Change{
		{Kind: bridge.KindQuestion, Action: bridge.ActionCreate, Key: "Firewall/Gateway", Subject: "Gateway", Status: bridge.StatusPlanned},
	}}))
	all, total, err := s.Changes(t.Context(), store.ChangeFilter{AccountID: account.ID})
	require.NoError(t, err)
	require.Equal(t, 4, total)
	for i := range 3 {
		assert.Greater(t, all[i].ID, all[i+1].ID, "over all runs the newest come first")
	}
	full.ID, full.RunID = all[3].ID, first.ID
	assert.Empty(t, cmp.Diff(full, all[3]))
	assert.Equal(t, "Gateway", all[0].Subject)

	none, one := "", tenants[1].ID
	for name, c := range map[string]struct {
		filter store.ChangeFilter
		want   int
	}{
		"run":          {store.ChangeFilter{RunID: first.ID}, 3},
		"tenant":       {store.ChangeFilter{TenantID: &one}, 1},
		"shared":       {store.ChangeFilter{TenantID: &none}, 1},
		"kinds":        {store.ChangeFilter{Kinds: []string{"addition", "question"}}, 3},
		"actions":      {store.ChangeFilter{Actions: []string{"update", "cancel"}}, 2},
		"statuses":     {store.ChangeFilter{Statuses: []string{"skipped"}}, 2},
		"subject":      {store.ChangeFilter{Query: "büro"}, 1},
		"other case":   {store.ChangeFilter{Query: "SÜD"}, 1},
		"serial":       {store.ChangeFilter{Query: full.Serial}, 1},
		"no tenant":    {store.ChangeFilter{Query: "tenant 0001"}, 0},
		"tenant too":   {store.ChangeFilter{Query: "tenant 0001", OfTenants: true}, 1},
		"its id too":   {store.ChangeFilter{Query: "t-0000", OfTenants: true}, 2},
		"product too":  {store.ChangeFilter{Query: "büro", OfTenants: true}, 1},
		"invoice":      {store.ChangeFilter{Touches: store.TouchesInvoice}, 1},
		"ends":         {store.ChangeFilter{Touches: store.TouchesEnds}, 1},
		"zero":         {store.ChangeFilter{Touches: store.TouchesZero}, 0},
		"combinations": {store.ChangeFilter{RunID: first.ID, Kinds: []string{"addition"}, Touches: store.TouchesEnds, Query: "capture"}, 1},
		"nothing":      {store.ChangeFilter{RunID: first.ID, Query: "gateway"}, 0},
	} {
		c.filter.AccountID = account.ID
		rows, total, err := s.Changes(t.Context(), c.filter)
		require.NoError(t, err, name)
		assert.Len(t, rows, c.want, name)
		assert.Equal(t, c.want, total, name)
		streamed := 0
		require.NoError(t, s.EachChange(t.Context(), c.filter, func(bridge.Change) error { streamed++; return nil }))
		assert.Equal(t, c.want, streamed, name)
	}
	page, total, err := s.Changes(t.Context(), store.ChangeFilter{AccountID: account.ID, Before: all[1].ID, Limit: 1})
	require.NoError(t, err)
	require.Len(t, page, 1)
	assert.Equal(t, all[2].ID, page[0].ID)
	assert.Equal(t, 4, total)
	page, _, err = s.Changes(t.Context(), store.ChangeFilter{AccountID: account.ID, RunID: first.ID, Offset: 2, Limit: 5})
	require.NoError(t, err)
	require.Len(t, page, 1)
	assert.Equal(t, "Q", page[0].Serial)

	sums, err := s.ChangeCounts(t.Context(), first.ID, "")
	require.NoError(t, err)
	assert.Equal(t, store.ChangeSums{
		Total: 3, ByKind: map[bridge.Kind]int{bridge.KindAddition: 2, bridge.KindConfiguration: 1},
		ByAction: map[bridge.Action]int{bridge.ActionCancel: 1, bridge.ActionCreate: 1, bridge.ActionUpdate: 1},
		ByStatus: map[bridge.Status]int{bridge.StatusHeld: 1, bridge.StatusSkipped: 2}, Invoice: 1, Ends: 1, Tenants: 2,
		Paired: map[bridge.Kind]int{bridge.KindAddition: 0, bridge.KindConfiguration: 0},
	}, sums)
	sums, err = s.ChangeCounts(t.Context(), first.ID, tenants[1].ID)
	require.NoError(t, err)
	assert.Equal(t, 1, sums.Total)
	assert.Equal(t, 1, sums.Tenants)

	tenants = Tenants(t, s, account.ID, 2)
	long := OpenSync(t, s, account, tenants)
	Plan(t, s, long, tenants, 600)
	last, count := int64(0), 0
	stop := errors.New("stop")
	err = s.EachChange(t.Context(), store.ChangeFilter{AccountID: account.ID, RunID: long.ID}, func(c bridge.Change) error {
		assert.Greater(t, c.ID, last)
		last = c.ID
		count++
		if count == 1100 {
			return stop
		}
		_, err := s.Change(t.Context(), account.ID, c.ID)
		return err
	})
	require.ErrorIs(t, err, stop)
	assert.Equal(t, 1100, count)
}

// touches is what an invoice would show of a plan: what a rule failed or skipped is not there, what is held does not bill yet (R19).
func touches(t *testing.T, s *store.Store) {
	account := Account(t, s, "touches")
	tenants := Tenants(t, s, account.ID, 1)
	run := OpenSync(t, s, account, tenants)
	var changes []bridge.Change
	for i, status := range []bridge.Status{bridge.StatusPlanned, bridge.StatusHeld, bridge.StatusFailed, bridge.StatusSkipped} {
		added, ended := Addition(tenants[0], 2*i), Addition(tenants[0], 2*i+1)
		added.Status, added.BillsZero = status, true
		ended.Status, ended.Action = status, bridge.ActionCancel
		changes = append(changes, added, ended)
	}
	require.NoError(t, s.SavePlan(t.Context(), run, []store.PlannedTenant{{TenantID: tenants[0].ID, NeedSync: true, Plan: bridge.TenantPlan{Changes: changes}}}))
	for touched, want := range map[string]int{store.TouchesInvoice: 4, store.TouchesEnds: 2, store.TouchesZero: 1} {
		_, total, err := s.Changes(t.Context(), store.ChangeFilter{AccountID: account.ID, Touches: touched})
		require.NoError(t, err)
		assert.Equal(t, want, total, touched)
	}
	sums, err := s.ChangeCounts(t.Context(), run.ID, "")
	require.NoError(t, err)
	assert.Equal(t, [3]int{4, 2, 1}, [3]int{sums.Invoice, sums.Ends, sums.Zero})
}

func summaries(t *testing.T, s *store.Store) {
	idle, busy := Account(t, s, "idle"), Account(t, s, "busy")
	tenants := Tenants(t, s, busy.ID, 4)
	SaveTenants(t, s, busy.ID, append(tenants[:3:3], bridge.Tenant{ID: "new", Name: "New"})...)
	off := tenants[1].Mapping
	off.Enabled = false
	ended := OpenSync(t, s, busy, tenants[:3])
	for i, status := range []bridge.TenantStatus{bridge.TenantFailed, bridge.TenantFailed, bridge.TenantSynced} {
		_, err := s.EndTenant(t.Context(), ended.ID, tenants[i].ID, status, "")
		require.NoError(t, err)
	}
	_, err := s.CloseRun(t.Context(), ended.ID, "", "")
	require.NoError(t, err)
	require.NoError(t, s.SaveMappings(t.Context(), busy.ID, []store.MappingChange{{TenantID: tenants[1].ID, Mapping: off}}, "me"))
	require.NoError(t, s.MissNight(t.Context(), busy.ID, bridge.MustDate("2026-11-23"), "paused"))
	running := OpenSync(t, s, busy, tenants[:1])

	got, err := s.Summaries(t.Context())
	require.NoError(t, err)
	require.Len(t, got, 2)
	last, err := s.Run(t.Context(), ended.ID)
	require.NoError(t, err)
	busyNow, err := s.AccountByID(t.Context(), busy.ID)
	require.NoError(t, err)
	want := store.Summary{
		Account: busyNow, LastRun: &last, RunningRun: running.ID, TenantsTotal: 5, TenantsEnabled: 3, TenantsUnmapped: 1, TenantsMissing: 1,
		TenantsFrozen: 2, // the missing one, and the one that was switched off
		FailedTenants: 1, // the other failed one was switched off since
		SyncedTenants: 1,
	}
	assert.Empty(t, cmp.Diff(want, got[0], compareDecimals))
	assert.Equal(t, idle.ID, got[1].Account.ID)
	assert.Nil(t, got[1].LastRun)
	one, err := s.Summary(t.Context(), busy.ID)
	require.NoError(t, err)
	assert.Empty(t, cmp.Diff(want, one, compareDecimals))
	_, err = s.Summary(t.Context(), 4711)
	requireCode(t, bridge.CodeNotFound, err)
}

// prune removes what is old, but never a tenant's last run, what is held, or a write that may have been done.
func prune(t *testing.T, s *store.Store) {
	account := Account(t, s, "prune")
	tenants := Tenants(t, s, account.ID, 2)
	var old []bridge.Run
	for range 8 {
		run := OpenSync(t, s, account, tenants)
		Plan(t, s, run, tenants, 1)
		require.NoError(t, s.AppendLogs(t.Context(), []bridge.LogLine{{RunID: run.ID, Text: "x"}}))
		for _, tenant := range tenants {
			_, err := s.EndTenant(t.Context(), run.ID, tenant.ID, bridge.TenantSynced, "")
			require.NoError(t, err)
		}
		old = append(old, run)
		if len(old) == 3 {
			requireClaim(t, s, run, pendingOf(t, s, run, tenants[0])[0].ID, true)
		}
		_, err := s.CloseRun(t.Context(), run.ID, "", "")
		require.NoError(t, err)
	}
	last := OpenSync(t, s, account, tenants[:1])
	_, err := s.EndTenant(t.Context(), last.ID, tenants[0].ID, bridge.TenantSynced, "")
	require.NoError(t, err)
	_, err = s.CloseRun(t.Context(), last.ID, "", "")
	require.NoError(t, err)
	running := OpenSync(t, s, account, tenants[:1])

	pruned, err := s.Prune(t.Context(), account.ID, time.Now().Add(-time.Hour))
	require.NoError(t, err)
	assert.Zero(t, pruned, "nothing is older")
	pruned, err = s.Prune(t.Context(), account.ID, time.Now().Add(time.Hour))
	require.NoError(t, err)
	assert.Equal(t, 6, pruned)
	left, err := s.Runs(t.Context(), account.ID, store.RunFilter{})
	require.NoError(t, err)
	assert.Equal(t, []int64{running.ID, last.ID, old[7].ID, old[2].ID}, runIDs(left))
	_, total, err := s.Changes(t.Context(), store.ChangeFilter{AccountID: account.ID})
	require.NoError(t, err)
	assert.Equal(t, 4, total)
	lines, err := s.Logs(t.Context(), store.LogFilter{AccountID: account.ID})
	require.NoError(t, err)
	assert.Len(t, lines, 2)
	_, total, _, err = s.TenantRuns(t.Context(), old[0].ID, store.TenantRunFilter{})
	require.NoError(t, err)
	assert.Zero(t, total)
}

// textFromOutside: names and answers may hold anything; none of it may stop a run.
func textFromOutside(t *testing.T, s *store.Store) {
	account := Account(t, s, "outside")
	const hostile, kept = "a\x00b\xffc'; DROP TABLE x -- \u2028 \U0001F525 {{ $1 ? @name", "ab\uFFFDc'; DROP TABLE x -- \u2028 \U0001F525 {{ $1 ? @name"
	long := strings.Repeat("ß", 1000)
	tenant := bridge.Tenant{ID: "1", Name: hostile}
	SaveTenants(t, s, account.ID, tenant)
	found, err := s.Tenant(t.Context(), account.ID, hostile)
	require.NoError(t, err)
	assert.Equal(t, kept, found.Name)
	report := bridge.Report{TenantID: "1", Products: []bridge.Product{{Serial: hostile, Name: long, Services: []bridge.Service{{Name: "a\x00b"}}}}}
	_, err = s.SaveReport(t.Context(), account.ID, report, time.Now())
	require.NoError(t, err)
	reports, err := s.Reports(t.Context(), account.ID, []string{"1"})
	require.NoError(t, err)
	assert.Equal(t, kept, reports[0].Products[0].Serial)
	assert.Equal(t, long, reports[0].Products[0].Name)
	require.NoError(t, s.SaveCompanies(t.Context(), account, []bridge.Company{{ID: 1, Name: hostile + long}}, []bridge.Agreement{{ID: 1, Name: hostile + long}}, time.Now()))
	run := OpenSync(t, s, account, []bridge.Tenant{tenant})
	c := bridge.Change{
		Kind: bridge.KindAddition, Key: hostile, Subject: hostile, Serial: hostile, After: bridge.Fields{hostile: hostile + "\x00"}, Message: hostile,
		Why: []bridge.Reasoning{{Rule: hostile}}, Needs: []string{hostile},
	}
	require.NoError(t, s.SavePlan(t.Context(), run, []store.PlannedTenant{{
		TenantID: "1", NeedSync: true, Message: hostile,
		Plan: bridge.TenantPlan{Changes: []bridge.Change{c}, Notes: []bridge.Note{{Text: hostile}}},
	}}))
	pending := pendingOf(t, s, run, tenant)
	require.Len(t, pending, 1)
	assert.Equal(t, kept, pending[0].Key)
	pending[0].VendorAnswer = hostile
	Finish(t.Context(), t, s, run, pending[0], 1)
	managed, err := s.Managed(t.Context(), account.ID, store.ManagedFilter{Serials: []string{hostile}})
	require.NoError(t, err)
	assert.Len(t, managed, 1)
	_, total, err := s.Changes(t.Context(), store.ChangeFilter{AccountID: account.ID, Query: hostile})
	require.NoError(t, err)
	assert.Equal(t, 1, total)
	_, err = s.EndTenant(t.Context(), run.ID, "1", "", hostile)
	require.NoError(t, err)
	_, err = s.CloseRun(t.Context(), run.ID, "", hostile)
	require.NoError(t, err)
}

// separateAccounts: nothing of one account shows in another.
func separateAccounts(t *testing.T, s *store.Store) {
	mine, other := Account(t, s, "mine"), Account(t, s, "other")
	run, tenants := Run(t, s, mine, 1)
	Plan(t, s, run, tenants, 1)
	c := pendingOf(t, s, run, tenants[0])[0]
	Finish(t.Context(), t, s, run, c, 1)
	require.NoError(t, s.SaveReports(t.Context(), mine.ID, Reports(1, 2, 0), time.Now()))
	require.NoError(t, s.SaveCompanies(t.Context(), mine, []bridge.Company{{ID: 1}}, []bridge.Agreement{{ID: 1}}, time.Now()))
	require.NoError(t, s.SaveSetupStep(t.Context(), mine.ID, 1, store.SetupStep{Name: "x"}))

	ctx := t.Context()
	for name, count := range map[string]func(accountID int64) (int, error){
		"companies":  func(id int64) (int, error) { got, err := s.Companies(ctx, id); return len(got), err },
		"agreements": func(id int64) (int, error) { got, err := s.Agreements(ctx, id); return len(got), err },
		"tenants": func(id int64) (int, error) {
			_, total, _, err := s.Tenants(ctx, id, store.TenantFilter{})
			return total, err
		},
		"enabled": func(id int64) (int, error) { got, err := s.EnabledTenants(ctx, id, nil); return len(got), err },
		"reports": func(id int64) (int, error) {
			got, err := s.Reports(ctx, id, []string{tenants[0].ID})
			return len(got[0].Products), err
		},
		"runs": func(id int64) (int, error) { got, err := s.Runs(ctx, id, store.RunFilter{}); return len(got), err },
		"changes": func(id int64) (int, error) {
			_, total, err := s.Changes(ctx, store.ChangeFilter{AccountID: id})
			return total, err
		},
		"changes of a run": func(id int64) (int, error) {
			_, total, err := s.Changes(ctx, store.ChangeFilter{AccountID: id, RunID: run.ID})
			return total, err
		},
		"managed": func(id int64) (int, error) {
			got, err := s.Managed(ctx, id, store.ManagedFilter{})
			return len(got), err
		},
		"logs": func(id int64) (int, error) {
			got, err := s.Logs(ctx, store.LogFilter{AccountID: id})
			return len(got), err
		},
		"steps": func(id int64) (int, error) { got, err := s.SetupSteps(ctx, id); return len(got), err },
	} {
		got, err := count(mine.ID)
		require.NoError(t, err, name)
		assert.Positive(t, got, name)
		got, err = count(other.ID)
		require.NoError(t, err, name)
		assert.Zero(t, got, name)
	}
	_, err := s.Change(ctx, other.ID, c.ID)
	requireCode(t, bridge.CodeNotFound, err)
	_, err = s.Tenant(ctx, other.ID, tenants[0].ID)
	requireCode(t, bridge.CodeNotFound, err)
}
