package wiring_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"causeway/internal/config"
	"causeway/internal/secret"
	"causeway/internal/wiring"
)

func settings(t *testing.T) config.Settings {
	t.Helper()
	s, err := config.FromEnvironment()
	require.NoError(t, err)
	s.DataDir = t.TempDir()
	s.TemporalAddress = "127.0.0.1:1" // nothing listens there
	return s
}

func TestOpenMigratesAndCloses(t *testing.T) {
	t.Parallel()
	o := wiring.Options{Settings: settings(t), Log: slog.New(slog.DiscardHandler), Version: "test"}
	for range 2 {
		p, err := wiring.Open(t.Context(), o)
		require.NoError(t, err)
		have, want, err := p.Store.SchemaVersion(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, have)
		require.NoError(t, p.Answering(t.Context()))
		require.NoError(t, p.Close())
	}
}

func TestWithoutAMasterKeyNothingIsMade(t *testing.T) {
	t.Parallel()
	s := settings(t)
	_, err := wiring.Open(t.Context(), wiring.Options{Settings: s, Log: slog.New(slog.DiscardHandler), Keys: true})
	require.ErrorContains(t, err, s.MasterKey())
	require.NoFileExists(t, filepath.Join(s.DataDir, "causeway.db"))
}

// What is away is waited for; the wait is told, and ends with the context.
func TestAbsentTemporalIsWaitedFor(t *testing.T) {
	t.Parallel()
	s := settings(t)
	_, err := secret.CreateMasterKey(s.MasterKey())
	require.NoError(t, err)
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("enough")
	ready := wiring.NewReadiness()
	tries := 0
	_, err = wiring.Open(ctx, wiring.Options{
		Settings: s, Log: slog.New(slog.DiscardHandler), Keys: true, Temporal: true,
		Waiting: func(what string, err error) {
			ready.Waiting(what, err)
			if strings.Contains(what, "Temporal") {
				tries++
				if tries == 2 {
					cancel(stop)
				}
			}
		},
	})
	require.ErrorIs(t, err, stop)
	require.Equal(t, 2, tries)
	require.ErrorContains(t, ready.Check(t.Context()), "waiting for Temporal at 127.0.0.1:1")
}

func TestPatienceEnds(t *testing.T) {
	t.Parallel()
	_, err := wiring.Open(t.Context(), wiring.Options{
		Settings: settings(t), Log: slog.New(slog.DiscardHandler), Temporal: true, Patience: time.Millisecond,
	})
	require.ErrorContains(t, err, "Temporal at 127.0.0.1:1 cannot be reached")
}

// A folder that cannot be written to is no better in a moment: even a patient process says so at once.
func TestTroubleWithFilesIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	s := settings(t)
	blocked := filepath.Join(s.DataDir, "a-file")
	require.NoError(t, os.WriteFile(blocked, nil, 0o600))
	s.DatabaseURL = secret.Text("sqlite:" + filepath.Join(blocked, "causeway.db"))
	_, err := wiring.Open(t.Context(), wiring.Options{Settings: s, Log: slog.New(slog.DiscardHandler)})
	require.ErrorContains(t, err, blocked)
}

func TestReadinessFollowsTheProcess(t *testing.T) {
	t.Parallel()
	ready := wiring.NewReadiness()
	mux := http.NewServeMux()
	ready.Routes(mux)
	ask := func(path string) (int, string) {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		return w.Code, w.Body.String()
	}
	expect := func(status int, says string) {
		t.Helper()
		code, body := ask("/readyz")
		require.Equal(t, status, code)
		require.Contains(t, body, says)
		code, _ = ask("/healthz")
		require.Equal(t, 200, code, "a process that waits is alive")
	}
	expect(503, "starting")
	ready.Waiting("the database", errors.New("password of postgres://u:geheim@h refused"))
	expect(503, "waiting for the database")
	_, body := ask("/readyz")
	require.NotContains(t, body, "geheim")
	var trouble error
	ready.Ready(func(context.Context) error { return trouble })
	expect(200, "ready")
	trouble = errors.New("Temporal does not answer")
	expect(503, "Temporal does not answer")
	ready.Stopping()
	expect(503, "stopping")
}

func TestServeStopsAndNamesItsAddress(t *testing.T) {
	t.Parallel()
	address, stop, err := wiring.Serve("127.0.0.1:0", http.NotFoundHandler())
	require.NoError(t, err)
	_, _, err = wiring.Serve(address, http.NotFoundHandler())
	require.ErrorContains(t, err, address, "a port in use is an error of the start")
	response, err := http.Get("http://" + address)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	stop()
	_, err = http.Get("http://" + address)
	require.Error(t, err)
}

func TestLogsHoldNoSecretsAndNoForgedLines(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := slog.New(wiring.NewLog(&out, slog.LevelInfo))
	log.Info("call", "Authorization", "Basic Z2VoZWlt", "private_key", "geheim", "key", secret.Text("geheim"), "error", errors.New("first\nlevel=INFO msg=forged")) //nolint:sloglint // a header as others log it
	log.Info("long", "text", strings.Repeat("x", 10_000))
	log.Debug("unseen")
	require.NotContains(t, out.String(), "geheim")
	require.NotContains(t, out.String(), "Z2VoZWlt")
	require.Equal(t, 2, strings.Count(out.String(), "\n"))
	require.Less(t, out.Len(), 3000)
}

func TestMetricsAreServed(t *testing.T) {
	t.Parallel()
	meters, err := wiring.NewMeters("test", slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	_, err = wiring.NewMeters("test", slog.New(slog.DiscardHandler))
	require.NoError(t, err, "each has its own registry")
	server := httptest.NewServer(meters.Handler())
	defer server.Close()
	response, err := http.Get(server.URL)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Contains(t, string(text), "go_goroutines")
}
