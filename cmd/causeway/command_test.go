package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMain lets the test binary be causeway itself, so that tests start real processes of exactly this code.
func TestMain(m *testing.M) {
	if os.Getenv("CAUSEWAY_TEST_RUNS_MAIN") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// said is what one command line answered with.
type said struct {
	code     int
	out, err string
}

func causeway(t *testing.T, args ...string) said {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(t.Context(), args, &out, &errs)
	return said{code, out.String(), errs.String()}
}

// document is the one JSON document on stdout.
func (s said) document(t *testing.T, into any) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(s.out))
	require.NoError(t, decoder.Decode(into), "stdout: %s\nstderr: %s", s.out, s.err)
	require.False(t, decoder.More(), "more than one document: %s", s.out)
}

func TestVersionIsOneStableLine(t *testing.T) {
	t.Parallel()
	require.Equal(t, said{0, "causeway " + version + "\n", ""}, causeway(t, "version"))
	var answer struct{ Version string }
	causeway(t, "version", "--json").document(t, &answer)
	require.Equal(t, version, answer.Version)
}

func TestUsageMistakesEndWithTwoAndSayWhat(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"no command":            {nil, "expected one of"},
		"unknown command":       {[]string{"frobnicate"}, "frobnicate"},
		"unknown flag":          {[]string{"runs", "demo", "--nope"}, "--nope"},
		"missing argument":      {[]string{"runs"}, "<name>"},
		"no changes to release": {[]string{"release", "demo"}, "<id>"},
		"not a number":          {[]string{"dismiss", "demo", "twelve"}, "twelve"},
		"both at once":          {[]string{"release", "demo", "1", "--adopt", "--bill-from"}, "--adopt"},
		"no tenant to end":      {[]string{"end-billing", "demo"}, "--tenant"},
		"alerts not exported":   {[]string{"export", "demo", "--what", "alerts", "--data", dir}, "only changes and logs"},
		"unknown format":        {[]string{"export", "demo", "--what", "logs", "--format", "xml"}, "csv"},
		"wrong setting":         {[]string{"runs", "demo", "--data", dir, "--maybe-done-wait", "soon"}, "CAUSEWAY_MAYBE_DONE_WAIT"},
		"dashboard for all":     {[]string{"server", "--data", dir, "--listen", "0.0.0.0:8080"}, "CAUSEWAY_LISTEN"},
		"negative tenants":      {[]string{"simulate", "--tenants=-1"}, "--tenants"},
		"no simulator":          {[]string{"simulate", "--connectwise-listen=", "--mysonicwall-listen="}, "left out"},
		"not an address":        {[]string{"healthcheck", "localhost"}, "http://"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			human := causeway(t, c.args...)
			require.Equal(t, 2, human.code, human.err)
			require.Empty(t, human.out)
			require.Contains(t, human.err, c.says)

			var answer struct {
				Error    string
				Findings []any
			}
			machine := causeway(t, append(c.args, "--json")...)
			require.Equal(t, 2, machine.code)
			machine.document(t, &answer)
			require.Contains(t, answer.Error, c.says)
			require.NotNil(t, answer.Findings)
		})
	}
}

func TestSettingsAreReportedTogether(t *testing.T) {
	t.Parallel()
	got := causeway(t, "runs", "demo", "--data", t.TempDir(), "--maybe-done-wait", "soon", "--workers", "none", "--log-level", "loud")
	require.Equal(t, 2, got.code)
	for _, name := range []string{"CAUSEWAY_MAYBE_DONE_WAIT", "CAUSEWAY_WORKERS", "CAUSEWAY_LOG_LEVEL"} {
		require.Contains(t, got.err, name)
	}
}

func TestHelpIsNoMistake(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--help"}, {"sync-now", "--help"}, {"account", "apply", "--help"}} {
		got := causeway(t, args...)
		require.Equal(t, 0, got.code, got.err)
		require.Contains(t, got.out, "Usage: causeway")
	}
}

func TestCommandsOfTheWrongFolderSaySo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	got := causeway(t, "runs", "demo", "--data", dir)
	require.Equal(t, 1, got.code)
	require.Contains(t, got.err, "there is no database "+filepath.Join(dir, "causeway.db"))
	require.NoFileExists(t, filepath.Join(dir, "causeway.db"))
}

func TestMigrateThenLook(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var answer migrated
	causeway(t, "migrate", "--data", dir, "--json").document(t, &answer)
	require.Positive(t, answer.Schema)
	again := causeway(t, "migrate", "--data", dir)
	require.Equal(t, 0, again.code, again.err)

	unknown := causeway(t, "runs", "nobody", "--data", dir, "--json")
	require.Equal(t, 1, unknown.code)
	var failed failure
	unknown.document(t, &failed)
	require.Contains(t, failed.Error, "nobody")
	require.Equal(t, "not_found", string(failed.Code))
}

func TestAccountFileMistakesAreNamedByLine(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "a.yaml")
	require.NoError(t, os.WriteFile(file, []byte("account: Not_A_Name\nfrobs: 3\n"), 0o600))
	got := causeway(t, "account", "apply", "--file", file, "--json")
	require.Equal(t, 1, got.code)
	var failed failure
	got.document(t, &failed)
	require.NotEmpty(t, failed.Findings)
	require.Contains(t, failed.Error, ":2: frobs")
}

func TestHealthcheck(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/readyz" {
			http.Error(w, "not ready: waiting for the database", http.StatusServiceUnavailable) //nolint:gocritic // the last statement of its branch
		}
	}))
	defer server.Close()
	require.Equal(t, 0, causeway(t, "healthcheck", server.URL+"/readyz").code)
	ill := causeway(t, "healthcheck", server.URL+"/other")
	require.Equal(t, 1, ill.code)
	require.Contains(t, ill.err, "503")
	server.Close()
	require.Equal(t, 1, causeway(t, "healthcheck", server.URL+"/readyz").code)
}

func TestSimulateAnswersWhereItRunsAndStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	out := &firstDocument{got: make(chan struct{})}
	var errs bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{
			"simulate", "--json", "--connectwise-listen", "0.0.0.0:0", "--mysonicwall-listen", "127.0.0.1:0", "--tenants", "2", "--state-dir", t.TempDir(),
		}, out, &errs)
	}()
	select {
	case <-out.got:
	case code := <-ended:
		t.Fatalf("ended with %d: %s", code, errs.String())
	}
	var answer struct {
		ConnectWise struct {
			URL string `json:"url"`
		} `json:"connectwise"`
		MySonicWall struct {
			URL string `json:"url"`
		} `json:"mysonicwall"`
	}
	require.NoError(t, json.Unmarshal(out.text.Bytes(), &answer))
	for _, url := range []string{answer.ConnectWise.URL, answer.MySonicWall.URL} {
		require.Equal(t, 0, causeway(t, "healthcheck", url+"/_sim/health").code)
	}
	cancel()
	require.Equal(t, 0, <-ended)
	require.Equal(t, 1, causeway(t, "healthcheck", answer.ConnectWise.URL+"/_sim/health").code)
}

// firstDocument tells when the first document has been written; it is written in one piece.
type firstDocument struct {
	text bytes.Buffer
	got  chan struct{}
}

func (f *firstDocument) Write(b []byte) (int, error) {
	n, err := f.text.Write(b)
	close(f.got)
	return n, err
}

func TestCellsObeyNoTerminalCodes(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	table := newTable(&out)
	table.row("a\x1b[2Jb\u202e", strings.Repeat("x", 100), strings.Repeat("y", 100))
	table.row((*int)(nil), "", "")
	require.NoError(t, table.flush())
	require.NotContains(t, out.String(), "\x1b")
	require.NotContains(t, out.String(), "\u202e")
	require.NotContains(t, out.String(), strings.Repeat("x", widest))
	require.Contains(t, out.String(), strings.Repeat("y", 100))
	require.Contains(t, out.String(), "–")
}
