package admin_test

import (
	"context"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"causeway/internal/admin"
	"causeway/internal/bridge"
)

// resolver answers wrong.test with 127.0.0.1 and says of every other name that it does not exist.
func resolver(t *testing.T) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		query := make([]byte, 512)
		for {
			n, from, err := conn.ReadFrom(query)
			if err != nil {
				return
			}
			_, _ = conn.WriteTo(dnsAnswer(query[:n]), from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func dnsAnswer(query []byte) []byte {
	end := 12
	for query[end] != 0 {
		end += int(query[end]) + 1
	}
	known := string(query[13:18]) == "wrong"
	end += 5
	isA := query[end-4] == 0 && query[end-3] == 1
	out := append([]byte{}, query[:end]...)
	out[2], out[3] = 0x81, 0x80
	clear(out[6:12])
	switch {
	case !known:
		out[3] |= 3
	case isA:
		out[7] = 1
		out = append(out, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 127, 0, 0, 1)
	}
	return out
}

// silent accepts connections and never says a word.
func silent(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = conn.Close() })
		}
	}()
	return listener.Addr().String()
}

func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	return listener.Addr().String()
}

// TestEveryCauseIsTold runs R3's causes against real servers that behave so.
func TestEveryCauseIsTold(t *testing.T) {
	t.Parallel()
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(secure.Close)
	pool := x509.NewCertPool()
	pool.AddCert(secure.Certificate())
	_, securePort, err := net.SplitHostPort(secure.Listener.Addr().String())
	require.NoError(t, err)
	html := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<html><body>Welcome to our intranet</body></html>"))
	}))
	t.Cleanup(html.Close)
	release := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(slow.Close)
	t.Cleanup(func() { close(release) })
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }))
	t.Cleanup(broken.Close)
	mute, closed := silent(t), closedPort(t)

	for name, c := range map[string]struct {
		options func(*options)
		change  func(*world, *admin.Connection)
		check   string
		message string
		fix     string
	}{
		"host not allowed: address": {
			change: func(_ *world, c *admin.Connection) { c.Host = "10.1.2.3" },
			check:  admin.CheckHost, message: "public addresses over HTTPS on port 443",
		},
		"host not allowed: port": {
			change: func(_ *world, c *admin.Connection) { c.Host = "cwm.example.com:8443" },
			check:  admin.CheckHost, message: "public addresses over HTTPS on port 443",
		},
		"host not allowed: name that leads inside": {
			options: func(o *options) { o.resolver = resolver(t) },
			change:  func(_ *world, c *admin.Connection) { c.Host = "wrong.test" },
			check:   admin.CheckHost, message: "public addresses over HTTPS on port 443",
		},
		"name not found": {
			options: func(o *options) { o.resolver = resolver(t) },
			change:  func(_ *world, c *admin.Connection) { c.Host = "nowhere.test" },
			check:   admin.CheckName, message: "No server has this name.",
		},
		"closed port": {
			options: func(o *options) { o.allow = closed },
			change:  func(_ *world, c *admin.Connection) { c.Host = closed },
			check:   admin.CheckTLS, message: "Nothing answers at this host and port.",
		},
		"TLS: wrong name": {
			options: func(o *options) { o.allow, o.roots, o.resolver = "wrong.test:"+securePort, pool, resolver(t) },
			change:  func(_ *world, c *admin.Connection) { c.Host = "wrong.test:" + securePort },
			check:   admin.CheckTLS, message: "certificate is not valid for this name",
		},
		"TLS: unknown authority": {
			options: func(o *options) { o.allow = secure.Listener.Addr().String() },
			change:  func(_ *world, c *admin.Connection) { c.Host = secure.Listener.Addr().String() },
			check:   admin.CheckTLS, message: "authority that this computer trusts",
		},
		"TLS: server speaks plain HTTP": {
			options: func(o *options) { o.allow = html.Listener.Addr().String() },
			change:  func(_ *world, c *admin.Connection) { c.Host = html.Listener.Addr().String() },
			check:   admin.CheckTLS, message: "no secure connection",
		},
		"time-out while securing": {
			options: func(o *options) { o.allow, o.patience = mute, 200*time.Millisecond },
			change:  func(_ *world, c *admin.Connection) { c.Host = mute },
			check:   admin.CheckTLS, message: "No answer within 10 s.",
		},
		"time-out while answering": {
			options: func(o *options) { o.allow, o.patience = slow.URL, 200*time.Millisecond },
			change:  func(_ *world, c *admin.Connection) { c.Host = slow.Listener.Addr().String() },
			check:   admin.CheckServer, message: "No answer within 10 s.",
		},
		"not ConnectWise: HTML": {
			options: func(o *options) { o.allow = html.URL },
			change:  func(_ *world, c *admin.Connection) { c.Host = html.Listener.Addr().String() },
			check:   admin.CheckServer, message: "not ConnectWise Manage",
		},
		"not ConnectWise: 404": {
			options: func(o *options) { o.allow, o.roots = secure.Listener.Addr().String(), pool },
			change:  func(_ *world, c *admin.Connection) { c.Host = secure.Listener.Addr().String() },
			check:   admin.CheckServer, message: "not ConnectWise Manage",
		},
		"server in trouble": {
			options: func(o *options) { o.allow = broken.URL },
			change:  func(_ *world, c *admin.Connection) { c.Host = broken.Listener.Addr().String() },
			check:   admin.CheckServer, message: "error 502",
		},
		"wrong company": {
			change: func(_ *world, c *admin.Connection) { c.Company = "lakeshore" },
			check:  admin.CheckCompany, message: "ConnectWise does not know the company lakeshore.",
		},
		"wrong keys": {
			change: func(_ *world, c *admin.Connection) { c.PrivateKey = "canary-other" },
			check:  admin.CheckKeys, message: "not this pair of keys", fix: "API Members",
		},
		"wrong keys where system/info is open": {
			change: func(w *world, c *admin.Connection) {
				w.sim(w.cwm, http.MethodPatch, "settings", map[string]any{"open_system_info": true})
				c.PrivateKey = "canary-other"
			},
			check: admin.CheckKeys, message: "not this pair of keys",
		},
		"clientId refused": {
			options: func(o *options) { o.clientID = "" },
			change:  func(*world, *admin.Connection) {},
			check:   admin.CheckKeys, message: "clientId", fix: "CAUSEWAY_CONNECTWISE_CLIENT_ID",
		},
		"permission missing": {
			change: func(w *world, _ *admin.Connection) {
				w.sim(w.cwm, http.MethodPatch, "settings", map[string]any{"denied": []string{"GET finance/agreements", "GET service/boards"}})
			},
			check: admin.CheckPermissions, message: "may not read agreements, service boards", fix: "Finance › Agreements",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(o *options) {
				if c.options != nil {
					c.options(o)
				}
			})
			w.add("lakeshore-demo")
			connection := w.connection()
			c.change(w, &connection)

			test, err := w.admin.TestConnection(t.Context(), "lakeshore-demo", connection)
			require.NoError(t, err)
			require.False(t, test.OK())
			failed := slices.IndexFunc(test.Findings, func(f bridge.Finding) bool { return !f.OK })
			require.Equal(t, c.check, test.Findings[failed].Check, "%+v", test.Findings)
			require.Contains(t, test.Findings[failed].Message, c.message)
			require.Contains(t, test.Findings[failed].Fix, c.fix)
			require.NotContains(t, test.Findings[failed].Answer, "canary")
			require.NotContains(t, test.Findings[failed].Answer, "intranet", "a connection test must not read pages to a person")
			require.Len(t, test.Findings, 7)
			for i, f := range test.Findings {
				require.Equal(t, i < failed, f.OK, "%+v", f)
				require.Equal(t, i > failed, f.Skipped, "%+v", f)
			}

			_, err = w.admin.SaveConnection(t.Context(), "lakeshore-demo", connection, "a test")
			require.Error(t, err)
			require.NotEmpty(t, admin.FindingsOf(err))
			require.NotContains(t, err.Error(), "canary")
			account, err := w.store.Account(t.Context(), "lakeshore-demo")
			require.NoError(t, err)
			require.False(t, account.Configured(), "a failed test must store nothing")
		})
	}
}

func TestConnectionThatWorks(t *testing.T) { // R2, R3
	t.Parallel()
	w := newWorld(t)
	w.add("lakeshore-demo")
	test, err := w.admin.TestConnection(t.Context(), "lakeshore-demo", w.connection())
	require.NoError(t, err)
	require.True(t, test.OK(), "%+v", test.Findings)
	require.Zero(t, w.writes())

	account, err := w.admin.SaveConnection(t.Context(), "lakeshore-demo", w.connection(), "a test")
	require.NoError(t, err)
	require.True(t, account.Configured())

	// Editing: an empty private key keeps the stored one.
	edit := w.connection()
	edit.PrivateKey, edit.NetworkAdditions = "", true
	account, err = w.admin.SaveConnection(t.Context(), "lakeshore-demo", edit, "a test")
	require.NoError(t, err)
	require.True(t, account.Options.NetworkAdditions)
	keys, err := w.store.Keys(t.Context(), account.ID)
	require.NoError(t, err)
	require.Equal(t, privateKey, keys.ConnectWise.Reveal())
}

// TestPrivateKeyIsNotCarriedToAnotherHost is R2 with R55: another host or company needs the private key again.
func TestPrivateKeyIsNotCarriedToAnotherHost(t *testing.T) {
	t.Parallel()
	called := make(chan string, 16)
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { called <- r.Header.Get("Authorization") }))
	t.Cleanup(elsewhere.Close)
	w := newWorld(t, func(o *options) { o.allow = elsewhere.URL })
	w.add("lakeshore-demo")
	_, err := w.admin.SaveConnection(t.Context(), "lakeshore-demo", w.connection(), "a test")
	require.NoError(t, err)

	for name, change := range map[string]func(*admin.Connection){
		"host":    func(c *admin.Connection) { c.Host = elsewhere.Listener.Addr().String() },
		"company": func(c *admin.Connection) { c.Company = "other" },
	} {
		edit := w.connection()
		edit.PrivateKey = ""
		change(&edit)
		_, err := w.admin.TestConnection(t.Context(), "lakeshore-demo", edit)
		require.Contains(t, admin.FieldErrors(err)["connectwise.private_key"], "private key again", name)
		_, err = w.admin.SaveConnection(t.Context(), "lakeshore-demo", edit, "a test")
		require.Contains(t, admin.FieldErrors(err)["connectwise.private_key"], "private key again", name)
	}
	require.Empty(t, called)
}

func TestTypedMistakesAreToldByField(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.add("lakeshore-demo")
	_, err := w.admin.TestConnection(t.Context(), "lakeshore-demo", admin.Connection{Host: "https://na.myconnectwise.net/x", Company: "a+b"})
	fields := admin.FieldErrors(err)
	require.Contains(t, fields["connectwise.host"], "scheme")
	require.Contains(t, fields, "connectwise.company")
	require.Contains(t, fields, "connectwise.public_key")
	require.Contains(t, fields, "connectwise.private_key")
	require.Equal(t, bridge.CodeInvalid, bridge.CodeOf(err))
}

// TestOneCompanyBelongsToOneAccount is R10: whatever its keys, a second account is refused by the first one's name.
func TestOneCompanyBelongsToOneAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ready("northbridge-it")
	w.add("lakeshore-demo")
	second := w.connection()
	second.Company, second.PublicKey, second.PrivateKey = "ACME", "anotherkey", "canary-another"
	_, err := w.admin.SaveConnection(t.Context(), "lakeshore-demo", second, "a test")
	require.Equal(t, bridge.CodeConflict, bridge.CodeOf(err))
	require.ErrorContains(t, err, "northbridge-it already uses this ConnectWise company")
	account, err := w.store.Account(t.Context(), "lakeshore-demo")
	require.NoError(t, err)
	require.False(t, account.Configured())
}

func TestConnectionTestsKeepAPersonsPace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.add("lakeshore-demo")
	scan := w.connection()
	scan.Host = "10.0.0.1"
	refused := 0
	for range 30 {
		if _, err := w.admin.TestConnection(t.Context(), "lakeshore-demo", scan); err != nil {
			require.Equal(t, bridge.CodeNotReady, bridge.CodeOf(err))
			refused++
		}
	}
	require.Greater(t, refused, 10)
}
