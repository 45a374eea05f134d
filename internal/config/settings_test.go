package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"

	"causeway/internal/config"
)

const canary = "canary-91ab"

// environment is Temporal's view of a process' environment.
type environment map[string]string

func (e environment) LookupEnv(name string) (string, bool) { v, ok := e[name]; return v, ok }
func (e environment) Environ() []string {
	var out []string
	for k, v := range e {
		out = append(out, k+"="+v)
	}
	return out
}

// parse is what main does with flags; names of flags never clash with the environment of the machine that runs the tests.
func parse(t *testing.T, args ...string) config.Settings {
	t.Helper()
	var cli struct {
		config.Settings `embed:""`
	}
	parser, err := kong.New(&cli)
	require.NoError(t, err)
	_, err = parser.Parse(args)
	require.NoError(t, err)
	return cli.Settings
}

func TestDefaultsAreValid(t *testing.T) {
	t.Parallel()
	s := parse(t)
	require.NoError(t, s.Check())
	require.Equal(t, ".causeway", s.DataDir)
	require.Equal(t, "sqlite:.causeway/causeway.db", s.Database().Reveal())
	require.Equal(t, ".causeway/master.key", s.MasterKey())
	require.Equal(t, "http://127.0.0.1:8080", s.DashboardURL())
	require.Equal(t, 10*time.Minute, s.MaybeDoneWait.Duration)
	require.Equal(t, 1, s.Workers.Int())
	require.Equal(t, "https://api.mysonicwall.com", s.MySonicWallURL)
}

func TestDataIsShortForDataDir(t *testing.T) {
	t.Parallel()
	require.Equal(t, "elsewhere", parse(t, "--data", "elsewhere").DataDir)
	require.Equal(t, "elsewhere", parse(t, "--data-dir=elsewhere").DataDir)
}

func TestEnvironment(t *testing.T) {
	t.Setenv("CAUSEWAY_DATA_DIR", "/srv/causeway")
	t.Setenv("CAUSEWAY_DATABASE_URL", "postgres://causeway:"+canary+"@db/causeway?password="+canary)
	t.Setenv("CAUSEWAY_MAYBE_DONE_WAIT", "2s")
	t.Setenv("CAUSEWAY_CONNECTWISE_CLIENT_ID", "0b4f1f0c-55a2-4d36-a9ff-5a11b3c0ffee")
	s, err := config.FromEnvironment()
	require.NoError(t, err)
	require.NoError(t, s.Check())
	require.Equal(t, "/srv/causeway/master.key", s.MasterKey())
	require.Equal(t, 2*time.Second, s.MaybeDoneWait.Duration)

	shown := fmt.Sprintf("%v %+v %v", s, s, s.Effective())
	require.NotContains(t, shown, canary)
	require.NotContains(t, shown, "c0ffee")
	require.Contains(t, shown, "{CAUSEWAY_CONNECTWISE_CLIENT_ID [set]}")
	require.Contains(t, shown, "{CAUSEWAY_DATABASE_URL postgres://causeway:xxxxx@db/causeway}")
	require.Contains(t, fmt.Sprint(parse(t, "--connectwise-client-id=").Effective()), "{CAUSEWAY_CONNECTWISE_CLIENT_ID [not set]}")
}

func TestEveryMistakeIsReportedByName(t *testing.T) {
	t.Parallel()
	s := parse(t, "--data-dir=", "--database-url=mysql://root:"+canary+"@db/x", "--temporal-address=nowhere", "--listen=0.0.0.0:8080",
		"--public-url=causeway.example.com", "--metrics-listen=9090", "--mysonicwall-url=http://msw.example.com",
		"--connectwise-client-id="+canary, "--maybe-done-wait=ten", "--outbound-allow=https://x.example,10.0.0.0/77", "--workers=0",
		"--log-level=loud", "--temporal-ui-url=x")
	err := s.Check()
	require.Error(t, err)
	for _, name := range []string{
		"DATA_DIR", "DATABASE_URL", "TEMPORAL_ADDRESS", "LISTEN", "PUBLIC_URL", "METRICS_LISTEN", "MYSONICWALL_URL", "CONNECTWISE_CLIENT_ID",
		"MAYBE_DONE_WAIT", "OUTBOUND_ALLOW", "WORKERS", "LOG_LEVEL", "TEMPORAL_UI_URL",
	} {
		require.ErrorContains(t, err, "CAUSEWAY_"+name+": ")
	}
	require.ErrorContains(t, err, "10.0.0.0/77")
	require.ErrorContains(t, err, `"ten"`)
	require.NotContains(t, err.Error(), canary)
}

func TestListenTakesLoopbackOnly(t *testing.T) {
	t.Parallel()
	for address, fine := range map[string]bool{
		"127.0.0.1:0": true, "[::1]:8080": true, "localhost:8080": true, "127.8.8.8:80": true,
		":8080": false, "0.0.0.0:80": false, "192.0.2.1:80": false, "[::]:80": false, "dashboard.example.com:80": false,
	} {
		err := parse(t, "--listen="+address).Check()
		require.Equal(t, fine, err == nil, "%s: %v", address, err)
	}
}

func TestTemporalOptions(t *testing.T) {
	t.Parallel()
	theirs := environment{"TEMPORAL_ADDRESS": "t.example:7233", "TEMPORAL_NAMESPACE": "theirs", "TEMPORAL_API_KEY": canary, "TEMPORAL_TLS_SERVER_NAME": "sni.example"}

	o, err := parse(t).TemporalOptions(environment{})
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1:7233", o.HostPort)
	require.Equal(t, "default", o.Namespace)
	require.Nil(t, o.ConnectionOptions.TLS)

	o, err = parse(t).TemporalOptions(theirs)
	require.NoError(t, err)
	require.Equal(t, "t.example:7233", o.HostPort)
	require.Equal(t, "theirs", o.Namespace)
	require.Equal(t, "sni.example", o.ConnectionOptions.TLS.ServerName)
	require.NotNil(t, o.Credentials)

	o, err = parse(t, "--temporal-address=ours.example:1", "--temporal-namespace=ours").TemporalOptions(theirs)
	require.NoError(t, err)
	require.Equal(t, "ours.example:1", o.HostPort)
	require.Equal(t, "ours", o.Namespace)
	require.NotNil(t, o.ConnectionOptions.TLS, "ours name the cluster, theirs still how to sign in")

	_, err = parse(t).TemporalOptions(environment{"TEMPORAL_TLS_CLIENT_CERT_PATH": "/nowhere/cert.pem", "TEMPORAL_TLS_CLIENT_KEY_PATH": "/nowhere/key.pem"})
	require.ErrorContains(t, err, "/nowhere/cert.pem")
}

func TestDevFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	none, err := config.ReadDevFile(dir)
	require.NoError(t, err)
	require.Nil(t, none)
	require.NoError(t, config.RemoveDevFile(dir))

	written := config.DevFile{
		Dashboard: "http://127.0.0.1:18080", Temporal: "127.0.0.1:17233", TemporalUI: "http://127.0.0.1:18233", Metrics: "http://127.0.0.1:9/metrics",
		ConnectWise: &config.DevConnectWise{
			URL: "http://127.0.0.1:18081", Host: "127.0.0.1:18081", Company: "acme", PublicKey: "p", PrivateKey: "q",
			ClientID: "0b4f1f0c-55a2-4d36-a9ff-5a11b3c0ffee",
		},
		MySonicWall: &config.DevMySonicWall{URL: "http://127.0.0.1:18082", APIKey: "k"},
	}
	require.NoError(t, written.Write(dir))
	info, err := os.Stat(filepath.Join(dir, "dev.json"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 1)

	read, err := config.ReadDevFile(dir)
	require.NoError(t, err)
	require.Equal(t, os.Getpid(), read.PID)
	require.True(t, read.Alive())
	other := *read
	other.PIDStarted += "1"
	require.False(t, other.Alive(), "the same id in a later process is somebody else")
	require.False(t, config.DevFile{}.Alive())

	s, err := parse(t, "--data", dir).UseDev()
	require.NoError(t, err)
	require.NoError(t, s.Check())
	require.Equal(t, "http://127.0.0.1:18082", s.MySonicWallURL)
	require.Equal(t, "http://127.0.0.1:18080", s.DashboardURL())
	require.Equal(t, "http://127.0.0.1:18081,http://127.0.0.1:18082", s.OutboundAllow)
	allow, err := s.Outbound()
	require.NoError(t, err)
	require.True(t, allow.Plain("127.0.0.1:18081"))
	// Temporal's own variables are meant for another cluster: an API key would switch TLS on.
	o, err := s.TemporalOptions(environment{"TEMPORAL_ADDRESS": "t.example:7233", "TEMPORAL_API_KEY": canary, "TEMPORAL_NAMESPACE": "theirs"})
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1:17233", o.HostPort)
	require.Equal(t, "default", o.Namespace)
	require.Nil(t, o.ConnectionOptions.TLS)

	s, err = parse(t, "--data", dir, "--temporal-address=ours.example:1", "--outbound-allow=10.0.0.0/8").UseDev()
	require.NoError(t, err)
	require.Equal(t, "ours.example:1", s.TemporalAddress, "what was set by hand wins")
	require.True(t, strings.HasPrefix(s.OutboundAllow, "10.0.0.0/8,"))

	require.NoError(t, config.RemoveDevFile(dir))
	s, err = parse(t, "--data", dir).UseDev()
	require.NoError(t, err)
	require.Empty(t, s.TemporalAddress)
}
