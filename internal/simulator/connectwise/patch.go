package connectwise

import (
	"encoding/json"
	"fmt"
	"strings"
)

// A PATCH body is an array of {op, path, value}. It looks like JSON Patch but is not: paths are bare, case-sensitive field
// names (a leading slash is tolerated), a reference is replaced as a whole, and a path into a reference or list is accepted and
// changes nothing (ConnectWise developer guide). That is why no JSON Patch library does it here.

type operation struct {
	op, path string
	value    json.RawMessage
	at       member // for the position in parser texts
}

func (b body) operations() ([]operation, *apiError) {
	items, err := b.array()
	if err != nil {
		return nil, err
	}
	var ops []operation
	for i, raw := range items {
		members, err := b.object(raw, fmt.Sprintf("[%d]", i), 0)
		if err != nil {
			return nil, err
		}
		o := operation{}
		for _, m := range members {
			switch m.name {
			case "op":
				o.op, _ = unquote(m.raw)
			case "path":
				o.path, _ = unquote(m.raw)
			case "value":
				o.value = m.raw
			default:
				return nil, b.unknownMember(m, "PatchOperation")
			}
			o.at = m
		}
		ops = append(ops, o)
	}
	return ops, nil
}

// patch applies the operations to a copy of a record.
func (t *tx) patch(b body, rec *record) ([]problem, *apiError) {
	ops, err := b.operations()
	if err != nil {
		return nil, err
	}
	var problems []problem
	for _, o := range ops {
		found, err := t.operate(b, o, rec)
		if err != nil {
			return nil, err
		}
		problems = append(problems, found...)
	}
	return problems, nil
}

func (t *tx) operate(b body, o operation, rec *record) ([]problem, *apiError) {
	name, sub, deep := strings.Cut(strings.TrimPrefix(o.path, "/"), "/")
	f, ok := rec.kind.field(name)
	if !ok || f.internal {
		return []problem{{code: "InvalidField", message: fmt.Sprintf("The path '%s' is not a field of %s.", o.path, rec.kind.name), field: name}}, nil
	}
	switch op := strings.ToLower(o.op); {
	case op != "add" && op != "replace" && op != "remove":
		return []problem{{code: "InvalidField", message: fmt.Sprintf("The operation '%s' is not supported: use add, replace or remove.", o.op), field: name}}, nil
	case deep && sub != "":
		return nil, nil
	case op == "remove" || o.value == nil:
		o.value = json.RawMessage("null")
	}
	return t.fillOne(b, member{name: name, raw: o.value, path: o.path, end: o.at.end}, f, rec)
}
