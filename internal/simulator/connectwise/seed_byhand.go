package connectwise

// handMade adds what people entered themselves and no integration manages: a few products, lines and devices, and the
// unpleasant look-alikes that a careful integration must leave alone.
func (g *seeder) handMade() {
	items := g.handMadeCatalog()
	var first []*record // the first agreements that run
	for a := range g.rows("agreement").all() {
		if g.agreementStatus(a) == statusActive && g.recurring(a) {
			first = append(first, a)
		}
		if len(first) == 4 {
			break
		}
	}
	for i, a := range first {
		start, _ := a.day("billStartDate")
		g.add("addition", row{
			"agreementId": a.id, "product": items[i%len(items)], "billCustomer": "Billable", "quantity": amount(500),
			"unitPrice": amount(1250), "unitCost": amount(400), "effectiveDate": start, "billedQuantity": amount(500),
			"description": "Entered by hand", "invoiceDescription": "Monthly service as agreed", "sequenceNumber": amount(100),
		})
		device := g.add("configuration", row{
			"name": "file-server", "type": g.named("configurationType", "Server"), "status": ref(1), "company": a.get("company"),
			"serialNumber": "VMW-0001", "modelNumber": "PowerEdge R450", "installationDate": start,
			"questions": []answer{{question: 1, value: "Windows Server 2022"}},
		})
		g.add("agreementConfiguration", row{"agreement": ref(a.id), "configuration": device})
	}
}

func (g *seeder) handMadeCatalog() []ref {
	monitoring := row{
		"identifier": "MON-SERVER", "description": "Server monitoring", "customerDescription": "Monitoring and patching of one server",
		"type": g.named("productType", "Managed Services"), "subcategory": g.named("subCategory", "Monitoring"),
		"productClass": "Service", "price": amount(4500), "cost": amount(1200),
	}
	office := row{
		"identifier": "M365-BP", "description": "Microsoft 365 Business Premium", "customerDescription": "Microsoft 365 Business Premium, per user",
		"type": g.named("productType", "Software"), "subcategory": g.named("subCategory", "Subscriptions"),
		"productClass": "NonInventory", "price": amount(2200), "cost": amount(1650), "taxableFlag": true,
	}
	old := row{
		"identifier": "SONICWALL", "description": "SONICWALL", "customerDescription": "SonicWall, entered by hand in an older time",
		"type": g.named("productType", "Hardware"), "subcategory": g.named("subCategory", "Switches"), "productClass": "NonInventory",
	}
	bundle := row{
		"identifier": "STARTER-BUNDLE", "description": "Starter bundle", "customerDescription": "Starter bundle for new customers",
		"type": g.named("productType", "Managed Services"), "subcategory": g.named("subCategory", "Monitoring"), "productClass": "Bundle",
	}
	retired := row{
		"identifier": "AV-CLASSIC", "description": "Antivirus classic", "customerDescription": "Antivirus classic, per device",
		"type": g.named("productType", "Software"), "subcategory": g.named("subCategory", "Subscriptions"), "inactiveFlag": true,
	}
	var ids []ref
	for i, item := range []row{monitoring, office, old, bundle, retired} {
		sub, _ := item["subcategory"].(ref)
		item["category"] = g.find("subCategory", int32(sub)).get("category")
		item["unitOfMeasure"] = g.named("unitOfMeasure", "Each")
		id := g.add("catalogItem", item)
		if i < 2 {
			ids = append(ids, id)
		}
	}
	return ids
}
