package main

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"causeway/internal/admin"
	"causeway/internal/config"
	"causeway/internal/devstack"
	"causeway/internal/secret"
	"causeway/internal/wiring"
)

// bench is a data folder with one account joined to running simulators, and no Temporal.
type bench struct {
	dir   string
	flags []string
}

const accountName = "msp-one"

func newBench(t *testing.T) *bench {
	t.Helper()
	running, err := devstack.StartSimulators(devstack.SimulatorOptions{
		ConnectWiseListen: "127.0.0.1:0", MySonicWallListen: "127.0.0.1:0", Seed: 1, Tenants: 4, StateDir: t.TempDir(), Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, running.Stop()) })
	b := &bench{dir: t.TempDir()}
	b.flags = []string{
		"--data", b.dir, "--mysonicwall-url", running.MySonicWall.URL, "--connectwise-client-id", running.ConnectWise.ClientID,
		"--outbound-allow", running.MySonicWall.URL + "," + running.ConnectWise.URL,
	}
	_, err = secret.CreateMasterKey(filepath.Join(b.dir, "master.key"))
	require.NoError(t, err)
	c, _, err := parse(append([]string{"migrate"}, b.flags...), io.Discard, io.Discard)
	require.NoError(t, err)
	parts, err := wiring.Open(t.Context(), wiring.Options{Settings: c.Settings, Log: slog.New(slog.DiscardHandler), Keys: true, Version: "test"})
	require.NoError(t, err)
	defer func() { require.NoError(t, parts.Close()) }()
	_, err = parts.Admin.AddAccount(t.Context(), admin.NewAccount{Name: accountName, MySonicWallKey: secret.Text(running.MySonicWall.APIKey)})
	require.NoError(t, err)
	cw := running.ConnectWise
	_, err = parts.Admin.SaveConnection(t.Context(), accountName, admin.Connection{
		Host: cw.Host, Company: cw.Company, PublicKey: cw.PublicKey, PrivateKey: secret.Text(cw.PrivateKey),
	}, "test")
	require.NoError(t, err)
	_, err = parts.Admin.SaveTickets(t.Context(), accountName, admin.Tickets{
		Board: "Professional Services", Critical: "Priority 1 - Emergency", High: "Priority 2 - High",
	})
	require.NoError(t, err)
	return b
}

func (b *bench) causeway(t *testing.T, args ...string) said {
	t.Helper()
	return causeway(t, append(args, b.flags...)...)
}

func TestPreflightAndCompanies(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ready := b.causeway(t, "preflight", accountName, "--json")
	require.Equal(t, 0, ready.code, ready.out)
	var answer admin.PreflightAnswer
	ready.document(t, &answer)
	require.True(t, answer.OK)
	require.NotEmpty(t, answer.Findings)

	var companies []admin.CompanyAnswer
	b.causeway(t, "companies", accountName, "--json").document(t, &companies)
	refreshed := companies
	b.causeway(t, "companies", accountName, "--refresh", "--json").document(t, &refreshed)
	require.Equal(t, companies, refreshed)
	require.NotEmpty(t, companies)
	require.NotEmpty(t, companies[0].Agreements)
	require.Contains(t, b.causeway(t, "companies", accountName).out, companies[0].Identifier)
}

// R14: all or nothing, errors by line; what was exported can be imported again.
func TestMappingGoesOutAndComesBack(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var companies []admin.CompanyAnswer
	b.causeway(t, "companies", accountName, "--refresh", "--json").document(t, &companies)
	var tenants []admin.TenantAnswer
	b.causeway(t, "tenants", accountName, "--json").document(t, &tenants)
	require.Len(t, tenants, 4)

	file := filepath.Join(t.TempDir(), "mapping.csv")
	header := "tenant_id,tenant_name,company_id,company_name,agreement_id,agreement_name,enabled\n"
	first := tenants[0].Tenant + ",,," + `"` + companies[0].Name + `",,"` + companies[0].Agreements[0].Name + `",true` + "\n"
	require.NoError(t, os.WriteFile(file, []byte(header+first+tenants[1].Tenant+",,424242,,1,,true\n"), 0o600))
	var refused mappingRefused
	wrong := b.causeway(t, "mapping", "import", accountName, "--file", file, "--json")
	require.Equal(t, 1, wrong.code)
	wrong.document(t, &refused)
	require.NotEmpty(t, refused.Error)
	require.Equal(t, 3, refused.Errors[0].Line)
	human := b.causeway(t, "mapping", "import", accountName, "--file", file)
	require.Contains(t, human.out, file+":3: ")
	b.causeway(t, "tenants", accountName, "--json").document(t, &tenants)
	require.Nil(t, tenants[0].Company, "a file with one mistake stores nothing")

	require.NoError(t, os.WriteFile(file, []byte(header+first), 0o600))
	var answer admin.MappingAnswer
	b.causeway(t, "mapping", "import", accountName, "--file", file, "--dry-run", "--json").document(t, &answer)
	require.Equal(t, 1, answer.Changed)
	b.causeway(t, "tenants", accountName, "--json").document(t, &tenants)
	require.False(t, tenants[0].Enabled, "a dry run stores nothing")
	b.causeway(t, "mapping", "import", accountName, "--file", file, "--json").document(t, &answer)
	require.Equal(t, 1, answer.Changed)
	b.causeway(t, "tenants", accountName, "--json").document(t, &tenants)
	require.True(t, tenants[0].Enabled)

	out := b.causeway(t, "mapping", "export", accountName)
	require.Equal(t, 0, out.code)
	require.NoError(t, os.WriteFile(file, []byte(out.out), 0o600))
	b.causeway(t, "mapping", "import", accountName, "--file", file, "--json").document(t, &answer)
	require.Equal(t, 0, answer.Changed)
	require.Equal(t, len(tenants), answer.Rows)
}

func TestMasterKeyRotationKeepsKeysReadable(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	file := filepath.Join(b.dir, "master.key")
	before, err := os.ReadFile(file)
	require.NoError(t, err)
	// Broken off after the new key was added: the next rotation finishes the work.
	_, err = secret.AddMasterKey(file)
	require.NoError(t, err)
	require.Equal(t, 0, b.causeway(t, "preflight", accountName).code)

	var answer rotated
	got := b.causeway(t, "master-key", "rotate", "--json")
	require.Equal(t, 0, got.code, got.out)
	got.document(t, &answer)
	require.Equal(t, 1, answer.Accounts)
	after, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NotEqual(t, before, after)
	keys, err := secret.LoadMasterKey(file)
	require.NoError(t, err)
	require.Len(t, keys.KeysetInfo().GetKeyInfo(), 1, "the old key is gone")
	require.Equal(t, 0, b.causeway(t, "preflight", accountName).code)

	require.NoError(t, os.WriteFile(file, before, 0o600))
	require.Equal(t, 1, b.causeway(t, "preflight", accountName).code, "the old key must open nothing any more")
}

func TestWhatNeedsTemporalSaysWhereItLooked(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c, _, err := parse(append([]string{"version"}, b.flags...), io.Discard, io.Discard)
	require.NoError(t, err)
	parts, err := wiring.Open(t.Context(), wiring.Options{
		Settings: withTemporal(c.Settings), Log: slog.New(slog.DiscardHandler), Temporal: true, Patience: 1, Version: "test",
	})
	require.Nil(t, parts)
	require.ErrorContains(t, err, "Temporal at 127.0.0.1:1")
}

func withTemporal(s config.Settings) config.Settings {
	s.TemporalAddress = "127.0.0.1:1"
	return s
}
