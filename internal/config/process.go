package config

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// ProcessStarted identifies the run of a process beyond its id, which the system gives out again. A process that has ended and
// only waits to be collected counts as not there.
func ProcessStarted(pid int) (string, error) {
	if pid <= 0 {
		return "", fmt.Errorf("%d is not a process id", pid)
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if os.IsNotExist(err) && !hasProc() {
		return startedByPS(pid)
	}
	if err != nil {
		return "", fmt.Errorf("there is no process %d: %w", pid, err)
	}
	// The name in brackets may hold anything, brackets and blanks included; state is the field after it, start time the 20th.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	const state, startTicks = 0, 19
	if len(fields) <= startTicks || strings.ContainsAny(fields[state], "ZXx") {
		return "", fmt.Errorf("process %d has ended", pid)
	}
	// Ticks count from boot, so the boot is named as well; without its id ticks alone must do.
	boot, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(boot)) + ":" + fields[startTicks], nil
}

func hasProc() bool {
	_, err := os.Stat("/proc/self/stat")
	return err == nil
}

func startedByPS(pid int) (string, error) {
	out, err := exec.Command("ps", "-o", "lstart=", "-p", strconv.Itoa(pid)).Output() //nolint:gosec,noctx // the argument is a number; ps answers at once
	started := strings.TrimSpace(string(out))
	if err != nil || started == "" {
		return "", fmt.Errorf("there is no process %d", pid)
	}
	return started, nil
}

// ProcessAlive tells whether exactly this process still runs; started is what ProcessStarted said of it.
func ProcessAlive(pid int, started string) bool {
	now, err := ProcessStarted(pid)
	return err == nil && started != "" && now == started
}
