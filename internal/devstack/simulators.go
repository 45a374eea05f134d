package devstack

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"causeway/internal/config"
	"causeway/internal/simulator/connectwise"
	"causeway/internal/simulator/estate"
	"causeway/internal/simulator/mysonicwall"
	"causeway/internal/wiring"
)

// What opens the simulators. They hold invented data and listen on loopback, so these are no secrets: they stand here so that the
// same command line works after every start.
const (
	simulatedCompany    = "acme"
	simulatedPublicKey  = "simulatorpublic1"
	simulatedPrivateKey = "simulatorprivate"
	secondCompany       = "birchwood"
	secondPublicKey     = "simulatorpublic2"
	secondPrivateKey    = "simulatorprivat2"
	// SimulatedClientID is the clientId that the ConnectWise simulators know.
	SimulatedClientID    = "4c0ffee0-5eed-4ace-8bad-c0de00ca5e11"
	simulatedMSWKey      = "simulated-mysonicwall-key-main"
	simulatedSecondKey   = "simulated-mysonicwall-key-second"
	secondAccountTenants = 8 // as many as the MySonicWall simulator's second account has
)

// SimulatorOptions say which simulators to run. An empty address leaves that one out.
type SimulatorOptions struct {
	ConnectWiseListen, MySonicWallListen string
	// SecondConnectWiseListen is for the ConnectWise of another provider, to go with MySonicWall's second account.
	SecondConnectWiseListen string
	Seed                    int64
	Tenants                 int
	Latency                 time.Duration
	// RatePerMinute is how many calls each answers in a minute; 0 for any number.
	RatePerMinute int
	// StateDir keeps their state between starts; empty keeps it in memory. A kept state wins over seed and tenants.
	StateDir string
	Now      func() time.Time
	Log      *slog.Logger
}

// Simulators are running stand-ins for both vendors, nil where one was left out.
type Simulators struct {
	ConnectWise, SecondConnectWise *config.DevConnectWise
	MySonicWall                    *config.DevMySonicWall
	stops                          []func() error
}

// StartSimulators starts them; they answer when it returns.
func StartSimulators(o SimulatorOptions) (*Simulators, error) {
	if o.StateDir != "" {
		if err := os.MkdirAll(o.StateDir, 0o700); err != nil {
			return nil, fmt.Errorf("make the simulators' folder: %w", err)
		}
	}
	s := &Simulators{}
	for _, start := range []func(SimulatorOptions) error{s.startConnectWise, s.startSecond, s.startMySonicWall} {
		if err := start(o); err != nil {
			return nil, errors.Join(err, s.Stop())
		}
	}
	return s, nil
}

// Stop ends them and writes their state whole.
func (s *Simulators) Stop() error {
	var errs []error
	for _, stop := range s.stops {
		errs = append(errs, stop())
	}
	s.stops = nil
	return errors.Join(errs...)
}

func (o SimulatorOptions) stateFile(name string) string {
	if o.StateDir == "" {
		return ""
	}
	return filepath.Join(o.StateDir, name)
}

// unlimitedIs is the ConnectWise simulator's word for no limit; 0 stands for the vendor's own there.
const unlimitedIs = -1

func (s *Simulators) startConnectWise(o SimulatorOptions) (err error) {
	if o.ConnectWiseListen == "" {
		return nil
	}
	s.ConnectWise, err = s.connectWise(o, o.ConnectWiseListen, connectwise.Options{
		Seed: o.Seed, Tenants: o.Tenants, Company: simulatedCompany, PublicKey: simulatedPublicKey, PrivateKey: simulatedPrivateKey,
		StateFile: o.stateFile("connectwise.json"),
	})
	return err
}

func (s *Simulators) startSecond(o SimulatorOptions) (err error) {
	if o.SecondConnectWiseListen == "" {
		return nil
	}
	s.SecondConnectWise, err = s.connectWise(o, o.SecondConnectWiseListen, connectwise.Options{
		Seed: o.Seed, Tenants: secondAccountTenants, Estate: []estate.Option{estate.Second()},
		Company: secondCompany, PublicKey: secondPublicKey, PrivateKey: secondPrivateKey, StateFile: o.stateFile("connectwise-second.json"),
	})
	return err
}

func (s *Simulators) connectWise(o SimulatorOptions, listen string, options connectwise.Options) (*config.DevConnectWise, error) {
	options.ClientID, options.Now, options.Latency = SimulatedClientID, o.Now, o.Latency
	options.RatePerMinute, options.Logger = o.RatePerMinute, o.Log
	if o.RatePerMinute == 0 {
		options.RatePerMinute = unlimitedIs
	}
	server, err := connectwise.New(options)
	if err != nil {
		return nil, fmt.Errorf("start the ConnectWise simulator: %w", err)
	}
	host, err := s.serve("the ConnectWise simulator", listen, server, server.Close)
	if err != nil {
		return nil, err
	}
	return &config.DevConnectWise{
		URL: "http://" + host, Host: host, Company: options.Company, PublicKey: options.PublicKey, PrivateKey: options.PrivateKey, ClientID: SimulatedClientID,
	}, nil
}

func (s *Simulators) startMySonicWall(o SimulatorOptions) error {
	if o.MySonicWallListen == "" {
		return nil
	}
	server, err := mysonicwall.New(mysonicwall.Options{
		Seed: uint64(o.Seed), Tenants: o.Tenants, Now: o.Now, APIKey: simulatedMSWKey, SecondAPIKey: simulatedSecondKey,
		Latency: o.Latency, RatePerMinute: o.RatePerMinute, StateFile: o.stateFile("mysonicwall.json"), Logger: o.Log,
	})
	if err != nil {
		return fmt.Errorf("start the MySonicWall simulator: %w", err)
	}
	host, err := s.serve("the MySonicWall simulator", o.MySonicWallListen, server, server.Close)
	if err != nil {
		return err
	}
	s.MySonicWall = &config.DevMySonicWall{URL: "http://" + host, APIKey: simulatedMSWKey}
	return nil
}

// serve answers the address by which this machine reaches the server, which is not the one listened on where that is all of them.
func (s *Simulators) serve(what, listen string, handler http.Handler, closeState func() error) (host string, err error) {
	address, stop, err := wiring.Serve(listen, handler)
	if err != nil {
		return "", errors.Join(fmt.Errorf("start %s: %w", what, err), closeState())
	}
	s.stops = append(s.stops, func() error {
		stop()
		if err := closeState(); err != nil {
			return fmt.Errorf("stop %s: %w", what, err)
		}
		return nil
	})
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", err
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = loopback
	}
	return net.JoinHostPort(host, port), nil
}
