package connectwise_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"causeway/internal/connectwise"
	"causeway/internal/vendorspec"
)

func TestMain(m *testing.M) {
	// Not VerifyTestMain: it ends the process before deferred work of the benchmarks.
	code := m.Run()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// The keys that every test client signs in with. They must turn up nowhere but in the request's headers.
const (
	canaryPublic  = "CANARY-public-5d1f"
	canaryPrivate = "CANARY-private-77aa"
	canaryClient  = "CANARY-client-90bc"
)

// server answers as one ConnectWise company, "acme", with the code base v2022_1. What lies below apis/3.0/ goes to the
// test's handler with that part taken off. Its client's traffic is held against our description of the interface.
type server struct {
	*httptest.Server
	codebase func() string

	mu       sync.Mutex
	requests []*http.Request
	calls    []connectwise.Call
}

type serverOption func(*server, *connectwise.Config, *bool)

// misbehaving is for servers whose answers break the description on purpose; requests are still held against it.
func misbehaving(_ *server, _ *connectwise.Config, checkAnswers *bool) { *checkAnswers = false }

func configured(change func(*connectwise.Config)) serverOption {
	return func(_ *server, cfg *connectwise.Config, _ *bool) { change(cfg) }
}

func withCodebase(codebase func() string) serverOption {
	return func(s *server, _ *connectwise.Config, _ *bool) { s.codebase = codebase }
}

// serve starts a server and returns it with a client for it.
func serve(t testing.TB, handler http.HandlerFunc, options ...serverOption) (*server, *connectwise.Client) {
	t.Helper()
	s := &server{codebase: func() string { return "v2022_1/" }}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /login/companyinfo/{company}", func(w http.ResponseWriter, r *http.Request) {
		assert.Empty(t, r.Header.Get("Authorization"), "the look-up carries no keys")
		if r.PathValue("company") != "acme" {
			writeJSON(w, http.StatusOK, nil)
			return
		}
		writeJSON(w, http.StatusOK, map[string]any{"CompanyName": "Acme", "Codebase": s.codebase(), "IsCloud": "True"})
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		path, ok := strings.CutPrefix(r.URL.Path, "/"+s.codebase()+"apis/3.0/")
		if !ok {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte("Cannot route. Codebase/company is invalid"))
			return
		}
		s.mu.Lock()
		s.requests = append(s.requests, r.Clone(r.Context()))
		s.mu.Unlock()
		r.URL.Path = path
		handler(w, r)
	})
	s.Server = httptest.NewTLSServer(mux)
	t.Cleanup(s.Close)

	cfg := connectwise.Config{
		Host: strings.TrimPrefix(s.URL, "https://"), Company: "acme",
		PublicKey: canaryPublic, PrivateKey: canaryPrivate, ClientID: canaryClient,
		Limiter: connectwise.NewLimiter(connectwise.Limits{AtOnce: 16}),
		OnCall: func(c connectwise.Call) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.calls = append(s.calls, c)
		},
	}
	checkAnswers := true
	validator := newValidator(t)
	transport := s.Client().Transport
	t.Cleanup(transport.(*http.Transport).CloseIdleConnections)
	cfg.HTTPClient = &http.Client{Transport: validator.Transport(transport)}
	for _, option := range options {
		option(s, &cfg, &checkAnswers)
	}
	client, err := connectwise.New(cfg)
	require.NoError(t, err)
	t.Cleanup(func() {
		for _, v := range validator.Violations() {
			if v.Part == "request" || checkAnswers {
				t.Errorf("not as described: %s", v)
			}
		}
		for _, call := range s.callsMade() {
			assertNoSecret(t, fmt.Sprintf("%+v %#v %s", call, call, call.Err))
		}
	})
	return s, client
}

// description is read once: it is large, and only read from then on.
var description = sync.OnceValues(vendorspec.ConnectWise)

func newValidator(t testing.TB) *vendorspec.Validator {
	t.Helper()
	doc, err := description()
	require.NoError(t, err)
	validator, err := vendorspec.NewValidator(doc, vendorspec.ConnectWisePath)
	require.NoError(t, err)
	return validator
}

// seen returns the requests below apis/3.0/ so far.
func (s *server) seen() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*http.Request(nil), s.requests...)
}

// callsMade returns what OnCall was told so far.
func (s *server) callsMade() []connectwise.Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]connectwise.Call(nil), s.calls...)
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/vnd.connectwise.com+json; version=2022.1")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}

func answering(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if contentType != "" {
			w.Header().Set("Content-Type", contentType)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func assertNoSecret(t testing.TB, text string) {
	t.Helper()
	for _, part := range []string{canaryPublic, canaryPrivate, canaryClient, "Basic ", "Q0FOQVJZ"} {
		if at := strings.Index(text, part); at >= 0 {
			t.Errorf("%q is printed in …%s…", part, text[max(at-60, 0):min(at+60, len(text))])
		}
	}
}

// asError returns err as the package's error, failing the test when it is none.
func asError(t testing.TB, err error) *connectwise.Error {
	t.Helper()
	var e *connectwise.Error
	require.ErrorAs(t, err, &e)
	assertNoSecret(t, fmt.Sprintf("%v|%+v|%#v|%s|%q", err, err, err, err, err))
	return e
}

// unwrapped is the server's own transport, for tests in which the answer must not be read before the client does.
func unwrapped(rt http.RoundTripper) http.RoundTripper {
	if v, ok := rt.(interface{ Unwrap() http.RoundTripper }); ok {
		return v.Unwrap()
	}
	return rt
}
