package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"causeway/internal/outbound"
)

// Check reports every mistake at once, each by its variable's name. It is not called Validate, because kong would then call it for
// commands that need no settings. Temporal's own variables are read from the process'
// environment.
func (s Settings) Check() error {
	var errs []error
	report := func(name string, err error) {
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
	}
	if s.DataDir == "" {
		report("CAUSEWAY_DATA_DIR", errors.New("is empty; name a folder"))
	}
	report("CAUSEWAY_DATABASE_URL", s.checkDatabase())
	if s.TemporalAddress != "" {
		report("CAUSEWAY_TEMPORAL_ADDRESS", checkHostPort(s.TemporalAddress))
	}
	if _, err := s.TemporalOptions(nil); err != nil {
		errs = append(errs, err)
	}
	report("CAUSEWAY_TEMPORAL_UI_URL", checkLink(s.TemporalUIURL))
	report("CAUSEWAY_LISTEN", checkLoopback(s.Listen))
	report("CAUSEWAY_PUBLIC_URL", checkLink(s.PublicURL))
	if s.MetricsListen != "" {
		report("CAUSEWAY_METRICS_LISTEN", checkHostPort(s.MetricsListen))
	}
	allow, err := s.Outbound()
	report("CAUSEWAY_OUTBOUND_ALLOW", err)
	report("CAUSEWAY_MYSONICWALL_URL", outbound.New(outbound.Options{Allow: allow}).CheckURL(s.MySonicWallURL))
	if id := s.ConnectWiseClientID; id.Set() && uuid.Validate(id.Reveal()) != nil {
		report("CAUSEWAY_CONNECTWISE_CLIENT_ID", errors.New("is not a GUID as the ConnectWise developer portal shows it"))
	}
	report("CAUSEWAY_MAYBE_DONE_WAIT", s.MaybeDoneWait.check())
	report("CAUSEWAY_VENDOR_WAIT", s.VendorWait.check())
	report("CAUSEWAY_WORKERS", s.Workers.check())
	if new(slog.LevelVar).UnmarshalText([]byte(s.LogLevel)) != nil {
		report("CAUSEWAY_LOG_LEVEL", fmt.Errorf("%q is none of debug, info, warn, error", s.LogLevel))
	}
	return errors.Join(errs...)
}

// checkDatabase does not quote what was set: it may hold a password.
func (s Settings) checkDatabase() error {
	if !s.DatabaseURL.Set() {
		return nil
	}
	if file, ok := strings.CutPrefix(s.DatabaseURL.Reveal(), "sqlite:"); ok {
		if file == "" {
			return errors.New("names no file after sqlite:")
		}
		return nil
	}
	u, err := url.Parse(s.DatabaseURL.Reveal())
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return errors.New("is neither postgres://… nor sqlite:FILE")
	}
	return nil
}

func checkHostPort(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil || port == "" {
		return fmt.Errorf("%q is not of the form host:port", address)
	}
	if _, err := net.LookupPort("tcp", port); err != nil { //nolint:noctx // a table of this machine answers
		return fmt.Errorf("%q has no valid port", address)
	}
	if host != "" && strings.ContainsAny(host, "/@ ") {
		return fmt.Errorf("%q has no valid host", address)
	}
	return nil
}

// checkLoopback refuses addresses that others could reach: the dashboard has no sign-in.
func checkLoopback(address string) error {
	if err := checkHostPort(address); err != nil {
		return err
	}
	host, _, _ := net.SplitHostPort(address)
	if addr, err := netip.ParseAddr(host); host == "localhost" || err == nil && addr.IsLoopback() {
		return nil
	}
	return fmt.Errorf("%q can be reached from elsewhere; without sign-in the dashboard listens on a loopback address only, such as 127.0.0.1:8080", address)
}

func checkLink(link string) error {
	if link == "" {
		return nil
	}
	u, err := url.Parse(link)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("%q is not an address of the form https://host", link)
	}
	return nil
}

func (d Duration) check() error {
	if d.wrong != "" || d.Duration <= 0 {
		return fmt.Errorf("%q is not a duration above zero such as 10m", firstOf(d.wrong, d.Duration.String()))
	}
	return nil
}

func (n Number) check() error {
	if n.wrong != "" || n.value < 1 {
		return fmt.Errorf("%q is not a whole number above zero", firstOf(n.wrong, strconv.Itoa(n.value)))
	}
	return nil
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
