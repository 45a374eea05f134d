package server

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"causeway/views/assets"
)

// newHandler puts everything around the routes: whose requests are answered, what each answer carries, how errors are shown.
func (s *Server) newHandler(o Options) (http.Handler, error) {
	public, err := publicURL(o.PublicURL)
	if err != nil {
		return nil, err
	}
	built, err := newAssetFiles(assets.FS())
	if err != nil {
		return nil, err
	}
	base := shell{store: o.Store, now: o.Now, log: o.Logger}
	wrong := errorPages{base}

	e := echo.New()
	e.HTTPErrorHandler = wrong.handle
	e.IPExtractor = echo.ExtractIPDirect()
	e.SchemeExtractor = echo.ExtractSchemeDirect()
	e.Logger.SetOutput(slog.NewLogLogger(o.Logger.Handler(), slog.LevelDebug).Writer())
	e.Use(logged(o.Logger, o.Now), middleware.RecoverWithConfig(middleware.RecoverConfig{LogErrorFunc: logPanic(o.Logger)}))

	s.lay(e, o, base, built)
	s.echo = e
	handler, err := sameOriginOnly(e, public, wrong.refusal(http.StatusForbidden, "This request came from another site's page, so nothing was done."))
	if err != nil {
		return nil, err
	}
	handler = knownHost(handler, public, wrong.refusal(http.StatusMisdirectedRequest, "This dashboard does not answer to the name in the address. Use the address it was started with."))
	return withHeaders(probes{ready: readiness{server: s, database: o.Store.Ping, temporal: o.Ready}, others: handler}, public), nil
}

// logged notes each request: those that change something for the operator to see, the others only when looking closely.
func logged(log *slog.Logger, now func() time.Time) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			started := now()
			err := next(c)
			if err != nil {
				c.Error(err)
			}
			level := slog.LevelDebug
			if c.Request().Method == http.MethodPost {
				level = slog.LevelInfo
			}
			// The path alone: what a person searched for is nobody's business.
			log.Log(c.Request().Context(), level, "answered", "method", c.Request().Method, "path", c.Request().URL.Path,
				"status", c.Response().Status, "took", now().Sub(started).Round(time.Millisecond))
			return nil
		}
	}
}

func logPanic(log *slog.Logger) middleware.LogErrorFunc {
	return func(c echo.Context, err error, stack []byte) error {
		log.Error("a handler panicked", "path", c.Request().URL.Path, "error", err, "stack", string(stack))
		return err
	}
}
