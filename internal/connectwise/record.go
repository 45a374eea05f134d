package connectwise

import (
	"strconv"
	"time"
)

// Ref points to another record, as an answer shows it. Which of name and identifier is filled depends on the kind of
// record; an id of 0 means that the reference is not set.
type Ref struct {
	ID         int    `json:"id"`
	Name       string `json:"name"`
	Identifier string `json:"identifier"`
}

// IsZero reports whether the reference is not set.
func (r Ref) IsZero() bool { return r.ID == 0 }

// RefID points to another record in a request, by its id, which is the only way that is safe for every kind of record.
// 0 means that the reference is left out.
type RefID int

// MarshalJSON writes {"id":5}.
func (r RefID) MarshalJSON() ([]byte, error) {
	return []byte(`{"id":` + strconv.Itoa(int(r)) + `}`), nil
}

// RecordInfo is what ConnectWise notes about every record. Servers leave it out when an answer is limited to fields and
// "_info" is not among them.
type RecordInfo struct {
	LastUpdated time.Time `json:"lastUpdated"` // whole seconds; zero when unknown
	UpdatedBy   string    `json:"updatedBy"`
	DateEntered time.Time `json:"dateEntered"`
	EnteredBy   string    `json:"enteredBy"`
}
