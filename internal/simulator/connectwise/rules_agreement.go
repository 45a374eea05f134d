package connectwise

import "time"

// Values of agreementStatus.
const (
	statusActive    = "Active"
	statusCancelled = "Cancelled"
	statusExpired   = "Expired"
	statusInactive  = "Inactive"
)

var agreementRules = rules{
	defaults: agreementDefaults,
	check:    checkAgreement,
	owns:     [][2]string{{"addition", "agreementId"}, {"agreementConfiguration", "agreement"}},
	computed: map[string]func(*reader, *record) any{
		"agreementStatus": func(q *reader, r *record) any { return q.agreementStatus(r) },
	},
}

// agreementStatus follows from the flag and the dates. That an agreement which has not begun counts as inactive is our
// reading: the vendor's documents name the status and not its rule.
func (q *reader) agreementStatus(r *record) string {
	today := q.today()
	if cancelled, ok := r.day("dateCancelled"); r.flag("cancelledFlag") && (!ok || cancelled <= today) {
		return statusCancelled
	}
	if end, ok := r.day("endDate"); ok && end < today {
		return statusExpired
	}
	if start, ok := r.day("startDate"); ok && start > today {
		return statusInactive
	}
	return statusActive
}

func agreementDefaults(t *tx, old, rec *record) {
	if old == nil {
		if typ := t.find("agreementType", rec.ref("type")); typ != nil {
			rec.init("prorateFlag", typ.get("prorateFlag"))
			if rec.ref("parentAgreement") == 0 {
				rec.init("billingCycle", typ.get("billingCycle"))
			}
		}
		rec.init("startDate", t.today())
		if rec.ref("parentAgreement") == 0 {
			rec.init("billStartDate", t.today())
		}
		for _, name := range []string{"billTime", "billExpenses", "billProducts"} {
			rec.init(name, "Billable")
		}
		rec.init("periodType", "Current")
		rec.init("invoicingCycle", "CalendarYear")
	}
	if start, ok := rec.day("billStartDate"); ok && t.recurring(rec) {
		rec.init("nextInvoiceDate", start)
	}
	rec.set("noEndingDateFlag", !rec.has("endDate"))
	switch {
	case rec.flag("cancelledFlag"):
		rec.init("dateCancelled", t.today())
	case rec.has("dateCancelled") && (old == nil || !old.flag("cancelledFlag")):
		rec.set("cancelledFlag", true)
	case old != nil && old.flag("cancelledFlag"): // taken back
		rec.set("dateCancelled", nil)
	}
}

func checkAgreement(t *tx, _, rec *record) []problem {
	var problems []problem
	contact := t.find("contact", rec.ref("contact"))
	if contact != nil && contact.ref("company") != rec.ref("company") {
		problems = append(problems, problem{
			code: "NotFound", field: "contact/id",
			message: "Contact " + contact.text("name") + " not found for this company.",
		})
	}
	start, begins := rec.day("startDate")
	if end, ends := rec.day("endDate"); begins && ends && end < start {
		problems = append(problems, problem{
			code: "InvalidField", field: "endDate", message: "endDate cannot be less than the agreement start date.",
		})
	}
	if rec.id != 0 && rec.ref("parentAgreement") == rec.id {
		problems = append(problems, problem{
			code: "InvalidObject", field: "parentAgreement", message: "An agreement cannot be its own parent.",
		})
	}
	return problems
}

// billing is the billing cycle's option, empty where the agreement has no cycle. A child agreement's own cycle counts, not its
// parent's.
func (q *reader) billing(agreement *record) string {
	cycle := q.find("billingCycle", agreement.ref("billingCycle"))
	if cycle == nil {
		return ""
	}
	return cycle.text("billingOptions")
}

func (q *reader) recurring(agreement *record) bool {
	option := q.billing(agreement)
	return option != "" && option != "NotRecurring" && !agreement.flag("billOneTimeFlag")
}

// period moves a date by n billing periods. Months keep to their last day where they are shorter.
func period(from instant, option string, n int) instant {
	days, months := 0, 0
	switch option {
	case "Weekly":
		days = 7
	case "BiWeekly":
		days = 14
	case "BiMonthly":
		months = 2
	case "Quarterly":
		months = 3
	case "SemiAnnual":
		months = 6
	case "Yearly":
		months = 12
	default:
		months = 1
	}
	t := from.time()
	if days > 0 {
		return instantOf(t.AddDate(0, 0, n*days))
	}
	month := time.Date(t.Year(), t.Month()+time.Month(n*months), 1, 0, 0, 0, 0, time.UTC)
	last := month.AddDate(0, 1, -1).Day()
	return instantOf(month.AddDate(0, 0, min(t.Day(), last)-1))
}
