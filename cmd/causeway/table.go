package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
)

// table is human output: aligned columns, or single lines.
type table struct {
	w *tabwriter.Writer
}

func newTable(w io.Writer) *table { return &table{tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)} }

// widest is a column in characters; only the last one may be longer. Whole texts are in the JSON.
const widest = 40

// row writes one line of cells.
func (t *table) row(cells ...any) {
	texts := make([]string, len(cells))
	for i, c := range cells {
		texts[i] = cell(c)
		if runes := []rune(texts[i]); i < len(cells)-1 && len(runes) > widest {
			texts[i] = string(runes[:widest-1]) + "…"
		}
	}
	_, _ = fmt.Fprintln(t.w, strings.TrimRight(strings.Join(texts, "\t"), "\t "))
}

// linef ends the columns so far and writes a text of its own.
func (t *table) linef(format string, args ...any) {
	_ = t.w.Flush()
	_, _ = fmt.Fprintf(t.w, format+"\n", args...)
	_ = t.w.Flush()
}

func (t *table) flush() error {
	if err := t.w.Flush(); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return nil
}

// cell is a value on one line of a terminal: what comes from outside may hold control characters, which a terminal would obey.
func cell(v any) string {
	var text string
	switch v := v.(type) {
	case *time.Time:
		if v != nil {
			text = v.UTC().Format(time.RFC3339)
		}
	case *int:
		if v != nil {
			text = strconv.Itoa(*v)
		}
	case bool:
		if text = "no"; v {
			text = "yes"
		}
	default:
		text = fmt.Sprint(v)
	}
	if text == "" {
		return "–"
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return ' '
		}
		return r
	}, text)
}
