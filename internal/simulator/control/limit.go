package control

import (
	"sync"
	"time"
)

// limiter admits so many requests in any minute, estimated over the current and the last whole minute so that a client cannot
// double its share at the turn of the minute. It runs on real time: moving the simulated clock must not lift the limit.
type limiter struct {
	mu       sync.Mutex
	start    time.Time
	current  int
	previous int
}

// allow counts the request and reports whether it stays within perMinute; 0 or less means no limit. A refused request is not
// counted, so a client that backs off gets through again.
func (l *limiter) allow(now time.Time, perMinute int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch elapsed := now.Sub(l.start); {
	case elapsed >= 2*time.Minute:
		l.start, l.current, l.previous = now, 0, 0
	case elapsed >= time.Minute:
		l.start, l.current, l.previous = l.start.Add(time.Minute), 0, l.current
	}
	if perMinute > 0 {
		rest := float64(time.Minute-now.Sub(l.start)) / float64(time.Minute)
		if float64(l.current)+float64(l.previous)*rest >= float64(perMinute) {
			return false
		}
	}
	l.current++
	return true
}

func (l *limiter) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.start, l.current, l.previous = time.Time{}, 0, 0
}
