// Package workflows says what happens and in which order: an account's mailbox, its set-up, its runs, one tenant's part of a
// run, a preview and the nightly hand-over. The code is deterministic and does no I/O: everything that touches the world is an
// activity. Histories hold identifiers, counts and short messages, never keys and never product lists. starter.go is the
// calling side and the only file here with a Temporal client.
//
// testdata/histories holds what these workflows did on a real server, a numbered folder for each release. Every file must replay
// with today's code: it stands for workflows that are under way during a deployment. `make histories` adds a folder with a
// release; what is there is never recorded again, nor removed, to make a change pass. Such a change needs workflow.GetVersion.
package workflows
