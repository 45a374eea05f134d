package connectwise_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"causeway/internal/connectwise"
)

func TestAPIHost(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"na":                           "api-na.myconnectwise.net",
		" EU ":                         "api-eu.myconnectwise.net",
		"aus":                          "api-aus.myconnectwise.net",
		"staging":                      "api-staging.connectwisedev.com",
		"na.myconnectwise.net":         "api-na.myconnectwise.net",
		"NA.MyConnectWise.net.":        "api-na.myconnectwise.net",
		"na.myconnectwise.net:443":     "api-na.myconnectwise.net:443",
		"api-na.myconnectwise.net":     "api-na.myconnectwise.net",
		"cwm.example.com":              "cwm.example.com",
		"cwm.example.com:8443":         "cwm.example.com:8443",
		"xna.myconnectwise.net":        "xna.myconnectwise.net",
		"bücher.example":               "xn--bcher-kva.example",
		"127.0.0.1:8080":               "127.0.0.1:8080",
		"[::1]:8443":                   "[::1]:8443",
		"sandbox-na.myconnectwise.net": "sandbox-na.myconnectwise.net",
	} {
		got, err := connectwise.APIHost(typed)
		require.NoError(t, err, typed)
		assert.Equal(t, want, got, typed)
	}
	for _, typed := range []string{"", "https://na.myconnectwise.net", "host/path", "user@host", "host:0", "host:http", "host:99999", "a b", "host?x", "host#x", "::1x", "-bad-.example", "x\ny"} {
		_, err := connectwise.APIHost(typed)
		assert.Error(t, err, typed)
	}
}

func TestNewReportsEveryMistake(t *testing.T) {
	t.Parallel()
	_, err := connectwise.New(connectwise.Config{Host: "https://x", Company: "a:b", ClientID: "x\r\ny", Timeout: -1})
	require.Error(t, err)
	for _, part := range []string{"scheme", "company", "public key is missing", "private key is missing", "client id contains", "negative"} {
		assert.ErrorContains(t, err, part)
	}
}

func TestRequestsCarryWhatTheVendorAsksFor(t *testing.T) {
	t.Parallel()
	s, cw := serve(t, func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, 200, []any{map[string]any{"id": 1}}) },
		configured(func(c *connectwise.Config) { c.UserAgent = "causeway/1.2" }))
	require.NoError(t, cw.Members.Probe(t.Context()))

	got := s.seen()[0]
	assert.Equal(t, "/v2022_1/apis/3.0/system/members", got.RequestURI[:strings.IndexByte(got.RequestURI, '?')])
	assert.Equal(t, "fields=id&orderBy=id%20asc&page=1&pageSize=1", got.URL.RawQuery)
	assert.Equal(t, "application/vnd.connectwise.com+json; version=2022.1", got.Header.Get("Accept"))
	assert.Equal(t, canaryClient, got.Header.Get("clientId"))
	assert.Equal(t, "causeway/1.2", got.Header.Get("User-Agent"))
	assert.Equal(t, "Basic "+base64.StdEncoding.EncodeToString([]byte("acme+"+canaryPublic+":"+canaryPrivate)), got.Header.Get("Authorization"))
	assert.Empty(t, got.Header.Get("Content-Type"))
	assert.Empty(t, got.Header.Get("Cookie"))
}

func TestOnCallTellsOfEveryAttempt(t *testing.T) {
	t.Parallel()
	var failing atomic.Bool
	s, cw := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Cw-Request-Id", "r-7")
		if failing.Load() {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		writeJSON(w, 200, map[string]any{"version": "v2022.1"})
	})
	info, err := cw.System.Info(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "v2022.1", info.Version)
	failing.Store(true)
	_, err = cw.System.Info(t.Context())
	require.Error(t, err)

	calls := s.callsMade()
	require.Len(t, calls, 3)
	assert.Equal(t, "login/companyinfo/acme", calls[0].Path)
	assert.Equal(t, connectwise.Call{Method: "GET", Path: "system/info", Status: 200, Duration: calls[1].Duration, Attempt: 1, RequestID: "r-7"}, calls[1])
	assert.Positive(t, calls[1].Duration)
	assert.Equal(t, 500, calls[2].Status)
	assert.Same(t, err, calls[2].Err)
}

func TestNoSecretIsPrinted(t *testing.T) {
	t.Parallel()
	cfg := connectwise.Config{Host: "na", Company: "acme", PublicKey: canaryPublic, PrivateKey: canaryPrivate, ClientID: canaryClient}
	cw, err := connectwise.New(cfg)
	require.NoError(t, err)
	var logged bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&logged, nil), slog.NewJSONHandler(&logged, nil)} {
		slog.New(handler).Info("x", "config", cfg, "pointer", &cfg, "client", cw, "key", cfg.PrivateKey)
	}
	marshalled, err := json.Marshal(map[string]any{"key": cfg.PrivateKey})
	require.NoError(t, err)
	logged.Write(marshalled)
	type holder struct {
		C   connectwise.Config
		P   *connectwise.Config
		CW  *connectwise.Client
		hid *connectwise.Client
	}
	h := holder{cfg, &cfg, cw, cw}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&logged, verb+verb+verb+verb, cfg, *cw, h, cfg.PrivateKey)
	}
	_ = h.hid
	assertNoSecret(t, logged.String())
	assert.NotContains(t, logged.String(), fmt.Sprintf("%x", canaryPrivate))
	assert.Contains(t, logged.String(), "api-na.myconnectwise.net", "the rest is there")
}

func TestCodebaseIsLookedUpOnce(t *testing.T) {
	t.Parallel()
	s, cw := serve(t, func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, 200, []any{}) })
	assert.Empty(t, s.callsMade(), "the constructor stays off the network")
	done := make(chan error)
	for range 20 {
		go func() { done <- cw.Companies.Probe(t.Context()) }()
	}
	for range 20 {
		require.NoError(t, <-done)
	}
	lookups := 0
	for _, call := range s.callsMade() {
		if strings.HasPrefix(call.Path, "login/") {
			lookups++
		}
	}
	assert.Equal(t, 1, lookups)
}

func TestCodebaseThatChanged(t *testing.T) {
	t.Parallel()
	var moved atomic.Bool
	codebase := func() string {
		if moved.Load() {
			return "v2025_1/"
		}
		return "v2022_1/"
	}
	s, cw := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			writeJSON(w, 201, map[string]any{"id": 5})
			return
		}
		writeJSON(w, 200, []any{})
	}, withCodebase(codebase))
	require.NoError(t, cw.Companies.Probe(t.Context()))
	moved.Store(true)
	created, err := cw.ProductTypes.Create(t.Context(), connectwise.ProductTypeRequest{Name: "SonicWall"})
	require.NoError(t, err)
	assert.Equal(t, 5, created.ID)
	require.NoError(t, cw.Companies.Probe(t.Context()))
	var paths []string
	for _, call := range s.callsMade() {
		paths = append(paths, fmt.Sprint(call.Path, " ", call.Status))
	}
	assert.Equal(t, []string{"login/companyinfo/acme 200", "company/companies 200", "procurement/types 400", "login/companyinfo/acme 200", "procurement/types 201", "company/companies 200"}, paths)
}

func TestCodebaseThatDidNotChange(t *testing.T) {
	t.Parallel()
	var body atomic.Value
	s, cw := serve(t, func(w http.ResponseWriter, r *http.Request) { answering(404, asHTML, body.Load().(string))(w, r) }, misbehaving)
	body.Store("<p>nothing here</p>")
	for range 3 {
		_, err := cw.Companies.Get(t.Context(), 4)
		assert.False(t, connectwise.IsNotFound(err), "a web page says nothing about the record")
		assert.True(t, connectwise.IsRejected(err))
	}
	assert.Len(t, s.callsMade(), 5, "asked again once, then believed for a while: look-up, call, look-up, call, call")

	body.Store(`{"code":"NotFound","message":"Company 4 not found"}`)
	_, err := cw.Companies.Get(t.Context(), 4)
	assert.True(t, connectwise.IsNotFound(err))
	assert.Len(t, s.callsMade(), 6, "the API's own answer needs no look-up")
}

func TestCompanyLookup(t *testing.T) {
	t.Parallel()
	answer := answering
	isCWM := answer(401, asJSON, `{"code":"Unauthorized","message":"x"}`)
	for name, tc := range map[string]struct {
		info, rest http.HandlerFunc
		want       connectwise.Kind
	}{
		"found":                       {info: answer(200, "application/json", `{"Codebase":"v4_6_release/","IsCloud":false}`), rest: answer(200, asJSON, `[]`)},
		"found, loosely typed":        {info: answer(200, "text/plain", "\ufeff"+`{"codebase":"v2025_1","IsCloud":"True","New":[]}`), rest: answer(200, asJSON, `[]`)},
		"null":                        {info: answer(200, "application/json", "null"), rest: isCWM, want: connectwise.KindWrongCompany},
		"404":                         {info: answer(404, "", ""), rest: isCWM, want: connectwise.KindWrongCompany},
		"404 of ConnectWise's router": {info: answer(404, asHTML, "<p>"), rest: answer(400, "text/plain", "Cannot route. Codebase/company is invalid"), want: connectwise.KindWrongCompany},
		"404 of another server":       {info: http.NotFound, rest: http.NotFound, want: connectwise.KindNotConnectWise},
		"404 of another API":          {info: answer(404, "application/json", `{"message":"Not Found"}`), rest: answer(404, "application/json", `{"message":"Not Found","code":"E17"}`), want: connectwise.KindNotConnectWise},
		"a web page":                  {info: answer(200, asHTML, "<html>Welcome</html>"), rest: isCWM, want: connectwise.KindNotConnectWise},
		"a redirect":                  {info: answer(302, "", ""), rest: isCWM, want: connectwise.KindNotConnectWise},
		"text":                        {info: answer(200, "text/plain", "hello"), rest: isCWM, want: connectwise.KindNotConnectWise},
		"another object":              {info: answer(200, "application/json", `{"status":"ok"}`), rest: isCWM, want: connectwise.KindNotConnectWise},
		"a code base that leads away": {info: answer(200, "application/json", `{"Codebase":"../../evil/"}`), rest: isCWM, want: connectwise.KindNotConnectWise},
		"a server in trouble":         {info: answer(503, asHTML, "<p>x"), rest: isCWM, want: connectwise.KindUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mux := http.NewServeMux()
			mux.HandleFunc("/login/companyinfo/acme", tc.info)
			mux.HandleFunc("/", tc.rest)
			plain := httptest.NewServer(mux)
			t.Cleanup(plain.Close)
			transport := &http.Transport{}
			t.Cleanup(transport.CloseIdleConnections)
			cw, err := connectwise.New(connectwise.Config{
				Host: strings.TrimPrefix(plain.URL, "http://"), Company: "acme", PublicKey: canaryPublic, PrivateKey: canaryPrivate,
				AllowPlainHTTP: true, HTTPClient: &http.Client{Transport: transport},
			})
			require.NoError(t, err)
			err = cw.Companies.Probe(t.Context())
			if tc.want == "" {
				require.NoError(t, err)
				return
			}
			assert.Equal(t, tc.want, asError(t, err).Kind, err)
		})
	}
}

func TestAddressesStayShort(t *testing.T) {
	t.Parallel()
	s, cw := serve(t, func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, 200, []any{}) })
	_, err := cw.Companies.List(t.Context(), connectwise.ListOptions{Where: connectwise.Equal("name", strings.Repeat("ü", 700))})
	assert.Equal(t, connectwise.KindInvalid, asError(t, err).Kind)
	assert.Empty(t, s.seen())
}

func TestCallsThatMakeNoSenseAreNotSent(t *testing.T) {
	t.Parallel()
	s, cw := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	ctx, patch := t.Context(), new(connectwise.Patch).Replace("name", "x")
	for name, call := range map[string]func() error{
		"no id":             func() error { _, err := cw.Companies.Get(ctx, 0); return err },
		"no parent":         func() error { _, err := cw.Additions.Get(ctx, 0, 3); return err },
		"no parent in list": func() error { _, err := cw.Additions.List(ctx, -1, connectwise.ListOptions{}); return err },
		"no parent, create": func() error { _, err := cw.TypeQuestions.Create(ctx, 0, connectwise.TypeQuestionRequest{}); return err },
		"empty patch":       func() error { _, err := cw.Catalog.Update(ctx, 3, new(connectwise.Patch)); return err },
		"nil patch":         func() error { _, err := cw.Catalog.Update(ctx, 3, nil); return err },
		"patch of a part": func() error {
			_, err := cw.Catalog.Update(ctx, 3, new(connectwise.Patch).Replace("type/id", 4))
			return err
		},
		"patch to nothing": func() error {
			_, err := cw.Catalog.Update(ctx, 3, new(connectwise.Patch).ReplaceRef("type", 0))
			return err
		},
		"patch of no id": func() error { _, err := cw.Catalog.Update(ctx, 0, patch); return err },
		"attach nothing": func() error { return cw.AgreementConfigurations.Attach(ctx, 3, 0) },
		"detach nothing": func() error { return cw.AgreementConfigurations.Detach(ctx, 3, 0) },
		"bad condition": func() error {
			_, err := cw.Companies.List(ctx, connectwise.ListOptions{Where: connectwise.Equal(`a"b`, "x")})
			return err
		},
	} {
		assert.Equal(t, connectwise.KindInvalid, asError(t, call()).Kind, name)
	}
	assert.Empty(t, s.seen())
}

func TestDefaultsWork(t *testing.T) {
	t.Parallel()
	cw, err := connectwise.New(connectwise.Config{Host: "na", Company: "acme", PublicKey: "pub", PrivateKey: "priv"})
	require.NoError(t, err)
	assert.Equal(t, "api-na.myconnectwise.net", cw.Host())
	assert.Equal(t, "acme", cw.Company())
	assert.Equal(t, 4, cw.Limiter().AtOnce())
	assert.Equal(t, 30*time.Second, connectwise.DefaultTimeout)
}
