package bridge

import (
	"fmt"
	"unicode"
)

// CheckTenantName refuses a tenant name with characters outside ASCII, as the integration guide does, unless the account allows
// them; then the name goes through unchanged (R13).
func CheckTenantName(name string, options Options) error {
	if options.UnicodeNames {
		return nil
	}
	for _, r := range name {
		if r > unicode.MaxASCII {
			return &Error{Code: CodeInvalid, Message: fmt.Sprintf("The tenant name %q has a character outside ASCII (%q), so it is not "+
				"synchronised. Rename the tenant in MySonicWall, or switch on Allow Unicode tenant names in the account's options.", name, r)}
		}
	}
	return nil
}
