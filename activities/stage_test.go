package activities_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"sync/atomic"
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
	clock   *atomic.Int64 // how far Causeway's clock is ahead: waits pass without waiting
	retry   bool          // failed activities are called again, as Temporal would
	// beforeApply runs once between the compare and the first write.
	beforeApply func()
	only        []string // tenants of the next runs; all enabled ones when empty
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
	clock := new(atomic.Int64)
	now := func() time.Time { return time.Now().Add(time.Duration(clock.Load())) }
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
	st, err := store.Open(ctx, "sqlite:"+filepath.Join(t.TempDir(), "causeway.db"), store.Options{Sealer: sealer, Now: now, Logger: slog.New(slog.DiscardHandler)})
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
	s := &stage{t: t, clock: clock, store: st, account: account, estate: est, cwURL: cwServer.URL, mswURL: mswServer.URL, env: suite.NewTestActivityEnvironment()}
	s.acts = &activities.Activities{Store: st, Vendors: directory, Now: now, MaybeDoneWait: 10 * time.Minute, FreshFor: time.Hour, Log: slog.New(slog.DiscardHandler)}
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

// open opens a run of all enabled tenants.
func (s *stage) open() activities.RunInput {
	s.t.Helper()
	s.runs++
	var opened activities.OpenedRun
	s.do(s.acts.OpenRun, activities.OpenRunInput{Account: "acme", Everything: len(s.only) == 0, Tenants: s.only, Requests: []bridge.SyncRequest{{By: "test"}}, Token: itoa(s.runs)}, &opened)
	return activities.RunInput{Account: "acme", RunID: opened.RunID}
}

// sync does what a run's workflows do, one activity after the other.
func (s *stage) sync() bridge.Run {
	s.t.Helper()
	in := s.open()
	s.do(s.acts.CollectRun, in, nil)
	s.do(s.acts.CompareRun, in, nil)
	if s.beforeApply != nil {
		s.beforeApply()
	}
	s.settle(s.acts.ApplyShared, activities.ApplyInput{Account: "acme", RunID: in.RunID})
	var tenants []activities.TenantToSync
	s.do(s.acts.TenantsToSync, activities.TenantsToSyncInput{RunID: in.RunID}, &tenants)
	for _, t := range tenants {
		out := s.settle(s.acts.ApplyTenant, activities.ApplyInput{Account: "acme", RunID: in.RunID, TenantID: t.ID})
		if out.Stale > 0 {
			s.do(s.acts.PlanTenantAnew, activities.TenantInput{Account: "acme", RunID: in.RunID, TenantID: t.ID}, nil)
			s.settle(s.acts.ApplyTenant, activities.ApplyInput{Account: "acme", RunID: in.RunID, TenantID: t.ID})
		}
	}
	s.do(s.acts.CloseRun, activities.CloseRunInput{RunID: in.RunID}, nil)
	run, err := s.store.Run(s.t.Context(), in.RunID)
	require.NoError(s.t, err)
	return run
}

// settle calls an applying activity until nothing waits, as its workflow does.
func (s *stage) settle(activity any, in activities.ApplyInput) activities.ApplyResult {
	s.t.Helper()
	for try := range 50 {
		in.Try = try
		var out activities.ApplyResult
		s.do(activity, in, &out)
		if out.Waiting == 0 {
			return out
		}
		s.pass(out.RetryAfter)
	}
	s.t.Fatal("rows still wait after fifty tries")
	return activities.ApplyResult{}
}

// pass lets time go by on Causeway's and on ConnectWise's clock.
func (s *stage) pass(d time.Duration) {
	s.t.Helper()
	s.clock.Add(int64(d))
	s.sim("PUT", s.cwURL, "clock", map[string]any{"advance": d.String()})
}

func (s *stage) do(activity any, in any, out any) {
	s.t.Helper()
	value, err := s.env.ExecuteActivity(activity, in)
	for try := 0; err != nil && s.retry && try < 20; try++ {
		value, err = s.env.ExecuteActivity(activity, in)
	}
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
