package bridge

import "time"

// NightHours are the local hours at which an account's schedule asks for its nightly run; the first of a local date is served
// (R15). One hour alone is not enough: on the days the clocks change 01:00 may come twice or not at all.
func NightHours() []int { return []int{1, 2, 3} }

// NightDate is the local date that a firing of the schedule is for. scheduled is the time the schedule meant, not the time it
// was carried out: a late catch-up must not claim the next day.
func NightDate(scheduled time.Time, zone *time.Location) Date { return DateOf(scheduled.In(zone)) }
