package connectwise

import (
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"time"
)

// listing is what a list request asks for, checked.
type listing struct {
	filter   *filter
	children func(*reader, *record) bool // nil: none
	order    order
	fields   selection
	page     int
	size     int
	// forward means forward-only paging, after is the id after which the page begins.
	forward bool
	after   int32
	// filtered lists do not show records younger than the index lag.
	filtered bool
}

// query are the list parameters, from the address or from the body of a search.
type query struct {
	conditions, childConditions, customFieldConditions, orderBy string
}

const defaultPageSize = 25

// list reads the parameters of a list of k.
func (c *call) list(k *kind, path string, q query) (listing, *apiError) {
	v := c.request.URL.Query()
	l := listing{fields: parseFields(v.Get("fields")), filtered: q.conditions != "" || q.childConditions != "" || q.customFieldConditions != ""}
	n, err := parseFilter(q.conditions)
	if err == nil {
		l.filter, err = k.compile(n, c.unfilterable(path))
	}
	if err == nil {
		l.children, err = k.childFilter(q)
	}
	if err == nil {
		l.order, err = k.parseOrder(q.orderBy)
	}
	if err == nil {
		err = l.paging(c.set, v, c.request.Header)
	}
	if err == nil && l.forward && q.orderBy != "" {
		l.order = order{}
		if c.set.ForwardOnlyOrderBy == "refuse" {
			err = refuse(http.StatusBadRequest, "ConnectWiseApi", "orderBy cannot be used with forward-only pagination.")
		}
	}
	return l, err
}

// unfilterable are the fields that conditions on this list refuse by setting.
func (c *call) unfilterable(path string) []string {
	var names []string
	for _, entry := range c.set.Unfilterable {
		if at, name, _ := strings.Cut(entry, " "); sameText(strings.Trim(at, "/"), path) {
			names = append(names, name)
		}
	}
	return names
}

func (l *listing) paging(set Settings, v url.Values, h http.Header) *apiError {
	l.page, l.size = 1, defaultPageSize
	for name, into := range map[string]*int{"page": &l.page, "pageSize": &l.size} {
		text := v.Get(name)
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil {
			return parserError("The value '%s' is not valid for %s.", text, name)
		}
		if n > 0 {
			*into = n
		}
	}
	l.size = min(l.size, set.PageCap)
	l.forward = set.ForwardOnly == "on" && sameText(h.Get("pagination-type"), "forward-only")
	if text := v.Get("pageId"); l.forward && text != "" {
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			return parserError("The value '%s' is not valid for pageId.", text)
		}
		l.after = int32(n)
	}
	return nil
}

// apply filters and orders. own holds the records of the list, ordered by id; whole is their table where own is all of it.
func (l *listing) apply(q *reader, own []*record, whole *table) []*record {
	if !l.filtered {
		return l.order.sort(q, own)
	}
	if whole != nil && l.filter != nil && l.filter.narrow != nil {
		if rows, ok := l.filter.narrow(whole); ok {
			own = rows
		}
	}
	visible := q.now.Add(-time.Duration(q.set.IndexLag)).UnixMilli()
	var rows []*record
	for _, r := range own {
		if q.set.IndexLag > 0 && r.created > visible {
			continue
		}
		if (l.filter == nil || l.filter.match(q, r)) && (l.children == nil || l.children(q, r)) {
			rows = append(rows, r)
		}
	}
	return l.order.sort(q, rows)
}

// cut takes the page out of the ordered rows.
func (l *listing) cut(rows []*record) []*record {
	if l.forward {
		first := sort.Search(len(rows), func(i int) bool { return rows[i].id > l.after })
		return rows[first:min(len(rows), first+l.size)]
	}
	if l.page > (len(rows)+l.size-1)/l.size {
		return nil
	}
	first := (l.page - 1) * l.size
	return rows[first:min(len(rows), first+l.size)]
}

// link is the Link header (RFC 8288 form) for a page of total rows; rows is the page.
func (l *listing) link(r *http.Request, base string, rows []*record, total int) string {
	var links []string
	add := func(rel, name string, value int) {
		links = append(links, "<"+pageURL(r, base, l.size, name, value)+`>; rel="`+rel+`"`)
	}
	if l.forward {
		if len(rows) == l.size {
			add("next", "pageId", int(rows[len(rows)-1].id))
		}
		return strings.Join(links, ", ")
	}
	last := (total + l.size - 1) / l.size
	if l.page > 1 {
		add("first", "page", 1)
		add("prev", "page", l.page-1)
	}
	if l.page < last {
		add("next", "page", l.page+1)
	}
	if last > 1 {
		add("last", "page", last)
	}
	return strings.Join(links, ", ")
}

// pageURL is the request's address with another page: absolute, and percent-encoded in lower-case hex as the vendor does.
func pageURL(r *http.Request, base string, size int, name string, value int) string {
	v := r.URL.Query()
	v.Del("page")
	v.Del("pageId")
	v.Set("pageSize", strconv.Itoa(size))
	v.Set(name, strconv.Itoa(value))
	_, below, _ := splitAPI(r.URL.Path)
	return base + "/" + below + "?" + lowerHex(v.Encode())
}

func lowerHex(s string) string {
	b := []byte(strings.ReplaceAll(s, "+", "%20"))
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			b[i+1], b[i+2] = lower(b[i+1]), lower(b[i+2])
			i += 2
		}
	}
	return string(b)
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'F' {
		return c + 'a' - 'A'
	}
	return c
}

// writeList answers a list; own gives the records and their table as apply takes them.
func (c *call) writeList(k *kind, l listing, own func(*reader) ([]*record, *table, *apiError)) *apiError {
	var b []byte
	var link string
	var failed *apiError
	c.server.store.read(c.set, c.now, func(q *reader) {
		rows, whole, err := own(q)
		if err != nil {
			failed = err
			return
		}
		rows = l.apply(q, rows, whole)
		page := l.cut(rows)
		link = l.link(c.request, c.apiBase(), page, len(rows))
		b = c.encodeRows(q, k, page, l.fields)
	})
	if failed != nil {
		return failed
	}
	if link != "" || l.forward {
		c.writer.Header().Set("Link", link)
	}
	c.write(http.StatusOK, b)
	return nil
}

func (c *call) encodeRows(q *reader, k *kind, rows []*record, sel selection) []byte {
	e := &encoder{reader: q, base: c.apiBase() + "/"}
	b := append(make([]byte, 0, 64+512*len(rows)), '[')
	for i, r := range rows {
		if i > 0 {
			b = append(b, ',')
		}
		b = e.record(b, k, r, sel)
	}
	return append(b, ']')
}

func (c *call) writeCount(l listing, own func(*reader) ([]*record, *table, *apiError)) *apiError {
	n := 0
	var failed *apiError
	c.server.store.read(c.set, c.now, func(q *reader) {
		rows, whole, err := own(q)
		failed = err
		if err == nil {
			n = len(l.apply(q, rows, whole))
		}
	})
	if failed != nil {
		return failed
	}
	c.write(http.StatusOK, []byte(`{"count":`+strconv.Itoa(n)+`}`))
	return nil
}
