package mysonicwall

import (
	"errors"

	"causeway/internal/simulator/control"
)

// Settings are the switches of /_sim/settings.
type Settings struct {
	control.Common
	// BareHost answers a bad key as the portal's own host does: 302 to a login
	// page. Off, it is answered as the API host does: 401 and JSON.
	BareHost bool `json:"bare_host"`
	// Failure, when set, answers every call with HTTP 200, operationStatus
	// FAILURE and this text.
	Failure string `json:"failure"`
	// PageCap is the most rows a page has, whatever was asked for.
	PageCap int `json:"page_cap"`
	// RepeatRows begins each page after the first with that many rows of the
	// page before.
	RepeatRows int `json:"repeat_rows"`
	// NumbersAsText writes every number as text and every YES or NO in mixed case.
	NumbersAsText bool `json:"numbers_as_text"`
	// CursorMinutes and AlertCursorHours are how long page and feed cursors live.
	CursorMinutes    int `json:"cursor_minutes"`
	AlertCursorHours int `json:"alert_cursor_hours"`
	// RepeatAlerts delivers the last rows of the feed page before once more.
	RepeatAlerts int `json:"repeat_alerts"`
	// RetryAfter is what 429 answers ask for, in seconds.
	RetryAfter int `json:"retry_after"`
}

func defaultSettings(o Options) Settings {
	return Settings{
		Common:  control.Common{Latency: control.Duration(o.Latency), RatePerMinute: o.RatePerMinute},
		PageCap: maxLimit, CursorMinutes: 60, AlertCursorHours: 7 * 24, RetryAfter: 2,
	}
}

// Validate refuses values that no server could serve by.
func (s Settings) Validate() error {
	var errs []error
	if s.PageCap < 1 || s.PageCap > maxLimit {
		errs = append(errs, errors.New("page_cap is between 1 and 100"))
	}
	if s.CursorMinutes < 1 || s.AlertCursorHours < 1 {
		errs = append(errs, errors.New("cursor_minutes and alert_cursor_hours are at least 1"))
	}
	if min(s.RepeatRows, s.RepeatAlerts, s.RetryAfter, s.RatePerMinute, int(s.Latency)) < 0 {
		errs = append(errs, errors.New("repeat_rows, repeat_alerts, retry_after, rate_per_minute and latency cannot be negative"))
	}
	return errors.Join(errs...)
}
