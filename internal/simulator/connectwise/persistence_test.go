package connectwise

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func kept(file string) func(*Options) {
	return func(o *Options) { o.StateFile = file }
}

func wholeState(h *harness) string {
	return strings.ReplaceAll(string(h.sim(http.MethodGet, "state", "").as(200).body), h.http.URL, "")
}

// What was answered is there after an end without Close, which is all that kill -9 leaves: the files as they were written.
func TestStateSurvivesAnAbruptEnd(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "connectwise.json")
	first := serve(t, kept(file))
	agreement := first.agreement(began + `,"prorateFlag":true`)
	line := first.post(at("finance/agreements/{}/additions", agreement), `{"product":{"identifier":"M365-BP"},"billCustomer":"Billable","quantity":2.5}`).as(201).id()
	conf := first.post("company/configurations", `{"name":"tab\tand “quotes”","type":{"id":2},"company":{"id":253},"questions":[{"questionId":2,"answer":"2027-05-04T00:00:00Z"}]}`).as(201).id()
	first.post(at("finance/agreements/{}/configurations", agreement), fmt.Sprintf(`{"id":%d}`, conf)).as(201)
	ticket := first.send(ticketOf(`"board":{"id":1},"initialDescription":"x"`)(first)).as(201).id()
	first.send(first.upload(map[string]string{"recordType": "Ticket", "recordId": fmt.Sprint(ticket), "title": "a file"}, "hello")).as(201)
	gone := first.catalogItem("GONE", "")
	first.do(http.MethodDelete, at("procurement/catalog/{}", gone), "").as(204)
	first.patch("company/companies/253", `[{"op":"add","path":"customFields","value":[{"id":1,"caption":"Region","value":"North"}]}]`).as(200)
	first.sim(http.MethodPut, "clock", `{"advance":"36h"}`).as(200)
	first.http.Close()

	// A journal that ends in the middle of a line: that change was never answered.
	journals, err := filepath.Glob(file + ".journal.*")
	require.NoError(t, err)
	require.Len(t, journals, 1)
	torn, err := os.OpenFile(journals[0], os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = torn.WriteString(`{"changes":[{"kind":"productType","id":99,"crea`)
	require.NoError(t, err)
	require.NoError(t, torn.Close())

	second := serve(t, kept(file), func(o *Options) { o.Seed, o.Tenants = 9, 50 })
	first.http = newTestServer(first)
	assert.Equal(t, wholeState(first), wholeState(second))
	assert.Equal(t, noon.Add(36*time.Hour), second.server.Now(), "the clock stands where it was moved")
	assert.InDelta(t, 2.5, second.get(fmt.Sprintf("finance/agreements/%d/additions/%d", agreement, line)).as(200).object()["quantity"], 0)
	assert.Equal(t, gone+1, second.catalogItem("NEXT", ""), "ids are not used again")
	require.NoError(t, second.server.Close())

	third := serve(t, kept(file))
	assert.Equal(t, wholeState(second), wholeState(third))
}

// Folding the journal into the state file loses nothing, whenever the process ends.
func TestCompaction(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "connectwise.json")
	h := serve(t, kept(file), func(o *Options) { o.Tenants = 0 })
	for round := range 5 {
		makeNamed(h, fmt.Sprintf("round %d", round))
		h.server.store.settle()
		snap, err := h.server.store.journal.rotate(h.server.store)
		h.server.store.mu.Unlock()
		require.NoError(t, err)
		makeNamed(h, fmt.Sprintf("after the turn of %d", round))
		if round%2 == 0 {
			require.NoError(t, snap.save())
		} // else the process ended before the state file was written
	}
	again := serve(t, kept(file), func(o *Options) { o.Tenants = 0 })
	assert.Equal(t, wholeState(h), wholeState(again))
	left, err := filepath.Glob(file + "*")
	require.NoError(t, err)
	assert.Len(t, left, 2, "the state file and one journal: %v", left)
}

func makeNamed(h *harness, name string) {
	h.t.Helper()
	h.post("procurement/types", fmt.Sprintf(`{"name":%q}`, name)).as(201)
}

func TestReset(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "connectwise.json")
	h := serve(t, kept(file))
	fresh := wholeState(h)
	h.settings(`{"index_lag":"1m"}`)
	h.sim(http.MethodPost, "faults", `{"status":500}`).as(201)
	h.sim(http.MethodPut, "clock", `{"advance":"24h"}`).as(200)
	h.sim(http.MethodPost, "edit", `{"method":"POST","path":"procurement/types","body":{"name":"x"}}`).as(201)
	h.sim(http.MethodPost, "reset", `{"seed":1,"tenants":3}`).as(200)
	assert.Equal(t, fresh, wholeState(h))
	assert.Equal(t, "0s", h.sim(http.MethodGet, "settings", "").object()["index_lag"])
	h.get("system/info").as(200)
	h.sim(http.MethodPost, "reset", `{"seed":1,"tenants":-1}`).as(400)
	again := serve(t, kept(file))
	assert.Equal(t, fresh, wholeState(again))
}

// Many callers at once: every record answered 201 is there, none twice, and lists stay whole while they grow.
func TestConcurrentCallers(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "connectwise.json")
	h := serve(t, kept(file))
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for i := range 25 {
				r := h.post("company/configurations", fmt.Sprintf(`{"name":"c","type":{"id":2},"company":{"id":253},"serialNumber":"S-%d-%d"}`, worker, i))
				if !assert.Equal(t, 201, r.status, string(r.body)) {
					return
				}
				id := r.id()
				h.patch(at("company/configurations/{}", id), `[{"op":"replace","path":"questions","value":[{"questionId":1,"answer":"x"}]}]`)
				found := h.get("company/configurations", "conditions", fmt.Sprintf(`serialNumber="s-%d-%d"`, worker, i))
				assert.Equal(t, []int{id}, found.ids())
				h.get("company/configurations", "pageSize", "1000", "orderBy", "name,serialNumber desc")
				h.sim(http.MethodGet, "state", "")
			}
		})
	}
	all.Wait()
	h.http.Close()
	again := serve(t, kept(file))
	assert.Len(t, again.get("company/configurations", "conditions", `serialNumber like "S-%"`, "pageSize", "1000").as(200).ids(), 200)
}
