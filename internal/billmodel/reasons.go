package billmodel

import "strings"

// putAside tells whether a person dismissed a row of a product whose facts have stayed.
func (j *judging) putAside(p *Product) bool {
	for _, d := range j.dismissed[p.Serial] {
		if d.listed && d.product.saysAs(p) {
			return true
		}
	}
	return false
}

// reason judges whether a row that keeps something from being written tells the truth.
func (j *judging) reason(t *Tenant, p *Product, r Row) {
	a := j.e.Agreements[t.Agreement]
	expiry := p.expiry()
	quantity, _ := p.quantity()
	ok := true
	switch r.Reason {
	case "two_tenants":
		ok = len(j.holders[p.Serial]) > 1
	case "contradiction":
		ok = p.contradicts()
	case "unreadable_facts":
		ok = p.Unreadable || !a.Monthly && p.Registered == 0
	case "other_key":
		ok = j.ownedBy(p.Serial, t.ID, Frozen, Ending)
	case "not_read":
		ok = j.halfRead(t.ID)
	case "cancelled_found":
		ok = j.byHand(func(l Line) bool {
			return l.Agreement == a.ID && same(l, p) && l.Cancelled != 0 && l.Cancelled < j.e.Today
		})
	case "several_open":
		ok = j.byHand(func(l Line) bool { return l.Agreement == a.ID && same(l, p) && later(l.Cancelled, j.e.Today-1) })
	case "look_alike":
		ok = j.byHand(func(l Line) bool {
			return l.Agreement == a.ID && l.Bill == billable && later(l.Cancelled, j.e.Today-1) && (l.Serial == "" || l.Serial == p.Serial)
		})
	case "old_next_invoice":
		ok = a.Monthly && max(a.Next, a.BillStart).month() < j.e.Today
	case "expiry_blank":
		ok = expiry == 0
	case "quantity_zero":
		ok = quantity == 0
	case "quantity_jump":
		ok = quantity > 0
	case "new_additions":
		// Or it waits since a run that would have made too many.
		ok = j.creations(t) > j.e.Limit || j.limited[p.Serial]
		j.limited[p.Serial] = ok
	case "price_zero":
		ok = j.e.PriceFirst
	case "expired_before_billing_start":
		ok = expiry != 0 && expiry < a.BillStart
	case "expired_nothing_to_bill":
		ok = expiry != 0 && expiry < j.latestStart(p, a)
	case "needs_failed", "inactive":
		ok = len(j.e.Inactive) > 0 || j.stuck(p.Serial)
	case "option_off":
		ok = p.Device && !j.e.Devices
	case "rejected":
	default:
		ok = false
	}
	if !ok {
		j.findf("%s is said to be %s (%s %s), which it is not", p.Serial, r.Reason, r.Action, r.Status)
	}
}

// latestStart is the latest day on which a new line of the product could begin (R25, R49).
func (j *judging) latestStart(p *Product, a Agreement) Day {
	start := max(a.Next, a.BillStart, p.Registered, j.e.Today)
	for _, l := range j.ours(p.Serial) {
		start = max(start, invoicedUntil(l, j.e.Agreements[l.Agreement]), l.Cancelled+1)
	}
	return start
}

// creations counts the new lines that a sync would have made without the limit.
func (j *judging) creations(t *Tenant) int {
	n := 0
	for _, r := range t.Rows {
		if r.Action == "create" && (r.Reason == "" || r.Reason == "new_additions" || r.Reason == "rejected" || r.Reason == "needs_failed") {
			n++
		}
	}
	for _, list := range j.dismissed {
		for _, d := range list {
			if d.reason == "new_additions" {
				n++
			}
		}
	}
	return n
}

// stuck tells whether a line of the product starts before its agreement bills, so that ConnectWise takes no change of it.
func (j *judging) stuck(serial string) bool {
	for _, l := range j.ours(serial) {
		if l.Effective < j.e.Agreements[l.Agreement].BillStart {
			return true
		}
	}
	return false
}

// ownedBy tells whether another tenant that takes part in one of these ways has a record of the product.
func (j *judging) ownedBy(serial, except string, how ...Reading) bool {
	for _, note := range j.noted {
		if note.Serial != serial || note.Tenant == except {
			continue
		}
		for _, t := range j.e.Tenants {
			for _, reading := range how {
				if t.ID == note.Tenant && t.Reading == reading {
					return true
				}
			}
		}
	}
	return false
}

// halfRead tells whether another tenant that is synchronised was not read, or not completely.
func (j *judging) halfRead(except string) bool {
	for _, t := range j.e.Tenants {
		if t.ID != except && (t.Reading == Unread || (t.Reading == Compared || t.Reading == Blocked) && !t.Complete) {
			return true
		}
	}
	return false
}

// byHand tells whether a line that was not ours in the morning is such a one.
func (j *judging) byHand(is func(Line) bool) bool {
	for id, l := range j.morning {
		if _, ours := j.noted[id]; !ours && is(l) {
			return true
		}
	}
	return false
}

func same(l Line, p *Product) bool { return strings.EqualFold(l.Item, p.Item) && l.Serial == p.Serial }

// twofold tells whether a tenant lists a serial number as two products.
func twofold(products []Product, p *Product) bool {
	for _, o := range products {
		if o.Serial == p.Serial && o.there() && o.Item != p.Item {
			return true
		}
	}
	return false
}
