// Package vendorspec holds Causeway's own descriptions of the two vendors' interfaces and checks traffic against them. Each
// describes only the operations and fields that Causeway uses, and says where every limit in it comes from. Client and
// simulator are tested against the same description, so that neither can drift into a shape that only the other knows.
package vendorspec

import (
	"context"
	"fmt"

	"github.com/getkin/kin-openapi/openapi3"
)

// load reads and checks an embedded description. Each call returns a document of its own.
func load(name string, source []byte) (*openapi3.T, error) {
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromData(source)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("check %s: %w", name, err)
	}
	return doc, nil
}
