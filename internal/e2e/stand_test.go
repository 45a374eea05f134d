//go:build e2e || pictures

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"causeway/internal/config"
	"causeway/internal/devstack"
)

// within is how long anything may take on a loaded machine. It bounds waiting and is never waited out.
const within = time.Minute

// stand is a `causeway dev`: the built program, with a data folder of its own.
type stand struct {
	t    *testing.T
	dir  string
	said *os.File
	done chan error
	dev  config.DevFile
}

// newStand starts the program and returns once everything answers. It skips where Temporal's dev server is not built.
func newStand(t *testing.T, args ...string) *stand {
	t.Helper()
	temporal, err := devstack.FindTemporal(os.Getenv)
	if err != nil {
		t.Skipf("SKIPPED, NOT TESTED: %v", err)
	}
	program, err := filepath.Abs("../../bin/causeway")
	require.NoError(t, err)
	if _, err := os.Stat(program); err != nil {
		t.Fatalf("the program is not built, run `make build` first: %v", err)
	}
	s := &stand{t: t, dir: t.TempDir(), done: make(chan error, 1)}
	s.said, err = os.Create(filepath.Join(t.TempDir(), "dev.out"))
	require.NoError(t, err)
	cmd := exec.Command(program, append([]string{"dev", "--data", s.dir, "--ports", "auto"}, args...)...)
	cmd.Env = append(os.Environ(), "CAUSEWAY_TEMPORAL_CLI="+temporal)
	cmd.Stdout, cmd.Stderr = s.said, s.said
	require.NoError(t, cmd.Start())
	go func() { s.done <- cmd.Wait() }()
	t.Cleanup(func() { s.end(cmd.Process) })
	s.until("dev.json", func() bool {
		dev, err := config.ReadDevFile(s.dir)
		if err != nil || dev == nil {
			return false
		}
		s.dev = *dev
		return true
	})
	return s
}

func (s *stand) end(process *os.Process) {
	if process.Signal(syscall.SIGTERM) != nil {
		return // it ended before and the test has said so
	}
	select {
	case err := <-s.done:
		require.NoError(s.t, err, s.output())
	case <-time.After(within):
		_ = process.Kill()
		s.t.Errorf("dev did not end within %s of being told to\n%s", within, s.output())
	}
}

// until looks again and again, and gives up when the program ends.
func (s *stand) until(what string, done func() bool) {
	s.t.Helper()
	deadline := time.After(within)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case err := <-s.done:
			s.t.Fatalf("dev ended before %s: %v\n%s", what, err, s.output())
		case <-deadline:
			s.t.Fatalf("no %s within %s\n%s", what, within, s.output())
		case <-tick.C:
		}
	}
}

// output is what the program printed.
func (s *stand) output() string {
	text, err := os.ReadFile(s.said.Name())
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// simulator asks one of the simulators' controls.
func (s *stand) simulator(method, address, body string) []byte {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), method, address, strings.NewReader(body))
	require.NoError(s.t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(s.t, err)
	defer func() { _ = response.Body.Close() }()
	var answer json.RawMessage
	if response.StatusCode != http.StatusNoContent {
		require.NoError(s.t, json.NewDecoder(response.Body).Decode(&answer))
	}
	require.Less(s.t, response.StatusCode, 300, string(answer))
	return answer
}

// writes counts the requests that ConnectWise took which were no reads.
func (s *stand) writes() int {
	s.t.Helper()
	var log struct {
		Counts map[string]int `json:"counts"`
	}
	require.NoError(s.t, json.Unmarshal(s.simulator(http.MethodGet, s.dev.ConnectWise.URL+"/_sim/requests", ""), &log))
	n := 0
	for method, count := range log.Counts {
		if method != http.MethodGet {
			n += count
		}
	}
	return n
}

// setQuantity changes what MySonicWall reports of a tenant's product.
func (s *stand) setQuantity(tenant int, serial string, quantity int) {
	s.t.Helper()
	s.simulator(http.MethodPost, s.dev.MySonicWall.URL+"/_sim/edit",
		fmt.Sprintf(`{"op": "product.quantity", "productGroupID": %d, "serialNumber": %q, "quantity": %d}`, tenant, serial, quantity))
}
