package bridge

import "slices"

// Names that the integration guide gives the records it provisions.
const (
	typeSonicWall = "SonicWall"
	miscellaneous = "Miscellaneous"

	categoryCloud    = "Cloud"
	categoryHardware = "Hardware/Virtual"
	categorySoftware = "Software"

	subcategoryCloudServices = "Cloud Services"
	subcategorySoftware      = "Software"
	subcategoryNetworkDevice = "Network Device"
)

// productTable is the integration guide's product table. Set-up and mapping both read it, so that a product can never be sent
// to a category that set-up did not make (R6, R7, R19).
var productTable = []struct {
	line                        ProductLine
	name, category, subcategory string
}{
	{LineFirewall, "Firewall", categoryHardware, subcategoryNetworkDevice},
	{LineSMA1000, "SMA 1000 Series", categoryHardware, subcategoryNetworkDevice},
	{LineSMA100, "SMA 100 Series", categoryHardware, subcategoryNetworkDevice},
	{LineAccessPoint, "Access Points", categoryHardware, subcategoryNetworkDevice},
	{LineEmailSecurity, "Email Security", categoryHardware, subcategoryNetworkDevice},
	{LineCaptureClient, "Capture Client", categoryCloud, subcategorySoftware},
	{LineCloudAppSecurity, "Cloud App Security", categoryCloud, subcategoryCloudServices},
	{LineGMS, "GMS Software", categorySoftware, subcategorySoftware},
	{LineAnalyzer, "Analyzer Software", categorySoftware, subcategorySoftware},
	{LineCMS, "CMS", categorySoftware, subcategorySoftware},
	{LineHostedEmail, "Hosted Email", categoryCloud, subcategoryCloudServices},
}

// PlacementOf tells where a product line goes in ConnectWise: by the guide's table (R19), or to Miscellaneous throughout (R20).
func PlacementOf(line ProductLine) Placement {
	for _, row := range productTable {
		if row.line != line {
			continue
		}
		place := Placement{Type: typeSonicWall, Category: row.category, Subcategory: row.subcategory, Known: true}
		if row.subcategory == subcategoryNetworkDevice {
			place.ConfigurationType = row.name
		}
		return place
	}
	return Placement{Type: miscellaneous, Category: miscellaneous, Subcategory: miscellaneous}
}

// CategoryPair is a sub-category under its category.
type CategoryPair struct {
	Category, Subcategory string
}

// Provisioned lists what set-up makes if it is missing (R6, R7), each without repeats and in the table's order.
func Provisioned() (types, categories []string, pairs []CategoryPair) {
	places := []Placement{}
	for _, row := range productTable {
		places = append(places, PlacementOf(row.line))
	}
	places = append(places, PlacementOf(""))
	for _, place := range places {
		types = appendNew(types, place.Type)
		categories = appendNew(categories, place.Category)
		pairs = appendNew(pairs, CategoryPair{place.Category, place.Subcategory})
	}
	return types, categories, pairs
}

func appendNew[T comparable](list []T, item T) []T {
	if slices.Contains(list, item) {
		return list
	}
	return append(list, item)
}

// ConfigurationTypes are the names of the configuration types that devices may get, in the table's order.
func ConfigurationTypes() []string {
	var names []string
	for _, row := range productTable {
		if row.subcategory == subcategoryNetworkDevice {
			names = append(names, row.name)
		}
	}
	return names
}

// BecomesAddition tells whether products placed there are lines of the agreement (R22): cloud services and software always,
// network devices when the account asks for it.
func BecomesAddition(place Placement, options Options) bool {
	if !place.Known {
		return false
	}
	return place.Subcategory != subcategoryNetworkDevice || options.NetworkAdditions
}

// BecomesConfiguration tells whether products placed there are configurations of the company (R30).
func BecomesConfiguration(place Placement) bool { return place.ConfigurationType != "" }
