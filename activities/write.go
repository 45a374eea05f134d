package activities

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"causeway/internal/bridge"
	"causeway/internal/connectwise"
)

// errStale: ConnectWise no longer holds what the plan saw.
var errStale = errors.New("the record changed in ConnectWise after it was planned")

// record is what ConnectWise holds after a write: its id and its fields, whole, in canonical text.
type record struct {
	id     int
	fields bridge.Fields
	wrote  bool // false when nothing had to be sent
}

// writer knows how records of one kind are looked for and written.
type writer struct {
	// exact: find reads a list that shows a new record at once, so "not found" is an answer.
	exact bool
	find  func(ctx context.Context, w *writing, c bridge.Change) (*record, error)
	write func(ctx context.Context, w *writing, c bridge.Change) (record, error)
}

func (w *writing) writerOf(c bridge.Change) writer {
	switch c.Kind {
	case bridge.KindAddition:
		return additionWriter
	case bridge.KindConfiguration:
		if c.Action == bridge.ActionAttach {
			return attachmentWriter
		}
		if c.Detaches() {
			return detachmentWriter
		}
		return configurationWriter
	case bridge.KindCatalogItem:
		return catalogWriter
	case bridge.KindProductType:
		return productTypeWriter
	case bridge.KindCategory:
		return categoryWriter
	case bridge.KindSubcategory:
		return subcategoryWriter
	case bridge.KindConfigurationType:
		return configurationTypeWriter
	case bridge.KindQuestion:
		return questionWriter
	}
	unknown := func() error {
		return &bridge.Error{Code: bridge.CodeInvalid, Message: "this release cannot write a " + string(c.Kind)}
	}
	return writer{
		find:  func(context.Context, *writing, bridge.Change) (*record, error) { return nil, unknown() },
		write: func(context.Context, *writing, bridge.Change) (record, error) { return record{}, unknown() },
	}
}

// change applies an update to a record that was just read again: stale when a field it touches is no longer what the plan saw,
// nothing to send when it already is as wanted (an earlier try got through).
func change(c bridge.Change, current bridge.Fields) (send bool, err error) {
	if c.Action == bridge.ActionAdopt && len(c.After) == 0 {
		return false, nil
	}
	if len(bridge.StaleFields(c.After, current)) == 0 {
		return false, nil
	}
	if len(bridge.StaleFields(c.Before, current)) > 0 {
		return false, errStale
	}
	return true, nil
}

// gone turns "not found" for an id of ours into stale: a person deleted the record, and planning anew says what that means.
func gone(err error) error {
	if connectwise.IsNotFound(err) {
		return errStale
	}
	return err
}

// describe names a change as a log line and a person would.
func describe(c bridge.Change) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", c.Action, c.Kind, c.Key))
}

// refusal is the sentence for a row that ConnectWise refused; its own words stand beneath.
func refusal(c bridge.Change, cw *connectwise.Error) string {
	subject := c.Subject
	if subject == "" {
		subject = c.Key
	}
	switch {
	case cw.Kind == connectwise.KindForbidden:
		return fmt.Sprintf("The API member may not %s the %s %s. Give its security role the right: System › Security Roles.", verb(c.Action), c.Kind, subject)
	case c.Kind == bridge.KindAddition && c.Action == bridge.ActionCreate:
		return "Error occurred while creating/updating an addition for product. ConnectWise refused " + subject + "."
	case cw.Kind == connectwise.KindUnavailable:
		return fmt.Sprintf("ConnectWise answered the %s of %s with an error each time it was tried.", verbNoun(c.Action), subject)
	}
	return fmt.Sprintf("ConnectWise refused to %s the %s %s.", verb(c.Action), c.Kind, subject)
}

func verb(a bridge.Action) string {
	switch a {
	case bridge.ActionCancel:
		return "end"
	case bridge.ActionDeactivate:
		return "close"
	case bridge.ActionAdopt:
		return "adopt"
	}
	return string(a)
}

func verbNoun(a bridge.Action) string {
	switch a {
	case bridge.ActionCreate:
		return "creation"
	case bridge.ActionAttach:
		return "attachment"
	}
	return "change"
}

// away tells an outage from a server that answers one record with an error.
func away(cw *connectwise.Error) bool {
	switch cw.Status {
	case 0, 502, 503, 504:
		return cw.Kind == connectwise.KindUnavailable && cw.Cause != connectwise.CauseTimeout || cw.Status >= 502
	}
	return false
}

func quantityOf(text string) (decimal.Decimal, error) {
	d, err := decimal.NewFromString(text)
	if err != nil {
		return decimal.Decimal{}, &bridge.Error{Code: bridge.CodeInvalid, Field: bridge.FieldQuantity, Message: "quantity " + text + " is not a number"}
	}
	return d, nil
}

func dateField(c bridge.Change, field string) (connectwise.Date, error) {
	d, err := bridge.ParseDate(c.After.Get(field))
	if err != nil {
		return connectwise.Date{}, &bridge.Error{Code: bridge.CodeInvalid, Field: field, Message: err.Error()}
	}
	return fromDate(d), nil
}
