package vendors

import (
	"cmp"
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"causeway/internal/bridge"
	"causeway/internal/connectwise"
)

var (
	companyFields   = []string{"id", "identifier", "name", "status/name", "deletedFlag"}
	agreementFields = []string{
		"id", "name", "type/name", "company/id", "parentAgreement/id", "startDate", "endDate", "noEndingDateFlag", "cancelledFlag",
		"agreementStatus", "billingCycle/id", "billOneTimeFlag", "billStartDate", "nextInvoiceDate", "prorateFlag",
	}
)

// ReadCompanies reads every company and every agreement in large pages, both in the order of their ids (R9). Deleted companies and
// ended agreements are among them: tenants may still be mapped to one.
func ReadCompanies(ctx context.Context, client *connectwise.Client) ([]bridge.Company, []bridge.Agreement, error) {
	var companies []bridge.Company
	var rows []connectwise.Agreement
	cycles := map[int]connectwise.BillingCycle{}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		for row, err := range client.Companies.All(ctx, connectwise.ListOptions{Fields: companyFields}) {
			if err != nil {
				return err
			}
			companies = append(companies, bridge.Company{
				ID: row.ID, Identifier: row.Identifier, Name: row.Name, Status: row.Status.Name, Deleted: row.DeletedFlag,
			})
		}
		return nil
	})
	group.Go(func() error {
		for row, err := range client.Agreements.All(ctx, connectwise.ListOptions{Fields: agreementFields}) {
			if err != nil {
				return err
			}
			rows = append(rows, row)
		}
		return nil
	})
	group.Go(func() error {
		for cycle, err := range client.BillingCycles.All(ctx, connectwise.ListOptions{}) {
			if err != nil {
				return err
			}
			cycles[cycle.ID] = cycle
		}
		return nil
	})
	if err := group.Wait(); err != nil {
		return nil, nil, err
	}
	agreements := make([]bridge.Agreement, 0, len(rows))
	for _, row := range rows {
		agreements = append(agreements, agreementOf(row, cycles))
	}
	slices.SortFunc(companies, func(x, y bridge.Company) int { return cmp.Compare(x.ID, y.ID) })
	slices.SortFunc(agreements, func(x, y bridge.Agreement) int { return cmp.Compare(x.ID, y.ID) })
	return companies, agreements, nil
}

func agreementOf(a connectwise.Agreement, cycles map[int]connectwise.BillingCycle) bridge.Agreement {
	cycle := cycles[a.BillingCycle.ID]
	end := dateOf(a.EndDate)
	if a.NoEndingDateFlag {
		end = bridge.Date{} // an end date left over from before is not shown by ConnectWise either
	}
	return bridge.Agreement{
		ID: a.ID, CompanyID: a.Company.ID, ParentID: a.ParentAgreement.ID, Name: a.Name, Type: a.Type.Name,
		CycleName: cycle.Name, Cycle: bridge.BillingOption(cycle.BillingOptions), OneTime: a.BillOneTimeFlag,
		Start: dateOf(a.StartDate), End: end, BillStart: dateOf(a.BillStartDate), NextInvoice: dateOf(a.NextInvoiceDate),
		Cancelled: a.CancelledFlag, Prorate: a.ProrateFlag, Status: string(a.AgreementStatus),
	}
}

func dateOf(d connectwise.Date) bridge.Date {
	if d.IsZero() {
		return bridge.Date{}
	}
	year, month, day := d.Date()
	return bridge.Date{Year: year, Month: month, Day: day}
}
