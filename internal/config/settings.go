// Package config reads what an operator sets: flags and environment variables of the same name, the file that describes an
// account, and the file by which a running `causeway dev` is found.
package config

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"causeway/internal/outbound"
	"causeway/internal/secret"
)

// Settings are Causeway's settings, each a flag and an environment variable of the same name; a flag wins. This struct is also
// the one place of their defaults. Only main and what it starts see it: everything below gets plain values.
type Settings struct {
	DataDir       string      `name:"data-dir" aliases:"data" env:"CAUSEWAY_DATA_DIR" default:".causeway" placeholder:"DIR" help:"Folder of SQLite, master key, the dev server's database and dev.json."`
	DatabaseURL   secret.Text `name:"database-url" env:"CAUSEWAY_DATABASE_URL" placeholder:"URL" help:"postgres://… or sqlite:FILE; SQLite in the data folder when empty."`
	MasterKeyFile string      `name:"master-key-file" env:"CAUSEWAY_MASTER_KEY_FILE" placeholder:"FILE" help:"Key that seals the API keys; master.key in the data folder when empty."`

	TemporalAddress   string `name:"temporal-address" env:"CAUSEWAY_TEMPORAL_ADDRESS" placeholder:"HOST:PORT" help:"Temporal's frontend; else TEMPORAL_ADDRESS, else 127.0.0.1:7233. TLS and API key come from Temporal's own variables (TEMPORAL_API_KEY, TEMPORAL_TLS_…)."`
	TemporalNamespace string `name:"temporal-namespace" env:"CAUSEWAY_TEMPORAL_NAMESPACE" placeholder:"NAME" help:"Temporal's namespace; else TEMPORAL_NAMESPACE, else default."`
	TemporalUIURL     string `name:"temporal-ui-url" env:"CAUSEWAY_TEMPORAL_UI_URL" placeholder:"URL" help:"Temporal's web interface, for links into it; no links when empty."`

	Listen        string `name:"listen" env:"CAUSEWAY_LISTEN" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where the dashboard listens; a loopback address."`
	PublicURL     string `name:"public-url" env:"CAUSEWAY_PUBLIC_URL" placeholder:"URL" help:"The dashboard's address in links; http://LISTEN when empty."`
	MetricsListen string `name:"metrics-listen" env:"CAUSEWAY_METRICS_LISTEN" placeholder:"HOST:PORT" help:"Where metrics are served; nowhere when empty."`

	MySonicWallURL      string      `name:"mysonicwall-url" env:"CAUSEWAY_MYSONICWALL_URL" default:"https://api.mysonicwall.com" placeholder:"URL" help:"MySonicWall's base address, without a path."`
	ConnectWiseClientID secret.Text `name:"connectwise-client-id" env:"CAUSEWAY_CONNECTWISE_CLIENT_ID" placeholder:"GUID" help:"The integrator's clientId; ConnectWise's cloud requires one."`
	MaybeDoneWait       Duration    `name:"maybe-done-wait" env:"CAUSEWAY_MAYBE_DONE_WAIT" default:"10m" placeholder:"DURATION" help:"How long a write that may have been done is looked for before it is made again."`
	VendorWait          Duration    `name:"vendor-wait" env:"CAUSEWAY_VENDOR_WAIT" default:"5h" placeholder:"DURATION" help:"How long a run waits for a MySonicWall or ConnectWise that is away before it ends."`
	OutboundAllow       string      `name:"outbound-allow" env:"CAUSEWAY_OUTBOUND_ALLOW" placeholder:"LIST" help:"What may be called beyond HTTPS on 443 to public addresses, comma-separated: host, host:port, address prefix, or http://host:port."`

	Workers  Number `name:"workers" env:"CAUSEWAY_WORKERS" default:"1" placeholder:"N" help:"How many workers share each account's ConnectWise rate."`
	LogLevel string `name:"log-level" env:"CAUSEWAY_LOG_LEVEL" default:"info" placeholder:"LEVEL" help:"debug, info, warn or error."`

	// dev is set where Temporal's address came from a running `causeway dev`; Temporal's own variables are meant for another
	// cluster then.
	dev bool
	// clockOffset is that of a running `causeway dev`.
	clockOffset time.Duration
}

// defaults that depend on other settings, or that must stay recognisable as not set.
const (
	defaultTemporalAddress   = "127.0.0.1:7233"
	defaultTemporalNamespace = "default"
	defaultMySonicWallURL    = "https://api.mysonicwall.com"
)

// FromEnvironment reads the settings without flags. What is wrong with them Check tells.
func FromEnvironment() (Settings, error) {
	var s Settings
	if err := kong.ApplyDefaults(&s); err != nil {
		return Settings{}, fmt.Errorf("read the settings: %w", err)
	}
	return s, nil
}

// Database is the database's address: what was set, else a SQLite file in the data folder.
func (s Settings) Database() secret.Text {
	if s.DatabaseURL.Set() {
		return s.DatabaseURL
	}
	return secret.Text("sqlite:" + filepath.Join(s.DataDir, "causeway.db"))
}

// MasterKey is the master key's file.
func (s Settings) MasterKey() string {
	if s.MasterKeyFile != "" {
		return s.MasterKeyFile
	}
	return filepath.Join(s.DataDir, "master.key")
}

// DashboardURL is the dashboard's address in links, without a slash at its end.
func (s Settings) DashboardURL() string {
	if s.PublicURL != "" {
		return strings.TrimSuffix(s.PublicURL, "/")
	}
	return "http://" + s.Listen
}

// Now is Causeway's clock: the system's, unless a running `causeway dev` was told to move it.
func (s Settings) Now() time.Time { return time.Now().Add(s.clockOffset) }

// Outbound is the allow list. Check has reported its mistakes.
func (s Settings) Outbound() (outbound.Allow, error) { return outbound.ParseAllow(s.OutboundAllow) }

// Setting is one line of what is in force.
type Setting struct{ Name, Value string }

// Effective lists what is in force, for an operator and for a start's log. Secrets show as [set] or [not set], a database's
// address without its password.
func (s Settings) Effective() []Setting {
	return []Setting{
		{"CAUSEWAY_DATA_DIR", s.DataDir},
		{"CAUSEWAY_DATABASE_URL", withoutPassword(s.Database())},
		{"CAUSEWAY_MASTER_KEY_FILE", s.MasterKey()},
		{"CAUSEWAY_TEMPORAL_ADDRESS", s.temporalAddress(nil)},
		{"CAUSEWAY_TEMPORAL_NAMESPACE", s.temporalNamespace(nil)},
		{"CAUSEWAY_TEMPORAL_UI_URL", s.TemporalUIURL},
		{"CAUSEWAY_LISTEN", s.Listen},
		{"CAUSEWAY_PUBLIC_URL", s.DashboardURL()},
		{"CAUSEWAY_METRICS_LISTEN", s.MetricsListen},
		{"CAUSEWAY_MYSONICWALL_URL", s.MySonicWallURL},
		{"CAUSEWAY_CONNECTWISE_CLIENT_ID", setOrNot(s.ConnectWiseClientID)},
		{"CAUSEWAY_MAYBE_DONE_WAIT", s.MaybeDoneWait.String()},
		{"CAUSEWAY_VENDOR_WAIT", s.VendorWait.String()},
		{"CAUSEWAY_OUTBOUND_ALLOW", s.OutboundAllow},
		{"CAUSEWAY_WORKERS", strconv.Itoa(s.Workers.Int())},
		{"CAUSEWAY_LOG_LEVEL", s.LogLevel},
	}
}

func setOrNot(t secret.Text) string {
	if t.Set() {
		return "[set]"
	}
	return "[not set]"
}

// withoutPassword also drops the query: drivers read passwords from it.
func withoutPassword(address secret.Text) string {
	if file, ok := strings.CutPrefix(address.Reveal(), "sqlite:"); ok {
		return "sqlite:" + file
	}
	u, err := url.Parse(address.Reveal())
	if err != nil {
		return "[set]"
	}
	u.RawQuery, u.Fragment = "", ""
	return u.Redacted()
}

// Duration is a setting such as 10m. A text that is none is kept for Check, so that it is reported with all other mistakes.
type Duration struct {
	time.Duration
	wrong string
}

func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = Duration{Duration: parsed}
	if err != nil {
		d.wrong = string(text)
	}
	return nil
}

// Number is a whole number, treated like Duration.
type Number struct {
	value int
	wrong string
}

// Int is the number.
func (n Number) Int() int { return n.value }

func (n *Number) UnmarshalText(text []byte) error {
	parsed, err := strconv.Atoi(string(text))
	*n = Number{value: parsed}
	if err != nil {
		n.wrong = string(text)
	}
	return nil
}
