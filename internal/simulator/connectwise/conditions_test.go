package connectwise

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// configurations makes a known handful on an empty kind and returns their ids by name.
func configurations(h *harness) map[int]string {
	names := map[int]string{}
	for i, c := range []string{
		`"name":"fw-01","serialNumber":"0017C5AA0001","activeFlag":true,"installationDate":"2026-01-15T00:00:00Z","backupBillableSpaceGb":1.5`,
		`"name":"fw-02","serialNumber":"0017c5aa0002","activeFlag":false,"installationDate":"2026-06-01T00:00:00Z"`,
		`"name":"The \"big\" one","serialNumber":"18B1","type":{"id":2},"questions":[{"questionId":2,"answer":"2027-05-04T00:00:00Z"}]`,
		`"name":"100% used","serialNumber":"","status":{"name":"Closed"}`,
	} {
		body := `{"company":{"id":253},` + c
		if !strings.Contains(c, `"type"`) {
			body += `,"type":{"id":1}`
		}
		names[h.post("company/configurations", body+"}").as(201).id()] = fmt.Sprint(i + 1)
	}
	return names
}

// Conditions of the developer guide, each with the configurations (1 to 4, as made above) that it must find.
func TestConditions(t *testing.T) {
	t.Parallel()
	h := serve(t, func(o *Options) { o.Tenants = 1 })
	names := configurations(h)
	mine := " and id>=" + fmt.Sprint(minKey(names))
	for condition, want := range map[string]string{
		`name="fw-01"`: "1", `name='FW-01'`: "1", `NAME="fw-01"`: "1", `name!="fw-01"`: "2 3 4",
		`name like "fw%"`: "1 2", `name like "fw*"`: "1 2", `name="fw*"`: "1 2", `name!="fw*"`: "3 4", `name like "%02"`: "2", `name not like "fw%"`: "3 4",
		`name like "f%-%1"`: "1", `name like "fw-01"`: "1", `name contains "BIG"`: "3", `name not contains "fw"`: "3 4",
		`name="The \"big\" one"`: "3", `name='The "big" one'`: "3",
		`serialNumber="0017C5AA0002"`: "2", `serialNumber=""`: "4", `serialNumber in ("18B1","0017c5aa0001")`: "1 3", `serialNumber not in ("18B1")`: "1 2 4",
		`type/id=2`: "3", `type/id in (1,2)`: "1 2 3 4", `type/id in (2)`: "3", `type/name="server"`: "3", `company/identifier like "%"`: "1 2 3 4",
		`company/id=253 and type/id=1`: "1 2 4", `company/id=1`: "", `status/name="Closed"`: "4", `status/name!='Closed'`: "1 2 3",
		`activeFlag=true`: "1 3 4", `activeFlag=False`: "2", `activeFlag!=True`: "2",
		`installationDate>[2026-01-15T00:00:00Z]`: "2", `installationDate>=[2026-01-15]`: "1 2", `installationDate<[2026-05-01]`: "1",
		`installationDate=null`: "3 4", `installationDate!=null`: "1 2", `notes=null`: "1 2 3 4",
		`backupBillableSpaceGb=1.50`: "1", `backupBillableSpaceGb<1`: "2 3 4",
		`(name="fw-01" or name="fw-02") and activeFlag=false`: "2", `name="fw-01" or name="fw-02" and activeFlag=false`: "1 2",
		`name="fw-01" OR name="fw-02"`: "1 2", `((name="fw-01"))`: "1",
		`lastUpdated>=[2026-11-23T17:00:00Z]`: "1 2 3 4", `LastUpdated>[2026-11-23T17:00:00Z]`: "", `_info/updatedBy="causeway"`: "1 2 3 4",
		`id in (` + fmt.Sprint(minKey(names)) + `,99999)`: "1",
	} {
		t.Run(condition, func(t *testing.T) {
			t.Parallel()
			conditions := "(" + condition + ")" + mine
			got := h.get("company/configurations", "conditions", conditions, "orderBy", "id asc").as(200)
			var found []string
			for _, id := range got.ids() {
				found = append(found, names[id])
			}
			assert.Equal(t, want, strings.Join(found, " "))
			assert.InDelta(t, float64(len(found)), h.get("company/configurations/count", "conditions", conditions).as(200).object()["count"], 0)
		})
	}
}

func minKey(m map[int]string) int {
	least := 0
	for id := range m {
		if least == 0 || id < least {
			least = id
		}
	}
	return least
}

func TestChildAndCustomFieldConditions(t *testing.T) {
	t.Parallel()
	h := serve(t)
	configurations(h)
	all := len(h.get("company/companies", "pageSize", "1000").as(200).ids())
	assert.Len(t, h.get("company/companies", "pageSize", "1000", "childConditions", `types/name="customer"`).as(200).ids(), all)
	assert.Empty(t, h.get("company/companies", "childConditions", `types/name="Vendor"`).as(200).ids())
	assert.Len(t, h.get("company/configurations", "childConditions", `questions/answer>=[2027-01-01] and questions/question="Support until"`).as(200).ids(), 1)
	h.patch("company/companies/253", `[{"op":"add","path":"customFields","value":[{"id":1,"caption":"Region","type":"Text","entryMethod":"EntryField","value":"North"}]}]`).as(200)
	assert.Equal(t, []int{253}, h.get("company/companies", "customFieldConditions", `caption="Region" AND value="north"`).as(200).ids())
	assert.Empty(t, h.get("company/companies", "customFieldConditions", `caption="Region" AND value="South"`).as(200).ids())
}

func TestTicketConditions(t *testing.T) {
	t.Parallel()
	h := serve(t)
	id := h.send(ticketOf(`"externalXRef":"alert-1"`)(h)).as(201).id()
	h.send(ticketOf(`"externalXRef":"alert-2"`)(h)).as(201)
	conf := h.post("company/configurations", `{"name":"x","type":{"id":1},"company":{"id":253}}`).as(201).id()
	h.post(at("service/tickets/{}/configurations", id), fmt.Sprintf(`{"id":%d}`, conf)).as(201)
	for _, condition := range []string{
		`externalXRef="ALERT-1"`, fmt.Sprintf("configuration/id=%d", conf), `externalXRef="alert-1" and dateEntered>[2026-11-23T16:55:00Z]`,
	} {
		assert.Equal(t, []int{id}, h.get("service/tickets", "conditions", condition).as(200).ids(), condition)
		body := fmt.Sprintf(`{"conditions":%q,"orderBy":"id"}`, condition)
		assert.Equal(t, []int{id}, h.post("service/tickets/search", body).as(200).ids(), condition)
	}
	h.get("service/tickets", "conditions", fmt.Sprintf("configurations/id=%d", conf)).as(400)
	h.get("service/tickets", "conditions", `initialDescription="x"`).as(400)
}

func TestOrderAndFields(t *testing.T) {
	t.Parallel()
	h := serve(t)
	names := func(orderBy string) []string {
		var all []string
		for _, v := range h.get("service/priorities", "orderBy", orderBy, "fields", "name,nonsense").as(200).list() {
			require.Len(t, v, 1, "only what was asked for")
			all = append(all, v["name"].(string))
		}
		return all
	}
	assert.Equal(t, "Priority 4 - Scheduled Maintenance", names("sortOrder desc")[0])
	assert.Equal(t, "Priority 1 - Emergency", names("level,name desc")[0])
	h.get("service/priorities", "orderBy", "nonsense").as(400)
	h.get("service/priorities", "orderBy", "name sideways").as(400)

	one := h.get("company/companies/253", "fields", "id,status/name,_info/lastUpdated").as(200).object()
	assert.Equal(t, map[string]any{
		"id": 253.0, "status": map[string]any{"name": "Active"}, "_info": map[string]any{"lastUpdated": "2026-05-23T17:00:00Z"},
	}, one)
}

// A record stays out of filtered lists for the index lag; by id, and in lists without conditions, it is there at once.
func TestIndexLag(t *testing.T) {
	t.Parallel()
	h := serve(t)
	h.settings(`{"index_lag":"3m"}`)
	id := h.catalogItem("SLOW", "")
	agreement := h.agreement(`,"billStartDate":"2026-01-01T00:00:00Z","startDate":"2026-01-01T00:00:00Z","prorateFlag":true`)
	line := h.post(at("finance/agreements/{}/additions", agreement), fmt.Sprintf(`{"product":{"id":%d},"billCustomer":"Billable"}`, id)).as(201).id()
	search := func() []int { return h.get("procurement/catalog", "conditions", `identifier="SLOW"`).as(200).ids() }

	assert.Empty(t, search())
	assert.InDelta(t, 0, h.get("procurement/catalog/count", "conditions", `identifier="SLOW"`).as(200).object()["count"], 0)
	h.get(at("procurement/catalog/{}", id)).as(200)
	assert.Contains(t, h.get("procurement/catalog", "pageSize", "1000").as(200).ids(), id)
	assert.Equal(t, []int{line}, h.get(at("finance/agreements/{}/additions", agreement)).as(200).ids())
	assert.Empty(t, h.get(at("finance/agreements/{}/additions", agreement), "conditions", "id>0").as(200).ids())
	h.post("procurement/catalog", `{"identifier":"SLOW","description":"d","customerDescription":"c","type":{"id":1},"subcategory":{"id":1}}`).as(400)

	h.sim(http.MethodPut, "clock", `{"advance":"3m"}`).as(200)
	assert.Equal(t, []int{id}, search())
	assert.Equal(t, []int{line}, h.get(at("finance/agreements/{}/additions", agreement), "conditions", "id>0").as(200).ids())
}

func FuzzFilter(f *testing.F) {
	for _, seed := range []string{
		`name="x" and (id in (1,2) or not`, `a/b not like '%'`, `lastUpdated>[2026-01-01]`, `((((`, `name="\"`, "x\x00=1", `activeFlag!=null`, `id=--1`,
	} {
		f.Add(seed)
	}
	server, err := New(Options{Seed: 1, Tenants: 1, Now: func() time.Time { return noon }, Company: "c", PublicKey: "p", PrivateKey: "k"})
	require.NoError(f, err)
	k := kindOf("configuration")
	f.Fuzz(func(t *testing.T, text string) {
		started := time.Now()
		n, refused := parseFilter(text)
		if refused != nil || n == nil {
			return
		}
		compiled, refused := k.compile(n, nil)
		if refused != nil {
			require.Equal(t, 400, refused.status)
			return
		}
		server.store.read(server.settings.Get(), noon, func(q *reader) {
			whole := q.table(k)
			matching := 0
			for r := range whole.all() {
				if compiled.match(q, r) {
					matching++
				}
			}
			if compiled.narrow == nil {
				return
			}
			rows, ok := compiled.narrow(whole)
			if !ok {
				return
			}
			narrowed := 0
			for _, r := range rows {
				if compiled.match(q, r) {
					narrowed++
				}
			}
			require.Equal(t, matching, narrowed, "the index must not lose a match")
		})
		require.Less(t, time.Since(started), 5*time.Second)
	})
}
