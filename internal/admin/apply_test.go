package admin_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/internal/config"
	"causeway/internal/secret"
	"causeway/internal/store"
)

func (w *world) file(change ...func(*config.AccountFile)) config.AccountFile {
	f := config.AccountFile{
		Account: "example-msp", MySonicWallKey: mswKey, PrivateKey: privateKey,
		ConnectWise: bridge.ConnectWiseSettings{Host: w.host, Company: company, PublicKey: publicKey, CallsAtOnce: 16},
		Limits:      bridge.DefaultLimits(), Board: "Professional Services", Critical: "Priority 1 - Emergency", High: "Priority 2 - High",
	}
	for _, c := range change {
		c(&f)
	}
	return f
}

func TestApplyTwice(t *testing.T) { // contract: the same file again changes nothing
	t.Parallel()
	w := newWorld(t)
	var told []string
	answer, err := w.admin.Apply(t.Context(), w.file(), "command line", func(text string) { told = append(told, text) })
	require.NoError(t, err)
	require.Equal(t, bridge.AccountReady, answer.State)
	require.Equal(t, 6, answer.Tenants)
	require.NotEmpty(t, told)
	require.Equal(t, 1, w.starter.times("set-up example-msp"))
	stored, err := w.store.Account(t.Context(), "example-msp")
	require.NoError(t, err)
	require.Equal(t, "Priority 2 - High", stored.Tickets.HighName)

	for name, again := range map[string]config.AccountFile{
		"the same file": w.file(),
		"ids instead of names, keys left out": w.file(func(f *config.AccountFile) {
			f.Board, f.MySonicWallKey, f.PrivateKey = fmt.Sprint(stored.Tickets.BoardID), "", ""
			f.ConnectWise.Host = strings.ToUpper(f.ConnectWise.Host)
		}),
	} {
		_, err = w.admin.Apply(t.Context(), again, "command line", nil)
		require.NoError(t, err, name)
		require.Equal(t, 1, w.starter.times("set-up example-msp"), name)
		after, err := w.store.Account(t.Context(), "example-msp")
		require.NoError(t, err)
		require.Equal(t, stored, after, name)
	}

	_, err = w.admin.Apply(t.Context(), w.file(func(f *config.AccountFile) {
		f.Options.PriceFirst, f.TimeZone = true, "Australia/Lord_Howe"
	}), "command line", nil)
	require.NoError(t, err)
	require.Equal(t, 2, w.starter.times("set-up example-msp"))
	require.Equal(t, "Australia/Lord_Howe", w.starter.zone)
}

func TestRefusedFileLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ready("first")
	before := w.writes()
	for name, c := range map[string]struct {
		change func(*config.AccountFile)
		says   string
	}{
		"MySonicWall key": {func(f *config.AccountFile) { f.MySonicWallKey = "canary-wrong" }, "MySonicWall refuses this key"},
		"no key at all":   {func(f *config.AccountFile) { f.MySonicWallKey = "" }, "mysonicwall.api_key"},
		"private key":     {func(f *config.AccountFile) { f.PrivateKey, f.ConnectWise.Company = "canary-wrong", "elsewhere" }, "does not know the company elsewhere"},
		"no private key":  {func(f *config.AccountFile) { f.PrivateKey = "" }, "connectwise.private_key"},
		"zone":            {func(f *config.AccountFile) { f.TimeZone = "Mars/Olympus" }, "time_zone"},
		"second account":  {func(*config.AccountFile) {}, "first already uses this ConnectWise company"},
	} {
		_, err := w.admin.Apply(t.Context(), w.file(c.change), "command line", nil)
		require.ErrorContains(t, err, c.says, name)
		require.NotContains(t, err.Error(), "canary", name)
		_, err = w.store.Account(t.Context(), "example-msp")
		require.Equal(t, bridge.CodeNotFound, bridge.CodeOf(err), name)
	}
	require.Equal(t, before, w.writes(), "a refused file must write nothing to ConnectWise")
	require.Zero(t, w.starter.times("set-up example-msp"))
}

func TestRefusedByConnectWise(t *testing.T) { // R3, R4, R8
	t.Parallel()
	for name, c := range map[string]struct {
		change   func(*config.AccountFile)
		settings map[string]any
		says     string
		findings bool
	}{
		"wrong keys": {func(f *config.AccountFile) { f.PrivateKey = "canary-wrong" }, nil, "not this pair of keys", true},
		"board":      {func(f *config.AccountFile) { f.Board = "Security" }, nil, "tickets.board: ConnectWise has no active service board “Security”", false},
		"priority":   {func(f *config.AccountFile) { f.High = "99999" }, nil, "tickets.high", false},
		"inactive":   {func(f *config.AccountFile) { f.Board = "Legacy Support" }, nil, "tickets.board", false},
		"permission": {nil, map[string]any{"denied": []string{"GET procurement/catalog"}}, "may not read the product catalog", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			file := w.file()
			if c.change != nil {
				c.change(&file)
			}
			if c.settings != nil {
				w.sim(w.cwm, http.MethodPatch, "settings", c.settings)
			}
			_, err := w.admin.Apply(t.Context(), file, "command line", nil)
			require.ErrorContains(t, err, c.says)
			require.Equal(t, c.findings, len(admin.FindingsOf(err)) > 0)
			_, err = w.store.Account(t.Context(), "example-msp")
			require.Equal(t, bridge.CodeNotFound, bridge.CodeOf(err))
			require.Zero(t, w.writes())

			// What was wrong is mended: the corrected file goes through.
			w.sim(w.cwm, http.MethodPatch, "settings", map[string]any{"denied": []string{}})
			_, err = w.admin.Apply(t.Context(), w.file(), "command line", nil)
			require.NoError(t, err)
		})
	}
}

func TestApplyWhenTemporalIsAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.starter.fails = &bridge.Error{Code: bridge.CodeNotReady, Message: "Temporal did not take the request"}
	_, err := w.admin.Apply(t.Context(), w.file(), "command line", nil)
	require.Equal(t, bridge.CodeNotReady, bridge.CodeOf(err))
	_, err = w.store.Account(t.Context(), "example-msp")
	require.Equal(t, bridge.CodeNotFound, bridge.CodeOf(err))
}

func TestApplyTellsWhereSetupStopped(t *testing.T) { // R5
	t.Parallel()
	w := newWorld(t)
	w.starter.stuck = &store.SetupStep{
		Name: "categories", Title: "Categories", Status: "failed", Message: "ConnectWise refused to create Cloud.", Fix: "System › Security Roles", Ended: noon,
	}
	_, err := w.admin.Apply(t.Context(), w.file(), "command line", nil)
	var stopped *admin.SetupFailedError
	require.ErrorAs(t, err, &stopped)
	require.Equal(t, "System › Security Roles", admin.FindingsOf(err)[0].Fix)
	account, err := w.store.Account(t.Context(), "example-msp")
	require.NoError(t, err)
	require.Equal(t, bridge.AccountSettingUp, account.State)

	// The failure that is already there must not be taken for the new attempt's.
	w.starter.stuck = nil
	_, err = w.admin.Apply(t.Context(), w.file(), "command line", nil)
	require.NoError(t, err)
}

func TestApplyAfterKeyChange(t *testing.T) { // R46
	t.Parallel()
	w := newWorld(t)
	_, err := w.admin.Apply(t.Context(), w.file(), "command line", nil)
	require.NoError(t, err)
	account, err := w.store.Account(t.Context(), "example-msp")
	require.NoError(t, err)
	require.NoError(t, w.store.SetAccountState(t.Context(), account.ID, bridge.AccountNeedsAttention, "ConnectWise refused the keys"))
	const renewed = "canary-renewed"
	w.sim(w.cwm, http.MethodPatch, "settings", map[string]any{"private_key": renewed})

	_, err = w.admin.Apply(t.Context(), w.file(), "command line", nil)
	require.ErrorContains(t, err, "not this pair of keys")
	show, err := w.admin.Show(t.Context(), "example-msp")
	require.NoError(t, err)
	require.Equal(t, bridge.AccountNeedsAttention, show.State)

	answer, err := w.admin.Apply(t.Context(), w.file(func(f *config.AccountFile) { f.PrivateKey = renewed }), "command line", nil)
	require.NoError(t, err)
	require.Equal(t, bridge.AccountReady, answer.State)
	keys, err := w.store.Keys(t.Context(), account.ID)
	require.NoError(t, err)
	require.Equal(t, secret.Text(renewed), keys.ConnectWise)
}

func TestApplyKeepsAPausedAccountPaused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.admin.Apply(t.Context(), w.file(), "command line", nil)
	require.NoError(t, err)
	require.NoError(t, w.admin.Pause(t.Context(), "example-msp", "ops-lead"))
	answer, err := w.admin.Apply(t.Context(), w.file(func(f *config.AccountFile) { f.Options.UnicodeNames = true }), "command line", nil)
	require.NoError(t, err)
	require.Equal(t, bridge.AccountPaused, answer.State)
}
