package bridge

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode/utf8"
)

// Lengths that ConnectWise takes, by its published OpenAPI 2022.1. They are counted in UTF-16 units, the measure of the
// server's platform and never less than the count of characters, so that neither way of counting is exceeded.
const (
	maxIdentifier          = 60
	maxDescription         = 60
	maxCustomerDescription = 6000
	maxQuestion            = 1000
	maxConfigurationName   = 100
	maxAdditionSerial      = 50
	maxConfigurationSerial = 250
)

const (
	identifierPrefix = "SONICWALL_"
	vendorWord       = "SONICWALL"
	// hashDigits of SHA-256 in hex: 40 bits, so that two names of one catalog practically never share them.
	hashDigits = 10
)

// CatalogIdentifier is the Product ID of a product's catalog item (R21). name is expected as CleanName leaves it.
func CatalogIdentifier(name string, tier Tier) string {
	words := identifierWords(name)
	words = strings.TrimPrefix(words, vendorWord+"_")
	if words == "" || words == vendorWord {
		words = stableHash(strings.ToUpper(name))
	}
	suffix := ""
	if t := identifierWords(string(tier)); t != "" && words != t && !strings.HasSuffix(words, "_"+t) {
		suffix = "_" + t
	}
	whole := identifierPrefix + words + suffix
	if len(whole) <= maxIdentifier {
		return whole
	}
	if len(suffix) > maxIdentifier/3 {
		suffix = "" // an absurd tier; the hash still tells it apart
	}
	tail := "_" + stableHash(whole) + suffix
	return strings.TrimRight(whole[:maxIdentifier-len(tail)], "_") + tail
}

// identifierWords is text in upper case with runs of anything outside A–Z and 0–9 as one underscore, none at either end.
func identifierWords(text string) string {
	var out strings.Builder
	out.Grow(len(text))
	gap := false
	for _, r := range strings.ToUpper(text) {
		if (r < 'A' || r > 'Z') && (r < '0' || r > '9') {
			gap = out.Len() > 0
			continue
		}
		if gap {
			out.WriteByte('_')
			gap = false
		}
		out.WriteRune(r)
	}
	return out.String()
}

func stableHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return strings.ToUpper(hex.EncodeToString(sum[:]))[:hashDigits]
}

// Description is a name cut to what a catalog item's description takes (R21).
func Description(name string) string { return cut(name, maxDescription) }

// cut shortens text to at most limit UTF-16 units, between characters, without a space at the end.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	units := 0
	for i, r := range text {
		units++
		if r > 0xFFFF {
			units++
		}
		if units > limit {
			return strings.TrimRight(text[:i], " ")
		}
	}
	return text
}

// tooLong counts as cut does.
func tooLong(text string, limit int) bool {
	if len(text) <= limit {
		return false
	}
	return cut(text, limit) != text || utf8.RuneCountInString(text) > limit
}

// QuestionLabel is the label under which a service's or sub-service's expiry is asked (R30). sub is empty for the service
// itself.
func QuestionLabel(service, sub string) string {
	service, sub = CleanName(service), CleanName(sub)
	switch {
	case sub == "":
		return cut(service, maxQuestion)
	case service == "":
		return cut(sub, maxQuestion)
	}
	return cut(service+": "+sub, maxQuestion)
}

// LabelledDate is a question's label with the date that answers it; zero when the service has none.
type LabelledDate struct {
	Label string
	Date  Date
}

// ServiceDates are a product's services and sub-services as questions and answers (R30), in the order they are reported. Those
// that share a label are one question, answered by the latest of their dates.
func ServiceDates(p Product) []LabelledDate {
	out := make([]LabelledDate, 0, 8)
	add := func(label string, date Date) {
		if label == "" {
			return
		}
		for i := range out {
			if strings.EqualFold(out[i].Label, label) {
				if date.After(out[i].Date) {
					out[i].Date = date
				}
				return
			}
		}
		out = append(out, LabelledDate{label, date})
	}
	for _, service := range p.Services {
		add(QuestionLabel(service.Name, ""), service.Expiry)
		for _, sub := range service.Subs {
			add(QuestionLabel(service.Name, sub.Name), sub.Expiry)
		}
	}
	return out
}

// ConfigurationName is the device's own name, else the product's name with its serial number (R30).
func ConfigurationName(p Product) string {
	if name := CleanName(p.FriendlyName); name != "" {
		return cut(name, maxConfigurationName)
	}
	room := maxConfigurationName - len(p.Serial) - 1
	if room < 1 {
		return cut(p.Name+" "+p.Serial, maxConfigurationName)
	}
	return strings.TrimSpace(cut(p.Name, room) + " " + p.Serial)
}

// Natural keys in words; an addition's agreement and a configuration's company stand beside them in ParentID.

// AdditionKey names an addition by catalog identifier and serial number.
func AdditionKey(identifier, serial string) string { return identifier + "/" + serial }

// ConfigurationKey names a configuration by its type's name in the guide's table and its serial number.
func ConfigurationKey(typeName, serial string) string { return typeName + "/" + serial }

// SubcategoryKey names a sub-category by its category and name.
func SubcategoryKey(category, name string) string { return category + "/" + name }

// QuestionKey names a question by its configuration type and label.
func QuestionKey(typeName, label string) string { return typeName + "/" + label }
