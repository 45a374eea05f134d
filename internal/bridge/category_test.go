package bridge

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Every row of the guide's product table (R19, R20, R22, R30).
func TestPlacementOf(t *testing.T) {
	t.Parallel()
	tests := []struct {
		line                                ProductLine
		typ, category, subcategory, devices string
		addition, withOption, configuration bool
	}{
		{LineFirewall, "SonicWall", "Hardware/Virtual", "Network Device", "Firewall", false, true, true},
		{LineSMA1000, "SonicWall", "Hardware/Virtual", "Network Device", "SMA 1000 Series", false, true, true},
		{LineSMA100, "SonicWall", "Hardware/Virtual", "Network Device", "SMA 100 Series", false, true, true},
		{LineAccessPoint, "SonicWall", "Hardware/Virtual", "Network Device", "Access Points", false, true, true},
		{LineEmailSecurity, "SonicWall", "Hardware/Virtual", "Network Device", "Email Security", false, true, true},
		{LineCaptureClient, "SonicWall", "Cloud", "Software", "", true, true, false},
		{LineCloudAppSecurity, "SonicWall", "Cloud", "Cloud Services", "", true, true, false},
		{LineGMS, "SonicWall", "Software", "Software", "", true, true, false},
		{LineAnalyzer, "SonicWall", "Software", "Software", "", true, true, false},
		{LineCMS, "SonicWall", "Software", "Software", "", true, true, false},
		{LineHostedEmail, "SonicWall", "Cloud", "Cloud Services", "", true, true, false},
		{"OTHER", "Miscellaneous", "Miscellaneous", "Miscellaneous", "", false, false, false},
		{"SWITCH", "Miscellaneous", "Miscellaneous", "Miscellaneous", "", false, false, false},
		{"", "Miscellaneous", "Miscellaneous", "Miscellaneous", "", false, false, false},
	}
	for _, test := range tests {
		t.Run(string(test.line), func(t *testing.T) {
			t.Parallel()
			got := PlacementOf(test.line)
			want := Placement{test.typ, test.category, test.subcategory, test.devices, test.typ == "SonicWall"}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if BecomesAddition(got, Options{}) != test.addition || BecomesAddition(got, Options{NetworkAdditions: true}) != test.withOption {
				t.Errorf("addition without and with the option: want %v, %v", test.addition, test.withOption)
			}
			if BecomesConfiguration(got) != test.configuration {
				t.Errorf("configuration: want %v", test.configuration)
			}
		})
	}
}

// What set-up makes (R6), with the category Software that the guide's list lacks (R7).
func TestProvisioned(t *testing.T) {
	t.Parallel()
	types, categories, pairs := Provisioned()
	if diff := cmp.Diff([]string{"SonicWall", "Miscellaneous"}, types); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"Hardware/Virtual", "Cloud", "Software", "Miscellaneous"}, categories); diff != "" {
		t.Error(diff)
	}
	want := []CategoryPair{{"Hardware/Virtual", "Network Device"}, {"Cloud", "Software"}, {"Cloud", "Cloud Services"},
		{"Software", "Software"}, {"Miscellaneous", "Miscellaneous"}}
	if diff := cmp.Diff(want, pairs); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"Firewall", "SMA 1000 Series", "SMA 100 Series", "Access Points", "Email Security"}, ConfigurationTypes()); diff != "" {
		t.Error(diff)
	}
}
