package views

import (
	"net/url"
	"slices"
	"strconv"
)

// The functions here read back what the queries' URL methods write. A value that
// makes no sense reads as absent: an address typed by hand shows the plain view.

func readInt(v url.Values, key string) int {
	n, err := strconv.Atoi(v.Get(key))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// readPer takes only the lengths on offer, so that no address can ask for a page of
// all rows.
func readPer(v url.Values) int {
	n := readInt(v, "per")
	if n == DefaultPageLength || !slices.Contains(PageLengths(), n) {
		return 0
	}
	return n
}

func readPage(v url.Values) int {
	if n := readInt(v, "page"); n > 1 {
		return n
	}
	return 0
}

// ReadTenantsQuery is the view that an address of the tenants page names.
func ReadTenantsQuery(v url.Values) TenantsQuery {
	q := TenantsQuery{
		Q: v.Get("q"), Filter: TenantFilter(v.Get("filter")), Sort: v.Get("sort"), Page: readPage(v), Per: readPer(v),
		Edit: v.Get("edit"), Find: v.Get("company_q"), Chosen: v.Get("company"),
		Accept: v.Get("ask") == "accept", Threshold: min(100, readInt(v, "threshold")),
	}
	if !slices.Contains([]string{"", "name", "-name", "company", "-company"}, q.Sort) {
		q.Sort = ""
	}
	if !slices.Contains(tenantFilters(), q.Filter) {
		q.Filter = TenantsAll
	}
	return q
}

// ReadPreviewQuery is the view that an address of the preview names.
func ReadPreviewQuery(v url.Values) PreviewQuery {
	q := PreviewQuery{
		Q: v.Get("q"), Filter: PreviewFilter(v.Get("filter")), Tenant: v.Get("tenant"), Page: readPage(v), Ask: v.Get("ask") == "sync",
	}
	if !slices.Contains([]PreviewFilter{PreviewLines, PreviewEverything, PreviewEnds, PreviewZero, PreviewHeld}, q.Filter) {
		q.Filter = PreviewLines
	}
	return q
}

// ReadRunsQuery is the view that an address of the runs page names.
func ReadRunsQuery(v url.Values) RunsQuery {
	return RunsQuery{Outcome: v.Get("outcome"), Origin: v.Get("origin"), Page: readPage(v), Per: readPer(v)}
}

// ReadRunQuery is the view that an address of a run names.
func ReadRunQuery(v url.Values) RunQuery {
	q := RunQuery{Filter: Outcome(v.Get("filter")), Q: v.Get("q"), Page: readPage(v)}
	if !slices.Contains(Outcomes(), q.Filter) {
		q.Filter = OutcomeAll
	}
	return q
}

// ReadChangesQuery is the view that an address of the changes page names.
func ReadChangesQuery(v url.Values) ChangesQuery {
	return ChangesQuery{
		Tenant: v.Get("tenant"), Kind: v.Get("kind"), Action: v.Get("action"), Status: v.Get("status"),
		Q: v.Get("q"), From: v.Get("from"), To: v.Get("to"), Page: readPage(v), Per: readPer(v),
	}
}

// ReadSettingsSection is the section that an address of the settings names.
func ReadSettingsSection(v url.Values) SettingsSection {
	section := SettingsSection(v.Get("section"))
	for _, e := range settingsSections() {
		if e.section == section {
			return section
		}
	}
	return SettingsSchedule
}
