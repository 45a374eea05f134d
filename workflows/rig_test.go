package workflows_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/testsuite"

	"causeway/activities"
	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/internal/config"
	"causeway/internal/outbound"
	"causeway/internal/secret"
	cwsim "causeway/internal/simulator/connectwise"
	"causeway/internal/simulator/estate"
	mswsim "causeway/internal/simulator/mysonicwall"
	"causeway/internal/store"
	"causeway/internal/vendors"
	"causeway/worker"
	"causeway/workflows"
)

// Keys that open the simulators of a rig, and no others. No history may hold one: TestHistoriesHoldNoKeys looks for them, so
// one that is replaced here stays in rigKeys.
const (
	rigCompany    = "acme"
	rigPublicKey  = "canary-public-7f3a"
	rigPrivateKey = "canary-private-c91e"
	rigAPIKey     = "canary-mysonicwall-52bd"
	rigClientID   = "canary00-5eed-4ace-8bad-c0de00ca5e11"
	rigWrongKey   = "canary-wrong-08d4"
)

// rigKeys are all keys that a rig was ever recorded with. The public key is a setting that pages show, but no history needs it.
var rigKeys = []string{rigPublicKey, rigPrivateKey, rigAPIKey, rigClientID, rigWrongKey}

const (
	rigAccount = "acme"
	rigSeed    = 7
	// within bounds every wait of a rig: far more than anything takes, so that what hangs is named.
	within = 5 * time.Minute
)

// rigOptions say what a rig starts with.
type rigOptions struct {
	tenants int
	estate  []estate.Option
	// maybeDone is how long a lost write is looked for; the default of ten minutes is longer than a test should take.
	maybeDone time.Duration
	// server are settings of the dev server, as name=value.
	server []string
}

// rig is everything but the dashboard, on loopback: Temporal's dev server, both simulators behind gates, a store, an account, and
// a worker with the real workflows and activities.
type rig struct {
	t        *testing.T
	temporal client.Client
	starter  *workflows.Starter
	store    *store.Store
	admin    *admin.Admin
	acts     *activities.Activities
	estate   estate.Estate
	cw, msw  *gate
	cwSim    *cwsim.Server
	mswSim   *mswsim.Server
	clock    atomic.Int64   // how far Causeway's clock is ahead
	stop     func()         // ends the worker
	account  bridge.Account // as it was made
}

// devServer is the program of Temporal's dev server; the test is skipped where none is named.
func devServer(t *testing.T) string {
	t.Helper()
	program := os.Getenv("CAUSEWAY_TEMPORAL_CLI")
	if program == "" {
		t.Skip("SKIPPED, NOT TESTED: CAUSEWAY_TEMPORAL_CLI does not name Temporal's dev server; the make targets set it")
	}
	return program
}

func newRig(t *testing.T, program string, o rigOptions) *rig {
	t.Helper()
	r := &rig{t: t}
	now := func() time.Time { return time.Now().Add(time.Duration(r.clock.Load())) }
	r.estate = estate.Generate(rigSeed, o.tenants, now().UTC(), o.estate...)
	var err error
	r.cwSim, err = cwsim.New(cwsim.Options{
		Seed: rigSeed, Tenants: o.tenants, Estate: o.estate, Company: rigCompany, PublicKey: rigPublicKey, PrivateKey: rigPrivateKey,
		ClientID: rigClientID, RatePerMinute: -1,
	})
	require.NoError(t, err)
	t.Cleanup(func() { _ = r.cwSim.Close() })
	r.mswSim, err = mswsim.New(mswsim.Options{Seed: rigSeed, Tenants: o.tenants, Generate: o.estate, APIKey: rigAPIKey})
	require.NoError(t, err)
	t.Cleanup(func() { _ = r.mswSim.Close() })
	r.cw, r.msw = newGate(t, r.cwSim), newGate(t, r.mswSim)

	args := []string{"--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=1"}
	for _, setting := range append([]string{"matching.useNewMatcher=true", "matching.enableFairness=true"}, o.server...) {
		args = append(args, "--dynamic-config-value", setting)
	}
	dir := t.TempDir()
	said, err := os.Create(filepath.Join(dir, "temporal.log"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = said.Close() })
	dev, err := testsuite.StartDevServer(t.Context(), testsuite.DevServerOptions{
		ExistingPath: program, DBFilename: filepath.Join(dir, "temporal.db"), LogLevel: "error", Stdout: said, Stderr: said,
		ClientOptions: &client.Options{Logger: quiet{}, Identity: "causeway"}, ExtraArgs: args,
	})
	require.NoError(t, err)
	t.Cleanup(func() { _ = dev.Stop() })
	r.temporal = dev.Client()
	r.starter, err = workflows.NewStarter(t.Context(), r.temporal, "default")
	require.NoError(t, err)
	r.join(now, o.maybeDone)
	r.startWorker()
	return r
}

// join opens the store and makes what the worker works with.
func (r *rig) join(now func() time.Time, maybeDone time.Duration) {
	r.t.Helper()
	keyset, err := secret.CreateMasterKey(filepath.Join(r.t.TempDir(), "master.key"))
	require.NoError(r.t, err)
	sealer, err := secret.NewSealer(keyset)
	require.NoError(r.t, err)
	silent := slog.New(slog.DiscardHandler)
	r.store, err = store.Open(r.t.Context(), "sqlite:"+filepath.Join(r.t.TempDir(), "causeway.db"), store.Options{Sealer: sealer, Now: now, Logger: silent})
	require.NoError(r.t, err)
	r.t.Cleanup(func() { _ = r.store.Close() })
	require.NoError(r.t, r.store.Migrate(r.t.Context()))
	allow, err := outbound.ParseAllow(r.cw.URL + "," + r.msw.URL)
	require.NoError(r.t, err)
	guard := outbound.New(outbound.Options{Allow: allow})
	directory, err := vendors.New(vendors.Options{Keys: r.store, Guard: guard, MySonicWallURL: r.msw.URL, ClientID: rigClientID, Workers: 1})
	require.NoError(r.t, err)
	r.admin, err = admin.New(admin.Options{Store: r.store, Vendors: directory, Guard: guard, Starter: r.starter, Now: now, Log: silent})
	require.NoError(r.t, err)
	r.acts = &activities.Activities{
		Store: r.store, Vendors: directory, Readiness: r.admin, Temporal: r.starter, Now: now, MaybeDoneWait: maybeDone,
		FreshFor: activities.DefaultFreshFor, Log: silent,
	}
}

// startWorker runs the worker as its process does, until stopWorker or the end of the test.
func (r *rig) startWorker() {
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.t.Context()))
	ended := make(chan error, 1)
	go func() {
		ended <- worker.Run(ctx, r.temporal, r.acts, worker.Options{BuildID: "recorded", Logger: slog.New(slog.DiscardHandler)})
	}()
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			r.t.Errorf("the worker: %v", err)
		}
	})
	r.t.Cleanup(r.stop)
}

// setUp makes the account with the real set-up, every tenant mapped as a careful person would.
func (r *rig) setUp() {
	r.t.Helper()
	_, err := r.admin.Apply(r.t.Context(), r.file(), "ann", nil)
	require.NoError(r.t, err)
	r.account, err = r.store.Account(r.t.Context(), rigAccount)
	require.NoError(r.t, err)
	r.mapAll()
}

func (r *rig) file() config.AccountFile {
	r.t.Helper()
	at, err := url.Parse(r.cw.URL)
	require.NoError(r.t, err)
	return config.AccountFile{
		Account: rigAccount, MySonicWallKey: rigAPIKey, PrivateKey: rigPrivateKey, Options: bridge.Options{NetworkAdditions: true}, Limits: bridge.DefaultLimits(),
		ConnectWise: bridge.ConnectWiseSettings{Host: at.Host, Company: rigCompany, PublicKey: rigPublicKey, CallsAtOnce: 16},
		Board:       "Professional Services", Critical: "Priority 1 - Emergency", High: "Priority 2 - High",
	}
}

func (r *rig) mapAll() {
	r.t.Helper()
	var mappings []store.MappingChange
	for _, t := range r.estate.Tenants {
		if t.AgreementID != 0 {
			mappings = append(mappings, store.MappingChange{TenantID: strconv.Itoa(t.ID), Mapping: bridge.Mapping{CompanyID: t.CompanyID, AgreementID: t.AgreementID, Enabled: true}})
		}
	}
	require.NoError(r.t, r.store.SaveMappings(r.t.Context(), r.account.ID, mappings, "ann"))
}

// until looks again and again for something that no one announces: rows of the database, mostly.
func (r *rig) until(what string, done func(ctx context.Context) bool) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), within)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !done(ctx) {
		select {
		case <-ctx.Done():
			r.t.Fatalf("within %s: not %s", within, what)
		case <-tick.C:
		}
	}
}

// ask puts a request into the mailbox and answers its id.
func (r *rig) ask(tenants ...string) string {
	r.t.Helper()
	request := bridge.SyncRequest{ID: uuid.NewString(), By: "ann", Tenants: tenants}
	require.NoError(r.t, r.starter.RequestSync(r.t.Context(), rigAccount, request))
	return request.ID
}

// update asks for a run as a caller who waits for its number; a run without one when the request waits.
func (r *rig) update() bridge.Run {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), within)
	defer cancel()
	handle, err := r.temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: workflows.AccountID(rigAccount), UpdateName: workflows.UpdateRequestSync, WaitForStage: client.WorkflowUpdateStageCompleted,
		Args: []any{bridge.SyncRequest{By: "cyd"}},
	})
	require.NoError(r.t, err)
	var answer workflows.RequestAnswer
	require.NoError(r.t, handle.Get(ctx, &answer))
	return bridge.Run{ID: answer.RunID}
}

// fireNight makes the account's schedule fire now and answers the workflow that this started, once it has ended.
func (r *rig) fireNight() string {
	r.t.Helper()
	schedule := r.temporal.ScheduleClient().GetHandle(r.t.Context(), workflows.NightlyID(rigAccount))
	before, err := schedule.Describe(r.t.Context())
	require.NoError(r.t, err)
	require.NoError(r.t, schedule.Trigger(r.t.Context(), client.ScheduleTriggerOptions{}))
	var id string
	r.until("a night", func(ctx context.Context) bool {
		now, err := schedule.Describe(ctx)
		require.NoError(r.t, err)
		if now.Info.NumActions == before.Info.NumActions || len(now.Info.RecentActions) == 0 {
			return false
		}
		id = now.Info.RecentActions[len(now.Info.RecentActions)-1].StartWorkflowResult.WorkflowID
		return true
	})
	require.NoError(r.t, r.closed(id))
	return id
}

// startNight starts what the schedule starts, without a schedule.
func (r *rig) startNight(account string) string {
	r.t.Helper()
	run, err := r.temporal.ExecuteWorkflow(r.t.Context(), client.StartWorkflowOptions{
		ID: workflows.NightlyID(account) + "/" + uuid.NewString(), TaskQueue: workflows.Queue,
	}, workflows.Nightly, workflows.NightlyInput{Account: account})
	require.NoError(r.t, err)
	return run.GetID()
}

// runOf waits for the run that serves a request to be opened.
func (r *rig) runOf(request string) bridge.Run {
	r.t.Helper()
	var run bridge.Run
	r.until("a run for the request", func(ctx context.Context) bool {
		found, ok, err := r.store.RunOfRequest(ctx, r.account.ID, request)
		require.NoError(r.t, err)
		run = found
		return ok
	})
	return run
}

// sync asks for a run and waits for the end of its workflow.
func (r *rig) sync(tenants ...string) bridge.Run {
	r.t.Helper()
	return r.ended(r.runOf(r.ask(tenants...)))
}

// ended waits for the end of a run's workflow, however it ends. The run's row is there a moment before its workflow.
func (r *rig) ended(run bridge.Run) bridge.Run {
	r.t.Helper()
	id := workflows.SyncAccountID(rigAccount, run.ID)
	r.until("a workflow of the run", func(context.Context) bool { return r.exists(id) })
	_ = r.closed(id)
	run, err := r.store.Run(r.t.Context(), run.ID)
	require.NoError(r.t, err)
	return run
}

// closed waits for the end of a workflow, over all its executions, and answers its error.
func (r *rig) closed(id string) error {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), within)
	defer cancel()
	err := r.temporal.GetWorkflow(ctx, id, "").Get(ctx, nil)
	require.NoError(r.t, ctx.Err(), "%s did not end", id)
	return err
}

// tell sends a signal as Temporal's own command line would.
func (r *rig) tell(id, signal string, arg any) {
	r.t.Helper()
	require.NoError(r.t, r.temporal.SignalWorkflow(r.t.Context(), id, "", signal, arg))
}

// idle waits until the mailbox has nothing in hand and so many requests waiting.
func (r *rig) idle(waiting int) {
	r.t.Helper()
	r.until("idle", func(ctx context.Context) bool {
		d, err := r.temporal.DescribeWorkflowExecution(ctx, workflows.AccountID(rigAccount), "")
		require.NoError(r.t, err)
		busy := d.GetPendingWorkflowTask() != nil || len(d.GetPendingActivities())+len(d.GetPendingChildren()) > 0
		return !busy && r.view().Waiting == waiting
	})
}

func (r *rig) view() workflows.MailboxView {
	r.t.Helper()
	value, err := r.temporal.QueryWorkflow(r.t.Context(), workflows.AccountID(rigAccount), "", workflows.QueryMailbox)
	require.NoError(r.t, err)
	var view workflows.MailboxView
	require.NoError(r.t, value.Get(&view))
	return view
}

// switches changes settings of the ConnectWise simulator.
func (r *rig) switches(settings map[string]any) { r.control("PATCH", "settings", settings) }

// fault makes calls to ConnectWise go wrong until the rule is used up.
func (r *rig) fault(rule map[string]any) { r.control("POST", "faults", rule) }

// edit changes a ConnectWise record as a person would in its screens.
func (r *rig) edit(method, path string, body any) {
	r.control("POST", "edit", map[string]any{"method": method, "path": path, "body": body, "by": "billing-lead"})
}

func (r *rig) control(method, path string, body any) {
	r.t.Helper()
	text, err := json.Marshal(body)
	require.NoError(r.t, err)
	w := httptest.NewRecorder()
	r.cwSim.ServeHTTP(w, httptest.NewRequestWithContext(r.t.Context(), method, "/_sim/"+path, bytes.NewReader(text)))
	require.Less(r.t, w.Code, 300, "%s %s: %s", method, path, w.Body)
}

// latest is the run id of a workflow's latest execution.
func (r *rig) latest(id string) string {
	r.t.Helper()
	described, err := r.temporal.DescribeWorkflowExecution(r.t.Context(), id, "")
	require.NoError(r.t, err)
	return described.GetWorkflowExecutionInfo().GetExecution().GetRunId()
}

func (r *rig) exists(id string) bool {
	r.t.Helper()
	_, err := r.temporal.DescribeWorkflowExecution(r.t.Context(), id, "")
	if _, absent := errors.AsType[*serviceerror.NotFound](err); absent {
		return false
	}
	require.NoError(r.t, err)
	return true
}

// history reads an execution's events so far.
func (r *rig) history(id, run string) *historypb.History {
	r.t.Helper()
	var history historypb.History
	events := r.temporal.GetWorkflowHistory(r.t.Context(), id, run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		require.NoError(r.t, err)
		history.Events = append(history.Events, event)
	}
	return &history
}

// inputsOf are the arguments with which an activity was called, in order.
func inputsOf[T any](t *testing.T, history *historypb.History, activity string) []T {
	t.Helper()
	var all []T
	for _, event := range history.GetEvents() {
		scheduled := event.GetActivityTaskScheduledEventAttributes()
		if scheduled.GetActivityType().GetName() != activity {
			continue
		}
		var in T
		require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(scheduled.GetInput(), &in))
		all = append(all, in)
	}
	return all
}
