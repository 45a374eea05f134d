// Package wiring opens what a process of Causeway works with, from its settings: database, master key, outbound guard, vendors'
// clients, Temporal, and the use cases on top. It is the one place where they are joined; server, worker, dev and the operator's
// commands all come here. What is away is waited for with growing pauses, so processes may be started in any order.
package wiring

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	sdklog "go.temporal.io/sdk/log"

	"causeway/activities"
	"causeway/internal/admin"
	"causeway/internal/config"
	"causeway/internal/outbound"
	"causeway/internal/secret"
	"causeway/internal/store"
	"causeway/internal/vendors"
	"causeway/worker"
	"causeway/workflows"
)

// Options say what to open. Settings have been checked.
type Options struct {
	Settings config.Settings
	Version  string
	Log      *slog.Logger
	Now      func() time.Time
	// Keys are needed where a vendor is called, Temporal where something is started or asked for.
	Keys, Temporal bool
	// MustExist refuses a SQLite file that is not there: a command in the wrong folder should say so, not make a new one.
	MustExist bool
	// Patience bounds how long what is away is waited for; 0 is until the context ends.
	Patience time.Duration
	// Meters count calls and changes; nil where nobody looks.
	Meters *Meters
	// Waiting is told what is being waited for and why, for a readiness answer; may be nil.
	Waiting func(what string, err error)
}

// Parts are what a process works with. Temporal and Starter are nil where they were not asked for.
type Parts struct {
	Settings  config.Settings
	Namespace string // Temporal's
	Store     *store.Store
	Guard     *outbound.Guard
	Directory *vendors.Directory
	Vendors   Vendors
	Temporal  client.Client
	Starter   *workflows.Starter
	Admin     *admin.Admin

	version string
	log     *slog.Logger
	now     func() time.Time
}

// Vendors makes the clients of both vendors, counted where there are meters.
type Vendors interface {
	admin.Vendors
	activities.Vendors
}

// Open opens everything in order and brings the database's schema up to date.
func Open(ctx context.Context, o Options) (*Parts, error) {
	if o.Waiting == nil {
		o.Waiting = func(string, error) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	p := &Parts{Settings: o.Settings, version: o.Version, log: o.Log, now: o.Now}
	for _, step := range []func(context.Context, Options) error{p.openStore, p.openTemporal, p.openAdmin} {
		if err := step(ctx, o); err != nil {
			return nil, errors.Join(err, p.Close())
		}
	}
	return p, nil
}

// Close gives back connections. Nothing may be under way.
func (p *Parts) Close() error {
	if p.Temporal != nil {
		p.Temporal.Close()
	}
	if p.Guard != nil {
		p.Guard.CloseIdleConnections()
	}
	if p.Store == nil {
		return nil
	}
	return p.Store.Close()
}

func (p *Parts) openStore(ctx context.Context, o Options) error {
	var sealer store.Sealer
	if o.Keys {
		made, err := openSealer(o.Settings.MasterKey())
		if err != nil {
			return err
		}
		sealer = made
	}
	address := o.Settings.Database().Reveal()
	if file, ok := strings.CutPrefix(address, "sqlite:"); ok && o.MustExist {
		if _, err := os.Stat(file); err != nil {
			return fmt.Errorf("there is no database %s; name the data folder with --data, or make one with `causeway dev` or `causeway migrate`: %w", file, err)
		}
	}
	return persist(ctx, o, "the database", func(ctx context.Context) error {
		opened, err := store.Open(ctx, address, store.Options{Logger: o.Log, Sealer: sealer, Now: o.Now})
		if err != nil {
			return err
		}
		if err := upToDate(ctx, opened); err != nil {
			return errors.Join(err, opened.Close())
		}
		p.Store = opened
		return nil
	})
}

func openSealer(file string) (*secret.Sealer, error) {
	master, err := secret.LoadMasterKey(file)
	if err != nil {
		return nil, err
	}
	return secret.NewSealer(master)
}

// upToDate migrates only where something is left to do: the lock of a migration would make commands queue up for nothing.
func upToDate(ctx context.Context, s *store.Store) error {
	have, want, err := s.SchemaVersion(ctx)
	if err != nil || have < want {
		return s.Migrate(ctx)
	}
	return nil
}

func (p *Parts) openTemporal(ctx context.Context, o Options) error {
	if !o.Temporal {
		return nil
	}
	options, err := o.Settings.TemporalOptions(nil)
	if err != nil {
		return err
	}
	p.Namespace = options.Namespace
	options.Logger = sdklog.NewStructuredLogger(o.Log)
	if o.Meters != nil {
		options.MetricsHandler = o.Meters.temporal()
		options.Interceptors = []interceptor.ClientInterceptor{o.Meters.interceptor(p.Store)}
	}
	return persist(ctx, o, "Temporal at "+options.HostPort, func(ctx context.Context) error {
		dialled, err := client.DialContext(ctx, options)
		if err != nil {
			return err
		}
		starter, err := workflows.NewStarter(ctx, dialled, options.Namespace)
		if err != nil {
			dialled.Close()
			return err
		}
		p.Temporal, p.Starter = dialled, starter
		return nil
	})
}

func (p *Parts) openAdmin(_ context.Context, o Options) error {
	allow, err := o.Settings.Outbound()
	if err != nil {
		return fmt.Errorf("CAUSEWAY_OUTBOUND_ALLOW: %w", err)
	}
	p.Guard = outbound.New(outbound.Options{Allow: allow})
	p.Directory, err = vendors.New(vendors.Options{
		Keys: p.Store, Guard: p.Guard, MySonicWallURL: o.Settings.MySonicWallURL, ClientID: o.Settings.ConnectWiseClientID,
		Workers: o.Settings.Workers.Int(), UserAgent: "Causeway/" + o.Version,
	})
	if err != nil {
		return err
	}
	p.Vendors = p.Directory
	if o.Meters != nil {
		o.Meters.watch(p.Directory)
		p.Vendors = measured{p.Directory, o.Meters}
	}
	options := admin.Options{Store: p.Store, Vendors: p.Vendors, Guard: p.Guard, Now: o.Now, Log: o.Log}
	if p.Starter != nil {
		options.Starter = p.Starter
	}
	p.Admin, err = admin.New(options)
	return err
}

// Activities are the activities over these parts.
func (p *Parts) Activities() *activities.Activities {
	return &activities.Activities{
		Store: p.Store, Vendors: p.Vendors, Readiness: p.Admin, Temporal: p.Starter, Now: p.now,
		MaybeDoneWait: p.Settings.MaybeDoneWait.Duration, VendorWait: p.Settings.VendorWait.Duration, FreshFor: activities.DefaultFreshFor, Log: p.log,
	}
}

// Work runs a worker until the context ends; it finishes the changes in hand before it answers.
func (p *Parts) Work(ctx context.Context) error {
	return worker.Run(ctx, p.Temporal, p.Activities(), worker.Options{BuildID: p.version, Logger: p.log})
}

// Answering tells whether the database and Temporal answer now.
func (p *Parts) Answering(ctx context.Context) error {
	if err := p.Store.Ping(ctx); err != nil {
		return err
	}
	if p.Temporal == nil {
		return nil
	}
	if _, err := p.Temporal.CheckHealth(ctx, &client.CheckHealthRequest{}); err != nil {
		return fmt.Errorf("Temporal does not answer: %w", err)
	}
	return nil
}
