package store_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"causeway/internal/bridge"
	"causeway/internal/secret"
	"causeway/internal/store"
	"causeway/internal/store/storetest"
)

func TestSQLite(t *testing.T) {
	t.Parallel()
	storetest.Exercise(t, func(t *testing.T) *store.Store {
		t.Helper()
		return storetest.SQLite(t)
	})
}

func TestPostgres(t *testing.T) {
	t.Parallel()
	storetest.PostgresURL(t)
	storetest.Exercise(t, func(t *testing.T) *store.Store {
		t.Helper()
		return storetest.Postgres(t)
	})
}

func TestMigrateByManyProcesses(t *testing.T) {
	t.Parallel()
	for name, address := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { t.Helper(); return "sqlite:" + filepath.Join(t.TempDir(), "causeway.db") },
		"postgres": func(t *testing.T) string { t.Helper(); return storetest.PostgresURL(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := address(t)
			var group sync.WaitGroup
			for range 4 {
				s, err := store.Open(t.Context(), url, store.Options{})
				require.NoError(t, err)
				t.Cleanup(func() { assert.NoError(t, s.Close()) })
				group.Go(func() { assert.NoError(t, s.Migrate(t.Context())) })
			}
			group.Wait()
			s, err := store.Open(t.Context(), url, store.Options{})
			require.NoError(t, err)
			defer s.Close()
			have, want, err := s.SchemaVersion(t.Context())
			require.NoError(t, err)
			assert.Equal(t, want, have)
			assert.Positive(t, want)
		})
	}
}

func TestOpenRefusesWhatItCannotUse(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for _, c := range []struct{ name, url, says string }{
		{"another database", "mysql://localhost/x", "postgres:// or sqlite:"},
		{"no file", "sqlite:", "name of a file"},
		{"a folder that is a file", "sqlite:" + file + "/causeway.db", "not a directory"},
		{"nobody listens", "postgres://me:hush@127.0.0.1:1/x?connect_timeout=5", "127.0.0.1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := store.Open(t.Context(), c.url, store.Options{})
			require.ErrorContains(t, err, c.says)
			assert.NotContains(t, err.Error(), "hush", "a password must not reach an error")
		})
	}
}

func TestSQLiteFile(t *testing.T) {
	t.Parallel()
	// A name in which everything that means something in an address stays a part of the name.
	file := filepath.Join(t.TempDir(), "a folder", "ca%20use?way#1.db")
	s, err := store.Open(t.Context(), "sqlite:"+file, store.Options{Sealer: storetest.Sealer(t)})
	require.NoError(t, err)
	require.NoError(t, s.Migrate(t.Context()))
	storetest.Account(t, s, "first")
	for _, name := range []string{file, file + "-wal"} {
		info, err := os.Stat(name)
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), name)
	}
	require.NoError(t, s.Close())

	again, err := store.Open(t.Context(), "sqlite:"+file, store.Options{})
	require.NoError(t, err)
	defer again.Close()
	_, err = again.Account(t.Context(), "first")
	require.NoError(t, err, "what was stored is there after a restart")
}

// TestKeysNeverInClear looks for canary keys in everything that a copy of the database or the log would show.
func TestKeysNeverInClear(t *testing.T) {
	t.Parallel()
	const mswCanary, cwmCanary = "canary-msw-3f9a", "canary-cwm-77b1"
	var log bytes.Buffer
	file := filepath.Join(t.TempDir(), "causeway.db")
	s, err := store.Open(t.Context(), "sqlite:"+file, store.Options{
		Sealer: storetest.Sealer(t), Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	require.NoError(t, err)
	require.NoError(t, s.Migrate(t.Context()))
	account, err := s.CreateAccount(t.Context(), bridge.Account{Name: "canary"}, store.Keys{MySonicWall: mswCanary})
	require.NoError(t, err)
	require.NoError(t, s.SetKeys(t.Context(), account.ID, store.Keys{ConnectWise: cwmCanary}))
	_, err = s.CreateAccount(t.Context(), bridge.Account{Name: "canary"}, store.Keys{MySonicWall: mswCanary})
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "canary-msw")
	keys, err := s.Keys(t.Context(), account.ID)
	require.NoError(t, err)
	assert.Equal(t, store.Keys{MySonicWall: secret.Text(mswCanary), ConnectWise: secret.Text(cwmCanary)}, keys)
	searched := 0
	search := func() {
		names, err := filepath.Glob(file + "*")
		require.NoError(t, err)
		for _, name := range names {
			content, err := os.ReadFile(name)
			require.NoError(t, err)
			searched += len(content)
			assert.False(t, bytes.Contains(content, []byte("canary-")), "a key stands in clear in %s", name)
		}
	}
	search()
	require.NoError(t, s.Close())
	search()
	assert.Greater(t, searched, 100_000, "the files that were searched hold the database")
	assert.NotContains(t, log.String(), "canary-", "a key stands in clear in the log")
}

// placeRecorder remembers for which places keys were sealed, and refuses to open them anywhere else.
type placeRecorder struct {
	inner  store.Sealer
	places map[string]string
}

func (r placeRecorder) Seal(plain []byte, place string) ([]byte, error) {
	r.places[string(plain)] = place
	return r.inner.Seal(plain, place)
}

func (r placeRecorder) Unseal(sealed []byte, place string) ([]byte, error) {
	return r.inner.Unseal(sealed, place)
}

func TestKeysAreBoundToTheirPlace(t *testing.T) {
	t.Parallel()
	recorder := placeRecorder{inner: storetest.Sealer(t), places: map[string]string{}}
	file := filepath.Join(t.TempDir(), "causeway.db")
	s, err := store.Open(t.Context(), "sqlite:"+file, store.Options{Sealer: recorder})
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, s.Migrate(t.Context()))
	for _, name := range []string{"first", "second"} {
		account, err := s.CreateAccount(t.Context(), bridge.Account{Name: name}, store.Keys{
			MySonicWall: secret.Text("msw " + name), ConnectWise: secret.Text("cwm " + name),
		})
		require.NoError(t, err)
		got, err := s.Keys(t.Context(), account.ID)
		require.NoError(t, err)
		assert.Equal(t, store.Keys{MySonicWall: secret.Text("msw " + name), ConnectWise: secret.Text("cwm " + name)}, got)
	}
	assert.Equal(t, map[string]string{
		"msw first": "account/1/mysonicwall_key", "cwm first": "account/1/connectwise_key",
		"msw second": "account/2/mysonicwall_key", "cwm second": "account/2/connectwise_key",
	}, recorder.places)

	// The same file under another master key, and under none.
	for _, sealer := range []store.Sealer{storetest.Sealer(t), nil} {
		stranger, err := store.Open(t.Context(), "sqlite:"+file, store.Options{Sealer: sealer})
		require.NoError(t, err)
		_, err = stranger.Keys(t.Context(), 1)
		require.ErrorContains(t, err, "master key")
		require.ErrorContains(t, stranger.SetKeys(t.Context(), 4711, store.Keys{MySonicWall: "x"}), "no account")
		require.NoError(t, stranger.Close())
	}
}
