// Package export writes changes and log lines as files for people and programs: CSV for spreadsheets, JSON in the command line's
// form, and plain text. Rows are written as they come, so a file may be larger than memory.
package export

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/internal/spreadsheet"
)

// Format of a file.
type Format string

// The formats.
const (
	CSV  Format = "csv"
	JSON Format = "json"
	Text Format = "text"
)

// ParseFormat reads a format's name; txt serves for text.
func ParseFormat(name string) (Format, error) {
	switch f := Format(strings.ToLower(name)); f {
	case CSV, JSON, Text:
		return f, nil
	case "txt":
		return Text, nil
	}
	return "", bridge.Invalid("format", fmt.Sprintf("%q is none of csv, json, text", name))
}

// ContentType is the format's type for HTTP.
func (f Format) ContentType() string {
	switch f {
	case CSV:
		return "text/csv; charset=utf-8; header=present"
	case JSON:
		return "application/json"
	case Text:
	}
	return "text/plain; charset=utf-8"
}

// Extension is the ending of a file's name, without a dot.
func (f Format) Extension() string {
	if f == Text {
		return "txt"
	}
	return string(f)
}

// Rows gives rows one after another and stops with the error that its argument returns. The store's EachChange and EachLog are of
// this form once their filter is given.
type Rows[T any] func(each func(T) error) error

// Changes writes changes in the order in which they come.
func Changes(to io.Writer, format Format, rows Rows[bridge.Change]) error {
	var err error
	switch format {
	case CSV:
		err = csvOf(to, changeColumns, changeCells, rows)
	case JSON:
		err = jsonOf(to, changeAnswer, rows)
	default:
		err = textOf(to, changeText, rows)
	}
	return attempted("changes", err)
}

// Logs writes log lines in the order in which they come.
func Logs(to io.Writer, format Format, rows Rows[bridge.LogLine]) error {
	var err error
	switch format {
	case CSV:
		err = csvOf(to, logColumns, logCells, rows)
	case JSON:
		err = jsonOf(to, logAnswer, rows)
	default:
		err = textOf(to, logText, rows)
	}
	return attempted("log lines", err)
}

func attempted(what string, err error) error {
	if err == nil || bridge.CodeOf(err) != "" {
		return err
	}
	return fmt.Errorf("export %s: %w", what, err)
}

func csvOf[T any](to io.Writer, columns []string, cells func(T) []string, rows Rows[T]) error {
	out := spreadsheet.NewWriter(to)
	out.Write(columns...)
	if err := rows(func(row T) error {
		out.Write(cells(row)...)
		return nil
	}); err != nil {
		return err
	}
	return out.Flush()
}

// jsonOf writes an array with one row a line, which stays readable in an editor and streams.
func jsonOf[T, A any](to io.Writer, answer func(T) A, rows Rows[T]) error {
	out := bufio.NewWriter(to)
	separator := "[\n"
	err := rows(func(row T) error {
		text, err := json.Marshal(answer(row))
		if err != nil {
			return err
		}
		_, _ = out.WriteString(separator)
		_, err = out.Write(text)
		separator = ",\n"
		return err
	})
	if err != nil {
		return err
	}
	if separator == "[\n" {
		_, _ = out.WriteString("[")
	}
	_, _ = out.WriteString("\n]\n")
	return out.Flush()
}

func textOf[T any](to io.Writer, line func(T) string, rows Rows[T]) error {
	out := bufio.NewWriter(to)
	if err := rows(func(row T) error {
		_, err := out.WriteString(line(row) + "\n")
		return err
	}); err != nil {
		return err
	}
	return out.Flush()
}

// oneLine keeps outside text from forging further lines.
var oneLine = strings.NewReplacer("\r\n", " ⏎ ", "\n", " ⏎ ", "\r", " ⏎ ", "\u2028", " ⏎ ", "\u2029", " ⏎ ")

var logColumns = []string{"time", "run", "level", "tenant", "tenant_name", "text"}

func logCells(l bridge.LogLine) []string {
	return []string{stamp(l.Time), number(l.RunID), string(l.Level), l.TenantID, l.Tenant, l.Text}
}

type logRow struct {
	Run int64 `json:"run"`
	admin.LogAnswer
}

func logAnswer(l bridge.LogLine) logRow { return logRow{l.RunID, admin.AnswerOfLog(l)} }

func logText(l bridge.LogLine) string {
	line := stamp(l.Time) + " " + fmt.Sprintf("%-5s", l.Level) + " run " + number(l.RunID) + " "
	if l.Tenant != "" {
		line += l.Tenant + " (" + l.TenantID + "): "
	}
	return oneLine.Replace(line + l.Text)
}

var changeColumns = []string{
	"id", "run", "tenant", "kind", "action", "key", "subject", "serial", "status", "reason", "next_invoice", "bills_zero",
	"before", "after", "error", "answer", "sent", "ended",
}

func changeCells(c bridge.Change) []string {
	answer := admin.AnswerOfChange(c)
	return []string{
		number(c.ID), number(c.RunID), c.TenantID, string(c.Kind), string(c.Action), c.Key, c.Subject, c.Serial, string(c.Status),
		string(c.Reason), c.NextInvoice.String(), strconv.FormatBool(c.BillsZero), fieldsText(c.Before), fieldsText(c.After),
		answer.Error, c.VendorAnswer, stamp(c.SendingAt), stamp(c.EndedAt),
	}
}

type changeRow struct {
	Run int64 `json:"run"`
	admin.ChangeAnswer
}

func changeAnswer(c bridge.Change) changeRow { return changeRow{c.RunID, admin.AnswerOfChange(c)} }

func changeText(c bridge.Change) string {
	line := "run " + number(c.RunID) + " "
	if c.TenantID != "" {
		line += "tenant " + c.TenantID + " "
	}
	line += fmt.Sprintf("%s %s %s %s", c.Status, c.Action, c.Kind, c.Key)
	var parts []string
	for _, name := range c.Before.With(c.After).Names() {
		if before, after := c.Before.Get(name), c.After.Get(name); before != after {
			parts = append(parts, fmt.Sprintf("%s: %q -> %q", name, before, after))
		}
	}
	if len(parts) > 0 {
		line += " [" + strings.Join(parts, ", ") + "]"
	}
	if text := admin.AnswerOfChange(c).Error; text != "" {
		line += " " + text
	}
	return oneLine.Replace(line)
}

// fieldsText is a cell of fields, one a line: name=value.
func fieldsText(f bridge.Fields) string {
	lines := make([]string, 0, len(f))
	for _, name := range f.Names() {
		lines = append(lines, name+"="+f[name])
	}
	return strings.Join(lines, "\n")
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// stamp is RFC 3339 in UTC, empty for no time.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
