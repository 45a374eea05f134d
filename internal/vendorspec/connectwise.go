package vendorspec

import (
	_ "embed"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

//go:embed connectwise.yaml
var connectwiseSource []byte

// ConnectWise returns the description of the ConnectWise Manage REST API, as far as Causeway calls it.
func ConnectWise() (*openapi3.T, error) { return load("connectwise.yaml", connectwiseSource) }

// ConnectWisePath takes the code base off an address ("/v2022_1/apis/3.0/system/info" becomes "/system/info"). The
// company look-up, which lies outside of it, stays as it is; any other path is not the API's.
func ConnectWisePath(path string) (string, bool) {
	if _, rest, ok := strings.Cut(path, "/apis/3.0/"); ok {
		return "/" + rest, true
	}
	return path, strings.HasPrefix(path, "/login/companyinfo/")
}
