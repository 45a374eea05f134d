package connectwise

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"causeway/internal/simulator/control"
)

// edit changes a record as a person does in the vendor's screens: same validation, but no sign-in, right, limit, fault or
// index lag, and the person is the one it is recorded for. The answer is the API's.
func (s *Server) edit(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Method string          `json:"method"`
		Path   string          `json:"path"`
		Body   json.RawMessage `json:"body"`
		By     string          `json:"by"`
	}
	if !control.Read(w, r, &in) {
		return
	}
	in.Method = strings.ToUpper(in.Method)
	if in.Method != http.MethodPost && in.Method != http.MethodPut && in.Method != http.MethodPatch && in.Method != http.MethodDelete {
		control.Refuse(w, http.StatusBadRequest, fmt.Errorf("method is POST, PUT, PATCH or DELETE, not %q", in.Method))
		return
	}
	if in.By == "" {
		in.By = "person"
	}
	request := r.Clone(r.Context())
	request.Method, request.URL = in.Method, &url.URL{Path: "/v4_6_release/apis/3.0/" + strings.Trim(in.Path, "/")}
	request.Body = io.NopCloser(bytes.NewReader(in.Body))
	c := &call{
		server: s, writer: w, request: request, set: s.settings.Get(), now: s.Now(), actor: in.By, person: true,
		codebase: "v4_6_release", path: strings.Trim(in.Path, "/"),
	}
	c.headers(c.set.APIVersion)
	if err := c.dispatch(); err != nil {
		c.fail(err)
	}
}

// invoice issues the agreement's next invoice, which the API does not offer: nextInvoiceDate moves by one cycle, and every
// line that bills in the period remembers the quantity.
func (s *Server) invoice(w http.ResponseWriter, r *http.Request) {
	in := struct {
		Agreement int32  `json:"agreement"`
		By        string `json:"by"`
	}{By: "accounting"}
	if !control.Read(w, r, &in) {
		return
	}
	var out struct {
		Agreement       int32   `json:"agreement"`
		NextInvoiceDate string  `json:"next_invoice_date"`
		Billed          []int32 `json:"billed"`
	}
	err := s.store.write(s.settings.Get(), s.Now(), in.By, func(t *tx) error {
		agreement := t.find("agreement", in.Agreement)
		if agreement == nil {
			return fmt.Errorf("there is no agreement %d", in.Agreement)
		}
		next, billed, err := t.invoice(agreement)
		out.Agreement, out.NextInvoiceDate, out.Billed = in.Agreement, next.String(), billed
		return err
	})
	if err != nil {
		control.Refuse(w, http.StatusBadRequest, err)
		return
	}
	control.Answer(w, http.StatusOK, out)
}

// invoice bills one period of an agreement and of its child agreements that have no cycle of their own.
func (t *tx) invoice(agreement *record) (instant, []int32, error) {
	from, ok := agreement.day("nextInvoiceDate")
	switch {
	case !t.recurring(agreement):
		return 0, nil, errors.New("the agreement does not recur: it has no billing cycle, or one that bills once")
	case !ok:
		return 0, nil, errors.New("the agreement has no next invoice date")
	case t.agreementStatus(agreement) == statusCancelled:
		return 0, nil, errors.New("the agreement is cancelled")
	}
	to := period(from, t.billing(agreement), 1)
	billed := []int32{}
	agreements := []int32{agreement.id}
	for _, child := range t.rows("agreement").where("parentAgreement", ref(agreement.id)) {
		if child.ref("billingCycle") == 0 {
			agreements = append(agreements, child.id)
		}
	}
	for _, id := range agreements {
		for _, line := range append([]*record(nil), t.rows("addition").where("agreementId", id)...) {
			if !bills(line, from, to) {
				continue
			}
			c := line.clone()
			c.set("billedQuantity", billable(line))
			t.update(c)
			billed = append(billed, line.id)
		}
	}
	c := agreement.clone()
	c.set("nextInvoiceDate", to)
	t.update(c)
	return to, billed, nil
}

// bills reports whether a line has anything on the invoice of the period from (inclusive) to (exclusive). Its cancelled date
// is the last day that bills.
func bills(line *record, from, to instant) bool {
	effective, _ := line.day("effectiveDate")
	cancelled, ends := line.day("cancelledDate")
	return effective < to && (!ends || cancelled >= from) && billable(line) > 0
}
