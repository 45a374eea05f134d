package main

import (
	"slices"
	"strconv"

	"github.com/stretchr/testify/require"

	"causeway/internal/admin"
	"causeway/internal/bridge"
)

const basicSeats = "SONICWALL_CAPTURE_CLIENT_TENANT_BASIC"

// waits are journeys of changes that wait for a person.
var waits = map[string]func(*journey){
	"an agreement not invoiced for months": oldInvoiceDate,
	"an expiry that turns blank":           blankExpiry,
	"a quantity of zero":                   zeroQuantity,
	"a quantity that jumps":                quantityJumps,
	"dismissed until the facts change":     dismissed,
	"much of a tenant gone":                muchGone,
	"an empty answer":                      emptyAnswer,
	"many new lines":                       manyNew,
	"a cancelled line found, released":     cancelledLineReleased,
	"a cancelled line found, adopted":      cancelledLineAdopted,
	"held moves along":                     heldMovesAlong,
	"an answer to nothing":                 unknownIDs,
}

// R25: the next invoice date lies more than a period back.
func oldInvoiceDate(j *journey) {
	released, invoiced := j.customer(), j.customer(j.seats("ADVANCED", 3, "2027-12-31"))
	j.editAgreement(released.agreement, map[string]any{"nextInvoiceDate": instant("2027-01-01")})
	j.editAgreement(invoiced.agreement, map[string]any{"nextInvoiceDate": instant("2027-01-01")})
	seats := j.seats("ADVANCED", 10, "2027-12-31")
	j.report(released, seats)
	j.sync()
	row := j.waiting(released, 1, bridge.ReasonOldInvoice)
	require.Equal(j, "2027-01-01", row[0].After[bridge.FieldEffective])
	require.Equal(j, "2027-01-01", row[0].NextInvoice)
	j.waiting(invoiced, 1, bridge.ReasonOldInvoice)
	j.sees(released.agreement)

	n := j.release(row)
	require.Equal(j, []string{"applied create addition effectiveDate=2027-01-01"}, n.of(released))
	require.Contains(j, n.rows[released.String()][0].Decided, "command line")
	j.sees(released.agreement, advancedSeats+" ×10 2027-01-01…2027-12-31")

	// The cause goes, and with it the hold: the person invoices instead.
	for range 3 {
		j.invoice(invoiced.agreement)
	}
	j.sync()
	require.Empty(j, j.held(invoiced))
	j.sees(invoiced.agreement, advancedSeats+" ×3 2027-04-01…2027-12-31")
}

// R26: the rest of the product goes on meanwhile.
func blankExpiry(j *journey) {
	seats, box := j.seats("ADVANCED", 10, "2027-12-31"), j.firewall("2028-03-31")
	c := j.customer(seats, box)
	j.sync()
	seats.until, *seats.quantity = "", 11
	j.report(c, seats)
	box.until = ""
	j.report(c, box)
	j.sync()
	rows := j.waiting(c, 3, bridge.ReasonBlankExpiry)
	j.sees(c.agreement, advancedSeats+" ×11 2027-04-01…2027-12-31", aTZ370+" ×1 2027-04-01…2028-03-31")

	// What is released is the line of the seats; the others wait on, and one of them goes with its cause.
	at := slices.IndexFunc(rows, func(row admin.ChangeAnswer) bool { return row.Serial == seats.serial })
	require.Equal(j, bridge.Fields{bridge.FieldCancelled: ""}, rows[at].After)
	require.Equal(j, "2027-12-31", rows[at].Before[bridge.FieldCancelled])
	j.release(rows[at : at+1])
	j.sees(c.agreement, advancedSeats+" ×11 2027-04-01…", aTZ370+" ×1 2027-04-01…2028-03-31")
	j.waiting(c, 2, bridge.ReasonBlankExpiry)
	box.until = "2029-03-31"
	j.report(c, box)
	j.sync()
	require.Empty(j, j.held(c))
	j.sees(c.agreement, advancedSeats+" ×11 2027-04-01…", aTZ370+" ×1 2027-04-01…2029-03-31")
}

// R28, on a line that stands and on one that does not.
func zeroQuantity(j *journey) {
	seats, none := j.seats("ADVANCED", 10, "2027-12-31"), j.seats("BASIC", 0, "2027-12-31")
	c := j.customer(seats, none)
	j.sync()
	rows := j.waiting(c, 1, bridge.ReasonZeroQuantity)
	require.Equal(j, bridge.ActionCreate, rows[0].Action)
	*seats.quantity = 0
	j.report(c, seats)
	j.sync()
	rows = j.waiting(c, 2, bridge.ReasonZeroQuantity)
	j.sees(c.agreement, advancedSeats+" ×10 2027-04-01…2027-12-31")
	j.release(rows)
	j.sees(c.agreement, advancedSeats+" ×0 2027-04-01…2027-12-31", basicSeats+" ×0 2027-04-01…2027-12-31")
	require.Empty(j, j.sync().of(c))
	*seats.quantity = 12
	j.report(c, seats)
	j.sync()
	j.sees(c.agreement, advancedSeats+" ×12 2027-04-01…2027-12-31", basicSeats+" ×0 2027-04-01…2027-12-31")
}

// What is released is written exactly as shown; other facts by then are held anew, and an answer to what is gone is an error.
func quantityJumps(j *journey) {
	seats := j.seats("ADVANCED", 10, "2027-12-31")
	c := j.customer(seats)
	j.sync()
	*seats.quantity = 100
	j.report(c, seats)
	n := j.syncOnly(c) // what is held changes no exit code
	require.Positive(j, n.ChangeCounts.Held)
	first := j.waiting(c, 1, bridge.ReasonQuantityJump)
	require.Equal(j, "100", first[0].After[bridge.FieldQuantity])

	// Released, but by the time of the run the facts are others.
	*seats.quantity = 90
	j.report(c, seats)
	n = j.release(first)
	require.Equal(j, []string{"held update addition quantity=90 (quantity_jump)"}, n.of(c))
	j.sees(c.agreement, advancedSeats+" ×10 2027-04-01…2027-12-31")
	j.refuses("release", strconv.FormatInt(first[0].ID, 10))
	second := j.waiting(c, 1, bridge.ReasonQuantityJump)
	require.NotEqual(j, first[0].ID, second[0].ID)
	j.refuses("release", strconv.FormatInt(second[0].ID, 10), "--adopt")
	require.Equal(j, []string{"applied update addition quantity=90"}, j.release(second).of(c))
	j.sees(c.agreement, advancedSeats+" ×90 2027-04-01…2027-12-31")

	// The other way it counts as well.
	*seats.quantity = 5
	j.report(c, seats)
	j.sync()
	j.waiting(c, 1, bridge.ReasonQuantityJump)
	*seats.quantity = 80
	j.report(c, seats)
	j.sync()
	require.Empty(j, j.held(c))
	j.sees(c.agreement, advancedSeats+" ×80 2027-04-01…2027-12-31")
}

// refuses expects that an answer to rows is an error.
func (j *journey) refuses(command string, args ...string) string {
	j.Helper()
	var failed failure
	j.ask(1, &failed, append([]string{command, j.p.account}, args...)...)
	require.NotEmpty(j, failed.Error)
	return failed.Error
}

func dismissed(j *journey) {
	seats := j.seats("ADVANCED", 10, "2027-12-31")
	c := j.customer(seats)
	j.sync()
	*seats.quantity = 100
	j.report(c, seats)
	j.sync()
	j.dismiss(j.waiting(c, 1, bridge.ReasonQuantityJump)...)
	require.Empty(j, j.held(c))
	require.Empty(j, j.sync().of(c))
	require.Empty(j, j.held(c))
	j.sees(c.agreement, advancedSeats+" ×10 2027-04-01…2027-12-31")
	*seats.quantity = 101
	j.report(c, seats)
	j.sync()
	require.Equal(j, "101", j.waiting(c, 1, bridge.ReasonQuantityJump)[0].After[bridge.FieldQuantity])
}

// R32: more than a fifth, and more than two, of a tenant's records at once.
func muchGone(j *journey) {
	c := j.customer(j.seats("ADVANCED", 1, ""), j.seats("BASIC", 2, ""))
	var gone []product
	for range 3 {
		gone = append(gone, j.seats("PREMIER", 3, "2027-12-31"))
		j.report(c, gone[len(gone)-1])
	}
	j.sync()
	for _, p := range gone {
		j.msw("product.tombstone", map[string]any{"serialNumber": p.serial})
	}
	j.sync()
	rows := j.waiting(c, 3, bridge.ReasonShare)
	stands, ended := premierSeats+" ×3 2027-04-01…2027-12-31", premierSeats+" ×3 2027-04-01…2027-04-01 DoNotBill"
	others := []string{advancedSeats + " ×1 2027-04-01…", basicSeats + " ×2 2027-04-01…"}
	j.sees(c.agreement, append(others, stands, stands, stands)...)
	require.Equal(j, []string{"2027-04-01", "DoNotBill"}, []string{rows[0].After[bridge.FieldCancelled], rows[0].After[bridge.FieldBillCustomer]})
	require.Equal(j, 1, applied(j.release(rows[:1]).rows[c.String()]))
	j.sees(c.agreement, append(others, stands, stands, ended)...)
	j.release(j.waiting(c, 2, bridge.ReasonShare))
	require.Empty(j, j.held(c))
	j.sees(c.agreement, append(others, ended, ended, ended)...)
}

// R32: nothing at all where there was something is shown at once, and waits for a person.
func emptyAnswer(j *journey) {
	seats := j.seats("ADVANCED", 10, "2027-12-31")
	back, gone := j.customer(seats), j.customer(j.seats("BASIC", 2, "2027-12-31"))
	j.sync()
	j.msw("product.delete", map[string]any{"serialNumber": seats.serial})
	other := j.lines(gone.agreement)[0]
	j.msw("product.delete", map[string]any{"serialNumber": other.serial})
	j.sync()
	j.dismiss(j.waiting(back, 1, bridge.ReasonEmptyAnswer)...)
	j.waiting(gone, 1, bridge.ReasonEmptyAnswer)
	j.sync()
	require.Empty(j, j.held(back), "the facts are the same")
	j.release(j.waiting(gone, 1, bridge.ReasonEmptyAnswer))
	j.sees(gone.agreement, basicSeats+" ×2 2027-04-01…2027-04-01 DoNotBill")
	j.report(back, seats)
	require.Empty(j, j.sync().of(back, gone))
	j.sees(back.agreement, advancedSeats+" ×10 2027-04-01…2027-12-31")
}

// The limit on new lines, which the account has at five.
func manyNew(j *journey) {
	c := j.customer()
	for range 6 {
		j.report(c, j.seats("BASIC", 1, "2027-12-31"))
	}
	j.sync()
	rows := j.waiting(c, 6, bridge.ReasonNewAdditions)
	j.sees(c.agreement)
	require.Equal(j, 2, applied(j.release(rows[:2]).rows[c.String()]))
	require.Len(j, j.lines(c.agreement), 2)
	j.release(j.waiting(c, 4, bridge.ReasonNewAdditions))
	require.Empty(j, j.held(c))
	require.Len(j, j.lines(c.agreement), 6)
}

// cancelledByHand is a customer whose agreement has a line for a product that a person made and cancelled, before MySonicWall lists it.
func (j *journey) cancelledByHand() (tenant, product, line) {
	j.Helper()
	seats := j.seats("ADVANCED", 10, "2027-12-31")
	c := j.customer(j.seats("ADVANCED", 1, "")) // so that the catalog has the item
	j.sync()
	item := j.p.simulators().record(j.T, "catalogItem", map[string]string{"identifier": advancedSeats})
	j.editAgreement(c.agreement, map[string]any{"prorateFlag": true})
	j.byHand(c.agreement, map[string]any{
		"product": map[string]any{"id": item["id"]}, "serialNumber": seats.serial, "quantity": 7,
		"effectiveDate": instant("2026-12-05"), "cancelledDate": instant("2027-01-31"),
	})
	j.editAgreement(c.agreement, map[string]any{"prorateFlag": false})
	j.report(c, seats)
	j.sync()
	for _, l := range j.lines(c.agreement) {
		if l.serial == seats.serial {
			return c, seats, l
		}
	}
	require.Fail(j, "the line entered by hand is gone")
	return c, seats, line{}
}

func cancelledLineReleased(j *journey) {
	c, _, found := j.cancelledByHand()
	rows := j.waiting(c, 1, bridge.ReasonNotRevived)
	require.Equal(j, "7", rows[0].Rival[bridge.FieldQuantity])
	j.release(rows)
	j.sees(c.agreement, advancedSeats+" ×1 2027-04-01…", found.String(), advancedSeats+" ×10 2027-04-01…2027-12-31")
	require.Empty(j, j.sync().of(c))
}

func cancelledLineAdopted(j *journey) {
	c, _, _ := j.cancelledByHand()
	rows := j.waiting(c, 1, bridge.ReasonNotRevived)
	j.release(rows, "--adopt")
	j.sees(c.agreement, advancedSeats+" ×1 2027-04-01…", advancedSeats+" ×10 2026-12-05…2027-12-31")
	require.Empty(j, j.sync().of(c))
}

// R49: a tenant that moves takes along what waits, what was dismissed and what was released.
func heldMovesAlong(j *journey) {
	put, waits := j.seats("ADVANCED", 10, "2027-12-31"), j.seats("BASIC", 10, "2027-12-31")
	c := j.customer(put, waits)
	j.sync()
	*put.quantity, *waits.quantity = 100, 100
	j.report(c, put)
	j.report(c, waits)
	j.sync()
	rows := j.waiting(c, 2, bridge.ReasonQuantityJump)
	at := slices.IndexFunc(rows, func(row admin.ChangeAnswer) bool { return row.Serial == put.serial })
	j.dismiss(rows[at])
	old := c.agreement
	c.agreement = j.newAgreement(c.company, nil)
	j.remap(c)
	j.sync()
	j.sees(old, advancedSeats+" ×10 2027-04-01…2027-04-01 DoNotBill", basicSeats+" ×10 2027-04-01…2027-04-01 DoNotBill")
	j.sees(c.agreement, advancedSeats+" ×10 2027-04-01…2027-12-31", basicSeats+" ×10 2027-04-01…2027-12-31")
	row := j.waiting(c, 1, bridge.ReasonQuantityJump)
	require.Equal(j, waits.serial, row[0].Serial, "the other one is dismissed as before")
	j.release(row)
	j.sees(c.agreement, advancedSeats+" ×10 2027-04-01…2027-12-31", basicSeats+" ×100 2027-04-01…2027-12-31")
	require.Empty(j, j.sync().of(c))
}

func applied(rows []admin.ChangeAnswer) int {
	return len(slices.DeleteFunc(slices.Clone(rows), func(row admin.ChangeAnswer) bool { return row.Status != bridge.StatusApplied }))
}

func unknownIDs(j *journey) {
	seats := j.seats("ADVANCED", 10, "2027-12-31")
	c := j.customer(seats)
	j.sync()
	*seats.quantity = 100
	j.report(c, seats)
	j.sync()
	row := j.waiting(c, 1, bridge.ReasonQuantityJump)
	id := strconv.FormatInt(row[0].ID, 10)
	for _, command := range []string{"release", "dismiss"} {
		require.Contains(j, j.refuses(command, id, "99999999"), "99999999", command)
	}
	require.Contains(j, j.refuses("resume", "99999999"), "99999999")
	require.Equal(j, row, j.waiting(c, 1, bridge.ReasonQuantityJump), "all or nothing")
	j.sync()
	j.sees(c.agreement, advancedSeats+" ×10 2027-04-01…2027-12-31")
	applied := j.release(j.waiting(c, 1, bridge.ReasonQuantityJump))
	j.refuses("release", strconv.FormatInt(applied.rows[c.String()][0].ID, 10))
}
