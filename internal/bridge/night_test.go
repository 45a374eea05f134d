package bridge

import (
	_ "embed"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"
)

//go:embed testdata/zones.txt
var zoneNames string

// R15: in every zone, on every date from 2026 to 2037, at least one of the schedule's hours exists, each firing names its own
// local date, and the first firing of a date is at 01:00 wherever that time exists.
func TestEveryDateHasItsNight(t *testing.T) {
	t.Parallel()
	zones := strings.Fields(zoneNames)
	if len(zones) < 400 {
		t.Fatalf("only %d zones", len(zones))
	}
	for _, name := range zones {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for day := NewDate(2026, time.January, 1); day.Year < 2038; day = day.AddDays(1) {
			if hour := firstHour(day, zone); hour < 0 {
				t.Errorf("%s: no run on %s", name, day)
			}
		}
	}
}

// firstHour is the first of the schedule's hours that exists on the day, -1 when none does or when a firing would be taken for
// another day's.
func firstHour(day Date, zone *time.Location) int {
	for _, hour := range NightHours() {
		at := time.Date(day.Year, day.Month, day.Day, hour, 0, 0, 0, zone)
		if at.Hour() != hour || at.Minute() != 0 {
			continue // the clocks jump over it: the schedule does not fire
		}
		if NightDate(at.UTC(), zone) != day {
			return -1
		}
		return hour
	}
	return -1
}

// The days on which one hour alone would fail.
func TestNightsOfClockChanges(t *testing.T) {
	t.Parallel()
	tests := []struct {
		zone string
		day  string
		hour int
	}{
		{"America/New_York", "2026-11-01", 1}, // comes twice: the guard takes one
		{"Europe/London", "2026-03-29", 2},    // 01:00 does not exist
		{"Antarctica/Troll", "2026-03-29", 3}, // neither 01:00 nor 02:00
		{"Australia/Lord_Howe", "2026-04-05", 1},
		{"Europe/Berlin", "2026-06-15", 1},
	}
	for _, test := range tests {
		zone, err := time.LoadLocation(test.zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := firstHour(MustDate(test.day), zone); got != test.hour {
			t.Errorf("%s on %s: first at %d:00", test.zone, test.day, got)
		}
	}
	// Both 01:00 of the November change day are the same night.
	zone, _ := time.LoadLocation("America/New_York")
	for _, instant := range []time.Time{time.Date(2026, 11, 1, 5, 0, 0, 0, time.UTC), time.Date(2026, 11, 1, 6, 0, 0, 0, time.UTC)} {
		if got := NightDate(instant, zone); got != MustDate("2026-11-01") || instant.In(zone).Hour() != 1 {
			t.Errorf("%s is the night of %s", instant, got)
		}
	}
}
