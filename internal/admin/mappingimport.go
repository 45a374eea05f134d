package admin

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"causeway/internal/bridge"
	"causeway/internal/spreadsheet"
	"causeway/internal/store"
)

// Bounds of an imported file.
const (
	maxImportBytes = 10 << 20
	maxImportRows  = 100_000
	// maxImportErrors are told; a file with more is wrong as a whole.
	maxImportErrors = 1000
)

// ImportMapping reads a mapping file and stores all of it or, with errors or as a dry run, nothing (R14). The file is UTF-8 CSV
// with the columns of an export; where an id is empty, the exact name serves if it is the only one; tenants that it leaves out
// keep their mapping. Mistakes are in the answer by line and column; the error is for everything else.
func (a *Admin) ImportMapping(ctx context.Context, name string, file io.Reader, dryRun bool, by string) (MappingAnswer, error) {
	account, err := a.inUse(ctx, name)
	if err != nil {
		return MappingAnswer{}, err
	}
	text, err := io.ReadAll(io.LimitReader(file, maxImportBytes+1))
	if err != nil {
		return MappingAnswer{}, fmt.Errorf("read the mapping file: %w", err)
	}
	offer, err := a.Offer(ctx, account)
	if err != nil {
		return MappingAnswer{}, err
	}
	tenants, _, _, err := a.store.Tenants(ctx, account.ID, store.TenantFilter{})
	if err != nil {
		return MappingAnswer{}, err
	}
	im := newImporter(offer, tenants)
	im.read(text)
	answer := im.answer()
	if dryRun || len(answer.Errors) > 0 || len(answer.Changes) == 0 {
		return answer, nil
	}
	changes := make([]store.MappingChange, 0, len(answer.Changes))
	for _, line := range answer.Changes {
		changes = append(changes, store.MappingChange{TenantID: line.Tenant.ID, Mapping: line.To, Expected: new(line.From)})
	}
	return answer, a.store.SaveMappings(ctx, account.ID, changes, by)
}

// importer turns lines into changes and collects what is wrong with them.
type importer struct {
	offer     *Offer
	tenants   map[string]bridge.Tenant
	byName    map[string][]string // ids by exact name
	companies map[string][]int    // ids of offered companies by exact name
	lineOf    map[string]int      // where a tenant was first named

	rows     int
	changes  []MappingLine
	warnings []string
	errors   []MappingError
}

func newImporter(offer *Offer, rows []store.TenantRow) *importer {
	im := &importer{
		offer: offer, tenants: map[string]bridge.Tenant{}, byName: map[string][]string{}, companies: map[string][]int{}, lineOf: map[string]int{},
	}
	for _, row := range rows {
		im.tenants[row.ID] = row.Tenant
		im.byName[row.Name] = append(im.byName[row.Name], row.ID)
	}
	for _, c := range offer.Companies {
		im.companies[c.Name] = append(im.companies[c.Name], c.ID)
	}
	return im
}

func (im *importer) failf(line int, column, format string, args ...any) {
	im.errors = append(im.errors, MappingError{Line: line, Column: column, Message: fmt.Sprintf(format, args...)})
}

func (im *importer) answer() MappingAnswer {
	slices.SortStableFunc(im.errors, func(x, y MappingError) int { return x.Line - y.Line })
	if len(im.errors) > maxImportErrors {
		more := len(im.errors) - maxImportErrors
		im.errors = append(im.errors[:maxImportErrors:maxImportErrors], MappingError{Message: fmt.Sprintf("and %d more", more)})
	}
	changed := len(im.changes)
	if len(im.errors) > 0 {
		changed = 0
	}
	return MappingAnswer{Rows: im.rows, Changed: changed, Warnings: orEmpty(im.warnings), Errors: orEmpty(im.errors), Changes: im.changes}
}

// read refuses the file as a whole where no line can be trusted: too large, not UTF-8, another separator, other columns.
func (im *importer) read(text []byte) {
	if len(text) > maxImportBytes {
		im.failf(1, "", "The file is larger than 10 MB.")
		return
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if bad := firstInvalid(text); bad >= 0 {
		im.failf(1+bytes.Count(text[:bad], []byte("\n")), "", "The file is not UTF-8. Save it as CSV UTF-8.")
		return
	}
	reader := csv.NewReader(bytes.NewReader(text))
	reader.FieldsPerRecord = -1 // told by line instead
	header, err := reader.Read()
	if err != nil {
		im.unreadable(err, "The file is empty.")
		return
	}
	if !im.header(header) {
		return
	}
	for {
		cells, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			im.unreadable(err, "")
			return
		}
		line, _ := reader.FieldPos(0)
		im.rows++
		if im.rows > maxImportRows {
			im.errors = nil // thousands of complaints would only hide this one
			im.failf(line, "", "The file has more than %d lines.", maxImportRows)
			return
		}
		im.record(line, cells)
	}
}

func firstInvalid(text []byte) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 || r == 0 {
			return i
		}
		i += size
	}
	return -1
}

func (im *importer) unreadable(err error, empty string) {
	broken, ok := errors.AsType[*csv.ParseError](err)
	switch {
	case !ok:
		im.failf(1, "", "%s", empty)
	case errors.Is(broken.Err, csv.ErrQuote), errors.Is(broken.Err, csv.ErrBareQuote):
		im.failf(broken.StartLine, "", "A quotation mark is not closed, or stands inside a cell without being doubled.")
	default:
		im.failf(broken.StartLine, "", "The line cannot be read as CSV.")
	}
}

func (im *importer) header(cells []string) bool {
	for i := range cells {
		cells[i] = strings.ToLower(strings.TrimSpace(cells[i]))
	}
	if slices.Equal(cells, mappingColumns) {
		return true
	}
	if len(cells) == 1 && strings.ContainsAny(cells[0], ";\t") {
		im.failf(1, "", "The cells are separated by semicolons or tabs. Save the file with commas.")
		return false
	}
	im.failf(1, "", "The first line must be %s.", strings.Join(mappingColumns, ","))
	return false
}

func (im *importer) record(line int, cells []string) {
	if len(cells) != len(mappingColumns) {
		im.failf(line, "", "The line has %d cells instead of %d.", len(cells), len(mappingColumns))
		return
	}
	row := make(map[string]string, len(cells))
	for i, column := range mappingColumns {
		row[column] = spreadsheet.Unguard(strings.TrimSpace(cells[i]))
	}
	tenant, ok := im.tenant(line, row)
	if !ok {
		return
	}
	if first, twice := im.lineOf[tenant.ID]; twice {
		im.failf(line, columnTenantID, "Line %d names this tenant already.", first)
		return
	}
	im.lineOf[tenant.ID] = line
	to, ok := im.mapping(line, row)
	if !ok {
		return
	}
	if to != tenant.Mapping && im.refused(line, tenant.Mapping, to) {
		return
	}
	for _, w := range im.offer.Warnings(to) {
		im.warnings = append(im.warnings, fmt.Sprintf("Line %d, %s: %s", line, tenant.Name, w))
	}
	if to != tenant.Mapping {
		im.changes = append(im.changes, im.change(line, tenant, to))
	}
}

// refused tells a mapping that is not offered (R9, R11), at its column.
func (im *importer) refused(line int, from, to bridge.Mapping) bool {
	err := im.offer.refuseChange(from, to)
	if err == nil {
		return false
	}
	column := columnAgreementID
	if e, ok := errors.AsType[*bridge.Error](err); ok && e.Field != "" {
		column = e.Field
	}
	im.failf(line, column, "%s", sentence(err))
	return true
}

func (im *importer) change(line int, tenant bridge.Tenant, to bridge.Mapping) MappingLine {
	fromCompany, _ := im.offer.Company(tenant.Mapping.CompanyID)
	fromAgreement, _ := im.offer.Agreement(tenant.Mapping.AgreementID)
	toCompany, _ := im.offer.Company(to.CompanyID)
	toAgreement, _ := im.offer.Agreement(to.AgreementID)
	return MappingLine{
		Line: line, Tenant: tenant, From: tenant.Mapping, To: to, FromCompany: fromCompany.Name, FromAgreement: fromAgreement.Name,
		ToCompany: toCompany.Name, ToAgreement: toAgreement.Name,
	}
}

func (im *importer) tenant(line int, row map[string]string) (bridge.Tenant, bool) {
	id, name := row[columnTenantID], row[columnTenantName]
	if id != "" {
		tenant, ok := im.tenants[id]
		if !ok {
			im.failf(line, columnTenantID, "There is no tenant with the id %s.", id)
		}
		return tenant, ok
	}
	ids := im.byName[name]
	switch {
	case name == "":
		im.failf(line, columnTenantID, "The line names no tenant.")
	case len(ids) == 0:
		im.failf(line, columnTenantName, "There is no tenant named %s.", name)
	case len(ids) > 1:
		im.failf(line, columnTenantName, "%d tenants are named %s. Give the id, such as %s.", len(ids), name, ids[0])
	default:
		return im.tenants[ids[0]], true
	}
	return bridge.Tenant{}, false
}

func (im *importer) mapping(line int, row map[string]string) (bridge.Mapping, bool) {
	var m bridge.Mapping
	var companyOK, agreementOK, enabledOK bool
	m.CompanyID, companyOK = im.company(line, row)
	if companyOK {
		m.AgreementID, agreementOK = im.agreement(line, row, m.CompanyID)
	}
	switch strings.ToLower(row[columnEnabled]) {
	case "true":
		m.Enabled, enabledOK = true, true
	case "false":
		enabledOK = true
	default:
		im.failf(line, columnEnabled, "The cell must be true or false.")
	}
	return m, companyOK && agreementOK && enabledOK
}

// id reads an id cell; 0 with true for an empty one.
func (im *importer) id(line int, column, cell string) (int, bool) {
	if cell == "" {
		return 0, true
	}
	id, err := strconv.ParseInt(cell, 10, 32)
	if err != nil || id <= 0 {
		im.failf(line, column, "%s is not a ConnectWise id.", cell)
		return 0, false
	}
	return int(id), true
}

func (im *importer) company(line int, row map[string]string) (int, bool) {
	id, ok := im.id(line, columnCompanyID, row[columnCompanyID])
	name := row[columnCompanyName]
	if !ok || id != 0 || name == "" {
		return id, ok
	}
	switch ids := im.companies[name]; len(ids) {
	case 0:
		im.failf(line, columnCompanyName, "No company named %s is offered: it must have an agreement that runs or is yet to start.", name)
	case 1:
		return ids[0], true
	default:
		im.failf(line, columnCompanyName, "%d companies are named %s. Give the id, such as %d.", len(ids), name, ids[0])
	}
	return 0, false
}

func (im *importer) agreement(line int, row map[string]string, companyID int) (int, bool) {
	id, ok := im.id(line, columnAgreementID, row[columnAgreementID])
	name := row[columnAgreementName]
	if !ok || id != 0 || name == "" {
		return id, ok
	}
	if companyID == 0 {
		im.failf(line, columnCompanyID, "An agreement needs its company.")
		return 0, false
	}
	company, _ := im.offer.Offered(companyID)
	var ids []int
	for _, ag := range company.Agreements {
		if ag.Name == name {
			ids = append(ids, ag.ID)
		}
	}
	switch len(ids) {
	case 1:
		return ids[0], true
	case 0:
		known, _ := im.offer.Company(companyID)
		im.failf(line, columnAgreementName, "%s has no agreement %s that runs or is yet to start.", known.Name, name)
	default:
		im.failf(line, columnAgreementName, "%d agreements are named %s. Give the id, such as %d.", len(ids), name, ids[0])
	}
	return 0, false
}
