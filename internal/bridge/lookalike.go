package bridge

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// lookAlike is an open line made by hand that may already bill a product (R50): one with its serial number on another catalog
// item, or without a serial number for a product of its name. Of several the one with the serial number is shown, then the
// latest; count tells how many there are.
func (t *tenantPlanner) lookAlike(c *candidate) (line *Addition, count int) {
	serial := foldSerial(c.Serial)
	var found []*Addition
	for i := range t.in.Additions {
		a := &t.in.Additions[i]
		switch {
		case t.taken[KindAddition][a.ID] != nil, t.in.TakenLines[a.ID], t.adopted[a.ID], !bills(*a, t.in.Today):
		case foldSerial(a.Serial) == serial, strings.TrimSpace(a.Serial) == "" && namesProduct(*a, *c.Product, c.identifier):
			found = append(found, a)
		}
	}
	if len(found) == 0 {
		return nil, 0
	}
	return slices.MaxFunc(found, func(a, b *Addition) int {
		bySerial := func(l *Addition) int {
			if foldSerial(l.Serial) == serial {
				return 1
			}
			return 0
		}
		return cmp.Or(bySerial(a)-bySerial(b), a.Effective.Compare(b.Effective), b.ID-a.ID)
	}), len(found)
}

// bills tells whether a line bills on or after a day.
func bills(line Addition, today Date) bool {
	if line.BillCustomer == doNotBill || line.BillCustomer == "NoCharge" {
		return false
	}
	return line.Cancelled.IsZero() || !line.Cancelled.Before(today)
}

// namesProduct compares names as people write them: without the maker, the tier, punctuation and case, and with words around.
func namesProduct(line Addition, p Product, identifier string) bool {
	if strings.EqualFold(line.Product, identifier) {
		return true
	}
	product := nameWords(p.Name)
	return slices.ContainsFunc([]string{line.Product, line.Description, line.InvoiceDescription}, func(text string) bool {
		words := nameWords(text)
		return within(product, words) || telling(words) && within(words, product)
	})
}

// nameWords are a text's words in upper case without those that tell nothing of the product.
func nameWords(text string) []string {
	words := strings.FieldsFunc(strings.ToUpper(CleanName(text)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return slices.DeleteFunc(words, func(word string) bool {
		switch word {
		case "SONICWALL", "BASIC", "ADVANCED", "PREMIER", "MONTHLY", "PER", "THE":
			return true
		}
		return false
	})
}

// within tells whether the words of part stand together, in order, among those of whole.
func within(part, whole []string) bool {
	if len(part) == 0 {
		return false
	}
	for i := 0; i+len(part) <= len(whole); i++ {
		if slices.Equal(whole[i:i+len(part)], part) {
			return true
		}
	}
	return false
}

// telling words name a product also when its own name has more: two words at least, or one with a digit such as a model.
func telling(words []string) bool {
	return len(words) > 1 || len(words) == 1 && len(words[0]) > 3 && strings.ContainsFunc(words[0], unicode.IsDigit)
}

// holdForRival holds a new line beside one that stands: a person adopts that one, lets Causeway add its own, or neither.
func (t *tenantPlanner) holdForRival(c *candidate, change Change, rival Addition, reason Reason, message string) {
	change.RivalID, change.Rival = rival.ID, rival.Fields()
	if d := t.decision(change, reason, ChoiceAdopt); d != nil {
		change.DecisionID, change.Decided = d.ID, d.By
		t.adoptAddition(c, rival, change)
		return
	}
	t.addHeld(change, reason, message)
}

func lookAlikeMessage(rival Addition, count int) string {
	which := fmt.Sprintf("The line %q (%s", cmp.Or(rival.InvoiceDescription, rival.Description, rival.Product), rival.Product)
	if rival.Serial != "" {
		which += ", serial number " + rival.Serial
	}
	message := which + ") of this agreement was made by hand and may bill the same thing."
	if count > 1 {
		message += fmt.Sprintf(" %d more lines look alike.", count-1)
	}
	return message
}
