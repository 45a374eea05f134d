package activities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"causeway/activities"
	"causeway/internal/bridge"
	"causeway/internal/store"
)

// tenantsOf are the tenants of a run by id, with whether it ends their billing.
func (s *stage) tenantsOf(runID int64) map[string]bool {
	s.t.Helper()
	rows, _, _, err := s.store.TenantRuns(s.t.Context(), runID, store.TenantRunFilter{})
	require.NoError(s.t, err)
	ending := map[string]bool{}
	for i := range rows {
		ending[rows[i].TenantID] = rows[i].Ending
	}
	return ending
}

// TestEndingTenantsAreCovered holds R53: a tenant that is switched off is in a run while a person waits for the end of its billing,
// and in a preview of that end.
func TestEndingTenantsAreCovered(t *testing.T) {
	t.Parallel()
	s := newStage(t, 3)
	s.mapAll()
	enabled, err := s.store.EnabledTenants(t.Context(), s.account.ID, nil)
	require.NoError(t, err)
	require.Greater(t, len(enabled), 1)
	off := enabled[0].Mapping
	off.Enabled = false
	require.NoError(t, s.store.SaveMappings(t.Context(), s.account.ID, []store.MappingChange{{TenantID: enabled[0].ID, Mapping: off}}, "test"))

	var opened activities.OpenedRun
	s.do(s.acts.OpenPreview, activities.OpenPreviewInput{
		Account: "acme", Tenants: []string{enabled[0].Name, enabled[0].ID, "nobody"}, Ending: true, Token: "preview",
	}, &opened)
	require.Equal(t, map[string]bool{enabled[0].ID: true}, s.tenantsOf(opened.RunID))
	preview, err := s.store.Run(t.Context(), opened.RunID)
	require.NoError(t, err)
	require.False(t, preview.Everything)
	lines, err := s.store.Logs(t.Context(), store.LogFilter{AccountID: s.account.ID, RunID: opened.RunID})
	require.NoError(t, err)
	require.Len(t, lines, 1)
	require.Contains(t, lines[0].Text, "nobody")
	require.NotContains(t, s.tenantsOf(s.open().RunID), enabled[0].ID)

	require.NoError(t, s.store.RequestEnding(t.Context(), s.account.ID, []string{enabled[0].ID}, "ann", bridge.MustDate("2026-11-23")))
	all := s.tenantsOf(s.open().RunID)
	require.Len(t, all, len(enabled))
	require.True(t, all[enabled[0].ID])
	require.False(t, all[enabled[1].ID])
}

// TestRemovedAccountDoesNothing holds R56: what Temporal still asks for an account that was removed comes to nothing.
func TestRemovedAccountDoesNothing(t *testing.T) {
	t.Parallel()
	s := newStage(t, 2)
	s.mapAll()
	_, err := s.store.RemoveAccount(t.Context(), s.account.ID, "ann")
	require.NoError(t, err)
	s.do(s.acts.HandNight, activities.HandNightInput{Account: "acme", ScheduledAt: s.acts.Now()}, nil)
	for name, activity := range map[string]func() error{
		"state": func() error { _, err := s.acts.LoadAccount(t.Context(), "acme"); return err },
		"run": func() error {
			_, err := s.acts.OpenRun(t.Context(), activities.OpenRunInput{Account: "acme", Everything: true})
			return err
		},
		"preview": func() error {
			_, err := s.acts.OpenPreview(t.Context(), activities.OpenPreviewInput{Account: "acme"})
			return err
		},
		"pause": func() error {
			_, err := s.acts.SetPaused(t.Context(), activities.SetPausedInput{Account: "acme"})
			return err
		},
	} {
		require.ErrorContains(t, activity(), "was removed", name)
	}
}
