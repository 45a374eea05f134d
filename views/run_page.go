package views

import "causeway/views/components"

func tenantWord(n int) string {
	if n == 1 {
		return "tenant"
	}
	return "tenants"
}

// phaseNote never leaves a phase without a word: a phase that has none of its own
// says how far it is.
func phaseNote(ph Phase) string {
	if ph.Note != "" {
		return components.Visible(ph.Note)
	}
	switch ph.State {
	case components.CheckWaiting:
		return "not started"
	case components.CheckRunning:
		return "going on"
	case components.CheckFailed:
		return "failed"
	case components.CheckOK, components.CheckNote:
		if ph.Total == 0 {
			return "nothing to do"
		}
	}
	return "done"
}

// searchable tells whether there is anything to filter or to search.
func (p RunPage) searchable() bool {
	return len(p.Groups) > 0 || p.Query.Q != "" || p.Query.Filter != OutcomeAll
}

func (p RunPage) noTenantsTitle() string {
	if p.running() {
		return "No tenant yet"
	}
	return "No tenant"
}

func (p RunPage) noTenants() string {
	switch {
	case p.running():
		return "Tenants appear once the run has found out which ones are enabled."
	case p.Status == components.StatusFailed:
		return "The run ended before it came to its tenants."
	}
	return "This run had no tenant to sync: none is mapped and switched on."
}

// pager is the foot of a group that is shown alone.
func (p RunPage) pager(g TenantGroup) components.Pager {
	out := pager(max(1, p.Query.Page), DefaultPageLength, g.Count, func(page, _ int) string {
		q := p.Query
		q.Page = page
		return q.URL(p.Account, p.ID)
	})
	out.Sizes = nil
	return out
}
