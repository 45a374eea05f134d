package connectwise

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/go-json-experiment/json"
)

// Patch collects changes to fields of one record. The zero Patch is empty and ready to use; its methods return it, so
// that they can be chained:
//
//	patch := new(connectwise.Patch).Replace("quantity", qty).ReplaceRef("status", 2)
//
// ConnectWise checks the whole record after a patch, so a patch of one field can be refused for another.
type Patch struct {
	operations []operation
	err        error
}

type operation struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value"`
}

type removal struct {
	Op   string `json:"op"`
	Path string `json:"path"`
}

// patchPath allows whole fields only: the developer guide warns that a patch of a reference's member, such as
// company/identifier, is answered with success and changes nothing.
var patchPath = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)

func (p *Patch) add(op operation) *Patch {
	if !patchPath.MatchString(op.Path) && p.err == nil {
		p.err = fmt.Errorf("patch: %q is not the name of a whole field", cleanText(op.Path, 60))
	}
	p.operations = append(p.operations, op)
	return p
}

// Replace sets a field. Field names are case-sensitive. Lists, such as a configuration's questions, are replaced whole;
// the zero [Date] and nil are sent as null.
func (p *Patch) Replace(field string, value any) *Patch {
	return p.add(operation{Op: "replace", Path: field, Value: value})
}

// ReplaceRef points a reference to another record.
func (p *Patch) ReplaceRef(field string, id int) *Patch {
	if id <= 0 && p.err == nil {
		p.err = fmt.Errorf("patch: %s cannot refer to record %d", cleanText(field, 60), id)
	}
	return p.Replace(field, RefID(id))
}

// Remove clears a field.
func (p *Patch) Remove(field string) *Patch { return p.add(operation{Op: "remove", Path: field}) }

// Len returns the number of changes.
func (p *Patch) Len() int { return len(p.operations) }

// Fields returns the names of the fields that change, in the order in which they were added.
func (p *Patch) Fields() []string {
	names := make([]string, len(p.operations))
	for i, op := range p.operations {
		names[i] = op.Path
	}
	return names
}

// check refuses what must not be sent.
func (p *Patch) check() error {
	switch {
	case p == nil || len(p.operations) == 0:
		return errors.New("patch: it changes nothing")
	case p.err != nil:
		return p.err
	}
	return nil
}

// body is the list of operations as they are sent; a removal carries no value.
func (p *Patch) body() []any {
	list := make([]any, len(p.operations))
	for i, op := range p.operations {
		if list[i] = op; op.Op == "remove" {
			list[i] = removal{Op: op.Op, Path: op.Path}
		}
	}
	return list
}

// MarshalJSON writes the list of operations as it is sent.
func (p *Patch) MarshalJSON() ([]byte, error) { return json.Marshal(p.body(), writing) }
