package connectwise

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"causeway/internal/simulator/control"
)

// Settings are the server's switches at run time, as GET and PATCH /_sim/settings show them. Where public sources about the
// real server disagree, a switch chooses.
type Settings struct {
	control.Common

	// Codebase is what companyinfo names and what, besides v4_6_release, the API answers under; it changes with upgrades.
	Codebase string `json:"codebase"`
	// Cloud is companyinfo's IsCloud and system/info's isCloud.
	Cloud bool `json:"cloud"`
	// APIVersion is the newest model version, used when the caller names none.
	APIVersion string `json:"api_version"`
	// TimeZone is the server's own IANA zone: missing dates become its today.
	TimeZone string `json:"time_zone"`

	// WrongCompanyStatus is 404 or 401; MissingClientIDStatus 401, 403 or 400.
	WrongCompanyStatus    int `json:"wrong_company_status"`
	MissingClientIDStatus int `json:"missing_client_id_status"`
	// RequireTLS refuses requests that came without it.
	RequireTLS bool `json:"require_tls"`
	// OpenSystemInfo answers system/info without keys, as some servers do.
	OpenSystemInfo bool `json:"open_system_info"`
	// KeysRevoked refuses the API keys with 401. PrivateKey replaces the private key; it is never shown.
	KeysRevoked bool   `json:"keys_revoked"`
	PrivateKey  secret `json:"private_key"`
	// Denied are rights the API member's role lacks: "METHOD path-prefix", METHOD being * for any, or "CLOSE service/tickets"
	// for setting a closed status. Example: "POST procurement/catalog".
	Denied []string `json:"denied"`

	// RetryAfter goes with 429: seconds as text; "date" gives an HTTP date 30 seconds ahead, "none" leaves it out.
	RetryAfter string `json:"retry_after"`
	// ThrottleBody is json, html or text: the front end's answers are not always the application's.
	ThrottleBody string `json:"throttle_body"`

	// DuplicateIdentifier is refuse or copy0 (the new item is renamed).
	DuplicateIdentifier string `json:"duplicate_identifier"`
	// IdentifierLimit is the longest catalog identifier, 60 or 75 by release.
	IdentifierLimit int `json:"identifier_limit"`
	// CompanyIdentifierLimit is 25, 30 or 156 by release.
	CompanyIdentifierLimit int `json:"company_identifier_limit"`

	// IndexLag is how long a new record stays out of lists that are filtered.
	IndexLag control.Duration `json:"index_lag"`
	// PageCap is the largest page given out, 1,000 at most.
	PageCap int `json:"page_cap"`
	// ForwardOnly is on, or off for a server that ignores the header and sends no Link.
	ForwardOnly string `json:"forward_only"`
	// ForwardOnlyOrderBy is refuse (400) or ignore.
	ForwardOnlyOrderBy string `json:"forward_only_order_by"`
	// Unfilterable names fields that conditions refuse although lists show them: "procurement/types inactiveFlag".
	Unfilterable []string `json:"unfilterable"`
	// UnsetMembers is omit (newer servers) or null (older ones).
	UnsetMembers string `json:"unset_members"`

	// ClosingDeactivates makes a configuration's closed status switch its activeFlag off.
	ClosingDeactivates bool `json:"closing_deactivates"`
	// LinkFlags says how a document that is a link is marked: url, link or both.
	LinkFlags string `json:"link_flags"`
}

// secret is a text that JSON takes in but never gives out.
type secret string

// MarshalJSON says only whether there is one.
func (s secret) MarshalJSON() ([]byte, error) {
	if s == "" {
		return []byte(`"[not set]"`), nil
	}
	return []byte(`"[set]"`), nil
}

func (s secret) String() string { return "[redacted]" }

func defaultSettings() Settings {
	return Settings{
		Common:   control.Common{RatePerMinute: 1000},
		Codebase: "v2026_4", APIVersion: "2026.4", TimeZone: "America/New_York",
		WrongCompanyStatus: 404, MissingClientIDStatus: 401,
		RetryAfter: "30", ThrottleBody: "json",
		DuplicateIdentifier: "refuse", IdentifierLimit: 60, CompanyIdentifierLimit: 156,
		PageCap: 1000, ForwardOnly: "on", ForwardOnlyOrderBy: "refuse", UnsetMembers: "omit", LinkFlags: "url",
		Denied: []string{}, Unfilterable: []string{},
	}
}

// Validate names every setting that has no meaning.
func (s Settings) Validate() error {
	var errs []error
	oneOf := func(name, value string, allowed ...string) {
		if !slices.Contains(allowed, value) {
			errs = append(errs, fmt.Errorf("%s is one of %s, not %q", name, strings.Join(allowed, ", "), value))
		}
	}
	oneOf("wrong_company_status", strconv.Itoa(s.WrongCompanyStatus), "404", "401")
	oneOf("missing_client_id_status", strconv.Itoa(s.MissingClientIDStatus), "401", "403", "400")
	oneOf("throttle_body", s.ThrottleBody, "json", "html", "text")
	oneOf("duplicate_identifier", s.DuplicateIdentifier, "refuse", "copy0")
	oneOf("forward_only", s.ForwardOnly, "on", "off")
	oneOf("forward_only_order_by", s.ForwardOnlyOrderBy, "refuse", "ignore")
	oneOf("unset_members", s.UnsetMembers, "omit", "null")
	oneOf("link_flags", s.LinkFlags, "url", "link", "both")
	if s.PageCap < 1 || s.PageCap > 1000 {
		errs = append(errs, fmt.Errorf("page_cap is 1 to 1000, not %d", s.PageCap))
	}
	if s.IdentifierLimit < 1 || s.CompanyIdentifierLimit < 1 {
		errs = append(errs, errors.New("identifier_limit and company_identifier_limit are at least 1"))
	}
	if s.Codebase == "" || strings.Contains(s.Codebase, "/") {
		errs = append(errs, fmt.Errorf("codebase %q is one path element such as v2026_4", s.Codebase))
	}
	if s.IndexLag < 0 || s.Latency < 0 {
		errs = append(errs, errors.New("index_lag and latency cannot be negative"))
	}
	if _, err := time.LoadLocation(s.TimeZone); err != nil {
		errs = append(errs, fmt.Errorf("time_zone: %w", err))
	}
	return errors.Join(errs...)
}

// zones remembers time zones by name: each is otherwise read from the zone database for every request.
var zones sync.Map

// zone is the server's time zone; Validate has made sure that it exists.
func (s Settings) zone() *time.Location {
	if known, ok := zones.Load(s.TimeZone); ok {
		loc, _ := known.(*time.Location) // nothing else is stored
		return loc
	}
	loc, err := time.LoadLocation(s.TimeZone)
	if err != nil {
		return time.UTC
	}
	zones.Store(s.TimeZone, loc)
	return loc
}

// denies reports whether the role lacks the right to do this.
func (s Settings) denies(method, path string) bool {
	return slices.ContainsFunc(s.Denied, func(rule string) bool {
		verb, prefix, _ := strings.Cut(rule, " ")
		return (verb == "*" || strings.EqualFold(verb, method)) && under(path, prefix)
	})
}

// under reports whether path is prefix or lies below it.
func under(path, prefix string) bool {
	path, prefix = strings.ToLower(path), strings.ToLower(strings.Trim(prefix, "/"))
	return path == prefix || strings.HasPrefix(path, prefix+"/")
}
