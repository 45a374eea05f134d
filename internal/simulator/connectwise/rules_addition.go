package connectwise

import (
	"math"
	"slices"
)

var additionRules = rules{
	defaults: additionDefaults,
	check:    checkAddition,
	computed: map[string]func(*reader, *record) any{
		"agreementStatus": func(q *reader, r *record) any {
			if a := q.find("agreement", r.integer("agreementId")); a != nil {
				return q.agreementStatus(a)
			}
			return nil
		},
		"uom":                  unitName,
		"extPrice":             func(_ *reader, r *record) any { return extended(r, "unitPrice") },
		"extCost":              func(_ *reader, r *record) any { return extended(r, "unitCost") },
		"margin":               func(_ *reader, r *record) any { return extended(r, "unitPrice") - extended(r, "unitCost") },
		"prorateCost":          func(q *reader, r *record) any { return q.prorated(r, r.num("unitCost")) },
		"proratePrice":         func(q *reader, r *record) any { return q.prorated(r, r.num("unitPrice")) },
		"extendedProrateCost":  func(q *reader, r *record) any { return q.prorated(r, extended(r, "unitCost")) },
		"extendedProratePrice": func(q *reader, r *record) any { return q.prorated(r, extended(r, "unitPrice")) },
	},
}

// additionDefaults copies what the product says when the line is made: later changes of the product do not reach it.
func additionDefaults(t *tx, old, rec *record) {
	if old != nil {
		return
	}
	if product := t.find("catalogItem", rec.ref("product")); product != nil {
		rec.init("unitPrice", product.get("price"))
		rec.init("unitCost", product.get("cost"))
		rec.init("description", product.get("description"))
		rec.init("invoiceDescription", product.get("customerDescription"))
		rec.init("taxableFlag", product.get("taxableFlag"))
	}
	rec.init("quantity", amount(100))
	rec.init("effectiveDate", t.today())
	if !rec.has("sequenceNumber") {
		highest := amount(0)
		for _, other := range t.rows("addition").where("agreementId", rec.integer("agreementId")) {
			highest = max(highest, other.num("sequenceNumber"))
		}
		rec.set("sequenceNumber", highest+100)
	}
}

func checkAddition(t *tx, old, rec *record) []problem {
	agreement := t.find("agreement", rec.integer("agreementId"))
	if agreement == nil {
		return []problem{{code: "NotFound", message: "Agreement not found", field: "agreementId"}}
	}
	if t.agreementStatus(agreement) == statusCancelled {
		return []problem{{code: "InvalidObject", message: "The agreement is cancelled.", field: "agreementId"}}
	}
	return slices.Concat(checkProduct(t, old, rec), checkDates(t, agreement, old, rec))
}

// checkProduct refuses bundles always, and inactive products for new lines.
func checkProduct(t *tx, old, rec *record) []problem {
	product := t.find("catalogItem", rec.ref("product"))
	switch {
	case product.text("productClass") == "Bundle":
		return []problem{{code: "InvalidObject", message: "A bundle cannot be added to an agreement.", field: "product"}}
	case product.flag("inactiveFlag") && (old == nil || old.get("product") != rec.get("product")):
		return []problem{{code: "InvalidObject", message: "Product " + product.text("identifier") + " is inactive.", field: "product"}}
	default:
		return nil
	}
}

// checkDates: the billing start binds every save, since a record is validated whole; the invoiced period binds only a date
// that is set anew, or no billed line could ever be changed.
func checkDates(t *tx, agreement, old, rec *record) []problem {
	var problems []problem
	effective, _ := rec.day("effectiveDate")
	if start, ok := agreement.day("billStartDate"); ok && effective < start {
		problems = append(problems, problem{
			code: "InvalidField", field: "effectiveDate",
			message: "effectiveDate cannot be less than the agreement billing start date.",
		})
	}
	next, recurs := agreement.day("nextInvoiceDate")
	moved := old == nil || old.get("effectiveDate") != rec.get("effectiveDate")
	if len(problems) == 0 && recurs && t.recurring(agreement) && !agreement.flag("prorateFlag") && moved && effective < next {
		problems = append(problems, problem{
			code: "InvalidField", field: "effectiveDate",
			message: "This period has been invoiced already and no invoice will be created for products added to it. " +
				"Prorate the agreement, or use an effective date on or after the Next Invoice Date (" + next.date() + ").",
		})
	}
	if cancelled, ok := rec.day("cancelledDate"); ok && cancelled < effective {
		problems = append(problems, problem{
			code: "InvalidField", field: "cancelledDate", message: "cancelledDate cannot be less than the effectiveDate.",
		})
	}
	return problems
}

func unitName(q *reader, r *record) any {
	product := q.find("catalogItem", r.ref("product"))
	if product == nil {
		return nil
	}
	if unit := q.find("unitOfMeasure", product.ref("unitOfMeasure")); unit != nil {
		return unit.text("name")
	}
	return nil
}

// billable is the quantity that bills: what exceeds the included one, and nothing on lines that do not bill.
func billable(r *record) amount {
	if r.text("billCustomer") != "Billable" {
		return 0
	}
	return max(0, r.num("quantity")-r.num("lessIncluded"))
}

func extended(r *record, price string) amount { return billable(r).times(r.num(price)) }

// prorated is the part of an amount for a first period that begins after the invoice's, on agreements that prorate.
func (q *reader) prorated(r *record, full amount) amount {
	agreement := q.find("agreement", r.integer("agreementId"))
	if agreement == nil || !agreement.flag("prorateFlag") || !q.recurring(agreement) {
		return 0
	}
	effective, ok := r.day("effectiveDate")
	begin, has := agreement.day("billStartDate")
	if !ok || !has || effective < begin {
		return 0
	}
	option := q.billing(agreement)
	n := 0
	for period(begin, option, n+1) <= effective {
		n++
	}
	from, to := period(begin, option, n), period(begin, option, n+1)
	if effective == from {
		return 0 // a whole period
	}
	return amount(math.Round(float64(full) * float64(to-effective) / float64(to-from)))
}
