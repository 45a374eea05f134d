package components

import (
	"net/url"
	"strconv"

	"github.com/a-h/templ"
)

func num(n int) string { return strconv.Itoa(n) }

// Outside lets an address of another program through when it is plain web; anything
// else leads nowhere.
func Outside(address string) templ.SafeURL {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return "#"
	}
	return templ.SafeURL(u.String())
}
