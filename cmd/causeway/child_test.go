package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// patiently is how long a start, or anything else that is waited for, may take on a loaded machine with the race detector on.
const patiently = 2 * time.Minute

// child is a process of its own. What it writes goes into files, which outlive it.
type child struct {
	name     string
	cmd      *exec.Cmd
	out, log string // files of its standard output and error
	ended    chan struct{}
	err      error // of the process; set once ended is closed
}

// command is causeway itself, as the test binary plays it.
func command(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), "CAUSEWAY_TEST_RUNS_MAIN=1")
	return cmd
}

// start runs a command until the test ends it, or ends itself.
func start(t *testing.T, name string, cmd *exec.Cmd) *child {
	t.Helper()
	dir := t.TempDir()
	c := &child{name: name, cmd: cmd, out: filepath.Join(dir, name+".out"), log: filepath.Join(dir, name+".log"), ended: make(chan struct{})}
	out, err := os.Create(c.out)
	require.NoError(t, err)
	log, err := os.Create(c.log)
	require.NoError(t, err)
	cmd.Stdout, cmd.Stderr = out, log
	require.NoError(t, cmd.Start())
	go func() {
		c.err = cmd.Wait()
		_, _ = out.Close(), log.Close()
		close(c.ended)
	}()
	t.Cleanup(func() {
		if c.alive() {
			_ = cmd.Process.Kill()
			<-c.ended
		}
	})
	return c
}

func (c *child) alive() bool {
	select {
	case <-c.ended:
		return false
	default:
		return true
	}
}

func (c *child) stdout(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(c.out)
	require.NoError(t, err)
	return string(text)
}

func (c *child) stderr(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(c.log)
	require.NoError(t, err)
	return string(text)
}

func (c *child) said(t *testing.T) string {
	t.Helper()
	return c.stdout(t) + c.stderr(t)
}

// end sends a signal and waits; the error is that of the process.
func (c *child) end(t *testing.T, signal syscall.Signal) error {
	t.Helper()
	require.NoError(t, c.cmd.Process.Signal(signal))
	return c.wait(t)
}

// wait until the process ends; the error is that of the process.
func (c *child) wait(t *testing.T) error {
	t.Helper()
	select {
	case <-c.ended:
		return c.err
	case <-time.After(patiently):
		t.Fatalf("%s did not end within %s\n%s", c.name, patiently, c.said(t))
		return nil
	}
}

// until looks again and again, and gives up when a process ends that is needed for it.
func until(t *testing.T, what string, done func() bool, needed ...*child) {
	t.Helper()
	deadline := time.After(patiently)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		for _, c := range needed {
			if !c.alive() {
				t.Fatalf("%s ended before %s: %v\n%s", c.name, what, c.err, c.said(t))
			}
		}
		select {
		case <-deadline:
			for _, c := range needed {
				t.Logf("%s said:\n%s", c.name, c.said(t))
			}
			t.Fatalf("no %s within %s", what, patiently)
		case <-tick.C:
		}
	}
}

// reserve finds a free address and keeps it from everybody until it is released, which is best done when its user starts.
func reserve(t *testing.T) (address string, release func()) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	release = func() { _ = l.Close() }
	t.Cleanup(release)
	return l.Addr().String(), release
}
