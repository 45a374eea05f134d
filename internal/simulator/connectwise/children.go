package connectwise

import (
	"slices"
	"strings"
)

// element is one entry of an array member: its members by lower-case name.
type element map[string]any

// childFilter reads childConditions (members of arrays, as types/name="Primary") and customFieldConditions
// (caption="X" AND value="Y"). A record matches when one entry of the array satisfies the whole condition.
func (k *kind) childFilter(q query) (func(*reader, *record) bool, *apiError) {
	child, err := k.oneChildFilter(q.childConditions, "")
	if err != nil {
		return nil, err
	}
	custom, err := k.oneChildFilter(q.customFieldConditions, "customFields")
	if err != nil {
		return nil, err
	}
	switch {
	case child == nil:
		return custom, nil
	case custom == nil:
		return child, nil
	default:
		return func(q *reader, r *record) bool { return child(q, r) && custom(q, r) }, nil
	}
}

// oneChildFilter reads one condition; array is the member it is about where its names do not say so.
func (k *kind) oneChildFilter(text, array string) (func(*reader, *record) bool, *apiError) {
	n, err := parseFilter(text)
	if n == nil || err != nil {
		return nil, err
	}
	if array == "" {
		if array, err = n.array(); err != nil {
			return nil, err
		}
	}
	f, known := k.folded[strings.ToLower(array)]
	if !known || k.fields[f].plain() || k.fields[f].typ == refField {
		return nil, notRecognized(array)
	}
	if err := n.checkMembers(k.fields[f].members()); err != nil {
		return nil, err
	}
	return func(q *reader, r *record) bool {
		return slices.ContainsFunc(q.elements(r, &k.fields[f]), n.holds)
	}, nil
}

// array is the member before the slash, which has to be the same in the whole condition; it is cut off the names.
func (n *node) array() (string, *apiError) {
	if n.op != "and" && n.op != "or" {
		array, member, ok := strings.Cut(n.name, "/")
		if !ok {
			return "", notRecognized(n.name)
		}
		n.name = member
		return array, nil
	}
	var all string
	for i := range n.nodes {
		array, err := n.nodes[i].array()
		if err != nil {
			return "", err
		}
		if all != "" && !sameText(all, array) {
			return "", conditionError("A child condition can name one list only.")
		}
		all = array
	}
	return all, nil
}

// members are the names that a condition on the entries of the array may use.
func (f *field) members() []string {
	switch f.typ {
	case refsField:
		names := []string{"id"}
		for _, s := range f.target.shows {
			names = append(names, strings.ToLower(s.name))
		}
		return names
	case answersField:
		return []string{"questionid", "question", "answer"}
	case customField:
		return []string{"id", "caption", "value"}
	default:
		return nil
	}
}

func (n *node) checkMembers(known []string) *apiError {
	for i := range n.nodes {
		if err := n.nodes[i].checkMembers(known); err != nil {
			return err
		}
	}
	if n.op == "and" || n.op == "or" {
		return nil
	}
	if n.op == "in" {
		return conditionError("The operator in is not supported in child conditions.")
	}
	for _, name := range known {
		if sameText(name, n.name) {
			return nil
		}
	}
	return notRecognized(n.name)
}

func (q *reader) elements(r *record, f *field) []element {
	var all []element
	switch v := q.value(r, f).(type) {
	case []ref:
		for _, id := range v {
			e := element{"id": int32(id)}
			for _, s := range f.target.shows {
				e[strings.ToLower(s.name)] = q.shown(f.target, int32(id), s)
			}
			all = append(all, e)
		}
	case []answer:
		for _, a := range v {
			e := element{"questionid": a.question, "answer": a.value}
			if question := q.find("configurationTypeQuestion", a.question); question != nil {
				e["question"] = question.text("question")
			}
			all = append(all, e)
		}
	case []any:
		for _, entry := range v {
			e := element{}
			if members, ok := entry.(map[string]any); ok {
				for name, value := range members {
					e[strings.ToLower(name)] = value
				}
			}
			all = append(all, e)
		}
	}
	return all
}

// holds evaluates the condition on one entry. Values of arrays are compared as text, but dates as dates.
func (n *node) holds(e element) bool {
	switch n.op {
	case "and":
		for i := range n.nodes {
			if !n.nodes[i].holds(e) {
				return false
			}
		}
		return true
	case "or":
		for i := range n.nodes {
			if n.nodes[i].holds(e) {
				return true
			}
		}
		return false
	}
	value, l := e[strings.ToLower(n.name)], n.literals[0]
	if l.kind == nullLiteral {
		return (value == nil) == (n.op == "=")
	}
	if value == nil {
		return false
	}
	if date, ok := value.(instant); ok {
		wanted, err := parseTime(l.text)
		return err == nil && comparison(n.op, wanted)(date)
	}
	text := printed(value)
	if flag, ok := value.(bool); ok {
		text = map[bool]string{true: "true", false: "false"}[flag]
	}
	switch n.op {
	case "like":
		return pattern(l.text)(text) != n.not
	case "contains":
		return strings.Contains(foldKey(text), foldKey(l.text)) != n.not
	default:
		return comparison(n.op, l.text)(text)
	}
}
