package server

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"causeway/views/assets"
)

// routes lays everything out. GET never changes anything; what changes something is a POST, from this dashboard's own pages only.
func (s *Server) routes(o Options) (http.Handler, error) {
	public, err := publicURL(o.PublicURL)
	if err != nil {
		return nil, err
	}
	files, err := newAssetFiles(assets.FS())
	if err != nil {
		return nil, err
	}
	base := shell{store: o.Store, now: o.Now, log: o.Logger}
	wrong := errorPages{base}
	temporal := temporalUI{o.TemporalUIURL, o.TemporalNamespace}

	e := echo.New()
	e.HTTPErrorHandler = wrong.handle
	e.IPExtractor = echo.ExtractIPDirect()
	e.SchemeExtractor = echo.ExtractSchemeDirect()
	e.Logger.SetOutput(slog.NewLogLogger(o.Logger.Handler(), slog.LevelDebug).Writer())
	e.Use(logged(o.Logger, o.Now), middleware.RecoverWithConfig(middleware.RecoverConfig{LogErrorFunc: logPanic(o.Logger)}))

	small := middleware.BodyLimit(formLimit)

	home, add := homePage{base}, addAccountPage{base, o.Admin}
	connection, tickets := newConnectionPage(base, o.Admin), ticketsPage{base, o.Admin}
	review, setup := reviewPage{base, o.Admin}, setupPage{base, o.Admin, temporal}

	e.GET("/assets/*", files.get)
	e.POST("/theme", chooseTheme, small)
	e.GET("/", home.get)
	e.GET("/accounts/new", add.get)
	e.POST("/accounts/new", add.post, small)

	a := e.Group("/accounts/:account")
	a.GET("/configure/connection", connection.get)
	a.POST("/configure/connection", connection.post, small)
	a.GET("/configure/connection/test", connection.again)
	a.POST("/configure/connection/test", connection.test, small)
	a.GET("/configure/tickets", tickets.get)
	a.POST("/configure/tickets", tickets.post, small)
	a.GET("/configure/review", review.get)
	a.POST("/configure/review", review.post, small)
	a.GET("/setup", setup.get)
	a.POST("/setup/retry", setup.retry, small)

	handler, err := sameOriginOnly(e, public, wrong.refusal(http.StatusForbidden, "This request came from another site's page, so nothing was done."))
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", live)
	mux.Handle("GET /readyz", readiness{server: s, database: o.Store.Ping, temporal: o.Ready})
	mux.Handle("/", knownHost(handler, public, wrong.refusal(http.StatusMisdirectedRequest, "This dashboard does not answer to the name in the address. Use the address it was started with.")))
	return withHeaders(mux, public), nil
}

// Sizes of what may be sent: a form of fields, a bulk form that names thousands of tenants, a mapping file.
const (
	formLimit    = "64K"
	bulkLimit    = "2M"
	mappingLimit = "11M"
)

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
