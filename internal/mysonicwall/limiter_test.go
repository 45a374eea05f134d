package mysonicwall

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestLimiterBoundsAndKeepsOrder(t *testing.T) {
	t.Parallel()
	l := NewLimiter(2)
	_, err := l.acquire(t.Context())
	require.NoError(t, err)
	_, err = l.acquire(t.Context())
	require.NoError(t, err)

	var mu sync.Mutex
	var order []int
	var all sync.WaitGroup
	for i := range 5 {
		queued := func() int { l.mu.Lock(); defer l.mu.Unlock(); return len(l.waiting) }
		all.Go(func() {
			_, err := l.acquire(t.Context())
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			order = append(order, i)
			mu.Unlock()
			l.done(true)
		})
		require.Eventually(t, func() bool { return queued() == i+1 }, 5*time.Second, 100*time.Microsecond)
	}
	require.Empty(t, order, "two are under way")
	l.done(true)
	all.Wait()
	require.Equal(t, []int{0, 1, 2, 3, 4}, order)
}

func TestLimiterHalvesOncePerWaveAndRecovers(t *testing.T) {
	t.Parallel()
	l := NewLimiter(16)
	var permits []permit
	for range 16 {
		p, err := l.acquire(t.Context())
		require.NoError(t, err)
		permits = append(permits, p)
	}
	for _, p := range permits {
		l.throttled(p, 0)
	}
	require.Equal(t, 8, l.AtOnce(), "sixteen refusals of one wave count once")
	p, err := l.acquire(t.Context())
	require.NoError(t, err)
	l.throttled(p, 0)
	require.Equal(t, 4, l.AtOnce())
	for range 200 {
		_, err := l.acquire(t.Context())
		require.NoError(t, err)
		l.done(true)
	}
	require.Equal(t, 16, l.AtOnce())
	for range 10 {
		p, err := l.acquire(t.Context())
		require.NoError(t, err)
		l.throttled(p, 0)
	}
	require.Equal(t, 1, l.AtOnce(), "one call is always let through")
}

func TestLimiterPausesAsAskedAndLetsGoWhenCancelled(t *testing.T) {
	t.Parallel()
	l := NewLimiter(4)
	p, err := l.acquire(t.Context())
	require.NoError(t, err)
	const pause = 50 * time.Millisecond
	start := time.Now()
	l.throttled(p, pause)

	ctx, cancel := context.WithCancel(t.Context())
	cancelled := make(chan error, 1)
	go func() { _, err := l.acquire(ctx); cancelled <- err }()
	cancel()
	require.ErrorIs(t, <-cancelled, context.Canceled)

	_, err = l.acquire(t.Context())
	require.NoError(t, err)
	require.GreaterOrEqual(t, time.Since(start), pause)
	l.done(true)
	l.mu.Lock()
	defer l.mu.Unlock()
	require.Zero(t, l.inFlight)
	require.Empty(t, l.waiting)
}

func TestLimiterLosesNoPermitToCancellations(t *testing.T) {
	t.Parallel()
	l := NewLimiter(3)
	var all sync.WaitGroup
	for i := range 300 {
		all.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			if i%2 == 0 {
				go cancel()
			}
			defer cancel()
			p, err := l.acquire(ctx)
			switch {
			case errors.Is(err, context.Canceled):
			case i%7 == 0:
				l.throttled(p, 0)
			default:
				l.done(true)
			}
		})
	}
	all.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	require.Zero(t, l.inFlight)
	require.Empty(t, l.waiting)
}
