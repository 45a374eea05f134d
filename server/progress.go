package server

import (
	"slices"
	"time"

	"causeway/internal/bridge"
	"causeway/views"
	"causeway/views/components"
)

// The share of a run's time that each phase takes, in per cent of a run that writes: measured runs spend most of it reading and
// writing, little on shared records. They only feed the estimate.
const (
	collectShare = 25
	compareShare = 30
	sharedShare  = 5
	writeShare   = 40
	// tooEarly is the per cent below which an estimate of the time left says nothing.
	tooEarly = 5
)

// runProgress is how far a run is, in per cent, and the estimated time left, zero while it cannot be told. Below zero means that it
// is not known how much there is to do.
func runProgress(r bridge.Run, now time.Time) (percent int, left time.Duration) {
	total := r.Tenants.Total
	if total == 0 {
		return -1, 0
	}
	percent = share(r.Collected, total, collectShare)
	if r.Phase != bridge.PhaseCollect {
		percent += share(r.Compared, total, compareShare)
	}
	switch r.Phase {
	case bridge.PhaseShared:
		percent += share(r.SharedDone, r.SharedTotal, sharedShare)
	case bridge.PhaseWrite, bridge.PhaseDone:
		percent += sharedShare + share(r.Written, r.ToWrite, writeShare)
	case bridge.PhaseCollect, bridge.PhaseCompare:
	}
	percent = min(percent, 99)
	if percent >= tooEarly {
		left = now.Sub(r.Started) * time.Duration(100-percent) / time.Duration(percent)
	}
	return percent, left
}

func share(done, total, of int) int {
	if total <= 0 {
		return of
	}
	return min(done, total) * of / total
}

// phaseOrder is the order in which a run goes through its phases.
var phaseOrder = []bridge.RunPhase{bridge.PhaseCollect, bridge.PhaseCompare, bridge.PhaseShared, bridge.PhaseWrite, bridge.PhaseDone}

// phasesOf are a run's phases; a preview has only the first two.
func phasesOf(r bridge.Run) []views.Phase {
	total := r.Tenants.Total
	phases := []views.Phase{
		{Title: "Read MySonicWall", Done: r.Collected, Total: total},
		{Title: "Read ConnectWise and compare", Done: r.Compared, Total: total},
		{Title: "Shared records", Done: r.SharedDone, Total: r.SharedTotal},
		{Title: "Write tenants", Done: r.Written, Total: r.ToWrite},
	}
	if r.Kind == bridge.RunPreview {
		phases = phases[:2]
	}
	at := phaseNow(r, phases)
	for i := range phases {
		p := &phases[i]
		switch {
		case i < at:
			p.State = components.CheckOK
		case i > at || r.Status == bridge.RunMissed:
			p.State, p.Total = components.CheckWaiting, -1
		case r.Status == bridge.RunFailed:
			p.State = components.CheckFailed
		default:
			p.State = components.CheckRunning
		}
	}
	return phases
}

// phaseNow is the index of the phase that a run is in. An ended run no longer says where it was: one that failed was in the first
// phase that is not complete.
func phaseNow(r bridge.Run, phases []views.Phase) int {
	switch r.Status {
	case bridge.RunMissed:
		return 0
	case bridge.RunFailed:
		for i, p := range phases {
			if p.Done < p.Total || i < 2 && p.Total == 0 {
				return i
			}
		}
	case bridge.RunRunning:
		return max(0, slices.Index(phaseOrder, r.Phase))
	case bridge.RunCompleted, bridge.RunFailures:
	}
	return len(phases)
}
