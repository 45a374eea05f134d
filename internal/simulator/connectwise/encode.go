package connectwise

import (
	"encoding/json"
	"strconv"
	"strings"
)

// selection is what fields= asks for: nil is everything, an empty branch the whole member.
type selection map[string]selection

// parseFields reads "id,identifier,type/id"; names that nothing has are ignored, as the vendor does.
func parseFields(text string) selection {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	all := selection{}
	for name := range strings.SplitSeq(text, ",") {
		at := all
		for step := range strings.SplitSeq(strings.ToLower(strings.TrimSpace(name)), "/") {
			if at[step] == nil {
				at[step] = selection{}
			}
			at = at[step]
		}
	}
	return all
}

// wants reports whether a member is asked for, and what of it.
func (s selection) wants(name string) (selection, bool) {
	if len(s) == 0 {
		return nil, true
	}
	sub, ok := s[strings.ToLower(name)]
	return sub, ok
}

// encoder writes records as the API answers them. base is the address of the API, for links.
type encoder struct {
	*reader
	base string
}

// record writes one record as k shows it.
func (e *encoder) record(b []byte, k *kind, r *record, sel selection) []byte {
	b = append(b, '{')
	start := len(b)
	if _, ok := sel.wants("id"); ok {
		b = append(b, `"id":`...)
		b = strconv.AppendInt(b, int64(r.id), 10)
	}
	for i := range k.fields {
		f := &k.fields[i]
		if f.inputOnly || f.internal {
			continue
		}
		sub, ok := sel.wants(f.name)
		if !ok {
			continue
		}
		v := e.value(r, f)
		if v == nil && f.typ == answersField {
			v = []answer(nil)
		}
		if v == nil && e.set.UnsetMembers != "null" {
			continue
		}
		b = comma(b, start)
		b = appendText(b, f.name)
		b = append(b, ':')
		b = e.member(b, r, f, v, sub)
	}
	if sub, ok := sel.wants("_info"); ok {
		b = comma(b, start)
		b = e.info(b, k, r, sub)
	}
	return append(b, '}')
}

func comma(b []byte, start int) []byte {
	if len(b) > start {
		b = append(b, ',')
	}
	return b
}

func (e *encoder) member(b []byte, r *record, f *field, v any, sel selection) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case string:
		return appendText(b, v)
	case bool:
		return strconv.AppendBool(b, v)
	case int32:
		return strconv.AppendInt(b, int64(v), 10)
	case amount:
		return v.append(b)
	case instant:
		return appendText(b, v.String())
	case ref:
		return e.reference(b, f.target, f.name, int32(v), sel)
	case []ref:
		b = append(b, '[')
		for i, id := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = e.reference(b, f.target, f.target.name, int32(id), nil)
		}
		return append(b, ']')
	case []answer:
		return e.answers(b, r)
	default: // lists of texts, numbers and custom fields, which came from JSON
		text, err := json.Marshal(v)
		if err != nil {
			return append(b, "null"...)
		}
		return append(b, text...)
	}
}

// reference writes a record as others refer to it; its link is named after the member.
func (e *encoder) reference(b []byte, k *kind, name string, id int32, sel selection) []byte {
	b = append(b, '{')
	start := len(b)
	if _, ok := sel.wants("id"); ok {
		b = append(b, `"id":`...)
		b = strconv.AppendInt(b, int64(id), 10)
	}
	for _, s := range k.shows {
		if _, ok := sel.wants(s.name); !ok {
			continue
		}
		v := e.shown(k, id, s)
		if v == nil {
			continue
		}
		b = comma(b, start)
		b = appendText(b, s.name)
		b = append(b, ':')
		b = e.member(b, nil, k.shownField(s), v, nil)
	}
	if _, ok := sel.wants("_info"); ok && k.path != "" {
		b = comma(b, start)
		b = append(b, `"_info":{"`...)
		b = append(b, name...)
		b = append(b, `_href":`...)
		b = e.link(b, k.path, id)
		b = append(b, '}')
	}
	return append(b, '}')
}

func (e *encoder) link(b []byte, path string, id int32) []byte {
	b = append(b, '"')
	b = append(b, e.base...)
	b = append(b, path...)
	b = append(b, '/')
	b = strconv.AppendInt(b, int64(id), 10)
	return append(b, '"')
}

// info writes who touched the record when.
func (e *encoder) info(b []byte, k *kind, r *record, sel selection) []byte {
	b = append(b, `"_info":{`...)
	start := len(b)
	for _, m := range [...][2]string{
		{"lastUpdated", instant(r.updated / 1000).String()},
		{"updatedBy", r.updatedBy},
		{"dateEntered", instant(r.created / 1000).String()},
		{"enteredBy", r.enteredBy},
	} {
		if _, ok := sel.wants(m[0]); !ok {
			continue
		}
		b = comma(b, start)
		b = appendText(b, m[0])
		b = append(b, ':')
		b = appendText(b, m[1])
	}
	for _, l := range k.links {
		if _, ok := sel.wants(l[0]); !ok {
			continue
		}
		b = comma(b, start)
		b = appendText(b, l[0])
		b = append(b, ':')
		b = appendText(b, e.base+strings.ReplaceAll(l[1], "{}", strconv.Itoa(int(r.id))))
	}
	return append(b, '}')
}

// answers writes every active question of the configuration's type in order, answered or not.
func (e *encoder) answers(b []byte, r *record) []byte {
	b = append(b, '[')
	for i, q := range e.questionsOf(ref(r.ref("type"))) {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"answerId":`...)
		b = strconv.AppendInt(b, int64(answerID(r.id, q)), 10)
		b = append(b, `,"questionId":`...)
		b = strconv.AppendInt(b, int64(q.id), 10)
		b = append(b, `,"question":`...)
		b = appendText(b, q.text("question"))
		b = append(b, `,"sequenceNumber":`...)
		b = q.num("sequenceNumber").append(b)
		b = append(b, `,"numberOfDecimals":`...)
		b = strconv.AppendInt(b, int64(q.integer("numberOfDecimals")), 10)
		b = append(b, `,"fieldType":`...)
		b = appendText(b, q.text("fieldType"))
		b = append(b, `,"requiredFlag":`...)
		b = strconv.AppendBool(b, q.flag("requiredFlag"))
		if v := answerTo(r.answersOf(), q.id); v != nil {
			b = append(b, `,"answer":`...)
			b = e.member(b, nil, nil, v, nil)
		} else if e.set.UnsetMembers == "null" {
			b = append(b, `,"answer":null`...)
		}
		b = append(b, '}')
	}
	return append(b, ']')
}

func answerTo(answers []answer, question int32) any {
	for _, a := range answers {
		if a.question == question {
			return a.value
		}
	}
	return nil
}
