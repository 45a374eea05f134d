package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"causeway/internal/bridge"
	"causeway/internal/store"
)

func companies(t *testing.T, s *store.Store) {
	account := Account(t, s, "companies")
	at := time.Date(2026, 11, 23, 1, 2, 3, 0, time.UTC)
	wantCompanies := []bridge.Company{
		{ID: 2, Identifier: "oak", Name: "Oakwood", Status: "Active"},
		{ID: 1, Identifier: "zeb", Name: "zebra & sons", Status: "Prospect", Deleted: true},
	}
	wantAgreements := []bridge.Agreement{
		{
			ID: 11, CompanyID: 1, ParentID: 12, Name: "Edge", Type: "Managed", CycleName: "My month", Cycle: bridge.BillingMonthly, OneTime: true,
			Start: bridge.MustDate("2026-01-31"), End: bridge.MustDate("2027-02-28"), BillStart: bridge.MustDate("2026-02-01"),
			NextInvoice: bridge.MustDate("2026-12-01"), Cancelled: true, Prorate: true, Status: "Active",
		},
		{ID: 21, CompanyID: 2, Name: "Flat", Cycle: bridge.BillingNone},
	}
	require.NoError(t, s.SaveCompanies(t.Context(), account, []bridge.Company{{ID: 9, Name: "Gone"}}, nil, at.Add(-time.Hour)))
	require.NoError(t, s.SaveCompanies(t.Context(), account, wantCompanies, wantAgreements, at))
	companies, err := s.Companies(t.Context(), account.ID)
	require.NoError(t, err)
	assert.Empty(t, cmp.Diff(wantCompanies, companies), "the last reading alone, by name")
	agreements, err := s.Agreements(t.Context(), account.ID)
	require.NoError(t, err)
	assert.Empty(t, cmp.Diff(wantAgreements, agreements))
	read, err := s.CompaniesReadAt(t.Context(), account.ID)
	require.NoError(t, err)
	assert.Equal(t, at, read)
}

// tenantsCycle holds R1: a tenant that MySonicWall stops listing is missing, keeps its mapping, and may come back.
func tenantsCycle(t *testing.T, s *store.Store) {
	account := Account(t, s, "tenants")
	save := func(tenants ...bridge.Tenant) (added, renamed, missing int) {
		t.Helper()
		added, renamed, missing, err := s.SaveTenants(t.Context(), account.ID, tenants, time.Now())
		require.NoError(t, err)
		return added, renamed, missing
	}
	counts := func(want ...int) func(a, r, m int) {
		return func(a, r, m int) { t.Helper(); assert.Equal(t, want, []int{a, r, m}) }
	}
	counts(2, 0, 0)(save(bridge.Tenant{ID: "1", Name: "Fernhill"}, bridge.Tenant{ID: "2", Name: "Oakwood"}))
	mapping := bridge.Mapping{CompanyID: 5, AgreementID: 6, Enabled: true}
	require.NoError(t, s.SaveMappings(t.Context(), account.ID, []store.MappingChange{{TenantID: "2", Mapping: mapping}}, "me"))
	counts(1, 1, 1)(save(bridge.Tenant{ID: "1", Name: "Fernhill Dental"}, bridge.Tenant{ID: "3", Name: "New"}))
	counts(0, 0, 0)(save(bridge.Tenant{ID: "1", Name: "Fernhill Dental"}, bridge.Tenant{ID: "3", Name: "New"}))
	got, err := s.Tenant(t.Context(), account.ID, "2")
	require.NoError(t, err)
	assert.Equal(t, bridge.Tenant{ID: "2", Name: "Oakwood", Missing: true, Mapping: mapping, Frozen: got.Frozen}, got)
	assert.Equal(t, bridge.FrozenMissing, got.Frozen.Reason)
	enabled, err := s.EnabledTenants(t.Context(), account.ID, nil)
	require.NoError(t, err)
	assert.Empty(t, enabled, "a missing tenant is not synced")
	counts(0, 0, 2)(save(bridge.Tenant{ID: "2", Name: "Oakwood"}))
	enabled, err = s.EnabledTenants(t.Context(), account.ID, nil)
	require.NoError(t, err)
	assert.Equal(t, []bridge.Tenant{{ID: "2", Name: "Oakwood", Mapping: mapping}}, enabled)
}

func tenantByName(t *testing.T, s *store.Store) {
	account := Account(t, s, "names")
	SaveTenants(t, s, account.ID, bridge.Tenant{ID: "1", Name: "Twin"}, bridge.Tenant{ID: "2", Name: "Twin"},
		bridge.Tenant{ID: "3", Name: "Only"}, bridge.Tenant{ID: "4", Name: "1"}, bridge.Tenant{ID: "Twin-3", Name: "only"})
	for given, want := range map[string]string{"3": "3", "Only": "3", "1": "1", "only": "Twin-3"} {
		got, err := s.Tenant(t.Context(), account.ID, given)
		require.NoError(t, err, given)
		assert.Equal(t, want, got.ID, given)
	}
	_, err := s.Tenant(t.Context(), account.ID, "Twin")
	requireCode(t, bridge.CodeConflict, err)
	_, err = s.Tenant(t.Context(), account.ID, "ONLY")
	requireCode(t, bridge.CodeNotFound, err)
}

// mappings holds R11's rule and that a set of changes is all or nothing (R14).
func mappings(t *testing.T, s *store.Store) {
	account := Account(t, s, "mappings")
	tenants := Tenants(t, s, account.ID, 3)
	now := func() []bridge.Mapping {
		t.Helper()
		all, _, _, err := s.Tenants(t.Context(), account.ID, store.TenantFilter{})
		require.NoError(t, err)
		var out []bridge.Mapping
		for _, row := range all {
			out = append(out, row.Mapping)
		}
		return out
	}
	before := now()
	good := store.MappingChange{TenantID: tenants[0].ID, Mapping: bridge.Mapping{CompanyID: 7, AgreementID: 8}}
	seen, stale := tenants[1].Mapping, bridge.Mapping{CompanyID: 1}
	for name, c := range map[string]struct {
		bad  store.MappingChange
		code bridge.Code
	}{
		"enabled without agreement": {store.MappingChange{TenantID: tenants[1].ID, Mapping: bridge.Mapping{CompanyID: 1, Enabled: true}}, bridge.CodeInvalid},
		"enabled without company":   {store.MappingChange{TenantID: tenants[1].ID, Mapping: bridge.Mapping{AgreementID: 1, Enabled: true}}, bridge.CodeInvalid},
		"no such tenant":            {store.MappingChange{TenantID: "nobody", Mapping: bridge.Mapping{}}, bridge.CodeNotFound},
		"changed meanwhile":         {store.MappingChange{TenantID: tenants[1].ID, Expected: &stale}, bridge.CodeConflict},
	} {
		requireCode(t, c.code, s.SaveMappings(t.Context(), account.ID, []store.MappingChange{good, c.bad}, "me"))
		assert.Equal(t, before, now(), "%s: nothing was written", name)
	}
	require.NoError(t, s.SaveMappings(t.Context(), account.ID,
		[]store.MappingChange{good, {TenantID: tenants[1].ID, Expected: &seen}}, "me"))
	assert.Equal(t, []bridge.Mapping{good.Mapping, {}, tenants[2].Mapping}, now())
	require.NoError(t, s.SaveMappings(t.Context(), account.ID, nil, "me"))
}

// enabledTenants holds R18.
func enabledTenants(t *testing.T, s *store.Store) {
	account := Account(t, s, "enabled")
	tenants := Tenants(t, s, account.ID, 1200)
	off := tenants[5].Mapping
	off.Enabled = false
	require.NoError(t, s.SaveMappings(t.Context(), account.ID, []store.MappingChange{{TenantID: tenants[5].ID, Mapping: off}}, "me"))
	all, err := s.EnabledTenants(t.Context(), account.ID, nil)
	require.NoError(t, err)
	assert.Len(t, all, 1199)
	assert.Equal(t, tenants[0], all[0])
	some, err := s.EnabledTenants(t.Context(), account.ID, []string{tenants[7].ID, tenants[5].ID, tenants[2].ID, "nobody", tenants[7].ID})
	require.NoError(t, err)
	assert.Equal(t, []bridge.Tenant{tenants[2], tenants[7]}, some)
	none, err := s.EnabledTenants(t.Context(), account.ID, []string{})
	require.NoError(t, err)
	assert.Empty(t, none)
	var ids []string
	for _, tenant := range tenants {
		ids = append(ids, tenant.ID)
	}
	all, err = s.EnabledTenants(t.Context(), account.ID, ids)
	require.NoError(t, err)
	assert.Len(t, all, 1199, "more ids than one statement takes")
}

func tenantList(t *testing.T, s *store.Store) {
	account := Account(t, s, "list")
	names := []string{"alpha", "Beta", "Émile", "Delta 100%", "gamma_x"}
	var tenants []bridge.Tenant
	for i, name := range names {
		tenants = append(tenants, bridge.Tenant{ID: fmt.Sprintf("t-%d", i), Name: name})
	}
	SaveTenants(t, s, account.ID, append(tenants, bridge.Tenant{ID: "t-gone", Name: "Gone"})...)
	SaveTenants(t, s, account.ID, tenants...)
	var changes []store.MappingChange
	for i := range 4 {
		tenants[i].Mapping = bridge.Mapping{CompanyID: i + 1, AgreementID: i + 10, Enabled: true}
		changes = append(changes, store.MappingChange{TenantID: tenants[i].ID, Mapping: tenants[i].Mapping})
	}
	require.NoError(t, s.SaveMappings(t.Context(), account.ID, changes, "me"))
	require.NoError(t, s.SaveCompanies(t.Context(), account, []bridge.Company{
		{ID: 1, Name: "Zulu", Status: " active "}, {ID: 2, Name: "Yankee", Status: "Prospect"}, {ID: 3, Name: "Xray", Status: "Active", Deleted: true},
	}, nil, time.Now()))

	run := OpenSync(t, s, account, tenants[:4])
	held := Addition(tenants[1], 1)
	held.Status = bridge.StatusHeld
	require.NoError(t, s.SavePlan(t.Context(), run, []store.PlannedTenant{
		{TenantID: tenants[0].ID, Status: bridge.TenantUnchanged}, {TenantID: tenants[2].ID, Status: bridge.TenantUnchanged},
		{TenantID: tenants[1].ID, NeedSync: true, Plan: bridge.TenantPlan{Changes: []bridge.Change{held}}},
		{TenantID: tenants[3].ID, NeedSync: true, Message: "no answer"},
	}))
	_, err := s.EndTenant(t.Context(), run.ID, tenants[1].ID, "", "")
	require.NoError(t, err)
	_, err = s.EndTenant(t.Context(), run.ID, tenants[3].ID, bridge.TenantFailed, "no answer")
	require.NoError(t, err)

	list := func(filter store.TenantFilter) (names []string, total int, chips map[string]int) {
		t.Helper()
		rows, total, chips, err := s.Tenants(t.Context(), account.ID, filter)
		require.NoError(t, err)
		for _, row := range rows {
			names = append(names, row.Name)
		}
		return names, total, chips
	}
	chips := map[string]int{
		store.ChipUnmapped: 2, store.ChipEnabled: 4, store.ChipFailed: 1, store.ChipHeld: 1, store.ChipMissing: 1, store.ChipFrozen: 0,
		store.ChipInactiveCompany: 2,
	}
	for name, c := range map[string]struct {
		filter store.TenantFilter
		want   []string
		total  int
	}{
		"all by name":      {store.TenantFilter{}, []string{"alpha", "Beta", "Delta 100%", "gamma_x", "Gone", "Émile"}, 6},
		"turned":           {store.TenantFilter{Sort: "-name", Limit: 2}, []string{"Émile", "Gone"}, 6},
		"page":             {store.TenantFilter{Limit: 2, Offset: 2}, []string{"Delta 100%", "gamma_x"}, 6},
		"by status":        {store.TenantFilter{Sort: "status", Limit: 2}, []string{"Delta 100%", "Beta"}, 6},
		"by company":       {store.TenantFilter{Sort: "company", EnabledOnly: true}, []string{"Delta 100%", "Émile", "Beta", "alpha"}, 4},
		"unmapped":         {store.TenantFilter{Chip: store.ChipUnmapped}, []string{"gamma_x", "Gone"}, 2},
		"failed":           {store.TenantFilter{Chip: store.ChipFailed}, []string{"Delta 100%"}, 1},
		"held":             {store.TenantFilter{Chip: store.ChipHeld}, []string{"Beta"}, 1},
		"missing":          {store.TenantFilter{Chip: store.ChipMissing}, []string{"Gone"}, 1},
		"inactive company": {store.TenantFilter{Chip: store.ChipInactiveCompany}, []string{"Beta", "Émile"}, 2},
		"some ids":         {store.TenantFilter{IDs: []string{"t-0", "t-4"}}, []string{"alpha", "gamma_x"}, 2},
		"no ids":           {store.TenantFilter{IDs: []string{}}, nil, 0},
	} {
		got, total, gotChips := list(c.filter)
		assert.Equal(t, c.want, got, name)
		assert.Equal(t, c.total, total, name)
		if c.filter.IDs == nil && !c.filter.EnabledOnly {
			assert.Equal(t, chips, gotChips, name)
		}
	}
	for query, want := range map[string][]string{
		"BET": {"Beta"}, "émi": {"Émile"}, "ÉMI": {"Émile"}, "100%": {"Delta 100%"}, "a_x": {"gamma_x"}, "%": {"Delta 100%"}, "_": {"gamma_x"},
		"T-3": {"Delta 100%"}, "yank": {"Beta"}, "nothing": nil,
	} {
		got, total, _ := list(store.TenantFilter{Query: query})
		assert.Equal(t, want, got, query)
		assert.Equal(t, len(want), total, query)
	}
	rows, _, _, err := s.Tenants(t.Context(), account.ID, store.TenantFilter{IDs: []string{tenants[1].ID, tenants[3].ID, tenants[4].ID}})
	require.NoError(t, err)
	require.Len(t, rows, 3)
	assert.Equal(t, 1, rows[0].HeldChanges)
	assert.Equal(t, bridge.TenantHeld, rows[0].LastRun.Status)
	assert.Equal(t, "no answer", rows[1].LastRun.Message)
	assert.Nil(t, rows[2].LastRun)
}

func reports(t *testing.T, s *store.Store) {
	account := Account(t, s, "reports")
	at := time.Date(2026, 11, 23, 1, 2, 3, 0, time.UTC)
	full := Product("0001", 25)
	full.Trial, full.Problems = true, []string{"A date could not be read: 31.02."}
	bare := bridge.Product{Serial: "", Name: "Thing", Status: bridge.ProductTransferred}
	report := bridge.Report{TenantID: "1", Complete: true, Products: []bridge.Product{full, bare, full}}

	changed, err := s.SaveReport(t.Context(), account.ID, report, at)
	require.NoError(t, err)
	assert.True(t, changed)
	changed, err = s.SaveReport(t.Context(), account.ID, report, at.Add(time.Hour))
	require.NoError(t, err)
	assert.False(t, changed, "the same again")
	require.NoError(t, s.SaveReportError(t.Context(), account.ID, "1", "MySonicWall did not answer.", at.Add(2*time.Hour)))
	require.NoError(t, s.SaveReportError(t.Context(), account.ID, "never", "MySonicWall did not answer.", at))

	got, err := s.Reports(t.Context(), account.ID, []string{"never", "unknown", "1"})
	require.NoError(t, err)
	want := []store.StoredReport{
		{Report: bridge.Report{TenantID: "never"}, Error: "MySonicWall did not answer."},
		{Report: bridge.Report{TenantID: "unknown"}},
		{Report: report, At: at.Add(time.Hour), Error: "MySonicWall did not answer."},
	}
	assert.Empty(t, cmp.Diff(want, got, compareDecimals))

	report.Products, report.Complete = report.Products[:1], false
	changed, err = s.SaveReport(t.Context(), account.ID, report, at.Add(3*time.Hour))
	require.NoError(t, err)
	assert.True(t, changed)
	got, err = s.Reports(t.Context(), account.ID, []string{"1"})
	require.NoError(t, err)
	assert.Empty(t, cmp.Diff([]store.StoredReport{{Report: report, At: at.Add(3 * time.Hour)}}, got, compareDecimals), "an answer ends the error")

	many := Reports(600, 3, 0)
	require.NoError(t, s.SaveReports(t.Context(), account.ID, many, at))
	many[599] = bridge.Report{TenantID: many[599].TenantID, Complete: true}
	require.NoError(t, s.SaveReports(t.Context(), account.ID, many, at))
	ids := make([]string, 600)
	for i, r := range many {
		ids[599-i] = r.TenantID
	}
	got, err = s.Reports(t.Context(), account.ID, ids)
	require.NoError(t, err)
	require.Len(t, got, 600)
	for i := range got {
		assert.Empty(t, cmp.Diff(many[599-i], got[i].Report, compareDecimals))
	}
}
