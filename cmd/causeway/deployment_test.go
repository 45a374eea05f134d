package main

import (
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"

	"causeway/internal/admin"
	"causeway/internal/devstack"
	"causeway/internal/store/storetest"
)

// deployment is Causeway beyond one machine: every part a process of its own, joined by Postgres, Temporal and the settings that
// docker-compose.yml uses, with the database's password in a file of its own.
type deployment struct {
	program   string // Temporal's
	data      string // folder
	database  string // the address, with its password
	password  string
	dashboard string // the server's address
	migrate   *child
	temporal  *child
	server    *member
	workers   []*member
	stands    map[string]*child     // the simulators' processes, by account
	vendors   map[string]simulators // by account
	asked     client.Client         // of Temporal
	answers   strings.Builder       // what every command said

	createDatabase func()
	startTemporal  func()
}

func (d *deployment) listen() string { return strings.TrimPrefix(d.dashboard, "http://") }

// member is a server or a worker; both serve health and metrics.
type member struct {
	*child
	metrics string // host:port
}

// deploy starts everything that needs a database and Temporal before there is either.
func deploy(t *testing.T, accounts ...string) *deployment {
	t.Helper()
	d := &deployment{program: temporalProgram(t), data: t.TempDir(), stands: map[string]*child{}, vendors: map[string]simulators{}}
	d.database, d.createDatabase = storetest.PostgresLater(t)
	var allowed []string
	for _, account := range accounts {
		d.simulate(t, account)
		allowed = append(allowed, d.vendors[account].ConnectWise.URL, d.vendors[account].MySonicWall.URL)
	}
	address, release := reserve(t)
	d.startTemporal = func() {
		release()
		d.temporal = d.devServer(t, address)
	}
	listen, releaseListen := reserve(t)
	d.dashboard = "http://" + listen
	for name, value := range map[string]string{
		"CAUSEWAY_DATA_DIR":              d.data,
		"CAUSEWAY_DATABASE_URL":          d.withoutPassword(t),
		"CAUSEWAY_MASTER_KEY_FILE":       d.masterKey(t),
		"CAUSEWAY_TEMPORAL_ADDRESS":      address,
		"CAUSEWAY_TEMPORAL_NAMESPACE":    "default",
		"CAUSEWAY_TEMPORAL_UI_URL":       "http://127.0.0.1:8233",
		"CAUSEWAY_LISTEN":                listen,
		"CAUSEWAY_PUBLIC_URL":            d.dashboard,
		"CAUSEWAY_CONNECTWISE_CLIENT_ID": devstack.SimulatedClientID,
		"CAUSEWAY_OUTBOUND_ALLOW":        strings.Join(allowed, ","),
		"CAUSEWAY_WORKERS":               "2",
		"CAUSEWAY_MAYBE_DONE_WAIT":       maybeDoneWait,
		"CAUSEWAY_LOG_LEVEL":             "debug",
	} {
		t.Setenv(name, value)
	}
	d.migrate = start(t, "migrate", command("migrate", "--json"))
	d.startWorker(t)
	d.startWorker(t)
	releaseListen()
	d.server = launch(t, "server")
	return d
}

// simulate starts a pair of vendors of its own for an account, always the same estate.
func (d *deployment) simulate(t *testing.T, account string) {
	t.Helper()
	c := start(t, "simulate", command("simulate", "--json", "--tenants", strconv.Itoa(estateTenants), "--rate-per-minute", "0",
		"--connectwise-listen", "127.0.0.1:0", "--mysonicwall-listen", "127.0.0.1:0"))
	var vendors simulators
	until(t, "the simulators of "+account, func() bool { return json.Unmarshal([]byte(c.stdout(t)), &vendors) == nil }, c)
	d.stands[account], d.vendors[account] = c, vendors
}

// withoutPassword is the database's address with the password in a file beside it, as containers mount it.
func (d *deployment) withoutPassword(t *testing.T) string {
	t.Helper()
	address, err := url.Parse(d.database)
	require.NoError(t, err)
	d.password, _ = address.User.Password()
	file := filepath.Join(t.TempDir(), "pgpass")
	require.NoError(t, os.WriteFile(file, []byte("*:*:*:"+address.User.Username()+":"+d.password+"\n"), 0o600))
	query := address.Query()
	query.Set("passfile", file)
	address.User, address.RawQuery = url.User(address.User.Username()), query.Encode()
	return address.String()
}

func (d *deployment) masterKey(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "master_key")
	require.Equal(t, 0, causeway(t, "master-key", "create", file).code)
	return file
}

// devServer is Temporal in a process that is nobody's child but ours, on a database that is kept.
func (d *deployment) devServer(t *testing.T, address string) *child {
	t.Helper()
	host, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	return start(t, "temporal", exec.Command(d.program, "server", "start-dev", "--ip", host, "--port", port, "--headless",
		"--db-filename", filepath.Join(t.TempDir(), "temporal.db"), "--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=1",
		"--search-attribute", "CausewayAccount=Keyword", "--search-attribute", "CausewayTenant=Keyword", "--search-attribute", "CausewayRun=Keyword",
		"--log-level", "warn"))
}

// launch starts a server or a worker.
func launch(t *testing.T, name string) *member {
	t.Helper()
	metrics, release := reserve(t)
	cmd := command(name)
	cmd.Env = append(cmd.Env, "CAUSEWAY_METRICS_LISTEN="+metrics)
	release()
	return &member{start(t, name, cmd), metrics}
}

func (d *deployment) startWorker(t *testing.T) *member {
	t.Helper()
	w := launch(t, "worker")
	d.workers = append(d.workers, w)
	return w
}

// probe asks an address once; 0 while nothing listens there.
func probe(t *testing.T, url string) (status int, text string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = response.Body.Close() }()
	var body strings.Builder
	require.NoError(t, response.Write(&body))
	return response.StatusCode, body.String()
}

// says waits until an address's readiness is this answer.
func says(t *testing.T, address string, status int, text string, needed ...*child) {
	t.Helper()
	until(t, "answer "+strconv.Itoa(status)+" "+text+" at "+address+"/readyz", func() bool {
		code, said := probe(t, "http://"+address+"/readyz")
		return code == status && strings.Contains(said, text)
	}, needed...)
}

// comesUp brings the database and Temporal to processes that wait for them: they may be started in any order.
func (d *deployment) comesUp(t *testing.T) {
	t.Helper()
	members := append([]*member{d.server}, d.workers...)
	for _, m := range members {
		says(t, m.metrics, http.StatusServiceUnavailable, "waiting for the database", m.child)
		code, _ := probe(t, "http://"+m.metrics+"/healthz")
		require.Equal(t, http.StatusOK, code, "it lives, although it cannot work yet")
	}
	says(t, d.listen(), http.StatusServiceUnavailable, "waiting for the database", d.server.child)
	require.True(t, d.migrate.alive())

	// Four processes find the empty database at once.
	d.createDatabase()
	d.startTemporal()
	require.NoError(t, d.migrate.wait(t), d.migrate.said(t))
	var answer migrated
	require.NoError(t, json.Unmarshal([]byte(d.migrate.stdout(t)), &answer))
	require.Positive(t, answer.Schema)
	for _, m := range members {
		says(t, m.metrics, http.StatusOK, "ready", m.child, d.temporal)
	}
	says(t, d.listen(), http.StatusOK, "ready", d.server.child)

	var err error
	d.asked, err = client.Dial(client.Options{
		HostPort: os.Getenv("CAUSEWAY_TEMPORAL_ADDRESS"), Logger: sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	})
	require.NoError(t, err)
	t.Cleanup(d.asked.Close)
}

// ask runs a command, expects an exit code and reads the answer.
func (d *deployment) ask(t *testing.T, code int, into any, args ...string) {
	t.Helper()
	d.heard(t, causeway(t, append(args, "--json")...), into, args, code)
}

func (d *deployment) heard(t *testing.T, got said, into any, args []string, codes ...int) {
	t.Helper()
	d.answers.WriteString(got.out + got.err)
	require.Contains(t, codes, got.code, "%v\n%s\n%s", args, got.out, got.err)
	got.document(t, into)
}

// sync asks for a sync and sees it through; single tenants may fail.
func (d *deployment) sync(t *testing.T, account string) admin.RunAnswer {
	t.Helper()
	return d.syncing(t, account)(exitDone, exitFailures)
}

// syncing asks for a sync and waits beside the test; the result is had by calling what it answers.
func (d *deployment) syncing(t *testing.T, account string) (result func(codes ...int) admin.RunAnswer) {
	t.Helper()
	args := []string{"sync-now", account, "--wait"}
	answered := make(chan said, 1)
	ctx := t.Context()
	go func() {
		var out, errs strings.Builder
		code := run(ctx, append(args, "--json"), &out, &errs)
		answered <- said{code, out.String(), errs.String()}
	}()
	return func(codes ...int) admin.RunAnswer {
		t.Helper()
		var run admin.RunAnswer
		until(t, "result of a sync of "+account, func() bool { return len(answered) > 0 }, d.server.child, d.temporal, d.stands[account])
		d.heard(t, <-answered, &run, args, codes...)
		require.NotZero(t, run.Run)
		return run
	}
}

// holder is the worker at which an activity of a workflow is under way now.
func (d *deployment) holder(t *testing.T, workflow, activity string) *member {
	t.Helper()
	described, err := d.asked.DescribeWorkflowExecution(t.Context(), workflow, "")
	require.NoError(t, err)
	for _, pending := range described.GetPendingActivities() {
		if pending.GetActivityType().GetName() != activity || pending.GetState() != enums.PENDING_ACTIVITY_STATE_STARTED {
			continue
		}
		pid, _, _ := strings.Cut(pending.GetLastWorkerIdentity(), "@")
		for _, w := range d.workers {
			if pid == strconv.Itoa(w.cmd.Process.Pid) {
				return w
			}
		}
	}
	require.Fail(t, "no worker of ours is at "+activity+" of "+workflow, "%v", described.GetPendingActivities())
	return nil
}

// stops in order: a worker that is told to ends well, the server says meanwhile that Temporal is away, and then ends well too.
func (d *deployment) stops(t *testing.T) {
	t.Helper()
	for _, w := range d.workers {
		if w.alive() {
			require.NoError(t, w.end(t, syscall.SIGTERM), w.said(t))
			require.Contains(t, w.stderr(t), "msg=stopped")
		}
	}
	require.NoError(t, d.temporal.end(t, syscall.SIGTERM), d.temporal.said(t))
	says(t, d.listen(), http.StatusServiceUnavailable, "Temporal does not answer", d.server.child)
	require.NoError(t, d.server.end(t, syscall.SIGTERM), d.server.said(t))
	require.Contains(t, d.server.stderr(t), "msg=stopped")
	for _, c := range d.stands {
		require.NoError(t, c.end(t, syscall.SIGTERM), c.said(t))
	}
	kept, err := os.ReadDir(d.data)
	require.NoError(t, err)
	require.Empty(t, kept, "on Postgres nothing is kept beside the database: containers are read-only")
}
