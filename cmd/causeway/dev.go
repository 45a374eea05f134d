package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"causeway/internal/devstack"
	"causeway/internal/simulator/estate"
	"causeway/internal/wiring"
)

// estateFlags say how large the simulated estate is.
type estateFlags struct {
	Tenants int           `default:"20" placeholder:"N" help:"Tenants of the simulated estate."`
	Seed    int64         `default:"1" placeholder:"S" help:"The same seed gives the same estate."`
	Latency time.Duration `placeholder:"D" help:"Added to every answer of the simulators."`
}

func (f estateFlags) check() error {
	if f.Tenants < 0 || f.Tenants > estate.MaxTenants {
		return fmt.Errorf("--tenants is between 0 and %d, not %d", estate.MaxTenants, f.Tenants)
	}
	if f.Latency < 0 || f.Seed < 0 {
		return errors.New("--latency and --seed cannot be negative")
	}
	return nil
}

type devCommand struct {
	estateFlags  `embed:""`
	Ports        string        `enum:"fixed,auto" default:"fixed" help:"fixed, or auto for any that are free."`
	NoDemo       bool          `name:"no-demo" help:"Without the demo accounts."`
	NoSimulators bool          `name:"no-simulators" help:"Without simulated vendors (and so without demo accounts): for a real, small provider on one machine."`
	ClockOffset  time.Duration `name:"clock-offset" placeholder:"D" help:"Moves Causeway's and the simulators' clocks, not Temporal's; for tests."`
}

func (c *devCommand) Run(s *session) error {
	if err := errors.Join(c.check(), s.settings.Check()); err != nil {
		return &usageError{err}
	}
	dir, err := filepath.Abs(s.settings.DataDir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(dir, "causeway.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	defer func() { _ = file.Close() }()
	// The terminal is for a person: it gets trouble, the file gets everything.
	log := slog.New(slog.NewMultiHandler(wiring.NewLog(file, s.level), wiring.NewLog(s.err, max(s.level, slog.LevelWarn))))
	s.settings.DataDir = dir
	return devstack.Run(s.ctx, devstack.Options{
		Settings: s.settings, Version: version, Automatic: c.Ports == "auto", Tenants: c.Tenants, Seed: c.Seed, Latency: c.Latency,
		Demo: !c.NoDemo && !c.NoSimulators, Simulators: !c.NoSimulators, ClockOffset: c.ClockOffset, Getenv: os.Getenv, Out: s.out, Log: log,
	})
}

type simulateCommand struct {
	estateFlags       `embed:""`
	ConnectWiseListen string        `name:"connectwise-listen" default:"127.0.0.1:9101" placeholder:"HOST:PORT" help:"Where the simulated ConnectWise listens; empty leaves it out."`
	MySonicWallListen string        `name:"mysonicwall-listen" default:"127.0.0.1:9102" placeholder:"HOST:PORT" help:"Where the simulated MySonicWall listens; empty leaves it out."`
	RatePerMinute     int           `name:"rate-per-minute" default:"1000" placeholder:"N" help:"Calls that each answers in a minute; 0 for any number."`
	StateDir          string        `name:"state-dir" placeholder:"DIR" help:"Keeps their state between starts; in memory when empty."`
	ClockOffset       time.Duration `name:"clock-offset" placeholder:"D" help:"Moves their clocks."`
}

// simulated is how the simulators are reached.
type simulated struct {
	ConnectWise any `json:"connectwise,omitempty"`
	MySonicWall any `json:"mysonicwall,omitempty"`
}

func (c *simulateCommand) Run(s *session) error {
	err := c.check()
	if c.RatePerMinute < 0 {
		err = errors.Join(err, errors.New("--rate-per-minute cannot be negative"))
	}
	if c.ConnectWiseListen == "" && c.MySonicWallListen == "" {
		err = errors.Join(err, errors.New("both simulators are left out; give at least one an address"))
	}
	if err != nil {
		return &usageError{err}
	}
	running, err := devstack.StartSimulators(devstack.SimulatorOptions{
		ConnectWiseListen: c.ConnectWiseListen, MySonicWallListen: c.MySonicWallListen, Seed: c.Seed, Tenants: c.Tenants, Latency: c.Latency,
		RatePerMinute: c.RatePerMinute, StateDir: c.StateDir, Now: func() time.Time { return time.Now().Add(c.ClockOffset) }, Log: s.log,
	})
	if err != nil {
		return err
	}
	answer := simulated{}
	if running.ConnectWise != nil {
		answer.ConnectWise = running.ConnectWise
	}
	if running.MySonicWall != nil {
		answer.MySonicWall = running.MySonicWall
	}
	err = s.answer(answer, func(t *table) {
		if cw := running.ConnectWise; cw != nil {
			t.row("ConnectWise", cw.URL)
			t.row("  host", cw.Host)
			t.row("  company", cw.Company)
			t.row("  public key", cw.PublicKey)
			t.row("  private key", cw.PrivateKey)
			t.row("  client id", cw.ClientID)
		}
		if msw := running.MySonicWall; msw != nil {
			t.row("MySonicWall", msw.URL)
			t.row("  API key", msw.APIKey)
		}
	})
	if err == nil {
		<-s.ctx.Done()
	}
	return errors.Join(err, running.Stop())
}
