package vendorspec

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
)

// Violation is a request or an answer that a description does not allow.
type Violation struct {
	// Method and Path are the request's; Part is "request" or "answer".
	Method, Path, Part string
	// Reason says what is wrong, for a person.
	Reason string
}

// String puts a violation on one line, or a few where several things are wrong.
func (v Violation) String() string {
	return fmt.Sprintf("%s of %s %s: %s", v.Part, v.Method, v.Path, v.Reason)
}

// Validator checks requests and answers against a description and remembers what it does not allow. It is safe for
// concurrent use and never changes the traffic. It reads bodies whole: it is for tests.
type Validator struct {
	router routers.Router
	path   func(string) (string, bool)

	mu         sync.Mutex
	violations []Violation
	checked    int
}

// NewValidator returns a validator for doc. path turns the path of a request into the one in the description and reports
// false for requests that the description does not cover, which are violations; nil leaves paths as they are.
func NewValidator(doc *openapi3.T, path func(string) (string, bool)) (*Validator, error) {
	router, err := legacy.NewRouter(doc)
	if err != nil {
		return nil, fmt.Errorf("route by the description: %w", err)
	}
	if path == nil {
		path = func(p string) (string, bool) { return p, true }
	}
	return &Validator{router: router, path: path}, nil
}

// Violations returns what was not allowed so far.
func (v *Validator) Violations() []Violation {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.violations)
}

// Checked returns how many requests were looked at, so that a test can tell "nothing wrong" from "nothing seen".
func (v *Validator) Checked() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.checked
}

// Transport checks what goes through next.
func (v *Validator) Transport(next http.RoundTripper) http.RoundTripper {
	return transport{validator: v, next: next}
}

type transport struct {
	validator *Validator
	next      http.RoundTripper
}

// Unwrap returns the transport that is checked.
func (t transport) Unwrap() http.RoundTripper { return t.next }

// RoundTrip implements [http.RoundTripper].
func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := take(&req.Body)
	if err != nil {
		return nil, err
	}
	input := t.validator.request(req, body)
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	answer, cut := take(&resp.Body)
	if cut == nil {
		t.validator.answer(input, req, resp.StatusCode, answer)
	} else { // not an answer to judge, and the client's to report
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(answer), failing{cut}))
	}
	return resp, nil
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// Middleware checks what next serves.
func (v *Validator) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := take(&req.Body)
		if err != nil {
			http.Error(w, "the request's body could not be read", http.StatusBadRequest)
			return
		}
		input := v.request(req, body)
		copied := &copying{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(copied, req)
		v.answer(input, req, copied.status, copied.body.Bytes())
	})
}

// copying passes an answer on and keeps a copy of it.
type copying struct {
	http.ResponseWriter
	status int
	wrote  bool
	body   bytes.Buffer
}

// WriteHeader implements [http.ResponseWriter].
func (c *copying) WriteHeader(status int) {
	if !c.wrote {
		c.status, c.wrote = status, true
	}
	c.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (c *copying) Write(p []byte) (int, error) {
	c.wrote = true
	c.body.Write(p)
	return c.ResponseWriter.Write(p)
}

// Unwrap lets [http.ResponseController] reach the connection, which fault switches cut.
func (c *copying) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// take reads a body whole and puts an unread copy in its place. With an error it returns what came before it.
func take(body *io.ReadCloser) ([]byte, error) {
	if *body == nil || *body == http.NoBody {
		return nil, nil
	}
	content, err := io.ReadAll(*body)
	_ = (*body).Close()
	*body = io.NopCloser(bytes.NewReader(content))
	return content, err
}

// request checks a request; the result, nil when there is no such operation, is needed to check its answer.
func (v *Validator) request(req *http.Request, body []byte) *openapi3filter.RequestValidationInput {
	v.mu.Lock()
	v.checked++
	v.mu.Unlock()
	path, covered := v.path(req.URL.Path)
	if !covered {
		v.note(req, "request", "there is no such path")
		return nil
	}
	described := req.Clone(req.Context())
	described.URL = &url.URL{Path: path, RawQuery: req.URL.RawQuery}
	described.Body = io.NopCloser(bytes.NewReader(body))
	if len(body) == 0 {
		described.Body = http.NoBody
	}
	route, params, err := v.router.FindRoute(described)
	if err != nil {
		v.note(req, "request", err.Error())
		return nil
	}
	input := &openapi3filter.RequestValidationInput{
		Request: described, PathParams: params, Route: route,
		Options: &openapi3filter.Options{MultiError: true, AuthenticationFunc: signedIn},
	}
	if err := openapi3filter.ValidateRequest(req.Context(), input); err != nil {
		v.note(req, "request", err.Error())
	}
	if len(body) > 0 && route.Operation.RequestBody == nil {
		v.note(req, "request", "it has a body where there is none")
	}
	for name := range described.URL.Query() {
		if route.Operation.Parameters.GetByInAndName("query", name) == nil {
			v.note(req, "request", fmt.Sprintf("there is no parameter %q", name))
		}
	}
	return input
}

// signedIn demands that a request which needs a sign-in carries one.
func signedIn(_ context.Context, in *openapi3filter.AuthenticationInput) error {
	scheme := in.SecurityScheme
	if scheme.Type == "apiKey" && scheme.In == "header" {
		if in.RequestValidationInput.Request.Header.Get(scheme.Name) == "" {
			return fmt.Errorf("header %s is missing", scheme.Name)
		}
		return nil
	}
	got := in.RequestValidationInput.Request.Header.Get("Authorization")
	if !strings.HasPrefix(strings.ToLower(got), strings.ToLower(scheme.Scheme)+" ") {
		return fmt.Errorf("the Authorization header is missing or not %s", scheme.Scheme)
	}
	return nil
}

// answer checks an answer. Failures are not judged: front ends answer in forms of their own.
func (v *Validator) answer(input *openapi3filter.RequestValidationInput, req *http.Request, status int, body []byte) {
	if input == nil || status < 200 || status > 299 {
		return
	}
	described := input.Route.Operation.Responses.Status(status)
	if described == nil {
		v.note(req, "answer", fmt.Sprintf("status %d is not described", status))
		return
	}
	media := described.Value.Content.Get("application/json")
	if media == nil {
		if len(body) > 0 {
			v.note(req, "answer", "it has a body where there is none")
		}
		return
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		v.note(req, "answer", "it is not JSON: "+err.Error())
		return
	}
	if err := media.Schema.Value.VisitJSON(value, openapi3.VisitAsResponse(), openapi3.MultiErrors()); err != nil {
		v.note(req, "answer", err.Error())
	}
}

func (v *Validator) note(req *http.Request, part, reason string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.violations = append(v.violations, Violation{Method: req.Method, Path: req.URL.Path, Part: part, Reason: reason})
}
