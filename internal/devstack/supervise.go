package devstack

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

type temporalOptions struct {
	program, dir              string
	port, uiPort, metricsPort int
}

// supervised is the dev server, started again where it ends by itself: its database is kept, so runs go on.
type supervised struct {
	mu       sync.Mutex
	server   *temporalServer
	stopping bool
	cancel   context.CancelFunc
	done     chan struct{}
}

// A server that ends so soon after its start, so many times in a row, is not worth another try.
const (
	quickEnd  = 10 * time.Second
	quickEnds = 3
)

func superviseTemporal(ctx context.Context, o temporalOptions, log *slog.Logger, failed chan<- error) (*supervised, error) {
	server, err := startTemporal(ctx, o.program, o.dir, o.port, o.uiPort, o.metricsPort, log)
	if err != nil {
		return nil, err
	}
	watching, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s := &supervised{server: server, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(s.done)
		if err := s.watch(watching, o, log); err != nil {
			failed <- err
		}
	}()
	return s, nil
}

func (s *supervised) watch(ctx context.Context, o temporalOptions, log *slog.Logger) error {
	for quick := 0; ; {
		started := time.Now()
		<-s.server.done
		s.mu.Lock()
		stopping := s.stopping
		s.mu.Unlock()
		if stopping {
			return nil
		}
		quick++
		if time.Since(started) >= quickEnd {
			quick = 0
		}
		if quick >= quickEnds {
			return fmt.Errorf("Temporal's dev server keeps ending (its log: %s/temporal.log): %w", o.dir, s.server.err)
		}
		log.Warn("Temporal's dev server ended; starting it again", "error", s.server.err)
		server, err := startTemporal(ctx, o.program, o.dir, o.port, o.uiPort, o.metricsPort, log)
		if err != nil {
			if ctx.Err() != nil {
				return nil //nolint:nilerr // it was told to stop while starting: no failure
			}
			return err
		}
		s.mu.Lock()
		s.server = server
		stopping = s.stopping
		s.mu.Unlock()
		if stopping {
			server.stop()
		}
	}
}

func (s *supervised) stop() {
	s.mu.Lock()
	s.stopping = true
	server := s.server
	s.mu.Unlock()
	s.cancel()
	server.stop()
	<-s.done
}
