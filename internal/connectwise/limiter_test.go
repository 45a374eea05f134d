package connectwise

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func take(t *testing.T, l *Limiter) *permit {
	t.Helper()
	p, err := l.acquire(t.Context())
	require.NoError(t, err)
	return p
}

func TestLimiterHalvesAndRecovers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter(Limits{AtOnce: 8})
		together := make([]*permit, 8)
		for i := range together {
			together[i] = take(t, l)
		}
		for _, p := range together[:5] {
			p.throttled(0)
		}
		assert.Equal(t, 4, l.Stats().AtOnce, "calls that were under way together count once")
		assert.Equal(t, 1, l.Stats().Slowdowns)
		assert.Equal(t, 5, l.Stats().Throttled)
		for _, p := range together[5:] {
			p.done(true)
		}
		take(t, l).throttled(0)
		take(t, l).throttled(0)
		take(t, l).throttled(0)
		take(t, l).throttled(0)
		assert.Equal(t, 1, l.Stats().AtOnce, "never below one")
		rounds := 0
		for ; l.Stats().AtOnce < 8; rounds++ {
			take(t, l).done(true)
		}
		assert.InDelta(t, 28, rounds, 4, "a round of good answers adds one: 1+2+…+7")
		take(t, l).done(false)
		assert.Equal(t, 8, l.Stats().AtOnce)
		assert.Zero(t, l.Stats().InFlight)
	})
}

func TestLimiterHonoursThePause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter(Limits{AtOnce: 4})
		start := time.Now()
		take(t, l).throttled(30 * time.Second)
		until := l.Stats().PausedUntil.Sub(start)
		assert.GreaterOrEqual(t, until, 30*time.Second)
		assert.LessOrEqual(t, until, 33*time.Second, "at most a tenth is added")
		done := make(chan time.Duration)
		for range 3 {
			go func() {
				p, err := l.acquire(t.Context())
				done <- time.Since(start)
				if assert.NoError(t, err) {
					p.done(true)
				}
			}()
		}
		synctest.Wait()
		assert.Equal(t, 3, l.Stats().Waiting)
		for range 3 {
			assert.GreaterOrEqual(t, <-done, 30*time.Second)
		}
		synctest.Wait()
		assert.Equal(t, 3, l.Stats().Waits)
		assert.GreaterOrEqual(t, l.Stats().Waited, 90*time.Second)

		take(t, l).throttled(time.Hour)
		assert.LessOrEqual(t, l.pause(), maxPause+maxPause/10, "no server stops us for an hour")
	})
}

func TestLimiterServesInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter(Limits{AtOnce: 1})
		first := take(t, l)
		served := make(chan int, 5)
		for i := range 5 {
			go func() {
				p, err := l.acquire(t.Context())
				served <- i
				if assert.NoError(t, err) {
					p.done(true)
				}
			}()
			synctest.Wait()
		}
		first.done(true)
		for i := range 5 {
			assert.Equal(t, i, <-served)
		}
	})
}

func TestLimiterRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter(Limits{AtOnce: 4, PerSecond: 10})
		start := time.Now()
		for range 104 {
			take(t, l).done(true)
		}
		assert.InDelta(t, 10, time.Since(start).Seconds(), 0.2, "four at once, then ten a second")
		take(t, l).throttled(0)
		start = time.Now()
		take(t, l).done(false)
		assert.Greater(t, time.Since(start), 100*time.Millisecond, "half the window, half the rate")

		l.SetLimits(Limits{AtOnce: 4})
		start = time.Now()
		for range 1000 {
			take(t, l).done(true)
		}
		assert.Zero(t, time.Since(start), "no rate")
	})
}

func TestLimiterGivesUpWithItsCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter(Limits{AtOnce: 1, PerSecond: 1})
		held := take(t, l)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := l.acquire(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		_, err = l.acquire(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded, "an ended context takes no place")
		held.done(true)
		take(t, l).done(true)

		soon, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, err = l.acquire(soon)
		require.ErrorIs(t, err, context.DeadlineExceeded, "the rate would let it through too late")
		assert.Zero(t, l.Stats().InFlight)
		assert.Zero(t, l.Stats().Waiting)
	})
}

func TestLimiterTakesNewLimits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter(Limits{})
		assert.Equal(t, DefaultLimits().AtOnce, l.AtOnce())
		held := []*permit{take(t, l), take(t, l), take(t, l), take(t, l)}
		waited := make(chan *permit)
		go func() {
			p, err := l.acquire(t.Context())
			assert.NoError(t, err)
			waited <- p
		}()
		synctest.Wait()
		l.SetLimits(Limits{AtOnce: 5})
		held = append(held, <-waited)
		l.SetLimits(Limits{AtOnce: 1})
		assert.Equal(t, 5, l.Stats().InFlight, "calls under way go on")
		for _, p := range held {
			p.done(true)
		}
		assert.Equal(t, 1, l.Stats().AtOnce)
	})
}

// Whatever happens, never more calls than allowed, nothing is lost, and everyone is served in the end.
func TestLimiterNeverLosesAPlace(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		limits := Limits{
			AtOnce:    rapid.IntRange(1, 6).Draw(rt, "at once"),
			PerSecond: float64(rapid.IntRange(0, 3).Draw(rt, "fifties per second") * 50),
		}
		plans := rapid.SliceOfN(rapid.IntRange(0, 5), 1, 40).Draw(rt, "calls")
		var problems []string
		synctest.Test(t, func(*testing.T) { problems = live(limits, plans) })
		for _, problem := range problems {
			rt.Error(problem)
		}
	})
}

// live makes one call for each plan: 0 gives up early, 4 gets no answer, 5 is throttled, the others are answered.
func live(limits Limits, plans []int) (problems []string) {
	l := NewLimiter(limits)
	ended := make(chan string)
	for i, plan := range plans {
		go func() {
			var problem string
			defer func() { ended <- problem }()
			ctx := context.Background()
			if plan == 0 {
				short, cancel := context.WithTimeout(ctx, time.Duration(i)*10*time.Millisecond)
				defer cancel()
				ctx = short
			}
			p, err := l.acquire(ctx)
			if err != nil {
				return
			}
			if n := l.Stats().InFlight; n > limits.AtOnce {
				problem = "more at once than allowed"
			}
			time.Sleep(time.Duration(plan) * 20 * time.Millisecond) // the call itself, on the bubble's clock
			if plan == 5 {
				p.throttled(time.Duration(i%3) * time.Second)
				return
			}
			p.done(plan != 4)
		}()
	}
	for range plans {
		if problem := <-ended; problem != "" {
			problems = append(problems, problem)
		}
	}
	if s := l.Stats(); s.InFlight != 0 || s.Waiting != 0 {
		problems = append(problems, fmt.Sprintf("left behind: %+v", s))
	}
	return problems
}
