package bridge

import "errors"

// Code says what kind of trouble an Error is, so that a page, a command and an activity can each answer in their own way.
type Code string

const (
	CodeInvalid   Code = "invalid"   // what a person typed or sent cannot be used; Field says where
	CodeNotFound  Code = "not_found" // the thing named does not exist
	CodeConflict  Code = "conflict"  // somebody was faster, or it belongs to something else
	CodeForbidden Code = "forbidden" // not allowed, by role or by setting
	CodeVendor    Code = "vendor"    // MySonicWall or ConnectWise refused or did not answer
	CodeNotReady  Code = "not_ready" // database, Temporal or worker cannot be reached now
)

// Error carries a sentence fit for a person: what was attempted, on what, and what to do. Anything that is not an Error is
// internal: logged for the operator, never shown.
type Error struct {
	Code    Code
	Field   string // the form field, YAML key or CSV column at fault, empty when none
	Message string
	Err     error
}

func (e *Error) Error() string {
	if e.Field != "" {
		return e.Field + ": " + e.Message
	}
	return e.Message
}

func (e *Error) Unwrap() error { return e.Err }

// Invalid is a person's mistake at a field.
func Invalid(field, message string) *Error {
	return &Error{Code: CodeInvalid, Field: field, Message: message}
}

// CodeOf is the code of the first Error in err's chain, empty when there is none.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}
