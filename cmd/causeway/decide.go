package main

import (
	"strings"

	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/internal/wiring"
)

type heldCommand struct {
	Name    string `arg:"" help:"The account's name."`
	Ended   bool   `xor:"what" help:"Instead, what persons ended in ConnectWise, by the number to resume it with."`
	Refused bool   `xor:"what" help:"Instead, lines that ConnectWise refused for their date, with the one that it would take."`
}

func (c *heldCommand) Run(s *session) error {
	return s.with(needs{}, func(p *wiring.Parts) error {
		list := p.Admin.Held
		switch {
		case c.Ended:
			list = p.Admin.Ended
		case c.Refused:
			list = p.Admin.Refused
		}
		answer, err := list(s.ctx, c.Name)
		if err != nil {
			return err
		}
		return s.answer(answer, func(t *table) {
			showWaiting(t, answer.Changes, c.Ended)
			t.linef("%d waiting.", len(answer.Changes))
		})
	})
}

func showWaiting(t *table, changes []admin.ChangeAnswer, ended bool) {
	t.row("ID", "TENANT", "KIND", "ACTION", "SUBJECT", "NEXT INVOICE", "CHOICES", "NOTE")
	for i := range changes {
		c := &changes[i]
		t.row(c.ID, c.Tenant, c.Kind, c.Action, strings.TrimSpace(c.Subject+" "+c.Serial), c.NextInvoice, choiceWords(c, ended), c.Error)
	}
}

// choiceWords are the commands that answer a row.
func choiceWords(c *admin.ChangeAnswer, ended bool) string {
	if ended {
		if c.Decided != "" {
			return "resumed"
		}
		return "resume"
	}
	words := make([]string, 0, len(c.Choices))
	for _, choice := range c.Choices {
		switch choice {
		case bridge.ChoiceAdopt:
			words = append(words, "release --adopt")
		case bridge.ChoiceBillFrom:
			words = append(words, "release --bill-from ("+c.BillFrom+")")
		default:
			words = append(words, string(choice))
		}
	}
	return strings.Join(words, ", ")
}

type releaseCommand struct {
	Name     string  `arg:"" help:"The account's name."`
	ID       []int64 `arg:"" help:"The changes' numbers, as held lists them."`
	Adopt    bool    `xor:"how" help:"Take the line that stands in ConnectWise instead of making another."`
	BillFrom bool    `name:"bill-from" xor:"how" help:"Bill from the date that ConnectWise would take, after it refused ours."`
	Wait     bool    `help:"Wait for the run that writes it and answer with its result."`
}

func (c *releaseCommand) Run(s *session) error {
	return s.with(needs{temporal: true}, func(p *wiring.Parts) error {
		decide := p.Admin.Release
		switch {
		case c.Adopt:
			decide = p.Admin.Adopt
		case c.BillFrom:
			decide = p.Admin.BillFrom
		}
		answer, err := decide(s.ctx, c.Name, c.ID, who())
		return s.decided(p, c.Name, answer, err, c.Wait)
	})
}

type dismissCommand struct {
	Name string  `arg:"" help:"The account's name."`
	ID   []int64 `arg:"" help:"The changes' numbers, as held lists them."`
}

func (c *dismissCommand) Run(s *session) error {
	return s.with(needs{}, func(p *wiring.Parts) error {
		answer, err := p.Admin.Dismiss(s.ctx, c.Name, c.ID, who())
		return s.decided(p, c.Name, answer, err, false)
	})
}

type resumeCommand struct {
	Name string  `arg:"" help:"The account's name."`
	ID   []int64 `arg:"" help:"The records' numbers, as held --ended lists them."`
	Wait bool    `help:"Wait for the run that takes them up and answer with its result."`
}

func (c *resumeCommand) Run(s *session) error {
	return s.with(needs{temporal: true}, func(p *wiring.Parts) error {
		answer, err := p.Admin.Resume(s.ctx, c.Name, c.ID, who())
		return s.decided(p, c.Name, answer, err, c.Wait)
	})
}

// decided answers with what was decided, or with the run that carries it out.
func (s *session) decided(p *wiring.Parts, name string, answer admin.DecidedAnswer, err error, wait bool) error {
	if err != nil {
		return err
	}
	if wait && answer.Queued {
		return s.await(p, name, answer.QueuedAnswer)
	}
	return s.answer(answer, func(t *table) {
		for i := range answer.Changes {
			c := &answer.Changes[i]
			t.row(c.ID, c.Tenant, c.Kind, c.Action, strings.TrimSpace(c.Subject+" "+c.Serial))
		}
		if answer.Queued {
			t.linef("Decided; a run was requested (%s).", answer.Request)
		} else {
			t.linef("Decided; no run is needed now.")
		}
	})
}

type endBillingCommand struct {
	Name   string   `arg:"" help:"The account's name."`
	Tenant []string `required:"" sep:"none" placeholder:"TENANT" help:"The tenant whose billing ends, by id or exact name; may be repeated."`
	DryRun bool     `name:"dry-run" xor:"do" help:"Show what it would write; write nothing."`
	Wait   bool     `xor:"do" help:"Wait for the run that ends it and answer with its result."`
}

func (c *endBillingCommand) Run(s *session) error {
	return s.with(needs{temporal: true}, func(p *wiring.Parts) error {
		if c.DryRun {
			answer, err := p.Admin.PreviewEnding(s.ctx, c.Name, c.Tenant)
			return s.previewed(answer, err)
		}
		queued, err := p.Admin.EndBilling(s.ctx, c.Name, c.Tenant, who())
		if err != nil {
			return err
		}
		return s.requested(p, c.Name, queued, c.Wait)
	})
}
