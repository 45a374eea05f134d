package bridge

import (
	"cmp"
	"fmt"
	"time"
)

// Date is a calendar date without time or zone. Both vendors mean calendar dates by their date fields; treating them as
// instants moves an invoice by a day. The zero Date means "no date".
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

const dateLayout = "2006-01-02"

// NewDate normalises its arguments as time.Date does: 31 April becomes 1 May.
func NewDate(year int, month time.Month, day int) Date {
	return DateOf(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// DateOf is the calendar date that t shows in its own location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// ParseDate reads YYYY-MM-DD; an empty text is the zero Date.
func ParseDate(text string) (Date, error) {
	if text == "" {
		return Date{}, nil
	}
	t, err := time.Parse(dateLayout, text)
	if err != nil {
		return Date{}, fmt.Errorf("%q is not a date of the form YYYY-MM-DD", text)
	}
	return DateOf(t), nil
}

// MustDate is ParseDate for dates known when the program is written.
func MustDate(text string) Date {
	d, err := ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

// IsZero tells whether there is no date.
func (d Date) IsZero() bool { return d == Date{} }

// Compare orders dates; the zero Date comes first.
func (d Date) Compare(o Date) int {
	return cmp.Or(d.Year-o.Year, int(d.Month-o.Month), d.Day-o.Day)
}

// Before orders as Compare does: no date is before every date.
func (d Date) Before(o Date) bool { return d.Compare(o) < 0 }

// After is Before the other way round.
func (d Date) After(o Date) bool { return d.Compare(o) > 0 }

// Time is midnight UTC of the date, the form in which ConnectWise carries dates; the zero time for the zero Date.
func (d Date) Time() time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
}

// AddDays moves by n calendar days, back for a negative n; no date stays none.
func (d Date) AddDays(n int) Date {
	if d.IsZero() {
		return d
	}
	return DateOf(d.Time().AddDate(0, 0, n))
}

// AddMonths moves by whole months and stays in the target month: 31 January plus one is 28 or 29 February, because a
// billing period that begins on the 31st does not skip February.
func (d Date) AddMonths(n int) Date {
	if d.IsZero() {
		return d
	}
	first := time.Date(d.Year, d.Month+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return Date{first.Year(), first.Month(), min(d.Day, last)}
}

// String is YYYY-MM-DD, empty for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	if d.Year < 1 || d.Year > 9999 {
		return d.Time().Format(dateLayout)
	}
	// Spelt out because a compare prints every date it looks at, and time.Format reads its layout anew each time.
	text := [len(dateLayout)]byte{'0', '0', '0', '0', '-', '0', '0', '-', '0', '0'}
	digits(text[0:4], d.Year)
	digits(text[5:7], int(d.Month))
	digits(text[8:10], d.Day)
	return string(text[:])
}

// digits writes n right-aligned over zeros.
func digits(to []byte, n int) {
	for i := len(to) - 1; n > 0; i-- {
		to[i] = byte('0' + n%10)
		n /= 10
	}
}

func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

func (d *Date) UnmarshalText(text []byte) error {
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// LaterOf is the latest of the given dates, ignoring those that are not there.
func LaterOf(dates ...Date) Date {
	var latest Date
	for _, d := range dates {
		if d.After(latest) {
			latest = d
		}
	}
	return latest
}
