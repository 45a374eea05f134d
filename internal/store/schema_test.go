package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"causeway/internal/bridge"
	"causeway/internal/store"
	"causeway/internal/store/storetest"
)

// TestSchema compares the migrated schemas with what the rows read and write, column by column.
func TestSchema(t *testing.T) {
	t.Parallel()
	want, err := store.RowColumns()
	require.NoError(t, err)
	for name, c := range map[string]struct {
		open  func(testing.TB) *store.Store
		query string
	}{
		"sqlite": {storetest.SQLite, `SELECT t.name AS table_name, c.name AS column_name FROM sqlite_master t, pragma_table_info(t.name) c
			WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name NOT LIKE 'goose_%' ORDER BY 1, 2`},
		"postgres": {storetest.Postgres, `SELECT table_name, column_name FROM information_schema.columns
			WHERE table_schema = 'public' AND table_name NOT LIKE 'goose_%' ORDER BY 1, column_name COLLATE "C"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var rows []struct{ TableName, ColumnName string }
			require.NoError(t, c.open(t).Writer().Raw(c.query).Scan(&rows).Error)
			got := map[string][]string{}
			for _, r := range rows {
				got[r.TableName] = append(got[r.TableName], r.ColumnName)
			}
			assert.Empty(t, cmp.Diff(want, got))
		})
	}
}

// TestClaimWaitsForTheAccount: while another process ends a run, a claim of that run's change neither succeeds nor slips in between.
func TestClaimWaitsForTheAccount(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(testing.TB) *store.Store{"sqlite": storetest.SQLite, "postgres": storetest.Postgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			account := storetest.Account(t, s, "claims")
			run, tenants := storetest.Run(t, s, account, 1)
			storetest.Plan(t, s, run, tenants, 1)
			pending, err := s.PendingChanges(t.Context(), run.ID, tenants[0].ID)
			require.NoError(t, err)

			ending := s.Writer().WithContext(t.Context()).Begin()
			require.NoError(t, ending.Error)
			defer ending.Rollback()
			require.NoError(t, ending.Exec(`UPDATE accounts SET current_run_id = NULL WHERE id = ?`, account.ID).Error)
			short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			claimed, err := s.ClaimChange(short, run, pending[0].ID)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.False(t, claimed)

			require.NoError(t, ending.Commit().Error)
			claimed, err = s.ClaimChange(t.Context(), run, pending[0].ID)
			require.NoError(t, err)
			assert.False(t, claimed)
			pending, err = s.PendingChanges(t.Context(), run.ID, tenants[0].ID)
			require.NoError(t, err)
			assert.Equal(t, bridge.StatusPlanned, pending[0].Status)
		})
	}
}
