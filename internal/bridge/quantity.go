package bridge

import "github.com/shopspring/decimal"

// Values of FactQuantityFrom, weakest first: a weaker source never replaces what a stronger one gave before (R28).
const (
	QuantityFromDefault    = "default"
	QuantityFromService    = "service"
	QuantityFromSubService = "sub-service"
)

// Quantity of a product with where it came from.
type Quantity struct {
	Value decimal.Decimal
	From  string // one of the QuantityFrom values
	Label string // of the service or sub-service that gave it; empty for the default
}

// QuantityOf is the highest quantity over the product's sub-services, else over its services, else 1 (R28). A quantity that is
// not reported is not zero: it takes no part.
func QuantityOf(p Product) Quantity {
	best := Quantity{Value: decimal.New(1, 0), From: QuantityFromDefault}
	for _, s := range p.Services {
		best = best.over(s.Quantity, QuantityFromService, s.Name, "")
		for _, sub := range s.Subs {
			best = best.over(sub.Quantity, QuantityFromSubService, s.Name, sub.Name)
		}
	}
	return best
}

func (q Quantity) over(value decimal.NullDecimal, from, service, sub string) Quantity {
	if !value.Valid || quantityRank(from) < quantityRank(q.From) {
		return q
	}
	if from == q.From && !value.Decimal.GreaterThan(q.Value) {
		return q
	}
	return Quantity{Value: value.Decimal, From: from, Label: QuestionLabel(service, sub)}
}

// Replaces tells whether q may take the place of a quantity that came from before (R28): a missing quantity never does, nor a
// service's own figure where sub-services gave it.
func (q Quantity) Replaces(before string) bool {
	return q.From != QuantityFromDefault && quantityRank(q.From) >= quantityRank(before)
}

func quantityRank(from string) int {
	switch from {
	case QuantityFromSubService:
		return 2
	case QuantityFromService:
		return 1
	}
	return 0
}

// QuantityJumps tells whether a change from one quantity to another is large enough to be held: by more than the factor, up or
// down, and by more than the step. A factor of zero switches the limit off.
func QuantityJumps(from, to decimal.Decimal, limits Limits) bool {
	if limits.QuantityFactor.IsZero() || !to.Sub(from).Abs().GreaterThan(limits.QuantityStep) {
		return false
	}
	low, high := decimal.Min(from, to), decimal.Max(from, to)
	return high.GreaterThan(low.Mul(limits.QuantityFactor))
}
