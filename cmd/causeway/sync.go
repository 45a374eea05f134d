package main

import (
	"fmt"
	"strings"

	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/internal/wiring"
)

type previewCommand struct {
	Name   string   `arg:"" help:"The account's name."`
	Tenant []string `sep:"none" placeholder:"TENANT" help:"Only this tenant, by id or exact name; may be repeated."`
}

func (c *previewCommand) Run(s *session) error {
	return s.with(needs{keys: true, temporal: true}, func(p *wiring.Parts) error {
		answer, err := p.Admin.PreviewChanges(s.ctx, c.Name, c.Tenant)
		return s.previewed(answer, err)
	})
}

func (s *session) previewed(answer admin.PreviewAnswer, err error) error {
	if err != nil {
		return err
	}
	return s.answer(answer, func(t *table) {
		showChanges(t, answer.Changes)
		t.linef("%d changes.", len(answer.Changes))
	})
}

func showChanges(t *table, changes []admin.ChangeAnswer) {
	t.row("CHANGE", "TENANT", "KIND", "ACTION", "STATUS", "SUBJECT", "NOTE")
	for _, c := range changes {
		t.row(c.ID, c.Tenant, c.Kind, c.Action, c.Status, strings.TrimSpace(c.Subject+" "+c.Serial), c.Error)
	}
}

type syncNowCommand struct {
	Name   string   `arg:"" help:"The account's name."`
	Tenant []string `sep:"none" placeholder:"TENANT" help:"Only this tenant, by id or exact name; may be repeated."`
	Wait   bool     `help:"Wait for the run that serves this request and answer with its result."`
}

func (c *syncNowCommand) Run(s *session) error {
	return s.with(needs{temporal: true}, func(p *wiring.Parts) error {
		queued, err := p.Admin.RequestSync(s.ctx, c.Name, c.Tenant, who(), "")
		if err != nil {
			return err
		}
		return s.requested(p, c.Name, queued, c.Wait)
	})
}

// requested answers with a request, or with the run that serves it.
func (s *session) requested(p *wiring.Parts, name string, queued admin.QueuedAnswer, wait bool) error {
	if wait {
		return s.await(p, name, queued)
	}
	return s.answer(queued, func(t *table) { t.linef("Requested (%s).", queued.Request) })
}

// await waits for the run of a request. On a paused account a request waits, and that is no failure.
func (s *session) await(p *wiring.Parts, name string, queued admin.QueuedAnswer) error {
	s.progress("waiting for the run of request " + queued.Request)
	run, served, err := p.Admin.WaitForRequest(s.ctx, name, queued.Request)
	if err != nil {
		return err
	}
	if !served {
		return s.answer(queued, func(t *table) {
			t.linef("%s is paused; the request waits until it is taken up again (%s).", name, queued.Request)
		})
	}
	return s.result(admin.AnswerOfRun(name, run))
}

// result answers with a run and the exit code that goes with its status.
func (s *session) result(answer admin.RunAnswer) error {
	if err := s.answer(answer, func(t *table) { showRun(t, answer) }); err != nil {
		return err
	}
	switch answer.Status {
	case bridge.RunFailures:
		return answeredError(exitFailures)
	case bridge.RunFailed:
		return answeredError(exitError)
	}
	return nil
}

func showRun(t *table, a admin.RunAnswer) {
	t.row("Run", a.Run)
	t.row("Account", a.Account)
	t.row("Status", statusWords(a.Status))
	if a.Reason != "" {
		t.row("Reason", a.Reason)
	}
	t.row("Requested by", a.RequestedBy)
	t.row("Started", a.Started)
	t.row("Ended", a.Ended)
	t.row("Tenants", fmt.Sprintf("%d synced, %d failed, %d skipped", a.Tenants.Synced, a.Tenants.Failed, a.Tenants.Skipped))
	n := a.ChangeCounts
	t.row("Changes", fmt.Sprintf("%d planned, %d applied, %d failed, %d skipped, %d held, %d stale", n.Planned, n.Applied, n.Failed, n.Skipped, n.Held, n.Stale))
	t.row("Calls", fmt.Sprintf("%d to ConnectWise, %d to MySonicWall", a.Calls.ConnectWise, a.Calls.MySonicWall))
}

func statusWords(status bridge.RunStatus) string { return strings.ReplaceAll(string(status), "_", " ") }
