// Package workflows says what happens and in which order: an account's mailbox, its set-up, its runs, one tenant's part of a
// run, a preview and the nightly hand-over. The code is deterministic and does no I/O: everything that touches the world is an
// activity. Histories hold identifiers, counts and short messages, never keys and never product lists. starter.go is the
// calling side and the only file here with a Temporal client.
package workflows
