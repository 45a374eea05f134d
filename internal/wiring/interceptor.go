package wiring

import (
	"context"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"

	"causeway/activities"
	"causeway/internal/bridge"
)

// runReader finds a run with its counts.
type runReader interface {
	Run(ctx context.Context, id int64) (bridge.Run, error)
}

// interceptor counts runs as their rows are closed: the counts on the row are the truth, and one place sees every run end.
func (m *Meters) interceptor(runs runReader) interceptor.Interceptor {
	return &closings{meters: m, runs: runs}
}

type closings struct {
	interceptor.InterceptorBase
	meters *Meters
	runs   runReader
}

func (c *closings) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	i := &closing{closings: c}
	i.Next = next
	return i
}

type closing struct {
	interceptor.ActivityInboundInterceptorBase
	*closings
}

func (c *closing) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	out, err := c.Next.ExecuteActivity(ctx, in)
	if err != nil || activity.GetInfo(ctx).ActivityType.Name != "CloseRun" || len(in.Args) == 0 {
		return out, err
	}
	// From here on the run is closed, whatever becomes of its metrics.
	closed, ok := in.Args[0].(activities.CloseRunInput)
	if !ok {
		return out, nil
	}
	run, readErr := c.runs.Run(ctx, closed.RunID)
	if readErr != nil {
		c.meters.log.Warn("a run that ended is missing in the metrics", "run", closed.RunID, "error", readErr)
		return out, nil
	}
	c.meters.ended(ctx, run)
	return out, nil
}
