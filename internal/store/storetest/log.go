package storetest

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"causeway/internal/bridge"
	"causeway/internal/store"
)

func logs(t *testing.T, s *store.Store) {
	account := Account(t, s, "logs")
	first, second := OpenSync(t, s, account, nil), OpenSync(t, s, account, nil)
	at := time.Date(2026, 11, 23, 1, 2, 3, 4000, time.UTC)
	lines := []bridge.LogLine{
		{RunID: first.ID, TenantID: "1", Tenant: "One", Time: at, Level: bridge.LogInfo, Text: "a"},
		{RunID: first.ID, TenantID: "2", Tenant: "Two", Time: at, Level: bridge.LogWarn, Text: "b"},
		{RunID: second.ID, TenantID: "1", Tenant: "One", Time: at, Level: bridge.LogError, Text: "c"},
		{RunID: second.ID, Time: at, Level: bridge.LogInfo, Text: "d"},
	}
	require.NoError(t, s.AppendLogs(t.Context(), lines[:2]))
	require.NoError(t, s.AppendLogs(t.Context(), lines[2:]))
	require.NoError(t, s.AppendLogs(t.Context(), nil))
	all, err := s.Logs(t.Context(), store.LogFilter{AccountID: account.ID})
	require.NoError(t, err)
	require.Len(t, all, 4)
	for i := range lines {
		lines[i].ID = all[i].ID
	}
	assert.Empty(t, cmp.Diff(lines, all), "in the order in which they were written")
	for _, c := range []struct {
		filter store.LogFilter
		want   string
	}{
		{store.LogFilter{RunID: first.ID}, "ab"},
		{store.LogFilter{TenantID: "1"}, "ac"},
		{store.LogFilter{Level: "warn"}, "bc"},
		{store.LogFilter{Level: "error"}, "c"},
		{store.LogFilter{Level: "info"}, "abcd"},
		{store.LogFilter{Limit: 2}, "cd"},
		{store.LogFilter{Limit: 2, Before: lines[3].ID}, "bc"},
		{store.LogFilter{RunID: 4711}, ""},
	} {
		filter := c.filter
		filter.AccountID = account.ID
		got, err := s.Logs(t.Context(), filter)
		require.NoError(t, err)
		assert.Equal(t, c.want, texts(got))
		if filter.Limit == 0 {
			var streamed []bridge.LogLine
			require.NoError(t, s.EachLog(t.Context(), filter, func(l bridge.LogLine) error { streamed = append(streamed, l); return nil }))
			assert.Equal(t, c.want, texts(streamed))
			count, err := s.CountLogs(t.Context(), filter)
			require.NoError(t, err)
			assert.Equal(t, len(c.want), count)
		}
	}
	requireCode(t, bridge.CodeNotFound, s.AppendLogs(t.Context(), []bridge.LogLine{{RunID: 4711, Text: "x"}}))
}

// failureLogs is what stands in a log about tenants that failed, and which runs' logs tell of those that failed last (R43).
func failureLogs(t *testing.T, s *store.Store) {
	account := Account(t, s, "failures")
	tenants := Tenants(t, s, account.ID, 3)
	end := func(run bridge.Run, tenant int, status bridge.TenantStatus, message string) {
		t.Helper()
		for range 2 { // asked again it changes nothing
			_, err := s.EndTenant(t.Context(), run.ID, tenants[tenant].ID, status, message)
			require.NoError(t, err)
		}
	}
	lastFailed := func() string {
		t.Helper()
		lines, err := s.Logs(t.Context(), store.LogFilter{AccountID: account.ID, LastFailed: true})
		require.NoError(t, err)
		return texts(lines)
	}
	first := OpenSync(t, s, account, tenants)
	refused := Addition(tenants[0], 1)
	refused.Status, refused.Message = bridge.StatusFailed, "too old. "
	plan := store.PlannedTenant{TenantID: tenants[0].ID, NeedSync: true, Plan: bridge.TenantPlan{Changes: []bridge.Change{refused, Addition(tenants[0], 2)}}}
	for range 2 { // planned anew, it is not said twice
		require.NoError(t, s.SavePlan(t.Context(), first, []store.PlannedTenant{plan}))
	}
	end(first, 0, bridge.TenantFailed, "one. ")
	end(first, 1, bridge.TenantFailed, "two. ")
	end(first, 2, bridge.TenantSynced, "fine. ")
	closed(t, s, first)
	whole := "create addition " + refused.Key + ": too old. failed: one. failed: two. "
	assert.Equal(t, whole, lastFailed())

	second := OpenSync(t, s, account, tenants[2:])
	end(second, 2, bridge.TenantFailed, "three. ")
	closed(t, s, second)
	assert.Equal(t, whole+"failed: three. ", lastFailed(), "each tenant's last run counts")

	third := OpenSync(t, s, account, tenants[:2])
	end(third, 0, bridge.TenantSynced, "")
	end(third, 1, bridge.TenantUnchanged, "")
	closed(t, s, third)
	assert.Equal(t, "failed: three. ", lastFailed(), "the first run's failures are over")

	lines, err := s.Logs(t.Context(), store.LogFilter{AccountID: account.ID, RunID: first.ID})
	require.NoError(t, err)
	for _, l := range lines {
		assert.Equal(t, bridge.LogError, l.Level)
		assert.NotEmpty(t, l.Tenant, l.Text)
	}
}

func closed(t *testing.T, s *store.Store, run bridge.Run) {
	t.Helper()
	_, err := s.CloseRun(t.Context(), run.ID, "", "")
	require.NoError(t, err)
}

func texts(lines []bridge.LogLine) string {
	var out strings.Builder
	for _, l := range lines {
		out.WriteString(l.Text)
	}
	return out.String()
}
