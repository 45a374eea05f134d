package estate_test

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"causeway/internal/simulator/estate"
)

var today = time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)

func TestSameSeedSameEstateWhateverTheSize(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		n := rapid.IntRange(1, 60).Draw(t, "tenants")
		less := rapid.IntRange(1, n).Draw(t, "fewer")
		var opts []estate.Option
		if rapid.Bool().Draw(t, "clean") {
			opts = append(opts, estate.Clean())
		}
		if rapid.Bool().Draw(t, "second") {
			opts = append(opts, estate.Second())
		}
		big, small := estate.Generate(seed, n, today, opts...), estate.Generate(seed, less, today, opts...)
		mustEqual(t, "tenants changed with the size of the estate", small.Tenants, big.Tenants[:less])
		mustEqual(t, "companies changed with the size of the estate", small.Companies, big.Companies[:len(small.Companies)])
		mustEqual(t, "a second call differs", big, estate.Generate(seed, n, today, opts...))
	})
}

// mustEqual compares cheaply and only describes a difference: a readable diff
// of whole estates takes most of a second.
func mustEqual(t *rapid.T, what string, a, b any) {
	if !reflect.DeepEqual(a, b) {
		t.Fatalf("%s:\n%s", what, cmp.Diff(a, b))
	}
}

func TestNothingIsNamedTwice(t *testing.T) {
	t.Parallel()
	serialForm := regexp.MustCompile(`^[0-9A-F]{12}$`)
	for _, seed := range []uint64{1, 2, 1 << 60} {
		seen := map[any]bool{}
		once := func(kind string, key any) {
			k := [2]any{kind, key}
			if seen[k] {
				t.Fatalf("%s %v occurs twice (seed %d)", kind, key, seed)
			}
			seen[k] = true
		}
		for _, e := range []estate.Estate{estate.Generate(seed, 1500, today), estate.Generate(seed, 30, today, estate.Second())} {
			for _, tenant := range e.Tenants {
				once("tenant", tenant.ID)
				for _, p := range tenant.Products {
					if !serialForm.MatchString(p.Serial) {
						t.Fatalf("serial %q", p.Serial)
					}
					once("serial", p.Serial)
				}
			}
			for _, c := range e.Companies {
				once("company", c.ID)
				once("identifier", c.Identifier)
				require.LessOrEqual(t, len(c.Identifier), 25)
				require.LessOrEqual(t, len([]rune(c.Name)), 50)
				require.Contains(t, e.Statuses, c.Status)
				for _, a := range c.Agreements {
					once("agreement", a.ID)
				}
			}
		}
	}
}

func TestTwentyTenantsShowWhatIsPeculiar(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		e := estate.Generate(seed, 20, today)
		got := map[string]bool{}
		company := map[int]estate.Company{}
		for _, c := range e.Companies {
			company[c.ID] = c
			got["company "+c.Status] = true
			got["recycle bin"] = got["recycle bin"] || c.Deleted
			for _, a := range c.Agreements {
				got["cycle "+string(a.Cycle)] = true
				got["cancelled"] = got["cancelled"] || !a.Cancelled.IsZero()
				got["ended"] = got["ended"] || !a.End.IsZero()
				got["later"] = got["later"] || a.BillStart.After(e.Today)
				got["child"] = got["child"] || a.ParentID != 0 && a.BillStart.IsZero() && a.NextInvoice.IsZero()
				got["prorating"] = got["prorating"] || a.Prorate
				got["invoice just passed"] = got["invoice just passed"] || !a.NextInvoice.IsZero() && a.NextInvoice.Before(e.Today)
			}
		}
		names := map[string]bool{}
		for _, tenant := range e.Tenants {
			name := strings.TrimSpace(tenant.Name)
			got["name in other case"] = got["name in other case"] || names[strings.ToLower(name)]
			names[strings.ToLower(name)] = true
			got["long name"] = got["long name"] || len(name) == 300
			got["unicode"] = got["unicode"] || strings.ContainsFunc(name, func(r rune) bool { return r > 0x7f })
			got["no company"] = got["no company"] || tenant.CompanyID == 0
			got["no agreement"] = got["no agreement"] || tenant.CompanyID != 0 && tenant.AgreementID == 0
			got["other name"] = got["other name"] || tenant.CompanyID != 0 && company[tenant.CompanyID].Name != name
			tiers := map[string]string{}
			for _, p := range tenant.Products {
				got["line "+p.Line] = true
				got["trial"] = got["trial"] || p.Trial
				got["markup"] = got["markup"] || strings.Contains(p.Name, "<span")
				got["leading zero"] = got["leading zero"] || p.Serial[0] == '0'
				got["numbers as text"] = got["numbers as text"] || p.Wire.NumbersAsText
				got["blank date"] = got["blank date"] || slices.ContainsFunc(p.Services, func(s estate.Service) bool { return s.Expires.IsZero() })
				got["two tiers"] = got["two tiers"] || tiers[p.Name] != "" && tiers[p.Name] != p.Tier
				tiers[p.Name] = p.Tier
				got["renewed"] = got["renewed"] || p.Registered.Before(e.Today.AddDate(-5, 0, 0)) && p.Status == "ACTIVE"
				got["over before billing"] = got["over before billing"] || p.Line == "HOSTED_EMAIL" && overBefore(p, billStart(e, tenant))
			}
		}
		for _, want := range []string{
			"company Active", "company Prospect", "recycle bin", "cycle Monthly", "cycle Quarterly", "cycle NotRecurring", "cycle ",
			"cancelled", "ended", "later", "child", "prorating", "invoice just passed", "name in other case", "long name", "unicode",
			"no company", "no agreement", "other name", "trial", "markup", "leading zero", "numbers as text", "blank date", "two tiers",
			"renewed", "over before billing",
			"line FIREWALL", "line SMA1000", "line SMA100", "line ACCESS_POINT", "line EMAIL_SECURITY", "line CAPTURE_CLIENT",
			"line CLOUD_APP_SECURITY", "line GMS", "line ANALYZER", "line CMS", "line HOSTED_EMAIL", "line OTHER",
		} {
			require.True(t, got[want], "seed %d has no %q", seed, want)
		}
	}
}

func billStart(e estate.Estate, tenant estate.Tenant) time.Time {
	for _, c := range e.Companies {
		for _, a := range c.Agreements {
			if a.ID == tenant.AgreementID {
				return a.BillStart
			}
		}
	}
	return time.Time{}
}

func overBefore(p estate.Product, day time.Time) bool {
	for _, s := range p.Services {
		for _, part := range s.Parts {
			if part.Expires.IsZero() || !part.Expires.Before(day) {
				return false
			}
		}
	}
	return true
}

func TestCleanEstateHasNoMess(t *testing.T) {
	t.Parallel()
	e := estate.Generate(7, 200, today, estate.Clean(), estate.ProductsPerTenant(25))
	require.Len(t, e.Companies, 200)
	for i, tenant := range e.Tenants {
		c := e.Companies[i]
		require.Equal(t, c.Name, tenant.Name)
		require.Equal(t, "Active", c.Status)
		require.Equal(t, tenant.CompanyID, c.ID)
		require.Len(t, c.Agreements, 1)
		a := c.Agreements[0]
		require.Equal(t, tenant.AgreementID, a.ID)
		require.Equal(t, estate.CycleMonthly, a.Cycle)
		require.True(t, a.NextInvoice.After(e.Today))
		require.Len(t, tenant.Products, 25)
		network := 0
		for _, p := range tenant.Products {
			require.Equal(t, estate.Wire{}, p.Wire)
			require.Equal(t, estate.BillableYes, p.Billable)
			require.Equal(t, "ACTIVE", p.Status)
			require.False(t, overBefore(p, a.NextInvoice))
			if p.Network {
				network++
			}
		}
		require.Equal(t, 12, network)
	}
}

func TestProductCounts(t *testing.T) {
	t.Parallel()
	for _, tenant := range estate.Generate(3, 300, today).Tenants {
		require.GreaterOrEqual(t, len(tenant.Products), 4)
		require.LessOrEqual(t, len(tenant.Products), 30)
	}
	for _, tenant := range estate.Generate(3, 10, today, estate.ProductsPerTenant(2)).Tenants {
		require.Len(t, tenant.Products, 2)
	}
	require.Len(t, estate.Generate(1, estate.MaxTenants+1, today, estate.Clean(), estate.ProductsPerTenant(1)).Tenants, estate.MaxTenants)
}
