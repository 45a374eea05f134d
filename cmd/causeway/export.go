package main

import (
	"fmt"
	"io"

	"causeway/internal/bridge"
	"causeway/internal/export"
	"causeway/internal/store"
	"causeway/internal/wiring"
)

type exportCommand struct {
	Name   string        `arg:"" help:"The account's name."`
	What   string        `required:"" placeholder:"changes|logs" help:"changes or logs."`
	Format export.Format `enum:"csv,json,text" default:"csv" help:"csv, json or text."`
}

// Run streams. Trouble after the first rows is told on stderr: a second document would not mend a broken first one.
func (c *exportCommand) Run(s *session) error {
	if c.What != "changes" && c.What != "logs" {
		return &usageError{fmt.Errorf("--what %s: only changes and logs can be exported", c.What)}
	}
	if s.json {
		c.Format = export.JSON
	}
	return s.with(needs{}, func(p *wiring.Parts) error {
		account, err := p.Store.Account(s.ctx, c.Name)
		if err != nil {
			return err
		}
		out := &counted{to: s.out}
		err = c.write(s, p, account, out)
		if err != nil && out.bytes > 0 {
			_, _ = fmt.Fprintln(s.err, "causeway: the export is not complete: "+err.Error())
			return answeredError(exitError)
		}
		return err
	})
}

func (c *exportCommand) write(s *session, p *wiring.Parts, account bridge.Account, out io.Writer) error {
	if c.What == "logs" {
		return export.Logs(out, c.Format, func(each func(bridge.LogLine) error) error {
			return p.Store.EachLog(s.ctx, store.LogFilter{AccountID: account.ID}, each)
		})
	}
	return export.Changes(out, c.Format, func(each func(bridge.Change) error) error {
		return p.Store.EachChange(s.ctx, store.ChangeFilter{AccountID: account.ID}, each)
	})
}

// counted knows how much was written.
type counted struct {
	to    io.Writer
	bytes int
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.to.Write(b)
	c.bytes += n
	return n, err
}
