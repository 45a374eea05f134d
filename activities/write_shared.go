package activities

import (
	"context"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"causeway/internal/bridge"
	"causeway/internal/connectwise"
)

// named is the record of a table row that is nothing but a name.
func named(id int, c bridge.Change, wrote bool) record {
	return record{id: id, fields: bridge.Fields{bridge.FieldName: c.After.Get(bridge.FieldName)}, wrote: wrote}
}

// table writes rows of a setup table: created when missing, never renamed (R6). The tables are small and read without a filter,
// which shows a new row at once.
func table(find func(context.Context, *writing, bridge.Change) (int, error), create func(context.Context, *writing, bridge.Change) (int, error)) writer {
	return writer{
		exact: true,
		find: func(ctx context.Context, w *writing, c bridge.Change) (*record, error) {
			id, err := find(ctx, w, c)
			if err != nil || id == 0 {
				return nil, err
			}
			return new(named(id, c, true)), nil
		},
		write: func(ctx context.Context, w *writing, c bridge.Change) (record, error) {
			if c.Action != bridge.ActionCreate { // adopted as it is
				return record{id: c.CWMID}, nil
			}
			id, err := create(ctx, w, c)
			return named(id, c, true), err
		},
	}
}

var productTypeWriter = table(
	func(ctx context.Context, w *writing, c bridge.Change) (int, error) {
		return firstNamed(w.client.ProductTypes.All(ctx, connectwise.ListOptions{}), func(r connectwise.ProductType) (int, bool) {
			return r.ID, strings.EqualFold(r.Name, c.After.Get(bridge.FieldName))
		})
	},
	func(ctx context.Context, w *writing, c bridge.Change) (int, error) {
		row, err := w.client.ProductTypes.Create(ctx, connectwise.ProductTypeRequest{Name: c.After.Get(bridge.FieldName)})
		return row.ID, err
	})

// categoryWriter makes a category visible in every location: one that is not cannot be chosen there.
var categoryWriter = table(
	func(ctx context.Context, w *writing, c bridge.Change) (int, error) {
		return firstNamed(w.client.Categories.All(ctx, connectwise.ListOptions{}), func(r connectwise.Category) (int, bool) {
			return r.ID, strings.EqualFold(r.Name, c.After.Get(bridge.FieldName))
		})
	},
	func(ctx context.Context, w *writing, c bridge.Change) (int, error) {
		row, err := w.client.Categories.Create(ctx, connectwise.CategoryRequest{Name: c.After.Get(bridge.FieldName), AddAllLocations: true})
		return row.ID, err
	})

var subcategoryWriter = table(
	func(ctx context.Context, w *writing, c bridge.Change) (int, error) {
		return firstNamed(w.client.Subcategories.All(ctx, connectwise.ListOptions{}), func(r connectwise.Subcategory) (int, bool) {
			return r.ID, strings.EqualFold(r.Name, c.After.Get(bridge.FieldName)) && strings.EqualFold(r.Category.Name, c.After.Get(bridge.FieldCategory))
		})
	},
	func(ctx context.Context, w *writing, c bridge.Change) (int, error) {
		known, err := w.taxonomy(ctx)
		if err != nil {
			return 0, err
		}
		category, err := known.id(known.categories, bridge.KindCategory, c.After.Get(bridge.FieldCategory))
		if err != nil {
			return 0, err
		}
		row, err := w.client.Subcategories.Create(ctx, connectwise.SubcategoryRequest{Name: c.After.Get(bridge.FieldName), Category: connectwise.RefID(category)})
		return row.ID, err
	})

var configurationTypeWriter = table(
	func(ctx context.Context, w *writing, c bridge.Change) (int, error) {
		return firstNamed(w.client.ConfigurationTypes.All(ctx, connectwise.ListOptions{}), func(r connectwise.ConfigurationType) (int, bool) {
			return r.ID, strings.EqualFold(r.Name, c.After.Get(bridge.FieldName))
		})
	},
	func(ctx context.Context, w *writing, c bridge.Change) (int, error) {
		row, err := w.client.ConfigurationTypes.Create(ctx, connectwise.ConfigurationTypeRequest{Name: c.After.Get(bridge.FieldName)})
		return row.ID, err
	})

// questionWriter adds date questions to a type, behind those it has.
var questionWriter = writer{
	exact: true,
	find: func(ctx context.Context, w *writing, c bridge.Change) (*record, error) {
		questions, err := questionsOf(ctx, w, c)
		if err != nil {
			return nil, err
		}
		for _, q := range questions {
			if bridge.SameLabel(q.Question, c.After.Get(bridge.FieldQuestion)) {
				return &record{id: q.ID, fields: bridge.Fields{bridge.FieldQuestion: q.Question}, wrote: true}, nil
			}
		}
		return nil, nil
	},
	write: func(ctx context.Context, w *writing, c bridge.Change) (record, error) {
		typeID, err := w.configurationTypeID(ctx, c.After.Get(bridge.FieldType))
		if err != nil {
			return record{}, err
		}
		questions, err := questionsOf(ctx, w, c)
		if err != nil {
			return record{}, err
		}
		last := decimal.Zero
		for _, q := range questions {
			last = decimal.Max(last, q.SequenceNumber)
		}
		row, err := w.client.TypeQuestions.Create(ctx, typeID, connectwise.TypeQuestionRequest{
			Question: c.After.Get(bridge.FieldQuestion), FieldType: connectwise.FieldDate, EntryType: connectwise.EntryDate,
			SequenceNumber: last.Floor().Add(decimal.New(1, 0)),
		})
		return record{id: row.ID, fields: bridge.Fields{bridge.FieldQuestion: row.Question}, wrote: true}, err
	},
}

func questionsOf(ctx context.Context, w *writing, c bridge.Change) ([]connectwise.TypeQuestion, error) {
	typeID, err := w.configurationTypeID(ctx, c.After.Get(bridge.FieldType))
	if err != nil {
		return nil, err
	}
	return connectwise.Collect(w.client.TypeQuestions.All(ctx, typeID, connectwise.ListOptions{}))
}

// catalogWriter looks by identifier, through a filtered list that may lag for minutes.
var catalogWriter = writer{find: findCatalogItem, write: writeCatalogItem}

func catalogRecord(row connectwise.CatalogItem) record {
	return record{id: row.ID, fields: toCatalogItem(row).Fields(), wrote: true}
}

func findCatalogItem(ctx context.Context, w *writing, c bridge.Change) (*record, error) {
	rows, err := w.client.Catalog.FindByIdentifier(ctx, c.After.Get(bridge.FieldIdentifier))
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	first := rows[0]
	for _, row := range rows[1:] {
		if row.ID < first.ID {
			first = row
		}
	}
	return new(catalogRecord(first)), nil
}

func writeCatalogItem(ctx context.Context, w *writing, c bridge.Change) (record, error) {
	if c.Action == bridge.ActionCreate {
		return createCatalogItem(ctx, w, c)
	}
	if len(c.After) == 0 { // adopted as it is
		return record{id: c.CWMID}, nil
	}
	row, err := w.client.Catalog.Get(ctx, c.CWMID)
	if err != nil {
		return record{}, gone(err)
	}
	current := catalogRecord(row)
	send, err := change(c, current.fields)
	if err != nil || !send {
		current.wrote = false
		return current, err
	}
	patch, err := catalogPatch(ctx, w, c)
	if err != nil {
		return record{}, err
	}
	if row, err = w.client.Catalog.Update(ctx, c.CWMID, patch); err != nil {
		return record{}, err
	}
	return catalogRecord(row), nil
}

func createCatalogItem(ctx context.Context, w *writing, c bridge.Change) (record, error) {
	known, err := w.taxonomy(ctx)
	if err != nil {
		return record{}, err
	}
	productType, err := known.id(known.productTypes, bridge.KindProductType, c.After.Get(bridge.FieldType))
	if err != nil {
		return record{}, err
	}
	subcategory, err := known.id(known.subcategories, bridge.KindSubcategory, c.After.Get(bridge.FieldCategory)+"/"+c.After.Get(bridge.FieldSubcategory))
	if err != nil {
		return record{}, err
	}
	category, err := known.id(known.categories, bridge.KindCategory, c.After.Get(bridge.FieldCategory))
	if err != nil {
		return record{}, err
	}
	row, err := w.client.Catalog.Create(ctx, connectwise.CatalogItemRequest{
		Identifier: c.After.Get(bridge.FieldIdentifier), Description: c.After.Get(bridge.FieldDescription),
		CustomerDescription: c.After.Get(bridge.FieldCustomerDescription),
		Type:                connectwise.RefID(productType), Category: connectwise.RefID(category), Subcategory: connectwise.RefID(subcategory),
		ProductClass: connectwise.ProductClass(c.After.Get(bridge.FieldClass)), Price: new(decimal.Zero), Cost: new(decimal.Zero),
	})
	return catalogRecord(row), err
}

func catalogPatch(ctx context.Context, w *writing, c bridge.Change) (*connectwise.Patch, error) {
	patch := new(connectwise.Patch)
	for _, field := range c.After.Names() {
		value := c.After[field]
		switch field {
		case bridge.FieldClass, bridge.FieldDescription, bridge.FieldCustomerDescription:
			patch.Replace(field, value)
		case bridge.FieldType, bridge.FieldCategory, bridge.FieldSubcategory:
			id, err := catalogReference(ctx, w, c, field, value)
			if err != nil {
				return nil, err
			}
			patch.ReplaceRef(field, id)
		default:
			return nil, &bridge.Error{Code: bridge.CodeInvalid, Field: field, Message: fmt.Sprintf("a catalog item's %s is not written after creation", field)}
		}
	}
	return patch, nil
}

func catalogReference(ctx context.Context, w *writing, c bridge.Change, field, value string) (int, error) {
	known, err := w.taxonomy(ctx)
	if err != nil {
		return 0, err
	}
	switch field {
	case bridge.FieldType:
		return known.id(known.productTypes, bridge.KindProductType, value)
	case bridge.FieldCategory:
		return known.id(known.categories, bridge.KindCategory, value)
	}
	return known.id(known.subcategories, bridge.KindSubcategory, c.After.Get(bridge.FieldCategory)+"/"+value)
}
