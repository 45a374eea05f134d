//go:build years

package bridge

import (
	"maps"
	"slices"

	"causeway/internal/billmodel"
)

// What the billing model is shown, in its own words.

// catalogue are the products of these years, each with the item that R21 gives it, written out.
var catalogue = []struct {
	name, item string
	tier       Tier
	line       ProductLine
	cloud      bool
}{
	{"Capture Client Tenant", "SONICWALL_CAPTURE_CLIENT_TENANT_BASIC", "BASIC", LineCaptureClient, true},
	{"Capture Client Tenant", "SONICWALL_CAPTURE_CLIENT_TENANT_ADVANCED", "ADVANCED", LineCaptureClient, true},
	{"Capture Client", "SONICWALL_CAPTURE_CLIENT_ADVANCED", "ADVANCED", LineCaptureClient, true},
	{"Cloud App Security", "SONICWALL_CLOUD_APP_SECURITY", "", LineCloudAppSecurity, true},
	{"SonicWall Hosted Email Security", "SONICWALL_HOSTED_EMAIL_SECURITY", "", LineHostedEmail, true},
	{"TZ370", "SONICWALL_TZ370", "", LineFirewall, false},
	{"NSa 2700", "SONICWALL_NSA_2700", "", LineFirewall, false},
}

func modelDay(d Date) billmodel.Day {
	if d.IsZero() {
		return 0
	}
	return billmodel.DayOf(d.Year, d.Month, d.Day)
}

func (y *years) modelLines() []billmodel.Line {
	out := make([]billmodel.Line, 0, len(y.additions))
	for _, a := range y.additions {
		out = append(out, modelLine(a))
	}
	slices.SortFunc(out, func(a, b billmodel.Line) int { return a.ID - b.ID })
	return out
}

func modelLine(a Addition) billmodel.Line {
	return billmodel.Line{
		ID: a.ID, Agreement: a.AgreementID, Item: a.Product, Serial: a.Serial, Bill: a.BillCustomer, Quantity: int(a.Quantity.IntPart()),
		Billed: !a.BilledQuantity.IsZero(), Effective: modelDay(a.Effective), Cancelled: modelDay(a.Cancelled),
	}
}

func modelAgreement(a Agreement) billmodel.Agreement {
	return billmodel.Agreement{
		ID: a.ID, Monthly: a.Cycle == BillingMonthly, Other: a.Cycle == "Quarterly", BillStart: modelDay(a.BillStart), Next: modelDay(a.NextInvoice),
		End: modelDay(a.End), Cancelled: a.Cancelled,
	}
}

func (y *years) modelAgreements() map[int]billmodel.Agreement {
	out := make(map[int]billmodel.Agreement, len(y.agreements))
	for id, a := range y.agreements {
		out[id] = modelAgreement(a)
	}
	return out
}

func (y *years) evening() billmodel.Evening {
	e := billmodel.Evening{
		Today: modelDay(y.today), Devices: y.settings.Options.NetworkAdditions, PriceFirst: y.settings.Options.PriceFirst, Limit: y.settings.Limits.NewAdditions,
		Agreements: y.modelAgreements(), Lines: y.modelLines(), Inactive: y.inactive,
	}
	for ref, m := range y.managed {
		if ref.kind == KindAddition {
			e.Notes = append(e.Notes, billmodel.Note{Line: m.CWMID, Agreement: m.ParentID, Serial: m.Serial, Tenant: m.TenantID,
				EndedByHand: !m.EndedByHand.IsZero(), Resumed: m.Facts[FactResume] != ""})
		}
	}
	for i, tenant := range y.tenants {
		t := billmodel.Tenant{ID: tenant.tenant.ID, Agreement: tenant.agreement.ID, Reading: y.reading(tenant), Complete: y.complete(tenant)}
		for _, p := range tenant.products {
			t.Products = append(t.Products, modelProduct(p))
		}
		for _, c := range y.last.tenants[i].Changes {
			if c.Kind == KindAddition {
				t.Rows = append(t.Rows, y.modelRow(c))
			}
		}
		e.Tenants = append(e.Tenants, t)
	}
	return e
}

func (y *years) modelRow(c Change) billmodel.Row {
	row := billmodel.Row{Serial: c.Serial, Action: string(c.Action), Status: string(c.Status), Reason: string(c.Reason), Fields: c.After.Names(), End: c.LinkedEnd()}
	for _, d := range y.decisions {
		if d.ID == c.DecisionID && d.Choice == ChoiceBillFrom {
			row.Chosen = modelDay(d.Date)
		}
	}
	return row
}

// reading is how a tenant took part in the night, by what the test did to it.
func (y *years) reading(t *worldTenant) billmodel.Reading {
	a := t.agreement
	switch {
	case t.still() && t.ending:
		return billmodel.Ending
	case t.missing:
		return billmodel.Missing
	case t.frozen:
		return billmodel.Frozen
	case t.unread:
		return billmodel.Unread
	case a.Cancelled, !a.End.IsZero() && a.End.Before(y.today):
		return billmodel.Blocked
	}
	return billmodel.Compared
}

// complete tells whether everything that may bill on the tenant's agreement was read.
func (y *years) complete(t *worldTenant) bool {
	for _, other := range y.tenants {
		if (other == t || other.agreement.ID == t.agreement.ID) && !other.still() && (other.incomplete || other.unread) {
			return false
		}
	}
	return true
}

func modelProduct(p Product) billmodel.Product {
	out := billmodel.Product{Serial: p.Serial, Billable: p.Billable, Gone: p.Status == ProductDeleted || p.Status == ProductTransferred,
		Unreadable: len(p.Problems) > 0, Registered: modelDay(p.Registered), Services: modelServices(p.Services)}
	for _, known := range catalogue {
		if known.name == p.Name && known.tier == p.Tier {
			out.Item, out.Cloud, out.Device = known.item, known.cloud, !known.cloud
		}
	}
	return out
}

func modelServices(services []Service) []billmodel.Service {
	out := make([]billmodel.Service, 0, len(services))
	for _, s := range services {
		out = append(out, billmodel.Service{Expires: modelDay(s.Expiry), Quantity: int(s.Quantity.Decimal.IntPart()), Counted: s.Quantity.Valid, Subs: modelServices(s.Subs)})
	}
	return out
}

// openRecords are the records that R32's share is taken of.
func (y *years) openRecords() map[objectRef]string {
	out := map[objectRef]string{}
	for ref, m := range y.managed {
		if !ref.kind.Shared() && m.EndedByHand.IsZero() && m.Facts[FactEnded] == "" {
			out[ref] = m.TenantID
		}
	}
	return out
}

// checkEnds: no single answer of MySonicWall ends more of a tenant than the limits allow (R32), apart from what persons released,
// what another record takes over from, and what had ended already and was opened again by hand.
func (y *years) checkEnds(open map[objectRef]string) {
	for i, plan := range y.last.tenants {
		if y.reading(y.tenants[i]) != billmodel.Compared {
			continue
		}
		id, going, objects := y.tenants[i].tenant.ID, 0, 0
		for _, owner := range open {
			if owner == id {
				objects++
			}
		}
		for _, c := range plan.Changes {
			_, counts := open[objectRef{c.Kind, c.ParentID, c.Key}]
			if counts && c.Status == StatusApplied && c.Link == "" && c.DecisionID == 0 && (c.Action == ActionCancel || c.Action == ActionDeactivate) {
				going++
			}
		}
		if going > 2 && going*5 > objects {
			y.rt.Fatalf("%d of %d objects of %s ended in one night", going, objects, id)
		}
	}
}

// picture is what stands, without ids: each line and device with what it says.
func (y *years) picture() []string {
	var out []string
	for ref, m := range y.managed {
		if ref.kind == KindAddition {
			line := y.additions[m.CWMID]
			out = append(out, ref.key+" "+line.Serial+" "+line.BillCustomer+" "+line.Quantity.String()+" "+line.Effective.String()+"–"+line.Cancelled.String()+" "+m.TenantID+" "+m.EndedByHand.String()+" "+factsOf(m))
		}
		if ref.kind == KindConfiguration {
			device := y.configurations[m.CWMID]
			attached := slices.Sorted(maps.Keys(y.attached[m.CWMID]))
			out = append(out, ref.key+" "+device.Serial+" "+device.Status+" "+device.Expires.String()+" "+m.TenantID+" "+m.EndedByHand.String()+" "+factsOf(m)+" "+intsOf(attached))
		}
	}
	slices.Sort(out)
	return out
}
