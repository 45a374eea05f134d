package main

import (
	"strings"

	"github.com/stretchr/testify/require"

	"causeway/internal/admin"
	"causeway/internal/bridge"
)

// contradictions are journeys of facts that cannot be true, alone or together: the product waits or fails with them in words, and the
// tenant's others go on.
var contradictions = map[string]func(*journey){
	"registered after it expired": contradicts(bridge.ReasonContradiction, func(p *product) { p.registered, p.until = "2027-02-01", "2027-01-15" },
		"registered on 2027-02-01", "2027-01-15"),
	"expired in 1970":                contradicts(bridge.ReasonUnreadable, func(p *product) { p.until = "1970-01-01" }, "1970-01-01"),
	"never to expire, in 9999":       contradicts(bridge.ReasonUnreadable, func(p *product) { p.until = "9999-12-31" }, "9999-12-31"),
	"registered in 1970":             contradicts(bridge.ReasonUnreadable, func(p *product) { p.registered = "1970-01-01" }, "1970-01-01"),
	"registered in 9999":             contradicts(bridge.ReasonUnreadable, func(p *product) { p.registered = "9999-12-31" }, "9999-12-31"),
	"a date that is none":            contradicts(bridge.ReasonUnreadable, func(p *product) { p.until = "when the contract ends" }, "when the contract ends"),
	"a negative quantity":            contradicts(bridge.ReasonUnreadable, func(p *product) { p.quantity = new(-3) }, "-3"),
	"one serial number twice":        oneSerialTwice,
	"a serial number of two tenants": twoTenants,
}

// contradicts is a journey of one product among others that has no line yet, and of another one whose line stays as it is.
func contradicts(reason bridge.Reason, how func(*product), says ...string) func(*journey) {
	return func(j *journey) {
		good, bad, turns := j.seats("BASIC", 2, "2027-12-31"), j.seats("ADVANCED", 10, "2027-12-31"), j.seats("PREMIER", 5, "2027-12-31")
		mended, turned := bad, turns
		how(&bad)
		how(&turned)
		c := j.customer(good, bad, turns)
		n := j.sync()
		line, better := basicSeats+" ×2 2027-04-01…2027-12-31", premierSeats+" ×5 2027-04-01…2027-12-31"
		j.sees(c.agreement, line, better)
		j.contradicting(n, c, 1, reason, says)
		j.report(c, turned)
		*good.quantity = 3
		j.report(c, good)
		n = j.sync()
		require.Equal(j, 1, applied(n.rows[c.String()]), "the others go on")
		line = strings.Replace(line, "×2", "×3", 1)
		j.sees(c.agreement, line, better)
		j.contradicting(n, c, 2, reason, says)
		// Mended in MySonicWall, the one gets its line and the other one's goes on.
		j.report(c, mended)
		j.report(c, turns)
		j.sync()
		j.sees(c.agreement, line, better, advancedSeats+" ×10 2027-04-01…2027-12-31")
		require.Empty(j, j.sync().of(c))
	}
}

// contradicting requires so many rows to be held or failed with the facts in words. What is held can only be put aside.
func (j *journey) contradicting(n *night, c tenant, rows int, reason bridge.Reason, says []string) {
	j.Helper()
	var held []admin.ChangeAnswer
	for _, row := range n.rows[c.String()] {
		switch row.Status {
		case bridge.StatusApplied:
			continue
		case bridge.StatusHeld:
			held = append(held, row)
			require.Equal(j, []bridge.Choice{bridge.ChoiceDismiss}, row.Choices)
			require.NotEmpty(j, row.Why)
		default:
			require.Equal(j, bridge.StatusFailed, row.Status)
		}
		rows--
		require.Equal(j, reason, row.Reason, row.Error)
		for _, words := range says {
			require.Contains(j, row.Error, words)
		}
	}
	require.Zero(j, rows, "fewer or more rows than expected: %v", n.of(c))
	require.Len(j, j.held(c), len(held))
}

// One serial number under two products: neither is written, and whatever stands stays.
func oneSerialTwice(j *journey) {
	seats, twin := j.seats("ADVANCED", 10, "2027-12-31"), j.seats("PREMIER", 20, "2027-12-31")
	c := j.customer(seats, j.seats("BASIC", 2, "2027-12-31"))
	j.sync()
	before := j.lines(c.agreement)
	j.report(c, twin)
	j.msw("product.put", map[string]any{"productGroupID": c.id, "serialNumber": twin.serial, "raw": map[string]any{"serialNumber": seats.serial}})
	j.contradicting(j.sync(), c, 1, bridge.ReasonUnreadable, []string{"different rows with this serial number"})
	require.Equal(j, before, j.lines(c.agreement))
	// The first one goes: it was an upgrade that MySonicWall showed twice for a while.
	j.msw("product.delete", map[string]any{"productGroupID": c.id, "serialNumber": seats.serial})
	j.sync()
	j.sees(c.agreement, advancedSeats+" ×10 2027-04-01…2027-04-01 DoNotBill", premierSeats+" ×20 2027-04-01…2027-12-31", basicSeats+" ×2 2027-04-01…2027-12-31")
	require.Empty(j, j.sync().of(c))
}

// A serial number in two tenants: it is written for neither, and what stands stays.
func twoTenants(j *journey) {
	seats, both := j.seats("ADVANCED", 10, "2027-12-31"), j.seats("PREMIER", 20, "2027-12-31")
	a, b := j.customer(seats, both), j.customer(both, j.seats("BASIC", 2, "2027-12-31"))
	n := j.sync()
	j.contradicting(n, a, 1, bridge.ReasonTwoTenants, []string{both.serial})
	j.contradicting(n, b, 1, bridge.ReasonTwoTenants, []string{both.serial})
	j.sees(a.agreement, advancedSeats+" ×10 2027-04-01…2027-12-31")
	j.report(b, seats)
	j.contradicting(j.sync(), b, 2, bridge.ReasonTwoTenants, nil)
	j.sees(a.agreement, advancedSeats+" ×10 2027-04-01…2027-12-31")
	// It was on its way from one to the other.
	for _, p := range []product{seats, both} {
		j.msw("product.delete", map[string]any{"productGroupID": a.id, "serialNumber": p.serial})
	}
	j.sync()
	require.Empty(j, j.held(a))
	require.Empty(j, j.held(b))
	j.sees(a.agreement, advancedSeats+" ×10 2027-04-01…2027-04-01 DoNotBill")
	j.sees(b.agreement, basicSeats+" ×2 2027-04-01…2027-12-31", advancedSeats+" ×10 2027-04-01…2027-12-31", premierSeats+" ×20 2027-04-01…2027-12-31")
	require.Empty(j, j.sync().of(a, b))
}
