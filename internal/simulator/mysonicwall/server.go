// Package mysonicwall is a stand-in for MySonicWall: a stateful HTTP server
// that speaks the proposed PSA feed and the few published calls of the real
// API, with the real one's habits (envelopes, untidy rows, login pages where
// JSON was due) and switches for its troubles under /_sim/.
//
// It shares no code with Causeway's client, so that a mistake in either shows.
package mysonicwall

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"causeway/internal/simulator/control"
	"causeway/internal/simulator/estate"
)

// secondTenants is how many customers the untouched second account has.
const secondTenants = 8

// Options say which estate is served, to whom and how fast.
type Options struct {
	Seed    uint64
	Tenants int // 0 to estate.MaxTenants
	// Now is the clock that /_sim/clock moves; nil means time.Now.
	Now func() time.Time
	// APIKey opens the main account, SecondAPIKey one that is a stranger to it;
	// an empty second key means that there is no second account.
	APIKey       string
	SecondAPIKey string
	// Latency is added to every API answer; RatePerMinute 0 means no limit.
	Latency       time.Duration
	RatePerMinute int
	// StateFile keeps the state across restarts, also after a kill; empty keeps
	// it in memory. Where the file exists, its estate wins over Seed, Tenants
	// and Estate.
	StateFile string
	Logger    *slog.Logger
	// Estate replaces the main account's generated one.
	Estate *estate.Estate
	// Generate is passed on when an estate is made, at start and by reset.
	Generate []estate.Option
}

// Server is the simulated MySonicWall. Safe for concurrent use.
type Server struct {
	opts     Options
	control  *control.Control
	settings *control.Values[Settings]
	api      http.Handler
	journal  *journal
	log      *slog.Logger

	mu    sync.RWMutex
	state *state
	codes accessCodes
}

// New makes the server, reading its state file if there is one.
func New(o Options) (*Server, error) {
	if o.APIKey == "" || o.APIKey == o.SecondAPIKey {
		return nil, errors.New("the MySonicWall simulator needs an API key, and a second one must differ from it")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Estate == nil && (o.Tenants < 0 || o.Tenants > estate.MaxTenants) {
		return nil, fmt.Errorf("the MySonicWall simulator has between 0 and %d tenants, not %d", estate.MaxTenants, o.Tenants)
	}
	settings, err := control.NewValues(defaultSettings(o))
	if err != nil {
		return nil, err
	}
	s := &Server{opts: o, settings: settings, log: o.Logger}
	s.control, err = control.New(control.Options{
		Below: belowAPI, Caller: s.caller, Throttled: s.throttled, State: s.view, Reset: s.reset,
		Settings: settings, Clock: control.NewClock(o.Now), Logger: o.Logger,
	})
	if err != nil {
		return nil, err
	}
	s.control.Handle("POST /_sim/edit", s.serveEdit)
	s.api = s.control.API(s.routes())
	if err := s.open(); err != nil {
		return nil, err
	}
	return s, nil
}

// Close releases the state file; requests must have ended.
func (s *Server) Close() error { return s.journal.close() }

// ServeHTTP serves the API below /api/, the login page of the portal, and the
// simulator's own controls below /_sim/.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasPrefix(r.URL.Path, "/_sim/"):
		s.control.ServeHTTP(w, r)
	case r.URL.Path == loginPath:
		serveLoginPage(w, r)
	default:
		s.api.ServeHTTP(w, r)
	}
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /api/psa/v1/account", s.keyed(s.serveAccount))
	mux.Handle("GET /api/psa/v1/tenants", s.keyed(s.serveTenants))
	mux.Handle("GET /api/psa/v1/tenants/{tenant}/products", s.keyed(s.serveProducts))
	mux.Handle("GET /api/psa/v1/alerts", s.keyed(s.serveAlerts))
	mux.Handle("GET /api/psa/v1/alerts/open", s.keyed(s.serveOpenAlerts))
	mux.Handle("GET /api/hgms/get-cloud-tenants", s.keyed(s.serveCloudTenants))
	mux.Handle("GET /api/hgms/get-firewalls", s.keyed(s.serveFirewalls))
	mux.Handle("GET /api/product/serviceInfo", s.keyed(s.serveServiceInfo))
	mux.Handle("POST /api/generate-cscaccesscode", s.keyed(s.serveAccessCode))
	mux.HandleFunc("POST /api/auth/getApiToken", s.serveToken)
	mux.HandleFunc("GET /api/endpoints/", s.serveEndpoints)
	mux.Handle("/", s.keyed(func(w http.ResponseWriter, _ *http.Request, _ *account) {
		refuse(w, http.StatusNotFound, "NO SUCH RESOURCE")
	}))
	return mux
}

type accountHandler func(http.ResponseWriter, *http.Request, *account)

// keyed lets a request through to the account whose key it carries.
func (s *Server) keyed(next accountHandler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		set := s.settings.Get()
		s.mu.RLock()
		a := s.state.accounts[s.keyOwner(r)]
		keyState := ""
		if a != nil {
			keyState = a.KeyState
		}
		s.mu.RUnlock()
		switch {
		case a == nil || keyState == keyRevoked || keyState == keyExpired:
			if set.BareHost {
				http.Redirect(w, r, loginPath, http.StatusFound)
				return
			}
			refuse(w, http.StatusUnauthorized, unauthorizedText(keyState))
		case keyState == keyOutOfScope:
			refuse(w, http.StatusForbidden, "API KEY HAS NO ACCESS TO THIS RESOURCE")
		case set.Failure != "":
			refuse(w, http.StatusOK, set.Failure)
		default:
			next(w, r, a)
		}
	})
}

func unauthorizedText(keyState string) string {
	if keyState == keyExpired {
		return "API KEY EXPIRED"
	}
	return "INVALID API KEY"
}

// keyOwner names the account that a request's key belongs to, "" for nobody.
func (s *Server) keyOwner(r *http.Request) string {
	switch r.Header.Get("X-API-KEY") {
	case "": // also where there is no second key
		return ""
	case s.opts.APIKey:
		return mainAccount
	case s.opts.SecondAPIKey:
		return secondAccount
	}
	return ""
}

// caller is what the request log shows instead of the key.
func (s *Server) caller(r *http.Request) string {
	if owner := s.keyOwner(r); owner != "" {
		return owner
	}
	if r.Header.Get("X-API-KEY") == "" {
		return "no key"
	}
	return "unknown key"
}

func (s *Server) throttled(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Retry-After", strconv.Itoa(s.settings.Get().RetryAfter))
	refuse(w, http.StatusTooManyRequests, "TOO MANY REQUESTS")
}

// belowAPI is how fault rules and the request log name a path.
func belowAPI(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, "/"), "api/")
}

const loginPath = "/muir/login"

// serveLoginPage is what the bare host shows to whoever has no session: a page,
// with status 200, that a careless client takes for an empty answer.
func serveLoginPage(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = fmt.Fprint(w, "<!DOCTYPE html>\n<html><head><title>Login</title></head><body><h1>Sign in to MySonicWall</h1></body></html>\n")
}
