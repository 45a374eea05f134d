package views

import "strings"

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

// fieldsNeedALook is the summary's sentence.
func fieldsNeedALook(errs []fieldError) string {
	labels := make([]string, len(errs))
	for i, e := range errs {
		labels[i] = e.Label
	}
	verb := " need a look: "
	if len(errs) == 1 {
		verb = " needs a look: "
	}
	return Count(len(errs), "field") + verb + strings.Join(labels, ", ") + "."
}
