package main

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"causeway/internal/admin"
)

// journey is one story, told in the order in which it happens.
type journey struct {
	*testing.T
	p *provider
}

// tenant is a customer in MySonicWall with its company and agreement in ConnectWise.
type tenant struct {
	id        int
	company   customerCompany
	agreement int
}

func (c tenant) String() string { return strconv.Itoa(c.id) }

// product is one registered unit as MySonicWall reports it: one service with one sub-service, which has the figures.
type product struct {
	serial, name, line, tier string
	registered, until        string
	quantity                 *int
}

// seats is a subscription that becomes a line only.
func (j *journey) seats(tier string, quantity int, until string) product {
	return product{j.serial(), "Capture Client Tenant", "CAPTURE_CLIENT", tier, "2026-12-05", until, &quantity}
}

// firewall becomes a device and a line.
func (j *journey) firewall(until string) product {
	return product{j.serial(), "TZ370", "FIREWALL", "NONE", "2026-12-05", until, nil}
}

func (j *journey) number() int {
	j.p.mu.Lock()
	defer j.p.mu.Unlock()
	j.p.last++
	return j.p.last
}

func (j *journey) serial() string { return fmt.Sprintf("A07E57%06X", j.number()) }

// customer is a new tenant with these products, a company, and a monthly agreement that it is mapped to.
func (j *journey) customer(products ...product) tenant {
	j.Helper()
	c := j.newTenant(products...)
	c.company = j.newCompany()
	c.agreement = j.newAgreement(c.company, nil)
	j.remap(c)
	return c
}

func (j *journey) newTenant(products ...product) tenant {
	j.Helper()
	n := j.number()
	c := tenant{id: 7_000_000 + n}
	j.msw("tenant.put", map[string]any{"productGroupID": c.id, "name": fmt.Sprintf("Journey %d", n)})
	for _, p := range products {
		j.report(c, p)
	}
	return c
}

func (j *journey) newCompany() customerCompany {
	j.Helper()
	j.p.mu.Lock()
	defer j.p.mu.Unlock()
	require.NotEmpty(j, j.p.companies, "every company of the estate is taken")
	company := j.p.companies[0]
	j.p.companies = j.p.companies[1:]
	return company
}

// newAgreement is one that bills monthly; fields replace its usual ones, nil leaves one out.
func (j *journey) newAgreement(company customerCompany, fields map[string]any) int {
	j.Helper()
	body := map[string]any{
		"name": fmt.Sprintf("Agreement %d", j.number()), "type": map[string]any{"name": "Managed Services"},
		"company": map[string]any{"id": company.id}, "contact": map[string]any{"id": company.contact}, "site": map[string]any{"id": company.site},
		"billingCycle": map[string]any{"name": "Monthly"}, "startDate": instant(billingStart), "billStartDate": instant(billingStart),
		"nextInvoiceDate": instant(nextInvoice),
	}
	for name, value := range fields {
		body[name] = value
		if value == nil {
			delete(body, name)
		}
	}
	return number(j.T, j.cwm(http.MethodPost, "finance/agreements", body), "id")
}

// instant is a calendar date as ConnectWise writes it.
func instant(date string) string { return date + "T00:00:00Z" }

// remap has the next run find the tenant mapped to its company and agreement, and switched on.
func (j *journey) remap(c tenant) { j.mapped(c, true) }

// mapped changes the mapping at once; before the first run, which is the first to know the tenant, it waits for that.
func (j *journey) mapped(c tenant, enabled bool) {
	j.Helper()
	row := []string{c.String(), "", positive(c.company.id), "", positive(c.agreement), "", strconv.FormatBool(enabled)}
	j.p.mu.Lock()
	known := j.p.settled
	if !known {
		j.p.mapping = append(j.p.mapping, row)
	}
	j.p.mu.Unlock()
	if known {
		require.NoError(j, j.p.importMapping([][]string{row}))
	}
}

func positive(id int) string {
	if id == 0 {
		return ""
	}
	return strconv.Itoa(id)
}

// msw edits the estate as a person in the MySonicWall portal would.
func (j *journey) msw(op string, fields map[string]any) {
	j.Helper()
	fields["op"] = op
	control(j.T, http.MethodPost, j.p.simulators().MySonicWall.URL+"/_sim/edit", fields, nil)
}

// report registers a product, or changes it.
func (j *journey) report(c tenant, p product) {
	j.Helper()
	status := "ACTIVE"
	if p.until != "" && p.until < j.p.day {
		status = "EXPIRED"
	}
	service := func(name string) map[string]any {
		s := map[string]any{"name": name, "serviceStatus": "ACTIVATED", "expirydate": p.until}
		if p.quantity != nil {
			s["quantity"] = *p.quantity
		}
		return s
	}
	suite := service(p.name + " suite")
	suite["serviceList"] = []map[string]any{service("Support")}
	j.msw("product.put", map[string]any{
		"productGroupID": c.id, "serialNumber": p.serial, "productName": p.name, "productLine": p.line, "tier": p.tier, "registeredOn": p.registered,
		"isNetworkProduct": p.line == "FIREWALL", "status": status, "serviceTypeList": []map[string]any{suite},
	})
}

func (j *journey) renew(p product, until string) {
	j.Helper()
	j.msw("product.renew", map[string]any{"serialNumber": p.serial, "until": until})
}

// cwm edits a record as a person in ConnectWise's screens would.
func (j *journey) cwm(method, path string, body any) map[string]any {
	j.Helper()
	var answer map[string]any
	var into any = &answer
	if method == http.MethodDelete {
		into = nil
	}
	control(j.T, http.MethodPost, j.p.simulators().ConnectWise.URL+"/_sim/edit", map[string]any{"method": method, "path": path, "body": body, "by": "a person"}, into)
	return answer
}

func (j *journey) editAgreement(id int, fields map[string]any) {
	j.Helper()
	j.p.simulators().edit(j.T, "finance/agreements/"+strconv.Itoa(id), fields)
}

func (j *journey) editLine(l line, fields map[string]any) {
	j.Helper()
	j.p.simulators().edit(j.T, l.path(), fields)
}

// byHand enters a line as a person does.
func (j *journey) byHand(agreement int, fields map[string]any) {
	j.Helper()
	body := map[string]any{"billCustomer": "Billable", "quantity": 1, "effectiveDate": instant(nextInvoice)}
	maps.Copy(body, fields)
	j.cwm(http.MethodPost, fmt.Sprintf("finance/agreements/%d/additions", agreement), body)
}

// invoice issues an agreement's next invoice, and answers with the lines on it.
func (j *journey) invoice(agreement int) []string {
	j.Helper()
	var issued struct {
		Billed []int `json:"billed"`
	}
	control(j.T, http.MethodPost, j.p.simulators().ConnectWise.URL+"/_sim/invoice", map[string]any{"agreement": agreement}, &issued)
	var out []string
	for _, l := range j.lines(agreement) {
		if slices.Contains(issued.Billed, l.id) {
			out = append(out, fmt.Sprintf("%s %s", l.product, trimmed(l.billed)))
		}
	}
	return out
}

// sync waits for the next run.
func (j *journey) sync() *night { return j.night("") }

// night waits for the next run, which is on this day.
func (j *journey) night(day string) *night {
	j.Helper()
	n := j.p.await(day)
	require.Empty(j, n.failed)
	return n
}

// syncOnly runs these tenants alone; others may join in, which is none of their business.
func (j *journey) syncOnly(tenants ...tenant) *night {
	j.Helper()
	args := []string{"sync-now", j.p.account, "--wait"}
	for _, c := range tenants {
		args = append(args, "--tenant", c.String())
	}
	return j.runs(args...)
}

// runs sees a command through that waits for a run. Its exit code tells whether a tenant failed, and nothing else.
func (j *journey) runs(args ...string) *night {
	j.Helper()
	n := &night{rows: map[string][]admin.ChangeAnswer{}}
	got := j.p.causeway(j.T, append(args, "--json")...)
	got.document(j.T, &n.RunAnswer)
	require.Equal(j, map[bool]int{false: exitDone, true: exitFailures}[n.Tenants.Failed > 0], got.code, "%v\n%s", args, got.out)
	n.read(j.T, j.p.stand)
	return n
}

// preview is what a sync would write for a tenant.
func (j *journey) preview(c tenant) []string {
	j.Helper()
	var answer admin.PreviewAnswer
	j.ask(0, &answer, "preview", j.p.account, "--tenant", c.String())
	return inWords(answer.Changes)
}

func numbered(rows []admin.ChangeAnswer) []string {
	ids := make([]string, len(rows))
	for i := range rows {
		ids[i] = strconv.FormatInt(rows[i].ID, 10)
	}
	return ids
}

// release answers rows and sees the run through that carries it out.
func (j *journey) release(rows []admin.ChangeAnswer, flags ...string) *night {
	j.Helper()
	return j.runs(slices.Concat([]string{"release", j.p.account}, numbered(rows), flags, []string{"--wait"})...)
}

func (j *journey) dismiss(rows ...admin.ChangeAnswer) {
	j.Helper()
	var answer admin.DecidedAnswer
	j.ask(0, &answer, append([]string{"dismiss", j.p.account}, numbered(rows)...)...)
	require.False(j, answer.Queued, "nothing is to be written")
	require.Len(j, answer.Changes, len(rows))
}

func (j *journey) ask(code int, into any, args ...string) {
	j.Helper()
	j.p.ask(j.T, code, into, args...)
}
