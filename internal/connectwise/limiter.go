package connectwise

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limits bounds the calls of one API login.
type Limits struct {
	// AtOnce is how many calls may be under way together; 0 stands for 4.
	AtOnce int
	// PerSecond is how many calls may start in a second, on average; 0 for any number.
	PerSecond float64
}

// DefaultLimits stays below the trouble line that the developer guide publishes, about 1,000 requests a minute.
func DefaultLimits() Limits { return Limits{AtOnce: 4, PerSecond: 15} }

func (l Limits) orDefaults() Limits {
	if l.AtOnce <= 0 {
		l.AtOnce = DefaultLimits().AtOnce
	}
	l.PerSecond = max(l.PerSecond, 0)
	return l
}

// maxPause bounds how long one 429 holds up all calls, whatever Retry-After says.
const maxPause = 2 * time.Minute

// Limiter bounds concurrent calls and adapts to the server: a 429 halves what it lets through at once and stops new
// calls for as long as the server asked; every round of good answers lets one more through, up to the limit. The rate
// per second follows in proportion. Waiting calls are served in the order in which they came.
//
// One Limiter is shared by everything that calls with the same login; it is safe for concurrent use and owns no
// goroutine.
type Limiter struct {
	mu      sync.Mutex
	limits  Limits
	rate    *rate.Limiter
	window  float64 // what is allowed at once, between 1 and limits.AtOnce
	cut     int     // how often the window was halved; a call carries the count it started under
	waiting []*waiter
	paused  time.Time // no call starts before
	wake    *time.Timer
	stats   LimiterStats
}

type waiter struct {
	ready chan struct{}
}

// permit is the right to make one call.
type permit struct {
	limiter *Limiter
	cut     int
}

// LimiterStats is what a [Limiter] did so far, and what it does now.
type LimiterStats struct {
	// Calls counts the calls let through, Throttled the 429s, Slowdowns how often the limit was halved for them.
	Calls, Throttled, Slowdowns int
	// Waits counts the calls that did not start at once, Waited the time they spent together.
	Waits  int
	Waited time.Duration
	// InFlight calls are under way, Waiting ones are not; AtOnce is what is allowed together now.
	InFlight, Waiting, AtOnce int
	// PausedUntil lies in the future while a 429 is being honoured.
	PausedUntil time.Time
}

// NewLimiter returns a limiter with nothing under way.
func NewLimiter(limits Limits) *Limiter {
	l := &Limiter{}
	l.SetLimits(limits)
	l.window = float64(l.limits.AtOnce)
	l.follow()
	return l
}

// SetLimits changes the bounds; calls under way are not affected.
func (l *Limiter) SetLimits(limits Limits) {
	l.mu.Lock()
	defer l.mu.Unlock()
	limits = limits.orDefaults()
	if limits == l.limits {
		return
	}
	wide := l.window >= float64(l.limits.AtOnce)
	l.limits = limits
	if l.window = min(max(l.window, 1), float64(limits.AtOnce)); wide {
		l.window = float64(limits.AtOnce)
	}
	l.rate = rate.NewLimiter(rate.Inf, limits.AtOnce)
	l.follow()
	l.dispatch()
}

// follow sets the rate in proportion to the window.
func (l *Limiter) follow() {
	if l.limits.PerSecond > 0 {
		l.rate.SetLimit(rate.Limit(l.limits.PerSecond * l.window / float64(l.limits.AtOnce)))
	}
}

// AtOnce returns the upper bound of concurrent calls, the one in the limits.
func (l *Limiter) AtOnce() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.limits.AtOnce
}

// Stats returns a snapshot.
func (l *Limiter) Stats() LimiterStats {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.stats
	s.Waiting, s.AtOnce, s.PausedUntil = len(l.waiting), int(l.window), l.paused
	return s
}

// acquire waits until a call may start. The permit must be given back exactly once, by done or throttled.
func (l *Limiter) acquire(ctx context.Context) (*permit, error) {
	start := time.Now()
	for {
		if err := l.slot(ctx); err != nil {
			return nil, err
		}
		if err := l.token(ctx); err != nil {
			l.leave()
			return nil, err
		}
		if p := l.start(start); p != nil {
			return p, nil
		}
	}
}

// start makes the permit, unless a 429 arrived while the call waited for its token: then it gives the slot back.
func (l *Limiter) start(since time.Time) *permit {
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Now().Before(l.paused) {
		l.stats.InFlight--
		l.dispatch()
		return nil
	}
	l.stats.Calls++
	if waited := time.Since(since); waited > time.Millisecond {
		l.stats.Waits++
		l.stats.Waited += waited
	}
	return &permit{limiter: l, cut: l.cut}
}

// slot waits for one of the places in the window.
func (l *Limiter) slot(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w := &waiter{ready: make(chan struct{})}
	l.mu.Lock()
	l.waiting = append(l.waiting, w)
	l.dispatch()
	l.mu.Unlock()
	select {
	case <-w.ready:
		return nil
	case <-ctx.Done():
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if i := slices.Index(l.waiting, w); i >= 0 {
		l.waiting = slices.Delete(l.waiting, i, i+1)
	} else { // it was served at the same moment
		l.stats.InFlight--
	}
	l.dispatch()
	return ctx.Err()
}

// token waits for the rate. The library refuses at once when the deadline comes first.
func (l *Limiter) token(ctx context.Context) error {
	l.mu.Lock()
	limiter := l.rate
	l.mu.Unlock()
	err := limiter.Wait(ctx)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return errors.Join(context.DeadlineExceeded, err)
}

// dispatch serves waiting calls as long as there is room, or sets a timer for the end of the pause.
func (l *Limiter) dispatch() {
	if len(l.waiting) == 0 {
		if l.wake != nil {
			l.wake.Stop()
			l.wake = nil
		}
		return
	}
	if pause := time.Until(l.paused); pause > 0 {
		if l.wake != nil {
			l.wake.Stop()
		}
		l.wake = time.AfterFunc(pause, func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.dispatch()
		})
		return
	}
	for len(l.waiting) > 0 && l.stats.InFlight < int(l.window) {
		l.stats.InFlight++
		close(l.waiting[0].ready)
		l.waiting = l.waiting[1:]
	}
}

func (l *Limiter) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stats.InFlight--
	l.dispatch()
}

// done gives the permit back after any answer but a 429, or none.
func (p *permit) done(answered bool) {
	l := p.limiter
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stats.InFlight--
	if answered && l.window < float64(l.limits.AtOnce) {
		l.window = min(l.window+1/l.window, float64(l.limits.AtOnce))
		l.follow()
	}
	l.dispatch()
}

// throttled gives the permit back after a 429. Answers to calls that were under way together count once: they tell of
// the same moment. A tenth of the pause is added at random, so that several workers do not come back together.
func (p *permit) throttled(wait time.Duration) {
	l := p.limiter
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stats.InFlight--
	l.stats.Throttled++
	if p.cut == l.cut {
		l.cut++
		l.stats.Slowdowns++
		l.window = max(l.window/2, 1)
		l.follow()
	}
	wait = min(wait, maxPause)
	wait += time.Duration(rand.Float64() * float64(wait) / 10)
	if until := time.Now().Add(wait); until.After(l.paused) {
		l.paused = until
	}
	l.dispatch()
}

// pause returns how long calls are still held up.
func (l *Limiter) pause() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(time.Until(l.paused), 0)
}

// Limiters holds one [Limiter] per API host and company, for a process in which several clients call with one login.
type Limiters struct {
	mu sync.Mutex
	by map[string]*Limiter
}

// NewLimiters returns an empty registry. Its limiters live as long as it does.
func NewLimiters() *Limiters { return &Limiters{by: map[string]*Limiter{}} }

// For returns the limiter of a host, as typed, and company, made at the first call. Other limits than before apply from
// now on to everyone who shares it.
func (r *Limiters) For(host, company string, limits Limits) *Limiter {
	if mapped, err := APIHost(host); err == nil {
		host = mapped
	}
	key := strings.ToLower(host + "/" + company)
	r.mu.Lock()
	defer r.mu.Unlock()
	limiter, ok := r.by[key]
	if !ok {
		limiter = NewLimiter(limits)
		r.by[key] = limiter
	}
	limiter.SetLimits(limits)
	return limiter
}

// Stats returns a snapshot of every limiter, by "host/company" in lower case.
func (r *Limiters) Stats() map[string]LimiterStats {
	r.mu.Lock()
	defer r.mu.Unlock()
	stats := make(map[string]LimiterStats, len(r.by))
	for key, limiter := range r.by {
		stats[key] = limiter.Stats()
	}
	return stats
}
