package connectwise

import (
	"strconv"
	"strings"
)

func homePage(v *pageView) bool {
	v.page.Title = "What this server holds"
	v.page.Note = "These pages only show. Everything is changed through the API, or as a person would by way of the simulator's controls."
	t := pageTable{Columns: []string{"Records", "Count"}}
	for _, k := range []struct{ kind, text, link string }{
		{"company", "Companies", "/companies"}, {"agreement", "Agreements", "/agreements"}, {"addition", "Additions", "/agreements"},
		{"catalogItem", "Catalog items", "/catalog"}, {"configuration", "Configurations", "/configurations"}, {"ticket", "Tickets", "/tickets"},
	} {
		t.Rows = append(t.Rows, []cellText{{Text: k.text, Link: k.link}, {Text: strconv.Itoa(len(v.rows(k.kind).rows)), Number: true}})
	}
	v.page.Tables = []pageTable{t}
	return true
}

func companiesPage(v *pageView) bool {
	return v.list("Companies", "company", []string{"identifier", "name"},
		[]string{"Id", "Company ID", "Name", "Status", "Recycle bin", "Agreements", "Last edited by"}, func(r *record) []cellText {
			agreements := len(v.rows("agreement").where("company", ref(r.id)))
			return []cellText{
				number(r), v.to(r, "identifier"), self(r, r.text("name")), v.to(r, "status"), v.to(r, "deletedFlag"),
				{Text: strconv.Itoa(agreements), Number: true}, edited(r),
			}
		})
}

func companyPage(v *pageView) bool {
	r := v.subject("company")
	if r == nil {
		return false
	}
	v.page.Title = r.text("name")
	v.facts(r, "Company ID=identifier", "Status=status", "In the recycle bin=deletedFlag", "Parent company=parentCompany")
	agreements := pageTable{Title: "Agreements", Columns: agreementColumns}
	for _, a := range v.rows("agreement").where("company", ref(r.id)) {
		agreements.Rows = append(agreements.Rows, v.agreementLine(a))
	}
	v.page.Tables = []pageTable{agreements, v.configurationTable("Configurations", v.rows("configuration").where("company", ref(r.id)))}
	return true
}

var agreementColumns = []string{"Id", "Agreement", "Company", "Type", "Status", "Billing cycle", "Billing start", "Next invoice", "Additions", "Last edited by"}

func (v *pageView) agreementLine(r *record) []cellText {
	additions := len(v.rows("addition").where("agreementId", r.id))
	return []cellText{
		number(r), self(r, r.text("name")), v.to(r, "company"), v.to(r, "type"), v.to(r, "agreementStatus"), v.to(r, "billingCycle"),
		v.to(r, "billStartDate"), v.to(r, "nextInvoiceDate"), {Text: strconv.Itoa(additions), Number: true}, edited(r),
	}
}

func agreementsPage(v *pageView) bool {
	return v.list("Agreements", "agreement", []string{"name", "company"}, agreementColumns, v.agreementLine)
}

func agreementPage(v *pageView) bool {
	r := v.subject("agreement")
	if r == nil {
		return false
	}
	v.page.Title = r.text("name")
	v.facts(r, "Company=company", "Type=type", "Status=agreementStatus", "Parent agreement=parentAgreement", "Start=startDate", "End=endDate",
		"Cancelled=dateCancelled", "Billing cycle=billingCycle", "Billing start=billStartDate", "Next invoice=nextInvoiceDate", "Prorates=prorateFlag")
	additions := pageTable{Title: "Additions", Columns: []string{
		"Id", "Sequence", "Product ID", "Description", "Invoice description", "Serial number", "Effective", "Cancelled", "Quantity", "Billed",
		"Unit price", "Extended price", "Bill customer", "Last edited by",
	}}
	for _, a := range v.rows("addition").where("agreementId", r.id) {
		line := []cellText{number(a)}
		for _, name := range []string{
			"sequenceNumber", "product", "description", "invoiceDescription", "serialNumber", "effectiveDate", "cancelledDate", "quantity",
			"billedQuantity", "unitPrice", "extPrice", "billCustomer",
		} {
			line = append(line, v.to(a, name))
		}
		additions.Rows = append(additions.Rows, append(line, edited(a)))
	}
	var covered []*record
	for _, l := range v.rows("agreementConfiguration").where("agreement", ref(r.id)) {
		if c := v.find("configuration", l.ref("configuration")); c != nil {
			covered = append(covered, c)
		}
	}
	v.page.Tables = []pageTable{additions, v.configurationTable("Attached configurations", covered)}
	return true
}

func catalogPage(v *pageView) bool {
	return v.list("Product catalog", "catalogItem", []string{"identifier", "description", "customerDescription"},
		[]string{"Id", "Product ID", "Description", "Type", "Category", "Subcategory", "Class", "Price", "Cost", "Inactive", "Last edited by"},
		func(r *record) []cellText {
			line := []cellText{number(r), self(r, r.text("identifier"))}
			for _, name := range []string{"description", "type", "category", "subcategory", "productClass", "price", "cost", "inactiveFlag"} {
				line = append(line, v.to(r, name))
			}
			return append(line, edited(r))
		})
}

func catalogItemPage(v *pageView) bool {
	r := v.subject("catalogItem")
	if r == nil {
		return false
	}
	v.page.Title = r.text("identifier")
	v.facts(r, "Description=description", "Customer description=customerDescription", "Type=type", "Category=category", "Subcategory=subcategory",
		"Class=productClass", "Price=price", "Cost=cost", "Taxable=taxableFlag", "Inactive=inactiveFlag", "Integration reference=integrationXRef")
	return true
}

func (v *pageView) configurationTable(title string, rows []*record) pageTable {
	t := pageTable{Title: title, Columns: configurationColumns}
	for _, r := range rows {
		t.Rows = append(t.Rows, v.configurationLine(r))
	}
	return t
}

var configurationColumns = []string{"Id", "Configuration", "Company", "Type", "Status", "Active", "Serial number", "Installed", "Expires", "Last edited by"}

func (v *pageView) configurationLine(r *record) []cellText {
	line := []cellText{number(r), self(r, r.text("name"))}
	for _, name := range []string{"company", "type", "status", "activeFlag", "serialNumber", "installationDate", "warrantyExpirationDate"} {
		line = append(line, v.to(r, name))
	}
	return append(line, edited(r))
}

func configurationsPage(v *pageView) bool {
	return v.list("Configurations", "configuration", []string{"name", "serialNumber", "company"}, configurationColumns, v.configurationLine)
}

func configurationPage(v *pageView) bool {
	r := v.subject("configuration")
	if r == nil {
		return false
	}
	v.page.Title = r.text("name")
	v.facts(r, "Company=company", "Type=type", "Status=status", "Active=activeFlag", "Serial number=serialNumber", "Model=modelNumber",
		"Installed=installationDate", "Purchased=purchaseDate", "Expires=warrantyExpirationDate", "Notes=notes")
	answers := pageTable{Title: "Questions", Columns: []string{"Question", "Answer"}}
	for _, q := range v.questionsOf(ref(r.ref("type"))) {
		answers.Rows = append(answers.Rows, []cellText{{Text: q.text("question")}, {Text: printed(answerTo(r.answersOf(), q.id))}})
	}
	agreements := pageTable{Title: "Covered by", Columns: agreementColumns}
	for l := range v.rows("agreementConfiguration").all() {
		if a := v.find("agreement", l.ref("agreement")); l.ref("configuration") == r.id && a != nil {
			agreements.Rows = append(agreements.Rows, v.agreementLine(a))
		}
	}
	v.page.Tables = []pageTable{answers, agreements}
	return true
}

func ticketsPage(v *pageView) bool {
	return v.list("Tickets", "ticket", []string{"summary", "company", "externalXRef"},
		[]string{"Id", "Summary", "Board", "Status", "Closed", "Priority", "Company", "Agreement", "External reference", "Last edited by"},
		func(r *record) []cellText {
			line := []cellText{number(r), self(r, r.text("summary"))}
			for _, name := range []string{"board", "status", "closedFlag", "priority", "company", "agreement", "externalXRef"} {
				line = append(line, v.to(r, name))
			}
			return append(line, edited(r))
		})
}

func ticketPage(v *pageView) bool {
	r := v.subject("ticket")
	if r == nil {
		return false
	}
	v.page.Title = r.text("summary")
	v.facts(r, "Board=board", "Status=status", "Closed=closedFlag", "Closed on=closedDate", "Closed by=closedBy", "Priority=priority",
		"Company=company", "Agreement=agreement", "Source=source", "External reference=externalXRef", "Merged into=mergedParentTicket")
	notes := pageTable{Title: "Notes", Columns: []string{"Note", "Shown as", "By"}}
	for _, n := range v.rows("serviceNote").where("ticketId", r.id) {
		var as []string
		for _, shown := range [...][2]string{{"detailDescriptionFlag", "Discussion"}, {"internalAnalysisFlag", "Internal"}, {"resolutionFlag", "Resolution"}} {
			if n.flag(shown[0]) {
				as = append(as, shown[1])
			}
		}
		notes.Rows = append(notes.Rows, []cellText{{Text: n.text("text")}, {Text: strings.Join(as, ", ")}, edited(n)})
	}
	links := pageTable{Title: "Attachments", Columns: []string{"Title", "Link or file", "By"}}
	for _, d := range v.documentsOf("ticket", r.id) {
		link := d.text("url")
		links.Rows = append(links.Rows, []cellText{{Text: d.text("title")}, {Text: d.text("fileName"), Link: link}, edited(d)})
	}
	v.page.Tables = []pageTable{notes, links}
	return true
}
