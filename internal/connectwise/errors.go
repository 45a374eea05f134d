package connectwise

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// Kind says what sort of failure an [Error] is, and so what can be done about it.
type Kind string

// The kinds of failure.
const (
	// KindAuth: the keys or the client id were refused. Trying again is useless until they change.
	KindAuth Kind = "auth"
	// KindForbidden: the API member's role lacks a right on this resource.
	KindForbidden Kind = "forbidden"
	// KindRejected: the server understood and refused (400, 405, 409, 415, 422, or a 404 that is not about a record).
	KindRejected Kind = "rejected"
	// KindNotFound: the server says that it has no record of this id.
	KindNotFound Kind = "not found"
	// KindThrottled: too many calls. RetryAfter says when to come back; nothing was done.
	KindThrottled Kind = "throttled"
	// KindUnavailable: no answer, or one that says that the server is in trouble. Cause says more.
	KindUnavailable Kind = "unavailable"
	// KindProtocol: an answer that cannot be understood: HTML, cut or oversized JSON, a redirect.
	KindProtocol Kind = "protocol"
	// KindWrongCompany: the server is ConnectWise and does not know the company.
	KindWrongCompany Kind = "wrong company"
	// KindNotConnectWise: something answers at this host, but not ConnectWise.
	KindNotConnectWise Kind = "not ConnectWise"
	// KindInvalid: the call was refused before anything was sent; the request as built makes no sense.
	KindInvalid Kind = "invalid"
	// KindCanceled: the caller's context was cancelled.
	KindCanceled Kind = "canceled"
)

// Cause says more about a [KindUnavailable] failure.
type Cause string

// The causes of unavailability.
const (
	CauseNone           Cause = ""
	CauseDNS            Cause = "dns"              // the host name is not known
	CauseTLS            Cause = "tls"              // no trusted encrypted connection
	CauseTimeout        Cause = "timeout"          // no answer in time, or the server's own time-out
	CauseRefused        Cause = "refused"          // nothing listens there, or no route
	CauseReset          Cause = "reset"            // the connection was cut
	CauseHostNotAllowed Cause = "host not allowed" // our side does not let calls go to that address
	CauseServer         Cause = "server"           // 5xx
)

// ErrHostNotAllowed is what a transport wraps to say that it refuses the address; the client reports
// [CauseHostNotAllowed] for it.
var ErrHostNotAllowed = errors.New("connectwise: host not allowed")

// FieldError is one complaint about one field of a request.
type FieldError struct {
	Code     string `json:"code"`
	Message  string `json:"message"`
	Resource string `json:"resource"`
	Field    string `json:"field"`
}

// Error is every failure of this package's calls. No text in it holds a key, and text from the server is cut to 500
// characters and freed of control characters.
type Error struct {
	Kind  Kind
	Cause Cause
	// Method, Path and Company are what was attempted, and for which sign-in company. Path is relative to the API's base
	// and carries no query.
	Method  string
	Path    string
	Company string
	// Status is the HTTP status, 0 when there was no answer.
	Status int
	// Code and Message are the server's; Message is the text of an answer that was not in ConnectWise's form, or the
	// client's own words where there was no answer.
	Code    string
	Message string
	Fields  []FieldError
	// RequestID is what the server calls this request, when it says.
	RequestID string
	// RetryAfter is how long to wait after KindThrottled; at most five minutes.
	RetryAfter time.Duration
	// MaybeDone is true for a write that may have taken effect although it failed: look before writing again.
	MaybeDone bool

	cause error
}

// Error reads as a log line: "GET company/companies company:acme error:401 Auth Error."
func (e Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s company:%s error:%s", e.Method, e.Path, e.Company, e.label())
	if text := e.headline(); text != "" {
		b.WriteString(" " + text)
	}
	if said := e.said(); said != "" {
		b.WriteString(" " + said)
	}
	if e.MaybeDone {
		b.WriteString(" (may have been done all the same)")
	}
	return b.String()
}

func (e Error) label() string {
	switch {
	case e.Status != 0:
		return strconv.Itoa(e.Status)
	case e.Cause != CauseNone:
		return string(e.Cause)
	}
	return string(e.Kind)
}

// headline is a fixed sentence for the kinds that a person looks for in a log.
func (e Error) headline() string {
	switch e.Kind {
	case KindAuth:
		return "Auth Error."
	case KindForbidden:
		return "Permission missing."
	case KindThrottled:
		return fmt.Sprintf("Too many requests, wait %s.", e.RetryAfter)
	case KindProtocol:
		return "Answer not understood."
	case KindWrongCompany:
		return "The server does not know this company."
	case KindNotConnectWise:
		return "This is not a ConnectWise server."
	}
	return ""
}

// said is what the server complained about, in its own words.
func (e Error) said() string {
	parts := make([]string, 0, 1+len(e.Fields))
	if e.Message != "" {
		parts = append(parts, e.Message)
	}
	for _, f := range e.Fields {
		text := f.Message
		if f.Field != "" && !strings.Contains(strings.ToLower(text), strings.ToLower(f.Field)) {
			text = f.Field + ": " + text
		}
		if text != "" {
			parts = append(parts, text)
		}
	}
	return cleanText(strings.Join(parts, " | "), maxErrorText)
}

// Unwrap returns the network or context error behind a failure without an answer, nil otherwise.
func (e Error) Unwrap() error { return e.cause }

// Format writes Error for every verb; %+v would otherwise walk into the causes.
func (e Error) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, e.Error()) }

// KindOf returns the kind of err, "" when it is nil or not from this package.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return ""
}

// IsAuth reports that keys or client id were refused.
func IsAuth(err error) bool { return KindOf(err) == KindAuth }

// IsForbidden reports that a right is missing.
func IsForbidden(err error) bool { return KindOf(err) == KindForbidden }

// IsNotFound reports that the server, in its own words, has no such record. A 404 of any other form (an unknown path, a
// page of a proxy) does not count: it says nothing about the record.
func IsNotFound(err error) bool { return KindOf(err) == KindNotFound }

// IsRejected reports that the server refused the request for good, a missing record included.
func IsRejected(err error) bool {
	kind := KindOf(err)
	return kind == KindRejected || kind == KindNotFound
}

// IsThrottled reports that the server asked to slow down; see [Error.RetryAfter].
func IsThrottled(err error) bool { return KindOf(err) == KindThrottled }

// IsUnavailable reports that there was no usable server.
func IsUnavailable(err error) bool { return KindOf(err) == KindUnavailable }

// IsProtocol reports an answer that could not be understood.
func IsProtocol(err error) bool { return KindOf(err) == KindProtocol }

// MaybeDone reports that a write failed in a way that leaves open whether it took effect.
func MaybeDone(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.MaybeDone
}
