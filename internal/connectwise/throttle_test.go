package connectwise_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"causeway/internal/connectwise"
)

// throttling answers the first n calls with 429 and the given headers.
func throttling(n int32, header func(http.Header)) http.HandlerFunc {
	var calls atomic.Int32
	return func(w http.ResponseWriter, r *http.Request) {
		if calls.Add(1) <= n {
			header(w.Header())
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		if r.Method == http.MethodPost {
			writeJSON(w, 201, map[string]any{"id": 1})
			return
		}
		writeJSON(w, 200, []any{})
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 4, 7, 5, 0, 0, 0, time.UTC)
	set := func(retry, date string) func(http.Header) {
		return func(h http.Header) {
			if retry != "" {
				h.Set("Retry-After", retry)
			}
			if date != "" {
				h.Set("Date", date)
			}
		}
	}
	for name, tc := range map[string]struct {
		header func(http.Header)
		want   time.Duration
	}{
		"seconds":               {set("7", ""), 7 * time.Second},
		"none left":             {set("0", ""), 0},
		"a date":                {set(now.Add(9*time.Second).Format(http.TimeFormat), now.Format(http.TimeFormat)), 9 * time.Second},
		"a date in the past":    {set(now.Add(-time.Hour).Format(http.TimeFormat), now.Format(http.TimeFormat)), 0},
		"a date far away":       {set(now.AddDate(1, 0, 0).Format(http.TimeFormat), now.Format(http.TimeFormat)), 5 * time.Minute},
		"seconds without bound": {set("999999999999", ""), 5 * time.Minute},
		"missing":               {set("", ""), 11 * time.Second},
		"nonsense":              {set("soon", ""), 11 * time.Second},
		"negative":              {set("-5", ""), 11 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, cw := serve(t, throttling(1, tc.header), configured(func(c *connectwise.Config) {
				c.MaxThrottledReads = new(0)
				c.DefaultRetryAfter = 11 * time.Second
			}))
			_, err := cw.Companies.List(t.Context(), connectwise.ListOptions{})
			assert.True(t, connectwise.IsThrottled(err))
			assert.Equal(t, tc.want, asError(t, err).RetryAfter)
		})
	}
}

func noPause(h http.Header) { h.Set("Retry-After", "0") }

func TestThrottledReadsAreSentAgain(t *testing.T) {
	t.Parallel()
	s, cw := serve(t, throttling(3, noPause))
	require.NoError(t, cw.Companies.Probe(t.Context()))
	var attempts []int
	for _, call := range s.callsMade()[1:] {
		attempts = append(attempts, call.Attempt*1000+call.Status)
	}
	assert.Equal(t, []int{1429, 2429, 3429, 4200}, attempts)
	assert.Equal(t, 3, cw.Limiter().Stats().Throttled)
	assert.Zero(t, cw.Limiter().Stats().InFlight)
}

func TestThrottledReadsAreBounded(t *testing.T) {
	t.Parallel()
	for configuredMost, want := range map[int]int{0: 1, 2: 3, -1: connectwise.DefaultMaxThrottledReads + 1} {
		s, cw := serve(t, throttling(100, noPause), configured(func(c *connectwise.Config) {
			if configuredMost >= 0 {
				c.MaxThrottledReads = new(configuredMost)
			}
		}))
		err := cw.Companies.Probe(t.Context())
		assert.True(t, connectwise.IsThrottled(err))
		assert.Len(t, s.seen(), want)
	}
}

func TestThrottledWritesAreNotSentAgain(t *testing.T) {
	t.Parallel()
	s, cw := serve(t, throttling(1, noPause))
	_, err := cw.ProductTypes.Create(t.Context(), connectwise.ProductTypeRequest{Name: "SonicWall"})
	assert.True(t, connectwise.IsThrottled(err))
	assert.False(t, connectwise.MaybeDone(err))
	assert.Len(t, s.seen(), 1)
}

func TestNothingElseIsSentAgain(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 401, 403, 409, 500, 502, 503, 504} {
		s, cw := serve(t, answering(status, "", ""))
		require.Error(t, cw.Companies.Probe(t.Context()))
		assert.Len(t, s.seen(), 1, status)
	}
}

// A deadline that passes while a 429 is honoured is that 429: the caller learns when to come back.
func TestDeadlineDuringAPause(t *testing.T) {
	t.Parallel()
	s, cw := serve(t, throttling(1, func(h http.Header) { h.Set("Retry-After", "60") }))
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	e := asError(t, cw.Companies.Probe(ctx))
	assert.Equal(t, connectwise.KindThrottled, e.Kind, e)
	assert.Greater(t, e.RetryAfter, 50*time.Second)
	assert.Len(t, s.seen(), 1)

	_, err := cw.ProductTypes.Create(ctx, connectwise.ProductTypeRequest{Name: "x"})
	e = asError(t, err)
	assert.Equal(t, connectwise.KindThrottled, e.Kind, "others wait for the same pause")
	assert.False(t, e.MaybeDone, "it was never sent")
}

func TestClientsOfOneLoginShareALimiter(t *testing.T) {
	t.Parallel()
	limiters := connectwise.NewLimiters()
	limits := connectwise.Limits{AtOnce: 3}
	one := limiters.For("na", "Acme", limits)
	assert.Same(t, one, limiters.For("NA.myconnectwise.net", "acme", limits))
	assert.NotSame(t, one, limiters.For("na", "other", limits))
	assert.NotSame(t, one, limiters.For("eu", "acme", limits))
	assert.Equal(t, 3, one.AtOnce())
	limiters.For("na", "acme", connectwise.Limits{AtOnce: 8})
	assert.Equal(t, 8, one.AtOnce(), "new limits apply to those who have it")
	stats := limiters.Stats()
	assert.Len(t, stats, 3)
	assert.Equal(t, 8, stats["api-na.myconnectwise.net/acme"].AtOnce)
}

func TestNeverMoreAtOnceThanAllowed(t *testing.T) {
	t.Parallel()
	arrived, leave := make(chan struct{}, 12), make(chan struct{})
	s, cw := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		arrived <- struct{}{}
		<-leave
		writeJSON(w, 200, []any{})
	}, configured(func(c *connectwise.Config) {
		c.Limiter = connectwise.NewLimiter(connectwise.Limits{AtOnce: 3})
	}))
	done := make(chan error)
	for range 12 {
		go func() { done <- cw.Companies.Probe(t.Context()) }()
	}
	for n := 3; n <= 12; n++ {
		for len(s.seen()) < n {
			<-arrived
		}
		assert.LessOrEqual(t, len(s.seen()), n, "three under way, the others wait for them")
		assert.LessOrEqual(t, cw.Limiter().Stats().InFlight, 3)
		leave <- struct{}{}
		require.NoError(t, <-done)
	}
	for range 2 {
		leave <- struct{}{}
		require.NoError(t, <-done)
	}
}

// An agreement deleted by a person must not stop the reading of the others.
func TestAdditionsOfManyAgreements(t *testing.T) {
	t.Parallel()
	handler := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", `<https://x/>; rel="first"`)
		if strings.HasSuffix(r.URL.Path, "/13/additions") {
			writeJSON(w, 404, map[string]any{"code": "NotFound", "message": "Agreement 13 not found"})
			return
		}
		writeJSON(w, 200, []any{map[string]any{"id": 1}, map[string]any{"id": 2}})
	}
	var ids []int
	for id := range 40 {
		ids = append(ids, id+1)
	}
	ids = append(ids, 7, 8) // twice: read once

	s, cw := serve(t, handler)
	seen, missing := map[int]int{}, []int{}
	err := cw.Additions.OfEachAgreement(t.Context(), ids, connectwise.ListOptions{}, func(id int, rows []connectwise.Addition, err error) error {
		if connectwise.IsNotFound(err) {
			missing = append(missing, id)
			return nil
		}
		seen[id] += len(rows)
		return err
	})
	require.NoError(t, err)
	assert.Equal(t, []int{13}, missing)
	assert.Len(t, seen, 39)
	for id, n := range seen {
		assert.Equal(t, 2, n, id)
	}
	assert.Len(t, s.seen(), 40)

	err = cw.Additions.OfAgreements(t.Context(), ids, connectwise.ListOptions{}, func(int, []connectwise.Addition) error { return nil })
	assert.True(t, connectwise.IsNotFound(err), "the strict variant ends with the first error: %v", err)

	handled := 0
	err = cw.Additions.OfAgreements(t.Context(), []int{1, 2, 3, 4, 5}, connectwise.ListOptions{}, func(int, []connectwise.Addition) error {
		handled++
		return context.DeadlineExceeded
	})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Equal(t, 1, handled, "nothing is handled after the end")

	require.NoError(t, cw.Additions.OfAgreements(t.Context(), nil, connectwise.ListOptions{}, nil))
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	err = cw.Additions.OfAgreements(cancelled, ids, connectwise.ListOptions{}, func(int, []connectwise.Addition) error { return nil })
	assert.ErrorIs(t, err, context.Canceled)
}

func TestObservedClientsShareEverythingElse(t *testing.T) {
	t.Parallel()
	s, cw := serve(t, answering(200, asJSON, "[]"))
	var own atomic.Int32
	observed := cw.Observed(func(connectwise.Call) { own.Add(1) })
	require.NoError(t, cw.Companies.Probe(t.Context()))
	require.NoError(t, observed.Companies.Probe(t.Context()))
	assert.EqualValues(t, 1, own.Load(), "one call of its own, the code base being known")
	assert.Len(t, s.callsMade(), 2)
	assert.Same(t, cw.Limiter(), observed.Limiter())
}
