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
	address, create := PostgresLater(tb)
	create()
	return address
}

// PostgresLater is the address of a database that is not there until create is called.
func PostgresLater(tb testing.TB) (address string, create func()) {
	tb.Helper()
	server := os.Getenv("CAUSEWAY_TEST_POSTGRES_URL")
	if server == "" {
		tb.Skip("NOT TESTED ON POSTGRES: set CAUSEWAY_TEST_POSTGRES_URL to a server where databases may be created; make test does")
	}
	mine, err := url.Parse(server)
	require.NoError(tb, err)
	name := "causeway_test_" + strings.ToLower(rand.Text())
	mine.Path = "/" + name
	return mine.String(), func() {
		administrate(tb, server, "CREATE DATABASE "+name)
		tb.Cleanup(func() { administrate(tb, server, "DROP DATABASE "+name+" WITH (FORCE)") })
	}
}

// Dump writes out every row of every table of a Postgres database, each row as JSON.
func Dump(tb testing.TB, address string) string {
	tb.Helper()
	ctx := tb.Context()
	db, err := pgx.Connect(ctx, address)
	require.NoError(tb, err)
	defer db.Close(ctx)
	texts := func(query string) []string {
		rows, err := db.Query(ctx, query)
		require.NoError(tb, err)
		all, err := pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(tb, err)
		return all
	}
	tables := texts("SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1")
	var dump strings.Builder
	for _, table := range tables {
		dump.WriteString("-- " + table + "\n")
		for _, row := range texts("SELECT row_to_json(one)::text FROM " + table + " AS one") {
			dump.WriteString(row + "\n")
		}
	}
	return dump.String()
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
