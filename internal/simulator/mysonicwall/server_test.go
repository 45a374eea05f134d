package mysonicwall_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	simulator "causeway/internal/simulator/mysonicwall"
)

const (
	mainKey   = "key-of-the-main-account"
	secondKey = "key-of-the-second-account"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// bench is one simulator behind a real listener.
type bench struct {
	t      *testing.T
	server *simulator.Server
	http   *httptest.Server
	client *http.Client
}

func start(t *testing.T, change func(*simulator.Options)) *bench {
	t.Helper()
	o := simulator.Options{Seed: 1, Tenants: 20, APIKey: mainKey, SecondAPIKey: secondKey, Now: func() time.Time { return noon }}
	if change != nil {
		change(&o)
	}
	s, err := simulator.New(o)
	require.NoError(t, err)
	h := httptest.NewServer(s)
	t.Cleanup(func() { h.Close(); _ = s.Close() })
	client := h.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &bench{t, s, h, client}
}

type reply struct {
	status int
	header http.Header
	body   []byte
}

type envelope struct {
	OperationStatus string `json:"operationStatus"`
	MsgDesc         string `json:"msgDesc"`
	Content         struct {
		Rows       []map[string]any `json:"rows"`
		NextCursor string           `json:"nextCursor"`
		HasMore    string           `json:"hasMore"`
		TimeZone   string           `json:"timeZone"`
		AccessCode string           `json:"accessCode"`
		ArrTenants []struct {
			ProductGroupID string              `json:"productGroupID"`
			CloudServices  []map[string]string `json:"cloudServices"`
		} `json:"arrTenants"`
		UserName string `json:"userName"`
	} `json:"content"`
}

func (r reply) envelope(t *testing.T) envelope {
	t.Helper()
	var e envelope
	require.NoError(t, json.Unmarshal(r.body, &e), "%s", r.body)
	return e
}

func (b *bench) call(method, path, key string, body any) reply {
	b.t.Helper()
	var in io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		require.NoError(b.t, err)
		in = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.http.URL+path, in)
	require.NoError(b.t, err)
	if key != "" {
		req.Header.Set("X-API-KEY", key)
	}
	res, err := b.client.Do(req)
	require.NoError(b.t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(b.t, err)
	return reply{res.StatusCode, res.Header, text}
}

func (b *bench) get(path string) reply { return b.call("GET", path, mainKey, nil) }

func (b *bench) rows(path string) []map[string]any {
	b.t.Helper()
	var all []map[string]any
	for cursor := ""; ; {
		r := b.get(path + cursor)
		require.Equal(b.t, 200, r.status, "%s", r.body)
		e := r.envelope(b.t)
		require.Equal(b.t, "SUCCESS", e.OperationStatus)
		all = append(all, e.Content.Rows...)
		if e.Content.NextCursor == "" {
			return all
		}
		cursor = "&cursor=" + e.Content.NextCursor
	}
}

func (b *bench) edit(fields map[string]any) {
	b.t.Helper()
	r := b.call("POST", "/_sim/edit", "", fields)
	require.Equal(b.t, 200, r.status, "%s", r.body)
}

func (b *bench) set(fields map[string]any) {
	b.t.Helper()
	r := b.call("PATCH", "/_sim/settings", "", fields)
	require.Equal(b.t, 200, r.status, "%s", r.body)
}

func (b *bench) tenantIDs() []int {
	var ids []int
	for _, row := range b.rows("/api/psa/v1/tenants?limit=7") {
		ids = append(ids, int(row["productGroupID"].(float64)))
	}
	return ids
}

func serials(rows []map[string]any) []string {
	var out []string
	for _, r := range rows {
		out = append(out, r["serialNumber"].(string))
	}
	return out
}

func productsPath(tenant int) string {
	return fmt.Sprintf("/api/psa/v1/tenants/%d/products?limit=3", tenant)
}

func TestTwoAccountsAreStrangers(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	require.Equal(t, "America/Los_Angeles", b.get("/api/psa/v1/account").envelope(t).Content.TimeZone)
	second := b.call("GET", "/api/psa/v1/tenants", secondKey, nil).envelope(t).Content.Rows
	require.Len(t, second, 8)
	mine := b.tenantIDs()
	require.Len(t, mine, 20)
	foreign := int(second[0]["productGroupID"].(float64))
	require.NotContains(t, mine, foreign)
	require.Equal(t, 404, b.get(productsPath(foreign)).status)
}

func TestPagesAreCompleteAndSortedBySerial(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	for _, id := range b.tenantIDs() {
		whole := serials(b.get(fmt.Sprintf("/api/psa/v1/tenants/%d/products", id)).envelope(t).Content.Rows)
		require.Equal(t, whole, serials(b.rows(productsPath(id))))
		require.IsNonDecreasing(t, whole)
	}
}

func TestPagingRules(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	path := productsPath(b.tenantIDs()[0])
	for _, limit := range []string{"0", "101", "x", "-1"} {
		require.Equal(t, 400, b.get("/api/psa/v1/tenants?limit="+limit).status, limit)
	}
	cursor := b.get(path).envelope(t).Content.NextCursor
	require.NotEmpty(t, cursor)
	require.Equal(t, 400, b.get("/api/psa/v1/tenants?cursor="+cursor).status, "a cursor of another list")
	require.Equal(t, 400, b.get(path+"&cursor=nonsense").status)
	require.Equal(t, 200, b.call("PUT", "/_sim/clock", "", map[string]string{"advance": "61m"}).status)
	require.Equal(t, 410, b.get(path+"&cursor="+cursor).status)

	b.set(map[string]any{"page_cap": 5})
	require.Len(t, b.get("/api/psa/v1/tenants?limit=100").envelope(t).Content.Rows, 5)
	b.set(map[string]any{"page_cap": 100, "repeat_rows": 1})
	require.Len(t, b.rows("/api/psa/v1/tenants?limit=7"), 22, "20 and the last of each page but the last again")
}

func TestBadKeys(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	for _, key := range []string{"", "wrong"} {
		r := b.call("GET", "/api/psa/v1/tenants", key, nil)
		require.Equal(t, 401, r.status)
		require.Equal(t, "FAILURE", r.envelope(t).OperationStatus)
	}
	b.set(map[string]any{"bare_host": true})
	r := b.call("GET", "/api/psa/v1/tenants", "wrong", nil)
	require.Equal(t, 302, r.status)
	page := b.get(r.header.Get("Location"))
	require.Equal(t, 200, page.status)
	require.Contains(t, page.header.Get("Content-Type"), "text/html")
	b.set(map[string]any{"bare_host": false})
	for state, status := range map[string]int{"revoked": 401, "expired": 401, "out_of_scope": 403, "": 200} {
		b.edit(map[string]any{"op": "account.put", "keyState": state})
		require.Equal(t, status, b.get("/api/psa/v1/account").status, state)
		require.Equal(t, 200, b.call("GET", "/api/psa/v1/account", secondKey, nil).status, "the other account goes on")
	}
}

func TestFailureWithStatus200AndRateLimit(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	b.set(map[string]any{"failure": "SYSTEM BUSY"})
	r := b.get("/api/psa/v1/tenants")
	require.Equal(t, 200, r.status)
	require.Equal(t, "FAILURE", r.envelope(t).OperationStatus)
	require.Equal(t, "SYSTEM BUSY", r.envelope(t).MsgDesc)
	b.set(map[string]any{"failure": "", "rate_per_minute": 1, "retry_after": 7})
	r = b.get("/api/psa/v1/tenants")
	require.Equal(t, 429, r.status)
	require.Equal(t, "7", r.header.Get("Retry-After"))
}

func TestProductsMoveLeaveAndComeBack(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	ids := b.tenantIDs()
	from, to := ids[0], ids[1]
	all := serials(b.rows(productsPath(from)))
	moved, buried, deleted := all[0], all[1], all[2]

	b.edit(map[string]any{"op": "product.put", "productGroupID": from, "serialNumber": moved, "status": "ACTIVE", "friendlyName": "moving"})
	b.edit(map[string]any{"op": "product.move", "productGroupID": from, "serialNumber": moved, "to": to, "tombstone": true})
	b.edit(map[string]any{"op": "product.tombstone", "productGroupID": from, "serialNumber": buried})
	b.edit(map[string]any{"op": "product.delete", "productGroupID": from, "serialNumber": deleted})

	state := map[string]string{}
	for _, row := range b.rows(productsPath(from)) {
		state[row["serialNumber"].(string)] = row["status"].(string)
	}
	require.Equal(t, "TRANSFERRED", state[moved])
	require.Equal(t, "DELETED", state[buried])
	require.NotContains(t, state, deleted)
	require.Contains(t, serials(b.rows(productsPath(to))), moved)

	b.edit(map[string]any{"op": "product.put", "productGroupID": from, "serialNumber": deleted, "productName": "TZ470", "registeredOn": "2026-11-20"})
	b.edit(map[string]any{"op": "product.renew", "productGroupID": to, "serialNumber": moved, "until": "2031-05-01"})
	b.edit(map[string]any{"op": "tenant.put", "productGroupID": from, "name": "Müller & Søn"})
	b.edit(map[string]any{"op": "tenant.hide", "productGroupID": to})
	require.NotContains(t, b.tenantIDs(), to)
	require.Equal(t, 404, b.get(productsPath(to)).status)
	b.edit(map[string]any{"op": "tenant.show", "productGroupID": to})
	require.Contains(t, b.tenantIDs(), to)

	for _, bad := range []map[string]any{
		{"op": "product.fly"}, {"op": "product.move", "productGroupID": from, "serialNumber": "none", "to": to},
		{"op": "tenant.delete", "productGroupID": to}, {"op": "tenant.put", "productGroupID": from, "nmae": "typing mistake"},
		{"op": "tenant.hide", "account": "third", "productGroupID": to},
	} {
		require.Equal(t, 400, b.call("POST", "/_sim/edit", "", bad).status, "%v", bad)
	}
}

func TestEditsSurviveAKill(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "sub", "msw.jsonl")
	b := start(t, func(o *simulator.Options) { o.StateFile = file })
	id := b.tenantIDs()[2]
	serial := serials(b.rows(productsPath(id)))[0]
	b.edit(map[string]any{"op": "product.put", "productGroupID": id, "serialNumber": serial, "friendlyName": "kept"})
	b.edit(map[string]any{"op": "alert.raise", "productGroupID": id})
	before := b.call("GET", "/_sim/state", "", nil).body
	require.NotContains(t, string(before), mainKey)

	// A kill leaves the file as it is, perhaps with half a line.
	half, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = half.WriteString(`{"at":"2026-11-23T12:00:00Z","edit":{"op":"tenant.hi`)
	require.NoError(t, err)
	require.NoError(t, half.Close())

	again := start(t, func(o *simulator.Options) {
		o.StateFile, o.Tenants = file, 3
		o.Now = func() time.Time { return noon.AddDate(0, 0, 9) }
	})
	require.JSONEq(t, string(before), string(again.call("GET", "/_sim/state", "", nil).body))
	again.edit(map[string]any{"op": "tenant.put", "productGroupID": id, "name": "after the kill"})
	third := start(t, func(o *simulator.Options) { o.StateFile = file })
	require.Contains(t, string(third.call("GET", "/_sim/state", "", nil).body), "after the kill")

	require.Equal(t, 200, third.call("POST", "/_sim/reset", "", map[string]int{"seed": 2, "tenants": 4}).status)
	fourth := start(t, func(o *simulator.Options) { o.StateFile = file })
	require.Len(t, fourth.tenantIDs(), 4)
}

func TestUntidyRows(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	b.set(map[string]any{"numbers_as_text": true})
	id := b.get("/api/psa/v1/tenants").envelope(t).Content.Rows[0]["productGroupID"]
	require.IsType(t, "", id)
	path := "/api/psa/v1/tenants/" + id.(string) + "/products?"
	first := b.rows(path)[0]
	require.NotEqual(t, strings.ToUpper(first["isTrial"].(string)), first["isTrial"])

	b.edit(map[string]any{"op": "product.put", "productGroupID": 2300401, "serialNumber": first["serialNumber"],
		"style": map[string]bool{"portalDates": true}, "registeredOn": "2025-02-11",
		"raw": map[string]any{"tier": nil, "isBillable": 1, "extra": "x"}})
	row := b.rows(path)[0]
	require.Equal(t, "11-Feb-25", row["registeredOn"])
	require.Nil(t, row["tier"])
	require.EqualValues(t, 1, row["isBillable"])
	require.Equal(t, "x", row["extra"])
}

func TestAlertFeed(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	id := b.tenantIDs()[0]
	feed := func(cursor string) envelope {
		r := b.get("/api/psa/v1/alerts?source=CAPTURE_CLIENT&severity=critical,HIGH&limit=100&cursor=" + cursor)
		require.Equal(t, 200, r.status, "%s", r.body)
		return r.envelope(t)
	}
	b.edit(map[string]any{"op": "alert.burst", "count": 250})
	b.edit(map[string]any{"op": "alert.raise", "productGroupID": id, "severity": "Minor"})
	cursor, seen := "", 0
	for _, want := range []int{100, 100, 50} {
		page := feed(cursor)
		require.Len(t, page.Content.Rows, want)
		require.Equal(t, map[bool]string{true: "YES", false: "NO"}[seen+want < 250], page.Content.HasMore)
		seen, cursor = seen+want, page.Content.NextCursor
	}
	b.edit(map[string]any{"op": "alert.raise", "productGroupID": id, "alertId": "abc", "severity": "high"})
	b.edit(map[string]any{"op": "alert.close", "alertId": "abc", "updatedAt": "2026-11-01T00:00:00Z"})
	b.edit(map[string]any{"op": "alert.redeliver", "alertId": "abc"})
	b.edit(map[string]any{"op": "alert.reopen", "alertId": "abc"})
	rows := feed(cursor).Content.Rows
	require.Len(t, rows, 4)
	require.Equal(t, []any{"OPEN", "CLOSED", "CLOSED", "OPEN"}, []any{rows[0]["status"], rows[1]["status"], rows[2]["status"], rows[3]["status"]})
	require.Equal(t, rows[1]["seq"], rows[2]["seq"])
	require.Equal(t, "2026-11-01T00:00:00.000Z", rows[1]["updatedAt"])

	open := b.get("/api/psa/v1/alerts/open?productGroupID=" + fmt.Sprint(id)).envelope(t)
	require.Len(t, open.Content.Rows, 250/20+1+2)
	require.Empty(t, feed(open.Content.NextCursor).Content.Rows)

	require.Equal(t, 200, b.call("PUT", "/_sim/clock", "", map[string]string{"advance": "169h"}).status)
	old := b.get("/api/psa/v1/alerts?cursor=" + cursor)
	require.Equal(t, 410, old.status)
	require.Equal(t, "CURSOR_EXPIRED", old.envelope(t).MsgDesc)
	require.Empty(t, feed("").Content.Rows, "without a cursor the feed begins a day back")
}

func TestPublishedCalls(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	cloud := b.get("/api/hgms/get-cloud-tenants").envelope(t).Content
	require.Len(t, cloud.ArrTenants, 20)
	ratios := map[bool]bool{}
	for _, tenant := range cloud.ArrTenants {
		for _, tile := range tenant.CloudServices {
			ratios[tile["avaiableRatio"] == "-1"] = true
		}
	}
	require.Len(t, ratios, 2, "licensed and not")

	id := b.tenantIDs()[0]
	units := b.get(fmt.Sprintf("/api/hgms/get-firewalls?productGroupId=%d&userName=%s", id, cloud.UserName)).envelope(t).Content.Rows
	require.NotEmpty(t, units)
	info := b.get("/api/product/serviceInfo?serial=" + units[0]["serialNumber"].(string))
	require.Contains(t, string(info.body), `"serviceTypeList":[{`)
	require.NotContains(t, string(info.body), "operationStatus")

	require.Equal(t, "INVALID CLIENTID", b.call("POST", "/api/generate-cscaccesscode", mainKey, map[string]any{"tenantId": 1}).envelope(t).MsgDesc)
	withClient := 0
	for _, row := range b.rows("/api/psa/v1/tenants?") {
		if row["captureClientTenantId"] != nil {
			withClient = int(row["productGroupID"].(float64))
		}
	}
	code := func() string {
		return b.call("POST", "/api/generate-cscaccesscode", mainKey, map[string]any{"tenantId": fmt.Sprint(withClient)}).envelope(t).Content.AccessCode
	}
	var got struct {
		Token string `json:"token"`
	}
	require.NoError(t, json.Unmarshal(b.call("POST", "/api/auth/getApiToken?cscaccesscode="+code(), "", nil).body, &got))
	require.NotEmpty(t, got.Token)
	stale := code()
	b.call("PUT", "/_sim/clock", "", map[string]string{"advance": "6m"})
	require.Equal(t, 401, b.call("POST", "/api/auth/getApiToken?cscaccesscode="+stale, "", nil).status)
}
