package activities

import (
	"context"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"causeway/internal/bridge"
	"causeway/internal/connectwise"
	"causeway/internal/store"
)

// snapshot is what ConnectWise's lists held when a run read them. It lives as long as one compare.
type snapshot struct {
	companies      map[int]bridge.Company
	agreements     map[int]bridge.Agreement // as ConnectWise has them
	productTypes   map[string]int
	categories     map[string]int
	subcategories  map[string]int
	catalog        map[string]bridge.CatalogItem
	types          map[string]bridge.ConfigurationType
	configurations map[int][]bridge.Configuration // by company
	activeStatus   string
	closedStatus   string
	closedStatuses []string
	noted          map[string]bridge.Managed // our notes of shared records, by NeedKey

	agreementsRead chan struct{} // closed once agreements may be looked at
	read           chan struct{} // closed once all may
}

// newSnapshot is an empty snapshot with our notes of shared records, by whose ids renamed records are found.
func (a *Activities) newSnapshot(ctx context.Context, acc bridge.Account) (*snapshot, error) {
	noted, err := a.notedShared(ctx, acc)
	return &snapshot{noted: noted, agreementsRead: make(chan struct{}), read: make(chan struct{})}, err
}

// fill reads each list once, in pages of 1,000 and with only the fields that are used: the configurations of one company, for a
// tenant that is planned anew, or of all where it is 0. It tells through two channels how far it is.
func (s *snapshot) fill(ctx context.Context, client *connectwise.Client, companyID int) error {
	group, reading := errgroup.WithContext(ctx)
	group.Go(func() error {
		err := s.readAgreements(reading, client)
		if err == nil {
			close(s.agreementsRead)
		}
		return err
	})
	group.Go(func() error { return s.readCompanies(reading, client) })
	group.Go(func() error { return s.readTaxonomy(reading, client) })
	group.Go(func() error { return s.readCatalog(reading, client) })
	group.Go(func() error { return s.readStatuses(reading, client) })
	group.Go(func() error {
		if err := s.readTypes(reading, client); err != nil {
			return err
		}
		return s.readConfigurations(reading, client, companyID)
	})
	err := group.Wait()
	if err == nil {
		close(s.read)
	}
	return err
}

func (s *snapshot) lists() ([]bridge.Company, []bridge.Agreement) {
	companies := make([]bridge.Company, 0, len(s.companies))
	for _, c := range s.companies {
		companies = append(companies, c)
	}
	agreements := make([]bridge.Agreement, 0, len(s.agreements))
	for _, ag := range s.agreements {
		agreements = append(agreements, ag)
	}
	slices.SortFunc(companies, func(x, y bridge.Company) int { return x.ID - y.ID })
	slices.SortFunc(agreements, func(x, y bridge.Agreement) int { return x.ID - y.ID })
	return companies, agreements
}

func (s *snapshot) readCompanies(ctx context.Context, client *connectwise.Client) error {
	s.companies = map[int]bridge.Company{}
	opts := connectwise.ListOptions{Fields: []string{"id", "identifier", "name", "status/name", "deletedFlag"}}
	for row, err := range client.Companies.All(ctx, opts) {
		if err != nil {
			return err
		}
		s.companies[row.ID] = toCompany(row)
	}
	return nil
}

func (s *snapshot) readAgreements(ctx context.Context, client *connectwise.Client) error {
	cycles, err := readCycles(ctx, client)
	if err != nil {
		return err
	}
	s.agreements = map[int]bridge.Agreement{}
	for row, err := range client.Agreements.All(ctx, connectwise.ListOptions{Fields: agreementFields}) {
		if err != nil {
			return err
		}
		s.agreements[row.ID] = toAgreement(row, cycles)
	}
	return nil
}

var agreementFields = []string{
	"id", "name", "type/name", "company/id", "parentAgreement/id", "startDate", "endDate", "noEndingDateFlag", "cancelledFlag",
	"agreementStatus", "billingCycle/id", "billOneTimeFlag", "billStartDate", "nextInvoiceDate", "prorateFlag",
}

// readTaxonomy reads product types, categories and subcategories: small tables, read without a filter, so that a record made a
// second ago is among them.
func (s *snapshot) readTaxonomy(ctx context.Context, client *connectwise.Client) error {
	s.productTypes, s.categories, s.subcategories = map[string]int{}, map[string]int{}, map[string]int{}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		for row, err := range client.ProductTypes.All(ctx, connectwise.ListOptions{}) {
			if err != nil {
				return err
			}
			s.productTypes[row.Name] = row.ID
		}
		return nil
	})
	group.Go(func() error {
		for row, err := range client.Categories.All(ctx, connectwise.ListOptions{}) {
			if err != nil {
				return err
			}
			s.categories[row.Name] = row.ID
		}
		return nil
	})
	group.Go(func() error {
		for row, err := range client.Subcategories.All(ctx, connectwise.ListOptions{}) {
			if err != nil {
				return err
			}
			s.subcategories[row.Category.Name+"/"+row.Name] = row.ID
		}
		return nil
	})
	return group.Wait()
}

var catalogFields = []string{
	"id", "identifier", "description", "customerDescription", "type/name", "category/name", "subcategory/name", "productClass",
	"price", "inactiveFlag",
}

func (s *snapshot) readCatalog(ctx context.Context, client *connectwise.Client) error {
	s.catalog = map[string]bridge.CatalogItem{}
	opts := connectwise.ListOptions{Where: connectwise.HasPrefix("identifier", "SONICWALL"), Fields: catalogFields}
	for row, err := range client.Catalog.All(ctx, opts) {
		if err != nil {
			return err
		}
		key := strings.ToUpper(row.Identifier)
		if old, known := s.catalog[key]; !known || row.ID < old.ID {
			s.catalog[key] = toCatalogItem(row)
		}
	}
	return nil
}

func (s *snapshot) readStatuses(ctx context.Context, client *connectwise.Client) error {
	for row, err := range client.ConfigurationStatuses.All(ctx, connectwise.ListOptions{}) {
		if err != nil {
			return err
		}
		if row.ClosedFlag {
			s.closedStatuses = append(s.closedStatuses, row.Description)
		}
		switch {
		case strings.EqualFold(row.Description, "Active"):
			s.activeStatus = row.Description
		case row.ClosedFlag && (s.closedStatus == "" || strings.EqualFold(row.Description, "Closed")):
			s.closedStatus = row.Description
		}
	}
	return nil
}

// readTypes reads the configuration types that the guide's table names, and those that we noted whatever a person calls them
// now, each with its questions.
func (s *snapshot) readTypes(ctx context.Context, client *connectwise.Client) error {
	s.types = map[string]bridge.ConfigurationType{}
	var mu sync.Mutex
	group, asking := errgroup.WithContext(ctx)
	for row, err := range client.ConfigurationTypes.All(ctx, connectwise.ListOptions{}) {
		if err != nil {
			return err
		}
		if !isOurType(row.Name) && !s.notedType(row.ID) {
			continue
		}
		group.Go(func() error {
			t := bridge.ConfigurationType{ID: row.ID, Name: row.Name, Inactive: row.InactiveFlag}
			for q, err := range client.TypeQuestions.All(asking, row.ID, connectwise.ListOptions{}) {
				if err != nil {
					return err
				}
				t.Questions = append(t.Questions, bridge.Question{ID: q.ID, Label: q.Question, Inactive: q.InactiveFlag})
			}
			mu.Lock()
			defer mu.Unlock()
			if old, known := s.types[t.Name]; !known || t.ID < old.ID {
				s.types[t.Name] = t
			}
			return nil
		})
	}
	return group.Wait()
}

func (s *snapshot) notedType(id int) bool {
	for _, m := range s.noted {
		if m.Kind == bridge.KindConfigurationType && m.CWMID == id {
			return true
		}
	}
	return false
}

func isOurType(name string) bool {
	return slices.ContainsFunc(bridge.ConfigurationTypes(), func(ours string) bool { return strings.EqualFold(ours, name) })
}

var configurationFields = []string{
	"id", "name", "type", "company/id", "serialNumber", "status/name", "activeFlag", "installationDate", "warrantyExpirationDate", "questions",
}

// readConfigurations reads the devices of all companies, or of one, by our types.
func (s *snapshot) readConfigurations(ctx context.Context, client *connectwise.Client, companyID int) error {
	s.configurations = map[int][]bridge.Configuration{}
	if len(s.types) == 0 {
		return nil
	}
	ids := make([]int, 0, len(s.types))
	for _, t := range s.types {
		ids = append(ids, t.ID)
	}
	slices.Sort(ids)
	ours := func(id int) bool {
		_, found := slices.BinarySearch(ids, id)
		return found
	}
	where := connectwise.In("type/id", ids...)
	if companyID != 0 {
		where = connectwise.EqualInt("company/id", companyID)
	}
	for row, err := range client.Configurations.All(ctx, connectwise.ListOptions{Where: where, Fields: configurationFields}) {
		if err != nil {
			return err
		}
		if ours(row.Type.ID) {
			s.configurations[row.Company.ID] = append(s.configurations[row.Company.ID], toConfiguration(row))
		}
	}
	return nil
}

// asksFor tells whether a tenant's additions have to be read: not where its agreement is gone or ended, for then nothing is
// written for it (R53).
func (s *snapshot) asksFor(t bridge.Tenant) bool {
	agreement, ok := s.agreements[t.Mapping.AgreementID]
	return ok && !agreement.Cancelled
}

// agreementAdditions are one agreement's rows, or why they could not be read.
type agreementAdditions struct {
	rows []bridge.Addition
	err  error
}

// input is everything one tenant's compare depends on.
func (s *snapshot) input(acc bridge.Account, run bridge.Run, tenant bridge.Tenant, report bridge.Report, additions []bridge.Addition, managed []bridge.Managed) bridge.TenantInput {
	in := bridge.TenantInput{
		Tenant: tenant, Today: run.LocalDate,
		Settings:       bridge.Settings{Options: acc.Options, Limits: acc.Limits},
		Company:        s.companies[tenant.Mapping.CompanyID],
		Report:         report,
		Additions:      additions,
		Configurations: s.configurations[tenant.Mapping.CompanyID],
		Catalog:        s.catalog, Types: s.shared().KnownTypes(), Managed: managed,
		ActiveStatus: s.activeStatus, ClosedStatus: s.closedStatus, ClosedStatuses: s.closedStatuses,
	}
	if agreement, ok := s.agreements[tenant.Mapping.AgreementID]; ok {
		in.Agreement = bridge.Terms(agreement, s.agreements[agreement.ParentID])
	}
	in.Successor = s.successor(in)
	in.Configurations = append(slices.Clip(in.Configurations), s.devicesElsewhere(in)...)
	return in
}

// devicesElsewhere are the configurations of other companies that are this tenant's by our notes, or its products' (R49).
func (s *snapshot) devicesElsewhere(in bridge.TenantInput) []bridge.Configuration {
	var out []bridge.Configuration
	for _, m := range in.Managed {
		if m.Kind != bridge.KindConfiguration || m.ParentID == in.Tenant.Mapping.CompanyID {
			continue
		}
		for _, device := range s.configurations[m.ParentID] {
			if device.ID == m.CWMID {
				out = append(out, device)
			}
		}
	}
	return out
}

// successor names the agreement that likely replaces one that is no longer offered (R53).
func (s *snapshot) successor(in bridge.TenantInput) string {
	if ok, _ := bridge.Offered(in.Agreement, in.Company, in.Today); ok {
		return ""
	}
	var candidates []bridge.Agreement
	for _, agreement := range s.agreements {
		if agreement.CompanyID == in.Company.ID {
			candidates = append(candidates, agreement)
		}
	}
	slices.SortFunc(candidates, func(x, y bridge.Agreement) int { return x.ID - y.ID })
	next, found := bridge.Successor(in.Agreement, candidates, in.Company, in.Today)
	if !found {
		return ""
	}
	return next.Name
}

// managedIndex finds managed records by tenant and by serial.
type managedIndex struct {
	byTenant map[string][]bridge.Managed
	bySerial map[string][]bridge.Managed
}

func (a *Activities) managedOf(ctx context.Context, acc bridge.Account, tenants []string, reports []store.StoredReport) (managedIndex, error) {
	var serials []string
	for _, r := range reports {
		for _, p := range r.Products {
			serials = append(serials, p.Serial)
		}
	}
	rows, err := a.Store.Managed(ctx, acc.ID, store.ManagedFilter{
		TenantIDs: tenants, Serials: serials, Kinds: []bridge.Kind{bridge.KindAddition, bridge.KindConfiguration},
	})
	if err != nil {
		return managedIndex{}, err
	}
	index := managedIndex{byTenant: map[string][]bridge.Managed{}, bySerial: map[string][]bridge.Managed{}}
	for _, m := range rows {
		index.byTenant[m.TenantID] = append(index.byTenant[m.TenantID], m)
		index.bySerial[m.Serial] = append(index.bySerial[m.Serial], m)
	}
	return index, nil
}

// of a tenant: its own records, and those of other tenants that share a serial with its products.
func (x managedIndex) of(tenantID string, report bridge.Report) []bridge.Managed {
	out := slices.Clone(x.byTenant[tenantID])
	seen := make(map[string]bool, len(report.Products)) // a serial number listed twice has its records once
	for _, p := range report.Products {
		if seen[p.Serial] {
			continue
		}
		seen[p.Serial] = true
		for _, m := range x.bySerial[p.Serial] {
			if m.TenantID != tenantID {
				out = append(out, m)
			}
		}
	}
	return out
}

// notedShared are our notes of shared records, by NeedKey.
func (a *Activities) notedShared(ctx context.Context, acc bridge.Account) (map[string]bridge.Managed, error) {
	rows, err := a.Store.Managed(ctx, acc.ID, store.ManagedFilter{SharedOnly: true})
	if err != nil {
		return nil, err
	}
	managed := make(map[string]bridge.Managed, len(rows))
	for _, m := range rows {
		managed[bridge.NeedKey(m.Kind, m.Key)] = m
	}
	return managed, nil
}

// shared is what the compare of shared records depends on.
func (s *snapshot) shared() bridge.SharedState {
	return bridge.SharedState{
		ProductTypes: s.productTypes, Categories: s.categories, Subcategories: s.subcategories,
		Catalog: s.catalog, Types: s.types, Managed: s.noted,
	}
}
