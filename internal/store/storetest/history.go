package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"causeway/internal/bridge"
	"causeway/internal/store"
)

// history is what the dashboard's pages over many runs and accounts read.
func history(t *testing.T, s *store.Store) {
	account, other := Account(t, s, "mine"), Account(t, s, "other")
	tenants := Tenants(t, s, account.ID, 2)
	date := bridge.MustDate("2026-11-20")
	open := func(accountID int64, kind bridge.RunKind, date bridge.Date, tenants ...bridge.Tenant) bridge.Run {
		t.Helper()
		run, _, err := s.OpenRun(t.Context(), store.OpenRun{AccountID: accountID, Kind: kind, LocalDate: date, Tenants: tenants})
		require.NoError(t, err)
		return run
	}
	none, err := s.LatestSetup(t.Context(), account.ID)
	require.NoError(t, err)
	assert.Nil(t, none)
	setup := open(account.ID, bridge.RunSetup, date, tenants[0])
	first := open(account.ID, bridge.RunSync, date, tenants[0])
	second := open(account.ID, bridge.RunSync, date.AddDays(1), tenants...)
	preview := open(account.ID, bridge.RunPreview, date.AddDays(1), tenants[0])
	elsewhere := open(other.ID, bridge.RunSync, date.AddDays(2))
	latest, err := s.LatestSetup(t.Context(), account.ID)
	require.NoError(t, err)
	assert.Equal(t, setup.ID, latest.ID)

	recent, err := s.RecentRuns(t.Context(), []int64{account.ID, other.ID}, date.AddDays(1))
	require.NoError(t, err)
	require.Len(t, recent, 2)
	assert.Equal(t, []int64{second.ID}, runIDs(recent[account.ID]))
	assert.Equal(t, []int64{elsewhere.ID}, runIDs(recent[other.ID]))
	recent, err = s.RecentRuns(t.Context(), []int64{account.ID}, date)
	require.NoError(t, err)
	assert.Equal(t, map[int64][]int64{account.ID: {first.ID, second.ID}}, map[int64][]int64{account.ID: runIDs(recent[account.ID])})

	byID, err := s.RunsByID(t.Context(), account.ID, []int64{first.ID, preview.ID, elsewhere.ID})
	require.NoError(t, err)
	require.Len(t, byID, 2)
	assert.Equal(t, bridge.RunPreview, byID[preview.ID].Kind)

	past, err := s.TenantHistory(t.Context(), account.ID, tenants[0].ID, 5)
	require.NoError(t, err)
	require.Len(t, past, 2, "set-ups and previews are no syncs")
	assert.Equal(t, []int64{second.ID, first.ID}, []int64{past[0].RunID, past[1].RunID})
	past, err = s.TenantHistory(t.Context(), account.ID, tenants[0].ID, 1)
	require.NoError(t, err)
	assert.Len(t, past, 1)
	past, err = s.TenantHistory(t.Context(), other.ID, tenants[0].ID, 5)
	require.NoError(t, err)
	assert.Empty(t, past)

	Plan(t, s, second, []bridge.Tenant{tenants[1], tenants[0]}, 2)
	require.NoError(t, s.SaveSharedPlan(t.Context(), second, bridge.SharedPlan{Changes: []bridge.Change{
		{Kind: bridge.KindCatalogItem, Action: bridge.ActionCreate, Key: "SONICWALL_TZ", Status: bridge.StatusPlanned},
	}}))
	filter := store.ChangeFilter{AccountID: account.ID, RunID: second.ID}
	ids, total, err := s.ChangedTenants(t.Context(), filter)
	require.NoError(t, err)
	assert.Equal(t, []string{"", tenants[0].ID, tenants[1].ID}, ids)
	assert.Equal(t, 3, total)
	filter.Limit, filter.Offset = 1, 1
	ids, total, err = s.ChangedTenants(t.Context(), filter)
	require.NoError(t, err)
	assert.Equal(t, []string{tenants[0].ID}, ids)
	assert.Equal(t, 3, total)

	began := second.Started
	for name, c := range map[string]struct {
		filter store.ChangeFilter
		want   int
	}{
		"tenants":    {store.ChangeFilter{TenantIDs: []string{tenants[1].ID, ""}}, 3},
		"no tenants": {store.ChangeFilter{TenantIDs: []string{}}, 0},
		"since":      {store.ChangeFilter{Since: began}, 5},
		"later":      {store.ChangeFilter{Since: began.Add(time.Microsecond)}, 0},
		"until":      {store.ChangeFilter{Until: began}, 0},
		"between":    {store.ChangeFilter{Since: began.Add(-time.Hour), Until: began.Add(time.Hour)}, 5},
	} {
		c.filter.AccountID = account.ID
		_, total, err := s.Changes(t.Context(), c.filter)
		require.NoError(t, err, name)
		assert.Equal(t, c.want, total, name)
	}
}
