package devstack

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"time"

	"causeway/internal/admin"
	"causeway/internal/bridge"
	"causeway/internal/config"
	"causeway/internal/secret"
	"causeway/internal/simulator/estate"
)

// The demo accounts: one that works, one as it is right after it was added.
const (
	demoAccount   = "demo"
	secondAccount = "second"
	// demoBy names the command that anybody's first sync would be asked for with.
	demoBy = "command line"
	// demoCallsAtOnce keeps the first sync within seconds; ConnectWise itself would be asked by four at once.
	demoCallsAtOnce = 16
	// sureEnough is the score from which a suggested company is accepted.
	sureEnough = 80
)

// demonstrate prepares the demo accounts as a person would: the same file, the same checks, the same import of a mapping. What an
// earlier start has done stays as it is. It is no part of what must work: trouble is told and everything else goes on.
func (s *stack) demonstrate(ctx context.Context, dev config.DevFile) {
	if !s.Demo || !s.Simulators {
		return
	}
	for _, step := range []func(context.Context, config.DevFile) error{s.applyDemo, s.mapDemo, s.addSecond} {
		if err := step(ctx, dev); err != nil {
			if ctx.Err() == nil {
				s.Log.Error("the demo accounts could not be prepared; the next start tries again", "error", err)
				_, _ = fmt.Fprintf(s.Out, "The demo accounts could not be prepared: %v\n", err)
			}
			return
		}
	}
	s.lookFirst(dev)
}

func (s *stack) applyDemo(ctx context.Context, dev config.DevFile) error {
	account, err := s.parts.Admin.Show(ctx, demoAccount)
	if err != nil && bridge.CodeOf(err) != bridge.CodeNotFound {
		return err
	}
	if err == nil && account.State != bridge.AccountNew && account.State != bridge.AccountSettingUp {
		return nil
	}
	s.tell("Preparing the account " + demoAccount + " …")
	_, err = s.parts.Admin.Apply(ctx, config.AccountFile{
		Account: demoAccount, MySonicWallKey: secret.Text(dev.MySonicWall.APIKey),
		ConnectWise: bridge.ConnectWiseSettings{
			Host: dev.ConnectWise.Host, Company: dev.ConnectWise.Company, PublicKey: dev.ConnectWise.PublicKey, CallsAtOnce: demoCallsAtOnce,
		},
		PrivateKey: secret.Text(dev.ConnectWise.PrivateKey), Options: bridge.Options{NetworkAdditions: true}, Limits: bridge.DefaultLimits(),
		Board: "Professional Services", Critical: "Priority 1 - Emergency", High: "Priority 2 - High",
	}, demoBy, func(text string) { s.tell("  " + text) })
	return err
}

func (s *stack) tell(text string) { _, _ = fmt.Fprintln(s.Out, text) }

// mapDemo maps and syncs once. It is done when the account has had a run, or when somebody mapped a tenant by hand.
func (s *stack) mapDemo(ctx context.Context, _ config.DevFile) error {
	account, err := s.parts.Admin.Show(ctx, demoAccount)
	if err != nil {
		return err
	}
	if account.LastRunID == 0 && account.Enabled == 0 && account.State == bridge.AccountReady {
		if err := s.importDemoMapping(ctx); err != nil {
			return err
		}
	}
	if account.LastRunID != 0 || account.State != bridge.AccountReady {
		return nil
	}
	s.tell("Syncing " + demoAccount + " for the first time …")
	started := time.Now()
	queued, err := s.parts.Admin.RequestSync(ctx, demoAccount, nil, demoBy, "the demonstration's first sync")
	if err != nil {
		return err
	}
	run, served, err := s.parts.Admin.WaitForRequest(ctx, demoAccount, queued.Request)
	if err != nil || !served {
		return err
	}
	s.tell(fmt.Sprintf("  run %d %s: %d changes written, %d of %d tenants failed, in %s", run.ID, words(run.Status), run.Changes.Applied,
		run.Tenants.Failed, run.Tenants.Total, time.Since(started).Round(100*time.Millisecond)))
	return nil
}

func words(status bridge.RunStatus) string {
	switch status {
	case bridge.RunCompleted:
		return "completed"
	case bridge.RunFailures:
		return "completed with failures"
	}
	return string(status)
}

func (s *stack) importDemoMapping(ctx context.Context) error {
	account, err := s.parts.Store.Account(ctx, demoAccount)
	if err != nil {
		return err
	}
	offer, err := s.parts.Admin.Offer(ctx, account)
	if err != nil {
		return err
	}
	tenants, err := s.parts.Admin.Tenants(ctx, demoAccount)
	if err != nil {
		return err
	}
	file, err := demoMapping(offer, tenants, s.knownMappings())
	if err != nil {
		return err
	}
	answer, err := s.parts.Admin.ImportMapping(ctx, demoAccount, bytes.NewReader(file), false, demoBy)
	if err != nil {
		return err
	}
	if len(answer.Errors) > 0 {
		first := answer.Errors[0]
		return fmt.Errorf("the demonstration's mapping is refused at line %d, %s: %s", first.Line, first.Column, first.Message)
	}
	s.tell(fmt.Sprintf("  %d of %d tenants mapped", answer.Changed, len(tenants)))
	return nil
}

// knownMappings are what a careful person would choose, by tenant: the made-up estate says so of itself.
func (s *stack) knownMappings() map[string]bridge.Mapping {
	known := map[string]bridge.Mapping{}
	for _, t := range estate.Generate(uint64(s.Seed), s.Tenants, s.now()).Tenants {
		if t.CompanyID != 0 && t.AgreementID != 0 {
			known[strconv.Itoa(t.ID)] = bridge.Mapping{CompanyID: t.CompanyID, AgreementID: t.AgreementID}
		}
	}
	return known
}

// demoMapping accepts suggestions by name, and takes what a careful person knows for agreements where there are several and for
// companies whose names say nothing. The last tenant that only such a person could map stays unmapped, so that the page of tenants
// has one. Tenants whose name or agreement makes their sync fail are mapped too: a demonstration that never fails shows nothing
// of what to do then.
func demoMapping(offer *admin.Offer, tenants []admin.TenantAnswer, known map[string]bridge.Mapping) ([]byte, error) {
	companies := make([]bridge.Company, 0, len(offer.Companies))
	for _, c := range offer.Companies {
		companies = append(companies, c.Company)
	}
	matcher := bridge.NewMatcher(companies)
	var file bytes.Buffer
	out := csv.NewWriter(&file)
	rows := [][]string{{"tenant_id", "tenant_name", "company_id", "company_name", "agreement_id", "agreement_name", "enabled"}}
	left := ""
	for _, t := range tenants {
		m, suggested := chosen(offer, matcher, t, known[t.Tenant])
		if m.CompanyID == 0 {
			continue
		}
		if !suggested {
			left = t.Tenant
		}
		rows = append(rows, []string{t.Tenant, "", strconv.Itoa(m.CompanyID), "", strconv.Itoa(m.AgreementID), "", "true"})
	}
	if len(rows) > 2 {
		rows = slices.DeleteFunc(rows, func(row []string) bool { return left != "" && row[0] == left })
	}
	if err := out.WriteAll(rows); err != nil {
		return nil, fmt.Errorf("write the demonstration's mapping: %w", err)
	}
	return file.Bytes(), nil
}

// chosen is the mapping of a tenant, zero where nothing fits that is offered.
func chosen(offer *admin.Offer, matcher *bridge.Matcher, t admin.TenantAnswer, known bridge.Mapping) (m bridge.Mapping, suggested bool) {
	suggestion, found := matcher.Suggest(t.Name)
	if suggested = found && suggestion.Score >= sureEnough; suggested {
		m.CompanyID = suggestion.CompanyID
	} else {
		m.CompanyID = known.CompanyID
	}
	company, offered := offer.Offered(m.CompanyID)
	if !offered {
		return bridge.Mapping{}, false
	}
	i := slices.IndexFunc(company.Agreements, func(a bridge.Agreement) bool { return a.ID == known.AgreementID })
	switch {
	case i >= 0:
		m.AgreementID = known.AgreementID
	case len(company.Agreements) == 1:
		m.AgreementID = company.Agreements[0].ID
	default:
		return bridge.Mapping{}, false
	}
	return m, suggested
}

func (s *stack) addSecond(ctx context.Context, _ config.DevFile) error {
	_, err := s.parts.Admin.Show(ctx, secondAccount)
	if err == nil || bridge.CodeOf(err) != bridge.CodeNotFound {
		return err
	}
	_, err = s.parts.Admin.AddAccount(ctx, admin.NewAccount{Name: secondAccount, MySonicWallKey: simulatedSecondKey})
	return err
}
