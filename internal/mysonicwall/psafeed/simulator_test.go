package psafeed_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"causeway/internal/mysonicwall"
	"causeway/internal/mysonicwall/psafeed"
	"causeway/internal/simulator/estate"
	simulator "causeway/internal/simulator/mysonicwall"
	"causeway/internal/vendorspec"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// world is a simulator and a client of it, both held to the description.
type world struct {
	t         *testing.T
	sim       *simulator.Server
	url       string
	http      *http.Client
	client    *psafeed.Client
	validator *vendorspec.Validator
	estate    estate.Estate
}

func newWorld(t *testing.T, tenants int, change func(*mysonicwall.Config)) *world {
	t.Helper()
	w := &world{t: t, estate: estate.Generate(1, tenants, noon)}
	var err error
	w.sim, err = simulator.New(simulator.Options{
		Estate: &w.estate, APIKey: canary, SecondAPIKey: "second", Now: func() time.Time { return noon },
	})
	require.NoError(t, err)
	server := httptest.NewServer(w.sim)
	t.Cleanup(server.Close)
	w.url, w.http = server.URL, server.Client()
	doc, err := vendorspec.MySonicWall()
	require.NoError(t, err)
	w.validator, err = vendorspec.NewValidator(doc, vendorspec.MySonicWallPath)
	require.NoError(t, err)
	config := mysonicwall.Config{
		BaseURL: server.URL, APIKey: canary, HTTPClient: &http.Client{Transport: w.validator.Transport(server.Client().Transport)},
	}
	if change != nil {
		change(&config)
	}
	w.client, err = psafeed.New(config)
	require.NoError(t, err)
	return w
}

func (w *world) control(method, path string, body any) []byte {
	w.t.Helper()
	text, err := json.Marshal(body)
	require.NoError(w.t, err)
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.url+"/_sim/"+path, strings.NewReader(string(text)))
	require.NoError(w.t, err)
	res, err := w.http.Do(req)
	require.NoError(w.t, err)
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	require.NoError(w.t, err)
	require.Less(w.t, res.StatusCode, 300, "%s", answer)
	return answer
}

func (w *world) set(fields map[string]any)   { w.t.Helper(); w.control("PATCH", "settings", fields) }
func (w *world) fault(fields map[string]any) { w.t.Helper(); w.control("POST", "faults", fields) }
func (w *world) edit(fields map[string]any)  { w.t.Helper(); w.control("POST", "edit", fields) }

func (w *world) described() {
	w.t.Helper()
	require.Positive(w.t, w.validator.Checked())
	require.Empty(w.t, w.validator.Violations())
}

func (w *world) products(tenant int) []mysonicwall.Product {
	w.t.Helper()
	products, err := w.client.Products(w.t.Context(), strconv.Itoa(tenant))
	require.NoError(w.t, err)
	return products
}

func flag(b bool) mysonicwall.Flag {
	if b {
		return mysonicwall.Yes
	}
	return mysonicwall.No
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

// However untidily the rows are written, what is read is what the estate has.
func TestEstateComesThroughWhole(t *testing.T) {
	t.Parallel()
	for name, settings := range map[string]map[string]any{
		"as it is":        {},
		"numbers as text": {"numbers_as_text": true},
		"small pages":     {"page_cap": 3},
		"repeated rows":   {"page_cap": 4, "repeat_rows": 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 47, nil)
			w.set(settings)
			account, err := w.client.Account(t.Context())
			require.NoError(t, err)
			require.Equal(t, "America/Los_Angeles", account.TimeZone)
			require.Equal(t, "2027-11-18", account.KeyExpires.String())
			require.Equal(t, mysonicwall.Yes, account.SecureFirstPartner)
			require.Empty(t, account.Problems)

			tenants, err := w.client.Tenants(t.Context())
			require.NoError(t, err)
			require.Len(t, tenants, 47)
			for i, want := range w.estate.Tenants {
				got := tenants[i]
				require.Equal(t, strconv.Itoa(want.ID), got.ID)
				require.Equal(t, strings.TrimSpace(want.Name), got.Name, "any Unicode, any length, goes through unchanged")
				require.Equal(t, want.Name, got.RawName)
				require.Equal(t, flag(want.IsDefault), got.IsDefault)
				require.Equal(t, want.TimeZone, got.TimeZone)
				require.Equal(t, want.CaptureClientID, got.CaptureClientID)
				compareProducts(t, want.Products, w.products(want.ID))
			}
			w.described()
		})
	}
}

func compareProducts(t *testing.T, want []estate.Product, got []mysonicwall.Product) {
	t.Helper()
	require.Len(t, got, len(want))
	bySerial := map[string]mysonicwall.Product{}
	for _, p := range got {
		bySerial[p.Serial] = p
	}
	for _, e := range want {
		p := bySerial[e.Serial]
		require.Empty(t, p.Problems)
		require.Equal(t, e.Line, p.Line)
		require.Equal(t, strings.TrimSuffix(e.Tier, "NONE"), p.Tier)
		require.Equal(t, e.Status, string(p.Status))
		require.Equal(t, e.Name, p.RawName)
		require.NotRegexp(t, `[<>&]|  `, p.Name)
		require.Equal(t, flag(e.Trial), p.Trial)
		require.Equal(t, flag(e.Network), p.Network)
		require.Equal(t, map[estate.Billable]mysonicwall.Flag{"YES": mysonicwall.Yes, "NO": mysonicwall.No, "": mysonicwall.Unknown}[e.Billable], p.Billable)
		require.Equal(t, day(e.Registered), p.Registered.String())
		require.True(t, e.UpdatedAt.Equal(p.Updated))
		compareServices(t, e.Services, p.Services)
	}
}

func compareServices(t *testing.T, want []estate.Service, got []mysonicwall.Service) {
	t.Helper()
	require.Len(t, got, len(want))
	for i, e := range want {
		require.Equal(t, e.Name, got[i].Name)
		require.Equal(t, e.Status, got[i].Status)
		require.Equal(t, day(e.Expires), got[i].Expires.String())
		require.Equal(t, e.Quantity != nil, got[i].Quantity.Valid)
		if e.Quantity != nil {
			require.EqualValues(t, *e.Quantity, got[i].Quantity.Decimal.IntPart())
		}
		compareServices(t, e.Parts, got[i].Parts)
	}
}

func TestABadProductDoesNotFailItsTenant(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		raw    map[string]any
		want   string // in the product's problems
		serial string // "" where it cannot be known
	}{
		"date":             {map[string]any{"registeredOn": "soon"}, `registration date: "soon"`, "AAAAAAAAAAAA"},
		"flag":             {map[string]any{"isBillable": "perhaps"}, `billable: "perhaps"`, "AAAAAAAAAAAA"},
		"name missing":     {map[string]any{"productName": nil}, "product name", "AAAAAAAAAAAA"},
		"name of markup":   {map[string]any{"productName": "<b></b>"}, `"<b></b>" leaves no name`, "AAAAAAAAAAAA"},
		"name an object":   {map[string]any{"productName": map[string]int{"x": 1}}, "not a plain value", "AAAAAAAAAAAA"},
		"services a word":  {map[string]any{"serviceTypeList": "none"}, "serviceTypeList: it is a string", "AAAAAAAAAAAA"},
		"service's expiry": {map[string]any{"serviceTypeList": []any{map[string]any{"serviceTypeName": "EPSS", "expirydate": "31.12.2027"}}}, `expiry of service "EPSS": "31.12.2027"`, "AAAAAAAAAAAA"},
		"part's quantity": {map[string]any{"serviceTypeList": []any{map[string]any{"serviceTypeName": "EPSS",
			"serviceList": []any{map[string]any{"serviceName": "Seats", "quantity": "1,000"}}}}}, `quantity of sub-service "Seats": "1,000"`, "AAAAAAAAAAAA"},
		"parts a number":   {map[string]any{"serviceTypeList": []any{map[string]any{"serviceTypeName": "EPSS", "serviceList": 3}}}, "serviceList: it is a number", "AAAAAAAAAAAA"},
		"serial a number":  {map[string]any{"serialNumber": 17012345678}, "leading zeros", ""},
		"serial missing":   {map[string]any{"serialNumber": nil}, "not a serial number", ""},
		"serial in spaces": {map[string]any{"serialNumber": "AB CD"}, "not a serial number", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 1, nil)
			id := w.estate.Tenants[0].ID
			before := len(w.products(id))
			w.edit(map[string]any{"op": "product.put", "productGroupID": id, "serialNumber": "AAAAAAAAAAAA", "productName": "TZ370", "raw": tc.raw})
			products := w.products(id)
			require.Len(t, products, before+1)
			var bad []mysonicwall.Product
			for _, p := range products {
				if len(p.Problems) > 0 {
					bad = append(bad, p)
				}
			}
			require.Len(t, bad, 1)
			require.Equal(t, tc.serial, bad[0].Serial)
			require.Contains(t, strings.Join(bad[0].Problems, " "), tc.want)
			require.NotEmpty(t, bad[0].Raw)
		})
	}
}

func TestMissingIsUnknownAndOddIsRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, nil)
	id := w.estate.Tenants[0].ID
	w.edit(map[string]any{"op": "product.put", "productGroupID": id, "serialNumber": "AAAAAAAAAAAA", "productName": "TZ370",
		"raw": map[string]any{"serialNumber": " aaaaaaaaaaaa ", "isTrial": false, "isBillable": nil, "tier": "advanced", "registeredOn": 1739232000,
			"updatedAt": "yesterday", "serviceTypeList": []any{map[string]any{"serviceTypeName": "Seats", "quantity": -1, "expirydate": nil}}}})
	var got mysonicwall.Product
	for _, p := range w.products(id) {
		if p.Serial == "AAAAAAAAAAAA" {
			got = p
		}
	}
	require.Empty(t, got.Problems)
	require.Equal(t, mysonicwall.No, got.Trial)
	require.Equal(t, mysonicwall.Unknown, got.Billable)
	require.Equal(t, "ADVANCED", got.Tier)
	require.Equal(t, "2025-02-11", got.Registered.String())
	require.Len(t, got.Notes, 1)
	require.False(t, got.Services[0].Quantity.Valid, "-1 is not licensed, not a quantity")
	require.True(t, got.Services[0].Expires.IsZero())
}

func TestSerialsThatComeTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, nil)
	id := w.estate.Tenants[0].ID
	for i, serial := range []string{"AAAAAAAAAAA1", "AAAAAAAAAAA2", "AAAAAAAAAAA3"} {
		w.edit(map[string]any{"op": "product.put", "productGroupID": id, "serialNumber": serial, "productName": fmt.Sprint("Name ", i),
			"raw": map[string]any{"serialNumber": "AAAAAAAAAAAA"}})
	}
	var found []mysonicwall.Product
	for _, p := range w.products(id) {
		if p.Serial == "AAAAAAAAAAAA" {
			found = append(found, p)
		}
	}
	require.Len(t, found, 1)
	require.Equal(t, "Name 2", found[0].Name, "the last one stays")
	require.Contains(t, strings.Join(found[0].Problems, " "), "different rows")

	w.set(map[string]any{"page_cap": 1, "repeat_rows": 1})
	again := 0
	for _, p := range w.products(id) {
		if len(p.Notes) > 0 {
			again++
		}
	}
	require.Positive(t, again, "a row repeated as it was is noted and no problem")
}

func TestAccountsAndKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3, nil)
	second, err := psafeed.New(mysonicwall.Config{BaseURL: w.url, APIKey: "second"})
	require.NoError(t, err)
	theirs, err := second.Tenants(t.Context())
	require.NoError(t, err)
	require.Len(t, theirs, 8)
	_, err = w.client.Products(t.Context(), theirs[0].ID)
	e := isError(t, err)
	require.Equal(t, mysonicwall.KindNotFound, e.Kind)
	require.Equal(t, "GET psa/v1/tenants/"+theirs[0].ID+"/products error:404 NO SUCH PRODUCT GROUP", e.Error())

	for state, want := range map[string]mysonicwall.Kind{"revoked": mysonicwall.KindAuth, "expired": mysonicwall.KindAuth, "out_of_scope": mysonicwall.KindForbidden} {
		w.edit(map[string]any{"op": "account.put", "keyState": state})
		require.Equal(t, want, isError(t, w.client.Ping(t.Context())).Kind, state)
		require.NoError(t, second.Ping(t.Context()), "the other account goes on")
	}
	w.edit(map[string]any{"op": "account.put", "keyState": "revoked"})
	w.set(map[string]any{"bare_host": true})
	_, err = w.client.Tenants(t.Context())
	require.Equal(t, mysonicwall.KindAuth, isError(t, err).Kind, "a way to a login page is no empty list")
	require.Equal(t, 302, isError(t, err).Status)
}

func TestSimulatedFaults(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		rule map[string]any
		want mysonicwall.Kind
	}{
		"page":              {map[string]any{"html": true}, mysonicwall.KindProtocol},
		"maintenance":       {map[string]any{"status": 503, "html": true}, mysonicwall.KindUnavailable},
		"cut":               {map[string]any{"cut": 40}, mysonicwall.KindUnavailable},
		"dropped":           {map[string]any{"drop": "before"}, mysonicwall.KindUnavailable},
		"slow":              {map[string]any{"delay": "10s"}, mysonicwall.KindUnavailable},
		"failure under 200": {map[string]any{"status": 200, "body": `{"operationStatus":"FAILURE","msgDesc":"BUSY"}`}, mysonicwall.KindFailure},
		"no page after all": {map[string]any{"skip": 1, "status": 500}, mysonicwall.KindUnavailable},
		"cursor expired":    {map[string]any{"skip": 1, "status": 410, "body": `{"operationStatus":"FAILURE","msgDesc":"CURSOR_EXPIRED"}`}, mysonicwall.KindCursorExpired},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 3, func(c *mysonicwall.Config) { c.Timeout = time.Second })
			w.set(map[string]any{"page_cap": 2})
			tc.rule["path"] = "psa/v1/tenants"
			w.fault(tc.rule)
			tenants, err := w.client.Tenants(t.Context())
			require.Empty(t, tenants, "never part of a list")
			require.Equal(t, tc.want, isError(t, err).Kind, "%v", err)
		})
	}
}

// Many reads at once, every fifth of which is throttled, bring the same as
// calm ones, and no more calls than those throttled again.
func TestConcurrentReadsUnderThrottling(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 40, nil)
	w.fault(map[string]any{"every": 5, "status": 429, "body": `{"operationStatus":"FAILURE"}`, "header": map[string]string{"Retry-After": "0"}})
	got := make([][]mysonicwall.Product, len(w.estate.Tenants))
	errs := make([]error, len(got))
	var all sync.WaitGroup
	for i, tenant := range w.estate.Tenants {
		all.Go(func() {
			got[i], errs[i] = w.client.Products(context.WithoutCancel(t.Context()), strconv.Itoa(tenant.ID))
		})
	}
	all.Wait()
	for i, tenant := range w.estate.Tenants {
		require.NoError(t, errs[i])
		compareProducts(t, tenant.Products, got[i])
	}
	var log struct {
		Total int `json:"total"`
		Peak  int `json:"peak"`
	}
	require.NoError(t, json.Unmarshal(w.control("GET", "requests", nil), &log))
	require.LessOrEqual(t, log.Peak, mysonicwall.DefaultCallsAtOnce)
	require.Equal(t, 40+(log.Total/5), log.Total)
	require.NotContains(t, string(w.control("GET", "requests", nil)), canary)
	require.NotContains(t, string(w.control("GET", "state", nil)), canary)
	w.described()
}

func TestListThatShrinksAndTenantThatIsRenamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 5, nil)
	hidden := w.estate.Tenants[2].ID
	w.edit(map[string]any{"op": "tenant.hide", "productGroupID": hidden})
	w.edit(map[string]any{"op": "tenant.put", "productGroupID": w.estate.Tenants[0].ID, "name": " مؤسسة &amp; <i>Søn</i>  🌻 "})
	tenants, err := w.client.Tenants(t.Context())
	require.NoError(t, err)
	require.Len(t, tenants, 4)
	require.Equal(t, "مؤسسة & Søn 🌻", tenants[0].Name)
	_, err = w.client.Products(t.Context(), strconv.Itoa(hidden))
	require.Equal(t, mysonicwall.KindNotFound, isError(t, err).Kind)
}
