package outbound

import (
	"net"
	"net/netip"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// HostError says why a text is not a bare host.
type HostError struct {
	Typed string
	Why   string
}

func (e *HostError) Error() string {
	return "host " + strconv.QuoteToASCII(e.Typed) + " " + e.Advice()
}

// Advice is the error for where the field is named already.
func (e *HostError) Advice() string {
	return e.Why + "; it should look like cwm.example.com or cwm.example.com:8443"
}

// names are looked-up names in ASCII with labels of legal length; idna.Lookup alone lets empty labels through.
var names = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true), idna.VerifyDNSLength(true))

// maxHost is longer than any host:port that DNS can carry.
const maxHost = 270

// ParseHost reads host or host:port and refuses everything else: a scheme, a path, a user, white space.
func ParseHost(typed string) (Host, error) {
	text := strings.TrimSpace(typed)
	refuse := func(why string) (Host, error) {
		return Host{}, &HostError{Typed: text[:min(len(text), 100)], Why: why}
	}
	switch {
	case text == "":
		return refuse("is missing")
	case len(text) > maxHost:
		return refuse("is too long")
	case strings.Contains(text, "://"):
		return refuse("must not carry a scheme such as https://")
	case strings.ContainsAny(text, "/\\?#@% \t\r\n"):
		return refuse("is not a bare host name")
	}
	name, port := text, ""
	if strings.HasPrefix(text, "[") || strings.Count(text, ":") == 1 {
		var err error
		if name, port, err = splitPort(text); err != nil {
			return refuse("is not of the form host:port")
		}
		if port != "" && !validPort(port) {
			return refuse("has no valid port")
		}
	}
	if addr, err := netip.ParseAddr(name); err == nil {
		return Host{Name: addr.Unmap().String(), Port: port}, nil
	}
	if looksNumeric(name) {
		// Resolvers read 127.1, 0x7f.1 and 2130706433 as addresses: literals in disguise.
		return refuse("is neither a name nor a complete address")
	}
	ascii, err := names.ToASCII(strings.TrimSuffix(name, "."))
	if err != nil || ascii == "" {
		return refuse("is not a valid host name")
	}
	return Host{Name: strings.ToLower(ascii), Port: port}, nil
}

func splitPort(text string) (string, string, error) {
	if strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") {
		return text[1 : len(text)-1], "", nil
	}
	return net.SplitHostPort(text)
}

func validPort(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}

// looksNumeric tells whether the last label can only be part of an address: no top-level domain is a number.
func looksNumeric(name string) bool {
	name = strings.TrimSuffix(name, ".")
	last := name[strings.LastIndexByte(name, '.')+1:]
	_, err := strconv.ParseUint(last, 0, 64)
	return err == nil
}
