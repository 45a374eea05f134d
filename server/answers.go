package server

import (
	"context"

	"causeway/internal/bridge"
	"causeway/internal/store"
	"causeway/views"
)

// answers are what a person may still answer to rows of a run, and what somebody answered already.
type answers struct {
	account string
	back    string // the page to come back to
	held    map[int64]bool
	refused map[int64]bool
	decided map[int64]bridge.Decision
}

// answersTo reads them for the rows of one page; rows that ask nobody cost nothing.
func answersTo(ctx context.Context, s *store.Store, account bridge.Account, changes []bridge.Change, back string) (answers, error) {
	a := answers{account: account.Name, back: back, held: map[int64]bool{}, refused: map[int64]bool{}}
	var ids []int64
	asksHeld, asksRefused := false, false
	for _, c := range changes {
		if len(c.Choices()) == 0 {
			continue
		}
		ids = append(ids, c.ID)
		asksHeld = asksHeld || c.Status == bridge.StatusHeld
		asksRefused = asksRefused || c.Status == bridge.StatusFailed
	}
	for _, list := range []struct {
		asked bool
		read  func(context.Context, int64) ([]bridge.Change, error)
		into  map[int64]bool
	}{{asksHeld, s.HeldChanges, a.held}, {asksRefused, s.RefusedChanges, a.refused}} {
		if !list.asked {
			continue
		}
		open, err := list.read(ctx, account.ID)
		if err != nil {
			return a, err
		}
		for _, c := range open {
			list.into[c.ID] = true
		}
	}
	if account.Alive() != nil {
		a.held, a.refused = nil, nil
	}
	var err error
	a.decided, err = s.DecisionsOn(ctx, account.ID, ids)
	return a, err
}

// to puts the answer into a row: the button, the way to the inbox, or who decided what.
func (a answers) to(row *views.Change, c bridge.Change) {
	id := runID(c.ID)
	decision, decided := a.decided[c.ID]
	switch {
	case decided:
		row.Said = views.Link{Text: saidOf(decision)}
	case a.refused[c.ID]:
		row.Steps = append(row.Steps, views.Step{
			ID: "bill-from-" + id, Text: "Bill from " + views.Date(c.BillFrom.Time()), URL: views.HeldDecideURL(a.account),
			Values: []views.Option{{Text: "id", Value: id}, {Text: "choice", Value: string(bridge.ChoiceBillFrom)}, {Text: "back", Value: a.back}},
		})
	case a.held[c.ID]:
		row.Said = views.Link{Text: "Decide on it", URL: views.HeldQuery{Open: id}.URL(a.account)}
	}
}

// saidOf is a decision that no run has carried out yet.
func saidOf(d bridge.Decision) string {
	words := wordsOf[d.Choice].done
	if d.Choice == bridge.ChoiceBillFrom {
		words = "Bill from " + views.Date(d.Date.Time()) + ": chosen"
	}
	follows := "the next run writes it."
	if d.Choice == bridge.ChoiceDismiss {
		follows = "nothing is written until MySonicWall’s facts change."
	}
	return words + " by " + d.By + "; " + follows
}
