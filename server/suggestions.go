package server

import (
	"sync"
	"time"

	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/internal/store"
	"causeway/views"
)

// suggestions remembers what was found for names, because comparing thousands of names on every look at a page takes longer than
// everything else on it. It forgets an account's when companies are read again or the day changes, which changes what is offered.
type suggestions struct {
	mu       sync.Mutex
	accounts map[int64]*suggested
}

type suggested struct {
	readAt  time.Time
	today   bridge.Date
	matcher *bridge.Matcher
	byName  map[string]*bridge.Suggestion // nil: none fits
}

func newSuggestions() *suggestions { return &suggestions{accounts: map[int64]*suggested{}} }

// of gives the suggestions for those of the tenants that have no company, by tenant id.
func (s *suggestions) of(account bridge.Account, today bridge.Date, offer *admin.Offer, tenants []store.TenantRow) map[string]views.Suggestion {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.accounts[account.ID]
	if known == nil || !known.readAt.Equal(offer.ReadAt) || known.today != today {
		companies := make([]bridge.Company, 0, len(offer.Companies))
		for _, c := range offer.Companies {
			companies = append(companies, c.Company)
		}
		known = &suggested{readAt: offer.ReadAt, today: today, matcher: bridge.NewMatcher(companies), byName: map[string]*bridge.Suggestion{}}
		s.accounts[account.ID] = known
	}
	out := map[string]views.Suggestion{}
	for _, t := range tenants {
		if t.Mapping.CompanyID != 0 || t.Missing {
			continue
		}
		found, asked := known.byName[t.Name]
		if !asked {
			if best, ok := known.matcher.Suggest(t.Name); ok {
				found = &best
			}
			known.byName[t.Name] = found
		}
		if found != nil {
			out[t.ID] = suggestionOf(*found, offer)
		}
	}
	return out
}

func suggestionOf(found bridge.Suggestion, offer *admin.Offer) views.Suggestion {
	out := views.Suggestion{CompanyID: recordID(found.CompanyID), Company: found.Company, Score: found.Score, Reason: found.Reason}
	company, offered := offer.Offered(found.CompanyID)
	if !offered {
		return out
	}
	out.Identifier = company.Identifier
	if len(company.Agreements) == 1 {
		out.OnlyAgreement = true
		out.AgreementID, out.Agreement = recordID(company.Agreements[0].ID), company.Agreements[0].Name
	}
	return out
}
