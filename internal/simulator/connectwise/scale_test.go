package connectwise

import (
	"fmt"
	"net/url"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The size of a thousand tenants with 25 devices each: 25,000 configurations with answers, read by pages of a thousand, filtered
// by type, and one by one by serial number. Bounds are wide, for a loaded machine; quadratic work would miss them by far.
func TestTwentyFiveThousandConfigurations(t *testing.T) {
	t.Parallel()
	const devices = 25_000
	h := serve(t, func(o *Options) { o.Tenants = 1 })
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	s := h.server
	require.NoError(t, s.store.write(s.settings.Get(), noon, "causeway", func(tx *tx) error {
		for i := range devices {
			r := &record{kind: kindOf("configuration")}
			r.set("name", "fw-"+strconv.Itoa(i))
			r.set("type", ref(1+i%4))
			r.set("company", ref(253))
			r.set("serialNumber", fmt.Sprintf("0017C5%06X", i))
			r.set("questions", []answer{{question: 1, value: "x"}, {question: 2, value: instantOf(noon)}})
			if err := tx.save(nil, r, nil); err != nil {
				return err
			}
		}
		return nil
	}))
	runtime.GC()
	runtime.ReadMemStats(&after)
	assert.Less(t, (after.HeapAlloc-before.HeapAlloc)/devices, uint64(2500), "bytes per configuration")

	started := time.Now()
	seen := 0
	for page := 1; ; page++ {
		n := len(h.get("company/configurations", "conditions", "type/id in (1,2,3)", "pageSize", "1000", "page", strconv.Itoa(page), "orderBy", "id asc",
			"fields", "id,name,serialNumber,type/id,company/id,questions").as(200).ids())
		seen += n
		if n < 1000 {
			break
		}
	}
	assert.Equal(t, 1+3*devices/4, seen) // and the seeded one
	t.Logf("%d configurations by pages of 1,000 in %v", seen, time.Since(started))

	started = time.Now()
	for i := range 300 {
		serial := fmt.Sprintf(`serialNumber="0017c5%06x" and company/id=253`, i*80)
		require.Len(t, h.do("GET", "company/configurations?pageSize=2&conditions="+url.QueryEscape(serial), "").as(200).ids(), 1)
	}
	t.Logf("300 look-ups in %v", time.Since(started))
	assert.Less(t, time.Since(started), 15*time.Second)
}
