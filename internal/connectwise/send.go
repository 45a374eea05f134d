package connectwise

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxURL is the longest address that is sent. The developer guide recommends staying below 2,000 characters.
const maxURL = 1999

const (
	mediaType = "application/vnd.connectwise.com+json; version=" + APIVersion
	jsonType  = "application/json"
)

// request is one call as a service asks for it.
type request struct {
	method string
	path   string     // relative to the API's base, escaped, without a slash in front
	query  url.Values // nil for none
	body   any        // nil for none
	// forwardOnly asks for the paging style that follows ids.
	forwardOnly bool
	anonymous   bool  // carries no keys
	invalid     error // the request makes no sense and must not be sent
}

func (r request) read() bool { return r.method == http.MethodGet }

// answer is a complete 2xx, or any other answer on its way to becoming an error.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (c *Client) newError(r request) *Error {
	return &Error{Method: r.method, Path: r.path, Company: c.company}
}

func (c *Client) invalid(r request, err error) *Error {
	e := c.newError(r)
	e.Kind, e.Message, e.cause = KindInvalid, c.clean(err.Error()), err
	return e
}

// do makes the call, and once more if the code base turns out to have changed: that first answer came from routing, so
// nothing was done.
func (c *Client) do(ctx context.Context, r request) (*answer, error) {
	if r.invalid != nil {
		return nil, c.invalid(r, r.invalid)
	}
	var body []byte
	if r.body != nil {
		var err error
		if body, err = encode(r.body); err != nil {
			return nil, c.invalid(r, err)
		}
	}
	base, err := c.apiBase(ctx)
	if err != nil {
		return nil, err
	}
	ans, err := c.send(ctx, r, base+r.path, body)
	if !misrouted(err) {
		return ans, err
	}
	moved, lookupErr := c.apiBaseAfter(ctx, base)
	switch {
	case lookupErr != nil:
		return nil, lookupErr
	case moved == base:
		return nil, err
	}
	return c.send(ctx, r, moved+r.path, body)
}

// send makes the call, waiting in the limiter. A throttled read is sent again; a write never is.
func (c *Client) send(ctx context.Context, r request, address string, body []byte) (*answer, error) {
	if query := encodeQuery(r.query); query != "" {
		address += "?" + query
	}
	if len(address) > maxURL {
		return nil, c.invalid(r, fmt.Errorf("the address has %d characters, more than the %d that ConnectWise advises: ask for fewer ids, fields or conditions", len(address), maxURL))
	}
	var last error
	for attempt := 1; ; attempt++ {
		pass, err := c.limiter.acquire(ctx)
		if err != nil {
			return nil, c.notAdmitted(ctx, r, err, last)
		}
		ans, err := c.attempt(ctx, r, address, body, attempt)
		if !IsThrottled(err) {
			pass.done(ans != nil)
			return ans, err
		}
		throttled, _ := errors.AsType[*Error](err)
		pass.throttled(throttled.RetryAfter)
		if !r.read() || attempt > c.throttledReads {
			return nil, err
		}
		last = err
	}
}

// notAdmitted explains a call that ended while it waited for the limiter. A deadline that passes while a 429 is honoured
// is reported as that 429: it is why there was no call, and says when to come back.
func (c *Client) notAdmitted(ctx context.Context, r request, err, last error) error {
	e := c.newError(r)
	e.cause = err
	pause := c.limiter.pause()
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		e.Kind, e.Message = KindCanceled, "the call was cancelled before it was sent"
	case last != nil || pause > 0:
		e.Kind, e.RetryAfter, e.Message = KindThrottled, pause, "the deadline passed while waiting as the server had asked"
	default:
		e.Kind, e.Cause, e.Message = KindUnavailable, CauseTimeout, "the deadline passed while waiting for other calls"
	}
	return e
}

// attempt makes one request and tells OnCall about it.
func (c *Client) attempt(ctx context.Context, r request, address string, body []byte, number int) (*answer, error) {
	start := time.Now()
	ans, failure := c.roundTrip(ctx, r, address, body)
	var err error
	if failure != nil {
		err = failure
	}
	if c.onCall != nil {
		call := Call{Method: r.method, Path: r.path, Duration: time.Since(start), Err: err, Attempt: number}
		if ans != nil {
			call.Status, call.RequestID = ans.status, c.clean(ans.header.Get("X-Cw-Request-Id"))
		}
		c.onCall(call)
	}
	return ans, err
}

// roundTrip returns the answer, complete or not, and what was wrong with it.
func (c *Client) roundTrip(ctx context.Context, r request, address string, body []byte) (*answer, *Error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.timeout, fmt.Errorf("no answer within %s: %w", c.timeout, context.DeadlineExceeded))
	defer cancel()
	var content io.Reader
	if body != nil {
		content = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, address, content)
	if err != nil {
		return nil, c.invalid(r, err)
	}
	c.setHeader(req, r, body != nil)
	resp, err := c.http.Do(req)
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			err = context.Cause(ctx)
		}
		return nil, c.fromFailure(ctx, r, err)
	}
	defer func() { _ = resp.Body.Close() }()
	ans := &answer{status: resp.StatusCode, header: resp.Header}
	var readErr error
	ans.body, readErr = io.ReadAll(io.LimitReader(resp.Body, c.maxBody+1))
	return ans, c.judge(ctx, r, ans, readErr)
}

// judge finds what is wrong with an answer, nil when nothing is.
func (c *Client) judge(ctx context.Context, r request, ans *answer, readErr error) *Error {
	if ans.status < 200 || ans.status > 299 {
		return c.fromAnswer(r, ans)
	}
	if readErr == nil && int64(len(ans.body)) <= c.maxBody {
		return nil
	}
	var e *Error
	switch {
	case readErr == nil:
		e = c.notUnderstood(r, ans, fmt.Errorf("it is larger than the %d bytes allowed", c.maxBody))
	case errors.Is(readErr, io.ErrUnexpectedEOF):
		e = c.notUnderstood(r, ans, errors.New("it was cut after "+strconv.Itoa(len(ans.body))+" bytes"))
	default:
		if errors.Is(readErr, context.DeadlineExceeded) {
			readErr = context.Cause(ctx)
		}
		e = c.fromFailure(ctx, r, readErr)
		e.Status, e.MaybeDone = ans.status, !r.read()
	}
	return e
}

// notUnderstood reports a 2xx whose content is useless. A write that got one may well have been done.
func (c *Client) notUnderstood(r request, ans *answer, why error) *Error {
	e := c.newError(r)
	e.Kind, e.Status, e.MaybeDone = KindProtocol, ans.status, !r.read()
	e.RequestID = c.clean(ans.header.Get("X-Cw-Request-Id"))
	e.Message = c.clean(why.Error())
	if looksLikeHTML(ans.body) {
		e.Message = c.clean("a web page instead of data: " + visibleText(ans.body))
	}
	return e
}

func (c *Client) setHeader(req *http.Request, r request, hasBody bool) {
	req.Header.Set("Accept", mediaType)
	req.Header.Set("User-Agent", c.userAgent)
	if !r.anonymous {
		c.sign(req.Header)
	}
	if hasBody {
		req.Header.Set("Content-Type", jsonType)
	}
	if r.forwardOnly {
		req.Header.Set("pagination-type", "forward-only")
	}
}

// queryLiterals undoes escapes that a query does not need, which keeps lists of ids and fields short, and spells a space
// as %20, which servers read alike everywhere.
var queryLiterals = strings.NewReplacer("+", "%20", "%2C", ",", "%2F", "/", "%28", "(", "%29", ")", "%3A", ":")

func encodeQuery(query url.Values) string { return queryLiterals.Replace(query.Encode()) }

// fetch makes the call and decodes its answer.
func fetch[T any](ctx context.Context, c *Client, r request) (T, *answer, error) {
	var value T
	ans, err := c.do(ctx, r)
	if err != nil {
		return value, nil, err
	}
	if err := decodeAnswer(ans.body, &value); err != nil {
		var zero T
		return zero, nil, c.notUnderstood(r, ans, err)
	}
	return value, ans, nil
}

// decodeAnswer refuses what decodes to nothing: an empty body or null is not an empty list.
func decodeAnswer(body []byte, into any) error {
	switch text := bytes.TrimSpace(body); {
	case len(text) == 0:
		return errors.New("it is empty")
	case bytes.Equal(text, []byte("null")):
		return errors.New("it is null")
	}
	return decode(body, into)
}
