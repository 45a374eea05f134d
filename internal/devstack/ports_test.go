package devstack

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// take occupies a port until the test ends; 0 takes any.
func take(t *testing.T, port int) int {
	t.Helper()
	l, err := net.Listen("tcp", hostPort(port))
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return l.Addr().(*net.TCPAddr).Port
}

func TestPortsAreKeptForTheNextStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := choosePorts(dir, true, nil)
	require.NoError(t, err)
	seen := map[int]bool{}
	for _, p := range first.all() {
		require.NotZero(t, *p.port, p.what)
		require.False(t, seen[*p.port], "one port for two things")
		seen[*p.port] = true
	}
	again, err := choosePorts(dir, true, nil)
	require.NoError(t, err)
	require.Equal(t, first, again)

	take(t, first.Metrics)
	moved, err := choosePorts(dir, true, nil)
	require.NoError(t, err)
	require.NotEqual(t, first.Metrics, moved.Metrics, "what no account knows gives way")
	require.Equal(t, first.ConnectWise, moved.ConnectWise)

	take(t, first.ConnectWise)
	_, err = choosePorts(dir, true, nil)
	require.ErrorContains(t, err, strconv.Itoa(first.ConnectWise))
	require.ErrorContains(t, err, "the ConnectWise simulator")
	_, err = choosePorts(dir, true, []string{portConnectWise, portMySonicWall, portSecond})
	require.NoError(t, err, "without simulators nobody needs that port")
}

func TestSimulatorsKeepTheirPortsWhenOthersAreFixed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := choosePorts(dir, true, nil)
	require.NoError(t, err)
	fixed, err := choosePorts(dir, false, everyPortBut(portConnectWise))
	require.NoError(t, err)
	require.Equal(t, first.ConnectWise, fixed.ConnectWise)
	require.Equal(t, fixedPorts().Dashboard, fixed.Dashboard)
}

// everyPortBut leaves the machine's own use of the fixed ports out of a test.
func everyPortBut(needed string) (unneeded []string) {
	var p ports
	for _, each := range p.all() {
		if each.what != needed {
			unneeded = append(unneeded, each.what)
		}
	}
	return unneeded
}

func TestOneStartPerFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new")
	lock, err := lockFolder(dir)
	require.NoError(t, err)
	_, err = lockFolder(dir)
	require.ErrorContains(t, err, "already runs")
	require.ErrorContains(t, err, strconv.Itoa(os.Getpid()))
	require.ErrorContains(t, err, dir)
	lock.release()
	lock, err = lockFolder(dir)
	require.NoError(t, err)
	lock.release()
}

func TestTemporalsProgramIsTakenFromWhereItWasNamed(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "temporal")
	named := func(string) string { return file }
	_, err := FindTemporal(named)
	require.ErrorContains(t, err, file)
	require.NoError(t, os.WriteFile(file, []byte("#!/bin/sh\n"), 0o600))
	_, err = FindTemporal(named)
	require.Error(t, err, "a file that cannot be run is no program")
	require.NoError(t, os.Chmod(file, 0o700))
	found, err := FindTemporal(named)
	require.NoError(t, err)
	require.Equal(t, file, found)
}
