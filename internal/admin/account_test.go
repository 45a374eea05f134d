package admin_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/internal/store"
)

func TestAddAccountChecksTheKeyAndReadsTenants(t *testing.T) { // R1
	t.Parallel()
	w := newWorld(t)
	added, err := w.admin.AddAccount(t.Context(), admin.NewAccount{Name: "northbridge-it", MySonicWallKey: mswKey})
	require.NoError(t, err)
	require.Equal(t, 6, added.Tenants)
	require.Equal(t, bridge.AccountNew, added.Account.State)
	require.NotEmpty(t, added.Account.MSWZone)

	tenants, err := w.admin.Tenants(t.Context(), "northbridge-it")
	require.NoError(t, err)
	require.Len(t, tenants, 6)
	require.Nil(t, tenants[0].Company)
	require.False(t, tenants[0].Enabled)

	show, err := w.admin.Show(t.Context(), "northbridge-it")
	require.NoError(t, err)
	require.Equal(t, "account/northbridge-it", show.WorkflowID)
	require.Equal(t, added.Account.MSWZone, show.TimeZone)
	require.Nil(t, show.NextRun)
	require.Nil(t, show.LastRun)
}

func TestAddAccountRefuses(t *testing.T) { // R1
	t.Parallel()
	w := newWorld(t)
	w.add("taken")
	for name, c := range map[string]struct {
		in    admin.NewAccount
		field string
		code  bridge.Code
	}{
		"wrong key":       {admin.NewAccount{Name: "a", MySonicWallKey: "canary-wrong"}, "mysonicwall.api_key", bridge.CodeVendor},
		"no key":          {admin.NewAccount{Name: "a"}, "mysonicwall.api_key", bridge.CodeInvalid},
		"bad name":        {admin.NewAccount{Name: "A b", MySonicWallKey: mswKey}, "account", bridge.CodeInvalid},
		"name taken":      {admin.NewAccount{Name: "taken", MySonicWallKey: mswKey}, "account", bridge.CodeConflict},
		"address refused": {admin.NewAccount{Name: "a", MySonicWallKey: mswKey, MySonicWallURL: "http://127.0.0.1:1"}, "mysonicwall.url", bridge.CodeForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := w.admin.AddAccount(t.Context(), c.in)
			require.Equal(t, c.code, bridge.CodeOf(err), "%v", err)
			require.Contains(t, admin.FieldErrors(err), c.field)
			require.NotContains(t, err.Error(), "canary")
			_, err = w.store.Account(t.Context(), "a")
			require.Equal(t, bridge.CodeNotFound, bridge.CodeOf(err), "a refused key must store nothing")
		})
	}
}

func TestReplacedKeyTakesTheAccountUpAgain(t *testing.T) { // R46
	t.Parallel()
	w := newWorld(t)
	account := w.ready("northbridge-it")
	require.NoError(t, w.store.SetAccountState(t.Context(), account.ID, bridge.AccountNeedsAttention, "MySonicWall refused the key"))

	_, err := w.admin.ReplaceMySonicWallKey(t.Context(), account.Name, "canary-still-wrong", "a test")
	require.Equal(t, bridge.CodeVendor, bridge.CodeOf(err))
	require.Zero(t, w.starter.times("resume northbridge-it"))
	kept, err := w.store.Keys(t.Context(), account.ID)
	require.NoError(t, err)
	require.Equal(t, mswKey, kept.MySonicWall.Reveal(), "the old key stays until another is proven")

	_, err = w.admin.ReplaceMySonicWallKey(t.Context(), account.Name, mswKey, "a test")
	require.NoError(t, err)
	require.Equal(t, 1, w.starter.times("resume northbridge-it"))
}

func TestRefreshTenantsShowsMissingOnes(t *testing.T) { // R1
	t.Parallel()
	w := newWorld(t)
	w.add("northbridge-it")
	before, err := w.admin.Tenants(t.Context(), "northbridge-it")
	require.NoError(t, err)
	w.sim(w.msw, http.MethodPost, "edit", map[string]any{"op": "tenant.hide", "productGroupID": tenantNumber(t, before[0].Tenant)})

	count, err := w.admin.RefreshTenants(t.Context(), "northbridge-it")
	require.NoError(t, err)
	require.Equal(t, 5, count)
	after, err := w.admin.Tenants(t.Context(), "northbridge-it")
	require.NoError(t, err)
	require.Len(t, after, 6)
	for _, tenant := range after {
		require.Equal(t, tenant.Tenant == before[0].Tenant, tenant.Missing, tenant.Name)
	}
}

func TestCanaryKeysStayOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	account := w.ready("northbridge-it")
	w.sim(w.cwm, http.MethodPatch, "settings", map[string]any{"keys_revoked": true})
	test, err := w.admin.TestConnection(t.Context(), account.Name, w.connection())
	require.NoError(t, err)
	_, preflight := w.admin.CheckReadiness(t.Context(), account.Name)
	_, choices := w.admin.TicketChoices(t.Context(), account.Name)
	require.Error(t, choices)
	keys, err := w.store.Keys(t.Context(), account.ID)
	require.NoError(t, err)
	show, err := w.admin.Show(t.Context(), account.Name)
	require.NoError(t, err)

	all := fmt.Sprintf("%v %+v %#v %v %v %+v %#v %+v %+v", test, test, test, preflight, choices, keys, keys, w.connection(), show)
	require.NotContains(t, all, "canary")
	for _, row := range []store.Keys{keys} {
		require.Equal(t, privateKey, row.ConnectWise.Reveal())
	}
}
