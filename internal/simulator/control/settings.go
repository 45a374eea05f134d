package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// Duration is a time span written as text in JSON ("20ms", "1h30m").
type Duration time.Duration

// MarshalJSON writes the span as Go prints it.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(d).String()) }

// UnmarshalJSON accepts what time.ParseDuration accepts.
func (d *Duration) UnmarshalJSON(text []byte) error {
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return fmt.Errorf("a duration is text such as \"20ms\": %w", err)
	}
	span, err := time.ParseDuration(s)
	if err != nil {
		return err
	}
	*d = Duration(span)
	return nil
}

// Common are the settings every simulator has; its own settings struct embeds it.
type Common struct {
	// Latency is added to every API request, before it is carried out.
	Latency Duration `json:"latency"`
	// RatePerMinute is how many API requests a minute are answered; 0 lifts the limit.
	RatePerMinute int `json:"rate_per_minute"`
}

// Shared gives the settings that this package acts on; promoted into every settings struct that embeds Common.
func (c Common) Shared() Common { return c }

// Checked is what a settings struct offers: the common part, and a check of the whole after each change.
type Checked interface {
	Shared() Common
	Validate() error
}

// Settings is the side of a settings struct that /_sim/settings needs.
type Settings interface {
	Shared() Common
	// View is what GET /_sim/settings shows.
	View() any
	// Patch applies a JSON object: members given are changed, others stay, unknown ones are refused, and nothing is changed
	// when anything is wrong.
	Patch(body []byte) error
	// Reset brings back the settings the server started with.
	Reset()
}

// Values guards a settings struct T, which must be a plain value: Get hands out copies.
type Values[T Checked] struct {
	mu      sync.RWMutex
	initial T
	current T
}

// NewValues starts with initial, which must be valid.
func NewValues[T Checked](initial T) (*Values[T], error) {
	if err := initial.Validate(); err != nil {
		return nil, fmt.Errorf("simulator settings: %w", err)
	}
	return &Values[T]{initial: initial, current: initial}, nil
}

// Get returns the settings as they are now.
func (v *Values[T]) Get() T {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.current
}

// Shared is the common part as it is now.
func (v *Values[T]) Shared() Common { return v.Get().Shared() }

// View is the settings as they are now; members tagged json:"-" stay unseen.
func (v *Values[T]) View() any { return v.Get() }

// Reset brings back the settings given to NewValues.
func (v *Values[T]) Reset() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.current = v.initial
}

// Patch changes the members named in the JSON object body.
func (v *Values[T]) Patch(body []byte) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	next := v.current
	if err := decodeStrict(body, &next); err != nil {
		return err
	}
	if err := next.Validate(); err != nil {
		return err
	}
	v.current = next
	return nil
}

// decodeStrict reads exactly one JSON value and refuses members that the target does not have.
func decodeStrict(body []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON value")
	}
	return nil
}
