package activities_test

import (
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
