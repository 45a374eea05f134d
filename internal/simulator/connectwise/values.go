package connectwise

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// amount is a decimal number in hundredths: the vendor keeps and shows two places.
type amount int64

// ref is the id of the record that a reference points to.
type ref int32

// instant is a moment in whole seconds since 1970, UTC; a calendar date is its midnight.
type instant int64

// answer is what a configuration says to one question of its type; value is a string, an instant for dates, or a bool for
// check boxes.
type answer struct {
	question int32
	value    any
}

// parseAmount reads a JSON number and rounds it, half away from zero.
func parseAmount(text string) (amount, error) {
	d, err := decimal.NewFromString(text)
	if err != nil {
		return 0, err
	}
	if d.Abs().GreaterThan(decimal.New(1, 13)) {
		return 0, errors.New("the number is too large")
	}
	return amount(d.Round(2).Shift(2).IntPart()), nil
}

// times multiplies two amounts, rounded to hundredths.
func (a amount) times(b amount) amount {
	return amount(math.Round(float64(a) * float64(b) / 100))
}

func (a amount) String() string { return string(a.append(nil)) }

// append writes the amount with its two places, as 25.00.
func (a amount) append(b []byte) []byte {
	if a < 0 {
		b = append(b, '-')
		a = -a
	}
	b = strconv.AppendInt(b, int64(a)/100, 10)
	b = append(b, '.', byte('0'+a/10%10), byte('0'+a%10))
	return b
}

const (
	wireTime = "2006-01-02T15:04:05Z"
	wireDate = "2006-01-02"
	daySpan  = 24 * 60 * 60
)

// errTime is what the parser says to a date that is not in the vendor's form.
var errTime = errors.New("dates are written 2026-04-07T05:00:09Z, in UTC")

// parseTime reads a date-time in UTC; a date alone means its midnight, fractions of a second are dropped, offsets refused.
func parseTime(text string) (instant, error) {
	for _, layout := range []string{wireTime, "2006-01-02T15:04:05.999999999Z", wireDate} {
		if t, err := time.Parse(layout, text); err == nil {
			return instant(t.Unix()), nil
		}
	}
	return 0, errTime
}

func instantOf(t time.Time) instant { return instant(t.Unix()) }

// dateOf is the calendar date of t in its own zone.
func dateOf(t time.Time) instant {
	y, m, d := t.Date()
	return instant(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix())
}

// midnight cuts the time of day off.
func (i instant) midnight() instant {
	rest := i % daySpan
	if rest < 0 {
		rest += daySpan
	}
	return i - rest
}

func (i instant) time() time.Time { return time.Unix(int64(i), 0).UTC() }

func (i instant) String() string { return i.time().Format(wireTime) }

// date is the calendar date as YYYY-MM-DD.
func (i instant) date() string { return i.time().Format(wireDate) }

// utf16Length counts as .NET does, in which the vendor's limits are stated.
func utf16Length(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// tidy is what becomes of a text in a field of limited length: line ends turn into spaces, the ends are trimmed. Long notes
// keep their lines.
func (f *field) tidy(s string) string {
	if f.limit == 0 || f.limit > 1000 {
		return s
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == '\r' || r == '\n' || r == '\f' {
			return ' '
		}
		return r
	}, s))
}

// appendText writes a JSON string. The vendor does not escape slashes or letters outside ASCII.
func appendText(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, '\\', 'n')
		case c == '\r':
			b = append(b, '\\', 'r')
		case c == '\t':
			b = append(b, '\\', 't')
		case c < 0x20:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

// printed shows a value on the plain pages and in messages.
func printed(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case instant:
		if v.midnight() == v {
			return v.date()
		}
		return v.String()
	case bool:
		if v {
			return "yes"
		}
		return "no"
	default:
		return fmt.Sprint(v)
	}
}
