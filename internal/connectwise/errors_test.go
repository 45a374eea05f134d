package connectwise_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"causeway/internal/connectwise"
)

const (
	asJSON = "application/vnd.connectwise.com+json; version=2022.1"
	asHTML = "text/html; charset=utf-8"
)

// Every shape of failure that the vendor or its front ends are known to answer with.
func TestAnswersBecomeErrors(t *testing.T) {
	t.Parallel()
	invalid := func(resource, code, message, field string) string {
		return fmt.Sprintf(`{"code":"InvalidObject","message":"%s object is invalid","errors":[{"code":%q,"message":%q,"resource":%q,"field":%q}]}`, resource, code, message, resource, field)
	}
	for name, tc := range map[string]struct {
		status int
		kind   connectwise.Kind
		cause  connectwise.Cause
		media  string
		body   string
		code   string
		says   string
	}{
		"keys refused":                    {status: 401, kind: connectwise.KindAuth, media: asJSON, body: `{"code":"Unauthorized","message":"Incorrect public/private key"}`, code: "Unauthorized", says: "error:401 Auth Error. Incorrect public/private key"},
		"keys refused, on-premises":       {status: 401, kind: connectwise.KindAuth, media: asJSON, body: `{"code":"ConnectWiseApi","message":"UserNotAuthenticated"}`, code: "ConnectWiseApi", says: "error:401 Auth Error."},
		"keys refused without a body":     {status: 401, kind: connectwise.KindAuth, says: "error:401 Auth Error."},
		"keys refused as 404":             {status: 404, kind: connectwise.KindAuth, media: asJSON, body: `{"code":"ConnectWiseApi","message":"UserNotAuthenticated"}`, says: "Auth Error."},
		"client id refused with 400":      {status: 400, kind: connectwise.KindAuth, media: "text/plain", body: "The clientId header is missing", says: "clientId"},
		"client id refused with 403":      {status: 403, kind: connectwise.KindAuth, media: asJSON, body: `{"code":"Unauthorized","message":"ClientId is not valid"}`, says: "ClientId"},
		"right missing":                   {status: 403, kind: connectwise.KindForbidden, media: asJSON, body: `{"code":"Security","message":"You do not have security permission to perform this action."}`, code: "Security", says: "error:403 Permission missing. You do not have security permission"},
		"plain HTTP refused":              {status: 403, kind: connectwise.KindRejected, media: asJSON, body: `{"code":"Security","message":"SSL is required.","errors":null}`, says: "SSL is required."},
		"required field missing":          {status: 400, kind: connectwise.KindRejected, media: asJSON, body: invalid("contact", "MissingRequiredField", "The firstName field is required.", "firstName"), code: "InvalidObject", says: "contact object is invalid | The firstName field is required."},
		"text too long":                   {status: 400, kind: connectwise.KindRejected, media: asJSON, body: invalid("ticket", "MaxLengthField", "The field summary must be a string with a maximum length of 100.", "summary"), says: "maximum length of 100"},
		"already there":                   {status: 400, kind: connectwise.KindRejected, media: asJSON, body: invalid("company", "ObjectExists", "Company ID already in use.", "identifier"), says: "identifier: Company ID already in use."},
		"reference not there":             {status: 400, kind: connectwise.KindRejected, media: asJSON, body: invalid("ticket", "NotFound", "Service Status 17 not found for Service Board 21", "status/id"), says: "status/id: Service Status 17 not found"},
		"addition before billing start":   {status: 400, kind: connectwise.KindRejected, media: asJSON, body: invalid("addition", "InvalidField", "effectiveDate cannot be less than the agreement billing start date.", "effectiveDate"), says: "effectiveDate cannot be less"},
		"unknown field in a condition":    {status: 400, kind: connectwise.KindRejected, media: asJSON, body: `{"code":"ApiFindCondition","message":"resources/name is not a recognized name."}`, code: "ApiFindCondition", says: "not a recognized name"},
		"unknown member":                  {status: 400, kind: connectwise.KindRejected, media: asJSON, body: `{"code":"ConnectWiseApi","message":"Could not find member 'x' on object of type 'Addition'. Path 'x', line 1, position 4.","errors":[]}`, says: "Could not find member"},
		"no message":                      {status: 400, kind: connectwise.KindRejected, media: asJSON, body: `{"code":"InvalidObject"}`, code: "InvalidObject", says: "error:400"},
		"no code":                         {status: 400, kind: connectwise.KindRejected, media: asJSON, body: `{"message":"no"}`, says: "error:400 no"},
		"empty body":                      {status: 400, kind: connectwise.KindRejected, says: "error:400"},
		"record not there":                {status: 404, kind: connectwise.KindNotFound, media: asJSON, body: `{"code":"NotFound","message":"Company 57919 not found"}`, code: "NotFound", says: "Company 57919 not found"},
		"path not there":                  {status: 404, kind: connectwise.KindRejected, media: asJSON, body: `{"code":"ConnectWiseApi","message":"The endpoint does not exist."}`, says: "endpoint does not exist"},
		"page of a proxy for a 404":       {status: 404, kind: connectwise.KindRejected, media: asHTML, body: "<html><body><h1>Not found</h1></body></html>", says: "error:404 Not found"},
		"wrong method":                    {status: 405, kind: connectwise.KindRejected, says: "error:405"},
		"in use":                          {status: 409, kind: connectwise.KindRejected, media: asJSON, body: `{"code":"Conflict","message":"The record is in use."}`, says: "in use"},
		"wrong media type":                {status: 415, kind: connectwise.KindRejected, media: asJSON, body: `{"code":"InvalidObject","message":"media type is not supported"}`, says: "media type"},
		"not processable":                 {status: 422, kind: connectwise.KindRejected, says: "error:422"},
		"throttled":                       {status: 429, kind: connectwise.KindThrottled, media: asJSON, body: `{"error":"ConnectWiseAPI","message":"Too many requests. Please try again in 30 seconds."}`, code: "ConnectWiseAPI", says: "Too many requests, wait 1s."},
		"throttled by the front":          {status: 429, kind: connectwise.KindThrottled, media: asHTML, body: "<html><title>x</title><p>error code: 1015</p></html>", says: "error code: 1015"},
		"server error":                    {status: 500, kind: connectwise.KindUnavailable, cause: connectwise.CauseServer, media: asJSON, body: `{"code":"InternalError","message":"An error has occurred"}`, says: "error:500 An error has occurred"},
		"query time-out":                  {status: 500, kind: connectwise.KindUnavailable, cause: connectwise.CauseTimeout, media: asJSON, body: `{"code":"ConnectWiseApi","message":"Execution Timeout Expired."}`, says: "Timeout"},
		"bad gateway":                     {status: 502, kind: connectwise.KindUnavailable, cause: connectwise.CauseServer, media: asHTML, body: "<HTML>Bad <b>gateway</b><script>var x = 1</script></HTML>", says: "error:502 Bad gateway"},
		"maintenance":                     {status: 503, kind: connectwise.KindUnavailable, cause: connectwise.CauseServer, media: asHTML, body: "<html>Down for maintenance</html>", says: "maintenance"},
		"gateway time-out":                {status: 504, kind: connectwise.KindUnavailable, cause: connectwise.CauseTimeout, says: "error:504"},
		"success as a web page":           {status: 200, kind: connectwise.KindProtocol, media: asHTML, body: "<html><title>Sign in</title><body>Sign in</body></html>", says: "a web page instead of data"},
		"success cut short":               {status: 200, kind: connectwise.KindProtocol, media: asJSON, body: `[{"id":1},{"id":`, says: "Answer not understood."},
		"success that is empty":           {status: 200, kind: connectwise.KindProtocol, media: asJSON, says: "it is empty"},
		"success that is null":            {status: 200, kind: connectwise.KindProtocol, media: asJSON, body: "null", says: "it is null"},
		"success with an object":          {status: 200, kind: connectwise.KindProtocol, media: asJSON, body: `{"id":1}`, says: "Answer not understood."},
		"success with a row without id":   {status: 200, kind: connectwise.KindProtocol, media: asJSON, body: `[{"id":1},{"name":"x"}]`, says: "row 2 has no id"},
		"success with an empty row":       {status: 200, kind: connectwise.KindProtocol, media: asJSON, body: `[null]`, says: "row 1 has no id"},
		"success followed by something":   {status: 200, kind: connectwise.KindProtocol, media: asJSON, body: `[{"id":1}] trailing`, says: "Answer not understood."},
		"success with a number too large": {status: 200, kind: connectwise.KindProtocol, media: asJSON, body: `[{"id":1e999999999}]`, says: "Answer not understood."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, cw := serve(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Cw-Request-Id", "req-1")
				w.Header().Set("Retry-After", "1")
				answering(tc.status, tc.media, tc.body)(w, r)
			}, misbehaving, configured(func(c *connectwise.Config) { c.MaxThrottledReads = new(0) }))

			_, err := cw.Companies.List(t.Context(), connectwise.ListOptions{})
			e := asError(t, err)
			assert.Equal(t, tc.kind, e.Kind, e)
			assert.Equal(t, tc.kind, connectwise.KindOf(err))
			assert.Equal(t, tc.cause, e.Cause)
			assert.Equal(t, tc.status, e.Status)
			assert.Equal(t, "req-1", e.RequestID)
			assert.False(t, e.MaybeDone, "a read")
			if tc.code != "" {
				assert.Equal(t, tc.code, e.Code)
			}
			assert.True(t, strings.HasPrefix(err.Error(), fmt.Sprintf("GET company/companies company:acme error:%d", tc.status)), err.Error())
			assert.Contains(t, err.Error(), tc.says)
			assert.Equal(t, tc.kind == connectwise.KindNotFound, connectwise.IsNotFound(err))
			assert.Equal(t, tc.kind == connectwise.KindNotFound || tc.kind == connectwise.KindRejected, connectwise.IsRejected(err))
		})
	}
}

// R44: the line names what was attempted, on whose behalf and what ConnectWise said.
func TestErrorReadsAsALogLine(t *testing.T) {
	t.Parallel()
	_, cw := serve(t, answering(401, "", ""))
	_, err := cw.Companies.List(t.Context(), connectwise.ListOptions{Where: connectwise.Equal("identifier", "x")})
	assert.EqualError(t, err, "GET company/companies company:acme error:401 Auth Error.")
}

// R36: a write that failed says whether it may have been done.
func TestWritesThatMayHaveBeenDone(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		answer http.HandlerFunc
		want   bool
	}{
		"refused":                {answering(400, asJSON, `{"code":"InvalidObject"}`), false},
		"throttled":              {answering(429, "", ""), false},
		"keys refused":           {answering(401, "", ""), false},
		"server error":           {answering(500, asHTML, "<p>x"), true},
		"gateway time-out":       {answering(504, "", ""), true},
		"success not understood": {answering(201, asHTML, "<p>x"), true},
		"success without id":     {answering(201, asJSON, "{}"), true},
		"redirected":             {answering(302, "", ""), false},
		"cut before the answer": {func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_ = conn.Close()
			}
		}, true},
		"cut in the answer": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			w.WriteHeader(http.StatusCreated)
			_, _ = w.Write([]byte(`{"id":`))
			panic(http.ErrAbortHandler)
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, cw := serve(t, tc.answer, misbehaving)
			_, err := cw.Additions.Create(t.Context(), 7, connectwise.AdditionRequest{Product: 1, BillCustomer: connectwise.Billable})
			e := asError(t, err)
			assert.Equal(t, tc.want, e.MaybeDone, e)
			assert.Equal(t, tc.want, connectwise.MaybeDone(err))
			assert.Len(t, s.seen(), 1, "a write is sent once")
		})
	}
}

func TestNoAnswer(t *testing.T) {
	t.Parallel()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	refused := closed.Addr().String()
	require.NoError(t, closed.Close())
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = nil
	t.Cleanup(untrusted.Close)

	for name, tc := range map[string]struct {
		host string
		dial func(ctx context.Context, network, address string) (net.Conn, error)
		slow bool // runs into the time-out, which is short for this one only
		want connectwise.Cause
	}{
		"name not found": {host: "cwm.invalid", want: connectwise.CauseDNS, dial: func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "cwm.invalid", IsNotFound: true}}
		}},
		"nothing listens": {host: refused, want: connectwise.CauseRefused},
		"no TLS":          {host: strings.TrimPrefix(plain.URL, "http://"), want: connectwise.CauseTLS},
		"not trusted":     {host: strings.TrimPrefix(untrusted.URL, "https://"), want: connectwise.CauseTLS},
		"host not allowed": {host: "10.0.0.1", want: connectwise.CauseHostNotAllowed, dial: func(context.Context, string, string) (net.Conn, error) {
			return nil, fmt.Errorf("guard: %w", connectwise.ErrHostNotAllowed)
		}},
		"dialling too long": {host: "10.0.0.1", slow: true, want: connectwise.CauseTimeout, dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			transport := &http.Transport{DialContext: tc.dial}
			t.Cleanup(transport.CloseIdleConnections)
			timeout := connectwise.DefaultTimeout
			if tc.slow {
				timeout = 100 * time.Millisecond
			}
			cw, err := connectwise.New(connectwise.Config{
				Host: tc.host, Company: "acme", PublicKey: canaryPublic, PrivateKey: canaryPrivate,
				HTTPClient: &http.Client{Transport: transport}, Timeout: timeout,
			})
			require.NoError(t, err)
			_, err = cw.Additions.Create(t.Context(), 7, connectwise.AdditionRequest{Product: 1, BillCustomer: connectwise.Billable})
			e := asError(t, err)
			assert.Equal(t, connectwise.KindUnavailable, e.Kind, e)
			assert.Equal(t, tc.want, e.Cause, e)
			assert.False(t, e.MaybeDone, "the look-up failed, the write was never sent")
			assert.Equal(t, "login/companyinfo/acme", e.Path)
		})
	}
}

func TestSlowServer(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]func(stop <-chan struct{}) http.HandlerFunc{
		"silent": func(stop <-chan struct{}) http.HandlerFunc {
			return func(http.ResponseWriter, *http.Request) { <-stop }
		},
		"stuck in the middle": func(stop <-chan struct{}) http.HandlerFunc {
			return func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write([]byte(`[{"id":1},`))
				_ = http.NewResponseController(w).Flush()
				<-stop
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stop := make(chan struct{})
			_, cw := serve(t, handler(stop), misbehaving, configured(func(c *connectwise.Config) {
				c.Timeout = time.Second // the look-up before has to fit in, on a busy machine too
				c.HTTPClient.Transport = unwrapped(c.HTTPClient.Transport)
			}))
			t.Cleanup(func() { close(stop) })
			_, err := cw.Companies.List(t.Context(), connectwise.ListOptions{})
			e := asError(t, err)
			assert.Equal(t, "company/companies", e.Path)
			assert.Equal(t, connectwise.KindUnavailable, e.Kind, e)
			assert.Equal(t, connectwise.CauseTimeout, e.Cause)
			assert.Contains(t, e.Error(), "no answer within 1s")
			assert.ErrorIs(t, err, context.DeadlineExceeded)
		})
	}
}

func TestCancelledByTheCaller(t *testing.T) {
	t.Parallel()
	arrived, stop := make(chan struct{}), make(chan struct{})
	_, cw := serve(t, func(http.ResponseWriter, *http.Request) { close(arrived); <-stop })
	t.Cleanup(func() { close(stop) })
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	_, err := cw.Catalog.Update(ctx, 3, new(connectwise.Patch).Replace("price", 0))
	e := asError(t, err)
	assert.Equal(t, connectwise.KindCanceled, e.Kind)
	assert.True(t, e.MaybeDone, "it had been sent")
	assert.ErrorIs(t, err, context.Canceled)
}

func TestOversizedAnswer(t *testing.T) {
	t.Parallel()
	_, cw := serve(t, answering(200, asJSON, `[`+strings.Repeat(`{"id":1},`, 1000)+`{"id":2}]`),
		configured(func(c *connectwise.Config) { c.MaxBody = 1000 }))
	_, err := cw.Companies.List(t.Context(), connectwise.ListOptions{})
	e := asError(t, err)
	assert.Equal(t, connectwise.KindProtocol, e.Kind)
	assert.Contains(t, e.Error(), "larger than the 1000 bytes")
}

func TestRedirectsAreRefused(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	t.Cleanup(elsewhere.Close)
	_, cw := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
	})
	_, err := cw.Companies.List(t.Context(), connectwise.ListOptions{})
	e := asError(t, err)
	assert.Equal(t, connectwise.KindProtocol, e.Kind)
	assert.Contains(t, e.Error(), strings.TrimPrefix(elsewhere.URL, "http://"))
}

// A server or proxy may echo what it got, and may try to forge log lines.
func TestErrorsAreHarmless(t *testing.T) {
	t.Parallel()
	basic := base64.StdEncoding.EncodeToString([]byte("acme+" + canaryPublic + ":" + canaryPrivate))
	nasty := "got Basic " + basic + " and " + canaryPrivate + " from " + canaryClient + "\r\n2026-01-01 ERROR forged\x1b[31m\u202e " + strings.Repeat("long ", 1000)
	nasty = strings.Replace(nasty, "Basic ", "", 1)
	for name, handler := range map[string]http.HandlerFunc{
		"text": answering(400, "text/plain", nasty),
		"json": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Cw-Request-Id", canaryPrivate)
			writeJSON(w, 400, map[string]any{"code": nasty, "message": nasty, "errors": []any{map[string]any{"message": nasty, "field": nasty, "code": nasty, "resource": nasty}}})
		},
		"html": answering(200, asHTML, "<p>"+nasty),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, cw := serve(t, handler, misbehaving)
			_, err := cw.Companies.List(t.Context(), connectwise.ListOptions{})
			e := asError(t, err)
			assertNoSecret(t, fmt.Sprint(e.Code, e.Message, e.Fields, e.RequestID))
			assert.NotContains(t, err.Error(), "\n")
			assert.NotContains(t, err.Error(), "\x1b")
			assert.NotContains(t, err.Error(), "\u202e")
			assert.LessOrEqual(t, len([]rune(err.Error())), 700)
			assert.LessOrEqual(t, len([]rune(e.Message)), 501)
			assert.Contains(t, err.Error(), "[redacted]")
		})
	}
}

func TestPredicatesOnOtherErrors(t *testing.T) {
	t.Parallel()
	other := errors.New("other")
	for _, is := range []func(error) bool{connectwise.IsAuth, connectwise.IsForbidden, connectwise.IsNotFound, connectwise.IsRejected, connectwise.IsThrottled, connectwise.IsUnavailable, connectwise.IsProtocol, connectwise.MaybeDone} {
		assert.False(t, is(other))
		assert.False(t, is(nil))
	}
	wrapped := fmt.Errorf("create: %w", &connectwise.Error{Kind: connectwise.KindAuth})
	assert.True(t, connectwise.IsAuth(wrapped))
}
