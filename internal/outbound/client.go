package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"code.dny.dev/ssrf"
)

const (
	// dialTimeout and handshakeTimeout are what Test connection promises: no answer within ten seconds is an answer.
	dialTimeout      = 10 * time.Second
	handshakeTimeout = 10 * time.Second
	// idlePerHost keeps the connections of 32 calls at once to one host alive between them; the default of two would make most
	// calls pay for a new TLS handshake.
	idlePerHost = 32
	idleTotal   = 256
	idleTimeout = 90 * time.Second
)

// NotAllowedError says that the guard refuses a host, and why. Errors from a client's calls wrap it. It unwraps to one of the
// errors of code.dny.dev/ssrf.
type NotAllowedError struct {
	Host string // as in the URL
	Why  string
	err  error
}

func (e *NotAllowedError) Error() string {
	return fmt.Sprintf("calls to %s are not allowed: %s", e.Host, e.Why)
}

func (e *NotAllowedError) Unwrap() error { return e.err }

// Options of a guard.
type Options struct {
	Allow Allow
	// RootCAs are the certificate authorities to trust; nil for the system's.
	RootCAs *x509.CertPool
	// Resolver looks names up; nil for the system's.
	Resolver *net.Resolver
}

// Guard hands out HTTP clients that keep to the allow list. It is safe for concurrent use.
type Guard struct {
	allow     Allow
	https     *ssrf.Guardian // public addresses and allowed prefixes on 443
	resolver  *net.Resolver
	transport *http.Transport
}

// New makes a guard with one pool of connections.
func New(o Options) *Guard {
	v4, v6 := o.Allow.splitPrefixes()
	g := &Guard{
		allow:    o.Allow,
		resolver: o.Resolver,
		https:    ssrf.New(ssrf.WithPorts(443), ssrf.WithAllowedV4Prefixes(v4...), ssrf.WithAllowedV6Prefixes(v6...)),
	}
	g.transport = &http.Transport{
		Proxy:                  nil, // a proxy would dial where the guard cannot look
		DialContext:            g.dial,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.RootCAs},
		TLSHandshakeTimeout:    handshakeTimeout,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           idleTotal,
		MaxIdleConnsPerHost:    idlePerHost,
		IdleConnTimeout:        idleTimeout,
		ExpectContinueTimeout:  time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
	return g
}

// Client is an HTTP client behind the guard. All of them share one pool of connections. Redirects are answers, not followed: a
// redirect would carry the keys away. Callers bound each call by its context and cap what they read.
func (g *Guard) Client() *http.Client {
	return &http.Client{
		Transport:     guarded{g},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// CloseIdleConnections ends connections that no call uses.
func (g *Guard) CloseIdleConnections() { g.transport.CloseIdleConnections() }

// Plain tells whether calls to host (host or host:port) go over plain HTTP.
func (g *Guard) Plain(host string) bool { return g.allow.Plain(host) }

// CheckHost tells before any call whether a typed host can be called at all: it is a bare host, its port is open, and it is not
// an address literal out of bounds. Where a name leads is checked when it is dialled. The error is a *HostError or a
// *NotAllowedError.
func (g *Guard) CheckHost(typed string) error {
	host, err := ParseHost(typed)
	if err != nil {
		return err
	}
	if g.allow.Plain(typed) {
		return nil
	}
	return g.check(host.Name, host.portOr(HTTPSPort))
}

// CheckURL tells the same of a base address such as https://api.mysonicwall.com: http or https, a host, and nothing else.
func (g *Guard) CheckURL(base string) error {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return &HostError{Typed: base[:min(len(base), 100)], Why: "is not a base address of the form https://host"}
	}
	return g.checkURL(u)
}

func (g *Guard) checkURL(u *url.URL) error {
	host, err := ParseHost(u.Host)
	if err != nil {
		return err
	}
	switch u.Scheme {
	case "https":
		return g.check(host.Name, host.portOr(HTTPSPort))
	case "http":
		if g.allow.names(host.Name, host.portOr("80"), true) {
			return nil
		}
		return &NotAllowedError{Host: u.Host, Why: "only HTTPS is", err: ssrf.ErrProhibitedPort}
	}
	return &NotAllowedError{Host: u.Host, Why: "only HTTPS is", err: ssrf.ErrProhibitedNetwork}
}

func (g *Guard) check(name, port string) error {
	if g.allow.names(name, port, false) {
		return nil
	}
	literal, err := netip.ParseAddr(name)
	switch {
	case err == nil && !g.allow.contains(literal, port):
		return &NotAllowedError{Host: name, Why: "it is an address, not a name", err: ssrf.ErrProhibitedIP}
	case port != HTTPSPort && !g.allow.anyPrefixOn(port):
		return &NotAllowedError{Host: net.JoinHostPort(name, port), Why: "only port 443 is open", err: ssrf.ErrProhibitedPort}
	}
	return nil
}

// guarded looks at each request before it is sent: a connection that was dialled for one scheme must not serve another.
type guarded struct{ *Guard }

func (g guarded) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := g.checkURL(r.URL); err != nil {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, err
	}
	return g.transport.RoundTrip(r)
}

func (g guarded) CloseIdleConnections() { g.transport.CloseIdleConnections() }

// dial checks the address that is really dialled, after the name was resolved: a name that leads elsewhere at the second look
// gains nothing.
func (g *Guard) dial(ctx context.Context, network, address string) (net.Conn, error) {
	name, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	dialer := net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second, Resolver: g.resolver}
	if !g.allow.names(strings.ToLower(name), port, false) {
		dialer.Control = g.control
	}
	conn, err := dialer.DialContext(ctx, network, address)
	switch {
	case errors.Is(err, ssrf.ErrProhibitedIP):
		return nil, &NotAllowedError{Host: name, Why: "its address is not a public one", err: ssrf.ErrProhibitedIP}
	case errors.Is(err, ssrf.ErrProhibitedPort), errors.Is(err, ssrf.ErrProhibitedNetwork):
		return nil, &NotAllowedError{Host: address, Why: "this port is not open", err: ssrf.ErrProhibitedPort}
	}
	return conn, err
}

func (g *Guard) control(network, address string, raw syscall.RawConn) error {
	target, err := netip.ParseAddrPort(address)
	if err != nil {
		return ssrf.ErrInvalidHostPort
	}
	if port := strconv.Itoa(int(target.Port())); port != HTTPSPort {
		if g.allow.contains(target.Addr(), port) {
			return nil
		}
		return ssrf.ErrProhibitedPort
	}
	return g.https.Safe(network, address, raw)
}
