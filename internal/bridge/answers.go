package bridge

import (
	"fmt"
	"strings"
)

// answerWanted is a question's label as ConnectWise has it, where it has it, with the answer it should hold.
type answerWanted struct {
	label string
	value string // YYYY-MM-DD, empty for none
}

// labels are the device's services as questions of its type. One that a person switched off takes no answer.
func (t *tenantPlanner) labels(c *candidate, device *Configuration) []answerWanted {
	dates := ServiceDates(*c.Product)
	known, typed := t.in.Types[c.place.ConfigurationType]
	out := make([]answerWanted, 0, len(dates))
	for _, d := range dates {
		label := d.Label
		if typed {
			if q, ok := findQuestion(known, d.Label); ok {
				if q.Inactive {
					continue
				}
				label = q.Label
			}
		}
		if device != nil {
			if found, ok := answerOf(*device, label); ok {
				label = found.Question
			}
		}
		out = append(out, answerWanted{label, d.Date.String()})
	}
	return out
}

func answerOf(device Configuration, label string) (Answer, bool) {
	for _, a := range device.Answers {
		if a.Question == label {
			return a, true
		}
	}
	for _, a := range device.Answers {
		if SameLabel(a.Question, label) {
			return a, true
		}
	}
	return Answer{}, false
}

// wantAnswers adds the answers a device should have to desired: the services' dates, and empty ones for services that went away
// and were answered by us (R31). A date that turned blank while its service stays goes to blank instead.
func (t *tenantPlanner) wantAnswers(c *candidate, device Configuration, applied, desired, blank Fields) {
	if !strings.EqualFold(device.Type, t.typeName(c)) {
		t.notef(LogWarn, "The configuration %s has the type %s in ConnectWise instead of %s, so its service dates are not kept.",
			device.Name, device.Type, t.typeName(c))
		return
	}
	there := map[string]bool{}
	for _, want := range t.labels(c, &device) {
		field := FieldAnswer + want.label
		there[field] = true
		have, _ := answerOf(device, want.label)
		switch {
		case want.value != "":
			desired[field] = want.value
		case canonical(have.Value) != "" && applied.Get(field) != "":
			blank[field] = ""
		}
	}
	for field, value := range applied {
		if strings.HasPrefix(field, FieldAnswer) && value != "" && !there[field] {
			desired[field] = ""
		}
	}
}

// questionNeeds are the questions that must be made before the answers among fields can be written.
func (t *tenantPlanner) questionNeeds(c *candidate, fields Fields) []string {
	known := t.in.Types[c.place.ConfigurationType]
	var needs []string
	for _, field := range fields.Names() {
		label, isAnswer := strings.CutPrefix(field, FieldAnswer)
		if !isAnswer {
			continue
		}
		if _, ok := findQuestion(known, label); !ok {
			needs = append(needs, NeedKey(KindQuestion, QuestionKey(c.place.ConfigurationType, label)))
		}
	}
	return needs
}

func (t *tenantPlanner) whyDevice(field string, c *candidate, current, applied Fields, merged Merged) Reasoning {
	rule, facts := "", []Fact(nil)
	label, isAnswer := strings.CutPrefix(field, FieldAnswer)
	switch {
	case isAnswer && merged.After[field] == "":
		rule = fmt.Sprintf("MySonicWall no longer lists %s for this device, so its answer is cleared; the question stays.", label)
	case isAnswer:
		rule, facts = "The answer is the expiry date of the service.", []Fact{{SourceMySonicWall, label, "until " + merged.After[field]}}
	case field == FieldExpires:
		expiry, from := ExpiryOf(*c.Product)
		rule, facts = "The expiration date is the latest expiry over all services and sub-services.", []Fact{{SourceMySonicWall, from, "until " + expiry.String()}}
	case field == FieldInstalled:
		rule, facts = "The installation date is the registration date.", []Fact{{SourceMySonicWall, "registered", c.Registered.String()}}
	case field == FieldName:
		rule, facts = "The configuration has the device's name.", []Fact{{SourceMySonicWall, "friendly name", orNone(c.FriendlyName)}}
	case field == FieldSerial:
		rule, facts = "The serial number is the product's, by which its configuration is found again.", []Fact{{SourceMySonicWall, "serial number", c.Serial}}
	case field == FieldStatus, field == FieldActive:
		rule = "MySonicWall lists the device, so its configuration is active."
	}
	return explain(field, rule, facts, current, applied, merged)
}
