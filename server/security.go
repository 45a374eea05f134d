package server

import (
	"net"
	"net/http"
	"net/url"
	"strings"
)

// contentPolicy lets a page load and call only what this server itself serves: outside text that got past the escaping would find
// nothing to run.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// withHeaders sets what every answer carries, refusals included. Assets set their own caching.
func withHeaders(next http.Handler, public *url.URL) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if public != nil && public.Scheme == "https" {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// knownHost refuses a request for another name than this machine's or the public one: a web page elsewhere that points its own name
// at a loopback address (DNS rebinding) would otherwise be of the dashboard's origin.
func knownHost(next http.Handler, public *url.URL, refuse http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := hostName(r.Host)
		if loopback(host) || public != nil && strings.EqualFold(host, public.Hostname()) {
			next.ServeHTTP(w, r)
			return
		}
		refuse.ServeHTTP(w, r)
	})
}

// hostName is a Host header's name in lower case, without port and brackets.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.Trim(host, "[]"))
}

// sameOriginOnly lets through what changes something only when this dashboard's own pages ask for it, or a program that is no
// browser.
func sameOriginOnly(next http.Handler, public *url.URL, refuse http.Handler) (http.Handler, error) {
	protection := http.NewCrossOriginProtection()
	if public != nil {
		if err := protection.AddTrustedOrigin(public.Scheme + "://" + public.Host); err != nil {
			return nil, err
		}
	}
	protection.SetDenyHandler(refuse)
	return protection.Handler(next), nil
}
