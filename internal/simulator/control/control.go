// Package control is what both simulated vendors have in common under /_sim/: fault rules, the log of requests, an adjustable
// clock, latency, a rate limit, settings, state and reset. It knows nothing of either vendor.
package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxBody bounds a request's body, in bytes: the largest that is written here is a document of a few megabytes.
const maxBody = 32 << 20

// Options say what the simulated server behind the controls is.
type Options struct {
	// Below gives the path below the API's base, without a leading slash, as fault rules and the request log use it; nil
	// takes the whole path.
	Below func(path string) string
	// Caller names who calls, never with a secret; may be nil.
	Caller func(*http.Request) string
	// Throttled answers a request beyond the rate limit as the vendor would.
	Throttled http.HandlerFunc
	// State is the whole state, to be written as JSON.
	State func() any
	// Reset starts a fresh estate. The controls clear their own log and faults, the settings and the clock afterwards.
	Reset func(seed int64, tenants int) error
	// Settings are the server's switches.
	Settings Settings
	// Clock is the simulated clock; nil makes one over time.Now.
	Clock *Clock
	// ClockMoved is told after the clock was moved through /_sim/clock; may be nil.
	ClockMoved func()
	Logger     *slog.Logger
}

// Control serves /_sim/ and wraps the API. Safe for concurrent use.
type Control struct {
	opts    Options
	mux     *http.ServeMux
	faults  faults
	log     requestLog
	limiter limiter
}

// New checks the options and returns the controls.
func New(o Options) (*Control, error) {
	if o.Throttled == nil || o.State == nil || o.Reset == nil || o.Settings == nil {
		return nil, errors.New("simulator controls need Throttled, State, Reset and Settings")
	}
	if o.Below == nil {
		o.Below = func(path string) string { return strings.TrimPrefix(path, "/") }
	}
	if o.Caller == nil {
		o.Caller = func(*http.Request) string { return "" }
	}
	if o.Clock == nil {
		o.Clock = NewClock(nil)
	}
	if o.ClockMoved == nil {
		o.ClockMoved = func() {}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	c := &Control{opts: o, mux: http.NewServeMux()}
	c.routes()
	return c, nil
}

// Now is the simulated instant, in UTC.
func (c *Control) Now() time.Time { return c.opts.Clock.Now() }

// Handle adds a route of the server's own, such as "POST /_sim/edit".
func (c *Control) Handle(pattern string, h http.HandlerFunc) { c.mux.HandleFunc(pattern, h) }

// ServeHTTP serves /_sim/.
func (c *Control) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	c.mux.ServeHTTP(w, r)
}

func (c *Control) routes() {
	c.Handle("GET /_sim/health", func(w http.ResponseWriter, _ *http.Request) { Answer(w, 200, map[string]bool{"ok": true}) })
	c.Handle("GET /_sim/state", func(w http.ResponseWriter, _ *http.Request) { Answer(w, 200, c.opts.State()) })
	c.Handle("POST /_sim/reset", c.reset)
	c.Handle("GET /_sim/requests", c.listRequests)
	c.Handle("DELETE /_sim/requests", func(w http.ResponseWriter, _ *http.Request) { c.log.clear(); w.WriteHeader(http.StatusNoContent) })
	c.Handle("GET /_sim/faults", func(w http.ResponseWriter, _ *http.Request) { Answer(w, 200, c.faults.list()) })
	c.Handle("POST /_sim/faults", c.addFault)
	c.Handle("DELETE /_sim/faults", func(w http.ResponseWriter, _ *http.Request) { c.faults.clear(); w.WriteHeader(http.StatusNoContent) })
	c.Handle("DELETE /_sim/faults/{id}", c.removeFault)
	c.Handle("GET /_sim/clock", func(w http.ResponseWriter, _ *http.Request) { c.answerClock(w) })
	c.Handle("PUT /_sim/clock", c.moveClock)
	c.Handle("GET /_sim/settings", func(w http.ResponseWriter, _ *http.Request) { Answer(w, 200, c.opts.Settings.View()) })
	c.Handle("PATCH /_sim/settings", c.patchSettings)
}

func (c *Control) reset(w http.ResponseWriter, r *http.Request) {
	in := struct {
		Seed    int64 `json:"seed"`
		Tenants int   `json:"tenants"`
	}{Seed: 1, Tenants: 20}
	if !Read(w, r, &in) {
		return
	}
	if err := c.opts.Reset(in.Seed, in.Tenants); err != nil {
		Refuse(w, 400, err)
		return
	}
	c.log.clear()
	c.faults.clear()
	c.limiter.clear()
	c.opts.Settings.Reset()
	c.opts.Clock.SetOffset(0)
	c.opts.ClockMoved()
	c.opts.Logger.Info("simulator reset", "seed", in.Seed, "tenants", in.Tenants)
	Answer(w, 200, in)
}

func (c *Control) listRequests(w http.ResponseWriter, r *http.Request) {
	since := int64(0)
	if text := r.URL.Query().Get("since"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			Refuse(w, 400, fmt.Errorf("since: %w", err))
			return
		}
		since = n
	}
	Answer(w, 200, c.log.since(since))
}

func (c *Control) addFault(w http.ResponseWriter, r *http.Request) {
	var rule Rule
	if !Read(w, r, &rule) {
		return
	}
	id, err := c.faults.add(rule)
	if err != nil {
		Refuse(w, 400, err)
		return
	}
	Answer(w, 201, map[string]int{"id": id})
}

func (c *Control) removeFault(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil || !c.faults.remove(id) {
		Refuse(w, 404, fmt.Errorf("no fault rule %q", r.PathValue("id")))
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (c *Control) moveClock(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Now     *time.Time `json:"now"`
		Advance *Duration  `json:"advance"`
	}
	if !Read(w, r, &in) {
		return
	}
	if (in.Now == nil) == (in.Advance == nil) {
		Refuse(w, 400, errors.New(`give either "now" or "advance"`))
		return
	}
	if in.Now != nil {
		c.opts.Clock.Set(*in.Now)
	} else {
		c.opts.Clock.Advance(time.Duration(*in.Advance))
	}
	c.opts.ClockMoved()
	c.answerClock(w)
}

func (c *Control) answerClock(w http.ResponseWriter) {
	Answer(w, 200, map[string]any{"now": c.Now().Format(time.RFC3339), "offset": Duration(c.opts.Clock.Offset())})
}

func (c *Control) patchSettings(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = c.opts.Settings.Patch(body)
	}
	if err != nil {
		Refuse(w, 400, err)
		return
	}
	Answer(w, 200, c.opts.Settings.View())
}

// Answer writes v as JSON.
func Answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the status is out; a client that left is no fault of ours
}

// Refuse writes {"error": …}.
func Refuse(w http.ResponseWriter, status int, err error) {
	Answer(w, status, map[string]string{"error": err.Error()})
}

// Read decodes the request's JSON body strictly, an empty body leaving v as it is; on a mistake it answers 400 and returns
// false.
func Read(w http.ResponseWriter, r *http.Request, v any) bool {
	body, err := io.ReadAll(r.Body)
	if err == nil && strings.TrimSpace(string(body)) != "" {
		err = decodeStrict(body, v)
	}
	if err != nil {
		Refuse(w, 400, err)
		return false
	}
	return true
}
