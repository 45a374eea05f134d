package connectwise

import (
	"context"
	"iter"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/shopspring/decimal"
)

// Configuration is a device, or another thing that a provider looks after, of a company.
type Configuration struct {
	ID               int    `json:"id"`
	Name             string `json:"name"`
	Type             Ref    `json:"type"`
	Status           Ref    `json:"status"`
	Company          Ref    `json:"company"`
	SerialNumber     string `json:"serialNumber"` // not unique
	ModelNumber      string `json:"modelNumber"`
	DeviceIdentifier string `json:"deviceIdentifier"`
	InstallationDate Date   `json:"installationDate"`
	// WarrantyExpirationDate is what the screens call Expiration Date.
	WarrantyExpirationDate Date `json:"warrantyExpirationDate"`
	// ActiveFlag is a switch of its own beside the status.
	ActiveFlag bool `json:"activeFlag"`
	// Questions are the questions of the type with this configuration's answers.
	Questions []ConfigurationQuestion `json:"questions"`
	Info      RecordInfo              `json:"_info"`
}

func (c Configuration) recordID() int { return c.ID }

// ConfigurationQuestion is a question of the configuration's type and its answer. When questions are replaced, all of
// them are sent, the unchanged ones as they came.
type ConfigurationQuestion struct {
	AnswerID         int              `json:"answerId,omitzero"`
	QuestionID       int              `json:"questionId,omitzero"`
	Question         string           `json:"question,omitzero"`
	Answer           Answer           `json:"answer,omitzero"`
	SequenceNumber   *decimal.Decimal `json:"sequenceNumber,omitempty"`
	NumberOfDecimals *decimal.Decimal `json:"numberOfDecimals,omitempty"`
	FieldType        FieldType        `json:"fieldType,omitzero"`
	RequiredFlag     bool             `json:"requiredFlag,omitzero"`
}

// Answer is the answer to a question, of whatever type the question has. The zero Answer, which is not sent, stands for
// none; see [NoAnswer] for one that clears.
type Answer struct{ raw string }

// DateAnswer answers with a date; the zero Date clears.
func DateAnswer(d Date) Answer {
	raw, _ := d.MarshalJSON() // writes text only
	return Answer{raw: string(raw)}
}

// TextAnswer answers with text.
func TextAnswer(text string) Answer {
	raw, err := jsontext.AppendQuote(nil, text)
	if err != nil { // broken UTF-8, which the function has replaced
		return Answer{raw: string(raw)}
	}
	return Answer{raw: string(raw)}
}

// NoAnswer clears an answer: it is sent as null.
func NoAnswer() Answer { return Answer{raw: "null"} }

// IsZero reports whether the answer is not sent.
func (a Answer) IsZero() bool { return a.raw == "" }

// IsBlank reports whether there is no answer: absent, null or empty text.
func (a Answer) IsBlank() bool { return a.Text() == "" }

// Text returns the answer as text; "" for none.
func (a Answer) Text() string {
	value := jsontext.Value(a.raw)
	switch value.Kind() {
	case '"':
		text, err := jsontext.AppendUnquote(nil, value)
		if err != nil {
			return ""
		}
		return cleanText(string(text), len(text))
	case 'n', 0:
		return ""
	}
	return a.raw
}

// Date returns the answer as a date, false when it is none.
func (a Answer) Date() (Date, bool) {
	d, err := ParseDate(a.Text())
	return d, err == nil && !d.IsZero()
}

// MarshalJSON writes the answer as it came or was made.
func (a Answer) MarshalJSON() ([]byte, error) {
	if a.raw == "" {
		return []byte("null"), nil
	}
	return []byte(a.raw), nil
}

// UnmarshalJSON keeps the answer as it comes.
func (a *Answer) UnmarshalJSON(data []byte) error {
	a.raw = string(data)
	return nil
}

// ConfigurationRequest is a new configuration. Name (100 characters), Type and Company are required; what is left at its
// zero value is not sent. Serial number 250, model number 50, device identifier 100 characters. Source: published
// OpenAPI 2022.1.
type ConfigurationRequest struct {
	Name                   string                  `json:"name"`
	Type                   RefID                   `json:"type"`
	Company                RefID                   `json:"company"`
	Status                 RefID                   `json:"status,omitzero"`
	SerialNumber           string                  `json:"serialNumber,omitzero"`
	ModelNumber            string                  `json:"modelNumber,omitzero"`
	DeviceIdentifier       string                  `json:"deviceIdentifier,omitzero"`
	InstallationDate       Date                    `json:"installationDate,omitzero"`
	WarrantyExpirationDate Date                    `json:"warrantyExpirationDate,omitzero"`
	ActiveFlag             *bool                   `json:"activeFlag,omitzero"`
	Questions              []ConfigurationQuestion `json:"questions,omitzero"`
}

// ConfigurationsService is the configurations of all companies. Path company/configurations.
type ConfigurationsService struct{ Collection[Configuration] }

// Get reads one configuration.
func (s *ConfigurationsService) Get(ctx context.Context, id int) (Configuration, error) {
	return s.get(ctx, id)
}

// Create makes a configuration. ConnectWise does not stop duplicates.
func (s *ConfigurationsService) Create(ctx context.Context, configuration ConfigurationRequest) (Configuration, error) {
	return s.create(ctx, configuration)
}

// Update changes fields of a configuration.
func (s *ConfigurationsService) Update(ctx context.Context, id int, patch *Patch) (Configuration, error) {
	return s.update(ctx, id, patch)
}

// FindBySerialNumber returns the configurations with this serial number, compared without regard to case, of all
// companies and types.
func (s *ConfigurationsService) FindBySerialNumber(ctx context.Context, serial string) ([]Configuration, error) {
	return s.find(ctx, "serialNumber", serial, ListOptions{}, func(c Configuration) string { return c.SerialNumber })
}

// ConfigurationType says what sort of thing a configuration is and which questions it has.
type ConfigurationType struct {
	ID           int    `json:"id"`
	Name         string `json:"name"`
	InactiveFlag bool   `json:"inactiveFlag"`
	SystemFlag   bool   `json:"systemFlag"`
}

func (t ConfigurationType) recordID() int { return t.ID }

// ConfigurationTypeRequest is a new configuration type; the name holds 50 characters.
type ConfigurationTypeRequest struct {
	Name string `json:"name"`
}

// ConfigurationTypesService is the configuration types. Path company/configurations/types.
type ConfigurationTypesService struct{ Collection[ConfigurationType] }

// Create makes a configuration type.
func (s *ConfigurationTypesService) Create(ctx context.Context, configurationType ConfigurationTypeRequest) (ConfigurationType, error) {
	return s.create(ctx, configurationType)
}

// FindByName returns the types with this name, compared without regard to case.
func (s *ConfigurationTypesService) FindByName(ctx context.Context, name string) ([]ConfigurationType, error) {
	return s.find(ctx, "name", name, ListOptions{}, func(t ConfigurationType) string { return t.Name })
}

// FieldType is the type of a question's answer.
type FieldType string

// EntryType is how a question is answered on the screens.
type EntryType string

// The types that are of use here; there are more. Source: published OpenAPI 2022.1.
const (
	FieldDate FieldType = "Date"
	FieldText FieldType = "Text"

	EntryDate  EntryType = "Date"
	EntryField EntryType = "EntryField"
)

// TypeQuestion is a question that every configuration of a type has.
type TypeQuestion struct {
	ID             int             `json:"id"`
	Question       string          `json:"question"` // the label
	FieldType      FieldType       `json:"fieldType"`
	EntryType      EntryType       `json:"entryType"`
	SequenceNumber decimal.Decimal `json:"sequenceNumber"`
	RequiredFlag   bool            `json:"requiredFlag"`
	InactiveFlag   bool            `json:"inactiveFlag"`
}

func (q TypeQuestion) recordID() int { return q.ID }

// TypeQuestionRequest is a new question; all fields are required, the label holds 1,000 characters. Source: published
// OpenAPI 2022.1.
type TypeQuestionRequest struct {
	Question       string          `json:"question"`
	FieldType      FieldType       `json:"fieldType"`
	EntryType      EntryType       `json:"entryType"`
	SequenceNumber decimal.Decimal `json:"sequenceNumber"`
}

// TypeQuestionsService is the questions of configuration types. Path company/configurations/types/{id}/questions.
type TypeQuestionsService struct{ c *Client }

func (s *TypeQuestionsService) of(typeID int) Collection[TypeQuestion] {
	return subcollection[TypeQuestion](s.c, "company/configurations/types", typeID, "questions")
}

// All reads the questions of a type, inactive ones included.
func (s *TypeQuestionsService) All(ctx context.Context, typeID int, opts ListOptions) iter.Seq2[TypeQuestion, error] {
	return s.of(typeID).All(ctx, opts)
}

// Create adds a question to a type, and so to all its configurations.
func (s *TypeQuestionsService) Create(ctx context.Context, typeID int, question TypeQuestionRequest) (TypeQuestion, error) {
	return s.of(typeID).create(ctx, question)
}

// ConfigurationStatus is a state of configurations; Description is what a configuration's reference calls its name.
type ConfigurationStatus struct {
	ID          int    `json:"id"`
	Description string `json:"description"`
	ClosedFlag  bool   `json:"closedFlag"`
	DefaultFlag bool   `json:"defaultFlag"`
}

func (s ConfigurationStatus) recordID() int { return s.ID }

// ConfigurationStatusesService reads configuration statuses. Path company/configurations/statuses.
type ConfigurationStatusesService struct {
	Collection[ConfigurationStatus]
}
