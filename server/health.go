package server

import (
	"context"
	"io"
	"net/http"
	"time"
)

// readyTimeout bounds each of the two questions, so that a probe gets its answer in time.
const readyTimeout = 2 * time.Second

// probes answers what watches over processes, whatever name it calls us by. No ServeMux: it would clean away an encoded slash, and
// ids come from outside.
type probes struct {
	ready  readiness
	others http.Handler
}

func (h probes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	read := r.Method == http.MethodGet || r.Method == http.MethodHead
	switch {
	case read && r.URL.Path == "/healthz":
		live(w, r)
	case read && r.URL.Path == "/readyz":
		h.ready.ServeHTTP(w, r)
	default:
		h.others.ServeHTTP(w, r)
	}
}

// live answers as long as the process does.
func live(w http.ResponseWriter, _ *http.Request) {
	plain(w, http.StatusOK, "ok\n")
}

// readiness answers whether requests can be served. What is wrong stands in the log; the answer says only which part.
type readiness struct {
	server   *Server
	database func(context.Context) error
	temporal func(context.Context) error // nil: not asked
}

func (h readiness) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h.server.stopping.Load() {
		plain(w, http.StatusServiceUnavailable, "stopping\n")
		return
	}
	for _, part := range []struct {
		name string
		ask  func(context.Context) error
	}{{"database", h.database}, {"Temporal", h.temporal}} {
		if part.ask == nil {
			continue
		}
		ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
		err := part.ask(ctx)
		cancel()
		if err != nil {
			h.server.log.Warn("the dashboard is not ready", "part", part.name, "error", err)
			plain(w, http.StatusServiceUnavailable, part.name+" does not answer\n")
			return
		}
	}
	plain(w, http.StatusOK, "ready\n")
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) // the caller is gone then
}
