package views

import "time"

// MappingPage exports the mapping and imports it. The check takes the file as csv;
// the import takes what the check was made of as staged.
type MappingPage struct {
	Account string
	Now     time.Time
	Zone    *time.Location
	Tenants int
	Problem *Message // the file could not be read at all
	Check   *MappingCheck
}

// MappingCheck is what importing the file would do.
type MappingCheck struct {
	File     string
	Rows     int
	Changes  []MappingChange
	Errors   []LineProblem
	Warnings []LineProblem
	// Staged is handed back unchanged by the import's form.
	Staged string
}

// MappingChange is one tenant whose mapping would change.
type MappingChange struct {
	Line   int
	Tenant string
	ID     string
	Fields []FieldChange // company, agreement, enabled
}

// LineProblem is one mistake in the file.
type LineProblem struct {
	Line    int
	Column  string // empty when the whole line is meant
	Message string
}

func (p LineProblem) where() string {
	if p.Column == "" {
		return "Line " + Number(p.Line)
	}
	return "Line " + Number(p.Line) + ", " + p.Column
}

func (c MappingCheck) importable() bool { return len(c.Errors) == 0 && len(c.Changes) > 0 }

func (c MappingCheck) facts() string {
	return Count(c.Rows, "line") + ", " + CountOf(len(c.Changes), "tenant", "tenants") + " would change"
}

// checkKind leaves the filled button to the import where there is one.
func checkKind(p MappingPage) string {
	if p.Check != nil && p.Check.importable() {
		return "btn-outline"
	}
	return "btn-primary"
}
