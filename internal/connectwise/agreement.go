package connectwise

import (
	"context"
	"errors"
	"net/http"
	"strconv"
)

// AgreementStatus is derived by ConnectWise from an agreement's dates and its cancelled flag.
type AgreementStatus string

// The states of an agreement. Source: published OpenAPI 2022.1.
const (
	AgreementActive    AgreementStatus = "Active"
	AgreementCancelled AgreementStatus = "Cancelled"
	AgreementExpired   AgreementStatus = "Expired"
	AgreementInactive  AgreementStatus = "Inactive"
)

// Agreement is a contract with a company, with additions as its lines.
type Agreement struct {
	ID      int    `json:"id"`
	Name    string `json:"name"`
	Type    Ref    `json:"type"`
	Company Ref    `json:"company"`
	// ParentAgreement is set on a child agreement.
	ParentAgreement  Ref             `json:"parentAgreement"`
	StartDate        Date            `json:"startDate"`
	EndDate          Date            `json:"endDate"`
	NoEndingDateFlag bool            `json:"noEndingDateFlag"`
	CancelledFlag    bool            `json:"cancelledFlag"`
	DateCancelled    Date            `json:"dateCancelled"`
	AgreementStatus  AgreementStatus `json:"agreementStatus"`
	// BillingCycle names the cycle; its meaning is in the cycle's BillingOptions.
	BillingCycle    Ref  `json:"billingCycle"`
	BillOneTimeFlag bool `json:"billOneTimeFlag"`
	// BillStartDate is the first day that is billed; additions cannot take effect before it.
	BillStartDate Date `json:"billStartDate"`
	// NextInvoiceDate moves only when somebody invoices, so it can lie in the past.
	NextInvoiceDate Date `json:"nextInvoiceDate"`
	// ProrateFlag says that parts of a billing period are charged in part.
	ProrateFlag bool       `json:"prorateFlag"`
	Info        RecordInfo `json:"_info"`
}

func (a Agreement) recordID() int { return a.ID }

// AgreementsService reads agreements. Path finance/agreements.
type AgreementsService struct{ Collection[Agreement] }

// Get reads one agreement.
func (s *AgreementsService) Get(ctx context.Context, id int) (Agreement, error) {
	return s.get(ctx, id)
}

// AgreementType is what agreements are made from.
type AgreementType struct {
	ID           int    `json:"id"`
	Name         string `json:"name"`
	InactiveFlag bool   `json:"inactiveFlag"`
	ProrateFlag  bool   `json:"prorateFlag"`
	BillingCycle Ref    `json:"billingCycle"`
}

func (t AgreementType) recordID() int { return t.ID }

// AgreementTypesService reads agreement types. Path finance/agreements/types.
type AgreementTypesService struct{ Collection[AgreementType] }

// BillingOption is how often a billing cycle bills.
type BillingOption string

// The options of a billing cycle. Source: published OpenAPI 2022.1.
const (
	BillingBiMonthly    BillingOption = "BiMonthly"
	BillingBiWeekly     BillingOption = "BiWeekly"
	BillingMonthly      BillingOption = "Monthly"
	BillingNotRecurring BillingOption = "NotRecurring"
	BillingQuarterly    BillingOption = "Quarterly"
	BillingSemiAnnual   BillingOption = "SemiAnnual"
	BillingWeekly       BillingOption = "Weekly"
	BillingYearly       BillingOption = "Yearly"
)

// BillingCycle is a rhythm of invoicing. Its name is the provider's own text; only BillingOptions tells the rhythm.
type BillingCycle struct {
	ID             int           `json:"id"`
	Identifier     string        `json:"identifier"`
	Name           string        `json:"name"`
	BillingOptions BillingOption `json:"billingOptions"`
}

func (c BillingCycle) recordID() int { return c.ID }

// BillingCyclesService reads billing cycles. Path finance/billingCycles.
type BillingCyclesService struct{ Collection[BillingCycle] }

// Get reads one billing cycle.
func (s *BillingCyclesService) Get(ctx context.Context, id int) (BillingCycle, error) {
	return s.get(ctx, id)
}

// AgreementConfiguration is a configuration that is attached to an agreement; its id is the configuration's.
type AgreementConfiguration struct {
	ID               int    `json:"id"`
	DeviceIdentifier string `json:"deviceIdentifier"`
}

func (c AgreementConfiguration) recordID() int { return c.ID }

// AgreementConfigurationsService is what configurations are attached to agreements. Path
// finance/agreements/{id}/configurations.
type AgreementConfigurationsService struct{ c *Client }

func (s *AgreementConfigurationsService) of(agreementID int) Collection[AgreementConfiguration] {
	return subcollection[AgreementConfiguration](s.c, "finance/agreements", agreementID, "configurations")
}

// List reads everything that is attached to the agreement.
func (s *AgreementConfigurationsService) List(ctx context.Context, agreementID int) ([]AgreementConfiguration, error) {
	return Collect(s.of(agreementID).All(ctx, ListOptions{}))
}

// Attach attaches a configuration. What ConnectWise does with one that is attached already is not documented: list first.
func (s *AgreementConfigurationsService) Attach(ctx context.Context, agreementID, configurationID int) error {
	if configurationID <= 0 {
		of := s.of(agreementID)
		return s.c.invalid(request{method: http.MethodPost, path: of.path}, of.checkID(configurationID))
	}
	_, err := s.of(agreementID).create(ctx, RefID(configurationID))
	return err
}

// Detach detaches a configuration; the configuration itself stays.
func (s *AgreementConfigurationsService) Detach(ctx context.Context, agreementID, configurationID int) error {
	of := s.of(agreementID)
	_, err := s.c.do(ctx, request{method: http.MethodDelete, path: of.element(configurationID), invalid: of.checkID(configurationID)})
	return err
}

// subcollection is a list that belongs to one record.
func subcollection[T Record](c *Client, parents string, parent int, name string) Collection[T] {
	s := newCollection[T](c, parents+"/"+strconv.Itoa(parent)+"/"+name)
	if parent <= 0 {
		s.bad = errors.New(strconv.Itoa(parent) + " is not the id of a record of " + parents)
	}
	return s
}
