package store

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/glebarez/sqlite"
	"github.com/pressly/goose/v3"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
)

// dialect is what differs between the two databases beyond what gorm translates.
type dialect struct {
	name goose.Dialect
	// shareLock keeps a row as it is until the transaction ends; SQLite has one writer at a time and needs none.
	shareLock string
	// file is SQLite's, empty on Postgres.
	file string
}

const (
	// sqliteReaders are enough for the pages of a person and the activities of one worker.
	sqliteReaders = 8
	// busyTimeout is how long one process waits for another's write transaction on the same SQLite file.
	busyTimeout = 10 * time.Second
	// walPages is when the log of writes goes into the file itself, at 16 MB instead of 4: each time costs two syncs.
	walPages = "wal_autocheckpoint(4000)"
	// postgresConnections of one process; a server's default limit is 100 for all of them.
	postgresConnections = 24
	// postgresIdle is when an unused connection is given back.
	postgresIdle = 5 * time.Minute
)

func (s *Store) openPostgres(address string) error {
	db, err := gorm.Open(postgres.Open(address), s.gormConfig())
	if err != nil {
		return err
	}
	s.write, s.read = db, db
	s.dialect = dialect{name: goose.DialectPostgres, shareLock: " FOR SHARE"}
	pool, err := db.DB()
	if err != nil {
		return err
	}
	pool.SetMaxOpenConns(postgresConnections)
	pool.SetMaxIdleConns(postgresConnections)
	pool.SetConnMaxIdleTime(postgresIdle)
	return nil
}

func (s *Store) openSQLite(file string) error {
	if file == "" {
		return errors.New("sqlite: needs the name of a file")
	}
	if err := createPrivate(file); err != nil {
		return err
	}
	s.dialect = dialect{name: goose.DialectSQLite3, file: file}
	// The writer comes first: it turns the file to WAL, which must happen alone. With WAL, synchronous=NORMAL survives a killed
	// process whole; a power cut may take the last commits, and what they said is found again by looking in ConnectWise.
	var err error
	s.write, err = s.sqlitePool(sqliteDSN(file, "immediate", "journal_mode(WAL)", "synchronous(NORMAL)", "foreign_keys(1)", "cache_size(-16000)",
		"temp_store(MEMORY)", walPages), 1)
	if err != nil {
		return err
	}
	s.read, err = s.sqlitePool(sqliteDSN(file, "deferred", "query_only(1)", "cache_size(-8000)", "temp_store(MEMORY)"), sqliteReaders)
	return err
}

func (s *Store) sqlitePool(dsn string, connections int) (*gorm.DB, error) {
	db, err := gorm.Open(sqlite.Open(dsn), s.gormConfig())
	if err != nil {
		return nil, err
	}
	pool, err := db.DB()
	if err != nil {
		return nil, err
	}
	// Connections are kept: opening one runs its pragmas and reads the schema again.
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	return db, nil
}

// sqliteDSN is the connection string of a file. txlock is how transactions begin: immediate takes the write lock at once, because
// one that reads first and writes later fails under load when another wrote in between; deferred takes none until it must.
func sqliteDSN(file, txlock string, pragmas ...string) string {
	query := url.Values{"_txlock": {txlock}, "_pragma": append([]string{
		fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds())}, pragmas...)}
	// As a URI, a name with a question mark or a per cent sign in it stays the name.
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: file}).EscapedPath(), RawQuery: query.Encode()}).String()
}

// createPrivate makes the file, readable by its owner alone, before SQLite would make it with the process's usual rights; its
// side files take the rights of the file.
func createPrivate(file string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}
