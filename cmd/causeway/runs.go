package main

import (
	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/internal/wiring"
)

type runsCommand struct {
	Name string `arg:"" help:"The account's name."`
}

func (c *runsCommand) Run(s *session) error {
	return s.with(needs{}, func(p *wiring.Parts) error {
		answers, err := p.Admin.Runs(s.ctx, c.Name)
		if err != nil {
			return err
		}
		return s.answer(answers, func(t *table) {
			t.row("RUN", "STATUS", "REQUESTED BY", "STARTED", "ENDED", "REASON")
			for _, r := range answers {
				t.row(r.Run, statusWords(r.Status), r.RequestedBy, r.Started, r.Ended, r.Reason)
			}
		})
	})
}

type runCommand struct {
	ID      int64 `arg:"" help:"The run's number."`
	Changes bool  `help:"With its changes."`
	Logs    bool  `help:"With its log."`
}

// Run shows a run; how the run ended is its answer, not this command's failure.
func (c *runCommand) Run(s *session) error {
	return s.with(needs{}, func(p *wiring.Parts) error {
		answer, err := p.Admin.Run(s.ctx, c.ID, c.Changes, c.Logs)
		if err != nil {
			return err
		}
		return s.answer(answer, func(t *table) {
			showRun(t, answer)
			if changes, ok := answer.Changes.([]admin.ChangeAnswer); ok {
				t.linef("")
				showChanges(t, changes)
			}
			if c.Logs {
				t.linef("")
				t.row("TIME", "LEVEL", "TENANT", "TEXT")
				for _, l := range answer.Logs {
					showLog(t, l)
				}
			}
		})
	})
}

func showLog(t *table, l admin.LogAnswer) {
	tenant := l.TenantName
	if tenant == "" {
		tenant = l.Tenant
	}
	level := l.Level
	if level == "" {
		level = bridge.LogInfo
	}
	t.row(&l.Time, level, tenant, l.Text)
}
