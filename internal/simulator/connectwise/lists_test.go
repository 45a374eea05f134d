package connectwise

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var linkPattern = regexp.MustCompile(`<([^>]*)>; rel="(\w+)"`)

// links reads a Link header: address by relation.
func links(header string) map[string]string {
	all := map[string]string{}
	for _, m := range linkPattern.FindAllStringSubmatch(header, -1) {
		all[m[2]] = m[1]
	}
	return all
}

func makeTypes(h *harness, n int) {
	for i := range n {
		h.post("procurement/types", fmt.Sprintf(`{"name":"type & %d"}`, i)).as(201)
	}
}

// Page size 25 unless asked for, never more than the cap; a page beyond the end is empty; links lead from page to page.
func TestPaging(t *testing.T) {
	t.Parallel()
	h := serve(t, func(o *Options) { o.Tenants = 0 })
	makeTypes(h, 60) // and four seeded ones
	assert.Len(t, h.get("procurement/types").as(200).ids(), 25)
	assert.Len(t, h.get("procurement/types", "pageSize", "5000").as(200).ids(), 64)
	assert.Equal(t, "[]", string(h.get("procurement/types", "page", "99").as(200).body))
	h.get("procurement/types", "page", "one").as(400)
	h.settings(`{"page_cap":30}`)
	assert.Len(t, h.get("procurement/types", "pageSize", "1000").as(200).ids(), 30)

	first := h.get("procurement/types", "pageSize", "20", "conditions", `name like "type & %"`, "orderBy", "id").as(200)
	link := links(first.header.Get("Link"))
	assert.NotContains(t, link, "prev")
	assert.NotContains(t, link, "first")
	require.Contains(t, link, "next")
	assert.True(t, strings.HasPrefix(link["next"], h.base), "absolute: %s", link["next"])
	assert.Contains(t, link["next"], "conditions=name%20like%20%22type%20%26%20%25%22")
	assert.NotRegexp(t, `%[0-9]?[A-F]`, link["next"], "lower-case hex")
	ids := first.ids()
	page := first
	for links(page.header.Get("Link"))["next"] != "" {
		page = h.do(http.MethodGet, links(page.header.Get("Link"))["next"], "").as(200)
		ids = append(ids, page.ids()...)
	}
	assert.Len(t, ids, 60)
	assert.Len(t, slices.Compact(slices.Sorted(slices.Values(ids))), 60)
	last := links(page.header.Get("Link"))
	assert.Contains(t, last, "first")
	assert.Contains(t, last, "prev")
	assert.NotContains(t, last, "next")
	assert.Equal(t, page.ids(), h.do(http.MethodGet, last["last"], "").as(200).ids())
	assert.Empty(t, h.get("procurement/categories").as(200).header.Get("Link"), "one page has no links")
}

// Forward-only paging goes by id; its Link header is there even at the end, then empty.
func TestForwardOnly(t *testing.T) {
	t.Parallel()
	h := serve(t, func(o *Options) { o.Tenants = 0 })
	makeTypes(h, 10)
	read := func(target string) result {
		r := h.request(http.MethodGet, target, "")
		r.Header.Set("pagination-type", "forward-only")
		return h.send(r).as(200)
	}
	var ids []int
	page := read("procurement/types?pageSize=4&page=3&conditions=" + "id%3E0")
	for {
		ids = append(ids, page.ids()...)
		require.Contains(t, page.header, "Link")
		next := links(page.header.Get("Link"))["next"]
		if next == "" {
			break
		}
		assert.Contains(t, next, "pageId=")
		page = read(next)
	}
	assert.Equal(t, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}, ids)

	h.settings(`{"forward_only_order_by":"ignore"}`)
	assert.Equal(t, []int{1, 2}, read("procurement/types?pageSize=2&orderBy=name%20desc").ids())
	h.settings(`{"forward_only":"off"}`)
	off := read("procurement/categories?pageSize=2&page=2")
	assert.Equal(t, []int{3}, off.ids(), "pages by number where it is not supported")
	assert.NotContains(t, links(off.header.Get("Link")), "next")
}

func TestHeadersAndVersions(t *testing.T) {
	t.Parallel()
	h := serve(t)
	r := h.request(http.MethodGet, "system/info", "")
	r.Header.Set("Accept", "application/vnd.connectwise.com+json; version=2022.1")
	info := h.send(r).as(200)
	assert.Equal(t, "application/vnd.connectwise.com+json; version=2022.1", info.header.Get("Content-Type"))
	assert.Equal(t, "2026.4", info.header.Get("Api-Current-Version"))
	assert.NotEmpty(t, info.header.Get("X-Cw-Request-Id"))
	assert.Equal(t, "application/vnd.connectwise.com+json; version=2026.4", h.get("system/info").header.Get("Content-Type"))
	for _, path := range []string{"procurement/subcategories/", "procurement/subcategories", "PROCUREMENT//SubCategories", "procurement/categories/1/subcategories/"} {
		assert.NotEmpty(t, h.get(path).as(200).ids(), path)
	}
	h.do(http.MethodGet, h.http.URL+"/v2026_4/apis/3.0/system/info", "").as(200)
}

func TestCompanyInfo(t *testing.T) {
	t.Parallel()
	h := serve(t)
	info := h.do(http.MethodGet, h.http.URL+"/login/companyinfo/msp", "").as(200).object()
	assert.Equal(t, "v2026_4/", info["Codebase"])
	assert.Equal(t, "msp", info["CompanyID"])
	assert.Equal(t, false, info["IsCloud"])
	assert.Equal(t, "null", string(h.do(http.MethodGet, h.http.URL+"/login/companyinfo/nobody", "").as(200).body))
	h.settings(`{"codebase":"v2027_1","cloud":true}`)
	assert.Equal(t, "v2027_1/", h.do(http.MethodGet, h.http.URL+"/login/companyinfo/msp", "").as(200).object()["Codebase"])
	h.do(http.MethodGet, h.http.URL+"/v2026_4/apis/3.0/system/info", "").as(400)
	h.do(http.MethodGet, h.http.URL+"/v4_6_release/apis/3.0/system/info", "").as(200)
}

// Rights bind per method and path; setting a closed status is a right of its own; people at a screen have them all.
func TestRights(t *testing.T) {
	t.Parallel()
	h := serve(t)
	h.settings(`{"denied":["POST procurement/catalog","* service/priorities","CLOSE service/tickets"]}`)
	h.get("procurement/catalog").as(200)
	h.send(itemNamed(5)(h)).as(403)
	h.get("service/priorities").as(403)
	h.get("service/priorities/1").as(403)
	ticket := h.send(ticketOf(`"board":{"id":1}`)(h)).as(201).id()
	closing := `[{"op":"replace","path":"status","value":{"name":"Closed"}}]`
	h.patch(at("service/tickets/{}", ticket), closing).as(403)
	h.patch(at("service/tickets/{}", ticket), `[{"op":"replace","path":"summary","value":"other"}]`).as(200)
	h.sim(http.MethodPost, "edit", fmt.Sprintf(`{"method":"PATCH","path":"service/tickets/%d","body":%s,"by":"dmiller"}`, ticket, closing)).as(200)
	got := h.get(at("service/tickets/{}", ticket)).as(200).object()
	assert.Equal(t, true, got["closedFlag"])
	assert.Equal(t, "dmiller", got["closedBy"])
	assert.Equal(t, "dmiller", got["_info"].(map[string]any)["updatedBy"])

	h.settings(`{"open_system_info":true}`)
	r := h.request(http.MethodGet, "system/info", "")
	r.Header.Del("Authorization")
	h.send(r).as(200)
	h.settings(`{"private_key":"new"}`)
	h.get("system/members").as(401)
	assert.NotContains(t, string(h.sim(http.MethodGet, "settings", "").body), "new")
}

func TestUnsetMembers(t *testing.T) {
	t.Parallel()
	h := serve(t)
	id := h.post("company/configurations", `{"name":"x","type":{"id":2},"company":{"id":253}}`).as(201)
	body := string(id.body)
	for _, part := range []string{
		`"modelNumber":""`, `"backupBillableSpaceGb":0.00`, `"activeFlag":true`, `"sequenceNumber":1.00`, `"questionId":1`,
		`"status":{"id":1,"name":"Active","_info":{"status_href":"` + h.base + `company/configurations/statuses/1"}}`,
	} {
		assert.Contains(t, body, part)
	}
	for _, part := range []string{"warrantyExpirationDate", `"vendor"`, `"answer":`} {
		assert.NotContains(t, body, part)
	}
	h.settings(`{"unset_members":"null"}`)
	body = string(h.get(at("company/configurations/{}", id.id())).as(200).body)
	assert.Contains(t, body, `"warrantyExpirationDate":null`)
	assert.Contains(t, body, `"answer":null`)
}
