package connectwise

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

var companyRules = rules{
	defaults: func(t *tx, _, rec *record) { t.initDefault(rec, "status", "companyStatus", anyRecord) },
	check: func(t *tx, old, rec *record) []problem {
		if site, _ := t.inputs["site"].(string); old == nil && site == "" {
			return []problem{{code: "MissingRequiredField", message: "Company Site name is required.", field: "site/name"}}
		}
		if old != nil && !slices.Equal(refsOf(old, "types"), refsOf(rec, "types")) {
			return []problem{{code: "InvalidField", message: "The field types can only be used when creating.", field: "types"}}
		}
		return nil
	},
	after: func(t *tx, old, rec *record) {
		name, _ := t.inputs["site"].(string)
		if old != nil || name == "" {
			return
		}
		site := &record{kind: kindOf("site")}
		site.set("name", name)
		site.set("company", ref(rec.id))
		t.create(site)
		whole := rec.clone()
		whole.set("site", ref(site.id))
		t.update(whole)
	},
	// A deleted company goes to the recycle bin, from where lists still show it.
	remove: func(t *tx, rec *record) {
		bin := rec.clone()
		bin.set("deletedFlag", true)
		bin.set("dateDeleted", instantOf(t.now))
		bin.set("deletedBy", t.actor)
		t.update(bin)
	},
}

func refsOf(r *record, name string) []ref {
	v, _ := r.get(name).([]ref)
	return v
}

var questionRules = rules{
	defaults: func(t *tx, old, rec *record) {
		if old != nil {
			return
		}
		highest := int32(0)
		for _, other := range t.rows("configurationTypeQuestion").where("configurationType", ref(rec.ref("configurationType"))) {
			highest = max(highest, other.integer("ordinal"))
		}
		rec.set("ordinal", highest+1)
	},
	// Which entry types go with a date is not documented: Date and EntryField are both taken.
	check: func(_ *tx, _, rec *record) []problem {
		entry := rec.text("entryType")
		if date := rec.text("fieldType") == "Date"; date && entry != "Date" && entry != "EntryField" || !date && entry == "Date" {
			return []problem{{code: "InvalidField", message: "The entryType does not go with the fieldType.", field: "entryType"}}
		}
		return nil
	},
	owns: [][2]string{{"configurationTypeQuestionValue", "question"}},
}

var configurationRules = rules{
	defaults: func(t *tx, old, rec *record) {
		t.initDefault(rec, "status", "configurationStatus", anyRecord)
		if t.set.ClosingDeactivates && t.closed(rec) && (old == nil || !t.closed(old)) {
			rec.set("activeFlag", false)
		}
		if old != nil && old.ref("type") != rec.ref("type") {
			rec.setAnswers(t.answersOfType(rec))
		}
	},
	check: checkConfiguration,
	owns:  [][2]string{{"agreementConfiguration", "configuration"}, {"ticketConfiguration", "configuration"}},
}

func (q *reader) closed(configuration *record) bool {
	status := q.find("configurationStatus", configuration.ref("status"))
	return status != nil && status.flag("closedFlag")
}

func checkConfiguration(t *tx, old, rec *record) []problem {
	var problems []problem
	if rec.ref("status") == 0 {
		problems = append(problems, missing("status")) // no default status is set up
	}
	if typ := t.find("configurationType", rec.ref("type")); old == nil && typ.flag("inactiveFlag") {
		problems = append(problems, problem{code: "InvalidObject", message: "Configuration Type " + typ.text("name") + " is inactive.", field: "type"})
	}
	if old != nil && old.ref("type") != rec.ref("type") && t.inputs["changeType"] == nil {
		problems = append(problems, problem{code: "InvalidField", message: "The type is changed by changeType only.", field: "type"})
	}
	if company := t.find("company", rec.ref("company")); company.flag("deletedFlag") && (old == nil || old.ref("company") != rec.ref("company")) {
		problems = append(problems, problem{code: "NotFound", message: fmt.Sprintf("Company %d not found", company.id), field: "company/id"})
	}
	if old != nil {
		return problems
	}
	for _, q := range t.questionsOf(ref(rec.ref("type"))) {
		if q.flag("requiredFlag") && answerTo(rec.answersOf(), q.id) == nil {
			problems = append(problems, problem{
				code: "MissingRequiredField", message: "The " + q.text("question") + " field is required.", field: "questions",
			})
		}
	}
	return problems
}

// questionsOf are the active questions of a configuration type, in the order of the screen.
func (q *reader) questionsOf(typ ref) []*record {
	if known, ok := q.questions[typ]; ok {
		return known
	}
	var active []*record
	for _, r := range q.rows("configurationTypeQuestion").where("configurationType", typ) {
		if !r.flag("inactiveFlag") {
			active = append(active, r)
		}
	}
	slices.SortStableFunc(active, func(a, b *record) int { return cmp.Compare(a.num("sequenceNumber"), b.num("sequenceNumber")) })
	if q.questions != nil {
		q.questions[typ] = active
	}
	return active
}

// questionsPerType bounds ordinals, so that an answer's id follows from its configuration and question without being kept:
// 2 million configurations of 1,000 questions stay within 32 bits.
const questionsPerType = 1000

func answerID(configuration int32, question *record) int32 {
	return configuration*questionsPerType + question.integer("ordinal")%questionsPerType
}

func (r *record) setAnswers(answers []answer) {
	f := r.kind.must("questions")
	if len(answers) == 0 {
		r.put(f, nil)
		return
	}
	slices.SortFunc(answers, func(a, b answer) int { return cmp.Compare(a.question, b.question) })
	r.put(f, answers)
}

// answersOfType are the answers that still belong to the configuration's type.
func (t *tx) answersOfType(rec *record) []answer {
	var kept []answer
	for _, a := range rec.answersOf() {
		if q := t.find("configurationTypeQuestion", a.question); q != nil && q.ref("configurationType") == rec.ref("type") {
			kept = append(kept, a)
		}
	}
	return kept
}

// answersFrom reads the whole questions array: what it leaves out is no longer answered.
func (t *tx) answersFrom(b body, m member, rec *record) ([]answer, []problem, *apiError) {
	if string(m.raw) == "null" {
		return nil, nil, nil
	}
	items, err := body(m.raw).array()
	if err != nil {
		return nil, nil, b.unreadable(m, "System.Collections.Generic.List")
	}
	var answers []answer
	var problems []problem
	for i, raw := range items {
		members, err := b.object(raw, fmt.Sprintf("%s[%d]", m.path, i), m.end)
		if err != nil {
			return nil, nil, err
		}
		a, found, err := t.oneAnswer(b, members, rec)
		if err != nil {
			return nil, nil, err
		}
		if found != nil {
			problems = append(problems, *found)
		} else if a.value != nil {
			answers = slices.DeleteFunc(answers, func(x answer) bool { return x.question == a.question })
			answers = append(answers, a)
		}
	}
	return answers, problems, nil
}

var questionMembers = []string{
	"answerId", "questionId", "question", "answer", "sequenceNumber", "numberOfDecimals", "fieldType", "requiredFlag",
}

func (t *tx) oneAnswer(b body, members []member, rec *record) (answer, *problem, *apiError) {
	given := map[string]json.RawMessage{}
	for _, m := range members {
		if !slices.Contains(questionMembers, m.name) {
			return answer{}, nil, b.unknownMember(m, "ConfigurationQuestion")
		}
		given[m.name] = m.raw
	}
	q := t.questionNamed(rec, given)
	if q == nil {
		text, _ := unquote(given["questionId"])
		return answer{}, &problem{
			code: "NotFound", field: "questions",
			message: fmt.Sprintf("Configuration Type Question %s not found for Configuration Type %d", text, rec.ref("type")),
		}, nil
	}
	v, ok := answerValue(q, given["answer"])
	if !ok {
		return answer{}, &problem{
			code: "InvalidField", field: "questions",
			message: fmt.Sprintf("The answer to %s is not a valid %s.", q.text("question"), q.text("fieldType")),
		}, nil
	}
	return answer{question: q.id, value: v}, nil, nil
}

// questionNamed finds the question by its id, by the answer's id, or by its text; it has to be of the configuration's type.
func (t *tx) questionNamed(rec *record, given map[string]json.RawMessage) *record {
	id, _ := unquote(given["questionId"])
	byAnswer, _ := unquote(given["answerId"])
	text, quoted := unquote(given["question"])
	for _, q := range t.rows("configurationTypeQuestion").where("configurationType", ref(rec.ref("type"))) {
		switch {
		case id != "" && id != "null":
			if strconv.Itoa(int(q.id)) == id {
				return q
			}
		case byAnswer != "" && byAnswer != "null" && byAnswer != "0":
			if rec.id != 0 && strconv.Itoa(int(answerID(rec.id, q))) == byAnswer {
				return q
			}
		case quoted && sameText(q.text("question"), text):
			return q
		}
	}
	return nil
}

// answerValue reads an answer as its question's field type; null and "" are no answer.
func answerValue(q *record, raw json.RawMessage) (any, bool) {
	text, quoted := unquote(raw)
	if len(raw) == 0 || text == "" || !quoted && text == "null" {
		return nil, true
	}
	if !scalar(raw) {
		return nil, false
	}
	switch q.text("fieldType") {
	case "Date":
		i, err := parseTime(text)
		return i, err == nil && quoted
	case "Checkbox":
		return sameText(text, "true"), sameText(text, "true") || sameText(text, "false")
	case "Number", "Currency", "Percent":
		_, err := parseAmount(text)
		return text, err == nil
	default:
		return text, true
	}
}

// changeType is the only way to another type; the answers to questions of the old one go.
func changeType(c *call) *apiError {
	in, err := c.body()
	if err != nil {
		return err
	}
	return top("configuration").alter(c, func(t *tx, old *record) (*record, []problem, *apiError) {
		t.inputs["changeType"] = true
		rec := old.clone()
		problems, err := t.patch(in, rec)
		return rec, problems, err
	})
}
