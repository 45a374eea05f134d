package store_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"causeway/internal/bridge"
	"causeway/internal/store"
	"causeway/internal/store/storetest"
)

// Benchmarks run on SQLite in a folder of their own; with CAUSEWAY_TEST_POSTGRES_URL also on Postgres.

func benchmarkBoth(b *testing.B, run func(b *testing.B, s *store.Store)) {
	b.Helper()
	b.Run("sqlite", func(b *testing.B) {
		run(b, storetest.SQLite(b))
	})
	b.Run("postgres", func(b *testing.B) {
		run(b, storetest.Postgres(b))
	})
}

// BenchmarkClaimAndFinish is what one change costs the database: claimed, then finished with its managed record and log line, by 16
// writers at once as in a run.
func BenchmarkClaimAndFinish(b *testing.B) {
	benchmarkBoth(b, func(b *testing.B, s *store.Store) {
		b.Helper()
		ctx := b.Context()
		account := storetest.Account(b, s, "bench")
		run, tenants := storetest.Run(b, s, account, 1000)
		storetest.Plan(b, s, run, tenants, 8)
		var next atomic.Int64
		var changes []bridge.Change
		for _, t := range tenants {
			pending, err := s.PendingChanges(ctx, run.ID, t.ID)
			require.NoError(b, err)
			changes = append(changes, pending...)
		}
		b.ResetTimer()
		var group sync.WaitGroup
		for range 16 {
			group.Go(func() {
				for {
					i := next.Add(1) - 1
					if i >= int64(b.N) {
						return
					}
					c := changes[i%int64(len(changes))]
					claimed, err := s.ClaimChange(ctx, run, c.ID)
					if err != nil || (!claimed && i < int64(len(changes))) {
						b.Errorf("claim: %v %v", claimed, err)
						return
					}
					storetest.Finish(ctx, b, s, run, c, int(i)+1)
				}
			})
		}
		group.Wait()
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N), "µs/change")
	})
}

func BenchmarkSaveReports(b *testing.B) {
	benchmarkBoth(b, func(b *testing.B, s *store.Store) {
		b.Helper()
		account := storetest.Account(b, s, "bench")
		for i := range b.N {
			reports := storetest.Reports(1000, 25, i)
			b.StartTimer()
			require.NoError(b, s.SaveReports(b.Context(), account.ID, reports, time.Now()))
			b.StopTimer()
		}
	})
}

func BenchmarkSaveReportsUnchanged(b *testing.B) {
	benchmarkBoth(b, func(b *testing.B, s *store.Store) {
		b.Helper()
		account := storetest.Account(b, s, "bench")
		reports := storetest.Reports(1000, 25, 0)
		require.NoError(b, s.SaveReports(b.Context(), account.ID, reports, time.Now()))
		for b.Loop() {
			require.NoError(b, s.SaveReports(b.Context(), account.ID, reports, time.Now()))
		}
	})
}

func BenchmarkReports(b *testing.B) {
	benchmarkBoth(b, func(b *testing.B, s *store.Store) {
		b.Helper()
		account := storetest.Account(b, s, "bench")
		reports := storetest.Reports(1000, 25, 0)
		require.NoError(b, s.SaveReports(b.Context(), account.ID, reports, time.Now()))
		ids := make([]string, len(reports))
		for i, r := range reports {
			ids[i] = r.TenantID
		}
		for b.Loop() {
			got, err := s.Reports(b.Context(), account.ID, ids)
			require.NoError(b, err)
			require.Len(b, got[999].Products, 25)
		}
	})
}

// BenchmarkSavePlan stores the plans of a batch of 100 tenants with 25 changes each.
func BenchmarkSavePlan(b *testing.B) {
	benchmarkBoth(b, func(b *testing.B, s *store.Store) {
		b.Helper()
		account := storetest.Account(b, s, "bench")
		run, tenants := storetest.Run(b, s, account, 100)
		for b.Loop() {
			storetest.Plan(b, s, run, tenants, 25)
		}
	})
}

func BenchmarkManaged(b *testing.B) {
	benchmarkBoth(b, func(b *testing.B, s *store.Store) {
		b.Helper()
		ctx := context.Background()
		account := storetest.Account(b, s, "bench")
		run, tenants := storetest.Run(b, s, account, 1000)
		storetest.Plan(b, s, run, tenants, 25)
		id := 0
		var ids []string
		for _, t := range tenants {
			ids = append(ids, t.ID)
			pending, err := s.PendingChanges(ctx, run.ID, t.ID)
			require.NoError(b, err)
			for _, c := range pending {
				id++
				storetest.Finish(ctx, b, s, run, c, id)
			}
		}
		for b.Loop() {
			got, err := s.Managed(ctx, account.ID, store.ManagedFilter{TenantIDs: ids})
			require.NoError(b, err)
			require.Len(b, got, 25_000)
		}
	})
}

func BenchmarkTenants(b *testing.B) {
	benchmarkBoth(b, func(b *testing.B, s *store.Store) {
		b.Helper()
		account := storetest.Account(b, s, "bench")
		run, tenants := storetest.Run(b, s, account, 3000)
		storetest.Plan(b, s, run, tenants, 2)
		for _, t := range tenants {
			_, err := s.EndTenant(b.Context(), run.ID, t.ID, bridge.TenantSynced, "")
			require.NoError(b, err)
		}
		for b.Loop() {
			rows, total, _, err := s.Tenants(b.Context(), account.ID, store.TenantFilter{Limit: 50})
			require.NoError(b, err)
			require.Len(b, rows, 50)
			require.Equal(b, 3000, total, fmt.Sprint(run.ID))
		}
	})
}
