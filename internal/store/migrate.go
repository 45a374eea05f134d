package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/glebarez/sqlite"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"gorm.io/gorm"
)

//go:embed migrations
var migrations embed.FS

// Migrate brings the schema up to what this program expects. Several processes may call it at once: one migrates, the others
// wait for it and find nothing left to do.
func (s *Store) Migrate(ctx context.Context) error {
	unlock, err := s.lockSchema(ctx)
	if err != nil {
		return fmt.Errorf("wait for another process that migrates the database: %w", err)
	}
	defer unlock()
	provider, err := s.migrator()
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	results, err := provider.Up(ctx)
	if err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	for _, r := range results {
		s.logger.InfoContext(ctx, "database migrated", "version", r.Source.Version, "took", r.Duration)
	}
	return nil
}

// SchemaVersion tells which migration the database has and which one this program wants. A database that was never migrated
// has 0.
func (s *Store) SchemaVersion(ctx context.Context) (have, want int64, err error) {
	provider, err := s.migrator()
	if err != nil {
		return 0, 0, fmt.Errorf("read the migrations: %w", err)
	}
	have, want, err = provider.GetVersions(ctx)
	if err != nil {
		return 0, 0, fmt.Errorf("read the database's schema version: %w", err)
	}
	return have, want, nil
}

func (s *Store) migrator() (*goose.Provider, error) {
	folder := "migrations/sqlite"
	options := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger())}
	if s.dialect.name == goose.DialectPostgres {
		folder = "migrations/postgres"
		// An advisory lock of the session, tried every second for five minutes.
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
		if err != nil {
			return nil, err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	files, err := fs.Sub(migrations, folder)
	if err != nil {
		return nil, err
	}
	db, err := s.write.DB()
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(s.dialect.name, db, files, options...)
}

// lockSchema keeps other processes from migrating the same SQLite file: a transaction held open on a file of its own, which ends
// with the process whatever becomes of it. Postgres has its session lock.
func (s *Store) lockSchema(ctx context.Context) (unlock func(), err error) {
	if s.dialect.file == "" {
		return func() {}, nil
	}
	if err := createPrivate(s.dialect.file + "-migrate"); err != nil {
		return nil, err
	}
	db, err := gorm.Open(sqlite.Open(sqliteDSN(s.dialect.file+"-migrate", "immediate")), s.gormConfig())
	if err != nil {
		return nil, err
	}
	pool, err := db.DB()
	if err != nil {
		return nil, err
	}
	tx := db.WithContext(ctx).Begin()
	if tx.Error != nil {
		_ = pool.Close()
		return nil, tx.Error
	}
	return func() {
		// Nothing was written; ending the connection gives the lock back even where the rollback cannot.
		tx.Rollback()
		_ = pool.Close()
	}, nil
}
