package server

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/views"
	"causeway/views/components"
)

// ticketsPage is the wizard's second step (R4): board and priorities as ConnectWise has them now.
type ticketsPage struct {
	shell
	admin *admin.Admin
}

func (h ticketsPage) get(c echo.Context) error {
	account, err := h.store.Account(c.Request().Context(), c.Param("account"))
	if err != nil {
		return err
	}
	if !account.Configured() {
		return then(c, views.ConnectionURL(account.Name), notConnected)
	}
	t := account.Tickets
	model := views.TicketsPage{Board: recordID(t.BoardID), Critical: recordID(t.CriticalID), High: recordID(t.HighID)}
	return h.show(c, http.StatusOK, model, t)
}

// notConnected sends a person back to the first step.
var notConnected = views.Message{Tone: components.ToneWarn, Title: "Connect to ConnectWise first."}

func (h ticketsPage) post(c echo.Context) error {
	name := c.Param("account")
	typed := admin.Tickets{Board: c.FormValue("board"), Critical: c.FormValue("critical"), High: c.FormValue("high")}
	_, err := h.admin.SaveTickets(c.Request().Context(), name, typed)
	if err == nil {
		return then(c, views.ReviewURL(name), views.Message{})
	}
	fields, theirs := mistake(err)
	if !theirs {
		return err
	}
	model := views.TicketsPage{Board: typed.Board, Critical: typed.Critical, High: typed.High, Errors: views.TicketsErrors{
		Board: fields["tickets.board"], Critical: fields["tickets.critical"], High: fields["tickets.high"],
	}}
	if model.Errors == (views.TicketsErrors{}) {
		model.Problem = vendorSays("Nothing was saved.", err)
	}
	return h.show(c, http.StatusUnprocessableEntity, model, bridge.TicketSettings{})
}

// show reads ConnectWise for the choices. A stored choice that is gone is named, so that a person chooses another.
func (h ticketsPage) show(c echo.Context, status int, model views.TicketsPage, stored bridge.TicketSettings) error {
	of, err := h.account(c)
	if err != nil {
		return err
	}
	model.Account, model.Zone = of.Account.Name, zoneOf(of.Account)
	choices, err := h.admin.TicketChoices(c.Request().Context(), of.Account.Name)
	switch _, theirs := mistake(err); {
	case err == nil:
		model.ReadAt = h.now()
		model.Boards, model.Priorities = optionsOf(choices.Boards), optionsOf(choices.Priorities)
		goneTickets(&model, stored)
	case !theirs:
		return err
	case model.Problem == nil:
		model.Problem = vendorSays("Boards and priorities could not be read.", err)
		storedTickets(&model, stored)
	}
	frame, err := h.accountFrame(c, of, "Configure", views.PlaceSettings)
	if err != nil {
		return err
	}
	return h.whole(c, status, frame, views.Tickets(model))
}

// storedTickets offers what was chosen before, so that a form that could not be filled does not look as if nothing was.
func storedTickets(model *views.TicketsPage, stored bridge.TicketSettings) {
	if stored == (bridge.TicketSettings{}) {
		return
	}
	model.Boards = []views.Option{{Value: recordID(stored.BoardID), Text: stored.BoardName}}
	model.Priorities = []views.Option{{Value: recordID(stored.CriticalID), Text: stored.CriticalName}}
	if stored.HighID != stored.CriticalID {
		model.Priorities = append(model.Priorities, views.Option{Value: recordID(stored.HighID), Text: stored.HighName})
	}
}

func optionsOf(choices []admin.Choice) []views.Option {
	options := make([]views.Option, 0, len(choices))
	for _, choice := range choices {
		options = append(options, views.Option{Value: strconv.Itoa(choice.ID), Text: choice.Name})
	}
	return options
}

func goneTickets(model *views.TicketsPage, stored bridge.TicketSettings) {
	for _, field := range []struct {
		options []views.Option
		value   *string
		error   *string
		name    string
	}{
		{model.Boards, &model.Board, &model.Errors.Board, "Board " + stored.BoardName},
		{model.Priorities, &model.Critical, &model.Errors.Critical, "Priority " + stored.CriticalName},
		{model.Priorities, &model.High, &model.Errors.High, "Priority " + stored.HighName},
	} {
		if *field.value == "" || *field.error != "" || has(field.options, *field.value) || stored == (bridge.TicketSettings{}) {
			continue
		}
		*field.error, *field.value = field.name+" is no longer in ConnectWise. Choose another.", ""
	}
}

func has(options []views.Option, value string) bool {
	for _, o := range options {
		if o.Value == value {
			return true
		}
	}
	return false
}
