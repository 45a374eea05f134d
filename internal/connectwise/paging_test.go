package connectwise_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"causeway/internal/connectwise"
)

// pager serves a list of total rows as servers of different manners do.
type pager struct {
	total       int
	sizeCap     int    // rows given at most, whatever is asked; 0 for 1,000
	links       bool   // sends a Link header
	lonely      bool   // but leaves it out when everything fits into one page
	forwardOnly bool   // knows the style
	emptyEnd    bool   // forward-only ends with an empty Link header instead of one without next
	linkSize    bool   // the link names the size that was given, not the one that was asked
	otherLink   string // a link of another kind, as front ends add
}

func (p pager) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	asked, _ := strconv.Atoi(query.Get("pageSize"))
	size := min(asked, 1000)
	if p.sizeCap > 0 {
		size = min(size, p.sizeCap)
	}
	if p.otherLink != "" {
		w.Header().Add("Link", p.otherLink)
	}
	if p.forwardOnly && r.Header.Get("pagination-type") == "forward-only" {
		after, _ := strconv.Atoi(query.Get("pageId"))
		rows, last := p.rows(after, size), min(after+size, p.total)
		switch {
		case last < p.total:
			w.Header().Add("Link", p.link(r, "next", "pageId", last, asked))
		case p.emptyEnd:
			w.Header()["Link"] = []string{""}
		default:
			w.Header().Add("Link", p.link(r, "first", "pageId", 0, asked))
		}
		writeJSON(w, 200, rows)
		return
	}
	page, _ := strconv.Atoi(query.Get("page"))
	page = max(page, 1)
	if p.links {
		if p.linkSize {
			asked = size
		}
		var links []string
		if page*size < p.total {
			links = append(links, p.link(r, "next", "page", page+1, asked), p.link(r, "last", "page", (p.total+size-1)/size, asked))
		}
		links = append(links, p.link(r, "first", "page", 1, asked))
		if !p.lonely || p.total > size {
			w.Header().Add("Link", strings.Join(links, ", "))
		}
	}
	writeJSON(w, 200, p.rows((page-1)*size, size))
}

func (p pager) rows(from, n int) []map[string]any {
	rows := []map[string]any{}
	for id := from + 1; id <= min(from+n, p.total); id++ {
		rows = append(rows, map[string]any{"id": id})
	}
	return rows
}

// link is an absolute address of another host, with the conditions in it, as the vendor's are.
func (p pager) link(r *http.Request, rel, name string, value, size int) string {
	query := r.URL.Query()
	query.Set(name, strconv.Itoa(value))
	query.Set("pageSize", strconv.Itoa(size))
	return fmt.Sprintf(`<https://internal.example/v2022_1//apis/3.0//company/companies?%s>; rel="%s"`, strings.ToLower(query.Encode()), rel)
}

func TestAllReadsEveryRow(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		pager pager
		opts  connectwise.ListOptions
		calls int
	}{
		"linked":                              {pager: pager{total: 2000, links: true}, calls: 2},
		"linked, one page":                    {pager: pager{total: 25, links: true}, calls: 1},
		"linked, nothing":                     {pager: pager{total: 0, links: true}, calls: 1},
		"linked, capped":                      {pager: pager{total: 250, sizeCap: 100, links: true}, calls: 3},
		"linked, capped, size in the link":    {pager: pager{total: 250, sizeCap: 100, links: true, linkSize: true}, calls: 3},
		"linked, beside links of other kinds": {pager: pager{total: 1500, links: true, otherLink: `</a.css>; rel=preload; as=style`}, calls: 2},
		"links of other kinds only":           {pager: pager{total: 30, sizeCap: 10, otherLink: `</a.css>; rel=preload`}, calls: 5},
		"linked where there is a neighbour":   {pager: pager{total: 1500, links: true, lonely: true}, calls: 2},
		"linked, one page without a link":     {pager: pager{total: 25, links: true, lonely: true}, calls: 2},
		"linked, one row without a link":      {pager: pager{total: 1, links: true, lonely: true}, calls: 2},
		"unlinked, one page":                  {pager: pager{total: 25}, calls: 2},
		"unlinked, one row at a time":         {pager: pager{total: 3, sizeCap: 1}, calls: 4},
		"unlinked, two rows at a time":        {pager: pager{total: 3, sizeCap: 2}, calls: 4},
		"unlinked, two rows":                  {pager: pager{total: 2}, calls: 3},
		"linked, two rows without a link":     {pager: pager{total: 2, links: true, lonely: true}, calls: 2},
		"unlinked":                            {pager: pager{total: 2000}, calls: 4},
		"unlinked, short last page":           {pager: pager{total: 1500}, calls: 4},
		"unlinked, capped":                    {pager: pager{total: 250, sizeCap: 100}, calls: 5},
		"unlinked, nothing":                   {pager: pager{total: 0}, calls: 1},
		"small pages":                         {pager: pager{total: 45, links: true}, opts: connectwise.ListOptions{PageSize: 10}, calls: 5},
		"more than the most":                  {pager: pager{total: 1500, links: true}, opts: connectwise.ListOptions{PageSize: 5000}, calls: 2},
		"forward-only":                        {pager: pager{total: 2000, forwardOnly: true}, opts: connectwise.ListOptions{Paging: connectwise.ForwardOnly}, calls: 2},
		"forward-only, empty end":             {pager: pager{total: 1500, forwardOnly: true, emptyEnd: true}, opts: connectwise.ListOptions{Paging: connectwise.ForwardOnly}, calls: 2},
		"forward-only, capped":                {pager: pager{total: 250, sizeCap: 100, forwardOnly: true}, opts: connectwise.ListOptions{Paging: connectwise.ForwardOnly}, calls: 3},
		"forward-only not known":              {pager: pager{total: 1500}, opts: connectwise.ListOptions{Paging: connectwise.ForwardOnly}, calls: 5},
		"forward-only not known but linked":   {pager: pager{total: 30, links: true}, opts: connectwise.ListOptions{Paging: connectwise.ForwardOnly}, calls: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, cw := serve(t, tc.pager.ServeHTTP)
			rows, err := connectwise.Collect(cw.Companies.All(t.Context(), tc.opts))
			require.NoError(t, err)
			require.Len(t, rows, tc.pager.total)
			for i, row := range rows {
				require.Equal(t, i+1, row.ID)
			}
			assert.Len(t, s.seen(), tc.calls)
			for _, r := range s.seen() {
				forward := r.Header.Get("pagination-type") != ""
				assert.Equal(t, !forward, r.URL.Query().Has("orderBy"), "orderBy is for navigable paging only")
			}
		})
	}
}

// Servers may leave the Link header out when there is nothing to point to. That costs one call for each kind of list,
// not one for each list.
func TestOnePageIsOneCallOnceTheServerIsKnown(t *testing.T) {
	t.Parallel()
	s, cw := serve(t, pager{total: 25, links: true, lonely: true}.ServeHTTP)
	var ids []int
	for id := range 60 {
		ids = append(ids, id+1)
	}
	rows := 0
	require.NoError(t, cw.Additions.OfAgreements(t.Context(), ids, connectwise.ListOptions{}, func(_ int, of []connectwise.Addition) error {
		rows += len(of)
		return nil
	}))
	assert.Equal(t, 60*25, rows)
	assert.Len(t, s.seen(), 61, "one call for each agreement, one to find out")

	_, err := connectwise.Collect(cw.Companies.All(t.Context(), connectwise.ListOptions{}))
	require.NoError(t, err)
	assert.Len(t, s.seen(), 63, "lists of another kind are another matter")
	page, err := cw.Companies.List(t.Context(), connectwise.ListOptions{})
	require.NoError(t, err)
	assert.True(t, page.Last)
}

// A list that kept silent about a further page once is not believed again, whatever other lists do.
func TestSilenceIsNotTheEndWhereItWasNotOnce(t *testing.T) {
	t.Parallel()
	total := 25
	linked, silent := pager{total: 1200, links: true}, pager{sizeCap: 10}
	_, cw := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "company/companies" {
			linked.ServeHTTP(w, r)
			return
		}
		now := silent
		now.total = total
		now.ServeHTTP(w, r)
	})
	for _, total = range []int{25, 10, 11, 30} {
		companies, err := connectwise.Collect(cw.Companies.All(t.Context(), connectwise.ListOptions{}))
		require.NoError(t, err)
		assert.Len(t, companies, 1200)
		boards, err := connectwise.Collect(cw.Boards.All(t.Context(), connectwise.ListOptions{}))
		require.NoError(t, err)
		assert.Len(t, boards, total)
	}
}

func TestAllAcrossManyPagesKeepsTheConditions(t *testing.T) {
	t.Parallel()
	s, cw := serve(t, pager{total: 30, sizeCap: 10, links: true}.ServeHTTP)
	_, err := connectwise.Collect(cw.Companies.All(t.Context(), connectwise.ListOptions{
		Where: connectwise.EqualBool("deletedFlag", false), Fields: []string{"identifier", "status/id"},
	}))
	require.NoError(t, err)
	for i, r := range s.seen() {
		assert.Equal(t, fmt.Sprintf("conditions=deletedFlag%%3Dfalse&fields=id,identifier,status/id&orderBy=id%%20asc&page=%d&pageSize=1000", i+1), r.URL.RawQuery)
	}
}

func TestAllStopsWithItsCaller(t *testing.T) {
	t.Parallel()
	s, cw := serve(t, pager{total: 5000, links: true}.ServeHTTP)
	for row, err := range cw.Companies.All(t.Context(), connectwise.ListOptions{}) {
		require.NoError(t, err)
		if row.ID == 1500 {
			break
		}
	}
	assert.Len(t, s.seen(), 2)
}

func TestAllStopsAtTheFirstError(t *testing.T) {
	t.Parallel()
	list := pager{total: 3000, links: true}
	s, cw := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("page") == "2" {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		list.ServeHTTP(w, r)
	})
	rows, errs := 0, 0
	for _, err := range cw.Companies.All(t.Context(), connectwise.ListOptions{}) {
		if err != nil {
			errs++
			continue
		}
		rows++
	}
	assert.Equal(t, 1000, rows)
	assert.Equal(t, 1, errs)
	assert.Len(t, s.seen(), 2)
	all, err := connectwise.Collect(cw.Companies.All(t.Context(), connectwise.ListOptions{}))
	assert.True(t, connectwise.IsUnavailable(err))
	assert.Nil(t, all, "half a list is none")
}

// Rows that are added or removed while a list is read shift the pages.
func TestAllGivesEachRowOnce(t *testing.T) {
	t.Parallel()
	pages := map[string][]map[string]any{
		"1": {{"id": 1}, {"id": 2}, {"id": 3}},
		"2": {{"id": 3}, {"id": 4}},
		"3": {},
	}
	_, cw := serve(t, func(w http.ResponseWriter, r *http.Request) { writeJSON(w, 200, pages[r.URL.Query().Get("page")]) })
	rows, err := connectwise.Collect(cw.Companies.All(t.Context(), connectwise.ListOptions{}))
	require.NoError(t, err)
	assert.Len(t, rows, 4)
}

func TestListsThatNeverEnd(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"the page is ignored": func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, 200, []any{map[string]any{"id": 1}}) },
		"the link leads back": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Link", `<https://x/company/companies?page=1>; rel="next"`)
			writeJSON(w, 200, []any{map[string]any{"id": 1}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, cw := serve(t, handler)
			_, err := connectwise.Collect(cw.Companies.All(t.Context(), connectwise.ListOptions{}))
			assert.True(t, connectwise.IsProtocol(err), "%v", err)
			assert.LessOrEqual(t, len(s.seen()), 2)
		})
	}
}

func TestListGivesOnePage(t *testing.T) {
	t.Parallel()
	_, cw := serve(t, pager{total: 25, links: true}.ServeHTTP)
	page, err := cw.Companies.List(t.Context(), connectwise.ListOptions{PageSize: 10})
	require.NoError(t, err)
	assert.Len(t, page.Rows, 10)
	assert.False(t, page.Last)
	page, err = cw.Companies.List(t.Context(), page.Next)
	require.NoError(t, err)
	assert.Equal(t, 11, page.Rows[0].ID)
	page, err = cw.Companies.List(t.Context(), page.Next)
	require.NoError(t, err)
	assert.True(t, page.Last)
	assert.Len(t, page.Rows, 5)
}

func TestAllInKeepsAddressesShort(t *testing.T) {
	t.Parallel()
	var asked []int
	s, cw := serve(t, func(w http.ResponseWriter, r *http.Request) {
		conditions := r.URL.Query().Get("conditions")
		_, list, ok := strings.Cut(conditions, "id in (")
		assert.True(t, ok, conditions)
		rows := []map[string]any{}
		list, _, _ = strings.Cut(list, ")")
		for text := range strings.SplitSeq(list, ",") {
			id, err := strconv.Atoi(text)
			assert.NoError(t, err)
			asked = append(asked, id)
			rows = append(rows, map[string]any{"id": id})
		}
		w.Header().Set("Link", `<https://x/>; rel="first"`)
		writeJSON(w, 200, rows)
	})
	var ids []int
	for i := range 900 {
		ids = append(ids, 1_000_000+i, 1_000_000+i) // twice: asked once
	}
	rows, err := connectwise.Collect(cw.Companies.AllIn(t.Context(), "id", ids, connectwise.ListOptions{
		Where: connectwise.Or(connectwise.EqualBool("deletedFlag", false), connectwise.IsNull("deletedFlag")), Fields: connectwise.FieldsOf[connectwise.Company](),
	}))
	require.NoError(t, err)
	assert.Len(t, rows, 900)
	assert.Equal(t, slices.Compact(slices.Sorted(slices.Values(ids))), slices.Sorted(slices.Values(asked)))
	assert.Less(t, len(s.seen()), 8, "and not too many parts")
	for _, r := range s.seen() {
		assert.Less(t, len("https://")+len(r.Host)+len(r.RequestURI), 2000)
		assert.Contains(t, r.URL.Query().Get("conditions"), "(deletedFlag=false or deletedFlag=null) and id in (")
	}
	none, err := connectwise.Collect(cw.Companies.AllIn(t.Context(), "id", nil, connectwise.ListOptions{}))
	require.NoError(t, err)
	assert.Empty(t, none, "no numbers, no rows, and not everything")
}

func TestFieldsOf(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []string{"id", "identifier", "name", "status", "deletedFlag", "_info"}, connectwise.FieldsOf[connectwise.Company]())
}

func TestLinkWithAnAddressThatIsNone(t *testing.T) {
	t.Parallel()
	_, cw := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", `<https://x/%zz>; rel="next"`)
		writeJSON(w, 200, []any{map[string]any{"id": 1}})
	})
	_, err := cw.Companies.List(t.Context(), connectwise.ListOptions{})
	assert.True(t, connectwise.IsProtocol(err))
	_, parses := url.Parse("https://x/%zz")
	assert.Error(t, parses)
}

// Whatever the manner of the server, every row comes, once, and in order; on a client that has read before as well.
func TestEveryMannerGivesEveryRow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		manner := rapid.Custom(func(rt *rapid.T) pager {
			return pager{
				total: rapid.IntRange(0, 40).Draw(rt, "total"), sizeCap: rapid.IntRange(1, 12).Draw(rt, "cap"),
				links: rapid.Bool().Draw(rt, "links"), lonely: rapid.Bool().Draw(rt, "lonely"), linkSize: rapid.Bool().Draw(rt, "link size"),
				forwardOnly: rapid.Bool().Draw(rt, "forward-only"), emptyEnd: rapid.Bool().Draw(rt, "empty end"),
			}
		}).Draw(rt, "manner")
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/login/") {
				writeJSON(w, 200, map[string]any{"Codebase": "v2022_1/"})
				return
			}
			manner.ServeHTTP(w, r)
		}))
		defer server.Close()
		transport := &http.Transport{}
		defer transport.CloseIdleConnections()
		cw, err := connectwise.New(connectwise.Config{
			Host: strings.TrimPrefix(server.URL, "http://"), Company: "acme", PublicKey: canaryPublic, PrivateKey: canaryPrivate,
			AllowPlainHTTP: true, HTTPClient: &http.Client{Transport: transport}, Limiter: connectwise.NewLimiter(connectwise.Limits{}),
		})
		require.NoError(t, err)
		for range 3 {
			manner.total = rapid.IntRange(0, 40).Draw(rt, "now total")
			opts := connectwise.ListOptions{PageSize: rapid.IntRange(0, 20).Draw(rt, "asked"), Paging: rapid.SampledFrom([]connectwise.Paging{connectwise.Navigable, connectwise.ForwardOnly}).Draw(rt, "paging")}
			rows, err := connectwise.Collect(cw.Companies.All(t.Context(), opts))
			if err != nil {
				rt.Fatal(err)
			}
			if len(rows) != manner.total {
				rt.Fatalf("%d rows of %d", len(rows), manner.total)
			}
			for i, row := range rows {
				if row.ID != i+1 {
					rt.Fatalf("row %d is %d", i+1, row.ID)
				}
			}
		}
	})
}
