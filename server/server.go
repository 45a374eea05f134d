package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"causeway/internal/admin"
	"causeway/internal/store"
	"causeway/views/assets"
)

// Options of a Server. Admin and Store are needed; the rest has defaults.
type Options struct {
	Admin *admin.Admin
	Store *store.Store
	// Listen is a loopback address host:port; Run refuses any other, for there is no sign-in.
	Listen string
	// PublicURL is the address that people type, where something forwards it to Listen; empty: none.
	PublicURL string
	// TemporalUIURL and TemporalNamespace lead to Temporal's own pages; an empty address leaves the links out.
	TemporalUIURL     string
	TemporalNamespace string
	Version           string
	Logger            *slog.Logger
	Now               func() time.Time
	// Ready tells whether Temporal can be reached; nil: it is not asked.
	Ready func(context.Context) error
}

// Limits of a connection. Answering may take as long as a connection test: seven checks of up to ten seconds, and downloads set
// their own.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 60 * time.Second
	writeTimeout  = 2 * time.Minute
	idleTimeout   = 2 * time.Minute
	// shutdownTimeout is how long a request that is under way may still take when the server stops.
	shutdownTimeout = 20 * time.Second
	maxHeaderBytes  = 32 << 10
)

// Server is the dashboard. It is an http.Handler for tests and anything that listens by itself.
type Server struct {
	handler  http.Handler
	echo     *echo.Echo
	listen   string
	log      *slog.Logger
	stopping atomic.Bool
	previews *previews
}

// New checks the options and lays out the routes. It neither listens nor calls anyone.
func New(o Options) (*Server, error) {
	if o.Admin == nil || o.Store == nil {
		return nil, errors.New("the dashboard needs the store and the administration")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.TemporalNamespace == "" {
		o.TemporalNamespace = "default"
	}
	s := &Server{listen: o.Listen, log: o.Logger, previews: newPreviews(o.Admin, o.Logger)}
	handler, err := s.newHandler(o)
	if err != nil {
		return nil, err
	}
	s.handler = handler
	if !assets.Built() {
		o.Logger.Warn("this program carries no style sheet and no script: the dashboard is plain until `make build` has built them")
	}
	return s, nil
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Run listens and serves until ctx ends; requests under way are finished. It gives nil after an orderly end.
func (s *Server) Run(ctx context.Context) error {
	if err := checkListen(s.listen); err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.listen)
	if err != nil {
		return fmt.Errorf("listen for the dashboard: %w", err)
	}
	return s.Serve(ctx, listener)
}

// Serve is Run on a listener that is open already, which it closes.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	if err := checkListen(listener.Addr().String()); err != nil {
		return errors.Join(err, listener.Close())
	}
	server := &http.Server{
		Handler: s, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeaderBytes, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	s.log.Info("the dashboard listens", "address", "http://"+listener.Addr().String())
	select {
	case err := <-served:
		return fmt.Errorf("serve the dashboard: %w", err)
	case <-ctx.Done():
	}
	s.stopping.Store(true)
	s.previews.stop()
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	err := server.Shutdown(stop)
	if err != nil {
		err = errors.Join(fmt.Errorf("requests were still under way after %s: %w", shutdownTimeout, err), server.Close())
	}
	s.previews.wait(stop)
	return err
}

// Run is New and then Server.Run.
func Run(ctx context.Context, o Options) error {
	s, err := New(o) //nolint:contextcheck // each request logs with a context of its own
	if err != nil {
		return err
	}
	return s.Run(ctx)
}

// checkListen refuses addresses that others could reach: there is no sign-in.
func checkListen(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("the dashboard's address %q is not of the form 127.0.0.1:8080", address)
	}
	if !loopback(host) {
		return fmt.Errorf("%q can be reached from elsewhere; without sign-in the dashboard listens on a loopback address only, such as 127.0.0.1:8080", address)
	}
	return nil
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// publicURL checks the option; nil when it is empty.
func publicURL(text string) (*url.URL, error) {
	if text == "" {
		return nil, nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("the public address %q is not of the form https://host", text)
	}
	return u, nil
}
