package connectwise

import (
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"causeway/internal/vendorspec"
)

// Everything that Causeway reads or writes is answered as its description of the vendor's interface says.
func TestAnswersFitTheDescription(t *testing.T) {
	t.Parallel()
	doc, err := vendorspec.ConnectWise()
	require.NoError(t, err)
	validator, err := vendorspec.NewValidator(doc, vendorspec.ConnectWisePath)
	require.NoError(t, err)
	h := serve(t, func(o *Options) { o.Tenants = 20 })
	h.http.Close()
	h.http = httptest.NewServer(validator.Middleware(h.server))
	t.Cleanup(h.http.Close)
	h.base = h.http.URL + "/v4_6_release/apis/3.0/"

	h.do("GET", h.http.URL+"/login/companyinfo/msp", "").as(200)
	for _, path := range []string{
		"system/info", "system/members", "company/companies", "company/companies/253", "company/companies/statuses", "company/configurations",
		"company/configurations/1", "company/configurations/statuses", "company/configurations/types", "company/configurations/types/2/questions",
		"finance/agreements", "finance/agreements/108", "finance/agreements/types", "finance/agreements/108/additions",
		"finance/agreements/108/configurations", "finance/billingCycles", "finance/billingCycles/1", "procurement/catalog",
		"procurement/catalog/1", "procurement/types", "procurement/categories", "procurement/categories/1/subcategories/",
		"procurement/subcategories/", "service/boards", "service/boards/1", "service/boards/1/statuses", "service/priorities", "service/tickets",
	} {
		h.get(path).as(200)
		require.NoError(t, h.server.settings.Patch([]byte(`{"unset_members":"null"}`)))
		h.get(path).as(200)
		require.NoError(t, h.server.settings.Patch([]byte(`{"unset_members":"omit"}`)))
	}
	h.post("procurement/types", `{"name":"SonicWall"}`).as(201)
	category := h.post("procurement/categories", `{"name":"Cloud"}`).as(201).id()
	sub := h.post("procurement/subcategories/", fmt.Sprintf(`{"name":"Cloud Services","category":{"id":%d}}`, category)).as(201).id()
	item := h.post("procurement/catalog", fmt.Sprintf(`{"identifier":"SONICWALL_TZ270","description":"TZ270","customerDescription":"TZ270","type":{"id":5},
		"subcategory":{"id":%d},"productClass":"NonInventory","price":0,"cost":0}`, sub)).as(201).id()
	h.patch(at("procurement/catalog/{}", item), `[{"op":"replace","path":"description","value":"TZ 270"}]`).as(200)
	typ := h.post("company/configurations/types", `{"name":"Firewall"}`).as(201).id()
	question := h.post(at("company/configurations/types/{}/questions", typ), `{"question":"Support","fieldType":"Date","entryType":"Date","sequenceNumber":1}`).as(201).id()
	conf := h.post("company/configurations", fmt.Sprintf(`{"name":"fw","type":{"id":%d},"company":{"id":253},"serialNumber":"0017C5AA0001"}`, typ)).as(201).id()
	h.patch(at("company/configurations/{}", conf), fmt.Sprintf(`[{"op":"replace","path":"questions","value":[{"questionId":%d,"answer":"2027-05-04T00:00:00Z"}]}]`, question)).as(200)
	h.post("finance/agreements/108/configurations", fmt.Sprintf(`{"id":%d}`, conf)).as(201)
	h.do("DELETE", at("finance/agreements/108/configurations/{}", conf), "").as(204)
	line := h.post("finance/agreements/108/additions", fmt.Sprintf(`{"product":{"id":%d},"billCustomer":"Billable","quantity":3,
		"effectiveDate":"2026-12-01T00:00:00Z","serialNumber":"0017C5AA0001","invoiceDescription":"TZ 270"}`, item)).as(201).id()
	h.patch(at("finance/agreements/108/additions/{}", line), `[{"op":"replace","path":"cancelledDate","value":"2027-12-01T00:00:00Z"}]`).as(200)
	assert.Greater(t, validator.Checked(), 60)
	for _, v := range validator.Violations() {
		t.Error(v)
	}
}
