package config_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"causeway/internal/bridge"
	"causeway/internal/config"
)

const wholeFile = `account: example-msp
mysonicwall: {api_key_env: MSW_KEY}
time_zone: ""
connectwise:
  host: cwm.example.com
  company: acme
  public_key: abc
  private_key_file: key.txt
network_products_as_additions: true
allow_unicode_tenant_names: false
price_first: true
limits: {removed_share: 25%, removed_more_than: 0, quantity_factor: 2.5, quantity_step: 10, new_additions: 7}
tickets: {board: Professional Services, critical: Priority 1 - Emergency, high: 4}
`

func lookup(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { v, ok := values[name]; return v, ok }
}

func TestAccountFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "key.txt"), []byte(canary+"\n"), 0o600))
	f, err := config.ParseAccountFile(filepath.Join(dir, "account.yaml"), []byte(wholeFile), lookup(map[string]string{"MSW_KEY": " msw-" + canary}))
	require.NoError(t, err)
	require.Equal(t, "example-msp", f.Account)
	require.Equal(t, "msw-"+canary, f.MySonicWallKey.Reveal())
	require.Equal(t, canary, f.PrivateKey.Reveal())
	require.Equal(t, bridge.ConnectWiseSettings{Host: "cwm.example.com", Company: "acme", PublicKey: "abc", CallsAtOnce: 4, CallsPerSecond: 15}, f.ConnectWise)
	require.Equal(t, bridge.Options{NetworkAdditions: true, PriceFirst: true}, f.Options)
	require.Equal(t, "0.25", f.Limits.RemovedShare.String())
	require.Equal(t, 0, f.Limits.RemovedMoreThan)
	require.Equal(t, "2.5", f.Limits.QuantityFactor.String())
	require.Equal(t, 7, f.Limits.NewAdditions)
	require.Equal(t, "4", f.High)
}

func TestAccountFileDefaults(t *testing.T) {
	t.Parallel()
	f, err := config.ParseAccountFile("a.yaml", []byte(`
account: a
connectwise: {host: h, company: c, public_key_env: PUB, calls_per_second: 0, calls_at_once: 16}
tickets: {board: b, critical: c, high: h}
`), lookup(map[string]string{"PUB": "pub"}))
	require.NoError(t, err)
	require.False(t, f.MySonicWallKey.Set())
	require.False(t, f.PrivateKey.Set())
	require.Equal(t, 16, f.ConnectWise.CallsAtOnce)
	require.Zero(t, f.ConnectWise.CallsPerSecond)
	require.Empty(t, cmp.Diff(bridge.DefaultLimits(), f.Limits))
}

func TestAccountFileReportsEveryMistakeByLine(t *testing.T) {
	t.Parallel()
	_, err := config.ParseAccountFile("a.yaml", []byte(`account: Example_MSP
mysonicwall:
  api_key: `+canary+`
  api_key_env: X
time_zone: Mars/Olympus
connectwise:
  host: h
  public_key_env: NOT_SET
  private_key_file: nowhere.txt
  calls_at_once: 0
limits:
  removed_share: 20
  new_additions: -1
  quantity_factor: 0.5
tickets: {critical: c, high: h}
`), lookup(nil))
	var wrong *config.FileError
	require.ErrorAs(t, err, &wrong)
	got := map[string]int{}
	for _, p := range wrong.Problems {
		got[p.Field] = p.Line
		require.NotEmpty(t, p.Message)
	}
	require.Equal(t, map[string]int{
		"account": 1, "mysonicwall.api_key": 3, "time_zone": 5, "connectwise.public_key_env": 8, "connectwise.private_key_file": 9,
		"connectwise.calls_at_once": 10, "limits.removed_share": 12, "limits.new_additions": 13, "limits.quantity_factor": 14,
		"connectwise.company": 0, "tickets.board": 0,
	}, got)
	require.ErrorContains(t, err, "a.yaml:5: time_zone: ")
	require.NotContains(t, err.Error(), canary)
}

func TestAccountFileRefusesUnknownKeysByLine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want []config.Problem
	}{
		"unknown, at every depth": {
			"account: a\nacount: b\nconnectwise:\n  hots: x\n  private_key: " + canary + "\n",
			[]config.Problem{
				{Line: 2, Field: "acount", Message: "is not a setting of an account"},
				{Line: 4, Field: "hots", Message: "is not a setting of an account"},
			},
		},
		"twice":      {"account: a\naccount: b\n", []config.Problem{{Line: 2, Message: `mapping key "account" already defined at line 1`}}},
		"wrong kind": {"connectwise:\n  private_key: {" + canary + ": 1}\n", []config.Problem{{Line: 2, Message: "has a value of the wrong kind (a group of settings)"}}},
		"text for a number": {
			"connectwise:\n  calls_at_once: " + canary + "\n", []config.Problem{{Line: 2, Message: "has a value of the wrong kind (a text)"}},
		},
		"anchor":        {"account: *" + canary + "\n", []config.Problem{{Message: "has a value that begins with *; put it in quotes"}}},
		"empty":         {"", []config.Problem{{Message: "is empty"}}},
		"two documents": {"account: a\n---\naccount: b\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := config.ParseAccountFile("a.yaml", []byte(c.text), lookup(nil))
			var wrong *config.FileError
			require.ErrorAs(t, err, &wrong)
			if c.want != nil {
				require.Empty(t, cmp.Diff(c.want, wrong.Problems))
			} else {
				require.ErrorContains(t, err, "more than one document")
			}
			require.NotContains(t, err.Error(), canary)
		})
	}
}

func TestParseShare(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"20%": "0.2", "20 %": "0.2", "0.2": "0.2", "0": "0", "0%": "0", "1": "1", "100%": "1", "12.5%": "0.125"} {
		got, err := config.ParseShare(text)
		require.Nil(t, err, text)
		require.Equal(t, want, got.String(), text)
	}
	for _, text := range []string{"", "20", "101%", "-1%", "x", "1e9%", "%"} {
		_, err := config.ParseShare(text)
		require.NotNil(t, err, text)
	}
}

func TestAccountFileThatIsNotThere(t *testing.T) {
	t.Parallel()
	_, err := config.ReadAccountFile(filepath.Join(t.TempDir(), "none.yaml"))
	require.ErrorIs(t, err, os.ErrNotExist)
	big := filepath.Join(t.TempDir(), "big.yaml")
	require.NoError(t, os.WriteFile(big, make([]byte, 2<<20), 0o600))
	_, err = config.ReadAccountFile(big)
	require.ErrorContains(t, err, "1 MB")
}
