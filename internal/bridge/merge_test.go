package bridge

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// R24 and R35: who has the last word on a field, and nothing to write when it is right.
func TestMerge(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name                      string
		kind                      Kind
		desired, current, applied Fields
		after                     Fields
		overwritten               []string
	}{
		{"right already", KindAddition, Fields{FieldQuantity: "5"}, Fields{FieldQuantity: "5"}, Fields{FieldQuantity: "5"}, nil, nil},
		{"follows MySonicWall", KindAddition, Fields{FieldQuantity: "6"}, Fields{FieldQuantity: "5"}, Fields{FieldQuantity: "5"}, Fields{FieldQuantity: "6"}, nil},
		{"over a person's edit, and says so", KindAddition, Fields{FieldQuantity: "5"}, Fields{FieldQuantity: "9"}, Fields{FieldQuantity: "5"}, Fields{FieldQuantity: "5"}, []string{FieldQuantity}},
		{"a person cleared it", KindAddition, Fields{FieldSerial: "A"}, Fields{}, Fields{FieldSerial: "A"}, Fields{FieldSerial: "A"}, []string{FieldSerial}},
		{"never written, filled in", KindAddition, Fields{FieldSerial: "A"}, Fields{}, Fields{}, Fields{FieldSerial: "A"}, nil},
		{"never written, a person's", KindAddition, Fields{FieldSerial: "A"}, Fields{FieldSerial: "a"}, Fields{}, Fields{FieldSerial: "A"}, []string{FieldSerial}},
		{"cleared by us", KindConfiguration, Fields{FieldAnswer + "EPSS": ""}, Fields{FieldAnswer + "EPSS": "2026-01-01"}, Fields{FieldAnswer + "EPSS": "2026-01-01"}, Fields{FieldAnswer + "EPSS": ""}, nil},

		{"a person's bill customer", KindAddition, Fields{FieldBillCustomer: "Billable"}, Fields{FieldBillCustomer: "NoCharge"}, Fields{FieldBillCustomer: "Billable"}, nil, nil},
		{"our own bill customer", KindAddition, Fields{FieldBillCustomer: "Billable"}, Fields{FieldBillCustomer: "DoNotBill"}, Fields{FieldBillCustomer: "DoNotBill"}, Fields{FieldBillCustomer: "Billable"}, nil},
		{"what we never wrote is a person's", KindAddition, Fields{FieldInvoiceDescription: "TZ"}, Fields{FieldInvoiceDescription: ""}, Fields{}, nil, nil},
		{"a new name from MySonicWall", KindConfiguration, Fields{FieldName: "HQ"}, Fields{FieldName: "Old"}, Fields{FieldName: "Old"}, Fields{FieldName: "HQ"}, nil},
		{"a name changed by a person", KindConfiguration, Fields{FieldName: "HQ"}, Fields{FieldName: "Lobby"}, Fields{FieldName: "Old"}, nil, nil},

		{"effective date never", KindAddition, Fields{FieldEffective: "2026-07-01"}, Fields{FieldEffective: "2026-06-01"}, Fields{FieldEffective: "2026-07-01"}, nil, nil},
		{"price never", KindCatalogItem, Fields{FieldPrice: "0"}, Fields{FieldPrice: "89"}, Fields{FieldPrice: "0"}, nil, nil},

		{"trailing space as ConnectWise trims it", KindConfiguration, Fields{FieldSerial: "A "}, Fields{FieldSerial: "A"}, Fields{}, nil, nil},
		{"direction mark", KindConfiguration, Fields{FieldSerial: "A"}, Fields{FieldSerial: "A\u200e"}, Fields{}, nil, nil},
		{"trimmed is not edited", KindConfiguration, Fields{FieldName: "HQ 2"}, Fields{FieldName: "HQ"}, Fields{FieldName: "HQ "}, Fields{FieldName: "HQ 2"}, nil},
		{"absent is empty", KindAddition, Fields{FieldCancelled: ""}, Fields{}, Fields{FieldCancelled: ""}, nil, nil},
		{"names of records in any case", KindConfiguration, Fields{FieldStatus: "Active"}, Fields{FieldStatus: "ACTIVE"}, Fields{}, nil, nil},
		{"but not serial numbers", KindConfiguration, Fields{FieldSerial: "00AB"}, Fields{FieldSerial: "00ab"}, Fields{FieldSerial: "00ab"}, Fields{FieldSerial: "00AB"}, nil},
		{"leading zeros matter", KindConfiguration, Fields{FieldSerial: "0017"}, Fields{FieldSerial: "17"}, Fields{}, Fields{FieldSerial: "0017"}, []string{FieldSerial}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := Merge(test.kind, test.desired, test.current, test.applied)
			if diff := cmp.Diff(test.after, got.After); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(test.overwritten, got.Overwritten); diff != "" {
				t.Error(diff)
			}
			for field := range got.After {
				if before, ok := got.Before[field]; !ok || before != test.current[field] {
					t.Errorf("before of %s is %q", field, before)
				}
			}
			if got.Writes() != (len(test.after) > 0) || len(got.Before) != len(got.After) {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestStaleFields(t *testing.T) {
	t.Parallel()
	before := Fields{FieldQuantity: "5", FieldCancelled: "", FieldStatus: "Active"}
	if got := StaleFields(before, Fields{FieldQuantity: "5", FieldStatus: "active", FieldSerial: "other"}); got != nil {
		t.Errorf("nothing moved: %v", got)
	}
	got := StaleFields(before, Fields{FieldQuantity: "6", FieldCancelled: "2026-01-01", FieldStatus: "Active"})
	if diff := cmp.Diff([]string{FieldCancelled, FieldQuantity}, got); diff != "" {
		t.Error(diff)
	}
}

// A person's edit that stands in the answer to our own write must not pass for ours (R24, R33, R52).
func TestManagedAfter(t *testing.T) {
	t.Parallel()
	before := Managed{Kind: KindAddition, Key: "K", ParentID: 5, TenantID: "1", Serial: "S", CWMID: 9,
		LastApplied: Fields{FieldQuantity: "5", FieldCancelled: "2027-01-01", FieldBillCustomer: "Billable"},
		Facts:       Fields{FactQuantityFrom: QuantityFromService, FactEnded: "2026-06-01"}, MissedSince: MustDate("2026-06-01")}
	change := Change{Kind: KindAddition, Action: ActionUpdate, Key: "K", ParentID: 5, TenantID: "1", Serial: "S", CWMID: 9,
		After: Fields{FieldQuantity: "6"}, Facts: Fields{FactQuantityFrom: QuantityFromSubService, FactEnded: ""},
		Answer: Fields{FieldQuantity: "6", FieldCancelled: "2026-07-01", FieldBillCustomer: "NoCharge", FieldDescription: "x"}}
	want := before
	want.LastApplied = Fields{FieldQuantity: "6", FieldCancelled: "2027-01-01", FieldBillCustomer: "Billable"}
	want.Facts = Fields{FactQuantityFrom: QuantityFromSubService}
	if diff := cmp.Diff(want, ManagedAfter(before, change)); diff != "" {
		t.Error(diff)
	}

	change.Action, change.After = ActionAdopt, Fields{FieldSerial: "S"}
	change.Answer[FieldSerial], change.Answer[FieldAnswer+"Password"] = "S", "secret of a person"
	got := ManagedAfter(Managed{}, change)
	adopted := Fields{FieldQuantity: "6", FieldCancelled: "2026-07-01", FieldSerial: "S"}
	if diff := cmp.Diff(adopted, got.LastApplied); diff != "" {
		t.Errorf("what a person may own, and answers we did not write, stay out: %s", diff)
	}
	if got.Facts[FactAdopted] != "true" || got.CWMID != 9 || got.TenantID != "1" {
		t.Errorf("%+v", got)
	}

	change.Action, change.After = ActionCreate, Fields{FieldBillCustomer: "Billable", FieldQuantity: "6.000"}
	change.Answer = Fields{FieldBillCustomer: "Billable", FieldQuantity: "6", FieldEffective: "2026-07-01"}
	if diff := cmp.Diff(change.Answer, ManagedAfter(Managed{}, change).LastApplied); diff != "" {
		t.Errorf("ConnectWise's figures, not ours, are the last applied: %s", diff)
	}
}
