package main

import (
	"bytes"
	"fmt"
	"os"

	"causeway/internal/admin"
	"causeway/internal/wiring"
)

type mappingCommands struct {
	Export mappingExport `cmd:"" help:"Write the mapping of every tenant as CSV."`
	Import mappingImport `cmd:"" help:"Read a mapping as CSV, all of it or nothing."`
}

type mappingExport struct {
	Name string `arg:"" help:"The account's name."`
}

// Run answers with the CSV itself; with --json it is a text within the document, because there is one document and nothing else.
func (c *mappingExport) Run(s *session) error {
	return s.with(needs{}, func(p *wiring.Parts) error {
		if !s.json {
			return p.Admin.ExportMapping(s.ctx, c.Name, s.out)
		}
		var text bytes.Buffer
		if err := p.Admin.ExportMapping(s.ctx, c.Name, &text); err != nil {
			return err
		}
		return writeJSON(s.out, map[string]string{"csv": text.String()})
	})
}

type mappingImport struct {
	Name   string `arg:"" help:"The account's name."`
	File   string `required:"" short:"f" placeholder:"FILE" help:"The mapping in CSV, with the columns of an export."`
	DryRun bool   `name:"dry-run" help:"Check only; store nothing."`
}

// mappingRefused is the answer to a file with mistakes.
type mappingRefused struct {
	admin.MappingAnswer
	Error string `json:"error"`
}

func (c *mappingImport) Run(s *session) error {
	file, err := os.Open(c.File)
	if err != nil {
		return fmt.Errorf("read the mapping: %w", err)
	}
	defer func() { _ = file.Close() }()
	return s.with(needs{}, func(p *wiring.Parts) error {
		answer, err := p.Admin.ImportMapping(s.ctx, c.Name, file, c.DryRun, who())
		if err != nil {
			return err
		}
		if len(answer.Errors) == 0 {
			return s.answer(answer, func(t *table) { c.show(t, answer) })
		}
		refused := mappingRefused{answer, fmt.Sprintf("nothing was stored: %s has %d mistakes", c.File, len(answer.Errors))}
		err = s.answer(refused, func(t *table) {
			for _, e := range answer.Errors {
				t.linef("%s:%d: %s: %s", c.File, e.Line, cell(e.Column), cell(e.Message))
			}
			t.linef("%s", refused.Error)
		})
		if err != nil {
			return err
		}
		return answeredError(exitError)
	})
}

func (c *mappingImport) show(t *table, answer admin.MappingAnswer) {
	for _, w := range answer.Warnings {
		t.linef("warning: %s", cell(w))
	}
	if c.DryRun {
		t.linef("%d lines read; %d tenants would change.", answer.Rows, answer.Changed)
		return
	}
	t.linef("%d lines read; %d tenants changed.", answer.Rows, answer.Changed)
}
