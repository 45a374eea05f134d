package estate

// term is how a licence runs out.
type term int

const (
	termYears   term = iota // one, three or five years from registration
	termForever             // no expiry date
	termTrial               // thirty days
	termMonthly             // to a month's end, rolling on
)

// suite is a service with the sub-services sold under it.
type suite struct {
	name  string
	parts []string
}

const gateway = "Gateway AV/Anti-Spyware/Intrusion Prevention/App Control/App Visualization"

var (
	suiteEPSS = suite{"Essential Protection Service Suite", []string{gateway, "Premium Content Filter", "Capture Advanced Threat Protection", "Comprehensive Anti-Spam Service", "24x7 Support"}}
	suiteAPSS = suite{"Advanced Protection Service Suite", []string{gateway, "Premium Content Filter", "Capture Advanced Threat Protection", "Comprehensive Anti-Spam Service", "24x7 Support", "Network Security Manager Essential", "DNS Security"}}
	suiteTPSS = suite{"Threat Protection Service Suite", []string{gateway, "Premium Content Filter", "24x7 Support"}}
	suiteAGSS = suite{"Advanced Gateway Security Suite", []string{gateway, "Premium Content Filter", "Capture Advanced Threat Protection", "24x7 Support"}}
	suiteCGSS = suite{"Comprehensive Gateway Security Suite", []string{gateway, "Premium Content Filter", "24x7 Support"}}
	suiteVPN  = suite{"Remote access", []string{"Global VPN Client", "SSL VPN", "Virtual Assist"}}
	suiteSUP  = suite{"Support", []string{"24x7 Support", "Firmware Updates", "Hardware Warranty"}}
	suiteAP   = suite{"Secure wireless", []string{"Secure Cloud WiFi Management and Support", "Advanced Secure Cloud WiFi"}}
	suiteSMA  = suite{"SMA services", []string{"User Licenses", "Web Application Firewall", "End Point Control", "24x7 Support"}}
	suiteES   = suite{"Email services", []string{"Email Protection Subscription and Dynamic Support", "Email Anti-Virus", "Email Encryption"}}
	suiteCCB  = suite{"Capture Client Basic", []string{"Next-gen Anti-Malware", "Web Threat Protection"}}
	suiteCCA  = suite{"Capture Client Advanced", []string{"Next-gen Anti-Malware", "Web Threat Protection", "Rollback", "Application Risk", "Device Control"}}
	suiteCCP  = suite{"Capture Client Premier", []string{"Next-gen Anti-Malware", "Web Threat Protection", "Rollback", "Deep Visibility", "Network Control"}}
	suiteCASB = suite{"Cloud App Security Basic", []string{"Email", "File Sharing"}}
	suiteCASA = suite{"Cloud App Security Advanced", []string{"Email", "File Sharing", "Capture ATP", "Data Leakage", "Shadow IT"}}
	suiteHES  = suite{"Hosted Email Security", []string{"Advanced", "Continuity", "Encryption"}}
	suiteNode = suite{"Node licence", []string{"Managed nodes"}}
	suiteSeat = suite{"User licence", []string{"Users"}}
)

// licence is a suite as sold with one product: how many, and for how long.
type licence struct {
	suite    suite
	quantity int
	term     term
}

// article is one row of MySonicWall's price list.
type article struct {
	name     string
	line     string
	tier     string
	trial    bool
	virtual  bool // no hardware: serial from the virtual range
	licences []licence
}

func years(s suite, n int) licence   { return licence{s, n, termYears} }
func trial(s suite, n int) licence   { return licence{s, n, termTrial} }
func monthly(s suite, n int) licence { return licence{s, n, termMonthly} }
func forever(s suite, n int) licence { return licence{s, n, termForever} }

// styledNSa is how MySonicWall writes NSa models: the a is set small and slanted.
const styledNSa = `NS<span style="vertical-align: sub;font-style: italic">a</span>`

var catalogue = []article{
	{name: "TZ80", line: "FIREWALL", licences: []licence{years(suiteAPSS, 1), years(suiteSUP, 1)}},
	{name: "TZ270", line: "FIREWALL", licences: []licence{years(suiteTPSS, 1), forever(suiteVPN, 5)}},
	{name: "TZ270W", line: "FIREWALL", licences: []licence{years(suiteEPSS, 1), forever(suiteVPN, 5)}},
	{name: "TZ370", line: "FIREWALL", licences: []licence{years(suiteEPSS, 1), forever(suiteVPN, 10)}},
	{name: "TZ370 Trial", line: "FIREWALL", trial: true, licences: []licence{trial(suiteEPSS, 1)}},
	{name: "TZ470", line: "FIREWALL", licences: []licence{years(suiteEPSS, 1), forever(suiteVPN, 10)}},
	{name: "TZ570", line: "FIREWALL", licences: []licence{years(suiteAPSS, 1), forever(suiteVPN, 25)}},
	{name: "TZ570P", line: "FIREWALL", licences: []licence{years(suiteEPSS, 1)}},
	{name: "TZ670", line: "FIREWALL", licences: []licence{years(suiteAPSS, 1), forever(suiteVPN, 50)}},
	{name: "TZ 400", line: "FIREWALL", licences: []licence{years(suiteAGSS, 1)}},
	{name: "SOHO 250", line: "FIREWALL", licences: []licence{years(suiteCGSS, 1)}},
	{name: styledNSa + " 2700", line: "FIREWALL", licences: []licence{years(suiteEPSS, 1), forever(suiteVPN, 50)}},
	{name: styledNSa + " 3700", line: "FIREWALL", licences: []licence{years(suiteAPSS, 1)}},
	{name: "NSa 4700 High Availability", line: "FIREWALL", licences: []licence{years(suiteSUP, 1)}},
	{name: "NSa 5700", line: "FIREWALL", licences: []licence{years(suiteAPSS, 1)}},
	{name: "NSsp 13700", line: "FIREWALL", licences: []licence{years(suiteAPSS, 1), years(suiteSUP, 1)}},
	{name: "NSv 270", line: "FIREWALL", virtual: true, licences: []licence{monthly(suiteEPSS, 1)}},
	{name: "NSv 470", line: "FIREWALL", virtual: true, licences: []licence{monthly(suiteAPSS, 1)}},
	{name: "SONICWALL Nsv 200 Trial", line: "FIREWALL", tier: "BASIC", trial: true, virtual: true, licences: []licence{trial(suiteAGSS, 1)}},
	{name: "NSv 870", line: "FIREWALL", virtual: true, licences: []licence{years(suiteEPSS, 1)}},
	{name: "SMA 210", line: "SMA100", licences: []licence{years(suiteSMA, 5)}},
	{name: "SMA 410", line: "SMA100", licences: []licence{years(suiteSMA, 25)}},
	{name: "SMA 500v", line: "SMA100", virtual: true, licences: []licence{years(suiteSMA, 50)}},
	{name: "SMA 6210", line: "SMA1000", licences: []licence{years(suiteSMA, 100)}},
	{name: "SMA 7210", line: "SMA1000", licences: []licence{years(suiteSMA, 500)}},
	{name: "SMA 8200v", line: "SMA1000", virtual: true, licences: []licence{years(suiteSMA, 250)}},
	{name: "SonicWave 231c", line: "ACCESS_POINT", licences: []licence{years(suiteAP, 1)}},
	{name: "SonicWave 432i", line: "ACCESS_POINT", licences: []licence{years(suiteAP, 1)}},
	{name: "SonicWave 621", line: "ACCESS_POINT", licences: []licence{years(suiteAP, 1)}},
	{name: "SonicWave 641", line: "ACCESS_POINT", licences: []licence{years(suiteAP, 1)}},
	{name: "SonicWave 681", line: "ACCESS_POINT", licences: []licence{years(suiteAP, 1)}},
	{name: "SonicWall Email Security 7050", line: "EMAIL_SECURITY", licences: []licence{years(suiteES, 250)}},
	{name: "SonicWall Email Security Free Trial Software (10000 Users)", line: "EMAIL_SECURITY", trial: true, virtual: true, licences: []licence{trial(suiteES, 10000)}},
	{name: "Capture Client Tenant", line: "CAPTURE_CLIENT", tier: "BASIC", virtual: true, licences: []licence{years(suiteCCB, 25)}},
	{name: "Capture Client Tenant", line: "CAPTURE_CLIENT", tier: "ADVANCED", virtual: true, licences: []licence{monthly(suiteCCA, 10)}},
	{name: "Capture Client Tenant", line: "CAPTURE_CLIENT", tier: "PREMIER", virtual: true, licences: []licence{years(suiteCCP, 140)}},
	{name: "Capture Client Tenant", line: "CAPTURE_CLIENT", tier: "ADVANCED", trial: true, virtual: true, licences: []licence{trial(suiteCCA, 10)}},
	{name: "Cloud App Security", line: "CLOUD_APP_SECURITY", tier: "BASIC", virtual: true, licences: []licence{years(suiteCASB, 40)}},
	{name: "Cloud App Security", line: "CLOUD_APP_SECURITY", tier: "ADVANCED", virtual: true, licences: []licence{monthly(suiteCASA, 25)}},
	{name: "Hosted Email Security", line: "HOSTED_EMAIL", virtual: true, licences: []licence{years(suiteHES, 60)}},
	{name: "GMS Software Demo License", line: "GMS", trial: true, virtual: true, licences: []licence{trial(suiteNode, 10)}},
	{name: "GMS Software", line: "GMS", virtual: true, licences: []licence{years(suiteNode, 25), years(suiteSUP, 1)}},
	{name: "Analyzer Software", line: "ANALYZER", virtual: true, licences: []licence{years(suiteNode, 5)}},
	{name: "CMS for SMA with Base Appliance License", line: "CMS", virtual: true, licences: []licence{years(suiteNode, 3), forever(suiteSeat, 100)}},
	{name: "SonicWall Cloud Edge", line: "OTHER", tier: "BASIC", virtual: true, licences: []licence{monthly(suiteSeat, 30)}},
	{name: "SonicWall Switch SWS14-24FPOE", line: "OTHER", licences: []licence{years(suiteSUP, 1)}},
	{name: "SonicWall Client License Product", line: "OTHER", virtual: true, licences: []licence{forever(suiteSeat, 5)}},
}

// lines in the order in which the first twelve tenants are each given one.
var lines = []string{
	"FIREWALL", "CAPTURE_CLIENT", "ACCESS_POINT", "HOSTED_EMAIL", "CLOUD_APP_SECURITY", "SMA100",
	"SMA1000", "EMAIL_SECURITY", "GMS", "ANALYZER", "CMS", "OTHER",
}

var networkLines = map[string]bool{
	"FIREWALL": true, "SMA1000": true, "SMA100": true, "ACCESS_POINT": true, "EMAIL_SECURITY": true,
}

func articlesOf(keep func(article) bool) []article {
	var out []article
	for _, a := range catalogue {
		if keep(a) {
			out = append(out, a)
		}
	}
	return out
}

// Price lists by use; clean estates take neither trials nor unknown lines.
var (
	cleanCloud   = articlesOf(func(a article) bool { return !a.trial && a.line != "OTHER" && !networkLines[a.line] })
	cleanNetwork = articlesOf(func(a article) bool { return !a.trial && networkLines[a.line] })
	firewalls    = articlesOf(func(a article) bool { return a.line == "FIREWALL" })
	accessPoints = articlesOf(func(a article) bool { return a.line == "ACCESS_POINT" })
	byLine       = func() map[string][]article {
		m := map[string][]article{}
		for _, a := range catalogue {
			m[a.line] = append(m[a.line], a)
		}
		return m
	}()
)
