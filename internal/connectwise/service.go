package connectwise

import (
	"context"
	"iter"
)

// Board is a service board, on which tickets live.
type Board struct {
	ID           int    `json:"id"`
	Name         string `json:"name"`
	InactiveFlag bool   `json:"inactiveFlag"`
	ProjectFlag  bool   `json:"projectFlag"` // a board for project tickets, not for service
}

func (b Board) recordID() int { return b.ID }

// BoardsService reads boards. Path service/boards.
type BoardsService struct{ Collection[Board] }

// Get reads one board.
func (s *BoardsService) Get(ctx context.Context, id int) (Board, error) { return s.get(ctx, id) }

// BoardStatus is a state of the tickets of one board. Names repeat from board to board.
type BoardStatus struct {
	ID           int    `json:"id"`
	Name         string `json:"name"`
	SortOrder    int    `json:"sortOrder"`
	Inactive     bool   `json:"inactive"`
	ClosedStatus bool   `json:"closedStatus"`
	DefaultFlag  bool   `json:"defaultFlag"`
}

func (s BoardStatus) recordID() int { return s.ID }

// BoardStatusesService reads the statuses of boards. Path service/boards/{id}/statuses.
type BoardStatusesService struct{ c *Client }

// All reads the statuses of one board.
func (s *BoardStatusesService) All(ctx context.Context, boardID int, opts ListOptions) iter.Seq2[BoardStatus, error] {
	return subcollection[BoardStatus](s.c, "service/boards", boardID, "statuses").All(ctx, opts)
}

// Priority is an urgency of tickets, the same for all boards.
type Priority struct {
	ID          int    `json:"id"`
	Name        string `json:"name"`
	SortOrder   int    `json:"sortOrder"`
	DefaultFlag bool   `json:"defaultFlag"`
}

func (p Priority) recordID() int { return p.ID }

// PrioritiesService reads priorities. Path service/priorities.
type PrioritiesService struct{ Collection[Priority] }

// Ticket is a service ticket.
type Ticket struct {
	ID      int    `json:"id"`
	Summary string `json:"summary"`
}

func (t Ticket) recordID() int { return t.ID }

// TicketsService is the service tickets, path service/tickets; Probe tells whether the API member may read them.
type TicketsService struct{ Collection[Ticket] }
