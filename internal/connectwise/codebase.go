package connectwise

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// CompanyInfo is what a server tells about a company without sign-in.
type CompanyInfo struct {
	CompanyName   string `json:"CompanyName"`
	CompanyID     string `json:"CompanyID"`
	Codebase      string `json:"Codebase"` // the version part of every address, "v2025_1/" or "v4_6_release/"
	VersionCode   string `json:"VersionCode"`
	VersionNumber string `json:"VersionNumber"`
	IsCloud       bool   `json:"IsCloud"`
}

// relookup is how long a code base that was just confirmed is not asked for again. Without it, a run over many records
// that are gone would look it up for each.
const relookup = time.Minute

// codebase remembers the looked-up base address. One look-up is made at a time; the others wait for it.
type codebase struct {
	turn chan struct{} // holds one token; whoever takes it may look up

	mu        sync.Mutex
	base      string
	confirmed time.Time // the last look-up that brought the base already known
}

func newCodebase() *codebase {
	b := &codebase{turn: make(chan struct{}, 1)}
	b.turn <- struct{}{}
	return b
}

func (b *codebase) known() (base string, confirmed time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.base, b.confirmed
}

func (b *codebase) learn(base string, at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.base == base {
		b.confirmed = at
	}
	b.base = base
}

// apiBase returns the address that paths are appended to, looking it up if need be.
func (c *Client) apiBase(ctx context.Context) (string, error) {
	return c.lookUpUnless(ctx, func(base string, _ time.Time) bool { return base != "" })
}

// apiBaseAfter returns the address to use after refused was not routed: the same one if nothing changed.
func (c *Client) apiBaseAfter(ctx context.Context, refused string) (string, error) {
	return c.lookUpUnless(ctx, func(base string, confirmed time.Time) bool {
		return base != "" && base != refused || time.Since(confirmed) < relookup
	})
}

func (c *Client) lookUpUnless(ctx context.Context, enough func(base string, confirmed time.Time) bool) (string, error) {
	if base, confirmed := c.codebase.known(); enough(base, confirmed) {
		return base, nil
	}
	select {
	case <-c.codebase.turn:
		defer func() { c.codebase.turn <- struct{}{} }()
	case <-ctx.Done():
		return "", c.fromFailure(ctx, c.companyInfoRequest(), ctx.Err())
	}
	if base, confirmed := c.codebase.known(); enough(base, confirmed) {
		return base, nil
	}
	info, err := c.CompanyInfo(ctx)
	if err != nil {
		return "", err
	}
	base := c.scheme + "://" + c.host + "/" + info.Codebase + "apis/3.0/"
	c.codebase.learn(base, time.Now())
	return base, nil
}

// misrouted reports an answer that a stale code base would explain: a 404 that is not about a record, or the router's
// own complaint.
func misrouted(err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return false
	}
	return e.Status == http.StatusNotFound && e.Kind != KindNotFound ||
		e.Status == http.StatusBadRequest && strings.Contains(strings.ToLower(e.Message), "cannot route")
}

func (c *Client) companyInfoRequest() request {
	return request{method: http.MethodGet, path: "login/companyinfo/" + url.PathEscape(c.company), anonymous: true}
}

// codebasePattern keeps a server from sending us anywhere else on its host.
var codebasePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}/?$`)

// CompanyInfo asks the server for the company's code base. The error's kind is KindWrongCompany when the server does not
// know the company (it answers null or 404) and KindNotConnectWise when what answers is something else. The call carries
// no keys.
func (c *Client) CompanyInfo(ctx context.Context) (CompanyInfo, error) {
	r := c.companyInfoRequest()
	ans, err := c.send(ctx, r, c.scheme+"://"+c.host+"/"+r.path, nil)
	if e, ok := errors.AsType[*Error](err); ok {
		return CompanyInfo{}, c.lookupFailed(ctx, e)
	}
	var info *CompanyInfo
	if err := decode(ans.body, &info); err != nil {
		return CompanyInfo{}, c.notConnectWise(r, ans, "it does not answer as ConnectWise does")
	}
	switch {
	case info == nil:
		e := c.newError(r)
		e.Kind, e.Status = KindWrongCompany, ans.status
		return CompanyInfo{}, e
	case !codebasePattern.MatchString(info.Codebase):
		return CompanyInfo{}, c.notConnectWise(r, ans, "it names no code base")
	}
	info.Codebase = strings.TrimSuffix(info.Codebase, "/") + "/"
	return *info, nil
}

func (c *Client) notConnectWise(r request, ans *answer, why string) *Error {
	e := c.notUnderstood(r, ans, errors.New(why))
	e.Kind = KindNotConnectWise
	return e
}

// lookupFailed tells a wrong company from a wrong server. A 404 alone does not: any web server answers so to a path that
// it does not have.
func (c *Client) lookupFailed(ctx context.Context, e *Error) error {
	switch {
	case e.Status == http.StatusNotFound && c.answersLikeConnectWise(ctx):
		e.Kind, e.Message = KindWrongCompany, ""
	case e.Status == http.StatusNotFound, e.Kind == KindProtocol, e.Kind == KindRejected && e.Code == "":
		e.Kind = KindNotConnectWise
	}
	return e
}

// answersLikeConnectWise asks for the system information without keys and looks at the manner of the refusal.
func (c *Client) answersLikeConnectWise(ctx context.Context) bool {
	r := request{method: http.MethodGet, path: "system/info", anonymous: true}
	address := c.scheme + "://" + c.host + "/v4_6_release/apis/3.0/" + r.path
	pass, err := c.limiter.acquire(ctx)
	if err != nil {
		return false
	}
	ans, _ := c.attempt(ctx, r, address, nil, 1)
	pass.done(ans != nil)
	if ans == nil {
		return false
	}
	var said struct {
		Code    string `json:"code"`
		Version string `json:"version"`
	}
	decoded := decode(ans.body, &said) == nil
	return ans.header.Get("X-Cw-Request-Id") != "" || ans.header.Get("Api-Current-Version") != "" ||
		strings.Contains(ans.header.Get("Content-Type"), "vnd.connectwise") ||
		bytes.Contains(bytes.ToLower(ans.body), []byte("cannot route")) ||
		decoded && (slices.Contains(errorCodes, said.Code) || said.Version != "")
}

// errorCodes are the top-level codes of ConnectWise's error bodies.
var errorCodes = []string{"ApiFindCondition", "ConnectWiseApi", "InvalidObject", "NotFound", "Security", "Unauthorized"}
