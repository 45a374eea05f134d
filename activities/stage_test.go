package activities_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"causeway/activities"
	"causeway/internal/bridge"
	"causeway/internal/outbound"
	"causeway/internal/secret"
	cwsim "causeway/internal/simulator/connectwise"
	"causeway/internal/simulator/estate"
	mswsim "causeway/internal/simulator/mysonicwall"
	"causeway/internal/store"
	"causeway/internal/vendors"
)

// stage is an account on both simulators with a store of its own: everything but Temporal.
type stage struct {
	t       *testing.T
	acts    *activities.Activities
	env     *testsuite.TestActivityEnvironment
	store   *store.Store
	account bridge.Account
	estate  estate.Estate
	cwURL   string
	mswURL  string
	runs    int
}

const (
	testCompany    = "acme"
	testPublicKey  = "canary-public"
	testPrivateKey = "canary-private"
	testAPIKey     = "canary-msw"
)

func newStage(t *testing.T, tenants int, options ...estate.Option) *stage {
	t.Helper()
	ctx := t.Context()
	now := time.Now
	est := estate.Generate(7, tenants, now().UTC(), options...)
	cw, err := cwsim.New(cwsim.Options{Seed: 7, Tenants: tenants, Estate: options, Company: testCompany, PublicKey: testPublicKey, PrivateKey: testPrivateKey, RatePerMinute: -1})
	require.NoError(t, err)
	t.Cleanup(func() { _ = cw.Close() })
	msw, err := mswsim.New(mswsim.Options{Seed: 7, Tenants: tenants, Generate: options, APIKey: testAPIKey})
	require.NoError(t, err)
	t.Cleanup(func() { _ = msw.Close() })
	cwServer, mswServer := httptest.NewServer(cw), httptest.NewServer(msw)
	t.Cleanup(cwServer.Close)
	t.Cleanup(mswServer.Close)

	master := filepath.Join(t.TempDir(), "master.key")
	keyset, err := secret.CreateMasterKey(master)
	require.NoError(t, err)
	sealer, err := secret.NewSealer(keyset)
	require.NoError(t, err)
	st, err := store.Open(ctx, "sqlite:"+filepath.Join(t.TempDir(), "causeway.db"), store.Options{Sealer: sealer, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	t.Cleanup(func() { _ = st.Close() })
	require.NoError(t, st.Migrate(ctx))

	allow, err := outbound.ParseAllow(cwServer.URL + "," + mswServer.URL)
	require.NoError(t, err)
	directory, err := vendors.New(vendors.Options{Keys: st, Guard: outbound.New(outbound.Options{Allow: allow}), MySonicWallURL: mswServer.URL})
	require.NoError(t, err)

	cwHost, err := url.Parse(cwServer.URL)
	require.NoError(t, err)
	account, err := st.CreateAccount(ctx, bridge.Account{
		Name: "acme", State: bridge.AccountReady, MSWZone: "America/Chicago", Limits: bridge.DefaultLimits(), SetUpAt: now(),
		ConnectWise: bridge.ConnectWiseSettings{Host: cwHost.Host, Company: testCompany, PublicKey: testPublicKey, CallsAtOnce: 16},
	}, store.Keys{MySonicWall: testAPIKey, ConnectWise: testPrivateKey})
	require.NoError(t, err)

	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(discard{})
	s := &stage{t: t, store: st, account: account, estate: est, cwURL: cwServer.URL, mswURL: mswServer.URL, env: suite.NewTestActivityEnvironment()}
	s.acts = &activities.Activities{Store: st, Vendors: directory, Now: now, MaybeDoneWait: time.Second, FreshFor: time.Hour, Log: slog.New(slog.DiscardHandler)}
	s.env.RegisterActivity(s.acts)
	return s
}

type discard struct{}

func (discard) Debug(string, ...any) {}
func (discard) Info(string, ...any)  {}
func (discard) Warn(string, ...any)  {}
func (discard) Error(string, ...any) {}

// mapAll maps and enables every tenant that has a company and an agreement in the estate.
func (s *stage) mapAll() {
	s.t.Helper()
	tenants := make([]bridge.Tenant, 0, len(s.estate.Tenants))
	var mappings []store.MappingChange
	for _, t := range s.estate.Tenants {
		id := itoa(t.ID)
		tenants = append(tenants, bridge.Tenant{ID: id, Name: t.Name})
		if t.AgreementID != 0 {
			mappings = append(mappings, store.MappingChange{TenantID: id, Mapping: bridge.Mapping{CompanyID: t.CompanyID, AgreementID: t.AgreementID, Enabled: true}})
		}
	}
	_, _, _, err := s.store.SaveTenants(s.t.Context(), s.account.ID, tenants, time.Now())
	require.NoError(s.t, err)
	require.NoError(s.t, s.store.SaveMappings(s.t.Context(), s.account.ID, mappings, "test"))
}

// sync does what a run's workflows do, one activity after the other.
func (s *stage) sync() bridge.Run {
	s.t.Helper()
	s.runs++
	var opened activities.OpenedRun
	s.do(s.acts.OpenRun, activities.OpenRunInput{Account: "acme", Everything: true, Requests: []bridge.SyncRequest{{By: "test"}}, Token: itoa(s.runs)}, &opened)
	in := activities.RunInput{Account: "acme", RunID: opened.RunID}
	s.do(s.acts.CollectRun, in, nil)
	var compared activities.CompareResult
	s.do(s.acts.CompareRun, in, &compared)
	s.settle(s.acts.ApplyShared, activities.ApplyInput{Account: "acme", RunID: opened.RunID})
	var tenants []activities.TenantToSync
	s.do(s.acts.TenantsToSync, activities.TenantsToSyncInput{RunID: opened.RunID}, &tenants)
	for _, t := range tenants {
		s.settle(s.acts.ApplyTenant, activities.ApplyInput{Account: "acme", RunID: opened.RunID, TenantID: t.ID})
	}
	s.do(s.acts.CloseRun, activities.CloseRunInput{RunID: opened.RunID}, nil)
	run, err := s.store.Run(s.t.Context(), opened.RunID)
	require.NoError(s.t, err)
	return run
}

// settle calls an applying activity until nothing waits, as its workflow does.
func (s *stage) settle(activity any, in activities.ApplyInput) {
	s.t.Helper()
	for try := range 20 {
		in.Try = try
		var out activities.ApplyResult
		s.do(activity, in, &out)
		if out.Waiting == 0 {
			return
		}
	}
	s.t.Fatal("rows still wait after twenty tries")
}

func (s *stage) do(activity any, in any, out any) {
	s.t.Helper()
	value, err := s.env.ExecuteActivity(activity, in)
	require.NoError(s.t, err)
	if out != nil {
		require.NoError(s.t, value.Get(out))
	}
}

func (s *stage) changes(run int64, filter store.ChangeFilter) []bridge.Change {
	s.t.Helper()
	filter.AccountID, filter.RunID = s.account.ID, run
	rows, _, err := s.store.Changes(context.Background(), filter)
	require.NoError(s.t, err)
	return rows
}
