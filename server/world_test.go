package server_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/internal/outbound"
	"causeway/internal/secret"
	"causeway/internal/simulator/connectwise"
	"causeway/internal/simulator/mysonicwall"
	"causeway/internal/store"
	"causeway/internal/vendors"
	"causeway/server"
)

// Keys that no page, redirect, cookie or log may ever show.
const (
	mswKey     = "canary-msw-44e1"
	publicKey  = "publickey44e1"
	privateKey = "canary-private-44e1"
	clientID   = "7a1c5d1e-0b7e-4a52-9a43-1c6c5f0ad9c2"
	company    = "acme"
)

var noon = time.Date(2026, 11, 23, 17, 0, 0, 0, time.UTC)

// world is a dashboard of a test's own: a real server on a real store, over both simulators. Every answer is searched for the keys.
type world struct {
	t          *testing.T
	store      *store.Store
	file       string
	admin      *admin.Admin
	starter    *starter
	server     *server.Server
	http       *httptest.Server
	client     *http.Client
	host       string // of the ConnectWise simulator
	connection *connectwise.Server
	log        *lockedBuffer
	now        func() time.Time
}

// lockedBuffer collects the log of many goroutines.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func newWorld(t *testing.T, change ...func(*server.Options)) *world {
	t.Helper()
	w := &world{t: t, log: &lockedBuffer{}, now: func() time.Time { return noon }, file: filepath.Join(t.TempDir(), "causeway.db")}
	cwm, err := connectwise.New(connectwise.Options{
		Seed: 1, Tenants: 6, Now: w.now, Company: company, PublicKey: publicKey, PrivateKey: privateKey, ClientID: clientID, RatePerMinute: -1,
	})
	require.NoError(t, err)
	msw, err := mysonicwall.New(mysonicwall.Options{Seed: 1, Tenants: 6, Now: w.now, APIKey: mswKey})
	require.NoError(t, err)
	cwmHTTP, mswHTTP := httptest.NewServer(cwm), httptest.NewServer(msw)
	t.Cleanup(cwmHTTP.Close)
	t.Cleanup(mswHTTP.Close)
	w.host, w.connection = cwmHTTP.Listener.Addr().String(), cwm
	w.openStore()

	allow, err := outbound.ParseAllow(cwmHTTP.URL + "," + mswHTTP.URL)
	require.NoError(t, err)
	guard := outbound.New(outbound.Options{Allow: allow})
	t.Cleanup(guard.CloseIdleConnections)
	directory, err := vendors.New(vendors.Options{
		Keys: w.store, Guard: guard, MySonicWallURL: mswHTTP.URL, ClientID: clientID, ProbeTimeout: 5 * time.Second,
	})
	require.NoError(t, err)
	log := slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	w.starter = &starter{store: w.store}
	w.admin, err = admin.New(admin.Options{Store: w.store, Vendors: directory, Guard: guard, Starter: w.starter, Now: w.now, Log: log})
	require.NoError(t, err)
	options := server.Options{
		Admin: w.admin, Store: w.store, Listen: "127.0.0.1:0", TemporalUIURL: "http://127.0.0.1:8233", Logger: log, Now: w.now, Version: "test",
	}
	for _, c := range change {
		c(&options)
	}
	w.server, err = server.New(options)
	require.NoError(t, err)
	w.serve()
	return w
}

func (w *world) openStore() {
	master, err := secret.CreateMasterKey(filepath.Join(w.t.TempDir(), "master.key"))
	require.NoError(w.t, err)
	sealer, err := secret.NewSealer(master)
	require.NoError(w.t, err)
	w.store, err = store.Open(w.t.Context(), "sqlite:"+w.file, store.Options{Sealer: sealer, Now: w.now})
	require.NoError(w.t, err)
	w.t.Cleanup(func() { require.NoError(w.t, w.store.Close()) })
	require.NoError(w.t, w.store.Migrate(w.t.Context()))
}

func (w *world) serve() {
	w.http = httptest.NewServer(w.server)
	w.t.Cleanup(w.http.Close)
	w.t.Cleanup(func() { w.secretFree("the log", w.log.String()) })
	jar, err := cookiejar.New(nil)
	require.NoError(w.t, err)
	w.client = &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func (w *world) secretFree(where, text string) {
	w.t.Helper()
	for _, key := range []string{mswKey, privateKey} {
		require.NotContains(w.t, text, key, where)
	}
}

// page is an answer, ready to be asked for its parts by data-testid.
type page struct {
	t      *testing.T
	status int
	header http.Header
	body   string
	doc    *goquery.Document
}

func (w *world) do(request *http.Request) page {
	w.t.Helper()
	response, err := w.client.Do(request)
	require.NoError(w.t, err)
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	require.NoError(w.t, err)
	w.secretFree(request.Method+" "+request.URL.Path, string(body)+fmt.Sprint(response.Header))
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(body))
	require.NoError(w.t, err)
	return page{w.t, response.StatusCode, response.Header, string(body), doc}
}

func (w *world) request(method, path string, body io.Reader) *http.Request {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.t.Context(), method, w.http.URL+path, body)
	require.NoError(w.t, err)
	return request
}

func (w *world) get(path string) page {
	w.t.Helper()
	return w.do(w.request(http.MethodGet, path, nil))
}

// shown is a page that must be there.
func (w *world) shown(path string) page {
	w.t.Helper()
	p := w.get(path)
	require.Equal(w.t, http.StatusOK, p.status, p.body)
	return p
}

// part is what htmx gets when a region asks for itself.
func (w *world) part(path, region string) page {
	w.t.Helper()
	request := w.request(http.MethodGet, path, nil)
	request.Header.Set("HX-Request", "true")
	request.Header.Set("HX-Target", region)
	request.Header.Set("HX-Trigger", region)
	return w.do(request)
}

// post sends a form as a browser on the dashboard does.
func (w *world) post(path string, fields ...string) page {
	w.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	request := w.request(http.MethodPost, path, strings.NewReader(form.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", w.http.URL)
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	return w.do(request)
}

// sent is a form that must be accepted; it gives the page that the redirect leads to.
func (w *world) sent(path string, fields ...string) page {
	w.t.Helper()
	answer := w.post(path, fields...)
	require.Equal(w.t, http.StatusSeeOther, answer.status, answer.body)
	return w.shown(answer.header.Get("Location"))
}

// part of a page by its data-testid.
func (p page) part(id string) *goquery.Selection { return p.doc.Find(`[data-testid="` + id + `"]`) }

// text of a part, white space collapsed; the part must be there.
func (p page) text(id string) string {
	p.t.Helper()
	found := p.part(id)
	require.NotZero(p.t, found.Length(), "%s is not on the page: %s", id, p.body)
	return strings.Join(strings.Fields(found.Text()), " ")
}

// add adds an account with the working key.
func (w *world) add(name string) bridge.Account {
	w.t.Helper()
	added, err := w.admin.AddAccount(w.t.Context(), admin.NewAccount{Name: name, MySonicWallKey: mswKey})
	require.NoError(w.t, err)
	return added.Account
}

// ready is an account that is configured and set up and has read its companies.
func (w *world) ready(name string) bridge.Account {
	w.t.Helper()
	w.add(name)
	_, err := w.admin.SaveConnection(w.t.Context(), name, admin.Connection{
		Host: w.host, Company: company, PublicKey: publicKey, PrivateKey: privateKey, CallsAtOnce: new(16), CallsPerSecond: new(0.0),
	}, "a test")
	require.NoError(w.t, err)
	_, err = w.admin.SaveTickets(w.t.Context(), name, admin.Tickets{
		Board: "Professional Services", Critical: "Priority 1 - Emergency", High: "Priority 2 - High",
	})
	require.NoError(w.t, err)
	require.NoError(w.t, w.admin.Submit(w.t.Context(), name))
	_, err = w.admin.Companies(w.t.Context(), name, true)
	require.NoError(w.t, err)
	return w.account(name)
}

func (w *world) account(name string) bridge.Account {
	w.t.Helper()
	account, err := w.store.Account(w.t.Context(), name)
	require.NoError(w.t, err)
	return account
}

// starter stands in for Temporal: it notes what was asked and leaves in the store what set-up would.
type starter struct {
	store *store.Store

	mu       sync.Mutex
	asked    []string
	requests []bridge.SyncRequest
	fails    error
	preview  func(tenants []string) (int64, error)
	onSync   func(bridge.SyncRequest)
	stuck    *store.SetupStep
}

func (s *starter) note(what string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, what)
	return s.fails
}

func (s *starter) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.asked...)
}

func (s *starter) StartSetup(ctx context.Context, name string) error {
	if err := s.note("set-up " + name); err != nil {
		return err
	}
	account, err := s.store.Account(ctx, name)
	if err != nil {
		return err
	}
	if s.stuck != nil {
		return s.store.SaveSetupStep(ctx, account.ID, 0, *s.stuck)
	}
	step := store.SetupStep{Name: "connection", Title: "Connect to ConnectWise", Status: "done", Outcome: "fine", Started: noon, Ended: noon.Add(time.Second)}
	if err := s.store.SaveSetupStep(ctx, account.ID, 0, step); err != nil {
		return err
	}
	_, err = s.store.UpdateAccount(ctx, account.ID, func(acc *bridge.Account) error {
		acc.State, acc.StateReason, acc.SetUpAt = bridge.AccountReady, "", noon
		return nil
	})
	return err
}

func (s *starter) RetrySetup(_ context.Context, name, step string) error {
	return s.note("retry " + name + " " + step)
}

func (s *starter) RequestSync(_ context.Context, account string, r bridge.SyncRequest) error {
	if err := s.note("sync " + account); err != nil {
		return err
	}
	s.mu.Lock()
	s.requests = append(s.requests, r)
	s.mu.Unlock()
	if s.onSync != nil {
		s.onSync(r)
	}
	return nil
}

func (s *starter) Pause(_ context.Context, account, by string) error {
	return s.note("pause " + account + " by " + by)
}

func (s *starter) Resume(_ context.Context, account, by string) error {
	return s.note("resume " + account + " by " + by)
}

func (s *starter) StartPreview(_ context.Context, account string, tenants []string) (int64, error) {
	if err := s.note("preview " + account + " " + strings.Join(tenants, ",")); err != nil {
		return 0, err
	}
	return s.preview(tenants)
}

func (s *starter) PreviewEnding(_ context.Context, account string, tenants []string) (int64, error) {
	if err := s.note("preview the end of " + account + " " + strings.Join(tenants, ",")); err != nil {
		return 0, err
	}
	return s.preview(tenants)
}

func (s *starter) Remove(_ context.Context, account, by string) error {
	return s.note("remove " + account + " by " + by)
}

func (s *starter) UpdateSchedule(_ context.Context, account, zone string, _ bool) error {
	return s.note("schedule " + account + " " + zone)
}

func (s *starter) ScheduleInfo(context.Context, string) ([]time.Time, bool, error) {
	return nil, false, nil
}
