package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os/user"
	"time"

	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/internal/config"
	"causeway/internal/wiring"
)

// session is what one command runs with.
type session struct {
	ctx      context.Context
	out, err io.Writer
	in       io.Reader
	asks     bool // a person sits at a terminal and can be asked
	json     bool
	settings config.Settings
	level    slog.Level
	log      *slog.Logger
	patience time.Duration // towards a database or a Temporal that does not answer
}

// patience of an operator's command.
const patience = 10 * time.Second

// needs of a command.
type needs struct{ keys, temporal bool }

// checked are the settings, with what a running `causeway dev` on the same data folder adds.
func (s *session) checked() (config.Settings, error) {
	settings, err := s.settings.UseDev()
	if err != nil {
		return settings, err
	}
	if err := settings.Check(); err != nil {
		return settings, &usageError{err}
	}
	return settings, nil
}

// with opens what a command needs, runs it, and closes all again.
func (s *session) with(n needs, work func(p *wiring.Parts) error) error {
	settings, err := s.checked()
	if err != nil {
		return err
	}
	// Below a warning an operator's command has nothing to say that its answer does not; Temporal's client has.
	log := slog.New(wiring.NewLog(s.err, max(s.level, slog.LevelWarn)))
	p, err := wiring.Open(s.ctx, wiring.Options{
		Settings: settings, Version: version, Log: log, Now: settings.Now, Keys: n.keys, Temporal: n.temporal, MustExist: true, Patience: s.patience,
	})
	if err != nil {
		return err
	}
	return errors.Join(work(p), p.Close())
}

// progress tells what is going on, beside the answer.
func (s *session) progress(text string) { _, _ = fmt.Fprintln(s.err, text) }

// answer prints the one answer of a command: the JSON document, or what human writes.
func (s *session) answer(value any, human func(t *table)) error {
	if s.json {
		return writeJSON(s.out, value)
	}
	t := newTable(s.out)
	human(t)
	return t.flush()
}

func writeJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return nil
}

// failure is the answer of a command that could not do its work.
type failure struct {
	Error    string           `json:"error"`
	Code     bridge.Code      `json:"code,omitempty"`
	Findings []bridge.Finding `json:"findings"`
}

func describe(err error) failure {
	f := failure{Error: err.Error(), Code: bridge.CodeOf(err), Findings: admin.FindingsOf(err)}
	if file, ok := errors.AsType[*config.FileError](err); ok {
		for _, p := range file.Problems {
			f.Findings = append(f.Findings, bridge.Finding{Check: p.Field, Message: lineOf(p)})
		}
	}
	if f.Findings == nil {
		f.Findings = []bridge.Finding{}
	}
	return f
}

func lineOf(p config.Problem) string {
	if p.Line == 0 {
		return p.Message
	}
	return fmt.Sprintf("line %d: %s", p.Line, p.Message)
}

// who asks, for the history of a run: the user of this machine.
func who() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return "command line (" + u.Username + ")"
	}
	return "command line"
}
