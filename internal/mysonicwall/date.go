package mysonicwall

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Date is a calendar date without time or zone; the zero Date is none. What
// MySonicWall means by a day's zone is not documented, so nothing is shifted.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// IsZero tells whether there is no date.
func (d Date) IsZero() bool { return d == Date{} }

// String is YYYY-MM-DD, empty for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// MarshalText writes the date as String does.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// Years outside this span are taken for mistakes (a count of days read as
// seconds, a filler such as 9999-12-31) rather than for licence dates.
const (
	firstYear = 1990
	lastYear  = 2199
)

// Layouts in which MySonicWall's interfaces write dates: its API, the portal,
// United States forms, and instants of Capture Client, whose day is taken as
// written.
var dateLayouts = []string{
	time.DateOnly, "2-Jan-2006", "1/2/2006", time.RFC3339Nano, "2006-01-02T15:04:05.999999999", time.DateTime,
}

// portalLayout has a year of two digits. All belong to this century: SonicWall
// sold no licence that ended before, and reading 31-Dec-99 as 1999 would end
// the billing of what runs for ever.
const portalLayout = "2-Jan-06"

// ParseDate reads a date in any form that MySonicWall uses: YYYY-MM-DD,
// dd-Mon-yy, dd-Mon-yyyy, MM/dd/yyyy, ISO 8601 instants and epoch seconds (or
// milliseconds), these last as the day in UTC. Blank text is no date. Anything
// else is an error that quotes the text; nothing is guessed.
func ParseDate(raw string) (Date, error) {
	text := strings.TrimSpace(raw)
	if text == "" {
		return Date{}, nil
	}
	t, err := parseDay(text)
	if err != nil {
		return Date{}, fmt.Errorf("%s is %w", Quote(raw), err)
	}
	if t.Year() < firstYear || t.Year() > lastYear {
		return Date{}, fmt.Errorf("%s is not a likely date: its year would be %d", Quote(raw), t.Year())
	}
	y, m, d := t.Date()
	return Date{y, m, d}, nil
}

var errNoDate = errors.New("not a date of a known form")

func parseDay(text string) (time.Time, error) {
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	if t, err := time.Parse(portalLayout, text); err == nil {
		if t.Year() < 2000 {
			t = t.AddDate(100, 0, 0)
		}
		return t, nil
	}
	return parseEpoch(text)
}

// parseEpoch reads seconds or, from thirteen digits on, milliseconds. Eight
// digits are left alone: 20260211 is more likely a date than a second of 1970.
func parseEpoch(text string) (time.Time, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil || n <= 0 || len(text) < 9 || len(text) > 13:
		return time.Time{}, errNoDate
	case len(text) == 13:
		return time.UnixMilli(n).UTC(), nil
	}
	return time.Unix(n, 0).UTC(), nil
}

// ParseInstant reads an ISO 8601 instant or epoch seconds as UTC; blank text
// is the zero time.
func ParseInstant(raw string) (time.Time, error) {
	text := strings.TrimSpace(raw)
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t, err = parseEpoch(text)
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("%s is not an instant of a known form", Quote(raw))
	}
	return t.UTC(), nil
}
