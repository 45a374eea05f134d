// Package connectwise is a ConnectWise Manage server for trying Causeway and for its tests: the part of the REST API that a
// billing integration uses, with the real one's limits, error answers and habits, over a state that is kept in memory and,
// if asked, in a file. It answers under /{codebase}/apis/3.0/, shows plain read-only pages at / and is steered under /_sim/.
//
// What it does follows the vendor's developer guide and published OpenAPI documents; where public sources disagree a setting
// chooses, and where none says anything the choice is stated beside the code.
package connectwise

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"causeway/internal/simulator/control"
	"causeway/internal/simulator/estate"
)

// Options say which server to make.
type Options struct {
	// Seed and Tenants give the estate: the companies and agreements of so many customers. With a state file that exists
	// already they are not used.
	Seed    int64
	Tenants int
	// Estate changes what is generated, as estate.Clean does for measuring.
	Estate []estate.Option
	// Now is the base of the simulated clock; nil means time.Now.
	Now func() time.Time
	// Company, PublicKey and PrivateKey are the only sign-in that is accepted; ClientID the only clientId, empty for any.
	Company, PublicKey, PrivateKey, ClientID string
	// Member is the API member whom changes through the API are recorded for; "causeway" when empty.
	Member string
	// Latency is added to every API request.
	Latency time.Duration
	// RatePerMinute limits API requests: 0 stands for the default of 1,000, a negative number for no limit.
	RatePerMinute int
	// StateFile keeps the state between runs; every change is in it, or in the journal beside it, before it is answered.
	StateFile string
	Logger    *slog.Logger
}

// Server is the simulated ConnectWise Manage. Safe for concurrent use.
type Server struct {
	opts     Options
	store    *store
	settings *control.Values[Settings]
	clock    *control.Clock
	control  *control.Control
	router   *router
	pages    *http.ServeMux
	api      http.Handler
	log      *slog.Logger
}

// New makes the server and loads or generates its state. Close it to have the state file written whole.
func New(o Options) (*Server, error) {
	if o.Company == "" || o.PublicKey == "" || o.PrivateKey == "" {
		return nil, errors.New("the simulated ConnectWise needs a company, a public key and a private key")
	}
	if o.Member == "" {
		o.Member = "causeway"
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	set := defaultSettings()
	set.Latency = control.Duration(o.Latency)
	if o.RatePerMinute != 0 {
		set.RatePerMinute = max(o.RatePerMinute, 0)
	}
	settings, err := control.NewValues(set)
	if err != nil {
		return nil, err
	}
	s := &Server{opts: o, store: newStore(), settings: settings, clock: control.NewClock(o.Now), log: o.Logger}
	s.router = s.routes()
	s.pages = s.pageRoutes()
	if s.control, err = s.controls(); err != nil {
		return nil, err
	}
	s.api = s.control.API(http.HandlerFunc(s.serveAPI))
	if err := s.begin(); err != nil {
		return nil, err
	}
	return s, nil
}

// begin loads the state file, or generates the estate and writes it.
func (s *Server) begin() error {
	if s.opts.StateFile == "" {
		return s.seed(s.opts.Seed, s.opts.Tenants)
	}
	j := &journal{path: s.opts.StateFile, failed: func(err error) {
		s.log.Error("the simulated ConnectWise could not write its state file", "file", s.opts.StateFile, "error", err)
	}}
	loaded, err := j.load(s.store)
	if err != nil {
		return err
	}
	if loaded {
		s.clock.SetOffset(time.Duration(j.head.ClockOffset))
	} else if err := s.seed(s.opts.Seed, s.opts.Tenants); err != nil {
		return err
	} else {
		j.head.Seed, j.head.Tenants = s.opts.Seed, s.opts.Tenants
	}
	s.store.journal = j
	// Beginning a new generation leaves a journal that ended in half a line behind.
	if err := s.store.saveNow(); err != nil {
		return fmt.Errorf("write the state file of the simulated ConnectWise: %w", err)
	}
	return nil
}

// Close writes the state file whole. The server must not be used afterwards.
func (s *Server) Close() error { return s.store.close() }

// Now is the simulated instant.
func (s *Server) Now() time.Time { return s.clock.Now() }

func (s *Server) controls() (*control.Control, error) {
	c, err := control.New(control.Options{
		Below: belowBase, Caller: callerName, Throttled: s.throttled, State: s.state, Reset: s.reset,
		Settings: s.settings, Clock: s.clock, ClockMoved: s.clockMoved, Logger: s.log,
	})
	if err != nil {
		return nil, err
	}
	c.Handle("POST /_sim/edit", s.edit)
	c.Handle("POST /_sim/invoice", s.invoice)
	return c, nil
}

// ServeHTTP serves the API, the controls and the pages.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimLeft(r.URL.Path, "/")
	switch first, rest, _ := strings.Cut(path, "/"); {
	case first == "_sim":
		s.control.ServeHTTP(w, r)
	case under(path, "login/companyinfo"), strings.HasPrefix(strings.ToLower(strings.TrimLeft(rest, "/")), "apis/"):
		s.api.ServeHTTP(w, r)
	case strings.HasSuffix(strings.ToLower(path), "/openrecord.rails"), strings.HasSuffix(strings.ToLower(path), "/connectwise.aspx"):
		openRecord(w, r)
	default:
		s.pages.ServeHTTP(w, r)
	}
}

// serveAPI is the API behind latency, limit and faults.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	if under(strings.TrimLeft(r.URL.Path, "/"), "login/companyinfo") {
		s.companyInfo(w, r)
		return
	}
	c := &call{server: s, writer: w, request: r, set: s.settings.Get(), now: s.Now(), actor: s.opts.Member}
	if err := c.serve(); err != nil {
		c.fail(err)
	}
}

func (c *call) serve() *apiError {
	var ok bool
	c.codebase, c.path, ok = splitAPI(c.request.URL.Path)
	doubled := strings.Contains(strings.ToLower(c.path+"/"), "apis/3.0/")
	if !ok || doubled || !sameText(c.codebase, "v4_6_release") && !sameText(c.codebase, c.set.Codebase) {
		return &apiError{status: http.StatusBadRequest, text: "Cannot route. Codebase/company is invalid"}
	}
	c.headers(c.set.APIVersion)
	if err := c.signIn(); err != nil {
		return err
	}
	version, err := c.version()
	if err != nil {
		return err
	}
	c.headers(version)
	return c.dispatch()
}

// dispatch finds the address and carries the request out; people at a screen enter here.
func (c *call) dispatch() *apiError {
	c.route, c.ids = c.server.router.find(c.path)
	if c.route == nil {
		return noEndpoint()
	}
	h, ok := c.route.methods[c.request.Method]
	if !ok {
		if len(c.route.methods) == 0 {
			return noEndpoint()
		}
		return &apiError{status: http.StatusMethodNotAllowed}
	}
	if !c.person && c.set.denies(c.request.Method, c.path) {
		return forbidden()
	}
	return h(c)
}

// throttled is the answer beyond the rate limit: often the front end's, not the application's.
func (s *Server) throttled(w http.ResponseWriter, _ *http.Request) {
	set := s.settings.Get()
	switch set.RetryAfter {
	case "none":
	case "date":
		w.Header().Set("Retry-After", time.Now().Add(30*time.Second).UTC().Format(http.TimeFormat))
	default:
		w.Header().Set("Retry-After", set.RetryAfter)
	}
	switch set.ThrottleBody {
	case "html":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = w.Write([]byte("<!DOCTYPE html><html><head><title>Rate limited</title></head><body><h1>Error 1015</h1><p>You are being rate limited.</p></body></html>"))
	case "text":
		http.Error(w, "error code: 1015", http.StatusTooManyRequests)
	default:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = w.Write([]byte(`{"error":"ConnectWiseAPI","message":"Too many requests. Please try again in 30 seconds."}`))
	}
}

// state is everything, by kind, as the API would show it and with what it never shows.
func (s *Server) state() any {
	out := map[string][]json.RawMessage{}
	s.store.read(s.settings.Get(), s.Now(), func(q *reader) {
		e := &encoder{reader: q, base: "/v4_6_release/apis/3.0/"}
		for _, t := range s.store.tables {
			if t.kind.base != t.kind || len(t.rows) == 0 {
				continue
			}
			rows := make([]json.RawMessage, 0, len(t.rows))
			for r := range t.all() {
				rows = append(rows, e.whole(t.kind, r))
			}
			out[t.kind.name] = rows
		}
	})
	return out
}

// whole is a record with its internal fields.
func (e *encoder) whole(k *kind, r *record) []byte {
	b := e.record(nil, k, r, nil)
	for i := range k.fields {
		f := &k.fields[i]
		if v := r.cell(f.at); f.internal && v != nil && f.name != "content" {
			b = append(b[:len(b)-1], ',')
			b = appendText(b, f.name)
			b = append(b, ':')
			b = append(e.member(b, r, f, v, nil), '}')
		}
	}
	return b
}

// reset starts afresh with another estate.
func (s *Server) reset(seed int64, tenants int) error {
	if tenants < 0 || tenants > estate.MaxTenants {
		return fmt.Errorf("tenants is 0 to %d, not %d", estate.MaxTenants, tenants)
	}
	s.store.settle()
	defer s.store.mu.Unlock()
	s.store.clear()
	s.clock.SetOffset(0)
	if err := s.seedLocked(seed, tenants); err != nil {
		return err
	}
	if j := s.store.journal; j != nil {
		j.head.Seed, j.head.Tenants, j.head.ClockOffset = seed, tenants, 0
		return s.store.saveNow()
	}
	return nil
}

// clockMoved keeps the clock's offset with the state: records must not lie in the future after a restart.
func (s *Server) clockMoved() {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	if j := s.store.journal; j != nil {
		if err := j.moveClock(int64(s.clock.Offset())); err != nil {
			j.failed(err)
		}
	}
}
