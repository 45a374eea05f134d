package server

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/views"
	"causeway/views/components"
)

// reviewedRows are the changes shown with the question about many; the form decides on all of them.
const reviewedRows = 50

// decide takes a person's choice for one or many held changes, or for a line that ConnectWise refused for its date.
func (h heldPage) decide(c echo.Context) error {
	ctx, name := c.Request().Context(), c.Param("account")
	account, err := h.store.Account(ctx, name)
	if err != nil {
		return err
	}
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	to, choice := back(c, views.HeldURL(name)), bridge.Choice(form.Get("choice"))
	words, known := wordsOf[choice]
	if !known || account.Alive() != nil {
		err := account.Alive()
		if err == nil {
			err = bridge.Invalid("choice", "This is no choice for a held change.")
		}
		return answered(c, to, err, views.Message{})
	}
	ids, moved, err := h.asShown(ctx, account, typedIDs(form["id"]))
	if err != nil {
		return err
	}
	if len(moved) > 0 {
		return h.overtaken(c, account, choice, ids, moved)
	}
	outcome, err := h.admin.Decide(ctx, name, admin.Choose(choice, ids), by)
	return answered(c, to, err, decidedMessage(account, words, choice, outcome))
}

// asShown are the numbers of what waits now for what a person saw: between two looks a run may have planned the same row anew, and
// whoever decides on what it says need not decide twice. What it says differently by now is given back as moved.
func (h heldPage) asShown(ctx context.Context, account bridge.Account, ids []int64) (now []int64, moved []linked, err error) {
	waiting, err := h.waiting(ctx, account, "")
	if err != nil {
		return nil, nil, err
	}
	for _, id := range ids {
		if slices.ContainsFunc(waiting, func(w linked) bool { return w.ID == id }) {
			now = append(now, id)
			continue
		}
		seen, err := h.store.Change(ctx, account.ID, id)
		if err != nil && bridge.CodeOf(err) != bridge.CodeNotFound {
			return nil, nil, err
		}
		anew := slices.IndexFunc(waiting, func(w linked) bool {
			return err == nil && seen.Status == bridge.StatusHeld && w.Kind == seen.Kind && w.Key == seen.Key && w.TenantID == seen.TenantID
		})
		switch {
		case anew < 0:
			now = append(now, id) // refused with its own reason, or a row that failed
		case waiting[anew].Shown() == seen.Shown():
			now = append(now, waiting[anew].ID)
		default:
			moved = append(moved, waiting[anew])
		}
	}
	return now, moved, nil
}

// overtaken leads to what is held instead of what was shown. Nothing was decided.
func (h heldPage) overtaken(c echo.Context, account bridge.Account, choice bridge.Choice, ids []int64, moved []linked) error {
	message := views.Message{Tone: components.ToneWarn, Title: "The facts changed meanwhile, so nothing was decided.", Text: "Held anew with what MySonicWall says now."}
	if len(ids)+len(moved) == 1 {
		return then(c, views.HeldQuery{Open: runID(moved[0].ID)}.URL(account.Name), message)
	}
	message.Text = views.CountOf(len(moved), "change is", "changes are") + " held anew with what MySonicWall says now. Look again."
	review := views.HeldReviewQuery{Choice: string(choice)}
	for _, id := range ids {
		review.IDs = append(review.IDs, runID(id))
	}
	for _, w := range moved {
		review.IDs = append(review.IDs, runID(w.ID))
	}
	return then(c, review.URL(account.Name), message)
}

func decidedMessage(account bridge.Account, words choiceWords, choice bridge.Choice, outcome admin.DecidedAnswer) views.Message {
	message := done(words.done + ".")
	if n := len(outcome.Changes); n != 1 {
		message.Title = views.Count(n, "change") + " " + lowered(words.done) + "."
	}
	if choice == bridge.ChoiceBillFrom && len(outcome.Changes) == 1 {
		message.Title = "It is billed from " + billFromText(outcome.Changes[0]) + "."
	}
	switch {
	case choice == bridge.ChoiceDismiss:
		message.Text = "Nothing is written. It comes back when MySonicWall’s facts change."
	case account.State == bridge.AccountPaused:
		message.Text = account.Name + " is paused. It is written once the account is taken up again."
	case outcome.Queued:
		message.Text = "The next run writes it; one was asked for just now."
		message.Link = views.Link{Text: "Runs", URL: views.RunsURL(account.Name)}
	default:
		message.Text = "It is written once the tenant is synchronised again."
	}
	return message
}

func billFromText(c admin.ChangeAnswer) string {
	date, err := bridge.ParseDate(c.BillFrom)
	if err != nil {
		return c.BillFrom
	}
	return views.Date(date.Time())
}

func typedIDs(texts []string) []int64 {
	ids := make([]int64, 0, len(texts))
	for _, text := range texts {
		if id, err := strconv.ParseInt(text, 10, 64); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// resume takes records up again that persons ended in ConnectWise (R52).
func (h heldPage) resume(c echo.Context) error {
	name := c.Param("account")
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	outcome, err := h.admin.Resume(c.Request().Context(), name, typedIDs(form["id"]), by)
	message := done("Resumed.")
	if n := len(outcome.Changes); n != 1 {
		message.Title = views.Count(n, "record") + " resumed."
	}
	message.Text = "It is taken up once the tenant is synchronised again."
	if outcome.Queued {
		message.Text = "The next run takes it up again; one was asked for just now."
	}
	return answered(c, back(c, views.HeldQuery{Filter: views.HeldEnded}.URL(name)), err, message)
}

// review asks about several changes at once, with figures. Only those of one reason are decided together.
func (h heldPage) review(c echo.Context) error {
	of, err := h.account(c)
	if err != nil {
		return err
	}
	query := c.QueryParams()
	choice := bridge.Choice(query.Get("choice"))
	words, known := wordsOf[choice]
	if !known {
		return &bridge.Error{Code: bridge.CodeNotFound, Message: "There is no such choice for held changes."}
	}
	waiting, err := h.waiting(c.Request().Context(), of.Account, query.Get("tenant"))
	if err != nil {
		return err
	}
	chosen, gone := chosenOf(waiting, query, choice)
	model := views.HeldReview{
		Account: of.Account.Name, Choice: string(choice), Verb: words.verb, Keep: words.keep, Said: words.follows, Gone: gone,
		Action: views.HeldDecideURL(of.Account.Name), Back: views.HeldURL(of.Account.Name),
	}
	if err := h.fillReview(c.Request().Context(), of.Account, chosen, choice, &model); err != nil {
		return err
	}
	frame, err := h.accountFrame(c, of, words.verb, views.PlaceHeld)
	if err != nil {
		return err
	}
	return h.whole(c, http.StatusOK, frame, views.ReviewHeld(model))
}

// chosenOf are the changes that an address names, by number or by their reason, and how many of them no longer wait.
func chosenOf(waiting []linked, query url.Values, choice bridge.Choice) (chosen []linked, gone int) {
	if reason := bridge.Reason(query.Get("reason")); reason != "" {
		return slices.DeleteFunc(waiting, func(w linked) bool { return w.Reason != reason || !slices.Contains(w.Choices(), choice) }), 0
	}
	ids := typedIDs(query["id"])
	chosen = slices.DeleteFunc(waiting, func(w linked) bool { return !slices.Contains(ids, w.ID) })
	return chosen, len(ids) - len(chosen)
}

func (h heldPage) fillReview(ctx context.Context, account bridge.Account, chosen []linked, choice bridge.Choice, model *views.HeldReview) error {
	refused := slices.ContainsFunc(chosen, func(w linked) bool { return !slices.Contains(w.Choices(), choice) })
	switch {
	case len(chosen) == 0:
		model.Refused = "None of these changes waits for a decision any more."
	case slices.ContainsFunc(chosen, func(w linked) bool { return w.Reason != chosen[0].Reason }):
		model.Refused = "These changes are held for different reasons. Choose those of one reason; each reason asks another question."
	case refused:
		model.Reason = reasonTitle(chosen[0].Change)
		model.Refused = "Changes of this reason cannot be " + lowered(wordsOf[choice].done) + "."
	default:
		model.Reason = reasonTitle(chosen[0].Change)
		model.Sums = reviewSums(chosen, choice)
	}
	shown := chosen[:min(len(chosen), reviewedRows)]
	names, err := h.tenantsOf(ctx, account, shown)
	if err != nil {
		return err
	}
	offer, err := h.admin.Offer(ctx, account)
	if err != nil {
		return err
	}
	model.More = len(chosen) - len(shown)
	for _, w := range chosen {
		model.IDs = append(model.IDs, runID(w.ID))
		model.Danger = model.Danger || choice == bridge.ChoiceRelease && takesAway(w.Change)
	}
	for _, w := range shown {
		row := linkedRow(w, offer)
		row.Tenant = views.Link{Text: names[w.TenantID], URL: views.TenantURL(account.Name, w.TenantID)}
		model.Rows = append(model.Rows, row)
	}
	return nil
}

// reviewSums say in figures what a decision on many changes does.
func reviewSums(chosen []linked, choice bridge.Choice) []string {
	tenants := map[string]bool{}
	invoices, actions := map[bridge.Date]int{}, map[string]int{}
	var dates []bridge.Date
	for _, w := range chosen {
		tenants[w.TenantID] = true
		if !w.NextInvoice.IsZero() {
			invoices[w.NextInvoice]++
			dates = append(dates, w.NextInvoice)
		}
		verb := string(w.Action)
		if takesAway(w.Change) && w.Action == bridge.ActionUpdate {
			verb = "zero"
		}
		actions[verb]++
	}
	sums := []string{views.Count(len(chosen), "change") + " of " + views.Count(len(tenants), "tenant")}
	if choice == bridge.ChoiceRelease {
		for _, what := range []struct{ verb, one, many string }{
			{string(bridge.ActionCancel), "line ends", "lines end"}, {"zero", "line goes to the quantity 0", "lines go to the quantity 0"},
			{string(bridge.ActionDeactivate), "configuration is closed", "configurations are closed"},
			{string(bridge.ActionCreate), "record is made", "records are made"}, {string(bridge.ActionUpdate), "record changes", "records change"},
		} {
			if n := actions[what.verb]; n > 0 {
				sums = append(sums, views.CountOf(n, what.one, what.many))
			}
		}
	}
	slices.SortFunc(dates, bridge.Date.Compare)
	for _, date := range slices.Compact(dates) {
		sums = append(sums, views.CountOf(invoices[date], "touches", "touch")+" the invoice of "+views.Date(date.Time()))
	}
	return sums
}
