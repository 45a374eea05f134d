package control

import (
	"sync/atomic"
	"time"
)

// Clock is real time plus an offset that a test or a person may move. It keeps running: setting it to an instant fixes the
// offset, not the time. Safe for concurrent use.
type Clock struct {
	base   func() time.Time
	offset atomic.Int64 // nanoseconds
}

// NewClock returns a clock over base; nil means time.Now.
func NewClock(base func() time.Time) *Clock {
	if base == nil {
		base = time.Now
	}
	return &Clock{base: base}
}

// Now is the simulated instant, in UTC.
func (c *Clock) Now() time.Time { return c.base().Add(c.Offset()).UTC() }

// Offset is how far the clock has been moved away from its base.
func (c *Clock) Offset() time.Duration { return time.Duration(c.offset.Load()) }

// SetOffset moves the clock to that distance from its base.
func (c *Clock) SetOffset(d time.Duration) { c.offset.Store(int64(d)) }

// Set makes now the simulated instant from which the clock runs on.
func (c *Clock) Set(now time.Time) { c.SetOffset(now.Sub(c.base())) }

// Advance moves the clock forward, or back for a negative d.
func (c *Clock) Advance(d time.Duration) { c.offset.Add(int64(d)) }
