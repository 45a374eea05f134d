package main

import (
	"net/http"
	"strconv"

	"github.com/stretchr/testify/require"
)

var moves = map[string]func(*journey){
	"another agreement of the company":        anotherAgreement,
	"another agreement that refuses at first": refusedAtFirst,
	"another company":                         anotherCompany,
	"a tier up before an invoice":             tierBeforeInvoice,
	"a tier up after an invoice":              tierAfterInvoice,
	"another name":                            anotherName,
	"another tenant, without a trace":         anotherTenant,
	"another tenant, with a tombstone":        anotherTenantTombstone,
	"another tenant of the agreement":         sameAgreement,
	"the old line is refused at first":        oldLineRefused,
	"another agreement, ending first":         endsBeforeItMoves,
}

const (
	advancedSeats = "SONICWALL_CAPTURE_CLIENT_TENANT_ADVANCED"
	premierSeats  = "SONICWALL_CAPTURE_CLIENT_TENANT_PREMIER"
	aTZ370        = "SONICWALL_TZ370"
)

// R49: the old lines bill as long as they were invoiced for, the new ones from then on; no invoice carries both, and none neither.
func anotherAgreement(j *journey) {
	seats, box := j.seats("ADVANCED", 10, "2027-12-31"), j.firewall("2028-03-31")
	c := j.customer(seats, box)
	j.sync()
	old := c.agreement
	j.sees(old, advancedSeats+" ×10 2027-04-01…2027-12-31", aTZ370+" ×1 2027-04-01…2028-03-31")
	require.Equal(j, []string{"Firewall Active @" + strconv.Itoa(old)}, j.devices(c.company, box.serial))
	require.Equal(j, []string{advancedSeats + " 10", aTZ370 + " 1"}, j.invoice(old))

	c.agreement = j.newAgreement(c.company, nil)
	j.remap(c)
	moves := []string{
		"planned create addition effectiveDate=2027-05-01 #1", "planned cancel addition cancelledDate=2027-04-30 #1",
		"planned create addition effectiveDate=2027-05-01 #2", "planned cancel addition cancelledDate=2027-04-30 #2",
		"planned attach configuration #3", "planned update configuration #3",
	}
	require.Equal(j, moves, j.preview(c))
	j.sync()
	j.sees(old, advancedSeats+" ×10 2027-04-01…2027-04-30", aTZ370+" ×1 2027-04-01…2027-04-30")
	j.sees(c.agreement, advancedSeats+" ×10 2027-05-01…2027-12-31", aTZ370+" ×1 2027-05-01…2028-03-31")
	require.Equal(j, []string{"Firewall Active @" + strconv.Itoa(c.agreement)}, j.devices(c.company, box.serial))

	require.Empty(j, j.invoice(c.agreement), "April is on the old agreement's invoice")
	require.Empty(j, j.invoice(old), "May is on the new one's")
	require.Equal(j, []string{advancedSeats + " 10", aTZ370 + " 1"}, j.invoice(c.agreement))
	require.Empty(j, j.sync().of(c))
}

// R49: if the new line fails, the old one stays; the next run moves it.
func refusedAtFirst(j *journey) {
	c := j.customer(j.seats("ADVANCED", 10, "2027-12-31"))
	j.sync()
	old := c.agreement
	c.agreement = j.newAgreement(c.company, nil)
	j.remap(c)
	refused := j.p.simulators().fault(j.T, map[string]any{
		"method": http.MethodPost, "path": "^finance/agreements/" + strconv.Itoa(c.agreement) + "/additions$", "times": 1, "status": 400,
		"body": `{"code":"InvalidObject","message":"Ask accounting before adding anything.","errors":[]}`,
	})
	n := j.sync()
	require.Equal(j, 1, refused())
	require.Equal(j, []string{"failed create addition effectiveDate=2027-04-01 #1 (rejected)", "skipped cancel addition cancelledDate=2027-04-01 billCustomer=DoNotBill #1 (needs_failed)"}, n.of(c))
	require.Contains(j, n.rows[c.String()][0].Answer+n.rows[c.String()][0].Error, "Ask accounting before adding anything.")
	j.sees(old, advancedSeats+" ×10 2027-04-01…2027-12-31")
	j.sees(c.agreement)
	j.sync()
	j.sees(old, advancedSeats+" ×10 2027-04-01…2027-04-01 DoNotBill")
	j.sees(c.agreement, advancedSeats+" ×10 2027-04-01…2027-12-31")
}

// R49: a write that fails between the two halves is made up for by the next run.
func oldLineRefused(j *journey) {
	c := j.customer(j.seats("ADVANCED", 10, "2027-12-31"))
	j.sync()
	old := c.agreement
	c.agreement = j.newAgreement(c.company, nil)
	j.remap(c)
	refused := j.p.simulators().fault(j.T, map[string]any{
		"method": http.MethodPatch, "path": "^finance/agreements/" + strconv.Itoa(old) + "/additions/", "times": 1, "status": 400,
		"body": `{"code":"InvalidObject","message":"The record is locked by another user.","errors":[]}`,
	})
	n := j.sync()
	require.Equal(j, 1, refused())
	require.Equal(j, []string{"applied create addition effectiveDate=2027-04-01 #1", "failed cancel addition cancelledDate=2027-04-01 billCustomer=DoNotBill #1 (rejected)"}, n.of(c))
	require.Equal(j, []string{"applied cancel addition cancelledDate=2027-04-01 billCustomer=DoNotBill #1"}, j.sync().of(c))
	j.sees(old, advancedSeats+" ×10 2027-04-01…2027-04-01 DoNotBill")
	j.sees(c.agreement, advancedSeats+" ×10 2027-04-01…2027-12-31")
	require.Empty(j, j.sync().of(c))
}

// R49: in another company devices are created anew and the old ones closed.
func anotherCompany(j *journey) {
	box := j.firewall("2028-03-31")
	c := j.customer(box)
	j.sync()
	before := c
	j.invoice(c.agreement)
	c.company = j.newCompany()
	c.agreement = j.newAgreement(c.company, nil)
	j.remap(c)
	j.sync()
	j.sees(before.agreement, aTZ370+" ×1 2027-04-01…2027-04-30")
	j.sees(c.agreement, aTZ370+" ×1 2027-05-01…2028-03-31")
	require.Equal(j, []string{"Firewall Closed @" + strconv.Itoa(before.agreement)}, j.devices(before.company, box.serial))
	require.Equal(j, []string{"Firewall Active @" + strconv.Itoa(c.agreement)}, j.devices(c.company, box.serial))
	require.Empty(j, j.sync().of(c))

	// And back before the old line's last day: it runs on, as if nothing had happened.
	back := before
	j.remap(back)
	j.sync()
	j.sees(back.agreement, aTZ370+" ×1 2027-04-01…2028-03-31")
	j.sees(c.agreement, aTZ370+" ×1 2027-05-01…2027-05-01 DoNotBill")
	require.Equal(j, []string{"Firewall Active @" + strconv.Itoa(back.agreement)}, j.devices(back.company, box.serial))
	require.Equal(j, []string{"Firewall Closed @" + strconv.Itoa(c.agreement)}, j.devices(c.company, box.serial))
	require.Empty(j, j.sync().of(c))
}

func tierBeforeInvoice(j *journey) {
	seats := j.seats("ADVANCED", 10, "2027-12-31")
	c := j.customer(seats)
	j.sync()
	seats.tier = "PREMIER"
	j.report(c, seats)
	j.sync()
	j.sees(c.agreement, advancedSeats+" ×10 2027-04-01…2027-04-01 DoNotBill", premierSeats+" ×10 2027-04-01…2027-12-31")
	require.Equal(j, []string{premierSeats + " 10"}, j.invoice(c.agreement))
	require.Empty(j, j.sync().of(c))
}

func tierAfterInvoice(j *journey) {
	seats := j.seats("ADVANCED", 10, "2027-12-31")
	c := j.customer(seats)
	j.sync()
	require.Equal(j, []string{advancedSeats + " 10"}, j.invoice(c.agreement))
	seats.tier = "PREMIER"
	j.report(c, seats)
	j.sync()
	j.sees(c.agreement, advancedSeats+" ×10 2027-04-01…2027-04-30", premierSeats+" ×10 2027-05-01…2027-12-31")
	require.Equal(j, []string{premierSeats + " 10"}, j.invoice(c.agreement))

	// And down again: the line of the lower tier that stands has ended, so there is another one.
	seats.tier = "ADVANCED"
	j.report(c, seats)
	j.sync()
	j.sees(c.agreement, advancedSeats+" ×10 2027-04-01…2027-04-30", advancedSeats+" ×10 2027-06-01…2027-12-31", premierSeats+" ×10 2027-05-01…2027-05-31")
	require.Equal(j, []string{advancedSeats + " 10"}, j.invoice(c.agreement))
	require.Empty(j, j.sync().of(c))
}

func anotherName(j *journey) {
	seats := j.seats("ADVANCED", 10, "2027-12-31")
	c := j.customer(seats)
	j.sync()
	j.invoice(c.agreement)
	seats.name = "Capture Client Endpoint"
	j.report(c, seats)
	j.sync()
	j.sees(c.agreement, advancedSeats+" ×10 2027-04-01…2027-04-30", "SONICWALL_CAPTURE_CLIENT_ENDPOINT_ADVANCED ×10 2027-05-01…2027-12-31")
	require.Empty(j, j.sync().of(c))
}

// R49: a sync of either tenant alone looks at the other beside it, so that what moved is not taken for gone.
func anotherTenant(j *journey) {
	seats, stays := j.seats("ADVANCED", 10, "2027-12-31"), j.seats("BASIC", 4, "2027-12-31")
	giver, receiver := j.customer(seats, stays), j.customer(j.seats("BASIC", 5, "2027-12-31"))
	j.sync()
	j.invoice(giver.agreement)
	j.msw("product.move", map[string]any{"serialNumber": seats.serial, "to": receiver.id})
	require.Empty(j, j.syncOnly(giver).of(giver, receiver), "the receiver's run is to move it")
	n := j.syncOnly(receiver)
	require.Equal(j, []string{"applied create addition effectiveDate=2027-05-01 #1", "applied cancel addition cancelledDate=2027-04-30 #1"}, n.of(giver, receiver))
	require.Len(j, j.lines(giver.agreement), 2)
	require.Equal(j, []string{"SONICWALL_CAPTURE_CLIENT_TENANT_BASIC 4"}, j.invoice(giver.agreement))
	require.Empty(j, j.sync().of(giver, receiver))
}

func anotherTenantTombstone(j *journey) {
	box := j.firewall("2028-03-31")
	giver, receiver := j.customer(box), j.customer()
	j.sync()
	j.invoice(giver.agreement)
	j.msw("product.move", map[string]any{"serialNumber": box.serial, "to": receiver.id, "tombstone": true})
	j.sync()
	j.sees(giver.agreement, aTZ370+" ×1 2027-04-01…2027-04-30")
	j.sees(receiver.agreement, aTZ370+" ×1 2027-05-01…2028-03-31")
	require.Equal(j, []string{"Firewall Closed @" + strconv.Itoa(giver.agreement)}, j.devices(giver.company, box.serial))
	require.Equal(j, []string{"Firewall Active @" + strconv.Itoa(receiver.agreement)}, j.devices(receiver.company, box.serial))
	require.Empty(j, j.sync().of(giver, receiver))
}

// R49: the same agreement under another tenant: ownership moves, and nothing is written.
func sameAgreement(j *journey) {
	seats, box := j.seats("ADVANCED", 10, "2027-12-31"), j.firewall("2028-03-31")
	giver, receiver := j.customer(seats, box), j.newTenant(j.seats("BASIC", 5, "2027-12-31"))
	receiver.company, receiver.agreement = giver.company, giver.agreement
	j.remap(receiver)
	j.sync()
	before := j.lines(giver.agreement)
	require.Len(j, before, 3)
	require.Equal(j, 2, j.tenant(giver).OpenLines)
	for _, serial := range []string{seats.serial, box.serial} {
		j.msw("product.move", map[string]any{"serialNumber": serial, "to": receiver.id})
	}
	require.Empty(j, j.sync().of(giver, receiver))
	require.Equal(j, before, j.lines(giver.agreement))
	require.Equal(j, 0, j.tenant(giver).OpenLines)
	require.Equal(j, 3, j.tenant(receiver).OpenLines)
}

// R49: a product that ends before its new line would start gets none; the old one keeps its date.
func endsBeforeItMoves(j *journey) {
	c := j.customer(j.seats("ADVANCED", 10, "2027-04-20"))
	j.sync()
	old := c.agreement
	j.invoice(old)
	c.agreement = j.newAgreement(c.company, nil)
	j.remap(c)
	require.Empty(j, j.sync().of(c))
	j.sees(old, advancedSeats+" ×10 2027-04-01…2027-04-20")
	j.sees(c.agreement)
}
