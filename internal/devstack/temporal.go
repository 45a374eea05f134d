package devstack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"causeway/internal/config"
)

// programName of Temporal's own command line, which contains its dev server.
const programName = "temporal"

// FindTemporal locates the dev server's program: CAUSEWAY_TEMPORAL_CLI, else .bin/ of the project that the executable or the
// working folder belongs to, else the search path.
func FindTemporal(getenv func(string) string) (string, error) {
	if set := getenv("CAUSEWAY_TEMPORAL_CLI"); set != "" {
		if !isProgram(set) {
			return "", fmt.Errorf("CAUSEWAY_TEMPORAL_CLI names %s, which is not an executable file", set)
		}
		return set, nil
	}
	var starts []string
	if exe, err := os.Executable(); err == nil {
		starts = append(starts, filepath.Dir(exe))
	}
	if dir, err := os.Getwd(); err == nil {
		starts = append(starts, dir)
	}
	for _, start := range starts {
		for dir := start; ; dir = filepath.Dir(dir) {
			if path := filepath.Join(dir, ".bin", programName); isProgram(path) {
				return path, nil
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	if path, err := exec.LookPath(programName); err == nil {
		return path, nil
	}
	return "", errors.New("Temporal's dev server was not found: run `make dev`, which builds it once, or name the program in CAUSEWAY_TEMPORAL_CLI")
}

func isProgram(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

// temporalServer is the dev server as a child process. It is not in our process: its dependencies clash with ours.
type temporalServer struct {
	cmd     *exec.Cmd
	address string // host:port of the frontend
	ui      string // base URL
	done    chan struct{}
	err     error
}

// startTemporal runs the dev server on a kept database and waits until it answers.
func startTemporal(ctx context.Context, program, dir string, port, uiPort, metricsPort int, logger *slog.Logger) (*temporalServer, error) {
	logFile, err := os.OpenFile(filepath.Join(dir, "temporal.log"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("start Temporal's dev server: %w", err)
	}
	defer func() { _ = logFile.Close() }()
	cmd := exec.Command(program, "server", "start-dev", "--ip", loopback, "--port", strconv.Itoa(port), "--ui-port", strconv.Itoa(uiPort), //nolint:gosec,noctx // the program is the operator's own choice; it is ended after the worker, later than the context
		"--metrics-port", strconv.Itoa(metricsPort), "--db-filename", filepath.Join(dir, "temporal.db"),
		// Twice as fast as the default; at worst the last moments before a power cut are lost, not before a crash.
		"--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=1",
		"--search-attribute", "CausewayAccount=Keyword", "--search-attribute", "CausewayTenant=Keyword", "--search-attribute", "CausewayRun=Keyword",
		"--dynamic-config-value", "matching.useNewMatcher=true", "--dynamic-config-value", "matching.enableFairness=true",
		"--log-level", "warn")
	cmd.Stdout, cmd.Stderr = logFile, logFile
	// A group of its own: Ctrl-C in the terminal reaches us alone, and we end the child after the worker has stopped.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	s := &temporalServer{cmd: cmd, address: hostPort(port), ui: "http://" + hostPort(uiPort), done: make(chan struct{})}
	if err := startChild(cmd, dir); err != nil {
		return nil, fmt.Errorf("start Temporal's dev server %s: %w", program, err)
	}
	go func() {
		s.err = cmd.Wait()
		close(s.done)
	}()
	if err := s.answer(ctx, logger); err != nil {
		s.stop()
		return nil, fmt.Errorf("Temporal's dev server did not answer (its log: %s): %w", logFile.Name(), err)
	}
	return s, nil
}

// answer waits until the frontend serves the default namespace.
func (s *temporalServer) answer(ctx context.Context, logger *slog.Logger) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		c, err := client.DialContext(ctx, client.Options{HostPort: s.address, Logger: log.NewStructuredLogger(slog.New(slog.DiscardHandler))})
		if err == nil {
			_, err = c.ListWorkflow(ctx, listNothing)
			c.Close()
		}
		if err == nil {
			return nil
		}
		logger.Debug("waiting for Temporal", "error", err)
		select {
		case <-s.done:
			return fmt.Errorf("it ended: %w", errors.Join(s.err, err))
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// stop asks it to end, and ends it where it does not.
func (s *temporalServer) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.done:
	case <-time.After(10 * time.Second):
		_ = s.cmd.Process.Kill()
		<-s.done
	}
}

// listNothing asks for one workflow, whichever: an answer proves that the namespace is served, which a health check does not.
var listNothing = &workflowservice.ListWorkflowExecutionsRequest{Namespace: "default", PageSize: 1}

// childFile records the dev server's process, so that the next start after a crash of ours can end it.
func childFile(dir string) string { return filepath.Join(dir, "temporal.pid") }

// startChild starts and records it; a child that could not be recorded is ended.
func startChild(cmd *exec.Cmd, dir string) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	started, err := config.ProcessStarted(cmd.Process.Pid)
	if err == nil {
		err = os.WriteFile(childFile(dir), []byte(strconv.Itoa(cmd.Process.Pid)+" "+started+"\n"), 0o600)
	}
	if err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	return err
}

// endLeftOver ends a dev server that an earlier start left behind. The id alone could meanwhile be someone else's: the start
// time recorded with it must fit too.
func endLeftOver(ctx context.Context, dir string, logger *slog.Logger) error {
	text, err := os.ReadFile(childFile(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for a left-over dev server: %w", err)
	}
	id, started, _ := strings.Cut(strings.TrimSpace(string(text)), " ")
	pid, _ := strconv.Atoi(id) // 0, which is nobody's, where the file was cut off
	if !config.ProcessAlive(pid, started) {
		return nil
	}
	logger.Info("ending the Temporal dev server that an earlier start left behind", "pid", pid)
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		err = syscall.Kill(pid, signal)
		if err == nil {
			err = waitEnded(ctx, pid, started)
		}
		if !config.ProcessAlive(pid, started) {
			return nil
		}
		if err != nil {
			break
		}
	}
	return fmt.Errorf("end the Temporal dev server of an earlier start, process %d; end it by hand and start again: %w",
		pid, cmp.Or(err, errors.New("it goes on running")))
}

// waitEnded gives a process ten seconds. That the system tells a process's end to its parent alone is why it is asked again and
// again.
func waitEnded(ctx context.Context, pid int, started string) error {
	patience := time.After(10 * time.Second)
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for config.ProcessAlive(pid, started) {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-patience:
			return nil
		case <-again.C:
		}
	}
	return nil
}
