package admin_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/internal/outbound"
	"causeway/internal/secret"
	"causeway/internal/simulator/connectwise"
	"causeway/internal/simulator/mysonicwall"
	"causeway/internal/store"
	"causeway/internal/vendors"
)

// Keys that no log, error, answer or page may ever show.
const (
	mswKey     = "canary-msw-7d1f"
	publicKey  = "publickey7d1f"
	privateKey = "canary-private-7d1f"
	clientID   = "7a1c5d1e-0b7e-4a52-9a43-1c6c5f0ad9c2"
	company    = "acme"
)

var noon = time.Date(2026, 11, 23, 17, 0, 0, 0, time.UTC)

// world is an installation of a test's own: store, both simulators, and the administration on top.
type world struct {
	t        *testing.T
	store    *store.Store
	admin    *admin.Admin
	starter  *starter
	cwm, msw *httptest.Server
	host     string // of the ConnectWise simulator
	vendors  *vendors.Directory
}

// options change what a world is made of.
type options struct {
	tenants  int
	allow    string // beyond the simulators
	roots    *x509.CertPool
	resolver *net.Resolver
	clientID string // what Causeway sends
	patience time.Duration
}

func newWorld(t *testing.T, change ...func(*options)) *world {
	t.Helper()
	o := options{tenants: 6, clientID: clientID, patience: 5 * time.Second}
	for _, c := range change {
		c(&o)
	}
	now := func() time.Time { return noon }
	cwm, err := connectwise.New(connectwise.Options{
		Seed: 1, Tenants: o.tenants, Now: now, Company: company, PublicKey: publicKey, PrivateKey: privateKey, ClientID: clientID, RatePerMinute: -1,
	})
	require.NoError(t, err)
	msw, err := mysonicwall.New(mysonicwall.Options{Seed: 1, Tenants: o.tenants, Now: now, APIKey: mswKey})
	require.NoError(t, err)
	w := &world{t: t, cwm: httptest.NewServer(cwm), msw: httptest.NewServer(msw)}
	t.Cleanup(w.cwm.Close)
	t.Cleanup(w.msw.Close)
	w.host = w.cwm.Listener.Addr().String()

	master, err := secret.CreateMasterKey(filepath.Join(t.TempDir(), "master.key"))
	require.NoError(t, err)
	sealer, err := secret.NewSealer(master)
	require.NoError(t, err)
	w.store, err = store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "causeway.db"), store.Options{Sealer: sealer, Now: now})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.store.Close()) })
	require.NoError(t, w.store.Migrate(t.Context()))

	allow, err := outbound.ParseAllow(strings.Join([]string{w.cwm.URL, w.msw.URL, o.allow}, ","))
	require.NoError(t, err)
	guard := outbound.New(outbound.Options{Allow: allow, RootCAs: o.roots, Resolver: o.resolver})
	t.Cleanup(guard.CloseIdleConnections)
	w.vendors, err = vendors.New(vendors.Options{
		Keys: w.store, Guard: guard, MySonicWallURL: w.msw.URL, ClientID: secret.Text(o.clientID), ProbeTimeout: o.patience,
	})
	require.NoError(t, err)
	w.starter = &starter{store: w.store, asked: map[string]int{}}
	w.admin, err = admin.New(admin.Options{Store: w.store, Vendors: w.vendors, Guard: guard, Starter: w.starter, Now: now})
	require.NoError(t, err)
	return w
}

// sim speaks to a simulator's own interface.
func (w *world) sim(server *httptest.Server, method, path string, body any) []byte {
	w.t.Helper()
	text, err := json.Marshal(body)
	require.NoError(w.t, err)
	request, err := http.NewRequestWithContext(w.t.Context(), method, server.URL+"/_sim/"+path, bytes.NewReader(text))
	require.NoError(w.t, err)
	request.Header.Set("Content-Type", "application/json")
	response, err := server.Client().Do(request)
	require.NoError(w.t, err)
	defer func() { _ = response.Body.Close() }()
	var answer bytes.Buffer
	_, err = answer.ReadFrom(response.Body)
	require.NoError(w.t, err)
	require.Less(w.t, response.StatusCode, 300, answer.String())
	return answer.Bytes()
}

// writes counts the requests at ConnectWise that were not reads.
func (w *world) writes() int {
	w.t.Helper()
	var log struct {
		Counts map[string]int `json:"counts"`
	}
	require.NoError(w.t, json.Unmarshal(w.sim(w.cwm, http.MethodGet, "requests", nil), &log))
	return log.Counts["POST"] + log.Counts["PATCH"] + log.Counts["PUT"] + log.Counts["DELETE"]
}

func (w *world) connection() admin.Connection {
	return admin.Connection{
		Host: w.host, Company: company, PublicKey: publicKey, PrivateKey: privateKey, CallsAtOnce: new(16), CallsPerSecond: new(0.0),
	}
}

// add adds an account with the working key.
func (w *world) add(name string) bridge.Account {
	w.t.Helper()
	added, err := w.admin.AddAccount(w.t.Context(), admin.NewAccount{Name: name, MySonicWallKey: mswKey})
	require.NoError(w.t, err)
	return added.Account
}

// ready is an account that is configured, set up and has read its companies.
func (w *world) ready(name string) bridge.Account {
	w.t.Helper()
	w.add(name)
	_, err := w.admin.SaveConnection(w.t.Context(), name, w.connection(), "a test")
	require.NoError(w.t, err)
	_, err = w.admin.SaveTickets(w.t.Context(), name, admin.Tickets{
		Board: "Professional Services", Critical: "Priority 1 - Emergency", High: "Priority 2 - High",
	})
	require.NoError(w.t, err)
	require.NoError(w.t, w.admin.Submit(w.t.Context(), name))
	account, err := w.store.Account(w.t.Context(), name)
	require.NoError(w.t, err)
	_, _, err = w.admin.RefreshCompanies(w.t.Context(), account)
	require.NoError(w.t, err)
	return account
}

// starter stands in for Temporal: it keeps what was asked and does what set-up would leave behind in the store.
type starter struct {
	store *store.Store

	mu       sync.Mutex
	asked    map[string]int
	requests []bridge.SyncRequest
	zone     string
	next     []time.Time
	paused   bool
	// fails is what StartSetup answers; stuck the step at which set-up stops.
	fails error
	stuck *store.SetupStep
	run   int64    // the run that a preview answers
	ended []string // the tenants whose end of billing was previewed
	away  error    // what requests and removals answer
}

func (s *starter) note(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[what]++
}

func (s *starter) times(what string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[what]
}

func (s *starter) StartSetup(ctx context.Context, name string) error {
	s.note("set-up " + name)
	if s.fails != nil {
		return s.fails
	}
	account, err := s.store.Account(ctx, name)
	if err != nil {
		return err
	}
	if s.stuck != nil {
		return s.store.SaveSetupStep(ctx, account.ID, 0, *s.stuck)
	}
	if err := s.store.SaveSetupStep(ctx, account.ID, 0, store.SetupStep{Name: "connection", Title: "Connect", Status: "done", Outcome: "fine"}); err != nil {
		return err
	}
	_, err = s.store.UpdateAccount(ctx, account.ID, func(acc *bridge.Account) error {
		acc.State, acc.StateReason, acc.SetUpAt = bridge.AccountReady, "", noon
		return nil
	})
	return err
}

func (s *starter) RetrySetup(context.Context, string, string) error {
	return &bridge.Error{Code: bridge.CodeNotFound, Message: "no set-up is waiting"}
}

func (s *starter) RequestSync(_ context.Context, account string, r bridge.SyncRequest) error {
	s.note("sync " + account)
	if s.away != nil {
		return s.away
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r)
	return nil
}

func (s *starter) Pause(_ context.Context, account, _ string) error {
	s.note("pause " + account)
	return nil
}

func (s *starter) Resume(ctx context.Context, name, _ string) error {
	s.note("resume " + name)
	account, err := s.store.Account(ctx, name)
	if err != nil {
		return err
	}
	return s.store.SetAccountState(ctx, account.ID, bridge.AccountReady, "")
}

func (s *starter) StartPreview(context.Context, string, []string) (int64, error) {
	s.note("preview")
	return s.run, nil
}

func (s *starter) PreviewEnding(_ context.Context, _ string, tenants []string) (int64, error) {
	s.ended = tenants
	return s.run, nil
}

func (s *starter) Remove(_ context.Context, account, by string) error {
	s.note("remove " + account + " by " + by)
	return s.away
}

func (s *starter) UpdateSchedule(_ context.Context, _, zone string, paused bool) error {
	s.note("schedule")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.zone, s.paused = zone, paused
	return nil
}

func (s *starter) ScheduleInfo(context.Context, string) ([]time.Time, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.next, s.paused, nil
}
