package admin_test

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"causeway/internal/admin"
	"causeway/internal/bridge"
)

// estate is the demonstration estate: twenty tenants whose companies and agreements are of every kind.
func estate(o *options) { o.tenants = 20 }

func (w *world) offer(account bridge.Account) *admin.Offer {
	w.t.Helper()
	offer, err := w.admin.Offer(w.t.Context(), account)
	require.NoError(w.t, err)
	return offer
}

// plain is an offered company with one monthly agreement and an active status.
func plain(t *testing.T, offer *admin.Offer) (admin.OfferedCompany, bridge.Mapping) {
	t.Helper()
	for _, c := range offer.Companies {
		if c.Warning == "" && len(c.Agreements) == 1 && bridge.RecurrenceOf(c.Agreements[0]) == bridge.MonthlyRecurring {
			return c, bridge.Mapping{CompanyID: c.ID, AgreementID: c.Agreements[0].ID}
		}
	}
	t.Fatal("the estate has no plain company")
	return admin.OfferedCompany{}, bridge.Mapping{}
}

func TestOffered(t *testing.T) { // R9
	t.Parallel()
	w := newWorld(t, estate)
	account := w.ready("northbridge-it")
	companies, err := w.store.Companies(t.Context(), account.ID)
	require.NoError(t, err)
	agreements, err := w.store.Agreements(t.Context(), account.ID)
	require.NoError(t, err)
	offer := w.offer(account)
	today := bridge.MustDate("2026-11-23")

	var deleted, without, ended, later int
	for _, c := range companies {
		offered, ok := offer.Offered(c.ID)
		running := 0
		for _, ag := range agreements {
			if ag.CompanyID != c.ID {
				continue
			}
			over := ag.Cancelled || !ag.End.IsZero() && ag.End.Before(today)
			if !over {
				running++
			} else {
				ended++
			}
			shown := slices.ContainsFunc(offered.Agreements, func(o bridge.Agreement) bool { return o.ID == ag.ID })
			require.Equal(t, !over && !c.Deleted, shown, "%s of %s", ag.Name, c.Name)
			if shown && ag.Start.After(today) {
				later++
			}
		}
		if c.Deleted {
			deleted++
		} else if running == 0 {
			without++
		}
		require.Equal(t, running > 0 && !c.Deleted, ok, c.Name)
	}
	require.Positive(t, deleted, "the estate lost its deleted company")
	require.Positive(t, without)
	require.Positive(t, ended)
	require.Positive(t, later, "agreements that start later are offered")

	answers, err := w.admin.Companies(t.Context(), account.Name, true)
	require.NoError(t, err)
	require.Len(t, answers, len(offer.Companies))
	for _, c := range answers {
		require.NotEmpty(t, c.Agreements, c.Name)
	}
}

func TestSaveMapping(t *testing.T) { // R11, R12
	t.Parallel()
	w := newWorld(t, estate)
	account := w.ready("northbridge-it")
	tenants, err := w.admin.Tenants(t.Context(), account.Name)
	require.NoError(t, err)
	tenant := tenants[0].Tenant
	offer := w.offer(account)
	company, to := plain(t, offer)

	for name, c := range map[string]struct {
		to    bridge.Mapping
		field string
	}{
		"switch without a mapping":      {bridge.Mapping{Enabled: true}, "enabled"},
		"switch without an agreement":   {bridge.Mapping{CompanyID: company.ID, Enabled: true}, "enabled"},
		"unknown company":               {bridge.Mapping{CompanyID: 999999, AgreementID: to.AgreementID}, "company_id"},
		"agreement without its company": {bridge.Mapping{AgreementID: to.AgreementID}, "company_id"},
		"unknown agreement":             {bridge.Mapping{CompanyID: company.ID, AgreementID: 999999}, "agreement_id"},
		"agreement of another company":  {bridge.Mapping{CompanyID: otherThan(offer, company.ID).ID, AgreementID: to.AgreementID}, "agreement_id"},
	} {
		_, err := w.admin.SaveMapping(t.Context(), account.Name, tenant, c.to, nil, "billing-lead")
		require.Equal(t, bridge.CodeInvalid, bridge.CodeOf(err), name)
		require.Contains(t, admin.FieldErrors(err), c.field, name)
	}

	to.Enabled = true
	warnings, err := w.admin.SaveMapping(t.Context(), account.Name, tenant, to, &bridge.Mapping{}, "billing-lead")
	require.NoError(t, err)
	require.Empty(t, warnings)
	_, err = w.admin.SaveMapping(t.Context(), account.Name, tenant, bridge.Mapping{}, &bridge.Mapping{}, "somebody slower")
	require.Equal(t, bridge.CodeConflict, bridge.CodeOf(err))

	prospect := offer.Companies[slices.IndexFunc(offer.Companies, func(c admin.OfferedCompany) bool { return c.Warning != "" })]
	warnings, err = w.admin.SaveMapping(t.Context(), account.Name, tenants[1].Tenant,
		bridge.Mapping{CompanyID: prospect.ID, AgreementID: prospect.Agreements[0].ID}, nil, "billing-lead")
	require.NoError(t, err, "a company that is not active may be mapped")
	require.Contains(t, strings.Join(warnings, " "), prospect.Status)
}

func otherThan(offer *admin.Offer, id int) admin.OfferedCompany {
	return offer.Companies[slices.IndexFunc(offer.Companies, func(c admin.OfferedCompany) bool { return c.ID != id })]
}

func TestSetEnabled(t *testing.T) { // R11, R14
	t.Parallel()
	w := newWorld(t, estate)
	account := w.ready("northbridge-it")
	tenants, err := w.admin.Tenants(t.Context(), account.Name)
	require.NoError(t, err)
	_, to := plain(t, w.offer(account))
	mapped, unmapped := tenants[0].Tenant, tenants[1].Tenant
	_, err = w.admin.SaveMapping(t.Context(), account.Name, mapped, to, nil, "billing-lead")
	require.NoError(t, err)

	outcome, err := w.admin.SetEnabled(t.Context(), account.Name, []string{mapped, unmapped, "no-such"}, true, "billing-lead")
	require.NoError(t, err)
	require.Equal(t, 1, outcome.Changed)
	require.Contains(t, outcome.Refused[unmapped], "Choose company and agreement first.")
	require.Contains(t, outcome.Refused, "no-such")
	enabled, err := w.store.EnabledTenants(t.Context(), account.ID, nil)
	require.NoError(t, err)
	require.Len(t, enabled, 1)
	outcome, err = w.admin.SetEnabled(t.Context(), account.Name, []string{mapped}, false, "billing-lead")
	require.NoError(t, err)
	require.Equal(t, 1, outcome.Changed)
}

// csvWorld is an account with tenants and something to map them to.
type csvWorld struct {
	*world
	account bridge.Account
	tenants []admin.TenantAnswer
	company admin.OfferedCompany
	to      bridge.Mapping
}

func newCSVWorld(t *testing.T) csvWorld {
	t.Helper()
	w := newWorld(t, estate)
	account := w.ready("northbridge-it")
	tenants, err := w.admin.Tenants(t.Context(), account.Name)
	require.NoError(t, err)
	company, to := plain(t, w.offer(account))
	return csvWorld{w, account, tenants, company, to}
}

const header = "tenant_id,tenant_name,company_id,company_name,agreement_id,agreement_name,enabled\n"

func (w csvWorld) read(text string, dryRun bool) admin.MappingAnswer {
	w.t.Helper()
	answer, err := w.admin.ImportMapping(w.t.Context(), w.account.Name, strings.NewReader(text), dryRun, "billing-lead")
	require.NoError(w.t, err)
	return answer
}

func TestImportByIDAndByName(t *testing.T) { // R14
	t.Parallel()
	w := newCSVWorld(t)
	file := header +
		fmt.Sprintf("%s,,%d,,%d,,true\n", w.tenants[0].Tenant, w.to.CompanyID, w.to.AgreementID) +
		fmt.Sprintf("%s,,,\"%s\",,\"%s\",FALSE\n", w.tenants[1].Tenant, w.company.Name, w.company.Agreements[0].Name)

	answer := w.read(file, true)
	require.Empty(t, answer.Errors)
	require.Equal(t, 2, answer.Rows)
	require.Equal(t, 2, answer.Changed)
	require.Equal(t, w.company.Name, answer.Changes[1].ToCompany)
	now, err := w.store.Tenant(t.Context(), w.account.ID, w.tenants[0].Tenant)
	require.NoError(t, err)
	require.Zero(t, now.Mapping, "a dry run changes nothing")

	require.Equal(t, 2, w.read(file, false).Changed)
	now, err = w.store.Tenant(t.Context(), w.account.ID, w.tenants[0].Tenant)
	require.NoError(t, err)
	require.Equal(t, bridge.Mapping{CompanyID: w.to.CompanyID, AgreementID: w.to.AgreementID, Enabled: true}, now.Mapping)
	require.Zero(t, w.read(file, false).Changed, "the same file again changes nothing")

	// Empty company and agreement with false unmap; tenants that the file leaves out keep their mapping.
	answer = w.read(header+w.tenants[0].Tenant+",,,,,,false\n", false)
	require.Empty(t, answer.Errors)
	require.Equal(t, 1, answer.Changed)
	now, err = w.store.Tenant(t.Context(), w.account.ID, w.tenants[0].Tenant)
	require.NoError(t, err)
	require.Zero(t, now.Mapping)
	now, err = w.store.Tenant(t.Context(), w.account.ID, w.tenants[1].Tenant)
	require.NoError(t, err)
	require.True(t, now.Mapping.Complete())
}

func TestImportErrorsByLine(t *testing.T) { // R14: nothing is imported while a line is wrong
	t.Parallel()
	w := newCSVWorld(t)
	id := func(i int) string { return w.tenants[i].Tenant }
	company, agreement := strconv.Itoa(w.to.CompanyID), strconv.Itoa(w.to.AgreementID)
	other := otherThan(w.offer(w.account), w.company.ID)
	lines := []struct{ line, column, message string }{
		{id(0) + ",," + company + ",," + agreement + ",,true", "", ""},
		{"4711,," + company + ",," + agreement + ",,true", "tenant_id", "no tenant with the id 4711"},
		{",Nobody,,,,,false", "tenant_name", "no tenant named Nobody"},
		{id(1) + ",," + company + ",," + agreement + ",,yes", "enabled", "true or false"},
		{id(2) + ",,,Fernhill Unknown,,Gold,true", "company_name", "No company named Fernhill Unknown"},
		{id(3) + ",," + company + ",,,Gold,true", "agreement_name", "has no agreement Gold"},
		{id(4) + ",,x1,,,,false", "company_id", "x1 is not a ConnectWise id"},
		{id(5) + ",," + company + ",," + strconv.Itoa(other.Agreements[0].ID) + ",,true", "agreement_id", "does not belong"},
		{id(6) + ",,,,,,true", "enabled", "Choose company and agreement first."},
		{id(0) + ",," + company + ",," + agreement + ",,false", "tenant_id", "Line 2 names this tenant already."},
		{id(7) + "," + company, "", "2 cells instead of 7"},
		{",,,,,,false", "tenant_id", "names no tenant"},
		{id(8) + ",," + "999999" + ",,,,false", "company_id", "no company with the id 999999"},
	}
	var file strings.Builder
	file.WriteString(header)
	var want []admin.MappingError
	for i, l := range lines {
		file.WriteString(l.line + "\n")
		if l.message != "" {
			want = append(want, admin.MappingError{Line: i + 2, Column: l.column})
		}
	}
	answer := w.read(file.String(), false)
	var got []admin.MappingError
	for _, e := range answer.Errors {
		require.Contains(t, e.Message, lines[e.Line-2].message)
		got = append(got, admin.MappingError{Line: e.Line, Column: e.Column})
	}
	require.Empty(t, cmp.Diff(want, got))
	require.Zero(t, answer.Changed)
	enabled, err := w.store.EnabledTenants(t.Context(), w.account.ID, nil)
	require.NoError(t, err)
	require.Empty(t, enabled, "one wrong line must keep the others out")
}

func TestImportNumbersLinesAsAnEditor(t *testing.T) {
	t.Parallel()
	w := newCSVWorld(t)
	// A quoted cell over two lines, an empty line, then the mistake on line 6.
	file := header + w.tenants[0].Tenant + ",\"two\nlines\",,,,,false\n\n\n4711,,,,,,false\n"
	answer := w.read(file, true)
	require.Len(t, answer.Errors, 1)
	require.Equal(t, 6, answer.Errors[0].Line)
}

func TestImportRefusesFilesAsAWhole(t *testing.T) {
	t.Parallel()
	w := newCSVWorld(t)
	for name, c := range map[string]struct {
		file, message string
		line          int
	}{
		"empty":        {"", "empty", 1},
		"semicolons":   {strings.ReplaceAll(header, ",", ";") + w.tenants[0].Tenant + ";;;;;;false\n", "semicolons", 1},
		"other header": {"tenant,company\n", "The first line must be tenant_id,", 1},
		"not UTF-8":    {header + w.tenants[0].Tenant + ",M\xfcller,,,,,false\n", "not UTF-8", 2},
		"UTF-16":       {"\xff\xfet\x00e\x00", "not UTF-8", 1},
		"open quote":   {header + "\"" + w.tenants[0].Tenant + ",,,,,,false\n", "quotation mark", 2},
		"too large":    {header + strings.Repeat("x", 11<<20), "10 MB", 1},
		"too long":     {header + strings.Repeat("4711,,,,,,false\n", 100_001), "100000 lines", 100_002},
	} {
		answer := w.read(c.file, false)
		require.NotEmpty(t, answer.Errors, name)
		found := slices.ContainsFunc(answer.Errors, func(e admin.MappingError) bool {
			return strings.Contains(e.Message, c.message) && e.Line == c.line
		})
		require.True(t, found, "%s: %+v", name, answer.Errors[0])
		require.Zero(t, answer.Changed, name)
		require.LessOrEqual(t, len(answer.Errors), 1001, name)
	}
	// With a byte order mark and Windows' line ends, as spreadsheets save it.
	answer := w.read("\ufeff"+strings.ReplaceAll(header, "\n", "\r\n")+w.tenants[0].Tenant+",,,,,,false\r\n", false)
	require.Empty(t, answer.Errors)
}

func TestExportComesBackUnchanged(t *testing.T) { // R14
	t.Parallel()
	w := newCSVWorld(t)
	w.sim(w.msw, "POST", "edit", map[string]any{"op": "tenant.put", "productGroupID": tenantNumber(t, w.tenants[0].Tenant), "name": `=HYPERLINK("http://evil")`})
	w.sim(w.msw, "POST", "edit", map[string]any{"op": "tenant.put", "productGroupID": tenantNumber(t, w.tenants[1].Tenant), "name": `'-Minus, "quoted"`})
	_, err := w.admin.RefreshTenants(t.Context(), w.account.Name)
	require.NoError(t, err)
	to := w.to
	to.Enabled = true
	_, err = w.admin.SaveMapping(t.Context(), w.account.Name, w.tenants[0].Tenant, to, nil, "billing-lead")
	require.NoError(t, err)

	var out bytes.Buffer
	require.NoError(t, w.admin.ExportMapping(t.Context(), w.account.Name, &out))
	require.Contains(t, out.String(), `"'=HYPERLINK(""http://evil"")"`)
	answer := w.read(out.String(), false)
	require.Empty(t, answer.Errors)
	require.Equal(t, 20, answer.Rows)
	require.Zero(t, answer.Changed, "an export must import as what it is")

	// The same without ids: names alone must find the same tenants, apostrophes and all.
	var names strings.Builder
	names.WriteString(header)
	for i, line := range strings.Split(strings.TrimSpace(out.String()), "\r\n")[1:] {
		if strings.Contains(line, "HYPERLINK") || strings.Contains(line, "Minus") {
			names.WriteString(`""` + line[strings.Index(line, `,`):] + "\n") //nolint:gocritic // every line has a comma
		}
		require.True(t, strings.HasPrefix(line, `"`), "line %d", i+2)
	}
	answer = w.read(names.String(), false)
	require.Empty(t, answer.Errors)
	require.Equal(t, 2, answer.Rows)
}
