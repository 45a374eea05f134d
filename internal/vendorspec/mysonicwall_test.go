package vendorspec_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"causeway/internal/vendorspec"
)

func TestEveryLimitOfMySonicWallNamesItsSource(t *testing.T) {
	t.Parallel()
	doc, err := vendorspec.MySonicWall()
	require.NoError(t, err)
	limits := 0
	for name, ref := range doc.Components.Schemas {
		visitSchemas(name, ref, map[*openapi3.Schema]bool{}, func(where string, s *openapi3.Schema, _ string) {
			if s.MaxItems != nil || len(s.Required) > 0 {
				limits++
				assert.NotEmpty(t, s.Extensions["x-source"], "%s has a limit or required members without a source", where)
			}
		})
	}
	assert.Greater(t, limits, 5, "the description was walked")
}

func TestMySonicWallDescriptionFindsViolations(t *testing.T) {
	t.Parallel()
	const product = `{"operationStatus":"SUCCESS","content":{"rows":[{"serialNumber":"0017C5A1B2C3","productName":"TZ370","productLine":"FIREWALL","status":"ACTIVE"`
	for name, tc := range map[string]struct {
		path, key, answer string
		want              string // part of the violation, "" for none
	}{
		"no tenants":          {path: "/api/psa/v1/tenants?limit=100", key: "k", answer: `{"operationStatus":"SUCCESS","content":{"rows":[]}}`},
		"a failure under 200": {path: "/api/psa/v1/tenants", key: "k", answer: `{"operationStatus":"FAILURE","msgDesc":"busy"}`},
		"untidy values":       {path: "/api/psa/v1/tenants/7/products", key: "k", answer: product + `,"isTrial":"no","registeredOn":"11-Feb-25","more":1}]}}`},
		"no rows":             {path: "/api/psa/v1/tenants", key: "k", answer: `{"operationStatus":"SUCCESS","content":{}}`, want: `property "rows" is missing`},
		"no envelope":         {path: "/api/psa/v1/tenants", key: "k", answer: `{"rows":[]}`, want: "operationStatus"},
		"no key":              {path: "/api/psa/v1/account", answer: `{"operationStatus":"SUCCESS","content":{}}`, want: "X-API-KEY"},
		"too long a page":     {path: "/api/psa/v1/tenants?limit=101", key: "k", answer: `{"operationStatus":"FAILURE"}`, want: "limit"},
		"a strange parameter": {path: "/api/psa/v1/tenants?page=2", key: "k", answer: `{"operationStatus":"FAILURE"}`, want: `no parameter "page"`},
		"a strange tenant":    {path: "/api/psa/v1/tenants/x/products", key: "k", answer: `{"operationStatus":"FAILURE"}`, want: "productGroupID"},
		"a serial as number":  {path: "/api/psa/v1/tenants/7/products", key: "k", answer: `{"operationStatus":"SUCCESS","content":{"rows":[{"serialNumber":12,"productName":"x","productLine":"x","status":"ACTIVE"}]}}`, want: `/content/rows/0/serialNumber`},
		"a strange date":      {path: "/api/psa/v1/tenants/7/products", key: "k", answer: product + `,"registeredOn":"soon"}]}}`, want: `/content/rows/0/registeredOn`},
		"another place":       {path: "/psa/v1/account", key: "k", answer: `{}`, want: "there is no such path"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc, err := vendorspec.MySonicWall()
			require.NoError(t, err)
			validator, err := vendorspec.NewValidator(doc, vendorspec.MySonicWallPath)
			require.NoError(t, err)
			server := httptest.NewServer(validator.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, tc.answer)
			})))
			defer server.Close()
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+tc.path, nil)
			require.NoError(t, err)
			if tc.key != "" {
				req.Header.Set("X-API-KEY", tc.key)
			}
			res, err := server.Client().Do(req)
			require.NoError(t, err)
			require.NoError(t, res.Body.Close())
			server.Close() // waits until the answer was checked
			require.Equal(t, 1, validator.Checked())
			if tc.want == "" {
				require.Empty(t, validator.Violations())
				return
			}
			require.Len(t, validator.Violations(), 1)
			require.Contains(t, validator.Violations()[0].Reason, tc.want)
		})
	}
}
