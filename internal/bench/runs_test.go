//go:build bench

package bench

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// unchangedRuns are measured; the quickest counts, because everything else on the machine only ever adds.
const unchangedRuns = 3

// TestBenchRuns prints what a first and an unchanged run of 200 and of 1,000 tenants cost.
func TestBenchRuns(t *testing.T) {
	perTenant := map[string]map[int]time.Duration{"first": {}, "unchanged": {}}
	for _, tenants := range []int{200, 1000} {
		t.Run(fmt.Sprint(tenants), func(t *testing.T) {
			r := newRig(t, tenants)
			first := r.sync()
			require.Positive(t, first.Changes.Applied)
			additions, configurations := first.kinds["addition create"], first.kinds["configuration create"]
			best := r.sync()
			for range unchangedRuns - 1 {
				if next := r.sync(); next.wall < best.wall {
					best = next
				}
			}
			require.Zero(t, best.Changes.Applied)
			perTenant["first"][tenants] = first.wall / time.Duration(tenants)
			perTenant["unchanged"][tenants] = best.wall / time.Duration(tenants)

			fewest := best.fewest(tenants, configurations)
			reading := best.Calls.ConnectWise // what a run reads before it writes
			writing := float64(first.Calls.ConnectWise - reading)
			report := func(format string, args ...any) {
				fmt.Printf("%5d tenants  "+format+"\n", append([]any{tenants}, args...)...)
			}
			report("unchanged: %d ConnectWise calls, %.2f × the fewest (%d); %d MySonicWall calls; 0 writes", best.Calls.ConnectWise, float64(best.Calls.ConnectWise)/float64(fewest), fewest, best.Calls.MySonicWall)
			report("unchanged: wall %s, limit %s, %.2f × the limit", round(best.wall), round(best.limit()), ratio(best.wall, best.limit()))
			report("unchanged: collect %s, compare %s, closing %s, the mailbox and between %s", round(best.spent["CollectRun"]), round(best.spent["CompareRun"]),
				round(best.spent["CloseRun"]+best.spent["TenantsToSync"]), round(best.wall-best.spent["CollectRun"]-best.spent["CompareRun"]-best.spent["CloseRun"]-best.spent["TenantsToSync"]))
			report("unchanged: %d history events, %.3f per tenant", best.history, float64(best.history)/float64(tenants))
			report("first:     %d additions, %d configurations, %d rows written", additions, configurations, first.Changes.Applied)
			report("first:     wall %s, limit %s, %.2f × the limit", round(first.wall), round(first.limit()), ratio(first.wall, first.limit()))
			report("first:     %.2f writing calls per object if a configuration counts as two (create, attach)", writing/float64(additions+2*configurations))
			report("worker:    %.0f MB at most", r.memory())
		})
	}
	for kind, times := range perTenant {
		fmt.Printf("%-9s per tenant: %s at 200, %s at 1,000: %+.0f %%\n", kind, times[200].Round(time.Microsecond), times[1000].Round(time.Microsecond),
			100*(float64(times[1000])/float64(times[200])-1))
	}
}

func round(d time.Duration) time.Duration { return d.Round(time.Millisecond) }

func ratio(a, b time.Duration) float64 { return float64(a) / float64(b) }

// fewest calls a run can do with: pages of 1,000 of the shared lists, questions once per type, one per distinct agreement.
func (m measured) fewest(tenants, configurations int) int {
	pages := func(rows int) int { return max((rows+999)/1000, 1) }
	const (
		small = 7 // billing cycles, product types, categories, subcategories, catalog, configuration types and statuses: a page each
		types = 5 // of the guide's table
	)
	return small + types + pages(tenants) + pages(tenants) + pages(configurations) + tenants
}
