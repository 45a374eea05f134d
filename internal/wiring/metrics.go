package wiring

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/attribute"
	promexporter "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.temporal.io/sdk/client"
	temporalotel "go.temporal.io/sdk/contrib/opentelemetry"

	"causeway/internal/bridge"
	"causeway/internal/connectwise"
	"causeway/internal/mysonicwall"
	"causeway/internal/secret"
	"causeway/internal/vendors"
)

// Meters are a process's metrics: Temporal's, Go's and Causeway's own. Labels hold methods, statuses, outcomes, hosts and company
// names; never a key, and never a tenant, of which there are thousands.
type Meters struct {
	registry *prometheus.Registry
	meter    metric.Meter
	log      *slog.Logger

	calls   metric.Int64Counter
	seconds metric.Float64Histogram
	changes metric.Int64Counter
	runs    metric.Int64Counter
}

// NewMeters makes a registry of its own.
func NewMeters(version string, log *slog.Logger) (*Meters, error) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	exporter, err := promexporter.New(promexporter.WithRegisterer(registry), promexporter.WithoutScopeInfo())
	if err != nil {
		return nil, fmt.Errorf("set up metrics: %w", err)
	}
	m := &Meters{
		registry: registry, log: log,
		meter: sdkmetric.NewMeterProvider(sdkmetric.WithReader(exporter)).Meter("causeway", metric.WithInstrumentationVersion(version)),
	}
	if m.calls, err = m.meter.Int64Counter("causeway_vendor_calls", metric.WithDescription("Calls to ConnectWise and MySonicWall by method and status.")); err != nil {
		return nil, err
	}
	m.seconds, err = m.meter.Float64Histogram("causeway_vendor_call_duration", metric.WithUnit("s"),
		metric.WithDescription("Time from sending a call to the last byte of its answer."),
		metric.WithExplicitBucketBoundaries(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30))
	if err != nil {
		return nil, err
	}
	if m.changes, err = m.meter.Int64Counter("causeway_changes", metric.WithDescription("Changes of ended runs by outcome.")); err != nil {
		return nil, err
	}
	m.runs, err = m.meter.Int64Counter("causeway_runs", metric.WithDescription("Ended runs by status."))
	return m, err
}

// Handler serves the metrics in Prometheus' format.
func (m *Meters) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

func (m *Meters) temporal() client.MetricsHandler {
	return temporalotel.NewMetricsHandler(temporalotel.MetricsHandlerOptions{
		Meter: m.meter, UseMonotonicCounters: true,
		OnError: func(err error) { m.log.Warn("a metric of Temporal's could not be kept", "error", err) },
	})
}

func (m *Meters) call(vendor, method string, status int, took time.Duration) {
	answer := "none"
	if status > 0 {
		answer = strconv.Itoa(status)
	}
	m.calls.Add(context.Background(), 1, metric.WithAttributes(
		attribute.String("vendor", vendor), attribute.String("method", method), attribute.String("status", answer)))
	m.seconds.Record(context.Background(), took.Seconds(), metric.WithAttributes(attribute.String("vendor", vendor)))
}

// ended counts a run that has just been closed.
func (m *Meters) ended(ctx context.Context, run bridge.Run) {
	m.runs.Add(ctx, 1, metric.WithAttributes(attribute.String("kind", string(run.Kind)), attribute.String("status", string(run.Status))))
	for outcome, n := range map[string]int{
		"applied": run.Changes.Applied, "failed": run.Changes.Failed, "skipped": run.Changes.Skipped, "held": run.Changes.Held, "stale": run.Changes.Stale,
	} {
		if n > 0 {
			m.changes.Add(ctx, int64(n), metric.WithAttributes(attribute.String("outcome", outcome)))
		}
	}
}

// watch shows the ConnectWise limiters of a directory.
func (m *Meters) watch(d *vendors.Directory) {
	gauges := map[string]func(connectwise.LimiterStats) int{
		"causeway_limiter_at_once":   func(s connectwise.LimiterStats) int { return s.AtOnce },
		"causeway_limiter_in_flight": func(s connectwise.LimiterStats) int { return s.InFlight },
		"causeway_limiter_waiting":   func(s connectwise.LimiterStats) int { return s.Waiting },
		"causeway_limiter_throttled": func(s connectwise.LimiterStats) int { return s.Throttled },
		"causeway_limiter_slowdowns": func(s connectwise.LimiterStats) int { return s.Slowdowns },
	}
	for name, read := range gauges {
		_, err := m.meter.Int64ObservableGauge(name, metric.WithDescription("Of each ConnectWise login, by host and company."),
			metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
				for login, stats := range d.Limiters() {
					o.Observe(int64(read(stats)), metric.WithAttributes(attribute.String("login", login)))
				}
				return nil
			}))
		if err != nil {
			m.log.Warn("a metric of the limiters could not be kept", "metric", name, "error", err)
		}
	}
}

// measured counts the calls of every client that it hands out.
type measured struct {
	*vendors.Directory
	meters *Meters
}

func (v measured) ConnectWise(ctx context.Context, account bridge.Account, onCall func(connectwise.Call)) (*connectwise.Client, error) {
	return v.Directory.ConnectWise(ctx, account, v.connectWise(onCall)) //nolint:contextcheck // a call is counted when it ends, whatever ended it
}

func (v measured) MySonicWall(ctx context.Context, account bridge.Account, onCall func(mysonicwall.Call)) (mysonicwall.Source, error) {
	return v.Directory.MySonicWall(ctx, account, func(c mysonicwall.Call) { //nolint:contextcheck // as above
		v.meters.call("mysonicwall", c.Method, c.Status, c.Duration)
		if onCall != nil {
			onCall(c)
		}
	})
}

func (v measured) ProbeConnectWise(settings bridge.ConnectWiseSettings, privateKey secret.Text) (*connectwise.Client, error) {
	probe, err := v.Directory.ProbeConnectWise(settings, privateKey)
	if err != nil {
		return nil, err
	}
	return probe.Observed(v.connectWise(nil)), nil
}

func (v measured) connectWise(onCall func(connectwise.Call)) func(connectwise.Call) {
	return func(c connectwise.Call) {
		v.meters.call("connectwise", c.Method, c.Status, c.Duration)
		if onCall != nil {
			onCall(c)
		}
	}
}
