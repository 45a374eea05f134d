package connectwise

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// call is one API request on its way through.
type call struct {
	server  *Server
	writer  http.ResponseWriter
	request *http.Request
	set     Settings
	now     time.Time
	// actor is who the change is recorded for; person means that somebody at a screen does it, whom rights do not bind.
	actor  string
	person bool
	// path is below the API's base, without slashes at its ends; ids are its numbers, in order.
	path     string
	ids      []int32
	codebase string
	route    *route
}

// apiBase is the absolute address of the API, without a slash at its end.
func (c *call) apiBase() string {
	scheme := "http"
	if c.secure() {
		scheme = "https"
	}
	return scheme + "://" + c.request.Host + "/" + c.codebase + "/apis/3.0"
}

func (c *call) secure() bool {
	return c.request.TLS != nil || c.request.Header.Get("X-Forwarded-Proto") == "https"
}

// id is the last number of the path, parent the one before it or, on collections, the last.
func (c *call) id() int32 { return c.ids[len(c.ids)-1] }

func (c *call) ctx() context.Context { return c.request.Context() }

func (c *call) body() (body, *apiError) {
	b, err := io.ReadAll(c.request.Body)
	if err != nil {
		return nil, parserError("The body could not be read: %s", err)
	}
	return b, nil
}

// headers are on every answer of the application; version is the model's version.
func (c *call) headers(version string) {
	h := c.writer.Header()
	h.Set("api-current-version", c.set.APIVersion)
	h.Set("x-cw-request-id", requestID())
	h.Set("x-server-name", "SIM-CWM-01")
	h.Set("Content-Type", "application/vnd.connectwise.com+json; version="+version)
}

func requestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// version is the model version asked for in Accept, else the newest; a newer one than the server's is refused.
func (c *call) version() (string, *apiError) {
	for part := range strings.SplitSeq(c.request.Header.Get("Accept"), ",") {
		kind, parameters, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(kind), "application/vnd.connectwise.com+json") {
			continue
		}
		for p := range strings.SplitSeq(parameters, ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
			if !strings.EqualFold(name, "version") {
				continue
			}
			asked := strings.Trim(value, `" `)
			if newer(asked, c.set.APIVersion) {
				return "", parserError("The version %s is not supported.%s", asked, checkVersion)
			}
			return asked, nil
		}
	}
	return c.set.APIVersion, nil
}

// newer compares versions such as 2022.1 and 2025.16; what is no version counts as newer than any.
func newer(a, b string) bool {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range max(len(x), len(y)) {
		var n, m int
		var err error
		if i < len(x) {
			if n, err = strconv.Atoi(x[i]); err != nil {
				return true
			}
		}
		if i < len(y) {
			m, _ = strconv.Atoi(y[i]) // ours
		}
		if n != m {
			return n > m
		}
	}
	return false
}

func (c *call) write(status int, b []byte) {
	c.writer.Header().Set("Content-Length", strconv.Itoa(len(b)))
	c.writer.WriteHeader(status)
	_, _ = c.writer.Write(b) // a client that left is no fault of ours
}

// fail answers with the refusal.
func (c *call) fail(e *apiError) {
	if e.text != "" {
		c.writer.Header().Set("Content-Type", "text/plain; charset=utf-8")
		c.write(e.status, []byte(e.text))
		return
	}
	if e.status == http.StatusMethodNotAllowed {
		c.writer.WriteHeader(e.status)
		return
	}
	c.write(e.status, e.body())
}

// change runs f as one transaction and reports its refusal; a disk that cannot take the change is a 500.
func (c *call) change(f func(*tx) *apiError) *apiError {
	err := c.server.store.write(c.set, c.now, c.actor, func(t *tx) error {
		if e := f(t); e != nil {
			return e
		}
		return nil
	})
	if err == nil {
		return nil
	}
	if refused, ok := errors.AsType[*apiError](err); ok {
		return refused
	}
	c.server.log.ErrorContext(c.ctx(), "the simulated ConnectWise could not keep a change", "error", err)
	return refuse(http.StatusInternalServerError, "ConnectWiseApi", "An unexpected error occurred.")
}

// encode is one record as the API answers it.
func (c *call) encode(q *reader, k *kind, r *record) []byte {
	e := &encoder{reader: q, base: c.apiBase() + "/"}
	return e.record(nil, k, r, parseFields(c.request.URL.Query().Get("fields")))
}
