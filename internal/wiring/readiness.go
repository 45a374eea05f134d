package wiring

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Readiness answers the health questions of a process: /healthz while it lives, /readyz while it can do its work. It begins as
// not ready.
type Readiness struct {
	mu    sync.Mutex
	why   string
	check func(context.Context) error
}

// NewReadiness is not ready because the process is starting.
func NewReadiness() *Readiness { return &Readiness{why: "starting"} }

// Waiting notes what a start waits for; it fits Options.Waiting.
func (r *Readiness) Waiting(what string, _ error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.check = nil
	if r.why = "starting"; what != "" {
		// The cause stays in the log: whoever asks for readiness need not see addresses of databases.
		r.why = "waiting for " + what
	}
}

// Ready says that the process works; check tells whether that is still so.
func (r *Readiness) Ready(check func(context.Context) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.why, r.check = "", check
}

// Stopping takes the process out of service before it ends.
func (r *Readiness) Stopping() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.why, r.check = "stopping", nil
}

// checkTimeout bounds one answer about readiness.
const checkTimeout = 3 * time.Second

// Check is nil while the process can do its work.
func (r *Readiness) Check(ctx context.Context) error {
	r.mu.Lock()
	why, check := r.why, r.check
	r.mu.Unlock()
	if why != "" {
		return errors.New(why)
	}
	if check == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	return check(ctx)
}

// Routes adds /healthz and /readyz.
func (r *Readiness) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, q *http.Request) {
		if err := r.Check(q.Context()); err != nil {
			http.Error(w, "not ready: "+err.Error(), http.StatusServiceUnavailable)
			return
		}
		_, _ = fmt.Fprintln(w, "ready")
	})
}

// Serve listens at once, so that a port in use is an error of the start, and serves until stop is called. The address is the one
// listened on, which tells the port where 0 was asked for.
func Serve(listen string, handler http.Handler) (address string, stop func(), err error) {
	listener, err := net.Listen("tcp", listen) //nolint:noctx // an address of this machine is bound at once
	if err != nil {
		return "", nil, fmt.Errorf("listen on %s: %w", listen, err)
	}
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // ends with stop, and with nothing else once it listens
	}()
	stop = func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if server.Shutdown(ctx) != nil {
			_ = server.Close()
		}
		<-done
	}
	return listener.Addr().String(), stop, nil
}
