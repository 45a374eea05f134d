package billmodel

import (
	"fmt"
	"maps"
	"slices"
)

// Book remembers what it was shown. It serves one account, and is used by one goroutine.
type Book struct {
	lines      map[int]Line      // as of the last look
	agreements map[int]Agreement // likewise
	notes      map[int]Note      // by line
	wrote      map[int]Day       // the cancelled date that Causeway last left on a line
	opened     map[int]bool      // a person moved the line's end later, and Causeway has not moved it back since
	openedFrom map[int]Day       // from which end
	personal   map[int]bool      // a person decides how the line bills
	invoiced   map[string][]span
	missed     map[string]map[string]Day // by tenant and serial number: the first day whose complete answer lacked it
	counted    map[int]int               // by line: where its quantity came from, at best
	adopted    map[int]bool              // a person made the line
	limited    map[string]bool           // serial numbers whose new line waits since too many were to be made at once
	unended    map[string]bool           // serial numbers of which a line could not be ended
	left       map[int]Day               // when its end was written: the first day that no invoice had covered of a line
	since      map[string]Day            // the first day for which a product's line that runs was owed
	from       map[string]Day            // the first day that a person chose for a product's line
	dismissed  map[string][]dismissal
	evening    Evening         // the last one
	touched    map[string]bool // serial numbers of lines that a person changed since the last evening
	due        []charge
	findings   []string
}

// charge is what the invoices of an agreement must carry of a product.
type charge struct {
	serial    string
	agreement int
	span      span
	quantity  int
}

// dismissal is a row that a person put aside, for as long as MySonicWall says the same about its product.
type dismissal struct {
	reason  string
	listed  bool
	product Product
}

// NewBook is an empty book.
func NewBook() *Book {
	return &Book{
		lines: map[int]Line{}, notes: map[int]Note{}, wrote: map[int]Day{}, opened: map[int]bool{}, openedFrom: map[int]Day{}, personal: map[int]bool{},
		invoiced: map[string][]span{}, missed: map[string]map[string]Day{}, counted: map[int]int{}, adopted: map[int]bool{}, since: map[string]Day{}, unended: map[string]bool{}, left: map[int]Day{}, limited: map[string]bool{}, from: map[string]Day{},
		dismissed: map[string][]dismissal{}, touched: map[string]bool{},
	}
}

func (b *Book) findf(format string, args ...any) {
	b.findings = append(b.findings, fmt.Sprintf(format, args...))
}

// take hands over what was found.
func (b *Book) take() []string {
	out := b.findings
	b.findings = nil
	return out
}

// Look shows lines and agreements as persons left them: before a sync and before an invoice. What differs from the last look is theirs.
func (b *Book) Look(lines []Line, agreements map[int]Agreement) {
	there := make(map[int]bool, len(lines))
	for _, l := range lines {
		there[l.ID] = true
		before, known := b.lines[l.ID]
		if _, ours := b.notes[l.ID]; known && ours && before != l {
			b.edited(before, l)
		}
		if was, is := b.agreements[l.Agreement], agreements[l.Agreement]; was.Cancelled != is.Cancelled || was.End != is.End {
			b.touch(l)
		}
		b.lines[l.ID] = l
	}
	for id, before := range b.lines {
		if !there[id] {
			b.touch(before)
			delete(b.lines, id)
		}
	}
	b.agreements = agreements
	b.credit()
}

// credit takes back what was invoiced beyond the end that a person gave an agreement since: whoever ends it within a period settles
// the rest of that with the customer.
func (b *Book) credit() {
	for _, spans := range b.invoiced {
		for i := range spans {
			if end := b.agreements[spans[i].of].End; end != 0 {
				spans[i].to = min(spans[i].to, end)
			}
		}
	}
}

func (b *Book) touch(l Line) {
	b.touched[l.Serial] = true
	if note, ours := b.notes[l.ID]; ours {
		b.touched[note.Serial] = true
	}
}

func (b *Book) edited(before, after Line) {
	b.touch(before)
	if later(after.Cancelled, before.Cancelled) {
		if !b.opened[after.ID] {
			b.openedFrom[after.ID] = before.Cancelled
		}
		b.opened[after.ID] = true
	}
	if after.Bill != before.Bill {
		b.personal[after.ID] = true
	}
}

// later compares ends, where none is the latest.
func later(a, b Day) bool { return b != 0 && (a == 0 || a > b) }

// Dismissed tells that a person put aside a row of the last evening.
func (b *Book) Dismissed(tenant, serial, reason string) {
	d := dismissal{reason: reason}
	for _, t := range b.evening.Tenants {
		for _, p := range t.Products {
			if t.ID == tenant && p.Serial == serial && p.there() {
				d.listed, d.product = true, p
			}
		}
	}
	b.dismissed[serial] = append(b.dismissed[serial], d)
}

// Invoice is an invoice of an agreement that carried lines with the quantities as billed; the agreement is as it was before.
type Invoice struct {
	Agreement Agreement
	Until     Day // first day of the period after
	Lines     []Line
}

// Invoiced judges an invoice and remembers what it billed.
func (b *Book) Invoiced(in Invoice) []string {
	from, to := in.Agreement.Next, in.Until-1
	if in.Agreement.End != 0 {
		to = min(to, in.Agreement.End)
	}
	for _, l := range in.Lines {
		note, ours := b.notes[l.ID]
		if !ours {
			continue
		}
		s := span{from: max(from, l.Effective), to: min(to, orForever(l.Cancelled)), line: l.ID, paid: to, of: in.Agreement.ID, hand: b.personally(l.ID)}
		if s.empty() {
			continue
		}
		for _, o := range b.invoiced[note.Serial] {
			if s.meets(o) && !o.hand && !s.hand && !b.unended[note.Serial] && !b.touched[note.Serial] {
				b.findf("%s is billed twice: by line %d from %s to %s, by line %d from %s to %s", note.Serial, s.line, s.from, s.to, o.line, o.from, o.to)
			}
		}
		b.invoiced[note.Serial] = append(b.invoiced[note.Serial], s)
	}
	b.compareCharges(in, from, to)
	return b.take()
}

// compareCharges holds an invoice against what the last evening promised for its days. What persons changed since is theirs.
func (b *Book) compareCharges(in Invoice, from, to Day) {
	billed := map[int]int{}
	for _, l := range in.Lines {
		billed[l.ID] = l.Quantity
	}
	for _, c := range b.due {
		if c.agreement != in.Agreement.ID || b.touched[c.serial] || c.span.from > to || c.span.to < from {
			continue
		}
		if billed[c.span.line] != c.quantity {
			b.findf("the invoice of agreement %d from %s to %s bills %d of %s instead of %d", in.Agreement.ID, from, to, billed[c.span.line], c.serial, c.quantity)
		}
	}
}

// ours are the lines that stand and are noted for a serial number, by id.
func (b *Book) ours(serial string) []Line {
	var out []Line
	for id, note := range b.notes {
		if l, stands := b.lines[id]; stands && note.Serial == serial {
			out = append(out, l)
		}
	}
	slices.SortFunc(out, func(x, y Line) int { return x.ID - y.ID })
	return out
}

// serials of all lines of ours, in order.
func (b *Book) serials() []string {
	found := map[string]bool{}
	for _, note := range b.notes {
		found[note.Serial] = true
	}
	return slices.Sorted(maps.Keys(found))
}
