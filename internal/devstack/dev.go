// Package devstack is `causeway dev`: everything on one machine. It runs Temporal's dev server as a child process and the
// simulators, a worker and the dashboard within its own, on loopback, with everything they keep in one data folder.
package devstack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"causeway/internal/config"
	"causeway/internal/secret"
	"causeway/internal/wiring"
)

// Options of a start. Settings have been checked; where they name addresses to listen on, those win over the usual ports.
type Options struct {
	Settings    config.Settings
	Version     string
	Automatic   bool // any free ports
	Tenants     int
	Seed        int64
	Latency     time.Duration // of the simulators' answers
	Demo        bool
	Simulators  bool
	ClockOffset time.Duration
	Getenv      func(string) string
	// Out gets what a person should read, Log the rest.
	Out io.Writer
	Log *slog.Logger
}

// simulatorRate is how many calls a minute each simulator answers: enough for 16 at once, so that a limit is there but the first
// sync of a demonstration ends within seconds.
const simulatorRate = 60_000

// stack is what runs, in the order in which it was started.
type stack struct {
	Options
	dir        string
	ports      ports
	simulators *Simulators
	temporal   *supervised
	meters     *wiring.Meters
	ready      *wiring.Readiness
	parts      *wiring.Parts
	failed     chan error // what ends the stack from within
	stops      []stopping
}

// stopping undoes one step of the start.
type stopping struct {
	what string
	stop func() error
}

// Run starts everything, writes dev.json once everything answers, prepares the demo accounts and works until the context ends or
// something that it cannot do without ends by itself. Then it stops everything in order.
func Run(ctx context.Context, o Options) (err error) {
	s := &stack{Options: o, dir: o.Settings.DataDir, failed: make(chan error, 4), ready: wiring.NewReadiness()}
	lock, err := lockFolder(s.dir)
	if err != nil {
		return err
	}
	defer lock.release()
	defer func() { err = errors.Join(err, s.stop()) }()
	dev, err := s.start(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil // told to stop while starting: that is no failure
		}
		return err
	}
	s.announce(dev)
	demoEnded := make(chan struct{})
	go func() {
		defer close(demoEnded)
		s.demonstrate(ctx, dev)
	}()
	select {
	case <-ctx.Done():
	case err = <-s.failed:
	}
	_, _ = fmt.Fprintln(s.Out, "Stopping …")
	<-demoEnded
	return err
}

func (s *stack) start(ctx context.Context) (config.DevFile, error) {
	var dev config.DevFile
	for _, step := range []func(context.Context, *config.DevFile) error{
		s.prepare, s.startSimulators, s.startTemporal, s.open, s.startMetrics, s.startWorker, s.startDashboard, s.publish,
	} {
		if err := step(ctx, &dev); err != nil {
			return dev, err
		}
	}
	return dev, nil
}

// onStop remembers how to undo a step; the last step is undone first.
func (s *stack) onStop(what string, stop func() error) {
	s.stops = append(s.stops, stopping{what, stop})
}

// stop ends everything in the reverse order of the start: the dashboard first, Temporal last.
func (s *stack) stop() error {
	var errs []error
	for i := range slices.Backward(s.stops) {
		s.Log.Debug("stopping", "part", s.stops[i].what)
		if err := s.stops[i].stop(); err != nil {
			errs = append(errs, fmt.Errorf("stop %s: %w", s.stops[i].what, err))
		}
	}
	return errors.Join(errs...)
}

func (s *stack) now() time.Time { return time.Now().Add(s.ClockOffset) }

// prepare clears what an earlier start left behind and chooses ports.
func (s *stack) prepare(ctx context.Context, dev *config.DevFile) error {
	if err := config.RemoveDevFile(s.dir); err != nil {
		return err
	}
	if err := endLeftOver(ctx, s.dir, s.Log); err != nil {
		return err
	}
	var err error
	if s.ports, err = choosePorts(s.dir, s.Automatic, s.unneeded()); err != nil {
		return err
	}
	if s.ClockOffset != 0 {
		dev.ClockOffset = s.ClockOffset.String()
	}
	_, err = secret.CreateMasterKey(s.Settings.MasterKey())
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// usualListen tells that nobody chose another address for the dashboard.
func (s *stack) usualListen() bool { return s.Settings.Listen == hostPort(fixedPorts().Dashboard) }

// unneeded are ports that nothing will listen on.
func (s *stack) unneeded() (what []string) {
	if !s.usualListen() {
		what = append(what, portDashboard)
	}
	if s.Settings.MetricsListen != "" {
		what = append(what, portMetrics)
	}
	if !s.Simulators {
		what = append(what, portConnectWise, portMySonicWall)
	}
	if !s.Simulators || !s.Demo {
		what = append(what, portSecond)
	}
	return what
}

// startSimulators are started first and stopped after the worker: it may still be writing to them. Their stop is registered
// after Temporal's start, which must outlive them.
func (s *stack) startSimulators(_ context.Context, dev *config.DevFile) (err error) {
	s.onStop("Temporal", func() error {
		if s.temporal != nil {
			s.temporal.stop()
		}
		return nil
	})
	if !s.Simulators {
		return nil
	}
	o := SimulatorOptions{
		ConnectWiseListen: hostPort(s.ports.ConnectWise), MySonicWallListen: hostPort(s.ports.MySonicWall),
		Seed: s.Seed, Tenants: s.Tenants, Latency: s.Latency, RatePerMinute: simulatorRate, StateDir: s.dir, Now: s.now, Log: s.Log,
	}
	if s.Demo {
		o.SecondConnectWiseListen = hostPort(s.ports.SecondConnectWise)
	}
	if s.simulators, err = StartSimulators(o); err != nil {
		return err
	}
	s.onStop("the simulators", s.simulators.Stop)
	dev.ConnectWise, dev.MySonicWall, dev.SecondConnectWise = s.simulators.ConnectWise, s.simulators.MySonicWall, s.simulators.SecondConnectWise
	return nil
}

func (s *stack) startTemporal(ctx context.Context, dev *config.DevFile) error {
	program, err := FindTemporal(s.Getenv)
	if err != nil {
		return err
	}
	s.temporal, err = superviseTemporal(ctx, temporalOptions{
		program: program, dir: s.dir, port: s.ports.Temporal, uiPort: s.ports.TemporalUI, metricsPort: s.ports.TemporalMetrics,
	}, s.Log, s.failed)
	if err != nil {
		return err
	}
	dev.Temporal, dev.TemporalUI = hostPort(s.ports.Temporal), "http://"+hostPort(s.ports.TemporalUI)
	return nil
}

// open joins the parts, with the settings that fit what was started.
func (s *stack) open(ctx context.Context, dev *config.DevFile) error {
	s.Settings.TemporalAddress, s.Settings.TemporalNamespace = "", ""
	if s.usualListen() {
		s.Settings.Listen = hostPort(s.ports.Dashboard)
	}
	dev.Dashboard = s.Settings.DashboardURL()
	if s.Settings.MetricsListen == "" {
		s.Settings.MetricsListen = hostPort(s.ports.Metrics)
	}
	dev.Metrics = "http://" + s.Settings.MetricsListen + "/metrics"
	s.Settings = s.Settings.WithDev(*dev)
	if err := s.Settings.Check(); err != nil {
		return err
	}
	var err error
	if s.meters, err = wiring.NewMeters(s.Version, s.Log); err != nil {
		return err
	}
	s.parts, err = wiring.Open(ctx, wiring.Options{
		Settings: s.Settings, Version: s.Version, Log: s.Log, Now: s.now, Keys: true, Temporal: true, Meters: s.meters, Waiting: s.ready.Waiting,
	})
	if err != nil {
		return err
	}
	s.onStop("the database", s.parts.Close)
	return nil
}

func (s *stack) startMetrics(context.Context, *config.DevFile) error {
	mux := http.NewServeMux()
	s.ready.Routes(mux)
	mux.Handle("GET /metrics", s.meters.Handler())
	_, stop, err := wiring.Serve(s.Settings.MetricsListen, mux) //nolint:contextcheck // it ends with stop, later than the context
	if err != nil {
		return fmt.Errorf("serve metrics: %w", err)
	}
	s.onStop("metrics", func() error { stop(); return nil })
	return nil
}

// startWorker runs the worker under a context of its own: told to stop, everything else has to wait until it has finished the
// change in hand.
func (s *stack) startWorker(ctx context.Context, _ *config.DevFile) error {
	s.background(context.WithoutCancel(ctx), "the worker", s.parts.Work)
	return nil
}

// background runs a part until it is stopped; one that ends by itself ends the stack.
func (s *stack) background(ctx context.Context, what string, run func(context.Context) error) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() {
		err := run(ctx)
		if ctx.Err() == nil {
			s.failed <- fmt.Errorf("%s ended: %w", what, errors.Join(err, errors.New("it should have gone on")))
		}
		done <- err
	}()
	s.onStop(what, func() error {
		cancel()
		return <-done
	})
}

func (s *stack) startDashboard(ctx context.Context, _ *config.DevFile) error {
	dashboard, err := s.parts.Dashboard() //nolint:contextcheck // each request logs with a context of its own
	if err != nil {
		return err
	}
	s.background(context.WithoutCancel(ctx), "the dashboard", dashboard.Run)
	return nil
}

// publish writes dev.json once everything answers.
func (s *stack) publish(ctx context.Context, dev *config.DevFile) error {
	s.ready.Ready(s.parts.Answering)
	if err := s.answers(ctx, dev.Dashboard+"/readyz"); err != nil {
		return fmt.Errorf("the dashboard did not answer: %w", err)
	}
	if err := dev.Write(s.dir); err != nil {
		return err
	}
	s.onStop("dev.json", func() error {
		s.ready.Stopping()
		return config.RemoveDevFile(s.dir)
	})
	return nil
}

// answers waits until an address of ours answers well.
func (s *stack) answers(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{Proxy: nil, DisableKeepAlives: true}} // our own process, by no proxy
	var last error
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		response, err := client.Do(request)
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
			err = fmt.Errorf("%s answers %s", url, response.Status)
		}
		last = err
		select {
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), last)
		case failure := <-s.failed:
			return failure
		case <-time.After(50 * time.Millisecond):
		}
	}
}
