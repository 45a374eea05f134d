package control

import (
	"bytes"
	"maps"
	"net/http"
	"strconv"
)

// recorder holds an answer back so that it can be sent in part, or not at all.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func newRecorder() *recorder { return &recorder{header: http.Header{}} }

func (a *recorder) Header() http.Header { return a.header }

func (a *recorder) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *recorder) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}

func (a *recorder) reset() {
	a.header, a.status = http.Header{}, 0
	a.body.Reset()
}

// send passes the answer on; with cut above zero it promises the whole body, sends that many bytes and cuts the connection.
func (a *recorder) send(w http.ResponseWriter, cut int) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	maps.Copy(w.Header(), a.header)
	body := a.body.Bytes()
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(a.status)
	if cut <= 0 || cut >= len(body) {
		_, _ = w.Write(body) // a client that left is no fault of ours
		return
	}
	_, _ = w.Write(body[:cut])
	_ = http.NewResponseController(w).Flush() // without it the bytes would be dropped with the connection
	panic(http.ErrAbortHandler)
}

// watcher remembers the status of an answer that is passed straight through.
type watcher struct {
	http.ResponseWriter
	status int
}

func (w *watcher) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *watcher) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *watcher) Unwrap() http.ResponseWriter { return w.ResponseWriter }
