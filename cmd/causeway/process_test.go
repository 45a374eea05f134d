package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"causeway/internal/secret"
)

// freeAddress is one that nothing listens on now.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	return l.Addr().String()
}

// get asks until something listens.
func get(t *testing.T, url string) (int, string) {
	t.Helper()
	for {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		require.NoError(t, err)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			select {
			case <-t.Context().Done():
				t.Fatal(err)
			case <-time.After(10 * time.Millisecond):
			}
			continue
		}
		text, err := io.ReadAll(response.Body)
		require.NoError(t, response.Body.Close())
		require.NoError(t, err)
		return response.StatusCode, string(text)
	}
}

// Processes may be started in any order: without Temporal they wait, say so, and end well when told to.
func TestServerAndWorkerWaitForTemporal(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"worker", "server"} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			dir, listen, metrics := t.TempDir(), freeAddress(t), freeAddress(t)
			_, err := secret.CreateMasterKey(filepath.Join(dir, "master.key"))
			require.NoError(t, err)
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan int, 1)
			var errs bytes.Buffer
			go func() {
				ended <- run(ctx, []string{
					command, "--data", dir, "--listen", listen, "--metrics-listen", metrics, "--temporal-address", "127.0.0.1:1", "--mysonicwall-url", "https://api.mysonicwall.com",
				}, io.Discard, &errs)
			}()
			addresses := []string{metrics}
			if command == "server" {
				addresses = append(addresses, listen)
			}
			for _, address := range addresses {
				code, _ := get(t, "http://"+address+"/healthz")
				require.Equal(t, 200, code)
				for said := ""; !strings.Contains(said, "waiting for Temporal at 127.0.0.1:1"); {
					code, said = get(t, "http://"+address+"/readyz")
					require.Equal(t, 503, code, said)
				}
			}
			if command == "server" {
				code, said := get(t, "http://"+listen+"/accounts")
				require.Equal(t, 503, code)
				require.Contains(t, said, "waiting for Temporal")
			}
			cancel()
			require.Equal(t, 0, <-ended, errs.String())
		})
	}
}

func TestWorkerWithoutItsKeySaysWhichFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	got := causeway(t, "worker", "--data", dir)
	require.Equal(t, 1, got.code)
	require.Contains(t, got.err, filepath.Join(dir, "master.key"))

	file := filepath.Join(dir, "master.key")
	require.Equal(t, 0, causeway(t, "master-key", "create", file).code)
	again := causeway(t, "master-key", "create", file)
	require.Equal(t, 1, again.code, "a new key over an old one would lose every sealed key")
}
