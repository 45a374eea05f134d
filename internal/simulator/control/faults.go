package control

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Drop says when the connection of a faulty request is cut.
type Drop string

// The points at which a connection can be cut; "" leaves it alone. DropAfter together with a status means: carry it out, then
// answer that status all the same.
const (
	DropBefore Drop = "before"
	DropAfter  Drop = "after"
)

// Rule makes some requests go wrong. A request is touched by the first rule that matches it and is due.
type Rule struct {
	ID int `json:"id"`
	// Method matches any when empty; Path is a regular expression on the path below the API's base, without a leading slash;
	// Query is a substring of the query, percent-decoded or not.
	Method string `json:"method,omitempty"`
	Path   string `json:"path,omitempty"`
	Query  string `json:"query,omitempty"`
	// Skip lets so many matching requests pass first; Every touches only each so-manieth of the rest (0 and 1: all); Times
	// ends the rule after so many (0: never).
	Skip  int `json:"skip,omitempty"`
	Every int `json:"every,omitempty"`
	Times int `json:"times,omitempty"`
	// Status, Body, HTML and Header answer in the server's place; with all of them unset the request is carried out.
	Status int               `json:"status,omitempty"`
	Body   string            `json:"body,omitempty"`
	HTML   bool              `json:"html,omitempty"`
	Header map[string]string `json:"header,omitempty"`
	// Delay passes before the request is carried out, Late between that and its answer: the caller does not know yet what
	// is done already. A caller that leaves meanwhile ends either; during Delay its request is then not carried out.
	Delay Duration `json:"delay,omitzero"`
	Late  Duration `json:"late,omitzero"`
	Drop  Drop     `json:"drop,omitempty"`
	// Cut sends only so many bytes of the answer's body, then cuts the connection; 0 sends all.
	Cut int `json:"cut,omitempty"`

	// Matched and Applied count the requests that the rule fitted and those that it touched.
	Matched int `json:"matched"`
	Applied int `json:"applied"`

	path *regexp.Regexp
}

// answers reports whether the rule gives an answer of its own.
func (r *Rule) answers() bool { return r.Status != 0 || r.HTML || r.Body != "" }

func (r *Rule) prepare() error {
	var errs []error
	path, err := regexp.Compile(r.Path)
	if err != nil {
		errs = append(errs, fmt.Errorf("path: %w", err))
	}
	r.path = path
	if !slices.Contains([]Drop{"", DropBefore, DropAfter}, r.Drop) {
		errs = append(errs, fmt.Errorf("drop is \"\", %q or %q, not %q", DropBefore, DropAfter, r.Drop))
	}
	if r.Status != 0 && (r.Status < 200 || r.Status > 599) {
		errs = append(errs, fmt.Errorf("status %d is not an HTTP status between 200 and 599", r.Status))
	}
	if min(r.Skip, r.Every, r.Times, r.Cut) < 0 || min(r.Delay, r.Late) < 0 {
		errs = append(errs, errors.New("skip, every, times, cut, delay and late cannot be negative"))
	}
	if !r.answers() && r.Drop == "" && r.Cut == 0 && r.Delay == 0 && r.Late == 0 && len(r.Header) == 0 {
		errs = append(errs, errors.New("the rule does nothing: give status, body, html, header, delay, late, drop or cut"))
	}
	r.Method = strings.ToUpper(r.Method)
	return errors.Join(errs...)
}

func (r *Rule) fits(method, path, query, decoded string) bool {
	return (r.Method == "" || r.Method == method) && r.path.MatchString(path) &&
		(r.Query == "" || strings.Contains(query, r.Query) || strings.Contains(decoded, r.Query))
}

// due counts a matching request and reports whether the rule acts on it.
func (r *Rule) due() bool {
	if r.Times > 0 && r.Applied >= r.Times {
		return false
	}
	r.Matched++
	n := r.Matched - r.Skip
	if n <= 0 || (r.Every > 1 && n%r.Every != 0) {
		return false
	}
	r.Applied++
	return true
}

type faults struct {
	mu    sync.Mutex
	last  int
	rules []*Rule
}

func (f *faults) add(r Rule) (int, error) {
	r.Matched, r.Applied = 0, 0
	if err := r.prepare(); err != nil {
		return 0, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last++
	r.ID = f.last
	f.rules = append(f.rules, &r)
	return r.ID, nil
}

func (f *faults) list() []Rule {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make([]Rule, 0, len(f.rules))
	for _, r := range f.rules {
		all = append(all, *r)
	}
	return all
}

// remove ends one rule and reports whether it was there.
func (f *faults) remove(id int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	before := len(f.rules)
	f.rules = slices.DeleteFunc(f.rules, func(r *Rule) bool { return r.ID == id })
	return len(f.rules) < before
}

func (f *faults) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = nil
}

// pick returns a copy of the rule that acts on this request, if any.
func (f *faults) pick(method, path, query string) (Rule, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.rules) == 0 {
		return Rule{}, false
	}
	decoded, err := url.QueryUnescape(query)
	if err != nil {
		decoded = query
	}
	for _, r := range f.rules {
		if r.fits(method, path, query, decoded) && r.due() {
			return *r, true
		}
	}
	return Rule{}, false
}

// maintenancePage is what a front end says in the application's place.
const maintenancePage = "<!DOCTYPE html>\n<html><head><title>%d %s</title></head><body><h1>%s</h1>" +
	"<p>The service is temporarily unavailable. Please try again later.</p></body></html>\n"

// answer writes the rule's own answer.
func (r *Rule) answer(a *recorder) {
	status := r.Status
	if status == 0 {
		status = http.StatusOK
	}
	body, contentType := r.Body, "application/json; charset=utf-8"
	if r.HTML {
		contentType = "text/html; charset=utf-8"
		if body == "" {
			text := http.StatusText(status)
			body = fmt.Sprintf(maintenancePage, status, text, text)
		}
	}
	a.reset()
	if body != "" {
		a.Header().Set("Content-Type", contentType)
	}
	a.WriteHeader(status)
	_, _ = a.Write([]byte(body)) // into memory
}

// wait is the rule's delay, as time.
func (r *Rule) wait() time.Duration { return time.Duration(r.Delay) }
