package connectwise_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"causeway/internal/connectwise"
)

// The estate that the benchmarks read, and how the server in front of it behaves.
const (
	benchCompanies  = 2000
	benchAgreements = 5000
	benchWithLines  = 500
	benchLines      = 25
	benchLatency    = 20 * time.Millisecond
	benchAtOnce     = 16
)

// estateServer answers lists after a latency, with Link headers. Every nth answer is a 429 when nth is above 0.
type estateServer struct {
	nth        int64
	retryAfter string
	calls      atomic.Int64
	throttled  atomic.Int64
	additions  [][]byte // by agreement, encoded once: the server must not be what is measured
}

func newEstateServer() *estateServer {
	s := &estateServer{}
	for agreement := range benchAgreements {
		rows := make([]map[string]any, benchLines)
		for i := range rows {
			id := agreement*benchLines + i + 1
			rows[i] = map[string]any{
				"id": id, "agreementId": agreement + 1, "product": map[string]any{"id": i + 1, "identifier": "SONICWALL_" + strconv.Itoa(i)},
				"quantity": 1.00, "unitPrice": 12.50, "billCustomer": "Billable", "effectiveDate": "2026-04-07T00:00:00Z", "serialNumber": strconv.Itoa(id),
			}
		}
		text, _ := json.Marshal(rows)
		s.additions = append(s.additions, text)
	}
	return s
}

func (s *estateServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/login/") {
		writeJSON(w, 200, map[string]any{"Codebase": "v2022_1/"})
		return
	}
	time.Sleep(benchLatency) // this is the latency that the benchmark is about
	if n := s.calls.Add(1); s.nth > 0 && n%s.nth == 0 {
		s.throttled.Add(1)
		w.Header().Set("Retry-After", s.retryAfter)
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	path := strings.TrimPrefix(r.URL.Path, "/v2022_1/apis/3.0/")
	switch path {
	case "company/companies":
		pager{total: benchCompanies, links: true}.ServeHTTP(w, r)
	case "finance/agreements":
		pager{total: benchAgreements, links: true}.ServeHTTP(w, r)
	default:
		id, _ := strconv.Atoi(strings.Split(path, "/")[2])
		w.Header().Set("Link", `<https://x/>; rel="first"`)
		w.Header().Set("Content-Type", asJSON)
		_, _ = w.Write(s.additions[id-1])
	}
}

// reading is what one pass brought.
type reading struct {
	companies, agreements int
	lines                 map[int]int // how often each addition came
}

func (got reading) check(b *testing.B, withLines int) {
	b.Helper()
	require.Equal(b, benchCompanies, got.companies)
	require.Equal(b, benchAgreements, got.agreements)
	require.Len(b, got.lines, withLines*benchLines)
	for id, times := range got.lines {
		require.Equal(b, 1, times, "addition %d", id)
	}
}

func agreementIDs(n int) []int {
	ids := make([]int, n)
	for i := range ids {
		ids[i] = i*(benchAgreements/n) + 1
	}
	return ids
}

// oneAfterAnother reads as a simple program would: each call when the one before is answered.
func oneAfterAnother(b *testing.B, cw *connectwise.Client, withLines int) reading {
	b.Helper()
	companies, err := connectwise.Collect(cw.Companies.All(b.Context(), connectwise.ListOptions{}))
	require.NoError(b, err)
	agreements, err := connectwise.Collect(cw.Agreements.All(b.Context(), connectwise.ListOptions{}))
	require.NoError(b, err)
	got := reading{companies: len(companies), agreements: len(agreements), lines: map[int]int{}}
	for _, id := range agreementIDs(withLines) {
		rows, err := connectwise.Collect(cw.Additions.All(b.Context(), id, connectwise.ListOptions{}))
		require.NoError(b, err)
		for _, row := range rows {
			got.lines[row.ID]++
		}
	}
	return got
}

// atOnce reads the two lists and the additions together.
func atOnce(b *testing.B, cw *connectwise.Client, withLines int) reading {
	b.Helper()
	got := reading{lines: map[int]int{}}
	group, ctx := errgroup.WithContext(b.Context())
	group.Go(func() error {
		rows, err := connectwise.Collect(cw.Companies.All(ctx, connectwise.ListOptions{}))
		got.companies = len(rows)
		return err
	})
	group.Go(func() error {
		rows, err := connectwise.Collect(cw.Agreements.All(ctx, connectwise.ListOptions{}))
		got.agreements = len(rows)
		return err
	})
	group.Go(func() error { return readLines(ctx, cw, withLines, got.lines) })
	require.NoError(b, group.Wait())
	return got
}

func readLines(ctx context.Context, cw *connectwise.Client, withLines int, lines map[int]int) error {
	return cw.Additions.OfAgreements(ctx, agreementIDs(withLines), connectwise.ListOptions{}, func(_ int, rows []connectwise.Addition) error {
		for _, row := range rows {
			lines[row.ID]++
		}
		return nil
	})
}

func benchClient(b *testing.B, server *estateServer, most int) *connectwise.Client {
	b.Helper()
	plain := httptest.NewServer(server)
	transport := &http.Transport{MaxIdleConnsPerHost: benchAtOnce}
	b.Cleanup(plain.Close)
	b.Cleanup(transport.CloseIdleConnections)
	cw, err := connectwise.New(connectwise.Config{
		Host: strings.TrimPrefix(plain.URL, "http://"), Company: "acme", PublicKey: canaryPublic, PrivateKey: canaryPrivate,
		AllowPlainHTTP: true, HTTPClient: &http.Client{Transport: transport},
		Limiter: connectwise.NewLimiter(connectwise.Limits{AtOnce: most}),
	})
	require.NoError(b, err)
	return cw
}

// BenchmarkBulkRead reads 2,000 companies, 5,000 agreements and the additions of 500 of them, sixteen calls at once, and
// compares with one call after another, measured in the same run.
func BenchmarkBulkRead(b *testing.B) {
	const least = 8 // times faster than one after another
	for b.Loop() {
		server := newEstateServer()
		start := time.Now()
		oneAfterAnother(b, benchClient(b, server, 1), benchWithLines).check(b, benchWithLines)
		sequential, sequentialCalls := time.Since(start), server.calls.Swap(0)

		start = time.Now()
		atOnce(b, benchClient(b, server, benchAtOnce), benchWithLines).check(b, benchWithLines)
		together, calls := time.Since(start), server.calls.Load()

		require.Equal(b, int64(2+5+benchWithLines), calls, "no call more than pages and agreements")
		require.Equal(b, calls, sequentialCalls)
		ratio := sequential.Seconds() / together.Seconds()
		if ratio < least {
			b.Errorf("%.1f times faster than one after another, want at least %d", ratio, least)
		}
		limit := time.Duration(calls) * benchLatency / benchAtOnce
		b.ReportMetric(float64(calls), "calls")
		b.ReportMetric(ratio, "times-faster")
		b.ReportMetric(together.Seconds()/limit.Seconds(), "times-the-limit")
		b.ReportMetric(0, "ns/op")
	}
}

// BenchmarkBulkReadThrottled is the same with every fifth answer a 429: every row must come, and once.
func BenchmarkBulkReadThrottled(b *testing.B) {
	for name, tc := range map[string]struct {
		retryAfter string
		withLines  int
	}{
		"RetryAfter=0": {"0", benchWithLines},
		"RetryAfter=1": {"1", 40}, // every pause is a real second: fewer agreements, to stay within half a minute
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				server := newEstateServer()
				server.nth, server.retryAfter = 5, tc.retryAfter
				cw := benchClient(b, server, benchAtOnce)
				start := time.Now()
				atOnce(b, cw, tc.withLines).check(b, tc.withLines)
				stats := cw.Limiter().Stats()

				calls, throttled := server.calls.Load(), server.throttled.Load()
				require.Equal(b, int64(2+5+tc.withLines), calls-throttled, "each answer is used, none is asked for twice")
				require.Equal(b, int(throttled), stats.Throttled)
				b.ReportMetric(float64(calls), "calls")
				b.ReportMetric(float64(throttled)/float64(calls), "throttled-share")
				b.ReportMetric(float64(stats.Slowdowns), "slowdowns")
				b.ReportMetric(time.Since(start).Seconds(), "seconds")
				b.ReportMetric(0, "ns/op")
			}
		})
	}
}
