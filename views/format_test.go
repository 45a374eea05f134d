package views

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
)

func TestNumber(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{
		0: "0", 7: "7", 999: "999", 1000: "1,000", 1204: "1,204", 1234567: "1,234,567", -2: "−2", -1204: "−1,204",
	} {
		assert.Equal(t, want, Number(n))
	}
	assert.Equal(t, "–", Known(0, false), "unknown is a dash, not a zero")
	assert.Equal(t, "0", Known(0, true))
}

func TestCount(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "1 tenant", Count(1, "tenant"))
	assert.Equal(t, "3 tenants", Count(3, "tenant"))
	assert.Equal(t, "0 tenants", Count(0, "tenant"))
	assert.Equal(t, "1,204 queries", Count(1204, "query"))
	assert.Equal(t, "2 days", Count(2, "day"))
	assert.Equal(t, "2 companies", CountOf(2, "company", "companies"))
}

// Dates: with the year, unless within six months of now; a weekday where one plans.
func TestDates(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "1 Nov 2026", Date(date(2026, 11, 1)))
	assert.Empty(t, Date(time.Time{}))
	assert.Equal(t, "1 Nov", NearDate(date(2026, 11, 1), now))
	assert.Equal(t, "28 Apr 2026", NearDate(date(2026, 4, 28), now), "a day more than six months ago")
	assert.Equal(t, "1 Nov 2027", NearDate(date(2027, 11, 1), now))
	assert.Equal(t, "Sun 1 Nov", PlanDate(date(2026, 11, 1), now))
	assert.Equal(t, "Mon 1 Nov 2027", PlanDate(date(2027, 11, 1), now))
}

func TestMoments(t *testing.T) {
	t.Parallel()
	kathmandu, saoPaulo := loc("Asia/Kathmandu"), loc("America/Sao_Paulo")
	night := time.Date(2026, 10, 30, 1, 0, 0, 0, chicago)
	for _, c := range []struct{ name, got, want string }{
		{"clock", Clock(now, chicago), "14:20 CDT"},
		{"seconds", ClockSeconds(now, chicago), "14:20:06 CDT"},
		{"a zone without abbreviation", Clock(now, kathmandu), "01:05 UTC+5:45"},
		{"west of it, with a true minus", Clock(now, saoPaulo), "16:20 UTC−3"},
		{"no zone is UTC", Clock(now, nil), "19:20 UTC"},
		{"after the clocks went back", Clock(time.Date(2026, 11, 2, 1, 0, 0, 0, chicago), chicago), "01:00 CST"},
		{"today", Moment(at(1, 0, 2), now, chicago), "today 01:00 CDT"},
		{"another day", Moment(at(1, 0, 2).AddDate(0, 0, -1), now, chicago), "Wed 28 Oct, 01:00 CDT"},
		{"today is the account's day", Moment(at(23, 0, 0).AddDate(0, 0, -1), now, loc("Europe/London")), "today 04:00 GMT"},
		{"last year's", Moment(at(1, 0, 0).AddDate(-1, 0, 0), now, chicago), "Wed 29 Oct 2025, 01:00 CDT"},
		{"never", Moment(time.Time{}, now, chicago), "never"},
		{"a plan", Plan(night, now, chicago), "Fri 30 Oct, 01:00 CDT"},
		{"for programs", Instant(night), "2026-10-30T06:00:00Z"},
	} {
		assert.Equal(t, c.want, c.got, c.name)
	}
}

func TestDurations(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		d    time.Duration
		want string
	}{
		{0, "0 s"}, {time.Millisecond, "< 0.1 s"},
		{900 * time.Millisecond, "0.9 s"},
		{6200 * time.Millisecond, "6.2 s"},
		{2 * time.Second, "2 s"},
		{9990 * time.Millisecond, "10 s"},
		{58 * time.Second, "58 s"},
		{59800 * time.Millisecond, "1 min"},
		{4*time.Minute + 12*time.Second, "4 min 12 s"},
		{2*time.Hour + 5*time.Minute, "2 h 5 min"},
		{3 * time.Hour, "3 h"},
		{97 * time.Hour, "4 d"},
	} {
		assert.Equal(t, c.want, Duration(c.d))
	}
	assert.Equal(t, "25 h", Hours(25*time.Hour), "a night after the clocks went back")
}

func TestAgeAndLeft(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "40 s", Age(now.Add(-40*time.Second), now))
	assert.Equal(t, "12 min", Age(now.Add(-12*time.Minute), now))
	assert.Equal(t, "13 h", Age(now.Add(-13*time.Hour-20*time.Minute), now))
	assert.Equal(t, "4 d", Age(now.Add(-100*time.Hour), now))
	assert.Equal(t, "0 s", Age(now.Add(time.Hour), now), "a clock that runs ahead")
	assert.Equal(t, "about 1 min 30 s left", Left(95*time.Second))
	assert.Equal(t, "about 30 s left", Left(4*time.Second))
	assert.Equal(t, "about 4 min left", Left(4*time.Minute+12*time.Second))
	assert.Empty(t, Left(0))
}

func TestRanges(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "1–50 of 3,214", Range(1, 50, 3214))
	assert.Equal(t, "3,201–3,214 of 3,214", Range(65, 50, 3214))
	assert.Equal(t, "1–9 of 9", Range(0, 50, 9))
	assert.Equal(t, "0 of 0", Range(1, 50, 0))
	assert.Equal(t, "21 of 34", OfTotal(21, 34))
	assert.Equal(t, "21", OfTotal(21, -1), "unknown total: count only")
	assert.Equal(t, "a, b and c", List([]string{"a", "b", "c"}, 0))
	assert.Equal(t, "a, b and 6 more", List([]string{"a", "b"}, 6))
}

func TestDateDifference(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		before, after time.Time
		want          string
	}{
		{date(2026, 11, 14), date(2027, 11, 14), "+1 year"},
		{date(2026, 11, 30), date(2029, 11, 30), "+3 years"},
		{date(2026, 11, 30), date(2026, 9, 30), "−2 months"},
		{date(2026, 11, 1), date(2026, 11, 15), "+14 days"},
		{date(2026, 11, 1), date(2026, 10, 31), "−1 day"},
		{date(2024, 2, 29), date(2025, 2, 28), "+365 days"},
		{date(2026, 11, 1), date(2026, 11, 1), ""},
		{time.Time{}, date(2026, 11, 1), ""},
	} {
		assert.Equal(t, c.want, DateDifference(c.before, c.after))
	}
}

func TestQuantitiesAndMoney(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "1,204", Quantity("1204"))
	assert.Equal(t, "1,204.5", Quantity("1204.5"))
	assert.Equal(t, "−2", Quantity("-2"))
	assert.Equal(t, "many", Quantity("many"), "what is no number stays as it is")
	assert.Equal(t, "89.00", Money("89"))
	assert.Equal(t, "0.00", Money("0"))
	assert.Equal(t, "1,089.125", Money("1089.125"))
}

func TestFields(t *testing.T) {
	t.Parallel()
	changed := Fields(
		map[string]string{"cancelledDate": "2026-11-14", "quantity": "25", "activeFlag": "true", "answer: APSS": "", "serialNumber": "007", "status": "Active"},
		map[string]string{"cancelledDate": "2027-11-14", "quantity": "1204", "activeFlag": "false", "answer: APSS": "2029-11-30", "serialNumber": "007", "status": ""},
		false)
	want := []FieldChange{
		{Label: "Quantity", Before: "25", After: "1,204", Diff: "+1,179", Whole: true},
		{Label: "Cancelled", Before: "14 Nov 2026", After: "14 Nov 2027", Diff: "+1 year", Whole: true},
		{Label: "Status", Before: "Active", After: ""},
		{Label: "Active flag", Before: "yes", After: "no"},
		{Label: "Answer: APSS", Before: "", After: "30 Nov 2029", Whole: true},
	}
	if diff := cmp.Diff(want, changed); diff != "" {
		t.Errorf("fields of an update (-want +got):\n%s", diff)
	}
	created := Fields(nil, map[string]string{"price": "0", "identifier": "SONICWALL_NSV_270", "quantity": "1"}, true)
	want = []FieldChange{
		{Label: "Quantity", After: "1", Created: true, Whole: true},
		{Label: "Price", After: "0.00", Created: true, Whole: true},
		{Label: "Identifier", After: "SONICWALL_NSV_270", Created: true, Mono: true},
	}
	if diff := cmp.Diff(want, created); diff != "" {
		t.Errorf("fields of a create (-want +got):\n%s", diff)
	}
	fewer := Field("quantity", "40", "38", false)
	assert.Equal(t, "−2", fewer.Diff)
	assert.Equal(t, "someField", FieldLabel("someField"), "a field without a name of ours keeps its own")
}

// A rule's sentence is kept as the command line writes it; a page writes its dates as everywhere.
func TestWorded(t *testing.T) {
	t.Parallel()
	for sentence, want := range map[string]string{
		"It expired on 2025-05-22, before 2025-07-01.": "It expired on 22 May 2025, before 1 Jul 2025.",
		"until 2027-03-04":     "until 4 Mar 2027",
		"no date 2025-13-40":   "no date 2025-13-40",
		"2026-11-25T08:15:05Z": "2026-11-25T08:15:05Z",
		"serial 12025-05-221":  "serial 12025-05-221",
		"":                     "",
	} {
		assert.Equal(t, want, Worded(sentence))
	}
}

// What a vendor answered stands apart from the sentence, however the two were joined.
func TestParted(t *testing.T) {
	t.Parallel()
	const answer = "GET company/companies company:acme error:401 Auth Error. Incorrect public/private key"
	for reason, want := range map[string][2]string{
		"ConnectWise refused the API keys. " + answer:        {"ConnectWise refused the API keys.", answer},
		"ConnectWise refused the API keys. (" + answer + ")": {"ConnectWise refused the API keys.", answer},
		"The agreement bills quarterly.":                     {"The agreement bills quarterly.", ""},
		"TARGET group is gone.":                              {"TARGET group is gone.", ""},
		answer:                                               {answer, ""},
		"":                                                   {"", ""},
	} {
		sentence, said := Parted(reason)
		assert.Equal(t, want, [2]string{sentence, said}, reason)
	}
}

func TestFieldNounsReadInAQuestion(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]string{
		"quantity": "quantity", "effectiveDate": "effective date", "cancelledDate": "cancelled date", "billCustomer": "bill customer setting",
		"answer: 24x7 Support": "answer to “24x7 Support”", "somethingNew": "somethingNew",
	} {
		assert.Equal(t, want, FieldNoun(field))
	}
	assert.Equal(t, "Do not bill", FieldText("billCustomer", "DoNotBill"))
}
