// Package store keeps everything Causeway remembers: accounts with their sealed keys, tenants and mappings, the last report of
// MySonicWall, runs, and the ledger of changes with the records they led to. It speaks bridge's types at its edge; rows, SQL and
// gorm stay inside. Postgres and SQLite answer alike and are held to it by the one contract in storetest.
//
// Methods are safe for concurrent use by goroutines and by processes on one database. What a person can act on is a
// *bridge.Error; every other error names what was attempted and is for the operator's log.
package store
