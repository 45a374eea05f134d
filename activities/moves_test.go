package activities_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"causeway/internal/bridge"
	"causeway/internal/simulator/estate"
	"causeway/internal/store"
)

// otherAgreement makes an agreement beside a tenant's own, with the same dates and cycle.
func (s *stage) otherAgreement(of estate.Tenant, name string) int {
	s.t.Helper()
	for _, row := range s.list("finance/agreements") {
		if int(row["id"].(float64)) != of.AgreementID {
			continue
		}
		body := map[string]any{"name": name}
		for _, field := range []string{"type", "company", "startDate", "billStartDate", "nextInvoiceDate", "billingCycle", "contact", "site"} {
			if value, ok := row[field]; ok {
				body[field] = value
			}
		}
		s.edit("POST", "finance/agreements", body)
	}
	for _, row := range s.list("finance/agreements") {
		if row["name"] == name {
			return int(row["id"].(float64))
		}
	}
	s.t.Fatalf("no agreement %s was made beside %d", name, of.AgreementID)
	return 0
}

func (s *stage) remap(tenant estate.Tenant, agreement int) {
	s.t.Helper()
	to := bridge.Mapping{CompanyID: tenant.CompanyID, AgreementID: agreement, Enabled: true}
	require.NoError(s.t, s.store.SaveMappings(s.t.Context(), s.account.ID, []store.MappingChange{{TenantID: itoa(tenant.ID), Mapping: to}}, "test"))
}

// openLines counts the lines of an agreement that we manage: those that run by our notes, and those that we ended. ConnectWise must
// hold what the notes say.
func (s *stage) openLines(agreement int) (open, ended int) {
	s.t.Helper()
	rows := map[int]map[string]any{}
	for _, row := range s.list(fmt.Sprintf("finance/agreements/%d/additions", agreement)) {
		rows[int(row["id"].(float64))] = row
	}
	managed, err := s.store.Managed(s.t.Context(), s.account.ID, store.ManagedFilter{})
	require.NoError(s.t, err)
	for _, m := range managed {
		if m.Kind != bridge.KindAddition || m.ParentID != agreement {
			continue
		}
		require.Contains(s.t, rows, m.CWMID)
		cancelled, _ := rows[m.CWMID]["cancelledDate"].(string)
		require.True(s.t, strings.HasPrefix(cancelled, m.LastApplied.Get(bridge.FieldCancelled)), "%s is not %v", cancelled, m.LastApplied)
		if m.Facts[bridge.FactEnded] == "" {
			open++
			continue
		}
		require.NotEmpty(s.t, cancelled)
		ended++
	}
	return open, ended
}

// TestTenantMovesToAnotherAgreement is R49 over both simulators: every line is made on the new agreement and ended on the old one,
// devices are attached to the new one and loosened from the old, and the next run has nothing left to do.
func TestTenantMovesToAnotherAgreement(t *testing.T) {
	t.Parallel()
	s := newStage(t, 2, estate.Clean(), estate.ProductsPerTenant(8))
	s.mapAll()
	require.Equal(t, bridge.RunCompleted, s.sync().Status)
	tenant := s.estate.Tenants[0]
	before, _ := s.openLines(tenant.AgreementID)
	require.Positive(t, before)
	next := s.otherAgreement(tenant, "Edge Security")
	s.remap(tenant, next)

	run := s.sync()
	for _, c := range s.changes(run.ID, store.ChangeFilter{Statuses: []string{"failed", "held", "stale", "skipped"}}) {
		t.Errorf("%s %s %s: %s %s", c.Action, c.Kind, c.Key, c.Status, c.Message)
	}
	require.Equal(t, bridge.RunCompleted, run.Status, run.Reason)
	open, ended := s.openLines(tenant.AgreementID)
	require.Zero(t, open)
	require.Equal(t, before, ended)
	open, _ = s.openLines(next)
	require.Equal(t, before, open)
	require.Zero(t, s.attached(tenant.AgreementID))
	require.Positive(t, s.attached(next))
	for link, rows := range s.links(run.ID) {
		require.Len(t, rows, 2, link)
	}
	require.Zero(t, s.sync().Changes.Planned)
}

// attached counts our configurations on an agreement.
func (s *stage) attached(agreement int) int {
	s.t.Helper()
	ours, err := s.store.ManagedIDs(s.t.Context(), s.account.ID, bridge.KindConfiguration)
	require.NoError(s.t, err)
	n := 0
	for _, row := range s.list(fmt.Sprintf("finance/agreements/%d/configurations", agreement)) {
		if ours[int(row["id"].(float64))] {
			n++
		}
	}
	return n
}

// links are the rows of each linked change of a run.
func (s *stage) links(run int64) map[string][]bridge.Change {
	s.t.Helper()
	out := map[string][]bridge.Change{}
	for _, c := range s.changes(run, store.ChangeFilter{}) {
		if c.Link != "" {
			out[c.Link] = append(out[c.Link], c)
		}
	}
	require.NotEmpty(s.t, out)
	return out
}

// TestMoveInterruptedBetweenItsHalves is R49: ConnectWise refuses to end the old lines; the new ones stand, and the next run
// finishes what is left without making anything twice.
func TestMoveInterruptedBetweenItsHalves(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1, estate.Clean(), estate.ProductsPerTenant(6))
	s.mapAll()
	s.sync()
	tenant := s.estate.Tenants[0]
	before, _ := s.openLines(tenant.AgreementID)
	next := s.otherAgreement(tenant, "Edge Security")
	s.remap(tenant, next)
	s.fault(map[string]any{"method": "PATCH", "path": "additions", "times": 1, "status": 400})
	require.Equal(t, bridge.RunFailures, s.sync().Status)
	open, _ := s.openLines(next)
	require.Equal(t, before, open, "the new lines stand")
	open, _ = s.openLines(tenant.AgreementID)
	require.Equal(t, 1, open, "one old line is left")
	require.Equal(t, bridge.RunCompleted, s.sync().Status)
	open, ended := s.openLines(tenant.AgreementID)
	require.Zero(t, open)
	require.Equal(t, before, ended)
	s.requireSingle(s.ledger())
	require.Zero(t, s.sync().Changes.Planned)
}

// TestNewLineRefused is R49: if the new line fails, the old one stays.
func TestNewLineRefused(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1, estate.Clean(), estate.ProductsPerTenant(6))
	s.mapAll()
	s.sync()
	tenant := s.estate.Tenants[0]
	before, _ := s.openLines(tenant.AgreementID)
	next := s.otherAgreement(tenant, "Edge Security")
	s.remap(tenant, next)
	s.fault(map[string]any{"method": "POST", "path": "additions", "times": 1, "status": 400})
	run := s.sync()
	require.Equal(t, bridge.RunFailures, run.Status)
	open, _ := s.openLines(tenant.AgreementID)
	require.Equal(t, 1, open)
	skipped := s.changes(run.ID, store.ChangeFilter{Statuses: []string{"skipped"}})
	require.Len(t, skipped, 1)
	require.Contains(t, skipped[0].Message, "The old record stays, because the new one does not stand")
	s.sync()
	open, ended := s.openLines(tenant.AgreementID)
	require.Zero(t, open)
	require.Equal(t, before, ended)
}

// msw changes something in MySonicWall as a person in its portal would.
func (s *stage) msw(fields map[string]any) {
	s.t.Helper()
	s.sim("POST", s.mswURL, "edit", fields)
}

// TestProductMovesToAnotherTenant is R49 in a run of the receiver alone: the giver is read beside it, so the old line ends with the
// new one, and without that reading nothing is moved.
func TestProductMovesToAnotherTenant(t *testing.T) {
	t.Parallel()
	s := newStage(t, 2, estate.Clean(), estate.ProductsPerTenant(6))
	s.mapAll()
	s.sync()
	giver, receiver := s.estate.Tenants[0], s.estate.Tenants[1]
	serial := s.billed(giver)
	before, _ := s.openLines(receiver.AgreementID)
	s.msw(map[string]any{"op": "product.move", "productGroupID": giver.ID, "serialNumber": serial, "to": receiver.ID})

	s.sim("POST", s.mswURL, "faults", map[string]any{"path": fmt.Sprintf("tenants/%d/products", giver.ID), "status": 500})
	s.syncOnly(receiver)
	open, _ := s.openLines(receiver.AgreementID)
	require.Equal(t, before, open, "the giver could not be read: nothing moves")
	s.sim("DELETE", s.mswURL, "faults", nil)

	run := s.syncOnly(receiver)
	require.Equal(t, bridge.RunCompleted, run.Status, run.Reason)
	open, _ = s.openLines(receiver.AgreementID)
	require.Equal(t, before+1, open)
	for _, rows := range s.links(run.ID) {
		require.Equal(t, serial, rows[0].Serial)
		require.Equal(t, itoa(receiver.ID), rows[1].TenantID, "the receiver owns the linked change")
	}
	require.Zero(t, s.sync().Changes.Planned)
}

// billed is the serial number of a product of the tenant whose line runs for months yet.
func (s *stage) billed(tenant estate.Tenant) string {
	s.t.Helper()
	managed, err := s.store.Managed(s.t.Context(), s.account.ID, store.ManagedFilter{TenantIDs: []string{itoa(tenant.ID)}})
	require.NoError(s.t, err)
	later := bridge.DateOf(time.Now()).AddMonths(4)
	for _, m := range managed {
		if until, err := bridge.ParseDate(m.LastApplied.Get(bridge.FieldCancelled)); m.Kind == bridge.KindAddition && err == nil && (until.IsZero() || until.After(later)) {
			return m.Serial
		}
	}
	s.t.Fatalf("tenant %d has no line that runs on", tenant.ID)
	return ""
}

// syncOnly is a run of some tenants.
func (s *stage) syncOnly(tenants ...estate.Tenant) bridge.Run {
	s.t.Helper()
	s.only = nil
	for _, t := range tenants {
		s.only = append(s.only, itoa(t.ID))
	}
	defer func() { s.only = nil }()
	return s.sync()
}

// TestOldFactsEndNothing is R54: a run that waited for hours between plan and write reads MySonicWall again before anything ends,
// and a product that came back meanwhile keeps its line.
func TestOldFactsEndNothing(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1, estate.Clean(), estate.ProductsPerTenant(6))
	s.mapAll()
	s.sync()
	tenant := s.estate.Tenants[0]
	serial := s.billed(tenant)
	s.msw(map[string]any{"op": "product.put", "productGroupID": tenant.ID, "serialNumber": serial, "status": "DELETED"})
	s.beforeApply = func() {
		s.pass(3 * time.Hour)
		s.msw(map[string]any{"op": "product.put", "productGroupID": tenant.ID, "serialNumber": serial, "status": "ACTIVE"})
	}
	run := s.sync()
	s.beforeApply = nil
	stale := s.changes(run.ID, store.ChangeFilter{Statuses: []string{"stale"}})
	require.NotEmpty(t, stale)
	require.Contains(t, stale[0].Message, "it is read again before anything ends")
	require.Empty(t, s.changes(run.ID, store.ChangeFilter{Actions: []string{"cancel", "deactivate"}, Statuses: []string{"applied"}}))
	require.Zero(t, s.sync().Changes.Planned)

	s.msw(map[string]any{"op": "product.put", "productGroupID": tenant.ID, "serialNumber": serial, "status": "DELETED"})
	s.beforeApply = func() { s.pass(3 * time.Hour) }
	run = s.sync()
	require.NotEmpty(t, s.changes(run.ID, store.ChangeFilter{Actions: []string{"cancel", "deactivate"}, Statuses: []string{"applied"}}), "still gone: it ends")
}

// TestRenamedTypeIsFoundById is R6: a person who renames a configuration type of ours does not get a second one.
func TestRenamedTypeIsFoundById(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1, estate.Clean(), estate.ProductsPerTenant(11))
	s.mapAll()
	s.sync()
	types := s.list("company/configurations/types")
	for _, row := range types {
		if row["name"] == "Firewall" {
			s.edit("PATCH", fmt.Sprintf("company/configurations/types/%d", int(row["id"].(float64))),
				[]map[string]any{{"op": "replace", "path": "name", "value": "Our firewalls"}})
		}
	}
	run := s.sync()
	require.Equal(t, bridge.RunCompleted, run.Status, run.Reason)
	require.Zero(t, run.Changes.Planned)
	require.Len(t, s.list("company/configurations/types"), len(types))
}

// TestEndBilling is R53: a person ends a switched-off tenant's lines; everything else stays.
func TestEndBilling(t *testing.T) {
	t.Parallel()
	s := newStage(t, 2, estate.Clean(), estate.ProductsPerTenant(6))
	s.mapAll()
	s.sync()
	tenant, other := s.estate.Tenants[0], s.estate.Tenants[1]
	before, over := s.openLines(tenant.AgreementID)
	beside, _ := s.openLines(other.AgreementID)
	off := bridge.Mapping{CompanyID: tenant.CompanyID, AgreementID: tenant.AgreementID}
	require.NoError(t, s.store.SaveMappings(t.Context(), s.account.ID, []store.MappingChange{{TenantID: itoa(tenant.ID), Mapping: off}}, "test"))
	require.Zero(t, s.sync().Changes.Planned, "frozen: nothing changes")
	require.NoError(t, s.store.RequestEnding(t.Context(), s.account.ID, []string{itoa(tenant.ID)}, "ann", bridge.DateOf(time.Now().UTC())))
	run := s.syncOnly(tenant)
	require.Equal(t, bridge.RunCompleted, run.Status, run.Reason)
	open, ended := s.openLines(tenant.AgreementID)
	require.Zero(t, open)
	require.Equal(t, before+over, ended)
	open, _ = s.openLines(other.AgreementID)
	require.Equal(t, beside, open)
	require.Zero(t, s.sync().Changes.Planned)
}

// TestWhatStandsIsAdoptedWithoutAWrite is R33 for an account that comes back to a ConnectWise company (R55): nothing of before is known,
// everything stands as it should, so everything is adopted and nothing written, the devices' attachments included.
func TestWhatStandsIsAdoptedWithoutAWrite(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1, estate.Clean(), estate.ProductsPerTenant(4))
	s.mapAll()
	require.Equal(t, bridge.RunCompleted, s.sync().Status)
	for _, company := range []string{"elsewhere", testCompany} {
		_, err := s.store.UpdateAccount(t.Context(), s.account.ID, func(a *bridge.Account) error { a.ConnectWise.Company = company; return nil })
		require.NoError(t, err)
	}
	s.mapAll()
	before := s.written()
	run := s.sync()
	require.Equal(t, bridge.RunCompleted, run.Status)
	require.Positive(t, run.Changes.Applied)
	require.Equal(t, before, s.written())
	require.Zero(t, s.sync().Changes.Applied)
}

// written counts the requests that ConnectWise took which were no reads.
func (s *stage) written() int {
	s.t.Helper()
	var log struct {
		Counts map[string]int `json:"counts"`
	}
	require.NoError(s.t, json.Unmarshal(s.sim("GET", s.cwURL, "requests", nil), &log))
	n := 0
	for method, count := range log.Counts {
		if method != http.MethodGet {
			n += count
		}
	}
	return n
}
