package storetest

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"causeway/internal/bridge"
	"causeway/internal/store"
)

// tenantsUnderway: who looks while a tenant is written sees how far it is, in the list and alone (R42).
func tenantsUnderway(t *testing.T, s *store.Store) {
	account := Account(t, s, "underway")
	run, tenants := Run(t, s, account, 2)
	Plan(t, s, run, tenants, 3)
	for _, tenant := range tenants {
		require.NoError(t, s.StartTenant(t.Context(), run.ID, tenant.ID))
	}
	pending := pendingOf(t, s, run, tenants[0])
	Finish(t.Context(), t, s, run, pending[0], 77)
	Finish(t.Context(), t, s, run, pending[1], 78)

	want := bridge.ChangeCounts{Planned: 3, Applied: 2}
	list, _, _, err := s.TenantRuns(t.Context(), run.ID, store.TenantRunFilter{Status: bridge.TenantRunning})
	require.NoError(t, err)
	require.Len(t, list, 2)
	assert.Equal(t, want, list[0].Changes)
	assert.Equal(t, bridge.ChangeCounts{Planned: 3}, list[1].Changes)
	alone, err := s.TenantRun(t.Context(), run.ID, tenants[0].ID)
	require.NoError(t, err)
	assert.Equal(t, want, alone.Changes)
}
