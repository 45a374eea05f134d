package connectwise_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"causeway/internal/connectwise"
)

func TestDate(t *testing.T) {
	t.Parallel()
	april := connectwise.NewDate(2026, 4, 7)
	for text, want := range map[string]connectwise.Date{
		"2026-04-07": april, "2026-04-07T00:00:00Z": april, " 2026-04-07T23:59:59.123Z ": april,
		// A calendar date is no instant: an offset does not move it.
		"2026-04-07T22:00:00-05:00": april, "2026-04-07 00:00:00": april,
		"": {}, "  ": {}, "0001-01-01T00:00:00": {}, "2024-02-29": connectwise.NewDate(2024, 2, 29),
	} {
		got, err := connectwise.ParseDate(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
	for _, text := range []string{"2026", "2026-13-01", "2026-02-30", "04/07/2026", "2026-04-07x", "tomorrow"} {
		_, err := connectwise.ParseDate(text)
		require.Error(t, err, text)
	}
	assert.Equal(t, "2026-04-07", april.String())
	assert.Equal(t, connectwise.NewDate(2026, 5, 1), connectwise.NewDate(2026, 4, 31))
	assert.Equal(t, connectwise.NewDate(2026, 3, 31), connectwise.NewDate(2026, 4, 1).AddDays(-1))
	assert.True(t, april.After(connectwise.NewDate(2025, 12, 31)))
	assert.True(t, connectwise.Date{}.Before(april))
	assert.Zero(t, april.Compare(connectwise.NewDate(2026, 4, 7)))
	y, m, d := april.Date()
	assert.Equal(t, []int{2026, 4, 7}, []int{y, int(m), d})
	sydney, err := time.LoadLocation("Australia/Sydney")
	require.NoError(t, err)
	assert.Equal(t, "2026-04-07T00:00:00+10:00", april.Time(sydney).Format(time.RFC3339))
	assert.Equal(t, april, connectwise.DateOf(time.Date(2026, 4, 7, 23, 0, 0, 0, sydney)))
}

func TestDateSurvivesTheWire(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := connectwise.NewDate(rapid.IntRange(2, 9999).Draw(t, "y"), time.Month(rapid.IntRange(1, 12).Draw(t, "m")), rapid.IntRange(1, 28).Draw(t, "d"))
		text, err := json.Marshal(d)
		require.NoError(t, err)
		var back connectwise.Date
		require.NoError(t, json.Unmarshal(text, &back))
		if d != back || string(text) != `"`+d.String()+`T00:00:00Z"` {
			t.Fatalf("%v became %s and %v", d, text, back)
		}
	})
}

// decoded reads one addition through the client.
func decoded(t *testing.T, body string) (connectwise.Addition, error) {
	t.Helper()
	_, cw := serve(t, answering(200, asJSON, body), misbehaving)
	return cw.Additions.Get(t.Context(), 7, 3)
}

func TestLenientDecoding(t *testing.T) {
	t.Parallel()
	want := connectwise.Addition{
		ID: 3, AgreementID: 7, Product: connectwise.Ref{ID: 12, Identifier: "SONICWALL_TZ"}, BillCustomer: connectwise.Billable,
		Quantity: decimal.RequireFromString("2.00"), UnitPrice: new(decimal.RequireFromString("0.10")), TaxableFlag: true,
		EffectiveDate: connectwise.NewDate(2026, 4, 7), SerialNumber: "0017C5000000", BilledQuantity: new(decimal.Zero),
		Info: connectwise.RecordInfo{LastUpdated: time.Date(2026, 4, 7, 5, 0, 9, 0, time.UTC), UpdatedBy: "integrator"},
	}
	for name, body := range map[string]string{
		"as published": `{"id":3,"agreementId":7,"product":{"id":12,"identifier":"SONICWALL_TZ","_info":{"x_href":"https://x"}},"billCustomer":"Billable",
			"quantity":2.00,"unitPrice":0.10,"taxableFlag":true,"effectiveDate":"2026-04-07T00:00:00Z","serialNumber":"0017C5000000","billedQuantity":0.00,
			"_info":{"lastUpdated":"2026-04-07T05:00:09Z","updatedBy":"integrator"}}`,
		"numbers and booleans as text": `{"id":"3","agreementId":"7.00","product":{"id":"12","identifier":"SONICWALL_TZ"},"billCustomer":"Billable",
			"quantity":"2.00","unitPrice":" 0.10 ","taxableFlag":"True","effectiveDate":"2026-04-07","serialNumber":"0017C5000000","billedQuantity":"0",
			"_info":{"lastUpdated":"2026-04-07T05:00:09Z","updatedBy":"integrator"}}`,
		"nulls, empty text, unknown and repeated members, other case": `{"ID":3,"agreementId":9,"agreementId":7,"product":{"id":12,"name":null,"identifier":"SONICWALL_TZ"},"billCustomer":"Billable",
			"quantity":2,"lessIncluded":"","unitCost":null,"unitPrice":0.1,"taxableFlag":1,"effectiveDate":"2026-04-07T22:00:00-05:00","cancelledDate":"","description":null,
			"sequenceNumber":null,"SerialNumber":"0017C5000000","billedQuantity":0e0,"new2027":{"deep":[1,{"x":[]}]},"customFields":[{"value":7}],
			"_info":{"lastUpdated":"2026-04-07T05:00:09Z","updatedBy":"integrator","dateEntered":"soon"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := decoded(t, body)
			require.NoError(t, err)
			if diff := cmp.Diff(want, got, cmp.Comparer(decimal.Decimal.Equal), cmp.Comparer(func(a, b connectwise.Date) bool { return a == b })); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("nothing but an id", func(t *testing.T) {
		t.Parallel()
		got, err := decoded(t, `{"id":3,"product":"","_info":"","unitPrice":"","serialNumber":17500}`)
		require.NoError(t, err)
		assert.Equal(t, connectwise.Addition{ID: 3, SerialNumber: "17500"}, got)
	})
}

func TestDecodingKeepsDecimalsExact(t *testing.T) {
	t.Parallel()
	got, err := decoded(t, `{"id":3,"quantity":0.1,"unitPrice":9007199254740993.01,"unitCost":-12.345678901234567890}`)
	require.NoError(t, err)
	assert.Equal(t, "0.1", got.Quantity.String())
	assert.Equal(t, "9007199254740993.01", got.UnitPrice.String())
	assert.Equal(t, "-12.34567890123456789", got.UnitCost.String())
}

func TestDecodingRefusesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"a quantity that is no number": `{"id":3,"quantity":"many"}`, "a quantity that is a list": `{"id":3,"quantity":[1]}`,
		"an id with a fraction": `{"id":3.5}`, "a flag that is a word": `{"id":3,"taxableFlag":"maybe"}`,
		"a date that is none": `{"id":3,"cancelledDate":"31/12/2026"}`, "text that is an object": `{"id":3,"serialNumber":{"x":1}}`,
		"a reference that is text": `{"id":3,"product":"SONICWALL"}`, "a number that explodes": `{"id":3,"quantity":1e99999999}`,
		"a number as long as a page": `{"id":3,"quantity":0.1111111111111111111111111111111111111111111111111111}`,
	} {
		_, err := decoded(t, body)
		assert.True(t, connectwise.IsProtocol(err), "%s: %v", name, err)
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	date := connectwise.NewDate(2027, 5, 4)
	for raw, tc := range map[string]struct {
		text string
		date connectwise.Date
	}{
		`"2027-05-04T00:00:00Z"`: {"2027-05-04T00:00:00Z", date}, `"2027-05-04"`: {"2027-05-04", date},
		`null`: {}, `""`: {}, `"yes\u200e "`: {text: "yes"}, `true`: {text: "true"}, `12.50`: {text: "12.50"},
	} {
		var a connectwise.Answer
		require.NoError(t, json.Unmarshal([]byte(raw), &a), raw)
		assert.Equal(t, tc.text, a.Text(), raw)
		assert.Equal(t, tc.text == "", a.IsBlank(), raw)
		got, ok := a.Date()
		assert.Equal(t, tc.date, got, raw)
		assert.Equal(t, !tc.date.IsZero(), ok, raw)
	}
	got, ok := connectwise.DateAnswer(date).Date()
	assert.True(t, ok)
	assert.Equal(t, date, got)
	assert.True(t, connectwise.DateAnswer(connectwise.Date{}).IsBlank())
	assert.True(t, connectwise.NoAnswer().IsBlank())
	assert.False(t, connectwise.NoAnswer().IsZero(), "it is sent")
	assert.Equal(t, `a "b" \ c`, connectwise.TextAnswer(`a "b" \ c`).Text())
	assert.True(t, connectwise.Answer{}.IsZero())
}

func TestPatch(t *testing.T) {
	t.Parallel()
	patch := new(connectwise.Patch).
		Replace("quantity", decimal.RequireFromString("2.50")).
		Replace("cancelledDate", connectwise.NewDate(2026, 4, 7)).
		Replace("activeFlag", false).
		Replace("endDate", connectwise.Date{}).
		ReplaceRef("status", 17).
		Replace("questions", []connectwise.ConfigurationQuestion{
			{AnswerID: 901, QuestionID: 77, Question: "Expiration", Answer: connectwise.DateAnswer(connectwise.NewDate(2027, 5, 4)), SequenceNumber: new(decimal.RequireFromString("1.00"))},
			{QuestionID: 78, Answer: connectwise.NoAnswer()}, {QuestionID: 79},
		}).
		Remove("notes")
	assert.Equal(t, 7, patch.Len())
	assert.Equal(t, []string{"quantity", "cancelledDate", "activeFlag", "endDate", "status", "questions", "notes"}, patch.Fields())

	got := make(chan json.RawMessage, 1)
	s, cw := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var body json.RawMessage
		assert.NoError(t, json.NewDecoder(r.Body).Decode(&body))
		got <- body
		writeJSON(w, 200, map[string]any{"id": 4, "name": "fw-01"})
	})
	updated, err := cw.Configurations.Update(t.Context(), 4, patch)
	require.NoError(t, err)
	assert.Equal(t, "fw-01", updated.Name)
	body := <-got
	assert.JSONEq(t, `[
		{"op":"replace","path":"quantity","value":2.5},
		{"op":"replace","path":"cancelledDate","value":"2026-04-07T00:00:00Z"},
		{"op":"replace","path":"activeFlag","value":false},
		{"op":"replace","path":"endDate","value":null},
		{"op":"replace","path":"status","value":{"id":17}},
		{"op":"replace","path":"questions","value":[
			{"answerId":901,"questionId":77,"question":"Expiration","answer":"2027-05-04T00:00:00Z","sequenceNumber":1},
			{"questionId":78,"answer":null},{"questionId":79}]},
		{"op":"remove","path":"notes"}]`, string(body))
	assert.Equal(t, "application/json", s.seen()[0].Header.Get("Content-Type"))
	marshalled, err := json.Marshal(patch)
	require.NoError(t, err)
	assert.JSONEq(t, string(body), string(marshalled))
}
