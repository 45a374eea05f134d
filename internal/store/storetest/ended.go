package storetest

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"causeway/internal/bridge"
	"causeway/internal/store"
)

// endedByHand holds R52: what a person ended in ConnectWise is listed, and taken up again where a person asks for it.
func endedByHand(t *testing.T, s *store.Store) {
	account := Account(t, s, "ended")
	run, tenants := Run(t, s, account, 2)
	Plan(t, s, run, tenants, 2)
	cwmID := 0
	var written []bridge.Change
	for _, tenant := range tenants {
		for _, c := range pendingOf(t, s, run, tenant) {
			cwmID++
			Finish(t.Context(), t, s, run, c, cwmID)
			written = append(written, c)
		}
	}
	see := func(c bridge.Change, day string) {
		t.Helper()
		o := bridge.Observation{Kind: c.Kind, Key: c.Key, ParentID: c.ParentID}
		if day != "" {
			o.EndedByHand = bridge.MustDate(day)
		}
		require.NoError(t, s.SavePlan(t.Context(), run, []store.PlannedTenant{{
			TenantID: c.TenantID, Status: bridge.TenantUnchanged, Plan: bridge.TenantPlan{Observations: []bridge.Observation{o}},
		}}))
	}
	see(written[0], "2026-11-20")
	see(written[1], "2026-11-22")
	see(written[2], "2026-11-21")
	list := func(filter store.EndedFilter) []store.EndedRecord {
		t.Helper()
		ended, total, err := s.EndedByHand(t.Context(), account.ID, filter)
		require.NoError(t, err)
		if filter.Limit == 0 {
			assert.Len(t, ended, total)
		}
		return ended
	}
	all := list(store.EndedFilter{})
	require.Len(t, all, 3)
	for i, want := range []bridge.Change{written[1], written[2], written[0]} {
		assert.Equal(t, want.Key, all[i].Key, "newest first")
		assert.Equal(t, want.Subject, all[i].Subject)
	}
	assert.Equal(t, tenants[1].Name, all[1].Tenant)
	assert.Len(t, list(store.EndedFilter{TenantID: tenants[0].ID}), 2)
	page := list(store.EndedFilter{Limit: 1, Offset: 1})
	require.Len(t, page, 1)
	assert.Equal(t, all[1].ID, page[0].ID)

	running, _, err := s.EndedByHand(t.Context(), Account(t, s, "other").ID, store.EndedFilter{})
	require.NoError(t, err)
	assert.Empty(t, running)
	see(written[2], "")
	_, err = s.Resume(t.Context(), account.ID, []int64{all[0].ID, all[1].ID}, "ann")
	assert.Contains(t, requireCode(t, bridge.CodeConflict, err).Message, "not ended by hand")
	_, err = s.Resume(t.Context(), account.ID, []int64{all[0].ID, 4711}, "ann")
	assert.Contains(t, requireCode(t, bridge.CodeNotFound, err).Message, "4711")
	for _, record := range list(store.EndedFilter{}) {
		assert.Empty(t, record.Facts[bridge.FactResume], "nothing was written")
	}
	resumed, err := s.Resume(t.Context(), account.ID, []int64{all[0].ID, all[2].ID, all[0].ID}, "ann")
	require.NoError(t, err)
	require.Len(t, resumed, 2)
	assert.Equal(t, written[1].Key, resumed[0].Key)
	for _, record := range list(store.EndedFilter{}) {
		assert.Equal(t, "ann", record.Facts[bridge.FactResume])
		assert.NotEmpty(t, record.Facts[bridge.FactRegistered], "other facts stay")
	}
	_, err = s.Resume(t.Context(), account.ID, []int64{all[0].ID}, "bob")
	assert.Contains(t, requireCode(t, bridge.CodeConflict, err).Message, "already resumed by ann")
}
