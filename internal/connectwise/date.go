package connectwise

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Date is a calendar date without time of day or zone, such as an agreement's billing start. The zero Date stands for
// "no date". Dates compare with ==.
//
// On the wire ConnectWise writes it as an instant at midnight UTC ("2026-04-07T00:00:00Z"), but it is not one: it must
// not be shifted to another zone. Decoding therefore takes the date as it is written and ignores time and offset.
type Date struct {
	year  int16
	month uint8
	day   uint8
}

// NewDate returns the date; days and months out of range carry over as with [time.Date].
func NewDate(year int, month time.Month, day int) Date {
	return DateOf(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// DateOf returns the calendar date on which t lies in t's own location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{year: int16(y), month: uint8(m), day: uint8(d)}
}

// ParseDate reads "2026-04-07", alone or followed by a time of day and an offset, which are ignored. Empty text and the
// first day of year 1, which .NET servers write for "not set", give the zero Date.
func ParseDate(s string) (Date, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return Date{}, nil
	}
	if len(s) < 10 || len(s) > 10 && s[10] != 'T' && s[10] != 't' && s[10] != ' ' {
		return Date{}, fmt.Errorf("%q is not a date", cleanText(s, 40))
	}
	t, err := time.Parse(time.DateOnly, s[:10])
	if err != nil {
		return Date{}, fmt.Errorf("%q is not a date", cleanText(s, 40))
	}
	if t.Year() <= 1 {
		return Date{}, nil
	}
	return DateOf(t), nil
}

// IsZero reports whether there is no date.
func (d Date) IsZero() bool { return d == Date{} }

// Date returns year, month and day.
func (d Date) Date() (year int, month time.Month, day int) {
	return int(d.year), time.Month(d.month), int(d.day)
}

// Time returns midnight of the date in loc.
func (d Date) Time(loc *time.Location) time.Time {
	return time.Date(int(d.year), time.Month(d.month), int(d.day), 0, 0, 0, 0, loc)
}

// Compare returns -1, 0 or +1; the zero Date comes before all others.
func (d Date) Compare(other Date) int { return strings.Compare(d.sortKey(), other.sortKey()) }

func (d Date) sortKey() string { return fmt.Sprintf("%04d%02d%02d", d.year, d.month, d.day) }

// Before reports whether d is earlier than other.
func (d Date) Before(other Date) bool { return d.Compare(other) < 0 }

// After reports whether d is later than other.
func (d Date) After(other Date) bool { return d.Compare(other) > 0 }

// AddDays returns the date n days later, or earlier when n is negative.
func (d Date) AddDays(n int) Date { return DateOf(d.Time(time.UTC).AddDate(0, 0, n)) }

// String returns "2026-04-07", or "" for the zero Date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.year, d.month, d.day)
}

// MarshalJSON writes ConnectWise's form, null for the zero Date.
func (d Date) MarshalJSON() ([]byte, error) {
	if d.IsZero() {
		return []byte("null"), nil
	}
	return []byte(`"` + d.String() + `T00:00:00Z"`), nil
}

// UnmarshalJSON reads what [ParseDate] reads, and null.
func (d *Date) UnmarshalJSON(data []byte) error {
	var s *string
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("date: %w", err)
	}
	if s == nil {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(*s)
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}
