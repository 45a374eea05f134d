package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"causeway/internal/bridge"
	"causeway/internal/store"
)

// heldSince: a row that each run plans anew has waited since the first of them; a compare without it begins anew, and a run that did
// not come to the tenant says nothing.
func heldSince(t *testing.T, s *store.Store) {
	account := Account(t, s, "since")
	tenants := Tenants(t, s, account.ID, 1)
	ran := func(status bridge.TenantStatus, changes ...bridge.Change) (bridge.Run, []bridge.Change) {
		t.Helper()
		run := OpenSync(t, s, account, tenants)
		require.NoError(t, s.SavePlan(t.Context(), run, []store.PlannedTenant{{
			TenantID: tenants[0].ID, Status: status, Plan: bridge.TenantPlan{Changes: changes},
		}}))
		_, err := s.CloseRun(t.Context(), run.ID, "", "")
		require.NoError(t, err)
		rows, _, err := s.Changes(t.Context(), store.ChangeFilter{AccountID: account.ID, RunID: run.ID})
		require.NoError(t, err)
		return run, rows
	}
	since := func(row bridge.Change) time.Time {
		t.Helper()
		found, err := s.HeldSince(t.Context(), account.ID, []int64{row.ID})
		require.NoError(t, err)
		return found[row.ID]
	}
	ran(bridge.TenantHeld, waitingRow(tenants[0], 0))
	ran(bridge.TenantUnchanged)
	first, _ := ran(bridge.TenantHeld, waitingRow(tenants[0], 0))
	ran(bridge.TenantFailed)
	second, rows := ran(bridge.TenantHeld, waitingRow(tenants[0], 0), waitingRow(tenants[0], 1))
	assert.True(t, first.Started.Equal(since(rows[0])), "since the run after the one that did not hold it")
	assert.True(t, second.Started.Equal(since(rows[1])), "another record")
	found, err := s.HeldSince(t.Context(), account.ID, nil)
	require.NoError(t, err)
	assert.Empty(t, found)
}
