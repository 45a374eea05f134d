package server

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"causeway/internal/bridge"
	"causeway/internal/store"
	"causeway/views"
)

// homeLive is the region that refreshes itself, and how often it does: more often while something runs.
const (
	homeLive    = "home-live"
	homeSeconds = 15
	busySeconds = 2
	// nightsShown is the length of the small chart beside each account.
	nightsShown = 14
)

// homePage is what needs a person, then the accounts.
type homePage struct{ shell }

func (h homePage) get(c echo.Context) error {
	model, err := h.model(c.Request().Context())
	if err != nil {
		return err
	}
	if polls(c, homeLive) {
		return h.part(c, views.HomeLive(model))
	}
	frame, err := h.frame(c, "Home", views.PlaceHome)
	if err != nil {
		return err
	}
	return h.whole(c, http.StatusOK, frame, views.Home(model))
}

func (h homePage) model(ctx context.Context) (views.HomePage, error) {
	page := views.HomePage{Now: h.now(), Zone: time.UTC, Live: views.Live{URL: views.HomeURL, Every: homeSeconds}}
	summaries, err := h.store.Summaries(ctx)
	if err != nil || len(summaries) == 0 {
		return page, err
	}
	// What is out of use stands last.
	slices.SortStableFunc(summaries, func(a, b store.Summary) int { return a.Account.RemovedAt.Compare(b.Account.RemovedAt) })
	ids := make([]int64, 0, len(summaries))
	for _, s := range summaries {
		ids = append(ids, s.Account.ID)
	}
	recent, err := h.store.RecentRuns(ctx, ids, bridge.DateOf(page.Now.UTC()).AddDays(-nightsShown))
	if err != nil {
		return page, err
	}
	page.Zone = zoneOf(summaries[0].Account)
	for _, s := range summaries {
		row := accountRow(s, recent[s.Account.ID], page.Now)
		page.Accounts = append(page.Accounts, row)
		page.Synced += row.Synced
		if row.Run != nil && row.Run.Running() || row.State == views.AccountSettingUp {
			page.Live.Every = busySeconds
		}
	}
	page.Attention, err = h.attention(ctx, summaries, page.Now)
	return page, err
}

// failures are tenants whose last sync failed: the first few by name, with the run that says why, and how many there are beyond.
type failures struct {
	named []views.Link
	more  int
}

// failuresNamed is how many tenants that failed are named on the first page.
const failuresNamed = 3

func (h homePage) failures(ctx context.Context, s store.Summary) (failures, error) {
	rows, total, _, err := h.store.Tenants(ctx, s.Account.ID, store.TenantFilter{Chip: store.ChipFailed, Limit: failuresNamed})
	out := failures{more: total - len(rows)}
	for _, r := range rows {
		out.named = append(out.named, views.Link{Text: r.Name, URL: views.RunTenantURL(s.Account.Name, runID(r.LastRun.RunID), r.ID)})
	}
	return out, err
}

func accountRow(s store.Summary, recent []bridge.Run, now time.Time) views.AccountRow {
	a := s.Account
	row := views.AccountRow{
		Name: a.Name, Zone: a.Zone(), Loc: zoneOf(a), State: views.AccountState(a.State), SetUp: !a.SetUpAt.IsZero(),
		Enabled: s.TenantsEnabled, Synced: s.SyncedTenants, Failed: s.FailedTenants, Held: s.HeldChanges, Nights: nightBars(a, recent, now),
	}
	row.Reason, _ = views.Parted(a.StateReason)
	if s.LastRun != nil {
		row.Run = lastRun(*s.LastRun, now)
	}
	for _, r := range recent {
		if r.ID == s.RunningRun {
			row.Run = lastRun(r, now)
		}
	}
	if a.Alive() != nil {
		row.SetUp, row.Nights, row.Synced = false, nil, 0 // its figures say nothing any more
		return row
	}
	switch {
	case a.SetUpAt.IsZero():
	case a.State == bridge.AccountNeedsAttention:
		row.NextSay = "waits for new keys"
	case a.State == bridge.AccountPaused:
		row.NextSay = "paused"
	default:
		row.Next = nextNights(now, row.Loc, 1)[0]
	}
	return row
}

func lastRun(r bridge.Run, now time.Time) *views.LastRun {
	out := &views.LastRun{
		ID: runID(r.ID), Status: views.Status(r.Status), Failed: r.Tenants.Failed, Started: r.Started, Took: took(r.Started, r.Ended, now), Percent: -1,
	}
	if r.Status == bridge.RunRunning {
		out.Percent, out.Left = runProgress(r, now)
	}
	if r.Status == bridge.RunFailed {
		out.Reason, _ = views.Parted(r.Reason)
	}
	return out
}

// nightBars are what the runs of each of the last local dates wrote, oldest first. There are none before the account was set up.
func nightBars(a bridge.Account, recent []bridge.Run, now time.Time) []views.Bar {
	if a.SetUpAt.IsZero() {
		return nil
	}
	today, first := bridge.DateOf(now.In(zoneOf(a))), bridge.DateOf(a.SetUpAt.In(zoneOf(a)))
	bars := make([]views.Bar, 0, nightsShown)
	for back := nightsShown - 1; back >= 0; back-- {
		date := today.AddDays(-back)
		if date.Before(first) {
			continue
		}
		bar := views.Bar{Missed: true, Label: views.Date(date.Time()) + ": no run"}
		missed := false
		for _, r := range recent {
			if r.LocalDate != date {
				continue
			}
			if r.Status == bridge.RunMissed {
				missed = true
				continue
			}
			bar.Missed = false
			bar.Value += r.Changes.Applied
			bar.Failed = bar.Failed || r.Tenants.Failed > 0 || r.Status == bridge.RunFailed
		}
		switch {
		case !bar.Missed && bar.Failed:
			bar.Label = views.Date(date.Time()) + ": " + views.Count(bar.Value, "change") + ", with failures"
		case !bar.Missed:
			bar.Label = views.Date(date.Time()) + ": " + views.Count(bar.Value, "change")
		case missed:
			bar.Label = views.Date(date.Time()) + ": missed"
		}
		bars = append(bars, bar)
	}
	return bars
}
