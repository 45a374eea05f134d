package components

// Message is said once, after an action or about a standing condition.
type Message struct {
	Tone  Tone
	Icon  string // name in the sprite; by tone when empty
	Title string // what happened
	Text  string // what follows from it
	Link  Link   // the step that comes next, or empty
}

// MessageIcon is the message's icon in the sprite.
func (m Message) MessageIcon() string {
	if m.Icon != "" {
		return m.Icon
	}
	switch m.Tone {
	case ToneOK:
		return "circle-check"
	case ToneFail:
		return "octagon-x"
	case ToneWarn:
		return "triangle-alert"
	case ToneHeld:
		return "hand"
	case ToneRun, ToneIdle:
		return "info"
	}
	return "info"
}

// Chip is one filter of a table: a link to the rows it counts.
type Chip struct {
	ID     string // stable, for tests and focus
	Label  string
	Count  string
	URL    string
	Active bool
}

// Pager says which rows of how many are shown. Empty URLs close the buttons.
type Pager struct {
	Range    string // "1–50 of 3,214"
	Previous string
	Next     string
	Sizes    []Chip // rows per page to choose from
}

// Progress is how far something is. Total below zero: not known, so only the
// count is shown.
type Progress struct {
	Label string // read out with the bar
	Done  int
	Total int
	Words string // "21 of 34"
	Tone  Tone
}

// CheckState is the outcome of one check, step or finding.
type CheckState string

// The outcomes. Note is something to know that does not stop anything.
const (
	CheckOK      CheckState = "ok"
	CheckNote    CheckState = "note"
	CheckFailed  CheckState = "failed"
	CheckRunning CheckState = "running"
	CheckWaiting CheckState = "waiting"
)

// Badge is the state with its icon and tone.
func (s CheckState) Badge() Badge {
	switch s {
	case CheckOK:
		return Badge{Status: StatusDone, Word: "fine"}
	case CheckNote:
		return Badge{Status: StatusWarning, Word: "to know"}
	case CheckFailed:
		return Badge{Status: StatusFailed, Word: "failed"}
	case CheckRunning:
		return Badge{Status: StatusRunning, Word: "running"}
	case CheckWaiting:
	}
	return Badge{Status: StatusWaiting, Word: "waits"}
}

// Check is one finding, step or test with what to do about it.
type Check struct {
	ID     string
	State  CheckState
	Title  string
	Inline string // short fact after the title
	Detail string
	Fix    string // where to mend it, by its menu path
	Answer string // the vendor's own answer
	Aside  string // time, duration or outcome at the right
	Link   Link
}

// Field is one labelled control of a form.
type Field struct {
	ID           string // also the control's name unless Name is set
	Name         string
	Label        string
	Help         string
	Value        string
	Error        string
	Type         string // text when empty
	Placeholder  string
	Autocomplete string
	Mono         bool
	Required     bool
	List         string // id of a datalist
}

// ControlName is what the form sends the value as.
func (f Field) ControlName() string {
	if f.Name != "" {
		return f.Name
	}
	return f.ID
}

// InputType is the control's type attribute.
func (f Field) InputType() string {
	if f.Type != "" {
		return f.Type
	}
	return "text"
}

// Describes lists the ids of the help and error texts of the field.
func (f Field) Describes() string {
	switch {
	case f.Help != "" && f.Error != "":
		return f.ID + "-help " + f.ID + "-error"
	case f.Help != "":
		return f.ID + "-help"
	case f.Error != "":
		return f.ID + "-error"
	}
	return ""
}

// Option is one choice of a select or of a group of boxes.
type Option struct {
	Value    string
	Text     string
	Help     string
	Selected bool
}

// LogLine is one line of a log, ready to read. Level is error, warn or info.
type LogLine struct {
	Time   string
	Level  string
	Tenant string
	Text   string
}

// Bar is one night of a small chart.
type Bar struct {
	Label  string // read out: "Wed 28 Oct: 61 failed"
	Value  int
	Failed bool
	Missed bool
}
