package views

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// minus is the true minus sign; a hyphen reads as a dash in a column of figures.
const minus = "−"

// unknown stands for a figure that nobody knows.
const unknown = "–"

// Number groups thousands: 1,204.
func Number(n int) string {
	if n < 0 {
		return minus + Number(-n)
	}
	digits := strconv.Itoa(n)
	var out strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			out.WriteByte(',')
		}
		out.WriteRune(d)
	}
	return out.String()
}

// Known is Number, or a dash where the figure is not known.
func Known(n int, known bool) string {
	if !known {
		return unknown
	}
	return Number(n)
}

// Count is a number with its noun: "1 tenant", "3 tenants", "0 tenants".
func Count(n int, noun string) string { return CountOf(n, noun, plural(noun)) }

// CountOf is Count for nouns whose plural is irregular.
func CountOf(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Number(n) + " " + many
}

func plural(noun string) string {
	if strings.HasSuffix(noun, "y") && !strings.HasSuffix(noun, "ey") && !strings.HasSuffix(noun, "ay") {
		return strings.TrimSuffix(noun, "y") + "ies"
	}
	return noun + "s"
}

// Date is a calendar date, whole: "1 Nov 2026". Empty for no date.
func Date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("2 Jan 2006")
}

// isoDates are calendar dates as rules and the command line write them, within a sentence.
var isoDates = regexp.MustCompile(`\b\d{4}-\d{2}-\d{2}\b`)

// Worded is a rule's sentence with its dates as a page writes them. Names and a vendor's own words are not sentences of a rule.
func Worded(sentence string) string {
	return isoDates.ReplaceAllStringFunc(sentence, func(text string) string {
		date, err := time.Parse(isoDate, text)
		if err != nil {
			return text
		}
		return Date(date)
	})
}

// calls are how the clients write a call that went wrong, at the end of a sentence.
var calls = regexp.MustCompile(`(?s)^(.+?)[\s(]*\b((?:GET|POST|PUT|PATCH|DELETE) \S+ .*?)\)?\s*$`)

// Parted parts a reason into the sentence for a person and the call that failed with its answer, which is empty where there is none.
func Parted(reason string) (sentence, answer string) {
	if m := calls.FindStringSubmatch(reason); m != nil {
		return strings.TrimRight(m[1], " (:"), m[2]
	}
	return reason, ""
}

// NearDate leaves the year out where it lies within the last or next six months of
// now: "1 Nov". Never for a before → after.
func NearDate(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	if near(t, now) {
		return t.Format("2 Jan")
	}
	return Date(t)
}

// PlanDate is NearDate with its weekday, for where one plans: "Fri 30 Oct".
func PlanDate(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	if near(t, now) {
		return t.Format("Mon 2 Jan")
	}
	return t.Format("Mon 2 Jan 2006")
}

func near(t, now time.Time) bool {
	return t.After(now.AddDate(0, -6, 0)) && t.Before(now.AddDate(0, 6, 0))
}

// ZoneShort names the zone in force at t: CDT, or UTC+3 for zones without a
// customary abbreviation.
func ZoneShort(t time.Time, loc *time.Location) string {
	name, offset := t.In(zone(loc)).Zone()
	if name != "" && name[0] != '+' && name[0] != '-' {
		return name
	}
	if offset == 0 {
		return "UTC"
	}
	sign := "+"
	if offset < 0 {
		sign, offset = minus, -offset
	}
	out := "UTC" + sign + strconv.Itoa(offset/3600)
	if rest := offset % 3600 / 60; rest != 0 {
		out += ":" + strconv.Itoa(rest)
	}
	return out
}

// zone reads a missing location as UTC, so that a page never fails on it.
func zone(loc *time.Location) *time.Location {
	if loc == nil {
		return time.UTC
	}
	return loc
}

// Clock is a time of day with its zone: "14:19 CDT".
func Clock(t time.Time, loc *time.Location) string {
	return t.In(zone(loc)).Format("15:04") + " " + ZoneShort(t, loc)
}

// ClockSeconds is Clock to the second, for runs, logs and traces.
func ClockSeconds(t time.Time, loc *time.Location) string {
	return t.In(zone(loc)).Format("15:04:05") + " " + ZoneShort(t, loc)
}

// Seconds is ClockSeconds where the zone stands elsewhere on the line or column.
func Seconds(t time.Time, loc *time.Location) string {
	return t.In(zone(loc)).Format("15:04:05")
}

// Moment is a point in time as seen from now: "today 01:00 CDT",
// "Wed 28 Oct, 01:00 CET".
func Moment(t, now time.Time, loc *time.Location) string {
	return moment(t, now, loc, Clock(t, loc))
}

// MomentSeconds is Moment to the second.
func MomentSeconds(t, now time.Time, loc *time.Location) string {
	return moment(t, now, loc, ClockSeconds(t, loc))
}

func moment(t, now time.Time, loc *time.Location, clock string) string {
	if t.IsZero() {
		return "never"
	}
	t, now = t.In(zone(loc)), now.In(zone(loc))
	if t.YearDay() == now.YearDay() && t.Year() == now.Year() {
		return "today " + clock
	}
	return PlanDate(t, now) + ", " + clock
}

// Plan is a moment to come, always with its date: "Fri 30 Oct, 01:00 CDT".
func Plan(t, now time.Time, loc *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return PlanDate(t.In(zone(loc)), now.In(zone(loc))) + ", " + Clock(t, loc)
}

// Instant is the machine-readable form for a time element.
func Instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Duration is how long something took: "6.2 s", "58 s", "4 min 12 s", "2 h 5 min",
// "4 d". Tenths only below ten seconds, and never nothing for what did happen.
func Duration(d time.Duration) string {
	switch {
	case d < 0:
		return minus + Duration(-d)
	case d > 0 && d < 50*time.Millisecond:
		return "< 0.1 s"
	case d < 9950*time.Millisecond:
		return strings.TrimSuffix(strconv.FormatFloat(d.Seconds(), 'f', 1, 64), ".0") + " s"
	}
	return Whole(d)
}

// Whole is Duration without tenths, for what is still running.
func Whole(d time.Duration) string {
	d = d.Round(time.Second)
	switch {
	case d < time.Minute:
		return strconv.Itoa(int(d/time.Second)) + " s"
	case d < time.Hour:
		return two(int(d/time.Minute), "min", int(d%time.Minute/time.Second), "s")
	case d < 24*time.Hour:
		return two(int(d/time.Hour), "h", int(d%time.Hour/time.Minute), "min")
	}
	return strconv.Itoa(int(d/(24*time.Hour))) + " d"
}

func two(n int, unit string, rest int, small string) string {
	out := strconv.Itoa(n) + " " + unit
	if rest > 0 {
		out += " " + strconv.Itoa(rest) + " " + small
	}
	return out
}

// Hours is a span between two nights: "24 h", "25 h".
func Hours(d time.Duration) string { return strconv.Itoa(int(d.Round(time.Hour)/time.Hour)) + " h" }

// Age is how long ago t was, in the one unit that matters: "40 s", "12 min", "13 h",
// "4 d".
func Age(t, now time.Time) string {
	d := max(0, now.Sub(t))
	switch {
	case d < time.Minute:
		return strconv.Itoa(int(d/time.Second)) + " s"
	case d < time.Hour:
		return strconv.Itoa(int(d/time.Minute)) + " min"
	case d < 24*time.Hour:
		return strconv.Itoa(int(d/time.Hour)) + " h"
	}
	return strconv.Itoa(int(d/(24*time.Hour))) + " d"
}

// Left is the estimate of what remains, rounded to half a minute below two minutes
// and to whole minutes above: "about 1 min 30 s left". Empty when there is none.
func Left(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	step := time.Minute
	if d < 2*time.Minute {
		step = 30 * time.Second
	}
	return "about " + Whole(max(30*time.Second, d.Round(step))) + " left"
}

// OfTotal is "21 of 34", or the count alone when the total is below zero.
func OfTotal(done, total int) string {
	if total < 0 {
		return Number(done)
	}
	return Number(done) + " of " + Number(total)
}

// Range is which rows of how many a page shows: "1–50 of 3,214".
func Range(page, per, total int) string {
	if total == 0 {
		return "0 of 0"
	}
	first := (max(1, page)-1)*per + 1
	return Number(first) + "–" + Number(min(total, first+per-1)) + " of " + Number(total)
}

// DateDifference is how far a date moved: "+1 year", "−2 months", "+14 days". Empty
// when either is missing or nothing moved.
func DateDifference(before, after time.Time) string {
	if before.IsZero() || after.IsZero() || before.Equal(after) {
		return ""
	}
	if after.Before(before) {
		return minus + span(after, before)
	}
	return "+" + span(before, after)
}

// span is the whole years or months between two dates, else the days.
func span(from, to time.Time) string {
	months := (to.Year()-from.Year())*12 + int(to.Month()) - int(from.Month())
	if months > 0 && from.AddDate(0, months, 0).Equal(to) {
		if months%12 == 0 {
			return Count(months/12, "year")
		}
		return Count(months, "month")
	}
	return Count(int(math.Round(to.Sub(from).Hours()/24)), "day")
}

// List joins names as a sentence does: "a, b and c"; more counts those not named.
func List(names []string, more int) string {
	switch {
	case more > 0:
		return strings.Join(names, ", ") + " and " + Number(more) + " more"
	case len(names) > 1:
		return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
	}
	return strings.Join(names, "")
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}
