// Package activities is what touches the world on behalf of workflows: it reads MySonicWall, reads and writes ConnectWise, and
// keeps the store. Each activity loads, calls, converts, lets a pure rule of the domain decide, stores, and returns a small
// result. Every one may run twice: reads repeat, and writes go by the change rows, each looked up before it is made.
package activities

import (
	"context"
	"log/slog"
	"time"

	"causeway/internal/bridge"
	"causeway/internal/connectwise"
	"causeway/internal/mysonicwall"
	"causeway/internal/store"
)

// Vendors makes the clients of an account from its sealed keys; the clients of one ConnectWise login share one limiter.
type Vendors interface {
	ConnectWise(ctx context.Context, account bridge.Account, onCall func(connectwise.Call)) (*connectwise.Client, error)
	MySonicWall(ctx context.Context, account bridge.Account, onCall func(mysonicwall.Call)) (mysonicwall.Source, error)
}

// Readiness is what a set-up checks before it writes anything (R8).
type Readiness interface {
	Preflight(ctx context.Context, account bridge.Account) ([]bridge.Finding, error)
	RefreshCompanies(ctx context.Context, account bridge.Account) (companies, agreements int, err error)
}

// Temporal is what activities ask of the cluster: an account's schedule and its mailbox.
type Temporal interface {
	EnsureSchedule(ctx context.Context, account, zone string) error
	RequestSync(ctx context.Context, account string, request bridge.SyncRequest) error
}

// Activities holds what the activities work with. Its methods are the activities; the worker registers it whole.
type Activities struct {
	Store     *store.Store
	Vendors   Vendors
	Readiness Readiness
	Temporal  Temporal
	Now       func() time.Time
	// MaybeDoneWait is how long a create that may have been done is looked for before it is made again: ConnectWise has no
	// idempotency token and its filtered lists may not show a new record for minutes.
	MaybeDoneWait time.Duration
	// VendorWait is how long a run waits for a vendor that is away before it ends (R54); 0 stands for the workflows' default.
	VendorWait time.Duration
	// FreshFor is how old a collected report may be when it is compared; older ones are collected again (R54).
	FreshFor time.Duration
	Log      *slog.Logger
	lookups  lookupCache
}

// Defaults of the waits above.
const (
	DefaultMaybeDoneWait = 10 * time.Minute
	DefaultFreshFor      = time.Hour
)

// heartbeatEvery is well below a third of the workflows' heartbeat time-out.
const heartbeatEvery = 4 * time.Second

// RunInput names a run.
type RunInput struct {
	Account string
	RunID   int64
}

// TenantInput names one tenant of a run.
type TenantInput struct {
	Account  string
	RunID    int64
	TenantID string
}

// load is how every activity of a run begins. A run that was ended meanwhile has nothing left to do: the account was removed, or its ids
// mean other records in the ConnectWise that it is joined to now.
func (a *Activities) load(ctx context.Context, account string, runID int64) (bridge.Account, bridge.Run, error) {
	acc, err := a.Store.Account(ctx, account)
	if err != nil {
		return bridge.Account{}, bridge.Run{}, asTemporal(err)
	}
	run, err := a.Store.OpenedRun(ctx, runID)
	if err != nil {
		return bridge.Account{}, bridge.Run{}, asTemporal(err)
	}
	if run.Status != bridge.RunRunning {
		return bridge.Account{}, bridge.Run{}, overtaken(run)
	}
	return acc, run, nil
}

// today is the account's local date; an account whose zone this build does not know goes by UTC.
func (a *Activities) today(account bridge.Account) bridge.Date {
	zone, err := time.LoadLocation(account.Zone())
	if err != nil {
		zone = time.UTC
	}
	return bridge.DateOf(a.Now().In(zone))
}
