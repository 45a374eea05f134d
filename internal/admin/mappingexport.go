package admin

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"causeway/internal/spreadsheet"
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
	account, err := a.inUse(ctx, name)
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
	out := spreadsheet.NewWriter(to)
	out.Write(mappingColumns...)
	for _, row := range rows {
		company, _ := offer.Company(row.Mapping.CompanyID)
		agreement, _ := offer.Agreement(row.Mapping.AgreementID)
		out.Write(
			row.ID, row.Name, idText(row.Mapping.CompanyID), company.Name, idText(row.Mapping.AgreementID), agreement.Name,
			strconv.FormatBool(row.Mapping.Enabled),
		)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write the mapping of %s: %w", name, err)
	}
	return nil
}

func idText(id int) string {
	if id == 0 {
		return ""
	}
	return strconv.Itoa(id)
}
