package bridge

import "github.com/shopspring/decimal"

// ProductLine is MySonicWall's product line; those outside the guide's table are treated as R20 says.
type ProductLine string

const (
	LineFirewall         ProductLine = "FIREWALL"
	LineSMA1000          ProductLine = "SMA1000"
	LineSMA100           ProductLine = "SMA100"
	LineAccessPoint      ProductLine = "ACCESS_POINT"
	LineEmailSecurity    ProductLine = "EMAIL_SECURITY"
	LineCaptureClient    ProductLine = "CAPTURE_CLIENT"
	LineCloudAppSecurity ProductLine = "CLOUD_APP_SECURITY"
	LineGMS              ProductLine = "GMS"
	LineAnalyzer         ProductLine = "ANALYZER"
	LineCMS              ProductLine = "CMS"
	LineHostedEmail      ProductLine = "HOSTED_EMAIL"
)

// ProductStatus is what MySonicWall says of the registration.
type ProductStatus string

const (
	ProductActive      ProductStatus = "ACTIVE"
	ProductExpired     ProductStatus = "EXPIRED"
	ProductDeleted     ProductStatus = "DELETED"     // reported as gone: R32 acts at once
	ProductTransferred ProductStatus = "TRANSFERRED" // moved to another tenant or owner: R32 acts at once
)

// Tier is the variant of a product (BASIC, ADVANCED, PREMIER); empty when the product has none.
type Tier string

// Product is one registered unit of a tenant as MySonicWall last reported it, parsed. Serial is text: leading zeros matter.
type Product struct {
	Serial       string        `json:"serial"`
	Name         string        `json:"name"`     // freed of markup, white space collapsed
	RawName      string        `json:"raw_name"` // as reported, for the log only
	FriendlyName string        `json:"friendly_name"`
	Line         ProductLine   `json:"line"`
	Tier         Tier          `json:"tier"`
	Trial        bool          `json:"trial"`
	Billable     bool          `json:"billable"`
	Registered   Date          `json:"registered"` // zero when MySonicWall did not say
	Status       ProductStatus `json:"status"`
	Services     []Service     `json:"services"`
	// Problems are facts of this product that could not be read (a date of unknown form, say), each a sentence with the raw
	// text. A product with problems fails alone (R27's way); it is never guessed at.
	Problems []string `json:"problems,omitempty"`
}

// Service is one of a product's services; the guide's sub-services are in Subs.
type Service struct {
	Name     string              `json:"name"`
	Status   string              `json:"status"`
	Quantity decimal.NullDecimal `json:"quantity"` // invalid when not reported, which is not zero
	Expiry   Date                `json:"expiry"`   // zero when perpetual or never activated
	Subs     []Service           `json:"subs,omitempty"`
}

// Gone tells whether MySonicWall itself reports the product as deleted or transferred (R32: at once).
func (p Product) Gone() bool { return p.Status == ProductDeleted || p.Status == ProductTransferred }

// Report is everything MySonicWall said about one tenant's products in one collect.
type Report struct {
	TenantID string
	Products []Product
	// Complete is true only when every page arrived; an incomplete report removes nothing (R32).
	Complete bool
}
