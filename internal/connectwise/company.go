package connectwise

import "context"

// Company is a customer (or vendor, or prospect) in ConnectWise.
type Company struct {
	ID         int    `json:"id"`
	Identifier string `json:"identifier"` // the short name
	Name       string `json:"name"`
	Status     Ref    `json:"status"`
	// DeletedFlag marks a company in the recycle bin; lists return those too unless they are filtered out.
	DeletedFlag bool       `json:"deletedFlag"`
	Info        RecordInfo `json:"_info"`
}

func (c Company) recordID() int { return c.ID }

// CompaniesService reads companies. Path company/companies.
type CompaniesService struct{ Collection[Company] }

// Get reads one company.
func (s *CompaniesService) Get(ctx context.Context, id int) (Company, error) { return s.get(ctx, id) }

// FindByIdentifier returns the companies with this short name, compared without regard to case.
func (s *CompaniesService) FindByIdentifier(ctx context.Context, identifier string) ([]Company, error) {
	return s.find(ctx, "identifier", identifier, ListOptions{}, func(c Company) string { return c.Identifier })
}

// CompanyStatus is one of the states that a provider's companies can be in; names are the provider's own.
type CompanyStatus struct {
	ID           int    `json:"id"`
	Name         string `json:"name"`
	DefaultFlag  bool   `json:"defaultFlag"`
	InactiveFlag bool   `json:"inactiveFlag"`
	// DisallowSavingFlag makes ConnectWise refuse new records for companies in this state.
	DisallowSavingFlag bool `json:"disallowSavingFlag"`
}

func (s CompanyStatus) recordID() int { return s.ID }

// CompanyStatusesService reads company statuses. Path company/companies/statuses.
type CompanyStatusesService struct{ Collection[CompanyStatus] }
