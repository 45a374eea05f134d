package psafeed

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/shopspring/decimal"

	"causeway/internal/mysonicwall"
)

// text is a value that should be text and may come as a number or a boolean.
// It never fails to decode, so that one bad value does not take the whole
// answer with it; problem says what cannot be read.
type text struct {
	value   string
	numeric bool // came as a JSON number
	problem string
}

func (t *text) UnmarshalJSON(raw []byte) error {
	*t = text{}
	switch {
	case bytes.Equal(raw, []byte("null")):
	case raw[0] == '"':
		return json.Unmarshal(raw, &t.value)
	case raw[0] == '{' || raw[0] == '[':
		t.problem = mysonicwall.Quote(string(raw)) + " is not a plain value"
	default:
		t.value, t.numeric = string(raw), raw[0] != 't' && raw[0] != 'f'
	}
	return nil
}

// list is an array whose absence or wrong form does not fail the answer.
type list[T any] struct {
	items   []T
	problem string
}

func (l *list[T]) UnmarshalJSON(raw []byte) error {
	*l = list[T]{}
	if bytes.Equal(raw, []byte("null")) {
		return nil
	}
	if err := json.Unmarshal(raw, &l.items); err != nil {
		l.items, l.problem = nil, mysonicwall.Quote(string(raw))+" is not a list of the expected form"
	}
	return nil
}

// reader turns texts into values and gathers what could not be read.
type reader struct {
	problems []string
}

func (r *reader) problem(what, why string) {
	r.problems = append(r.problems, fmt.Sprintf("%s: %s.", what, why))
}

func (r *reader) raw(what string, t text) string {
	if t.problem != "" {
		r.problem(what, t.problem)
	}
	return t.value
}

func (r *reader) plain(what string, t text) string {
	return mysonicwall.PlainText(r.raw(what, t))
}

func (r *reader) date(what string, t text) mysonicwall.Date {
	return read(r, what, t, mysonicwall.ParseDate)
}

func (r *reader) flag(what string, t text) mysonicwall.Flag {
	return read(r, what, t, mysonicwall.ParseFlag)
}

func (r *reader) quantity(what string, t text) decimal.NullDecimal {
	return read(r, what, t, mysonicwall.ParseQuantity)
}

func read[T any](r *reader, what string, t text, parse func(string) (T, error)) T {
	v, err := parse(r.raw(what, t))
	if err != nil {
		r.problem(what, err.Error())
	}
	return v
}
