package main

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"causeway/internal/admin"
	"causeway/internal/bridge"
)

// Journeys of a whole account follow each other: what they change counts for all of its tenants.
func TestJourneysOfAnAccount(t *testing.T) {
	another := anotherConnectWise(t)
	t.Setenv("CAUSEWAY_OUTBOUND_ALLOW", another.ConnectWise.URL)
	p := newProvider(t)
	p.under = 1
	for _, step := range []struct {
		name string
		take func(*journey)
	}{
		{"network products are lines no more", optionOff},
		{"price first", priceFirst},
		{"killed between the halves", killedBetween},
		{"vendors away", vendorsAway},
		{"another ConnectWise", func(j *journey) { anotherBinding(j, another) }},
		{"removed", removed},
	} {
		if !t.Run(step.name, func(t *testing.T) { step.take(&journey{T: t, p: p}) }) {
			return
		}
	}
}

// anotherConnectWise is a second one in a process of its own. It begins with the same estate, so that each id of the first means
// something there as well.
func anotherConnectWise(t *testing.T) simulators {
	t.Helper()
	c := start(t, "simulate", command("simulate", "--json", "--tenants", strconv.Itoa(manyTenants), "--rate-per-minute", "0", clockAt(journeysBegin),
		"--connectwise-listen", "127.0.0.1:0", "--mysonicwall-listen="))
	var another simulators
	until(t, "another ConnectWise", func() bool { return json.Unmarshal([]byte(c.stdout(t)), &another) == nil }, c)
	return another
}

// R22: turning the option off ends the lines of network products, held together; devices stay, and the rest goes on.
func optionOff(j *journey) {
	seats, first, second := j.seats("ADVANCED", 10, "2027-12-31"), j.firewall("2028-03-31"), j.firewall("2028-04-30")
	c := j.customer(seats, first, second)
	j.sync()
	line, lines := advancedSeats+" ×11 2027-04-01…2027-12-31", []string{aTZ370 + " ×1 2027-04-01…2028-03-31", aTZ370 + " ×1 2027-04-01…2028-04-30"}
	j.p.apply("network_products_as_additions: false")
	*seats.quantity = 11
	j.report(c, seats)
	j.sync()
	rows := j.waiting(c, 2, bridge.ReasonOptionOff)
	j.sees(c.agreement, append(lines, line)...)
	// It was a mistake: on again, nothing waits any more.
	j.p.apply()
	require.Empty(j, j.sync().of(c))
	require.Empty(j, j.held(c))
	j.refuses("release", numbered(rows)...)
	// And it was meant after all, by one released line and one that waits.
	j.p.apply("network_products_as_additions: false")
	j.sync()
	rows = j.waiting(c, 2, bridge.ReasonOptionOff)
	j.release(rows[:1])
	j.waiting(c, 1, bridge.ReasonOptionOff)
	j.release(j.held(c))
	ended := aTZ370 + " ×1 2027-04-01…2027-04-01 DoNotBill"
	j.sees(c.agreement, line, ended, ended)
	require.Empty(j, j.sync().of(c))
	require.Equal(j, []string{"Firewall Active @" + strconv.Itoa(c.agreement)}, j.devices(c.company, first.serial))
	j.p.apply()
	j.sync()
	j.sees(c.agreement, append(lines, line)...)
	require.Empty(j, j.sync().of(c))
}

// R19: with Price first a new line waits until its item has a price, and copies that.
func priceFirst(j *journey) {
	j.p.apply("price_first: true")
	seats := j.seats("ADVANCED", 10, "2027-12-31")
	seats.name = "Priced Later"
	c := j.newTenant(seats)
	c.company = j.newCompany()
	c.agreement = j.newAgreement(c.company, nil)
	j.sync() // which is the first to know the tenant
	j.remap(c)
	j.sync()
	row := j.waiting(c, 1, bridge.ReasonPriceFirst)
	require.True(j, row[0].BillsZero)
	j.sees(c.agreement)
	item := j.p.simulators().record(j.T, "catalogItem", map[string]string{"identifier": "SONICWALL_PRICED_LATER_ADVANCED"})
	j.p.simulators().edit(j.T, "procurement/catalog/"+strconv.Itoa(number(j.T, item, "id")), map[string]any{"price": 4.25})
	j.sync()
	require.Empty(j, j.held(c))
	l := j.lines(c.agreement)[0]
	made := j.p.simulators().record(j.T, "addition", map[string]string{"id": strconv.Itoa(l.id)})
	require.InDelta(j, 4.25, figure(made, "unitPrice"), 0)
	j.p.apply()
}

// R36, R49: everything is killed once the new line stands and before the old one has ended; the run goes on where it stopped.
func killedBetween(j *journey) {
	c := j.secondCustomer(j.seats("ADVANCED", 10, "2027-12-31"))
	old := c.agreement
	j.sees(old, advancedSeats+" ×10 2027-04-01…2027-12-31")
	j.invoice(old)
	c.agreement = j.newAgreement(c.company, nil)
	j.remap(c)
	inHand := j.p.simulators().fault(j.T, map[string]any{"method": http.MethodPatch, "path": "^finance/agreements/" + strconv.Itoa(old) + "/additions/", "delay": held})
	var queued admin.QueuedAnswer
	j.ask(0, &queued, "sync-now", j.p.account)
	j.p.until(j.T, "an old line on its way", func() bool { return inHand() == 1 })
	j.sees(old, advancedSeats+" ×10 2027-04-01…2027-12-31")
	j.sees(c.agreement, advancedSeats+" ×10 2027-05-01…2027-12-31")
	before := j.p.runs(j.T)
	require.Nil(j, before[0].Ended)
	j.p.t.Setenv("CAUSEWAY_VENDOR_WAIT", shortWait) // for the runs to come
	j.p.sleep(j.p.day, syscall.SIGKILL)
	j.p.until(j.T, "the run's end", func() bool { return j.p.runs(j.T)[0].Ended != nil })
	after := j.p.runs(j.T)
	require.Len(j, after, len(before), "it is the same run")
	require.Equal(j, bridge.RunCompleted, after[0].Status)
	j.sees(old, advancedSeats+" ×10 2027-04-01…2027-04-30")
	j.sees(c.agreement, advancedSeats+" ×10 2027-05-01…2027-12-31")
	require.Empty(j, j.sync().of(c))
}

// shortWait is how long runs wait for a vendor here: longer than one outage of the journeys and shorter than the other.
const shortWait = "20s"

// secondCustomer is a customer of an account that is set up: MySonicWall's list shows the tenant to a run first.
func (j *journey) secondCustomer(products ...product) tenant {
	j.Helper()
	c := j.newTenant(products...)
	c.company = j.newCompany()
	c.agreement = j.newAgreement(c.company, nil)
	j.sync()
	j.remap(c)
	j.sync()
	return c
}

// vendorsAway is R54: outages within the wait lead to one complete run. A longer one ends the run, which says what it missed; nothing is
// cancelled for that, and the next run makes up for it.
func vendorsAway(j *journey) {
	gone, seats := j.seats("BASIC", 1, ""), j.seats("ADVANCED", 10, "2027-12-31")
	c := j.secondCustomer(seats, gone)
	j.msw("product.delete", map[string]any{"serialNumber": gone.serial})
	vendors := []string{j.p.simulators().MySonicWall.URL, j.p.simulators().ConnectWise.URL}
	outage := map[string]any{"status": http.StatusServiceUnavailable, "html": true}
	over := func(vendor string) { control(j.T, http.MethodDelete, vendor+"/_sim/faults", nil, nil) }
	*seats.quantity = 11
	j.report(c, seats)
	before := len(j.p.runs(j.T))
	refused := []func() int{faultAt(j.T, vendors[0], outage), faultAt(j.T, vendors[1], outage)}
	result := j.beside("sync-now", j.p.account, "--wait")
	for i, vendor := range vendors {
		j.p.until(j.T, "several tries", func() bool { return refused[i]() > 3 })
		over(vendor)
	}
	n := result()
	require.Equal(j, bridge.RunCompleted, n.Status, n.Reason)
	require.Len(j, j.p.runs(j.T), before+1)
	basic := basicSeats + " ×1 2027-04-01…"
	j.sees(c.agreement, basic, advancedSeats+" ×11 2027-04-01…2027-12-31")

	*seats.quantity = 12
	j.report(c, seats)
	faultAt(j.T, vendors[1], outage)
	n = j.beside("sync-now", j.p.account, "--wait")()
	over(vendors[1])
	require.Equal(j, bridge.RunFailed, n.Status)
	require.Contains(j, n.Reason, "ConnectWise does not answer")
	require.Contains(j, n.Reason, shortWait)
	require.Equal(j, n.Reason, j.p.runs(j.T)[0].Reason)
	require.Zero(j, n.Tenants.Synced)
	j.sees(c.agreement, basic, advancedSeats+" ×11 2027-04-01…2027-12-31")
	require.Equal(j, []string{"applied update addition quantity=12"}, j.sync().of(c))
	j.sees(c.agreement, basic, advancedSeats+" ×12 2027-04-01…2027-12-31")
}

// beside starts a command that waits for a run; calling what it answers waits for the result.
func (j *journey) beside(args ...string) (result func() *night) {
	answered := make(chan said, 1)
	ctx := j.Context()
	go func() {
		var out, errs strings.Builder
		code := run(ctx, append(args, "--json", "--data", j.p.dir), &out, &errs)
		answered <- said{code, out.String(), errs.String()}
	}()
	return func() *night {
		j.Helper()
		j.p.until(j.T, "a run's result", func() bool { return len(answered) > 0 })
		n := &night{rows: map[string][]admin.ChangeAnswer{}}
		(<-answered).document(j.T, &n.RunAnswer)
		n.read(j.T, j.p.stand)
		return n
	}
}

// anotherBinding is R55: another host is a new binding. Nothing of the old one is used there, nor when the account comes back.
func anotherBinding(j *journey, another simulators) {
	seats, box := j.seats("ADVANCED", 10, "2027-12-31"), j.firewall("2028-03-31")
	c := j.secondCustomer(seats, box)
	*seats.quantity = 100
	j.report(c, seats)
	j.sync()
	j.waiting(c, 1, bridge.ReasonQuantityJump)
	*seats.quantity = 10
	here := j.lines(c.agreement)
	first := j.p.simulators()
	writes := first.writes(j.T)

	// Without the private key nothing is changed.
	moved := first
	key := *another.ConnectWise
	key.PrivateKey = ""
	moved.ConnectWise = &key
	var failed failure
	j.ask(1, &failed, "account", "apply", "--file", moved.accountYAML(j.T, j.p.account, j.p.zone))
	require.Contains(j, failed.Error, "private key")
	require.Equal(j, c.agreement, *j.tenant(c).Agreement)

	moved.ConnectWise = another.ConnectWise
	var account admin.AccountAnswer
	j.ask(0, &account, "account", "apply", "--file", moved.accountYAML(j.T, j.p.account, j.p.zone))
	require.Equal(j, bridge.AccountReady, account.State)
	require.Zero(j, account.Enabled)
	require.Zero(j, account.HeldChanges)
	require.Nil(j, j.tenant(c).Company)
	require.Empty(j, j.tenant(c).FrozenSince)
	require.Zero(j, j.tenant(c).OpenLines)
	n := j.sync()
	require.Zero(j, n.Tenants.Synced)
	require.Equal(j, writes, first.writes(j.T), "the one that was left is left alone")

	// The tenant is mapped there to what has the same company id, and everything is made anew.
	there := c
	there.agreement = number(j.T, another.record(j.T, "agreement", map[string]string{"id": agreementOf(j.T, another, c.company.id)}), "id")
	j.report(c, seats)
	j.remap(there)
	n = j.sync()
	line := "applied create addition effectiveDate=" + nextInvoice
	require.ElementsMatch(j, []string{"applied create configuration", "applied attach configuration", line, line}, n.of(c))
	require.Equal(j, writes, first.writes(j.T))

	// And back: nothing of before is known, so what stands is adopted.
	j.p.apply()
	require.Nil(j, j.tenant(c).Company)
	require.Empty(j, j.held(c))
	beyond := another.writes(j.T)
	j.remap(c)
	n = j.sync()
	require.ElementsMatch(j, []string{"applied adopt configuration", "applied attach configuration", "applied adopt addition", "applied adopt addition"}, n.of(c))
	require.Equal(j, here, j.lines(c.agreement))
	require.Equal(j, []string{"Firewall Active @" + strconv.Itoa(c.agreement)}, j.devices(c.company, box.serial))
	require.Equal(j, beyond, another.writes(j.T))
	require.Empty(j, j.sync().of(c))
}

// agreementOf is the id of a monthly agreement of a company.
func agreementOf(t *testing.T, s simulators, company int) string {
	t.Helper()
	for _, a := range s.state(t)["agreement"] {
		if refID(t, a, "company") == company && refName(a, "billingCycle") == "Monthly" && a["cancelledFlag"] != true && day(a, "endDate") == "" {
			return strconv.Itoa(number(t, a, "id"))
		}
	}
	require.Fail(t, "no monthly agreement", "of company %d", company)
	return ""
}

// removed is R56: ConnectWise is not touched, what happened can be read, and another account takes over what stands.
func removed(j *journey) {
	seats, box := j.seats("ADVANCED", 10, "2027-12-31"), j.firewall("2028-03-31")
	c := j.secondCustomer(seats, box)
	here := j.lines(c.agreement)
	last := j.p.runs(j.T)[0].Run
	state := j.p.simulators().state(j.T)

	var account admin.AccountAnswer
	j.ask(0, &account, "account", "remove", j.p.account, "--yes")
	require.Equal(j, bridge.AccountRemoved, account.State)
	require.NotNil(j, account.Removed)
	require.Nil(j, account.NextRun)
	require.Equal(j, state, j.p.simulators().state(j.T))
	require.Equal(j, last, j.p.runs(j.T)[0].Run)
	var detail struct{ Changes []admin.ChangeAnswer }
	j.ask(0, &detail, "run", strconv.FormatInt(last, 10), "--changes")
	require.NotEmpty(j, detail.Changes)
	for _, args := range [][]string{
		{"sync-now", j.p.account}, {"preview", j.p.account}, {"account", "pause", j.p.account}, {"held", j.p.account},
		{"end-billing", j.p.account, "--tenant", c.String()}, {"account", "apply", "--file", j.p.simulators().accountYAML(j.T, j.p.account, j.p.zone)},
	} {
		var failed failure
		j.ask(1, &failed, args...)
		require.Contains(j, failed.Error, "removed", args)
	}

	j.p.account = "heir"
	j.p.apply()
	j.remap(c)
	writes := j.p.simulators().writes(j.T)
	n := j.sync()
	require.ElementsMatch(j, []string{"applied adopt configuration", "applied attach configuration", "applied adopt addition", "applied adopt addition"}, n.of(c))
	require.Equal(j, here, j.lines(c.agreement))
	require.Equal(j, writes, j.p.simulators().writes(j.T), "all of it is right already")
	require.Empty(j, j.sync().of(c))
	*seats.quantity = 12
	j.report(c, seats)
	require.Equal(j, []string{"applied update addition quantity=12"}, j.sync().of(c))
}
