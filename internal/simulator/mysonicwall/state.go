package mysonicwall

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"causeway/internal/simulator/estate"
)

// The two accounts, as /_sim/ names them.
const (
	mainAccount   = "main"
	secondAccount = "second"
)

// What can be wrong with an account's key.
const (
	keyRevoked    = "revoked"
	keyExpired    = "expired"
	keyOutOfScope = "out_of_scope"
)

// state is everything that survives a restart. Fields of the records below are
// named as on the wire, so that an edit reads like the answer it changes.
type state struct {
	Seed     uint64 `json:"seed"`
	Tenants  int    `json:"tenants"`
	accounts map[string]*account
}

// MarshalJSON shows the accounts by name.
func (s *state) MarshalJSON() ([]byte, error) {
	return json.Marshal(stateImage{Seed: s.Seed, Tenants: s.Tenants, Accounts: s.accounts})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *state) UnmarshalJSON(text []byte) error {
	var image stateImage
	if err := json.Unmarshal(text, &image); err != nil {
		return err
	}
	*s = state{Seed: image.Seed, Tenants: image.Tenants, accounts: image.Accounts}
	for _, a := range s.accounts {
		a.sort()
	}
	return nil
}

type stateImage struct {
	Seed     uint64              `json:"seed"`
	Tenants  int                 `json:"tenants"`
	Accounts map[string]*account `json:"accounts"`
}

type account struct {
	UserName        string `json:"userName"`
	OrgName         string `json:"orgName"`
	TimeZone        string `json:"timeZone"`
	SecureFirst     bool   `json:"isSecureFirstPartner"`
	APIKeyExpiresOn string `json:"apiKeyExpiresOn"`
	// KeyState is "" for a good key, else revoked, expired or out_of_scope.
	KeyState string `json:"keyState"`

	Tenants []*tenant `json:"tenants"` // by productGroupID
	Alerts  []*alert  `json:"alerts"`  // by first appearance
	Feed    []feedRow `json:"feed"`    // by seq, redeliveries included
	LastSeq int64     `json:"lastSeq"`
}

type tenant struct {
	ProductGroupID        int        `json:"productGroupID"`
	Name                  string     `json:"name"`
	IsDefault             bool       `json:"isDefault"`
	TimeZone              string     `json:"timeZone"`
	CaptureClientTenantID string     `json:"captureClientTenantId"`
	Hidden                bool       `json:"hidden"` // the key's user may not see it
	Products              []*product `json:"products"`
}

type product struct {
	SerialNumber     string    `json:"serialNumber"`
	ProductName      string    `json:"productName"`
	FriendlyName     string    `json:"friendlyName"`
	ProductLine      string    `json:"productLine"`
	Tier             string    `json:"tier"`
	IsTrial          bool      `json:"isTrial"`
	IsBillable       string    `json:"isBillable"` // YES, NO or "" for not said
	IsNetworkProduct bool      `json:"isNetworkProduct"`
	RegisteredOn     string    `json:"registeredOn"` // YYYY-MM-DD; other text is sent as it is
	Status           string    `json:"status"`
	UpdatedAt        time.Time `json:"updatedAt"`
	Services         []service `json:"serviceTypeList"`
	Style            style     `json:"style"`
	// Raw overrides members of the row that is sent, null included.
	Raw map[string]json.RawMessage `json:"raw,omitempty"`
}

type service struct {
	Name     string    `json:"name"`
	Status   string    `json:"serviceStatus"`
	Quantity *int      `json:"quantity,omitempty"`
	Expires  string    `json:"expirydate"` // YYYY-MM-DD or ""; other text is sent as it is
	Parts    []service `json:"serviceList,omitempty"`
}

// style is how untidily a row is written.
type style struct {
	NumbersAsText bool `json:"numbersAsText,omitempty"`
	MixedCase     bool `json:"mixedCase,omitempty"`
	PortalDates   bool `json:"portalDates,omitempty"`
	OmitBlanks    bool `json:"omitBlanks,omitempty"`
}

func (a *account) sort() {
	slices.SortFunc(a.Tenants, func(x, y *tenant) int { return cmp.Compare(x.ProductGroupID, y.ProductGroupID) })
	for _, t := range a.Tenants {
		slices.SortFunc(t.Products, bySerial)
	}
}

func bySerial(x, y *product) int { return cmp.Compare(x.SerialNumber, y.SerialNumber) }

// find returns a tenant that the account can see or nil.
func (a *account) find(id int) *tenant {
	i, ok := slices.BinarySearchFunc(a.Tenants, id, func(t *tenant, id int) int { return cmp.Compare(t.ProductGroupID, id) })
	if !ok {
		return nil
	}
	return a.Tenants[i]
}

func (t *tenant) find(serial string) (int, bool) {
	return slices.BinarySearchFunc(t.Products, serial, func(p *product, s string) int { return cmp.Compare(p.SerialNumber, s) })
}

// put inserts or replaces a product, keeping the order by serial.
func (t *tenant) put(p *product) {
	i, found := t.find(p.SerialNumber)
	if found {
		t.Products[i] = p
		return
	}
	t.Products = slices.Insert(t.Products, i, p)
}

func newAccount(e estate.Estate, name, zone string) *account {
	a := &account{
		UserName: name + "-admin", OrgName: "Example MSP (" + name + ")", TimeZone: zone, SecureFirst: true,
		APIKeyExpiresOn: day(e.Today.AddDate(1, 0, -5)), // keys live for a year at most
	}
	for _, t := range e.Tenants {
		out := &tenant{
			ProductGroupID: t.ID, Name: t.Name, IsDefault: t.IsDefault, TimeZone: t.TimeZone,
			CaptureClientTenantID: t.CaptureClientID,
		}
		for _, p := range t.Products {
			out.Products = append(out.Products, newProduct(p))
		}
		a.Tenants = append(a.Tenants, out)
	}
	a.sort()
	return a
}

func newProduct(p estate.Product) *product {
	return &product{
		SerialNumber: p.Serial, ProductName: p.Name, FriendlyName: p.FriendlyName, ProductLine: p.Line, Tier: p.Tier,
		IsTrial: p.Trial, IsBillable: string(p.Billable), IsNetworkProduct: p.Network, RegisteredOn: day(p.Registered),
		Status: p.Status, UpdatedAt: p.UpdatedAt, Services: newServices(p.Services), Style: style(p.Wire),
	}
}

func newServices(in []estate.Service) []service {
	var out []service
	for _, s := range in {
		out = append(out, service{
			Name: s.Name, Status: s.Status, Quantity: s.Quantity, Expires: day(s.Expires), Parts: newServices(s.Parts),
		})
	}
	return out
}

// day writes a calendar date, "" for none.
func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}
