package main

import (
	"net/http"
	"strconv"

	"github.com/stretchr/testify/require"

	"causeway/internal/bridge"
)

// The days on which lives go on, after the journeys' first one.
const (
	nextDay  = "2027-03-11"
	inApril  = "2027-04-15"
	inMay    = "2027-05-03"
	mayFirst = afterInvoice
)

// lives are journeys of products over months: cancelled, renewed, lapsed, registered again, returned, with and without an invoice in
// between, and of dates that ConnectWise refuses.
var lives = map[string]func(*journey){
	"cancelled":                       cancelledProducts,
	"merely absent":                   absent,
	"renewed, in time and late":       renewed,
	"lapsed, then gone":               lapsed,
	"registered again after the end":  registeredAgain,
	"registered again while it runs":  registeredWhileRunning,
	"returned before an invoice":      returnedBeforeInvoice,
	"returned after invoices":         returnedAfterInvoices,
	"billing start moved later":       billingStartMoved,
	"invoiced between plan and write": invoicedMeanwhile,
}

// R32: at once where MySonicWall says so; a line that no invoice carried never bills, one that was invoiced ends on that day.
func cancelledProducts(j *journey) {
	before, after, later := j.seats("ADVANCED", 1, "2027-12-31"), j.seats("ADVANCED", 2, "2027-12-31"), j.seats("ADVANCED", 3, "2027-12-31")
	box := j.firewall("2028-03-31")
	c := j.customer(before, after, later, box, j.seats("BASIC", 1, ""))
	j.sync()
	j.msw("product.tombstone", map[string]any{"serialNumber": before.serial})
	j.sync()
	require.ElementsMatch(j, []string{basicSeats + " 1", advancedSeats + " 2", advancedSeats + " 3", aTZ370 + " 1"}, j.invoice(c.agreement))
	j.msw("product.tombstone", map[string]any{"serialNumber": after.serial, "status": "TRANSFERRED"})
	j.sync()
	basic := basicSeats + " ×1 2027-04-01…"
	ends := []string{basic, advancedSeats + " ×1 2027-04-01…2027-04-01 DoNotBill", advancedSeats + " ×2 2027-04-01…2027-04-01"}
	j.sees(c.agreement, append(ends, advancedSeats+" ×3 2027-04-01…2027-12-31", aTZ370+" ×1 2027-04-01…2028-03-31")...)

	j.night(inApril)
	j.msw("product.tombstone", map[string]any{"serialNumber": later.serial})
	j.sync()
	j.msw("product.tombstone", map[string]any{"serialNumber": box.serial})
	j.sync()
	j.sees(c.agreement, append(ends, advancedSeats+" ×3 2027-04-01…2027-04-15", aTZ370+" ×1 2027-04-01…2027-04-15")...)
	require.Equal(j, []string{"Firewall Closed @" + strconv.Itoa(c.agreement)}, j.devices(c.company, box.serial))
	require.Equal(j, []string{basicSeats + " 1"}, j.invoice(c.agreement))
	require.Empty(j, j.night(inMay).of(c))
}

// R32: complete answers without it on two days of the calendar; the line ends on the first of them.
func absent(j *journey) {
	uninvoiced, back, gone := j.seats("ADVANCED", 1, "2027-12-31"), j.seats("ADVANCED", 2, "2027-12-31"), j.seats("ADVANCED", 3, "2027-12-31")
	c := j.customer(uninvoiced, back, gone, j.seats("BASIC", 1, ""))
	j.sync()
	before := j.lines(c.agreement)
	j.msw("product.delete", map[string]any{"serialNumber": uninvoiced.serial})
	require.Empty(j, j.sync().of(c))
	require.Empty(j, j.sync().of(c), "twice on one day is once")
	require.Equal(j, before, j.lines(c.agreement))
	j.night(nextDay)
	basic, ended := basicSeats+" ×1 2027-04-01…", advancedSeats+" ×1 2027-04-01…2027-04-01 DoNotBill"
	j.sees(c.agreement, basic, ended, advancedSeats+" ×2 2027-04-01…2027-12-31", advancedSeats+" ×3 2027-04-01…2027-12-31")

	j.invoice(c.agreement)
	j.night(inApril)
	for _, p := range []product{back, gone} {
		j.msw("product.delete", map[string]any{"serialNumber": p.serial})
	}
	require.Empty(j, j.sync().of(c))
	j.report(c, back) // it was a mistake of MySonicWall's
	j.invoice(c.agreement)
	j.night(inMay)
	j.sees(c.agreement, basic, ended, advancedSeats+" ×2 2027-04-01…2027-12-31", advancedSeats+" ×3 2027-04-01…2027-04-15")
	j.msw("product.delete", map[string]any{"serialNumber": back.serial})
	require.Empty(j, j.sync().of(c), "missed anew, counted anew")
}

// R26: a renewal moves the date forward on the same line, also when it lay in the past already.
func renewed(j *journey) {
	early, late, box := j.seats("ADVANCED", 1, "2027-04-30"), j.seats("ADVANCED", 2, "2027-04-10"), j.firewall("2027-04-10")
	c := j.customer(early, late, box)
	j.sync()
	ids := j.ids(c.agreement)
	j.invoice(c.agreement)
	j.renew(early, "2028-04-30")
	j.night(inApril)
	j.sees(c.agreement, advancedSeats+" ×1 2027-04-01…2028-04-30", advancedSeats+" ×2 2027-04-01…2027-04-10", aTZ370+" ×1 2027-04-01…2027-04-10")
	require.Equal(j, []string{advancedSeats + " 1"}, j.invoice(c.agreement), "what expired is not on May's invoice")
	j.night(inMay)
	j.renew(late, "2028-04-10")
	j.renew(box, "2028-04-10")
	j.sync()
	require.Equal(j, ids, j.ids(c.agreement))
	j.sees(c.agreement, advancedSeats+" ×1 2027-04-01…2028-04-30", advancedSeats+" ×2 2027-04-01…2028-04-10", aTZ370+" ×1 2027-04-01…2028-04-10")
	require.Equal(j, []string{advancedSeats + " 1", advancedSeats + " 2", aTZ370 + " 1"}, sorted(j.invoice(c.agreement)))
	device := j.p.simulators().record(j.T, "configuration", map[string]string{"serialNumber": box.serial})
	require.Equal(j, "2028-04-10", day(device, "warrantyExpirationDate"))
	require.Empty(j, j.sync().of(c))
}

func (j *journey) ids(agreement int) []int {
	j.Helper()
	var out []int
	for _, l := range j.lines(agreement) {
		out = append(out, l.id)
	}
	return out
}

// R32: what ended by itself keeps its date when it goes.
func lapsed(j *journey) {
	seats := j.seats("ADVANCED", 1, "2027-04-10")
	c := j.customer(seats, j.seats("BASIC", 1, ""))
	j.sync()
	j.invoice(c.agreement)
	require.Empty(j, j.night(inApril).of(c))
	j.msw("product.tombstone", map[string]any{"serialNumber": seats.serial})
	require.Empty(j, j.sync().of(c))
	j.sees(c.agreement, basicSeats+" ×1 2027-04-01…", advancedSeats+" ×1 2027-04-01…2027-04-10")
	require.Equal(j, []string{basicSeats + " 1"}, j.invoice(c.agreement))
}

// R51: a later registration date is a new line; the old one stays as it is.
func registeredAgain(j *journey) {
	seats := j.seats("ADVANCED", 10, "2027-04-10")
	c := j.customer(seats)
	j.sync()
	j.invoice(c.agreement)
	j.night(inApril)
	seats.registered, seats.until, *seats.quantity = "2027-04-14", "2028-04-13", 12
	j.report(c, seats)
	j.sync()
	old, line := advancedSeats+" ×10 2027-04-01…2027-04-10", advancedSeats+" ×12 2027-05-01…2028-04-13"
	j.sees(c.agreement, old, line)
	require.Equal(j, []string{advancedSeats + " 12"}, j.invoice(c.agreement))
	*seats.quantity = 13
	j.report(c, seats)
	j.night(inMay)
	j.sees(c.agreement, old, advancedSeats+" ×13 2027-05-01…2028-04-13")
	require.Empty(j, j.sync().of(c))
}

func registeredWhileRunning(j *journey) {
	seats := j.seats("ADVANCED", 10, "2027-12-31")
	c := j.customer(seats)
	j.sync()
	j.invoice(c.agreement)
	seats.registered, seats.until = "2027-04-12", "2028-04-11"
	j.night(inApril)
	j.report(c, seats)
	n := j.sync()
	require.Equal(j, []string{"applied create addition effectiveDate=2027-05-01 #1", "applied cancel addition cancelledDate=2027-04-30 #1"}, n.of(c))
	require.Equal(j, []string{advancedSeats + " 10"}, j.invoice(c.agreement))
	require.Empty(j, j.night(inMay).of(c))
}

// R26, R32: a product that comes back with the same registration has its line again.
func returnedBeforeInvoice(j *journey) {
	seats, box := j.seats("ADVANCED", 10, "2027-12-31"), j.firewall("2028-03-31")
	c := j.customer(seats, box, j.seats("BASIC", 1, ""))
	j.sync()
	before := j.lines(c.agreement)
	for _, p := range []product{seats, box} {
		j.msw("product.tombstone", map[string]any{"serialNumber": p.serial})
	}
	j.sync()
	j.release(j.waiting(c, 3, bridge.ReasonShare))
	basic := basicSeats + " ×1 2027-04-01…"
	j.sees(c.agreement, basic, advancedSeats+" ×10 2027-04-01…2027-04-01 DoNotBill", aTZ370+" ×1 2027-04-01…2027-04-01 DoNotBill")
	j.report(c, seats)
	j.report(c, box)
	j.sync()
	require.Equal(j, before, j.lines(c.agreement))
	require.Equal(j, []string{"Firewall Active @" + strconv.Itoa(c.agreement)}, j.devices(c.company, box.serial))
	require.Empty(j, j.sync().of(c))
}

func returnedAfterInvoices(j *journey) {
	never, once := j.seats("ADVANCED", 10, "2027-12-31"), j.seats("PREMIER", 20, "2027-12-31")
	c := j.customer(never, once, j.seats("BASIC", 1, ""))
	j.sync()
	j.msw("product.tombstone", map[string]any{"serialNumber": never.serial})
	j.sync()
	require.Equal(j, []string{basicSeats + " 1", premierSeats + " 20"}, sorted(j.invoice(c.agreement)))
	j.night(inApril)
	j.msw("product.tombstone", map[string]any{"serialNumber": once.serial})
	j.sync()
	basic := basicSeats + " ×1 2027-04-01…"
	j.sees(c.agreement, basic, advancedSeats+" ×10 2027-04-01…2027-04-01 DoNotBill", premierSeats+" ×20 2027-04-01…2027-04-15")
	require.Equal(j, []string{basicSeats + " 1"}, j.invoice(c.agreement))
	j.night(inMay)
	j.report(c, never)
	j.report(c, once)
	j.sync()
	j.sees(c.agreement, basic, advancedSeats+" ×10 2027-04-01…2027-12-31", premierSeats+" ×20 2027-04-01…2027-12-31")
	require.ElementsMatch(j, []string{basicSeats + " 1", advancedSeats + " 10", premierSeats + " 20"}, j.invoice(c.agreement))
	require.Empty(j, j.sync().of(c))
}

// A person moved the agreement's billing start behind its lines: ConnectWise takes no change of them, and a person says from when on
// they are to bill.
func billingStartMoved(j *journey) {
	seats := j.seats("ADVANCED", 10, "2027-12-31")
	c := j.customer(seats)
	j.sync()
	j.editAgreement(c.agreement, map[string]any{"billStartDate": instant(mayFirst)})
	*seats.quantity = 11
	j.report(c, seats)
	n := j.sync()
	require.Equal(j, []string{"failed update addition quantity=11 (rejected)"}, n.of(c))
	row := n.rows[c.String()][0]
	require.Contains(j, row.Answer, "effectiveDate cannot be less than the agreement billing start date.")
	require.Equal(j, mayFirst, row.BillFrom)
	j.sees(c.agreement, advancedSeats+" ×10 2027-04-01…2027-12-31")
	refused := j.held(c, "--refused")
	require.Len(j, refused, 1)
	require.Equal(j, []bridge.Choice{bridge.ChoiceBillFrom}, refused[0].Choices)
	j.refuses("release", numbered(refused)...)
	n = j.release(refused, "--bill-from")
	require.Equal(j, []string{"applied update addition effectiveDate=2027-05-01 quantity=11"}, n.of(c))
	j.sees(c.agreement, advancedSeats+" ×11 2027-05-01…2027-12-31")
	require.Empty(j, j.held(c, "--refused"))
	require.Empty(j, j.sync().of(c))
}

// The agreement is invoiced after the plan and before the write: ConnectWise refuses the line, and the next run takes the next date by
// the rules.
func invoicedMeanwhile(j *journey) {
	seats := j.seats("ADVANCED", 10, "2027-12-31")
	c := j.customer()
	j.sync()
	j.report(c, seats)
	held := j.p.simulators().fault(j.T, map[string]any{
		"method": http.MethodPost, "path": "^finance/agreements/" + strconv.Itoa(c.agreement) + "/additions$", "times": 1, "delay": "2s",
	})
	done := make(chan *night, 1)
	go func() {
		defer close(done)
		done <- j.syncOnly(c)
	}()
	until(j.T, "a line on its way", func() bool { return held() == 1 })
	require.Empty(j, j.invoice(c.agreement))
	n := <-done
	require.NotNil(j, n)
	require.Equal(j, []string{"failed create addition effectiveDate=2027-04-01 (rejected)"}, n.of(c))
	row := n.rows[c.String()][0]
	require.Contains(j, row.Answer, "This period has been invoiced already")
	require.Equal(j, mayFirst, row.BillFrom)
	require.Equal(j, []bridge.Choice{bridge.ChoiceBillFrom}, row.Choices)
	require.Equal(j, []string{"applied create addition effectiveDate=2027-05-01"}, j.sync().of(c))
	j.sees(c.agreement, advancedSeats+" ×10 2027-05-01…2027-12-31")
	require.Equal(j, []string{advancedSeats + " 10"}, j.invoice(c.agreement))
}
