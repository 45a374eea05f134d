package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"causeway/internal/bridge"
	"causeway/internal/secret"
	"causeway/internal/store"
)

var compareDecimals = cmp.Comparer(func(a, b decimal.Decimal) bool { return a.Equal(b) })

func accounts(t *testing.T, s *store.Store) {
	want := bridge.Account{
		Name: "northbridge-it", State: bridge.AccountReady, StateReason: "because", MSWURL: "https://msw.example.com",
		MSWZone: "America/Chicago", ZoneSetting: "Europe/London",
		ConnectWise: bridge.ConnectWiseSettings{Host: "cwm.example.com", Company: "lakeshore", PublicKey: "pub", CallsAtOnce: 7, CallsPerSecond: 2.5},
		Options:     bridge.Options{NetworkAdditions: true, UnicodeNames: true, PriceFirst: true, ActiveStatuses: []string{"Aktiv", "VIP"}},
		Limits:      bridge.DefaultLimits(),
		Tickets:     bridge.TicketSettings{BoardID: 1, BoardName: "Service", CriticalID: 2, CriticalName: "P1", HighID: 3, HighName: "P2"},
		Binding:     1,
	}
	stored, err := s.CreateAccount(t.Context(), want, store.Keys{})
	require.NoError(t, err)
	assert.WithinDuration(t, time.Now(), stored.CreatedAt, time.Minute)
	want.ID, want.CreatedAt = stored.ID, stored.CreatedAt
	for name, read := range map[string]func() (bridge.Account, error){
		"created": func() (bridge.Account, error) { return stored, nil },
		"by name": func() (bridge.Account, error) { return s.Account(t.Context(), "northbridge-it") },
		"by id":   func() (bridge.Account, error) { return s.AccountByID(t.Context(), stored.ID) },
	} {
		got, err := read()
		require.NoError(t, err)
		assert.Empty(t, cmp.Diff(want, got, compareDecimals), name)
	}

	setUp := time.Date(2026, 11, 23, 22, 15, 16, 123456000, time.FixedZone("CST", -6*3600))
	changed, err := s.UpdateAccount(t.Context(), stored.ID, func(a *bridge.Account) error {
		a.SetUpAt = setUp
		a.Options = bridge.Options{}
		a.Name, a.Binding, a.KeysVersion, a.ID = "other", 99, 99, 99
		return nil
	})
	require.NoError(t, err)
	want.SetUpAt, want.Options = setUp.UTC(), bridge.Options{}
	assert.Empty(t, cmp.Diff(want, changed, compareDecimals), "name, binding, keys' version and id are the store's own")

	require.NoError(t, s.SetAccountState(t.Context(), stored.ID, bridge.AccountNeedsAttention, "ConnectWise refused the keys."))
	got, err := s.Account(t.Context(), "northbridge-it")
	require.NoError(t, err)
	want.State, want.StateReason = bridge.AccountNeedsAttention, "ConnectWise refused the keys."
	assert.Empty(t, cmp.Diff(want, got, compareDecimals))

	Account(t, s, "a-first")
	all, err := s.Accounts(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 2)
	assert.Equal(t, []string{"a-first", "northbridge-it"}, []string{all[0].Name, all[1].Name})

	_, err = s.Account(t.Context(), "nobody")
	requireCode(t, bridge.CodeNotFound, err)
	_, err = s.AccountByID(t.Context(), 4711)
	requireCode(t, bridge.CodeNotFound, err)
	requireCode(t, bridge.CodeNotFound, s.SetAccountState(t.Context(), 4711, bridge.AccountReady, ""))
	_, err = s.UpdateAccount(t.Context(), 4711, func(*bridge.Account) error { return nil })
	requireCode(t, bridge.CodeNotFound, err)

	refused := errors.New("no")
	_, err = s.UpdateAccount(t.Context(), stored.ID, func(a *bridge.Account) error { a.MSWZone = "Mars/Base"; return refused })
	require.ErrorIs(t, err, refused)
	got, err = s.AccountByID(t.Context(), stored.ID)
	require.NoError(t, err)
	assert.Equal(t, "America/Chicago", got.MSWZone, "a refused change changes nothing")
}

func accountNames(t *testing.T, s *store.Store) {
	Account(t, s, "taken")
	_, err := s.CreateAccount(t.Context(), bridge.Account{Name: "taken"}, store.Keys{})
	assert.Equal(t, "account", requireCode(t, bridge.CodeConflict, err).Field)
	_, err = s.CreateAccount(t.Context(), bridge.Account{Name: "not-configured-1"}, store.Keys{})
	require.NoError(t, err)
	_, err = s.CreateAccount(t.Context(), bridge.Account{Name: "not-configured-2"}, store.Keys{})
	require.NoError(t, err, "accounts that are not configured yet do not share a company")
}

// oneCompanyOneAccount holds R10.
func oneCompanyOneAccount(t *testing.T, s *store.Store) {
	join := func(name, host, company string) (bridge.Account, error) {
		return s.CreateAccount(t.Context(), bridge.Account{
			Name: name, ConnectWise: bridge.ConnectWiseSettings{Host: host, Company: company, PublicKey: name},
		}, store.Keys{})
	}
	_, err := join("first", "api-na.myconnectwise.net", "Lakeshore")
	require.NoError(t, err)
	for i, c := range []struct{ host, company string }{
		{"api-na.myconnectwise.net", "Lakeshore"},
		{"API-NA.MyConnectWise.net", "LAKESHORE"},
		{"na.myconnectwise.net", "lakeshore"},
		{"na.myconnectwise.net:443", " lakeshore "},
	} {
		name := fmt.Sprintf("second-%d", i)
		_, err := join(name, c.host, c.company)
		assert.Contains(t, requireCode(t, bridge.CodeConflict, err).Message, "first", "the first account is named")
		_, err = s.Account(t.Context(), name)
		requireCode(t, bridge.CodeNotFound, err)
	}
	_, err = join("other-company", "na.myconnectwise.net", "oakwood")
	require.NoError(t, err)
	other, err := join("other-host", "eu.myconnectwise.net", "lakeshore")
	require.NoError(t, err)
	_, err = s.UpdateAccount(t.Context(), other.ID, func(a *bridge.Account) error {
		a.ConnectWise.Host = "na.myconnectwise.net"
		return nil
	})
	assert.Contains(t, requireCode(t, bridge.CodeConflict, err).Message, "first")
	_, err = s.UpdateAccount(t.Context(), other.ID, func(a *bridge.Account) error { a.Options.PriceFirst = true; return nil })
	require.NoError(t, err, "an account is no conflict with itself")
}

// newBinding holds R55: mappings, companies and records of another ConnectWise company are never used for this one.
func newBinding(t *testing.T, s *store.Store) {
	account := Account(t, s, "moves")
	run, tenants := Run(t, s, account, 1)
	Plan(t, s, run, tenants, 1)
	pending := pendingOf(t, s, run, tenants[0])
	Finish(t.Context(), t, s, run, pending[0], 5)
	require.NoError(t, s.SaveCompanies(t.Context(), account, []bridge.Company{{ID: 1, Name: "A"}}, nil, time.Now()))

	moved, err := s.UpdateAccount(t.Context(), account.ID, func(a *bridge.Account) error { a.ConnectWise.Company = "elsewhere"; return nil })
	require.NoError(t, err)
	assert.Equal(t, account.Binding+1, moved.Binding)
	tenant, err := s.Tenant(t.Context(), account.ID, tenants[0].ID)
	require.NoError(t, err)
	assert.Equal(t, bridge.Mapping{}, tenant.Mapping)
	managed, err := s.Managed(t.Context(), account.ID, store.ManagedFilter{})
	require.NoError(t, err)
	assert.Empty(t, managed)
	companies, err := s.Companies(t.Context(), account.ID)
	require.NoError(t, err)
	assert.Empty(t, companies)
	at, err := s.CompaniesReadAt(t.Context(), account.ID)
	require.NoError(t, err)
	assert.Zero(t, at)

	same, err := s.UpdateAccount(t.Context(), account.ID, func(a *bridge.Account) error { a.ConnectWise.PublicKey = "new"; return nil })
	require.NoError(t, err)
	assert.Equal(t, moved.Binding, same.Binding, "new keys for the same company are the same binding")
}

// newBindingEndsRuns holds R55 while a run is under way: nothing more of it is written, because its ids mean other records in the
// ConnectWise company that the account is joined to now.
func newBindingEndsRuns(t *testing.T, s *store.Store) {
	ctx := t.Context()
	account := Account(t, s, "moves-away")
	run, tenants := Run(t, s, account, 1)
	Plan(t, s, run, tenants, 2)
	pending := pendingOf(t, s, run, tenants[0])
	requireClaim(t, s, run, pending[0].ID, true)
	preview, _, err := s.OpenRun(ctx, store.OpenRun{AccountID: account.ID, Kind: bridge.RunPreview, Tenants: tenants})
	require.NoError(t, err)
	_, err = s.UpdateAccount(ctx, account.ID, func(a *bridge.Account) error { a.Options.PriceFirst = true; return nil })
	require.NoError(t, err)
	requireClaim(t, s, run, pending[0].ID, true)

	_, err = s.UpdateAccount(ctx, account.ID, func(a *bridge.Account) error { a.ConnectWise.Company = "elsewhere"; return nil })
	require.NoError(t, err)
	requireClaim(t, s, run, pending[1].ID, false)
	for _, id := range []int64{run.ID, preview.ID} {
		ended, err := s.Run(ctx, id)
		require.NoError(t, err)
		assert.Equal(t, bridge.RunFailed, ended.Status)
		assert.Contains(t, ended.Reason, "another ConnectWise")
	}
	c := pending[0]
	c.Status, c.CWMID, c.Answer = bridge.StatusApplied, 1, c.After
	managed := bridge.ManagedAfter(bridge.Managed{}, c)
	require.NoError(t, s.FinishChange(ctx, run, c, &managed, nil), "what had been sent is known all the same")
	here, err := s.Managed(ctx, account.ID, store.ManagedFilter{})
	require.NoError(t, err)
	assert.Empty(t, here, "and belongs to the company that it was written to")
}

// olderReading: a list that was read before another one does not replace it, nor does one of another company.
func olderReading(t *testing.T, s *store.Store) {
	ctx := t.Context()
	account := Account(t, s, "reads")
	now := time.Now().Truncate(time.Second)
	names := func() []string {
		companies, err := s.Companies(ctx, account.ID)
		require.NoError(t, err)
		var names []string
		for _, c := range companies {
			names = append(names, c.Name)
		}
		return names
	}
	require.NoError(t, s.SaveCompanies(ctx, account, []bridge.Company{{ID: 1, Name: "A"}, {ID: 2, Name: "B"}}, nil, now))
	require.NoError(t, s.SaveCompanies(ctx, account, []bridge.Company{{ID: 1, Name: "A"}}, nil, now.Add(-time.Second)))
	assert.Equal(t, []string{"A", "B"}, names())
	require.NoError(t, s.SaveCompanies(ctx, account, []bridge.Company{{ID: 3, Name: "C"}}, nil, now.Add(time.Second)))
	assert.Equal(t, []string{"C"}, names())
	require.NoError(t, s.SaveCompanies(ctx, account, []bridge.Company{{ID: 4, Name: "D"}}, nil, now.AddDate(0, -1, 0)))
	assert.Equal(t, []string{"D"}, names(), "a clock was set right")
	_, err := s.UpdateAccount(ctx, account.ID, func(a *bridge.Account) error { a.ConnectWise.Company = "elsewhere"; return nil })
	require.NoError(t, err)
	require.NoError(t, s.SaveCompanies(ctx, account, []bridge.Company{{ID: 1, Name: "A"}}, nil, now.Add(time.Minute)))
	assert.Empty(t, names())
}

func updatesQueue(t *testing.T, s *store.Store) {
	account := Account(t, s, "busy")
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			_, err := s.UpdateAccount(t.Context(), account.ID, func(a *bridge.Account) error { a.Tickets.BoardID++; return nil })
			assert.NoError(t, err)
		})
	}
	group.Wait()
	got, err := s.AccountByID(t.Context(), account.ID)
	require.NoError(t, err)
	assert.Equal(t, 16, got.Tickets.BoardID, "no change was lost")
}

func keys(t *testing.T, s *store.Store) {
	account, err := s.CreateAccount(t.Context(), bridge.Account{Name: "keys"}, store.Keys{MySonicWall: "msw-1"})
	require.NoError(t, err)
	assert.Equal(t, 1, account.KeysVersion)
	steps := []struct {
		set, want store.Keys
		version   int
	}{
		{store.Keys{ConnectWise: "cwm-1"}, store.Keys{MySonicWall: "msw-1", ConnectWise: "cwm-1"}, 2},
		{store.Keys{}, store.Keys{MySonicWall: "msw-1", ConnectWise: "cwm-1"}, 2},
		{store.Keys{MySonicWall: "msw-2", ConnectWise: "cwm-2"}, store.Keys{MySonicWall: "msw-2", ConnectWise: "cwm-2"}, 3},
	}
	for _, step := range steps {
		require.NoError(t, s.SetKeys(t.Context(), account.ID, step.set))
		got, err := s.Keys(t.Context(), account.ID)
		require.NoError(t, err)
		assert.Equal(t, step.want, got)
		now, err := s.AccountByID(t.Context(), account.ID)
		require.NoError(t, err)
		assert.Equal(t, step.version, now.KeysVersion)
	}
	resealed, err := s.ResealKeys(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, resealed)
	got, err := s.Keys(t.Context(), account.ID)
	require.NoError(t, err)
	assert.Equal(t, secret.Text("msw-2"), got.MySonicWall)
	requireCode(t, bridge.CodeNotFound, s.SetKeys(t.Context(), 4711, store.Keys{MySonicWall: "x"}))
	_, err = s.Keys(t.Context(), 4711)
	requireCode(t, bridge.CodeNotFound, err)
}

func deleteAccount(t *testing.T, s *store.Store) {
	account := Account(t, s, "refused")
	Tenants(t, s, account.ID, 2)
	require.NoError(t, s.DeleteAccount(t.Context(), account.ID))
	_, err := s.Account(t.Context(), "refused")
	requireCode(t, bridge.CodeNotFound, err)
	account = Account(t, s, "refused")
	_, total, _, err := s.Tenants(t.Context(), account.ID, store.TenantFilter{})
	require.NoError(t, err)
	assert.Zero(t, total, "the corrected file starts anew")
	_, err = s.UpdateAccount(t.Context(), account.ID, func(a *bridge.Account) error { a.SetUpAt = time.Now(); return nil })
	require.NoError(t, err)
	requireCode(t, bridge.CodeConflict, s.DeleteAccount(t.Context(), account.ID))
}

func setupSteps(t *testing.T, s *store.Store) {
	account := Account(t, s, "steps")
	began := time.Date(2026, 11, 23, 1, 2, 3, 0, time.UTC)
	first := store.SetupStep{Name: "types", Title: "Product types", Status: "failed", Message: "no", Fix: "System › …", Answer: "403", Started: began}
	require.NoError(t, s.SaveSetupStep(t.Context(), account.ID, 2, store.SetupStep{Name: "later", Status: "waiting"}))
	require.NoError(t, s.SaveSetupStep(t.Context(), account.ID, 1, first))
	first = store.SetupStep{Name: "types", Title: "Product types", Status: "done", Outcome: "SonicWall created", Started: began, Ended: began.Add(time.Second)}
	require.NoError(t, s.SaveSetupStep(t.Context(), account.ID, 1, first))
	steps, err := s.SetupSteps(t.Context(), account.ID)
	require.NoError(t, err)
	assert.Empty(t, cmp.Diff([]store.SetupStep{first, {Name: "later", Status: "waiting"}}, steps))
	require.NoError(t, s.ClearSetupSteps(t.Context(), account.ID))
	steps, err = s.SetupSteps(t.Context(), account.ID)
	require.NoError(t, err)
	assert.Empty(t, steps)
}
