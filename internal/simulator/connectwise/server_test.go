package connectwise

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// noon is the simulated present of these tests.
var noon = time.Date(2026, 11, 23, 17, 0, 0, 0, time.UTC)

// harness is a server of a test's own, with an HTTP client that signs in.
type harness struct {
	t      *testing.T
	server *Server
	http   *httptest.Server
	header http.Header
	base   string
}

func serve(t *testing.T, change ...func(*Options)) *harness {
	t.Helper()
	o := Options{
		Seed: 1, Tenants: 3, Now: func() time.Time { return noon },
		Company: "msp", PublicKey: "pub", PrivateKey: "priv", ClientID: "11111111-2222-3333-4444-555555555555", RatePerMinute: -1,
	}
	for _, c := range change {
		c(&o)
	}
	s, err := New(o)
	require.NoError(t, err)
	h := &harness{t: t, server: s, http: httptest.NewServer(s), header: http.Header{}}
	t.Cleanup(h.http.Close)
	h.base = h.http.URL + "/v4_6_release/apis/3.0/"
	request, _ := http.NewRequest(http.MethodGet, h.base, nil)
	request.SetBasicAuth("msp+pub", "priv")
	h.header.Set("Authorization", request.Header.Get("Authorization"))
	h.header.Set("clientId", o.ClientID)
	return h
}

// result is an answer with its body read.
type result struct {
	t      *testing.T
	status int
	header http.Header
	body   []byte
}

func (r result) object() map[string]any {
	r.t.Helper()
	var v map[string]any
	require.NoError(r.t, json.Unmarshal(r.body, &v), string(r.body))
	return v
}

func (r result) list() []map[string]any {
	r.t.Helper()
	var v []map[string]any
	require.NoError(r.t, json.Unmarshal(r.body, &v), string(r.body))
	return v
}

func (r result) id() int { return int(r.object()["id"].(float64)) }

// ids are the ids of a list, in order.
func (r result) ids() []int {
	var ids []int
	for _, v := range r.list() {
		ids = append(ids, int(v["id"].(float64)))
	}
	return ids
}

// as requires the status, showing the answer where it is another.
func (r result) as(status int) result {
	r.t.Helper()
	require.Equal(r.t, status, r.status, string(r.body))
	return r
}

func (h *harness) send(request *http.Request) result {
	h.t.Helper()
	response, err := http.DefaultClient.Do(request)
	require.NoError(h.t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(h.t, err)
	return result{h.t, response.StatusCode, response.Header, body}
}

func (h *harness) request(method, path, body string) *http.Request {
	h.t.Helper()
	target := path
	if !strings.HasPrefix(path, "http") {
		target = h.base + path
	}
	request, err := http.NewRequestWithContext(h.t.Context(), method, target, strings.NewReader(body))
	require.NoError(h.t, err)
	request.Header = h.header.Clone()
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	return request
}

func (h *harness) do(method, path, body string) result {
	h.t.Helper()
	return h.send(h.request(method, path, body))
}

func (h *harness) get(path string, pairs ...string) result {
	h.t.Helper()
	if len(pairs) > 0 {
		path += "?" + encodeQuery(pairs...)
	}
	return h.do(http.MethodGet, path, "")
}

func encodeQuery(pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v.Encode()
}

func (h *harness) post(path, body string) result {
	h.t.Helper()
	return h.do(http.MethodPost, path, body)
}
func (h *harness) patch(path, body string) result {
	h.t.Helper()
	return h.do(http.MethodPatch, path, body)
}

// sim calls the simulator's controls.
func (h *harness) sim(method, path, body string) result {
	h.t.Helper()
	request, err := http.NewRequestWithContext(h.t.Context(), method, h.http.URL+"/_sim/"+path, bytes.NewReader([]byte(body)))
	require.NoError(h.t, err)
	return h.send(request)
}

func (h *harness) settings(body string) {
	h.t.Helper()
	h.sim(http.MethodPatch, "settings", body).as(200)
}

// The records that most tests need, made through the API.

func (h *harness) catalogItem(identifier, more string) int {
	h.t.Helper()
	return h.post("procurement/catalog", `{"identifier":"`+identifier+`","description":"d","customerDescription":"c",
		"type":{"name":"Software"},"subcategory":{"name":"Subscriptions"}`+more+`}`).as(201).id()
}

// agreement makes an agreement of a seeded company; more are further members.
func (h *harness) agreement(more string) int {
	h.t.Helper()
	company := h.get("company/companies", "pageSize", "1", "orderBy", "id").as(200).list()[0]
	contact := company["defaultContact"].(map[string]any)["id"]
	return h.post("finance/agreements", `{"name":"A","type":{"name":"Managed Services"},"company":{"id":`+text(company["id"])+`},
		"contact":{"id":`+text(contact)+`}`+more+`}`).as(201).id()
}

func text(v any) string { return strconv.Itoa(int(v.(float64))) }

func at(path string, id int) string { return strings.Replace(path, "{}", strconv.Itoa(id), 1) }

// upload is a multipart request; a file is added when content is given.
func (h *harness) upload(parts map[string]string, content string) *http.Request {
	h.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, value := range parts {
		require.NoError(h.t, form.WriteField(name, value))
	}
	if content != "" {
		file, err := form.CreateFormFile("file", "note.txt")
		require.NoError(h.t, err)
		_, err = io.WriteString(file, content)
		require.NoError(h.t, err)
	}
	require.NoError(h.t, form.Close())
	request := h.request(http.MethodPost, "system/documents", body.String())
	request.Header.Set("Content-Type", form.FormDataContentType())
	return request
}

// newTestServer serves a server that another test server served before.
func newTestServer(h *harness) *httptest.Server {
	again := httptest.NewServer(h.server)
	h.t.Cleanup(again.Close)
	return again
}
