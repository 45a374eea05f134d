package storetest

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"causeway/internal/store"
)

// SQLite opens a fresh, migrated database in a folder of the test's own.
func SQLite(tb testing.TB) *store.Store {
	tb.Helper()
	return open(tb, "sqlite:"+filepath.Join(tb.TempDir(), "causeway.db"))
}

// Postgres makes a fresh, migrated database on the server that CAUSEWAY_TEST_POSTGRES_URL names, and drops it with the test.
// Without the variable the test is skipped, saying so.
func Postgres(tb testing.TB) *store.Store {
	tb.Helper()
	return open(tb, PostgresURL(tb))
}

// PostgresURL is the address of a fresh database that holds nothing yet.
func PostgresURL(tb testing.TB) string {
	tb.Helper()
	address := os.Getenv("CAUSEWAY_TEST_POSTGRES_URL")
	if address == "" {
		tb.Skip("NOT TESTED ON POSTGRES: set CAUSEWAY_TEST_POSTGRES_URL to a server where databases may be created; make test does")
	}
	mine, err := url.Parse(address)
	require.NoError(tb, err)
	name := "causeway_test_" + strings.ToLower(rand.Text())
	administrate(tb, address, "CREATE DATABASE "+name)
	tb.Cleanup(func() { administrate(tb, address, "DROP DATABASE "+name) })
	mine.Path = "/" + name
	return mine.String()
}

// administrate also works when the test's own context has ended.
func administrate(tb testing.TB, address, statement string) {
	tb.Helper()
	ctx := context.Background()
	admin, err := pgx.Connect(ctx, address)
	require.NoError(tb, err)
	defer admin.Close(ctx)
	_, err = admin.Exec(ctx, statement)
	require.NoError(tb, err)
}

func open(tb testing.TB, address string) *store.Store {
	tb.Helper()
	s, err := store.Open(tb.Context(), address, store.Options{Sealer: Sealer(tb)})
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, s.Close()) })
	require.NoError(tb, s.Migrate(tb.Context()))
	return s
}
