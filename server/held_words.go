package server

import (
	"cmp"
	"slices"
	"strings"

	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/internal/store"
	"causeway/views"
)

// choiceWords are how a choice reads: as a button, once done, and what follows from it.
type choiceWords struct {
	verb, done, keep, icon, follows string
}

var wordsOf = map[bridge.Choice]choiceWords{
	bridge.ChoiceRelease: {
		"Release", "Released", "Keep them held", "check",
		"The next run writes exactly what is shown. What differs by then is held again.",
	},
	bridge.ChoiceAdopt: {
		"Adopt", "Adopted", "Keep them held", "link-2",
		"The next run takes the lines that stand instead of making others. Price, descriptions, bill customer and effective date stay as found.",
	},
	bridge.ChoiceDismiss: {
		"Dismiss", "Dismissed", "Keep them held", "x",
		"Nothing is written. They come back when MySonicWall’s facts about them change.",
	},
	bridge.ChoiceBillFrom: {
		"Bill from the date that works", "Bill from another date", "Keep them failed", "calendar-x",
		"The next run writes the lines with the date that ConnectWise takes.",
	},
}

// noun is what a person calls the record.
func noun(kind bridge.Kind) string {
	if kind == bridge.KindAddition {
		return "line"
	}
	return views.KindWord(string(kind))
}

// takesAway tells that a change takes something off the customer's books: it is never the step that a page suggests.
func takesAway(c bridge.Change) bool {
	quantity, touched := c.After[bridge.FieldQuantity]
	return c.Action == bridge.ActionCancel || c.Action == bridge.ActionDeactivate || touched && quantity == "0"
}

// heldEffect is what the next invoice would say once a held change was released.
func heldEffect(w linked) string {
	if w.NextInvoice.IsZero() {
		return ""
	}
	switch w.Reason {
	case bridge.ReasonLookAlike:
		return "2 lines if ours is added as well"
	case bridge.ReasonContradiction, bridge.ReasonTwoTenants:
		return "no change while it waits"
	case bridge.ReasonSeveralOpen:
		return "each of the open lines bills"
	}
	return effectOf(w.Change)
}

// heldDetail is one change with both sides and what each choice means.
func heldDetail(w linked, item views.HeldItem, offer *admin.Offer) views.HeldDetail {
	detail := views.HeldDetail{
		HeldItem: item, Serial: w.Serial, Agreement: parentName(w.Change, offer), RunID: runID(w.RunID), Sentence: views.Worded(w.Message),
		Now: sideNow(w), Would: sideWould(w.Change), Reasons: whyOf(w.Change).Reasons,
	}
	if !w.NextInvoice.IsZero() {
		detail.Date = views.Date(w.NextInvoice.Time())
	}
	for _, end := range w.ends {
		detail.Then = &views.HeldSide{
			Title: "Then the old " + noun(end.Kind) + " ends", Note: strings.TrimPrefix(parentName(end, offer)+recordNote(end.Kind, end.CWMID), " · "),
			Fields: views.RecordFields(end.After, nil),
		}
	}
	for _, choice := range w.Choices() {
		detail.Choices = append(detail.Choices, choiceButton(choice, w.Change))
		detail.Outcomes = append(detail.Outcomes, choiceOutcome(choice, w))
	}
	if w.RivalID != 0 && w.Kind == bridge.KindAddition && slices.Contains(w.Choices(), bridge.ChoiceAdopt) {
		adopted := bridge.Fields{}
		before := bridge.Fields{}
		for _, field := range []string{bridge.FieldQuantity, bridge.FieldCancelled, bridge.FieldSerial} {
			before[field], adopted[field] = w.Rival[field], w.After[field]
		}
		detail.Adopting = views.Fields(before, adopted, false)
	}
	if len(detail.Choices) == 0 {
		detail.Nobody = "Nobody is asked about this one: it is decided with the change that takes its place."
	}
	return detail
}

// parentName names the agreement of a line, with its company, or the company of a configuration.
func parentName(c bridge.Change, offer *admin.Offer) string {
	var name string
	company := c.ParentID
	switch c.Kind {
	case bridge.KindAddition:
		agreement, known := offer.Agreement(c.ParentID)
		if !known {
			return ""
		}
		name, company = "agreement "+agreement.Name+" of ", agreement.CompanyID
	case bridge.KindConfiguration:
		name = "company "
	default:
		return ""
	}
	of, known := offer.Company(company)
	if !known {
		return strings.TrimSuffix(strings.TrimSuffix(name, " of "), "company ")
	}
	return name + of.Name
}

func recordNote(kind bridge.Kind, id int) string {
	if id == 0 {
		return ""
	}
	return " · " + noun(kind) + " " + recordID(id)
}

// sideNow is what stands in ConnectWise: the record that could be adopted, the fields that would change, or nothing.
func sideNow(w linked) views.HeldSide {
	side := views.HeldSide{Title: "In ConnectWise now"}
	switch {
	case w.RivalID != 0:
		side.Note = noun(w.Kind) + " " + recordID(w.RivalID) + rivalNote(w.Reason)
		side.Fields = views.RecordFields(w.Rival, rivalFields[w.Kind])
	case w.CWMID != 0 && len(w.Before)+len(w.After) > 0:
		side.Note = noun(w.Kind) + " " + recordID(w.CWMID) + ", only what would change"
		side.Fields = views.RecordFields(w.Before, w.After.Names())
	case len(w.ends) > 0:
		side.None = "No " + noun(w.Kind) + " here yet; the old one below still stands."
	default:
		side.None = "No " + noun(w.Kind) + " yet."
	}
	return side
}

func rivalNote(reason bridge.Reason) string {
	switch reason {
	case bridge.ReasonLookAlike:
		return ", made by hand"
	case bridge.ReasonNotRevived:
		return ", ended, not by Causeway"
	case bridge.ReasonSeveralOpen:
		return ", one of several that are open"
	}
	return ""
}

// rivalFields are shown of a record also where they are empty: what is missing there is often the point.
var rivalFields = map[bridge.Kind][]string{
	bridge.KindAddition: {
		bridge.FieldProduct, bridge.FieldSerial, bridge.FieldQuantity, bridge.FieldEffective, bridge.FieldCancelled, bridge.FieldBillCustomer,
	},
	bridge.KindConfiguration: {bridge.FieldName, bridge.FieldStatus, bridge.FieldSerial, bridge.FieldExpires},
}

func sideWould(c bridge.Change) views.HeldSide {
	verb := "change"
	switch c.Action {
	case bridge.ActionCreate:
		verb = "add"
	case bridge.ActionAdopt:
		verb = "look after"
	case bridge.ActionCancel:
		verb = "end"
	case bridge.ActionDeactivate:
		verb = "close"
	case bridge.ActionAttach:
		verb = "attach"
	case bridge.ActionUpdate:
	}
	side := views.HeldSide{Title: "Causeway would " + verb, Note: "by MySonicWall, as run " + runID(c.RunID) + " read it"}
	if c.Reason == bridge.ReasonContradiction {
		side.None = "Nothing: the facts cannot be true together."
		return side
	}
	names := c.Before.Names()
	if c.RivalID != 0 {
		names = rivalFields[c.Kind]
	}
	side.Fields, side.None = views.RecordFields(c.After, names), "Nothing of its own."
	return side
}

func choiceButton(choice bridge.Choice, c bridge.Change) views.HeldChoice {
	words := wordsOf[choice]
	button := views.HeldChoice{Choice: string(choice), Text: words.verb, Kind: "outline", Icon: words.icon}
	adoptable := c.RivalID != 0 && slices.Contains(c.Choices(), bridge.ChoiceAdopt)
	switch choice {
	case bridge.ChoiceAdopt:
		button.Kind, button.Text = "primary", "Adopt the "+noun(c.Kind)
	case bridge.ChoiceRelease:
		switch {
		case c.Reason == bridge.ReasonLookAlike:
			button.Text, button.Icon = "Add ours as well", "plus"
		case adoptable:
			button.Text, button.Icon = "Make a new "+noun(c.Kind), "plus"
		case takesAway(c):
			button.Kind = "danger"
		default:
			button.Kind = "primary"
		}
	case bridge.ChoiceDismiss, bridge.ChoiceBillFrom:
	}
	return button
}

func choiceOutcome(choice bridge.Choice, w linked) views.HeldOutcome {
	out := views.HeldOutcome{Choice: choiceButton(choice, w.Change).Text}
	record := noun(w.Kind)
	switch choice {
	case bridge.ChoiceAdopt:
		out.Says, out.Lines = adoptingSays(w)
	case bridge.ChoiceRelease:
		out.Says, out.Lines = releasingSays(w)
	case bridge.ChoiceDismiss:
		switch {
		case w.Reason == bridge.ReasonLookAlike:
			out.Says, out.Lines = "The hand-made line as it is; Causeway does not look after it.", "1"
		case w.Reason == bridge.ReasonSeveralOpen:
			out.Says = "All of them as they are; Causeway looks after none."
		case w.Action == bridge.ActionCreate:
			out.Says = "No " + record + " of ours, until MySonicWall’s facts change."
		default:
			out.Says = "The " + record + " as before, until MySonicWall’s facts change."
		}
	case bridge.ChoiceBillFrom:
	}
	return out
}

func adoptingSays(w linked) (says, lines string) {
	switch {
	case w.Kind != bridge.KindAddition:
		return "The one that stands is looked after; no second one is made.", ""
	case w.Reason == bridge.ReasonLookAlike:
		return "The hand-made line bills on; quantity, end and serial number follow MySonicWall.", "1"
	case w.Reason == bridge.ReasonSeveralOpen:
		return "This line is looked after; the others stay open and bill too until a person ends them.", ""
	}
	return "The ended line runs on; quantity, end and serial number follow MySonicWall.", "1"
}

func releasingSays(w linked) (says, lines string) {
	switch {
	case w.Reason == bridge.ReasonLookAlike:
		return "The hand-made line and Causeway’s own: billed twice.", "2"
	case w.Kind != bridge.KindAddition:
		return "It is written as shown. No line bills because of it.", ""
	}
	sentences := []string{sentenceOf(cmp.Or(effectOf(w.Change), "written as shown"))}
	for _, end := range w.ends {
		if effect := effectOf(end); effect != "" {
			sentences = append(sentences, "For the old one: "+effect+".")
		}
	}
	return strings.Join(sentences, " "), ""
}

// sentenceOf makes a sentence of a phrase.
func sentenceOf(phrase string) string { return capital(phrase) + "." }

// lowered is a word as it stands within a sentence.
func lowered(text string) string { return strings.ToLower(text[:1]) + text[1:] }

// moreOf leads to the question about all changes of one reason, those of the tenant and those of the account.
func moreOf(account string, of linked, all []linked) []views.Link {
	choices := of.Choices()
	if len(choices) == 0 {
		return nil
	}
	choice := choices[0]
	ofTenant, ofAll := 0, 0
	for _, w := range all {
		if w.Reason == of.Reason && slices.Contains(w.Choices(), choice) {
			ofAll++
			if w.TenantID == of.TenantID {
				ofTenant++
			}
		}
	}
	var links []views.Link
	verb := wordsOf[choice].verb
	query := views.HeldReviewQuery{Choice: string(choice), Reason: string(of.Reason), Tenant: of.TenantID}
	if ofTenant > 1 {
		links = append(links, views.Link{Text: verb + " all " + views.Number(ofTenant) + " of this reason at this tenant…", URL: query.URL(account)})
	}
	if ofAll > ofTenant {
		query.Tenant = ""
		links = append(links, views.Link{Text: verb + " all " + views.Number(ofAll) + " of this reason…", URL: query.URL(account)})
	}
	return links
}

// resumingMeans is what the next run does about a record that is taken up again.
func resumingMeans(r store.EndedRecord) string {
	switch {
	case r.Resuming() == bridge.ActionCreate && r.Kind == bridge.KindAddition:
		return "Resuming makes a new line from the agreement’s next invoice date on."
	case r.Resuming() == bridge.ActionCreate:
		return "Resuming makes it anew."
	case r.Kind == bridge.KindAddition:
		return "Resuming sets its end by MySonicWall again."
	}
	return "Resuming opens it again."
}

// outcomeOfDecision is what became of a decision, or what it waits for.
func outcomeOfDecision(d store.Decided) string {
	switch {
	case !d.Spent.IsZero():
		return sentenceOf(strings.TrimSuffix(d.Outcome, "."))
	case d.Choice == bridge.ChoiceDismiss:
		return "Put aside until MySonicWall’s facts change."
	case d.Choice == bridge.ChoiceBillFrom:
		return "The next run bills from " + views.Date(d.Date.Time()) + "."
	}
	return "The next run writes it."
}
