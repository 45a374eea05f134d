package bridge

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDateText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(-60000000000, 250000000000).Draw(t, "seconds"), 0).UTC()
		d := DateOf(at)
		if d.String() != at.Format("2006-01-02") {
			t.Fatalf("%s is printed %s", at, d)
		}
		back, err := ParseDate(d.String())
		if err != nil || back != d {
			t.Fatalf("%s reads back as %s: %v", d, back, err)
		}
		later := d.AddDays(rapid.IntRange(0, 5000).Draw(t, "days"))
		if got, want := d.Compare(later), d.Time().Compare(later.Time()); got > 0 || (got == 0) != (want == 0) {
			t.Fatalf("%s compared with %s: %d", d, later, got)
		}
	})
	var none Date
	if none.String() != "" || !none.Before(MustDate("0001-01-01").AddDays(1)) || !none.AddDays(3).IsZero() {
		t.Error("the zero date is no date")
	}
	text, err := json.Marshal(struct {
		D Date `json:"d"`
	}{MustDate("2026-06-15")})
	if err != nil || string(text) != `{"d":"2026-06-15"}` {
		t.Errorf("%s %v", text, err)
	}
	for _, wrong := range []string{"2026-13-01", "15.06.2026", "2026-6-1", "soon"} {
		if _, err := ParseDate(wrong); err == nil {
			t.Errorf("%q was read", wrong)
		}
	}
}

// A billing period that begins on the 31st does not skip the short months (R25).
func TestAddMonths(t *testing.T) {
	t.Parallel()
	tests := []struct {
		from string
		n    int
		want string
	}{
		{"2026-01-31", 1, "2026-02-28"}, {"2028-01-31", 1, "2028-02-29"}, {"2026-03-31", -1, "2026-02-28"}, {"2026-12-15", 1, "2027-01-15"},
		{"2026-11-30", 3, "2027-02-28"}, {"", 5, ""},
	}
	for _, test := range tests {
		if got := MustDate(test.from).AddMonths(test.n).String(); got != test.want {
			t.Errorf("%s and %d months: %s", test.from, test.n, got)
		}
	}
}
