package spreadsheet_test

import (
	"encoding/csv"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"causeway/internal/spreadsheet"
)

func TestFormulasBecomeText(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		"=1+1": "'=1+1", "+49": "'+49", "-3": "'-3", "@SUM(A1)": "'@SUM(A1)", "\tx": "'\tx", "\rx": "'\rx", "'=1": "''=1",
		"": "", "a=b": "a=b", "'quoted": "'quoted", "0012": "0012",
	} {
		require.Equal(t, want, spreadsheet.Guard(cell), "%q", cell)
		require.Equal(t, cell, spreadsheet.Unguard(want), "%q", want)
	}
}

// R14: what was exported comes back as it was.
func TestEveryLineReadsBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cells := rapid.SliceOfN(rapid.StringMatching(`['"=+\-@,a-z0-9\n ]{0,8}`), 2, 5).Draw(t, "cells")
		var out strings.Builder
		w := spreadsheet.NewWriter(&out)
		w.Write(cells...)
		require.NoError(t, w.Flush())
		read, err := csv.NewReader(strings.NewReader(out.String())).Read()
		require.NoError(t, err)
		for i := range read {
			read[i] = spreadsheet.Unguard(read[i])
		}
		require.Equal(t, cells, read)
	})
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestFlushTellsWhatBroke(t *testing.T) {
	t.Parallel()
	w := spreadsheet.NewWriter(broken{})
	w.Write(strings.Repeat("x", 10_000))
	require.ErrorContains(t, w.Flush(), "disk is full")
}
