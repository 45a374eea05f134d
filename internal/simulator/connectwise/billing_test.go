package connectwise

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const began = `,"startDate":"2026-01-01T00:00:00Z","billStartDate":"2026-11-01T00:00:00Z","nextInvoiceDate":"2026-12-01T00:00:00Z"`

// The status follows from the flag and the dates, on the agreement, on its additions and in conditions.
func TestAgreementStatus(t *testing.T) {
	t.Parallel()
	for members, want := range map[string]string{
		began:                                 "Active",
		`,"startDate":"2026-12-01T00:00:00Z"`: "Inactive",
		`,"startDate":"2026-01-01T00:00:00Z","endDate":"2026-11-22T00:00:00Z"`: "Expired",
		`,"startDate":"2026-01-01T00:00:00Z","endDate":"2026-11-23T00:00:00Z"`: "Active",
		`,"cancelledFlag":true`: "Cancelled",
		`,"cancelledFlag":true,"dateCancelled":"2026-12-31T00:00:00Z"`:                             "Active",
		`,"dateCancelled":"2026-11-01T00:00:00Z","startDate":"2026-01-01T00:00:00Z"`:               "Cancelled",
		`,"startDate":"2026-01-01T00:00:00Z","parentAgreement":{"id":108},"billingCycle":{"id":1}`: "Active",
	} {
		t.Run(members, func(t *testing.T) {
			t.Parallel()
			h := serve(t)
			id := h.agreement(members)
			got := h.get(at("finance/agreements/{}", id)).as(200).object()
			assert.Equal(t, want, got["agreementStatus"])
			_, ends := got["endDate"]
			assert.Equal(t, !ends, got["noEndingDateFlag"])
			found := h.get("finance/agreements", "conditions", fmt.Sprintf(`agreementStatus="%s" and id=%d`, want, id)).as(200).ids()
			assert.Equal(t, []int{id}, found)
			h.patch(at("finance/agreements/{}", id), `[{"op":"replace","path":"agreementStatus","value":"Expired"}]`).as(200)
			assert.Equal(t, want, h.get(at("finance/agreements/{}", id)).as(200).object()["agreementStatus"], "it cannot be set")
		})
	}
}

// What the product says is copied when the line is made; later changes do not reach it.
func TestAdditionCopiesTheProduct(t *testing.T) {
	t.Parallel()
	h := serve(t)
	item := h.catalogItem("COPY", `,"price":12.5,"cost":4,"taxableFlag":true`)
	lines := at("finance/agreements/{}/additions", h.agreement(began+`,"prorateFlag":true`))
	first := h.post(lines, fmt.Sprintf(`{"product":{"id":%d},"billCustomer":"Billable","quantity":10,"lessIncluded":2}`, item)).as(201)
	got := first.object()
	for name, want := range map[string]any{
		"unitPrice": 12.5, "unitCost": 4.0, "description": "d", "invoiceDescription": "c", "taxableFlag": true, "uom": "Each", "sequenceNumber": 1.0,
		"effectiveDate": "2026-11-23T00:00:00Z", "billedQuantity": 0.0, "extPrice": 100.0, "extCost": 32.0, "margin": 68.0, "agreementStatus": "Active",
		"proratePrice": 3.33, "extendedProratePrice": 26.67,
	} {
		assert.Equal(t, want, got[name], name)
	}
	assert.Contains(t, string(first.body), `"quantity":10.00,"lessIncluded":2.00`)
	h.patch(at("procurement/catalog/{}", item), `[{"op":"replace","path":"price","value":99},{"op":"replace","path":"description","value":"changed"}]`).as(200)
	again := h.get(lines + "/" + fmt.Sprint(first.id())).as(200).object()
	assert.InDelta(t, 12.5, again["unitPrice"], 0)
	assert.Equal(t, "d", again["description"])
	second := h.post(lines, fmt.Sprintf(`{"product":{"id":%d},"billCustomer":"DoNotBill","quantity":3}`, item)).as(201).object()
	assert.InDelta(t, 99, second["unitPrice"], 0)
	assert.InDelta(t, 2, second["sequenceNumber"], 0)
	assert.InDelta(t, 0, second["extPrice"], 0, "what does not bill extends to nothing")
}

// Which dates an addition may have, by the agreement's billing start, next invoice date and proration.
func TestAdditionDates(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, agreement, effective string
		want                       int
	}{
		{"on the billing start, prorating", began + `,"prorateFlag":true`, "2026-11-01", 201},
		{"before it", began + `,"prorateFlag":true`, "2026-10-31", 400},
		{"in an invoiced period", began, "2026-11-30", 400},
		{"on the next invoice date", began, "2026-12-01", 201},
		{"after it", began, "2027-02-15", 201},
		{"not recurring: no period is invoiced", began + `,"billingCycle":{"name":"One time"}`, "2026-11-05", 201},
		{"billed once", began + `,"billOneTimeFlag":true`, "2026-11-05", 201},
		{"expired agreements still take lines", began + `,"endDate":"2026-11-20T00:00:00Z","prorateFlag":true`, "2026-11-05", 201},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			h := serve(t)
			lines := at("finance/agreements/{}/additions", h.agreement(tc.agreement))
			body := fmt.Sprintf(`{"product":{"identifier":"M365-BP"},"billCustomer":"Billable","effectiveDate":"%sT05:00:00Z"}`, tc.effective)
			r := h.post(lines, body).as(tc.want)
			if tc.want == 201 {
				assert.Equal(t, tc.effective+"T00:00:00Z", r.object()["effectiveDate"], "a calendar date")
			}
		})
	}
}

// A cancelled date may lie in an invoiced period; it can be cleared; the same product may stand several times.
func TestCancellingALine(t *testing.T) {
	t.Parallel()
	h := serve(t)
	agreement := h.agreement(began + `,"prorateFlag":true`)
	lines := at("finance/agreements/{}/additions", agreement)
	body := `{"product":{"identifier":"M365-BP"},"billCustomer":"Billable","effectiveDate":"2026-11-02T00:00:00Z","serialNumber":"0017C5AA0001"}`
	id := h.post(lines, body).as(201).id()
	h.post(lines, body).as(201)
	line := lines + "/" + fmt.Sprint(id)
	assert.Equal(t, "2026-11-10T00:00:00Z", h.patch(line, `[{"op":"replace","path":"cancelledDate","value":"2026-11-10T00:00:00Z"}]`).as(200).object()["cancelledDate"])
	h.patch(line, `[{"op":"replace","path":"cancelledDate","value":"2026-11-01T00:00:00Z"}]`).as(400)
	assert.NotContains(t, h.patch(line, `[{"op":"replace","path":"cancelledDate","value":null}]`).as(200).object(), "cancelledDate")
	h.patch(line, `[{"op":"replace","path":"cancelledDate","value":"2026-11-12T00:00:00Z"}]`).as(200)
	assert.NotContains(t, h.patch(line, `[{"op":"remove","path":"cancelledDate"}]`).as(200).object(), "cancelledDate")
	other := h.agreement(began)
	h.get(fmt.Sprintf("finance/agreements/%d/additions/%d", other, id)).as(404)
	h.get("finance/agreements/99999/additions").as(404)
	h.do(http.MethodDelete, line, "").as(204)
	h.get(line).as(404)
}

// Invoicing moves the next invoice date by one cycle and marks what billed; lines of child agreements go with their parent.
func TestInvoice(t *testing.T) {
	t.Parallel()
	h := serve(t)
	agreement := h.agreement(began + `,"prorateFlag":true`)
	child := h.agreement(fmt.Sprintf(`,"startDate":"2026-01-01T00:00:00Z","parentAgreement":{"id":%d}`, agreement))
	got := h.get(at("finance/agreements/{}", child)).as(200).object()
	assert.NotContains(t, got, "billingCycle")
	assert.NotContains(t, got, "billStartDate")
	assert.NotContains(t, got, "nextInvoiceDate")
	line := func(agreement int, more string) int {
		return h.post(at("finance/agreements/{}/additions", agreement), `{"product":{"identifier":"M365-BP"},"billCustomer":"Billable","quantity":7,"effectiveDate":"2026-11-15T00:00:00Z"`+more+`}`).as(201).id()
	}
	open := line(agreement, `,"lessIncluded":2`)
	gone := line(agreement, `,"cancelledDate":"2026-11-30T00:00:00Z"`)
	last := line(agreement, `,"cancelledDate":"2026-12-01T00:00:00Z"`)
	quiet := line(agreement, "")
	h.patch(fmt.Sprintf("finance/agreements/%d/additions/%d", agreement, quiet), `[{"op":"replace","path":"billCustomer","value":"DoNotBill"}]`).as(200)
	ofChild := line(child, "")
	result := h.sim(http.MethodPost, "invoice", fmt.Sprintf(`{"agreement":%d}`, agreement)).as(200).object()
	assert.Equal(t, "2027-01-01T00:00:00Z", result["next_invoice_date"])
	assert.Equal(t, []any{float64(open), float64(last), float64(ofChild)}, result["billed"])
	assert.Equal(t, "2027-01-01T00:00:00Z", h.get(at("finance/agreements/{}", agreement)).as(200).object()["nextInvoiceDate"])
	billed := map[int]float64{}
	for _, l := range h.get(at("finance/agreements/{}/additions", agreement)).as(200).list() {
		billed[int(l["id"].(float64))] = l["billedQuantity"].(float64)
	}
	assert.Equal(t, map[int]float64{open: 5, gone: 0, last: 7, quiet: 0}, billed)
	h.sim(http.MethodPost, "invoice", fmt.Sprintf(`{"agreement":%d}`, child)).as(400)
	h.sim(http.MethodPost, "invoice", `{"agreement":99999}`).as(400)
	h.post(at("finance/agreements/{}/invoice", agreement), "").as(404) // not through the API
}

func TestPeriods(t *testing.T) {
	t.Parallel()
	day := func(s string) instant {
		i, err := parseTime(s)
		require.NoError(t, err)
		return i
	}
	for _, tc := range []struct{ from, option, want string }{
		{"2026-01-31", "Monthly", "2026-02-28"}, {"2024-01-31", "Monthly", "2024-02-29"}, {"2026-12-01", "Monthly", "2027-01-01"},
		{"2026-11-30", "Quarterly", "2027-02-28"}, {"2026-01-01", "Yearly", "2027-01-01"}, {"2026-01-01", "SemiAnnual", "2026-07-01"},
		{"2026-01-01", "BiMonthly", "2026-03-01"}, {"2026-01-01", "Weekly", "2026-01-08"}, {"2026-01-01", "BiWeekly", "2026-01-15"},
	} {
		assert.Equal(t, tc.want, period(day(tc.from), tc.option, 1).date(), "%s from %s", tc.option, tc.from)
	}
}

func TestAgreementConfigurations(t *testing.T) {
	t.Parallel()
	h := serve(t)
	agreement := h.agreement("")
	links := at("finance/agreements/{}/configurations", agreement)
	device := func(company int) int {
		return h.post("company/configurations", fmt.Sprintf(`{"name":"x","type":{"id":1},"company":{"id":%d},"deviceIdentifier":"dev-%d"}`, company, company)).as(201).id()
	}
	id := device(253)
	r := h.post(links, fmt.Sprintf(`{"id":%d}`, id)).as(201)
	assert.Equal(t, id, r.id())
	assert.Equal(t, "dev-253", r.object()["deviceIdentifier"])
	assert.Equal(t, []int{id}, h.get(links).as(200).ids())
	assert.InDelta(t, 1, h.get(links + "/count").as(200).object()["count"], 0)
	assert.Contains(t, string(h.post(links, fmt.Sprintf(`{"id":%d}`, id)).as(400).body), "ObjectExists")
	assert.Contains(t, string(h.post(links, fmt.Sprintf(`{"id":%d}`, device(256))).as(400).body), "does not belong to the company")
	h.post(links, `{"deviceIdentifier":"dev-256"}`).as(400)
	h.post(links, `{"id":99999}`).as(400)
	h.do(http.MethodDelete, fmt.Sprintf("%s/%d", links, id), "").as(204)
	h.do(http.MethodDelete, fmt.Sprintf("%s/%d", links, id), "").as(404)
	assert.Empty(t, h.get(links).as(200).ids())
	h.patch(fmt.Sprintf("%s/%d", links, id), `[]`).as(405)
	h.post(links, `{"deviceIdentifier":"dev-253"}`).as(201)
	h.do(http.MethodDelete, at("company/configurations/{}", id), "").as(204)
	assert.Empty(t, h.get(links).as(200).ids(), "a deleted configuration leaves the agreement")
}
