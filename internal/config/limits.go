package config

import (
	"strings"

	"github.com/shopspring/decimal"

	"causeway/internal/bridge"
)

// ParseShare reads 20%, 20 % or 0.2; zero switches the limit off. A figure above 1 without a per cent sign could mean either, so
// it is refused.
func ParseShare(text string) (decimal.Decimal, *bridge.Error) {
	wrong := func(why string) (decimal.Decimal, *bridge.Error) {
		return decimal.Zero, bridge.Invalid("removed_share", why)
	}
	text = strings.TrimSpace(text)
	number, percent := strings.CutSuffix(text, "%")
	share, err := parseNumber(number)
	if err != nil {
		return wrong("is neither a percentage such as 20% nor a share such as 0.2")
	}
	one := decimal.New(1, 0)
	if percent {
		share = share.Shift(-2)
	} else if share.GreaterThan(one) {
		return wrong("is above 1; write a percentage with its sign, such as 20%")
	}
	if share.GreaterThan(one) {
		return wrong("is above 100%")
	}
	return share, nil
}

// ParseFactor reads how often a quantity may multiply: 0 for off, else more than 1.
func ParseFactor(text string) (decimal.Decimal, *bridge.Error) {
	factor, err := parseNumber(text)
	if err != nil || factor.IsPositive() && factor.LessThanOrEqual(decimal.New(1, 0)) {
		return decimal.Zero, bridge.Invalid("quantity_factor", "is neither 0 (off) nor a number above 1")
	}
	return factor, nil
}

// ParseStep reads by how much a quantity may change; 0 means by anything.
func ParseStep(text string) (decimal.Decimal, *bridge.Error) {
	step, err := parseNumber(text)
	if err != nil {
		return decimal.Zero, bridge.Invalid("quantity_step", "is not a number of 0 or more")
	}
	return step, nil
}

// ParseCount reads a whole number of 0 or more for the named field.
func ParseCount(field, text string) (int, *bridge.Error) {
	count, err := parseNumber(text)
	if err != nil || !count.IsInteger() {
		return 0, bridge.Invalid(field, "is not a whole number of 0 or more")
	}
	return int(count.IntPart()), nil
}

// parseNumber bounds the text, so that 1e999999999 stays small, and the sign.
func parseNumber(text string) (decimal.Decimal, error) {
	text = strings.TrimSpace(text)
	number, err := decimal.NewFromString(text)
	if err != nil || strings.ContainsAny(text, "eE") || number.IsNegative() || len(text) > 12 {
		return decimal.Zero, bridge.Invalid("", "is not a number of 0 or more")
	}
	return number, nil
}

// limits reads what the file says over the defaults.
func (r *fileReader) limits(raw limitsYAML) bridge.Limits {
	limits := bridge.DefaultLimits()
	keep := func(err *bridge.Error) bool {
		if err != nil {
			r.add("limits."+err.Field, err.Message)
		}
		return err == nil
	}
	if raw.RemovedShare != "" {
		if v, err := ParseShare(raw.RemovedShare); keep(err) {
			limits.RemovedShare = v
		}
	}
	if raw.RemovedMoreThan != "" {
		if v, err := ParseCount("removed_more_than", raw.RemovedMoreThan); keep(err) {
			limits.RemovedMoreThan = v
		}
	}
	if raw.QuantityFactor != "" {
		if v, err := ParseFactor(raw.QuantityFactor); keep(err) {
			limits.QuantityFactor = v
		}
	}
	if raw.QuantityStep != "" {
		if v, err := ParseStep(raw.QuantityStep); keep(err) {
			limits.QuantityStep = v
		}
	}
	if raw.NewAdditions != "" {
		if v, err := ParseCount("new_additions", raw.NewAdditions); keep(err) {
			limits.NewAdditions = v
		}
	}
	return limits
}
