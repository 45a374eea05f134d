package connectwise

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"code.dny.dev/ssrf"
)

// maxRetryAfter bounds what a server can make us wait after one answer.
const maxRetryAfter = 5 * time.Minute

// envelope is ConnectWise's error body. The throttling front writes "error" where the API writes "code".
type envelope struct {
	Code    string       `json:"code"`
	Error   string       `json:"error"`
	Message string       `json:"message"`
	Errors  []FieldError `json:"errors"`
}

// fromAnswer turns an answer that is not 2xx into an error. Shapes and codes: ConnectWise developer guide and answers
// recorded by public clients; many are plain text or HTML from a front end, so any body will do.
func (c *Client) fromAnswer(r request, ans *answer) *Error {
	e := c.newError(r)
	e.Status = ans.status
	e.RequestID = c.clean(ans.header.Get("X-Cw-Request-Id"))
	enveloped := c.readEnvelope(e, ans.body)
	texts := []string{e.Code, e.Message}
	for _, f := range e.Fields {
		texts = append(texts, f.Message)
	}
	text := strings.ToLower(strings.Join(texts, " "))
	e.Kind = kindOfAnswer(ans.status, e.Code, text, enveloped)
	switch e.Kind {
	case KindThrottled:
		e.RetryAfter = retryAfter(ans.header, time.Now(), c.defaultRetryAfter)
	case KindUnavailable:
		e.Cause = CauseServer
		if ans.status == http.StatusRequestTimeout || ans.status == http.StatusGatewayTimeout || strings.Contains(text, "timeout") {
			e.Cause = CauseTimeout
		}
		e.MaybeDone = !r.read()
	case KindProtocol:
		e.Message = "redirects are not followed"
		if to, err := url.Parse(ans.header.Get("Location")); err == nil && to.Host != "" {
			e.Message += "; the server points to " + c.clean(to.Host)
		}
	}
	return e
}

// readEnvelope fills code, message and fields, and reports whether the body had ConnectWise's form.
func (c *Client) readEnvelope(e *Error, body []byte) bool {
	var env envelope
	if err := decode(body, &env); err != nil || env.Code+env.Error+env.Message == "" && len(env.Errors) == 0 {
		e.Message = c.clean(visibleText(body))
		return false
	}
	e.Code = c.clean(env.Code)
	if e.Code == "" {
		e.Code = c.clean(env.Error)
	}
	e.Message = c.clean(env.Message)
	for _, f := range env.Errors[:min(len(env.Errors), maxFieldErrors)] {
		e.Fields = append(e.Fields, FieldError{
			Code: c.clean(f.Code), Message: c.clean(f.Message), Resource: c.clean(f.Resource), Field: c.clean(f.Field),
		})
	}
	return true
}

// maxFieldErrors bounds the complaints kept of one answer.
const maxFieldErrors = 20

var (
	htmlUnseen = regexp.MustCompile(`(?is)<(script|style|head)\b.*?</(script|style|head)\s*>`)
	htmlTag    = regexp.MustCompile(`(?s)<[^>]*>`)
)

// visibleText is what a person would read of a body that is not JSON; bodies of any size are looked at only at their
// beginning.
func visibleText(body []byte) string {
	text := string(body[:min(len(body), 16<<10)])
	if looksLikeHTML(body) {
		text = htmlTag.ReplaceAllString(htmlUnseen.ReplaceAllString(text, " "), " ")
	}
	return text
}

func looksLikeHTML(body []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n\ufeff"), []byte("<"))
}

// kindOfAnswer decides by status, code and lower-case text; enveloped says that the body had ConnectWise's own form.
func kindOfAnswer(status int, code, text string, enveloped bool) Kind {
	switch {
	case status == http.StatusUnauthorized, strings.Contains(text, "usernotauthenticated"):
		return KindAuth
	case (status == http.StatusBadRequest || status == http.StatusForbidden) && strings.Contains(text, "clientid"):
		return KindAuth
	case strings.Contains(text, "ssl is required"):
		return KindRejected
	case status == http.StatusForbidden:
		return KindForbidden
	case status == http.StatusNotFound && enveloped && isRecordMissing(code, text):
		return KindNotFound
	case status == http.StatusTooManyRequests:
		return KindThrottled
	case status >= 500, status == http.StatusRequestTimeout:
		return KindUnavailable
	case status >= 400:
		return KindRejected
	}
	return KindProtocol
}

// isRecordMissing tells "Contact 57919 not found" from a 404 about the path.
func isRecordMissing(code, text string) bool {
	return strings.EqualFold(code, "NotFound") || strings.Contains(text, "not found") && !strings.Contains(text, "endpoint")
}

// retryAfter reads the header in seconds or as a date; without a usable one it returns fallback. The answer's own Date
// header, when it has one, is the clock for dates: ours may be wrong.
func retryAfter(header http.Header, now time.Time, fallback time.Duration) time.Duration {
	value := strings.TrimSpace(header.Get("Retry-After"))
	wait := fallback
	if seconds, err := strconv.ParseFloat(value, 64); err == nil && seconds >= 0 {
		wait = time.Duration(min(seconds, maxRetryAfter.Seconds()) * float64(time.Second))
	} else if at, err := http.ParseTime(value); err == nil {
		if theirs, err := http.ParseTime(header.Get("Date")); err == nil {
			now = theirs
		}
		wait = at.Sub(now)
	}
	return min(max(wait, 0), maxRetryAfter)
}

// fromFailure turns a failure to get an answer into an error.
func (c *Client) fromFailure(ctx context.Context, r request, failure error) *Error {
	e := c.newError(r)
	// The address in url.Error repeats the whole query.
	if wrapped, ok := errors.AsType[*url.Error](failure); ok {
		failure = wrapped.Err
	}
	e.cause = failure
	if errors.Is(ctx.Err(), context.Canceled) {
		e.Kind, e.Message, e.MaybeDone = KindCanceled, "the call was cancelled", !r.read()
		return e
	}
	var neverSent bool
	e.Kind = KindUnavailable
	e.Cause, neverSent = causeOf(failure)
	e.Message = c.clean(failure.Error())
	e.MaybeDone = !r.read() && !neverSent
	return e
}

// causeOf names what went wrong below HTTP, and whether the request certainly never left.
func causeOf(err error) (cause Cause, neverSent bool) {
	op, _ := errors.AsType[*net.OpError](err)
	dialing := op != nil && op.Op == "dial"
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, ErrHostNotAllowed), errors.Is(err, ssrf.ErrProhibitedIP), errors.Is(err, ssrf.ErrProhibitedPort),
		errors.Is(err, ssrf.ErrProhibitedNetwork), errors.Is(err, ssrf.ErrInvalidHostPort):
		return CauseHostNotAllowed, true
	case isDNS(err):
		return CauseDNS, true
	case isUntrusted(err):
		return CauseTLS, true
	case isTLSAlert(err):
		return CauseTLS, false
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return CauseTimeout, dialing
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH), dialing:
		return CauseRefused, true
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return CauseReset, false
	}
	return CauseReset, false
}

func isDNS(err error) bool {
	dns, ok := errors.AsType[*net.DNSError](err)
	return ok && !dns.IsTimeout
}

// isUntrusted reports that the handshake failed on our side, so that no request followed.
func isUntrusted(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return true
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return true
	}
	// net/http has no type for it.
	return strings.Contains(err.Error(), "server gave HTTP response to HTTPS client")
}

// isTLSAlert reports a complaint of either side's TLS, at any time in the life of the connection.
func isTLSAlert(err error) bool {
	if _, ok := errors.AsType[tls.AlertError](err); ok {
		return true
	}
	text := err.Error()
	return strings.HasPrefix(text, "tls: ") || strings.Contains(text, "remote error: tls: ")
}
