package main

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/stretchr/testify/require"

	"causeway/internal/admin"
	"causeway/internal/bridge"
)

// byPersons are journeys of what persons entered, changed or ended in ConnectWise.
var byPersons = map[string]func(*journey){
	"an estate billed by hand":              cutOver,
	"a line ended by hand: deleted":         deletedLine,
	"a line ended by hand: cancelled":       cancelledEarlier,
	"a line cancelled later":                cancelledLater,
	"a device ended by hand: closed":        closedDevice,
	"a device ended by hand: deleted":       deletedDevice,
	"ended by hand, then mapped elsewhere":  endedMovesAlong,
	"fields that persons own":               personsFields,
	"several lines by hand for one product": severalByHand,
	"a deleted item that is still needed":   deletedItem,
}

// itemByHand is a catalog item of the provider's own.
func (j *journey) itemByHand(identifier string) int {
	j.Helper()
	return number(j.T, j.cwm(http.MethodPost, "procurement/catalog", map[string]any{
		"identifier": identifier, "description": identifier, "customerDescription": identifier, "productClass": "NonInventory", "price": 12, "cost": 7,
		"type": map[string]any{"name": "Software"}, "category": map[string]any{"name": "Software"}, "subcategory": map[string]any{"name": "Subscriptions"},
	}), "id")
}

func ref(id int) map[string]any { return map[string]any{"id": id} }

// R33, R50: the first sync of a tenant whose lines were all entered by hand finds each that may bill the same thing.
func cutOver(j *journey) {
	bySerial, byName, same, fresh := j.seats("ADVANCED", 10, "2027-12-31"), j.seats("PREMIER", 20, "2027-12-31"), j.seats("BASIC", 30, "2027-12-31"), j.seats("BASIC", 5, "2027-12-31")
	byName.name, byName.line = "Cloud App Security Suite", "CLOUD_APP_SECURITY"
	c := j.customer(bySerial, byName, same, fresh)
	own := j.itemByHand("EDR-SEAT-" + c.String())
	j.byHand(c.agreement, map[string]any{"product": ref(own), "serialNumber": bySerial.serial, "quantity": 9, "invoiceDescription": "Endpoint security", "unitPrice": 4.5})
	j.byHand(c.agreement, map[string]any{"product": ref(own), "quantity": 20, "invoiceDescription": "SonicWall Cloud App Security Suite, per user"})
	j.byHand(c.agreement, map[string]any{"product": ref(own), "quantity": 1, "invoiceDescription": "Cloud App Security Suite, already ended", "cancelledDate": instant(nextInvoice)})
	j.byHand(c.agreement, map[string]any{"product": ref(own), "quantity": 2, "invoiceDescription": "Cloud App Security Suite, as a gift", "billCustomer": "NoCharge"})
	j.byHand(c.agreement, map[string]any{"product": ref(own), "quantity": 3, "invoiceDescription": "Helpdesk"})
	before := j.lines(c.agreement)
	j.sync()
	rows := j.waiting(c, 2, bridge.ReasonLookAlike)
	for _, row := range rows {
		require.Equal(j, []bridge.Choice{bridge.ChoiceAdopt, bridge.ChoiceRelease, bridge.ChoiceDismiss}, row.Choices)
		require.Equal(j, bridge.ActionCreate, row.Action)
		want := map[string]string{bySerial.serial: "Endpoint security", byName.serial: "SonicWall Cloud App Security Suite, per user"}[row.Serial]
		require.Equal(j, want, row.Rival[bridge.FieldInvoiceDescription], row.Error)
	}
	require.Len(j, j.lines(c.agreement), len(before)+2, "what nothing stands for is made")

	// One is adopted: what a person owns stays, serial number and figures follow MySonicWall. The other gets a line of ours beside it.
	adopt := slices.IndexFunc(rows, func(row admin.ChangeAnswer) bool { return row.Serial == bySerial.serial })
	require.Equal(j, 1, applied(j.release(rows[adopt:adopt+1], "--adopt").rows[c.String()]))
	adopted := j.line(c.agreement, before[0].id)
	require.Equal(j, "Endpoint security", adopted.invoiceWords)
	require.Equal(j, "EDR-SEAT-"+c.String()+" ×10 2027-04-01…2027-12-31", adopted.String())
	j.release(j.waiting(c, 1, bridge.ReasonLookAlike))
	require.Len(j, j.lines(c.agreement), len(before)+3)
	require.Equal(j, before[1:], j.lines(c.agreement)[1:len(before)], "what was not adopted stays as it was")
	require.Empty(j, j.sync().of(c))
	require.Empty(j, j.held(c))
	require.Len(j, slices.DeleteFunc(j.invoice(c.agreement), func(item string) bool { return item != "EDR-SEAT-"+c.String()+" 10" }), 1)
}

// line is the one with this id.
func (j *journey) line(agreement, id int) line {
	j.Helper()
	for _, l := range j.lines(agreement) {
		if l.id == id {
			return l
		}
	}
	require.Fail(j, "no such line", "%d of agreement %d", id, agreement)
	return line{}
}

// R33: two open lines by hand under the very product and serial number; and one, which is taken over without a question.
func severalByHand(j *journey) {
	one, two := j.seats("ADVANCED", 10, "2027-12-31"), j.seats("ADVANCED", 20, "2027-12-31")
	c := j.customer(j.seats("ADVANCED", 1, "2027-12-31"))
	j.sync()
	item := number(j.T, j.p.simulators().record(j.T, "catalogItem", map[string]string{"identifier": advancedSeats}), "id")
	j.byHand(c.agreement, map[string]any{"product": ref(item), "serialNumber": one.serial, "quantity": 8, "unitPrice": 3})
	for _, quantity := range []int{18, 19} {
		j.byHand(c.agreement, map[string]any{"product": ref(item), "serialNumber": two.serial, "quantity": quantity})
	}
	j.report(c, one)
	j.report(c, two)
	n := j.sync()
	require.ElementsMatch(j, []string{"applied adopt addition", "held adopt addition (several_open)"}, n.of(c))
	first := advancedSeats + " ×1 2027-04-01…2027-12-31"
	j.sees(c.agreement, first, advancedSeats+" ×10 2027-04-01…2027-12-31", advancedSeats+" ×18 2027-04-01…", advancedSeats+" ×19 2027-04-01…")
	rows := j.waiting(c, 1, bridge.ReasonSeveralOpen)
	require.Equal(j, "19", rows[0].Rival[bridge.FieldQuantity], "the newest is shown")
	require.Equal(j, []bridge.Choice{bridge.ChoiceAdopt, bridge.ChoiceDismiss}, rows[0].Choices)
	j.refuses("release", strconv.FormatInt(rows[0].ID, 10))
	j.release(rows, "--adopt")
	j.sees(c.agreement, first, advancedSeats+" ×10 2027-04-01…2027-12-31", advancedSeats+" ×18 2027-04-01…", advancedSeats+" ×20 2027-04-01…2027-12-31")
	require.Empty(j, j.sync().of(c))
}

// ended is the one record of a tenant that a person ended.
func (j *journey) ended(c tenant) []admin.ChangeAnswer {
	j.Helper()
	rows := j.held(c, "--ended")
	require.Len(j, rows, 1)
	require.Equal(j, journeysBegin, rows[0].EndedByHand)
	return rows
}

// resume takes up again what persons ended, and sees the run through.
func (j *journey) resume(rows []admin.ChangeAnswer) *night {
	j.Helper()
	return j.runs(slices.Concat([]string{"resume", j.p.account}, numbered(rows), []string{"--wait"})...)
}

// R52: a line that a person deleted is not made again until somebody says so.
func deletedLine(j *journey) {
	seats := j.seats("ADVANCED", 10, "2027-12-31")
	c := j.customer(seats, j.seats("BASIC", 1, ""))
	j.sync()
	j.invoice(c.agreement)
	basic := basicSeats + " ×1 2027-04-01…"
	for _, l := range j.lines(c.agreement) {
		if l.serial == seats.serial {
			j.cwm(http.MethodDelete, l.path(), nil)
		}
	}
	j.renew(seats, "2028-12-31")
	*seats.quantity = 12
	require.Empty(j, j.sync().of(c))
	require.Empty(j, j.sync().of(c))
	j.sees(c.agreement, basic)
	rows := j.ended(c)
	require.Equal(j, seats.serial, rows[0].Serial)
	require.Equal(j, bridge.ActionCreate, rows[0].Action)
	n := j.resume(rows)
	require.Equal(j, []string{"applied create addition effectiveDate=2027-05-01"}, n.of(c), "what was invoiced is not billed again")
	j.sees(c.agreement, basic, advancedSeats+" ×10 2027-05-01…2028-12-31")
	require.Empty(j, j.held(c, "--ended"))
	require.Empty(j, j.sync().of(c))
}

// R52: a cancelled date earlier than ours is a person's end.
func cancelledEarlier(j *journey) {
	seats := j.seats("ADVANCED", 10, "2027-12-31")
	c := j.customer(seats)
	j.sync()
	j.editLine(j.lines(c.agreement)[0], map[string]any{"cancelledDate": instant("2027-06-30")})
	*seats.quantity, seats.until = 11, "2028-12-31"
	j.report(c, seats)
	require.Empty(j, j.sync().of(c))
	j.sees(c.agreement, advancedSeats+" ×10 2027-04-01…2027-06-30")
	rows := j.ended(c)
	require.Equal(j, bridge.ActionUpdate, rows[0].Action)
	j.resume(rows)
	j.sees(c.agreement, advancedSeats+" ×11 2027-04-01…2028-12-31")
	require.Empty(j, j.held(c, "--ended"))
	require.Empty(j, j.sync().of(c))
}

// R24, R52: a later cancelled date follows MySonicWall, and the change says whose edit it replaces.
func cancelledLater(j *journey) {
	c := j.customer(j.seats("ADVANCED", 10, "2027-12-31"))
	j.sync()
	j.editLine(j.lines(c.agreement)[0], map[string]any{"cancelledDate": instant("2029-12-31")})
	n := j.sync()
	require.Equal(j, []string{"applied update addition cancelledDate=2027-12-31"}, n.of(c))
	require.Contains(j, n.rows[c.String()][0].Why[0].Rule, "entered there by hand")
	require.Empty(j, j.held(c, "--ended"))
}

func closedDevice(j *journey) {
	box := j.firewall("2028-03-31")
	c := j.customer(box)
	j.sync()
	closed := j.p.simulators().record(j.T, "configurationStatus", map[string]string{"closedFlag": "true"})
	device := j.p.simulators().record(j.T, "configuration", map[string]string{"serialNumber": box.serial})
	j.p.simulators().edit(j.T, "company/configurations/"+strconv.Itoa(number(j.T, device, "id")), map[string]any{"status": ref(number(j.T, closed, "id"))})
	j.renew(box, "2029-03-31")
	require.Equal(j, []string{"applied update addition cancelledDate=2029-03-31"}, j.sync().of(c), "the line goes on by itself")
	at := "@" + strconv.Itoa(c.agreement)
	require.Equal(j, []string{"Firewall Closed " + at}, j.devices(c.company, box.serial))
	rows := j.ended(c)
	require.Equal(j, bridge.KindConfiguration, rows[0].Kind)
	j.resume(rows)
	require.Equal(j, []string{"Firewall Active " + at}, j.devices(c.company, box.serial))
	require.Empty(j, j.sync().of(c))
}

func deletedDevice(j *journey) {
	box := j.firewall("2028-03-31")
	c := j.customer(box)
	j.sync()
	device := j.p.simulators().record(j.T, "configuration", map[string]string{"serialNumber": box.serial})
	j.cwm(http.MethodDelete, "company/configurations/"+strconv.Itoa(number(j.T, device, "id")), nil)
	require.Empty(j, j.sync().of(c))
	require.Empty(j, j.devices(c.company, box.serial))
	j.resume(j.ended(c))
	require.Equal(j, []string{"Firewall Active @" + strconv.Itoa(c.agreement)}, j.devices(c.company, box.serial))
	require.Empty(j, j.sync().of(c))
}

// R49, R52: what a person ended stays so wherever the tenant is mapped.
func endedMovesAlong(j *journey) {
	seats := j.seats("ADVANCED", 10, "2027-12-31")
	c := j.customer(seats, j.seats("BASIC", 1, ""))
	j.sync()
	for _, l := range j.lines(c.agreement) {
		if l.serial == seats.serial {
			j.editLine(l, map[string]any{"cancelledDate": instant("2027-04-15")})
		}
	}
	j.sync()
	j.ended(c)
	c.agreement = j.newAgreement(c.company, nil)
	j.remap(c)
	j.sync()
	j.sees(c.agreement, basicSeats+" ×1 2027-04-01…")
	j.resume(j.ended(c))
	j.sees(c.agreement, basicSeats+" ×1 2027-04-01…", advancedSeats+" ×10 2027-04-01…2027-12-31")
	require.Empty(j, j.sync().of(c))
}

// R24: what a person changed stays, also while the rest of the line changes and when its product moves up a tier.
func personsFields(j *journey) {
	seats := j.seats("ADVANCED", 10, "2027-12-31")
	c := j.customer(seats)
	j.sync()
	first := j.lines(c.agreement)[0]
	j.editLine(first, map[string]any{"invoiceDescription": "As agreed by telephone", "unitPrice": 3.5, "description": "Ours", "quantity": 7})
	seats.until = "2028-12-31"
	j.report(c, seats)
	n := j.sync()
	require.Equal(j, []string{"applied update addition cancelledDate=2028-12-31 quantity=10"}, n.of(c))
	now := j.line(c.agreement, first.id)
	require.Equal(j, []string{"As agreed by telephone", "Ours"}, []string{now.invoiceWords, now.description})
	j.editLine(first, map[string]any{"billCustomer": "NoCharge"})
	*seats.quantity = 12
	j.report(c, seats)
	j.sync()
	j.sees(c.agreement, advancedSeats+" ×12 2027-04-01…2028-12-31 NoCharge")
}

// R52: a catalog item that a person deleted and that is still needed is made anew.
func deletedItem(j *journey) {
	seats := j.seats("ADVANCED", 10, "2027-12-31")
	seats.name = "Deletable " + j.serial()
	c := j.customer(seats)
	j.sync()
	l := j.lines(c.agreement)[0]
	item := number(j.T, j.p.simulators().record(j.T, "catalogItem", map[string]string{"identifier": l.product}), "id")
	j.cwm(http.MethodDelete, l.path(), nil)
	j.cwm(http.MethodDelete, "procurement/catalog/"+strconv.Itoa(item), nil)
	other := j.seats("ADVANCED", 3, "2027-12-31")
	other.name = seats.name
	j.report(c, other)
	j.sync()
	j.sees(c.agreement, l.product+" ×3 2027-04-01…2027-12-31")
	again := number(j.T, j.p.simulators().record(j.T, "catalogItem", map[string]string{"identifier": l.product}), "id")
	require.NotEqual(j, item, again)
}
