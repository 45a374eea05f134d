package bridge

import "fmt"

// Years outside of which a date is no date of a SonicWall product: 1970 and 9999 are what programs write for "none".
const (
	earliestYear = 1991 // SonicWall was founded in that year
	latestYear   = 2099
)

// Contradiction says in words which of MySonicWall's facts about a product cannot be true together; empty when they can. Such a
// product is held with its facts: whichever of them were believed, the invoice might be wrong.
func Contradiction(p Product) string {
	if words := impossible(p); words != "" {
		return words
	}
	expiry, label := ExpiryOf(p)
	if !expiry.IsZero() && !p.Registered.IsZero() && expiry.Before(p.Registered) {
		return fmt.Sprintf("MySonicWall says that the product was registered on %s, after everything of it had expired (%s on %s).", p.Registered, label, expiry)
	}
	return ""
}

// impossible is a fact that cannot be true whatever the others say.
func impossible(p Product) string {
	if words := impossibleDate("was registered on", p.Registered); words != "" {
		return words
	}
	for _, s := range p.Services {
		for _, part := range append([]Service{s}, s.Subs...) {
			label := QuestionLabel(part.Name, "")
			if words := impossibleDate(label+" expires on", part.Expiry); words != "" {
				return words
			}
			if part.Quantity.Valid && part.Quantity.Decimal.IsNegative() {
				return fmt.Sprintf("MySonicWall reports the quantity %s for %s.", part.Quantity.Decimal, label)
			}
		}
	}
	return ""
}

func impossibleDate(what string, d Date) string {
	if d.IsZero() || d.Year >= earliestYear && d.Year <= latestYear {
		return ""
	}
	return fmt.Sprintf("MySonicWall says that it %s %s, which cannot be.", what, d)
}
