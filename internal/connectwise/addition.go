package connectwise

import (
	"context"
	"iter"

	"github.com/shopspring/decimal"
)

// BillCustomer says whether an addition is put on invoices.
type BillCustomer string

// The ways to bill an addition. Source: published OpenAPI 2022.1.
const (
	Billable  BillCustomer = "Billable"
	DoNotBill BillCustomer = "DoNotBill"
	NoCharge  BillCustomer = "NoCharge"
)

// Addition is a line of an agreement.
type Addition struct {
	ID           int             `json:"id"`
	AgreementID  int             `json:"agreementId"`
	Product      Ref             `json:"product"` // a catalog item, with its identifier
	BillCustomer BillCustomer    `json:"billCustomer"`
	Quantity     decimal.Decimal `json:"quantity"`
	LessIncluded decimal.Decimal `json:"lessIncluded"` // what is billed is the quantity without this
	// UnitPrice and UnitCost are nil where the server does not show them: an API member can be barred from prices.
	UnitPrice     *decimal.Decimal `json:"unitPrice"`
	UnitCost      *decimal.Decimal `json:"unitCost"`
	EffectiveDate Date             `json:"effectiveDate"`
	// CancelledDate is the zero Date while the addition runs on.
	CancelledDate Date   `json:"cancelledDate"`
	TaxableFlag   bool   `json:"taxableFlag"`
	SerialNumber  string `json:"serialNumber"`
	// InvoiceDescription and Description are copied from the product when the addition is made without them.
	InvoiceDescription string `json:"invoiceDescription"`
	Description        string `json:"description"`
	// BilledQuantity is computed by the server; nil where it does not say.
	BilledQuantity  *decimal.Decimal `json:"billedQuantity"`
	SequenceNumber  decimal.Decimal  `json:"sequenceNumber"`
	AgreementStatus AgreementStatus  `json:"agreementStatus"`
	Info            RecordInfo       `json:"_info"`
}

func (a Addition) recordID() int { return a.ID }

// AdditionRequest is a new addition. Product and BillCustomer are required; what is left at its zero value is not sent,
// and the server sets it. It takes a missing EffectiveDate for its own today. Limits: serial number 50, invoice
// description 6,000 characters. Source: published OpenAPI 2022.1.
type AdditionRequest struct {
	Product            RefID            `json:"product"`
	BillCustomer       BillCustomer     `json:"billCustomer"`
	Quantity           *decimal.Decimal `json:"quantity,omitempty"`
	LessIncluded       *decimal.Decimal `json:"lessIncluded,omitempty"`
	UnitPrice          *decimal.Decimal `json:"unitPrice,omitempty"`
	UnitCost           *decimal.Decimal `json:"unitCost,omitempty"`
	EffectiveDate      Date             `json:"effectiveDate,omitzero"`
	CancelledDate      Date             `json:"cancelledDate,omitzero"`
	SerialNumber       string           `json:"serialNumber,omitzero"`
	InvoiceDescription string           `json:"invoiceDescription,omitzero"`
	Description        string           `json:"description,omitzero"`
}

// AdditionsService is the lines of agreements. Path finance/agreements/{id}/additions; there is no list across
// agreements, see [AdditionsService.OfAgreements].
type AdditionsService struct{ c *Client }

func (s *AdditionsService) of(agreementID int) Collection[Addition] {
	return subcollection[Addition](s.c, "finance/agreements", agreementID, "additions")
}

// List reads one page of the agreement's additions. Without a filter it shows new ones at once.
func (s *AdditionsService) List(ctx context.Context, agreementID int, opts ListOptions) (Page[Addition], error) {
	return s.of(agreementID).List(ctx, opts)
}

// All reads the agreement's additions page by page.
func (s *AdditionsService) All(ctx context.Context, agreementID int, opts ListOptions) iter.Seq2[Addition, error] {
	return s.of(agreementID).All(ctx, opts)
}

// Get reads one addition.
func (s *AdditionsService) Get(ctx context.Context, agreementID, id int) (Addition, error) {
	return s.of(agreementID).get(ctx, id)
}

// Create makes an addition. ConnectWise refuses an effective date before the agreement's billing start, and, on an
// agreement that does not prorate, one in a period that was invoiced. It does not stop duplicates.
func (s *AdditionsService) Create(ctx context.Context, agreementID int, addition AdditionRequest) (Addition, error) {
	return s.of(agreementID).create(ctx, addition)
}

// Update changes fields of an addition.
func (s *AdditionsService) Update(ctx context.Context, agreementID, id int, patch *Patch) (Addition, error) {
	return s.of(agreementID).update(ctx, id, patch)
}
