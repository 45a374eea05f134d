package main

import (
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/internal/store"
	"causeway/internal/store/storetest"
	"causeway/internal/wiring"
)

// inStore works on the bench's database below its commands.
func (b *bench) inStore(t *testing.T, work func(s *store.Store, account bridge.Account)) {
	t.Helper()
	c, _, err := parse(append([]string{"version"}, b.flags...), io.Discard, io.Discard)
	require.NoError(t, err)
	parts, err := wiring.Open(t.Context(), wiring.Options{Settings: c.Settings, Log: slog.New(slog.DiscardHandler), Version: "test"})
	require.NoError(t, err)
	defer func() { require.NoError(t, parts.Close()) }()
	account, err := parts.Store.Account(t.Context(), accountName)
	require.NoError(t, err)
	work(parts.Store, account)
}

// waiting has a run hold two changes, fail one that ConnectWise would take from another date, and find one record ended by hand.
func (b *bench) waiting(t *testing.T) {
	t.Helper()
	b.inStore(t, func(s *store.Store, account bridge.Account) {
		run, tenants := storetest.Run(t, s, account, 1)
		var changes []bridge.Change
		for number := range 4 {
			changes = append(changes, storetest.Addition(tenants[0], number))
		}
		for i := range 2 {
			changes[i].Status, changes[i].Reason, changes[i].Message = bridge.StatusHeld, bridge.ReasonZeroQuantity, "The quantity is 0."
		}
		changes[2].Status, changes[2].Reason, changes[2].BillFrom = bridge.StatusFailed, bridge.ReasonRejected, bridge.MustDate("2026-12-01")
		plan := store.PlannedTenant{TenantID: tenants[0].ID, NeedSync: true, Plan: bridge.TenantPlan{Changes: changes}}
		require.NoError(t, s.SavePlan(t.Context(), run, []store.PlannedTenant{plan}))
		pending, err := s.PendingChanges(t.Context(), run.ID, tenants[0].ID)
		require.NoError(t, err)
		storetest.Finish(t.Context(), t, s, run, pending[0], 1)
		seen := bridge.Observation{Kind: pending[0].Kind, Key: pending[0].Key, ParentID: pending[0].ParentID, EndedByHand: bridge.MustDate("2026-11-20")}
		plan.Plan = bridge.TenantPlan{Changes: changes[:3], Observations: []bridge.Observation{seen}}
		require.NoError(t, s.SavePlan(t.Context(), run, []store.PlannedTenant{plan}))
		_, err = s.CloseRun(t.Context(), run.ID, "", "")
		require.NoError(t, err)
	})
}

// TestWhatWaitsIsListedAndPutAside: the numbers that held lists are those that the other commands take.
func TestWhatWaitsIsListedAndPutAside(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.waiting(t)
	list := func(flags ...string) []admin.ChangeAnswer {
		t.Helper()
		var answer admin.WaitingAnswer
		got := b.causeway(t, append([]string{"held", accountName, "--json"}, flags...)...)
		require.Equal(t, 0, got.code, got.out)
		got.document(t, &answer)
		return answer.Changes
	}
	held := list()
	require.Len(t, held, 2)
	require.Equal(t, bridge.StatusHeld, held[0].Status)
	require.Equal(t, bridge.KindAddition, held[0].Kind)
	refused := list("--refused")
	require.Len(t, refused, 1)
	require.Equal(t, "2026-12-01", refused[0].BillFrom)
	ended := list("--ended")
	require.Len(t, ended, 1)
	require.Equal(t, "2026-11-20", ended[0].EndedByHand)
	require.Equal(t, bridge.ActionUpdate, ended[0].Action)
	human := b.causeway(t, "held", accountName).out
	require.Contains(t, human, "release, dismiss")
	require.Contains(t, human, "2 waiting.")
	require.Contains(t, b.causeway(t, "held", accountName, "--refused").out, "release --bill-from (2026-12-01)")
	require.Contains(t, b.causeway(t, "held", accountName, "--ended").out, "resume")

	id := func(c admin.ChangeAnswer) string { return strconv.FormatInt(c.ID, 10) }
	unknown := b.causeway(t, "dismiss", accountName, id(held[0]), "4711", "--json")
	require.Equal(t, 1, unknown.code)
	var failed failure
	unknown.document(t, &failed)
	require.Contains(t, failed.Error, "4711")
	require.Len(t, list(), 2, "nothing was written")

	var decided admin.DecidedAnswer
	b.causeway(t, "dismiss", accountName, id(held[0]), "--json").document(t, &decided)
	require.False(t, decided.Queued)
	require.Equal(t, held[0].ID, decided.Changes[0].ID)
	require.True(t, strings.HasPrefix(decided.Changes[0].Decided, "command line"))
	require.Len(t, list(), 1)
	again := b.causeway(t, "dismiss", accountName, id(held[0]))
	require.Equal(t, 1, again.code)
	require.Contains(t, again.err, "already dismissed by command line")
	require.Contains(t, b.causeway(t, "dismiss", accountName, id(held[1])).out, "no run is needed")
}

// TestDecisionsThatNeedARunNeedTemporal: without it nothing is decided, so that nobody takes it for done.
func TestDecisionsThatNeedARunNeedTemporal(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.waiting(t)
	b.flags = append(b.flags, "--temporal-address", "127.0.0.1:1")
	var held admin.WaitingAnswer
	b.causeway(t, "held", accountName, "--json").document(t, &held)
	for _, args := range [][]string{
		{"release", accountName, strconv.FormatInt(held.Changes[0].ID, 10)},
		{"resume", accountName, "1"},
		{"end-billing", accountName, "--tenant", "t-0000"},
		{"account", "remove", accountName},
	} {
		c, parsed, err := parse(append(args, b.flags...), io.Discard, io.Discard)
		require.NoError(t, err)
		err = parsed.Run(&session{ctx: t.Context(), out: io.Discard, err: io.Discard, settings: c.Settings, log: slog.New(slog.DiscardHandler), patience: 1})
		require.ErrorContains(t, err, "Temporal at 127.0.0.1:1", fmt.Sprint(args))
	}
	b.causeway(t, "held", accountName, "--json").document(t, &held)
	require.Len(t, held.Changes, 2)
}

// TestRemovalAsksForTheName: at a terminal the name has to be typed again.
func TestRemovalAsksForTheName(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		yes, asks bool
		typed     string
		refused   bool
	}{
		"typed":        {asks: true, typed: accountName + "\n"},
		"without end":  {asks: true, typed: accountName},
		"another":      {asks: true, typed: "msp-two\n", refused: true},
		"nothing":      {asks: true, refused: true},
		"not asked":    {yes: true, asks: true},
		"not a person": {},
	} {
		var told strings.Builder
		err := (&accountRemove{Name: accountName, Yes: c.yes}).confirm(&session{err: &told, in: strings.NewReader(c.typed), asks: c.asks})
		require.Equal(t, c.refused, err != nil, name)
		require.Equal(t, c.asks && !c.yes, told.Len() > 0, name)
	}
}
