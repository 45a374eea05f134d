package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"causeway/internal/bridge"
	"causeway/internal/store"
)

// takenOver: a record goes to the tenant that its product went to, and its id stays known as managed (R49).
func takenOver(t *testing.T, s *store.Store) {
	account := Account(t, s, "moved")
	run, tenants := Run(t, s, account, 2)
	Plan(t, s, run, tenants[:1], 1)
	Finish(t.Context(), t, s, run, pendingOf(t, s, run, tenants[0])[0], 77)
	line := Addition(tenants[0], 0)
	require.NoError(t, s.SavePlan(t.Context(), run, []store.PlannedTenant{{TenantID: tenants[1].ID, Status: bridge.TenantUnchanged,
		Plan: bridge.TenantPlan{Observations: []bridge.Observation{{Kind: line.Kind, Key: line.Key, ParentID: line.ParentID, TenantID: tenants[1].ID}}}}}))
	all, err := s.Managed(t.Context(), account.ID, store.ManagedFilter{TenantIDs: []string{tenants[1].ID}})
	require.NoError(t, err)
	require.Len(t, all, 1)
	ids, err := s.ManagedIDs(t.Context(), account.ID, bridge.KindAddition)
	require.NoError(t, err)
	assert.Equal(t, map[int]bool{all[0].CWMID: true}, ids)
}

// companions: tenants outside of a run that share an agreement, or a serial number by report or by record, and no others (R49).
func companions(t *testing.T, s *store.Store) {
	ctx := t.Context()
	account := Account(t, s, "beside")
	tenants := Tenants(t, s, account.ID, 6)
	require.NoError(t, s.SaveMappings(ctx, account.ID, []store.MappingChange{
		{TenantID: tenants[1].ID, Mapping: bridge.Mapping{CompanyID: 100, AgreementID: 1000, Enabled: true}}, // the first one's agreement
		{TenantID: tenants[5].ID, Mapping: bridge.Mapping{CompanyID: 100, AgreementID: 1000}},                // which is switched off
	}, "test"))
	whole := OpenSync(t, s, account, tenants[:5])
	product := func(serial string) []bridge.Product { return []bridge.Product{{Serial: serial, Name: "TZ370"}} }
	require.NoError(t, s.SaveReports(ctx, account.ID, []bridge.Report{
		{TenantID: tenants[0].ID, Complete: true, Products: product("SHARED")},
		{TenantID: tenants[2].ID, Complete: true, Products: product("SHARED")},
		{TenantID: tenants[4].ID, Complete: true, Products: product("OWN")},
	}, time.Now()))
	Plan(t, s, whole, tenants[3:4], 1)
	Finish(ctx, t, s, whole, pendingOf(t, s, whole, tenants[3])[0], 1)
	require.NoError(t, s.SaveReports(ctx, account.ID, []bridge.Report{
		{TenantID: tenants[0].ID, Complete: true, Products: append(product("SHARED"), product(Addition(tenants[3], 0).Serial)...)},
	}, time.Now()))
	some := OpenSync(t, s, account, tenants[:1])
	beside, err := s.Companions(ctx, account.ID, some.ID)
	require.NoError(t, err)
	var ids []string
	for _, tenant := range beside {
		ids = append(ids, tenant.ID)
	}
	assert.Equal(t, []string{tenants[1].ID, tenants[2].ID, tenants[3].ID}, ids)
	assert.Equal(t, 1000, beside[0].Mapping.AgreementID)
}

// halfRead: agreements of tenants that were not read, not read since, read in part, or whose last read failed.
func halfRead(t *testing.T, s *store.Store) {
	ctx := t.Context()
	account := Account(t, s, "half")
	tenants := Tenants(t, s, account.ID, 6)
	began := time.Now()
	require.NoError(t, s.SaveReports(ctx, account.ID, []bridge.Report{{TenantID: tenants[1].ID, Complete: true}}, began.Add(-time.Hour)))
	require.NoError(t, s.SaveReports(ctx, account.ID, []bridge.Report{{TenantID: tenants[2].ID}, {TenantID: tenants[3].ID, Complete: true}, {TenantID: tenants[4].ID, Complete: true}}, began.Add(time.Second)))
	require.NoError(t, s.SaveReportError(ctx, account.ID, tenants[4].ID, "MySonicWall did not answer.", began.Add(2*time.Second)))
	require.NoError(t, s.SaveMappings(ctx, account.ID, []store.MappingChange{{TenantID: tenants[5].ID, Mapping: bridge.Mapping{CompanyID: 105, AgreementID: 1005}}}, "test"))
	ids, err := s.HalfReadAgreements(ctx, account.ID, began)
	require.NoError(t, err)
	assert.Equal(t, map[int]bool{1000: true, 1001: true, 1002: true, 1004: true}, ids)
}
