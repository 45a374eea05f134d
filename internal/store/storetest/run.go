package storetest

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"causeway/internal/bridge"
	"causeway/internal/store"
)

func runs(t *testing.T, s *store.Store) {
	account := Account(t, s, "runs")
	tenants := Tenants(t, s, account.ID, 2)
	run, opened, err := s.OpenRun(t.Context(), store.OpenRun{
		AccountID: account.ID, Kind: bridge.RunSync, By: "command line", Note: "please", LocalDate: bridge.MustDate("2026-11-23"),
		Everything: true, Tenants: tenants, WorkflowID: "sync/runs/1", TemporalID: "temporal-1",
	})
	require.NoError(t, err)
	require.True(t, opened)
	want := bridge.Run{
		ID: run.ID, AccountID: account.ID, Kind: bridge.RunSync, Status: bridge.RunRunning, Phase: bridge.PhaseCollect,
		RequestedBy: "command line", Reason: "please", LocalDate: bridge.MustDate("2026-11-23"), Everything: true, Started: run.Started,
		WorkflowID: "sync/runs/1", TemporalID: "temporal-1", Tenants: bridge.TenantCounts{Total: 2},
	}
	assert.Empty(t, cmp.Diff(want, run))
	assert.WithinDuration(t, time.Now(), run.Started, time.Minute)
	for name, read := range map[string]func() (bridge.Run, error){
		"by id":       func() (bridge.Run, error) { return s.Run(t.Context(), run.ID) },
		"by temporal": func() (bridge.Run, error) { return s.RunByTemporal(t.Context(), "temporal-1") },
	} {
		got, err := read()
		require.NoError(t, err)
		assert.Empty(t, cmp.Diff(want, got), name)
	}
	closed, err := s.CloseRun(t.Context(), run.ID, bridge.RunFailed, "MySonicWall was away for five hours.")
	require.NoError(t, err)
	assert.Equal(t, bridge.RunFailed, closed.Status)
	assert.Equal(t, "MySonicWall was away for five hours.", closed.Reason)
	assert.Equal(t, bridge.PhaseDone, closed.Phase)
	assert.Equal(t, bridge.TenantCounts{Total: 2, Skipped: 2}, closed.Tenants)
	assert.WithinDuration(t, time.Now(), closed.Ended, time.Minute)
	again, err := s.CloseRun(t.Context(), run.ID, bridge.RunCompleted, "other")
	require.NoError(t, err)
	assert.Empty(t, cmp.Diff(closed, again), "closing again changes nothing")

	second := OpenSync(t, s, account, nil)
	third := OpenSync(t, s, account, nil)
	list, err := s.Runs(t.Context(), account.ID, store.RunFilter{})
	require.NoError(t, err)
	assert.Equal(t, []int64{third.ID, second.ID, run.ID}, runIDs(list))
	list, err = s.Runs(t.Context(), account.ID, store.RunFilter{Before: third.ID, Limit: 1})
	require.NoError(t, err)
	assert.Equal(t, []int64{second.ID}, runIDs(list))
	list, err = s.Runs(t.Context(), account.ID, store.RunFilter{By: "command line"})
	require.NoError(t, err)
	assert.Equal(t, []int64{run.ID}, runIDs(list))
	list, err = s.Runs(t.Context(), account.ID, store.RunFilter{Status: bridge.RunRunning})
	require.NoError(t, err)
	assert.Equal(t, []int64{third.ID}, runIDs(list))

	_, err = s.Run(t.Context(), 4711)
	requireCode(t, bridge.CodeNotFound, err)
	_, err = s.RunByTemporal(t.Context(), "")
	requireCode(t, bridge.CodeNotFound, err)
	_, err = s.CloseRun(t.Context(), 4711, "", "")
	requireCode(t, bridge.CodeNotFound, err)
}

func runIDs(runs []bridge.Run) []int64 {
	var ids []int64
	for _, r := range runs {
		ids = append(ids, r.ID)
	}
	return ids
}

// runOpenedTwice is an activity that is tried again after its answer was lost.
func runOpenedTwice(t *testing.T, s *store.Store) {
	account := Account(t, s, "twice")
	tenants := Tenants(t, s, account.ID, 3)
	open := store.OpenRun{
		AccountID: account.ID, Kind: bridge.RunSync, Tenants: tenants, TemporalID: "temporal-1", Night: true,
		LocalDate: bridge.MustDate("2026-11-23"), Requests: []bridge.SyncRequest{{ID: "night"}},
	}
	first, opened, err := s.OpenRun(t.Context(), open)
	require.NoError(t, err)
	require.True(t, opened)
	Plan(t, s, first, tenants, 1)
	second, opened, err := s.OpenRun(t.Context(), open)
	require.NoError(t, err)
	assert.True(t, opened)
	assert.Equal(t, first.ID, second.ID)
	assert.Len(t, pendingOf(t, s, first, tenants[0]), 1, "its rows are still there to be written")
}

// runOvertaken: a run whose workflow was ended from outside must not stand in the way.
func runOvertaken(t *testing.T, s *store.Store) {
	account := Account(t, s, "overtaken")
	old, tenants := Run(t, s, account, 2)
	Plan(t, s, old, tenants, 2)
	sent := pendingOf(t, s, old, tenants[0])[0]
	requireClaim(t, s, old, sent.ID, true)

	next := OpenSync(t, s, account, tenants)
	ended, err := s.Run(t.Context(), old.ID)
	require.NoError(t, err)
	assert.Equal(t, bridge.RunFailed, ended.Status)
	assert.Contains(t, ended.Reason, "overtaken")
	assert.Equal(t, bridge.ChangeCounts{Planned: 4, Skipped: 3}, ended.Changes)
	pending := pendingOf(t, s, old, tenants[0])
	require.Len(t, pending, 1)
	assert.Equal(t, bridge.StatusSending, pending[0].Status, "what may be done stays known as such")

	other := OpenSync(t, s, Account(t, s, "beside"), nil)
	requireRunning(t, s, next.ID)
	requireRunning(t, s, other.ID)
	preview, _, err := s.OpenRun(t.Context(), store.OpenRun{AccountID: account.ID, Kind: bridge.RunPreview})
	require.NoError(t, err)
	requireRunning(t, s, next.ID)
	requireRunning(t, s, preview.ID)
	setup, _, err := s.OpenRun(t.Context(), store.OpenRun{AccountID: account.ID, Kind: bridge.RunSetup})
	require.NoError(t, err)
	requireRunning(t, s, setup.ID)
	requireRunning(t, s, preview.ID)
	ended, err = s.Run(t.Context(), next.ID)
	require.NoError(t, err)
	assert.Equal(t, bridge.RunFailed, ended.Status, "a set-up takes the place of a sync")
}

func requireRunning(t *testing.T, s *store.Store, runID int64) {
	t.Helper()
	run, err := s.Run(t.Context(), runID)
	require.NoError(t, err)
	require.Equal(t, bridge.RunRunning, run.Status)
}

// nights holds R15: one nightly run for each account and local date, whichever start of the night comes first.
func nights(t *testing.T, s *store.Store) {
	account, other := Account(t, s, "nights"), Account(t, s, "other")
	date := bridge.MustDate("2026-11-01")
	open := func(accountID int64, date bridge.Date, night bool) (bridge.Run, bool) {
		t.Helper()
		run, opened, err := s.OpenRun(t.Context(), store.OpenRun{AccountID: accountID, Kind: bridge.RunSync, Night: night, LocalDate: date, By: "night"})
		require.NoError(t, err)
		return run, opened
	}
	byDay, opened := open(account.ID, date, false)
	assert.True(t, opened)
	first, opened := open(account.ID, date, true)
	assert.True(t, opened, "a run by day does not take the night")
	assert.NotEqual(t, byDay.ID, first.ID)
	second, opened := open(account.ID, date, true)
	assert.False(t, opened)
	assert.Equal(t, first.ID, second.ID)
	requireRunning(t, s, first.ID)
	_, opened = open(other.ID, date, true)
	assert.True(t, opened)
	_, opened = open(account.ID, date.AddDays(1), true)
	assert.True(t, opened)

	require.NoError(t, s.MissNight(t.Context(), account.ID, date, "The account was paused."))
	require.NoError(t, s.MissNight(t.Context(), account.ID, date.AddDays(2), "The account was paused."))
	require.NoError(t, s.MissNight(t.Context(), account.ID, date.AddDays(2), "The account was paused."))
	missed, err := s.Runs(t.Context(), account.ID, store.RunFilter{Status: bridge.RunMissed})
	require.NoError(t, err)
	require.Len(t, missed, 1, "a date that has a run was not missed, and one is missed once")
	assert.Equal(t, date.AddDays(2), missed[0].LocalDate)
	assert.Equal(t, "The account was paused.", missed[0].Reason)
	assert.False(t, missed[0].Ended.IsZero())
	_, opened = open(account.ID, date.AddDays(2), true)
	assert.False(t, opened)
}

func nightsAtOnce(t *testing.T, s *store.Store) {
	account := Account(t, s, "race")
	var opened atomic.Int32
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			_, ok, err := s.OpenRun(t.Context(), store.OpenRun{
				AccountID: account.ID, Kind: bridge.RunSync, Night: true, LocalDate: bridge.MustDate("2026-03-29"),
			})
			assert.NoError(t, err)
			if ok {
				opened.Add(1)
			}
		})
	}
	group.Wait()
	assert.EqualValues(t, 1, opened.Load())
}

// requests holds R17: a repeated request finds the run that serves it.
func requests(t *testing.T, s *store.Store) {
	account, other := Account(t, s, "requests"), Account(t, s, "other")
	run, _, err := s.OpenRun(t.Context(), store.OpenRun{
		AccountID: account.ID, Kind: bridge.RunSync, Requests: []bridge.SyncRequest{{ID: "a"}, {ID: "b"}, {By: "no id"}, {ID: "a"}},
	})
	require.NoError(t, err)
	later, _, err := s.OpenRun(t.Context(), store.OpenRun{
		AccountID: account.ID, Kind: bridge.RunSync, Requests: []bridge.SyncRequest{{ID: "a"}, {ID: "c"}},
	})
	require.NoError(t, err)
	for id, want := range map[string]int64{"a": run.ID, "b": run.ID, "c": later.ID} {
		got, found, err := s.RunOfRequest(t.Context(), account.ID, id)
		require.NoError(t, err)
		require.True(t, found, id)
		assert.Equal(t, want, got.ID, id)
	}
	for accountID, id := range map[int64]string{account.ID: "", other.ID: "a"} {
		_, found, err := s.RunOfRequest(t.Context(), accountID, id)
		require.NoError(t, err)
		assert.False(t, found)
	}
}

func progress(t *testing.T, s *store.Store) {
	account := Account(t, s, "progress")
	run, tenants := Run(t, s, account, 4)
	step := store.Progress{
		Phase: bridge.PhaseShared, Collected: 1, Compared: 2, SharedTotal: 3, SharedDone: 4, ToWrite: 5, Written: 6, Slowdowns: 7,
		Calls: bridge.CallCounts{ConnectWise: 8, MySonicWall: 9},
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() { assert.NoError(t, s.AddProgress(t.Context(), run.ID, step)) })
	}
	group.Wait()
	require.NoError(t, s.AddProgress(t.Context(), run.ID, store.Progress{Collected: 1}))
	got, err := s.Run(t.Context(), run.ID)
	require.NoError(t, err)
	want := run
	want.Phase, want.Collected, want.Compared, want.SharedTotal, want.SharedDone = bridge.PhaseShared, 9, 16, 24, 32
	want.ToWrite, want.Written, want.Slowdowns = 40, 48, 56
	want.Calls = bridge.CallCounts{ConnectWise: 64, MySonicWall: 72}
	assert.Empty(t, cmp.Diff(want, got))

	Plan(t, s, run, tenants[:2], 2)
	pending := pendingOf(t, s, run, tenants[0])
	Finish(t.Context(), t, s, run, pending[0], 1)
	pending[1].Status, pending[1].Reason = bridge.StatusFailed, bridge.ReasonRejected
	require.NoError(t, s.FinishChange(t.Context(), run, pending[1], nil, nil))
	got, err = s.Run(t.Context(), run.ID)
	require.NoError(t, err)
	assert.Equal(t, bridge.ChangeCounts{Planned: 4, Applied: 1, Failed: 1}, got.Changes, "counts of a run that runs are those of now")

	failedTenant, err := s.EndTenant(t.Context(), run.ID, tenants[0].ID, "", "")
	require.NoError(t, err)
	assert.Equal(t, bridge.TenantFailed, failedTenant.Status)
	_, err = s.EndTenant(t.Context(), run.ID, tenants[2].ID, bridge.TenantUnchanged, "")
	require.NoError(t, err)
	closed, err := s.CloseRun(t.Context(), run.ID, "", "")
	require.NoError(t, err)
	assert.Equal(t, bridge.RunFailures, closed.Status)
	assert.Equal(t, bridge.TenantCounts{Total: 4, Synced: 1, Failed: 1, Skipped: 2}, closed.Tenants)
	assert.Equal(t, bridge.ChangeCounts{Planned: 4, Applied: 1, Failed: 1, Skipped: 2}, closed.Changes)
	got, err = s.Run(t.Context(), run.ID)
	require.NoError(t, err)
	assert.Empty(t, cmp.Diff(closed, got), "counts are kept")
	skippedTenant, err := s.TenantRun(t.Context(), run.ID, tenants[1].ID)
	require.NoError(t, err)
	assert.Equal(t, bridge.TenantSkipped, skippedTenant.Status)
	assert.Equal(t, bridge.ChangeCounts{Planned: 2, Skipped: 2}, skippedTenant.Changes)

	clean, tenants := OpenSync(t, s, account, tenants[:1]), tenants[:1]
	_, err = s.EndTenant(t.Context(), clean.ID, tenants[0].ID, bridge.TenantSynced, "")
	require.NoError(t, err)
	closed, err = s.CloseRun(t.Context(), clean.ID, "", "")
	require.NoError(t, err)
	assert.Equal(t, bridge.RunCompleted, closed.Status)
	require.NoError(t, s.AddProgress(t.Context(), clean.ID, store.Progress{Phase: bridge.PhaseWrite}))
	got, err = s.Run(t.Context(), clean.ID)
	require.NoError(t, err)
	assert.Equal(t, bridge.PhaseDone, got.Phase, "an ended run stays done")
}

// preview holds R34: its rows are shown and never sent, and stay as planned.
func preview(t *testing.T, s *store.Store) {
	account := Account(t, s, "preview")
	tenants := Tenants(t, s, account.ID, 2)
	none, err := s.LatestPreview(t.Context(), account.ID)
	require.NoError(t, err)
	assert.Nil(t, none)
	sync := OpenSync(t, s, account, tenants)
	run, _, err := s.OpenRun(t.Context(), store.OpenRun{AccountID: account.ID, Kind: bridge.RunPreview, Tenants: tenants})
	require.NoError(t, err)
	missed := bridge.Observation{Kind: bridge.KindAddition, Key: "k", MissedSince: bridge.MustDate("2026-11-23")}
	require.NoError(t, s.SavePlan(t.Context(), run, []store.PlannedTenant{{
		TenantID: tenants[0].ID, Status: bridge.TenantSynced,
		Plan: bridge.TenantPlan{Changes: []bridge.Change{Addition(tenants[0], 0)}, Observations: []bridge.Observation{missed}},
	}}))
	rows, total, err := s.Changes(t.Context(), store.ChangeFilter{AccountID: account.ID, RunID: run.ID})
	require.NoError(t, err)
	require.Equal(t, 1, total)
	requireClaim(t, s, run, rows[0].ID, false)
	requireClaim(t, s, sync, rows[0].ID, false)
	closed, err := s.CloseRun(t.Context(), run.ID, "", "")
	require.NoError(t, err)
	assert.Equal(t, bridge.ChangeCounts{Planned: 1}, closed.Changes)
	rows, _, err = s.Changes(t.Context(), store.ChangeFilter{AccountID: account.ID, RunID: run.ID})
	require.NoError(t, err)
	assert.Equal(t, bridge.StatusPlanned, rows[0].Status)
	requireRunning(t, s, sync.ID)

	latest, err := s.LatestPreview(t.Context(), account.ID)
	require.NoError(t, err)
	assert.Equal(t, run.ID, latest.ID)
	all, err := s.Runs(t.Context(), account.ID, store.RunFilter{})
	require.NoError(t, err)
	assert.Equal(t, []int64{sync.ID}, runIDs(all), "a preview is no run of the history")
	_, total, err = s.Changes(t.Context(), store.ChangeFilter{AccountID: account.ID})
	require.NoError(t, err)
	assert.Zero(t, total, "nor are its changes")
	tenant, _, _, err := s.Tenants(t.Context(), account.ID, store.TenantFilter{IDs: []string{tenants[0].ID}})
	require.NoError(t, err)
	assert.Nil(t, tenant[0].LastRun)
}

func tenantRuns(t *testing.T, s *store.Store) {
	account := Account(t, s, "tenant-runs")
	run, tenants := Run(t, s, account, 5)
	plans := []store.PlannedTenant{{TenantID: tenants[4].ID, Status: bridge.TenantUnchanged, Plan: bridge.TenantPlan{Unchanged: 18}}}
	for _, tenant := range tenants[:3] {
		plans = append(plans, store.PlannedTenant{
			TenantID: tenant.ID, NeedSync: true, Plan: bridge.TenantPlan{Changes: []bridge.Change{Addition(tenant, 0)}, Unchanged: 2},
		})
	}
	require.NoError(t, s.SavePlan(t.Context(), run, plans))
	unchanged, err := s.TenantRun(t.Context(), run.ID, tenants[4].ID)
	require.NoError(t, err)
	assert.Empty(t, cmp.Diff(bridge.TenantRun{
		RunID: run.ID, TenantID: tenants[4].ID, Tenant: tenants[4].Name, Mapping: tenants[4].Mapping, Status: bridge.TenantUnchanged,
		Unchanged: 18, Started: unchanged.Started, Ended: unchanged.Ended,
	}, unchanged))
	assert.False(t, unchanged.Ended.IsZero())

	next, err := s.TenantsToSync(t.Context(), run.ID, "", 2)
	require.NoError(t, err)
	assert.Equal(t, []string{tenants[0].ID, tenants[1].ID}, tenantIDs(next))
	assert.Equal(t, tenants[0].Name, next[0].Tenant)
	next, err = s.TenantsToSync(t.Context(), run.ID, tenants[1].ID, 2)
	require.NoError(t, err)
	assert.Equal(t, []string{tenants[2].ID}, tenantIDs(next), "one that was not compared does not wait")

	require.NoError(t, s.StartTenant(t.Context(), run.ID, tenants[0].ID))
	started, err := s.TenantRun(t.Context(), run.ID, tenants[0].ID)
	require.NoError(t, err)
	assert.Equal(t, bridge.TenantRunning, started.Status)
	require.NoError(t, s.StartTenant(t.Context(), run.ID, tenants[0].ID))
	Finish(t.Context(), t, s, run, pendingOf(t, s, run, tenants[0])[0], 77)
	ended, err := s.EndTenant(t.Context(), run.ID, tenants[0].ID, "", "One line was added.")
	require.NoError(t, err)
	assert.Equal(t, bridge.TenantSynced, ended.Status)
	assert.Equal(t, bridge.ChangeCounts{Planned: 1, Applied: 1}, ended.Changes)
	assert.Equal(t, started.Started, ended.Started)
	again, err := s.EndTenant(t.Context(), run.ID, tenants[0].ID, bridge.TenantFailed, "other")
	require.NoError(t, err)
	assert.Empty(t, cmp.Diff(ended, again))
	require.NoError(t, s.StartTenant(t.Context(), run.ID, tenants[0].ID))
	_, err = s.EndTenant(t.Context(), run.ID, tenants[1].ID, bridge.TenantFailed, "refused")
	require.NoError(t, err)
	got, err := s.Run(t.Context(), run.ID)
	require.NoError(t, err)
	assert.Equal(t, 2, got.Written, "each tenant counts once")
	next, err = s.TenantsToSync(t.Context(), run.ID, "", 0)
	require.NoError(t, err)
	assert.Equal(t, []string{tenants[2].ID}, tenantIDs(next))

	list, total, counts, err := s.TenantRuns(t.Context(), run.ID, store.TenantRunFilter{})
	require.NoError(t, err)
	assert.Equal(t, 5, total)
	assert.Equal(t, map[bridge.TenantStatus]int{
		bridge.TenantFailed: 1, bridge.TenantWaiting: 2, bridge.TenantSynced: 1, bridge.TenantUnchanged: 1,
	}, counts)
	assert.Equal(t, []string{tenants[1].ID, tenants[2].ID, tenants[3].ID, tenants[0].ID, tenants[4].ID}, tenantIDs(list), "trouble first")
	list, total, counts, err = s.TenantRuns(t.Context(), run.ID, store.TenantRunFilter{Query: "TENANT 000", Status: bridge.TenantWaiting, Offset: 1, Limit: 1})
	require.NoError(t, err)
	require.Len(t, list, 1)
	assert.Equal(t, tenants[3].ID, list[0].TenantID)
	assert.Equal(t, 2, total)
	assert.Equal(t, 1, counts[bridge.TenantFailed])

	_, err = s.TenantRun(t.Context(), run.ID, "nobody")
	requireCode(t, bridge.CodeNotFound, err)
	requireCode(t, bridge.CodeNotFound, s.StartTenant(t.Context(), run.ID, "nobody"))
	_, err = s.EndTenant(t.Context(), run.ID, "nobody", "", "")
	requireCode(t, bridge.CodeNotFound, err)
	requireCode(t, bridge.CodeNotFound, s.SavePlan(t.Context(), run, []store.PlannedTenant{{TenantID: "nobody"}}))
}

func tenantIDs(rows []bridge.TenantRun) []string {
	var ids []string
	for _, row := range rows {
		ids = append(ids, row.TenantID)
	}
	return ids
}

func pendingOf(t *testing.T, s *store.Store, run bridge.Run, tenant bridge.Tenant) []bridge.Change {
	t.Helper()
	pending, err := s.PendingChanges(t.Context(), run.ID, tenant.ID)
	require.NoError(t, err)
	return pending
}

func requireClaim(t *testing.T, s *store.Store, run bridge.Run, changeID int64, want bool) {
	t.Helper()
	claimed, err := s.ClaimChange(t.Context(), run, changeID)
	require.NoError(t, err)
	require.Equal(t, want, claimed)
}
