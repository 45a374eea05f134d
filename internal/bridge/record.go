package bridge

import "github.com/shopspring/decimal"

// Records of ConnectWise as Causeway compares them. Ids are ConnectWise's 32-bit record ids.

// CatalogItem is a row of the product catalog.
type CatalogItem struct {
	ID                  int
	Identifier          string
	Description         string // at most 60 characters in ConnectWise
	CustomerDescription string
	Type                string
	Category            string
	Subcategory         string
	Class               string
	Price               decimal.Decimal
	Inactive            bool
}

// Addition is one line of an agreement.
type Addition struct {
	ID                 int
	AgreementID        int
	ProductID          int
	Product            string // the catalog identifier
	Serial             string
	BillCustomer       string
	Quantity           decimal.Decimal
	BilledQuantity     decimal.Decimal
	UnitPrice          decimal.Decimal
	Effective          Date
	Cancelled          Date // zero: runs on; the last day that bills otherwise
	Description        string
	InvoiceDescription string
}

// Configuration is a device of a company.
type Configuration struct {
	ID        int
	Name      string
	Type      string
	TypeID    int
	CompanyID int
	Serial    string
	Status    string
	Active    bool
	Installed Date
	Expires   Date // ConnectWise's warrantyExpirationDate, which its screens call Expiration Date
	Answers   []Answer
}

// Answer is a configuration's answer to one question of its type. Value is a YYYY-MM-DD date where ConnectWise holds one, else
// the text as found, empty when unanswered.
type Answer struct {
	QuestionID int
	Question   string
	Value      string
}

// ConfigurationType with the labels of its questions.
type ConfigurationType struct {
	ID        int
	Name      string
	Inactive  bool
	Questions []Question
}

// Question of a configuration type. Inactive ones are not shown on configurations.
type Question struct {
	ID       int
	Label    string
	Inactive bool
}
