package admin

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"causeway/internal/store"
)

// The columns of the mapping file, in their order.
const (
	columnTenantID      = "tenant_id"
	columnTenantName    = "tenant_name"
	columnCompanyID     = "company_id"
	columnCompanyName   = "company_name"
	columnAgreementID   = "agreement_id"
	columnAgreementName = "agreement_name"
	columnEnabled       = "enabled"
)

var mappingColumns = []string{
	columnTenantID, columnTenantName, columnCompanyID, columnCompanyName, columnAgreementID, columnAgreementName, columnEnabled,
}

// ExportMapping writes the mapping of every tenant as CSV (R14): UTF-8, one line per tenant, by name. Names that a spreadsheet
// would take for a formula get an apostrophe in front; an import takes it away again.
func (a *Admin) ExportMapping(ctx context.Context, name string, to io.Writer) error {
	account, err := a.store.Account(ctx, name)
	if err != nil {
		return err
	}
	offer, err := a.Offer(ctx, account)
	if err != nil {
		return err
	}
	rows, _, _, err := a.store.Tenants(ctx, account.ID, store.TenantFilter{})
	if err != nil {
		return err
	}
	out := bufio.NewWriter(to)
	writeRecord(out, mappingColumns)
	for _, row := range rows {
		company, _ := offer.Company(row.Mapping.CompanyID)
		agreement, _ := offer.Agreement(row.Mapping.AgreementID)
		writeRecord(out, []string{
			row.ID, row.Name, idText(row.Mapping.CompanyID), company.Name, idText(row.Mapping.AgreementID), agreement.Name,
			strconv.FormatBool(row.Mapping.Enabled),
		})
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write the mapping of %s: %w", name, err)
	}
	return nil
}

// writeRecord quotes every cell, which encoding/csv does only where it must: a quoted cell keeps its leading zeros in more
// spreadsheets. The buffer keeps the first error for Flush.
func writeRecord(out *bufio.Writer, cells []string) {
	for i, cell := range cells {
		if i > 0 {
			_ = out.WriteByte(',')
		}
		_, _ = out.WriteString(`"` + strings.ReplaceAll(guardCell(cell), `"`, `""`) + `"`)
	}
	_, _ = out.WriteString("\r\n")
}

// formulaStarts are the characters that make a spreadsheet read a cell as a formula, or pass leading blanks to one.
const formulaStarts = "=+-@\t\r"

// guardCell also doubles a leading apostrophe that stands before such a character, so that unguardCell takes away only ours.
func guardCell(cell string) string {
	if rest := strings.TrimLeft(cell, "'"); rest != "" && strings.ContainsRune(formulaStarts, rune(rest[0])) {
		return "'" + cell
	}
	return cell
}

func unguardCell(cell string) string {
	rest, guarded := strings.CutPrefix(cell, "'")
	if first := strings.TrimLeft(rest, "'"); guarded && first != "" && strings.ContainsRune(formulaStarts, rune(first[0])) {
		return rest
	}
	return cell
}

func idText(id int) string {
	if id == 0 {
		return ""
	}
	return strconv.Itoa(id)
}
