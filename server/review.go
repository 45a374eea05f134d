package server

import (
	"errors"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/views"
	"causeway/views/components"
)

// reviewPage is the wizard's third step (R5, R8): will it work, and what will it create?
type reviewPage struct {
	shell
	admin *admin.Admin
}

func (h reviewPage) get(c echo.Context) error { return h.show(c, http.StatusOK, nil) }

func (h reviewPage) post(c echo.Context) error {
	name := c.Param("account")
	err := h.admin.Submit(c.Request().Context(), name)
	if err == nil {
		return then(c, views.SetupURL(name), views.Message{})
	}
	if notReady, ok := errors.AsType[*admin.NotReadyError](err); ok {
		// The page checks again and shows the findings themselves.
		return h.show(c, http.StatusUnprocessableEntity, failedNow("ConnectWise is not ready any more.", notReady.Error()))
	}
	if _, theirs := mistake(err); !theirs {
		return err
	}
	return h.show(c, http.StatusUnprocessableEntity, failedNow("Set-up was not started.", sentence(err)))
}

func failedNow(title, text string) *views.Message {
	return &views.Message{Tone: components.ToneFail, Title: title, Text: text}
}

func (h reviewPage) show(c echo.Context, status int, said *views.Message) error {
	of, err := h.account(c)
	if err != nil {
		return err
	}
	if !of.Account.Configured() {
		return then(c, views.ConnectionURL(of.Account.Name), notConnected)
	}
	review, err := h.admin.Review(c.Request().Context(), of.Account.Name)
	if err != nil {
		return err
	}
	model := views.ReviewPage{
		Account: of.Account.Name, Zone: zoneOf(of.Account), CheckedAt: review.CheckedAt, Groups: reviewGroups(of.Account), Creates: provisionsOf(review.Creates),
	}
	for _, f := range review.Findings {
		model.Findings = append(model.Findings, readinessCheck(f))
	}
	if review.Trouble != "" && !slices.ContainsFunc(model.Findings, func(f views.TestCheck) bool { return f.State == components.CheckFailed }) {
		model.Problem = &views.Message{Tone: components.ToneFail, Title: "ConnectWise could not be asked.", Text: review.Trouble}
	}
	frame, err := h.accountFrame(c, of, "Configure", views.PlaceSettings)
	if err != nil {
		return err
	}
	if said != nil {
		frame.Message = said
	}
	return h.whole(c, status, frame, views.Review(model))
}

func provisionsOf(creates []admin.Provision) []views.Provision {
	words := map[bridge.Kind]string{
		bridge.KindProductType: "Product type", bridge.KindCategory: "Category", bridge.KindSubcategory: "Sub-category",
	}
	out := make([]views.Provision, 0, len(creates))
	for _, p := range creates {
		out = append(out, views.Provision{Kind: words[p.Kind], Name: p.Name, There: p.There})
	}
	return out
}

// reviewGroups are the settings as they will be used, each with the step that edits it.
func reviewGroups(a bridge.Account) []views.ReviewGroup {
	network := "configurations only"
	if a.Options.NetworkAdditions {
		network = "configurations and agreement lines"
	}
	source := "from MySonicWall"
	switch {
	case a.ZoneSetting != "":
		source = "set here"
	case a.MSWZone == "":
		source = "because MySonicWall names none"
	}
	return []views.ReviewGroup{
		{Title: "Connection", URL: views.ConnectionURL(a.Name), Rows: []views.ReviewRow{
			{Label: "Host", Value: a.ConnectWise.Host}, {Label: "Company", Value: a.ConnectWise.Company},
			{Label: "Public key", Value: a.ConnectWise.PublicKey, Mono: true}, {Label: "Private key", Value: "stored, not shown"},
			{Label: "Network products", Value: network},
		}},
		{Title: "Tickets", URL: views.TicketsURL(a.Name), Rows: []views.ReviewRow{
			{Label: "Board", Value: orNone(a.Tickets.BoardName)}, {Label: "Critical", Value: orNone(a.Tickets.CriticalName)}, {Label: "High", Value: orNone(a.Tickets.HighName)},
		}},
		{Title: "Nightly sync", URL: views.SettingsURL(a.Name, views.SettingsSchedule), Rows: []views.ReviewRow{
			{Label: "When", Value: "every day at 01:00"}, {Label: "Zone", Value: a.Zone() + ", " + source},
		}},
	}
}

func orNone(text string) string {
	if text == "" {
		return "not chosen"
	}
	return text
}
