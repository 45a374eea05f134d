package bridge

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Linked changes (R49): a product whose tenant was mapped elsewhere, that moved to another tenant, or whose tier or name leads
// to another catalog item. The new record comes first and the old one ends once it stands, so that nothing bills twice, and
// nothing goes unbilled for longer than a write takes.

// lineVariant is the key of a product's n-th line: a product can have several lines under one agreement, catalog item and serial number over the years, when it was
// registered anew (R51) or came back after a move. The first has the plain key, later ones a number.
func lineVariant(base string, n int) string {
	if n < 2 {
		return base
	}
	return base + " (" + strconv.Itoa(n) + ")"
}

// variantOf tells which of the lines of base a key names, 0 when it is none of them.
func variantOf(key, base string) int {
	rest, ok := strings.CutPrefix(key, base)
	switch {
	case !ok:
		return 0
	case rest == "":
		return 1
	}
	inner, ok := strings.CutPrefix(rest, " (")
	n, err := strconv.Atoi(strings.TrimSuffix(inner, ")"))
	if !ok || err != nil || lineVariant(base, n) != key {
		return 0
	}
	return n
}

// currentLine is the managed line of a product under the tenant's agreement, nil when it has to get one, with its key.
func (t *tenantPlanner) currentLine(c *candidate) (*Managed, string) {
	base := AdditionKey(c.identifier, c.Serial)
	var latest *Managed
	last := 0
	for _, m := range t.bySerial[foldSerial(c.Serial)] {
		if m.Kind != KindAddition || m.ParentID != t.in.Agreement.ID || m.TenantID != t.in.Tenant.ID && !t.takesOver(m) {
			continue
		}
		if n := variantOf(m.Key, base); n > last {
			latest, last = m, n
		}
	}
	switch {
	case latest == nil:
		return nil, base
	case t.superseded(latest, c):
		return nil, lineVariant(base, last+1)
	}
	return latest, latest.Key
}

// superseded tells whether a product needs a new line although one stands under its key: it was registered anew (R51), or that line
// has ended and another one took over, whose turn has come or that was invoiced already.
func (t *tenantPlanner) superseded(m *Managed, c *candidate) bool {
	if registeredAnew(c.Registered, m) {
		return true
	}
	line := t.forerunner(m)
	if m.Facts[FactEnded] == "" && (line.line == nil || line.alive(t.in.Today)) {
		return false
	}
	if moved, err := ParseDate(m.Facts[FactMoved]); err == nil && !moved.IsZero() && !moved.After(t.in.Today) {
		return true
	}
	return slices.ContainsFunc(t.forerunners(c, m), func(f forerunner) bool { return f.tookOver(line) })
}

// endedElsewhere tells whether a person ended a product's billing, or closed its device, under another record than the one at hand,
// which we had ended before: it stays so wherever the product goes (R52).
func (t *tenantPlanner) endedElsewhere(m *Managed) bool {
	return m.Facts[FactEnded] != "" && slices.ContainsFunc(t.bySerial[foldSerial(m.Serial)], func(o *Managed) bool {
		return o != m && o.Kind == m.Kind && !o.EndedByHand.IsZero() && o.Facts[FactResume] == ""
	})
}

// takesOver tells whether a record of another tenant may become this one's: that tenant was read and no longer lists the
// product, or is no longer read at all.
func (t *tenantPlanner) takesOver(m *Managed) bool {
	return t.in.AlsoReportedBy[m.Serial] == "" && !t.in.Owners[m.TenantID].Unread
}

// forerunners are the product's managed additions other than the line at hand, this tenant's first, then by key.
func (t *tenantPlanner) forerunners(c *candidate, except *Managed) []forerunner {
	var out []forerunner
	for _, m := range t.bySerial[foldSerial(c.Serial)] {
		if m == except || m.Kind != KindAddition || m.TenantID != t.in.Tenant.ID && !t.takesOver(m) {
			continue
		}
		out = append(out, t.forerunner(m))
	}
	slices.SortFunc(out, func(a, b forerunner) int {
		return cmp.Or(cmp.Compare(a.m.ParentID, b.m.ParentID), cmp.Compare(a.m.Key, b.m.Key))
	})
	return out
}

func (t *tenantPlanner) forerunner(m *Managed) forerunner {
	f := forerunner{m: m, agreement: t.in.Agreement}
	if m.ParentID != t.in.Agreement.ID {
		f.agreement = t.in.Elsewhere[m.ParentID].Agreement
	}
	if line, ok := t.additions[m.CWMID]; ok && line.AgreementID == m.ParentID {
		f.line = line
	}
	return f
}

// Settled tells whether a record needs no further look where its own agreement is not read anyway: it was ended and nobody asked
// to take it up again.
func (m Managed) Settled() bool {
	return (m.Facts[FactEnded] != "" || !m.EndedByHand.IsZero()) && m.Facts[FactResume] == ""
}

// Runs tells whether a record needs a look on a day: it was not ended, or ends later.
func (m Managed) Runs(today Date) bool {
	if !m.Settled() {
		return true
	}
	ended, err := ParseDate(m.Facts[FactEnded])
	return err == nil && m.EndedByHand.IsZero() && !ended.Before(today)
}

// hindrance is why a product's earlier records keep it from getting a new one now; empty when nothing does. Silent ones are no
// row at all: the product was ended by hand and stays so wherever its tenant is mapped (R52).
func (t *tenantPlanner) hindrance(kind Kind, c *candidate) (reason Reason, words string, silent bool) {
	serial := foldSerial(c.Serial)
	if t.twofold[serial] {
		return ReasonContradiction, fmt.Sprintf("MySonicWall lists the serial number %s under two products, %s. Both would bill the same "+
			"thing, so neither is written.", c.Serial, strings.Join(t.namesOf(serial), " and ")), false
	}
	if other := t.in.AlsoReportedBy[c.Serial]; other != "" {
		return ReasonTwoTenants, fmt.Sprintf("MySonicWall lists the serial number %s for the tenant %s too; remove it from one of them there.",
			c.Serial, other), false
	}
	for _, m := range t.bySerial[serial] {
		if m.Kind != kind {
			continue
		}
		owner := t.in.Owners[m.TenantID]
		switch {
		case owner.Unread, t.in.Elsewhere[m.ParentID].Unread && kind == KindAddition && !m.Settled():
			return ReasonNotRead, fmt.Sprintf("The serial number %s has the %s %s of %s, which could not be read in this run. Nothing is moved on "+
				"half the facts; the next run looks again.", c.Serial, kind, m.Key, cmp.Or(owner.Name, "another agreement")), false
		case !m.EndedByHand.IsZero() && m.Facts[FactResume] == "":
			return ReasonEndedByHand, "", true
		case owner.Frozen && !m.Settled():
			return ReasonOtherKey, fmt.Sprintf("The serial number %s has the %s %s of the tenant %s, for which nothing is written because it is "+
				"switched off or not mapped. Released, the product moves here and its old record ends.", c.Serial, kind, m.Key, owner.Name), false
		}
	}
	return "", "", false
}

func (t *tenantPlanner) namesOf(serial string) []string {
	var names []string
	for _, c := range t.candidates {
		if foldSerial(c.Serial) == serial {
			names = append(names, subject(KindAddition, *c.Product))
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(names)))
}

// moveStart is the day from which a product's new line bills when another one billed it before (R49): never its registration,
// which would bill history again, and not before what the old line was invoiced for.
func (t *tenantPlanner) moveStart(key string, before []forerunner) Start {
	a := t.in.Agreement
	start := Start{Date: a.NextInvoice, Rule: "The product was billed by another line before; the new one starts on the agreement's next invoice date."}
	if t.recurrence != MonthlyRecurring || a.NextInvoice.IsZero() {
		start = Start{Date: t.moveSeen(key, before), Rule: "The product was billed by another line before; the new one starts on the day on which the " +
			"change was first seen."}
	}
	if start.Date.Before(a.BillStart) {
		start = Start{Date: a.BillStart, Rule: "The product was billed by another line before; the new one starts with the agreement's billing."}
	}
	for _, f := range before {
		if day := f.leaves(t.in.Today); start.Date.Before(day) {
			start = Start{Date: day, Rule: fmt.Sprintf("The old line was invoiced on the agreement %s; the new one starts where those invoices end.", f.agreement.Name)}
		}
	}
	start.Old = t.recurrence == MonthlyRecurring && start.Date.AddMonths(1).Before(t.in.Today)
	return start
}

// moveSeen is the local day on which the move to this key was first seen, noted with the old records so that it stays the same
// while a row waits.
func (t *tenantPlanner) moveSeen(key string, before []forerunner) Date {
	to := strconv.Itoa(t.in.Agreement.ID) + "/" + key
	seen := t.in.Today
	for _, f := range before {
		if noted, err := ParseDate(f.m.Facts[FactMoveSeen]); err == nil && !noted.IsZero() && f.m.Facts[FactMoveTo] == to && noted.Before(seen) {
			seen = noted
		}
	}
	for _, f := range before {
		if f.m.Facts[FactMoveTo] != to || f.m.Facts[FactMoveSeen] == "" {
			t.observeFacts(f.m, Fields{FactMoveSeen: seen.String(), FactMoveTo: to})
		}
	}
	return seen
}

// observeFacts notes facts beside those observed already.
func (t *tenantPlanner) observeFacts(m *Managed, facts Fields) {
	t.observe(m, func(o *Observation) { o.Facts = o.Facts.With(facts) })
}

// linkOf names a linked change: the same for both of its rows, in every plan.
func linkOf(kind Kind, parent int, key string) string {
	return digest("link", string(kind), strconv.Itoa(parent), key)
}

// leadRow is the row that makes or adopts a line, as it was planned, with its place in the plan.
type leadRow struct {
	Change
	row int
}

func (t *tenantPlanner) leadAt(row int) *leadRow { return &leadRow{t.plan.Changes[row], row} }

// endForerunners plans the end of the lines that a product's line takes over from. lead is the row that makes or adopts that
// line, nil when it stands already: then a crash came between the two, or a person opened the old one again.
func (t *tenantPlanner) endForerunners(key string, starts Date, lead *leadRow, before []forerunner) {
	for _, f := range before {
		if f.line == nil || !f.m.EndedByHand.IsZero() && f.m.Facts[FactResume] == "" {
			continue
		}
		t.endForerunner(key, starts, lead, f)
	}
}

func (t *tenantPlanner) endForerunner(key string, starts Date, lead *leadRow, f forerunner) {
	starts, last, needed := f.lastDay(starts)
	switch {
	case !needed:
		return
	case f.agreement.Cancelled:
		t.notef(LogInfo, "The agreement %s is cancelled, so the old line %s bills nothing there and is left as it is.", f.agreement.Name, f.m.Key)
		return
	}
	change := t.endOf(f, last, fmt.Sprintf("Another line bills this product from %s on; the old one ends the day before, not before it starts.", starts),
		Fact{SourceRule, "new line", key})
	change.Link = linkOf(KindAddition, t.in.Agreement.ID, key)
	change.Facts = Fields{FactEnded: last.String(), FactMoved: starts.String(), FactOver: f.overAfter(last, change.After),
		FactMoveSeen: "", FactMoveTo: "", FactResume: ""}
	if lead != nil {
		t.plan.Changes[lead.row].Link = change.Link // also where the old line is over and only ends too late
		change.Needs = []string{RecordNeed(KindAddition, lead.ParentID, lead.Key)}
		change.Status, change.Reason, change.Message = lead.Status, lead.Reason, lead.Message
	}
	t.add(change)
}

// endWithProduct ends an old line with its product, which ends before a new line would start.
func (t *tenantPlanner) endWithProduct(f forerunner, expiry Date) {
	if expiry.Before(f.line.Effective) {
		expiry = f.line.Effective
	}
	if f.agreement.Cancelled || f.line.Cancelled == expiry {
		return
	}
	change := t.endOf(f, expiry, "The product ends before a new line would start, so its old line ends with it.", Fact{SourceMySonicWall, "expiry", expiry.String()})
	change.Action = ActionUpdate
	t.add(change)
}

// endOf is the row that gives an old line its last day. One that no invoice carried does not bill at all, unless it is to run out.
func (t *tenantPlanner) endOf(f forerunner, last Date, rule string, fact Fact) Change {
	current := f.line.Fields()
	merged := Merge(KindAddition, Fields{FieldCancelled: last.String()}, current, f.m.LastApplied)
	change := Change{TenantID: t.in.Tenant.ID, Kind: KindAddition, Action: ActionCancel, Key: f.m.Key, ParentID: f.m.ParentID, Serial: f.m.Serial,
		Subject: cmp.Or(f.line.InvoiceDescription, f.m.Key), CWMID: f.m.CWMID, Status: StatusPlanned, NextInvoice: f.agreement.NextInvoice}
	change.Why = []Reasoning{explain(FieldCancelled, rule, []Fact{{SourceConnectWise, "agreement", f.agreement.Name}, fact}, current, f.m.LastApplied, merged)}
	if fact.Source == SourceRule && f.neverBills() {
		merged.set(FieldBillCustomer, billable, doNotBill)
		change.Why = append(change.Why, neverInvoicedWhy(*f.line, f.agreement))
	}
	change.Before, change.After = merged.Before, merged.After
	return change
}

func neverInvoicedWhy(line Addition, a Agreement) Reasoning {
	return Reasoning{FieldBillCustomer, "No invoice has carried the line yet, so it is not billed at all.",
		[]Fact{{SourceConnectWise, "billed quantity", line.BilledQuantity.String()}, {SourceConnectWise, "effective", line.Effective.String()},
			{SourceConnectWise, "next invoice", orNone(a.NextInvoice.String())}}}
}

// RecordNeed is how Change.Needs names a tenant's record: with its agreement or company, because both halves of a linked change
// may have one natural key.
func RecordNeed(kind Kind, parent int, key string) string {
	return string(kind) + "@" + strconv.Itoa(parent) + "/" + key
}

// ParseRecordNeed takes such a name apart; ok is false for a shared record's.
func ParseRecordNeed(need string) (kind Kind, parent int, key string, ok bool) {
	head, key, _ := strings.Cut(need, "/")
	name, number, ok := strings.Cut(head, "@")
	if !ok {
		return "", 0, "", false
	}
	parent, err := strconv.Atoi(number)
	return Kind(name), parent, key, err == nil
}

// takeOver makes a record of another tenant this one's: nothing is written to ConnectWise (R49).
func (t *tenantPlanner) takeOver(m *Managed) {
	if m.TenantID == t.in.Tenant.ID {
		return
	}
	t.observe(m, func(o *Observation) { o.TenantID = t.in.Tenant.ID })
	t.notef(LogInfo, "The %s %s came with its product from the tenant %s; nothing had to be written for that.", m.Kind, m.Key,
		cmp.Or(t.in.Owners[m.TenantID].Name, m.TenantID))
}
