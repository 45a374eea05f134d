package store_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"causeway/internal/store"
	"causeway/internal/store/storetest"
)

func TestSQLite(t *testing.T) {
	t.Parallel()
	storetest.Exercise(t, func(t *testing.T) *store.Store {
		t.Helper()
		return openSQLite(t, filepath.Join(t.TempDir(), "causeway.db"))
	})
}

func TestPostgres(t *testing.T) {
	t.Parallel()
	postgresURL(t)
	storetest.Exercise(t, func(t *testing.T) *store.Store {
		t.Helper()
		return openPostgres(t)
	})
}

func openSQLite(tb testing.TB, file string) *store.Store {
	tb.Helper()
	return open(tb, "sqlite:"+file)
}

func open(tb testing.TB, address string) *store.Store {
	tb.Helper()
	s, err := store.Open(tb.Context(), address, store.Options{Sealer: storetest.Sealer(tb)})
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, s.Close()) })
	require.NoError(tb, s.Migrate(tb.Context()))
	return s
}

func postgresURL(tb testing.TB) *url.URL {
	tb.Helper()
	address := os.Getenv("CAUSEWAY_TEST_POSTGRES_URL")
	if address == "" {
		tb.Skip("NOT TESTED ON POSTGRES: set CAUSEWAY_TEST_POSTGRES_URL to a server where databases may be created; make test does")
	}
	parsed, err := url.Parse(address)
	require.NoError(tb, err)
	return parsed
}

// openPostgres makes a database for one test and drops it afterwards.
func openPostgres(tb testing.TB) *store.Store {
	tb.Helper()
	address := postgresURL(tb)
	admin, err := pgx.Connect(tb.Context(), address.String())
	require.NoError(tb, err)
	random := make([]byte, 8)
	_, err = rand.Read(random)
	require.NoError(tb, err)
	name := "causeway_test_" + hex.EncodeToString(random)
	_, err = admin.Exec(tb.Context(), "CREATE DATABASE "+name)
	require.NoError(tb, err)
	require.NoError(tb, admin.Close(tb.Context()))
	tb.Cleanup(func() { dropDatabase(tb, address.String(), name) })
	mine := *address
	mine.Path = "/" + name
	return open(tb, mine.String())
}

// dropDatabase runs after the test's own context ended.
func dropDatabase(tb testing.TB, address, name string) {
	tb.Helper()
	ctx := context.Background()
	admin, err := pgx.Connect(ctx, address)
	require.NoError(tb, err)
	defer admin.Close(ctx)
	_, err = admin.Exec(ctx, "DROP DATABASE "+name)
	require.NoError(tb, err)
}
