package views

import (
	"time"

	"causeway/views/components"
)

func (p SettingsPage) askPauseURL() string {
	return SettingsURL(p.Account, SettingsSchedule) + "&ask=pause"
}

func (p SettingsPage) pausedWord() string {
	if p.Schedule.PausedSince.IsZero() {
		return ""
	}
	return "Paused since " + Moment(p.Schedule.PausedSince, p.Now, p.Zone)
}

func (p SettingsPage) zoneHelp() string {
	from := "From MySonicWall."
	if p.Schedule.Overridden {
		from = "Set here; MySonicWall says " + dash(p.Schedule.MSWZone) + "."
	}
	return from + " Another zone moves the night and the local day on which lines end."
}

func (p SettingsPage) noNights() string {
	if p.Schedule.Paused {
		return "The account is paused: nights are noted as missed."
	}
	return "Nights start once set-up has ended well."
}

func (p SettingsPage) dateOf(t time.Time) string { return t.In(zone(p.Zone)).Format("Mon 2 Jan 2006") }

func (p SettingsPage) clockOf(t time.Time) string { return t.In(zone(p.Zone)).Format("15:04") }

// fields are the form's controls in their order.
func (l LimitSettings) fields() []components.Field {
	return []components.Field{
		{
			ID: "removed_share", Label: "Share of a tenant’s records that may end in one run, in per cent", Value: l.RemovedShare,
			Help: "More than this, and more than the number below, is held.", Error: l.Errors["removed_share"],
		},
		{
			ID: "removed_more_than", Label: "Number of records that may always end", Value: l.RemovedMoreThan,
			Error: l.Errors["removed_more_than"],
		},
		{
			ID: "quantity_factor", Label: "Factor by which a quantity may change", Value: l.QuantityFactor,
			Help: "Up or down; held only if it also changes by more than the step below.", Error: l.Errors["quantity_factor"],
		},
		{
			ID: "quantity_step", Label: "Step by which a quantity may always change", Value: l.QuantityStep,
			Error: l.Errors["quantity_step"],
		},
		{
			ID: "new_additions", Label: "New lines of one tenant in one run", Value: l.NewAdditions,
			Error: l.Errors["new_additions"],
		},
	}
}

func (l LimitSettings) errors() []fieldError {
	var out []fieldError
	for _, f := range l.fields() {
		if f.Error != "" {
			out = append(out, fieldError{f.ID, f.Label, f.Error})
		}
	}
	return out
}

// sections are those that can be opened: of a removed account only what became of it.
func (p SettingsPage) sections() []settingsEntry {
	all := settingsSections()
	if p.Remove.Removed.IsZero() {
		return all
	}
	return all[len(all)-1:]
}
