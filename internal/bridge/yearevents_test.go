//go:build years

package bridge

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

// What happens in a year at MySonicWall, and how it answers.

func (y *years) newProduct() Product {
	y.serial++
	p := Product{Serial: fmt.Sprintf("0017C5%06d", y.serial), Billable: true, Status: ProductActive, Registered: y.today.AddDays(-y.draw("registered days ago", 0, 300))}
	y.name(&p)
	s := Service{Name: "Licence", Expiry: y.today.AddDays(y.draw("expires in", 5, 500))}
	switch y.draw("quantities", 0, 3) {
	case 0:
		s.Quantity = y.licences()
	case 1, 2:
		s.Quantity = y.licences()
		s.Subs = []Service{{Name: "Part", Quantity: y.licences()}}
	}
	if y.chance("perpetual", 5) {
		s.Expiry = Date{}
	}
	p.Services = []Service{s}
	return p
}

func (y *years) name(p *Product) {
	known := rapid.SampledFrom(catalogue).Draw(y.rt, "product")
	p.Name, p.Tier, p.Line = known.name, known.tier, known.line
}

func (y *years) licences() decimal.NullDecimal {
	return decimal.NewNullDecimal(decimal.NewFromInt(int64(y.draw("licences", 1, 60))))
}

func (y *years) anyTenant() *worldTenant { return y.tenants[y.draw("tenant", 0, len(y.tenants)-1)] }

// yearEvent is one thing that happens anywhere.
func (y *years) yearEvent() {
	switch n := y.draw("event", 0, 39); {
	case n < 18:
		y.productEvent(y.anyTenant())
	case n < 27:
		y.handEvent()
	case n < 30:
		y.agreementEvent()
	case n < 34:
		y.mappingEvent(y.anyTenant())
	case n < 36:
		y.optionEvent()
	default:
		y.editConfiguration()
	}
}

// productEvent changes what MySonicWall has of a tenant.
func (y *years) productEvent(tenant *worldTenant) {
	products := slices.Clone(y.truth[tenant])
	y.truth[tenant] = products
	n := y.draw("product event", 0, 15)
	if n < 3 || len(products) == 0 {
		y.truth[tenant] = append(products, y.newProduct())
		return
	}
	p := &products[y.draw("which", 0, len(products)-1)]
	p.Services = slices.Clone(p.Services)
	s := &p.Services[0]
	switch n {
	case 3, 4: // renewed, early or late
		s.Expiry = y.today.AddDays(y.draw("renewed for", 30, 500))
	case 5: // lapsed, or its end is known no longer
		s.Expiry = rapid.SampledFrom([]Date{{}, y.today.AddDays(-3), y.today.AddDays(20)}).Draw(y.rt, "end")
	case 6: // another tier or name
		serial := *p
		y.name(&serial)
		*p = serial
	case 7: // another quantity, a jump, none
		s.Quantity = rapid.SampledFrom([]decimal.NullDecimal{qty(0), qty(700), {}, y.licences()}).Draw(y.rt, "quantity")
	case 8:
		if len(s.Subs) > 0 {
			s.Subs = []Service{{Name: "Part", Quantity: rapid.SampledFrom([]decimal.NullDecimal{{}, y.licences()}).Draw(y.rt, "sub quantity")}}
		} else {
			s.Subs = []Service{{Name: "Part", Quantity: y.licences()}}
		}
	case 9: // registered again
		p.Registered, s.Expiry = y.today, y.today.AddDays(y.draw("registered for", 30, 500))
	case 10, 11:
		y.moveProduct(tenant, *p)
	case 12, 13:
		y.loseProduct(tenant, p)
	case 14:
		p.Billable = !p.Billable
	case 15:
		y.confuse(tenant, p)
	}
}

// moveProduct gives a product to another tenant; sometimes a tombstone stays, sometimes both list it.
func (y *years) moveProduct(from *worldTenant, p Product) {
	to := y.anyTenant()
	if to == from {
		return
	}
	y.truth[to] = append(slices.Clone(y.truth[to]), p)
	left := slices.IndexFunc(y.truth[from], func(have Product) bool { return have.Serial == p.Serial })
	switch y.draw("what stays", 0, 5) {
	case 0:
		y.truth[from][left].Status = ProductTransferred
	case 1: // both list it, until it moves on
	default:
		y.truth[from] = slices.Delete(y.truth[from], left, left+1)
	}
}

// loseProduct deletes a product, brings one back, or brings back the tenant's lost ones.
func (y *years) loseProduct(tenant *worldTenant, p *Product) {
	switch y.draw("how it goes", 0, 3) {
	case 0:
		p.Status = ProductDeleted
	case 1:
		p.Status = ProductActive
	case 2:
		if n := len(y.away[tenant]); n > 0 {
			y.truth[tenant] = append(y.truth[tenant], y.away[tenant]...)
			y.away[tenant] = nil
			return
		}
		fallthrough
	default:
		gone := *p
		y.away[tenant] = append(y.away[tenant], gone)
		y.truth[tenant] = slices.DeleteFunc(y.truth[tenant], func(have Product) bool { return have.Serial == gone.Serial })
	}
}

// confuse has MySonicWall say what cannot be, or mends it.
func (y *years) confuse(tenant *worldTenant, p *Product) {
	s := &p.Services[0]
	switch y.draw("confusion", 0, 5) {
	case 0:
		s.Quantity = qty(-4)
	case 1:
		p.Registered = y.today.AddDays(900)
	case 2:
		s.Expiry = MustDate(rapid.SampledFrom([]string{"1970-01-01", "9999-12-31"}).Draw(y.rt, "odd date"))
	case 3:
		p.Problems = []string{"The expiry “soon” is no date."}
	case 4:
		twin := *p
		y.name(&twin)
		y.truth[tenant] = append(y.truth[tenant], twin)
	case 5: // all is well again
		p.Problems, p.Registered, s.Quantity, s.Expiry = nil, y.today.AddDays(-20), y.licences(), y.today.AddDays(200)
		kept := *p
		y.truth[tenant] = append(slices.DeleteFunc(y.truth[tenant], func(have Product) bool { return have.Serial == kept.Serial }), kept)
	}
}

// answers draws what MySonicWall answers tonight: everything, a part of it, nothing, what it said before, or not at all.
func (y *years) answers() {
	for _, t := range y.tenants {
		t.incomplete, t.unread = false, false
		if t.still() {
			continue
		}
		whole := y.truth[t]
		switch y.draw("answer", 0, 24) {
		case 0: // the part that came before the connection broke
			t.incomplete = true
			t.products = whole[:y.draw("products read", 0, len(whole))]
		case 1:
			t.unread = true
		case 2: // what it said before
		case 3: // short, and said to be all
			t.products = whole[:y.draw("products listed", 0, len(whole))]
		default:
			t.products = whole
		}
	}
}
