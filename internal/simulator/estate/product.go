package estate

import (
	"strings"
	"time"
)

func (g *generator) product(k int, a article) Product {
	p := Product{
		Serial: g.serial(k, a.virtual), Name: a.name, Line: a.line, Tier: a.tier, Trial: a.trial,
		Network: networkLines[a.line], Billable: BillableYes, Status: "ACTIVE",
		FriendlyName: places[g.rand.IntN(len(places))] + " " + plainModel(a.name),
		UpdatedAt:    g.today.AddDate(0, 0, -g.rand.IntN(60)).Add(4*time.Hour + 12*time.Minute),
	}
	if p.Tier == "" {
		p.Tier = "NONE"
	}
	length := []int{1, 3, 5}[g.rand.IntN(3)]
	p.Registered = g.registered(a)
	end := g.ends(p.Registered, length)
	for _, l := range a.licences {
		p.Services = append(p.Services, g.service(p.Registered, end, l))
	}
	if g.clean {
		return p
	}
	g.untidy(&p)
	if g.endedBeforeBilling(k) {
		end := g.billingStart().AddDate(0, -1, -10)
		p.Registered, p.Billable = end.AddDate(-1, 0, 1), BillableYes
		g.expireAll(&p, end)
	} else {
		g.wear(&p)
	}
	if over(p, g.today) {
		p.Status = "EXPIRED"
	}
	return p
}

// registered is up to six years back, trials within the last month or two.
func (g *generator) registered(a article) time.Time {
	if a.trial {
		return g.today.AddDate(0, 0, -5-g.rand.IntN(45))
	}
	return g.today.AddDate(0, 0, -20-g.rand.IntN(6*365))
}

// ends is the last day of the term that today lies in: a unit older than its
// first term has been renewed, which leaves its registration alone.
func (g *generator) ends(registered time.Time, length int) time.Time {
	end := registered
	for !end.After(g.today.AddDate(0, 1, 10)) {
		end = end.AddDate(length, 0, 0)
	}
	return end.AddDate(0, 0, -1)
}

func (g *generator) service(registered, end time.Time, l licence) Service {
	s := Service{Name: l.suite.name, Status: "ACTIVATED", Quantity: new(l.quantity)}
	switch l.term {
	case termYears:
		s.Expires = end
	case termTrial:
		s.Status, s.Expires = "FREE_TRIAL", registered.AddDate(0, 0, 30)
	case termMonthly:
		s.Expires = firstOfMonth(g.today).AddDate(0, 2, -1)
	case termForever:
	}
	if l.quantity > 1 && l.quantity < 1000 {
		// Seats differ between customers around the usual size.
		*s.Quantity = max(1, l.quantity/2+g.rand.IntN(l.quantity+1))
	}
	if s.Expires.Before(g.today) && !s.Expires.IsZero() {
		s.Status = "EXPIRED"
	}
	for _, name := range l.suite.parts {
		s.Parts = append(s.Parts, Service{Name: name, Status: s.Status, Quantity: new(*s.Quantity), Expires: s.Expires})
	}
	return s
}

// untidy varies how a row is written, never what it means.
func (g *generator) untidy(p *Product) {
	p.Wire = Wire{
		NumbersAsText: g.oneIn(6), MixedCase: g.oneIn(6), PortalDates: g.oneIn(8), OmitBlanks: g.oneIn(3),
	}
	switch {
	case g.oneIn(20):
		p.Name = strings.Replace(p.Name, " ", "&nbsp;", 1)
	case g.oneIn(20) && !strings.Contains(p.Name, "<"):
		p.Name = "<b>" + p.Name + "</b> "
	case g.oneIn(25) && !strings.Contains(p.Name, "<"):
		p.Name = strings.ReplaceAll(p.Name, " ", "  ")
	}
	if g.oneIn(15) {
		p.FriendlyName = ""
	}
	switch {
	case g.oneIn(12):
		p.Billable = BillableNo
	case g.oneIn(60):
		p.Billable = BillableUnknown
	}
	if g.oneIn(40) {
		p.Registered = time.Time{}
	}
}

// wear changes what the licences say: ended early, expired, incomplete.
func (g *generator) wear(p *Product) {
	last := len(p.Services) - 1
	switch {
	case g.oneIn(8):
		// One sub-service ends half a year before the rest.
		part := &p.Services[0].Parts[len(p.Services[0].Parts)-1]
		if !part.Expires.IsZero() {
			part.Expires = part.Expires.AddDate(0, -6, 0)
		}
	case g.oneIn(20) && !p.Trial:
		g.expire(&p.Services[0], g.today.AddDate(0, -2, -7))
		support := licence{suiteSUP, 1, termYears}
		p.Services = append(p.Services, g.service(p.Registered, g.today.AddDate(1, 0, 0), support))
	case g.oneIn(18) && !p.Trial:
		// Out of licence for good, some before the agreement bills at all.
		end := g.today.AddDate(0, -1-g.rand.IntN(40), 0)
		if p.Registered.After(end) {
			p.Registered = end.AddDate(-1, 0, 1)
		}
		g.expireAll(p, end)
	case g.oneIn(15):
		for i := range p.Services[last].Parts {
			p.Services[last].Parts[i].Quantity = nil
		}
	case g.oneIn(40):
		g.expireAll(p, time.Time{})
	case g.oneIn(60):
		p.Status = []string{"DELETED", "TRANSFERRED"}[g.rand.IntN(2)]
	}
}

// expire sets a service and its parts to one date; zero blanks it.
func (g *generator) expire(s *Service, at time.Time) {
	s.Expires = at
	if !at.IsZero() {
		s.Status = "EXPIRED"
	}
	for i := range s.Parts {
		s.Parts[i].Expires, s.Parts[i].Status = at, s.Status
	}
}

func (g *generator) expireAll(p *Product, at time.Time) {
	for i := range p.Services {
		g.expire(&p.Services[i], at)
	}
}

// over tells a live product all of whose licences have run out.
func over(p Product, today time.Time) bool {
	for _, s := range p.Services {
		for _, part := range s.Parts {
			if !part.Expires.Before(today) || part.Expires.IsZero() {
				return false
			}
		}
	}
	return p.Status == "ACTIVE"
}

// plainModel is a product's name without the styling of NSa models.
func plainModel(name string) string {
	return strings.Replace(name, styledNSa, "NSa", 1)
}
