package mysonicwall

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"causeway/internal/simulator/estate"
)

// compactAfter is how many edits a state file gathers before a start rewrites
// it as one image.
const compactAfter = 500

// journal keeps the state in a file: its image in the first line, then one
// line for each edit. A line is written with one call before the edit is
// answered, which is enough to survive the process being killed (though not
// the machine losing power: this is a simulator). A nil journal keeps nothing.
type journal struct {
	path string
	file *os.File
}

type journalLine struct {
	At   time.Time       `json:"at"`
	Edit json.RawMessage `json:"edit"`
}

func (j *journal) append(line journalLine) error {
	if j == nil {
		return nil
	}
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	if _, err := j.file.Write(append(text, '\n')); err != nil {
		return fmt.Errorf("keep the simulator's state: %w", err)
	}
	return nil
}

func (j *journal) close() error {
	if j == nil || j.file == nil {
		return nil
	}
	return j.file.Close()
}

// rewrite replaces the file by one image, whole or not at all.
func (j *journal) rewrite(image *state) error {
	if j == nil {
		return nil
	}
	text, err := json.Marshal(image)
	if err != nil {
		return err
	}
	next := j.path + ".new"
	if err := os.WriteFile(next, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("keep the simulator's state: %w", err)
	}
	if err := os.Rename(next, j.path); err != nil {
		return fmt.Errorf("keep the simulator's state: %w", err)
	}
	if err := j.close(); err != nil {
		return err
	}
	j.file, err = os.OpenFile(j.path, os.O_APPEND|os.O_WRONLY, 0o600)
	return err
}

// open takes up the state file, or starts afresh where there is none.
func (s *Server) open() error {
	if s.opts.StateFile == "" {
		s.state = s.fresh(s.opts.Seed, s.opts.Tenants, s.opts.Estate)
		return nil
	}
	s.journal = &journal{path: s.opts.StateFile}
	if err := os.MkdirAll(filepath.Dir(s.opts.StateFile), 0o700); err != nil {
		return err
	}
	kept, edits, err := load(s.opts.StateFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		s.state = s.fresh(s.opts.Seed, s.opts.Tenants, s.opts.Estate)
		return s.journal.rewrite(s.state)
	case err != nil:
		return fmt.Errorf("read the simulator's state from %s (delete the file to start afresh): %w", s.opts.StateFile, err)
	}
	s.state = kept
	s.log.Info("simulator goes on from its state file", "seed", kept.Seed, "tenants", kept.Tenants, "edits", edits)
	if edits > compactAfter {
		return s.journal.rewrite(s.state)
	}
	s.journal.file, err = os.OpenFile(s.opts.StateFile, os.O_APPEND|os.O_WRONLY, 0o600)
	return err
}

// load reads image and edits. A last line without an end was cut by a kill
// before its edit was answered: it is taken off.
func load(path string) (*state, int, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, 0, err
	}
	if end := bytes.LastIndexByte(text, '\n') + 1; end < len(text) {
		if err := os.Truncate(path, int64(end)); err != nil {
			return nil, 0, err
		}
		text = text[:end]
	}
	image, rest, _ := bytes.Cut(text, []byte("\n"))
	kept := &state{}
	if err := json.Unmarshal(image, kept); err != nil {
		return nil, 0, err
	}
	edits := 0
	for line := range bytes.Lines(rest) {
		var j journalLine
		if err := json.Unmarshal(line, &j); err != nil {
			return nil, 0, fmt.Errorf("edit %d: %w", edits+1, err)
		}
		if _, err := kept.apply(j.Edit, j.At); err != nil {
			return nil, 0, fmt.Errorf("edit %d: %w", edits+1, err)
		}
		edits++
	}
	return kept, edits, nil
}

// fresh is the state of a new estate; given replaces the main account's. Its
// day is that of the unmoved clock, to which a reset returns.
func (s *Server) fresh(seed uint64, tenants int, given *estate.Estate) *state {
	now := s.opts.Now().UTC()
	var main estate.Estate
	if given != nil {
		main, seed, tenants = *given, given.Seed, len(given.Tenants)
	} else {
		main = estate.Generate(seed, tenants, now, s.opts.Generate...)
	}
	st := &state{Seed: seed, Tenants: tenants, accounts: map[string]*account{
		mainAccount: newAccount(main, mainAccount, "America/Los_Angeles"),
	}}
	if s.opts.SecondAPIKey != "" {
		second := estate.Generate(seed, secondTenants, now, append(s.opts.Generate, estate.Second())...)
		st.accounts[secondAccount] = newAccount(second, secondAccount, "Europe/Berlin")
	}
	return st
}

// reset starts a fresh generated estate.
func (s *Server) reset(seed int64, tenants int) error {
	if tenants < 0 || tenants > estate.MaxTenants {
		return fmt.Errorf("tenants is between 0 and %d", estate.MaxTenants)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = s.fresh(uint64(seed), tenants, nil)
	s.codes.clear()
	return s.journal.rewrite(s.state)
}

// view is the state for GET /_sim/state, taken as one image.
func (s *Server) view() any {
	s.mu.RLock()
	defer s.mu.RUnlock()
	image, err := json.Marshal(s.state)
	if err != nil {
		return map[string]string{"error": err.Error()}
	}
	return json.RawMessage(image)
}
