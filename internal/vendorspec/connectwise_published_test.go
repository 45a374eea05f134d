package vendorspec_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"causeway/internal/vendorspec"
)

// publishedEnv names the vendor's published OpenAPI document, which is not part of the project.
const publishedEnv = "CAUSEWAY_CONNECTWISE_OPENAPI"

// knownDifferences are where our description departs from the published one on purpose, with the reason.
var knownDifferences = map[string]string{
	"GET /login/companyinfo/{companyId}": "served outside of the API; only the developer guide describes it",
	"GET /finance/billingCycles":         "part of 2022.1; the published cut holds only the agreements of the finance group",
	"GET /finance/billingCycles/{id}":    "as the list",

	"POST /procurement/catalog body.identifier maxLength 60, published 75": "75 came after 2022.1: what fits into 60 fits both",

	"GET /company/configurations answer[].questions[].answer type any, published object":          "published without a type of its own; text, numbers and booleans come and go",
	"POST /company/configurations body.questions[].answer type any, published object":             "as in the answer",
	"POST /company/configurations answer.questions[].answer type any, published object":           "as in the answer",
	"GET /company/configurations/{id} answer.questions[].answer type any, published object":       "as in the answer",
	"PATCH /company/configurations/{id} answer.questions[].answer type any, published object":     "as in the answer",
	"PATCH /company/configurations/{id} body[].value type any, published object":                  "the developer guide patches plain values too",
	"PATCH /finance/agreements/{parentId}/additions/{id} body[].value type any, published object": "the developer guide patches plain values too",
	"PATCH /procurement/catalog/{id} body[].value type any, published object":                     "the developer guide patches plain values too",
}

func TestAgreesWithThePublishedDocument(t *testing.T) {
	t.Parallel()
	file := os.Getenv(publishedEnv)
	if file == "" {
		t.Skipf("SKIPPED: %s does not name the vendor's published OpenAPI document, so our description was not held against it", publishedEnv)
	}
	published, err := openapi3.NewLoader().LoadFromFile(file)
	require.NoError(t, err)
	ours, err := vendorspec.ConnectWise()
	require.NoError(t, err)
	differences, compared := differ(ours, published)
	assert.Greater(t, compared, 35, "operations held against the published document")
	for _, difference := range differences {
		assert.Contains(t, knownDifferences, difference)
	}
	for difference := range knownDifferences {
		assert.Contains(t, differences, difference, "this known difference is none any more")
	}
}

// differ lists, as sentences, what ours has and the published document has not, or has otherwise.
func differ(ours, published *openapi3.T) (differences []string, compared int) {
	for path, item := range ours.Paths.Map() {
		for method, operation := range item.Operations() {
			key := method + " " + path
			var theirs *openapi3.Operation
			if there := published.Paths.Value(path); there != nil {
				theirs = there.GetOperation(method)
			}
			if theirs == nil {
				differences = append(differences, key)
				continue
			}
			compared++
			differences = append(differences, differOperation(key, operation, theirs)...)
		}
	}
	return differences, compared
}

func differOperation(key string, ours, theirs *openapi3.Operation) (differences []string) {
	for _, parameter := range ours.Parameters {
		p := parameter.Value
		// The developer guide has this header; the published document lists no other header than clientId.
		if p.Name == "pagination-type" {
			continue
		}
		if theirs.Parameters.GetByInAndName(p.In, p.Name) == nil {
			differences = append(differences, fmt.Sprintf("%s parameter %s", key, p.Name))
		}
	}
	if ours.RequestBody != nil {
		differences = append(differences, differSchema(key+" body", content(ours.RequestBody.Value.Content), content(theirs.RequestBody.Value.Content))...)
	}
	for status, response := range ours.Responses.Map() {
		if status == "default" {
			continue
		}
		there := theirs.Responses.Value(status)
		if there == nil {
			differences = append(differences, key+" status "+status)
			continue
		}
		differences = append(differences, differSchema(key+" answer", content(response.Value.Content), content(there.Value.Content))...)
	}
	return differences
}

// content returns the only schema of a body, nil when there is none.
func content(bodies openapi3.Content) *openapi3.SchemaRef {
	for _, body := range bodies {
		return body.Schema
	}
	return nil
}

func differSchema(where string, ours, theirs *openapi3.SchemaRef) (differences []string) {
	switch {
	case ours == nil && theirs == nil:
		return nil
	case ours == nil || theirs == nil:
		return []string{where + " is there on one side only"}
	}
	mine, published := ours.Value, theirs.Value
	if a, b := typeOf(mine), typeOf(published); a != b {
		return []string{fmt.Sprintf("%s type %s, published %s", where, a, b)}
	}
	if mine.Format != "" && mine.Format != published.Format {
		differences = append(differences, fmt.Sprintf("%s format %s, published %s", where, mine.Format, published.Format))
	}
	if limit := limitOf(published); mine.MaxLength != nil && *mine.MaxLength != limit {
		differences = append(differences, fmt.Sprintf("%s maxLength %d, published %d", where, *mine.MaxLength, limit))
	}
	for _, value := range mine.Enum {
		if value != nil && len(published.Enum) > 0 && !slices.Contains(published.Enum, value) {
			differences = append(differences, fmt.Sprintf("%s value %v", where, value))
		}
	}
	if mine.Items != nil {
		differences = append(differences, differSchema(where+"[]", mine.Items, published.Items)...)
	}
	return append(differences, differMembers(where, ours, theirs)...)
}

func differMembers(where string, ours, theirs *openapi3.SchemaRef) (differences []string) {
	// One schema of ours stands for references of all kinds, which differ in whether they have a name or an identifier,
	// and the published document leaves open what is in _info.
	if strings.HasSuffix(ours.Ref, "/Info") {
		return nil
	}
	anyRef := strings.HasSuffix(ours.Ref, "/Ref")
	for name, property := range ours.Value.Properties {
		there := theirs.Value.Properties[name]
		if there == nil && anyRef && name != "id" {
			continue
		}
		if there == nil {
			differences = append(differences, where+"."+name+" is not published")
			continue
		}
		differences = append(differences, differSchema(where+"."+name, property, there)...)
	}
	if !strings.Contains(where, " body") {
		return differences
	}
	for _, name := range theirs.Value.Required {
		if !slices.Contains(ours.Value.Required, name) {
			differences = append(differences, where+"."+name+" is required there")
		}
	}
	return differences
}

func typeOf(s *openapi3.Schema) string {
	if s.Type == nil || len(*s.Type) == 0 {
		return "any"
	}
	return (*s.Type)[0]
}

// limitOf reads the length limit, which the copy of the document that we know keeps in an extension of its own because
// the vendor states it in prose only.
func limitOf(s *openapi3.Schema) uint64 {
	if s.MaxLength != nil {
		return *s.MaxLength
	}
	if limit, ok := s.Extensions["x-maxLength"].(float64); ok {
		return uint64(limit)
	}
	return 0
}
