package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/internal/simulator/estate"
)

// TestPersonsDecide is what a person decides about billing, from the command line to ConnectWise: a held change released, a line
// ended by hand resumed, a frozen tenant's billing ended, and at last the account removed.
func TestPersonsDecide(t *testing.T) {
	const tenants = 4
	s := newStand(t, "--no-demo", "--tenants", strconv.Itoa(tenants))
	var account admin.AccountAnswer
	s.ask(t, 0, &account, "account", "apply", "--file", s.simulators().accountYAML(t, accountName, ""))
	var mapped admin.MappingAnswer
	s.ask(t, 0, &mapped, "mapping", "import", accountName, "--file", mappingCSV(t, tenants, 1, 2))
	run := s.sync(t, 0)
	require.Equal(t, 2, run.Tenants.Synced)

	tenant, serial := clientOf(t, tenants)
	s.releases(t, serial)
	s.resumes(t, serial)
	s.endsBilling(t, tenants, tenant)
	s.removes(t)
}

// clientOf is a product of a mapped tenant that bills by quantity.
func clientOf(t *testing.T, tenants int) (tenant estate.Tenant, serial string) {
	t.Helper()
	for _, tenant := range estate.Generate(1, tenants, time.Now()).Tenants[:2] {
		for i := range tenant.Products {
			p := &tenant.Products[i]
			if p.Line == "CAPTURE_CLIENT" && p.Billable == estate.BillableYes && p.Status == "ACTIVE" && len(p.Services) > 0 {
				return tenant, p.Serial
			}
		}
	}
	require.Fail(t, "no mapped tenant has a Capture Client that bills")
	return estate.Tenant{}, ""
}

func (s *stand) waiting(t *testing.T, flags ...string) []admin.ChangeAnswer {
	t.Helper()
	var answer admin.WaitingAnswer
	s.ask(t, 0, &answer, append([]string{"held", accountName}, flags...)...)
	return answer.Changes
}

func (s *stand) line(t *testing.T, serial string) map[string]any {
	t.Helper()
	return s.simulators().record(t, "addition", map[string]string{"serialNumber": serial})
}

// releases: R28's zero waits, and is written once a person says so, by a run of that tenant alone.
func (s *stand) releases(t *testing.T, serial string) {
	t.Helper()
	before := number(t, s.line(t, serial), "quantity")
	s.simulators().setQuantity(t, serial, 0)
	require.Positive(t, s.sync(t, 0).ChangeCounts.Held)
	require.Equal(t, before, number(t, s.line(t, serial), "quantity"))
	i := slices.IndexFunc(s.waiting(t), func(c admin.ChangeAnswer) bool { return c.Serial == serial && c.Reason == bridge.ReasonZeroQuantity })
	require.GreaterOrEqual(t, i, 0)
	id := strconv.FormatInt(s.waiting(t)[i].ID, 10)

	var run admin.RunAnswer
	s.ask(t, 0, &run, "release", accountName, id, "--wait")
	require.Equal(t, 1, run.ChangeCounts.Applied)
	require.Equal(t, 1, run.Tenants.Synced)
	require.Zero(t, number(t, s.line(t, serial), "quantity"))
	var detail struct{ Changes []admin.ChangeAnswer }
	s.ask(t, 0, &detail, "run", strconv.FormatInt(run.Run, 10), "--changes")
	applied := slices.IndexFunc(detail.Changes, func(c admin.ChangeAnswer) bool { return c.Status == bridge.StatusApplied })
	require.Contains(t, detail.Changes[applied].Decided, "command line")
	var refused failure
	s.ask(t, 1, &refused, "release", accountName, id)
	require.Contains(t, refused.Error, id)
}

// resumes: R52's deleted line stays away until a person takes it up again.
func (s *stand) resumes(t *testing.T, serial string) {
	t.Helper()
	s.simulators().setQuantity(t, serial, 7)
	line := s.line(t, serial)
	path := fmt.Sprintf("finance/agreements/%d/additions/%d", number(t, line, "agreementId"), number(t, line, "id"))
	control(t, http.MethodPost, s.dev.ConnectWise.URL+"/_sim/edit", map[string]any{"method": http.MethodDelete, "path": path, "by": "a person"}, nil)
	require.Zero(t, s.sync(t, 0).ChangeCounts.Applied)
	ended := s.waiting(t, "--ended")
	require.Len(t, ended, 1)
	require.Equal(t, bridge.ActionCreate, ended[0].Action)

	var run admin.RunAnswer
	s.ask(t, 0, &run, "resume", accountName, strconv.FormatInt(ended[0].ID, 10), "--wait")
	require.Equal(t, 1, run.ChangeCounts.Applied)
	require.Equal(t, 7, number(t, s.line(t, serial), "quantity"))
	require.Empty(t, s.waiting(t, "--ended"))
}

// endsBilling: R53's frozen tenant bills on until a person ends that, after a look at what it would end.
func (s *stand) endsBilling(t *testing.T, tenants int, tenant estate.Tenant) {
	t.Helper()
	id := strconv.Itoa(tenant.ID)
	var refused failure
	s.ask(t, 1, &refused, "end-billing", accountName, "--tenant", id)
	require.Contains(t, refused.Error, "is synchronised")
	off := filepath.Join(t.TempDir(), "off.csv")
	require.NoError(t, os.WriteFile(off, []byte("tenant_id,tenant_name,company_id,company_name,agreement_id,agreement_name,enabled\n"+
		fmt.Sprintf("%d,,%d,,%d,,false\n", tenant.ID, tenant.CompanyID, tenant.AgreementID)), 0o600))
	var mapped admin.MappingAnswer
	s.ask(t, 0, &mapped, "mapping", "import", accountName, "--file", off)
	frozen := s.tenant(t, id)
	require.Equal(t, bridge.FrozenDisabled, frozen.FrozenReason)
	require.Positive(t, frozen.OpenLines)

	writes := s.simulators().writes(t)
	var shown admin.PreviewAnswer
	s.ask(t, 0, &shown, "end-billing", accountName, "--tenant", id, "--dry-run")
	require.Len(t, shown.Changes, frozen.OpenLines)
	require.Equal(t, writes, s.simulators().writes(t))
	var run admin.RunAnswer
	s.ask(t, 0, &run, "end-billing", accountName, "--tenant", id, "--wait")
	require.Equal(t, frozen.OpenLines, run.ChangeCounts.Applied)
	ended := s.tenant(t, id)
	require.Zero(t, ended.OpenLines)
	require.Empty(t, ended.EndingBy)
	require.Equal(t, frozen.FrozenSince, ended.FrozenSince)
	require.Equal(t, 1, s.sync(t, 0).Tenants.Synced, "the next run leaves it alone")
}

func (s *stand) tenant(t *testing.T, id string) admin.TenantAnswer {
	t.Helper()
	var tenants []admin.TenantAnswer
	s.ask(t, 0, &tenants, "tenants", accountName)
	i := slices.IndexFunc(tenants, func(a admin.TenantAnswer) bool { return a.Tenant == id })
	require.GreaterOrEqual(t, i, 0)
	return tenants[i]
}

// removes: R56 leaves the history, and nothing that would write.
func (s *stand) removes(t *testing.T) {
	t.Helper()
	writes, runs := s.simulators().writes(t), s.runs(t)
	var account admin.AccountAnswer
	s.ask(t, 0, &account, "account", "remove", accountName)
	require.Equal(t, bridge.AccountRemoved, account.State)
	s.ask(t, 0, &account, "account", "remove", accountName, "--yes")
	require.Equal(t, runs, s.runs(t))
	require.Equal(t, writes, s.simulators().writes(t))
	var refused failure
	s.ask(t, 1, &refused, "sync-now", accountName)
	require.Contains(t, refused.Error, "was removed")
	temporal := temporalProgram(t)
	for _, args := range [][]string{
		{"workflow", "signal", "--workflow-id", "account/" + accountName, "--name", "sync-now"},
		{"schedule", "describe", "--schedule-id", "nightly/" + accountName},
	} {
		said, err := exec.Command(temporal, append(args, "--address", s.dev.Temporal)...).CombinedOutput()
		require.Error(t, err, "%s", said)
	}
}
