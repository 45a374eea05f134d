package server

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/internal/secret"
	"causeway/internal/store"
	"causeway/views"
	"causeway/workflows"
)

const (
	nightsToCome = 7
	nightsPast   = 7
)

// settingsPage is an account's settings, one section at a time.
type settingsPage struct {
	shell
	admin    *admin.Admin
	temporal temporalUI
}

func (h settingsPage) get(c echo.Context) error {
	return h.show(c, http.StatusOK, views.ReadSettingsSection(c.QueryParams()), func(*views.SettingsPage) {})
}

// show renders a section; typed puts back what a person typed, with what is wrong about it.
func (h settingsPage) show(c echo.Context, status int, section views.SettingsSection, typed func(*views.SettingsPage)) error {
	of, err := h.account(c)
	if err != nil {
		return err
	}
	if of.Account.Alive() != nil {
		section = views.SettingsRemove // nothing else of it can be set (R56)
	}
	model := views.SettingsPage{
		Account: of.Account.Name, Section: section, Now: h.now(), Zone: zoneOf(of.Account), Asking: c.QueryParam("ask") == "pause" && of.Account.State == bridge.AccountReady,
	}
	if err := h.fill(c.Request().Context(), of, &model); err != nil {
		return err
	}
	typed(&model)
	frame, err := h.accountFrame(c, of, model.Title(), views.PlaceSettings)
	if err != nil {
		return err
	}
	return h.whole(c, status, frame, views.Settings(model))
}

func (h settingsPage) fill(ctx context.Context, of store.Summary, model *views.SettingsPage) error {
	account := of.Account
	switch model.Section {
	case views.SettingsConnectWise:
		return h.connectWise(ctx, account, model)
	case views.SettingsMySonicWall:
		model.MySonicWall = views.MySonicWallSettings{URL: account.MSWURL, Tenants: of.TenantsTotal}
		return nil
	case views.SettingsOptions:
		return h.options(ctx, account, model)
	case views.SettingsLimits:
		model.Limits = views.LimitSettings{
			RemovedShare: account.Limits.RemovedShare.Shift(2).String(), RemovedMoreThan: strconv.Itoa(account.Limits.RemovedMoreThan),
			QuantityFactor: account.Limits.QuantityFactor.String(), QuantityStep: account.Limits.QuantityStep.String(),
			NewAdditions: strconv.Itoa(account.Limits.NewAdditions),
		}
		return nil
	case views.SettingsRemove:
		return h.removal(ctx, account, model)
	case views.SettingsSchedule:
	}
	return h.schedule(ctx, account, model)
}

func (h settingsPage) schedule(ctx context.Context, account bridge.Account, model *views.SettingsPage) error {
	s := views.ScheduleSettings{
		Paused: account.State == bridge.AccountPaused, ZoneName: account.Zone(), MSWZone: account.MSWZone, Overridden: account.ZoneSetting != "", Zones: admin.Zones(),
	}
	if !account.SetUpAt.IsZero() {
		s.TemporalURL = h.temporal.schedule(workflows.NightlyID(account.Name))
		if !s.Paused {
			s.Nights = nightsAhead(model.Now, model.Zone)
		}
	}
	recent, err := h.store.RecentRuns(ctx, []int64{account.ID}, h.today(account).AddDays(-2*nightsPast))
	for _, r := range slices.Backward(recent[account.ID]) {
		if originOf(r) != originNight || len(s.Last) == nightsPast || r.Status == bridge.RunRunning {
			continue
		}
		night := views.PastNight{Date: r.LocalDate.Time(), Status: views.Status(r.Status), Failed: r.Tenants.Failed}
		night.Note = oneSentence(r.Reason)
		if r.Status != bridge.RunMissed {
			night.Started, night.RunID, night.Took = r.Started, runID(r.ID), took(r.Started, r.Ended, model.Now)
		}
		s.Last = append(s.Last, night)
	}
	model.Schedule = s
	return err
}

// nightsAhead are the coming nights, far enough to show the next change of the clocks where it is near.
func nightsAhead(now time.Time, zone *time.Location) []views.Night {
	var nights []views.Night
	for i, start := range nextNights(now, zone, nightsToCome) {
		night := views.Night{Start: start, Note: clockNote(start, zone)}
		if i > 0 {
			night.After = start.Sub(nights[i-1].Start)
		}
		nights = append(nights, night)
	}
	return nights
}

func (h settingsPage) connectWise(ctx context.Context, account bridge.Account, model *views.SettingsPage) error {
	offer, err := h.admin.Offer(ctx, account)
	if err != nil {
		return err
	}
	model.ConnectWise = views.ConnectWiseSettings{
		Host: account.ConnectWise.Host, Company: account.ConnectWise.Company, PublicKey: account.ConnectWise.PublicKey,
		Board: account.Tickets.BoardName, Critical: account.Tickets.CriticalName, High: account.Tickets.HighName,
		ReadAt: offer.ReadAt, Companies: len(offer.Companies),
	}
	for _, c := range offer.Companies {
		model.ConnectWise.Agreement += len(c.Agreements)
	}
	return nil
}

// options offers the statuses that companies have, so that ConnectWise need not be asked for a look at the page.
func (h settingsPage) options(ctx context.Context, account bridge.Account, model *views.SettingsPage) error {
	companies, err := h.store.Companies(ctx, account.ID)
	if err != nil {
		return err
	}
	model.Options = views.OptionSettings{
		NetworkAdditions: account.Options.NetworkAdditions, UnicodeNames: account.Options.UnicodeNames, PriceFirst: account.Options.PriceFirst,
	}
	statuses := slices.Clone(account.Options.ActiveStatuses)
	for _, c := range companies {
		if c.Status != "" {
			statuses = append(statuses, c.Status)
		}
	}
	slices.Sort(statuses)
	for _, status := range slices.Compact(statuses) {
		model.Options.Statuses = append(model.Options.Statuses, views.Option{
			Value: status, Text: status, Selected: bridge.CompanyActive(bridge.Company{Status: status}, account.Options),
		})
	}
	return nil
}

// post stores one section's form.
func (h settingsPage) post(c echo.Context) error {
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	section := views.ReadSettingsSection(form)
	switch section {
	case views.SettingsSchedule:
		return h.saveZone(c)
	case views.SettingsMySonicWall:
		return h.saveKey(c)
	case views.SettingsOptions:
		return h.saveOptions(c)
	case views.SettingsLimits:
		return h.saveLimits(c)
	case views.SettingsRemove:
		return h.remove(c)
	case views.SettingsConnectWise:
	}
	return then(c, views.SettingsURL(c.Param("account"), section), views.Message{})
}

func (h settingsPage) saveZone(c echo.Context) error {
	name, zone := c.Param("account"), strings.TrimSpace(c.FormValue("zone"))
	account, err := h.store.Account(c.Request().Context(), name)
	if err != nil {
		return err
	}
	if c.FormValue("use_msw_zone") != "" || account.ZoneSetting == "" && zone == account.Zone() {
		zone = "" // what was shown because MySonicWall says so is not an override
	}
	saved, err := h.admin.SetZone(c.Request().Context(), name, zone)
	if err == nil {
		return then(c, views.SettingsURL(name, views.SettingsSchedule), done("Nights go by "+saved.Zone()+" now."))
	}
	if _, theirs := mistake(err); !theirs && bridge.CodeOf(err) != bridge.CodeNotReady {
		return err
	}
	return h.show(c, http.StatusUnprocessableEntity, views.SettingsSchedule, func(p *views.SettingsPage) {
		p.Schedule.ZoneName, p.Schedule.ZoneError = zone, sentence(err)
	})
}

func (h settingsPage) saveKey(c echo.Context) error {
	name := c.Param("account")
	_, err := h.admin.ReplaceMySonicWallKey(c.Request().Context(), name, secret.Text(strings.TrimSpace(c.FormValue("msw_api_key"))), by)
	if err == nil {
		return then(c, views.SettingsURL(name, views.SettingsMySonicWall), done("MySonicWall accepts the new key. It is in use now."))
	}
	if _, theirs := mistake(err); !theirs {
		return err
	}
	return h.show(c, http.StatusUnprocessableEntity, views.SettingsMySonicWall, func(p *views.SettingsPage) { p.MySonicWall.KeyError = fieldSentence(sentence(err)) })
}

func (h settingsPage) saveOptions(c echo.Context) error {
	name := c.Param("account")
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	account, err := h.store.Account(c.Request().Context(), name)
	if err != nil {
		return err
	}
	options := bridge.Options{
		NetworkAdditions: form.Get("network_additions") == "on", UnicodeNames: form.Get("unicode_names") == "on", PriceFirst: form.Get("price_first") == "on",
		ActiveStatuses: form["active_statuses"],
	}
	if len(options.ActiveStatuses) == 0 && len(account.Options.ActiveStatuses) > 0 {
		return h.show(c, http.StatusUnprocessableEntity, views.SettingsOptions, func(p *views.SettingsPage) {
			p.Options.NetworkAdditions, p.Options.UnicodeNames, p.Options.PriceFirst = options.NetworkAdditions, options.UnicodeNames, options.PriceFirst
			p.Options.StatusesError = "Tick at least one, or no alert ever becomes a ticket."
			for i := range p.Options.Statuses {
				p.Options.Statuses[i].Selected = false
			}
		})
	}
	_, err = h.admin.SetOptions(c.Request().Context(), name, options)
	message := done("The options are saved.")
	message.Text = "The next run goes by them."
	message.Link = views.Link{Text: "Preview", URL: views.PreviewURL(name)}
	return answered(c, views.SettingsURL(name, views.SettingsOptions), err, message)
}

func (h settingsPage) saveLimits(c echo.Context) error {
	name := c.Param("account")
	typed := views.LimitSettings{
		RemovedShare: c.FormValue("removed_share"), RemovedMoreThan: c.FormValue("removed_more_than"), QuantityFactor: c.FormValue("quantity_factor"),
		QuantityStep: c.FormValue("quantity_step"), NewAdditions: c.FormValue("new_additions"),
	}
	// The field is in per cent, with or without the sign.
	share := strings.TrimSuffix(strings.TrimSpace(typed.RemovedShare), "%") + "%"
	limits, err := admin.TypedLimits{
		RemovedShare: share, RemovedMoreThan: typed.RemovedMoreThan, QuantityFactor: typed.QuantityFactor, QuantityStep: typed.QuantityStep, NewAdditions: typed.NewAdditions,
	}.Parse()
	if err == nil {
		_, err = h.admin.SetLimits(c.Request().Context(), name, limits)
	}
	if err == nil {
		message := done("The limits are saved.")
		message.Text = "The next run goes by them."
		return then(c, views.SettingsURL(name, views.SettingsLimits), message)
	}
	fields, theirs := mistake(err)
	if !theirs {
		return err
	}
	for field, text := range fields {
		fields[field] = fieldSentence(text)
	}
	typed.Errors = fields
	return h.show(c, http.StatusUnprocessableEntity, views.SettingsLimits, func(p *views.SettingsPage) { p.Limits = typed })
}
