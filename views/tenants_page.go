package views

import "causeway/views/components"

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func boolText(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

func perValue(per int) string {
	if per == 0 || per == DefaultPageLength {
		return ""
	}
	return itoa(per)
}

// sortState is the column's aria-sort.
func (p TenantsPage) sortState(column string) string {
	sort := p.Query.Sort
	if sort == "" {
		sort = "name"
	}
	switch sort {
	case column:
		return "ascending"
	case "-" + column:
		return "descending"
	}
	return "none"
}

func (p TenantsPage) noMatchTitle() string {
	if p.Query.Q != "" {
		return "No tenant matches “" + components.Visible(p.Query.Q) + "”"
	}
	return "No tenant matches"
}

// hidden is the view as hidden fields of the opened row's search.
func (q TenantsQuery) hidden(tenant string) []Option {
	all := []Option{
		{Text: "q", Value: q.Q}, {Text: "filter", Value: string(q.Filter)}, {Text: "sort", Value: q.Sort},
		{Text: "per", Value: perValue(q.Per)}, {Text: "edit", Value: tenant},
	}
	if q.Page > 1 {
		all = append(all, Option{Text: "page", Value: itoa(q.Page)})
	}
	out := all[:0]
	for _, o := range all {
		if o.Value != "" {
			out = append(out, o)
		}
	}
	return out
}

// choosing is the view with a company chosen in the opened row.
func (p TenantsPage) choosing(tenant, find, company string) TenantsQuery {
	q := p.Query.editing(tenant)
	q.Find, q.Chosen = find, company
	return q
}

// suggested opens the row with the suggested company, where there is one.
func (p TenantsPage) suggested(r TenantRow) TenantsQuery {
	q := p.Query.editing(r.ID)
	if r.Suggestion != nil {
		q.Chosen = r.Suggestion.CompanyID
		if len(r.Suggestion.Ties) > 0 {
			q.Find = r.Name
		}
	}
	return q
}

// acceptKind leaves the filled button to the question or row that is open.
func (p TenantsPage) acceptKind() string {
	if p.Accept != nil || p.Edit != nil {
		return "btn-outline"
	}
	return "btn-primary"
}

func (s Suggestion) agreementFact() string {
	switch {
	case s.Agreement == "":
		return " · its agreement is chosen afterwards"
	case s.OnlyAgreement:
		return " · agreement " + components.Visible(s.Agreement) + ", its only one"
	}
	return " · agreement " + components.Visible(s.Agreement)
}

func (a AgreementChoice) text() string {
	if a.Note == "" {
		return components.Visible(a.Name)
	}
	return components.Visible(a.Name) + " (" + a.Note + ")"
}

// back is where a step of a row comes back to: the list, or the tenant's own page.
func (p TenantsPage) back(r TenantRow) string {
	if p.alone {
		return TenantURL(p.Account, r.ID)
	}
	return p.Query.closed().URL(p.Account)
}

func (r TenantRow) frozenText() string {
	out := CountOf(r.OpenLines, "line stays", "lines stay") + " open in ConnectWise"
	if r.OpenLines == 0 {
		out = "no line of ours stays open in ConnectWise"
	}
	if r.FrozenWhy != "" {
		out = capital(r.FrozenWhy) + "; " + out
	}
	return out
}
