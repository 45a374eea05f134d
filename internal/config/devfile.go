package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"causeway/internal/secret"
)

// DevFile is dev.json: how everyone else finds a running `causeway dev`. It is there only while everything answers, and it
// holds the simulators' keys, so its owner alone may read it.
type DevFile struct {
	PID int `json:"pid"`
	// PIDStarted tells the process from a later one with the same id; its form is the platform's.
	PIDStarted  string          `json:"pid_started"`
	Dashboard   string          `json:"dashboard"`
	Temporal    string          `json:"temporal"` // host:port
	TemporalUI  string          `json:"temporal_ui"`
	Metrics     string          `json:"metrics"`
	ConnectWise *DevConnectWise `json:"connectwise,omitempty"`
	MySonicWall *DevMySonicWall `json:"mysonicwall,omitempty"`
	// SecondConnectWise is another provider's, for the demo account that nobody has configured yet: one ConnectWise company
	// serves one account.
	SecondConnectWise *DevConnectWise `json:"second_connectwise,omitempty"`
	User              *DevUser        `json:"user,omitempty"`
	// ClockOffset is how far Causeway's clock is ahead, as in 24h; tests only.
	ClockOffset string `json:"clock_offset,omitempty"`
}

// DevConnectWise is the ConnectWise simulator. Its keys open nothing else, so they are written as they are.
type DevConnectWise struct {
	URL        string `json:"url"`
	Host       string `json:"host"`
	Company    string `json:"company"`
	PublicKey  string `json:"public_key"`
	PrivateKey string `json:"private_key"`
	ClientID   string `json:"client_id"`
}

// DevMySonicWall is the MySonicWall simulator.
type DevMySonicWall struct {
	URL    string `json:"url"`
	APIKey string `json:"api_key"`
}

// DevUser signs in to the dashboard.
type DevUser struct {
	Name     string `json:"name"`
	Password string `json:"password"`
}

func devFile(dir string) string { return filepath.Join(dir, "dev.json") }

// Write puts the file into the data folder, whole and at once: a reader sees all of it or nothing. PID and PIDStarted are this
// process' own.
func (d DevFile) Write(dir string) error {
	d.PID = os.Getpid()
	started, err := ProcessStarted(d.PID)
	if err != nil {
		return fmt.Errorf("write dev.json: %w", err)
	}
	d.PIDStarted = started
	text, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return fmt.Errorf("write dev.json: %w", err)
	}
	temp, err := os.CreateTemp(dir, ".dev-*.json")
	if err != nil {
		return fmt.Errorf("write dev.json: %w", err)
	}
	_, err = temp.Write(append(text, '\n'))
	err = errors.Join(err, temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), devFile(dir))
	}
	if err != nil {
		_ = os.Remove(temp.Name())
		return fmt.Errorf("write dev.json: %w", err)
	}
	return nil
}

// RemoveDevFile takes dev.json away; that none is there is fine.
func RemoveDevFile(dir string) error {
	if err := os.Remove(devFile(dir)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove dev.json: %w", err)
	}
	return nil
}

// ReadDevFile reads the data folder's dev.json, nil when there is none.
func ReadDevFile(dir string) (*DevFile, error) {
	text, err := os.ReadFile(devFile(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read dev.json: %w", err)
	}
	var d DevFile
	if err := json.Unmarshal(text, &d); err != nil {
		return nil, fmt.Errorf("read %s: %w", devFile(dir), err)
	}
	return &d, nil
}

// Alive tells whether the process that wrote the file still runs.
func (d DevFile) Alive() bool { return ProcessAlive(d.PID, d.PIDStarted) }

// UseDev fills in, for a command whose data folder belongs to a running `causeway dev`, what was not set by hand: where Temporal,
// the dashboard and the simulators are, and that the simulators may be called. Without one the settings stay as they are.
func (s Settings) UseDev() (Settings, error) {
	d, err := ReadDevFile(s.DataDir)
	if err != nil || d == nil || !d.Alive() {
		return s, err
	}
	return s.WithDev(*d), nil
}

// WithDev is UseDev for what is known already, as in `causeway dev` itself.
func (s Settings) WithDev(d DevFile) Settings {
	if s.TemporalAddress == "" {
		s.dev = true
		s.TemporalAddress = d.Temporal
	}
	s.TemporalUIURL = firstOf(s.TemporalUIURL, d.TemporalUI)
	s.PublicURL = firstOf(s.PublicURL, d.Dashboard)
	if d.ConnectWise != nil {
		s.ConnectWiseClientID = secret.Text(firstOf(s.ConnectWiseClientID.Reveal(), d.ConnectWise.ClientID))
		s.OutboundAllow = alsoAllow(s.OutboundAllow, d.ConnectWise.URL)
	}
	if d.MySonicWall != nil {
		if s.MySonicWallURL == defaultMySonicWallURL {
			s.MySonicWallURL = d.MySonicWall.URL
		}
		s.OutboundAllow = alsoAllow(s.OutboundAllow, d.MySonicWall.URL)
	}
	if d.SecondConnectWise != nil {
		s.OutboundAllow = alsoAllow(s.OutboundAllow, d.SecondConnectWise.URL)
	}
	s.clockOffset, _ = time.ParseDuration(d.ClockOffset)
	return s
}

func alsoAllow(list, address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return list
	}
	entry := u.Host
	if u.Scheme == "http" {
		entry = "http://" + u.Host
	}
	return strings.TrimPrefix(list+","+entry, ",")
}
