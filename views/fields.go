package views

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"causeway/views/components"
)

// isoDate is how canonical field values write calendar dates.
const isoDate = "2006-01-02"

// answerPrefix marks the answer to a configuration question in a field's name.
const answerPrefix = "answer: "

type fieldKind int

const (
	textField fieldKind = iota
	dateField
	quantityField
	moneyField
	flagField
	billField
	monoField
	longField
)

type fieldLook struct {
	label string
	kind  fieldKind
	noun  string // within a question, where the label alone reads oddly there
}

// fieldLooks says how ConnectWise's field names read on a page, in the order in
// which they stand: quantity and dates first, identifiers last.
var fieldLooks = []struct {
	name string
	fieldLook
}{
	{"quantity", fieldLook{"Quantity", quantityField, ""}},
	{"effectiveDate", fieldLook{"Effective", dateField, "effective date"}},
	{"cancelledDate", fieldLook{"Cancelled", dateField, "cancelled date"}},
	{"warrantyExpirationDate", fieldLook{"Expiration", dateField, "expiration date"}},
	{"installationDate", fieldLook{"Installed", dateField, "installation date"}},
	{"status", fieldLook{"Status", textField, ""}},
	{"activeFlag", fieldLook{"Active flag", flagField, ""}},
	{"billCustomer", fieldLook{"Bill customer", billField, "bill customer setting"}},
	{"agreement", fieldLook{"Agreement", textField, ""}},
	{"product", fieldLook{"Product", monoField, ""}},
	{"name", fieldLook{"Name", textField, ""}},
	{"type", fieldLook{"Type", textField, ""}},
	{"category", fieldLook{"Category", textField, ""}},
	{"subcategory", fieldLook{"Sub-category", textField, ""}},
	{"productClass", fieldLook{"Class", textField, ""}},
	{"price", fieldLook{"Price", moneyField, ""}},
	{"cost", fieldLook{"Cost", moneyField, ""}},
	{"question", fieldLook{"Question", textField, ""}},
	{"invoiceDescription", fieldLook{"Invoice description", longField, ""}},
	{"description", fieldLook{"Description", longField, ""}},
	{"customerDescription", fieldLook{"Customer description", longField, ""}},
	{"serialNumber", fieldLook{"Serial number", monoField, ""}},
	{"identifier", fieldLook{"Identifier", monoField, ""}},
}

// Field makes one field of a change ready to read from canonical text: dates as
// YYYY-MM-DD, decimals without trailing zeros, flags as true or false. Created
// shows only what is new.
func Field(name, before, after string, created bool) FieldChange {
	look := lookOf(name)
	out := FieldChange{
		Label: look.label, Created: created,
		Before: fieldText(look.kind, before), After: fieldText(look.kind, after),
		Mono: look.kind == monoField, Whole: look.kind == dateField || look.kind == quantityField || look.kind == moneyField, Long: look.kind == longField && !created,
	}
	if created {
		out.Before = ""
		return out
	}
	switch look.kind {
	case dateField:
		out.Diff = DateDifference(parseDate(before), parseDate(after))
	case quantityField:
		out.Diff = quantityDifference(before, after)
	case textField, moneyField, flagField, billField, monoField, longField:
	}
	return out
}

// Fields makes all fields of a change ready to read, in the order in which a page
// shows them.
func Fields(before, after map[string]string, created bool) []FieldChange {
	names := make([]string, 0, len(before)+len(after))
	for name := range after {
		names = append(names, name)
	}
	for name := range before {
		if _, ok := after[name]; !ok {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, byRank)
	out := make([]FieldChange, 0, len(names))
	for _, name := range names {
		if before[name] == after[name] {
			continue
		}
		out = append(out, Field(name, before[name], after[name], created))
	}
	return out
}

// RecordFields makes a record's fields ready to read. Those named are shown also where the record has none.
func RecordFields(fields map[string]string, named []string) []RecordField {
	names := slices.Clone(named)
	for name, value := range fields {
		if value != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, byRank)
	out := make([]RecordField, 0, len(names))
	for _, name := range names {
		look := lookOf(name)
		value := fieldText(look.kind, fields[name])
		if value == "" {
			value = "none"
		}
		out = append(out, RecordField{Label: look.label, Value: value})
	}
	return out
}

// byRank sorts field names in the order in which a page shows them.
func byRank(a, b string) int {
	rank := func(name string) int {
		for i, l := range fieldLooks {
			if l.name == name {
				return i
			}
		}
		return len(fieldLooks)
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
}

// FieldLabel is how a field's name reads on a page.
func FieldLabel(name string) string { return lookOf(name).label }

// FieldNoun is a field within a question: "effective date".
func FieldNoun(name string) string {
	if look := lookOf(name); look.noun != "" {
		return look.noun
	}
	label := FieldLabel(name)
	return strings.ToLower(label[:1]) + label[1:]
}

// FieldText is a field's canonical value, ready to read.
func FieldText(name, value string) string { return fieldText(lookOf(name).kind, value) }

func lookOf(name string) fieldLook {
	for _, l := range fieldLooks {
		if l.name == name {
			return l.fieldLook
		}
	}
	if label, ok := strings.CutPrefix(name, answerPrefix); ok {
		return fieldLook{"Answer: " + label, dateField, "answer to “" + label + "”"}
	}
	return fieldLook{name, textField, ""}
}

func fieldText(kind fieldKind, value string) string {
	switch kind {
	case dateField:
		if d := parseDate(value); !d.IsZero() {
			return Date(d)
		}
	case quantityField:
		return Quantity(value)
	case moneyField:
		return Money(value)
	case flagField:
		switch value {
		case "true":
			return "yes"
		case "false":
			return "no"
		}
	case billField:
		switch value {
		case "DoNotBill":
			return "Do not bill"
		case "NoCharge":
			return "No charge"
		}
	case textField, monoField, longField:
	}
	return value
}

func parseDate(text string) time.Time {
	if len(text) > len(isoDate) {
		text = text[:len(isoDate)]
	}
	t, err := time.Parse(isoDate, text)
	if err != nil {
		return time.Time{}
	}
	return t
}

// Quantity groups the thousands of a decimal's whole part and keeps its fraction:
// "1,204.5". Text that is no number stays as it is.
func Quantity(text string) string {
	d, err := decimal.NewFromString(text)
	if err != nil {
		return text
	}
	return grouped(d.String())
}

// Money is an amount with at least two decimals, as ConnectWise has it: "89.00".
func Money(text string) string {
	d, err := decimal.NewFromString(text)
	if err != nil {
		return text
	}
	return grouped(d.StringFixed(max(2, -d.Exponent())))
}

func grouped(text string) string {
	negative := strings.HasPrefix(text, "-")
	whole, fraction, found := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	var out strings.Builder
	if negative {
		out.WriteString(minus)
	}
	for i, d := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			out.WriteByte(',')
		}
		out.WriteRune(d)
	}
	if found {
		out.WriteString("." + fraction)
	}
	return out.String()
}

func quantityDifference(before, after string) string {
	b, errBefore := decimal.NewFromString(before)
	a, errAfter := decimal.NewFromString(after)
	if errBefore != nil || errAfter != nil || a.Equal(b) {
		return ""
	}
	d := a.Sub(b)
	if d.IsPositive() {
		return "+" + grouped(d.String())
	}
	return grouped(d.String())
}

// KindTitle is a kind of record as a heading: agreement lines are called by what
// they do, with ConnectWise's own word beside it.
func KindTitle(kind string) string {
	switch kind {
	case "addition":
		return "Agreement lines"
	case "configuration":
		return "Configurations"
	case "catalog item":
		return "Catalog items"
	case "configuration type":
		return "Configuration types"
	case "question":
		return "Configuration questions"
	case "product type":
		return "Product types"
	case "category":
		return "Categories"
	case "subcategory":
		return "Sub-categories"
	case "ticket":
		return "Tickets"
	}
	return kind
}

// KindWord is a kind of record within a sentence.
func KindWord(kind string) string {
	switch kind {
	case "addition":
		return "agreement line"
	case "subcategory":
		return "sub-category"
	}
	return kind
}

// StatusBadge is a change's or run's state as a badge.
func StatusBadge(status string) Badge { return components.Badge{Status: components.Status(status)} }
