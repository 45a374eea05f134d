package server

import (
	"strings"

	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/views"
	"causeway/views/components"
)

// changeOf makes a change ready to show.
func changeOf(c bridge.Change) views.Change {
	out := views.Change{
		ID: runID(c.ID), Action: views.Action(c.Action), Kind: views.KindWord(string(c.Kind)), Name: c.Subject, Serial: c.Serial,
		Fields: views.Fields(c.Before, c.After, c.Action == bridge.ActionCreate), Badge: views.StatusBadge(string(c.Status)),
		Why: whyOf(c), Effect: effectOf(c), Zero: c.BillsZero && reachesInvoice(c),
	}
	if out.Name == "" {
		out.Name = c.Key
	}
	if c.Kind.Shared() {
		out.Detail = out.Kind
	}
	return out
}

func whyOf(c bridge.Change) views.Why {
	why := views.Why{Answer: c.VendorAnswer, Invoice: effectOf(c)}
	if c.Status != bridge.StatusApplied {
		why.Failure = views.Worded(c.Message)
	} else {
		why.Explain = views.Worded(c.Message)
	}
	if !c.NextInvoice.IsZero() {
		why.InvoiceDate = views.Date(c.NextInvoice.Time())
	}
	for _, r := range c.Why {
		reason := views.Reason{Question: questionOf(c, r.Field), Rule: views.Worded(r.Rule)}
		for _, f := range r.Facts {
			reason.Facts = append(reason.Facts, views.Fact{Source: string(f.Source), Value: strings.TrimSpace(f.Name + " " + views.Worded(f.Value))})
		}
		why.Reasons = append(why.Reasons, reason)
	}
	return why
}

// questionOf is what the rule behind a field answers: "Why is the quantity 28?"
func questionOf(c bridge.Change, field string) string {
	if field == "" {
		return "Why?"
	}
	noun := views.FieldNoun(field)
	value, touched := c.After[field]
	switch {
	case !touched:
		return "Why does the " + noun + " stay as it is?"
	case value == "":
		return "Why is there no " + noun + "?"
	}
	return "Why is the " + noun + " " + views.FieldText(field, value) + "?"
}

// reachesInvoice tells that the next invoice shows a change, or would once it is written: what failed or was skipped never comes to it.
func reachesInvoice(c bridge.Change) bool {
	return c.Kind == bridge.KindAddition && !c.NextInvoice.IsZero() && c.Status != bridge.StatusFailed && c.Status != bridge.StatusSkipped
}

// effectOf is what the next invoice says because of a change, empty where it says nothing else.
func effectOf(c bridge.Change) string {
	switch {
	case c.Kind != bridge.KindAddition || c.NextInvoice.IsZero():
		return ""
	case !reachesInvoice(c) && c.Action == bridge.ActionCreate:
		return "no new line"
	case !reachesInvoice(c):
		return "the line as before"
	}
	quantity := views.Quantity(c.After.Get(bridge.FieldQuantity))
	switch c.Action {
	case bridge.ActionCreate:
		return "new line, quantity " + quantity
	case bridge.ActionCancel:
		return endsText(c)
	case bridge.ActionAdopt, bridge.ActionUpdate:
		if before := c.Before.Get(bridge.FieldQuantity); before != c.After.Get(bridge.FieldQuantity) {
			return "quantity " + quantity + " instead of " + orNothing(views.Quantity(before))
		}
		if c.Before.Get(bridge.FieldCancelled) != c.After.Get(bridge.FieldCancelled) {
			return endsText(c)
		}
	case bridge.ActionDeactivate, bridge.ActionAttach:
	}
	return "the line as before"
}

func endsText(c bridge.Change) string {
	if c.After.Get(bridge.FieldBillCustomer) == "DoNotBill" {
		return "the line no longer bills"
	}
	date, err := bridge.ParseDate(c.After.Get(bridge.FieldCancelled))
	if err != nil || date.IsZero() {
		return "the line has no end"
	}
	return "the line ends " + views.Date(date.Time())
}

func orNothing(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

// reasonTitles are held changes' reasons as a heading.
var reasonTitles = map[bridge.Reason]string{
	bridge.ReasonShare:          "Much would end at once",
	bridge.ReasonEmptyAnswer:    "MySonicWall lists nothing any more",
	bridge.ReasonOptionOff:      "Network products are no longer billed",
	bridge.ReasonOldInvoice:     "The next invoice date is long past",
	bridge.ReasonBlankExpiry:    "A known expiry turned blank",
	bridge.ReasonZeroQuantity:   "The quantity would become 0",
	bridge.ReasonQuantityJump:   "The quantity jumps",
	bridge.ReasonNewAdditions:   "Many new lines at once",
	bridge.ReasonPriceFirst:     "The price is still 0",
	bridge.ReasonSeveralOpen:    "Several open lines for one product",
	bridge.ReasonNotRevived:     "A line that ended would run again",
	bridge.ReasonOtherKey:       "The serial number stands elsewhere",
	bridge.ReasonTwoTenants:     "Two tenants report one serial number",
	bridge.ReasonEndedByHand:    "Ended by hand in ConnectWise",
	bridge.ReasonRegisteredAnew: "The product was registered again",
	bridge.ReasonLookAlike:      "A line made by hand may bill the same thing",
	bridge.ReasonContradiction:  "MySonicWall’s facts contradict each other",
	bridge.ReasonRejected:       "ConnectWise refused its date",
}

func reasonTitle(c bridge.Change) string {
	return titleOf(c.Reason, components.Badge{Status: components.Status(c.Status)}.Text())
}

func titleOf(reason bridge.Reason, otherwise string) string {
	if title, known := reasonTitles[reason]; known {
		return title
	}
	return otherwise
}

// sectionsOf sorts a tenant's changes by kind, agreement lines first because they bill, and failed ones first within a kind. A linked
// change is one row. Keep chooses which are shown; counts are of all.
func sectionsOf(changes []linked, answered answers, offer *admin.Offer, keep func(bridge.Change) bool) []views.ChangeSection {
	order := []bridge.Kind{
		bridge.KindAddition, bridge.KindConfiguration, bridge.KindCatalogItem, bridge.KindConfigurationType, bridge.KindQuestion,
		bridge.KindProductType, bridge.KindCategory, bridge.KindSubcategory, bridge.KindTicket,
	}
	var sections []views.ChangeSection
	for _, kind := range order {
		section := views.ChangeSection{ID: sectionID(kind), Title: views.KindTitle(string(kind))}
		var troubled, rest []views.Change
		for _, w := range changes {
			if w.Kind != kind {
				continue
			}
			section.Count++
			if !w.any(keep) {
				continue
			}
			row := linkedRow(w, offer)
			answered.to(&row, w.Change)
			if w.any(func(c bridge.Change) bool { return c.Status == bridge.StatusFailed || c.Status == bridge.StatusHeld }) {
				troubled = append(troubled, row)
			} else {
				rest = append(rest, row)
			}
		}
		if section.Count > 0 {
			section.Changes = append(troubled, rest...) //nolint:gocritic // a fresh slice is meant
			sections = append(sections, section)
		}
	}
	return sections
}

// noteSection puts a fact beside a section's title, if there is that section.
func noteSection(sections []views.ChangeSection, kind bridge.Kind, fact string) {
	for i := range sections {
		if sections[i].ID == sectionID(kind) {
			sections[i].Note = fact
		}
	}
}

// sectionID is a kind in an address.
func sectionID(kind bridge.Kind) string { return strings.ReplaceAll(string(kind), " ", "-") }
