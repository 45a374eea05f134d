package mysonicwall

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Conn makes the calls of one account: key, limits, time-outs, the envelope of
// MySonicWall's answers and its ways to say no. It sends a call again only
// when it was throttled; every other failure is the caller's to judge.
type Conn struct {
	config    Config        // without the key
	key       func() string // a function, because printing a Conn would show a field
	base      *url.URL
	client    *http.Client
	limiter   *Limiter
	throttles int
}

// NewConn checks the configuration; it calls nobody.
func NewConn(c Config) (*Conn, error) {
	base, err := c.base()
	if err != nil {
		return nil, err
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.MaxBody == 0 {
		c.MaxBody = DefaultMaxBody
	}
	if c.UserAgent == "" {
		c.UserAgent = DefaultUserAgent
	}
	if c.OnCall == nil {
		c.OnCall = func(Call) {}
	}
	limiter := c.Limiter
	if limiter == nil {
		limiter = NewLimiter(c.CallsAtOnce)
	}
	throttles := DefaultMaxThrottledReads
	if c.MaxThrottledReads != nil {
		throttles = *c.MaxThrottledReads
	}
	key := string(c.APIKey)
	c.APIKey = ""
	return &Conn{
		config: c, key: func() string { return key }, base: base, client: ownClient(c.HTTPClient, limiter.atOnce),
		limiter: limiter, throttles: throttles,
	}, nil
}

// Get reads the content of an answer. path is relative to the API's base
// without a leading slash, its elements already escaped.
func (c *Conn) Get(ctx context.Context, path string, query url.Values) (json.RawMessage, error) {
	for attempt := 1; ; attempt++ {
		permit, err := c.limiter.acquire(ctx)
		if err != nil {
			return nil, c.failed(ctx, path, err)
		}
		start := time.Now()
		content, status, failure := c.once(ctx, path, query)
		c.config.OnCall(Call{"GET", path, status, time.Since(start), asError(failure), attempt})
		if failure == nil {
			c.limiter.done(true)
			return content, nil
		}
		if failure.Kind != KindThrottled {
			c.limiter.done(false)
			return nil, failure
		}
		c.limiter.throttled(permit, failure.RetryAfter)
		if attempt > c.throttles || failure.RetryAfter > maxWait {
			return nil, failure
		}
	}
}

// asError avoids the nil *Error that is not a nil error.
func asError(e *Error) error {
	if e == nil {
		return nil
	}
	return e
}

// once sends the request once.
func (c *Conn) once(ctx context.Context, path string, query url.Values) (json.RawMessage, int, *Error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.config.Timeout, errAttemptTimeout)
	defer cancel()
	address := c.base.JoinPath(path)
	address.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return nil, 0, c.failed(ctx, path, err)
	}
	req.Header.Set("X-API-KEY", c.key())
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.config.UserAgent)
	res, err := c.client.Do(req)
	if err != nil {
		return nil, 0, c.failed(ctx, path, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, c.config.MaxBody+1))
	if err != nil && res.StatusCode < 300 {
		return nil, res.StatusCode, c.failed(ctx, path, err)
	}
	if int64(len(body)) > c.config.MaxBody {
		e := c.refused(path, KindProtocol, res.StatusCode, fmt.Sprintf("The answer is larger than %d bytes.", c.config.MaxBody))
		return nil, res.StatusCode, e
	}
	content, failure := c.read(path, res, body)
	return content, res.StatusCode, failure
}

var errAttemptTimeout = fmt.Errorf("no answer in time: %w", context.DeadlineExceeded)

// failed is the error of a call that got no whole answer.
func (c *Conn) failed(ctx context.Context, path string, err error) *Error {
	// The address in url.Error repeats the query; the path says enough.
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	e := c.refused(path, KindUnavailable, 0, c.clean(err.Error()))
	e.err = err
	if ctx.Err() != nil && !errors.Is(context.Cause(ctx), errAttemptTimeout) {
		e.Kind, e.Message, e.err = KindCanceled, "The call was cancelled.", ctx.Err()
		return e
	}
	e.Cause = causeOf(err)
	if e.Cause == CauseTimeout {
		e.Message = fmt.Sprintf("No whole answer within %s.", c.config.Timeout)
	}
	return e
}

func (c *Conn) refused(path string, kind Kind, status int, message string) *Error {
	return &Error{Kind: kind, Method: http.MethodGet, Path: path, Status: status, Message: message}
}

// envelope wraps MySonicWall's answers.
type envelope struct {
	Status  string          `json:"operationStatus"`
	Message string          `json:"msgDesc"`
	Content json.RawMessage `json:"content"`
}

// read takes the content out of an answer or says why there is none.
func (c *Conn) read(path string, res *http.Response, body []byte) (json.RawMessage, *Error) {
	var env envelope
	isJSON := !looksLikeHTML(res.Header, body) && json.Unmarshal(body, &env) == nil
	if res.StatusCode != http.StatusOK || !isJSON {
		return nil, c.judge(path, res, body, env, isJSON)
	}
	switch strings.ToUpper(strings.TrimSpace(env.Status)) {
	case "SUCCESS", "":
	case "FAILURE":
		return nil, c.refused(path, KindFailure, res.StatusCode, c.clean(env.Message))
	default:
		return nil, c.refused(path, KindProtocol, res.StatusCode, "Unknown operationStatus "+Quote(c.clean(env.Status))+".")
	}
	if content := bytes.TrimSpace(env.Content); len(content) == 0 || content[0] != '{' {
		return nil, c.refused(path, KindProtocol, res.StatusCode, "The answer has no content.")
	}
	return env.Content, nil
}

// judge classifies an answer that is not a good one. A login page in place of
// JSON means that the key was not accepted: the portal's own host answers so.
func (c *Conn) judge(path string, res *http.Response, body []byte, env envelope, isJSON bool) *Error {
	e := c.refused(path, KindProtocol, res.StatusCode, c.clean(env.Message))
	switch status := res.StatusCode; {
	case status >= 300 && status < 400:
		e.Kind, e.Message = KindAuth, "It led to another page instead of answering, as it does without a valid key; check the base URL as well."
	case status == http.StatusUnauthorized:
		e.Kind = KindAuth
	case status == http.StatusForbidden:
		e.Kind = KindForbidden
	case status == http.StatusTooManyRequests:
		e.Kind, e.RetryAfter = KindThrottled, retryAfter(res.Header)
	case status >= 500 || status == http.StatusRequestTimeout:
		e.Kind, e.Cause = KindUnavailable, CauseServer
	case !isJSON && looksLikeHTML(res.Header, body):
		e.Message = "An HTML page came instead of JSON: a login page, a maintenance page or a proxy's; check API key and base URL."
	case !isJSON:
		e.Message = "The answer is not whole JSON of the expected form."
	case status == http.StatusNotFound && strings.EqualFold(env.Status, "FAILURE"):
		e.Kind = KindNotFound
	case status == http.StatusGone:
		e.Kind = KindCursorExpired
	case status >= 400 && strings.EqualFold(env.Status, "FAILURE"):
		e.Kind = KindFailure
	default:
		e.Message = "This is not an answer of MySonicWall's PSA interface; check the base URL. " + e.Message
	}
	return e
}

func looksLikeHTML(header http.Header, body []byte) bool {
	kind, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	return kind == "text/html" || kind == "application/xhtml+xml" || bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n\ufeff"), []byte("<"))
}

// maxWait is the longest pause that is waited out; a longer one is reported,
// so that whoever called can do something else meanwhile.
const maxWait = 90 * time.Second

// retryAfter reads the header as seconds or as a date, by the server's clock
// where it tells it, and adds up to a tenth so that callers do not return all
// at once.
func retryAfter(header http.Header) time.Duration {
	wait := DefaultRetryAfter
	value := strings.TrimSpace(header.Get("Retry-After"))
	if seconds, err := strconv.ParseFloat(value, 64); err == nil && seconds >= 0 {
		wait = time.Duration(min(seconds, (24*time.Hour).Seconds()) * float64(time.Second))
	} else if at, err := http.ParseTime(value); err == nil {
		now, err := http.ParseTime(header.Get("Date"))
		if err != nil {
			now = time.Now()
		}
		wait = min(max(at.Sub(now), 0), 24*time.Hour)
	}
	return wait + time.Duration(rand.Float64()*float64(wait)/10)
}

// messageLimit is how much of the server's own text is kept, in bytes.
const messageLimit = 500

// clean makes a text from outside fit for a log line: one line, cut, and
// without the key, should the server repeat it.
func (c *Conn) clean(text string) string {
	text = strings.ReplaceAll(text, c.key(), redacted)
	text = PlainText(text)
	if len(text) > messageLimit {
		text = strings.ToValidUTF8(text[:messageLimit], "") + "…"
	}
	return text
}
