// Command causeway connects MySonicWall accounts with ConnectWise Manage: dashboard, worker, everything on one machine, and the
// operator's commands.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // zones must be known on an empty base as well
)

// version is set by the build.
var version = "unversioned"

func main() {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		cancel(fmt.Errorf("told to stop (%s)", <-signals))
		<-signals
		os.Exit(exitError) // asked twice: at once, whatever is under way
	}()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}
