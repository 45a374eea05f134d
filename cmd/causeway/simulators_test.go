package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"causeway/internal/config"
	"causeway/internal/simulator/estate"
)

// simulators are how a pair of simulated vendors is reached, as `simulate --json` and dev.json say it.
type simulators struct {
	ConnectWise *config.DevConnectWise `json:"connectwise"`
	MySonicWall *config.DevMySonicWall `json:"mysonicwall"`
}

func (s *stand) simulators() simulators { return simulators{s.dev.ConnectWise, s.dev.MySonicWall} }

// control asks a simulator under /_sim/; into may be nil.
func control(t *testing.T, method, url string, body, into any) {
	t.Helper()
	text, err := json.Marshal(body)
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(text))
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Less(t, response.StatusCode, 300, "%s %s: %s", method, url, answer)
	if into != nil {
		require.NoError(t, json.Unmarshal(answer, into), string(answer))
	}
}

// writes counts the requests that ConnectWise took which were no reads.
func (s simulators) writes(t *testing.T) int {
	t.Helper()
	var log struct {
		Counts map[string]int `json:"counts"`
	}
	control(t, http.MethodGet, s.ConnectWise.URL+"/_sim/requests", nil, &log)
	n := 0
	for method, count := range log.Counts {
		if method != http.MethodGet {
			n += count
		}
	}
	return n
}

// revoke makes ConnectWise refuse the API keys, or take them again.
func (s simulators) revoke(t *testing.T, revoked bool) {
	t.Helper()
	control(t, http.MethodPatch, s.ConnectWise.URL+"/_sim/settings", map[string]bool{"keys_revoked": revoked}, nil)
}

// read is a list of the API, in one page, as another integration reads it.
func (s simulators) read(t *testing.T, path string) (rows []map[string]any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.ConnectWise.URL+"/v4_6_release/apis/3.0/"+path+"?pageSize=1000", nil)
	require.NoError(t, err)
	request.SetBasicAuth(s.ConnectWise.Company+"+"+s.ConnectWise.PublicKey, s.ConnectWise.PrivateKey)
	request.Header.Set("clientId", s.ConnectWise.ClientID)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	require.Equal(t, http.StatusOK, response.StatusCode, path)
	require.NoError(t, json.NewDecoder(response.Body).Decode(&rows), path)
	return rows
}

// edits a record in ConnectWise as a person does in its screens: field after field.
func (s simulators) edit(t *testing.T, path string, fields map[string]any) {
	t.Helper()
	var patch []map[string]any
	for field, value := range fields {
		patch = append(patch, map[string]any{"op": "replace", "path": field, "value": value})
	}
	control(t, http.MethodPost, s.ConnectWise.URL+"/_sim/edit", map[string]any{"method": http.MethodPatch, "path": path, "body": patch, "by": "a person"}, nil)
}

// fault makes ConnectWise misbehave by a rule, and answers how often the rule has acted so far.
func (s simulators) fault(t *testing.T, rule map[string]any) (applied func() int) {
	t.Helper()
	return faultAt(t, s.ConnectWise.URL, rule)
}

// faultAt is fault for either vendor.
func faultAt(t *testing.T, vendor string, rule map[string]any) (applied func() int) {
	t.Helper()
	var made struct {
		ID int `json:"id"`
	}
	control(t, http.MethodPost, vendor+"/_sim/faults", rule, &made)
	return func() int {
		var rules []struct {
			ID      int `json:"id"`
			Applied int `json:"applied"`
		}
		control(t, http.MethodGet, vendor+"/_sim/faults", nil, &rules)
		for _, r := range rules {
			if r.ID == made.ID {
				return r.Applied
			}
		}
		return 0
	}
}

// accountYAML joins an account to the simulators, without limits that would hold a test up.
func (s simulators) accountYAML(t *testing.T, name, zone string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name+".yaml")
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, `account: %s
mysonicwall: {api_key: %s, url: %q}
time_zone: %q
connectwise:
  host: %s
  company: %s
  public_key: %s
  private_key: %s
  calls_at_once: 16
  calls_per_second: 0
network_products_as_additions: true
tickets: {board: Professional Services, critical: Priority 1 - Emergency, high: Priority 2 - High}
`, name, s.MySonicWall.APIKey, s.MySonicWall.URL, zone, s.ConnectWise.Host, s.ConnectWise.Company, s.ConnectWise.PublicKey, s.ConnectWise.PrivateKey), 0o600))
	return file
}

// mappingCSV maps tenants of the estate by their number, as its maker knows them.
func mappingCSV(t *testing.T, tenants int, numbers ...int) string {
	t.Helper()
	made := estate.Generate(1, tenants, time.Now())
	var text bytes.Buffer
	out := csv.NewWriter(&text)
	rows := [][]string{{"tenant_id", "tenant_name", "company_id", "company_name", "agreement_id", "agreement_name", "enabled"}}
	for _, number := range numbers {
		one := made.Tenants[number-1]
		rows = append(rows, []string{strconv.Itoa(one.ID), "", strconv.Itoa(one.CompanyID), "", strconv.Itoa(one.AgreementID), "", "true"})
	}
	require.NoError(t, out.WriteAll(rows))
	file := filepath.Join(t.TempDir(), "mapping.csv")
	require.NoError(t, os.WriteFile(file, text.Bytes(), 0o600))
	return file
}
