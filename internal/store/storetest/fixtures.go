package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"causeway/internal/bridge"
	"causeway/internal/secret"
	"causeway/internal/store"
)

// Sealer seals with a fresh master key.
func Sealer(tb testing.TB) store.Sealer {
	tb.Helper()
	master, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	require.NoError(tb, err)
	sealer, err := secret.NewSealer(master)
	require.NoError(tb, err)
	return sealer
}

// Account stores a configured account of the given name; its ConnectWise company is its own.
func Account(tb testing.TB, s *store.Store, name string) bridge.Account {
	tb.Helper()
	account, err := s.CreateAccount(tb.Context(), bridge.Account{
		Name: name, State: bridge.AccountReady, MSWZone: "America/Chicago",
		ConnectWise: bridge.ConnectWiseSettings{
			Host: "cwm.example.com", Company: name, PublicKey: "public",
			CallsAtOnce: bridge.DefaultCallsAtOnce, CallsPerSecond: bridge.DefaultCallsPerSecond,
		},
		Limits: bridge.DefaultLimits(),
	}, store.Keys{})
	require.NoError(tb, err)
	return account
}

// Tenants stores count mapped and enabled tenants, t-0000 and so on.
func Tenants(tb testing.TB, s *store.Store, accountID int64, count int) []bridge.Tenant {
	tb.Helper()
	tenants := make([]bridge.Tenant, count)
	changes := make([]store.MappingChange, count)
	for i := range tenants {
		tenants[i] = bridge.Tenant{
			ID: fmt.Sprintf("t-%04d", i), Name: fmt.Sprintf("Tenant %04d", i),
			Mapping: bridge.Mapping{CompanyID: 100 + i, AgreementID: 1000 + i, Enabled: true},
		}
		changes[i] = store.MappingChange{TenantID: tenants[i].ID, Mapping: tenants[i].Mapping}
	}
	SaveTenants(tb, s, accountID, tenants...)
	require.NoError(tb, s.SaveMappings(tb.Context(), accountID, changes, "test"))
	return tenants
}

// SaveTenants stores the whole list of an account's tenants and answers with how many are new.
func SaveTenants(tb testing.TB, s *store.Store, accountID int64, tenants ...bridge.Tenant) (added int) {
	tb.Helper()
	added, _, _, err := s.SaveTenants(tb.Context(), accountID, tenants, time.Now())
	require.NoError(tb, err)
	return added
}

// Run opens a sync over that many fresh tenants.
func Run(tb testing.TB, s *store.Store, account bridge.Account, count int) (bridge.Run, []bridge.Tenant) {
	tb.Helper()
	tenants := Tenants(tb, s, account.ID, count)
	return OpenSync(tb, s, account, tenants), tenants
}

// OpenSync opens a sync over tenants that are stored.
func OpenSync(tb testing.TB, s *store.Store, account bridge.Account, tenants []bridge.Tenant) bridge.Run {
	tb.Helper()
	run, opened, err := s.OpenRun(tb.Context(), store.OpenRun{
		AccountID: account.ID, Kind: bridge.RunSync, By: "test", Tenants: tenants, Everything: true,
	})
	require.NoError(tb, err)
	require.True(tb, opened)
	return run
}

// Addition is a planned addition of a tenant.
func Addition(tenant bridge.Tenant, number int) bridge.Change {
	serial := fmt.Sprintf("00%s%06d", tenant.ID[2:], number)
	return bridge.Change{
		TenantID: tenant.ID, Kind: bridge.KindAddition, Action: bridge.ActionCreate,
		Key: "SONICWALL_CAPTURE_CLIENT_ADVANCED/" + serial, ParentID: tenant.Mapping.AgreementID, Serial: serial,
		Subject: "Capture Client Advanced", Status: bridge.StatusPlanned,
		After: bridge.Fields{
			bridge.FieldProduct: "SONICWALL_CAPTURE_CLIENT_ADVANCED", bridge.FieldQuantity: "25", bridge.FieldSerial: serial,
			bridge.FieldBillCustomer: "Billable", bridge.FieldEffective: "2026-12-01", bridge.FieldInvoiceDescription: "Capture Client",
		},
		Facts: bridge.Fields{bridge.FactRegistered: "2026-03-04"},
		Why: []bridge.Reasoning{{
			Field: bridge.FieldQuantity, Rule: "The highest quantity over the product's services.",
			Facts: []bridge.Fact{{Source: bridge.SourceMySonicWall, Name: "Endpoints", Value: "25"}},
		}},
		Needs:       []string{bridge.NeedKey(bridge.KindCatalogItem, "SONICWALL_CAPTURE_CLIENT_ADVANCED")},
		NextInvoice: bridge.MustDate("2026-12-01"),
	}
}

// Plan stores that many planned additions for each tenant.
func Plan(tb testing.TB, s *store.Store, run bridge.Run, tenants []bridge.Tenant, each int) {
	tb.Helper()
	plans := make([]store.PlannedTenant, len(tenants))
	for i, tenant := range tenants {
		plans[i] = store.PlannedTenant{TenantID: tenant.ID, NeedSync: true}
		for n := range each {
			plans[i].Plan.Changes = append(plans[i].Plan.Changes, Addition(tenant, n))
		}
	}
	require.NoError(tb, s.SavePlan(tb.Context(), run, plans))
}

// Finish applies a change as ConnectWise's record cwmID, with its managed record and a log line.
func Finish(ctx context.Context, tb testing.TB, s *store.Store, run bridge.Run, c bridge.Change, cwmID int) {
	tb.Helper()
	c.Status, c.CWMID, c.Answer = bridge.StatusApplied, cwmID, c.After
	managed := ManagedOf(c)
	err := s.FinishChange(ctx, run, c, &managed, &bridge.LogLine{
		TenantID: c.TenantID, Level: bridge.LogInfo, Text: "POST finance/agreements/1000/additions " + c.Key,
	})
	if err != nil {
		tb.Errorf("finish change %d: %v", c.ID, err)
	}
}

// ManagedOf is the record that an applied change led to.
func ManagedOf(c bridge.Change) bridge.Managed {
	return bridge.Managed{
		Kind: c.Kind, Key: c.Key, ParentID: c.ParentID, TenantID: c.TenantID, Serial: c.Serial, CWMID: c.CWMID,
		LastApplied: c.Answer, Facts: c.Facts,
	}
}

// Reports are reports of tenants t-0000 and so on, each with that many products; another variant says something else.
func Reports(tenants, products, variant int) []bridge.Report {
	reports := make([]bridge.Report, tenants)
	for i := range reports {
		reports[i] = bridge.Report{TenantID: fmt.Sprintf("t-%04d", i), Complete: true}
		for n := range products {
			reports[i].Products = append(reports[i].Products, Product(fmt.Sprintf("00%04d%06d", i, n), int64(n+variant)))
		}
	}
	return reports
}

// Product is a Capture Client with a quantity.
func Product(serial string, quantity int64) bridge.Product {
	expiry := bridge.MustDate("2027-03-04")
	return bridge.Product{
		Serial: serial, Name: "Capture Client Advanced", RawName: "<b>Capture Client</b> Advanced", FriendlyName: "Front desk",
		Line: bridge.LineCaptureClient, Tier: "ADVANCED", Billable: true, Registered: bridge.MustDate("2026-03-04"),
		Status: bridge.ProductActive,
		Services: []bridge.Service{{
			Name: "Endpoint Security", Status: "ACTIVE", Expiry: expiry,
			Subs: []bridge.Service{
				{Name: "Endpoints", Status: "ACTIVE", Quantity: decimal.NewNullDecimal(decimal.NewFromInt(quantity)), Expiry: expiry},
				{Name: "Content Filtering", Status: "ACTIVE"},
			},
		}},
	}
}
