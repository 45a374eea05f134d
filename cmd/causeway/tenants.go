package main

import (
	"slices"
	"strings"

	"causeway/internal/wiring"
)

type tenantsCommand struct {
	Name string `arg:"" help:"The account's name."`
}

func (c *tenantsCommand) Run(s *session) error {
	return s.with(needs{}, func(p *wiring.Parts) error {
		answers, err := p.Admin.Tenants(s.ctx, c.Name)
		if err != nil {
			return err
		}
		return s.answer(answers, func(t *table) {
			t.row("TENANT", "NAME", "COMPANY", "AGREEMENT", "ENABLED", "LAST SYNC", "STATUS", "NOTES")
			for _, a := range answers {
				notes := a.Warnings
				cells := []any{a.Tenant, a.Name, a.CompanyName, a.AgreementName, a.Enabled, "", ""}
				if last := a.LastSync; last != nil {
					cells[5], cells[6] = last.Ended, last.Status
					if last.Error != "" && !slices.Contains(notes, last.Error) {
						notes = append([]string{last.Error}, notes...)
					}
				}
				t.row(append(cells, strings.Join(notes, " "))...)
			}
		})
	})
}

type companiesCommand struct {
	Name    string `arg:"" help:"The account's name."`
	Refresh bool   `help:"Read ConnectWise first."`
}

func (c *companiesCommand) Run(s *session) error {
	return s.with(needs{keys: true}, func(p *wiring.Parts) error {
		answers, err := p.Admin.Companies(s.ctx, c.Name, c.Refresh)
		if err != nil {
			return err
		}
		return s.answer(answers, func(t *table) {
			t.row("COMPANY", "IDENTIFIER", "NAME", "STATUS", "AGREEMENT", "NAME", "TYPE", "CYCLE")
			for _, company := range answers {
				for _, ag := range company.Agreements {
					t.row(company.ID, company.Identifier, company.Name, company.Status, ag.ID, ag.Name, ag.Type, ag.Cycle)
				}
			}
		})
	})
}
