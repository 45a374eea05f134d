package admin

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"causeway/internal/connectwise"
)

// resource is a list of ConnectWise that Causeway reads, with the line of a security role that opens it. Which line opens which
// call is not published in full; the lines are those that vendors of integrations ask for, and reading tells the truth.
type resource struct {
	id     string
	name   string
	screen string // below Security Roles
	probe  func(*connectwise.Client) func(context.Context) error
}

var resources = []resource{
	{"companies", "companies", "Companies › Company Maintenance", func(c *connectwise.Client) func(context.Context) error { return c.Companies.Probe }},
	{"agreements", "agreements", "Finance › Agreements", func(c *connectwise.Client) func(context.Context) error { return c.Agreements.Probe }},
	{"billing-cycles", "billing cycles", "System › Table Setup (Billing Cycle)", func(c *connectwise.Client) func(context.Context) error { return c.BillingCycles.Probe }},
	{"catalog", "the product catalog", "Procurement › Product Catalog", func(c *connectwise.Client) func(context.Context) error { return c.Catalog.Probe }},
	{"product-types", "product types", "System › Table Setup (Product Type)", func(c *connectwise.Client) func(context.Context) error { return c.ProductTypes.Probe }},
	{"categories", "product categories", "System › Table Setup (Product Category)", func(c *connectwise.Client) func(context.Context) error { return c.Categories.Probe }},
	{"subcategories", "product sub-categories", "System › Table Setup (Product Subcategory)", func(c *connectwise.Client) func(context.Context) error { return c.Subcategories.Probe }},
	{"configurations", "configurations", "Companies › Configurations", func(c *connectwise.Client) func(context.Context) error { return c.Configurations.Probe }},
	{"configuration-types", "configuration types", "System › Table Setup (Configuration)", func(c *connectwise.Client) func(context.Context) error { return c.ConfigurationTypes.Probe }},
	{"configuration-statuses", "configuration statuses", "System › Table Setup (Configuration Status)", func(c *connectwise.Client) func(context.Context) error { return c.ConfigurationStatuses.Probe }},
	{"company-statuses", "company statuses", "System › Table Setup (Company Status)", func(c *connectwise.Client) func(context.Context) error { return c.CompanyStatuses.Probe }},
	{"boards", "service boards", "System › Table Setup (Service Board)", func(c *connectwise.Client) func(context.Context) error { return c.Boards.Probe }},
	{"priorities", "priorities", "System › Table Setup (Priority)", func(c *connectwise.Client) func(context.Context) error { return c.Priorities.Probe }},
	{"tickets", "service tickets", "Service Desk › Service Tickets", func(c *connectwise.Client) func(context.Context) error { return c.Tickets.Probe }},
}

// probed is one resource with what reading it led to.
type probed struct {
	resource resource
	err      error
}

// probeAll reads one row of every resource; the client's limiter bounds how many at once. Results keep the order of resources.
func probeAll(ctx context.Context, client *connectwise.Client) []probed {
	results := make([]probed, len(resources))
	var group errgroup.Group
	for i, r := range resources {
		group.Go(func() error {
			results[i] = probed{r, r.probe(client)(ctx)}
			return nil
		})
	}
	_ = group.Wait() // each result carries its own error
	return results
}

// rolesScreen is where rights are given.
func rolesScreen(lines []string) string {
	return "System › Security Roles, the API member's role: " + strings.Join(slices.Compact(slices.Sorted(slices.Values(lines))), "; ") +
		": Inquire Level All."
}
