package bridge

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

// life draws what MySonicWall, time and people do to a world between two syncs.
type life struct {
	*world
	rt     *rapid.T
	serial int
	// persons holds what a person entered into fields a person owns: kind and id → field → value.
	persons map[string]Fields
	// away are products that MySonicWall stopped listing and may list again, by tenant.
	away map[*worldTenant][]Product
}

func newLife(rt *rapid.T) *life {
	l := &life{world: newWorld(rt), rt: rt, persons: map[string]Fields{}, away: map[*worldTenant][]Product{}}
	l.settings.Options.NetworkAdditions = l.chance("option", 2)
	for i := range rapid.IntRange(1, 3).Draw(rt, "tenants") {
		tenant := l.addTenant(fmt.Sprintf("Tenant %d", i))
		tenant.agreement.Cycle = rapid.SampledFrom([]BillingOption{BillingMonthly, BillingMonthly, BillingNone, "Quarterly"}).Draw(rt, "cycle")
		for range rapid.IntRange(0, 6).Draw(rt, "products") {
			tenant.products = append(tenant.products, l.product())
		}
	}
	if len(l.tenants) > 1 && l.chance("shared agreement", 4) {
		l.tenants[1].agreement, l.tenants[1].company = l.tenants[0].agreement, l.tenants[0].company
	}
	l.before()
	return l
}

// before is what people made in ConnectWise, and confused in MySonicWall, before Causeway came.
func (l *life) before() {
	if l.chance("types by hand", 2) {
		l.types["SONICWALL"], l.categories["cloud"] = l.id(), l.id()
		id := l.id()
		l.configurationTypes[id] = ConfigurationType{ID: id, Name: "FIREWALL", Questions: []Question{{ID: l.id(), Label: "epss"}, {ID: l.id(), Label: "Rack"}}}
		id = l.id()
		l.catalog[id] = CatalogItem{ID: id, Identifier: "SonicWall_TZ_370", Description: "By hand", Type: "Hardware", Category: "Hardware-U",
			Subcategory: "Network Device-1234", Class: "NonInventory"}
	}
	for range rapid.IntRange(0, 3).Draw(l.rt, "by hand") {
		l.makeByHand(rapid.SampledFrom(l.tenants).Draw(l.rt, "whose"))
	}
	first, last := l.tenants[0], l.tenants[len(l.tenants)-1]
	if len(first.products) == 0 || !l.chance("one serial twice", 4) {
		return
	}
	p := first.products[0]
	if last == first {
		p.Name, p.Line = "Hosted Email Security", LineHostedEmail
	}
	last.products = append(last.products, p)
}

func (l *life) chance(label string, in int) bool { return rapid.IntRange(1, in).Draw(l.rt, label) == 1 }

func (l *life) date(label string) Date {
	if l.chance(label+" blank", 6) {
		return Date{}
	}
	return MustDate("2025-10-01").AddDays(rapid.IntRange(0, 900).Draw(l.rt, label))
}

func (l *life) quantity() decimal.NullDecimal {
	if l.chance("no quantity", 3) {
		return decimal.NullDecimal{}
	}
	return qty(rapid.Int64Range(0, 150).Draw(l.rt, "quantity"))
}

func (l *life) product() Product {
	l.serial++
	p := Product{Serial: fmt.Sprintf("0017C5%06d", l.serial), Billable: !l.chance("not billable", 12), Status: ProductActive, Registered: l.date("registered")}
	p.Name = rapid.SampledFrom([]string{"TZ370", "TZ-370", "TZ 370", "NSa 2700", "Capture Client Tenant", "Cloud App Security", "Hosted Email Security"}).Draw(l.rt, "name")
	switch p.Name {
	case "Capture Client Tenant":
		p.Line, p.Tier = LineCaptureClient, rapid.SampledFrom([]Tier{"BASIC", "ADVANCED"}).Draw(l.rt, "tier")
	case "Cloud App Security":
		p.Line = LineCloudAppSecurity
	case "Hosted Email Security":
		p.Line = LineHostedEmail
	default:
		p.Line = rapid.SampledFrom([]ProductLine{LineFirewall, LineFirewall, LineFirewall, "OTHER"}).Draw(l.rt, "line")
	}
	if l.chance("friendly name", 2) {
		p.FriendlyName = fmt.Sprintf("Device %d", l.serial)
	}
	if l.chance("unreadable", 15) {
		p.Problems = []string{"The expiry “soon” is no date."}
	}
	for _, name := range []string{"EPSS", "Support", "VPN"}[:rapid.IntRange(0, 3).Draw(l.rt, "services")] {
		s := Service{Name: name, Expiry: l.date("expiry"), Quantity: l.quantity()}
		for i := range rapid.IntRange(0, 2).Draw(l.rt, "subs") {
			s.Subs = append(s.Subs, Service{Name: fmt.Sprintf("Part %d", i), Expiry: l.date("sub expiry"), Quantity: l.quantity()})
		}
		p.Services = append(p.Services, s)
	}
	return p
}

// happen changes something in MySonicWall, in ConnectWise by hand, in the settings, or lets time pass.
func (l *life) happen() {
	tenant := rapid.SampledFrom(l.tenants).Draw(l.rt, "tenant")
	tenant.incomplete = l.chance("incomplete", 5)
	switch rapid.IntRange(0, 13).Draw(l.rt, "event") {
	case 0:
		tenant.products = append(tenant.products, l.product())
	case 1, 2:
		l.changeProduct(tenant)
	case 3:
		if len(tenant.products) > 0 {
			at := rapid.IntRange(0, len(tenant.products)-1).Draw(l.rt, "gone")
			l.away[tenant] = append(l.away[tenant], tenant.products[at])
			tenant.products = slices.Delete(slices.Clone(tenant.products), at, at+1)
		}
	case 4:
		switch rapid.IntRange(0, 2).Draw(l.rt, "answer") {
		case 0:
			l.away[tenant] = append(l.away[tenant], tenant.products...)
			tenant.products = nil
		case 1:
			tenant.products = append(slices.Clone(tenant.products), l.away[tenant]...)
			l.away[tenant] = nil
		case 2: // every product of the tenant comes back, or is new, all at once
			for range 4 {
				tenant.products = append(tenant.products, l.product())
			}
		}
	case 5:
		l.settings.Options.NetworkAdditions = !l.settings.Options.NetworkAdditions
	case 6, 7:
		l.editAddition()
	case 8, 9:
		l.editConfiguration()
	case 10:
		l.editShared()
	case 11:
		l.makeByHand(tenant)
	case 12:
		l.invoice(tenant)
	case 13:
		l.today = l.today.AddDays(rapid.IntRange(1, 40).Draw(l.rt, "days"))
	}
}

func (l *life) changeProduct(tenant *worldTenant) {
	if len(tenant.products) == 0 {
		return
	}
	tenant.products = slices.Clone(tenant.products)
	at := rapid.IntRange(0, len(tenant.products)-1).Draw(l.rt, "which")
	fresh := l.product()
	l.serial--
	p := tenant.products[at]
	switch rapid.IntRange(0, 7).Draw(l.rt, "change") {
	case 0, 1:
		p.Services = fresh.Services
	case 2:
		p.FriendlyName = "Renamed " + strconv.Itoa(at)
	case 3:
		p.Status = rapid.SampledFrom([]ProductStatus{ProductDeleted, ProductTransferred, ProductActive}).Draw(l.rt, "status")
	case 4:
		p.Name, p.Tier, p.Line = fresh.Name, fresh.Tier, fresh.Line
	case 5:
		p.Registered = fresh.Registered
	case 6:
		p.Problems = fresh.Problems
	case 7:
		other := rapid.SampledFrom(l.tenants).Draw(l.rt, "moves to")
		if l.chance("stays too", 3) || other == tenant {
			break
		}
		other.products = append(slices.Clone(other.products), p)
		tenant.products = slices.Delete(tenant.products, at, at+1)
		return
	}
	tenant.products[at] = p
}

func (l *life) pick(label string, ids []int) int {
	if len(ids) == 0 {
		return 0
	}
	return rapid.SampledFrom(ids).Draw(l.rt, label)
}

func (l *life) owns(kind Kind, id int, field, value string) {
	key := fmt.Sprintf("%s/%d", kind, id)
	if l.persons[key] == nil {
		l.persons[key] = Fields{}
	}
	l.persons[key][field] = value
}

func (l *life) editAddition() {
	id := l.pick("addition", slices.Sorted(maps.Keys(l.additions)))
	line, ok := l.additions[id]
	if !ok {
		return
	}
	switch rapid.IntRange(0, 7).Draw(l.rt, "edit of the addition") {
	case 0:
		line.BillCustomer = rapid.SampledFrom([]string{"NoCharge", "DoNotBill"}).Draw(l.rt, "bill")
		l.owns(KindAddition, id, FieldBillCustomer, line.BillCustomer)
	case 1:
		line.InvoiceDescription = "As agreed by phone"
		l.owns(KindAddition, id, FieldInvoiceDescription, line.InvoiceDescription)
	case 2:
		line.Description = "Ours"
		l.owns(KindAddition, id, FieldDescription, line.Description)
	case 3:
		line.Quantity = decimal.NewFromInt(rapid.Int64Range(0, 9).Draw(l.rt, "by hand"))
	case 4:
		line.Cancelled = line.Effective.AddDays(rapid.IntRange(0, 700).Draw(l.rt, "cancelled"))
	case 5:
		line.Cancelled = Date{}
	case 6:
		line.Serial = "typed by hand"
	case 7:
		delete(l.additions, id)
		return
	}
	l.additions[id] = line
}

func (l *life) editConfiguration() {
	id := l.pick("configuration", slices.Sorted(maps.Keys(l.configurations)))
	device, ok := l.configurations[id]
	if !ok {
		return
	}
	switch rapid.IntRange(0, 6).Draw(l.rt, "edit of the configuration") {
	case 0:
		device.Name = "Lobby"
		l.owns(KindConfiguration, id, FieldName, device.Name)
	case 1:
		device.Expires = device.Expires.AddDays(10)
	case 2:
		device.Status = rapid.SampledFrom([]string{"Retired", "Scrapped", "In repair", "Active"}).Draw(l.rt, "status")
	case 3:
		device.Active = !device.Active
	case 4:
		device.Answers = nil
	case 5:
		device.Serial += " "
	case 6:
		delete(l.configurations, id)
		return
	}
	l.configurations[id] = device
}

func (l *life) editShared() {
	switch rapid.IntRange(0, 5).Draw(l.rt, "edit of a shared record") {
	case 0:
		if id := l.pick("item", slices.Sorted(maps.Keys(l.catalog))); id != 0 {
			item := l.catalog[id]
			item.Description, item.Price = "Priced", decimal.NewFromInt(9)
			l.owns(KindCatalogItem, id, FieldDescription, "Priced")
			l.owns(KindCatalogItem, id, FieldPrice, "9")
			l.catalog[id] = item
		}
	case 1:
		delete(l.catalog, l.pick("item", slices.Sorted(maps.Keys(l.catalog))))
	case 2:
		if id := l.pick("type", slices.Sorted(maps.Keys(l.configurationTypes))); id != 0 {
			t := l.configurationTypes[id]
			t.Name = rapid.SampledFrom([]string{"Our " + t.Name, strings.ToUpper(t.Name)}).Draw(l.rt, "type name")
			l.configurationTypes[id] = t
		}
	case 3:
		if id := l.pick("type", slices.Sorted(maps.Keys(l.configurationTypes))); id != 0 {
			t := l.configurationTypes[id]
			t.Questions = append(slices.Clone(t.Questions), Question{ID: l.id(), Label: "Rack"})
			if l.chance("switch a question off", 3) {
				t.Questions[0].Inactive = true
			}
			l.configurationTypes[id] = t
		}
	case 4:
		if id, ok := l.types["SonicWall"]; ok {
			delete(l.types, "SonicWall")
			l.types["SonicWall goods"] = id
			for at, item := range l.catalog {
				if item.Type == "SonicWall" {
					item.Type = "SonicWall goods"
					l.catalog[at] = item
				}
			}
		}
	case 5:
		if id := l.pick("item", slices.Sorted(maps.Keys(l.catalog))); id != 0 {
			item := l.catalog[id]
			item.Inactive = !item.Inactive
			l.catalog[id] = item
		}
	}
}

// makeByHand adds records that Causeway did not make, some with a natural key of ours.
func (l *life) makeByHand(tenant *worldTenant) {
	serial, product := "by hand", "SONICWALL_TZ_370"
	if len(tenant.products) > 0 {
		p := rapid.SampledFrom(tenant.products).Draw(l.rt, "look-alike")
		serial, product = p.Serial, CatalogIdentifier(p.Name, p.Tier)
	}
	line := Addition{ID: l.id(), AgreementID: tenant.agreement.ID, Product: product, Serial: serial, BillCustomer: "Billable",
		Quantity: decimal.NewFromInt(3), Effective: MustDate("2026-02-01"), InvoiceDescription: "By hand", Cancelled: l.date("cancelled by hand")}
	if line.Cancelled.Before(line.Effective) {
		line.Cancelled = Date{}
	}
	l.additions[line.ID] = line
	for id := range l.configurationTypes {
		device := Configuration{ID: l.id(), CompanyID: tenant.company.ID, TypeID: id, Name: "By hand", Serial: serial, Status: "Active", Active: !l.chance("closed by hand", 3)}
		l.configurations[device.ID] = device
		break
	}
}

func (l *life) invoice(tenant *worldTenant) {
	if tenant.agreement.Cycle != BillingMonthly {
		return
	}
	for _, other := range l.tenants {
		if other.agreement.ID == tenant.agreement.ID && other != tenant {
			other.agreement.NextInvoice = tenant.agreement.NextInvoice.AddMonths(1)
		}
	}
	for id, line := range l.additions {
		if line.AgreementID == tenant.agreement.ID && !line.Effective.After(tenant.agreement.NextInvoice) {
			line.BilledQuantity = line.Quantity
			l.additions[id] = line
		}
	}
	tenant.agreement.NextInvoice = tenant.agreement.NextInvoice.AddMonths(1)
}
