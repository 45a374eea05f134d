package mysonicwall_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"causeway/internal/mysonicwall"
)

func TestParseDate(t *testing.T) {
	t.Parallel()
	feb11 := mysonicwall.Date{Year: 2025, Month: time.February, Day: 11}
	for raw, want := range map[string]mysonicwall.Date{
		"":                          {},
		"  ":                        {},
		"2025-02-11":                feb11,
		" 2025-02-11 ":              feb11,
		"11-Feb-25":                 feb11,
		"11-FEB-25":                 feb11,
		"11-Feb-2025":               feb11,
		"02/11/2025":                feb11,
		"2/11/2025":                 feb11,
		"2025-02-11T23:59:59.999Z":  feb11,
		"2025-02-11T23:30:00-08:00": feb11, // the day as written: nothing is shifted
		"2025-02-11 00:00:00":       feb11,
		"1739232000":                feb11, // epoch seconds
		"1739318399000":             feb11, // epoch milliseconds
		"29-Feb-28":                 {Year: 2028, Month: time.February, Day: 29},
		"31-Dec-99":                 {Year: 2099, Month: time.December, Day: 31}, // not 1999
	} {
		got, err := mysonicwall.ParseDate(raw)
		require.NoError(t, err, raw)
		require.Equal(t, want, got, raw)
	}
	for _, raw := range []string{
		"soon", "2025-02-30", "13/13/2025", "11.02.2025", "20250211", "0", "-1", "0000-00-00", "9999-12-31", "1970-01-01",
		"N/A", "2025-2", "11-Feb", "29-Feb-27", "99999999999999999999",
	} {
		got, err := mysonicwall.ParseDate(raw)
		require.ErrorContains(t, err, `"`+raw+`"`)
		require.True(t, got.IsZero(), raw)
	}
}

func TestDatesComeBackAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		day := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 36524).Draw(t, "days"))
		layout := rapid.SampledFrom([]string{time.DateOnly, "02-Jan-06", "02-Jan-2006", "01/02/2006", time.RFC3339}).Draw(t, "layout")
		got, err := mysonicwall.ParseDate(day.Format(layout))
		if err != nil || got.String() != day.Format(time.DateOnly) {
			t.Fatalf("%s read as %s, %v", day.Format(layout), got, err)
		}
	})
}

func TestPlainText(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		`NS<span style="vertical-align: sub;font-style: italic">a</span> 2700`: "NSa 2700",
		"  TZ   470\t\n":              "TZ 470",
		"TZ&nbsp;470":                 "TZ 470",
		"TZ\u00a0470":                 "TZ 470",
		"<b>TZ370</b> ":               "TZ370",
		"line one<br/>line two":       "line one line two",
		"R&amp;D lab":                 "R&D lab",
		"&lt;b&gt;TZ80&lt;/b&gt;":     "TZ80",
		"Users < 50 & more":           "Users < 50 & more",
		"for <b":                      "for <b",
		"Müller & Søn":                "Müller & Søn",
		"東雲商事 مؤسسة 🌻":                "東雲商事 مؤسسة 🌻",
		"zero\u200bwidth\ufeff\u0007": "zerowidth",
		"<script>alert(1)</script>x":  "alert(1)x",
		"<!-- no -->TZ80":             "TZ80",
		"":                            "",
		"<b></b>":                     "",
	} {
		require.Equal(t, want, mysonicwall.PlainText(raw), "%q", raw)
	}
}

func TestPlainTextIsSettled(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.StringMatching(`[A-Za-z <>&;/"=é\x{200b}\x{a0}]{0,40}`).Draw(t, "raw")
		once := mysonicwall.PlainText(raw)
		if strings.Join(strings.Fields(once), " ") != once {
			t.Fatalf("%q left white space: %q", raw, once)
		}
	})
}

func TestParseFlagAndQuantity(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]mysonicwall.Flag{
		"YES": mysonicwall.Yes, "yes": mysonicwall.Yes, " Yes ": mysonicwall.Yes, "true": mysonicwall.Yes, "1": mysonicwall.Yes, "Y": mysonicwall.Yes,
		"NO": mysonicwall.No, "No": mysonicwall.No, "false": mysonicwall.No, "0": mysonicwall.No, "": mysonicwall.Unknown,
	} {
		got, err := mysonicwall.ParseFlag(raw)
		require.NoError(t, err)
		require.Equal(t, want, got, raw)
	}
	_, err := mysonicwall.ParseFlag("maybe")
	require.ErrorContains(t, err, `"maybe"`)

	for raw, want := range map[string]string{"25": "25", " 25 ": "25", "2.50": "2.5", "0": "0", "007": "7"} {
		got, err := mysonicwall.ParseQuantity(raw)
		require.NoError(t, err)
		require.True(t, got.Valid)
		require.Equal(t, want, got.Decimal.String())
	}
	for _, raw := range []string{"", " ", "-1"} {
		got, err := mysonicwall.ParseQuantity(raw)
		require.NoError(t, err)
		require.False(t, got.Valid, "%q is no quantity, which is not zero", raw)
	}
	for _, raw := range []string{"1,000", "-2", "1e400", "ten", "0x10", "9999999999999"} {
		_, err := mysonicwall.ParseQuantity(raw)
		require.ErrorContains(t, err, raw)
	}
}

func TestQuoteKeepsALogLineWhole(t *testing.T) {
	t.Parallel()
	require.Equal(t, `"a\nb"`, mysonicwall.Quote("a\nb"))
	require.Less(t, len(mysonicwall.Quote(strings.Repeat("é", 500))), 100)
}

func TestSecretsStaySecret(t *testing.T) {
	t.Parallel()
	const canary = "canary-key-7f3a"
	config := mysonicwall.Config{APIKey: canary}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "key", config.APIKey, "config", config)
	text, err := json.Marshal(map[string]any{"key": config.APIKey})
	require.NoError(t, err)
	for _, shown := range []string{
		config.String(), fmt.Sprintf("%v %+v %#v %v", config, config, config, &config), fmt.Sprintf("%s %q %x %v %#v", config.APIKey, config.APIKey, config.APIKey, config.APIKey, config.APIKey),
		log.String(), string(text),
	} {
		require.NotContains(t, shown, canary)
		require.NotContains(t, shown, fmt.Sprintf("%x", canary))
	}
}
