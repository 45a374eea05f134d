package storetest

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"causeway/internal/bridge"
	"causeway/internal/store"
)

func observations(t *testing.T, s *store.Store) {
	account := Account(t, s, "observed")
	run, tenants := Run(t, s, account, 1)
	Plan(t, s, run, tenants, 2)
	for i, c := range pendingOf(t, s, run, tenants[0]) {
		Finish(t.Context(), t, s, run, c, i+1)
	}
	of := func(number int) bridge.Managed {
		t.Helper()
		all, err := s.Managed(t.Context(), account.ID, store.ManagedFilter{})
		require.NoError(t, err)
		return all[number]
	}
	first := of(0)
	day := bridge.MustDate("2026-11-23")
	observe := func(missed, ended bridge.Date) {
		t.Helper()
		require.NoError(t, s.SavePlan(t.Context(), run, []store.PlannedTenant{{
			TenantID: tenants[0].ID, Status: bridge.TenantUnchanged,
			Plan: bridge.TenantPlan{Observations: []bridge.Observation{{
				Kind: first.Kind, Key: first.Key, ParentID: first.ParentID, MissedSince: missed, EndedByHand: ended,
			}}},
		}}))
	}
	observe(day, day.AddDays(1))
	assert.Equal(t, day, of(0).MissedSince)
	assert.Equal(t, day.AddDays(1), of(0).EndedByHand)
	assert.Zero(t, of(1).MissedSince)
	observe(bridge.Date{}, day.AddDays(1))
	assert.Zero(t, of(0).MissedSince, "a product that is listed again is not missed")
}

// observedFacts: facts seen without a write are laid over those noted with the last one.
func observedFacts(t *testing.T, s *store.Store) {
	account := Account(t, s, "facts")
	run, tenants := Run(t, s, account, 1)
	Plan(t, s, run, tenants, 1)
	Finish(t.Context(), t, s, run, pendingOf(t, s, run, tenants[0])[0], 1)
	seen := Addition(tenants[0], 0)
	observe := func(facts bridge.Fields) bridge.Fields {
		t.Helper()
		require.NoError(t, s.SavePlan(t.Context(), run, []store.PlannedTenant{{
			TenantID: tenants[0].ID, Status: bridge.TenantUnchanged,
			Plan: bridge.TenantPlan{Observations: []bridge.Observation{{Kind: seen.Kind, Key: seen.Key, ParentID: seen.ParentID, Facts: facts}}},
		}}))
		all, err := s.Managed(t.Context(), account.ID, store.ManagedFilter{})
		require.NoError(t, err)
		return all[0].Facts
	}
	registered := seen.Facts[bridge.FactRegistered]
	assert.Equal(t, bridge.Fields{bridge.FactRegistered: registered, bridge.FactQuantityFrom: "services"},
		observe(bridge.Fields{bridge.FactQuantityFrom: "services"}))
	assert.Equal(t, bridge.Fields{bridge.FactRegistered: registered, bridge.FactQuantityFrom: "services"}, observe(nil))
	assert.Equal(t, bridge.Fields{bridge.FactQuantityFrom: "services", bridge.FactMoveTo: "elsewhere"},
		observe(bridge.Fields{bridge.FactRegistered: "", bridge.FactMoveTo: "elsewhere"}), "an empty value forgets a fact")
	assert.Empty(t, observe(bridge.Fields{bridge.FactQuantityFrom: "", bridge.FactMoveTo: ""}))
}
