package admin

import (
	"context"
	"crypto/tls"
	"net/http/httptrace"
	"sync"
	"time"
)

// wayThere watches how far a call got below HTTP: a time-out alone does not say whether the name, the connection or the answer was
// waited for.
type wayThere struct {
	mu                           sync.Mutex
	resolved, connected, secured bool
	expires                      time.Time // of the server's certificate
}

func (w *wayThere) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		ConnectStart: func(string, string) { w.note(func() { w.resolved = true }) },
		ConnectDone: func(_, _ string, err error) {
			w.note(func() { w.connected = w.connected || err == nil })
		},
		TLSHandshakeDone: func(state tls.ConnectionState, err error) {
			w.note(func() {
				if err == nil && len(state.PeerCertificates) > 0 {
					w.expires = state.PeerCertificates[0].NotAfter
				}
			})
		},
		// Called once a connection can be written to, also a kept one for which nothing above happens.
		GotConn: func(httptrace.GotConnInfo) { w.note(func() { w.connected, w.secured = true, true }) },
	})
}

func (w *wayThere) note(what func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	what()
}

// broke is the check at which a call that got no answer ended.
func (w *wayThere) broke(plain bool) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.secured || w.connected && plain:
		return CheckServer
	case w.connected, w.resolved:
		return CheckTLS
	}
	return CheckName
}

func (w *wayThere) certificate() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.expires.IsZero() {
		return ""
	}
	return "certificate valid until " + w.expires.UTC().Format("2 Jan 2006")
}
