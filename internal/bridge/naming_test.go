package bridge

import (
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// R21: markup, entities and white space as MySonicWall is known to send them.
func TestCleanName(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		`NS<span style="vertical-align: sub;font-style: italic">a</span> 2700`:   "NSa 2700",
		`NS&lt;span style=&quot;font-style: italic&quot;&gt;a&lt;/span&gt; 2700`: "NSa 2700",
		`NS<span style="vertical-align: sub;font-style: ita`:                     "NS",
		`TZ<br/>370`:            "TZ 370",
		`R&amp;D  Firewall`:     "R&D Firewall",
		`<b title="a>b">TZ</b>`: "TZ",
		"  TZ\t 370\u00a0W \n":  "TZ 370 W",
		"TZ\u200e370\u0000":     "TZ370",
		"Users < 100 > 50":      "Users < 100 > 50",
		"a<!-- note -->b":       "a b",
		"\xffTZ":                "TZ",
		"TZ370":                 "TZ370",
		"":                      "",
		"<":                     "<",
		"日本 <i>x</i>":           "日本 x",
	}
	for raw, want := range tests {
		if got := CleanName(raw); got != want {
			t.Errorf("CleanName(%q) = %q, want %q", raw, got, want)
		}
	}
}

// R21, with the identifiers of the guide's own screenshots.
func TestCatalogIdentifier(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		tier Tier
		want string
	}{
		{"Capture Client Tenant", "ADVANCED", "SONICWALL_CAPTURE_CLIENT_TENANT_ADVANCED"},
		{"Capture Client Tenant", "BASIC", "SONICWALL_CAPTURE_CLIENT_TENANT_BASIC"},
		{"CMS for SMA with Base Appliance License", "", "SONICWALL_CMS_FOR_SMA_WITH_BASE_APPLIANCE_LICENSE"},
		{"SonicWall Email Security 7050", "", "SONICWALL_EMAIL_SECURITY_7050"},
		{"SONICWALL Nsv 200 Trial", "BASIC", "SONICWALL_NSV_200_TRIAL_BASIC"},
		{"SonicWall™ TZ 400", "", "SONICWALL_TZ_400"},
		{"SonicWave 231c", "", "SONICWALL_SONICWAVE_231C"},
		{"Capture Client Advanced", "ADVANCED", "SONICWALL_CAPTURE_CLIENT_ADVANCED"},
		{"Advanced", "ADVANCED", "SONICWALL_ADVANCED"},
		{"--TZ__370 (W)!", "", "SONICWALL_TZ_370_W"},
		{"GMS – Ünïcode", "", "SONICWALL_GMS_N_CODE"},
		{"SonicWall Email Security Free Trial Software (10000 Users)", "", "SONICWALL_EMAIL_SECURITY_FREE_TRIAL_SOFTWARE_10000_USERS"},
	}
	for _, test := range tests {
		if got := CatalogIdentifier(test.name, test.tier); got != test.want {
			t.Errorf("CatalogIdentifier(%q, %q) = %s, want %s", test.name, test.tier, got, test.want)
		}
	}
}

// R21: nothing left of a name, or too much, gives a hash that stays and that tells names apart.
func TestCatalogIdentifierHashes(t *testing.T) {
	t.Parallel()
	names := []string{"", "SonicWall", "防火墙", "防火牆", strings.Repeat("Long product name ", 5) + "A", strings.Repeat("Long product name ", 5) + "B"}
	seen := map[string]string{}
	for _, name := range names {
		for _, tier := range []Tier{"", "BASIC", "PREMIER"} {
			id := CatalogIdentifier(name, tier)
			if len(id) > 60 || !strings.HasPrefix(id, "SONICWALL_") || !strings.HasSuffix(id, string(tier)) {
				t.Errorf("%q %q: %s", name, tier, id)
			}
			if other, twice := seen[id]; twice {
				t.Errorf("%s stands for %q and %q", id, name, other)
			}
			seen[id] = name
		}
	}
	// Pinned: an identifier that changes with a release would double every provider's catalog.
	if got := CatalogIdentifier("防火墙", ""); got != "SONICWALL_EEE30E9D97" {
		t.Errorf("hash of a name without Latin letters = %s", got)
	}
	if got := CatalogIdentifier(strings.Repeat("Long product name ", 5)+"A", "BASIC"); got != "SONICWALL_LONG_PRODUCT_NAME_LONG_PRODUCT_NA_7D141B315F_BASIC" {
		t.Errorf("shortened = %s", got)
	}
}

func TestCatalogIdentifierIsAlwaysUsable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := CleanName(rapid.String().Draw(t, "name"))
		tier := Tier(rapid.SampledFrom([]string{"", "BASIC", "ADVANCED", "PREMIER"}).Draw(t, "tier"))
		id := CatalogIdentifier(name, tier)
		if len(id) > maxIdentifier || strings.Contains(id, "__") || strings.HasSuffix(id, "_") || id != identifierWords(id) {
			t.Fatalf("%q %q gives %s", name, tier, id)
		}
		if id != CatalogIdentifier(name, tier) {
			t.Fatal("not stable")
		}
	})
}

// R21: 60 characters as ConnectWise counts them, never inside a character.
func TestDescription(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"TZ370":                         "TZ370",
		strings.Repeat("x", 60):         strings.Repeat("x", 60),
		strings.Repeat("x", 61):         strings.Repeat("x", 60),
		strings.Repeat("é", 60):         strings.Repeat("é", 60),
		strings.Repeat("é", 61):         strings.Repeat("é", 60),
		strings.Repeat("🔥", 31):         strings.Repeat("🔥", 30),
		strings.Repeat("x", 59) + " yz": strings.Repeat("x", 59),
	}
	for name, want := range tests {
		if got := Description(name); got != want {
			t.Errorf("Description(%q) = %q", name, got)
		}
	}
}

func TestCutKeepsCharactersWhole(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text, limit := rapid.String().Draw(t, "text"), rapid.IntRange(1, 80).Draw(t, "limit")
		got := cut(text, limit)
		if !utf8.ValidString(got) || len(utf16.Encode([]rune(got))) > limit || !strings.HasPrefix(text, got) {
			t.Fatalf("cut(%q, %d) = %q", text, limit, got)
		}
	})
}

// R30: the labels of questions, and services that share one.
func TestServiceDates(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("s", 1200)
	p := Product{Services: []Service{
		{Name: "EPSS", Expiry: MustDate("2027-01-31"), Subs: []Service{
			{Name: "Capture ATP", Expiry: MustDate("2027-01-31")},
			{Name: "24x7 Support"},
			{Name: "capture atp", Expiry: MustDate("2028-01-31")},
			{Name: "<b>Content</b>  Filter", Expiry: MustDate("2027-02-28")},
		}},
		{Name: "epss", Expiry: MustDate("2026-01-31")},
		{Name: "", Subs: []Service{{Name: "SSL VPN"}}},
		{Name: long},
		{},
	}}
	want := []LabelledDate{
		{"EPSS", MustDate("2027-01-31")}, {"EPSS: Capture ATP", MustDate("2028-01-31")}, {"EPSS: 24x7 Support", Date{}},
		{"EPSS: Content Filter", MustDate("2027-02-28")}, {"SSL VPN", Date{}}, {long[:1000], Date{}},
	}
	if diff := cmp.Diff(want, ServiceDates(p)); diff != "" {
		t.Error(diff)
	}
}

// R30: the device's own name, else product and serial number.
func TestConfigurationName(t *testing.T) {
	t.Parallel()
	tests := []struct {
		p    Product
		want string
	}{
		{Product{Name: "TZ370", FriendlyName: "HQ  firewall", Serial: "0017C5AA0001"}, "HQ firewall"},
		{Product{Name: "TZ370", FriendlyName: " \u200e", Serial: "0017C5AA0001"}, "TZ370 0017C5AA0001"},
		{Product{Name: strings.Repeat("n", 120), Serial: "0017C5AA0001"}, strings.Repeat("n", 87) + " 0017C5AA0001"},
		{Product{FriendlyName: strings.Repeat("f", 120)}, strings.Repeat("f", 100)},
	}
	for _, test := range tests {
		if got := ConfigurationName(test.p); got != test.want || len(got) > maxConfigurationName {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}
