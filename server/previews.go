package server

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"causeway/internal/admin"
	"causeway/internal/bridge"
)

// previews starts the computing of previews and lets it go on after the request that asked for it. Temporal holds the preview
// itself; only the waiting for its end is here, so that a server that stops loses nothing.
type previews struct {
	admin  *admin.Admin
	log    *slog.Logger
	ctx    context.Context
	stop   context.CancelFunc
	group  sync.WaitGroup
	mu     sync.Mutex
	failed map[string]string // by account: why the last one could not be started
	going  map[string]int
}

func newPreviews(a *admin.Admin, log *slog.Logger) *previews {
	ctx, stop := context.WithCancel(context.Background())
	return &previews{admin: a, log: log, ctx: ctx, stop: stop, failed: map[string]string{}, going: map[string]int{}}
}

// patience is how long a request waits for its preview: a refusal comes at once and a small estate is done by then.
const patience = time.Second

// start asks for a preview of some tenants, or of all enabled ones. It gives the error that came at once, and nil for one that is
// still being computed.
func (p *previews) start(account string, tenants []string) error {
	p.mu.Lock()
	delete(p.failed, account)
	p.going[account]++
	p.mu.Unlock()
	done := make(chan error, 1)
	p.group.Go(func() { done <- p.compute(account, tenants) })
	select {
	case err := <-done:
		return err
	case <-time.After(patience):
		return nil
	}
}

// compute keeps the reason of a failure for the page, which shows it until the next try.
func (p *previews) compute(account string, tenants []string) error {
	_, err := p.admin.Preview(p.ctx, account, tenants)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.going[account]--
	if p.going[account] == 0 {
		delete(p.going, account)
	}
	if err != nil && p.ctx.Err() == nil {
		p.log.Warn("a preview could not be computed", "account", account, "error", err)
		why := said(err, "The reason is in the server's log.")
		if _, cause, found := strings.Cut(why, "could not be computed: "); found {
			why = cause // the page says so itself
		}
		p.failed[account] = why
	}
	return err
}

// state tells whether a preview is being computed here, and why the last one failed.
func (p *previews) state(account string) (computing bool, failed string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.going[account] > 0, p.failed[account]
}

// wait gives up with ctx: what is waited for goes on without us.
func (p *previews) wait(ctx context.Context) {
	done := make(chan struct{})
	go func() { p.group.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// said is the sentence of an error that is fit for a person, else the other one.
func said(err error, otherwise string) string {
	if bridge.CodeOf(err) == "" {
		return otherwise
	}
	return sentence(err)
}
