package connectwise

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
)

// member is one name and value of a JSON object, with where it stood.
type member struct {
	name string
	raw  json.RawMessage
	path string // as parser texts name it: company.identifier
	end  int    // offset in the body after the name
}

// body is a request body, kept to tell positions.
type body []byte

// position is what the vendor's parser reports: line from 1, position in the line.
func (b body) position(offset int) (line, position int) {
	before := b[:min(offset, len(b))]
	return 1 + bytes.Count(before, []byte("\n")), len(before) - (bytes.LastIndexByte(before, '\n') + 1)
}

const checkVersion = "Check your accept header to make sure you are using the correct version."

func (b body) unknownMember(m member, typ string) *apiError {
	line, position := b.position(m.end)
	return parserError("Could not find member '%s' on object of type '%s'. Path '%s', line %d, position %d.%s",
		m.name, typ, m.path, line, position, checkVersion)
}

func (b body) unreadable(m member, what string) *apiError {
	line, position := b.position(m.end)
	return parserError("Error converting value %s to type '%s'. Path '%s', line %d, position %d.",
		shorten(string(m.raw)), what, m.path, line, position)
}

func shorten(s string) string {
	if len(s) > 80 {
		return strings.ToValidUTF8(s[:80], "") + "…"
	}
	return s
}

// object splits a JSON object into its members, in order; path and start say where it stands in the body.
func (b body) object(raw []byte, path string, start int) ([]member, *apiError) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	fail := func(err error) *apiError {
		line, position := b.position(start + int(dec.InputOffset()))
		return parserError("The body could not be read: %s. Path '%s', line %d, position %d.", err, path, line, position)
	}
	t, err := dec.Token()
	if err != nil {
		return nil, fail(readable(err))
	}
	if t != json.Delim('{') {
		return nil, fail(errors.New("an object was expected"))
	}
	var members []member
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, fail(readable(err))
		}
		m := member{end: start + int(dec.InputOffset()) + 1} // the vendor's parser has read the colon when it reports
		m.name, _ = name.(string)                            // the decoder takes nothing else in this place
		m.path = strings.TrimPrefix(path+"."+m.name, ".")
		if err := dec.Decode(&m.raw); err != nil {
			return nil, fail(readable(err))
		}
		members = append(members, m)
	}
	if _, err := dec.Token(); err != nil {
		return nil, fail(readable(err))
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, fail(errors.New("there is something after the object"))
	}
	return members, nil
}

// readable keeps Go's words for the end of the input out of the answer.
func readable(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("unexpected end of the JSON text")
	}
	return err
}

// array splits a JSON array.
func (b body) array() ([]json.RawMessage, *apiError) {
	var items []json.RawMessage
	if trimmed := bytes.TrimSpace(b); len(trimmed) == 0 || trimmed[0] != '[' {
		return nil, parserError("The body could not be read: an array was expected. Path '', line 1, position 1.")
	}
	if err := json.Unmarshal(b, &items); err != nil {
		return nil, parserError("The body could not be read: %s. Path '', line 1, position 1.", readable(err))
	}
	return items, nil
}

// value converts the JSON value of a field. Numbers and booleans may come as strings; enums ignore case; null is nil. For
// references see tx.reference, for answers tx.answersFrom.
func (b body) value(f *field, m member) (any, *apiError) {
	if string(m.raw) == "null" {
		return nil, nil
	}
	text, quoted := unquote(m.raw)
	switch f.typ {
	case textField:
		if quoted {
			return f.tidy(text), nil
		}
		if scalar(m.raw) {
			return f.tidy(string(m.raw)), nil
		}
		return nil, b.unreadable(m, "System.String")
	case enumField:
		if o, ok := f.option(text); ok {
			return o, nil
		}
		if text == "" && quoted {
			return nil, nil
		}
		return nil, b.unreadable(m, strings.ToUpper(f.name[:1])+f.name[1:])
	case intField:
		if n, err := strconv.ParseInt(text, 10, 32); err == nil {
			return int32(n), nil
		}
		return nil, b.unreadable(m, "System.Int32")
	case numField:
		if a, err := parseAmount(text); err == nil && text != "" {
			return a, nil
		}
		return nil, b.unreadable(m, "System.Double")
	case boolField:
		switch strings.ToLower(text) {
		case "true":
			return true, nil
		case "false":
			return false, nil
		}
		return nil, b.unreadable(m, "System.Boolean")
	case timeField, dateField:
		return b.timeValue(f, m, text, quoted)
	default:
		return b.listValue(f, m)
	}
}

func (b body) timeValue(f *field, m member, text string, quoted bool) (any, *apiError) {
	if quoted && text == "" {
		return nil, nil
	}
	i, err := parseTime(text)
	if err != nil || !quoted {
		return nil, b.unreadable(m, "System.DateTime")
	}
	if f.typ == dateField {
		i = i.midnight()
	}
	return i, nil
}

func (b body) listValue(f *field, m member) (any, *apiError) {
	var err error
	var list any
	switch f.typ {
	case intsField:
		var v []int32
		err = json.Unmarshal(m.raw, &v)
		list = v
	case textsField:
		var v []string
		err = json.Unmarshal(m.raw, &v)
		list = v
	default:
		var v []any
		err = json.Unmarshal(m.raw, &v)
		list = v
	}
	if err != nil {
		return nil, b.unreadable(m, "System.Collections.Generic.List")
	}
	return list, nil
}

// unquote returns the text of a JSON string, or any other scalar as it stands.
func unquote(raw json.RawMessage) (text string, quoted bool) {
	if len(raw) > 0 && raw[0] == '"' {
		if json.Unmarshal(raw, &text) == nil {
			return text, true
		}
	}
	return string(raw), false
}

func scalar(raw json.RawMessage) bool { return len(raw) > 0 && raw[0] != '{' && raw[0] != '[' }
