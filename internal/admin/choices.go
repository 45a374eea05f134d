package admin

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"causeway/internal/bridge"
	"causeway/internal/connectwise"
)

// Choice is an entry of a drop-down.
type Choice struct {
	ID   int
	Name string
}

// TicketChoices are what the wizard's second step offers (R4): active service boards and all priorities, in ConnectWise's order,
// and the company statuses of which some count as active (R12).
type TicketChoices struct {
	Boards, Priorities []Choice
	CompanyStatuses    []string
}

// TicketChoices reads ConnectWise.
func (a *Admin) TicketChoices(ctx context.Context, name string) (TicketChoices, error) {
	account, err := a.inUse(ctx, name)
	if err != nil {
		return TicketChoices{}, err
	}
	client, err := a.vendors.ConnectWise(ctx, account, nil)
	if err != nil {
		return TicketChoices{}, err
	}
	choices, err := readChoices(ctx, client)
	return choices, connectWiseTrouble(err, "read boards, priorities and company statuses")
}

func readChoices(ctx context.Context, client *connectwise.Client) (TicketChoices, error) {
	var choices TicketChoices
	for board, err := range client.Boards.All(ctx, connectwise.ListOptions{}) {
		if err != nil {
			return TicketChoices{}, err
		}
		if !board.InactiveFlag && !board.ProjectFlag {
			choices.Boards = append(choices.Boards, Choice{board.ID, board.Name})
		}
	}
	for priority, err := range client.Priorities.All(ctx, connectwise.ListOptions{}) {
		if err != nil {
			return TicketChoices{}, err
		}
		choices.Priorities = append(choices.Priorities, Choice{priority.ID, priority.Name})
	}
	for status, err := range client.CompanyStatuses.All(ctx, connectwise.ListOptions{}) {
		if err != nil {
			return TicketChoices{}, err
		}
		if !status.InactiveFlag {
			choices.CompanyStatuses = append(choices.CompanyStatuses, status.Name)
		}
	}
	return choices, nil
}

// Tickets is the wizard's second step as typed or chosen: each an id or an exact name.
type Tickets struct{ Board, Critical, High string }

// SaveTickets stores the second step; ConnectWise is asked whether board and priorities exist.
func (a *Admin) SaveTickets(ctx context.Context, name string, t Tickets) (bridge.Account, error) {
	choices, err := a.TicketChoices(ctx, name)
	if err != nil {
		return bridge.Account{}, err
	}
	settings, err := choices.resolve(t)
	if err != nil {
		return bridge.Account{}, err
	}
	account, err := a.inUse(ctx, name)
	if err != nil {
		return bridge.Account{}, err
	}
	return a.store.UpdateAccount(ctx, account.ID, func(acc *bridge.Account) error {
		acc.Tickets = settings
		return nil
	})
}

// resolve finds what was typed among what ConnectWise has, every mistake at once.
func (c TicketChoices) resolve(t Tickets) (bridge.TicketSettings, error) {
	board, boardErr := pick("tickets.board", "active service board", c.Boards, t.Board)
	critical, criticalErr := pick("tickets.critical", "priority", c.Priorities, t.Critical)
	high, highErr := pick("tickets.high", "priority", c.Priorities, t.High)
	return bridge.TicketSettings{
		BoardID: board.ID, BoardName: board.Name, CriticalID: critical.ID, CriticalName: critical.Name, HighID: high.ID, HighName: high.Name,
	}, errors.Join(boardErr, criticalErr, highErr)
}

// pick finds a choice by its exact name or, where no name fits, by its id.
func pick(field, word string, choices []Choice, typed string) (Choice, error) {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return Choice{}, bridge.Invalid(field, "Choose a "+strings.TrimPrefix(word, "active ")+".")
	}
	var named []Choice
	for _, c := range choices {
		if c.Name == typed {
			named = append(named, c)
		}
	}
	if len(named) == 1 {
		return named[0], nil
	}
	id, err := strconv.Atoi(typed)
	for _, c := range choices {
		if err == nil && c.ID == id {
			return c, nil
		}
	}
	if len(named) > 1 {
		return Choice{}, bridge.Invalid(field, fmt.Sprintf("ConnectWise has %d of the name “%s”. Name it by its id.", len(named), typed))
	}
	return Choice{}, bridge.Invalid(field, fmt.Sprintf("ConnectWise has no %s “%s”. Choose another.", word, typed))
}

// connectWiseTrouble says in words why ConnectWise could not be asked.
func connectWiseTrouble(err error, doing string) error {
	e, ok := errors.AsType[*connectwise.Error](err)
	if !ok {
		return err
	}
	trouble := &bridge.Error{Code: bridge.CodeVendor, Err: err}
	switch e.Kind {
	case connectwise.KindAuth:
		trouble.Message = "ConnectWise refused the API keys."
	case connectwise.KindForbidden:
		trouble.Message = "The API member may not " + doing + ". Run the readiness check to see which right is missing."
	case connectwise.KindWrongCompany, connectwise.KindNotConnectWise:
		trouble.Message = "The server no longer answers as this ConnectWise company. Test the connection."
	default:
		trouble.Message = "Causeway could not " + doing + ": ConnectWise gave no usable answer. Try again in a few minutes."
		if _, message := whereUnreachable(e); message != "" {
			trouble.Message = message
		}
	}
	trouble.Message += " (" + e.Error() + ")"
	return trouble
}
