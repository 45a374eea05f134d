package main

import (
	"fmt"
	"strconv"

	"github.com/stretchr/testify/require"

	"causeway/internal/admin"
	"causeway/internal/bridge"
)

// frozen are journeys of tenants for which nothing is written any more (R53).
var frozen = map[string]func(*journey){
	"switched off":              switchedOff,
	"not mapped any more":       unmapped,
	"not listed any more":       missing,
	"an ended agreement":        endedAgreement,
	"a cancelled agreement":     cancelledAgreement,
	"a frozen tenant's product": frozenTenantsProduct,
}

// isFrozen requires a tenant to be shown as frozen since today, with so many lines that still run.
func (j *journey) isFrozen(c tenant, reason string, open int) {
	j.Helper()
	shown := j.tenant(c)
	require.Equal(j, journeysBegin, shown.FrozenSince)
	require.Equal(j, reason, shown.FrozenReason)
	require.Equal(j, open, shown.OpenLines)
}

// endBilling is End billing for a tenant: what it would write, and then the run that writes it.
func (j *journey) endBilling(c tenant) (preview []string, n *night) {
	j.Helper()
	before := j.lines(c.agreement)
	var shown admin.PreviewAnswer
	j.ask(0, &shown, "end-billing", j.p.account, "--tenant", c.String(), "--dry-run")
	require.Equal(j, before, j.lines(c.agreement), "a dry run writes nothing")
	return inWords(shown.Changes), j.runs("end-billing", j.p.account, "--tenant", c.String(), "--wait")
}

func switchedOff(j *journey) {
	seats, never := j.seats("ADVANCED", 10, "2027-12-31"), j.seats("BASIC", 4, "")
	box := j.firewall("2028-03-31")
	c := j.customer(seats, box)
	j.sync()
	j.invoice(c.agreement)
	j.report(c, never)
	j.sync()
	j.refusesEnding(c)
	stand := j.lines(c.agreement)
	j.mapped(c, false)
	j.msw("product.tombstone", map[string]any{"serialNumber": seats.serial})
	j.sync()
	require.Equal(j, stand, j.lines(c.agreement))
	j.isFrozen(c, "disabled", 3)

	preview, n := j.endBilling(c)
	want := []string{
		"cancel addition cancelledDate=2027-04-01", "cancel addition cancelledDate=2027-04-01", "cancel addition cancelledDate=2027-05-01 billCustomer=DoNotBill",
	}
	require.ElementsMatch(j, withStatus("planned", want), preview)
	require.ElementsMatch(j, withStatus("applied", want), n.of(c))
	j.sees(c.agreement, advancedSeats+" ×10 2027-04-01…2027-04-01", aTZ370+" ×1 2027-04-01…2027-04-01", basicSeats+" ×4 2027-05-01…2027-05-01 DoNotBill")
	require.Equal(j, []string{"Firewall Active @" + strconv.Itoa(c.agreement)}, j.devices(c.company, box.serial), "devices stay")
	require.Empty(j, j.invoice(c.agreement))
	j.isFrozen(c, "disabled", 0)
	require.Empty(j, j.tenant(c).EndingBy)

	// Switched on again, what is still there bills again.
	j.mapped(c, true)
	j.sync()
	require.Empty(j, j.tenant(c).FrozenSince)
	j.sees(c.agreement, advancedSeats+" ×10 2027-04-01…2027-04-01", aTZ370+" ×1 2027-04-01…2028-03-31", basicSeats+" ×4 2027-05-01…")
}

func withStatus(status string, rows []string) []string {
	out := make([]string, len(rows))
	for i, row := range rows {
		out[i] = status + " " + row
	}
	return out
}

// refusesEnding: the billing of a tenant that the next run would bill again cannot be ended.
func (j *journey) refusesEnding(c tenant) {
	j.Helper()
	for _, how := range [][]string{{"--dry-run"}, {"--wait"}, nil} {
		var failed failure
		j.ask(1, &failed, append([]string{"end-billing", j.p.account, "--tenant", c.String()}, how...)...)
		require.NotEmpty(j, failed.Error)
	}
}

func unmapped(j *journey) {
	c := j.customer(j.seats("ADVANCED", 10, "2027-12-31"))
	j.sync()
	before := j.lines(c.agreement)
	none := c
	none.company, none.agreement = customerCompany{}, 0
	j.mapped(none, false)
	j.sync()
	require.Equal(j, before, j.lines(c.agreement))
	j.isFrozen(c, "unmapped", 1)
	_, n := j.endBilling(c)
	require.Equal(j, []string{"applied cancel addition cancelledDate=2027-04-01 billCustomer=DoNotBill"}, n.of(c))
	j.sees(c.agreement, advancedSeats+" ×10 2027-04-01…2027-04-01 DoNotBill")
}

func missing(j *journey) {
	c := j.customer(j.seats("ADVANCED", 10, "2027-12-31"))
	j.sync()
	before := j.lines(c.agreement)
	j.msw("tenant.hide", map[string]any{"productGroupID": c.id})
	j.sync()
	require.Equal(j, before, j.lines(c.agreement))
	require.True(j, j.tenant(c).Missing)
	j.isFrozen(c, "missing", 1)
	j.msw("tenant.show", map[string]any{"productGroupID": c.id})
	j.sync()
	require.False(j, j.tenant(c).Missing)
	j.sync()
	require.Empty(j, j.tenant(c).FrozenSince)
	require.Equal(j, before, j.lines(c.agreement))
}

// R53, R49: an agreement that ended fails its tenant with a likely successor; choosing that moves what bills.
func endedAgreement(j *journey) {
	seats := j.seats("ADVANCED", 10, "2027-12-31")
	c := j.customer()
	j.editAgreement(c.agreement, map[string]any{"nextInvoiceDate": instant("2027-03-01")})
	j.report(c, seats)
	j.sync()
	j.sees(c.agreement, advancedSeats+" ×10 2027-03-01…2027-12-31")
	require.Equal(j, []string{advancedSeats + " 10"}, j.invoice(c.agreement))
	old := c.agreement
	j.editAgreement(old, map[string]any{"endDate": instant("2027-03-09")})
	successor := j.newAgreement(c.company, map[string]any{"name": fmt.Sprintf("Successor %s", c), "startDate": instant("2027-03-10"), "billStartDate": instant("2027-03-10")})
	*seats.quantity = 11
	j.report(c, seats)
	require.Empty(j, j.syncOnly(c).of(c))
	shown := j.tenant(c)
	require.Equal(j, bridge.TenantFailed, shown.LastSync.Status)
	require.Contains(j, shown.LastSync.Error, "ended on 2027-03-09")
	require.Contains(j, shown.LastSync.Error, fmt.Sprintf("Successor %s", c))
	j.isFrozen(c, "agreement", 1)
	j.sees(old, advancedSeats+" ×10 2027-03-01…2027-12-31")

	c.agreement = successor
	j.remap(c)
	j.sync()
	require.Empty(j, j.tenant(c).FrozenSince)
	j.sees(old, advancedSeats+" ×10 2027-03-01…2027-03-31")
	j.sees(successor, advancedSeats+" ×11 2027-04-01…2027-12-31")
	require.Equal(j, []string{advancedSeats + " 11"}, j.invoice(successor))
	require.Empty(j, j.sync().of(c))
}

// R53: nothing can be written to a cancelled agreement; its successor takes its lines' place.
func cancelledAgreement(j *journey) {
	c := j.customer(j.seats("ADVANCED", 10, "2027-12-31"))
	j.sync()
	j.invoice(c.agreement)
	old := c.agreement
	j.editAgreement(old, map[string]any{"cancelledFlag": true})
	require.Empty(j, j.sync().of(c))
	require.Contains(j, j.tenant(c).LastSync.Error, "is cancelled")
	j.isFrozen(c, "agreement", 1)
	c.agreement = j.newAgreement(c.company, nil)
	j.remap(c)
	j.sync()
	j.sees(old, advancedSeats+" ×10 2027-04-01…2027-12-31")
	j.sees(c.agreement, advancedSeats+" ×10 2027-05-01…2027-12-31")
	require.Empty(j, j.sync().of(c))
}

// R49, R53: a product of a tenant that is switched off shows up with another one: a person decides.
func frozenTenantsProduct(j *journey) {
	seats := j.seats("ADVANCED", 10, "2027-12-31")
	off, on := j.customer(seats), j.customer()
	j.sync()
	j.mapped(off, false)
	j.msw("product.move", map[string]any{"serialNumber": seats.serial, "to": on.id})
	j.sync()
	rows := j.held(on)
	require.Equal(j, []string{
		"held create addition effectiveDate=2027-04-01 #1 (other_key)", "held cancel addition cancelledDate=2027-04-01 billCustomer=DoNotBill #1 (other_key)",
	}, inWords(rows))
	j.refuses("release", strconv.FormatInt(rows[1].ID, 10))
	j.release(rows[:1])
	j.sees(off.agreement, advancedSeats+" ×10 2027-04-01…2027-04-01 DoNotBill")
	j.sees(on.agreement, advancedSeats+" ×10 2027-04-01…2027-12-31")
	require.Equal(j, 0, j.tenant(off).OpenLines)
	require.Empty(j, j.sync().of(off, on))
}
