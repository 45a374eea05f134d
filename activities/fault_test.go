package activities_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"causeway/activities"
	"causeway/internal/bridge"
	"causeway/internal/simulator/estate"
	"causeway/internal/store"
)

// sim talks to a simulator's own interface.
func (s *stage) sim(method, base, path string, body any) []byte {
	s.t.Helper()
	text, err := json.Marshal(body)
	require.NoError(s.t, err)
	r, err := http.NewRequestWithContext(s.t.Context(), method, base+"/_sim/"+path, bytes.NewReader(text))
	require.NoError(s.t, err)
	answer, err := http.DefaultClient.Do(r)
	require.NoError(s.t, err)
	defer func() { _ = answer.Body.Close() }()
	out, err := io.ReadAll(answer.Body)
	require.NoError(s.t, err)
	require.Less(s.t, answer.StatusCode, 300, "%s %s: %s", method, path, out)
	return out
}

func (s *stage) fault(rule map[string]any) { s.t.Helper(); s.sim("POST", s.cwURL, "faults", rule) }

// edit changes a ConnectWise record as a person would in its screens.
func (s *stage) edit(method, path string, body any) {
	s.t.Helper()
	s.sim("POST", s.cwURL, "edit", map[string]any{"method": method, "path": path, "body": body, "by": "billing-lead"})
}

// ledger is what ConnectWise holds under every natural key: each must be there once.
type ledger struct {
	Additions      map[string]int
	Configurations map[string]int
	Catalog        map[string]int
}

func (s *stage) ledger() ledger {
	s.t.Helper()
	out := ledger{Additions: map[string]int{}, Configurations: map[string]int{}, Catalog: map[string]int{}}
	for _, t := range s.estate.Tenants {
		for _, row := range s.list(fmt.Sprintf("finance/agreements/%d/additions", t.AgreementID)) {
			product, _ := row["product"].(map[string]any)
			out.Additions[fmt.Sprintf("%d/%v/%v", t.AgreementID, product["identifier"], row["serialNumber"])]++
		}
	}
	for _, row := range s.list("company/configurations") {
		company, _ := row["company"].(map[string]any)
		kind, _ := row["type"].(map[string]any)
		out.Configurations[fmt.Sprintf("%v/%v/%v", company["id"], kind["name"], row["serialNumber"])]++
	}
	for _, row := range s.list("procurement/catalog") {
		out.Catalog[fmt.Sprint(row["identifier"])]++
	}
	return out
}

// list reads a list as another integration would, whole.
func (s *stage) list(path string) []map[string]any {
	s.t.Helper()
	var all []map[string]any
	for page := 1; ; page++ {
		r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, fmt.Sprintf("%s/v4_6_release/apis/3.0/%s?pageSize=1000&page=%d", s.cwURL, path, page), nil)
		require.NoError(s.t, err)
		r.SetBasicAuth(testCompany+"+"+testPublicKey, testPrivateKey)
		answer, err := http.DefaultClient.Do(r)
		require.NoError(s.t, err)
		var rows []map[string]any
		err = json.NewDecoder(answer.Body).Decode(&rows)
		_ = answer.Body.Close()
		require.NoError(s.t, err, path)
		if len(rows) == 0 {
			return all
		}
		all = append(all, rows...)
	}
}

func (s *stage) requireSingle(l ledger) {
	s.t.Helper()
	for _, keys := range []map[string]int{l.Additions, l.Configurations, l.Catalog} {
		for key, n := range keys {
			require.Equal(s.t, 1, n, "%s stands %d times in ConnectWise", key, n)
		}
	}
}

// TestFaultsLeaveNoDuplicate is R36 at the level of single writes: whatever happens to a request or to its answer, ConnectWise
// ends up as after an undisturbed run.
func TestFaultsLeaveNoDuplicate(t *testing.T) {
	t.Parallel()
	undisturbed := newStage(t, 3, estate.Clean(), estate.ProductsPerTenant(8))
	undisturbed.mapAll()
	require.Equal(t, bridge.RunCompleted, undisturbed.sync().Status)
	want := undisturbed.ledger()
	undisturbed.requireSingle(want)

	for name, rules := range map[string][]map[string]any{
		"answer lost after the write":      {{"method": "POST", "path": "additions|configurations|catalog", "every": 3, "drop": "after"}},
		"connection cut before the write":  {{"method": "POST", "path": "additions|configurations|catalog", "every": 4, "times": 6, "drop": "before"}},
		"500 after the write":              {{"method": "POST", "path": "additions|configurations|catalog", "every": 3, "status": 500, "drop": "after"}},
		"500 without the write":            {{"method": "POST", "path": "additions|configurations|catalog", "every": 4, "times": 6, "status": 500}},
		"429 with and without Retry-After": {{"path": "additions", "every": 5, "times": 10, "status": 429, "header": map[string]string{"Retry-After": "0"}}},
		"HTML instead of the answer":       {{"method": "POST", "path": "additions|configurations", "every": 5, "times": 4, "status": 200, "html": true, "drop": "after"}},
		"answers cut in the middle":        {{"method": "POST", "path": "additions|configurations", "every": 5, "times": 4, "cut": 40}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, 3, estate.Clean(), estate.ProductsPerTenant(8))
			s.mapAll()
			for _, rule := range rules {
				s.fault(rule)
			}
			s.syncUntilWhole()
			s.sim("DELETE", s.cwURL, "faults", nil)
			got := s.ledger()
			s.requireSingle(got)
			require.Equal(t, want, got)
			last := s.sync()
			require.Zero(t, last.Changes.Applied, "a run after trouble found something to write")
		})
	}
}

// syncUntilWhole runs as the nights would: what one could not finish the next does.
func (s *stage) syncUntilWhole() {
	s.t.Helper()
	for range 6 {
		if s.trySync() {
			return
		}
	}
	s.t.Fatal("six runs were not enough")
}

// trySync is one run whose activities are retried as Temporal would.
func (s *stage) trySync() bool {
	s.t.Helper()
	s.retry = true
	defer func() { s.retry = false }()
	return s.sync().Status == bridge.RunCompleted
}

// TestIndexLag: a configuration made a moment ago is not in filtered lists; a run right after must not make it again.
func TestIndexLag(t *testing.T) {
	t.Parallel()
	s := newStage(t, 3, estate.Clean(), estate.ProductsPerTenant(8))
	s.mapAll()
	s.sim("PATCH", s.cwURL, "settings", map[string]any{"index_lag": "10m"})
	require.Equal(t, bridge.RunCompleted, s.sync().Status)
	second := s.sync()
	require.Equal(t, bridge.RunCompleted, second.Status)
	require.Zero(t, second.Changes.Applied)
	s.requireSingle(s.ledger())
}

// TestLostAnswerUnderIndexLag is the worst case of R36: the answer to a create is lost, and the list in which it is looked for
// does not show it for minutes.
func TestLostAnswerUnderIndexLag(t *testing.T) {
	t.Parallel()
	s := newStage(t, 2, estate.Clean(), estate.ProductsPerTenant(8))
	s.mapAll()
	s.sim("PATCH", s.cwURL, "settings", map[string]any{"index_lag": "5m"})
	s.fault(map[string]any{"method": "POST", "path": "configurations|catalog", "every": 2, "drop": "after"})
	s.syncUntilWhole()
	s.sim("DELETE", s.cwURL, "faults", nil)
	s.requireSingle(s.ledger())
	s.pass(10 * time.Minute)
	require.Zero(t, s.sync().Changes.Applied)
}

// TestOneRunOutlastsUnclearAnswers is R36 within one run: what needs a record that may be there already waits until that is known.
// It is not failed for it and left to the next night.
func TestOneRunOutlastsUnclearAnswers(t *testing.T) {
	t.Parallel()
	for name, rule := range map[string]map[string]any{
		"a configuration, before it is attached":  {"method": "POST", "path": "^company/configurations$", "times": 1, "drop": "after"},
		"a type, before its questions":            {"method": "POST", "path": "^company/configurations/types$", "times": 1, "drop": "before"},
		"a category, before its subcategories":    {"method": "POST", "path": "^procurement/categories$", "times": 1, "drop": "after"},
		"a product type, before its items":        {"method": "POST", "path": "^procurement/types$", "times": 1, "drop": "after"},
		"a catalog item, before its additions":    {"method": "POST", "path": "^procurement/catalog$", "times": 1, "drop": "after"},
		"a configuration that is asked for later": {"method": "POST", "path": "^company/configurations$", "times": 1, "status": 429, "header": map[string]string{"Retry-After": "5"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, 2, estate.Clean(), estate.ProductsPerTenant(8))
			s.mapAll()
			s.sim("PATCH", s.cwURL, "settings", map[string]any{"index_lag": "1m"})
			s.fault(rule)
			run := s.sync()
			for _, row := range s.changes(run.ID, store.ChangeFilter{}) {
				require.Equal(t, bridge.StatusApplied, row.Status, "%s %s: %s", row.Kind, row.Key, row.Message)
			}
			require.Equal(t, bridge.RunCompleted, run.Status)
			require.Contains(t, string(s.sim("GET", s.cwURL, "faults", nil)), `"applied":1`)
			s.requireSingle(s.ledger())
		})
	}
}

// TestPersonsEditsStand is R24: what a person owns stays; what follows MySonicWall is put right.
func TestPersonsEditsStand(t *testing.T) {
	t.Parallel()
	s := newStage(t, 2, estate.Clean(), estate.ProductsPerTenant(8))
	s.mapAll()
	first := s.sync()
	require.Equal(t, bridge.RunCompleted, first.Status)
	line := s.changes(first.ID, store.ChangeFilter{Kinds: []string{"addition"}})[0]
	path := fmt.Sprintf("finance/agreements/%d/additions/%d", line.ParentID, line.CWMID)
	s.edit("PATCH", path, []map[string]any{
		{"op": "replace", "path": "billCustomer", "value": "NoCharge"},
		{"op": "replace", "path": "invoiceDescription", "value": "As agreed by phone"},
		{"op": "replace", "path": "quantity", "value": 41},
	})
	second := s.sync()
	rows := s.changes(second.ID, store.ChangeFilter{})
	require.Len(t, rows, 1)
	require.Equal(t, []string{bridge.FieldQuantity}, rows[0].After.Names())
	require.Equal(t, bridge.StatusApplied, rows[0].Status, rows[0].Message)
	require.NotEmpty(t, rows[0].Why)
	for _, row := range s.list(fmt.Sprintf("finance/agreements/%d/additions", line.ParentID)) {
		if int(row["id"].(float64)) == line.CWMID {
			require.Equal(t, "NoCharge", row["billCustomer"])
			require.Equal(t, "As agreed by phone", row["invoiceDescription"])
			require.NotEqual(t, 41.0, row["quantity"])
		}
	}
	require.Zero(t, s.sync().Changes.Applied)
}

// TestDeletedByHand is R52's first half: a line that a person deleted is not made again.
func TestDeletedByHand(t *testing.T) {
	t.Parallel()
	s := newStage(t, 2, estate.Clean(), estate.ProductsPerTenant(8))
	s.mapAll()
	first := s.sync()
	line := s.changes(first.ID, store.ChangeFilter{Kinds: []string{"addition"}})[0]
	s.edit("DELETE", fmt.Sprintf("finance/agreements/%d/additions/%d", line.ParentID, line.CWMID), nil)
	second := s.sync()
	require.Equal(t, bridge.RunCompleted, second.Status, second.Reason)
	require.Zero(t, second.Changes.Applied)
	managed, err := s.store.Managed(t.Context(), s.account.ID, store.ManagedFilter{Serials: []string{line.Serial}, Kinds: []bridge.Kind{bridge.KindAddition}})
	require.NoError(t, err)
	require.Len(t, managed, 1)
	require.False(t, managed[0].EndedByHand.IsZero())
}

// TestStaleIsPlannedAnew: an edit between plan and write is not overwritten blindly.
func TestStaleIsPlannedAnew(t *testing.T) {
	t.Parallel()
	s := newStage(t, 2, estate.Clean(), estate.ProductsPerTenant(8))
	s.mapAll()
	first := s.sync()
	line := s.changes(first.ID, store.ChangeFilter{Kinds: []string{"addition"}})[0]
	path := fmt.Sprintf("finance/agreements/%d/additions/%d", line.ParentID, line.CWMID)
	s.edit("PATCH", path, []map[string]any{{"op": "replace", "path": "quantity", "value": 90}})
	s.beforeApply = func() {
		s.edit("PATCH", path, []map[string]any{{"op": "replace", "path": "quantity", "value": 91}})
	}
	second := s.sync()
	s.beforeApply = nil
	require.Equal(t, bridge.RunCompleted, second.Status, second.Reason)
	statuses := map[bridge.Status]int{}
	for _, row := range s.changes(second.ID, store.ChangeFilter{}) {
		statuses[row.Status]++
	}
	require.Equal(t, map[bridge.Status]int{bridge.StatusStale: 1, bridge.StatusApplied: 1}, statuses)
}

// TestRefusedKeys is R46: refused keys mark the account and nothing else is tried with them.
func TestRefusedKeys(t *testing.T) {
	t.Parallel()
	s := newStage(t, 2, estate.Clean(), estate.ProductsPerTenant(4))
	s.mapAll()
	require.NoError(t, s.store.SetKeys(t.Context(), s.account.ID, store.Keys{ConnectWise: "canary-wrong"}))
	opened := s.open()
	s.do(s.acts.CollectRun, opened, nil)
	_, err := s.env.ExecuteActivity(s.acts.CompareRun, opened)
	require.ErrorContains(t, err, "refused the API keys")
	require.NotContains(t, err.Error(), "canary")
	account, err := s.store.Account(t.Context(), "acme")
	require.NoError(t, err)
	require.Equal(t, bridge.AccountNeedsAttention, account.State)
	require.NotContains(t, account.StateReason, "canary")
}

// TestInvoicedBetweenPlanAndWrite: ConnectWise refuses a line whose period it has invoiced since the plan. The row has its words and
// the date that would work, by the agreement as it is then; what it refuses for another reason has no date.
func TestInvoicedBetweenPlanAndWrite(t *testing.T) {
	t.Parallel()
	for name, refuse := range map[string]struct {
		how   func(s *stage, agreement int)
		words string
		works bool
	}{
		"invoiced": {func(s *stage, agreement int) {
			s.sim("POST", s.cwURL, "invoice", map[string]any{"agreement": agreement})
		}, "This period has been invoiced already", true},
		"cancelled": {func(s *stage, agreement int) {
			s.edit("PATCH", fmt.Sprintf("finance/agreements/%d", agreement), []map[string]any{{"op": "replace", "path": "cancelledFlag", "value": true}})
		}, "The agreement is cancelled", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, 1, estate.Clean(), estate.ProductsPerTenant(1))
			s.mapAll()
			agreement := s.estate.Tenants[0].AgreementID
			s.beforeApply = func() { refuse.how(s, agreement) }
			run := s.sync()
			s.beforeApply = nil
			rows := s.changes(run.ID, store.ChangeFilter{Kinds: []string{"addition"}})
			require.Len(t, rows, 1)
			require.Equal(t, bridge.StatusFailed, rows[0].Status)
			require.Contains(t, rows[0].VendorAnswer, refuse.words)
			if !refuse.works {
				require.Empty(t, rows[0].Choices())
				return
			}
			planned, err := bridge.ParseDate(rows[0].After[bridge.FieldEffective])
			require.NoError(t, err)
			require.Equal(t, planned.AddMonths(1), rows[0].BillFrom)
			require.Equal(t, []bridge.Choice{bridge.ChoiceBillFrom}, rows[0].Choices())
			require.Equal(t, 1, s.sync().Changes.Applied, "the next run takes that date by the rules")
		})
	}
}

// TestAnotherConnectWiseDuringARun is R55 at its worst moment: the account is joined to another company after the plan. The ids of
// the plan are other records there, so nothing is read or written any more.
func TestAnotherConnectWiseDuringARun(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1, estate.Clean(), estate.ProductsPerTenant(4))
	s.mapAll()
	in := s.open()
	s.do(s.acts.CollectRun, in, nil)
	s.do(s.acts.CompareRun, in, nil)
	_, err := s.store.UpdateAccount(t.Context(), s.account.ID, func(a *bridge.Account) error { a.ConnectWise.Company = "elsewhere"; return nil })
	require.NoError(t, err)
	before := string(s.sim("GET", s.cwURL, "requests", nil))
	for _, activity := range []any{s.acts.ApplyShared, s.acts.ApplyTenant} {
		_, err := s.env.ExecuteActivity(activity, activities.ApplyInput{Account: "acme", RunID: in.RunID, TenantID: itoa(s.estate.Tenants[0].ID)})
		require.ErrorContains(t, err, "was ended")
	}
	for _, activity := range []any{s.acts.CollectRun, s.acts.CompareRun} {
		_, err := s.env.ExecuteActivity(activity, in)
		require.ErrorContains(t, err, "was ended")
	}
	_, err = s.env.ExecuteActivity(s.acts.PlanTenantAnew, activities.TenantInput{Account: "acme", RunID: in.RunID, TenantID: itoa(s.estate.Tenants[0].ID)})
	require.ErrorContains(t, err, "was ended")
	require.Equal(t, before, string(s.sim("GET", s.cwURL, "requests", nil)), "ConnectWise is left alone")
}
