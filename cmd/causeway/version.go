package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

type versionCommand struct{}

// Run prints one line that scripts compare.
func (versionCommand) Run(s *session) error {
	return s.answer(map[string]string{"version": version}, func(t *table) { t.linef("causeway %s", version) })
}

type healthcheckCommand struct {
	URL string `arg:"" help:"An address that answers with a status of 2xx when all is well, such as http://127.0.0.1:8080/readyz."`
}

// healthcheckTimeout is what container engines wait as well.
const healthcheckTimeout = 4 * time.Second

// Run needs no settings: an image on an empty base has no other program to ask with.
func (c *healthcheckCommand) Run(s *session) error {
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return &usageError{fmt.Errorf("%q is not an address of the form http://host:port/path", c.URL)}
	}
	request, err := http.NewRequestWithContext(s.ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return &usageError{err}
	}
	client := &http.Client{Timeout: healthcheckTimeout, Transport: &http.Transport{Proxy: nil, DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("ask for health: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	said, _ := io.ReadAll(io.LimitReader(response.Body, 200))
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("%s answers %s: %s", c.URL, response.Status, cell(string(said)))
	}
	return s.answer(map[string]string{"status": response.Status}, func(t *table) { t.linef("%s", response.Status) })
}
