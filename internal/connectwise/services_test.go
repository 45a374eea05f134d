package connectwise_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"causeway/internal/connectwise"
)

// Every operation sends what the vendor describes; the description itself is held against each request by serve.
func TestOperations(t *testing.T) {
	t.Parallel()
	d := func(text string) *decimal.Decimal { return new(decimal.RequireFromString(text)) }
	date := connectwise.NewDate(2026, 4, 7)
	patch := func() *connectwise.Patch { return new(connectwise.Patch).Replace("description", "x") }
	const patched = `[{"op":"replace","path":"description","value":"x"}]`
	for name, tc := range map[string]struct {
		call   func(ctx context.Context, cw *connectwise.Client) error
		method string // GET when empty
		path   string
		body   string
		answer string // [{"id":1}] when empty
	}{
		"system info": {path: "system/info", answer: `{"version":"v2022.1"}`, call: func(ctx context.Context, cw *connectwise.Client) error { _, err := cw.System.Info(ctx); return err }},
		"members":     {path: "system/members", call: func(ctx context.Context, cw *connectwise.Client) error { return cw.Members.Probe(ctx) }},
		"documents":   {path: "system/documents", call: func(ctx context.Context, cw *connectwise.Client) error { return cw.Documents.Probe(ctx) }},
		"tickets":     {path: "service/tickets", call: func(ctx context.Context, cw *connectwise.Client) error { return cw.Tickets.Probe(ctx) }},
		"companies":   {path: "company/companies", call: listing(func(cw *connectwise.Client) lister { return page(cw.Companies.Collection) })},
		"company": {path: "company/companies/5", answer: `{"id":5}`, call: func(ctx context.Context, cw *connectwise.Client) error {
			_, err := cw.Companies.Get(ctx, 5)
			return err
		}},
		"company statuses": {path: "company/companies/statuses", call: listing(func(cw *connectwise.Client) lister { return page(cw.CompanyStatuses.Collection) })},
		"agreements":       {path: "finance/agreements", call: listing(func(cw *connectwise.Client) lister { return page(cw.Agreements.Collection) })},
		"agreement": {path: "finance/agreements/5", answer: `{"id":5}`, call: func(ctx context.Context, cw *connectwise.Client) error {
			_, err := cw.Agreements.Get(ctx, 5)
			return err
		}},
		"agreement types": {path: "finance/agreements/types", call: listing(func(cw *connectwise.Client) lister { return page(cw.AgreementTypes.Collection) })},
		"billing cycles":  {path: "finance/billingCycles", call: listing(func(cw *connectwise.Client) lister { return page(cw.BillingCycles.Collection) })},
		"billing cycle": {path: "finance/billingCycles/5", answer: `{"id":5,"billingOptions":"Monthly"}`, call: func(ctx context.Context, cw *connectwise.Client) error {
			_, err := cw.BillingCycles.Get(ctx, 5)
			return err
		}},
		"additions": {path: "finance/agreements/7/additions", call: func(ctx context.Context, cw *connectwise.Client) error {
			_, err := cw.Additions.List(ctx, 7, connectwise.ListOptions{})
			return err
		}},
		"addition": {path: "finance/agreements/7/additions/5", answer: `{"id":5}`, call: func(ctx context.Context, cw *connectwise.Client) error {
			_, err := cw.Additions.Get(ctx, 7, 5)
			return err
		}},
		"change addition": {method: "PATCH", path: "finance/agreements/7/additions/5", body: patched, answer: `{"id":5}`, call: func(ctx context.Context, cw *connectwise.Client) error {
			_, err := cw.Additions.Update(ctx, 7, 5, patch())
			return err
		}},
		"attached": {path: "finance/agreements/7/configurations", call: func(ctx context.Context, cw *connectwise.Client) error {
			_, err := cw.AgreementConfigurations.List(ctx, 7)
			return err
		}},
		"attach": {method: "POST", path: "finance/agreements/7/configurations", body: `{"id":9}`, answer: `{"id":9}`, call: func(ctx context.Context, cw *connectwise.Client) error {
			return cw.AgreementConfigurations.Attach(ctx, 7, 9)
		}},
		"detach": {method: "DELETE", path: "finance/agreements/7/configurations/9", call: func(ctx context.Context, cw *connectwise.Client) error {
			return cw.AgreementConfigurations.Detach(ctx, 7, 9)
		}},
		"catalog":      {path: "procurement/catalog", call: listing(func(cw *connectwise.Client) lister { return page(cw.Catalog.Collection) })},
		"catalog item": {path: "procurement/catalog/5", answer: `{"id":5}`, call: func(ctx context.Context, cw *connectwise.Client) error { _, err := cw.Catalog.Get(ctx, 5); return err }},
		"change item": {method: "PATCH", path: "procurement/catalog/5", body: patched, answer: `{"id":5}`, call: func(ctx context.Context, cw *connectwise.Client) error {
			_, err := cw.Catalog.Update(ctx, 5, patch())
			return err
		}},
		"product types": {path: "procurement/types", call: listing(func(cw *connectwise.Client) lister { return page(cw.ProductTypes.Collection) })},
		"new product type": {method: "POST", path: "procurement/types", body: `{"name":"SonicWall"}`, answer: `{"id":5}`, call: func(ctx context.Context, cw *connectwise.Client) error {
			_, err := cw.ProductTypes.Create(ctx, connectwise.ProductTypeRequest{Name: "SonicWall"})
			return err
		}},
		"categories": {path: "procurement/categories", call: listing(func(cw *connectwise.Client) lister { return page(cw.Categories.Collection) })},
		"new category": {method: "POST", path: "procurement/categories", body: `{"name":"Cloud","addAllLocations":true}`, answer: `{"id":5}`, call: func(ctx context.Context, cw *connectwise.Client) error {
			_, err := cw.Categories.Create(ctx, connectwise.CategoryRequest{Name: "Cloud", AddAllLocations: true})
			return err
		}},
		"subcategories": {path: "procurement/subcategories/", call: listing(func(cw *connectwise.Client) lister { return page(cw.Subcategories.Collection) })},
		"new subcategory": {method: "POST", path: "procurement/subcategories/", body: `{"name":"Cloud Services","category":{"id":2}}`, answer: `{"id":5}`, call: func(ctx context.Context, cw *connectwise.Client) error {
			_, err := cw.Subcategories.Create(ctx, connectwise.SubcategoryRequest{Name: "Cloud Services", Category: 2})
			return err
		}},
		"configurations": {path: "company/configurations", call: listing(func(cw *connectwise.Client) lister { return page(cw.Configurations.Collection) })},
		"configuration": {path: "company/configurations/5", answer: `{"id":5}`, call: func(ctx context.Context, cw *connectwise.Client) error {
			_, err := cw.Configurations.Get(ctx, 5)
			return err
		}},
		"config types": {path: "company/configurations/types", call: listing(func(cw *connectwise.Client) lister { return page(cw.ConfigurationTypes.Collection) })},
		"new config type": {method: "POST", path: "company/configurations/types", body: `{"name":"Firewall"}`, answer: `{"id":5}`, call: func(ctx context.Context, cw *connectwise.Client) error {
			_, err := cw.ConfigurationTypes.Create(ctx, connectwise.ConfigurationTypeRequest{Name: "Firewall"})
			return err
		}},
		"type questions": {path: "company/configurations/types/3/questions", call: func(ctx context.Context, cw *connectwise.Client) error {
			_, err := connectwise.Collect(cw.TypeQuestions.All(ctx, 3, connectwise.ListOptions{}))
			return err
		}},
		"new type question": {method: "POST", path: "company/configurations/types/3/questions", body: `{"question":"Service","fieldType":"Date","entryType":"Date","sequenceNumber":1}`, answer: `{"id":5}`, call: func(ctx context.Context, cw *connectwise.Client) error {
			_, err := cw.TypeQuestions.Create(ctx, 3, connectwise.TypeQuestionRequest{Question: "Service", FieldType: connectwise.FieldDate, EntryType: connectwise.EntryDate, SequenceNumber: decimal.NewFromInt(1)})
			return err
		}},
		"config statuses": {path: "company/configurations/statuses", call: listing(func(cw *connectwise.Client) lister { return page(cw.ConfigurationStatuses.Collection) })},
		"boards":          {path: "service/boards", call: listing(func(cw *connectwise.Client) lister { return page(cw.Boards.Collection) })},
		"board":           {path: "service/boards/5", answer: `{"id":5}`, call: func(ctx context.Context, cw *connectwise.Client) error { _, err := cw.Boards.Get(ctx, 5); return err }},
		"board statuses": {path: "service/boards/4/statuses", call: func(ctx context.Context, cw *connectwise.Client) error {
			_, err := connectwise.Collect(cw.BoardStatuses.All(ctx, 4, connectwise.ListOptions{}))
			return err
		}},
		"priorities": {path: "service/priorities", call: listing(func(cw *connectwise.Client) lister { return page(cw.Priorities.Collection) })},
		"new addition": {method: "POST", path: "finance/agreements/7/additions", answer: `{"id":5}`,
			body: `{"product":{"id":12},"billCustomer":"Billable","quantity":0,"effectiveDate":"2026-04-07T00:00:00Z","serialNumber":"0017C5","invoiceDescription":"TZ 370"}`,
			call: func(ctx context.Context, cw *connectwise.Client) error {
				_, err := cw.Additions.Create(ctx, 7, connectwise.AdditionRequest{Product: 12, BillCustomer: connectwise.Billable, Quantity: d("0"), EffectiveDate: date, SerialNumber: "0017C5", InvoiceDescription: "TZ 370"})
				return err
			}},
		"new item": {method: "POST", path: "procurement/catalog", answer: `{"id":5}`,
			body: `{"identifier":"SONICWALL_TZ_370","description":"TZ 370","customerDescription":"TZ 370","type":{"id":1},"subcategory":{"id":3},"productClass":"NonInventory","price":0,"cost":0.00}`,
			call: func(ctx context.Context, cw *connectwise.Client) error {
				_, err := cw.Catalog.Create(ctx, connectwise.CatalogItemRequest{Identifier: "SONICWALL_TZ_370", Description: "TZ 370", CustomerDescription: "TZ 370", Type: 1, Subcategory: 3, ProductClass: connectwise.ClassNonInventory, Price: d("0"), Cost: d("0")})
				return err
			}},
		"new configuration": {method: "POST", path: "company/configurations", answer: `{"id":5}`,
			body: `{"name":"fw-01","type":{"id":36},"company":{"id":250},"status":{"id":1},"serialNumber":"0017C5","installationDate":"2026-04-07T00:00:00Z","activeFlag":true,"questions":[{"questionId":77,"answer":"2026-04-07T00:00:00Z"}]}`,
			call: func(ctx context.Context, cw *connectwise.Client) error {
				_, err := cw.Configurations.Create(ctx, connectwise.ConfigurationRequest{Name: "fw-01", Type: 36, Company: 250, Status: 1, SerialNumber: "0017C5", InstallationDate: date, ActiveFlag: new(true),
					Questions: []connectwise.ConfigurationQuestion{{QuestionID: 77, Answer: connectwise.DateAnswer(date)}}})
				return err
			}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			method, answer := orText(tc.method, "GET"), orText(tc.answer, `[{"id":1}]`)
			s, cw := serve(t, func(w http.ResponseWriter, r *http.Request) {
				assert.Equal(t, method+" "+tc.path, r.Method+" "+r.URL.Path)
				body, err := io.ReadAll(r.Body)
				assert.NoError(t, err)
				if tc.body == "" {
					assert.Empty(t, string(body))
				} else {
					assert.JSONEq(t, tc.body, string(body))
				}
				w.Header().Set("Link", `<https://x/>; rel="first"`)
				switch method {
				case "POST":
					writeJSON(w, 201, json.RawMessage(answer))
				case "DELETE":
					w.WriteHeader(http.StatusNoContent)
				default:
					writeJSON(w, 200, json.RawMessage(answer))
				}
			})
			require.NoError(t, tc.call(t.Context(), cw))
			assert.Len(t, s.seen(), 1)
		})
	}
}

func orText(text, fallback string) string {
	if text == "" {
		return fallback
	}
	return text
}

type lister func(context.Context) error

func page[T connectwise.Record](list connectwise.Collection[T]) lister {
	return func(ctx context.Context) error {
		rows, err := connectwise.Collect(list.All(ctx, connectwise.ListOptions{Fields: connectwise.FieldsOf[T]()}))
		if err == nil && len(rows) != 1 {
			return io.ErrShortBuffer
		}
		return err
	}
}

func listing(of func(*connectwise.Client) lister) func(context.Context, *connectwise.Client) error {
	return func(ctx context.Context, cw *connectwise.Client) error { return of(cw)(ctx) }
}

func TestSubcategoriesOfACategoryNameIt(t *testing.T) {
	t.Parallel()
	_, cw := serve(t, func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "procurement/categories/2/subcategories/", r.URL.Path)
		w.Header().Set("Link", `<https://x/>; rel="first"`)
		writeJSON(w, 200, []any{map[string]any{"id": 1, "name": "Software"}, map[string]any{"id": 4, "category": map[string]any{"id": 2, "name": "Cloud"}}})
	})
	rows, err := connectwise.Collect(cw.Subcategories.OfCategory(t.Context(), 2, connectwise.ListOptions{}))
	require.NoError(t, err)
	require.Len(t, rows, 2)
	assert.Equal(t, 2, rows[0].Category.ID)
	assert.Equal(t, connectwise.Ref{ID: 2, Name: "Cloud"}, rows[1].Category)
}

// Shapes as recorded answers show them; the values are invented.
func TestConfigurationAsItComes(t *testing.T) {
	t.Parallel()
	_, cw := serve(t, answering(200, asJSON, `{"id":4711,"name":"fw-01","type":{"id":36,"name":"Firewall","_info":{"type_href":"https://x"}},
		"status":{"id":1,"name":"Active"},"company":{"id":250,"identifier":"ACME","name":"Acme Ltd"},
		"serialNumber":"2CB8ED000000","modelNumber":"","backupBillableSpaceGb":0.00,"warrantyExpirationDate":"2027-05-04T00:00:00Z","activeFlag":true,
		"questions":[{"answerId":901,"questionId":77,"question":"Expiration","sequenceNumber":1.00,"numberOfDecimals":0,"fieldType":"Date","requiredFlag":false,"answer":"2027-05-04T00:00:00Z"},
			{"questionId":78,"question":"Colour","fieldType":"Text"}]}`))
	got, err := cw.Configurations.Get(t.Context(), 4711)
	require.NoError(t, err)
	assert.Equal(t, "ACME", got.Company.Identifier)
	assert.Equal(t, connectwise.NewDate(2027, 5, 4), got.WarrantyExpirationDate)
	require.Len(t, got.Questions, 2)
	answer, ok := got.Questions[0].Answer.Date()
	assert.True(t, ok)
	assert.Equal(t, connectwise.NewDate(2027, 5, 4), answer)
	assert.True(t, got.Questions[1].Answer.IsBlank())
}
