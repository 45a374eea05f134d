package store

import (
	"slices"

	"github.com/glebarez/sqlite"
	"gorm.io/gorm"
)

// Rows of one INSERT. The SQLite driver looks for every parameter among all of the statement's, so its time grows with the square
// of the rows: at 25 it is a small part of the insert, at 500 it was nine tenths. Postgres saves round trips instead.
const (
	sqliteRows   = 25
	postgresRows = 500
)

// insertAll inserts rows by portions. An empty list is fine.
func insertAll[T any](tx *gorm.DB, rows []T) error {
	size := postgresRows
	if tx.Name() == sqlite.DriverName {
		size = sqliteRows
	}
	for part := range slices.Chunk(rows, size) {
		if err := tx.Create(part).Error; err != nil {
			return err
		}
	}
	return nil
}
