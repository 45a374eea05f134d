// Package admin is what an administrator does to Causeway: adding and configuring accounts, mapping tenants, asking for syncs and
// looking at what they did. Dashboard and command line both come in here, so that every check is made once and the same for both.
// It neither prints nor serves; what it answers with is fit for a page and for the command line's JSON alike.
//
// What a person can act on is a *bridge.Error.
package admin

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"golang.org/x/time/rate"

	"causeway/internal/bridge"
	"causeway/internal/connectwise"
	"causeway/internal/mysonicwall"
	"causeway/internal/outbound"
	"causeway/internal/secret"
	"causeway/internal/store"
)

// Starter is what is asked of the workflows.
type Starter interface {
	// StartSetup asks for a set-up; one that waits at a failed step tries it again.
	StartSetup(ctx context.Context, account string) error
	// RetrySetup tries the failed step of a running set-up again; CodeNotFound when none runs.
	RetrySetup(ctx context.Context, account, step string) error
	RequestSync(ctx context.Context, account string, request bridge.SyncRequest) error
	Pause(ctx context.Context, account, by string) error
	// Resume ends a pause, or takes an account up again that needed attention.
	Resume(ctx context.Context, account, by string) error
	// StartPreview computes a preview and returns its run once it is done; no tenants means all enabled ones.
	StartPreview(ctx context.Context, account string, tenants []string) (runID int64, err error)
	// PreviewEnding computes what ending the billing of tenants would write, synchronised or not (R53).
	PreviewEnding(ctx context.Context, account string, tenants []string) (runID int64, err error)
	// Remove ends an account's schedule and workflows; those that are not there are no mistake (R56).
	Remove(ctx context.Context, account, by string) error
	// UpdateSchedule moves the account's nights to a zone and pauses or resumes them.
	UpdateSchedule(ctx context.Context, account, zone string, paused bool) error
	// ScheduleInfo answers the next times the schedule fires; none before set-up.
	ScheduleInfo(ctx context.Context, account string) (next []time.Time, paused bool, err error)
}

// Vendors makes clients, of stored accounts and of values that are only being tried.
type Vendors interface {
	ConnectWise(ctx context.Context, account bridge.Account, onCall func(connectwise.Call)) (*connectwise.Client, error)
	MySonicWall(ctx context.Context, account bridge.Account, onCall func(mysonicwall.Call)) (mysonicwall.Source, error)
	ProbeConnectWise(settings bridge.ConnectWiseSettings, privateKey secret.Text) (*connectwise.Client, error)
	ProbeMySonicWall(url string, key secret.Text) (mysonicwall.Source, error)
}

// Options of an Admin. Starter may be nil where nothing is started, as in a worker; Now and Log default to the clock and to none.
type Options struct {
	Store   *store.Store
	Vendors Vendors
	Guard   *outbound.Guard
	Starter Starter
	Now     func() time.Time
	Log     *slog.Logger
}

// Admin does what an administrator asks for. It is safe for concurrent use; its only state is the pace of connection tests.
type Admin struct {
	store   *store.Store
	vendors Vendors
	guard   *outbound.Guard
	starter Starter
	now     func() time.Time
	log     *slog.Logger
	tests   *rate.Limiter
}

// New checks that everything needed is there.
func New(o Options) (*Admin, error) {
	if o.Store == nil || o.Vendors == nil || o.Guard == nil {
		return nil, errors.New("administration needs the store, the vendors' clients and the outbound guard")
	}
	if o.Starter == nil {
		o.Starter = noStarter{}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Admin{
		store: o.Store, vendors: o.Vendors, guard: o.Guard, starter: o.Starter, now: o.Now, log: o.Log,
		tests: rate.NewLimiter(rate.Every(testEvery), testsAtOnce),
	}, nil
}

// inUse finds an account that is not removed (R56).
func (a *Admin) inUse(ctx context.Context, name string) (bridge.Account, error) {
	account, err := a.store.Account(ctx, name)
	if err != nil {
		return account, err
	}
	return account, account.Alive()
}

// today is the account's local date, UTC's where this build does not know the zone.
func (a *Admin) today(account bridge.Account) bridge.Date {
	zone, err := time.LoadLocation(account.Zone())
	if err != nil {
		zone = time.UTC
	}
	return bridge.DateOf(a.now().In(zone))
}

// noStarter stands where a process has no Temporal.
type noStarter struct{}

func (noStarter) refuse() error {
	return &bridge.Error{Code: bridge.CodeNotReady, Message: "This process is not connected to Temporal, so it cannot start anything."}
}

func (n noStarter) StartSetup(context.Context, string) error                   { return n.refuse() }
func (n noStarter) RetrySetup(context.Context, string, string) error           { return n.refuse() }
func (n noStarter) Pause(context.Context, string, string) error                { return n.refuse() }
func (n noStarter) Resume(context.Context, string, string) error               { return n.refuse() }
func (n noStarter) UpdateSchedule(context.Context, string, string, bool) error { return n.refuse() }

func (n noStarter) RequestSync(context.Context, string, bridge.SyncRequest) error { return n.refuse() }

func (n noStarter) StartPreview(context.Context, string, []string) (int64, error) {
	return 0, n.refuse()
}

func (n noStarter) PreviewEnding(context.Context, string, []string) (int64, error) {
	return 0, n.refuse()
}

func (n noStarter) Remove(context.Context, string, string) error { return n.refuse() }

func (n noStarter) ScheduleInfo(context.Context, string) ([]time.Time, bool, error) {
	return nil, false, n.refuse()
}
