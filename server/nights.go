package server

import (
	"time"

	"causeway/internal/bridge"
)

// nextNights are the starts of the coming nights, soonest first: of each local date the first of the schedule's hours that exists
// (R15). A date whose first hour has passed is not counted again.
func nextNights(after time.Time, zone *time.Location, count int) []time.Time {
	date := bridge.DateOf(after.In(zone))
	var nights []time.Time
	for len(nights) < count {
		if start, ok := nightOf(date, zone); ok && start.After(after) {
			nights = append(nights, start)
		}
		date = date.AddDays(1)
	}
	return nights
}

// nightOf is the first moment of a local date at which the schedule fires.
func nightOf(date bridge.Date, zone *time.Location) (time.Time, bool) {
	midnight := date.Time()
	for _, hour := range bridge.NightHours() {
		at := time.Date(midnight.Year(), midnight.Month(), midnight.Day(), hour, 0, 0, 0, zone)
		if at.Hour() != hour || bridge.DateOf(at) != date {
			continue // the clocks skip this hour
		}
		// Where the clocks go back the hour comes twice and Go may give the second one.
		for _, back := range []time.Duration{time.Hour, 30 * time.Minute} {
			if first := at.Add(-back); first.Hour() == hour && first.Minute() == 0 {
				at = first
			}
		}
		return at, true
	}
	return time.Time{}, false
}

// clockNote tells what the clocks do between midnight and the end of a night's hours, empty when nothing.
func clockNote(start time.Time, zone *time.Location) string {
	hours := bridge.NightHours()
	day := start.In(zone)
	midnight := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, zone)
	end := time.Date(day.Year(), day.Month(), day.Day(), hours[len(hours)-1]+1, 0, 0, 0, zone)
	_, before := midnight.Zone()
	_, behind := end.Zone()
	switch {
	case behind < before && day.Hour() == hours[0] && start.Add(time.Duration(before-behind)*time.Second).In(zone).Hour() == hours[0]:
		return "Clocks go back, so " + day.Format("15:04") + " comes twice. The run starts at the first and not again."
	case behind < before:
		return "Clocks go back this night."
	case behind > before && day.Hour() != hours[0]:
		return "Clocks go forward, so 01:00 does not exist. The run starts at " + day.Format("15:04") + "."
	case behind > before:
		return "Clocks go forward this night."
	}
	return ""
}
