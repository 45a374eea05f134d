package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"causeway/internal/admin"
	"causeway/internal/bridge"
)

// line is one line of an agreement.
type line struct {
	id, agreement             int
	product, serial, bill     string
	quantity, billed          float64
	effective, cancelled      string
	description, invoiceWords string
}

func (l line) path() string {
	return fmt.Sprintf("finance/agreements/%d/additions/%d", l.agreement, l.id)
}

// String is what a person sees of a line: product, quantity, first and last day, and whether it bills.
func (l line) String() string {
	text := l.product + " ×" + trimmed(l.quantity) + " " + l.effective + "…" + l.cancelled
	if l.bill != "Billable" {
		text += " " + l.bill
	}
	return text
}

func trimmed(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

// lines of an agreement, oldest first.
func (j *journey) lines(agreement int) []line {
	j.Helper()
	var out []line
	for _, a := range j.p.simulators().read(j.T, fmt.Sprintf("finance/agreements/%d/additions", agreement)) {
		out = append(out, line{
			id: number(j.T, a, "id"), agreement: agreement, product: refName(a, "product"), serial: text(a, "serialNumber"), bill: text(a, "billCustomer"),
			quantity: figure(a, "quantity"), billed: figure(a, "billedQuantity"), effective: day(a, "effectiveDate"), cancelled: day(a, "cancelledDate"),
			description: text(a, "description"), invoiceWords: text(a, "invoiceDescription"),
		})
	}
	slices.SortFunc(out, func(a, b line) int { return cmp.Compare(a.id, b.id) })
	return out
}

// sees requires the lines of an agreement to be these, in whatever order they were made.
func (j *journey) sees(agreement int, want ...string) {
	j.Helper()
	got := []string{}
	for _, l := range j.lines(agreement) {
		got = append(got, l.String())
	}
	require.ElementsMatch(j, want, got)
}

// devices of a company: name, status and the agreements they are attached to.
func (j *journey) devices(company customerCompany, serial string) []string {
	j.Helper()
	state := j.p.simulators().state(j.T)
	out := []string{}
	for _, c := range state["configuration"] {
		if refID(j.T, c, "company") != company.id || text(c, "serialNumber") != serial {
			continue
		}
		words := refName(c, "type") + " " + refName(c, "status")
		for _, attached := range state["agreementConfiguration"] {
			if refID(j.T, attached, "configuration") == number(j.T, c, "id") {
				words += " @" + strconv.Itoa(refID(j.T, attached, "agreement"))
			}
		}
		out = append(out, words)
	}
	return out
}

func text(record map[string]any, field string) string {
	value, _ := record[field].(string)
	return value
}

func figure(record map[string]any, field string) float64 {
	value, _ := record[field].(float64)
	return value
}

func day(record map[string]any, field string) string {
	date, _, _ := strings.Cut(text(record, field), "T")
	return date
}

func refName(record map[string]any, field string) string {
	ref, _ := record[field].(map[string]any)
	return cmp.Or(text(ref, "identifier"), text(ref, "name"))
}

func refID(t *testing.T, record map[string]any, field string) int {
	t.Helper()
	ref, ok := record[field].(map[string]any)
	require.True(t, ok, "%s of %v", field, record)
	return number(t, ref, "id")
}

// held are the rows of a tenant that wait for a person.
func (j *journey) held(c tenant, flags ...string) []admin.ChangeAnswer {
	j.Helper()
	var answer admin.WaitingAnswer
	j.ask(0, &answer, append([]string{"held", j.p.account}, flags...)...)
	return slices.DeleteFunc(answer.Changes, func(row admin.ChangeAnswer) bool { return row.Tenant != c.String() })
}

// waiting are the rows that wait, all for this reason.
func (j *journey) waiting(c tenant, rows int, reason bridge.Reason) []admin.ChangeAnswer {
	j.Helper()
	held := j.held(c)
	require.Len(j, held, rows, "%v", inWords(held))
	for i := range held {
		require.Equal(j, reason, held[i].Reason, held[i].Error)
		require.NotEmpty(j, held[i].Error)
		require.NotEmpty(j, held[i].Choices)
	}
	return held
}

// of are the rows of tenants in words: status or action, what it is about, and why it waits or failed.
func (n *night) of(tenants ...tenant) []string {
	var rows []admin.ChangeAnswer
	for _, c := range tenants {
		rows = append(rows, n.rows[c.String()]...)
	}
	return inWords(rows)
}

// inWords are rows with the values that this is about, rows of one linked change with the same number.
func inWords(rows []admin.ChangeAnswer) []string {
	out, links := []string{}, map[string]int{}
	for i := range rows {
		c := &rows[i]
		words := fmt.Sprintf("%s %s %s", c.Status, c.Action, c.Kind)
		for _, field := range []string{bridge.FieldEffective, bridge.FieldCancelled, bridge.FieldQuantity, bridge.FieldBillCustomer, bridge.FieldStatus} {
			if value, ok := c.After[field]; ok && (c.Action != bridge.ActionCreate && c.Action != bridge.ActionAdopt || field == bridge.FieldEffective) {
				words += " " + field + "=" + value
			}
		}
		if c.Link != "" {
			if links[c.Link] == 0 {
				links[c.Link] = len(links) + 1
			}
			words += fmt.Sprintf(" #%d", links[c.Link])
		}
		if c.Reason != "" {
			words += " (" + string(c.Reason) + ")"
		}
		out = append(out, words)
	}
	return out
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

// tenant is how the command line lists it.
func (j *journey) tenant(c tenant) admin.TenantAnswer {
	j.Helper()
	var all []admin.TenantAnswer
	j.ask(0, &all, "tenants", j.p.account)
	for i := range all {
		if all[i].Tenant == c.String() {
			return all[i]
		}
	}
	require.Fail(j, "no such tenant", c.String())
	return admin.TenantAnswer{}
}
