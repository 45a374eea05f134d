package views

// fieldError is one mistake in a form, for the summary that links to its field.
type fieldError struct {
	ID    string
	Label string
	Error string
}

// collectErrors keeps the fields that have one.
func collectErrors(all ...fieldError) []fieldError {
	var out []fieldError
	for _, e := range all {
		if e.Error != "" {
			out = append(out, e)
		}
	}
	return out
}

// countToFix introduces the list of fields that have one.
func countToFix(errs []fieldError) string {
	if len(errs) == 1 {
		return "1 field needs a look:"
	}
	return Number(len(errs)) + " fields need a look:"
}
