package connectwise

import (
	"context"
	"regexp"
	"slices"
	"sync"
)

// Whether a list has ended is not always said. A server that sends Link headers may leave the header out when everything
// fits into one page, since there is nothing to point to; a server that never sends them leaves it out as well, and may
// have cut the page shorter than asked. The first reading of a list of each kind finds out which of the two it is, at the
// cost of one call; from then on a first page without the header is the end, or is not.

// linkHabits remembers, for each kind of list, whether its server points to the next page where there is one.
type linkHabits struct {
	mu sync.Mutex
	by map[string]*linkHabit
}

func newLinkHabits() *linkHabits { return &linkHabits{by: map[string]*linkHabit{}} }

// recordInPath is the part of a path that differs between lists of one kind.
var recordInPath = regexp.MustCompile(`/\d+(/|$)`)

// of returns what is known of lists with this path, whichever record they belong to.
func (h *linkHabits) of(path string) *linkHabit {
	kind := recordInPath.ReplaceAllString(path, "/*$1")
	h.mu.Lock()
	defer h.mu.Unlock()
	habit, ok := h.by[kind]
	if !ok {
		habit = &linkHabit{turn: make(chan struct{}, 1)}
		habit.turn <- struct{}{}
		h.by[kind] = habit
	}
	return habit
}

// linkHabit is what was seen of one kind of list.
type linkHabit struct {
	turn chan struct{} // holds one token; whoever takes it may find out

	mu          sync.Mutex
	sends, lack bool // a header was seen; one was missing where there is another page
}

// saw notes a page: whether it had the header, and whether other pages are known to exist.
func (h *linkHabit) saw(linked, others bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sends = h.sends || linked
	h.lack = h.lack || others && !linked
}

// endsWithout reports whether a first page without the header is the only one, if that is known. A list that lacked the
// header once is never trusted again.
func (h *linkHabit) endsWithout() (ends, known bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.sends && !h.lack, h.sends || h.lack
}

// isWhole finds out whether the first page, which came without a Link header, holds the whole list. It asks for the list
// again in pages one row shorter and looks at the second of them: that repeats the last row, shows whether any follows,
// and, having a page before it, shows whether the server sends the header.
func (s Collection[T]) isWhole(ctx context.Context, opts ListOptions, first []T) (bool, error) {
	habit := s.c.habits.of(s.path)
	select {
	case <-habit.turn:
		defer func() { habit.turn <- struct{}{} }()
	case <-ctx.Done():
		return false, s.c.fromFailure(ctx, s.listRequest(opts), ctx.Err())
	}
	if ends, known := habit.endsWithout(); known {
		return ends, nil
	}
	opts.Page, opts.PageSize = 2, len(first)-1
	second, err := s.List(ctx, opts)
	if err != nil {
		return false, err
	}
	last := first[len(first)-1].recordID()
	more := slices.ContainsFunc(second.Rows, func(row T) bool { return row.recordID() != last }) || second.linked && !second.Last
	if more {
		habit.saw(false, true) // whatever this page says, the first one should have pointed to it
	}
	// In pages of one row, the second has no room for a row behind the last.
	return !more && (second.linked || len(first) > 2), nil
}
