//go:build bench

package bench

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/testsuite"

	"causeway/internal/bridge"
	"causeway/internal/secret"
	cwsim "causeway/internal/simulator/connectwise"
	"causeway/internal/simulator/estate"
	mswsim "causeway/internal/simulator/mysonicwall"
	"causeway/internal/store"
	"causeway/workflows"
)

const (
	latency  = 20 * time.Millisecond
	atOnce   = 16
	products = 25
	company  = "acme"
	account  = "bench"
)

// rig is one account over simulators with 20 ms latency, a worker as a process of its own, and a store shared with it.
type rig struct {
	t        *testing.T
	store    *store.Store
	temporal client.Client
	starter  *workflows.Starter
	account  bridge.Account
	tenants  int
	worker   *exec.Cmd
}

func newRig(t *testing.T, tenants int) *rig {
	t.Helper()
	ctx := t.Context()
	clean := []estate.Option{estate.Clean(), estate.ProductsPerTenant(products)}
	cw, err := cwsim.New(cwsim.Options{Seed: 1, Tenants: tenants, Estate: clean, Company: company, PublicKey: "public", PrivateKey: "private", Latency: latency, RatePerMinute: -1})
	require.NoError(t, err)
	t.Cleanup(func() { _ = cw.Close() })
	msw, err := mswsim.New(mswsim.Options{Seed: 1, Tenants: tenants, Generate: clean, APIKey: "api-key", Latency: latency})
	require.NoError(t, err)
	t.Cleanup(func() { _ = msw.Close() })
	cwServer, mswServer := httptest.NewServer(cw), httptest.NewServer(msw)
	t.Cleanup(cwServer.Close)
	t.Cleanup(mswServer.Close)

	dev, err := testsuite.StartDevServer(ctx, testsuite.DevServerOptions{
		ExistingPath: os.Getenv("CAUSEWAY_TEMPORAL_CLI"), DBFilename: filepath.Join(t.TempDir(), "temporal.db"), LogLevel: "error",
		ClientOptions: &client.Options{Logger: quiet{}},
		ExtraArgs:     []string{"--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=1"},
	})
	require.NoError(t, err, "the dev server's program is named by CAUSEWAY_TEMPORAL_CLI; make bench sets it")
	t.Cleanup(func() { _ = dev.Stop() })

	r := &rig{t: t, temporal: dev.Client(), tenants: tenants}
	dir := t.TempDir()
	keyset, err := secret.CreateMasterKey(filepath.Join(dir, "master.key"))
	require.NoError(t, err)
	sealer, err := secret.NewSealer(keyset)
	require.NoError(t, err)
	r.store, err = store.Open(ctx, "sqlite:"+filepath.Join(dir, "causeway.db"), store.Options{Sealer: sealer, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	t.Cleanup(func() { _ = r.store.Close() })
	require.NoError(t, r.store.Migrate(ctx))
	r.starter, err = workflows.NewStarter(ctx, r.temporal, "default")
	require.NoError(t, err)
	r.join(cwServer.URL, estate.Generate(1, tenants, time.Now().UTC(), clean...))
	r.startWorker(dir, dev.FrontendHostPort(), cwServer.URL, mswServer.URL)
	return r
}

// join makes the account as set-up would leave it, every tenant mapped and enabled.
func (r *rig) join(cwURL string, est estate.Estate) {
	r.t.Helper()
	ctx := r.t.Context()
	host, err := url.Parse(cwURL)
	require.NoError(r.t, err)
	r.account, err = r.store.CreateAccount(ctx, bridge.Account{
		Name: account, State: bridge.AccountReady, MSWZone: "America/Chicago", Limits: bridge.DefaultLimits(), SetUpAt: time.Now(),
		ConnectWise: bridge.ConnectWiseSettings{Host: host.Host, Company: company, PublicKey: "public", CallsAtOnce: atOnce},
	}, store.Keys{MySonicWall: "api-key", ConnectWise: "private"})
	require.NoError(r.t, err)
	tenants := make([]bridge.Tenant, 0, len(est.Tenants))
	mappings := make([]store.MappingChange, 0, len(est.Tenants))
	for _, t := range est.Tenants {
		tenants = append(tenants, bridge.Tenant{ID: strconv.Itoa(t.ID), Name: t.Name})
		mappings = append(mappings, store.MappingChange{TenantID: strconv.Itoa(t.ID), Mapping: bridge.Mapping{CompanyID: t.CompanyID, AgreementID: t.AgreementID, Enabled: true}})
	}
	_, _, _, err = r.store.SaveTenants(ctx, r.account.ID, tenants, time.Now())
	require.NoError(r.t, err)
	require.NoError(r.t, r.store.SaveMappings(ctx, r.account.ID, mappings, "bench"))
}

// startWorker runs bin/causeway, found from this package.
func (r *rig) startWorker(dir, temporal, cwURL, mswURL string) {
	r.t.Helper()
	r.worker = exec.Command(filepath.Join("..", "..", "bin", "causeway"), "worker")
	r.worker.Env = append(os.Environ(), "CAUSEWAY_DATA_DIR="+dir, "CAUSEWAY_TEMPORAL_ADDRESS="+temporal, "CAUSEWAY_MYSONICWALL_URL="+mswURL,
		"CAUSEWAY_OUTBOUND_ALLOW="+cwURL+","+mswURL, "CAUSEWAY_LOG_LEVEL=warn")
	r.worker.Stderr = os.Stderr
	require.NoError(r.t, r.worker.Start(), "make bench builds bin/causeway first")
	r.t.Cleanup(func() {
		_ = r.worker.Process.Signal(syscall.SIGTERM)
		_ = r.worker.Wait()
	})
}

// measured is one run with what it cost.
type measured struct {
	bridge.Run
	wall    time.Duration // from the request to the run's end, mailbox included
	history int64         // events of the run's workflow
	kinds   map[string]int
	began   map[string]time.Time
	spent   map[string]time.Duration // by activity of the run's workflow, from its scheduling to its end
}

// sync asks for a run as a person would and waits for its end.
func (r *rig) sync() measured {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 30*time.Minute)
	defer cancel()
	request := bridge.SyncRequest{ID: uuid.NewString(), By: "bench"}
	started := time.Now()
	require.NoError(r.t, r.starter.RequestSync(ctx, account, request))
	var run bridge.Run
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for run.Ended.IsZero() {
		select {
		case <-ctx.Done():
			require.NoError(r.t, ctx.Err())
		case <-tick.C:
		}
		run = r.look(ctx, request.ID, run)
	}
	out := measured{Run: run, wall: run.Ended.Sub(started), kinds: map[string]int{}, began: map[string]time.Time{}, spent: map[string]time.Duration{}}
	require.Equal(r.t, bridge.RunCompleted, run.Status, run.Reason)
	iter := r.temporal.GetWorkflowHistory(ctx, workflows.SyncAccountID(account, run.ID), "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	names := map[int64]string{}
	for iter.HasNext() {
		event, err := iter.Next()
		require.NoError(r.t, err)
		out.history++
		if a := event.GetActivityTaskScheduledEventAttributes(); a != nil {
			names[event.GetEventId()] = a.GetActivityType().GetName()
			out.began[names[event.GetEventId()]] = event.GetEventTime().AsTime()
		}
		if a := event.GetActivityTaskCompletedEventAttributes(); a != nil {
			name := names[a.GetScheduledEventId()]
			out.spent[name] += event.GetEventTime().AsTime().Sub(out.began[name])
		}
	}
	for _, kind := range []bridge.Kind{bridge.KindAddition, bridge.KindConfiguration} {
		for _, action := range []bridge.Action{bridge.ActionCreate, bridge.ActionAttach} {
			_, n, err := r.store.Changes(ctx, store.ChangeFilter{AccountID: r.account.ID, RunID: run.ID, Kinds: []string{string(kind)}, Actions: []string{string(action)}, Limit: 1})
			require.NoError(r.t, err)
			out.kinds[string(kind)+" "+string(action)] = n
		}
	}
	return out
}

// look asks for the run of a request, and once it is known for that run alone, without counting what it has written so far: the
// counting would take from the processor what is being measured.
func (r *rig) look(ctx context.Context, request string, run bridge.Run) bridge.Run {
	r.t.Helper()
	if run.ID != 0 {
		run, err := r.store.OpenedRun(ctx, run.ID)
		require.NoError(r.t, err)
		return run
	}
	found, ok, err := r.store.RunOfRequest(ctx, r.account.ID, request)
	require.NoError(r.t, err)
	if ok {
		return found
	}
	return run
}

// limit is the calls' own time: what a run would take that did nothing but wait for answers, sixteen at once.
func (m measured) limit() time.Duration {
	return time.Duration(m.Calls.ConnectWise+m.Calls.MySonicWall) * latency / atOnce
}

// memory is the worker's largest resident size so far, in MB.
func (r *rig) memory() float64 {
	r.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", r.worker.Process.Pid))
	require.NoError(r.t, err)
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
			require.NoError(r.t, err)
			return float64(kb) / 1024
		}
	}
	r.t.Fatal("the system does not tell the worker's size")
	return 0
}

type quiet struct{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}
