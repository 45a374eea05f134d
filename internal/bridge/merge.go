package bridge

import (
	"slices"
	"strings"
)

// Policy says who has the last word on a field (R24).
type Policy int

const (
	// FollowsMSW fields are put right whoever changed them.
	FollowsMSW Policy = iota
	// PersonOwns fields are ours until a person changes them in ConnectWise; what we never wrote is a person's.
	PersonOwns
	// CreateOnly fields are never written after creation.
	CreateOnly
)

// policies of each kind's fields; a field that is not named follows MySonicWall.
var policies = map[Kind]map[string]Policy{
	KindAddition: {
		FieldBillCustomer: PersonOwns, FieldDescription: PersonOwns, FieldInvoiceDescription: PersonOwns,
		FieldEffective: CreateOnly, FieldProduct: CreateOnly,
	},
	KindConfiguration: {FieldName: PersonOwns, FieldType: CreateOnly},
	KindCatalogItem: {
		FieldDescription: PersonOwns, FieldCustomerDescription: PersonOwns, FieldCategory: PersonOwns, FieldSubcategory: PersonOwns,
		FieldPrice: CreateOnly, FieldCost: CreateOnly, FieldIdentifier: CreateOnly,
	},
}

// PolicyOf a field of a kind of record (R24).
func PolicyOf(kind Kind, field string) Policy { return policies[kind][field] }

// Merged is the outcome of comparing one record three ways: only the fields to write, empty when all is right (R35).
type Merged struct { //nolint:recvcheck // set builds it, everything else reads a value
	Before, After Fields
	// Overwritten are the fields among After whose value in ConnectWise is a person's edit (R24: the why says so), sorted.
	Overwritten []string
}

// Writes tells whether there is anything to write.
func (m Merged) Writes() bool { return len(m.After) > 0 }

// Merge compares what is wanted with what ConnectWise has and what we wrote last, field by field. Only fields in desired are
// looked at; to clear one, desire it empty.
func Merge(kind Kind, desired, current, applied Fields) Merged {
	var out Merged
	for field, want := range desired {
		have := current.Get(field)
		if SameValue(field, want, have) {
			continue
		}
		last, wroteBefore := applied[field]
		edited := !wroteBefore || !SameValue(field, have, last)
		switch PolicyOf(kind, field) {
		case CreateOnly:
			continue
		case PersonOwns:
			if edited {
				continue
			}
		case FollowsMSW:
			if edited && (wroteBefore || canonical(have) != "") {
				out.Overwritten = append(out.Overwritten, field)
			}
		}
		out.set(field, have, want)
	}
	slices.Sort(out.Overwritten)
	return out
}

func (m *Merged) set(field, before, after string) {
	if m.After == nil {
		m.Before, m.After = Fields{}, Fields{}
	}
	m.Before[field], m.After[field] = before, after
}

// SameValue compares two values of a field as ConnectWise would: absent is empty, white space and direction marks at the ends
// are dropped by it, and names of records are found without regard to case.
func SameValue(field, a, b string) bool {
	if a == b {
		return true
	}
	a, b = canonical(a), canonical(b)
	if isReference(field) {
		return strings.EqualFold(a, b)
	}
	return a == b
}

func isReference(field string) bool {
	switch field {
	case FieldType, FieldCategory, FieldSubcategory, FieldStatus, FieldProduct, FieldAgreement, FieldClass:
		return true
	}
	return false
}

func canonical(text string) string { return strings.Trim(text, " \t\r\n\u00a0\u200e\u200f\ufeff") }

// StaleFields names the fields that a change touches and that no longer hold in ConnectWise what its Before says, sorted. Any
// at all, and the change must not be applied.
func StaleFields(before, current Fields) []string {
	var out []string
	for _, field := range before.Names() {
		if !SameValue(field, before[field], current.Get(field)) {
			out = append(out, field)
		}
	}
	return out
}
