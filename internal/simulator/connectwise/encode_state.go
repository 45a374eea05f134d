package connectwise

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// The state file and its journal hold one transaction a line: {"changes":[{"kind","id","created","updated","enteredBy",
// "updatedBy","fields":{…}} or {"kind","id","deleted":true}, …]}. Amounts are hundredths, times Unix seconds, references ids.

func appendChanges(b []byte, changes []change) ([]byte, error) {
	b = append(b, `{"changes":[`...)
	for i, c := range changes {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = appendChange(b, c); err != nil {
			return nil, err
		}
	}
	return append(b, "]}\n"...), nil
}

func appendChange(b []byte, c change) ([]byte, error) {
	b = append(b, `{"kind":`...)
	b = appendText(b, c.kind.name)
	b = append(b, `,"id":`...)
	b = strconv.AppendInt(b, int64(c.id), 10)
	if c.record == nil {
		return append(b, `,"deleted":true}`...), nil
	}
	r := c.record
	b = append(b, `,"created":`...)
	b = strconv.AppendInt(b, r.created, 10)
	b = append(b, `,"updated":`...)
	b = strconv.AppendInt(b, r.updated, 10)
	b = append(b, `,"enteredBy":`...)
	b = appendText(b, r.enteredBy)
	b = append(b, `,"updatedBy":`...)
	b = appendText(b, r.updatedBy)
	b = append(b, `,"fields":{`...)
	for i, cell := range r.cells {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(b, r.kind.fields[cell.at].name)
		b = append(b, ':')
		var err error
		if b, err = appendStored(b, cell.value); err != nil {
			return nil, fmt.Errorf("%s %d %s: %w", r.kind.name, r.id, r.kind.fields[cell.at].name, err)
		}
	}
	return append(b, "}}"...), nil
}

func appendStored(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case string:
		return appendText(b, v), nil
	case bool:
		return strconv.AppendBool(b, v), nil
	case int32:
		return strconv.AppendInt(b, int64(v), 10), nil
	case ref:
		return strconv.AppendInt(b, int64(v), 10), nil
	case amount:
		return strconv.AppendInt(b, int64(v), 10), nil
	case instant:
		return strconv.AppendInt(b, int64(v), 10), nil
	case []answer:
		stored := make([]storedAnswer, len(v))
		for i, a := range v {
			stored[i] = a.stored()
		}
		return appendJSON(b, stored)
	default:
		return appendJSON(b, v)
	}
}

func appendJSON(b []byte, v any) ([]byte, error) {
	text, err := json.Marshal(v)
	return append(b, text...), err
}

// storedAnswer keeps an answer's type apart: exactly one of the last three is set.
type storedAnswer struct {
	Question int32    `json:"q"`
	Text     *string  `json:"t,omitempty"`
	Time     *instant `json:"d,omitempty"`
	Flag     *bool    `json:"f,omitempty"`
}

func (a answer) stored() storedAnswer {
	s := storedAnswer{Question: a.question}
	switch v := a.value.(type) {
	case string:
		s.Text = &v
	case instant:
		s.Time = &v
	case bool:
		s.Flag = &v
	}
	return s
}

func (s storedAnswer) answer() answer {
	a := answer{question: s.Question}
	switch {
	case s.Text != nil:
		a.value = *s.Text
	case s.Time != nil:
		a.value = *s.Time
	case s.Flag != nil:
		a.value = *s.Flag
	}
	return a
}

type storedChange struct {
	Kind      string                     `json:"kind"`
	ID        int32                      `json:"id"`
	Deleted   bool                       `json:"deleted"`
	Created   int64                      `json:"created"`
	Updated   int64                      `json:"updated"`
	EnteredBy string                     `json:"enteredBy"`
	UpdatedBy string                     `json:"updatedBy"`
	Fields    map[string]json.RawMessage `json:"fields"`
}

// replay applies one change read from a file; names interns the few distinct people.
func (s *store) replay(c storedChange, names map[string]string) error {
	k, ok := kinds[c.Kind]
	if !ok {
		return fmt.Errorf("unknown kind %q", c.Kind)
	}
	if c.Deleted {
		s.tables[k.number].remove(c.ID)
		return nil
	}
	r := &record{
		kind: k, id: c.ID, created: c.Created, updated: c.Updated,
		enteredBy: intern(names, c.EnteredBy), updatedBy: intern(names, c.UpdatedBy),
		cells: make([]cell, 0, len(c.Fields)),
	}
	for name, raw := range c.Fields {
		f, ok := k.field(name)
		if !ok {
			return fmt.Errorf("%s has no field %q", c.Kind, name)
		}
		v, err := readStored(f.typ, raw)
		if err != nil {
			return fmt.Errorf("%s %d %s: %w", c.Kind, c.ID, name, err)
		}
		r.put(f, v)
	}
	s.tables[k.number].put(r)
	return nil
}

func intern(names map[string]string, s string) string {
	if known, ok := names[s]; ok {
		return known
	}
	names[s] = s
	return s
}

func readStored(t fieldType, raw json.RawMessage) (any, error) {
	switch t {
	case textField, enumField:
		return stored[string](raw)
	case intField:
		return stored[int32](raw)
	case numField:
		return stored[amount](raw)
	case boolField:
		return stored[bool](raw)
	case timeField, dateField:
		return stored[instant](raw)
	case refField:
		return stored[ref](raw)
	case refsField:
		return stored[[]ref](raw)
	case intsField:
		return stored[[]int32](raw)
	case textsField:
		return stored[[]string](raw)
	case customField:
		return stored[[]any](raw)
	case answersField:
		var list []storedAnswer
		if err := json.Unmarshal(raw, &list); err != nil {
			return nil, err
		}
		var answers []answer
		for _, s := range list {
			answers = append(answers, s.answer())
		}
		return answers, nil
	default:
		return nil, fmt.Errorf("unknown field type %d", t)
	}
}

func stored[T any](raw json.RawMessage) (any, error) {
	var v T
	err := json.Unmarshal(raw, &v)
	return v, err
}
