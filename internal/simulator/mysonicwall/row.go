package mysonicwall

import (
	"encoding/json"
	"maps"
	"strconv"
	"time"
)

// What a product's row says of its place in the account.
const (
	statusActive      = "ACTIVE"
	statusDeleted     = "DELETED"
	statusTransferred = "TRANSFERRED"
)

// wireProduct is a row of a tenant's products. Members that the API writes
// now as numbers, now as text, and dates that it leaves out are any.
type wireProduct struct {
	SerialNumber     string        `json:"serialNumber"`
	ProductName      string        `json:"productName"`
	FriendlyName     string        `json:"friendlyName"`
	ProductLine      string        `json:"productLine"`
	Tier             string        `json:"tier"`
	IsTrial          string        `json:"isTrial"`
	IsBillable       string        `json:"isBillable,omitempty"`
	IsNetworkProduct string        `json:"isNetworkProduct"`
	RegisteredOn     *string       `json:"registeredOn,omitempty"`
	Status           string        `json:"status"`
	UpdatedAt        string        `json:"updatedAt"`
	Types            []wireService `json:"serviceTypeList"`
}

type wireService struct {
	TypeName string        `json:"serviceTypeName,omitempty"`
	Name     string        `json:"serviceName,omitempty"`
	Status   string        `json:"serviceStatus"`
	Quantity any           `json:"quantity,omitempty"`
	Expires  *string       `json:"expirydate,omitempty"`
	List     []wireService `json:"serviceList,omitempty"`
}

// productRow writes a product in its own style; text forces the untidy one.
func productRow(p *product, text bool) any {
	st := p.Style
	if text {
		st.NumbersAsText, st.MixedCase = true, true
	}
	row := wireProduct{
		SerialNumber: p.SerialNumber, ProductName: p.ProductName, FriendlyName: p.FriendlyName,
		ProductLine: p.ProductLine, Tier: p.Tier, IsTrial: st.flag(yesNo(p.IsTrial)), IsBillable: st.flag(p.IsBillable),
		IsNetworkProduct: st.flag(yesNo(p.IsNetworkProduct)), RegisteredOn: st.date(p.RegisteredOn), Status: p.Status,
		UpdatedAt: p.UpdatedAt.UTC().Format(time.RFC3339), Types: []wireService{},
	}
	for _, s := range p.Services {
		typ := st.service(s)
		typ.TypeName, typ.Name = s.Name, ""
		for _, part := range s.Parts {
			typ.List = append(typ.List, st.service(part))
		}
		row.Types = append(row.Types, typ)
	}
	if len(p.Raw) == 0 {
		return row
	}
	return overridden(row, p.Raw)
}

// overridden replaces members of a row by the JSON a person asked for.
func overridden(row any, raw map[string]json.RawMessage) any {
	text, err := json.Marshal(row)
	members := map[string]json.RawMessage{}
	if err == nil {
		err = json.Unmarshal(text, &members)
	}
	if err != nil {
		return row // plain structs of text always marshal
	}
	maps.Copy(members, raw)
	return members
}

func (st style) service(s service) wireService {
	out := wireService{Name: s.Name, Status: s.Status, Expires: st.date(s.Expires)}
	if s.Quantity != nil {
		out.Quantity = number(*s.Quantity, st.NumbersAsText)
	}
	return out
}

func (st style) flag(word string) string {
	if st.MixedCase && word != "" {
		return word[:1] + map[string]string{"YES": "es", "NO": "o"}[word]
	}
	return word
}

// date writes a YYYY-MM-DD in the row's style and passes anything else on.
func (st style) date(text string) *string {
	if text == "" && st.OmitBlanks {
		return nil
	}
	if t, err := time.Parse(time.DateOnly, text); err == nil && st.PortalDates {
		text = t.Format("02-Jan-06")
	}
	return &text
}

func number(n int, asText bool) any {
	if asText {
		return strconv.Itoa(n)
	}
	return n
}

func yesNo(b bool) string {
	if b {
		return "YES"
	}
	return "NO"
}
