package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/internal/config"
	"causeway/internal/devstack"
	"causeway/internal/simulator/estate"
)

// stand is a `causeway dev` as a process of its own.
type stand struct {
	*child
	dir  string
	args []string
	dev  config.DevFile
}

// newStand skips where Temporal's dev server is not built.
func newStand(t *testing.T, args ...string) *stand {
	t.Helper()
	t.Setenv("CAUSEWAY_TEMPORAL_CLI", temporalProgram(t))
	s := &stand{dir: t.TempDir(), args: args}
	s.start(t)
	return s
}

// temporalProgram is Temporal's own command line; the test is skipped where it is not built.
func temporalProgram(t *testing.T) string {
	t.Helper()
	program, err := devstack.FindTemporal(os.Getenv)
	if err != nil {
		t.Skipf("SKIPPED, NOT TESTED: %v", err)
	}
	return program
}

// start returns once dev.json is there.
func (s *stand) start(t *testing.T) {
	t.Helper()
	dev := start(t, "dev", command(append([]string{"dev", "--data", s.dir, "--ports", "auto"}, s.args...)...))
	t.Cleanup(func() {
		if dev.alive() { // in order, so that it ends its own child
			require.NoError(t, dev.end(t, syscall.SIGTERM))
		}
	})
	s.child = dev
	s.until(t, "dev.json", func() bool {
		dev, err := config.ReadDevFile(s.dir)
		if err != nil || dev == nil || dev.PID != s.cmd.Process.Pid {
			return false
		}
		s.dev = *dev
		return true
	})
}

// until looks again and again, and gives up when dev ends.
func (s *stand) until(t *testing.T, what string, done func() bool) {
	t.Helper()
	until(t, what, done, s.child)
}

func (s *stand) causeway(t *testing.T, args ...string) said {
	t.Helper()
	return causeway(t, append(args, "--data", s.dir)...)
}

// ask expects an exit code and reads the answer.
func (s *stand) ask(t *testing.T, code int, into any, args ...string) {
	t.Helper()
	got := s.causeway(t, append(args, "--json")...)
	require.Equal(t, code, got.code, "%v\n%s\n%s", args, got.out, got.err)
	got.document(t, into)
}

// quarterlyTenant has an agreement that does not bill monthly, so its sync fails (R29); the others' go well.
const quarterlyTenant = 6

func TestOperatorsDay(t *testing.T) {
	const tenants = 6
	s := newStand(t, "--no-demo", "--tenants", strconv.Itoa(tenants))

	file := s.simulators().accountYAML(t, accountName, "")
	var account admin.AccountAnswer
	s.ask(t, 0, &account, "account", "apply", "--file", file)
	require.Equal(t, bridge.AccountReady, account.State)
	require.Equal(t, "account/"+accountName, account.WorkflowID)
	require.NotNil(t, account.NextRun)
	writes := s.simulators().writes(t)
	s.ask(t, 0, &account, "account", "apply", "--file", file)
	require.Equal(t, writes, s.simulators().writes(t), "the same file changes nothing")

	var mapped admin.MappingAnswer
	s.ask(t, 0, &mapped, "mapping", "import", accountName, "--file", mappingCSV(t, tenants, 1, 2, 4))
	require.Equal(t, 3, mapped.Changed)

	// R34: the preview writes nothing and names what the run then writes.
	writes = s.simulators().writes(t)
	var preview admin.PreviewAnswer
	s.ask(t, 0, &preview, "preview", accountName)
	require.NotEmpty(t, preview.Changes)
	require.Equal(t, writes, s.simulators().writes(t))

	run := s.sync(t, 0)
	require.Equal(t, bridge.RunCompleted, run.Status)
	require.Positive(t, run.ChangeCounts.Applied)
	require.Equal(t, 3, run.Tenants.Synced)
	var detail struct {
		Changes []admin.ChangeAnswer
		Logs    []admin.LogAnswer
	}
	s.ask(t, 0, &detail, "run", strconv.FormatInt(run.Run, 10), "--changes", "--logs")
	require.Equal(t, naturalKeys(preview.Changes), naturalKeys(detail.Changes))

	// R35: nothing to change, nothing written.
	writes = s.simulators().writes(t)
	require.Zero(t, s.sync(t, 0).ChangeCounts.Applied)
	require.Equal(t, writes, s.simulators().writes(t))

	s.pauses(t)
	s.signals(t, 3)
	s.failures(t, tenants)
	s.refusedKeys(t)
	s.exports(t)
	s.secondStart(t)
	s.temporalEnds(t)
	s.killed(t)
	s.measured(t)
}

func (s *stand) sync(t *testing.T, code int, args ...string) admin.RunAnswer {
	t.Helper()
	var run admin.RunAnswer
	s.ask(t, code, &run, append([]string{"sync-now", accountName, "--wait"}, args...)...)
	require.NotZero(t, run.Run)
	return run
}

func naturalKeys(changes []admin.ChangeAnswer) map[string]int {
	keys := map[string]int{}
	for _, c := range changes {
		keys[fmt.Sprint(c.Tenant, "|", c.Kind, "|", c.Action, "|", c.Key)]++
	}
	return keys
}

// A request to a paused account waits, and that is no failure.
func (s *stand) pauses(t *testing.T) {
	t.Helper()
	var account admin.AccountAnswer
	s.ask(t, 0, &account, "account", "pause", accountName)
	require.Equal(t, bridge.AccountPaused, account.State)
	before := s.runs(t)
	var queued admin.QueuedAnswer
	s.ask(t, 0, &queued, "sync-now", accountName, "--wait")
	require.True(t, queued.Queued)
	require.Len(t, s.runs(t), len(before))
	s.ask(t, 0, &account, "account", "unpause", accountName)
	s.until(t, "the waiting request's run", func() bool { return len(s.runs(t)) > len(before) && s.runs(t)[0].Ended != nil })
}

func (s *stand) runs(t *testing.T) []admin.RunLineAnswer {
	t.Helper()
	var runs []admin.RunLineAnswer
	s.ask(t, 0, &runs, "runs", accountName)
	return runs
}

// R16: Temporal's own command line asks for a sync, of everything without input and of some tenants with it.
func (s *stand) signals(t *testing.T, enabled int) {
	t.Helper()
	program, err := devstack.FindTemporal(os.Getenv)
	require.NoError(t, err)
	first := strconv.Itoa(estate.Generate(1, 1, time.Now()).Tenants[0].ID)
	for _, c := range []struct {
		input   []string
		tenants int
		by      string
	}{{nil, enabled, "signal"}, {[]string{"--input", `{"tenants": ["` + first + `"], "by": "cron"}`}, 1, "cron"}} {
		before := s.runs(t)
		out, err := exec.Command(program, append([]string{
			"workflow", "signal", "--address", s.dev.Temporal, "--workflow-id", "account/" + accountName, "--name", "sync-now",
		}, c.input...)...).CombinedOutput()
		require.NoError(t, err, string(out))
		s.until(t, "the signal's run", func() bool { return len(s.runs(t)) > len(before) && s.runs(t)[0].Ended != nil })
		newest := s.runs(t)[0]
		require.Equal(t, c.by, newest.RequestedBy)
		var run admin.RunAnswer
		s.ask(t, 0, &run, "run", strconv.FormatInt(newest.Run, 10))
		require.Equal(t, c.tenants, run.Tenants.Synced)
	}
}

// One tenant's failure is exit code 3 and leaves the others alone; a tenant may be named by its exact name.
func (s *stand) failures(t *testing.T, tenants int) {
	t.Helper()
	var mapped admin.MappingAnswer
	s.ask(t, 0, &mapped, "mapping", "import", accountName, "--file", mappingCSV(t, tenants, quarterlyTenant))
	run := s.sync(t, 3)
	require.Equal(t, bridge.RunFailures, run.Status)
	require.Equal(t, 1, run.Tenants.Failed)
	require.Equal(t, 3, run.Tenants.Synced)
	name := estate.Generate(1, tenants, time.Now()).Tenants[quarterlyTenant-1].Name
	require.Equal(t, 1, s.sync(t, 3, "--tenant", name).Tenants.Failed)
	require.Equal(t, 1, s.causeway(t, "sync-now", accountName, "--tenant", "nobody").code)

	made := estate.Generate(1, tenants, time.Now()).Tenants[quarterlyTenant-1]
	off := filepath.Join(t.TempDir(), "off.csv")
	require.NoError(t, os.WriteFile(off, fmt.Appendf(nil,
		"tenant_id,tenant_name,company_id,company_name,agreement_id,agreement_name,enabled\n%d,,%d,,%d,,false\n", made.ID, made.CompanyID, made.AgreementID), 0o600))
	s.ask(t, 0, &mapped, "mapping", "import", accountName, "--file", off)
}

// R46: refused keys are one attempt each time somebody asks, with the reason.
func (s *stand) refusedKeys(t *testing.T) {
	t.Helper()
	s.simulators().revoke(t, true)
	for range 2 {
		run := s.sync(t, 1)
		require.Equal(t, bridge.RunFailed, run.Status)
		require.NotEmpty(t, run.Reason)
		var account admin.AccountAnswer
		s.ask(t, 0, &account, "account", "show", accountName)
		require.Equal(t, bridge.AccountNeedsAttention, account.State)
		require.NotEmpty(t, account.StateReason)
	}
	s.simulators().revoke(t, false)
	require.Equal(t, bridge.RunCompleted, s.sync(t, 0).Status)
	var account admin.AccountAnswer
	s.ask(t, 0, &account, "account", "show", accountName)
	require.Equal(t, bridge.AccountReady, account.State)
}

func (s *stand) exports(t *testing.T) {
	t.Helper()
	var changes []map[string]any
	s.ask(t, 0, &changes, "export", accountName, "--what", "changes")
	require.NotEmpty(t, changes)
	got := s.causeway(t, "export", accountName, "--what", "changes", "--format", "csv")
	records, err := csv.NewReader(strings.NewReader(got.out)).ReadAll()
	require.NoError(t, err)
	require.Len(t, records, len(changes)+1)
	logs := s.causeway(t, "export", accountName, "--what", "logs", "--format", "text")
	require.Equal(t, 0, logs.code, logs.err)
	require.Contains(t, logs.out, "401")
	for _, secret := range []string{s.dev.ConnectWise.PrivateKey, s.dev.MySonicWall.APIKey} {
		require.NotContains(t, logs.out+got.out, secret)
	}
}

// A second start on the folder says who runs and leaves that one alone.
func (s *stand) secondStart(t *testing.T) {
	t.Helper()
	got := s.causeway(t, "dev", "--ports", "auto", "--no-demo")
	require.Equal(t, 1, got.code)
	require.Contains(t, got.err, strconv.Itoa(s.dev.PID))
	require.Contains(t, got.err, s.dev.Dashboard)
	require.Equal(t, 0, causeway(t, "healthcheck", s.dev.Dashboard+"/readyz").code)
}

// temporalChild is the dev server's process, as the data folder records it.
func (s *stand) temporalChild(t *testing.T) (pid int, started string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, "temporal.pid"))
	require.NoError(t, err)
	id, started, _ := strings.Cut(strings.TrimSpace(string(text)), " ")
	pid, err = strconv.Atoi(id)
	require.NoError(t, err)
	return pid, started
}

// A dev server that ends by itself is started again; its database is kept, and nothing is lost.
func (s *stand) temporalEnds(t *testing.T) {
	t.Helper()
	pid, _ := s.temporalChild(t)
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	s.until(t, "another dev server", func() bool {
		now, started := s.temporalChild(t)
		return now != pid && config.ProcessAlive(now, started)
	})
	s.until(t, "readiness", func() bool { return causeway(t, "healthcheck", s.dev.Dashboard+"/readyz").code == 0 })
	require.Zero(t, s.sync(t, 0).ChangeCounts.Applied)
}

// After kill -9 the next start ends what is left over, keeps the addresses that the account knows, and goes on.
func (s *stand) killed(t *testing.T) {
	t.Helper()
	pid, started := s.temporalChild(t)
	before := s.dev

	var queued admin.QueuedAnswer
	s.ask(t, 0, &queued, "sync-now", accountName)
	require.Error(t, s.end(t, syscall.SIGKILL))
	require.True(t, config.ProcessAlive(pid, started), "a killed process cannot end its child")
	s.start(t)
	require.False(t, config.ProcessAlive(pid, started))
	require.Equal(t, before.ConnectWise, s.dev.ConnectWise)
	require.Equal(t, before.MySonicWall, s.dev.MySonicWall)
	// The request that was asked for before the kill is not lost.
	s.until(t, "no run under way", func() bool { return s.runs(t)[0].Ended != nil })
	require.Zero(t, s.sync(t, 0).ChangeCounts.Applied)
}

// Metrics show calls, outcomes and limiters, and no secret.
func (s *stand) measured(t *testing.T) {
	t.Helper()
	response, err := http.Get(s.dev.Metrics)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	var text bytes.Buffer
	_, err = text.ReadFrom(response.Body)
	require.NoError(t, err)
	for _, name := range []string{
		`causeway_vendor_calls_total{method="GET"`, `vendor="connectwise"`, `vendor="mysonicwall"`, `causeway_runs_total{kind="sync",status="completed"}`,
		"causeway_limiter_at_once{", "causeway_vendor_call_duration_seconds_bucket", "temporal_",
	} {
		require.Contains(t, text.String(), name)
	}
	for _, secret := range []string{s.dev.ConnectWise.PrivateKey, s.dev.ConnectWise.PublicKey, s.dev.MySonicWall.APIKey} {
		require.NotContains(t, text.String(), secret)
	}
}

// The demonstration: one account synced, one untouched; a second start does nothing again; Ctrl-C ends everything well.
func TestDemonstration(t *testing.T) {
	s := newStand(t, "--tenants", "20")
	s.until(t, "what to look at first", func() bool { return strings.Contains(s.said(t), "Look first at") })
	var accounts []admin.AccountAnswer
	s.ask(t, 0, &accounts, "account", "list")
	require.Len(t, accounts, 2)
	demo, second := accounts[0], accounts[1]
	require.Equal(t, bridge.AccountReady, demo.State)
	require.Equal(t, bridge.RunFailures, demo.LastRunStatus, "some of the demonstration's tenants cannot be synced, to show how that looks")
	require.Positive(t, demo.FailedTenants)
	require.Greater(t, demo.Enabled, demo.Tenants/2)
	require.Less(t, demo.Enabled, demo.Tenants, "one is left to map by hand")
	require.Equal(t, bridge.AccountNew, second.State)
	require.Positive(t, second.Tenants)

	require.NoError(t, s.end(t, syscall.SIGINT))
	require.NoFileExists(t, filepath.Join(s.dir, "dev.json"))
	require.Equal(t, 1, causeway(t, "healthcheck", s.dev.Dashboard+"/readyz").code)

	s.start(t)
	s.until(t, "what to look at first", func() bool { return strings.Contains(s.said(t), "Look first at") })
	require.NotContains(t, s.said(t), "Syncing")
	var again []admin.AccountAnswer
	s.ask(t, 0, &again, "account", "list")
	require.Equal(t, demo.LastRunID, again[0].LastRunID)
}

// An address in use is named, and what was started by then ends again.
func TestPortInUseIsNamed(t *testing.T) {
	s := newStand(t, "--no-demo", "--no-simulators")
	listen := strings.TrimPrefix(s.dev.Dashboard, "http://")
	cmd := command("dev", "--data", t.TempDir(), "--ports", "auto", "--no-demo", "--no-simulators", "--metrics-listen", listen)
	out, err := cmd.CombinedOutput()
	require.Error(t, err)
	require.Equal(t, 1, cmd.ProcessState.ExitCode(), string(out))
	require.Contains(t, string(out), listen)
	require.Nil(t, s.dev.ConnectWise)
	require.Nil(t, s.dev.MySonicWall)
}

// --clock-offset counts for the simulators, for what runs, and for commands beside it.
func TestClockOffset(t *testing.T) {
	const offset = 48 * time.Hour
	s := newStand(t, "--no-demo", "--tenants", "2", "--clock-offset", offset.String())
	var account admin.AccountAnswer
	s.ask(t, 0, &account, "account", "apply", "--file", s.simulators().accountYAML(t, accountName, "UTC"))
	run := s.sync(t, 0)
	ahead := time.Now().Add(offset)
	require.WithinDuration(t, ahead, *run.Started, patiently)
	for _, url := range []string{s.dev.ConnectWise.URL, s.dev.MySonicWall.URL} {
		_, text := get(t, url+"/_sim/clock")
		var clock struct {
			Now time.Time `json:"now"`
		}
		require.NoError(t, json.Unmarshal([]byte(text), &clock))
		require.WithinDuration(t, ahead, clock.Now, patiently)
	}
	dev, err := config.ReadDevFile(s.dir)
	require.NoError(t, err)
	beside, err := config.FromEnvironment()
	require.NoError(t, err)
	require.WithinDuration(t, ahead, beside.WithDev(*dev).Now(), patiently)
}
