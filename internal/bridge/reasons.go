package bridge

import (
	"fmt"
	"slices"
)

// maxFacts bounds the facts shown for one field: rows are kept for years and a device can have dozens of services.
const maxFacts = 12

// explain is the reasoning behind one written field: the rule, the facts it came from, what ConnectWise held and what we wrote
// last, and whether a person's edit is overwritten (R24).
func explain(field, rule string, facts []Fact, current, applied Fields, merged Merged) Reasoning {
	if slices.Contains(merged.Overwritten, field) {
		rule += " What stood in ConnectWise was entered there by hand and is replaced."
	}
	out := Reasoning{Field: field, Rule: rule, Facts: slices.Clip(facts[:min(len(facts), maxFacts)])}
	if before := current.Get(field); before != "" {
		out.Facts = append(out.Facts, Fact{SourceConnectWise, "before", before})
	}
	if last, ok := applied[field]; ok && last != "" {
		out.Facts = append(out.Facts, Fact{SourceLastWritten, field, last})
	}
	return out
}

// expiryFacts are the services that expire, latest first.
func expiryFacts(p Product) []Fact {
	dates := slices.DeleteFunc(ServiceDates(p), func(d LabelledDate) bool { return d.Date.IsZero() })
	slices.SortStableFunc(dates, func(a, b LabelledDate) int { return b.Date.Compare(a.Date) })
	facts := make([]Fact, 0, min(len(dates), maxFacts))
	for _, d := range dates[:min(len(dates), maxFacts)] {
		facts = append(facts, Fact{SourceMySonicWall, d.Label, "until " + d.Date.String()})
	}
	return facts
}

// quantityFacts are the figures that took part, in the order reported.
func quantityFacts(p Product, q Quantity) []Fact {
	var facts []Fact
	for _, s := range p.Services {
		if q.From == QuantityFromService && s.Quantity.Valid {
			facts = append(facts, Fact{SourceMySonicWall, s.Name, s.Quantity.Decimal.String()})
		}
		for _, sub := range s.Subs {
			if q.From == QuantityFromSubService && sub.Quantity.Valid {
				facts = append(facts, Fact{SourceMySonicWall, sub.Name, sub.Quantity.Decimal.String()})
			}
		}
	}
	return facts
}

func quantityRule(q Quantity) string {
	switch q.From {
	case QuantityFromSubService:
		return "The quantity is the highest over the product's sub-services."
	case QuantityFromService:
		return "No sub-service has a quantity; it is the highest over the product's services."
	}
	return "MySonicWall reports no quantity, so the line is for one."
}

func expiryRule(expiry Date, label string) string {
	if expiry.IsZero() {
		return "None of the product's services expires, so the line has no end."
	}
	return fmt.Sprintf("The line ends with the latest expiry over all services and sub-services: %s.", label)
}
