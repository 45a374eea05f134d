package server

import (
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/internal/export"
	"causeway/internal/store"
	"causeway/views"
)

// downloadTimeout is how long writing a file may take: a year of changes over a slow line.
const downloadTimeout = 30 * time.Minute

// downloads stream files: they are never whole in memory.
type downloads struct {
	shell
	admin *admin.Admin
}

// attachment begins a file with a name of ours.
func attachment(c echo.Context, contentType string, name ...string) io.Writer {
	// Only a test's recorder refuses a deadline.
	_ = http.NewResponseController(c.Response()).SetWriteDeadline(time.Now().Add(downloadTimeout))
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, contentType)
	h.Set(echo.HeaderContentDisposition, `attachment; filename="causeway-`+safeName(strings.Join(name, "-"))+`"`)
	return c.Response()
}

// safeName keeps letters, digits, dashes and dots: ids in a name come from outside.
func safeName(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '.' {
			return r
		}
		return '_'
	}, name)
}

// logs is a run's log (R43, R45), or a tenant's part of it.
func (h downloads) logs(format export.Format) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		account, err := h.store.Account(ctx, c.Param("account"))
		if err != nil {
			return err
		}
		run, err := h.run(c, account)
		if err != nil {
			return err
		}
		filter := store.LogFilter{AccountID: account.ID, RunID: run.ID, TenantID: c.QueryParam("tenant")}
		name := []string{account.Name, "run", runID(run.ID)}
		if filter.TenantID != "" {
			name = append(name, filter.TenantID)
		}
		to := attachment(c, format.ContentType(), append(name, "log."+format.Extension())...)
		return export.Logs(to, format, func(each func(bridge.LogLine) error) error { return h.store.EachLog(ctx, filter, each) })
	}
}

// failed is the log of the runs in which tenants failed that had no better sync since: what the failed count stands for (R43).
func (h downloads) failed(c echo.Context) error {
	ctx := c.Request().Context()
	account, err := h.store.Account(ctx, c.Param("account"))
	if err != nil {
		return err
	}
	filter := store.LogFilter{AccountID: account.ID, LastFailed: true}
	to := attachment(c, export.Text.ContentType(), account.Name, "failed", "log."+export.Text.Extension())
	return export.Logs(to, export.Text, func(each func(bridge.LogLine) error) error { return h.store.EachLog(ctx, filter, each) })
}

// mapping is the mapping of every tenant (R14).
func (h downloads) mapping(c echo.Context) error {
	account, err := h.store.Account(c.Request().Context(), c.Param("account"))
	if err != nil {
		return err
	}
	return h.admin.ExportMapping(c.Request().Context(), account.Name, attachment(c, export.CSV.ContentType(), account.Name, "mapping.csv"))
}

// preview is the newest preview's changes.
func (h downloads) preview(c echo.Context) error {
	ctx := c.Request().Context()
	account, err := h.store.Account(ctx, c.Param("account"))
	if err != nil {
		return err
	}
	run, err := h.store.LatestPreview(ctx, account.ID)
	if err != nil {
		return err
	}
	if run == nil {
		return &bridge.Error{Code: bridge.CodeNotFound, Message: "There is no preview of " + account.Name + " yet."}
	}
	to := attachment(c, export.CSV.ContentType(), account.Name, "preview", runID(run.ID)+".csv")
	return h.write(c, to, export.CSV, store.ChangeFilter{AccountID: account.ID, RunID: run.ID})
}

// changes is what the changes page lists, unpaged.
func (h downloads) changes(format export.Format) echo.HandlerFunc {
	return func(c echo.Context) error {
		account, err := h.store.Account(c.Request().Context(), c.Param("account"))
		if err != nil {
			return err
		}
		filter, err := changesFilter(account, views.ReadChangesQuery(c.QueryParams()))
		if err != nil {
			return err
		}
		return h.write(c, attachment(c, format.ContentType(), account.Name, "changes."+format.Extension()), format, filter)
	}
}

func (h downloads) write(c echo.Context, to io.Writer, format export.Format, filter store.ChangeFilter) error {
	return export.Changes(to, format, func(each func(bridge.Change) error) error {
		return h.store.EachChange(c.Request().Context(), filter, each)
	})
}
