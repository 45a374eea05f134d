package bridge

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Suggestion is the company that a tenant most likely stands for (R14).
type Suggestion struct {
	CompanyID int
	Company   string
	Score     int // percent, 100 for the same name
	Reason    string
}

// minSuggestion is the lowest score worth showing to a person.
const minSuggestion = 60

// tooClose is how far ahead of the next one a company must be whose name only shares words with the tenant's: below that, which
// of the two comes first says more about the other companies' names than about the tenant.
const tooClose = 5

// Scores of names that are not letter for letter the same.
const (
	scoreSameWords  = 97 // the rest was punctuation, word order or a legal form
	scoreJoined     = 94 // the same letters, spaced otherwise
	scoreIdentifier = 92 // the tenant's name is the company's identifier
)

// Matcher suggests companies for tenants by name. It is made once for an account's companies: comparing thousands of tenants
// with thousands of companies pair by pair would take minutes. It may be used by several goroutines at once.
type Matcher struct {
	companies []matchable
	byWord    map[string][]int // indexes of companies, by word
	byJoined  map[string][]int // by all words written together
	byIdent   map[string][]int
	byLength  map[int][][]rune // words by their length, for misspelt ones
}

type matchable struct {
	company Company
	name    normalName
}

// NewMatcher takes the companies that may be mapped; deleted ones are left out.
func NewMatcher(companies []Company) *Matcher {
	m := &Matcher{byWord: map[string][]int{}, byJoined: map[string][]int{}, byIdent: map[string][]int{}, byLength: map[int][][]rune{}}
	for _, c := range companies {
		if c.Deleted {
			continue
		}
		at := len(m.companies)
		entry := matchable{company: c, name: normalise(c.Name)}
		m.companies = append(m.companies, entry)
		for _, word := range entry.name.words {
			m.byWord[word] = appendNew(m.byWord[word], at)
		}
		m.byJoined[entry.name.joined] = append(m.byJoined[entry.name.joined], at)
		if ident := normalise(c.Identifier).joined; ident != "" {
			m.byIdent[ident] = append(m.byIdent[ident], at)
		}
	}
	for _, word := range sortedKeys(m.byWord) {
		runes := []rune(word)
		m.byLength[len(runes)] = append(m.byLength[len(runes)], runes)
	}
	return m
}

// Suggest finds the company whose name is most like the tenant's; false when none is like enough or two are equally like.
func (m *Matcher) Suggest(tenant string) (Suggestion, bool) {
	name := normalise(tenant)
	if name.joined == "" {
		return Suggestion{}, false
	}
	alike := m.alike(name)
	var best, second Suggestion
	for _, at := range m.candidates(name, alike) {
		s := m.score(name, alike, m.companies[at])
		switch {
		case s.Score > best.Score:
			best, second = s, best
		case s.Score > second.Score:
			second = s
		}
	}
	margin := 1
	if best.Score < scoreIdentifier {
		margin = tooClose
	}
	if best.Score < minSuggestion || best.Score-second.Score < margin {
		return Suggestion{}, false
	}
	return best, true
}

// alike gives for each of the tenant's words the companies' words that are the same or spelt almost alike, with their
// likeness.
func (m *Matcher) alike(name normalName) []map[string]float64 {
	out := make([]map[string]float64, len(name.words))
	for i, word := range name.words {
		out[i] = map[string]float64{word: 1}
		if _, known := m.byWord[word]; known {
			continue
		}
		runes := []rune(word)
		slack := len(runes) / 4 // one letter in four may differ; short words must be the same
		for length := len(runes) - slack; slack > 0 && length <= len(runes)+slack; length++ {
			for _, other := range m.byLength[length] {
				if d := distance(runes, other, slack); d <= slack {
					out[i][string(other)] = 1 - float64(d)/float64(max(len(runes), length))
				}
			}
		}
	}
	return out
}

// candidates are the companies that share a word, the letters or the identifier with the tenant, in order.
func (m *Matcher) candidates(name normalName, alike []map[string]float64) []int {
	found := slices.Concat(m.byJoined[name.joined], m.byIdent[name.joined])
	for _, words := range alike {
		for word := range words {
			found = append(found, m.byWord[word]...)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func (m *Matcher) score(name normalName, alike []map[string]float64, c matchable) Suggestion {
	s := Suggestion{CompanyID: c.company.ID, Company: c.company.Name}
	ignored := ignoredWords(name, c.name)
	switch {
	case strings.EqualFold(strings.TrimSpace(name.raw), strings.TrimSpace(c.name.raw)):
		s.Score, s.Reason = 100, "same name"
	case slices.Equal(name.sorted, c.name.sorted):
		s.Score, s.Reason = scoreSameWords, "same words"+ignored
	case name.joined == c.name.joined:
		s.Score, s.Reason = scoreJoined, "same letters, spaced otherwise"+ignored
	case name.joined == normalise(c.company.Identifier).joined:
		s.Score, s.Reason = scoreIdentifier, "the tenant has the company's identifier as its name"
	default:
		s.Score, s.Reason = m.wordScore(name, alike, c.name)
		s.Reason += ignored
	}
	return s
}

// wordScore weighs the words that two names share against all their words. Rare words weigh more: "Kowalski Dental" is more
// like "Kowalski" than like "Harbor Dental".
func (m *Matcher) wordScore(name normalName, alike []map[string]float64, other normalName) (int, string) {
	free := slices.Clone(other.words)
	shared, total, count, exact := 0.0, 0.0, 0, true
	for i, word := range name.words {
		best, bestAt := 0.0, -1
		for at, candidate := range free {
			if like := alike[i][candidate]; like > best {
				best, bestAt = like, at
			}
		}
		weight := m.weight(word)
		if bestAt >= 0 {
			weight = m.weight(free[bestAt])
			free = slices.Delete(free, bestAt, bestAt+1)
			shared += 2 * best * weight
			total += weight
			count++
			exact = exact && best == 1
		}
		total += weight
	}
	for _, word := range free {
		total += m.weight(word)
	}
	score := min(int(math.Round(100*shared/total)), scoreSameWords-1)
	reason := fmt.Sprintf("%d of %d words the same", count, max(len(name.words), len(other.words)))
	if !exact {
		reason = fmt.Sprintf("%d of %d words the same or spelt almost alike", count, max(len(name.words), len(other.words)))
	}
	return score, reason
}

func (m *Matcher) weight(word string) float64 {
	return math.Log(2 + float64(len(m.companies))/float64(1+len(m.byWord[word])))
}

func ignoredWords(a, b normalName) string {
	var words []string
	for _, word := range slices.Concat(a.ignored, b.ignored) {
		words = appendNew(words, word)
	}
	slices.SortFunc(words, cmp.Compare[string])
	if len(words) == 0 {
		return ""
	}
	return ", “" + strings.Join(words, "”, “") + "” ignored"
}
