package main

import (
	"fmt"

	"causeway/internal/secret"
	"causeway/internal/wiring"
)

type masterKeyCommands struct {
	Create masterKeyCreate `cmd:"" help:"Make a new master key file."`
	Rotate masterKeyRotate `cmd:"" help:"Seal all API keys with a new master key and drop the old one."`
}

type masterKeyCreate struct {
	File string `arg:"" help:"The file to make; one that is there is never replaced."`
}

func (c *masterKeyCreate) Run(s *session) error {
	if _, err := secret.CreateMasterKey(c.File); err != nil {
		return err
	}
	return s.answer(map[string]string{"file": c.File}, func(t *table) {
		t.linef("Made %s. Keep a copy apart from the database's backups: without it the API keys cannot be opened.", c.File)
	})
}

type masterKeyRotate struct {
	KeepOld bool `name:"keep-old" help:"Keep the old key as well, for processes that are still running with it. Restart them, then rotate again."`
}

// rotated is the answer: how many accounts' keys were sealed anew.
type rotated struct {
	File     string `json:"file"`
	Accounts int    `json:"accounts"`
	OldKept  bool   `json:"old_kept"`
}

// Run is safe to break off anywhere: the file holds both keys until everything is sealed with the new one.
func (c *masterKeyRotate) Run(s *session) error {
	settings, err := s.checked()
	if err != nil {
		return err
	}
	file := settings.MasterKey()
	// Nothing is added before the database answers: a rotation that cannot go on should leave nothing behind.
	if err := s.with(needs{keys: true}, func(*wiring.Parts) error { return nil }); err != nil {
		return err
	}
	if _, err := secret.AddMasterKey(file); err != nil {
		return err
	}
	answer := rotated{File: file, OldKept: c.KeepOld}
	err = s.with(needs{keys: true}, func(p *wiring.Parts) error {
		answer.Accounts, err = p.Store.ResealKeys(s.ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("the file %s holds the old and the new key now; rotate again to finish: %w", file, err)
	}
	if !c.KeepOld {
		if _, err := secret.DropOldMasterKeys(file); err != nil {
			return fmt.Errorf("all API keys are sealed with the new key, but the old one is still in the file; rotate again: %w", err)
		}
	}
	return s.answer(answer, func(t *table) {
		t.linef("The API keys of %d accounts are sealed with a new master key. Restart servers and workers.", answer.Accounts)
	})
}
