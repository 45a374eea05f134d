package mysonicwall

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// unit is an edit that names a product: by its serial alone where only one
// tenant has it, else with the tenant.
type unit struct {
	group
	SerialNumber string `json:"serialNumber"`
}

// locate finds the product an edit names; a tombstone left in another tenant
// does not make a serial ambiguous.
func (a *account) locate(u unit) (*tenant, int, error) {
	if u.ProductGroupID != 0 {
		t, err := a.tenant(u.ProductGroupID)
		if err != nil {
			return nil, 0, err
		}
		i, found := t.find(u.SerialNumber)
		if !found {
			return nil, 0, fmt.Errorf("tenant %d has no product %s", u.ProductGroupID, u.SerialNumber)
		}
		return t, i, nil
	}
	var home *tenant
	at := 0
	for _, t := range a.Tenants {
		i, found := t.find(u.SerialNumber)
		if !found || t.Products[i].Status == statusTransferred || t.Products[i].Status == statusDeleted {
			continue
		}
		if home != nil {
			return nil, 0, fmt.Errorf("product %s is in tenants %d and %d: give productGroupID", u.SerialNumber, home.ProductGroupID, t.ProductGroupID)
		}
		home, at = t, i
	}
	if home == nil {
		return nil, 0, fmt.Errorf("no live product %s", u.SerialNumber)
	}
	return home, at, nil
}

// putProduct registers a product or changes the members given of one. Services
// are replaced as a whole.
func putProduct(a *account, body []byte, at time.Time) (any, error) {
	var u unit
	if err := json.Unmarshal(body, &u); err != nil {
		return nil, err
	}
	if u.SerialNumber == "" || u.ProductGroupID == 0 {
		return nil, errors.New("productGroupID and serialNumber are needed")
	}
	t, err := a.tenant(u.ProductGroupID)
	if err != nil {
		return nil, err
	}
	in := struct {
		head
		ProductGroupID int `json:"productGroupID"`
		product
	}{product: product{
		SerialNumber: u.SerialNumber, ProductLine: "FIREWALL", Tier: "NONE", IsBillable: "YES", Status: statusActive,
		RegisteredOn: day(at), IsNetworkProduct: true,
	}}
	if i, found := t.find(u.SerialNumber); found {
		in.product = *t.Products[i]
	}
	// Decoding into the old slice or map would change the old product, too.
	services, raw := in.product.Services, in.product.Raw
	in.product.Services, in.product.Raw, in.product.UpdatedAt = nil, nil, at
	if err := decode(body, &in); err != nil {
		return nil, err
	}
	if in.product.Services == nil {
		in.product.Services = services
	}
	if in.product.Raw == nil {
		in.product.Raw = raw
	}
	p := new(in.product)
	t.put(p)
	return p, nil
}

func deleteProduct(a *account, body []byte, _ time.Time) (any, error) {
	var u unit
	if err := decode(body, &u); err != nil {
		return nil, err
	}
	t, i, err := a.locate(u)
	if err != nil {
		return nil, err
	}
	gone := t.Products[i]
	t.Products = slices.Delete(t.Products, i, i+1)
	return gone, nil
}

// change replaces a product by a changed copy: answers being written may still
// hold the old one.
func (t *tenant) change(i int, at time.Time, how func(*product)) *product {
	p := *t.Products[i]
	how(&p)
	p.UpdatedAt = at
	t.Products[i] = &p
	return &p
}

func tombstoneProduct(a *account, body []byte, at time.Time) (any, error) {
	in := struct {
		unit
		Status string `json:"status"`
	}{Status: statusDeleted}
	if err := decode(body, &in); err != nil {
		return nil, err
	}
	if in.Status != statusDeleted && in.Status != statusTransferred {
		return nil, fmt.Errorf("status is %s or %s", statusDeleted, statusTransferred)
	}
	t, i, err := a.locate(in.unit)
	if err != nil {
		return nil, err
	}
	return t.change(i, at, func(p *product) { p.Status = in.Status }), nil
}

// moveProduct takes a product to another tenant; with tombstone its old row
// stays behind as TRANSFERRED.
func moveProduct(a *account, body []byte, at time.Time) (any, error) {
	var in struct {
		unit
		To        int  `json:"to"`
		Tombstone bool `json:"tombstone"`
	}
	if err := decode(body, &in); err != nil {
		return nil, err
	}
	from, i, err := a.locate(in.unit)
	if err != nil {
		return nil, err
	}
	to, err := a.tenant(in.To)
	if err != nil {
		return nil, err
	}
	if from == to {
		return nil, fmt.Errorf("product %s is in tenant %d already", in.SerialNumber, in.To)
	}
	moved := *from.Products[i]
	moved.UpdatedAt = at
	if in.Tombstone {
		from.change(i, at, func(p *product) { p.Status = statusTransferred })
	} else {
		from.Products = slices.Delete(from.Products, i, i+1)
	}
	to.put(&moved)
	return &moved, nil
}

// renewProduct sets one expiry date on every service that has or had one, or
// on all services with this name.
func renewProduct(a *account, body []byte, at time.Time) (any, error) {
	var in struct {
		unit
		Until   string `json:"until"` // YYYY-MM-DD, "" blanks the dates
		Service string `json:"service"`
	}
	if err := decode(body, &in); err != nil {
		return nil, err
	}
	t, i, err := a.locate(in.unit)
	if err != nil {
		return nil, err
	}
	status := "ACTIVATED"
	if in.Until != "" && in.Until < day(at) {
		status = "EXPIRED"
	}
	return t.change(i, at, func(p *product) {
		p.Services = eachService(p.Services, func(s *service) {
			if (in.Service == "" && s.Expires != "") || (in.Service != "" && s.Name == in.Service) {
				s.Expires, s.Status = in.Until, status
			}
		})
		if p.Status == statusActive || p.Status == "EXPIRED" {
			p.Status = map[string]string{"ACTIVATED": statusActive, "EXPIRED": "EXPIRED"}[status]
		}
	}), nil
}

// setQuantity sets the figure of every service and sub-service, or of those
// with this name; null takes it away.
func setQuantity(a *account, body []byte, at time.Time) (any, error) {
	var in struct {
		unit
		Quantity *int   `json:"quantity"`
		Service  string `json:"service"`
	}
	if err := decode(body, &in); err != nil {
		return nil, err
	}
	t, i, err := a.locate(in.unit)
	if err != nil {
		return nil, err
	}
	return t.change(i, at, func(p *product) {
		p.Services = eachService(p.Services, func(s *service) {
			if in.Service == "" || s.Name == in.Service {
				s.Quantity = in.Quantity
			}
		})
	}), nil
}

// eachService copies services with their parts, changed by how.
func eachService(in []service, how func(*service)) []service {
	out := slices.Clone(in)
	for i := range out {
		how(&out[i])
		out[i].Parts = eachService(out[i].Parts, how)
	}
	return out
}
