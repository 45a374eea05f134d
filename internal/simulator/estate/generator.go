package estate

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// generator makes one tenant. Its random numbers come from the seed, the
// account and the tenant's number alone: that is what keeps tenant i the same
// in estates of any size.
type generator struct {
	options
	seed   uint64
	number int
	today  time.Time
	rand   *rand.Rand
}

func newGenerator(seed uint64, number int, today time.Time, o options) *generator {
	g := &generator{options: o, seed: seed, number: number, today: today}
	g.rand = rand.New(rand.NewPCG(seed, g.mix(1)))
	return g
}

// mix is a well-spread number of this tenant for a purpose, the same whatever
// was drawn from rand before (finisher of SplitMix64).
func (g *generator) mix(purpose uint64) uint64 {
	z := g.seed + uint64(g.number)*0x9e3779b97f4a7c15 + uint64(g.account)*0xd1b54a32d192ed03 + purpose*0x8cb92ba72f3d8dd7
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return z ^ (z >> 31)
}

// oneIn is true once in n draws, and never in a clean estate.
func (g *generator) oneIn(n int) bool { return g.rand.IntN(n) == 0 && !g.clean }

func (g *generator) tenant() (Tenant, []Company) {
	t := Tenant{
		Number: g.number, ID: 2_300_400 + g.account*400_000 + g.number,
		Name: g.tenantName(), IsDefault: g.number == 1,
	}
	if !g.clean && g.number%9 == 4 {
		t.TimeZone = "America/New_York"
	}
	companies := g.companies(&t)
	t.Products = g.products()
	for _, p := range t.Products {
		if p.Line == "CAPTURE_CLIENT" {
			t.CaptureClientID = g.guid()
			break
		}
	}
	return t, companies
}

func (g *generator) guid() string {
	a, b := g.mix(21), g.mix(22)
	return fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", uint32(a), uint16(a>>32), uint16(a>>48)&0xfff, uint16(b)&0xfff, b>>16)
}

func (g *generator) tenantName() string {
	name := plainName(g.seed, g.account, g.number)
	if g.clean {
		return name
	}
	switch {
	case g.number%20 == 5 || g.number%20 == 13 || g.number%40 == 29:
		return foreign[g.number%len(foreign)] + " " + name[strings.Index(name, " ")+1:] + fmt.Sprintf(" %d", g.number)
	case g.number%40 == 16:
		return longName(name)
	case storyOf(g.number) == sharesPrevious || g.number%40 == 32:
		return strings.ToUpper(plainName(g.seed, g.account, g.number-1)) // beside the same name in ordinary case
	case g.number%10 == 7:
		return "  " + name + " "
	case g.number%10 == 4:
		return name + " Products" // the name MySonicWall proposes
	}
	return name
}

func (g *generator) products() []Product {
	count := g.options.products
	if count == 0 && g.clean {
		count = 25
	}
	if count == 0 {
		// Squared, so that most customers are small.
		f := g.rand.Float64()
		count = 4 + int(f*f*27)
		if g.endedBeforeBilling(4) {
			count = max(count, 5)
		}
	}
	out := make([]Product, 0, count)
	for k := range count {
		out = append(out, g.product(k, g.article(k)))
	}
	return out
}

// article chooses what product k is. The first ones are fixed so that every
// line, every row of the price list and two tiers of one product do occur.
func (g *generator) article(k int) article {
	if g.clean {
		pool := cleanCloud
		if k%2 == 1 {
			pool = cleanNetwork
		}
		return pool[g.rand.IntN(len(pool))]
	}
	switch {
	case k == 0:
		line := byLine[lines[(g.number-1)%len(lines)]]
		return line[g.rand.IntN(len(line))]
	case k == 1:
		return catalogue[(g.number-1)%len(catalogue)]
	case k == 2 && g.number%6 == 3:
		return byLine["CAPTURE_CLIENT"][0]
	case k == 3 && g.number%6 == 3:
		return byLine["CAPTURE_CLIENT"][1]
	case g.endedBeforeBilling(k):
		return byLine["HOSTED_EMAIL"][0]
	}
	switch draw := g.rand.IntN(100); {
	case draw < 35:
		return firewalls[g.rand.IntN(len(firewalls))]
	case draw < 60:
		return accessPoints[g.rand.IntN(len(accessPoints))]
	case draw < 72:
		return byLine["CAPTURE_CLIENT"][g.rand.IntN(3)]
	}
	return catalogue[g.rand.IntN(len(catalogue))]
}

// endedBeforeBilling picks the one product of every tenth tenant whose licence
// ran out before the tenant's agreement began to bill, an error that the
// integration has to report by name.
func (g *generator) endedBeforeBilling(k int) bool {
	return !g.clean && k == 4 && g.number%10 == 3
}

// serial gives each product of each tenant 12 upper-case hex digits that no
// other has: a maker's prefix and a shuffled count.
func (g *generator) serial(k int, virtual bool) string {
	code := uint32(g.account)<<23 | uint32(g.number)<<8 | uint32(k)
	// An odd factor is invertible in 24 bits, so the shuffle keeps them distinct.
	code = (code*0x5d_3a_65 + uint32(g.seed)*0x2f_0b_17) & 0xff_ff_ff
	prefix := []string{"18B169", "2CB8ED", "C0EAE4", "0017C5"}[g.mix(uint64(100+k))%4]
	if virtual {
		prefix = "004010"
	}
	return fmt.Sprintf("%s%06X", prefix, code)
}
