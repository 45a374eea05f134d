package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"causeway/internal/bridge"
	"causeway/internal/store"
)

// chicago is the zone of the fixtures' accounts.
func chicago(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("America/Chicago")
	require.NoError(t, err)
	return zone
}

func frozenOf(t *testing.T, s *store.Store, accountID int64, tenantID string) bridge.Frozen {
	t.Helper()
	tenant, err := s.Tenant(t.Context(), accountID, tenantID)
	require.NoError(t, err)
	rows, _, _, err := s.Tenants(t.Context(), accountID, store.TenantFilter{IDs: []string{tenantID}})
	require.NoError(t, err)
	require.Len(t, rows, 1)
	assert.Equal(t, rows[0].Frozen, tenant.Frozen)
	return tenant.Frozen
}

func mapTo(t *testing.T, s *store.Store, accountID int64, tenantID string, m bridge.Mapping) {
	t.Helper()
	require.NoError(t, s.SaveMappings(t.Context(), accountID, []store.MappingChange{{TenantID: tenantID, Mapping: m}}, "me"))
}

// frozenByMapping holds R53: a tenant that was synchronised and no longer is, is frozen since the day that began.
func frozenByMapping(t *testing.T, s *store.Store) {
	account := Account(t, s, "frozen")
	tenant := Tenants(t, s, account.ID, 1)[0]
	assert.Zero(t, frozenOf(t, s, account.ID, tenant.ID))
	off := tenant.Mapping
	off.Enabled = false
	before := bridge.DateOf(time.Now().In(chicago(t)))
	mapTo(t, s, account.ID, tenant.ID, off)
	frozen := frozenOf(t, s, account.ID, tenant.ID)
	assert.Equal(t, bridge.FrozenDisabled, frozen.Reason)
	assert.Contains(t, []bridge.Date{before, bridge.DateOf(time.Now().In(chicago(t)))}, frozen.Since, "the account's day")
	mapTo(t, s, account.ID, tenant.ID, bridge.Mapping{})
	assert.Equal(t, bridge.Frozen{Since: frozen.Since, Reason: bridge.FrozenUnmapped}, frozenOf(t, s, account.ID, tenant.ID))
	mapTo(t, s, account.ID, tenant.ID, bridge.Mapping{CompanyID: 9, AgreementID: 10})
	assert.Equal(t, bridge.Frozen{Since: frozen.Since, Reason: bridge.FrozenDisabled}, frozenOf(t, s, account.ID, tenant.ID))
	mapTo(t, s, account.ID, tenant.ID, tenant.Mapping)
	assert.Zero(t, frozenOf(t, s, account.ID, tenant.ID))

	SaveTenants(t, s, account.ID, tenant, bridge.Tenant{ID: "never", Name: "Never"})
	mapTo(t, s, account.ID, "never", bridge.Mapping{CompanyID: 1})
	mapTo(t, s, account.ID, "never", bridge.Mapping{})
	assert.Zero(t, frozenOf(t, s, account.ID, "never"), "what was never synchronised is not frozen")
}

// frozenByList: a tenant that MySonicWall stops listing is frozen until it comes back, unless its mapping keeps it so.
func frozenByList(t *testing.T, s *store.Store) {
	account := Account(t, s, "missing")
	tenants := Tenants(t, s, account.ID, 2)
	// Still the 22nd where the account is.
	at := time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)
	list := func(at time.Time, tenants ...bridge.Tenant) {
		t.Helper()
		_, _, _, err := s.SaveTenants(t.Context(), account.ID, tenants, at)
		require.NoError(t, err)
	}
	list(at, bridge.Tenant{ID: "new", Name: "New"})
	list(at.AddDate(0, 0, 5), bridge.Tenant{ID: "new", Name: "New"})
	want := bridge.Frozen{Since: bridge.MustDate("2026-11-22"), Reason: bridge.FrozenMissing}
	for _, tenant := range tenants {
		assert.Equal(t, want, frozenOf(t, s, account.ID, tenant.ID))
	}
	_, _, chips, err := s.Tenants(t.Context(), account.ID, store.TenantFilter{})
	require.NoError(t, err)
	assert.Equal(t, 2, chips[store.ChipFrozen])
	off := tenants[1].Mapping
	off.Enabled = false
	mapTo(t, s, account.ID, tenants[1].ID, off)
	assert.Equal(t, want, frozenOf(t, s, account.ID, tenants[1].ID))
	list(at.AddDate(0, 0, 6), tenants...)
	assert.Zero(t, frozenOf(t, s, account.ID, tenants[0].ID))
	assert.Equal(t, bridge.Frozen{Since: want.Since, Reason: bridge.FrozenDisabled}, frozenOf(t, s, account.ID, tenants[1].ID))
	assert.Zero(t, frozenOf(t, s, account.ID, "new"))
}

// frozenByAgreement: an ended agreement freezes its tenant until a sync gets through again or another agreement is chosen.
func frozenByAgreement(t *testing.T, s *store.Store) {
	account := Account(t, s, "agreement")
	tenants := Tenants(t, s, account.ID, 2)
	day := bridge.MustDate("2026-11-23")
	compare := func(kind bridge.RunKind, p bridge.TenantPlan) {
		t.Helper()
		run, _, err := s.OpenRun(t.Context(), store.OpenRun{AccountID: account.ID, Kind: kind, LocalDate: day, Tenants: tenants})
		require.NoError(t, err)
		for _, tenant := range tenants {
			plan(t, s, run, tenant, p)
		}
		day = day.AddDays(1)
	}
	ended := bridge.TenantPlan{Failure: "The agreement ended.", Frozen: bridge.FrozenAgreement}
	compare(bridge.RunPreview, ended)
	assert.Zero(t, frozenOf(t, s, account.ID, tenants[0].ID), "a preview freezes nothing")
	compare(bridge.RunSync, ended)
	compare(bridge.RunSync, ended)
	want := bridge.Frozen{Since: bridge.MustDate("2026-11-24"), Reason: bridge.FrozenAgreement}
	assert.Equal(t, want, frozenOf(t, s, account.ID, tenants[0].ID))
	compare(bridge.RunSync, bridge.TenantPlan{Failure: "MySonicWall was away."})
	mapTo(t, s, account.ID, tenants[0].ID, tenants[0].Mapping)
	assert.Equal(t, want, frozenOf(t, s, account.ID, tenants[0].ID), "neither a failed compare nor the same mapping again")
	other := tenants[0].Mapping
	other.AgreementID = 4711
	mapTo(t, s, account.ID, tenants[0].ID, other)
	assert.Zero(t, frozenOf(t, s, account.ID, tenants[0].ID), "the successor was chosen")
	off := tenants[0].Mapping
	off.Enabled = false
	mapTo(t, s, account.ID, tenants[0].ID, off)
	compare(bridge.RunSync, bridge.TenantPlan{})
	assert.Zero(t, frozenOf(t, s, account.ID, tenants[1].ID))
	assert.Equal(t, bridge.FrozenDisabled, frozenOf(t, s, account.ID, tenants[0].ID).Reason, "a tenant switched off while its run goes on stays so")
}

// openLines: how many lines of a tenant still bill by our notes.
func openLines(t *testing.T, s *store.Store) {
	account := Account(t, s, "lines")
	run, tenants := Run(t, s, account, 2)
	today := bridge.DateOf(time.Now().In(chicago(t)))
	number := 0
	finish := func(kind bridge.Kind, cancelled bridge.Date, facts bridge.Fields, byHand bridge.Date) {
		t.Helper()
		number++
		c := Addition(tenants[0], number)
		c.Kind = kind
		c.ID = plan(t, s, run, tenants[0], bridge.TenantPlan{Changes: []bridge.Change{c}})[number-1].ID
		c.Status, c.CWMID, c.Facts = bridge.StatusApplied, number, facts
		c.Answer = c.After.With(bridge.Fields{bridge.FieldCancelled: cancelled.String()})
		m := ManagedOf(c)
		m.EndedByHand = byHand
		require.NoError(t, s.FinishChange(t.Context(), run, c, &m, nil))
	}
	none := bridge.Date{}
	finish(bridge.KindAddition, none, nil, none)
	finish(bridge.KindAddition, today.AddDays(30), nil, none)
	finish(bridge.KindAddition, today.AddDays(1), nil, none)
	finish(bridge.KindAddition, today.AddDays(-2), nil, none)
	finish(bridge.KindAddition, none, bridge.Fields{bridge.FactEnded: "2026-11-01"}, none)
	finish(bridge.KindAddition, none, nil, today)
	finish(bridge.KindConfiguration, none, nil, none)
	rows, _, _, err := s.Tenants(t.Context(), account.ID, store.TenantFilter{})
	require.NoError(t, err)
	assert.Equal(t, 3, rows[0].OpenLines)
	assert.Zero(t, rows[1].OpenLines)
}

// ending holds R53's End billing: a request takes a frozen tenant into the next run, and is done once that ended well.
func ending(t *testing.T, s *store.Store) {
	account := Account(t, s, "ending")
	tenants := Tenants(t, s, account.ID, 3)
	today := bridge.MustDate("2026-11-23")
	ask := func(ids ...string) error { return s.RequestEnding(t.Context(), account.ID, ids, "ann", today) }
	for _, i := range []int{0, 1} {
		off := tenants[i].Mapping
		off.Enabled = false
		mapTo(t, s, account.ID, tenants[i].ID, off)
	}
	assert.Contains(t, requireCode(t, bridge.CodeConflict, ask(tenants[0].ID, tenants[2].ID)).Message, tenants[2].Name)
	requireCode(t, bridge.CodeNotFound, ask(tenants[0].ID, "nobody"))
	syncable := func(ids []string) (got []string) {
		t.Helper()
		found, err := s.SyncableTenants(t.Context(), account.ID, ids)
		require.NoError(t, err)
		for _, tenant := range found {
			word := tenant.ID
			if tenant.Ending {
				word += " ends"
			}
			got = append(got, word)
		}
		return got
	}
	require.Equal(t, []string{tenants[2].ID}, syncable(nil), "nothing was written")
	require.NoError(t, ask(tenants[0].ID, tenants[1].ID))
	require.NoError(t, ask(tenants[0].ID))
	assert.Equal(t, []string{tenants[0].ID + " ends", tenants[1].ID + " ends", tenants[2].ID}, syncable(nil))
	assert.Equal(t, []string{tenants[1].ID + " ends"}, syncable([]string{tenants[1].ID, "nobody"}))
	enabled, err := s.EnabledTenants(t.Context(), account.ID, nil)
	require.NoError(t, err)
	assert.Len(t, enabled, 1)
	rows, _, _, err := s.Tenants(t.Context(), account.ID, store.TenantFilter{})
	require.NoError(t, err)
	assert.Equal(t, "ann", rows[0].EndingBy)
	assert.Equal(t, today, rows[0].EndingSince)
	assert.True(t, rows[0].Ending)

	run := func(kind bridge.RunKind) bridge.Run {
		t.Helper()
		found, err := s.SyncableTenants(t.Context(), account.ID, nil)
		require.NoError(t, err)
		run, _, err := s.OpenRun(t.Context(), store.OpenRun{AccountID: account.ID, Kind: kind, LocalDate: today, Tenants: found})
		require.NoError(t, err)
		return run
	}
	preview := run(bridge.RunPreview)
	plan(t, s, preview, tenants[0], bridge.TenantPlan{})
	first := run(bridge.RunSync)
	part, err := s.TenantRun(t.Context(), first.ID, tenants[0].ID)
	require.NoError(t, err)
	assert.True(t, part.Ending)
	Plan(t, s, first, tenants[:2], 1)
	_, err = s.EndTenant(t.Context(), first.ID, tenants[0].ID, bridge.TenantFailed, "ConnectWise refused it")
	require.NoError(t, err)
	_, err = s.CloseRun(t.Context(), first.ID, "", "")
	require.NoError(t, err)
	assert.Len(t, syncable(nil), 3, "what a preview showed, failed or was not reached is still to be done")

	second := run(bridge.RunSync)
	plan(t, s, second, tenants[0], bridge.TenantPlan{})
	Plan(t, s, second, tenants[1:2], 1)
	for _, c := range pendingOf(t, s, second, tenants[1]) {
		Finish(t.Context(), t, s, second, c, 1)
	}
	_, err = s.EndTenant(t.Context(), second.ID, tenants[1].ID, "", "")
	require.NoError(t, err)
	assert.Equal(t, []string{tenants[2].ID}, syncable(nil))
	assert.Equal(t, bridge.FrozenDisabled, frozenOf(t, s, account.ID, tenants[0].ID).Reason, "it stays frozen")

	require.NoError(t, ask(tenants[0].ID))
	mapTo(t, s, account.ID, tenants[0].ID, tenants[0].Mapping)
	assert.Equal(t, []string{tenants[0].ID, tenants[2].ID}, syncable(nil), "switched on again, it is not to be ended")
}

// bindingForgets holds R55: what waited in another ConnectWise company is neither shown nor written in the new one.
func bindingForgets(t *testing.T, s *store.Store) {
	account := Account(t, s, "binding")
	run, tenants := Run(t, s, account, 2)
	rows := plan(t, s, run, tenants[0], bridge.TenantPlan{Changes: []bridge.Change{waitingRow(tenants[0], 0), waitingRow(tenants[0], 1)}})
	decideOn(t, s, account.ID, "ann", release(rows[0].ID))
	off := tenants[1].Mapping
	off.Enabled = false
	mapTo(t, s, account.ID, tenants[1].ID, off)
	require.NoError(t, s.RequestEnding(t.Context(), account.ID, []string{tenants[1].ID}, "ann", bridge.MustDate("2026-11-23")))
	_, err := s.UpdateAccount(t.Context(), account.ID, func(a *bridge.Account) error { a.ConnectWise.Company = "another"; return nil })
	require.NoError(t, err)
	assert.Empty(t, heldNow(t, s, account.ID))
	assert.Empty(t, openDecisions(t, s, account.ID))
	_, err = s.Decide(t.Context(), account.ID, []store.Decide{release(rows[1].ID)}, "ann")
	requireCode(t, bridge.CodeConflict, err)
	assert.Zero(t, frozenOf(t, s, account.ID, tenants[1].ID))
	syncable, err := s.SyncableTenants(t.Context(), account.ID, nil)
	require.NoError(t, err)
	assert.Empty(t, syncable)
}

// endingPreviews: what ending a tenant's billing would write is no preview of a sync, and the other way round.
func endingPreviews(t *testing.T, s *store.Store) {
	account := Account(t, s, "ending-previews")
	tenants := Tenants(t, s, account.ID, 2)
	open := func(tenants ...bridge.Tenant) bridge.Run {
		t.Helper()
		run, _, err := s.OpenRun(t.Context(), store.OpenRun{AccountID: account.ID, Kind: bridge.RunPreview, Tenants: tenants})
		require.NoError(t, err)
		return run
	}
	sync := open(tenants...)
	leaving := tenants[1]
	leaving.Ending = true
	ending := open(leaving)
	latest, err := s.LatestPreview(t.Context(), account.ID)
	require.NoError(t, err)
	assert.Equal(t, sync.ID, latest.ID)
	found, err := s.LatestEnding(t.Context(), account.ID, leaving.ID)
	require.NoError(t, err)
	assert.Equal(t, ending.ID, found.ID)
	none, err := s.LatestEnding(t.Context(), account.ID, tenants[0].ID)
	require.NoError(t, err)
	assert.Nil(t, none)
}
