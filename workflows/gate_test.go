package workflows_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// gate stands before a simulator, so that a test acts at a chosen moment of a run.
type gate struct {
	*httptest.Server
	mu    sync.Mutex
	hooks []func(*http.Request)
}

func newGate(t *testing.T, next http.Handler) *gate {
	t.Helper()
	g := &gate{}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		hooks := slices.Clone(g.hooks)
		g.mu.Unlock()
		for _, hook := range hooks {
			hook(r)
		}
		next.ServeHTTP(w, r)
	}))
	t.Cleanup(g.Server.Close)
	return g
}

// before does something whenever a call of a method, to a path that holds a text, is about to be answered.
func (g *gate) before(method, path string, do func(*http.Request)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.hooks = append(g.hooks, func(r *http.Request) {
		if r.Method == method && strings.Contains(r.URL.Path, path) {
			do(r)
		}
	})
}

// hold keeps calls waiting from the first that matches on, until it is released.
type hold struct {
	came chan struct{} // closed once a call waits
	open chan struct{}
	// release lets the calls that wait through, and all later ones.
	release func()
}

func (g *gate) hold(t *testing.T, method, path string) *hold {
	t.Helper()
	h := &hold{came: make(chan struct{}), open: make(chan struct{})}
	h.release = sync.OnceFunc(func() { close(h.open) })
	t.Cleanup(h.release)
	arrived := sync.OnceFunc(func() { close(h.came) })
	g.before(method, path, func(r *http.Request) {
		arrived()
		select {
		case <-h.open:
		case <-r.Context().Done():
		}
	})
	return h
}

// reached waits until a call is held.
func (h *hold) reached(t *testing.T) {
	t.Helper()
	select {
	case <-h.came:
	case <-time.After(within):
		t.Fatal("no call came to the gate")
	}
}
