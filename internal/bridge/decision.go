package bridge

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Choice is what a person decided about a row that waits for one.
type Choice string

const (
	ChoiceRelease  Choice = "release"   // write exactly what was shown
	ChoiceAdopt    Choice = "adopt"     // take the record that stands instead of making another (R33, R50)
	ChoiceDismiss  Choice = "dismiss"   // drop it until MySonicWall's facts change
	ChoiceBillFrom Choice = "bill_from" // use the date that ConnectWise would take, after it refused ours
)

// Decision is a person's answer to one row. It is bound to what was shown: where the values differ by the time of the next
// compare, a release or an adoption no longer counts and the row is held anew. It names the record by its natural key without
// agreement and tenant, so that a product that moves takes it along (R49).
type Decision struct {
	ID     int64
	Kind   Kind
	Key    string
	Serial string
	Reason Reason
	Choice Choice
	Shown  string // Change.Shown of the row decided on
	Basis  string // Change.Basis of the row decided on
	Date   Date   // of ChoiceBillFrom
	By     string
	At     time.Time
}

// ChoicesOf are the answers a person may give to a row that is held for a reason. Facts of MySonicWall that contradict each
// other can only be put aside: whichever were written might bill the wrong thing.
func ChoicesOf(reason Reason) []Choice {
	switch reason {
	case ReasonLookAlike, ReasonNotRevived:
		return []Choice{ChoiceAdopt, ChoiceRelease, ChoiceDismiss}
	case ReasonSeveralOpen:
		return []Choice{ChoiceAdopt, ChoiceDismiss}
	case ReasonTwoTenants, ReasonContradiction:
		return []Choice{ChoiceDismiss}
	}
	return []Choice{ChoiceRelease, ChoiceDismiss}
}

// Choices are the answers a person may give to the row as it stands; none where nobody is asked.
func (c Change) Choices() []Choice {
	switch {
	case c.Status == StatusHeld && c.LinkedEnd():
		return nil // decided with the line that takes its place
	case c.Status == StatusHeld:
		return slices.DeleteFunc(ChoicesOf(c.Reason), func(choice Choice) bool { return choice == ChoiceAdopt && c.RivalID == 0 })
	case c.Status == StatusFailed && c.Reason == ReasonRejected && !c.BillFrom.IsZero():
		return []Choice{ChoiceBillFrom}
	}
	return nil
}

// LinkedEnd tells the old half of a linked change (R49) from the new one, which comes first and decides for both.
func (c Change) LinkedEnd() bool {
	return c.Link != "" && (c.Action == ActionCancel || c.Action == ActionDeactivate)
}

// Shown is a digest of what a row shows to whoever decides on it: the action, the values and the record that could be adopted.
// Agreement and tenant are left out, see Decision.
func (c Change) Shown() string {
	parts := []string{string(c.Kind), c.Key, string(c.Action), string(c.Reason), strconv.Itoa(c.RivalID)}
	for _, fields := range []Fields{c.Before, c.After} {
		for _, name := range fields.Names() {
			if value := canonical(fields[name]); value != "" {
				parts = append(parts, name, value)
			}
		}
		parts = append(parts, "")
	}
	return digest(parts...)
}

// digest is short enough for a column and long enough never to meet another by chance.
func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x1f")))
	return hex.EncodeToString(sum[:12])
}
