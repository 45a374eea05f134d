package vendors_test

import (
	"context"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"causeway/internal/bridge"
	"causeway/internal/connectwise"
	"causeway/internal/mysonicwall"
	"causeway/internal/outbound"
	"causeway/internal/secret"
	simconnectwise "causeway/internal/simulator/connectwise"
	simmysonicwall "causeway/internal/simulator/mysonicwall"
	"causeway/internal/store"
	"causeway/internal/vendors"
)

const clientID = "7a1c5d1e-0b7e-4a52-9a43-1c6c5f0ad9c2"

// keys is a key store of one account that counts how often it is opened.
type keys struct {
	stored store.Keys
	opened atomic.Int32
}

func (k *keys) Keys(context.Context, int64) (store.Keys, error) {
	k.opened.Add(1)
	return k.stored, nil
}

type bench struct {
	directory *vendors.Directory
	keys      *keys
	account   bridge.Account
}

func newBench(t *testing.T, workers int) *bench {
	t.Helper()
	cwm, err := simconnectwise.New(simconnectwise.Options{
		Seed: 1, Tenants: 20, Company: "acme", PublicKey: "pub", PrivateKey: "canary-priv", ClientID: clientID, RatePerMinute: -1,
		Now: func() time.Time { return time.Date(2026, 11, 23, 17, 0, 0, 0, time.UTC) },
	})
	require.NoError(t, err)
	msw, err := simmysonicwall.New(simmysonicwall.Options{Seed: 1, Tenants: 3, APIKey: "canary-msw"})
	require.NoError(t, err)
	cwmServer, mswServer := httptest.NewServer(cwm), httptest.NewServer(msw)
	t.Cleanup(cwmServer.Close)
	t.Cleanup(mswServer.Close)
	allow, err := outbound.ParseAllow(cwmServer.URL + "," + mswServer.URL)
	require.NoError(t, err)
	guard := outbound.New(outbound.Options{Allow: allow})
	t.Cleanup(guard.CloseIdleConnections)
	k := &keys{stored: store.Keys{MySonicWall: "canary-msw", ConnectWise: "canary-priv"}}
	directory, err := vendors.New(vendors.Options{Keys: k, Guard: guard, MySonicWallURL: mswServer.URL, ClientID: clientID, Workers: workers})
	require.NoError(t, err)
	return &bench{directory, k, bridge.Account{
		ID: 1, Name: "example-msp", KeysVersion: 1,
		ConnectWise: bridge.ConnectWiseSettings{Host: cwmServer.Listener.Addr().String(), Company: "acme", PublicKey: "pub", CallsAtOnce: 8, CallsPerSecond: 0},
	}}
}

func TestOneClientServesEveryRunOfAnAccount(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	var first, second []string
	one, err := b.directory.ConnectWise(t.Context(), b.account, func(c connectwise.Call) { first = append(first, c.Path) })
	require.NoError(t, err)
	_, err = one.System.Info(t.Context())
	require.NoError(t, err)
	two, err := b.directory.ConnectWise(t.Context(), b.account, func(c connectwise.Call) { second = append(second, c.Path) })
	require.NoError(t, err)
	_, err = two.System.Info(t.Context())
	require.NoError(t, err)

	require.Equal(t, []string{"login/companyinfo/acme", "system/info"}, first)
	require.Equal(t, []string{"system/info"}, second, "each counts its own calls, and the code base is looked up once")
	require.Same(t, one.Limiter(), two.Limiter())
	require.EqualValues(t, 1, b.keys.opened.Load(), "keys are opened once, not for every activity")
}

func TestOtherKeysOrSettingsMakeAnotherClient(t *testing.T) { // R46
	t.Parallel()
	b := newBench(t, 1)
	_, err := b.directory.ConnectWise(t.Context(), b.account, nil)
	require.NoError(t, err)
	b.keys.stored.ConnectWise = "canary-wrong"
	old, err := b.directory.ConnectWise(t.Context(), b.account, nil)
	require.NoError(t, err)
	_, err = old.System.Info(t.Context())
	require.NoError(t, err, "without another version the old client goes on")

	b.account.KeysVersion++
	renewed, err := b.directory.ConnectWise(t.Context(), b.account, nil)
	require.NoError(t, err)
	_, err = renewed.System.Info(t.Context())
	require.ErrorContains(t, err, "401")
	require.NotContains(t, err.Error(), "canary")

	b.account.ConnectWise.Company = "other"
	other, err := b.directory.ConnectWise(t.Context(), b.account, nil)
	require.NoError(t, err)
	require.Equal(t, "other", other.Company())
	require.NotSame(t, old.Limiter(), other.Limiter())
}

func TestRateIsSharedAndFollowsTheAccount(t *testing.T) {
	t.Parallel()
	b := newBench(t, 2)
	client, err := b.directory.ConnectWise(t.Context(), b.account, nil)
	require.NoError(t, err)
	require.Equal(t, 4, client.Limiter().AtOnce(), "two workers share the account's eight calls at once")
	b.account.ConnectWise.CallsAtOnce = 1
	_, err = b.directory.ConnectWise(t.Context(), b.account, nil)
	require.NoError(t, err)
	require.Equal(t, 1, client.Limiter().AtOnce(), "a changed rate counts for clients that are in use, and is never below one")

	// Somebody who tries the same login with other values must not change it.
	probe, err := b.directory.ProbeConnectWise(b.account.ConnectWise, "canary-priv")
	require.NoError(t, err)
	require.NotSame(t, client.Limiter(), probe.Limiter())
}

func TestMissingKeysAreTold(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	b.keys.stored = store.Keys{}
	_, err := b.directory.ConnectWise(t.Context(), b.account, nil)
	require.Equal(t, bridge.CodeInvalid, bridge.CodeOf(err))
	_, err = b.directory.MySonicWall(t.Context(), b.account, nil)
	require.Equal(t, bridge.CodeInvalid, bridge.CodeOf(err))
	_, err = b.directory.ConnectWise(t.Context(), bridge.Account{ID: 2, Name: "new"}, nil)
	require.ErrorContains(t, err, "not joined to ConnectWise")
}

func TestMySonicWall(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	calls := 0
	source, err := b.directory.MySonicWall(t.Context(), b.account, func(mysonicwall.Call) { calls++ })
	require.NoError(t, err)
	tenants, err := source.Tenants(t.Context())
	require.NoError(t, err)
	require.Len(t, tenants, 3)
	require.Positive(t, calls)

	probe, err := b.directory.ProbeMySonicWall("", secret.Text("canary-wrong"))
	require.NoError(t, err)
	err = probe.Ping(t.Context())
	require.ErrorContains(t, err, "refused the API key")
	require.NotContains(t, err.Error(), "canary")

	b.account.MSWURL = "http://169.254.169.254"
	_, err = b.directory.MySonicWall(t.Context(), b.account, nil)
	require.Equal(t, bridge.CodeForbidden, bridge.CodeOf(err), "an account's own address keeps to the allow list as well")
}

func TestReadCompanies(t *testing.T) { // R9
	t.Parallel()
	b := newBench(t, 1)
	client, err := b.directory.ConnectWise(t.Context(), b.account, nil)
	require.NoError(t, err)
	companies, agreements, err := vendors.ReadCompanies(t.Context(), client)
	require.NoError(t, err)
	require.NotEmpty(t, companies)
	kinds := map[bridge.BillingOption]int{}
	deleted, children, openEnded := 0, 0, 0
	for _, c := range companies {
		require.NotEmpty(t, c.Name)
		if c.Deleted {
			deleted++
		}
	}
	for i, ag := range agreements {
		require.True(t, i == 0 || agreements[i-1].ID < ag.ID)
		kinds[ag.Cycle]++
		if ag.ParentID != 0 {
			children++
		}
		if ag.End.IsZero() {
			openEnded++
		}
	}
	require.Positive(t, deleted)
	require.Positive(t, children)
	require.Positive(t, openEnded)
	require.Positive(t, kinds[bridge.BillingMonthly])
	require.Positive(t, kinds["Quarterly"])
}
