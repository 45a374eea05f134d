package psafeed_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"causeway/internal/mysonicwall"
	"causeway/internal/mysonicwall/psafeed"
)

const canary = "canary-key-91c2e5"

// feed starts a server of one handler and a client of it.
func feed(t *testing.T, handler http.HandlerFunc, change func(*mysonicwall.Config)) *psafeed.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	config := mysonicwall.Config{BaseURL: server.URL, APIKey: canary, HTTPClient: server.Client()}
	if change != nil {
		change(&config)
	}
	client, err := psafeed.New(config)
	require.NoError(t, err)
	return client
}

// says answers every call alike.
func says(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func isError(t *testing.T, err error) *mysonicwall.Error {
	t.Helper()
	var e *mysonicwall.Error
	require.ErrorAs(t, err, &e)
	require.NotContains(t, fmt.Sprintf("%v %+v %#v", err, e, e), canary)
	return e
}

const (
	jsonType = "application/json;charset=UTF-8"
	htmlType = "text/html; charset=utf-8"
	page     = "<!DOCTYPE html><html><body>Sign in</body></html>"
)

// The answers that the contract lists, and those that a front end may give:
// none is ever taken for an empty list.
func TestBadAnswers(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		status     int
		kind, body string
		want       mysonicwall.Kind
		text       string
	}{
		"key refused":            {401, jsonType, `{"operationStatus":"FAILURE","msgDesc":"INVALID API KEY"}`, mysonicwall.KindAuth, "GET psa/v1/tenants error:401 Auth Error."},
		"key refused, page":      {401, htmlType, page, mysonicwall.KindAuth, "error:401"},
		"out of scope":           {403, jsonType, `{"operationStatus":"FAILURE"}`, mysonicwall.KindForbidden, "error:403"},
		"login page":             {200, htmlType, page, mysonicwall.KindProtocol, "HTML page"},
		"login page as JSON":     {200, jsonType, page, mysonicwall.KindProtocol, "HTML page"},
		"gone":                   {404, jsonType, `{"operationStatus":"FAILURE","msgDesc":"NO SUCH PRODUCT GROUP"}`, mysonicwall.KindNotFound, "NO SUCH PRODUCT GROUP"},
		"another server's 404":   {404, "text/plain", "404 page not found", mysonicwall.KindProtocol, "error:404"},
		"another server's JSON":  {404, jsonType, `{"message":"no route"}`, mysonicwall.KindProtocol, "base URL"},
		"cursor expired":         {410, jsonType, `{"operationStatus":"FAILURE","msgDesc":"CURSOR_EXPIRED"}`, mysonicwall.KindCursorExpired, "CURSOR_EXPIRED"},
		"refused":                {400, jsonType, `{"operationStatus":"FAILURE","msgDesc":"BAD LIMIT"}`, mysonicwall.KindFailure, "error:400 BAD LIMIT"},
		"failure under 200":      {200, jsonType, `{"operationStatus":"failure","msgDesc":"SYSTEM <b>BUSY</b>\nreally"}`, mysonicwall.KindFailure, "error:FAILURE SYSTEM BUSY really"},
		"server error":           {500, jsonType, `{}`, mysonicwall.KindUnavailable, "error:500"},
		"front end":              {503, htmlType, page, mysonicwall.KindUnavailable, "error:503"},
		"no body":                {200, jsonType, ``, mysonicwall.KindProtocol, "whole JSON"},
		"no content":             {204, jsonType, ``, mysonicwall.KindProtocol, "error:204"},
		"half an answer":         {200, jsonType, `{"operationStatus":"SUCCESS","content":{"rows":[`, mysonicwall.KindProtocol, "whole JSON"},
		"two answers":            {200, jsonType, `{"operationStatus":"SUCCESS","content":{"rows":[]}} {}`, mysonicwall.KindProtocol, "whole JSON"},
		"content missing":        {200, jsonType, `{"operationStatus":"SUCCESS"}`, mysonicwall.KindProtocol, "no content"},
		"content null":           {200, jsonType, `{"operationStatus":"SUCCESS","content":null}`, mysonicwall.KindProtocol, "no content"},
		"content a list":         {200, jsonType, `{"operationStatus":"SUCCESS","content":[]}`, mysonicwall.KindProtocol, "no content"},
		"rows missing":           {200, jsonType, `{"operationStatus":"SUCCESS","content":{}}`, mysonicwall.KindProtocol, "no list of rows"},
		"rows null":              {200, jsonType, `{"operationStatus":"SUCCESS","content":{"rows":null}}`, mysonicwall.KindProtocol, "no list of rows"},
		"rows an object":         {200, jsonType, `{"operationStatus":"SUCCESS","content":{"rows":{}}}`, mysonicwall.KindProtocol, "no list of rows"},
		"another status":         {200, jsonType, `{"operationStatus":"PARTIAL","content":{"rows":[]}}`, mysonicwall.KindProtocol, "PARTIAL"},
		"cursor a number":        {200, jsonType, `{"operationStatus":"SUCCESS","content":{"rows":[],"nextCursor":7}}`, mysonicwall.KindProtocol, "no list of rows"},
		"cursor that stands":     {200, jsonType, `{"operationStatus":"SUCCESS","content":{"rows":[],"nextCursor":"x"}}`, mysonicwall.KindProtocol, "same page"},
		"a tenant without id":    {200, jsonType, `{"operationStatus":"SUCCESS","content":{"rows":[{"name":"x"}]}}`, mysonicwall.KindProtocol, "row 1"},
		"a tenant that is text":  {200, jsonType, `{"operationStatus":"SUCCESS","content":{"rows":["x"]}}`, mysonicwall.KindProtocol, "row 1"},
		"an answer beyond limit": {200, jsonType, `{"operationStatus":"SUCCESS","content":{"rows":[],"x":"` + strings.Repeat("x", 5000) + `"}}`, mysonicwall.KindProtocol, "larger than 4096 bytes"},
		"the key repeated":       {401, jsonType, `{"operationStatus":"FAILURE","msgDesc":"key ` + canary + ` is unknown"}`, mysonicwall.KindAuth, "key [redacted] is unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			client := feed(t, func(w http.ResponseWriter, r *http.Request) {
				calls.Add(1)
				says(tc.status, tc.kind, tc.body)(w, r)
			}, func(c *mysonicwall.Config) { c.MaxBody = 4096 })
			tenants, err := client.Tenants(t.Context())
			require.Empty(t, tenants)
			e := isError(t, err)
			require.Equal(t, tc.want, e.Kind, "%v", e)
			require.Contains(t, e.Error(), tc.text)
			require.Equal(t, tc.status, e.Status)
			require.LessOrEqual(t, calls.Load(), int32(2), "only a cursor is followed: nothing is sent again")
		})
	}
}

func TestRedirectsAreNotFollowedAndKeepTheKey(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		var elsewhere atomic.Int32
		other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
		client := feed(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, status) }, nil)
		e := isError(t, client.Ping(t.Context()))
		require.Equal(t, mysonicwall.KindAuth, e.Kind)
		require.Equal(t, status, e.Status)
		other.Close()
		require.Zero(t, elsewhere.Load())
	}
}

func TestFailuresBelowHTTP(t *testing.T) {
	t.Parallel()
	dialing := func(err error) func(*mysonicwall.Config) {
		return func(c *mysonicwall.Config) {
			c.HTTPClient = &http.Client{Transport: &http.Transport{
				DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, err },
			}}
		}
	}
	hang := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "{")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
	for name, tc := range map[string]struct {
		handler http.HandlerFunc
		change  func(*mysonicwall.Config)
		want    mysonicwall.Cause
	}{
		"name unknown":     {says(200, jsonType, "{}"), dialing(&net.DNSError{Err: "no such host", Name: "x", IsNotFound: true}), mysonicwall.CauseDNS},
		"address refused":  {says(200, jsonType, "{}"), dialing(fmt.Errorf("guard: %w", mysonicwall.ErrHostNotAllowed)), mysonicwall.CauseHostNotAllowed},
		"nothing listens":  {says(200, jsonType, "{}"), func(c *mysonicwall.Config) { c.BaseURL = "http://127.0.0.1:1" }, mysonicwall.CauseRefused},
		"not TLS":          {says(200, jsonType, "{}"), func(c *mysonicwall.Config) { c.BaseURL = strings.Replace(c.BaseURL, "http:", "https:", 1) }, mysonicwall.CauseTLS},
		"stops in between": {hang, func(c *mysonicwall.Config) { c.Timeout = 50 * time.Millisecond }, mysonicwall.CauseTimeout},
		"cut at once":      {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, nil, mysonicwall.CauseReset},
		"cut in between": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `{"operationStatus":"SUCCESS","content":{"rows":[]}}`)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}, nil, mysonicwall.CauseReset},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := feed(t, tc.handler, tc.change).Tenants(t.Context())
			e := isError(t, err)
			require.Equal(t, mysonicwall.KindUnavailable, e.Kind, "%v", e)
			require.Equal(t, tc.want, e.Cause, "%v", e)
			require.Contains(t, e.Error(), "GET psa/v1/tenants error:"+string(tc.want))
		})
	}
}

func TestUntrustedCertificate(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(says(200, jsonType, "{}"))
	defer server.Close()
	client, err := psafeed.New(mysonicwall.Config{BaseURL: server.URL, APIKey: canary})
	require.NoError(t, err)
	require.Equal(t, mysonicwall.CauseTLS, isError(t, client.Ping(t.Context())).Cause)
}

func TestCancelledCall(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{})
	var once sync.Once
	client := feed(t, func(_ http.ResponseWriter, r *http.Request) {
		once.Do(func() { close(arrived) })
		<-r.Context().Done()
	}, nil)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	err := client.Ping(ctx)
	require.Equal(t, mysonicwall.KindCanceled, isError(t, err).Kind)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, mysonicwall.KindCanceled, isError(t, client.Ping(ctx)).Kind, "a call that never starts")
}

func TestThrottledCallsWaitAndAreSentAgain(t *testing.T) {
	t.Parallel()
	const good = `{"operationStatus":"SUCCESS","content":{"rows":[{"productGroupID":7,"name":"x"}]}}`
	for name, tc := range map[string]struct {
		refusals int
		header   string
		most     *int
		calls    int
		kind     mysonicwall.Kind // "" for none
	}{
		"a few times":              {refusals: 3, header: "0", calls: 4},
		"a moment, by date":        {refusals: 1, header: "date", calls: 2},
		"too often":                {refusals: 99, header: "0", calls: 6, kind: mysonicwall.KindThrottled},
		"never again, as set":      {refusals: 99, header: "0", most: new(0), calls: 1, kind: mysonicwall.KindThrottled},
		"longer than a call waits": {refusals: 99, header: "3600", calls: 1, kind: mysonicwall.KindThrottled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			var attempts []int
			client := feed(t, func(w http.ResponseWriter, r *http.Request) {
				if int(calls.Add(1)) > tc.refusals {
					says(200, jsonType, good)(w, r)
					return
				}
				wait := tc.header
				if wait == "date" {
					wait = time.Now().UTC().Format(http.TimeFormat) // this very second: no wait
				}
				w.Header().Set("Retry-After", wait)
				says(429, jsonType, `{"operationStatus":"FAILURE","msgDesc":"TOO MANY REQUESTS"}`)(w, r)
			}, func(c *mysonicwall.Config) {
				c.MaxThrottledReads = tc.most
				c.OnCall = func(call mysonicwall.Call) { attempts = append(attempts, call.Attempt) }
			})
			tenants, err := client.Tenants(t.Context())
			require.EqualValues(t, tc.calls, calls.Load())
			require.Len(t, attempts, tc.calls)
			require.Equal(t, tc.calls, attempts[len(attempts)-1])
			if tc.kind == "" {
				require.NoError(t, err)
				require.Len(t, tenants, 1)
				return
			}
			e := isError(t, err)
			require.Equal(t, tc.kind, e.Kind)
			require.Contains(t, e.Error(), "error:429 Too many requests, wait ")
			if tc.header == "3600" {
				require.GreaterOrEqual(t, e.RetryAfter, time.Hour)
			}
		})
	}
}

func TestOnCallSeesEveryAttempt(t *testing.T) {
	t.Parallel()
	var calls []mysonicwall.Call
	client := feed(t, says(500, jsonType, "{}"), func(c *mysonicwall.Config) {
		c.OnCall = func(call mysonicwall.Call) { calls = append(calls, call) }
	})
	_, err := client.Products(t.Context(), "23")
	require.Len(t, calls, 1)
	require.Equal(t, "GET", calls[0].Method)
	require.Equal(t, "psa/v1/tenants/23/products", calls[0].Path)
	require.Equal(t, 500, calls[0].Status)
	require.Positive(t, calls[0].Duration)
	require.Equal(t, err, calls[0].Err)
}

func TestTenantIDsAreChecked(t *testing.T) {
	t.Parallel()
	client := feed(t, func(http.ResponseWriter, *http.Request) { t.Error("nothing may be sent") }, nil)
	for _, id := range []string{"", "0", "-1", "x", "../account", "1/2", "1?x=y"} {
		_, err := client.Products(t.Context(), id)
		require.ErrorContains(t, err, "tenant id")
	}
}

func TestConfigurationMistakes(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change func(*mysonicwall.Config)
		want   string
	}{
		"no key":          {func(c *mysonicwall.Config) { c.APIKey = "" }, "API key is missing"},
		"key with spaces": {func(c *mysonicwall.Config) { c.APIKey = canary + " \n" }, "white space"},
		"no scheme":       {func(c *mysonicwall.Config) { c.BaseURL = "api.mysonicwall.com" }, "https://host"},
		"a path":          {func(c *mysonicwall.Config) { c.BaseURL = "https://x/api" }, "neither path"},
		"a user":          {func(c *mysonicwall.Config) { c.BaseURL = "https://" + canary + "@x" }, "https://host"},
		"negative":        {func(c *mysonicwall.Config) { c.Timeout = -1 }, "negative"},
	} {
		config := mysonicwall.Config{BaseURL: "https://example.com", APIKey: canary}
		tc.change(&config)
		_, err := psafeed.New(config)
		require.ErrorContains(t, err, tc.want, name)
		require.NotContains(t, err.Error(), canary, name)
	}
	_, err := psafeed.New(mysonicwall.Config{APIKey: canary})
	require.NoError(t, err, "the real API is the default")
	_, err = psafeed.New(mysonicwall.Config{BaseURL: "x", Timeout: -1})
	require.ErrorContains(t, err, "key")
	require.ErrorContains(t, err, "negative", "every mistake at once")
}

func TestPrintingAClientShowsNoKey(t *testing.T) {
	t.Parallel()
	conn, err := mysonicwall.NewConn(mysonicwall.Config{APIKey: canary})
	require.NoError(t, err)
	client, err := psafeed.New(mysonicwall.Config{APIKey: canary})
	require.NoError(t, err)
	require.NotContains(t, fmt.Sprintf("%v %+v %#v %v %+v %#v", *conn, *conn, *conn, *client, *client, *client), canary)
}

// errors.As has to work through wrapping, as activities do it.
func TestErrorsUnwrap(t *testing.T) {
	t.Parallel()
	err := feed(t, says(200, jsonType, "{}"), func(c *mysonicwall.Config) {
		c.HTTPClient = &http.Client{Transport: &http.Transport{
			DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, mysonicwall.ErrHostNotAllowed },
		}}
	}).Ping(t.Context())
	require.ErrorIs(t, fmt.Errorf("collect: %w", err), mysonicwall.ErrHostNotAllowed)
}
