// Package components holds the pieces that every page of the dashboard shares:
// badges, change rows, why panels, progress, fields, messages. They take words
// that are ready to read; what a figure or a date looks like is decided in
// package views.
package components

// Tone is one of the six colours a status may have. Colour only repeats what
// icon and word already say.
type Tone string

// The tones, as the style sheet names them.
const (
	ToneOK   Tone = "ok"
	ToneRun  Tone = "run"
	ToneIdle Tone = "idle"
	ToneWarn Tone = "warn"
	ToneFail Tone = "fail"
	ToneHeld Tone = "held"
)

// Status is a state of a run, tenant, change, step, account or check, spelled as
// the data spells it. Its word on a page is in the badge table.
type Status string

// Every status a badge can show.
const (
	StatusSynced         Status = "synced"
	StatusCompleted      Status = "completed"
	StatusApplied        Status = "applied"
	StatusReady          Status = "ready"
	StatusDone           Status = "done"
	StatusOn             Status = "on"
	StatusRunning        Status = "running"
	StatusSending        Status = "sending"
	StatusSettingUp      Status = "setting_up"
	StatusWaiting        Status = "waiting"
	StatusPlanned        Status = "planned"
	StatusNew            Status = "new"
	StatusUnchanged      Status = "unchanged"
	StatusSkipped        Status = "skipped"
	StatusFrozen         Status = "frozen"
	StatusEndedByHand    Status = "ended_by_hand"
	StatusPaused         Status = "paused"
	StatusOff            Status = "off"
	StatusMissed         Status = "missed"
	StatusWithFailures   Status = "completed_with_failures"
	StatusBillsZero      Status = "bills_zero"
	StatusNotMapped      Status = "not_mapped"
	StatusWarning        Status = "warning"
	StatusMissing        Status = "missing"
	StatusStale          Status = "stale"
	StatusFailed         Status = "failed"
	StatusWaitsForYou    Status = "waits_for_you"
	StatusNeedsAttention Status = "needs_attention"
	StatusHeld           Status = "held"
	StatusRemoved        Status = "removed"
)

type look struct {
	tone Tone
	icon string
	word string
}

var looks = map[Status]look{
	StatusSynced:         {ToneOK, "circle-check", "Synced"},
	StatusCompleted:      {ToneOK, "circle-check", "Completed"},
	StatusApplied:        {ToneOK, "circle-check", "Written"},
	StatusReady:          {ToneOK, "circle-check", "Ready"},
	StatusDone:           {ToneOK, "circle-check", "Done"},
	StatusOn:             {ToneOK, "circle-check", "On"},
	StatusRunning:        {ToneRun, "loader-circle", "Running"},
	StatusSending:        {ToneRun, "loader-circle", "Writing"},
	StatusSettingUp:      {ToneRun, "loader-circle", "Setting up"},
	StatusWaiting:        {ToneIdle, "circle-dashed", "Waiting"},
	StatusPlanned:        {ToneIdle, "circle-dashed", "Planned"},
	StatusNew:            {ToneIdle, "circle-dashed", "Set-up not finished"},
	StatusUnchanged:      {ToneIdle, "equal", "Unchanged"},
	StatusSkipped:        {ToneIdle, "circle-minus", "Skipped"},
	StatusFrozen:         {ToneIdle, "snowflake", "Frozen"},
	StatusEndedByHand:    {ToneIdle, "user-x", "Ended by hand"},
	StatusPaused:         {ToneIdle, "circle-pause", "Paused"},
	StatusOff:            {ToneIdle, "circle-slash", "Off"},
	StatusMissed:         {ToneIdle, "moon", "Missed"},
	StatusWithFailures:   {ToneWarn, "triangle-alert", "With failures"},
	StatusBillsZero:      {ToneWarn, "triangle-alert", "Bills 0.00"},
	StatusNotMapped:      {ToneWarn, "triangle-alert", "Not mapped"},
	StatusWarning:        {ToneWarn, "triangle-alert", "Warning"},
	StatusMissing:        {ToneWarn, "cloud-off", "Missing"},
	StatusStale:          {ToneWarn, "history", "Out of date"},
	StatusFailed:         {ToneFail, "octagon-x", "Failed"},
	StatusWaitsForYou:    {ToneFail, "octagon-x", "Waits for you"},
	StatusNeedsAttention: {ToneFail, "octagon-alert", "Needs attention"},
	StatusHeld:           {ToneHeld, "hand", "Held"},
	StatusRemoved:        {ToneIdle, "archive", "Removed"},
}

// Badge is a status with, where it says more than the status's own word, a word
// with a count or a date: "3 failed", "Frozen since 1 Oct".
type Badge struct {
	Status Status
	Word   string
}

// Tone is the badge's colour.
func (b Badge) Tone() Tone { return b.look().tone }

// Icon is the badge's icon in the sprite.
func (b Badge) Icon() string { return b.look().icon }

// Text is what the badge says.
func (b Badge) Text() string {
	if b.Word != "" {
		return b.Word
	}
	return b.look().word
}

// look answers for an unknown status with the status itself, so that a state added
// elsewhere is readable before it has a look of its own.
func (b Badge) look() look {
	if l, ok := looks[b.Status]; ok {
		return l
	}
	return look{ToneIdle, "circle-dashed", string(b.Status)}
}

// Action is what a change does to a record, spelled as the data spells it; linked
// is two changes that only happen together.
type Action string

// Every action of a change.
const (
	ActionCreate     Action = "create"
	ActionAdopt      Action = "adopt"
	ActionUpdate     Action = "update"
	ActionLinked     Action = "linked"
	ActionCancel     Action = "cancel"
	ActionDeactivate Action = "deactivate"
	ActionAttach     Action = "attach"
)

// Icon is the action's icon in the sprite.
func (a Action) Icon() string {
	switch a {
	case ActionCreate:
		return "plus"
	case ActionAdopt, ActionAttach:
		return "link-2"
	case ActionUpdate:
		return "pencil"
	case ActionLinked:
		return "arrow-right-left"
	case ActionCancel:
		return "calendar-x"
	case ActionDeactivate:
		return "archive"
	}
	return "minus"
}

// Word is the action as a person would say it.
func (a Action) Word() string {
	switch a {
	case ActionCreate:
		return "Add"
	case ActionAdopt:
		return "Adopt"
	case ActionUpdate:
		return "Change"
	case ActionLinked:
		return "Move"
	case ActionCancel:
		return "End"
	case ActionDeactivate:
		return "Close"
	case ActionAttach:
		return "Attach"
	}
	return "Nothing"
}

// Ends tells whether the action takes something off the customer's books.
func (a Action) Ends() bool { return a == ActionCancel || a == ActionDeactivate }
