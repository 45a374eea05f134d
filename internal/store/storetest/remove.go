package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"causeway/internal/bridge"
	"causeway/internal/store"
)

// removeAccount holds R56: keys and runs go, the ConnectWise company is free, name and history stay.
func removeAccount(t *testing.T, s *store.Store) {
	ctx := t.Context()
	account := Account(t, s, "removed")
	require.NoError(t, s.SetKeys(ctx, account.ID, store.Keys{MySonicWall: "msw", ConnectWise: "cwm"}))
	run, tenants := Run(t, s, account, 2)
	Plan(t, s, run, tenants, 2)
	pending := pendingOf(t, s, run, tenants[0])
	requireClaim(t, s, run, pending[0].ID, true)
	preview, _, err := s.OpenRun(ctx, store.OpenRun{AccountID: account.ID, Kind: bridge.RunPreview, Tenants: tenants})
	require.NoError(t, err)

	before, err := s.AccountByID(ctx, account.ID)
	require.NoError(t, err)
	removed, err := s.RemoveAccount(ctx, account.ID, "ann")
	require.NoError(t, err)
	assert.Equal(t, bridge.AccountRemoved, removed.State)
	assert.Equal(t, "removed by ann", removed.StateReason)
	assert.WithinDuration(t, time.Now(), removed.RemovedAt, time.Minute)
	assert.Greater(t, removed.KeysVersion, before.KeysVersion, "clients made with the keys are dropped")
	keys, err := s.Keys(ctx, account.ID)
	require.NoError(t, err)
	assert.Equal(t, store.Keys{}, keys)
	again, err := s.RemoveAccount(ctx, account.ID, "bob")
	require.NoError(t, err)
	assert.Empty(t, cmp.Diff(removed, again, compareDecimals), "removing it again changes nothing")
	stored, err := s.Account(ctx, "removed")
	require.NoError(t, err)
	assert.Empty(t, cmp.Diff(removed, stored, compareDecimals))
	requireCode(t, bridge.CodeNotFound, func() error { _, err := s.RemoveAccount(ctx, 4711, "ann"); return err }())

	requireClaim(t, s, run, pending[1].ID, false)
	c := pending[0]
	c.Status, c.CWMID, c.Answer = bridge.StatusApplied, 1, c.After
	require.NoError(t, s.FinishChange(ctx, run, c, nil, nil), "what had been sent is known all the same")
	for _, id := range []int64{run.ID, preview.ID} {
		ended, err := s.Run(ctx, id)
		require.NoError(t, err)
		assert.Equal(t, bridge.RunFailed, ended.Status)
	}

	for name, try := range map[string]func() error{
		"change": func() error {
			_, err := s.UpdateAccount(ctx, account.ID, func(*bridge.Account) error { return nil })
			return err
		},
		"state":    func() error { return s.SetAccountState(ctx, account.ID, bridge.AccountReady, "") },
		"keys":     func() error { return s.SetKeys(ctx, account.ID, store.Keys{MySonicWall: "x"}) },
		"tenants":  func() error { _, _, _, err := s.SaveTenants(ctx, account.ID, nil, time.Now()); return err },
		"mappings": func() error { return s.SaveMappings(ctx, account.ID, nil, "me") },
		"run": func() error {
			_, _, err := s.OpenRun(ctx, store.OpenRun{AccountID: account.ID, Kind: bridge.RunSync})
			return err
		},
		"missed night": func() error { return s.MissNight(ctx, account.ID, bridge.MustDate("2026-11-23"), "") },
		"decision": func() error {
			_, err := s.Decide(ctx, account.ID, []store.Decide{release(pending[1].ID)}, "me")
			return err
		},
		"resume":         func() error { _, err := s.Resume(ctx, account.ID, []int64{1}, "me"); return err },
		"end of billing": func() error { return s.RequestEnding(ctx, account.ID, nil, "me", bridge.MustDate("2026-11-23")) },
	} {
		assert.Contains(t, requireCode(t, bridge.CodeInvalid, try()).Message, "removed", name)
	}
	_, err = s.CreateAccount(ctx, bridge.Account{Name: "removed"}, store.Keys{})
	requireCode(t, bridge.CodeConflict, err)
	_, err = s.CreateAccount(ctx, bridge.Account{Name: "heir", ConnectWise: account.ConnectWise}, store.Keys{})
	require.NoError(t, err, "its ConnectWise company is free (R10)")
	_, total, err := s.Changes(ctx, store.ChangeFilter{AccountID: account.ID})
	require.NoError(t, err)
	assert.Equal(t, 4, total, "its history can be read")
}
