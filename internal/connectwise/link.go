package connectwise

import (
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// linkPattern is one element of a Link header (RFC 8288): an address in angle brackets, then parameters.
var linkPattern = regexp.MustCompile(`<([^>]*)>((?:\s*;\s*[^,;"]+(?:"[^"]*")?)*)`)

var relPattern = regexp.MustCompile(`(?i)\brel\s*=\s*"?([^";]+)"?`)

// pagingRels are the relations by which a server shows that it speaks of pages; front ends add links of other kinds.
var pagingRels = []string{"first", "prev", "previous", "next", "last"}

// nextLink returns the query of the link to the next page, its names in lower case, nil when there is none. Only the query is used: the address
// may name a host that is not ours. linked says that the server speaks of pages at all. An empty header means so in
// forward-only paging, whose documented end it is; elsewhere it means nothing.
func nextLink(header http.Header, forwardOnly bool) (next url.Values, linked bool, err error) {
	values := header.Values("Link")
	all := strings.TrimSpace(strings.Join(values, ", "))
	if all == "" {
		return nil, forwardOnly && len(values) > 0, nil
	}
	for _, link := range linkPattern.FindAllStringSubmatch(all, -1) {
		match := relPattern.FindStringSubmatch(link[2])
		if match == nil {
			continue
		}
		rel := strings.ToLower(strings.TrimSpace(match[1]))
		linked = linked || slices.Contains(pagingRels, rel)
		if rel != "next" {
			continue
		}
		to, err := url.Parse(link[1])
		if err != nil {
			return nil, true, errors.New("its link to the next page is not an address")
		}
		return lowerNames(to.Query()), true, nil
	}
	return nil, linked, nil
}

// lowerNames brings parameter names into one case: servers do not care which.
func lowerNames(query url.Values) url.Values {
	lower := make(url.Values, len(query))
	for name, values := range query {
		lower[strings.ToLower(name)] = values
	}
	return lower
}

// FieldsOf returns the names of the fields that T decodes, for [ListOptions.Fields].
func FieldsOf[T Record]() []string {
	var names []string
	for field := range reflect.TypeFor[T]().Fields() {
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" && name != "-" {
			names = append(names, name)
		}
	}
	return names
}
