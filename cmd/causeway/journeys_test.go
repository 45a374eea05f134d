package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"causeway/internal/admin"
	"causeway/internal/bridge"
)

// Journeys are what happens to the billing of single customers over the years, each with the real program against both simulated
// vendors: a person edits, a run follows, and somebody looks at the agreement. They share one provider, its account and its runs,
// and have nothing else in common: each has companies, agreements and tenants of its own.

// The provider's clock is moved to this day, so that every journey has the same dates whenever it is taken.
const (
	journeysBegin = "2027-03-10"
	billingStart  = "2026-09-01"
	nextInvoice   = "2027-04-01"
	afterInvoice  = "2027-05-01" // the next invoice date, once the one of nextInvoice is issued
	lastMonth     = "2027-03-31" // the day before nextInvoice
	manyTenants   = 90           // of the simulated estate: their companies are what journeys begin with
)

// provider is a managed service provider whose account is driven by the command line.
type provider struct {
	*stand
	account string
	zone    string
	day     string     // the local date of its clock
	settled bool       // the account was applied
	t       *testing.T // as long as the provider lives

	mu        sync.Mutex
	under     int                      // journeys under way
	waiting   map[string][]chan *night // by the day on which the run is to be
	mapping   [][]string
	companies []customerCompany
	last      int // number given to a customer
}

// customerCompany is a company of the simulated ConnectWise that nobody has taken yet.
type customerCompany struct{ id, contact, site int }

// night is a run that several journeys waited for.
type night struct {
	admin.RunAnswer
	rows   map[string][]admin.ChangeAnswer // by tenant
	failed string                          // why there was no run
}

func TestJourneys(t *testing.T) {
	p := newProvider(t)
	p.travel(t, moves, waits, byPersons, frozen, contradictions, lives)
}

// newProvider starts everything, at noon of the journeys' first day.
func newProvider(t *testing.T) *provider {
	t.Helper()
	p := &provider{t: t, account: accountName, zone: "UTC", day: journeysBegin, waiting: map[string][]chan *night{}}
	if hour := time.Now().UTC().Hour(); hour < 2 {
		p.zone = "Etc/GMT+6" // no night of Temporal's, whose clock cannot be moved, falls into a journey
	}
	t.Setenv("CAUSEWAY_MAYBE_DONE_WAIT", "1s")
	p.stand = newStand(t, p.args()...)
	for _, c := range p.simulators().state(t)["company"] {
		contact, ok := c["defaultContact"].(map[string]any)
		if !ok || c["deletedFlag"] == true || refName(c, "status") != "Active" {
			continue
		}
		p.companies = append(p.companies, customerCompany{number(t, c, "id"), number(t, contact, "id"), refID(t, c, "site")})
	}
	return p
}

func (p *provider) args() []string {
	return []string{"--no-demo", "--tenants", strconv.Itoa(manyTenants), clockAt(p.day)}
}

// clockAt is the flag that moves a clock to noon of a day.
func clockAt(day string) string {
	noon, err := time.Parse(time.DateOnly, day)
	if err != nil {
		panic(err)
	}
	return "--clock-offset=" + time.Until(noon.Add(12*time.Hour)).Truncate(time.Second).String()
}

// apply makes or changes the account; lines replace those of the usual file that begin alike, or are added to it.
func (p *provider) apply(lines ...string) admin.AccountAnswer {
	p.t.Helper()
	file := p.simulators().accountYAML(p.t, p.account, p.zone)
	text, err := os.ReadFile(file)
	require.NoError(p.t, err)
	whole := strings.Split(strings.TrimSpace(string(text)), "\n")
	for _, line := range append([]string{"limits: {new_additions: 5, quantity_step: 20}"}, lines...) {
		name, _, _ := strings.Cut(line, ":")
		at := len(whole)
		for i, old := range whole {
			if strings.HasPrefix(old, name+":") {
				at = i
			}
		}
		whole = append(whole[:at], append([]string{line}, whole[min(at+1, len(whole)):]...)...)
	}
	require.NoError(p.t, os.WriteFile(file, []byte(strings.Join(whole, "\n")+"\n"), 0o600))
	var answer admin.AccountAnswer
	p.ask(p.t, 0, &answer, "account", "apply", "--file", file)
	require.Equal(p.t, bridge.AccountReady, answer.State)
	return answer
}

// travel lets journeys happen at the same time. They are no parallel tests, of which only as many run as there are processors.
func (p *provider) travel(t *testing.T, several ...map[string]func(j *journey)) {
	t.Helper()
	journeys := map[string]func(j *journey){}
	for _, some := range several {
		maps.Copy(journeys, some)
	}
	p.under = len(journeys)
	var all sync.WaitGroup
	for name, take := range journeys {
		all.Go(func() {
			defer p.leave()
			t.Run(name, func(t *testing.T) { take(&journey{T: t, p: p}) })
		})
	}
	all.Wait()
}

// leave is the end of a journey, good or bad: nobody waits for it any more.
func (p *provider) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.under--
	p.begin()
}

// await joins the next run on a day, none for today, and answers with it.
func (p *provider) await(day string) *night {
	done := make(chan *night, 1)
	p.mu.Lock()
	if day == "" {
		day = p.day
	}
	p.waiting[day] = append(p.waiting[day], done)
	p.begin()
	p.mu.Unlock()
	return <-done
}

// begin has a run begin once every journey under way waits for one. A day comes when nobody waits for an earlier one any more.
func (p *provider) begin() {
	total := 0
	for _, some := range p.waiting {
		total += len(some)
	}
	if total == 0 || total < p.under {
		return
	}
	day := slices.Min(slices.Collect(maps.Keys(p.waiting)))
	waiting, mapping := p.waiting[day], p.mapping
	p.mapping = nil
	delete(p.waiting, day)
	go func() {
		n := &night{failed: "the run did not come about"}
		defer func() {
			for _, done := range waiting {
				done <- n
			}
		}()
		got, err := p.night(mapping, day)
		if err != nil {
			n.failed = err.Error()
			return
		}
		n = got
	}()
}

// night brings the account up to date with what journeys did, and runs.
func (p *provider) night(mapping [][]string, day string) (*night, error) {
	if day != p.day {
		p.sleep(day, syscall.SIGTERM)
	}
	if !p.settled {
		p.apply()
		p.mu.Lock()
		p.settled = true
		p.mu.Unlock()
	}
	if len(mapping) > 0 {
		if err := p.importMapping(mapping); err != nil {
			return nil, err
		}
	}
	n := &night{rows: map[string][]admin.ChangeAnswer{}}
	if err := p.heard(&n.RunAnswer, []string{"sync-now", p.account, "--wait"}, exitDone, exitFailures); err != nil {
		return nil, err
	}
	n.read(p.t, p.stand)
	return n, nil
}

// read asks for the rows of the run, which must be as many as it says.
func (n *night) read(t *testing.T, s *stand) {
	t.Helper()
	var detail struct{ Changes []admin.ChangeAnswer }
	s.ask(t, 0, &detail, "run", strconv.FormatInt(n.Run, 10), "--changes")
	counts := map[bridge.Status]int{}
	for i := range detail.Changes {
		n.rows[detail.Changes[i].Tenant] = append(n.rows[detail.Changes[i].Tenant], detail.Changes[i])
		counts[detail.Changes[i].Status]++
	}
	c := n.ChangeCounts
	require.Len(t, detail.Changes, c.Planned)
	require.Equal(t, counts, present(map[bridge.Status]int{
		bridge.StatusApplied: c.Applied, bridge.StatusFailed: c.Failed, bridge.StatusSkipped: c.Skipped, bridge.StatusHeld: c.Held,
		bridge.StatusStale: c.Stale,
	}))
}

// present leaves out what does not occur.
func present(counts map[bridge.Status]int) map[bridge.Status]int {
	maps.DeleteFunc(counts, func(_ bridge.Status, n int) bool { return n == 0 })
	return counts
}

// sleep ends everything and starts it again, at noon of another day or where the clock was.
func (p *provider) sleep(day string, signal syscall.Signal) {
	p.t.Helper()
	err := p.end(p.t, signal)
	require.True(p.t, err == nil || signal == syscall.SIGKILL, "%v", err)
	if p.day != day {
		p.day = day
		p.stand.args = p.args()
	}
	p.start(p.t)
}

func (p *provider) importMapping(rows [][]string) error {
	p.t.Helper()
	var text bytes.Buffer
	header := []string{"tenant_id", "tenant_name", "company_id", "company_name", "agreement_id", "agreement_name", "enabled"}
	if err := csv.NewWriter(&text).WriteAll(append([][]string{header}, rows...)); err != nil {
		return err
	}
	file := filepath.Join(p.t.TempDir(), "mapping.csv")
	if err := os.WriteFile(file, text.Bytes(), 0o600); err != nil {
		return err
	}
	var companies []admin.CompanyAnswer
	if err := p.heard(&companies, []string{"companies", p.account, "--refresh"}, exitDone); err != nil {
		return err
	}
	var answer admin.MappingAnswer
	return p.heard(&answer, []string{"mapping", "import", p.account, "--file", file}, exitDone)
}

// heard is ask without ending the test, for where others wait for it.
func (p *provider) heard(into any, args []string, codes ...int) error {
	p.t.Helper()
	got := p.causeway(p.t, append(args, "--json")...)
	if slices.Contains(codes, got.code) {
		got.document(p.t, into)
		return nil
	}
	return fmt.Errorf("%v ended with %d: %s %s", args, got.code, got.out, got.err)
}
