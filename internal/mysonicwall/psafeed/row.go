package psafeed

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"causeway/internal/mysonicwall"
)

type accountRow struct {
	UserName     text   `json:"userName"`
	OrgName      text   `json:"orgName"`
	TimeZone     text   `json:"timeZone"`
	SecureFirst  text   `json:"isSecureFirstPartner"`
	KeyExpires   text   `json:"apiKeyExpiresOn"`
	ConsoleHosts []text `json:"consoleHosts"`
}

func (row accountRow) parse() mysonicwall.Account {
	var r reader
	a := mysonicwall.Account{
		UserName: r.plain("user name", row.UserName), OrgName: r.plain("organisation", row.OrgName),
		TimeZone:           strings.TrimSpace(r.raw("time zone", row.TimeZone)),
		SecureFirstPartner: r.flag("partner programme", row.SecureFirst),
		KeyExpires:         r.date("expiry of the API key", row.KeyExpires),
	}
	for _, host := range row.ConsoleHosts {
		if h := strings.TrimSpace(r.raw("console host", host)); h != "" {
			a.ConsoleHosts = append(a.ConsoleHosts, h)
		}
	}
	a.Problems = r.problems
	return a
}

type tenantRow struct {
	ID              text `json:"productGroupID"`
	Name            text `json:"name"`
	IsDefault       text `json:"isDefault"`
	ProductCount    text `json:"productCount"`
	CaptureClientID text `json:"captureClientTenantId"`
	TimeZone        text `json:"timeZone"`
}

var tenantID = regexp.MustCompile(`^[1-9]\d{0,17}$`)

func (row tenantRow) parse() (mysonicwall.Tenant, error) {
	var r reader
	id := strings.TrimSpace(row.ID.value)
	if row.ID.problem != "" || !tenantID.MatchString(id) {
		return mysonicwall.Tenant{}, fmt.Errorf("its productGroupID is %s", mysonicwall.Quote(id)+row.ID.problem)
	}
	t := mysonicwall.Tenant{
		ID: id, Name: r.plain("name", row.Name), RawName: row.Name.value, IsDefault: r.flag("default tenant", row.IsDefault),
		ProductCount:    r.quantity("product count", row.ProductCount),
		CaptureClientID: strings.TrimSpace(r.raw("Capture Client tenant", row.CaptureClientID)),
		TimeZone:        strings.TrimSpace(r.raw("time zone", row.TimeZone)),
	}
	if t.Name == "" {
		r.problem("name", mysonicwall.Quote(t.RawName)+" leaves no name")
	}
	t.Problems = r.problems
	return t, nil
}

type productRow struct {
	Serial       text         `json:"serialNumber"`
	Name         text         `json:"productName"`
	FriendlyName text         `json:"friendlyName"`
	Line         text         `json:"productLine"`
	Tier         text         `json:"tier"`
	Trial        text         `json:"isTrial"`
	Billable     text         `json:"isBillable"`
	Network      text         `json:"isNetworkProduct"`
	Registered   text         `json:"registeredOn"`
	Status       text         `json:"status"`
	Updated      text         `json:"updatedAt"`
	Services     []serviceRow `json:"serviceTypeList"`
}

type serviceRow struct {
	TypeName text         `json:"serviceTypeName"`
	Name     text         `json:"serviceName"`
	Status   text         `json:"serviceStatus"`
	Quantity text         `json:"quantity"`
	Expires  text         `json:"expirydate"` // all lower case, as in the published call
	Parts    []serviceRow `json:"serviceList"`
}

// parseProduct never fails: what it cannot read is in the product's Problems.
func parseProduct(raw json.RawMessage) mysonicwall.Product {
	var r reader
	var row productRow
	if err := json.Unmarshal(raw, &row); err != nil {
		member, form, ok := wrongForm(err)
		if !ok {
			r.problem("row", mysonicwall.Quote(string(raw))+" is not an object")
			return mysonicwall.Product{Problems: r.problems, Raw: raw}
		}
		r.problem(member, "it is a "+form+", not a list or object as expected")
	}
	p := mysonicwall.Product{
		Serial: r.serial(row.Serial), Name: r.plain("product name", row.Name), RawName: row.Name.value,
		FriendlyName: r.plain("friendly name", row.FriendlyName), Line: r.word("product line", row.Line),
		Tier: r.word("tier", row.Tier), Trial: r.flag("trial", row.Trial), Billable: r.flag("billable", row.Billable),
		Network: r.flag("network product", row.Network), Registered: r.date("registration date", row.Registered),
		Status: mysonicwall.Status(r.word("status", row.Status)), Raw: raw,
	}
	if p.Tier == "NONE" {
		p.Tier = ""
	}
	if p.Name == "" {
		r.problem("product name", mysonicwall.Quote(p.RawName)+" leaves no name")
	}
	p.Services = r.services("service", row.Services)
	p.Problems = r.problems
	updated, err := mysonicwall.ParseInstant(row.Updated.value)
	if err != nil || row.Updated.problem != "" {
		p.Notes = append(p.Notes, "updatedAt: "+mysonicwall.Quote(row.Updated.value)+" is not an instant.")
	}
	p.Updated = updated
	return p
}

// word is a code such as FIREWALL, whatever its case.
func (r *reader) word(what string, t text) string {
	return strings.ToUpper(strings.TrimSpace(r.raw(what, t)))
}

var serialForm = regexp.MustCompile(`^[0-9A-Z][0-9A-Z-]{0,49}$`)

// serial reads a serial number, which has to come as text: a JSON number has
// lost the zeros that it may have begun with. Other forms than the usual
// twelve hex digits are let through, as long as they are one word.
func (r *reader) serial(t text) string {
	const what = "serial number"
	serial := strings.ToUpper(strings.TrimSpace(r.raw(what, t)))
	switch {
	case t.problem != "":
		return ""
	case t.numeric:
		r.problem(what, mysonicwall.Quote(t.value)+" came as a number, which loses leading zeros")
		return ""
	case !serialForm.MatchString(serial):
		r.problem(what, mysonicwall.Quote(t.value)+" is not a serial number")
		return ""
	}
	return serial
}

// services reads one level and, by itself, the one below.
func (r *reader) services(what string, rows []serviceRow) []mysonicwall.Service {
	var out []mysonicwall.Service
	for _, row := range rows {
		name := row.TypeName
		if name == (text{}) {
			name = row.Name
		}
		s := mysonicwall.Service{Name: r.plain("name of a service", name), Status: r.word("status of a service", row.Status)}
		// Named only when something is wrong: there are a dozen for each product.
		label := func() string { return " of " + what + " " + mysonicwall.Quote(s.Name) }
		s.Quantity = readLabelled(r, "quantity", label, row.Quantity, mysonicwall.ParseQuantity)
		s.Expires = readLabelled(r, "expiry", label, row.Expires, mysonicwall.ParseDate)
		s.Parts = r.services("sub-service", row.Parts)
		out = append(out, s)
	}
	return out
}

// productList gathers products by serial, in the order of first appearance.
type productList struct {
	products []mysonicwall.Product
	seen     map[string]place
}

// place is where in the list a serial stands, and whether its rows disagreed.
type place struct {
	at      int
	differs bool
}

// add keeps the later of two rows with one serial. A page boundary that moved
// repeats rows as they were, which harms nothing; two rows that differ cannot
// both be true. Rows without a serial are all kept.
func (l *productList) add(p mysonicwall.Product) {
	before, again := l.seen[p.Serial]
	if p.Serial == "" || !again {
		l.seen[p.Serial] = place{at: len(l.products)}
		l.products = append(l.products, p)
		return
	}
	before.differs = before.differs || string(l.products[before.at].Raw) != string(p.Raw)
	if before.differs {
		p.Problems = append(p.Problems, "The answer had different rows with this serial number; the last one is shown.")
	} else {
		p.Notes = append(p.Notes, "The answer had this row more than once.")
	}
	l.products[before.at], l.seen[p.Serial] = p, before
}
