package activities

import (
	"context"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"

	"causeway/internal/bridge"
	"causeway/internal/connectwise"
	"causeway/internal/mysonicwall"
	"causeway/internal/store"
)

// meter counts an activity's calls and progress and stores them now and then: a row per call would cost more than the call.
// Failed calls become log lines at once (R44).
type meter struct {
	store    *store.Store
	now      func() time.Time
	run      bridge.Run
	tenantID string // on whose behalf the calls are made; empty where it is the account's
	tenant   string

	mu      sync.Mutex
	pending store.Progress
	lines   []bridge.LogLine
}

func (a *Activities) meter(run bridge.Run) *meter {
	return &meter{store: a.Store, now: a.Now, run: run}
}

func (m *meter) connectWise(c connectwise.Call) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pending.Calls.ConnectWise++
	if connectwise.IsThrottled(c.Err) {
		m.pending.Slowdowns++
	}
	if c.Err != nil && c.Status != 404 {
		m.lines = append(m.lines, m.line(bridge.LogWarn, c.Err.Error()))
	}
}

func (m *meter) mySonicWall(c mysonicwall.Call) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pending.Calls.MySonicWall++
	if c.Err != nil {
		m.lines = append(m.lines, m.line(bridge.LogWarn, c.Err.Error()))
	}
}

func (m *meter) line(level bridge.LogLevel, text string) bridge.LogLine {
	return bridge.LogLine{RunID: m.run.ID, TenantID: m.tenantID, Tenant: m.tenant, Time: m.now(), Level: level, Text: text}
}

// add counts progress beside the calls.
func (m *meter) add(p store.Progress) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pending.Collected += p.Collected
	m.pending.Compared += p.Compared
	m.pending.SharedTotal += p.SharedTotal
	m.pending.SharedDone += p.SharedDone
	m.pending.ToWrite += p.ToWrite
	m.pending.Written += p.Written
	if p.Phase != "" {
		m.pending.Phase = p.Phase
	}
}

func (m *meter) note(level bridge.LogLevel, text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lines = append(m.lines, m.line(level, text))
}

// flush stores what was counted since the last time.
func (m *meter) flush(ctx context.Context) error {
	m.mu.Lock()
	progress, lines := m.pending, m.lines
	m.pending, m.lines = store.Progress{}, nil
	m.mu.Unlock()
	if progress != (store.Progress{}) {
		if err := m.store.AddProgress(ctx, m.run.ID, progress); err != nil {
			return err
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return m.store.AppendLogs(ctx, lines)
}

// beat heartbeats and stores progress until the activity's work is done, so that a worker that dies is noticed within seconds
// and a page that watches sees the figures move. It answers a function that ends it and stores the rest.
func (m *meter) beat(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(heartbeatEvery)
		defer ticker.Stop()
		progress := time.NewTicker(time.Second)
		defer progress.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				activity.RecordHeartbeat(ctx)
			case <-progress.C:
				_ = m.flush(ctx) // shown figures only; trouble with the store shows in the work itself
			}
		}
	}()
	return func() {
		cancel()
		<-done
		last, release := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer release()
		if err := m.flush(last); err != nil {
			activity.GetLogger(ctx).Warn("storing a run's progress", "run", m.run.ID, "error", err)
		}
	}
}
