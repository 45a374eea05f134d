package connectwise

import (
	"context"
	"iter"

	"github.com/shopspring/decimal"
)

// ProductClass is how ConnectWise treats a product.
type ProductClass string

// The classes of products. Source: published OpenAPI 2022.1.
const (
	ClassAgreement    ProductClass = "Agreement"
	ClassBundle       ProductClass = "Bundle" // cannot be an addition
	ClassInventory    ProductClass = "Inventory"
	ClassNonInventory ProductClass = "NonInventory"
	ClassService      ProductClass = "Service"
)

// CatalogItem is a product that can be sold.
type CatalogItem struct {
	ID         int    `json:"id"`
	Identifier string `json:"identifier"` // "Product ID" on the screens; 60 characters in 2022.1, 75 in later releases
	// Description is the short text, CustomerDescription the one on quotes and invoices.
	Description         string       `json:"description"`
	CustomerDescription string       `json:"customerDescription"`
	InactiveFlag        bool         `json:"inactiveFlag"`
	Type                Ref          `json:"type"`
	Category            Ref          `json:"category"`
	Subcategory         Ref          `json:"subcategory"`
	ProductClass        ProductClass `json:"productClass"`
	SerializedFlag      bool         `json:"serializedFlag"`
	// Price and Cost are nil where the server does not show them: an API member can be barred from prices.
	Price           *decimal.Decimal `json:"price"`
	Cost            *decimal.Decimal `json:"cost"`
	TaxableFlag     bool             `json:"taxableFlag"`
	IntegrationXRef string           `json:"integrationXRef"` // free for integrations, 50 characters
	Info            RecordInfo       `json:"_info"`
}

func (i CatalogItem) recordID() int { return i.ID }

// CatalogItemRequest is a new catalog item. Identifier and Description hold 60 characters, CustomerDescription 6,000,
// IntegrationXRef 50; the first three, Subcategory and Type are required. The category follows from the subcategory.
// Source: published OpenAPI 2022.1 and 2026.4.
type CatalogItemRequest struct {
	Identifier          string           `json:"identifier"`
	Description         string           `json:"description"`
	CustomerDescription string           `json:"customerDescription"`
	Type                RefID            `json:"type"`
	Category            RefID            `json:"category,omitzero"`
	Subcategory         RefID            `json:"subcategory"`
	ProductClass        ProductClass     `json:"productClass,omitzero"`
	Price               *decimal.Decimal `json:"price,omitempty"`
	Cost                *decimal.Decimal `json:"cost,omitempty"`
	IntegrationXRef     string           `json:"integrationXRef,omitzero"`
}

// CatalogService is the product catalog. Path procurement/catalog.
type CatalogService struct{ Collection[CatalogItem] }

// Get reads one item.
func (s *CatalogService) Get(ctx context.Context, id int) (CatalogItem, error) { return s.get(ctx, id) }

// Create makes an item. Sources differ on whether the server refuses an identifier that exists or renames it: look
// before, and compare the identifier of what comes back.
func (s *CatalogService) Create(ctx context.Context, item CatalogItemRequest) (CatalogItem, error) {
	return s.create(ctx, item)
}

// Update changes fields of an item.
func (s *CatalogService) Update(ctx context.Context, id int, patch *Patch) (CatalogItem, error) {
	return s.update(ctx, id, patch)
}

// FindByIdentifier returns the items with this identifier, compared without regard to case.
func (s *CatalogService) FindByIdentifier(ctx context.Context, identifier string) ([]CatalogItem, error) {
	return s.find(ctx, "identifier", identifier, ListOptions{}, func(i CatalogItem) string { return i.Identifier })
}

// ProductType is the first of the three groupings of the catalog.
type ProductType struct {
	ID           int    `json:"id"`
	Name         string `json:"name"`
	InactiveFlag bool   `json:"inactiveFlag"`
}

func (t ProductType) recordID() int { return t.ID }

// ProductTypeRequest is a new product type; the name holds 50 characters.
type ProductTypeRequest struct {
	Name string `json:"name"`
}

// ProductTypesService is the product types. Path procurement/types.
type ProductTypesService struct{ Collection[ProductType] }

// Create makes a product type.
func (s *ProductTypesService) Create(ctx context.Context, productType ProductTypeRequest) (ProductType, error) {
	return s.create(ctx, productType)
}

// FindByName returns the types with this name, compared without regard to case.
func (s *ProductTypesService) FindByName(ctx context.Context, name string) ([]ProductType, error) {
	return s.find(ctx, "name", name, ListOptions{}, func(t ProductType) string { return t.Name })
}

// Category groups catalog items.
type Category struct {
	ID           int    `json:"id"`
	Name         string `json:"name"`
	InactiveFlag bool   `json:"inactiveFlag"`
}

func (c Category) recordID() int { return c.ID }

// CategoryRequest is a new category; the name holds 50 characters. AddAllLocations makes it visible everywhere.
type CategoryRequest struct {
	Name            string `json:"name"`
	AddAllLocations bool   `json:"addAllLocations,omitzero"`
}

// CategoriesService is the categories. Path procurement/categories.
type CategoriesService struct{ Collection[Category] }

// Create makes a category.
func (s *CategoriesService) Create(ctx context.Context, category CategoryRequest) (Category, error) {
	return s.create(ctx, category)
}

// FindByName returns the categories with this name, compared without regard to case.
func (s *CategoriesService) FindByName(ctx context.Context, name string) ([]Category, error) {
	return s.find(ctx, "name", name, ListOptions{}, func(c Category) string { return c.Name })
}

// Subcategory groups catalog items within a category; its name can occur in several categories.
type Subcategory struct {
	ID           int    `json:"id"`
	Name         string `json:"name"`
	Category     Ref    `json:"category"`
	InactiveFlag bool   `json:"inactiveFlag"`
}

func (s Subcategory) recordID() int { return s.ID }

// SubcategoryRequest is a new subcategory; the name holds 50 characters.
type SubcategoryRequest struct {
	Name     string `json:"name"`
	Category RefID  `json:"category"`
}

// SubcategoriesService is the subcategories. The flat list, path procurement/subcategories/, shows all of them with
// their categories. Both lists' paths end in a slash in the published OpenAPI.
type SubcategoriesService struct{ Collection[Subcategory] }

// OfCategory reads the subcategories of one category. Newer releases leave the category out of these rows; it is
// filled in. Path procurement/categories/{id}/subcategories/.
func (s *SubcategoriesService) OfCategory(ctx context.Context, categoryID int, opts ListOptions) iter.Seq2[Subcategory, error] {
	return func(yield func(Subcategory, error) bool) {
		of := subcollection[Subcategory](s.c, "procurement/categories", categoryID, "subcategories/")
		for row, err := range of.All(ctx, opts) {
			if err == nil && row.Category.IsZero() {
				row.Category.ID = categoryID
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// Create makes a subcategory.
func (s *SubcategoriesService) Create(ctx context.Context, subcategory SubcategoryRequest) (Subcategory, error) {
	return s.create(ctx, subcategory)
}

// FindByName returns the subcategories with this name, compared without regard to case, of all categories.
func (s *SubcategoriesService) FindByName(ctx context.Context, name string) ([]Subcategory, error) {
	return s.find(ctx, "name", name, ListOptions{}, func(s Subcategory) string { return s.Name })
}
