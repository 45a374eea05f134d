package server

import (
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"causeway/internal/export"
	"causeway/views"
)

// Sizes of what may be sent: a form of fields, a bulk form that names thousands of tenants, a mapping file.
const (
	formLimit    = "64K"
	bulkLimit    = "2M"
	mappingLimit = "16M"
)

// lay lays out every address. GET never changes anything; what changes something is a POST, from this dashboard's own pages only.
func (s *Server) lay(e *echo.Echo, o Options, base shell, built assetFiles) { //nolint:funlen // the routes stand in one readable block
	temporal := temporalUI{o.TemporalUIURL, o.TemporalNamespace}
	small := middleware.BodyLimit(formLimit)
	large, file := middleware.BodyLimit(bulkLimit), middleware.BodyLimit(mappingLimit)
	home, add := homePage{base}, addAccountPage{base, o.Admin}
	connection, tickets := connectionPage{base, o.Admin}, ticketsPage{base, o.Admin}
	review, setup := reviewPage{base, o.Admin}, setupPage{base, o.Admin, temporal}
	tenants, sync := tenantsPage{base, o.Admin, newSuggestions()}, syncAction{base, o.Admin}
	mapping, bulk, end := tenantMapping{tenants}, bulkMapping{tenants, sync}, endPage{tenants, s.previews}
	preview, run := previewPage{base, o.Admin, s.previews}, runPage{base, temporal}
	settings, files := settingsPage{base, o.Admin, temporal}, downloads{base, o.Admin}
	csv, pause, held := mappingPage{base, o.Admin}, pauseAction{o.Admin}, heldPage{base, o.Admin}

	e.GET("/assets/*", built.get)
	e.POST("/theme", chooseTheme, small)
	e.GET("/", home.get)
	e.GET("/accounts/new", add.get)
	e.POST("/accounts/new", add.post, small)

	a := e.Group("/accounts/:account")
	a.GET("", moved(views.AccountURL))

	a.GET("/configure/connection", connection.get)
	a.POST("/configure/connection", connection.post, small)
	a.GET("/configure/connection/test", moved(views.ConnectionURL))
	a.POST("/configure/connection/test", connection.test, small)
	a.GET("/configure/tickets", tickets.get)
	a.POST("/configure/tickets", tickets.post, small)
	a.GET("/configure/review", review.get)
	a.POST("/configure/review", review.post, small)
	a.GET("/setup", setup.get)
	a.POST("/setup/retry", setup.retry, small)

	a.GET("/tenants", tenants.get)
	a.POST("/tenants/bulk", bulk.post, large)
	a.GET("/tenants/:tenant", tenantPage{tenants}.get)
	a.GET("/tenants/:tenant/mapping", mapping.ask)
	a.POST("/tenants/:tenant/mapping", mapping.post, small)
	a.POST("/tenants/:tenant/enabled", mapping.enabled, small)
	a.GET("/tenants/:tenant/end", end.get)
	a.POST("/tenants/:tenant/end", end.post, small)
	a.POST("/tenants/:tenant/end/preview", end.compute, small)
	a.GET("/mapping", csv.get)
	a.POST("/mapping", csv.post, file)
	a.GET("/mapping.csv", files.mapping)
	a.POST("/companies/refresh", refreshAction{o.Admin}.post, small)

	a.POST("/sync", sync.post, large)
	a.GET("/preview", preview.get)
	a.POST("/preview", preview.post, large)
	a.GET("/preview.csv", files.preview)
	a.GET("/held", held.get)
	a.GET("/held/review", held.review)
	a.GET("/held/decide", moved(views.HeldURL))
	a.POST("/held/decide", held.decide, large)
	a.POST("/held/resume", held.resume, large)

	a.GET("/runs", runsPage{base}.get)
	a.GET("/runs/:run", run.get)
	a.GET("/runs/:run/live", run.live)
	a.GET("/runs/:run/tenants/:tenant", tenantRunPage{base, tenants, temporal}.get)
	a.GET("/runs/:run/logs.txt", files.logs(export.Text))
	a.GET("/runs/:run/logs.csv", files.logs(export.CSV))
	a.GET("/runs/:run/logs.json", files.logs(export.JSON))
	a.GET("/failed-logs.txt", files.failed)
	a.GET("/changes", changesPage{base}.get)
	a.GET("/changes.csv", files.changes(export.CSV))
	a.GET("/changes.json", files.changes(export.JSON))

	a.GET("/settings", settings.get)
	a.POST("/settings", settings.post, small)
	a.POST("/pause", pause.pause, small)
	a.POST("/unpause", pause.unpause, small)
}
