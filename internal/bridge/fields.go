package bridge

import "strconv"

// Fields of the addition in canonical text, whole.
func (a Addition) Fields() Fields {
	return Fields{
		FieldProduct:            a.Product,
		FieldSerial:             a.Serial,
		FieldBillCustomer:       a.BillCustomer,
		FieldQuantity:           a.Quantity.String(),
		FieldEffective:          a.Effective.String(),
		FieldCancelled:          a.Cancelled.String(),
		FieldDescription:        a.Description,
		FieldInvoiceDescription: a.InvoiceDescription,
	}
}

// Fields of the configuration in canonical text, whole, with its answers.
func (c Configuration) Fields() Fields {
	out := make(Fields, 7+len(c.Answers))
	out[FieldName] = c.Name
	out[FieldType] = c.Type
	out[FieldSerial] = c.Serial
	out[FieldStatus] = c.Status
	out[FieldActive] = strconv.FormatBool(c.Active)
	out[FieldInstalled] = c.Installed.String()
	out[FieldExpires] = c.Expires.String()
	for _, answer := range c.Answers {
		out[FieldAnswer+answer.Question] = answer.Value
	}
	return out
}

// Fields of the catalog item in canonical text.
func (i CatalogItem) Fields() Fields {
	return Fields{
		FieldIdentifier:          i.Identifier,
		FieldDescription:         i.Description,
		FieldCustomerDescription: i.CustomerDescription,
		FieldType:                i.Type,
		FieldCategory:            i.Category,
		FieldSubcategory:         i.Subcategory,
		FieldClass:               i.Class,
		FieldPrice:               i.Price.String(),
	}
}
