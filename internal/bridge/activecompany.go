package bridge

import (
	"fmt"
	"slices"
	"strings"
)

// activeStatus is the company status that counts as active unless an account chooses others.
const activeStatus = "Active"

// CompanyActive tells whether alerts of tenants mapped to the company become tickets (R12). Statuses are each provider's own
// text, so names are compared without regard to case.
func CompanyActive(c Company, options Options) bool {
	statuses := options.ActiveStatuses
	if len(statuses) == 0 {
		statuses = []string{activeStatus}
	}
	return slices.ContainsFunc(statuses, func(s string) bool {
		return strings.EqualFold(strings.TrimSpace(s), strings.TrimSpace(c.Status))
	})
}

// CompanyWarning is what to tell a person who maps a tenant to a company that is not active, empty when it is (R12).
func CompanyWarning(c Company, options Options) string {
	if CompanyActive(c, options) {
		return ""
	}
	return fmt.Sprintf("The status of %s is %s, which does not count as active: its alerts get no ticket.", c.Name, orNone(c.Status))
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}
