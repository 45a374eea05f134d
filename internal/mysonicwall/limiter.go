package mysonicwall

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Limiter bounds the calls under way to one MySonicWall account and adapts to
// its answers: a 429 halves what is let through at once and stops new calls for
// as long as MySonicWall asked; every round of good answers lets one more
// through, up to the bound. Waiting calls are served in order. Everything that
// calls with one key should share one. Safe for concurrent use; it owns no
// goroutine.
type Limiter struct {
	mu       sync.Mutex
	atOnce   int
	window   float64 // what is let through now, between 1 and atOnce
	inFlight int
	cuts     int // how often the window was halved
	paused   time.Time
	waiting  []chan struct{}
	wake     *time.Timer
}

// NewLimiter lets up to atOnce calls through together; 0 stands for
// DefaultCallsAtOnce.
func NewLimiter(atOnce int) *Limiter {
	if atOnce <= 0 {
		atOnce = DefaultCallsAtOnce
	}
	return &Limiter{atOnce: atOnce, window: float64(atOnce)}
}

// AtOnce is how many calls are let through together now.
func (l *Limiter) AtOnce() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return int(l.window)
}

// permit is the right to one call; cuts tells which window it was let through.
type permit struct{ cuts int }

// acquire waits for its turn; the permit is given back by release.
func (l *Limiter) acquire(ctx context.Context) (permit, error) {
	if err := ctx.Err(); err != nil {
		return permit{}, err
	}
	ready := make(chan struct{})
	l.mu.Lock()
	l.waiting = append(l.waiting, ready)
	l.dispatch()
	l.mu.Unlock()
	select {
	case <-ready:
	case <-ctx.Done():
		l.mu.Lock()
		defer l.mu.Unlock()
		if i := slices.Index(l.waiting, ready); i >= 0 {
			l.waiting = slices.Delete(l.waiting, i, i+1)
		} else {
			l.inFlight-- // let through and cancelled at once
			l.dispatch()
		}
		return permit{}, ctx.Err()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return permit{l.cuts}, nil
}

// dispatch lets waiting calls through as far as window and pause allow.
func (l *Limiter) dispatch() {
	if pause := time.Until(l.paused); pause > 0 {
		if l.wake == nil && len(l.waiting) > 0 {
			l.wake = time.AfterFunc(pause, func() {
				l.mu.Lock()
				defer l.mu.Unlock()
				l.wake = nil
				l.dispatch()
			})
		}
		return
	}
	for len(l.waiting) > 0 && l.inFlight < int(l.window) {
		close(l.waiting[0])
		l.waiting = l.waiting[1:]
		l.inFlight++
	}
}

// done gives a permit back after an answer that was no 429.
func (l *Limiter) done(good bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inFlight--
	if good {
		l.window = min(float64(l.atOnce), l.window+1/l.window)
	}
	l.dispatch()
}

// throttled gives a permit back after a 429. Calls that were under way together
// are throttled together: they count as one.
func (l *Limiter) throttled(p permit, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inFlight--
	if p.cuts == l.cuts {
		l.cuts++
		l.window = max(1, l.window/2)
	}
	if until := time.Now().Add(wait); until.After(l.paused) {
		l.paused = until
		if l.wake != nil {
			l.wake.Stop() // a stopped timer that fired already only dispatches once more
			l.wake = nil
		}
	}
	l.dispatch()
}
