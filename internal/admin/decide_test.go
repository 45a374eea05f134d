package admin_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/internal/store"
	"causeway/internal/store/storetest"
)

// compared has a sync's compare say something about tenants: each gets its own changes. It answers with them as stored.
func (w *world) compared(account bridge.Account, changes ...bridge.Change) []bridge.Change {
	w.t.Helper()
	tenants, err := w.store.EnabledTenants(w.t.Context(), account.ID, nil)
	require.NoError(w.t, err)
	run := storetest.OpenSync(w.t, w.store, account, tenants)
	var plans []store.PlannedTenant
	for _, c := range changes {
		plans = append(plans, store.PlannedTenant{TenantID: c.TenantID, NeedSync: true, Plan: bridge.TenantPlan{Changes: []bridge.Change{c}}})
	}
	require.NoError(w.t, w.store.SavePlan(w.t.Context(), run, plans))
	rows, _, err := w.store.Changes(w.t.Context(), store.ChangeFilter{AccountID: account.ID, RunID: run.ID})
	require.NoError(w.t, err)
	return rows
}

// mapped maps the first tenants of an account and switches their sync on.
func (w *world) mapped(account bridge.Account, count int) []bridge.Tenant {
	w.t.Helper()
	rows, _, _, err := w.store.Tenants(w.t.Context(), account.ID, store.TenantFilter{Limit: count})
	require.NoError(w.t, err)
	tenants := make([]bridge.Tenant, count)
	for i, row := range rows {
		tenants[i] = row.Tenant
		tenants[i].Mapping = bridge.Mapping{CompanyID: 100 + i, AgreementID: 1000 + i, Enabled: true}
		w.mapTo(account, tenants[i].ID, tenants[i].Mapping)
	}
	return tenants
}

func (w *world) mapTo(account bridge.Account, tenantID string, m bridge.Mapping) {
	w.t.Helper()
	require.NoError(w.t, w.store.SaveMappings(w.t.Context(), account.ID, []store.MappingChange{{TenantID: tenantID, Mapping: m}}, "test"))
}

func waits(tenant bridge.Tenant, number int) bridge.Change {
	c := storetest.Addition(bridge.Tenant{ID: "t-" + tenant.ID, Mapping: tenant.Mapping}, number)
	c.TenantID, c.Status, c.Reason, c.Message = tenant.ID, bridge.StatusHeld, bridge.ReasonZeroQuantity, "MySonicWall reports the quantity 0."
	return c
}

// TestReleaseAsksForARunOfItsTenants: what was decided is written by a run of exactly the tenants it concerns.
func TestReleaseAsksForARunOfItsTenants(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	account := w.ready("northbridge-it")
	tenants := w.mapped(account, 4)
	lookAlike := waits(tenants[1], 0)
	lookAlike.Reason, lookAlike.RivalID, lookAlike.Rival, lookAlike.Link = bridge.ReasonLookAlike, 77, bridge.Fields{bridge.FieldQuantity: "3"}, "move"
	rows := w.compared(account, waits(tenants[0], 0), lookAlike, waits(tenants[2], 0), waits(tenants[3], 0))

	held, err := w.admin.Held(t.Context(), account.Name)
	require.NoError(t, err)
	require.Len(t, held.Changes, 4)
	row := held.Changes[1]
	require.Equal(t, rows[1].ID, row.ID)
	require.Equal(t, []bridge.Choice{bridge.ChoiceAdopt, bridge.ChoiceRelease, bridge.ChoiceDismiss}, row.Choices)
	require.Equal(t, "3", row.Rival[bridge.FieldQuantity])
	require.Equal(t, "move", row.Link)
	require.NotEmpty(t, row.Error)

	released, err := w.admin.Release(t.Context(), account.Name, []int64{rows[0].ID}, "ann")
	require.NoError(t, err)
	require.True(t, released.Queued)
	require.Equal(t, "ann", released.Changes[0].Decided)
	require.Empty(t, released.Changes[0].Choices)
	_, err = w.admin.Adopt(t.Context(), account.Name, []int64{rows[1].ID}, "ann")
	require.NoError(t, err)
	require.Len(t, w.starter.requests, 2)
	require.Equal(t, []string{tenants[0].ID}, w.starter.requests[0].Tenants)
	require.Equal(t, released.Request, w.starter.requests[0].ID)
	require.Equal(t, "ann", w.starter.requests[0].By)
	require.Equal(t, []string{tenants[1].ID}, w.starter.requests[1].Tenants)

	dismissed, err := w.admin.Dismiss(t.Context(), account.Name, []int64{rows[2].ID}, "ann")
	require.NoError(t, err)
	require.False(t, dismissed.Queued, "what is put aside needs no run")
	require.Len(t, w.starter.requests, 2)
	held, err = w.admin.Held(t.Context(), account.Name)
	require.NoError(t, err)
	require.Len(t, held.Changes, 1)
	show, err := w.admin.Show(t.Context(), account.Name)
	require.NoError(t, err)
	require.Equal(t, 1, show.HeldChanges)

	off := tenants[3].Mapping
	off.Enabled = false
	w.mapTo(account, tenants[3].ID, off)
	waiting, err := w.admin.Release(t.Context(), account.Name, []int64{rows[3].ID}, "ann")
	require.NoError(t, err)
	require.False(t, waiting.Queued, "no run covers a tenant that is switched off; the decision waits with it")
}

// TestDecisionsThatCannotBe: a refusal is a sentence, and asks for no run.
func TestDecisionsThatCannotBe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	account := w.ready("northbridge-it")
	rows := w.compared(account, waits(w.mapped(account, 1)[0], 0))
	for name, try := range map[string]func() error{
		"none": func() error { _, err := w.admin.Release(t.Context(), account.Name, nil, "ann"); return err },
		"unknown": func() error {
			_, err := w.admin.Dismiss(t.Context(), account.Name, []int64{rows[0].ID, 4711}, "ann")
			return err
		},
		"no rival": func() error {
			_, err := w.admin.Adopt(t.Context(), account.Name, []int64{rows[0].ID}, "ann")
			return err
		},
		"no date": func() error {
			_, err := w.admin.BillFrom(t.Context(), account.Name, []int64{rows[0].ID}, "ann")
			return err
		},
		"no record":  func() error { _, err := w.admin.Resume(t.Context(), account.Name, []int64{4711}, "ann"); return err },
		"no records": func() error { _, err := w.admin.Resume(t.Context(), account.Name, nil, "ann"); return err },
		"no tenants": func() error { _, err := w.admin.EndBilling(t.Context(), account.Name, nil, "ann"); return err },
		"no account": func() error { _, err := w.admin.Release(t.Context(), "nobody", []int64{1}, "ann"); return err },
		"no removal": func() error { _, err := w.admin.RemoveAccount(t.Context(), "nobody", "ann"); return err },
		"unknown end": func() error {
			_, err := w.admin.PreviewEnding(t.Context(), account.Name, []string{"nobody"})
			return err
		},
	} {
		err := try()
		require.Error(t, err, name)
		require.NotEmpty(t, bridge.CodeOf(err), name)
	}
	require.Zero(t, w.starter.times("sync "+account.Name))
	held, err := w.admin.Held(t.Context(), account.Name)
	require.NoError(t, err)
	require.Len(t, held.Changes, 1, "nothing was written")

	w.starter.away = errors.New("Temporal is away")
	_, err = w.admin.Release(t.Context(), account.Name, []int64{rows[0].ID}, "ann")
	require.Equal(t, bridge.CodeNotReady, bridge.CodeOf(err))
	require.ErrorContains(t, err, "This is stored")
	open, err := w.store.OpenDecisions(t.Context(), account.ID)
	require.NoError(t, err)
	require.Len(t, open, 1)
}

// TestRefusedDates: ConnectWise's own date is offered where it refused ours, and chosen by a person alone.
func TestRefusedDates(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	account := w.ready("northbridge-it")
	tenant := w.mapped(account, 1)[0]
	refused := waits(tenant, 0)
	refused.Status, refused.Reason, refused.BillFrom = bridge.StatusFailed, bridge.ReasonRejected, bridge.MustDate("2026-12-01")
	rows := w.compared(account, refused)
	waiting, err := w.admin.Refused(t.Context(), account.Name)
	require.NoError(t, err)
	require.Len(t, waiting.Changes, 1)
	require.Equal(t, "2026-12-01", waiting.Changes[0].BillFrom)
	require.Equal(t, []bridge.Choice{bridge.ChoiceBillFrom}, waiting.Changes[0].Choices)
	held, err := w.admin.Held(t.Context(), account.Name)
	require.NoError(t, err)
	require.Empty(t, held.Changes)
	_, err = w.admin.BillFrom(t.Context(), account.Name, []int64{rows[0].ID}, "ann")
	require.NoError(t, err)
	require.Equal(t, []string{tenant.ID}, w.starter.requests[0].Tenants)
}

// TestResumeWhatAPersonEnded holds R52.
func TestResumeWhatAPersonEnded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	account := w.ready("northbridge-it")
	tenants := w.mapped(account, 2)
	for i, tenant := range tenants {
		c := waits(tenant, i)
		c.Status = bridge.StatusPlanned
		row := w.compared(account, c)[0]
		run, err := w.store.Run(t.Context(), row.RunID)
		require.NoError(t, err)
		storetest.Finish(t.Context(), t, w.store, run, row, i+1)
		o := bridge.Observation{Kind: c.Kind, Key: c.Key, ParentID: c.ParentID, EndedByHand: bridge.MustDate("2026-11-20").AddDays(-i)}
		if i == 1 {
			o.Facts = bridge.Fields{bridge.FactEndedHow: bridge.EndedDeleted}
		}
		require.NoError(t, w.store.SavePlan(t.Context(), run, []store.PlannedTenant{{
			TenantID: tenant.ID, Status: bridge.TenantUnchanged, Plan: bridge.TenantPlan{Observations: []bridge.Observation{o}},
		}}))
	}
	ended, err := w.admin.Ended(t.Context(), account.Name)
	require.NoError(t, err)
	require.Len(t, ended.Changes, 2)
	require.Equal(t, "2026-11-20", ended.Changes[0].EndedByHand)
	require.Equal(t, bridge.ActionUpdate, ended.Changes[0].Action)
	require.Equal(t, bridge.ActionCreate, ended.Changes[1].Action, "a deleted line starts anew")
	require.Equal(t, "25", ended.Changes[0].Before[bridge.FieldQuantity])

	resumed, err := w.admin.Resume(t.Context(), account.Name, []int64{ended.Changes[1].ID}, "ann")
	require.NoError(t, err)
	require.True(t, resumed.Queued)
	require.Equal(t, "ann", resumed.Changes[0].Decided)
	require.Equal(t, []string{tenants[1].ID}, w.starter.requests[0].Tenants)
	ended, err = w.admin.Ended(t.Context(), account.Name)
	require.NoError(t, err)
	require.Contains(t, ended.Changes[1].Error, "Resumed by ann")
}

// TestEndBilling holds R53: only of a tenant that is not synchronised, after a look at what it would end.
func TestEndBilling(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	account := w.ready("northbridge-it")
	tenants := w.mapped(account, 2)
	_, err := w.admin.EndBilling(t.Context(), account.Name, []string{tenants[0].Name}, "ann")
	require.ErrorContains(t, err, "is synchronised")
	_, err = w.admin.PreviewEnding(t.Context(), account.Name, []string{tenants[0].Name})
	require.Equal(t, bridge.CodeConflict, bridge.CodeOf(err))
	off := tenants[0].Mapping
	off.Enabled = false
	w.mapTo(account, tenants[0].ID, off)

	ends := waits(tenants[0], 0)
	ends.Action, ends.Status = bridge.ActionCancel, bridge.StatusPlanned
	preview, _, err := w.store.OpenRun(t.Context(), store.OpenRun{AccountID: account.ID, Kind: bridge.RunPreview, Tenants: tenants[:1]})
	require.NoError(t, err)
	require.NoError(t, w.store.SavePlan(t.Context(), preview, []store.PlannedTenant{{
		TenantID: tenants[0].ID, NeedSync: true, Plan: bridge.TenantPlan{Changes: []bridge.Change{ends}},
	}}))
	w.starter.run = preview.ID
	shown, err := w.admin.PreviewEnding(t.Context(), account.Name, []string{tenants[0].Name})
	require.NoError(t, err)
	require.Equal(t, []string{tenants[0].ID}, w.starter.ended, "names become ids")
	require.Len(t, shown.Changes, 1)
	require.Equal(t, bridge.ActionCancel, shown.Changes[0].Action)
	rows, err := w.admin.Tenants(t.Context(), account.Name)
	require.NoError(t, err)
	require.Empty(t, rows[0].EndingBy, "a preview asks for nothing")
	require.Equal(t, bridge.FrozenDisabled, rows[0].FrozenReason)
	require.Equal(t, "2026-11-23", rows[0].FrozenSince)

	queued, err := w.admin.EndBilling(t.Context(), account.Name, []string{tenants[0].Name}, "ann")
	require.NoError(t, err)
	require.True(t, queued.Queued)
	require.Equal(t, []string{tenants[0].ID}, w.starter.requests[0].Tenants)
	rows, err = w.admin.Tenants(t.Context(), account.Name)
	require.NoError(t, err)
	require.Equal(t, "ann", rows[0].EndingBy)
	require.Zero(t, w.writes())
}

// TestRemoveAccount holds R56: nothing but its history is left to ask for, and its ConnectWise company is free.
func TestRemoveAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	account := w.ready("northbridge-it")
	rows := w.compared(account, waits(w.mapped(account, 1)[0], 0))
	writes := w.writes()
	w.starter.away = errors.New("Temporal is away")
	_, err := w.admin.RemoveAccount(t.Context(), account.Name, "ann")
	require.ErrorContains(t, err, "away")
	w.starter.away = nil
	removed, err := w.admin.RemoveAccount(t.Context(), account.Name, "ann")
	require.NoError(t, err)
	require.Equal(t, bridge.AccountRemoved, removed.State)
	require.Equal(t, noon, removed.Removed.UTC().Truncate(time.Hour))
	require.Nil(t, removed.NextRun)
	require.Equal(t, 2, w.starter.times("remove northbridge-it by ann"))
	require.Equal(t, writes, w.writes(), "ConnectWise is not touched")

	runs, err := w.admin.Runs(t.Context(), account.Name)
	require.NoError(t, err)
	require.Len(t, runs, 1)
	run, err := w.admin.Run(t.Context(), runs[0].Run, true, true)
	require.NoError(t, err)
	require.Len(t, run.Changes, 1)
	list, err := w.admin.List(t.Context())
	require.NoError(t, err)
	require.Equal(t, bridge.AccountRemoved, list[0].State)

	for name, try := range map[string]func() error{
		"sync":    func() error { _, err := w.admin.RequestSync(t.Context(), account.Name, nil, "ann", ""); return err },
		"wait":    func() error { _, _, err := w.admin.WaitForRequest(t.Context(), account.Name, "never"); return err },
		"preview": func() error { _, err := w.admin.PreviewChanges(t.Context(), account.Name, nil); return err },
		"release": func() error {
			_, err := w.admin.Release(t.Context(), account.Name, []int64{rows[0].ID}, "ann")
			return err
		},
		"held":      func() error { _, err := w.admin.Held(t.Context(), account.Name); return err },
		"pause":     func() error { return w.admin.Pause(t.Context(), account.Name, "ann") },
		"unpause":   func() error { return w.admin.Unpause(t.Context(), account.Name, "ann") },
		"tenants":   func() error { _, err := w.admin.Tenants(t.Context(), account.Name); return err },
		"preflight": func() error { _, err := w.admin.CheckReadiness(t.Context(), account.Name); return err },
		"set-up":    func() error { return w.admin.Submit(t.Context(), account.Name) },
		"keys": func() error {
			_, err := w.admin.ReplaceMySonicWallKey(t.Context(), account.Name, mswKey, "ann")
			return err
		},
		"connection": func() error {
			_, err := w.admin.SaveConnection(t.Context(), account.Name, w.connection(), "ann")
			return err
		},
	} {
		err := try()
		require.Equal(t, bridge.CodeInvalid, bridge.CodeOf(err), "%s: %v", name, err)
		require.ErrorContains(t, err, "was removed", name)
	}
	_, err = w.admin.AddAccount(t.Context(), admin.NewAccount{Name: account.Name, MySonicWallKey: mswKey})
	require.Equal(t, bridge.CodeConflict, bridge.CodeOf(err), "its name stays taken")
	w.ready("heir")
}
