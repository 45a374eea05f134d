package control

import (
	"maps"
	"sync"
	"time"
)

// logCapacity is how many requests are kept; older ones are forgotten but stay in the counts. bodyLimit is in bytes and holds
// for writes only.
const (
	logCapacity = 50_000
	bodyLimit   = 4 << 10
)

// Entry is one request as GET /_sim/requests shows it. Path is below the API's base, without a leading slash; Query is
// percent-decoded; Status is 0 where the connection was cut instead of answered; Fault names the rule that acted on it
// ("fault 3") or "rate limit".
type Entry struct {
	Seq    int64     `json:"seq"`
	Time   time.Time `json:"time"`
	Method string    `json:"method"`
	Path   string    `json:"path"`
	Query  string    `json:"query,omitempty"`
	Status int       `json:"status"`
	Fault  string    `json:"fault,omitempty"`
	Body   string    `json:"body,omitempty"`
	Caller string    `json:"caller,omitempty"`
}

// requestLog keeps the latest requests in a ring, in the order in which they were answered.
type requestLog struct {
	mu      sync.Mutex
	ring    []Entry
	total   int64 // also the sequence number of the latest entry
	counts  map[string]int64
	running int
	peak    int
}

// logPage is the answer of GET /_sim/requests. Next is the since of the following call; Forgotten says how many of the
// entries asked for are no longer kept; Peak is the most requests that were being answered at once.
type logPage struct {
	Next      int64            `json:"next"`
	Total     int64            `json:"total"`
	Counts    map[string]int64 `json:"counts"`
	Peak      int              `json:"peak"`
	Forgotten int64            `json:"forgotten,omitempty"`
	Requests  []Entry          `json:"requests"`
}

func (l *requestLog) begin() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running++
	l.peak = max(l.peak, l.running)
}

func (l *requestLog) end(e Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running--
	if l.counts == nil {
		l.counts = map[string]int64{}
	}
	l.total++
	l.counts[e.Method]++
	e.Seq = l.total
	if len(l.ring) < logCapacity {
		l.ring = append(l.ring, e)
		return
	}
	l.ring[(l.total-1)%logCapacity] = e
}

func (l *requestLog) since(n int64) logPage {
	l.mu.Lock()
	defer l.mu.Unlock()
	page := logPage{Next: l.total, Total: l.total, Counts: maps.Clone(l.counts), Peak: l.peak, Requests: []Entry{}}
	if page.Counts == nil {
		page.Counts = map[string]int64{}
	}
	first := max(n, 0, l.total-int64(len(l.ring)))
	page.Forgotten = first - max(n, 0)
	for seq := first; seq < l.total; seq++ {
		page.Requests = append(page.Requests, l.ring[seq%logCapacity])
	}
	return page
}

func (l *requestLog) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ring, l.total, l.counts, l.peak = nil, 0, nil, l.running
}
