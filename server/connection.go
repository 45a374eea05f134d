package server

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/internal/secret"
	"causeway/views"
	"causeway/views/components"
)

// connectionPage is the wizard's first step (R2, R3). The private key goes one way only.
type connectionPage struct {
	shell
	admin *admin.Admin
}

func (h connectionPage) get(c echo.Context) error {
	account, err := h.store.Account(c.Request().Context(), c.Param("account"))
	if err != nil {
		return err
	}
	settings := account.ConnectWise
	return h.show(c, http.StatusOK, views.ConnectionPage{Form: views.ConnectionForm{
		Host: settings.Host, Company: settings.Company, PublicKey: settings.PublicKey, NetworkAdditions: account.Options.NetworkAdditions,
	}})
}

// test tells which check fails. What passes is kept where nothing can go wrong by it: an account that was never set up, or new keys
// for the same host and company; so the private key need not be typed twice.
func (h connectionPage) test(c echo.Context) error {
	model, typed := connectionForm(c)
	account, err := h.store.Account(c.Request().Context(), c.Param("account"))
	if err != nil {
		return err
	}
	test, err := h.admin.TestConnection(c.Request().Context(), account.Name, typed)
	if err != nil {
		return h.refused(c, model, err)
	}
	model.Test = testOf(test)
	if !test.OK() {
		model.Problem, model.Errors = failedTest(test), testErrors(test)
		return h.show(c, http.StatusOK, model)
	}
	model.Tested = true
	if keepsTested(account, typed) {
		if _, err := h.admin.SaveConnection(c.Request().Context(), account.Name, typed, by); err != nil {
			model.Tested = false
			return h.refused(c, model, err)
		}
	} else if typed.PrivateKey.Set() {
		model.Problem = &views.Message{
			Tone: components.ToneOK, Title: "The connection works.",
			Text: "It is another host or company than the stored one, so nothing was saved yet. Type the private key once more and continue.",
		}
	}
	return h.show(c, http.StatusOK, model)
}

// keepsTested tells whether a connection that passed may be stored without a further question.
func keepsTested(account bridge.Account, typed admin.Connection) bool {
	return account.SetUpAt.IsZero() || typed.PrivateKey.Set() && sameConnectWise(account, typed.Host, typed.Company)
}

// sameConnectWise tells whether a form names the ConnectWise that the account is joined to.
func sameConnectWise(account bridge.Account, host, company string) bool {
	return strings.EqualFold(account.ConnectWise.Host, strings.TrimSpace(host)) && strings.EqualFold(account.ConnectWise.Company, strings.TrimSpace(company))
}

// post tests once more, stores, and leads to the second step.
func (h connectionPage) post(c echo.Context) error {
	model, typed := connectionForm(c)
	before, err := h.store.Account(c.Request().Context(), c.Param("account"))
	if err != nil {
		return err
	}
	account, err := h.admin.SaveConnection(c.Request().Context(), before.Name, typed, by)
	if err != nil {
		return h.refused(c, model, err)
	}
	message := done("ConnectWise is connected.")
	if account.Binding != before.Binding && !before.SetUpAt.IsZero() {
		message.Text = "It is another one than before: board and priorities are chosen anew, and no tenant is mapped yet."
	}
	return then(c, views.TicketsURL(account.Name), message)
}

// refused shows the form again with the reasons beside their fields.
func (h connectionPage) refused(c echo.Context, model views.ConnectionPage, err error) error {
	if test, ok := errors.AsType[*admin.ConnectionFailedError](err); ok {
		model.Test, model.Problem, model.Errors = testOf(test.Test), failedTest(test.Test), testErrors(test.Test)
		return h.show(c, http.StatusUnprocessableEntity, model)
	}
	if bridge.CodeOf(err) == bridge.CodeNotReady {
		model.Problem = vendorSays("Nothing was tested and nothing was saved.", err)
		return h.show(c, http.StatusServiceUnavailable, model)
	}
	fields, theirs := mistake(err)
	if !theirs {
		return err
	}
	model.Errors = views.ConnectionErrors{
		Host: fieldSentence(fields["connectwise.host"]), Company: fieldSentence(fields["connectwise.company"]),
		PublicKey: fieldSentence(fields["connectwise.public_key"]), PrivateKey: fieldSentence(fields["connectwise.private_key"]),
	}
	if model.Errors == (views.ConnectionErrors{}) {
		model.Problem = vendorSays("The connection was not saved.", err)
	}
	return h.show(c, http.StatusUnprocessableEntity, model)
}

func (h connectionPage) show(c echo.Context, status int, model views.ConnectionPage) error {
	of, err := h.account(c)
	if err != nil {
		return err
	}
	model.Account, model.Zone = of.Account.Name, zoneOf(of.Account)
	model.Editing, model.InUse = of.Account.Configured(), !of.Account.SetUpAt.IsZero()
	model.Other = model.InUse && !sameConnectWise(of.Account, model.Form.Host, model.Form.Company)
	frame, err := h.accountFrame(c, of, "Configure", views.PlaceSettings)
	if err != nil {
		return err
	}
	return h.whole(c, status, frame, views.Connection(model))
}

// connectionForm reads the form twice: for the page, without the private key, and for the administration.
func connectionForm(c echo.Context) (views.ConnectionPage, admin.Connection) {
	form := views.ConnectionForm{
		Host: c.FormValue("host"), Company: c.FormValue("company"), PublicKey: c.FormValue("public_key"), NetworkAdditions: c.FormValue("network_additions") == "on",
	}
	return views.ConnectionPage{Form: form}, admin.Connection{
		Host: form.Host, Company: form.Company, PublicKey: form.PublicKey, NetworkAdditions: form.NetworkAdditions,
		PrivateKey: secret.Text(strings.TrimSpace(c.FormValue("private_key"))),
	}
}

func failedTest(test admin.ConnectionTest) *views.Message {
	for _, f := range test.Findings {
		if !f.OK && !f.Skipped {
			return &views.Message{Tone: components.ToneFail, Title: f.Message, Text: "Nothing was saved. What you typed is still here; a private key has to be pasted again."}
		}
	}
	return nil
}

// testErrors are what a failed test says about the fields that it read. Permissions belong to no field.
func testErrors(test admin.ConnectionTest) (errors views.ConnectionErrors) {
	for _, f := range test.Findings {
		if f.OK || f.Skipped {
			continue
		}
		switch f.Check {
		case admin.CheckHost, admin.CheckName, admin.CheckTLS, admin.CheckServer:
			errors.Host = f.Message
		case admin.CheckCompany:
			errors.Company = f.Message
		case admin.CheckKeys:
			errors.PublicKey = "These two keys do not belong together, were not copied whole, or their API member is inactive."
			errors.PrivateKey = "Paste it again, from the same line as the public key."
		}
	}
	return errors
}

// testOf puts each finding under the title of its check.
func testOf(test admin.ConnectionTest) *views.ConnectionTest {
	checks := views.ConnectionChecks()
	for i := range checks {
		for _, f := range test.Findings {
			if f.Check != checks[i].ID {
				continue
			}
			checks[i].State, checks[i].Fix, checks[i].Answer = checkState(f), f.Fix, f.Answer
			if f.OK {
				checks[i].Inline = f.Message
			} else {
				checks[i].Detail = f.Message
			}
		}
	}
	return &views.ConnectionTest{At: test.At, Took: test.Took, Checks: checks}
}
