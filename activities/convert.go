package activities

import (
	"github.com/shopspring/decimal"

	"causeway/internal/bridge"
	"causeway/internal/connectwise"
	"causeway/internal/mysonicwall"
)

// Wire types of both vendors become the domain's here, and nowhere else.

func toDate(d connectwise.Date) bridge.Date {
	if d.IsZero() {
		return bridge.Date{}
	}
	year, month, day := d.Date()
	return bridge.Date{Year: year, Month: month, Day: day}
}

func fromDate(d bridge.Date) connectwise.Date {
	if d.IsZero() {
		return connectwise.Date{}
	}
	return connectwise.NewDate(d.Year, d.Month, d.Day)
}

func orZero(d *decimal.Decimal) decimal.Decimal {
	if d == nil {
		return decimal.Decimal{}
	}
	return *d
}

func toCompany(c connectwise.Company) bridge.Company {
	return bridge.Company{ID: c.ID, Identifier: c.Identifier, Name: c.Name, Status: c.Status.Name, Deleted: c.DeletedFlag}
}

func toAgreement(a connectwise.Agreement, cycles map[int]connectwise.BillingCycle) bridge.Agreement {
	cycle := cycles[a.BillingCycle.ID]
	end := toDate(a.EndDate)
	if a.NoEndingDateFlag {
		end = bridge.Date{}
	}
	return bridge.Agreement{
		ID: a.ID, CompanyID: a.Company.ID, ParentID: a.ParentAgreement.ID, Name: a.Name, Type: a.Type.Name,
		CycleName: cycle.Name, Cycle: bridge.BillingOption(cycle.BillingOptions), OneTime: a.BillOneTimeFlag,
		Start: toDate(a.StartDate), End: end, BillStart: toDate(a.BillStartDate), NextInvoice: toDate(a.NextInvoiceDate),
		Cancelled: a.CancelledFlag, Prorate: a.ProrateFlag, Status: string(a.AgreementStatus),
	}
}

func toCatalogItem(i connectwise.CatalogItem) bridge.CatalogItem {
	return bridge.CatalogItem{
		ID: i.ID, Identifier: i.Identifier, Description: i.Description, CustomerDescription: i.CustomerDescription,
		Type: i.Type.Name, Category: i.Category.Name, Subcategory: i.Subcategory.Name, Class: string(i.ProductClass),
		Price: orZero(i.Price), Inactive: i.InactiveFlag,
	}
}

// toAddition takes the agreement from the list that was read: not every release repeats it in the row.
func toAddition(agreement int, a connectwise.Addition) bridge.Addition {
	return bridge.Addition{
		ID: a.ID, AgreementID: agreement, ProductID: a.Product.ID, Product: a.Product.Identifier, Serial: a.SerialNumber,
		BillCustomer: string(a.BillCustomer), Quantity: a.Quantity, BilledQuantity: orZero(a.BilledQuantity), UnitPrice: orZero(a.UnitPrice),
		Effective: toDate(a.EffectiveDate), Cancelled: toDate(a.CancelledDate),
		Description: a.Description, InvoiceDescription: a.InvoiceDescription,
	}
}

func toConfiguration(c connectwise.Configuration) bridge.Configuration {
	out := bridge.Configuration{
		ID: c.ID, Name: c.Name, Type: c.Type.Name, TypeID: c.Type.ID, CompanyID: c.Company.ID, Serial: c.SerialNumber,
		Status: c.Status.Name, Active: c.ActiveFlag, Installed: toDate(c.InstallationDate), Expires: toDate(c.WarrantyExpirationDate),
	}
	for _, q := range c.Questions {
		out.Answers = append(out.Answers, bridge.Answer{QuestionID: q.QuestionID, Question: q.Question, Value: answerText(q.Answer)})
	}
	return out
}

// answerText is a date in the domain's form where the answer is one, else the text as found.
func answerText(a connectwise.Answer) string {
	if d, ok := a.Date(); ok {
		return toDate(d).String()
	}
	return a.Text()
}

func fromMySonicWallDate(d mysonicwall.Date) bridge.Date {
	if d.IsZero() {
		return bridge.Date{}
	}
	date, err := bridge.ParseDate(d.String())
	if err != nil {
		return bridge.Date{}
	}
	return date
}

// toReport is complete unless a row had no readable serial: then nobody can tell which products are absent (R32).
func toReport(tenantID string, products []mysonicwall.Product) bridge.Report {
	report := bridge.Report{TenantID: tenantID, Complete: true, Products: make([]bridge.Product, 0, len(products))}
	for _, p := range products {
		if p.Serial == "" {
			report.Complete = false
		}
		report.Products = append(report.Products, bridge.Product{
			Serial: p.Serial, Name: p.Name, RawName: p.RawName, FriendlyName: p.FriendlyName,
			Line: bridge.ProductLine(p.Line), Tier: toTier(p.Tier), Trial: p.Trial == mysonicwall.Yes, Billable: p.Billable == mysonicwall.Yes,
			Registered: fromMySonicWallDate(p.Registered), Status: bridge.ProductStatus(p.Status),
			Services: toServices(p.Services), Problems: p.Problems,
		})
	}
	return report
}

func toTier(tier string) bridge.Tier {
	if tier == "NONE" {
		return ""
	}
	return bridge.Tier(tier)
}

func toServices(services []mysonicwall.Service) []bridge.Service {
	out := make([]bridge.Service, 0, len(services))
	for _, s := range services {
		out = append(out, bridge.Service{
			Name: s.Name, Status: s.Status, Quantity: s.Quantity, Expiry: fromMySonicWallDate(s.Expires), Subs: toServices(s.Parts),
		})
	}
	return out
}
