package store

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"causeway/internal/bridge"
)

// counted is a store whose reading statements are counted.
func counted(t *testing.T) (*Store, *atomic.Int64) {
	t.Helper()
	s, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "causeway.db"), Options{})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	require.NoError(t, s.Migrate(t.Context()))
	statements := &atomic.Int64{}
	count := func(*gorm.DB) { statements.Add(1) }
	require.NoError(t, s.read.Callback().Query().Register("test:count", count))
	require.NoError(t, s.read.Callback().Row().Register("test:count", count))
	return s, statements
}

// TestSummariesTakeAsManyStatementsHoweverManyAccounts: the home page must not slow down with each account.
func TestSummariesTakeAsManyStatementsHoweverManyAccounts(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s, statements := counted(t)

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

// TestTenantsTakeAsManyStatementsHoweverManyTheyAre: held changes and open lines are counted with the list.
func TestTenantsTakeAsManyStatementsHoweverManyTheyAre(t *testing.T) {
	t.Parallel()
	s, statements := counted(t)
	account, err := s.CreateAccount(t.Context(), bridge.Account{Name: "one"}, Keys{})
	require.NoError(t, err)
	taken := func(tenants int) int64 {
		t.Helper()
		list := make([]bridge.Tenant, tenants)
		for i := range list {
			list[i] = bridge.Tenant{ID: fmt.Sprint(i), Name: fmt.Sprint(i)}
		}
		_, _, _, err := s.SaveTenants(t.Context(), account.ID, list, s.clock())
		require.NoError(t, err)
		before := statements.Load()
		rows, _, _, err := s.Tenants(t.Context(), account.ID, TenantFilter{})
		require.NoError(t, err)
		require.Len(t, rows, tenants)
		return statements.Load() - before
	}
	one := taken(1)
	assert.Positive(t, one)
	assert.Equal(t, one, taken(200))
}

// TestLookupsOfEachWriteUseTheirIndex: what is asked once for every record written must not walk through the history, whose
// length is years of nights.
func TestLookupsOfEachWriteUseTheirIndex(t *testing.T) {
	t.Parallel()
	s, _ := counted(t)
	dry := func(ask func(*gorm.DB) *gorm.DB) string {
		return s.read.ToSQL(func(tx *gorm.DB) *gorm.DB { return ask(tx.WithContext(t.Context())) })
	}
	for index, statement := range map[string]string{
		"changes_unclear": dry(func(tx *gorm.DB) *gorm.DB {
			return s.leftSending(tx, 1).Select("sending_at").Find(&[]changeRow{})
		}),
		"managed_serial": dry(func(tx *gorm.DB) *gorm.DB {
			return tx.Table("managed").Where("account_id = 1 AND binding = 1 AND kind IN ('addition') AND serial IN ('A') AND serial <> ''").Find(&[]managedRow{})
		}),
	} {
		var steps []struct{ Detail string }
		require.NoError(t, s.read.Raw("EXPLAIN QUERY PLAN "+statement).Scan(&steps).Error, statement)
		var plan []string
		for _, step := range steps {
			plan = append(plan, step.Detail)
		}
		assert.Contains(t, strings.Join(plan, "\n"), index, statement)
	}
}
