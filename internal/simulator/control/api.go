package control

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// API wraps the simulated API: each request is logged, counted against the rate limit, delayed by the latency and touched by
// the first fault rule that is due. No lock is held while it waits or while next works.
func (c *Control) API(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			http.Error(w, "the request body could not be read", http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		entry := c.entry(r, body)
		c.log.begin()
		// Deferred, so that a connection that is cut by a panic is logged as well.
		defer func() { c.log.end(entry) }()
		c.answer(w, r, next, &entry)
	})
}

func (c *Control) entry(r *http.Request, body []byte) Entry {
	e := Entry{Time: c.Now(), Method: r.Method, Path: c.opts.Below(r.URL.Path), Caller: c.opts.Caller(r)}
	if query, err := url.QueryUnescape(r.URL.RawQuery); err == nil {
		e.Query = query
	} else {
		e.Query = r.URL.RawQuery
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		e.Body = string(body[:min(len(body), bodyLimit)])
	}
	return e
}

func (c *Control) answer(w http.ResponseWriter, r *http.Request, next http.Handler, entry *Entry) {
	shared := c.opts.Settings.Shared()
	if !c.limiter.allow(time.Now(), shared.RatePerMinute) {
		entry.Fault, entry.Status = "rate limit", http.StatusTooManyRequests
		c.opts.Throttled(w, r)
		return
	}
	rule, faulty := c.faults.pick(r.Method, entry.Path, r.URL.RawQuery)
	if faulty {
		entry.Fault = "fault " + strconv.Itoa(rule.ID)
	}
	if pause(r.Context(), time.Duration(shared.Latency)+rule.wait()) != nil {
		return
	}
	if !faulty {
		seen := &watcher{ResponseWriter: w}
		next.ServeHTTP(seen, r)
		entry.Status = seen.status
		return
	}
	c.misbehave(w, r, next, &rule, entry)
}

// misbehave carries out the rule. A cut connection is a panic with http.ErrAbortHandler, which net/http turns into exactly
// that.
func (c *Control) misbehave(w http.ResponseWriter, r *http.Request, next http.Handler, rule *Rule, entry *Entry) {
	if rule.Drop == DropBefore {
		panic(http.ErrAbortHandler)
	}
	held := newRecorder()
	if rule.Drop == DropAfter || !rule.answers() {
		next.ServeHTTP(held, r)
	}
	if pause(r.Context(), time.Duration(rule.Late)) != nil {
		return
	}
	if rule.Drop == DropAfter && !rule.answers() && rule.Cut == 0 {
		panic(http.ErrAbortHandler)
	}
	if rule.answers() {
		rule.answer(held)
	}
	for name, value := range rule.Header {
		held.Header().Set(name, value)
	}
	entry.Status = held.status
	held.send(w, rule.Cut)
}

// pause waits unless the client goes away first.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
