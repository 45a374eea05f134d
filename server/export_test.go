package server

import (
	"time"

	"github.com/labstack/echo/v4"

	"causeway/internal/bridge"
	"causeway/views"
)

// Routes are what the server answers, for a test that walks all of them.
func (s *Server) Routes() []*echo.Route { return s.echo.Routes() }

func NextNights(after time.Time, zone *time.Location, count int) []time.Time {
	return nextNights(after, zone, count)
}

func ClockNote(start time.Time, zone *time.Location) string { return clockNote(start, zone) }

func RunProgress(r bridge.Run, now time.Time) (int, time.Duration) { return runProgress(r, now) }

func PhasesOf(r bridge.Run) []views.Phase { return phasesOf(r) }

func LocalPath(path string) bool { return localPath(path) }
