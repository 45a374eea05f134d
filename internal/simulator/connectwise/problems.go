package connectwise

import (
	"fmt"
	"net/http"
	"strings"
)

// apiError is an answer that refuses. Text, when set, is sent as it is, as plain text.
type apiError struct {
	status   int
	code     string
	message  string
	problems []problem
	text     string
	nulls    bool // write "errors":null, as some answers of the vendor do
}

// problem is one entry of an error answer's "errors".
type problem struct {
	code, message, resource, field string
}

func (e *apiError) Error() string {
	if e.text != "" {
		return e.text
	}
	parts := []string{e.message}
	for _, p := range e.problems {
		parts = append(parts, p.message)
	}
	return strings.Join(parts, ": ")
}

func refuse(status int, code, format string, args ...any) *apiError {
	return &apiError{status: status, code: code, message: fmt.Sprintf(format, args...)}
}

// parserError is a body that could not be read as the type it should be.
func parserError(format string, args ...any) *apiError {
	return refuse(http.StatusBadRequest, "ConnectWiseApi", format, args...)
}

// conditionError is a filter that could not be used.
func conditionError(format string, args ...any) *apiError {
	return refuse(http.StatusBadRequest, "ApiFindCondition", format, args...)
}

func notRecognized(name string) *apiError {
	return conditionError("%s is not a recognized name.", name)
}

// invalid is a record that cannot be saved, with everything that is wrong.
func invalid(resource string, problems ...problem) *apiError {
	for i := range problems {
		if problems[i].resource == "" {
			problems[i].resource = resource
		}
	}
	return &apiError{
		status: http.StatusBadRequest, code: "InvalidObject", message: resource + " object is invalid", problems: problems,
	}
}

func notFound(k *kind, id int32) *apiError {
	return refuse(http.StatusNotFound, "NotFound", "%s %d not found", k.label, id)
}

func noEndpoint() *apiError {
	return refuse(http.StatusNotFound, "ConnectWiseApi", "The endpoint does not exist.")
}

func forbidden() *apiError {
	return refuse(http.StatusForbidden, "Security", "You do not have security permission to perform this action.")
}

func missing(name string) problem {
	return problem{code: "MissingRequiredField", message: "The " + name + " field is required.", field: name}
}

// body is the answer as JSON.
func (e *apiError) body() []byte {
	b := append([]byte(nil), `{"code":`...)
	b = appendText(b, e.code)
	b = append(b, `,"message":`...)
	b = appendText(b, e.message)
	switch {
	case e.nulls:
		b = append(b, `,"errors":null`...)
	case len(e.problems) > 0:
		b = append(b, `,"errors":[`...)
		for i, p := range e.problems {
			if i > 0 {
				b = append(b, ',')
			}
			b = p.append(b)
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

func (p problem) append(b []byte) []byte {
	for i, m := range [...][2]string{{"code", p.code}, {"message", p.message}, {"resource", p.resource}, {"field", p.field}} {
		b = append(b, "{,,,"[i])
		b = appendText(b, m[0])
		b = append(b, ':')
		b = appendText(b, m[1])
	}
	return append(b, '}')
}
