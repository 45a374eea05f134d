package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"causeway/internal/bridge"
)

// Sealer seals API keys for the database. The context is authenticated with them, so that a sealed key copied to another
// account or column cannot be opened there.
type Sealer interface {
	Seal(plain []byte, context string) ([]byte, error)
	Unseal(sealed []byte, context string) ([]byte, error)
}

// Options of Open. Logger defaults to none, Now to the real clock. Sealer may be nil where no keys are touched.
type Options struct {
	Logger *slog.Logger
	Sealer Sealer
	Now    func() time.Time
}

// Store is a connection to Causeway's database.
type Store struct {
	// On SQLite write is a single connection and read a few: writers then queue in the process, first come first served,
	// instead of polling for the file's lock, and readers never wait for them. On Postgres both are the same pool.
	write, read *gorm.DB
	dialect     dialect
	sealer      Sealer
	now         func() time.Time
	logger      *slog.Logger
	// origins holds, by run id, what a run is about; it never changes, so it is read once.
	origins sync.Map
}

// slowStatement is when a statement is worth a warning in the operator's log.
const slowStatement = time.Second

// Open connects to url, postgres://… or sqlite:FILE, and checks that the database answers. It does not migrate.
func Open(ctx context.Context, url string, options Options) (*Store, error) {
	s := &Store{sealer: options.Sealer, now: options.Now, logger: options.Logger}
	if s.logger == nil {
		s.logger = slog.New(slog.DiscardHandler)
	}
	if s.now == nil {
		s.now = time.Now
	}
	var err error
	switch file, isFile := strings.CutPrefix(url, "sqlite:"); {
	case isFile:
		err = s.openSQLite(file)
	case strings.HasPrefix(url, "postgres://"), strings.HasPrefix(url, "postgresql://"):
		err = s.openPostgres(url)
	default:
		err = errors.New("the database's address must begin with postgres:// or sqlite:")
	}
	if err == nil {
		err = s.Ping(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the database: %w", err), s.Close())
	}
	return s, nil
}

// Ping tells whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	for _, pool := range s.pools() {
		db, err := pool.DB()
		if err == nil {
			err = db.PingContext(ctx)
		}
		if err != nil {
			return &bridge.Error{Code: bridge.CodeNotReady, Message: "The database does not answer.", Err: err}
		}
	}
	return nil
}

// Close waits for statements in hand and closes every connection.
func (s *Store) Close() error {
	var failures []error
	for _, pool := range s.pools() {
		db, err := pool.DB()
		if err == nil {
			err = db.Close()
		}
		failures = append(failures, err)
	}
	return errors.Join(failures...)
}

// pools are the distinct pools that are open.
func (s *Store) pools() []*gorm.DB {
	var pools []*gorm.DB
	if s.write != nil {
		pools = append(pools, s.write)
	}
	if s.read != nil && s.read != s.write {
		pools = append(pools, s.read)
	}
	return pools
}

func (s *Store) gormConfig() *gorm.Config {
	return &gorm.Config{
		// Parameters stay out of logs: they carry names of customers and sealed keys.
		Logger: logger.NewSlogLogger(s.logger, logger.Config{
			SlowThreshold: slowStatement, LogLevel: logger.Warn, ParameterizedQueries: true, IgnoreRecordNotFoundError: true,
		}),
		NowFunc:        s.clock,
		TranslateError: true,
		// Single statements are atomic by themselves; what needs more takes a transaction by name.
		SkipDefaultTransaction: true,
	}
}

// clock is the present in the precision that both databases keep.
func (s *Store) clock() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

// transact runs work in one write transaction. Work must not call methods of the store: on SQLite the only writing connection
// is already taken and the call would wait for itself.
func (s *Store) transact(ctx context.Context, work func(tx *gorm.DB) error) error {
	return s.write.WithContext(ctx).Transaction(work)
}

// repeatable makes all statements of a transaction see one state of the database. In SQLite every transaction does.
var repeatable = &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}

// reader is for reads outside a transaction.
func (s *Store) reader(ctx context.Context) *gorm.DB { return s.read.WithContext(ctx) }

// writer is for single statements that write.
func (s *Store) writer(ctx context.Context) *gorm.DB { return s.write.WithContext(ctx) }

// attempted adds what was being done to an error that is for the operator; sentences for a person stay as they are.
func attempted(err error, format string, args ...any) error {
	if err == nil || bridge.CodeOf(err) != "" {
		return err
	}
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), err)
}

func notFound(format string, args ...any) error {
	return &bridge.Error{Code: bridge.CodeNotFound, Message: fmt.Sprintf(format, args...)}
}

func conflict(field, format string, args ...any) error {
	return &bridge.Error{Code: bridge.CodeConflict, Field: field, Message: fmt.Sprintf(format, args...)}
}
