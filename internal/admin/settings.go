package admin

import (
	"context"
	"errors"
	"time"

	"causeway/internal/bridge"
	"causeway/internal/config"
)

// SetZone sets the zone by which the account's nights and dates go; empty means MySonicWall's. The schedule moves in place.
func (a *Admin) SetZone(ctx context.Context, name, zone string) (bridge.Account, error) {
	if err := checkZone(zone); err != nil {
		return bridge.Account{}, err
	}
	account, err := a.inUse(ctx, name)
	if err != nil {
		return bridge.Account{}, err
	}
	return a.setZone(ctx, account, zone)
}

func (a *Admin) setZone(ctx context.Context, account bridge.Account, zone string) (bridge.Account, error) {
	before := account.Zone()
	account, err := a.store.UpdateAccount(ctx, account.ID, func(acc *bridge.Account) error {
		acc.ZoneSetting = zone
		return nil
	})
	if err != nil || account.Zone() == before {
		return account, err
	}
	return account, a.moveNights(ctx, account)
}

// moveNights moves the schedule in place. Whether it is paused stays as it is: that is Temporal's own switch, and a paused
// account's schedule goes on, noting its nights as missed.
func (a *Admin) moveNights(ctx context.Context, account bridge.Account) error {
	if account.SetUpAt.IsZero() {
		return nil // set-up makes the schedule, in the zone of then
	}
	_, paused, err := a.starter.ScheduleInfo(ctx, account.Name)
	if err != nil {
		return err
	}
	return a.starter.UpdateSchedule(ctx, account.Name, account.Zone(), paused)
}

// SetOptions stores what changes the lines that are written; the next run goes by it.
func (a *Admin) SetOptions(ctx context.Context, name string, options bridge.Options) (bridge.Account, error) {
	return a.change(ctx, name, func(acc *bridge.Account) { acc.Options = options })
}

// SetLimits stores what holds a run's changes for a person.
func (a *Admin) SetLimits(ctx context.Context, name string, limits bridge.Limits) (bridge.Account, error) {
	return a.change(ctx, name, func(acc *bridge.Account) { acc.Limits = limits })
}

func (a *Admin) change(ctx context.Context, name string, change func(*bridge.Account)) (bridge.Account, error) {
	account, err := a.inUse(ctx, name)
	if err != nil {
		return bridge.Account{}, err
	}
	return a.store.UpdateAccount(ctx, account.ID, func(acc *bridge.Account) error {
		change(acc)
		return nil
	})
}

// TypedLimits are limits as texts, named as in the account file; a share may be 20% or 0.2, zero switches a limit off.
type TypedLimits struct {
	RemovedShare, RemovedMoreThan, QuantityFactor, QuantityStep, NewAdditions string
}

// Parse reads all of them; FieldErrors gives the mistakes by name.
func (t TypedLimits) Parse() (bridge.Limits, error) {
	var limits bridge.Limits
	var errs []error
	note := func(err *bridge.Error) {
		if err != nil {
			errs = append(errs, err)
		}
	}
	var err *bridge.Error
	limits.RemovedShare, err = config.ParseShare(t.RemovedShare)
	note(err)
	limits.RemovedMoreThan, err = config.ParseCount("removed_more_than", t.RemovedMoreThan)
	note(err)
	limits.QuantityFactor, err = config.ParseFactor(t.QuantityFactor)
	note(err)
	limits.QuantityStep, err = config.ParseStep(t.QuantityStep)
	note(err)
	limits.NewAdditions, err = config.ParseCount("new_additions", t.NewAdditions)
	note(err)
	return limits, errors.Join(errs...)
}

// NextNights are the account's coming nights in its zone, soonest first; none before set-up or while the schedule is paused.
func (a *Admin) NextNights(ctx context.Context, name string) ([]time.Time, error) {
	account, err := a.inUse(ctx, name)
	if err != nil {
		return nil, err
	}
	fires, paused, err := a.starter.ScheduleInfo(ctx, name)
	if err != nil || paused {
		return nil, err
	}
	return nightsOf(fires, account, a.now()), nil
}

// nightsOf picks the starts that count: the schedule fires at three hours so that no night is lost when clocks change, and only
// the first of each local date runs. From 01:00 on today's has been.
func nightsOf(fires []time.Time, account bridge.Account, now time.Time) []time.Time {
	zone, err := time.LoadLocation(account.Zone())
	if err != nil {
		zone = time.UTC
	}
	var seen bridge.Date
	if now = now.In(zone); now.Hour() >= bridge.NightHours()[0] {
		seen = bridge.DateOf(now)
	}
	var nights []time.Time
	for _, t := range fires {
		if date := bridge.NightDate(t, zone); date.After(seen) {
			nights, seen = append(nights, t.In(zone)), date
		}
	}
	return nights
}
