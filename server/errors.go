package server

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/views"
)

// statuses answer what a person can act on. Everything that is no bridge.Error is 500 with a reference.
var statuses = map[bridge.Code]int{
	bridge.CodeInvalid:   http.StatusUnprocessableEntity,
	bridge.CodeNotFound:  http.StatusNotFound,
	bridge.CodeConflict:  http.StatusConflict,
	bridge.CodeForbidden: http.StatusForbidden,
	bridge.CodeVendor:    http.StatusBadGateway,
	bridge.CodeNotReady:  http.StatusServiceUnavailable,
}

// sentences for what Echo and the layers around it refuse by themselves.
var sentences = map[int]string{
	http.StatusBadRequest:            "This request could not be read. Go back, load the page again and try once more.",
	http.StatusNotFound:              "There is no such page.",
	http.StatusMethodNotAllowed:      "This address takes no such request.",
	http.StatusRequestEntityTooLarge: "What was sent is larger than this page takes.",
}

// errorPages shows an error as a page; it is Echo's error handler.
type errorPages struct{ shell }

func (h errorPages) handle(err error, c echo.Context) {
	if c.Response().Committed {
		// A download that broke off: its reader sees the cut connection, the operator the reason.
		h.log.Warn("an answer broke off", "path", c.Request().URL.Path, "error", err)
		return
	}
	if errors.Is(err, context.Canceled) && c.Request().Context().Err() != nil {
		return // nobody is there to read it
	}
	page := h.pageOf(c, err)
	if c.Request().Method == http.MethodHead {
		_ = c.NoContent(page.Code)
		return
	}
	if err := h.whole(c, page.Code, h.around(c, &page), views.Error(page)); err != nil {
		h.log.Error("an error page could not be shown", "error", err)
	}
}

// around is the frame of an error page: the account's, where there is one and the store answers, so that a mistyped number leaves a
// person where they were. It completes the way back.
func (h errorPages) around(c echo.Context, page *views.ErrorPage) views.Frame {
	bare := views.Frame{Title: page.Title(), Theme: themeOf(c), Path: views.HomeURL}
	if page.Code >= http.StatusInternalServerError || c.Param("account") == "" {
		return bare
	}
	of, err := h.account(c)
	if err != nil {
		return bare
	}
	place := views.PlaceTenants
	page.Back = views.Link{Text: "All tenants of " + of.Account.Name, URL: views.TenantsURL(of.Account.Name)}
	if c.Param("run") != "" {
		place = views.PlaceRuns
		page.Back = views.Link{Text: "All runs of " + of.Account.Name, URL: views.RunsURL(of.Account.Name)}
	}
	frame, err := h.accountFrame(c, of, page.Title(), place)
	if err != nil {
		return bare
	}
	frame.Path = page.Back.URL
	return frame
}

func (h errorPages) pageOf(c echo.Context, err error) views.ErrorPage {
	if refused, ok := errors.AsType[*echo.HTTPError](err); ok {
		return views.ErrorPage{Code: refused.Code, Sentence: sentences[refused.Code]}
	}
	code := bridge.CodeOf(err)
	page := views.ErrorPage{Code: statuses[code], Sentence: said(err, "")}
	if page.Code == 0 {
		page.Code = http.StatusInternalServerError
	}
	if page.Code == http.StatusInternalServerError || page.Code == http.StatusServiceUnavailable {
		page.Reference = reference()
		h.log.Error("a request failed", "reference", page.Reference, "method", c.Request().Method, "path", c.Request().URL.Path, "error", err)
	}
	return page
}

// refusal is the page for what never reaches Echo.
func (h errorPages) refusal(status int, sentence string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.log.Warn("a request was refused", "reason", sentence, "host", r.Host, "origin", r.Header.Get("Origin"), "method", r.Method, "path", r.URL.Path)
		page := views.ErrorPage{Code: status, Sentence: sentence}
		body, err := renderHTML(r.Context(), views.Layout(views.Frame{Title: page.Title(), Path: views.HomeURL}, views.Error(page)))
		if err != nil {
			plain(w, status, sentence+"\n")
			return
		}
		w.Header().Set("Content-Type", echo.MIMETextHTMLCharsetUTF8)
		w.WriteHeader(status)
		_, _ = w.Write(body)
	})
}

// reference ties what a person sees to a line of the log.
func reference() string {
	var b [6]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// mistake tells whether err is a person's, to be shown at the form, and gives the messages by field; "" is for the form as a whole.
// A vendor's refusal of what was typed counts, and so does a conflict over it.
func mistake(err error) (map[string]string, bool) {
	switch bridge.CodeOf(err) {
	case bridge.CodeInvalid, bridge.CodeConflict, bridge.CodeVendor, bridge.CodeForbidden:
	default:
		return nil, false
	}
	fields := admin.FieldErrors(err)
	if len(fields) == 0 {
		fields[""] = sentence(err)
	}
	return fields, true
}

// sentence is what the first error for a person in err says, without the field.
func sentence(err error) string {
	if e, ok := errors.AsType[*bridge.Error](err); ok {
		return e.Message
	}
	return err.Error()
}

// said is the sentence of an error that is fit for a person, else the other one.
func said(err error, otherwise string) string {
	if bridge.CodeOf(err) == "" {
		return otherwise
	}
	return sentence(err)
}
