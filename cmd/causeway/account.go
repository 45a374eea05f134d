package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"causeway/internal/admin"
	"causeway/internal/config"
	"causeway/internal/wiring"
)

type accountCommands struct {
	Apply   accountApply   `cmd:"" help:"Create or change an account as a file says, run its set-up and wait for it."`
	List    accountList    `cmd:"" help:"List all accounts."`
	Show    accountShow    `cmd:"" help:"Show where an account stands."`
	Pause   accountPause   `cmd:"" help:"Hold an account's nights and requests back."`
	Unpause accountUnpause `cmd:"" help:"Take a paused account up again."`
	Remove  accountRemove  `cmd:"" help:"Take an account out of use for good; ConnectWise is not touched, the history is kept."`
}

type accountApply struct {
	File string `required:"" short:"f" placeholder:"FILE" help:"The account in YAML."`
}

func (c *accountApply) Run(s *session) error {
	file, err := config.ReadAccountFile(c.File)
	if err != nil {
		return err
	}
	return s.with(needs{keys: true, temporal: true}, func(p *wiring.Parts) error {
		answer, err := p.Admin.Apply(s.ctx, file, who(), s.progress)
		if err != nil {
			return err
		}
		return s.answer(answer, func(t *table) { showAccount(t, answer) })
	})
}

type accountList struct{}

func (c *accountList) Run(s *session) error {
	return s.with(needs{temporal: true}, func(p *wiring.Parts) error {
		answers, err := p.Admin.List(s.ctx)
		if err != nil {
			return err
		}
		return s.answer(answers, func(t *table) {
			t.row("ACCOUNT", "STATE", "TIME ZONE", "TENANTS", "ENABLED", "FAILED", "HELD", "LAST RUN", "NEXT RUN")
			for _, a := range answers {
				t.row(a.Account, a.State, a.TimeZone, a.Tenants, a.Enabled, a.FailedTenants, a.HeldChanges, a.LastRun, a.NextRun)
			}
		})
	})
}

type accountShow struct {
	Name string `arg:"" help:"The account's name."`
}

func (c *accountShow) Run(s *session) error {
	return s.with(needs{temporal: true}, func(p *wiring.Parts) error { return s.show(p, c.Name) })
}

func (s *session) show(p *wiring.Parts, name string) error {
	answer, err := p.Admin.Show(s.ctx, name)
	if err != nil {
		return err
	}
	return s.answer(answer, func(t *table) { showAccount(t, answer) })
}

func showAccount(t *table, a admin.AccountAnswer) {
	t.row("Account", a.Account)
	t.row("State", a.State)
	if a.StateReason != "" {
		t.row("Reason", a.StateReason)
	}
	if a.Removed != nil {
		t.row("Removed", a.Removed)
	}
	t.row("Time zone", a.TimeZone)
	t.row("Tenants", a.Tenants)
	t.row("Enabled tenants", a.Enabled)
	t.row("Failed tenants", a.FailedTenants)
	t.row("Held changes", a.HeldChanges)
	t.row("Last run", a.LastRun)
	t.row("Next run", a.NextRun)
	t.row("Workflow", a.WorkflowID)
}

type accountPause struct {
	Name string `arg:"" help:"The account's name."`
}

func (c *accountPause) Run(s *session) error {
	return s.with(needs{temporal: true}, func(p *wiring.Parts) error {
		if err := p.Admin.Pause(s.ctx, c.Name, who()); err != nil {
			return err
		}
		return s.show(p, c.Name)
	})
}

type accountUnpause struct {
	Name string `arg:"" help:"The account's name."`
}

func (c *accountUnpause) Run(s *session) error {
	return s.with(needs{temporal: true}, func(p *wiring.Parts) error {
		if err := p.Admin.Unpause(s.ctx, c.Name, who()); err != nil {
			return err
		}
		return s.show(p, c.Name)
	})
}

type accountRemove struct {
	Name string `arg:"" help:"The account's name."`
	Yes  bool   `short:"y" help:"Do not ask for the name again."`
}

func (c *accountRemove) Run(s *session) error {
	if err := c.confirm(s); err != nil {
		return err
	}
	return s.with(needs{temporal: true}, func(p *wiring.Parts) error {
		answer, err := p.Admin.RemoveAccount(s.ctx, c.Name, who())
		if err != nil {
			return err
		}
		return s.answer(answer, func(t *table) { showAccount(t, answer) })
	})
}

// confirm asks a person at a terminal for the name once more; a script has said what it means.
func (c *accountRemove) confirm(s *session) error {
	if c.Yes || !s.asks {
		return nil
	}
	_, _ = fmt.Fprintf(s.err, "This ends %s for good: its keys are wiped, and its name cannot be used again. Type the name to go on: ", cell(c.Name))
	line, err := bufio.NewReader(s.in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the name: %w", err)
	}
	if strings.TrimSpace(line) != c.Name {
		return &usageError{errors.New("nothing was removed: that is not the account's name")}
	}
	return nil
}
