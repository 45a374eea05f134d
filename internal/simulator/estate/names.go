package estate

import (
	"math/rand/v2"
	"strings"
)

var placeHeads = []string{
	"Bracken", "Alder", "Thistle", "Marl", "Ash", "Quarry", "Fern", "Holly", "Raven", "Stone", "Wren", "Larch",
	"Otter", "Heron", "Copper", "Juniper", "Willow", "Hazel", "Finch", "Badger", "Cinder", "Sorrel", "Tansy",
	"Clover", "Drift", "Ember", "Falcon", "Gorse", "Heather", "Kestrel", "Lichen", "Plover",
}

var placeTails = []string{
	"ford", "mere", "combe", "wick", "dale", "hurst", "moor", "stead", "holm", "garth", "brook", "cliff", "gate",
	"well", "ridge", "haven",
}

var trades = []string{
	"Dental Group", "Logistics", "Accountants", "Veterinary Clinic", "Machine Works", "Credit Union", "Law Office",
	"Cold Storage", "Orthopedics", "Print House", "School District", "Architects", "Timber Supply", "Medical Imaging",
	"Freight Lines", "Insurance Brokers", "Brewing", "Plumbing Supply", "Eye Care", "Title Company", "Foundry",
	"Farm Bureau", "Property Care", "Physical Therapy", "Water Utility", "Auto Parts", "Home Health", "Packaging",
	"Surveyors", "Charter School", "Family Practice", "Marine Services", "Cabinet Makers", "Public Library",
	"Fire District", "Tool Rental", "Bookkeeping", "Museum Trust", "Seed Company", "Airport Services", "Paper Mill",
	"Senior Living", "Glass Works", "Optical Labs", "Roofing", "Staffing", "Electric Co-op",
}

// plainName gives each tenant number a name of its own: a walk through all
// combinations in an order that the seed chooses, so that no two numbers meet
// below len(heads) × len(tails) × len(trades).
func plainName(seed uint64, account, number int) string {
	n := uint64(len(placeHeads) * len(placeTails) * len(trades))
	r := rand.New(rand.NewPCG(seed, 0x6e616d65))
	start := r.Uint64N(n)
	// 7919 is prime and does not divide n, so stepping by it visits every
	// combination; the second account walks from the middle.
	k := (start + uint64(account)*(n/2) + uint64(number)*7919) % n
	trade := trades[k%uint64(len(trades))]
	k /= uint64(len(trades))
	tail := placeTails[k%uint64(len(placeTails))]
	return placeHeads[k/uint64(len(placeTails))] + tail + " " + trade
}

// foreign are beginnings that only a system that takes Unicode can store.
var foreign = []string{"Müller & Søn", "東雲商事", "Łódź Świt", "مؤسسة الفجر", "Ærø Færge", "Кедр и Ко", "Sunny 🌻", "Crème Brûlée"}

// longName repeats departments until the name has 300 characters.
func longName(base string) string {
	var b strings.Builder
	b.WriteString(base)
	for b.Len() < 300 {
		b.WriteString(" and Affiliated Offices of the Northern and Southern Counties")
	}
	return b.String()[:299] + "." // never ends in a space, which would be trimmed
}

// identifier is ConnectWise's short company code: letters and digits, at most
// 25, made unique by the company's id.
func identifier(name, id string) string {
	var b strings.Builder
	for _, r := range name {
		if r < 0x80 && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9') {
			b.WriteRune(r)
		}
	}
	head := b.String()
	if head == "" {
		head = "Company"
	}
	return head[:min(len(head), 25-len(id))] + id
}

func cutRunes(s string, n int) string {
	r := []rune(s)
	return strings.TrimSpace(string(r[:min(len(r), n)]))
}

func lastWordFirst(s string) string {
	head, tail, ok := strings.Cut(s, " ")
	if !ok {
		return s
	}
	return tail + " " + head
}

var places = []string{"HQ", "Head office", "Warehouse", "Branch 2", "Branch 3", "Reception", "Server room", "Workshop", "Clinic", "North site", "R&amp;D lab", "Lobby"}
