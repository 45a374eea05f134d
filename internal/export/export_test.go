package export_test

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"causeway/internal/bridge"
	"causeway/internal/export"
)

func rows[T any](all ...T) export.Rows[T] {
	return func(each func(T) error) error {
		for _, row := range all {
			if err := each(row); err != nil {
				return err
			}
		}
		return nil
	}
}

var lines = []bridge.LogLine{
	{RunID: 7, Time: time.Date(2026, 11, 24, 7, 0, 2, 0, time.UTC), Level: bridge.LogInfo, Text: "collected 3 tenants"},
	{
		RunID: 7, TenantID: "23", Tenant: "=cmd|' /C calc'!A0", Level: bridge.LogError, Time: time.Date(2026, 11, 24, 7, 0, 3, 0, time.UTC),
		Text: "GET company/companies company:sonicwall_f error:401 Auth Error.\n2026-11-24T07:00:04Z info forged",
	},
}

// R43, R44: the log names what was attempted, on whose behalf and what was said, one line each.
func TestLogsAsText(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, export.Logs(&out, export.Text, rows(lines...)))
	require.Equal(t, "2026-11-24T07:00:02Z info  run 7 collected 3 tenants\n"+
		"2026-11-24T07:00:03Z error run 7 =cmd|' /C calc'!A0 (23): GET company/companies company:sonicwall_f error:401 Auth Error."+
		" ⏎ 2026-11-24T07:00:04Z info forged\n", out.String())
}

func TestLogsAsCSVHoldNoFormula(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, export.Logs(&out, export.CSV, rows(lines...)))
	read, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
	require.NoError(t, err)
	require.Len(t, read, 3)
	require.Equal(t, []string{"time", "run", "level", "tenant", "tenant_name", "text"}, read[0])
	require.Equal(t, "'=cmd|' /C calc'!A0", read[2][4])
}

func TestChangesInEveryFormat(t *testing.T) {
	t.Parallel()
	change := bridge.Change{
		ID: 3, RunID: 7, TenantID: "23", Kind: bridge.KindAddition, Action: bridge.ActionUpdate, Key: "312/TZ370/0040", Subject: "TZ370",
		Before: bridge.Fields{"quantity": "25"}, After: bridge.Fields{"quantity": "28"}, Status: bridge.StatusFailed, Message: "ConnectWise refused it.",
	}
	var text, table, list strings.Builder
	require.NoError(t, export.Changes(&text, export.Text, rows(change)))
	require.Equal(t, "run 7 tenant 23 failed update addition 312/TZ370/0040 [quantity: \"25\" -> \"28\"] ConnectWise refused it.\n", text.String())

	require.NoError(t, export.Changes(&table, export.CSV, rows(change)))
	read, err := csv.NewReader(strings.NewReader(table.String())).ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"3", "7", "23", "addition", "update"}, read[1][:5])

	require.NoError(t, export.Changes(&list, export.JSON, rows(change, change)))
	var answers []map[string]any
	require.NoError(t, json.Unmarshal([]byte(list.String()), &answers))
	require.Len(t, answers, 2)
	require.Equal(t, "28", answers[0]["after"].(map[string]any)["quantity"])
	require.EqualValues(t, 7, answers[1]["run"])
}

func TestNothingIsAnEmptyList(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, export.Changes(&out, export.JSON, rows[bridge.Change]()))
	require.JSONEq(t, "[]", out.String())
}

func TestAnErrorEndsTheFile(t *testing.T) {
	t.Parallel()
	gone := errors.New("the database went away")
	for _, format := range []export.Format{export.CSV, export.JSON, export.Text} {
		var out strings.Builder
		err := export.Logs(&out, format, func(func(bridge.LogLine) error) error { return gone })
		require.ErrorIs(t, err, gone, format)
	}
}

func TestFormatsByName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]export.Format{"csv": export.CSV, "JSON": export.JSON, "text": export.Text, "txt": export.Text} {
		got, err := export.ParseFormat(name)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	_, err := export.ParseFormat("xlsx")
	require.Equal(t, bridge.CodeInvalid, bridge.CodeOf(err))
}
