package main

import (
	"log/slog"

	"causeway/internal/wiring"
)

type migrateCommand struct{}

// migrated is the answer: the schema's version after migrating.
type migrated struct {
	Schema int64 `json:"schema"`
}

// Run waits for the database as long as it takes, so that it may be started before it.
func (migrateCommand) Run(s *session) error {
	settings, err := s.checked()
	if err != nil {
		return err
	}
	p, err := wiring.Open(s.ctx, wiring.Options{Settings: settings, Version: version, Log: slog.New(wiring.NewLog(s.err, s.level)), Now: settings.Now})
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }()
	have, _, err := p.Store.SchemaVersion(s.ctx)
	if err != nil {
		return err
	}
	return s.answer(migrated{have}, func(t *table) { t.linef("The database is up to date (schema %d).", have) })
}
