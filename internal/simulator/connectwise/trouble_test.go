package connectwise

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Rows 38 and 41: the throttle's answer, with the forms that a front end gives it.
func TestThrottle(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ settings, retryAfter, contentType, body string }{
		{`{"rate_per_minute":1}`, "^30$", "application/json", `{"error":"ConnectWiseAPI","message":"Too many requests. Please try again in 30 seconds."}`},
		{`{"rate_per_minute":1,"retry_after":"2"}`, "^2$", "application/json", "Too many requests"},
		{`{"rate_per_minute":1,"retry_after":"date","throttle_body":"html"}`, " GMT$", "text/html", "rate limited"},
		{`{"rate_per_minute":1,"retry_after":"none","throttle_body":"text"}`, "^$", "text/plain", "1015"},
	} {
		t.Run(tc.settings, func(t *testing.T) {
			t.Parallel()
			h := serve(t)
			h.settings(tc.settings)
			h.get("system/info").as(200)
			r := h.get("system/info").as(429)
			assert.Regexp(t, tc.retryAfter, r.header.Get("Retry-After"))
			assert.Contains(t, r.header.Get("Content-Type"), tc.contentType)
			assert.Contains(t, string(r.body), tc.body)
		})
	}
}

// Rows 39, 40, 42 and 43: what a fault rule makes of the API, and what of the write is left.
func TestFaultsOfTheAPI(t *testing.T) {
	t.Parallel()
	h := serve(t)
	types := func() int { return len(h.get("procurement/types").as(200).ids()) }
	before := types()

	h.sim(http.MethodPost, "faults", `{"method":"POST","path":"^procurement/types$","times":1,"drop":"after"}`).as(201)
	_, err := http.DefaultClient.Do(h.request(http.MethodPost, "procurement/types", `{"name":"lost answer"}`))
	require.Error(t, err)
	assert.Equal(t, before+1, types(), "accepted although nobody was told")

	h.sim(http.MethodPost, "faults", `{"method":"POST","path":"^procurement/types$","times":1,"drop":"before"}`).as(201)
	_, err = http.DefaultClient.Do(h.request(http.MethodPost, "procurement/types", `{"name":"lost request"}`))
	require.Error(t, err)
	assert.Equal(t, before+1, types())

	h.sim(http.MethodPost, "faults", `{"method":"POST","times":1,"status":500,"drop":"after","body":"{\"code\":\"ConnectWiseApi\",\"message\":\"Execution timeout expired.\"}"}`).as(201)
	assert.Contains(t, string(h.post("procurement/types", `{"name":"late"}`).as(500).body), "timeout")
	assert.Equal(t, before+2, types())

	h.sim(http.MethodPost, "faults", `{"query":"identifier=\"X\"","times":1,"status":503,"html":true}`).as(201)
	r := h.get("procurement/catalog", "conditions", `identifier="X"`).as(503)
	assert.Contains(t, r.header.Get("Content-Type"), "text/html")
	assert.Equal(t, "[]", string(h.get("procurement/catalog", "conditions", `identifier="X"`).as(200).body))

	log := h.sim(http.MethodGet, "requests", "").as(200).object()
	assert.InDelta(t, 3, log["counts"].(map[string]any)["POST"], 0)
	first := log["requests"].([]any)[0].(map[string]any)
	assert.Equal(t, "procurement/types", first["path"])
	assert.Equal(t, "msp+pub", first["caller"])
	assert.NotContains(t, string(h.sim(http.MethodGet, "requests", "").body), "priv")
}

func TestSettingsAreChecked(t *testing.T) {
	t.Parallel()
	h := serve(t)
	for _, bad := range []string{
		`{"wrong_company_status":500}`, `{"page_cap":1001}`, `{"page_cap":0}`, `{"time_zone":"Mars/Olympus"}`, `{"codebase":"a/b"}`,
		`{"index_lag":"-1s"}`, `{"duplicate_identifier":"rename"}`, `{"nonsense":1}`, `{"identifier_limit":0}`,
	} {
		h.sim(http.MethodPatch, "settings", bad).as(400)
	}
	_, err := New(Options{})
	require.Error(t, err)
}
