package activities

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"causeway/internal/bridge"
	"causeway/internal/connectwise"
)

// configurationWriter looks by serial, through a filtered list that may lag for minutes.
var configurationWriter = writer{find: findConfiguration, write: writeConfiguration}

func configurationRecord(row connectwise.Configuration) record {
	return record{id: row.ID, fields: toConfiguration(row).Fields(), wrote: true}
}

func findConfiguration(ctx context.Context, w *writing, c bridge.Change) (*record, error) {
	rows, err := w.client.Configurations.FindBySerialNumber(ctx, c.After.Get(bridge.FieldSerial))
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(x, y connectwise.Configuration) int { return x.ID - y.ID })
	for _, row := range rows {
		if row.Company.ID == c.ParentID && strings.EqualFold(row.Type.Name, c.After.Get(bridge.FieldType)) {
			return new(configurationRecord(row)), nil
		}
	}
	return nil, nil
}

func writeConfiguration(ctx context.Context, w *writing, c bridge.Change) (record, error) {
	if c.Action == bridge.ActionCreate {
		return createConfiguration(ctx, w, c)
	}
	row, err := w.client.Configurations.Get(ctx, c.CWMID)
	if err != nil {
		return record{}, gone(err)
	}
	current := configurationRecord(row)
	send, err := change(c, current.fields)
	if err != nil || !send {
		current.wrote = false
		return current, err
	}
	patch, err := configurationPatch(ctx, w, c, row)
	if err != nil {
		return record{}, err
	}
	if row, err = w.client.Configurations.Update(ctx, c.CWMID, patch); err != nil {
		return record{}, err
	}
	return configurationRecord(row), nil
}

func createConfiguration(ctx context.Context, w *writing, c bridge.Change) (record, error) {
	typeName := c.After.Get(bridge.FieldType)
	typeID, err := w.configurationTypeID(ctx, typeName)
	if err != nil {
		return record{}, err
	}
	statusID, err := w.statusID(ctx, c.After.Get(bridge.FieldStatus))
	if err != nil {
		return record{}, err
	}
	installed, err := dateField(c, bridge.FieldInstalled)
	if err != nil {
		return record{}, err
	}
	expires, err := dateField(c, bridge.FieldExpires)
	if err != nil {
		return record{}, err
	}
	request := connectwise.ConfigurationRequest{
		Name: c.After.Get(bridge.FieldName), Type: connectwise.RefID(typeID), Company: connectwise.RefID(c.ParentID),
		Status: connectwise.RefID(statusID), SerialNumber: c.After.Get(bridge.FieldSerial),
		InstallationDate: installed, WarrantyExpirationDate: expires, ActiveFlag: new(true),
	}
	for label, value := range answersOf(c) {
		question, err := w.questionID(ctx, typeID, label)
		if err != nil {
			return record{}, err
		}
		answer, err := answerOf(label, value)
		if err != nil {
			return record{}, err
		}
		request.Questions = append(request.Questions, connectwise.ConfigurationQuestion{QuestionID: question, Answer: answer})
	}
	slices.SortFunc(request.Questions, func(x, y connectwise.ConfigurationQuestion) int { return x.QuestionID - y.QuestionID })
	row, err := w.client.Configurations.Create(ctx, request)
	if err != nil {
		return record{}, err
	}
	return configurationRecord(row), nil
}

// answersOf are the answers that a change writes, by question label; a create leaves unanswered ones out.
func answersOf(c bridge.Change) map[string]string {
	out := map[string]string{}
	for field, value := range c.After {
		if label, ok := strings.CutPrefix(field, bridge.FieldAnswer); ok && (value != "" || c.Action != bridge.ActionCreate) {
			out[label] = value
		}
	}
	return out
}

func answerOf(label, value string) (connectwise.Answer, error) {
	if value == "" {
		return connectwise.NoAnswer(), nil
	}
	date, err := bridge.ParseDate(value)
	if err != nil {
		return connectwise.Answer{}, &bridge.Error{Code: bridge.CodeInvalid, Field: label, Message: err.Error()}
	}
	return connectwise.DateAnswer(fromDate(date)), nil
}

func configurationPatch(ctx context.Context, w *writing, c bridge.Change, row connectwise.Configuration) (*connectwise.Patch, error) {
	patch := new(connectwise.Patch)
	for _, field := range c.After.Names() {
		value := c.After[field]
		switch field {
		case bridge.FieldInstalled, bridge.FieldExpires:
			date, err := dateField(c, field)
			if err != nil {
				return nil, err
			}
			patch.Replace(field, date)
		case bridge.FieldStatus:
			id, err := w.statusID(ctx, value)
			if err != nil {
				return nil, err
			}
			patch.ReplaceRef(field, id)
		case bridge.FieldActive:
			patch.Replace(field, value == "true")
		case bridge.FieldName, bridge.FieldSerial:
			patch.Replace(field, value)
		default:
			if !strings.HasPrefix(field, bridge.FieldAnswer) {
				return nil, &bridge.Error{Code: bridge.CodeInvalid, Field: field, Message: fmt.Sprintf("a configuration's %s is not written after creation", field)}
			}
		}
	}
	answers := answersOf(c)
	if len(answers) == 0 {
		return patch, nil
	}
	questions, err := withAnswers(ctx, w, row, answers)
	return patch.Replace("questions", questions), err
}

// withAnswers is the configuration's whole list of questions with ours answered: ConnectWise replaces the list, so what a person
// answered goes back as it came.
func withAnswers(ctx context.Context, w *writing, row connectwise.Configuration, answers map[string]string) ([]connectwise.ConfigurationQuestion, error) {
	questions := slices.Clone(row.Questions)
	for label, value := range answers {
		answer, err := answerOf(label, value)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(questions, func(q connectwise.ConfigurationQuestion) bool { return bridge.SameLabel(q.Question, label) })
		if at >= 0 {
			questions[at].Answer = answer
			continue
		}
		if value == "" {
			continue
		}
		id, err := w.questionID(ctx, row.Type.ID, label)
		if err != nil {
			return nil, err
		}
		questions = append(questions, connectwise.ConfigurationQuestion{QuestionID: id, Question: label, Answer: answer})
	}
	return questions, nil
}

// attachmentWriter attaches a configuration to its agreement, whose list of attached ones is read whole.
var attachmentWriter = writer{exact: true, find: findAttachment, write: writeAttachment}

func findAttachment(ctx context.Context, w *writing, c bridge.Change) (*record, error) {
	agreement, id, err := attachment(w, c)
	if err != nil {
		return nil, err
	}
	attached, err := w.client.AgreementConfigurations.List(ctx, agreement)
	if err != nil {
		return nil, err
	}
	for _, row := range attached {
		if row.ID == id {
			return &record{id: id}, nil
		}
	}
	return nil, nil
}

func writeAttachment(ctx context.Context, w *writing, c bridge.Change) (record, error) {
	agreement, id, err := attachment(w, c)
	if err != nil {
		return record{}, err
	}
	if c.CWMID != 0 { // it stood before this run, so it may be attached already
		found, err := findAttachment(ctx, w, c)
		if err != nil {
			return record{}, err
		}
		if found != nil {
			return *found, nil
		}
	}
	err = w.client.AgreementConfigurations.Attach(ctx, agreement, id)
	if connectwise.IsRejected(err) {
		// Whether attaching twice is refused is not documented: what counts is that it is attached.
		if found, look := findAttachment(ctx, w, c); look == nil && found != nil {
			return *found, nil
		}
	}
	return record{id: id, wrote: true}, err
}

// attachment names the agreement and the configuration of an attach change.
func attachment(w *writing, c bridge.Change) (agreement, configuration int, err error) {
	if agreement, err = agreementOf(c); err != nil {
		return 0, 0, err
	}
	if c.CWMID != 0 {
		return agreement, c.CWMID, nil
	}
	m := w.record(bridge.KindConfiguration, c.ParentID, c.Key)
	if m == nil {
		return 0, 0, &bridge.Error{Code: bridge.CodeNotFound, Message: "the configuration " + c.Key + " is not there to be attached"}
	}
	return agreement, m.CWMID, nil
}

// agreementOf is the agreement of an attach change.
func agreementOf(c bridge.Change) (int, error) {
	id, err := strconv.Atoi(c.Facts.Get(bridge.FactAgreement))
	if err != nil {
		return 0, &bridge.Error{Code: bridge.CodeInvalid, Field: bridge.FactAgreement, Message: "the attach of " + c.Key + " names no agreement"}
	}
	return id, nil
}

// detachmentWriter loosens a configuration from the agreement it was attached to before it moved. Our note of the record says
// which one that is, from the moment it was attached to the new one.
var detachmentWriter = writer{exact: true, find: func(context.Context, *writing, bridge.Change) (*record, error) { return nil, nil }, write: writeDetachment}

func writeDetachment(ctx context.Context, w *writing, c bridge.Change) (record, error) {
	m := w.record(bridge.KindConfiguration, c.ParentID, c.Key)
	if m == nil || m.Facts[bridge.FactDetach] == "" {
		return record{}, &bridge.Error{Code: bridge.CodeNotFound, Message: "the configuration " + c.Key + " was not attached to its new agreement, so it stays with the old one"}
	}
	agreement, err := strconv.Atoi(m.Facts[bridge.FactDetach])
	if err != nil {
		return record{}, &bridge.Error{Code: bridge.CodeInvalid, Field: bridge.FactDetach, Message: "our note of " + c.Key + " names no agreement to loosen it from"}
	}
	err = w.client.AgreementConfigurations.Detach(ctx, agreement, m.CWMID)
	if connectwise.IsNotFound(err) {
		return record{id: m.CWMID}, nil // a person was faster, or the agreement is gone
	}
	return record{id: m.CWMID, wrote: true}, err
}
