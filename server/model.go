package server

import (
	"time"

	"causeway/internal/bridge"
)

// zoneOf is the zone of an account's nights, UTC where this build does not know it.
func zoneOf(a bridge.Account) *time.Location {
	zone, err := time.LoadLocation(a.Zone())
	if err != nil {
		return time.UTC
	}
	return zone
}
