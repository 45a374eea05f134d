package bridge

import "regexp"

// MaxAccountName keeps workflow ids and addresses made from it short.
const MaxAccountName = 40

var accountName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)

// CheckAccountName refuses what cannot stand in every command, address and workflow id; nil when the name is fine.
func CheckAccountName(name string) *Error {
	switch {
	case name == "":
		return Invalid("account", "is missing")
	case len(name) > MaxAccountName:
		return Invalid("account", "is longer than 40 characters")
	case !accountName.MatchString(name):
		return Invalid("account", "may hold lower case letters, digits and dashes only, with no dash at either end")
	}
	return nil
}
