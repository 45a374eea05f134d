package vendorspec

import (
	_ "embed"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

//go:embed mysonicwall.yaml
var mysonicwallSource []byte

// MySonicWall returns the description of the PSA feed that this project proposes to SonicWall, as far as Causeway calls it.
func MySonicWall() (*openapi3.T, error) { return load("mysonicwall.yaml", mysonicwallSource) }

// MySonicWallPath takes the API's base off an address ("/api/psa/v1/account" becomes "/psa/v1/account"); any other path is not
// the feed's.
func MySonicWallPath(path string) (string, bool) {
	rest, ok := strings.CutPrefix(path, "/api")
	return rest, ok && strings.HasPrefix(rest, "/psa/v1/")
}
