package psafeed

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

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
		return t.unquote(raw)
	case raw[0] == '{' || raw[0] == '[':
		t.problem = mysonicwall.Quote(string(raw)) + " is not a plain value"
	default:
		t.value, t.numeric = string(raw), raw[0] != 't' && raw[0] != 'f'
	}
	return nil
}

// unquote takes the usual text, without escapes, as it stands: a thousand
// tenants have a million of them.
func (t *text) unquote(raw []byte) error {
	if bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw) {
		t.value = string(raw[1 : len(raw)-1])
		return nil
	}
	return json.Unmarshal(raw, &t.value)
}

// wrongForm says which member has another form than expected, such as a word
// in place of a list. The decoder skips such a member and reads the rest; only
// the first is named. It is false where nothing could be read.
func wrongForm(err error) (member, form string, ok bool) {
	wrong, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok || wrong.Field == "" {
		return "", "", false
	}
	return wrong.Field, wrong.Value, true
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
	return readLabelled(r, what, func() string { return "" }, t, parse)
}

// readLabelled names the value in a problem by what and, then only, label.
func readLabelled[T any](r *reader, what string, label func() string, t text, parse func(string) (T, error)) T {
	v, err := parse(t.value)
	switch {
	case t.problem != "":
		r.problem(what+label(), t.problem)
	case err != nil:
		r.problem(what+label(), err.Error())
	}
	return v
}
