package devstack

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

const loopback = "127.0.0.1"

func hostPort(port int) string { return net.JoinHostPort(loopback, strconv.Itoa(port)) }

// ports that a start uses. They are kept in the data folder: accounts know a simulator by its host and port, so another port
// would be another ConnectWise to them.
type ports struct {
	Dashboard         int `json:"dashboard"`
	Temporal          int `json:"temporal"`
	TemporalUI        int `json:"temporal_ui"`
	TemporalMetrics   int `json:"temporal_metrics"`
	Metrics           int `json:"metrics"`
	ConnectWise       int `json:"connectwise"`
	MySonicWall       int `json:"mysonicwall"`
	SecondConnectWise int `json:"second_connectwise"`
}

// fixedPorts are those that people remember.
func fixedPorts() ports {
	return ports{
		Dashboard: 8080, Temporal: 7233, TemporalUI: 8233, TemporalMetrics: 9091, Metrics: 9090, ConnectWise: 9101, MySonicWall: 9102, SecondConnectWise: 9103,
	}
}

// What may not be needed in a start, as its port is named to a person.
const (
	portDashboard   = "the dashboard"
	portMetrics     = "metrics"
	portConnectWise = "the ConnectWise simulator"
	portMySonicWall = "the MySonicWall simulator"
	portSecond      = "the second ConnectWise simulator"
)

type namedPort struct {
	what string
	port *int
	// known tells that accounts of this folder remember it.
	known bool
}

func (p *ports) all() []namedPort {
	return []namedPort{
		{portDashboard, &p.Dashboard, false}, {"Temporal", &p.Temporal, false}, {"Temporal's web interface", &p.TemporalUI, false},
		{"Temporal's metrics", &p.TemporalMetrics, false}, {portMetrics, &p.Metrics, false}, {portConnectWise, &p.ConnectWise, true},
		{portMySonicWall, &p.MySonicWall, true}, {portSecond, &p.SecondConnectWise, true},
	}
}

func portsFile(dir string) string { return filepath.Join(dir, "ports.json") }

// choosePorts takes the simulators' ports of an earlier start on the folder, and for the rest the fixed ones or, automatically,
// those of last time where they are free, else any. A needed port that is in use is named.
func choosePorts(dir string, automatic bool, unneeded []string) (ports, error) {
	earlier, err := readPorts(dir)
	if err != nil {
		return ports{}, err
	}
	chosen := fixedPorts()
	if automatic {
		if chosen, err = freePorts(); err != nil {
			return ports{}, err
		}
	}
	before := earlier.all()
	for i, p := range chosen.all() {
		last := *before[i].port
		if last != 0 && (p.known || automatic && portIsFree(last)) {
			*p.port = last
		}
		switch {
		case slices.Contains(unneeded, p.what), portIsFree(*p.port):
		case p.known && last != 0:
			return ports{}, fmt.Errorf("port %d is in use; the accounts of this data folder know %s there, so stop what uses it, or start with another --data folder", last, p.what)
		default:
			return ports{}, fmt.Errorf("port %d for %s is in use; stop what uses it, or start with --ports auto", *p.port, p.what)
		}
	}
	return chosen, writePorts(dir, chosen)
}

func readPorts(dir string) (ports, error) {
	var p ports
	text, err := os.ReadFile(portsFile(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	if err != nil {
		return p, fmt.Errorf("read the ports of an earlier start from %s: %w", portsFile(dir), err)
	}
	return p, nil
}

func writePorts(dir string, p ports) error {
	text, err := json.MarshalIndent(p, "", "  ")
	if err == nil {
		err = replaceFile(portsFile(dir), append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("keep the ports for the next start: %w", err)
	}
	return nil
}

// replaceFile writes a file whole and at once.
func replaceFile(path string, text []byte) error {
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// freePorts asks the system for ports that are free now. All are held until the last is known, so that none comes twice.
func freePorts() (ports, error) {
	var p ports
	var listeners []net.Listener
	defer func() {
		for l := range slices.Values(listeners) {
			_ = l.Close()
		}
	}()
	for _, each := range p.all() {
		l, err := net.Listen("tcp", net.JoinHostPort(loopback, "0")) //nolint:noctx // bound at once
		if err != nil {
			return ports{}, fmt.Errorf("find a free port for %s: %w", each.what, err)
		}
		listeners = append(listeners, l)
		*each.port = l.Addr().(*net.TCPAddr).Port //nolint:errcheck // a TCP listener has a TCP address
	}
	return p, nil
}

func portIsFree(port int) bool {
	l, err := net.Listen("tcp", hostPort(port)) //nolint:noctx // bound at once
	return err == nil && l.Close() == nil
}
