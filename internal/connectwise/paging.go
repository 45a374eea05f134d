package connectwise

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// MaxPageSize is the largest page that ConnectWise gives; it silently cuts larger wishes. Source: developer guide.
const MaxPageSize = 1000

// Paging is the way through a long list.
type Paging int

const (
	// Navigable counts pages, in the order of ids. Every list has it; rows that are deleted meanwhile can make others be
	// missed.
	Navigable Paging = iota
	// ForwardOnly follows ids and does not miss rows. Not every list has it; All falls back to Navigable there.
	ForwardOnly
)

// ListOptions says what to list. The zero value lists everything with all fields, 1,000 rows to a page.
type ListOptions struct {
	// Where filters. Lists that were filtered can lag behind writes by minutes.
	Where Condition
	// Fields limits what is returned, by name as in the answer, "id" being added; see [FieldsOf]. Empty means all.
	Fields []string
	// PageSize is at most MaxPageSize, which 0 stands for.
	PageSize int
	// Paging is the style. Page is the page to start from (Navigable), 0 meaning the first; AfterID the id to start
	// behind (ForwardOnly).
	Paging  Paging
	Page    int
	AfterID int
}

// Page is one page of a list.
type Page[T Record] struct {
	Rows []T
	// Last is true when the server said that nothing follows, or gave no rows. It says so with a Link header that has no
	// next page, or, where it is known to send that header, by leaving it out. A short page alone does not count: servers
	// may give fewer rows than asked.
	Last bool
	// Next asks for the following page; it makes sense unless Last is true.
	Next ListOptions

	linked bool // the answer had a Link header
}

// Record is a type that a list consists of.
type Record interface{ recordID() int }

// Collection is a list of records of one type, with what all lists have in common.
type Collection[T Record] struct {
	c    *Client
	path string
	bad  error // the list's own address makes no sense
}

func newCollection[T Record](c *Client, path string) Collection[T] {
	return Collection[T]{c: c, path: path}
}

// List returns one page.
func (s Collection[T]) List(ctx context.Context, opts ListOptions) (Page[T], error) {
	r := s.listRequest(opts)
	rows, ans, err := fetch[[]T](ctx, s.c, r)
	if err != nil {
		return Page[T]{}, err
	}
	for i, row := range rows {
		if row.recordID() == 0 {
			return Page[T]{}, s.c.notUnderstood(r, ans, fmt.Errorf("row %d has no id", i+1))
		}
	}
	page := Page[T]{Rows: rows, Next: opts}
	next, linked, err := nextLink(ans.header, opts.Paging == ForwardOnly)
	if err != nil {
		return Page[T]{}, s.c.notUnderstood(r, ans, err)
	}
	if opts.Paging == ForwardOnly && next != nil && !leadsBehind(next, opts.AfterID) {
		next, linked = nil, false // a link to the next numbered page: the server does not know the style
	}
	page.linked = linked
	page.Last = s.isLast(opts, len(rows), linked, next != nil)
	if page.Last {
		return page, nil
	}
	if err := page.follow(next); err != nil {
		return Page[T]{}, s.c.notUnderstood(r, ans, err)
	}
	return page, nil
}

// leadsBehind reports whether a link goes on behind an id, as those of forward-only paging do.
func leadsBehind(link url.Values, id int) bool {
	n, err := strconv.Atoi(link.Get("pageid"))
	return err == nil && n > id
}

// isLast reports whether a page is known to be the last, and notes what it tells about the server.
func (s Collection[T]) isLast(opts ListOptions, rows int, linked, next bool) bool {
	if opts.Paging == ForwardOnly {
		return rows == 0 || linked && !next
	}
	habit := s.c.habits.of(s.path)
	habit.saw(linked, rows > 0 && opts.Page > 1)
	ends, _ := habit.endsWithout()
	return rows == 0 || linked && !next || !linked && opts.Page <= 1 && ends
}

// follow sets Next from the server's link, or without one from the rows.
func (p *Page[T]) follow(link url.Values) error {
	number := func(name string, fallback int) int {
		if n, err := strconv.Atoi(link.Get(name)); err == nil && n > 0 {
			return n
		}
		return fallback
	}
	if p.Next.Paging == ForwardOnly {
		p.Next.AfterID = number("pageid", p.Rows[len(p.Rows)-1].recordID())
		return nil
	}
	page := max(p.Next.Page, 1)
	p.Next.Page = number("page", page+1)
	if p.Next.Page <= page {
		return fmt.Errorf("its link leads back from page %d to %d", page, p.Next.Page)
	}
	if size := number("pagesize", p.Next.PageSize); size != p.Next.PageSize && size <= MaxPageSize {
		p.Next.PageSize = size
	}
	return nil
}

// All returns the rows of all pages, each row once, reading a page when the one before is used up. It ends after the
// first error. Where the server does not say that there is no further page, the end is an empty one.
func (s Collection[T]) All(ctx context.Context, opts ListOptions) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		seen := map[int]bool{}
		for {
			page, err := s.pageOfAll(ctx, opts, seen)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, row := range page.Rows {
				if seen[row.recordID()] {
					continue
				}
				seen[row.recordID()] = true
				if !yield(row, nil) {
					return
				}
			}
			if page.Last {
				return
			}
			opts = page.Next
		}
	}
}

// pageOfAll reads the next page of a list of which the rows seen are read already.
func (s Collection[T]) pageOfAll(ctx context.Context, opts ListOptions, seen map[int]bool) (Page[T], error) {
	page, err := s.List(ctx, opts)
	if err != nil || page.Last || page.linked {
		return page, err
	}
	isNew := func(row T) bool { return !seen[row.recordID()] }
	switch {
	case opts.Paging == ForwardOnly:
		// This list does not know the style: what came is a page in no promised order.
		opts.Paging, opts.AfterID = Navigable, 0
		return s.pageOfAll(ctx, opts, seen)
	case opts.Page <= 1 && len(page.Rows) > 1:
		page.Last, err = s.isWhole(ctx, opts, page.Rows)
	case len(seen) > 0 && !slices.ContainsFunc(page.Rows, isNew):
		err = s.c.notUnderstood(s.listRequest(opts), &answer{status: http.StatusOK}, errors.New("a page repeats the rows before it, so the list would never end"))
	}
	return page, err
}

// AllIn is All for the records whose field is one of the numbers, asked in as many parts as keep each address short
// enough to be sent. No numbers, no rows.
func (s Collection[T]) AllIn(ctx context.Context, field string, numbers []int, opts ListOptions) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		numbers := slices.Compact(slices.Sorted(slices.Values(numbers)))
		for len(numbers) > 0 {
			part := opts
			n := s.fitting(field, numbers, opts)
			part.Where = And(opts.Where, In(field, numbers[:n]...))
			for row, err := range s.All(ctx, part) {
				if !yield(row, err) || err != nil {
					return
				}
			}
			numbers = numbers[n:]
		}
	}
}

// baseReserve is what an address needs at most before the path: scheme, host and port, code base.
const baseReserve = 255

// fitting returns how many of the numbers fit into one address, at least one.
func (s Collection[T]) fitting(field string, numbers []int, opts ListOptions) int {
	opts.Where = And(opts.Where, In(field, 0))
	opts.Page = max(opts.Page, 1_000_000)
	opts.AfterID = max(opts.AfterID, 1_000_000_000)
	r := s.listRequest(opts)
	room := maxURL - baseReserve - len(r.path) - len(encodeQuery(r.query))
	for i, n := range numbers {
		if room -= len(strconv.Itoa(n)) + 1; room < 0 {
			return max(i, 1)
		}
	}
	return len(numbers)
}

// Collect gathers the rows of an iteration, nil and the error if there was one.
func Collect[T any](rows iter.Seq2[T, error]) ([]T, error) {
	var all []T
	for row, err := range rows {
		if err != nil {
			return nil, err
		}
		all = append(all, row)
	}
	return all, nil
}

// Probe reads one row to see whether the resource can be read at all.
func (s Collection[T]) Probe(ctx context.Context) error {
	_, err := s.List(ctx, ListOptions{PageSize: 1, Fields: []string{"id"}})
	return err
}

func (s Collection[T]) get(ctx context.Context, id int) (T, error) {
	r := request{method: http.MethodGet, path: s.element(id), invalid: s.checkID(id)}
	return s.one(ctx, r)
}

func (s Collection[T]) create(ctx context.Context, body any) (T, error) {
	return s.one(ctx, request{method: http.MethodPost, path: s.path, body: body, invalid: s.bad})
}

func (s Collection[T]) update(ctx context.Context, id int, patch *Patch) (T, error) {
	r := request{method: http.MethodPatch, path: s.element(id), invalid: errors.Join(s.checkID(id), patch.check())}
	if r.invalid == nil {
		r.body = patch.body()
	}
	return s.one(ctx, r)
}

// one makes a call that is answered with a record.
func (s Collection[T]) one(ctx context.Context, r request) (T, error) {
	record, ans, err := fetch[T](ctx, s.c, r)
	if err == nil && record.recordID() == 0 {
		err = s.c.notUnderstood(r, ans, errors.New("the record has no id"))
	}
	if err != nil {
		var none T
		return none, err
	}
	return record, nil
}

// find returns the records whose field, as text tells it, is value; lowest id first.
func (s Collection[T]) find(ctx context.Context, field, value string, opts ListOptions, text func(T) string) ([]T, error) {
	opts.Where = Equal(field, value)
	var found []T
	for row, err := range s.All(ctx, opts) {
		if err != nil {
			return nil, err
		}
		if sameText(text(row), value) {
			found = append(found, row)
		}
	}
	slices.SortFunc(found, func(a, b T) int { return a.recordID() - b.recordID() })
	return found, nil
}

func (s Collection[T]) element(id int) string {
	return strings.TrimSuffix(s.path, "/") + "/" + strconv.Itoa(id)
}

func (s Collection[T]) checkID(id int) error {
	if id <= 0 {
		return fmt.Errorf("%d is not the id of a record", id)
	}
	return s.bad
}

// listRequest builds the call for one page.
func (s Collection[T]) listRequest(opts ListOptions) request {
	query := url.Values{}
	if !opts.Where.IsZero() {
		query.Set("conditions", opts.Where.String())
	}
	if len(opts.Fields) > 0 {
		fields := opts.Fields
		if !slices.Contains(fields, "id") {
			fields = append([]string{"id"}, fields...)
		}
		query.Set("fields", strings.Join(fields, ","))
	}
	size := opts.PageSize
	if size <= 0 || size > MaxPageSize {
		size = MaxPageSize
	}
	query.Set("pageSize", strconv.Itoa(size))
	r := request{method: http.MethodGet, path: s.path, query: query, invalid: errors.Join(s.bad, opts.Where.Err())}
	if opts.Paging == ForwardOnly {
		// The developer guide forbids orderBy here: the order is by id anyway.
		r.forwardOnly = true
		query.Set("pageId", strconv.Itoa(opts.AfterID))
		return r
	}
	query.Set("orderBy", "id asc")
	query.Set("page", strconv.Itoa(max(opts.Page, 1)))
	return r
}
