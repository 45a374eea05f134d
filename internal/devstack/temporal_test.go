package devstack

import (
	"bufio"
	"context"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"causeway/internal/config"
)

// A child that could not be recorded would be found by no later start, and would hold the data folder's database.
func TestChildThatCannotBeRecordedIsEnded(t *testing.T) {
	t.Parallel()
	child := exec.Command("sleep", "600")
	err := startChild(child, filepath.Join(t.TempDir(), "no such folder"))
	if child.ProcessState == nil {
		t.Cleanup(func() { _ = child.Process.Kill(); _ = child.Wait() })
	}
	require.ErrorIs(t, err, os.ErrNotExist)
	require.NotNil(t, child.ProcessState, "the child still runs")
}

// Whoever stops a start need not wait for what an earlier one left behind.
func TestEndingALeftOverStopsWithTheStart(t *testing.T) {
	t.Parallel()
	child := exec.Command("sh", "-c", `trap "" TERM; echo deaf; read line`)
	held, err := child.StdinPipe()
	require.NoError(t, err)
	said, err := child.StdoutPipe()
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, startChild(child, dir))
	t.Cleanup(func() { _ = held.Close(); _ = child.Wait() })
	_, err = bufio.NewReader(said).ReadString('\n')
	require.NoError(t, err)
	started, err := config.ProcessStarted(child.Process.Pid)
	require.NoError(t, err)

	ctx, stop := context.WithCancel(t.Context())
	stop()
	err = endLeftOver(ctx, dir, slog.New(slog.DiscardHandler))
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, strconv.Itoa(child.Process.Pid))
	require.True(t, config.ProcessAlive(child.Process.Pid, started), "it was asked to end, not killed before its time")
}

// What no longer runs, or was never written whole, is nothing to end.
func TestNothingIsLeftOver(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"ended": strconv.Itoa(os.Getpid()) + " another start", "cut off": "", "no number": "soon later"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			require.NoError(t, os.WriteFile(childFile(dir), []byte(text+"\n"), 0o600))
			require.NoError(t, endLeftOver(t.Context(), dir, slog.New(slog.DiscardHandler)))
		})
	}
}
