package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"causeway/internal/bridge"
	"causeway/internal/store"
)

// serialHolders holds R49: who reports a product now, where somebody else reports it too or has its line.
func serialHolders(t *testing.T, s *store.Store) {
	account := Account(t, s, "holders")
	run, tenants := Run(t, s, account, 5)
	off := tenants[4].Mapping
	off.Enabled = false
	require.NoError(t, s.SaveMappings(t.Context(), account.ID, []store.MappingChange{{TenantID: tenants[4].ID, Mapping: off}}, "me"))
	save := func(tenant int, products ...bridge.Product) {
		t.Helper()
		_, err := s.SaveReport(t.Context(), account.ID, bridge.Report{TenantID: tenants[tenant].ID, Products: products, Complete: true}, time.Now())
		require.NoError(t, err)
	}
	manage := func(tenant int, serial string, kind bridge.Kind, cwmID int) {
		t.Helper()
		c := Addition(tenants[tenant], cwmID)
		c.Kind, c.Serial, c.Key = kind, serial, "KEY/"+serial
		require.NoError(t, s.SavePlan(t.Context(), run, []store.PlannedTenant{{
			TenantID: tenants[tenant].ID, NeedSync: true, Plan: bridge.TenantPlan{Changes: []bridge.Change{c}},
		}}))
		Finish(t.Context(), t, s, run, pendingOf(t, s, run, tenants[tenant])[0], cwmID)
	}
	gone, free := Product("TOMBSTONE", 1), Product("FREE", 1)
	gone.Status, free.Billable = bridge.ProductDeleted, false
	save(0, Product("TWICE", 1), Product("TWICE", 2), Product("MINE", 1), Product("MINE", 2), Product("", 1), gone)
	save(1, Product("TWICE", 1), Product("MOVED", 1), Product("DEVICE", 1), free, Product("", 1), Product("TOMBSTONE", 1))
	save(2, Product("ALONE", 1))
	save(4, Product("ALONE", 1), Product("MINE", 1))
	manage(0, "MINE", bridge.KindAddition, 1)
	manage(0, "MOVED", bridge.KindAddition, 2)
	manage(4, "DEVICE", bridge.KindConfiguration, 3)
	manage(0, "FREE", bridge.KindAddition, 4)
	manage(0, "NOWHERE", bridge.KindAddition, 5)
	want := map[string][]string{
		"TWICE": {tenants[0].ID, tenants[1].ID}, "MOVED": {tenants[1].ID}, "DEVICE": {tenants[1].ID},
	}
	holders, err := s.SerialHolders(t.Context(), account.ID)
	require.NoError(t, err)
	assert.Equal(t, want, holders)

	_, err = s.UpdateAccount(t.Context(), account.ID, func(a *bridge.Account) error { a.ConnectWise.Company = "another"; return nil })
	require.NoError(t, err)
	holders, err = s.SerialHolders(t.Context(), account.ID)
	require.NoError(t, err)
	assert.Empty(t, holders, "nothing of another ConnectWise company counts (R55)")
}
