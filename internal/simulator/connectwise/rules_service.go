package connectwise

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

var sourceRules = rules{computed: map[string]func(*reader, *record) any{
	"enteredBy":   func(_ *reader, r *record) any { return r.enteredBy },
	"dateEntered": func(_ *reader, r *record) any { return instant(r.created / 1000) },
}}

var noteRules = rules{
	check: func(_ *tx, _, rec *record) []problem {
		if rec.text("text") == "" {
			return []problem{missing("text")}
		}
		if !rec.flag("detailDescriptionFlag") && !rec.flag("internalAnalysisFlag") && !rec.flag("resolutionFlag") {
			return []problem{{code: "InvalidObject", message: "Please choose where to display the notes in order to save this record."}}
		}
		return nil
	},
	computed: map[string]func(*reader, *record) any{
		"dateCreated": func(_ *reader, r *record) any { return instant(r.created / 1000) },
		"createdBy":   func(_ *reader, r *record) any { return r.enteredBy },
	},
}

var ticketRules = rules{
	defaults: ticketDefaults,
	check:    checkTicket,
	after:    ticketNotes,
	owns:     [][2]string{{"serviceNote", "ticketId"}, {"ticketConfiguration", "ticket"}},
	computed: map[string]func(*reader, *record) any{
		"closedFlag": func(q *reader, r *record) any { return q.closedStatus(r) },
		"agreementType": func(q *reader, r *record) any {
			agreement := q.find("agreement", r.ref("agreement"))
			if agreement == nil {
				return nil
			}
			return q.shown(kindOf("agreementType"), agreement.ref("type"), parseShown("name"))
		},
	},
}

// closedStatus reports whether the ticket's status is one that closes.
func (q *reader) closedStatus(ticket *record) bool {
	status := q.find("boardStatus", ticket.ref("status"))
	return status != nil && status.flag("closedStatus")
}

func ticketDefaults(t *tx, old, rec *record) {
	if rec.ref("board") == 0 {
		for b := range t.rows("board").all() {
			if !b.flag("inactiveFlag") && !b.flag("projectFlag") {
				rec.set("board", ref(b.id)) // the API member's default board
				break
			}
		}
	}
	board := rec.ref("board")
	// A ticket that moves to another board without being given a status there takes that board's default.
	if old != nil && old.ref("board") != board && old.ref("status") == rec.ref("status") {
		if status := t.find("boardStatus", rec.ref("status")); status != nil && status.ref("board") != board {
			rec.set("status", nil)
		}
	}
	t.initDefault(rec, "status", "boardStatus", func(s *record) bool { return s.ref("board") == board && !s.flag("inactive") })
	t.initDefault(rec, "priority", "priority", anyRecord)
	t.initDefault(rec, "source", "source", anyRecord)
	if old == nil {
		rec.init("severity", "Medium")
		rec.init("impact", "Medium")
	}
	switch closed := t.closedStatus(rec); {
	case closed && (old == nil || !t.closedStatus(old)):
		rec.set("closedDate", instantOf(t.now))
		rec.set("closedBy", t.actor)
	case !closed:
		rec.set("closedDate", nil)
		rec.set("closedBy", nil)
	}
}

func checkTicket(t *tx, old, rec *record) []problem {
	var problems []problem
	board := t.find("board", rec.ref("board"))
	changed := old == nil || old.ref("board") != rec.ref("board")
	switch {
	case board == nil:
		problems = append(problems, missing("board"))
	case changed && (board.flag("inactiveFlag") || board.flag("projectFlag")):
		problems = append(problems, problem{code: "NotFound", message: fmt.Sprintf("Service Board %d not found", board.id), field: "board/id"})
	default:
		problems = append(problems, checkStatus(t, board, rec)...)
	}
	problems = append(problems, checkTicketCompany(t, old, rec)...)
	if agreement := t.find("agreement", rec.ref("agreement")); agreement != nil && !t.sameCompany(rec.ref("company"), agreement.ref("company")) {
		problems = append(problems, problem{
			code: "NotFound", field: "agreement/id",
			message: fmt.Sprintf("Agreement %d not found for Company %d", agreement.id, rec.ref("company")),
		})
	}
	if old != nil { // replaced as a whole without them
		for _, name := range []string{"severity", "impact"} {
			if !rec.has(name) {
				problems = append(problems, missing(name))
			}
		}
	}
	return problems
}

func checkStatus(t *tx, board, rec *record) []problem {
	status := t.find("boardStatus", rec.ref("status"))
	switch {
	case status == nil:
		return []problem{missing("status")}
	case status.ref("board") == board.id:
		return nil
	}
	what, by := strconv.Itoa(int(status.id)), "status/id"
	if text, ok := t.inputs["status/by"].(string); ok {
		what, by = text, "status/name"
	}
	return []problem{{
		code: "NotFound", field: by, message: fmt.Sprintf("Service Status %s not found for Service Board %d", what, board.id),
	}}
}

// checkTicketCompany refuses new tickets for companies in the recycle bin and for those whose status forbids saving.
func checkTicketCompany(t *tx, old, rec *record) []problem {
	company := t.find("company", rec.ref("company"))
	if old != nil && old.ref("company") == rec.ref("company") {
		return nil
	}
	if company.flag("deletedFlag") {
		return []problem{{code: "NotFound", message: fmt.Sprintf("Company %d not found", company.id), field: "company/id"}}
	}
	if status := t.find("companyStatus", company.ref("status")); status != nil && status.flag("disallowSavingFlag") {
		return []problem{{code: "InvalidObject", message: "The company's status does not allow saving: " + status.text("notificationMessage"), field: "company/id"}}
	}
	return nil
}

// ticketNotes turns the texts given with a new ticket into its first notes.
func ticketNotes(t *tx, old, rec *record) {
	if old != nil {
		return
	}
	for _, n := range [...][2]string{
		{"initialDescription", "detailDescriptionFlag"}, {"initialInternalAnalysis", "internalAnalysisFlag"}, {"initialResolution", "resolutionFlag"},
	} {
		text, _ := t.inputs[n[0]].(string)
		if text == "" {
			continue
		}
		note := &record{kind: kindOf("serviceNote")}
		note.set("ticketId", rec.id)
		note.set("text", text)
		note.set(n[1], true)
		t.create(note)
	}
}

// mayClose needs a right of its own: setting a closed status.
func (c *call) mayClose(t *tx, old, rec *record) *apiError {
	if c.person || rec.kind.name != "ticket" || !c.set.denies("CLOSE", "service/tickets") {
		return nil
	}
	if t.closedStatus(rec) && (old == nil || old.ref("status") != rec.ref("status")) {
		return forbidden()
	}
	return nil
}

// searchTickets is the list with its filters in the body, for filters too long for an address.
func searchTickets(c *call) *apiError {
	in, err := c.body()
	if err != nil {
		return err
	}
	members, err := in.object(in, "", 0)
	if err != nil {
		return err
	}
	var q query
	into := map[string]*string{
		"conditions": &q.conditions, "orderBy": &q.orderBy,
		"childConditions": &q.childConditions, "childconditions": &q.childConditions,
		"customFieldConditions": &q.customFieldConditions, "customfieldconditions": &q.customFieldConditions,
	}
	for _, m := range members {
		target, ok := into[m.name]
		if !ok {
			return in.unknownMember(m, "FilterValues")
		}
		if text, quoted := unquote(m.raw); quoted {
			*target = text
		}
	}
	res := top("ticket")
	l, err := c.list(res.kind, "service/tickets", q)
	if err != nil {
		return err
	}
	return c.writeList(res.kind, l, res.listed(c))
}

// mergeTickets folds tickets into the one of the path: they are closed with the status given, which is of their board.
func mergeTickets(c *call) *apiError {
	in, err := c.body()
	if err != nil {
		return err
	}
	var body struct {
		Tickets []int32 `json:"mergeTicketIds"`
		Status  *struct {
			ID int32 `json:"id"`
		} `json:"status"`
	}
	if e := json.Unmarshal(in, &body); e != nil {
		return parserError("The body could not be read: %s", e)
	}
	if len(body.Tickets) == 0 || body.Status == nil {
		return invalid("ticketMerge", missing("mergeTicketIds"), missing("status"))
	}
	err = c.change(func(t *tx) *apiError {
		parent := t.find("ticket", c.id())
		if parent == nil {
			return notFound(kindOf("ticket"), c.id())
		}
		for _, id := range body.Tickets {
			old := t.find("ticket", id)
			if old == nil {
				return notFound(kindOf("ticket"), id)
			}
			rec := old.clone()
			rec.set("mergedParentTicket", ref(parent.id))
			rec.set("status", ref(body.Status.ID))
			if e := t.save(old, rec, nil); e != nil {
				return e
			}
		}
		rec := parent.clone()
		rec.set("hasMergedChildTicketFlag", true)
		t.update(rec)
		return nil
	})
	if err != nil {
		return err
	}
	c.writer.WriteHeader(http.StatusNoContent)
	return nil
}
