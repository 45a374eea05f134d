package mysonicwall

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"

	"code.dny.dev/ssrf"
)

// Kind says what sort of failure an Error is, and so what can be done about it.
type Kind string

// The kinds of failure.
const (
	// KindAuth: the key was refused, or a login page was offered. Trying again is
	// useless until the key, or the address it is used from, changes.
	KindAuth Kind = "auth"
	// KindForbidden: the key is good and its user lacks the right.
	KindForbidden Kind = "forbidden"
	// KindNotFound: MySonicWall itself says that there is no such record, for
	// example a tenant that is gone or that the key may no longer see.
	KindNotFound Kind = "not found"
	// KindCursorExpired: a place in a list or feed is too old to go on from.
	KindCursorExpired Kind = "cursor expired"
	// KindThrottled: too many calls; RetryAfter says when to come back.
	KindThrottled Kind = "throttled"
	// KindUnavailable: no answer, or one that says that the server is in
	// trouble. Cause says more.
	KindUnavailable Kind = "unavailable"
	// KindProtocol: an answer that cannot be understood: HTML, cut, oversized or
	// incomplete JSON. It is never taken for an empty list.
	KindProtocol Kind = "protocol"
	// KindFailure: MySonicWall understood and says that it failed.
	KindFailure Kind = "failure"
	// KindCanceled: the caller's context ended.
	KindCanceled Kind = "canceled"
)

// Cause says more about a KindUnavailable failure.
type Cause string

// The causes of unavailability.
const (
	CauseDNS            Cause = "dns"              // the host name is not known
	CauseTLS            Cause = "tls"              // no trusted encrypted connection
	CauseTimeout        Cause = "timeout"          // no answer in time
	CauseRefused        Cause = "refused"          // nothing listens there, or no route
	CauseReset          Cause = "reset"            // the connection was cut
	CauseHostNotAllowed Cause = "host not allowed" // our side does not call that address
	CauseServer         Cause = "server"           // 5xx
)

// ErrHostNotAllowed is what a transport wraps to say that it refuses the
// address; errors of code.dny.dev/ssrf are understood, too.
var ErrHostNotAllowed = errors.New("mysonicwall: host not allowed")

// Error is every failure of a call. No text in it holds the key; text from the
// server is cut and freed of control characters.
type Error struct {
	Kind  Kind
	Cause Cause
	// Method and Path are what was attempted; Path is relative to the API's base
	// and carries no query.
	Method string
	Path   string
	Status int // HTTP status, 0 when there was no answer
	// Message is MySonicWall's own text, or ours where it said nothing.
	Message string
	// RetryAfter is how long to wait after KindThrottled.
	RetryAfter time.Duration

	err error
}

// Error reads as a log line: GET psa/v1/tenants/23/products error:401 Auth Error.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s error:%s", e.Method, e.Path, e.label())
	if advice := e.advice(); advice != "" {
		b.WriteString(" " + advice)
	}
	if e.Message != "" {
		b.WriteString(" " + e.Message)
	}
	return b.String()
}

// Unwrap gives the failure below HTTP, if any.
func (e *Error) Unwrap() error { return e.err }

func (e *Error) label() string {
	switch {
	case e.Status != 0 && e.Kind == KindFailure && e.Status < 300:
		return "FAILURE"
	case e.Status != 0:
		return strconv.Itoa(e.Status)
	case e.Cause != "":
		return string(e.Cause)
	}
	return string(e.Kind)
}

// advice is what to do, for the kinds that a person has to mend.
func (e *Error) advice() string {
	switch e.Kind {
	case KindAuth:
		return "Auth Error. MySonicWall refused the API key: it is wrong, expired or revoked, or may not be used from this address; make a new one in MySonicWall."
	case KindForbidden:
		return "The API key's user lacks the right to this; give it in MySonicWall."
	case KindThrottled:
		return fmt.Sprintf("Too many requests, wait %s.", e.RetryAfter)
	case KindProtocol:
		return "Answer not understood."
	}
	return ""
}

// causeOf names what went wrong below HTTP.
func causeOf(err error) Cause {
	var timeout interface{ Timeout() bool }
	dns, isDNS := errors.AsType[*net.DNSError](err)
	op, isOp := errors.AsType[*net.OpError](err)
	switch {
	case errors.Is(err, ErrHostNotAllowed), errors.Is(err, ssrf.ErrProhibitedIP), errors.Is(err, ssrf.ErrProhibitedPort),
		errors.Is(err, ssrf.ErrProhibitedNetwork), errors.Is(err, ssrf.ErrInvalidHostPort):
		return CauseHostNotAllowed
	case isDNS && !dns.IsTimeout:
		return CauseDNS
	case isTLS(err):
		return CauseTLS
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return CauseTimeout
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return CauseReset
	case errors.Is(err, syscall.ECONNREFUSED), isOp && op.Op == "dial":
		return CauseRefused
	}
	return CauseReset
}

func isTLS(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return true
	}
	if _, ok := errors.AsType[tls.AlertError](err); ok {
		return true
	}
	_, host := errors.AsType[x509.HostnameError](err)
	_, authority := errors.AsType[x509.UnknownAuthorityError](err)
	return host || authority || errors.Is(err, http.ErrSchemeMismatch) || strings.Contains(err.Error(), "tls:")
}
