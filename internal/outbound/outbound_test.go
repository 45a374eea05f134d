package outbound_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"code.dny.dev/ssrf"
	"github.com/stretchr/testify/require"

	"causeway/internal/outbound"
)

func allow(t *testing.T, list string) outbound.Allow {
	t.Helper()
	parsed, err := outbound.ParseAllow(list)
	require.NoError(t, err)
	return parsed
}

func TestParseHost(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"cwm.example.com":         "cwm.example.com",
		" CWM.Example.com ":       "cwm.example.com",
		"cwm.example.com.":        "cwm.example.com",
		"cwm.example.com:8443":    "cwm.example.com:8443",
		"büro.example":            "xn--bro-hoa.example",
		"cwm":                     "cwm",
		"192.0.2.7":               "192.0.2.7",
		"192.0.2.7:8443":          "192.0.2.7:8443",
		"[2001:db8::1]:8443":      "[2001:db8::1]:8443",
		"2001:db8::1":             "[2001:db8::1]",
		"[::ffff:10.0.0.1]":       "10.0.0.1",
		"3com.example":            "3com.example",
		"na.myconnectwise.net:80": "na.myconnectwise.net:80",
	} {
		host, err := outbound.ParseHost(typed)
		require.NoError(t, err, typed)
		require.Equal(t, want, host.String(), typed)
	}
	for _, typed := range []string{
		"", "https://cwm.example.com", "cwm.example.com/path", "user@cwm.example.com", "cwm.example.com:0", "cwm.example.com:x",
		"cwm.example.com:70000", "cwm example.com", "cwm.example.com?x", "cwm.example.com#x", "a..b", "127.1", "0x7f.1", "2130706433",
		"0177.0.0.1", "fe80::1%eth0", "::1]:8", "cwm\nexample.com", string(make([]byte, 300)), "-.-",
	} {
		_, err := outbound.ParseHost(typed)
		var wrong *outbound.HostError
		require.ErrorAs(t, err, &wrong, "%q", typed)
	}
}

func TestParseAllowReportsEveryMistake(t *testing.T) {
	t.Parallel()
	_, err := outbound.ParseAllow("cwm.example.com, https://a.example, http://b.example, 10.0.0.0/99, c d, 10.0.0.0/8:0")
	for _, entry := range []string{"https://a.example", "http://b.example", "10.0.0.0/99", "c d", "10.0.0.0/8:0"} {
		require.ErrorContains(t, err, entry)
	}
	require.NotContains(t, err.Error(), "cwm.example.com\"")
}

func TestCheckHost(t *testing.T) {
	t.Parallel()
	guard := outbound.New(outbound.Options{Allow: allow(t,
		"cwm.internal:8443, crm.internal, 10.20.0.0/16, 10.30.0.0/16:9443, http://127.0.0.1:8085, 2001:db8:7::/48")})
	for _, typed := range []string{
		"cwm.example.com", "cwm.example.com:443", "cwm.internal:8443", "CWM.internal:8443", "crm.internal", "10.20.3.4", "10.30.1.2:9443",
		"127.0.0.1:8085", "2001:db8:7::9",
	} {
		require.NoError(t, guard.CheckHost(typed), typed)
	}
	for _, typed := range []string{
		"cwm.example.com:8443", "crm.internal:8443", "10.21.0.1", "10.20.3.4:8443", "127.0.0.1", "127.0.0.1:8086", "8.8.8.8", "2001:db8:8::9",
		"::1",
	} {
		var refused *outbound.NotAllowedError
		require.ErrorAs(t, guard.CheckHost(typed), &refused, typed)
	}
	var wrong *outbound.HostError
	require.ErrorAs(t, guard.CheckHost("https://cwm.example.com"), &wrong)
	require.True(t, guard.Plain("127.0.0.1:8085"))
	require.False(t, guard.Plain("cwm.internal:8443"))
}

func TestCheckURL(t *testing.T) {
	t.Parallel()
	guard := outbound.New(outbound.Options{Allow: allow(t, "http://127.0.0.1:8085")})
	for _, base := range []string{"https://api.mysonicwall.com", "https://api.mysonicwall.com/", "http://127.0.0.1:8085", "https://127.0.0.1:8085"} {
		require.NoError(t, guard.CheckURL(base), base)
	}
	for _, base := range []string{
		"http://api.mysonicwall.com", "ftp://api.mysonicwall.com", "api.mysonicwall.com", "https://api.mysonicwall.com/api", "https://u@host",
		"https://api.mysonicwall.com:8443", "http://127.0.0.1:8086", "https://127.0.0.1", "",
	} {
		require.Error(t, guard.CheckURL(base), base)
	}
}

// answering is an HTTPS server on loopback and the pool that trusts its certificate.
func answering(t *testing.T, handler http.HandlerFunc) (*httptest.Server, *x509.CertPool) {
	t.Helper()
	server := httptest.NewTLSServer(handler)
	t.Cleanup(server.Close)
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	return server, pool
}

func get(t *testing.T, guard *outbound.Guard, address string) (*http.Response, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	require.NoError(t, err)
	response, err := guard.Client().Do(request)
	if err == nil {
		t.Cleanup(func() { _ = response.Body.Close() })
	}
	return response, err
}

func TestLoopbackIsRefusedUnlessNamed(t *testing.T) {
	t.Parallel()
	called := make(chan struct{}, 8)
	server, pool := answering(t, func(http.ResponseWriter, *http.Request) { called <- struct{}{} })
	address := server.Listener.Addr().String()
	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)

	for _, list := range []string{"", "127.0.0.1", "127.0.0.0/8", "cwm.example.com:" + port} {
		_, err := get(t, outbound.New(outbound.Options{Allow: allow(t, list), RootCAs: pool}), server.URL)
		var refused *outbound.NotAllowedError
		require.ErrorAs(t, err, &refused, list)
		require.Empty(t, called)
	}
	for _, list := range []string{address, "127.0.0.0/8:" + port, "http://" + address} {
		response, err := get(t, outbound.New(outbound.Options{Allow: allow(t, list), RootCAs: pool}), server.URL)
		require.NoError(t, err, list)
		require.Equal(t, http.StatusOK, response.StatusCode)
		<-called
	}
}

// loopbackNames answers every name with 127.0.0.1, as a rebinding attacker's name server would.
func loopbackNames(t *testing.T) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		buf := make([]byte, 512)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			_, _ = conn.WriteTo(answerLoopback(buf[:n]), from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// answerLoopback turns a DNS question into its answer: A records say 127.0.0.1, everything else has no record.
func answerLoopback(query []byte) []byte {
	end := 12
	for query[end] != 0 {
		end += int(query[end]) + 1
	}
	end += 5
	isA := query[end-4] == 0 && query[end-3] == 1
	out := append([]byte{}, query[:end]...)
	out[2], out[3] = 0x81, 0x80
	clear(out[6:12])
	if isA {
		out[7] = 1
		out = append(out, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 127, 0, 0, 1)
	}
	return out
}

func TestNameThatLeadsInsideIsRefusedWhenDialled(t *testing.T) {
	t.Parallel()
	guard := outbound.New(outbound.Options{Resolver: loopbackNames(t)})
	require.NoError(t, guard.CheckHost("rebound.example"))
	_, err := get(t, guard, "https://rebound.example/")
	var refused *outbound.NotAllowedError
	require.ErrorAs(t, err, &refused)
	require.ErrorIs(t, err, ssrf.ErrProhibitedIP)
}

func TestPlainHTTPOnlyWhereNamed(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(server.Close)
	address := server.Listener.Addr().String()

	_, err := get(t, outbound.New(outbound.Options{Allow: allow(t, address)}), server.URL)
	var refused *outbound.NotAllowedError
	require.ErrorAs(t, err, &refused, "host:port alone must not let plain HTTP through")
	_, err = get(t, outbound.New(outbound.Options{Allow: allow(t, "http://"+address)}), server.URL)
	require.NoError(t, err)
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	followed := make(chan struct{}, 1)
	server, pool := answering(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/elsewhere" {
			followed <- struct{}{}
		}
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	})
	response, err := get(t, outbound.New(outbound.Options{Allow: allow(t, server.Listener.Addr().String()), RootCAs: pool}), server.URL)
	require.NoError(t, err)
	require.Equal(t, http.StatusFound, response.StatusCode)
	require.Empty(t, followed)
}

func TestOldTLSAndUnknownCertificatesAreRefused(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
	server.StartTLS()
	t.Cleanup(server.Close)
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	list := allow(t, server.Listener.Addr().String())
	_, err := get(t, outbound.New(outbound.Options{Allow: list, RootCAs: pool}), server.URL)
	require.ErrorContains(t, err, "tls: ")

	modern, _ := answering(t, func(http.ResponseWriter, *http.Request) {})
	_, err = get(t, outbound.New(outbound.Options{Allow: allow(t, modern.Listener.Addr().String())}), modern.URL)
	var unknown *tls.CertificateVerificationError
	require.ErrorAs(t, err, &unknown)
}

func TestProxySettingsAreIgnored(t *testing.T) {
	// Not parallel: it sets the process' environment.
	proxied := make(chan struct{}, 1)
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { proxied <- struct{}{} }))
	t.Cleanup(proxy.Close)
	t.Setenv("HTTPS_PROXY", proxy.URL)
	t.Setenv("HTTP_PROXY", proxy.URL)
	guard := outbound.New(outbound.Options{Resolver: loopbackNames(t)})
	_, err := get(t, guard, (&url.URL{Scheme: "https", Host: "cwm.example.com"}).String())
	require.Error(t, err)
	require.Empty(t, proxied)
}
