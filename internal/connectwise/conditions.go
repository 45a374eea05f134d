package connectwise

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Condition is a filter in ConnectWise's query language; its zero value lets everything through. A mistake made while
// building it is reported by the call that uses it.
//
// Text in a condition is a pre-selection, not a test: ConnectWise compares without regard to case, takes * and % for
// wildcards, and has no documented way to write a quotation mark inside text. Where a text contains such characters the
// condition is widened to let any characters stand in their place. Compare what comes back, as the FindBy methods do.
type Condition struct {
	text string
	err  error
}

// String returns the condition as it is sent, before percent-encoding.
func (c Condition) String() string { return c.text }

// Err returns the first mistake made while building the condition.
func (c Condition) Err() error { return c.err }

// IsZero reports whether the condition lets everything through.
func (c Condition) IsZero() bool { return c.text == "" && c.err == nil }

// fieldPattern is a field, or a field of a reference ("company/id"). Source: ConnectWise developer guide.
var fieldPattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(/[A-Za-z_][A-Za-z0-9_]*)*$`)

func compare(field, operator, value string) Condition {
	if !fieldPattern.MatchString(field) {
		return Condition{err: fmt.Errorf("condition: %q is not a field name", cleanText(field, 60))}
	}
	return Condition{text: field + operator + value}
}

// Equal keeps records whose field has this text, and perhaps some more: see [Condition].
func Equal(field, text string) Condition {
	if isPlain(text) {
		return compare(field, "=", `"`+text+`"`)
	}
	pattern, err := asPattern(text)
	if err != nil {
		return Condition{err: fmt.Errorf("condition on %s: %w", cleanText(field, 60), err)}
	}
	return compare(field, " like ", `"`+pattern+`"`)
}

// HasPrefix keeps records whose field begins with this text, and perhaps some more: see [Condition].
func HasPrefix(field, text string) Condition {
	pattern, err := asPattern(text)
	if err != nil {
		return Condition{err: fmt.Errorf("condition on %s: %w", cleanText(field, 60), err)}
	}
	return compare(field, " like ", `"`+strings.TrimSuffix(pattern, "%")+`%"`)
}

// EqualInt keeps records whose field is this number.
func EqualInt(field string, n int) Condition { return compare(field, "=", strconv.Itoa(n)) }

// EqualBool keeps records whose flag has this value.
func EqualBool(field string, flag bool) Condition {
	return compare(field, "=", strconv.FormatBool(flag))
}

// In keeps records whose field is one of these numbers. Many of them make an address too long to be sent; see
// [Collection.AllIn].
func In(field string, numbers ...int) Condition {
	if len(numbers) == 0 {
		return Condition{err: errors.New("condition: in needs at least one number")}
	}
	texts := make([]string, len(numbers))
	for i, n := range numbers {
		texts[i] = strconv.Itoa(n)
	}
	return compare(field, " in ", "("+strings.Join(texts, ",")+")")
}

// IsNull keeps records whose field is not set.
func IsNull(field string) Condition { return compare(field, "=", "null") }

// Since keeps records whose field is this instant or later, by whole seconds.
func Since(field string, t time.Time) Condition {
	return compare(field, ">=", "["+t.UTC().Format("2006-01-02T15:04:05Z")+"]")
}

// OnOrAfter keeps records whose field is this date or a later one. Public clients saw an on-premises server leave out
// the very day; ask for the day before and compare.
func OnOrAfter(field string, d Date) Condition {
	if d.IsZero() {
		return Condition{err: fmt.Errorf("condition on %s: no date", cleanText(field, 60))}
	}
	return compare(field, ">=", "["+d.String()+"]")
}

// And keeps records that every one of the conditions keeps; zero conditions are left out.
func And(conditions ...Condition) Condition { return join(" and ", conditions) }

// Or keeps records that at least one of the conditions keeps; zero conditions are left out.
func Or(conditions ...Condition) Condition { return join(" or ", conditions) }

func join(word string, conditions []Condition) Condition {
	var texts []string
	for _, c := range conditions {
		switch {
		case c.err != nil:
			return c
		case c.text != "":
			texts = append(texts, c.text)
		}
	}
	if len(texts) < 2 {
		return Condition{text: strings.Join(texts, "")}
	}
	for i, text := range texts {
		if strings.Contains(text, " and ") || strings.Contains(text, " or ") {
			texts[i] = "(" + text + ")"
		}
	}
	return Condition{text: strings.Join(texts, word)}
}

// isPlain reports text that means itself between double quotes.
func isPlain(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, isSpecial)
}

// isSpecial reports characters that end the text, escape, stand for others, or do not survive the way.
func isSpecial(r rune) bool {
	return strings.ContainsRune(`"\*%`, r) || unicode.IsControl(r) || r == utf8.RuneError
}

// asPattern replaces what does not mean itself in a pattern by the wildcard %. In patterns that also holds for brackets,
// which make a set of characters, and for the single quote, which some servers take for the end of the text. A pattern
// without a letter or digit would let nearly everything through and is refused.
func asPattern(text string) (string, error) {
	var b strings.Builder
	var solid, wild bool
	for _, r := range text {
		if isSpecial(r) || strings.ContainsRune(`[]'`, r) {
			wild = true
			continue
		}
		if wild {
			b.WriteByte('%')
			wild = false
		}
		b.WriteRune(r)
		solid = solid || unicode.IsLetter(r) || unicode.IsDigit(r)
	}
	if wild {
		b.WriteByte('%')
	}
	if !solid {
		return "", fmt.Errorf("%q has no letter or digit to look for", cleanText(text, 60))
	}
	return b.String(), nil
}
