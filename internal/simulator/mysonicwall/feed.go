package mysonicwall

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

func (s *Server) serveAccount(w http.ResponseWriter, _ *http.Request, a *account) {
	s.mu.RLock()
	content := map[string]any{
		"userName": a.UserName, "orgName": a.OrgName, "timeZone": a.TimeZone,
		"isSecureFirstPartner": yesNo(a.SecureFirst), "apiKeyExpiresOn": a.APIKeyExpiresOn,
		"consoleHosts": []string{consoleHost},
	}
	s.mu.RUnlock()
	answer(w, content)
}

func (s *Server) serveTenants(w http.ResponseWriter, r *http.Request, a *account) {
	text := s.settings.Get().NumbersAsText
	s.servePage(w, r, "tenants", func() listing {
		seen := make([]*tenant, 0, len(a.Tenants))
		for _, t := range a.Tenants {
			if !t.Hidden {
				seen = append(seen, t)
			}
		}
		return listing{
			count: len(seen),
			// Padded, so that text order is number order.
			key: func(i int) string { return fmt.Sprintf("%012d", seen[i].ProductGroupID) },
			row: func(i int) any { return tenantRow(seen[i], text) },
		}
	})
}

func tenantRow(t *tenant, text bool) any {
	live := 0
	for _, p := range t.Products {
		if p.Status != statusDeleted && p.Status != statusTransferred {
			live++
		}
	}
	row := map[string]any{
		"productGroupID": number(t.ProductGroupID, text), "name": t.Name, "isDefault": yesNo(t.IsDefault),
		"productCount": number(live, text), "captureClientTenantId": nil, "timeZone": nil,
	}
	if t.CaptureClientTenantID != "" {
		row["captureClientTenantId"] = t.CaptureClientTenantID
	}
	if t.TimeZone != "" {
		row["timeZone"] = t.TimeZone
	}
	return row
}

func (s *Server) serveProducts(w http.ResponseWriter, r *http.Request, a *account) {
	id, err := strconv.Atoi(r.PathValue("tenant"))
	if err != nil {
		refuse(w, http.StatusBadRequest, "INVALID PRODUCT GROUP ID")
		return
	}
	wanted := strings.ToUpper(r.URL.Query().Get("billable"))
	if wanted != "" && wanted != "YES" && wanted != "NO" {
		refuse(w, http.StatusBadRequest, "BILLABLE MUST BE YES OR NO")
		return
	}
	s.mu.RLock()
	t := a.find(id)
	gone := t == nil || t.Hidden
	s.mu.RUnlock()
	if gone {
		refuse(w, http.StatusNotFound, "NO SUCH PRODUCT GROUP")
		return
	}
	text := s.settings.Get().NumbersAsText
	s.servePage(w, r, fmt.Sprint("products ", id, wanted), func() listing {
		products := t.Products
		if wanted != "" {
			products = nil
			for _, p := range t.Products {
				if p.IsBillable == wanted {
					products = append(products, p)
				}
			}
		}
		return listing{
			count: len(products),
			key:   func(i int) string { return products[i].SerialNumber },
			row:   func(i int) any { return productRow(products[i], text) },
		}
	})
}
