package mysonicwall

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// DefaultBaseURL is where the real API answers (MySonicWall API guide).
const DefaultBaseURL = "https://api.mysonicwall.com"

// Defaults of Config.
const (
	DefaultTimeout           = 30 * time.Second
	DefaultMaxBody           = 16 << 20
	DefaultCallsAtOnce       = 16
	DefaultMaxThrottledReads = 5
	DefaultRetryAfter        = 2 * time.Second
	DefaultUserAgent         = "causeway"
)

// Config says which account to read and within which bounds. Zero values stand
// for the defaults; APIKey is required.
type Config struct {
	// BaseURL is scheme, host and port without a path.
	BaseURL string
	APIKey  Secret
	// UserAgent defaults to DefaultUserAgent.
	UserAgent string
	// HTTPClient carries the calls; its transport decides which addresses may be
	// dialled. It is copied: redirects are refused (one would carry the key
	// away) and cookies are not kept. Nil stands for a transport of the
	// connection's own without a proxy, TLS 1.2 or newer.
	HTTPClient *http.Client
	// Timeout bounds one attempt from sending to the last byte of the answer;
	// waiting for the limiter is not included.
	Timeout time.Duration
	// MaxBody bounds an answer, in bytes after decompression.
	MaxBody int64
	// CallsAtOnce bounds the calls under way; Limiter, when set, is used instead,
	// so that several connections of one account can share it.
	CallsAtOnce int
	Limiter     *Limiter
	// MaxThrottledReads is how often a call that was answered with 429 is sent
	// again after waiting; nil stands for DefaultMaxThrottledReads, 0 for never.
	MaxThrottledReads *int
	// OnCall is told about every attempt, from the goroutine that made it.
	OnCall func(Call)
}

// Call is one attempt: a request that was sent, or could not be.
type Call struct {
	Method string
	// Path is relative to the API's base, without the query.
	Path string
	// Status is the HTTP status, 0 when there was no answer.
	Status   int
	Duration time.Duration // from sending to the last byte
	// Err is nil, or the *Error of this attempt.
	Err error
	// Attempt counts from 1; above 1 it is a call that was throttled before.
	Attempt int
}

// String names the address and no secret.
func (c Config) String() string { return fmt.Sprintf("mysonicwall.Config{BaseURL: %q}", c.BaseURL) }

// GoString is String: %#v would otherwise show every member.
func (c Config) GoString() string { return c.String() }

// LogValue names the address and no secret.
func (c Config) LogValue() slog.Value {
	return slog.GroupValue(slog.String("base_url", c.BaseURL))
}

// base checks the configuration and returns the API's base with a final slash.
// It reports every mistake at once, and quotes neither key nor address: a key
// pasted into the wrong field would show.
func (c Config) base() (*url.URL, error) {
	var errs []error
	text := c.BaseURL
	if text == "" {
		text = DefaultBaseURL
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil:
		errs = append(errs, errors.New("the base URL is not of the form https://host"))
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		errs = append(errs, errors.New("the base URL must have neither path nor query"))
	}
	key := string(c.APIKey)
	if key == "" {
		errs = append(errs, errors.New("the API key is missing"))
	} else if strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		errs = append(errs, errors.New("the API key contains white space or characters outside ASCII"))
	}
	if c.Timeout < 0 || c.MaxBody < 0 || c.CallsAtOnce < 0 || c.MaxThrottledReads != nil && *c.MaxThrottledReads < 0 {
		errs = append(errs, errors.New("time-out, body limit, calls at once and throttled reads must not be negative"))
	}
	if len(errs) > 0 {
		return nil, fmt.Errorf("MySonicWall connection: %w", errors.Join(errs...))
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/api/"}, nil
}

// ownClient copies given, or makes one, and takes from it what would carry the
// key elsewhere.
func ownClient(given *http.Client, callsAtOnce int) *http.Client {
	client := &http.Client{}
	if given != nil {
		*client = *given
	} else {
		client.Transport = &http.Transport{
			TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
			DialContext:         (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
			TLSHandshakeTimeout: 10 * time.Second,
			ForceAttemptHTTP2:   true,
			MaxIdleConnsPerHost: callsAtOnce, // fewer would throw connections away between calls
			IdleConnTimeout:     90 * time.Second,
		}
	}
	client.Jar = nil
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return client
}
