package server

import (
	"encoding/base64"
	"io"
	"net/http"
	"path"
	"strings"

	"github.com/labstack/echo/v4"

	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/views"
	"causeway/views/components"
)

// mappingPage checks and imports a mapping file (R14). What was checked travels in the page itself and is checked again when it is
// imported: the server keeps nothing in between.
type mappingPage struct {
	shell
	admin *admin.Admin
}

func (h mappingPage) get(c echo.Context) error {
	return h.show(c, http.StatusOK, views.MappingPage{})
}

func (h mappingPage) post(c echo.Context) error {
	if c.FormValue("action") == "import" {
		return h.imported(c)
	}
	name, text, err := uploaded(c)
	if err != nil {
		return h.wrong(c, err)
	}
	answer, err := h.admin.ImportMapping(c.Request().Context(), c.Param("account"), strings.NewReader(text), true, by)
	if err != nil {
		return h.wrong(c, err)
	}
	return h.checked(c, name, text, answer)
}

// imported stores the file that was checked, all of it or nothing.
func (h mappingPage) imported(c echo.Context) error {
	account := c.Param("account")
	text, err := base64.StdEncoding.DecodeString(c.FormValue("staged"))
	if err != nil {
		return h.wrong(c, bridge.Invalid("csv", "The checked file did not arrive whole. Choose it again."))
	}
	answer, err := h.admin.ImportMapping(c.Request().Context(), account, strings.NewReader(string(text)), false, by)
	if err != nil {
		return h.wrong(c, err)
	}
	if len(answer.Errors) > 0 {
		return h.checked(c, "mapping.csv", string(text), answer)
	}
	message := done(views.Count(answer.Changed, "tenant") + " changed.")
	if len(answer.Warnings) > 0 {
		message.Tone, message.Text = components.ToneWarn, answer.Warnings[0]
	}
	return then(c, views.TenantsURL(account), message)
}

// uploaded is the chosen file with its name.
func uploaded(c echo.Context) (name, text string, err error) {
	header, err := c.FormFile("csv")
	if err != nil || header.Filename == "" {
		return "", "", bridge.Invalid("csv", "No file was chosen.")
	}
	file, err := header.Open()
	if err != nil {
		return "", "", err
	}
	defer func() { _ = file.Close() }()
	content, err := io.ReadAll(file)
	return path.Base(header.Filename), string(content), err
}

func (h mappingPage) checked(c echo.Context, name, text string, answer admin.MappingAnswer) error {
	check := &views.MappingCheck{File: name, Rows: answer.Rows, Staged: base64.StdEncoding.EncodeToString([]byte(text))}
	for _, line := range answer.Changes {
		check.Changes = append(check.Changes, mappingChange(line))
	}
	for _, e := range answer.Errors {
		check.Errors = append(check.Errors, views.LineProblem{Line: e.Line, Column: e.Column, Message: e.Message})
	}
	for _, w := range answer.Warnings {
		check.Warnings = append(check.Warnings, warningLine(w))
	}
	status := http.StatusOK
	if len(check.Errors) > 0 {
		status, check.Staged = http.StatusUnprocessableEntity, ""
	}
	return h.show(c, status, views.MappingPage{Check: check})
}

// warningLine splits "Line 9, Fernhill: …" into its line and the rest.
func warningLine(text string) views.LineProblem {
	head, rest, ok := strings.Cut(strings.TrimPrefix(text, "Line "), ", ")
	if line := typedID(head); ok && line > 0 {
		return views.LineProblem{Line: line, Message: rest}
	}
	return views.LineProblem{Message: text}
}

func mappingChange(line admin.MappingLine) views.MappingChange {
	out := views.MappingChange{Line: line.Line, Tenant: line.Tenant.Name, ID: line.Tenant.ID}
	add := func(label, before, after string, differs bool) {
		if differs {
			out.Fields = append(out.Fields, views.FieldChange{Label: label, Before: before, After: after})
		}
	}
	add("Company", line.FromCompany, line.ToCompany, line.From.CompanyID != line.To.CompanyID)
	add("Agreement", line.FromAgreement, line.ToAgreement, line.From.AgreementID != line.To.AgreementID)
	add("Sync", onOff(line.From.Enabled), onOff(line.To.Enabled), line.From.Enabled != line.To.Enabled)
	return out
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func (h mappingPage) wrong(c echo.Context, err error) error {
	if _, theirs := mistake(err); !theirs {
		return err
	}
	return h.show(c, http.StatusUnprocessableEntity, views.MappingPage{Problem: vendorSays("Nothing was imported.", err)})
}

func (h mappingPage) show(c echo.Context, status int, model views.MappingPage) error {
	of, err := h.account(c)
	if err != nil {
		return err
	}
	model.Account, model.Now, model.Zone, model.Tenants = of.Account.Name, h.now(), zoneOf(of.Account), of.TenantsTotal
	frame, err := h.accountFrame(c, of, "Mapping as CSV", views.PlaceTenants)
	if err != nil {
		return err
	}
	return h.whole(c, status, frame, views.Mapping(model))
}
