package bridge

import (
	"fmt"
	"strings"
	"testing"
)

func companies(names ...string) []Company {
	var out []Company
	for i, name := range names {
		out = append(out, Company{ID: i + 1, Name: name, Identifier: fmt.Sprintf("co%03d", i+1)})
	}
	return out
}

// R14: names are compared without legal forms, punctuation, word order, case and accents; ties are never picked.
func TestSuggest(t *testing.T) {
	t.Parallel()
	list := companies("Ironwood Credit Union", "Brightwater Schools Trust", "Müller & Söhne GmbH", "Acme, Inc.", "Acme Dental Group",
		"O'Neill Partners LLP", "Data Works Ltd.", "Harbor Dental", "Kowalski Dental", "Twin Peaks", "Peaks Twin", "Société Générale S.A.",
		"The Company", "St. Mary’s Hospital", "Fernhill Logistics")
	list = append(list, Company{ID: 90, Name: "Deleted Bakery", Identifier: "bakery", Deleted: true}, Company{ID: 91, Name: "Zephyr Heating and Air", Identifier: "ZHA"})
	m := NewMatcher(list)
	tests := []struct {
		tenant  string
		company int // 0: none
		min     int
		max     int
		reason  string
	}{
		{"Ironwood Credit Union", 1, 100, 100, "same name"},
		{"ironwood credit union ", 1, 100, 100, "same name"},
		{"Union Ironwood Credit", 1, 97, 97, "same words"},
		{"Ironwood Credit Union Products", 1, 97, 97, "“Products” ignored"},
		{"Mueller & Soehne", 3, 70, 90, "spelt almost alike"},
		{"Muller & Sohne", 3, 97, 97, "“GmbH” ignored"},
		{"ACME", 4, 97, 97, "“Inc” ignored"},
		{"Oneill Partners", 6, 97, 97, "“LLP” ignored"},
		{"O'Neill Partners, L.L.P.", 6, 97, 97, "ignored"},
		{"DataWorks", 7, 94, 94, "spaced otherwise"},
		{"Kowalski Dental Care", 9, 60, 90, "2 of 3 words"},
		{"Brightwater School Trust", 2, 80, 96, "spelt almost alike"},
		{"Fernhil Logistics", 15, 80, 96, "spelt almost alike"},
		{"Twin-Peaks", 0, 0, 0, ""}, // two companies with these words
		{"Dental", 0, 0, 0, ""},
		{"Societe Generale", 12, 97, 97, "ignored"},
		{"St Marys Hospital", 14, 97, 97, "same words"},
		{"Deleted Bakery", 0, 0, 0, ""},
		{"zha", 91, 92, 92, "identifier"},
		{"Completely Different", 0, 0, 0, ""},
		{"", 0, 0, 0, ""}, {"…", 0, 0, 0, ""}, {"日本電気", 0, 0, 0, ""},
	}
	for _, test := range tests {
		got, ok := m.Suggest(test.tenant)
		if ok != (test.company != 0) || got.CompanyID != test.company {
			t.Errorf("%q: %+v", test.tenant, got)
			continue
		}
		if ok && (got.Score < test.min || got.Score > test.max || !strings.Contains(got.Reason, test.reason)) {
			t.Errorf("%q: %+v, want %d to %d, %q", test.tenant, got, test.min, test.max, test.reason)
		}
	}
}

// Order of the companies makes no difference, and two with one name are a tie.
func TestSuggestTies(t *testing.T) {
	t.Parallel()
	m := NewMatcher(companies("Acme", "Harbor", "Acme"))
	if got, ok := m.Suggest("Acme"); ok {
		t.Errorf("a tie was picked: %+v", got)
	}
	if got, ok := m.Suggest("Harbour"); !ok || got.CompanyID != 2 {
		t.Errorf("%+v", got)
	}
}

func TestDistance(t *testing.T) {
	t.Parallel()
	tests := []struct {
		a, b string
		want int
	}{{"", "", 0}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"abc", "ab", 1}, {"abc", "xabc", 1}, {"kitten", "sitting", 3}, {"müller", "muller", 1}, {"ca", "abc", 3}}
	for _, test := range tests {
		if got := distance([]rune(test.a), []rune(test.b), 9); got != test.want {
			t.Errorf("%s, %s: %d", test.a, test.b, got)
		}
		if got := distance([]rune(test.b), []rune(test.a), 9); got != test.want {
			t.Errorf("%s, %s: %d", test.b, test.a, got)
		}
	}
	if got := distance([]rune("completely"), []rune("different!"), 2); got <= 2 {
		t.Errorf("far apart: %d", got)
	}
}

func BenchmarkSuggest(b *testing.B) {
	var list []Company
	for i := range 3000 {
		list = append(list, Company{ID: i + 1, Name: fmt.Sprintf("Customer%d Number%d Ltd", i, i%97), Identifier: fmt.Sprint("c", i)})
	}
	m := NewMatcher(list)
	for b.Loop() {
		m.Suggest("Custmer2999 Number89")
	}
}
