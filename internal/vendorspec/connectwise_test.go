package vendorspec_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"causeway/internal/vendorspec"
)

func TestEveryLimitNamesItsSource(t *testing.T) {
	t.Parallel()
	doc, err := vendorspec.ConnectWise()
	require.NoError(t, err)
	seen := 0
	for name, ref := range doc.Components.Schemas {
		visitSchemas(name, ref, map[*openapi3.Schema]bool{}, func(where string, s *openapi3.Schema, parent string) {
			if s.MaxLength != nil || len(s.Required) > 0 {
				seen++
				assert.NotEmpty(t, s.Extensions["x-source"], "%s (%s) has a limit or required members without a source", where, parent)
			}
		})
	}
	for name, parameter := range doc.Components.Parameters {
		if parameter.Value.In != "path" && (parameter.Value.Required || parameter.Value.Schema.Value.Max != nil) {
			seen++
			assert.NotEmpty(t, parameter.Value.Extensions["x-source"], "parameter %s has a limit without a source", name)
		}
	}
	assert.Greater(t, seen, 30, "the description was walked")
}

func visitSchemas(where string, ref *openapi3.SchemaRef, seen map[*openapi3.Schema]bool, visit func(where string, s *openapi3.Schema, parent string)) {
	if ref == nil || ref.Value == nil || seen[ref.Value] {
		return
	}
	seen[ref.Value] = true
	visit(where, ref.Value, ref.Ref)
	for name, property := range ref.Value.Properties {
		visitSchemas(where+"."+name, property, seen, visit)
	}
	visitSchemas(where+"[]", ref.Value.Items, seen, visit)
}

func TestValidatorFindsViolations(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		method, path, body string
		header             http.Header
		status             int
		answer             string
		want               string // part of the violation, "" for none
	}{
		"a list":               {path: "/v1/apis/3.0/company/companies?page=1&pageSize=1000", answer: `[{"id":1,"unknown":true,"name":null}]`},
		"another place":        {path: "/elsewhere", answer: `[]`, want: "there is no such path"},
		"an unknown operation": {path: "/v1/apis/3.0/company/contacts", answer: `[]`, want: "no matching operation"},
		"a page too large":     {path: "/v1/apis/3.0/company/companies?pageSize=1001", answer: `[]`, want: "pageSize"},
		"an unknown parameter": {path: "/v1/apis/3.0/company/companies?filter=x", answer: `[]`, want: `no parameter "filter"`},
		"no client id":         {path: "/v1/apis/3.0/company/companies", header: http.Header{"Authorization": {"Basic eA=="}}, answer: `[]`, want: "clientId"},
		"no sign-in":           {path: "/v1/apis/3.0/company/companies", header: http.Header{"Clientid": {"x"}}, answer: `[]`, want: "Authorization"},
		"a row without id":     {path: "/v1/apis/3.0/company/companies", answer: `[{"name":"x"}]`, want: "id"},
		"a number as text":     {path: "/v1/apis/3.0/company/companies", answer: `[{"id":"1"}]`, want: "id"},
		"a web page":           {path: "/v1/apis/3.0/company/companies", answer: `<html>`, want: "not JSON"},
		"a failure":            {path: "/v1/apis/3.0/company/companies", status: 500, answer: `<html>`},
		"an unknown member": {method: "POST", path: "/v1/apis/3.0/procurement/types", status: 201,
			body: `{"name":"x","colour":"red"}`, answer: `{"id":1}`, want: "colour"},
		"a name too long": {method: "POST", path: "/v1/apis/3.0/procurement/types", status: 201,
			body: `{"name":"` + strings.Repeat("x", 51) + `"}`, answer: `{"id":1}`, want: "maximum string length"},
		"a member missing": {method: "POST", path: "/v1/apis/3.0/finance/agreements/7/additions", status: 201,
			body: `{"product":{"id":3}}`, answer: `{"id":1}`, want: "billCustomer"},
		"an object for a patch": {method: "PATCH", path: "/v1/apis/3.0/finance/agreements/7/additions/8",
			body: `{"op":"replace","path":"quantity","value":2}`, answer: `{"id":8}`, want: "array"},
		"a patch": {method: "PATCH", path: "/v1/apis/3.0/finance/agreements/7/additions/8",
			body: `[{"op":"replace","path":"quantity","value":2},{"op":"remove","path":"cancelledDate"}]`, answer: `{"id":8}`},
		"a path with a slash at its end": {path: "/v1/apis/3.0/procurement/subcategories/", answer: `[]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, side := range []string{"transport", "middleware"} {
				got := violationsOf(t, side, tc.method, tc.path, tc.body, tc.header, tc.status, tc.answer)
				if tc.want == "" {
					assert.Empty(t, got, side)
					continue
				}
				require.NotEmpty(t, got, side)
				assert.Contains(t, fmt.Sprint(got), tc.want, side)
			}
		})
	}
}

var connectwiseOnce = sync.OnceValues(vendorspec.ConnectWise)

// violationsOf sends one request through the validator on one side and checks that the answer arrives unchanged.
func violationsOf(t *testing.T, side, method, path, body string, header http.Header, status int, answer string) []vendorspec.Violation {
	t.Helper()
	doc, err := connectwiseOnce()
	require.NoError(t, err)
	validator, err := vendorspec.NewValidator(doc, vendorspec.ConnectWisePath)
	require.NoError(t, err)
	if status == 0 {
		status = http.StatusOK
	}
	var handler http.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(answer))
	})
	transport := http.DefaultTransport
	if side == "middleware" {
		handler = validator.Middleware(handler)
	} else {
		transport = validator.Transport(transport)
	}
	server := httptest.NewServer(handler)
	defer server.Close()
	if method == "" {
		method = http.MethodGet
	}
	req, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body))
	require.NoError(t, err)
	if body == "" {
		req.Body = http.NoBody
	}
	req.Header = http.Header{"Clientid": {"x"}, "Authorization": {"Basic eA=="}}
	if header != nil {
		req.Header = header
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := transport.RoundTrip(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, resp.Body.Close()) }()
	received, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.Equal(t, status, resp.StatusCode)
	assert.Equal(t, answer, string(received))
	assert.Equal(t, 1, validator.Checked())
	return validator.Violations()
}
