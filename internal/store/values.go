package store

import (
	"bytes"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"gorm.io/gorm"

	"causeway/internal/bridge"
)

// stampLayout has one width, so that SQLite's text sorts as time passes. Postgres reads it too.
const stampLayout = "2006-01-02T15:04:05.000000Z"

// stamp is a UTC time to the microsecond; the zero time is NULL.
type stamp time.Time

func (s stamp) Value() (driver.Value, error) {
	if time.Time(s).IsZero() {
		return nil, nil
	}
	return time.Time(s).UTC().Format(stampLayout), nil
}

func (s *stamp) Scan(from any) error {
	switch v := from.(type) {
	case nil:
		*s = stamp{}
	case time.Time:
		*s = stamp(v.UTC())
	case string:
		t, err := time.Parse(stampLayout, v)
		if err != nil {
			return fmt.Errorf("a stored time is unreadable: %w", err)
		}
		*s = stamp(t)
	default:
		return fmt.Errorf("a stored time is a %T", from)
	}
	return nil
}

func (stamp) GormDataType() string { return "time" }

// day is a calendar date as text; no date is the empty text.
type day bridge.Date

func (d day) Value() (driver.Value, error) { return bridge.Date(d).String(), nil }

func (d *day) Scan(from any) error {
	text, ok := from.(string)
	if !ok {
		return fmt.Errorf("a stored date is a %T", from)
	}
	date, err := bridge.ParseDate(text)
	*d = day(date)
	return err
}

func (day) GormDataType() string { return "string" }

// document is a value kept as JSON. Nothing, and an empty list or object, is NULL and comes back as the zero value.
type document[T any] struct{ V T }

func (d document[T]) Value() (driver.Value, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(d.V); err != nil {
		return nil, fmt.Errorf("a value cannot be stored: %w", err)
	}
	switch trimmed := strings.TrimSuffix(text.String(), "\n"); trimmed {
	case "null", "[]", "{}":
		return nil, nil
	default:
		return trimmed, nil
	}
}

func (d *document[T]) Scan(from any) error {
	var zero T
	d.V = zero
	var text []byte
	switch v := from.(type) {
	case nil:
		return nil
	case string:
		text = []byte(v)
	case []byte:
		text = v
	default:
		return fmt.Errorf("a stored document is a %T", from)
	}
	// Reading is what an unchanged night does with every record we manage, and this reader takes half as long.
	if err := jsonv2.Unmarshal(text, &d.V); err != nil {
		return fmt.Errorf("a stored document is unreadable: %w", err)
	}
	return nil
}

func (document[T]) GormDataType() string { return "json" }

// clean makes text from outside storable: Postgres refuses NUL and anything that is not UTF-8, such as an answer cut in the
// middle of a character.
func clean(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "")
}

// fold joins texts into one that is searched and sorted without regard to case, alike in both databases.
func fold(texts ...string) string {
	return strings.ToLower(clean(strings.Join(texts, "\n")))
}

// likePattern finds query anywhere in a folded text; the caller adds ESCAPE '\'.
func likePattern(query string) string {
	escaped := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.TrimSpace(fold(query)))
	return "%" + escaped + "%"
}

// listLength bounds IN lists, far below the number of parameters that either database takes.
const listLength = 500

// portions cuts list into parts that fit one statement.
func portions[T any](list []T) iter.Seq[[]T] { return slices.Chunk(list, listLength) }

// mapped is list with each element converted.
func mapped[A, B any](list []A, convert func(A) B) []B {
	out := make([]B, len(list))
	for i, a := range list {
		out[i] = convert(a)
	}
	return out
}

// eachOf gives the chosen rows to each in the order of their ids, holding listLength at a time. Between two reads the connection
// is free, so that each may call the store.
func eachOf[R, V any](chosen *gorm.DB, what string, convert func(R) (int64, V), each func(V) error) error {
	base := chosen.Session(&gorm.Session{})
	for last := int64(0); ; {
		var rows []R
		if err := base.Where("id > ?", last).Order("id").Limit(listLength).Find(&rows).Error; err != nil {
			return fmt.Errorf("read %s: %w", what, err)
		}
		for _, r := range rows {
			id, value := convert(r)
			if err := each(value); err != nil {
				return err
			}
			last = id
		}
		if len(rows) < listLength {
			return nil
		}
	}
}

// sortedUnique is list in order and without repeats; the list itself stays.
func sortedUnique(list []string) []string { return slices.Compact(slices.Sorted(slices.Values(list))) }

// sortedValues are a map's values in the order of its keys: rows that are always locked in one order cannot dead-lock.
func sortedValues[T any](m map[string]T) []T {
	out := make([]T, 0, len(m))
	for _, key := range slices.Sorted(maps.Keys(m)) {
		out = append(out, m[key])
	}
	return out
}
