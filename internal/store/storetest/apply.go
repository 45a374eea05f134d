package storetest

import (
	"fmt"
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

// planReplaced: a compare that is made again replaces its rows, but not what has begun (R36).
func planReplaced(t *testing.T, s *store.Store) {
	account := Account(t, s, "replaced")
	run, tenants := Run(t, s, account, 2)
	tenant, other := tenants[0], tenants[1]
	Plan(t, s, run, []bridge.Tenant{other}, 1)
	change := func(number int, status bridge.Status) bridge.Change {
		c := Addition(tenant, number)
		c.Status = status
		return c
	}
	save := func(changes ...bridge.Change) {
		t.Helper()
		require.NoError(t, s.SavePlan(t.Context(), run, []store.PlannedTenant{{
			TenantID: tenant.ID, NeedSync: true,
			Plan: bridge.TenantPlan{Changes: changes, Notes: []bridge.Note{{Level: bridge.LogWarn, Text: "seen"}}},
		}}))
	}
	save(change(0, ""), change(1, bridge.StatusPlanned), change(2, bridge.StatusHeld), change(3, bridge.StatusSkipped),
		change(4, bridge.StatusFailed), change(5, bridge.StatusPlanned))
	pending := pendingOf(t, s, run, tenant)
	require.Len(t, pending, 3)
	requireClaim(t, s, run, pending[0].ID, true)
	Finish(t.Context(), t, s, run, pending[0], 1)
	requireClaim(t, s, run, pending[1].ID, true)
	stale := pending[2]
	stale.Status = bridge.StatusStale
	require.NoError(t, s.FinishChange(t.Context(), run, stale, nil, nil))
	require.NoError(t, s.StartTenant(t.Context(), run.ID, tenant.ID))

	save(change(1, bridge.StatusPlanned), change(5, bridge.StatusPlanned), change(6, bridge.StatusHeld))
	rows, _, err := s.Changes(t.Context(), store.ChangeFilter{AccountID: account.ID, RunID: run.ID, TenantID: &tenant.ID})
	require.NoError(t, err)
	var got []string
	for _, c := range rows {
		got = append(got, c.Serial[len(c.Serial)-1:]+" "+string(c.Status))
	}
	assert.Equal(t, []string{"0 applied", "1 sending", "5 stale", "5 planned", "6 held"}, got)
	assert.Len(t, pendingOf(t, s, run, other), 1, "another tenant's rows stay")
	lines, err := s.Logs(t.Context(), store.LogFilter{AccountID: account.ID, TenantID: tenant.ID, Level: string(bridge.LogWarn)})
	require.NoError(t, err)
	require.Len(t, lines, 1, "a note is told once")
	assert.Equal(t, tenant.Name, lines[0].Tenant)
	part, err := s.TenantRun(t.Context(), run.ID, tenant.ID)
	require.NoError(t, err)
	assert.Equal(t, bridge.TenantRunning, part.Status, "a plan made anew in the middle of a tenant's workflow leaves it there")

	item := bridge.Change{Kind: bridge.KindCatalogItem, Action: bridge.ActionCreate, Key: "SONICWALL_TZ", Status: bridge.StatusPlanned}
	for range 2 {
		require.NoError(t, s.SaveSharedPlan(t.Context(), run, bridge.SharedPlan{
			Changes: []bridge.Change{item}, Notes: []bridge.Note{{Level: bridge.LogInfo, Text: "shared"}},
		}))
	}
	shared, err := s.PendingChanges(t.Context(), run.ID, "")
	require.NoError(t, err)
	require.Len(t, shared, 1)
	assert.Equal(t, "SONICWALL_TZ", shared[0].Key)
	assert.Len(t, pendingOf(t, s, run, tenant), 2)
}

// claims holds the rule that only the current run of an account may write.
func claims(t *testing.T, s *store.Store) {
	account, other := Account(t, s, "claims"), Account(t, s, "other")
	run, tenants := Run(t, s, account, 1)
	otherRun := OpenSync(t, s, other, nil)
	Plan(t, s, run, tenants, 4)
	pending := pendingOf(t, s, run, tenants[0])
	requireClaim(t, s, otherRun, pending[0].ID, false)
	pretender := otherRun
	pretender.AccountID = account.ID
	requireClaim(t, s, pretender, pending[0].ID, false)

	requireClaim(t, s, run, pending[0].ID, true)
	first := changeOf(t, s, account, pending[0].ID)
	assert.Equal(t, bridge.StatusSending, first.Status)
	assert.WithinDuration(t, time.Now(), first.SendingAt, time.Minute)
	requireClaim(t, s, run, pending[0].ID, true)
	second := changeOf(t, s, account, pending[0].ID)
	assert.False(t, second.SendingAt.Before(first.SendingAt), "the time is that of the last write that left")
	Finish(t.Context(), t, s, run, pending[0], 1)
	requireClaim(t, s, run, pending[0].ID, false)
	held := pending[1]
	held.Status = bridge.StatusHeld
	require.NoError(t, s.FinishChange(t.Context(), run, held, nil, nil))
	requireClaim(t, s, run, held.ID, false)

	_, err := s.CloseRun(t.Context(), run.ID, bridge.RunFailed, "ended from outside")
	require.NoError(t, err)
	requireClaim(t, s, run, pending[2].ID, false)
	OpenSync(t, s, account, tenants)
	requireClaim(t, s, run, pending[2].ID, false)
	assert.Equal(t, bridge.StatusSkipped, changeOf(t, s, account, pending[2].ID).Status)
}

func changeOf(t *testing.T, s *store.Store, account bridge.Account, id int64) bridge.Change {
	t.Helper()
	c, err := s.Change(t.Context(), account.ID, id)
	require.NoError(t, err)
	return c
}

// claimsAtOnce is a run in small: 16 tenants' activities claim and finish beside each other, beside readers and progress.
func claimsAtOnce(t *testing.T, s *store.Store) {
	const perTenant = 10
	account := Account(t, s, "busy")
	run, tenants := Run(t, s, account, 16)
	Plan(t, s, run, tenants, perTenant)
	var cwmID atomic.Int64
	var group sync.WaitGroup
	for _, tenant := range tenants {
		group.Go(func() {
			pending, err := s.PendingChanges(t.Context(), run.ID, tenant.ID)
			if !assert.NoError(t, err) {
				return
			}
			for _, c := range pending {
				claimed, err := s.ClaimChange(t.Context(), run, c.ID)
				assert.NoError(t, err)
				assert.True(t, claimed)
				Finish(t.Context(), t, s, run, c, int(cwmID.Add(1)))
				assert.NoError(t, s.AddProgress(t.Context(), run.ID, store.Progress{Calls: bridge.CallCounts{ConnectWise: 2}}))
			}
			_, err = s.EndTenant(t.Context(), run.ID, tenant.ID, "", "")
			assert.NoError(t, err)
		})
		group.Go(func() {
			_, _, _, err := s.Tenants(t.Context(), account.ID, store.TenantFilter{})
			assert.NoError(t, err)
			_, err = s.Summaries(t.Context())
			assert.NoError(t, err)
		})
	}
	group.Wait()
	closed, err := s.CloseRun(t.Context(), run.ID, "", "")
	require.NoError(t, err)
	assert.Equal(t, bridge.ChangeCounts{Planned: 16 * perTenant, Applied: 16 * perTenant}, closed.Changes)
	assert.Equal(t, bridge.TenantCounts{Total: 16, Synced: 16}, closed.Tenants)
	assert.Equal(t, 16, closed.Written)
	assert.Equal(t, 2*16*perTenant, closed.Calls.ConnectWise)
	managed, err := s.Managed(t.Context(), account.ID, store.ManagedFilter{})
	require.NoError(t, err)
	assert.Len(t, managed, 16*perTenant)
	lines, err := s.Logs(t.Context(), store.LogFilter{AccountID: account.ID})
	require.NoError(t, err)
	assert.Len(t, lines, 16*perTenant)
}

// claimsAgainstOvertaking: once a run was overtaken, none of its changes is claimed any more, however close it was.
func claimsAgainstOvertaking(t *testing.T, s *store.Store) {
	account := Account(t, s, "close")
	run, tenants := Run(t, s, account, 8)
	Plan(t, s, run, tenants, 20)
	var overtaken atomic.Bool
	var late, claimed atomic.Int64
	var group sync.WaitGroup
	begun := make(chan struct{}, len(tenants))
	for _, tenant := range tenants {
		group.Go(func() {
			pending, err := s.PendingChanges(t.Context(), run.ID, tenant.ID)
			assert.NoError(t, err)
			begun <- struct{}{}
			for _, c := range pending {
				after := overtaken.Load()
				ok, err := s.ClaimChange(t.Context(), run, c.ID)
				assert.NoError(t, err)
				if ok {
					claimed.Add(1)
				}
				if ok && after {
					late.Add(1)
				}
			}
		})
	}
	<-begun
	OpenSync(t, s, account, tenants)
	overtaken.Store(true)
	group.Wait()
	assert.Zero(t, late.Load())
	sent, _, err := s.Changes(t.Context(), store.ChangeFilter{AccountID: account.ID, RunID: run.ID, Statuses: []string{string(bridge.StatusSending)}})
	require.NoError(t, err)
	assert.Len(t, sent, int(claimed.Load()), "what was claimed is known as sending, and nothing else is")
	skipped, _, err := s.Changes(t.Context(), store.ChangeFilter{AccountID: account.ID, RunID: run.ID, Statuses: []string{string(bridge.StatusSkipped)}})
	require.NoError(t, err)
	assert.Len(t, skipped, 160-int(claimed.Load()))
}

func finishAllOrNothing(t *testing.T, s *store.Store) {
	account := Account(t, s, "finish")
	run, tenants := Run(t, s, account, 1)
	Plan(t, s, run, tenants, 3)
	pending := pendingOf(t, s, run, tenants[0])
	planned := pending[0]
	c := planned
	c.Status, c.CWMID, c.Answer, c.Message, c.VendorAnswer = bridge.StatusApplied, 900, bridge.Fields{"quantity": "25"}, "done", "201"
	c.Before, c.After, c.Why, c.Subject = bridge.Fields{"x": "y"}, nil, nil, "other"
	managed := ManagedOf(c)
	managed.MissedSince, managed.EndedByHand = bridge.MustDate("2026-11-01"), bridge.MustDate("2026-11-02")
	at := time.Date(2026, 11, 23, 1, 2, 3, 0, time.UTC)
	require.NoError(t, s.FinishChange(t.Context(), run, c, &managed, &bridge.LogLine{
		TenantID: tenants[0].ID, Tenant: tenants[0].Name, Time: at, Level: bridge.LogInfo, Text: "POST done",
	}))
	got := changeOf(t, s, account, c.ID)
	want := planned
	want.Status, want.CWMID, want.Answer, want.Message, want.VendorAnswer = c.Status, c.CWMID, c.Answer, c.Message, c.VendorAnswer
	want.EndedAt = got.EndedAt
	assert.Empty(t, cmp.Diff(want, got), "the plan stays as it was planned")
	assert.WithinDuration(t, time.Now(), got.EndedAt, time.Minute)
	stored, err := s.Managed(t.Context(), account.ID, store.ManagedFilter{})
	require.NoError(t, err)
	assert.Empty(t, cmp.Diff([]bridge.Managed{managed}, stored))
	lines, err := s.Logs(t.Context(), store.LogFilter{AccountID: account.ID})
	require.NoError(t, err)
	require.Len(t, lines, 1)
	assert.Empty(t, cmp.Diff(bridge.LogLine{
		ID: lines[0].ID, RunID: run.ID, TenantID: tenants[0].ID, Tenant: tenants[0].Name, Time: at, Level: bridge.LogInfo, Text: "POST done",
	}, lines[0]))

	second := pending[1]
	second.Status, second.CWMID = bridge.StatusApplied, 900
	taken := ManagedOf(second)
	err = s.FinishChange(t.Context(), run, second, &taken, &bridge.LogLine{Text: "never"})
	assert.Contains(t, requireCode(t, bridge.CodeConflict, err).Message, planned.Key, "one ConnectWise record has one key")
	assert.Equal(t, bridge.StatusPlanned, changeOf(t, s, account, second.ID).Status)
	lines, err = s.Logs(t.Context(), store.LogFilter{AccountID: account.ID})
	require.NoError(t, err)
	assert.Len(t, lines, 1, "nothing of it was stored")

	managed.TenantID, managed.CWMID, managed.MissedSince = "elsewhere", 901, bridge.Date{}
	require.NoError(t, s.FinishChange(t.Context(), run, c, &managed, nil))
	stored, err = s.Managed(t.Context(), account.ID, store.ManagedFilter{})
	require.NoError(t, err)
	assert.Empty(t, cmp.Diff([]bridge.Managed{managed}, stored), "the same key is the same record")

	_, err = s.CloseRun(t.Context(), run.ID, bridge.RunFailed, "")
	require.NoError(t, err)
	third := pending[2]
	third.Status, third.CWMID = bridge.StatusApplied, 902
	require.NoError(t, s.FinishChange(t.Context(), run, third, nil, nil), "what was written must be known after the run's end too")
	unknown := third
	unknown.ID = 4711
	requireCode(t, bridge.CodeNotFound, s.FinishChange(t.Context(), run, unknown, nil, nil))
	elsewhere := run
	elsewhere.ID = 4711
	requireCode(t, bridge.CodeNotFound, s.FinishChange(t.Context(), elsewhere, third, nil, nil))
	_, err = s.Change(t.Context(), account.ID, 4711)
	requireCode(t, bridge.CodeNotFound, err)
}

// maybeDone holds R36: a row that an ended run left sending is remembered until somebody looked.
func maybeDone(t *testing.T, s *store.Store) {
	account := Account(t, s, "maybe")
	run, tenants := Run(t, s, account, 1)
	Plan(t, s, run, tenants, 2)
	pending := pendingOf(t, s, run, tenants[0])
	sent := pending[0]
	since := func(accountID int64, c bridge.Change) (time.Time, bool) {
		t.Helper()
		left, err := s.LeftSending(t.Context(), accountID)
		require.NoError(t, err)
		at, found := left[store.RecordKey{Kind: c.Kind, ParentID: c.ParentID, Key: c.Key}]
		return at, found
	}
	requireClaim(t, s, run, sent.ID, true)
	_, found := since(account.ID, sent)
	assert.False(t, found, "a run that goes on has its own row for it")

	next := OpenSync(t, s, account, tenants)
	at, found := since(account.ID, sent)
	require.True(t, found)
	assert.Equal(t, changeOf(t, s, account, sent.ID).SendingAt, at)
	_, found = since(account.ID, pending[1])
	assert.False(t, found, "what was only planned was never sent")
	otherParent := sent
	otherParent.ParentID++
	_, found = since(account.ID, otherParent)
	assert.False(t, found)
	_, found = since(Account(t, s, "other").ID, sent)
	assert.False(t, found)

	Plan(t, s, next, tenants, 1)
	again := pendingOf(t, s, next, tenants[0])[0]
	requireClaim(t, s, next, again.ID, true)
	_, err := s.CloseRun(t.Context(), next.ID, bridge.RunFailed, "")
	require.NoError(t, err)
	newest, found := since(account.ID, sent)
	require.True(t, found)
	assert.Equal(t, changeOf(t, s, account, again.ID).SendingAt, newest)

	require.NoError(t, s.ResolveSending(t.Context(), account.ID, sent.Kind, sent.ParentID, sent.Key))
	_, found = since(account.ID, sent)
	assert.False(t, found)
	for _, id := range []int64{sent.ID, again.ID} {
		settled := changeOf(t, s, account, id)
		assert.Equal(t, bridge.StatusFailed, settled.Status)
		assert.NotEmpty(t, settled.Message)
	}
	require.NoError(t, s.ResolveSending(t.Context(), account.ID, sent.Kind, sent.ParentID, sent.Key))
}

func managedRecords(t *testing.T, s *store.Store) {
	account := Account(t, s, "managed")
	run, tenants := Run(t, s, account, 3)
	Plan(t, s, run, tenants, 2)
	id := 0
	for _, tenant := range tenants {
		for _, c := range pendingOf(t, s, run, tenant) {
			id++
			Finish(t.Context(), t, s, run, c, id)
		}
	}
	item := bridge.Change{Kind: bridge.KindCatalogItem, Action: bridge.ActionAdopt, Key: "SONICWALL_TZ", Status: bridge.StatusPlanned}
	device := bridge.Change{
		TenantID: tenants[0].ID, Kind: bridge.KindConfiguration, Action: bridge.ActionCreate, Key: "Firewall/X", ParentID: 100,
		Serial: "X", Status: bridge.StatusPlanned,
	}
	require.NoError(t, s.SaveSharedPlan(t.Context(), run, bridge.SharedPlan{Changes: []bridge.Change{item}}))
	require.NoError(t, s.SavePlan(t.Context(), run, []store.PlannedTenant{{TenantID: tenants[0].ID, NeedSync: true,
		Plan: bridge.TenantPlan{Changes: []bridge.Change{device}}}}))
	shared, err := s.PendingChanges(t.Context(), run.ID, "")
	require.NoError(t, err)
	// Ids of different kinds are ids of different records.
	Finish(t.Context(), t, s, run, shared[0], 1)
	Finish(t.Context(), t, s, run, pendingOf(t, s, run, tenants[0])[0], 1)

	serial := Addition(tenants[1], 1).Serial
	many := make([]string, 1200)
	for i := range many {
		many[i] = fmt.Sprintf("nobody-%d", i)
	}
	many[1100] = tenants[2].ID
	for name, c := range map[string]struct {
		filter store.ManagedFilter
		want   int
	}{
		"all":                         {store.ManagedFilter{}, 8},
		"of kinds":                    {store.ManagedFilter{Kinds: []bridge.Kind{bridge.KindConfiguration, bridge.KindCatalogItem}}, 2},
		"shared":                      {store.ManagedFilter{SharedOnly: true}, 1},
		"a tenant":                    {store.ManagedFilter{TenantIDs: []string{tenants[0].ID}}, 3},
		"a serial":                    {store.ManagedFilter{Serials: []string{serial, "X"}}, 2},
		"a tenant or a serial":        {store.ManagedFilter{TenantIDs: []string{tenants[0].ID}, Serials: []string{serial, "X"}}, 4},
		"a tenant's devices":          {store.ManagedFilter{TenantIDs: []string{tenants[0].ID}, Kinds: []bridge.Kind{bridge.KindConfiguration}}, 1},
		"an empty serial":             {store.ManagedFilter{Serials: []string{""}}, 0},
		"no tenants":                  {store.ManagedFilter{TenantIDs: []string{}}, 0},
		"more than a statement takes": {store.ManagedFilter{TenantIDs: many}, 2},
	} {
		got, err := s.Managed(t.Context(), account.ID, c.filter)
		require.NoError(t, err, name)
		assert.Len(t, got, c.want, name)
	}
}
