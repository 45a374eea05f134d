package control_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"causeway/internal/simulator/control"
)

type settings struct {
	control.Common

	Word string `json:"word"`
}

func (s settings) Validate() error {
	if s.Word == "bad" {
		return fmt.Errorf("word cannot be %q", s.Word)
	}
	return nil
}

// rig is a server with an API that counts what it really did.
type rig struct {
	t      *testing.T
	done   atomic.Int64
	http   *httptest.Server
	reset  atomic.Int64
	server *control.Control
}

var started = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func newRig(t *testing.T) *rig {
	t.Helper()
	values, err := control.NewValues(settings{Word: "good"})
	require.NoError(t, err)
	r := &rig{t: t}
	r.server, err = control.New(control.Options{
		Below:     func(path string) string { return strings.TrimPrefix(path, "/api/") },
		Caller:    func(req *http.Request) string { return req.Header.Get("X-Who") },
		Throttled: func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "slow down", http.StatusTooManyRequests) },
		State:     func() any { return map[string]int64{"done": r.done.Load()} },
		Reset:     func(seed int64, _ int) error { r.reset.Store(seed); return nil },
		Settings:  values,
		Clock:     control.NewClock(func() time.Time { return started }),
	})
	require.NoError(t, err)
	api := r.server.API(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		assert.NoError(t, err)
		r.done.Add(1)
		w.Header().Set("X-Length", fmt.Sprint(len(body)))
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"answer":"in full"}`)
	}))
	mux := http.NewServeMux()
	mux.Handle("/_sim/", r.server)
	mux.Handle("/", api)
	r.http = httptest.NewServer(mux)
	t.Cleanup(r.http.Close)
	return r
}

// call sends a request on a connection of its own, so that a cut one is not silently tried again.
func (r *rig) call(method, path, body string) (int, string, http.Header, error) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.http.URL+path, bytes.NewReader([]byte(body)))
	require.NoError(r.t, err)
	req.Header.Set("X-Who", "tester")
	req.Close = true
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text), resp.Header, err
}

// only sends a request and tells whether it was answered.
func (r *rig) only(method, path, body string) error {
	r.t.Helper()
	_, _, _, err := r.call(method, path, body)
	return err
}

func (r *rig) sim(method, path, body string, want int) map[string]any {
	r.t.Helper()
	status, text, _, err := r.call(method, "/_sim/"+path, body)
	require.NoError(r.t, err)
	require.Equal(r.t, want, status, text)
	var v map[string]any
	if strings.HasPrefix(text, "{") {
		require.NoError(r.t, json.Unmarshal([]byte(text), &v))
	}
	return v
}

// Each kind of fault: what the caller sees, and whether the request was carried out.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, rule string
		status     int // 0: the connection is cut before any answer
		body       string
		broken     bool // the body is cut
		done       int64
		header     string
	}{
		{name: "none", rule: `{"method":"DELETE","status":500}`, status: 201, body: `{"answer":"in full"}`, done: 1},
		{name: "status", rule: `{"status":503,"body":"{\"x\":1}","header":{"Retry-After":"2"}}`, status: 503, body: `{"x":1}`, header: "2"},
		{name: "empty", rule: `{"status":500}`, status: 500},
		{name: "html", rule: `{"status":503,"html":true}`, status: 503, body: "<h1>Service Unavailable</h1>"},
		{name: "html for data", rule: `{"html":true}`, status: 200, body: "<h1>OK</h1>"},
		{name: "dropped before", rule: `{"drop":"before"}`},
		{name: "dropped after", rule: `{"drop":"after"}`, done: 1},
		{name: "done, answered as failed", rule: `{"status":500,"drop":"after"}`, status: 500, done: 1},
		{name: "cut", rule: `{"cut":9}`, status: 201, body: `{"answer"`, broken: true, done: 1},
		{name: "cut of its own answer", rule: `{"status":200,"body":"0123456789","cut":4}`, status: 200, body: "0123", broken: true},
		{name: "delayed", rule: `{"delay":"20ms"}`, status: 201, body: `{"answer":"in full"}`, done: 1},
		{name: "late", rule: `{"late":"20ms"}`, status: 201, body: `{"answer":"in full"}`, done: 1},
		{name: "late, then dropped", rule: `{"late":"20ms","drop":"after"}`, done: 1},
		{name: "header only", rule: `{"header":{"Retry-After":"2"}}`, status: 201, body: `{"answer":"in full"}`, done: 1, header: "2"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.sim("POST", "faults", tc.rule, 201)
			begun := time.Now()
			status, body, header, err := r.call("POST", "/api/things?x=%22a%22", "body")
			assert.Equal(t, tc.status, status)
			assert.Contains(t, body, tc.body)
			assert.Equal(t, tc.broken || tc.status == 0, err != nil, "%v", err)
			assert.Equal(t, tc.done, r.done.Load())
			assert.Equal(t, tc.header, header.Get("Retry-After"))
			if tc.name == "delayed" || strings.HasPrefix(tc.name, "late") {
				assert.GreaterOrEqual(t, time.Since(begun), 20*time.Millisecond)
			}
		})
	}
}

// A late answer is to a request that is carried out at once; a delayed request whose caller leaves never is.
func TestWaitingBeforeAndAfterTheEffect(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, rule string
		done       int64
	}{
		{"late", `{"late":"1h"}`, 1},
		{"delayed", `{"delay":"1h"}`, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.sim("POST", "faults", tc.rule, 201)
			ctx, leave := context.WithCancel(t.Context())
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.http.URL+"/api/things", nil)
			require.NoError(t, err)
			left := make(chan error, 1)
			go func() {
				resp, err := http.DefaultClient.Do(req)
				if err == nil {
					resp.Body.Close()
				}
				left <- err
			}()
			require.Eventually(t, func() bool {
				_, rules, _, err := r.call("GET", "/_sim/faults", "")
				return err == nil && strings.Contains(rules, `"applied":1`) && r.done.Load() == tc.done
			}, 10*time.Second, time.Millisecond)
			leave()
			require.ErrorIs(t, <-left, context.Canceled)
			require.Eventually(t, func() bool {
				_, log, _, err := r.call("GET", "/_sim/requests", "")
				return err == nil && strings.Contains(log, `"path":"things"`)
			}, 10*time.Second, time.Millisecond, "the request is over for the server as well")
			assert.Equal(t, tc.done, r.done.Load())
		})
	}
}

func TestFaultMatching(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, rule string
		want       string // F faulty, . not, of ten requests
	}{
		{"always", `{"status":500}`, "FFFFFFFFFF"},
		{"times", `{"status":500,"times":2}`, "FF........"},
		{"skip", `{"status":500,"skip":3,"times":1}`, "...F......"},
		{"every", `{"status":500,"every":4}`, "...F...F.."},
		{"skip, every, times", `{"status":500,"skip":1,"every":2,"times":2}`, "..F.F....."},
		{"other method", `{"status":500,"method":"post"}`, ".........."},
		{"path", `{"status":500,"path":"^things/\\d+$"}`, "FFFFFFFFFF"},
		{"other path", `{"status":500,"path":"^/things"}`, ".........."},
		{"query", `{"status":500,"query":"name=\"a b\""}`, "FFFFFFFFFF"},
		{"encoded query", `{"status":500,"query":"%22a"}`, "FFFFFFFFFF"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.sim("POST", "faults", tc.rule, 201)
			var got strings.Builder
			for range 10 {
				status, _, _, err := r.call("GET", "/api/things/7?conditions=name=%22a+b%22", "")
				require.NoError(t, err)
				got.WriteString(map[int]string{500: "F", 201: "."}[status])
			}
			assert.Equal(t, tc.want, got.String())
		})
	}
}

func TestFaultRulesAreListedAndRemoved(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, bad := range []string{`{}`, `{"path":"("}`, `{"status":99}`, `{"drop":"sideways"}`, `{"status":500,"skip":-1}`, `{"stauts":500}`, `{"status":500,"delay":5}`, `{"late":"-1s"}`} {
		r.sim("POST", "faults", bad, 400)
	}
	first := r.sim("POST", "faults", `{"status":500,"path":"a"}`, 201)["id"]
	r.sim("POST", "faults", `{"status":501,"path":"b"}`, 201)
	status, _, _, err := r.call("GET", "/api/b", "")
	require.NoError(t, err)
	assert.Equal(t, 501, status)
	_, list, _, err := r.call("GET", "/_sim/faults", "")
	require.NoError(t, err)
	assert.Contains(t, list, `"applied":1`)
	r.sim("DELETE", fmt.Sprintf("faults/%v", first), "", 204)
	r.sim("DELETE", fmt.Sprintf("faults/%v", first), "", 404)
	r.sim("DELETE", "faults", "", 204)
	_, list, _, err = r.call("GET", "/_sim/faults", "")
	require.NoError(t, err)
	assert.JSONEq(t, "[]", list)
}

func TestRequestLog(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.sim("POST", "faults", `{"drop":"after","method":"PUT"}`, 201)
	require.NoError(t, r.only("GET", "/api/things?a=%22b%22", ""))
	require.NoError(t, r.only("POST", "/api/things", strings.Repeat("x", 5000)))
	require.Error(t, r.only("PUT", "/api/things/1", "y"))
	log := r.sim("GET", "requests", "", 200)
	assert.InDelta(t, 3, log["total"], 0)
	assert.Equal(t, map[string]any{"GET": 1.0, "POST": 1.0, "PUT": 1.0}, log["counts"])
	entries := log["requests"].([]any)
	get, post, put := entries[0].(map[string]any), entries[1].(map[string]any), entries[2].(map[string]any)
	assert.Equal(t, map[string]any{
		"seq": 1.0, "time": "2026-11-23T12:00:00Z", "method": "GET", "path": "things", "query": `a="b"`, "status": 201.0, "caller": "tester",
	}, get)
	assert.Len(t, post["body"], 4096)
	assert.Equal(t, "fault 1", put["fault"])
	assert.InDelta(t, 0, put["status"], 0)
	assert.Len(t, r.sim("GET", "requests?since=2", "", 200)["requests"], 1)
	assert.InDelta(t, 3, r.sim("GET", "requests?since=3", "", 200)["next"], 0)
	r.sim("GET", "requests?since=x", "", 400)
	r.sim("DELETE", "requests", "", 204)
	assert.InDelta(t, 0, r.sim("GET", "requests", "", 200)["total"], 0)
}

func TestClockSettingsResetHealth(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	assert.Equal(t, true, r.sim("GET", "health", "", 200)["ok"])
	assert.Equal(t, "2026-11-25T12:00:00Z", r.sim("PUT", "clock", `{"advance":"48h"}`, 200)["now"])
	assert.Equal(t, "2027-01-01T00:00:00Z", r.sim("PUT", "clock", `{"now":"2027-01-01T00:00:00Z"}`, 200)["now"])
	r.sim("PUT", "clock", `{}`, 400)
	r.sim("PUT", "clock", `{"now":"2027-01-01T00:00:00Z","advance":"1h"}`, 400)
	assert.Equal(t, "2027-01-01T00:00:00Z", r.sim("GET", "clock", "", 200)["now"])

	got := r.sim("PATCH", "settings", `{"latency":"5ms","word":"other"}`, 200)
	assert.Equal(t, map[string]any{"latency": "5ms", "rate_per_minute": 0.0, "word": "other"}, got)
	r.sim("PATCH", "settings", `{"word":"bad"}`, 400)
	r.sim("PATCH", "settings", `{"wrod":"x"}`, 400)
	assert.Equal(t, "other", r.sim("GET", "settings", "", 200)["word"])

	r.sim("POST", "faults", `{"status":500}`, 201)
	r.sim("POST", "reset", `{"seed":7,"tenants":2}`, 200)
	assert.EqualValues(t, 7, r.reset.Load())
	assert.Equal(t, "good", r.sim("GET", "settings", "", 200)["word"])
	assert.Equal(t, "2026-11-23T12:00:00Z", r.sim("GET", "clock", "", 200)["now"])
	status, _, _, err := r.call("GET", "/api/x", "")
	require.NoError(t, err)
	assert.Equal(t, 201, status)
	assert.InDelta(t, 1, r.sim("GET", "state", "", 200)["done"], 0)
}

// The limit admits so many in a minute and answers the rest as the vendor does; 0 lifts it.
func TestRateLimit(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.sim("PATCH", "settings", `{"rate_per_minute":5}`, 200)
	count := map[int]int{}
	for range 9 {
		status, _, _, err := r.call("GET", "/api/x", "")
		require.NoError(t, err)
		count[status]++
	}
	assert.Equal(t, map[int]int{201: 5, 429: 4}, count)
	assert.Equal(t, "rate limit", r.sim("GET", "requests?since=8", "", 200)["requests"].([]any)[0].(map[string]any)["fault"])
	r.sim("PATCH", "settings", `{"rate_per_minute":0}`, 200)
	status, _, _, err := r.call("GET", "/api/x", "")
	require.NoError(t, err)
	assert.Equal(t, 201, status)
}

// Requests wait out the latency side by side: twenty of them take about as long as one.
func TestLatencyIsNotSerialised(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.sim("PATCH", "settings", `{"latency":"200ms"}`, 200)
	begun := time.Now()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			assert.NoError(t, r.only("GET", "/api/x", ""))
		})
	}
	all.Wait()
	assert.GreaterOrEqual(t, time.Since(begun), 200*time.Millisecond)
	assert.Less(t, time.Since(begun), 2*time.Second, "one after another would take four")
	assert.Greater(t, r.sim("GET", "requests", "", 200)["peak"], 2.0)
}
