package store

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"causeway/internal/bridge"
)

// TestSummariesTakeAsManyStatementsHoweverManyAccounts: the home page must not slow down with each account.
func TestSummariesTakeAsManyStatementsHoweverManyAccounts(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s, err := Open(ctx, "sqlite:"+filepath.Join(t.TempDir(), "causeway.db"), Options{})
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, s.Migrate(ctx))
	var statements atomic.Int64
	count := func(*gorm.DB) { statements.Add(1) }
	require.NoError(t, s.read.Callback().Query().Register("test:count", count))
	require.NoError(t, s.read.Callback().Row().Register("test:count", count))

	taken := func(accounts int) int64 {
		t.Helper()
		before := statements.Load()
		summaries, err := s.Summaries(ctx)
		require.NoError(t, err)
		require.Len(t, summaries, accounts)
		return statements.Load() - before
	}
	add := func(name string) {
		t.Helper()
		account, err := s.CreateAccount(ctx, bridge.Account{Name: name}, Keys{})
		require.NoError(t, err)
		_, _, err = s.OpenRun(ctx, OpenRun{AccountID: account.ID, Kind: bridge.RunSync})
		require.NoError(t, err)
	}
	add("one")
	one := taken(1)
	assert.Positive(t, one)
	for i := range 10 {
		add(fmt.Sprintf("more-%d", i))
	}
	assert.Equal(t, one, taken(11))
}
