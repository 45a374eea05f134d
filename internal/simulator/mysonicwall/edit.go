package mysonicwall

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"causeway/internal/simulator/control"
)

// head is what every edit says: what to do, in which account (main by default).
type head struct {
	Op      string `json:"op"`
	Account string `json:"account"`
}

// operation carries out one edit as of an instant and returns the record that
// it left. It must depend on nothing else: the journal replays it.
type operation func(a *account, body []byte, at time.Time) (any, error)

var operations = map[string]operation{
	"account.put":       putAccount,
	"tenant.put":        putTenant,
	"tenant.delete":     deleteTenant,
	"tenant.hide":       func(a *account, body []byte, _ time.Time) (any, error) { return hideTenant(a, body, true) },
	"tenant.show":       func(a *account, body []byte, _ time.Time) (any, error) { return hideTenant(a, body, false) },
	"product.put":       putProduct,
	"product.delete":    deleteProduct,
	"product.tombstone": tombstoneProduct,
	"product.move":      moveProduct,
	"product.renew":     renewProduct,
	"product.quantity":  setQuantity,
	"alert.raise":       raiseAlert,
	"alert.burst":       burstAlerts,
	"alert.acknowledge": alertStatus(alertAcknowledged),
	"alert.close":       alertStatus(alertClosed),
	"alert.delete":      alertStatus(alertDeleted),
	"alert.reopen":      alertStatus(alertOpen),
	"alert.redeliver":   redeliverAlert,
}

// Edit changes the estate as a person in the MySonicWall portal would and
// returns the record concerned. fields is what POST /_sim/edit takes.
func (s *Server) Edit(fields map[string]any) (any, error) {
	body, err := json.Marshal(fields)
	if err != nil {
		return nil, fmt.Errorf("simulator edit: %w", err)
	}
	return s.edit(body)
}

func (s *Server) serveEdit(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var after any
	if err == nil {
		after, err = s.edit(body)
	}
	if err != nil {
		control.Refuse(w, http.StatusBadRequest, err)
		return
	}
	control.Answer(w, http.StatusOK, after)
}

// edit applies and journals one change; the record is returned as JSON taken
// under the lock, so that a later edit cannot change it while it is written.
func (s *Server) edit(body []byte) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.control.Now()
	after, err := s.state.apply(body, at)
	if err != nil {
		return nil, err
	}
	if err := s.journal.append(journalLine{At: at, Edit: body}); err != nil {
		return nil, err
	}
	image, err := json.Marshal(after)
	return json.RawMessage(image), err
}

func (s *state) apply(body []byte, at time.Time) (any, error) {
	var h head
	if err := json.Unmarshal(body, &h); err != nil {
		return nil, err
	}
	if h.Account == "" {
		h.Account = mainAccount
	}
	a := s.accounts[h.Account]
	if a == nil {
		return nil, fmt.Errorf("no account %q", h.Account)
	}
	op := operations[h.Op]
	if op == nil {
		return nil, fmt.Errorf("no operation %q", h.Op)
	}
	after, err := op(a, body, at)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", h.Op, err)
	}
	return after, nil
}

// decode reads an edit's members into v, refusing those it does not have. A
// member of v that the edit leaves out keeps its value.
func decode(body []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	return dec.Decode(v)
}

func putAccount(a *account, body []byte, _ time.Time) (any, error) {
	in := struct {
		head
		UserName, OrgName, TimeZone, APIKeyExpiresOn, KeyState *string
	}{UserName: &a.UserName, OrgName: &a.OrgName, TimeZone: &a.TimeZone, APIKeyExpiresOn: &a.APIKeyExpiresOn}
	keyState := a.KeyState
	in.KeyState = &keyState
	if err := decode(body, &in); err != nil {
		return nil, err
	}
	if !slices.Contains([]string{"", keyRevoked, keyExpired, keyOutOfScope}, keyState) {
		return nil, fmt.Errorf("keyState is \"\", %s, %s or %s", keyRevoked, keyExpired, keyOutOfScope)
	}
	a.KeyState = keyState
	return map[string]string{"timeZone": a.TimeZone, "apiKeyExpiresOn": a.APIKeyExpiresOn, "keyState": a.KeyState}, nil
}

// group is an edit that names a tenant.
type group struct {
	head
	ProductGroupID int `json:"productGroupID"`
}

func (a *account) tenant(id int) (*tenant, error) {
	t := a.find(id)
	if t == nil {
		return nil, fmt.Errorf("no tenant %d", id)
	}
	return t, nil
}

func putTenant(a *account, body []byte, _ time.Time) (any, error) {
	var g group
	if err := json.Unmarshal(body, &g); err != nil {
		return nil, err
	}
	if g.ProductGroupID <= 0 {
		return nil, errors.New("productGroupID is missing")
	}
	t := a.find(g.ProductGroupID)
	found := t != nil
	if !found {
		t = &tenant{ProductGroupID: g.ProductGroupID}
	}
	changed := *t
	in := struct {
		head
		ProductGroupID        int     `json:"productGroupID"`
		Name                  *string `json:"name"`
		IsDefault             *bool   `json:"isDefault"`
		TimeZone              *string `json:"timeZone"`
		CaptureClientTenantID *string `json:"captureClientTenantId"`
	}{Name: &changed.Name, IsDefault: &changed.IsDefault, TimeZone: &changed.TimeZone, CaptureClientTenantID: &changed.CaptureClientTenantID}
	if err := decode(body, &in); err != nil {
		return nil, err
	}
	*t = changed
	if !found {
		a.Tenants = append(a.Tenants, t)
		a.sort()
	}
	if t.IsDefault {
		// There is exactly one default tenant at most.
		for _, other := range a.Tenants {
			other.IsDefault = other == t
		}
	}
	return t, nil
}

func deleteTenant(a *account, body []byte, _ time.Time) (any, error) {
	var g group
	if err := decode(body, &g); err != nil {
		return nil, err
	}
	t, err := a.tenant(g.ProductGroupID)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(t.Products, func(p *product) bool { return p.Status == statusActive }) {
		return nil, errors.New("a tenant with products cannot be deleted: move or delete them first")
	}
	a.Tenants = slices.DeleteFunc(a.Tenants, func(other *tenant) bool { return other == t })
	return t, nil
}

func hideTenant(a *account, body []byte, hidden bool) (any, error) {
	var g group
	if err := decode(body, &g); err != nil {
		return nil, err
	}
	t, err := a.tenant(g.ProductGroupID)
	if err != nil {
		return nil, err
	}
	t.Hidden = hidden
	return t, nil
}
