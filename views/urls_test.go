package views

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An address holds the whole view: what is read back is what was written.
func TestAddressesHoldTheView(t *testing.T) {
	t.Parallel()
	query := func(address string) url.Values {
		u, err := url.Parse(address)
		require.NoError(t, err)
		return u.Query()
	}
	tenants := TenantsQuery{
		Q: `a&b="<x>`, Filter: TenantsFailed, Sort: "-company", Page: 3, Per: 100, Edit: "2300411", Find: "fern hill", Chosen: "21",
		Accept: true, Threshold: 80,
	}
	assert.Equal(t, tenants, ReadTenantsQuery(query(tenants.URL(northbridge))))
	preview := PreviewQuery{Q: "tz 570", Filter: PreviewEnds, Tenant: "1", Page: 2, Ask: true}
	assert.Equal(t, preview, ReadPreviewQuery(query(preview.URL(northbridge))))
	runs := RunsQuery{Outcome: "failed", Origin: "night", Page: 2, Per: 25}
	assert.Equal(t, runs, ReadRunsQuery(query(runs.URL(northbridge))))
	run := RunQuery{Filter: OutcomeHeld, Q: "kestrel", Page: 4}
	assert.Equal(t, run, ReadRunQuery(query(run.URL(northbridge, "1843"))))
	assert.Equal(t, run, ReadRunQuery(query(run.LiveURL(northbridge, "1843"))))
	changes := ChangesQuery{Tenant: "1", Kind: "addition", Action: "update", Status: "applied", Q: "x", From: "2026-10-01", To: "2026-10-29", Page: 2, Per: 200}
	assert.Equal(t, changes, ReadChangesQuery(query(changes.URL(northbridge))))
	assert.Equal(t, SettingsOptions, ReadSettingsSection(query(SettingsURL(northbridge, SettingsOptions))))
}

func TestPlainViewHasPlainAddress(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "/accounts/northbridge-it/tenants", TenantsQuery{Page: 1, Per: DefaultPageLength}.URL(northbridge))
	assert.Equal(t, "/accounts/northbridge-it/runs/1843", RunQuery{}.URL(northbridge, "1843"))
	assert.Equal(t, "/accounts/northbridge-it/settings", SettingsURL(northbridge, ""))
}

func TestNonsenseInAnAddressReadsAsAbsent(t *testing.T) {
	t.Parallel()
	v := url.Values{"page": {"-3"}, "per": {"100000"}, "filter": {"'; drop"}, "sort": {"id"}, "threshold": {"900"}, "section": {"x"}}
	assert.Equal(t, TenantsQuery{Threshold: 100}, ReadTenantsQuery(v))
	assert.Equal(t, PreviewQuery{}, ReadPreviewQuery(v))
	assert.Equal(t, RunQuery{}, ReadRunQuery(v))
	assert.Equal(t, SettingsSchedule, ReadSettingsSection(v))
}

func TestNamesAreEscapedInAddresses(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "/accounts/a%2Fb/runs/1%3F/tenants/x%23", RunTenantURL("a/b", "1?", "x#"))
}
