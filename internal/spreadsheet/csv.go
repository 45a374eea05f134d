// Package spreadsheet writes CSV for people who open it in a spreadsheet: every cell is quoted, and one that a spreadsheet would take
// for a formula is made text, because names come from outside (CSV injection).
package spreadsheet

import (
	"bufio"
	"io"
	"strings"
)

// Writer writes lines of CSV as RFC 4180 has them, with CR LF. It keeps the first error for Flush.
type Writer struct{ out *bufio.Writer }

// NewWriter writes to out, through a buffer.
func NewWriter(out io.Writer) *Writer { return &Writer{bufio.NewWriter(out)} }

// Write quotes every cell, which encoding/csv does only where it must: a quoted cell keeps its leading zeros in more spreadsheets.
func (w *Writer) Write(cells ...string) {
	for i, cell := range cells {
		if i > 0 {
			_ = w.out.WriteByte(',')
		}
		_, _ = w.out.WriteString(`"` + strings.ReplaceAll(Guard(cell), `"`, `""`) + `"`)
	}
	_, _ = w.out.WriteString("\r\n")
}

// Flush writes what is left and gives the first error there was.
func (w *Writer) Flush() error { return w.out.Flush() }

// formulaStarts are the characters that make a spreadsheet read a cell as a formula, or pass leading blanks to one.
const formulaStarts = "=+-@\t\r"

// Guard puts an apostrophe before a cell that begins like a formula. It doubles a leading apostrophe that stands before such a
// character, so that Unguard takes away only ours.
func Guard(cell string) string {
	if startsFormula(strings.TrimLeft(cell, "'")) {
		return "'" + cell
	}
	return cell
}

// Unguard is the opposite of Guard.
func Unguard(cell string) string {
	rest, guarded := strings.CutPrefix(cell, "'")
	if guarded && startsFormula(strings.TrimLeft(rest, "'")) {
		return rest
	}
	return cell
}

func startsFormula(cell string) bool {
	return cell != "" && strings.ContainsRune(formulaStarts, rune(cell[0]))
}
