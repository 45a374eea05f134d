package activities_test

import (
	"cmp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"causeway/internal/bridge"
	"causeway/internal/simulator/estate"
	"causeway/internal/store"
)

func itoa(n int) string { return strconv.Itoa(n) }

// TestSecondRunWritesNothing is R35 over both simulators: what the first run wrote is found as wanted by the second.
func TestSecondRunWritesNothing(t *testing.T) {
	t.Parallel()
	s := newStage(t, 6, estate.Clean())
	s.mapAll()

	first := s.sync()
	for _, c := range s.changes(first.ID, store.ChangeFilter{Statuses: []string{"failed"}}) {
		t.Errorf("%s %s %s: %s | %s", c.Action, c.Kind, c.Key, c.Message, c.VendorAnswer)
	}
	require.Equal(t, bridge.RunCompleted, first.Status, first.Reason)
	require.Positive(t, first.Changes.Applied)

	second := s.sync()
	for _, c := range s.changes(second.ID, store.ChangeFilter{}) {
		t.Errorf("again: %s %s %s %v → %v (%s)", c.Action, c.Kind, c.Key, c.Before, c.After, c.Status)
	}
	require.Equal(t, bridge.RunCompleted, second.Status, second.Reason)
	require.Zero(t, second.Changes.Applied)
	require.Equal(t, len(s.estate.Tenants), second.Tenants.Synced)
}

// TestMessyEstate runs an estate with everything that real data has: HTML in names, numbers as strings, blank dates, tenants with
// Unicode names, agreements that bill quarterly or have ended. Trouble stays with its tenant, and a second run finds nothing more.
func TestMessyEstate(t *testing.T) {
	t.Parallel()
	s := newStage(t, 20)
	s.mapAll()

	first := s.sync()
	require.Equal(t, bridge.RunFailures, first.Status, first.Reason)
	require.Positive(t, first.Tenants.Failed)
	require.Positive(t, first.Tenants.Synced)
	for _, c := range s.changes(first.ID, store.ChangeFilter{Statuses: []string{"failed"}}) {
		require.NotEmpty(t, c.Message, "%s %s", c.Kind, c.Key)
		t.Logf("%s %s %s %s: %s | %s", c.TenantID, c.Action, c.Kind, c.Key, c.Message, c.VendorAnswer)
	}
	rows, _, _, err := s.store.TenantRuns(t.Context(), first.ID, store.TenantRunFilter{Status: bridge.TenantFailed})
	require.NoError(t, err)
	for _, row := range rows {
		require.NotEmpty(t, row.Message, row.Tenant)
		t.Logf("%s (%s): %s", row.Tenant, row.TenantID, row.Message)
	}
	s.logTellsOf(first, rows)

	second := s.sync()
	for _, c := range s.changes(second.ID, store.ChangeFilter{Statuses: []string{"planned", "sending", "applied", "stale"}}) {
		t.Errorf("again: %s %s %s %s %v → %v (%s)", c.TenantID, c.Action, c.Kind, c.Key, c.Before, c.After, c.Status)
	}
	require.Equal(t, first.Tenants.Failed, second.Tenants.Failed)
}

// logTellsOf holds a run's log to R43 and R44: whoever downloads it finds why each tenant failed, down to each change, and on whose
// behalf every line was.
func (s *stage) logTellsOf(run bridge.Run, failed []bridge.TenantRun) {
	s.t.Helper()
	lines, err := s.store.Logs(s.t.Context(), store.LogFilter{AccountID: s.account.ID, RunID: run.ID})
	require.NoError(s.t, err)
	errors := map[string]string{}
	for _, l := range lines {
		if l.TenantID != "" {
			require.NotEmpty(s.t, l.Tenant, l.Text)
		}
		if l.Level == bridge.LogError {
			errors[l.TenantID] += l.Text + "\n"
		}
	}
	for _, row := range failed {
		require.Contains(s.t, errors[row.TenantID], row.Message, row.Tenant)
	}
	for _, c := range s.changes(run.ID, store.ChangeFilter{Statuses: []string{"failed"}}) {
		require.Contains(s.t, errors[c.TenantID], cmp.Or(c.VendorAnswer, c.Message), c.Key)
	}
}
