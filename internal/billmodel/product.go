package billmodel

// expiry is the latest date over all services (R26).
func (p *Product) expiry() Day {
	var last Day
	for _, s := range p.Services {
		last = max(last, s.Expires)
		for _, sub := range s.Subs {
			last = max(last, sub.Expires)
		}
	}
	return last
}

// Where a quantity comes from.
const (
	fromNowhere = iota
	fromService
	fromSub
)

// quantity is the highest over the sub-services, else over the services, else 1 (R28).
func (p *Product) quantity() (value, from int) {
	service, sub := -1<<31, -1<<31
	for _, s := range p.Services {
		if s.Counted {
			service = max(service, s.Quantity)
		}
		for _, part := range s.Subs {
			if part.Counted {
				sub = max(sub, part.Quantity)
			}
		}
	}
	switch {
	case sub > -1<<31:
		return sub, fromSub
	case service > -1<<31:
		return service, fromService
	}
	return 1, fromNowhere
}

// contradicts tells whether the facts cannot be true together.
func (p *Product) contradicts() bool {
	impossible := func(d Day) bool { return d != 0 && (d < DayOf(1991, 1, 1) || d > DayOf(2099, 12, 31)) }
	for _, s := range p.Services {
		if impossible(s.Expires) || s.Counted && s.Quantity < 0 {
			return true
		}
		for _, sub := range s.Subs {
			if impossible(sub.Expires) || sub.Counted && sub.Quantity < 0 {
				return true
			}
		}
	}
	last := p.expiry()
	return impossible(p.Registered) || last != 0 && p.Registered != 0 && last < p.Registered
}

// there tells whether MySonicWall has the product and bills it.
func (p *Product) there() bool { return p.Billable && !p.Gone }

// becomesLine tells whether the product is to be a line of its agreement (R22).
func (p *Product) becomesLine(devices bool) bool { return p.Cloud || p.Device && devices }

// saysAs tells whether MySonicWall says the same of a product as before, as far as its line goes.
func (p *Product) saysAs(o *Product) bool {
	quantity, from := p.quantity()
	q, f := o.quantity()
	return p.Item == o.Item && p.Registered == o.Registered && p.expiry() == o.expiry() && quantity == q && from == f &&
		p.Unreadable == o.Unreadable && p.contradicts() == o.contradicts()
}
