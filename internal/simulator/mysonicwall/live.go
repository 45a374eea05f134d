package mysonicwall

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// The published calls of the real API: tenants with their tiles, units,
// services of a unit, and the access code that opens Capture Client.

// Tiles by product line, as internal and as displayed name.
var tiles = []struct{ line, name, display string }{
	{"CAPTURE_CLIENT", "Capture Client", "Capture Client"},
	{"CLOUD_APP_SECURITY", "CAS2.0", "Cloud App Security"},
	{"FIREWALL", "NGMGMT", "Network Security Manager"},
}

func (s *Server) serveCloudTenants(w http.ResponseWriter, _ *http.Request, a *account) {
	s.mu.RLock()
	rows := []any{}
	for _, t := range a.Tenants {
		if t.Hidden {
			continue
		}
		services := []any{}
		for i, tile := range tiles {
			services = append(services, map[string]string{
				"serviceName": tile.name, "serviceNameDisp": tile.display,
				"tenantSerial":  fmt.Sprintf("%012X", t.ProductGroupID*10+i),
				"avaiableRatio": tileCount(t, tile.line), // misspelt by the vendor
			})
		}
		rows = append(rows, map[string]any{
			"productGroupID": strconv.Itoa(t.ProductGroupID), "name": t.Name,
			"productCount": strconv.Itoa(len(t.Products)), "cloudServices": services,
		})
	}
	name := a.UserName
	s.mu.RUnlock()
	answer(w, map[string]any{"userName": name, "arrTenants": rows})
}

// tileCount is the tenant's seats of a line as text, "-1" without a licence.
func tileCount(t *tenant, line string) string {
	seats := -1
	for _, p := range t.Products {
		if p.ProductLine != line || p.Status != statusActive {
			continue
		}
		for _, s := range p.Services {
			if s.Quantity != nil {
				seats = max(seats, 0) + *s.Quantity
			}
		}
	}
	return strconv.Itoa(seats)
}

func (s *Server) serveFirewalls(w http.ResponseWriter, r *http.Request, a *account) {
	id, err := strconv.Atoi(r.URL.Query().Get("productGroupId"))
	s.mu.RLock()
	defer s.mu.RUnlock()
	t := a.find(id)
	if err != nil || t == nil || t.Hidden || r.URL.Query().Get("userName") != a.UserName {
		refuse(w, http.StatusOK, "INVALID INPUT")
		return
	}
	rows := []any{}
	for _, p := range t.Products {
		rows = append(rows, map[string]any{
			"serialNumber": p.SerialNumber, "friendlyName": p.FriendlyName, "model": p.ProductName,
			"firmwareVersion": "", "licenseExpired": yesNo(p.Status == "EXPIRED"),
		})
	}
	answer(w, map[string]any{"rows": rows})
}

// serveServiceInfo answers without the envelope, as the real call does.
func (s *Server) serveServiceInfo(w http.ResponseWriter, r *http.Request, a *account) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	t, i, err := a.locate(unit{SerialNumber: r.URL.Query().Get("serial")})
	if err != nil {
		refuse(w, http.StatusOK, "INVALID SERIAL NUMBER")
		return
	}
	today := day(s.control.Now())
	types := []any{}
	for _, typ := range t.Products[i].Services {
		list := []any{}
		for _, part := range typ.Parts {
			list = append(list, map[string]string{
				"serviceName": part.Name, "serviceStatus": part.Status, "expirydate": part.Expires,
				"nDaysToExpiry": daysUntil(part.Expires, today), "isSoonExpiring": yesNo(soon(part.Expires, today)),
				"expired": yesNo(part.Status == "EXPIRED"),
			})
		}
		types = append(types, map[string]any{"serviceTypeName": typ.Name, "serviceList": list})
	}
	writeJSON(w, http.StatusOK, map[string]any{"serviceTypeList": types})
}

func daysUntil(expiry, today string) string {
	end, err1 := time.Parse(time.DateOnly, expiry)
	now, err2 := time.Parse(time.DateOnly, today)
	if err1 != nil || err2 != nil {
		return ""
	}
	return strconv.Itoa(int(end.Sub(now).Hours() / 24))
}

// soon is within the thirty days in which renewals are asked for.
func soon(expiry, today string) bool {
	days, err := strconv.Atoi(daysUntil(expiry, today))
	return err == nil && days >= 0 && days <= 30
}

// How long the keys to Capture Client live.
const (
	accessCodeLife = 5 * time.Minute
	tokenLife      = 7 * 24 * time.Hour
)

// accessCodes are the codes and tokens given out; lost on restart, as they are
// short-lived and a client asks for new ones.
type accessCodes struct {
	mu     sync.Mutex
	last   int
	codes  map[string]grant
	tokens map[string]grant
}

type grant struct {
	tenant int
	issued time.Time
}

func (c *accessCodes) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.codes, c.tokens = nil, nil
}

func (c *accessCodes) code(tenant int, now time.Time) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.codes == nil {
		c.codes = map[string]grant{}
	}
	c.last++
	code := fmt.Sprintf("csc-%d-%d", tenant, c.last)
	c.codes[code] = grant{tenant, now}
	return code
}

// exchange turns a code into a token, once.
func (c *accessCodes) exchange(code string, now time.Time) (string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	g, ok := c.codes[code]
	delete(c.codes, code)
	if !ok || now.Sub(g.issued) > accessCodeLife {
		return "", false
	}
	if c.tokens == nil {
		c.tokens = map[string]grant{}
	}
	c.last++
	token := fmt.Sprintf("cc-token-%d-%d", g.tenant, c.last)
	c.tokens[token] = grant{g.tenant, now}
	return token, true
}

func (c *accessCodes) valid(token string, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	g, ok := c.tokens[token]
	return ok && now.Sub(g.issued) <= tokenLife
}

func (s *Server) serveAccessCode(w http.ResponseWriter, r *http.Request, a *account) {
	var in struct {
		TenantID json.RawMessage `json:"tenantId"` // clients send a number or text
	}
	err := json.NewDecoder(r.Body).Decode(&in)
	id, idErr := strconv.Atoi(string(trimQuotes(in.TenantID)))
	s.mu.RLock()
	t := a.find(id)
	s.mu.RUnlock()
	if err != nil || idErr != nil || t == nil || t.CaptureClientTenantID == "" {
		refuse(w, http.StatusOK, "INVALID CLIENTID")
		return
	}
	answer(w, map[string]string{"accessCode": s.codes.code(id, s.control.Now())})
}

func trimQuotes(text json.RawMessage) json.RawMessage {
	if n := len(text); n >= 2 && text[0] == '"' {
		return text[1 : n-1]
	}
	return text
}

func (s *Server) serveToken(w http.ResponseWriter, r *http.Request) {
	token, ok := s.codes.exchange(r.URL.Query().Get("cscaccesscode"), s.control.Now())
	if !ok {
		writeJSON(w, http.StatusUnauthorized, map[string]string{"message": "Invalid or expired access code"})
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"token": token})
}

// serveEndpoints answers a page of devices, of which the estate has none: it
// is there for the life of tokens. The token comes without a Bearer prefix.
func (s *Server) serveEndpoints(w http.ResponseWriter, r *http.Request) {
	if !s.codes.valid(r.Header.Get("Authorization"), s.control.Now()) {
		writeJSON(w, http.StatusUnauthorized, map[string]string{"message": "Unauthorized"})
		return
	}
	writeJSON(w, http.StatusOK, []any{})
}
