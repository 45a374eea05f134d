package connectwise

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/idna"
)

// APIVersion is the version of the data models that every call asks for in its Accept header. The developer guide
// promises that a named version stays as it is; without one the newest answers.
const APIVersion = "2022.1"

// Defaults of [Config].
const (
	DefaultTimeout           = 30 * time.Second
	DefaultMaxBody           = 64 << 20
	DefaultMaxThrottledReads = 5
	DefaultRetryAfter        = 30 * time.Second
	DefaultUserAgent         = "causeway"
)

// Config says which ConnectWise company to talk to, as whom, and within which bounds. Its zero values stand for the
// defaults; Host, Company and both keys are required.
type Config struct {
	// Host is host or host:port, without a scheme. The short region names na, eu, au, aus, za and staging and the cloud
	// site names behind them (na.myconnectwise.net) stand for the API hosts (api-na.myconnectwise.net); every other name
	// is used as it is.
	Host string
	// Company is the short name of the company at sign-in, not its display name.
	Company string
	// PublicKey and PrivateKey belong to an API member.
	PublicKey  Secret
	PrivateKey Secret
	// ClientID identifies the integration. ConnectWise's cloud refuses calls without one; it is sent when not empty.
	ClientID Secret
	// UserAgent defaults to DefaultUserAgent.
	UserAgent string

	// HTTPClient carries the calls; its transport decides which addresses may be dialled. It is copied: redirects are
	// refused and cookies are not kept, whatever it says. Nil stands for a transport of the client's own, TLS 1.2 or
	// newer, that goes through no proxy.
	HTTPClient *http.Client
	// AllowPlainHTTP makes the calls over http instead of https. It sends the keys in clear text: for a server on the
	// same machine only.
	AllowPlainHTTP bool

	// Timeout bounds one attempt from sending to the last byte of the answer, waiting for the limiter not included.
	Timeout time.Duration
	// MaxBody bounds an answer, in bytes after decompression.
	MaxBody int64
	// MaxThrottledReads is how often a read that was answered with 429 is sent again, after waiting in the limiter. Nil
	// stands for DefaultMaxThrottledReads, 0 for never. Writes are never sent again.
	MaxThrottledReads *int
	// DefaultRetryAfter is the pause after a 429 that does not say how long to wait.
	DefaultRetryAfter time.Duration

	// OnCall is told about every attempt that was made, the code base look-up included. It is called from the goroutine
	// that made the call and must be safe for concurrent use.
	OnCall func(Call)
	// Limiter bounds the calls of everyone who shares it; see [Limiters]. Nil gives this client one of its own with
	// [DefaultLimits].
	Limiter *Limiter
}

// Call is one attempt: a request that was sent, or could not be.
type Call struct {
	// Method and Path are the request's; Path is relative to the API's base and carries no query.
	Method string
	Path   string
	// Status is the HTTP status, 0 when there was no answer.
	Status int
	// Duration is the time from sending to the last byte, without waiting for the limiter.
	Duration time.Duration
	// Err is nil, or the *Error of this attempt. Whether the content of a good answer can be read shows only later, in what
	// the method returns.
	Err error
	// Attempt counts from 1; above 1 it is a read that was throttled before.
	Attempt int
	// RequestID is what the server calls this request (x-cw-request-id), when it says.
	RequestID string
}

// String names host and company and no secret.
func (c Config) String() string {
	return fmt.Sprintf("connectwise.Config{Host: %q, Company: %q, keys: %s}", c.Host, c.Company, redacted)
}

// GoString is String: %#v would otherwise look behind the secrets' own formatting.
func (c Config) GoString() string { return c.String() }

// LogValue names host and company and no secret.
func (c Config) LogValue() slog.Value {
	return slog.GroupValue(slog.String("host", c.Host), slog.String("company", c.Company))
}

// check reports every mistake in the configuration at once, none of them quoting a secret.
func (c Config) check() error {
	var errs []error
	if _, err := APIHost(c.Host); err != nil {
		errs = append(errs, err)
	}
	if c.Company == "" || strings.ContainsAny(c.Company, ":/\\?#+ ") || cleanText(c.Company, len(c.Company)) != c.Company {
		errs = append(errs, fmt.Errorf("company %q: want the short name used at sign-in, without spaces or any of : / \\ ? # +", c.Company))
	}
	if c.PublicKey == "" {
		errs = append(errs, errors.New("public key is missing"))
	}
	if c.PrivateKey == "" {
		errs = append(errs, errors.New("private key is missing"))
	}
	for name, value := range map[string]Secret{"public key": c.PublicKey, "private key": c.PrivateKey, "client id": c.ClientID} {
		if strings.ContainsFunc(string(value), func(r rune) bool { return r <= ' ' || r == 0x7f }) {
			errs = append(errs, fmt.Errorf("%s contains white space or control characters", name))
		}
	}
	if c.Timeout < 0 || c.MaxBody < 0 || c.DefaultRetryAfter < 0 {
		errs = append(errs, errors.New("time-out, body limit and default pause must not be negative"))
	}
	return errors.Join(errs...)
}

// cloudHosts maps what people type for ConnectWise's cloud to the host that serves the API. Source: ConnectWise
// developer guide, which lists the sites and asks for the api- prefix.
var cloudHosts = map[string]string{
	"na":      "api-na.myconnectwise.net",
	"eu":      "api-eu.myconnectwise.net",
	"au":      "api-au.myconnectwise.net",
	"aus":     "api-aus.myconnectwise.net",
	"za":      "api-za.myconnectwise.net",
	"staging": "api-staging.connectwisedev.com",

	"na.myconnectwise.net":       "api-na.myconnectwise.net",
	"eu.myconnectwise.net":       "api-eu.myconnectwise.net",
	"au.myconnectwise.net":       "api-au.myconnectwise.net",
	"aus.myconnectwise.net":      "api-aus.myconnectwise.net",
	"za.myconnectwise.net":       "api-za.myconnectwise.net",
	"staging.connectwisedev.com": "api-staging.connectwisedev.com",
}

// APIHost turns what a person typed as server host name into the host, or host:port, that serves the API: in lower
// case, international names in their ASCII form, known cloud names mapped as [Config.Host] says. It refuses schemes,
// paths, users and anything else that is not a bare host.
func APIHost(typed string) (string, error) {
	name := strings.ToLower(strings.TrimSpace(typed))
	refuse := func(why string) (string, error) {
		return "", fmt.Errorf("host %q: %s; want a name such as cwm.example.com or cwm.example.com:8443", cleanText(typed, 100), why)
	}
	switch {
	case name == "":
		return refuse("is missing")
	case strings.Contains(name, "://"):
		return refuse("must not carry a scheme")
	case strings.ContainsAny(name, "/\\?#@% \t\r\n"):
		return refuse("is not a bare host name")
	}
	host, port := name, ""
	if strings.HasPrefix(name, "[") || strings.Count(name, ":") == 1 {
		var err error
		if host, port, err = net.SplitHostPort(name); err != nil {
			return refuse("is not host:port")
		}
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return refuse("has no valid port")
		}
	}
	if net.ParseIP(host) == nil {
		ascii, err := idna.Lookup.ToASCII(strings.TrimSuffix(host, "."))
		if err != nil || ascii == "" {
			return refuse("is not a host name")
		}
		host = ascii
	}
	if mapped, ok := cloudHosts[host]; ok {
		host = mapped
	}
	if port != "" {
		return net.JoinHostPort(host, port), nil
	}
	if strings.Contains(host, ":") {
		return "[" + host + "]", nil
	}
	return host, nil
}

// newHTTPClient copies given, or makes one, and takes from it what would carry the keys elsewhere.
func newHTTPClient(given *http.Client) *http.Client {
	client := &http.Client{}
	if given != nil {
		*client = *given
	} else {
		client.Transport = &http.Transport{
			TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
			DialContext:           (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
			TLSHandshakeTimeout:   10 * time.Second,
			ForceAttemptHTTP2:     true,
			MaxIdleConnsPerHost:   64, // as many as a generous limiter lets through at once: otherwise connections are made and thrown away
			IdleConnTimeout:       90 * time.Second,
			ExpectContinueTimeout: time.Second,
		}
	}
	client.Jar = nil
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return client
}
