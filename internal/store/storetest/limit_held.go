package storetest

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"causeway/internal/bridge"
	"causeway/internal/store"
)

// limitHeld: what a limit held in a tenant's newest compare, and nothing that waits for another reason or waited in an older one.
func limitHeld(t *testing.T, s *store.Store) {
	account := Account(t, s, "limits")
	tenants := Tenants(t, s, account.ID, 2)
	ran := func(changes ...bridge.Change) {
		t.Helper()
		run := OpenSync(t, s, account, tenants)
		require.NoError(t, s.SavePlan(t.Context(), run, []store.PlannedTenant{{
			TenantID: tenants[0].ID, Status: bridge.TenantHeld, Plan: bridge.TenantPlan{Changes: changes},
		}}))
		_, err := s.CloseRun(t.Context(), run.ID, "", "")
		require.NoError(t, err)
	}
	because := func(n int, reason bridge.Reason) bridge.Change {
		row := waitingRow(tenants[0], n)
		row.Reason = reason
		return row
	}
	held := func() map[string]map[string]bridge.Reason {
		t.Helper()
		found, err := s.LimitHeld(t.Context(), account.ID)
		require.NoError(t, err)
		return found
	}
	assert.Empty(t, held())
	many, share := because(0, bridge.ReasonNewAdditions), because(1, bridge.ReasonShare)
	ran(many, share, because(2, bridge.ReasonQuantityJump), because(3, bridge.ReasonNewAdditions), because(4, bridge.ReasonShare))
	assert.Empty(t, held(), "nobody released anything: the limit judges them anew")
	waiting, err := s.HeldChanges(t.Context(), account.ID)
	require.NoError(t, err)
	for _, c := range waiting {
		if c.Key == because(3, "").Key || c.Key == because(4, "").Key {
			_, err := s.Decide(t.Context(), account.ID, []store.Decide{{ChangeID: c.ID, Choice: bridge.ChoiceRelease}}, "ann")
			require.NoError(t, err)
		}
	}
	ran(many, share, because(2, bridge.ReasonQuantityJump))
	assert.Equal(t, map[string]map[string]bridge.Reason{tenants[0].ID: {
		bridge.RecordNeed(many.Kind, many.ParentID, many.Key):    bridge.ReasonNewAdditions,
		bridge.RecordNeed(share.Kind, share.ParentID, share.Key): bridge.ReasonShare,
	}}, held())
	ran(because(2, bridge.ReasonQuantityJump))
	assert.Empty(t, held())
}
