package activities

import (
	"context"
	"fmt"
	"strings"

	"causeway/internal/bridge"
	"causeway/internal/connectwise"
)

// additionWriter looks in the agreement's whole, unfiltered list, which shows a new line at once.
var additionWriter = writer{exact: true, find: findAddition, write: writeAddition}

func findAddition(ctx context.Context, w *writing, c bridge.Change) (*record, error) {
	for row, err := range w.client.Additions.All(ctx, c.ParentID, connectwise.ListOptions{}) {
		if err != nil {
			return nil, err
		}
		sameKey := strings.EqualFold(row.Product.Identifier, c.After.Get(bridge.FieldProduct)) && row.SerialNumber == c.After.Get(bridge.FieldSerial)
		// An older line of the same key is not the one that this create made.
		if sameKey && toDate(row.EffectiveDate).String() == c.After.Get(bridge.FieldEffective) {
			return new(additionRecord(c.ParentID, row)), nil
		}
	}
	return nil, nil
}

func additionRecord(agreement int, row connectwise.Addition) record {
	return record{id: row.ID, fields: toAddition(agreement, row).Fields(), wrote: true}
}

func writeAddition(ctx context.Context, w *writing, c bridge.Change) (record, error) {
	if c.Action == bridge.ActionCreate {
		return createAddition(ctx, w, c)
	}
	row, err := w.client.Additions.Get(ctx, c.ParentID, c.CWMID)
	if err != nil {
		return record{}, gone(err)
	}
	current := additionRecord(c.ParentID, row)
	send, err := change(c, current.fields)
	if err != nil || !send {
		current.wrote = false
		return current, err
	}
	patch, err := additionPatch(c)
	if err != nil {
		return record{}, err
	}
	if row, err = w.client.Additions.Update(ctx, c.ParentID, c.CWMID, patch); err != nil {
		return record{}, err
	}
	return additionRecord(c.ParentID, row), nil
}

func createAddition(ctx context.Context, w *writing, c bridge.Change) (record, error) {
	product, err := w.id(ctx, bridge.KindCatalogItem, c.After.Get(bridge.FieldProduct))
	if err != nil {
		return record{}, err
	}
	quantity, err := quantityOf(c.After.Get(bridge.FieldQuantity))
	if err != nil {
		return record{}, err
	}
	effective, err := dateField(c, bridge.FieldEffective)
	if err != nil {
		return record{}, err
	}
	cancelled, err := dateField(c, bridge.FieldCancelled)
	if err != nil {
		return record{}, err
	}
	row, err := w.client.Additions.Create(ctx, c.ParentID, connectwise.AdditionRequest{
		Product: connectwise.RefID(product), BillCustomer: connectwise.BillCustomer(c.After.Get(bridge.FieldBillCustomer)),
		Quantity: &quantity, EffectiveDate: effective, CancelledDate: cancelled,
		SerialNumber: c.After.Get(bridge.FieldSerial), InvoiceDescription: c.After.Get(bridge.FieldInvoiceDescription),
		Description: c.After.Get(bridge.FieldDescription),
	})
	if err != nil {
		return record{}, err
	}
	return additionRecord(c.ParentID, row), nil
}

// dateThatWorks is the day from which ConnectWise would take a new line that it refused, by the agreement as it is now: since the plan
// it may have been invoiced, or its billing start moved. Zero where the date was not the reason, or the line would end before it.
// What was planned for other rows stands, also where the agreement cannot be read.
func (w *writing) dateThatWorks(ctx context.Context, c bridge.Change) bridge.Date {
	if c.Kind != bridge.KindAddition || c.Action != bridge.ActionCreate {
		return c.BillFrom
	}
	agreement, err := readTerms(ctx, w.client, c.ParentID)
	if err != nil {
		return c.BillFrom
	}
	date := bridge.WorkingDate(agreement)
	ends, err := bridge.ParseDate(c.After.Get(bridge.FieldCancelled))
	if agreement.Cancelled || date.String() == c.After.Get(bridge.FieldEffective) || err == nil && !ends.IsZero() && ends.Before(date) {
		return bridge.Date{}
	}
	return date
}

func additionPatch(c bridge.Change) (*connectwise.Patch, error) {
	patch := new(connectwise.Patch)
	for _, field := range c.After.Names() {
		value := c.After[field]
		switch field {
		case bridge.FieldQuantity:
			quantity, err := quantityOf(value)
			if err != nil {
				return nil, err
			}
			patch.Replace(field, quantity)
		case bridge.FieldEffective, bridge.FieldCancelled:
			date, err := dateField(c, field)
			if err != nil {
				return nil, err
			}
			patch.Replace(field, date)
		case bridge.FieldBillCustomer, bridge.FieldDescription, bridge.FieldInvoiceDescription, bridge.FieldSerial:
			patch.Replace(field, value)
		default:
			return nil, &bridge.Error{Code: bridge.CodeInvalid, Field: field, Message: fmt.Sprintf("an addition's %s is not written after creation", field)}
		}
	}
	return patch, nil
}

// readAdditions asks for several agreements at once. One that is gone or refused is its tenants' trouble alone; a vendor that is
// away, or keys that are refused, end the reading.
func readAdditions(ctx context.Context, client *connectwise.Client, agreements []int) (map[int]agreementAdditions, error) {
	out := make(map[int]agreementAdditions, len(agreements))
	opts := connectwise.ListOptions{Fields: additionFields}
	err := client.Additions.OfEachAgreement(ctx, agreements, opts, func(agreement int, rows []connectwise.Addition, err error) error {
		if err != nil && !onlyThisRecord(err) {
			return err
		}
		read := agreementAdditions{err: err, rows: make([]bridge.Addition, 0, len(rows))}
		for _, row := range rows {
			read.rows = append(read.rows, toAddition(agreement, row))
		}
		out[agreement] = read
		return nil
	})
	return out, err
}

var additionFields = []string{
	"id", "product", "billCustomer", "quantity", "billedQuantity", "unitPrice", "effectiveDate", "cancelledDate", "serialNumber",
	"description", "invoiceDescription",
}

// onlyThisRecord tells errors about one record from those about the whole vendor.
func onlyThisRecord(err error) bool {
	return connectwise.IsNotFound(err) || connectwise.IsRejected(err) || connectwise.IsForbidden(err)
}
