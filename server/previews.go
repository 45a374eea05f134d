package server

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"causeway/internal/admin"
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
	failed map[string]string // why the last one could not be computed, by account or by endingOf
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
	return p.begin(account, func(ctx context.Context) error {
		_, err := p.admin.Preview(ctx, account, tenants)
		return err
	})
}

// startEnding asks for a preview of the end of a tenant's billing (R53), in the same way.
func (p *previews) startEnding(account, tenant string) error {
	return p.begin(endingOf(account, tenant), func(ctx context.Context) error {
		_, err := p.admin.PreviewEnding(ctx, account, []string{tenant})
		return err
	})
}

// endingOf tells the end of a tenant's billing from the account's previews; no account has such a name.
func endingOf(account, tenant string) string { return account + "/" + tenant }

func (p *previews) begin(what string, compute func(context.Context) error) error {
	p.mu.Lock()
	delete(p.failed, what)
	p.going[what]++
	p.mu.Unlock()
	done := make(chan error, 1)
	p.group.Go(func() { done <- p.compute(what, compute) })
	select {
	case err := <-done:
		return err
	case <-time.After(patience):
		return nil
	}
}

// compute keeps the reason of a failure for the page, which shows it until the next try.
func (p *previews) compute(what string, compute func(context.Context) error) error {
	err := compute(p.ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.going[what]--
	if p.going[what] == 0 {
		delete(p.going, what)
	}
	if err != nil && p.ctx.Err() == nil {
		p.log.Warn("a preview could not be computed", "of", what, "error", err)
		why := said(err, "The reason is in the server's log.")
		if _, cause, found := strings.Cut(why, "could not be computed: "); found {
			why = cause // the page says so itself
		}
		p.failed[what] = why
	}
	return err
}

// state tells whether a preview is being computed here, and why the last one failed.
func (p *previews) state(what string) (computing bool, failed string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.going[what] > 0, p.failed[what]
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
