// Package worker runs Causeway's workflows and activities against a Temporal cluster.
package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.temporal.io/sdk/client"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"causeway/activities"
	"causeway/workflows"
)

// Options of a worker process.
type Options struct {
	BuildID string // shown in Temporal beside what this worker did
	// Activities bounds how many run at once on each vendor's queue; 0 stands for DefaultActivities. It is the number of
	// tenants written at once by this process, over all accounts; calls are bounded per login, by the clients' limiters.
	Activities int
	Logger     *slog.Logger
}

// DefaultActivities per vendor's queue.
const DefaultActivities = 32

// stopWait lets an activity finish the change in hand: longer than the longest HTTP time-out.
const stopWait = 35 * time.Second

// Run polls until ctx ends and then stops: no new work, running activities get time to finish the change in hand. It returns
// the error that stopped it before, if any.
func Run(ctx context.Context, c client.Client, acts *activities.Activities, o Options) error {
	if o.Activities == 0 {
		o.Activities = DefaultActivities
	}
	fatal := make(chan error, 1)
	base := sdkworker.Options{
		DeploymentOptions: sdkworker.DeploymentOptions{Version: sdkworker.WorkerDeploymentVersion{DeploymentName: "causeway", BuildID: o.BuildID}},
		WorkerStopTimeout: stopWait,
		OnFatalError: func(err error) {
			select {
			case fatal <- err:
			default:
			}
		},
	}
	var workers []sdkworker.Worker
	for _, queue := range []string{workflows.Queue, workflows.QueueConnectWise, workflows.QueueMySonicWall} {
		options := base
		options.DisableWorkflowWorker = queue != workflows.Queue
		if options.DisableWorkflowWorker {
			options.MaxConcurrentActivityExecutionSize = o.Activities
		}
		w := sdkworker.New(c, queue, options)
		if queue == workflows.Queue {
			RegisterWorkflows(w)
		}
		w.RegisterActivity(acts)
		workers = append(workers, w)
	}
	for i, w := range workers {
		if err := w.Start(); err != nil {
			stop(workers[:i])
			return fmt.Errorf("start the worker: %w", err)
		}
	}
	defer stop(workers)
	o.Logger.Info("worker started", "build", o.BuildID)
	select {
	case <-ctx.Done():
		return nil
	case err := <-fatal:
		return errors.Join(errors.New("the worker stopped by itself"), err)
	}
}

func stop(workers []sdkworker.Worker) {
	done := make(chan struct{})
	for _, w := range workers {
		go func() { w.Stop(); done <- struct{}{} }()
	}
	for range workers {
		<-done
	}
}

// RegisterWorkflows makes every workflow known; replays of kept histories use it too.
func RegisterWorkflows(r interface {
	RegisterWorkflowWithOptions(w any, o workflow.RegisterOptions)
}) {
	for name, w := range map[string]any{
		"Account": workflows.Account, "Setup": workflows.Setup, "Preview": workflows.Preview, "Nightly": workflows.Nightly,
		"SyncAccount": workflows.SyncAccount, "SyncTenant": workflows.SyncTenant,
	} {
		r.RegisterWorkflowWithOptions(w, workflow.RegisterOptions{Name: name})
	}
}
