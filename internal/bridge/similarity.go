package bridge

import (
	"slices"
	"strings"
	"unicode"
)

// normalName is a name freed of what two systems write differently for one customer: case, accents, punctuation, word order,
// legal forms.
type normalName struct {
	raw     string
	words   []string // in their order
	sorted  []string
	joined  string
	ignored []string // legal forms left out, as written
}

// legalForms and words that say nothing about which customer it is; "products" ends the names that MySonicWall proposes.
var legalForms = wordSet(`ab ag and aps as bv bvba cc co company corp corporation cv eg ev gbr gesmbh gmbh group holding holdings
	inc incorporated jsc kft kg kgaa lda limited llc llp lp ltd ltda mbh nv og ohg oy oyj pc plc pllc products pte pty sa sarl
	sas se sl slu sp spa spzoo srl sro the ug und zoo`)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		set[word] = true
	}
	return set
}

func normalise(name string) normalName {
	out := normalName{raw: name}
	var all, written []string
	for _, field := range splitName(name) {
		all, written = append(all, fold(field)), append(written, field)
	}
	for i, word := range all {
		if legalForms[word] {
			out.ignored = append(out.ignored, written[i])
			continue
		}
		out.words = append(out.words, word)
	}
	if len(out.words) == 0 { // "The Company" is a name too
		out.words, out.ignored = all, nil
	}
	out.sorted = slices.Sorted(slices.Values(out.words))
	out.joined = strings.Join(out.words, "")
	return out
}

// splitName cuts at anything but letters and digits. Points and apostrophes only vanish: L.L.P. is one word, so is O'Neill.
func splitName(name string) []string {
	name = strings.Map(func(r rune) rune {
		switch r {
		case '.', '\'', '’', '`', '´':
			return -1
		}
		return r
	}, name)
	return strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
}

// plain letters for accented ones; the two systems seldom agree on them. German umlauts lose their dots rather than gain an e.
var plain = func() map[rune]string {
	groups := map[string]string{
		"a": "àáâãäåāăą", "c": "çćĉċč", "d": "ďđð", "e": "èéêëēĕėęě", "g": "ĝğġģ", "h": "ĥħ", "i": "ìíîïĩīĭįı", "j": "ĵ", "k": "ķ",
		"l": "ĺļľŀł", "n": "ñńņňŉ", "o": "òóôõöøōŏő", "r": "ŕŗř", "s": "śŝşšș", "t": "ţťŧț", "u": "ùúûüũūŭůűų", "w": "ŵ", "y": "ýÿŷ",
		"z": "źżž", "ae": "æ", "oe": "œ", "ss": "ß", "th": "þ",
	}
	out := map[rune]string{}
	for letter, accented := range groups {
		for _, r := range accented {
			out[r] = letter
		}
	}
	return out
}()

// fold is a word in lower case without accents; combining accents are dropped.
func fold(word string) string {
	var out strings.Builder
	for _, r := range strings.ToLower(word) {
		switch letter, accented := plain[r]; {
		case accented:
			out.WriteString(letter)
		case !unicode.IsMark(r):
			out.WriteRune(r)
		}
	}
	return out.String()
}

// distance counts the insertions, deletions, replacements and swaps of neighbours that lead from a to b; more than limit is
// only said to be more.
func distance(a, b []rune, limit int) int {
	var space [3 * 64]int
	rows := space[:]
	if width := len(b) + 1; 3*width > len(rows) {
		rows = make([]int, 3*width)
	}
	width := len(b) + 1
	before, last, row := rows[:width], rows[width:2*width], rows[2*width:3*width]
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row[0] = i + 1
		least := row[0]
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
			least = min(least, row[j+1])
		}
		if least > limit+1 { // a swap may still save one
			return limit + 1
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
