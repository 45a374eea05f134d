// Package outbound carries calls to hosts that a person typed. Whatever the name resolves to, only HTTPS on port 443 of public
// addresses is dialled, unless the operator allowed more.
package outbound

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// HTTPSPort is the only port open without an entry in the allow list.
const HTTPSPort = "443"

// Allow is what the operator opened beyond HTTPS on 443 to public addresses. The zero value opens nothing. It is not changed
// after it was parsed.
type Allow struct { //nolint:recvcheck // add builds it, everything else reads a value
	hosts    []hostRule
	prefixes []prefixRule
}

// hostRule opens one host and port, wherever its name leads.
type hostRule struct {
	host, port string
	plain      bool
}

// prefixRule opens addresses, also as literals in the place of a host name.
type prefixRule struct {
	prefix netip.Prefix
	port   string
}

// ParseAllow reads a comma-separated list. Its entries are
//
//	cwm.example.com            HTTPS on port 443
//	cwm.example.com:8443       HTTPS on that port
//	10.20.0.0/16               HTTPS on port 443 of these addresses; 10.20.0.0/16:8443 on that port
//	http://cwm.example.com:80  plain HTTP, for that host and port alone
//
// All mistakes are reported at once.
func ParseAllow(list string) (Allow, error) {
	var allow Allow
	var errs []error
	for entry := range strings.SplitSeq(list, ",") {
		if entry = strings.TrimSpace(entry); entry == "" {
			continue
		}
		if err := allow.add(entry); err != nil {
			errs = append(errs, fmt.Errorf("%q %w", entry, err))
		}
	}
	return allow, errors.Join(errs...)
}

func (a *Allow) add(entry string) error {
	if rest, ok := strings.CutPrefix(entry, "http://"); ok {
		host, err := ParseHost(strings.TrimSuffix(rest, "/"))
		if err != nil || host.Port == "" {
			return errors.New("is not of the form http://host:port")
		}
		a.hosts = append(a.hosts, hostRule{host.Name, host.Port, true})
		return nil
	}
	if strings.Contains(entry, "://") {
		return errors.New("has a scheme; only http:// may be named, HTTPS needs none")
	}
	if strings.Contains(entry, "/") {
		return a.addPrefix(entry)
	}
	host, err := ParseHost(entry)
	if err != nil {
		return errors.New("is neither host, host:port, address prefix nor http://host:port")
	}
	a.hosts = append(a.hosts, hostRule{host.Name, host.portOr(HTTPSPort), false})
	return nil
}

func (a *Allow) addPrefix(entry string) error {
	text, port := entry, HTTPSPort
	if slash := strings.LastIndexByte(entry, '/'); strings.Contains(entry[slash:], ":") {
		colon := strings.LastIndexByte(entry, ':')
		text, port = entry[:colon], entry[colon+1:]
		if !validPort(port) {
			return errors.New("has no valid port")
		}
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return errors.New("is not an address prefix such as 10.20.0.0/16")
	}
	a.prefixes = append(a.prefixes, prefixRule{prefix.Masked(), port})
	return nil
}

// With is the list with further entries; the receiver stays as it is.
func (a Allow) With(list string) (Allow, error) {
	more, err := ParseAllow(list)
	return Allow{
		hosts:    slices.Concat(a.hosts, more.hosts),
		prefixes: slices.Concat(a.prefixes, more.prefixes),
	}, err
}

// Plain tells whether calls to host (host or host:port, 80 when no port is named) go over plain HTTP.
func (a Allow) Plain(host string) bool {
	parsed, err := ParseHost(host)
	return err == nil && a.names(parsed.Name, parsed.portOr("80"), true)
}

// names tells whether a rule opens exactly this host and port. A rule for plain HTTP opens HTTPS there as well.
func (a Allow) names(host, port string, plain bool) bool {
	return slices.ContainsFunc(a.hosts, func(r hostRule) bool {
		return r.host == host && r.port == port && (r.plain || !plain)
	})
}

func (a Allow) contains(addr netip.Addr, port string) bool {
	addr = addr.Unmap().WithZone("")
	return slices.ContainsFunc(a.prefixes, func(r prefixRule) bool { return r.port == port && r.prefix.Contains(addr) })
}

// anyPrefixOn tells whether some address may be dialled on a port other than 443.
func (a Allow) anyPrefixOn(port string) bool {
	return slices.ContainsFunc(a.prefixes, func(r prefixRule) bool { return r.port == port })
}

// splitPrefixes are the prefixes open on 443 by address family, as the guard wants them.
func (a Allow) splitPrefixes() (v4, v6 []netip.Prefix) {
	for _, r := range a.prefixes {
		switch {
		case r.port != HTTPSPort:
		case r.prefix.Addr().Is4():
			v4 = append(v4, r.prefix)
		default:
			v6 = append(v6, r.prefix)
		}
	}
	return v4, v6
}

// Host is a bare host as a person types it: a name in lower case and ASCII (IDNA), or an address literal without brackets.
type Host struct {
	Name string
	Port string // empty when none was typed
}

// String is the form for a URL.
func (h Host) String() string {
	if h.Port != "" {
		return net.JoinHostPort(h.Name, h.Port)
	}
	if strings.Contains(h.Name, ":") {
		return "[" + h.Name + "]"
	}
	return h.Name
}

func (h Host) portOr(fallback string) string {
	if h.Port == "" {
		return fallback
	}
	return h.Port
}
