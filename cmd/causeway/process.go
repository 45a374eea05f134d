package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"causeway/internal/config"
	"causeway/internal/wiring"
)

// process is a long-running one: it waits for what is away and says so on /readyz.
type process struct {
	*session
	settings config.Settings
	ready    *wiring.Readiness
	meters   *wiring.Meters
	stop     func() // of the metrics' listener
}

func (s *session) process() (*process, error) {
	settings, err := s.checked()
	if err != nil {
		return nil, err
	}
	for _, setting := range settings.Effective() {
		s.log.Debug("setting", "name", setting.Name, "value", setting.Value)
	}
	p := &process{session: s, settings: settings, ready: wiring.NewReadiness(), stop: func() {}}
	if p.meters, err = wiring.NewMeters(version, s.log); err != nil {
		return nil, err
	}
	if settings.MetricsListen == "" {
		return p, nil
	}
	mux := http.NewServeMux()
	p.ready.Routes(mux)
	mux.Handle("GET /metrics", p.meters.Handler())
	address, stop, err := wiring.Serve(settings.MetricsListen, mux)
	if err != nil {
		return nil, fmt.Errorf("CAUSEWAY_METRICS_LISTEN: %w", err)
	}
	p.stop = stop
	s.log.Info("metrics are served", "address", "http://"+address+"/metrics")
	return p, nil
}

// open waits until everything answers. Told to stop meanwhile, it gives nil parts and no error.
func (p *process) open() (*wiring.Parts, error) {
	parts, err := wiring.Open(p.ctx, wiring.Options{
		Settings: p.settings, Version: version, Log: p.log, Now: p.settings.Now, Keys: true, Temporal: true, Meters: p.meters, Waiting: p.ready.Waiting,
	})
	if err != nil && p.ctx.Err() != nil {
		p.log.Info("stopped while starting")
		return nil, nil //nolint:nilerr // being told to stop is no failure
	}
	return parts, err
}

// serve is a process's life between its start and its end.
func (p *process) serve(parts *wiring.Parts, run func(context.Context) error) error {
	p.ready.Ready(parts.Answering)
	go func() {
		<-p.ctx.Done()
		p.ready.Stopping()
	}()
	err := run(p.ctx)
	p.log.Info("stopped")
	return errors.Join(err, parts.Close())
}

type workerCommand struct{}

func (workerCommand) Run(s *session) error {
	p, err := s.process()
	if err != nil {
		return err
	}
	defer p.stop()
	parts, err := p.open()
	if parts == nil {
		return err
	}
	return p.serve(parts, parts.Work)
}

type serverCommand struct{}

func (serverCommand) Run(s *session) error {
	p, err := s.process()
	if err != nil {
		return err
	}
	defer p.stop()
	stopWaiting, err := p.answerWhileStarting()
	if err != nil {
		return err
	}
	parts, err := p.open()
	stopWaiting()
	if parts == nil {
		return err
	}
	dashboard, err := parts.Dashboard()
	if err != nil {
		return errors.Join(err, parts.Close())
	}
	return p.serve(parts, dashboard.Run)
}

// answerWhileStarting serves the dashboard's address until there is a dashboard, so that a browser and a probe are told what is
// being waited for.
func (p *process) answerWhileStarting() (stop func(), err error) {
	mux := http.NewServeMux()
	p.ready.Routes(mux)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "5")
		reason := "starting"
		if err := p.ready.Check(r.Context()); err != nil {
			reason = err.Error()
		}
		http.Error(w, "Causeway is not ready: "+reason, http.StatusServiceUnavailable)
	})
	_, stop, err = wiring.Serve(p.settings.Listen, mux)
	if err != nil {
		return nil, fmt.Errorf("CAUSEWAY_LISTEN: %w", err)
	}
	return stop, nil
}
