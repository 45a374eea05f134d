// Package psafeed reads MySonicWall through the proposed PSA feed, the
// interface below psa/v1 that this project proposes to SonicWall: account,
// tenants and products with their services, in MySonicWall's envelope and by
// cursor.
package psafeed

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"causeway/internal/mysonicwall"
)

// pageSize is the most rows that a page may have.
const pageSize = 100

// maxPages bounds a listing whose pages never end.
const maxPages = 10_000

// Client is a mysonicwall.Source. Safe for concurrent use.
type Client struct {
	conn *mysonicwall.Conn
}

var _ mysonicwall.Source = (*Client)(nil)

// New checks the configuration; it calls nobody.
func New(c mysonicwall.Config) (*Client, error) {
	conn, err := mysonicwall.NewConn(c)
	if err != nil {
		return nil, err
	}
	return &Client{conn}, nil
}

// Ping reads the account and forgets it: one call, and no list.
func (c *Client) Ping(ctx context.Context) error {
	_, err := c.Account(ctx)
	return err
}

// Account reads psa/v1/account.
func (c *Client) Account(ctx context.Context) (mysonicwall.Account, error) {
	const path = "psa/v1/account"
	content, err := c.conn.Get(ctx, path, nil)
	if err != nil {
		return mysonicwall.Account{}, err
	}
	var row accountRow
	if err := json.Unmarshal(content, &row); err != nil {
		member, form, ok := wrongForm(err)
		if !ok {
			return mysonicwall.Account{}, misread(path, "the account is not an object")
		}
		return mysonicwall.Account{}, misread(path, "the account's "+member+" is a "+form)
	}
	return row.parse(), nil
}

// Tenants reads psa/v1/tenants. A row without an id fails the list: it could
// be any tenant, and the list would not be whole without it.
func (c *Client) Tenants(ctx context.Context) ([]mysonicwall.Tenant, error) {
	const path = "psa/v1/tenants"
	rows, err := c.rows(ctx, path)
	if err != nil {
		return nil, err
	}
	var out []mysonicwall.Tenant
	index := map[string]int{}
	for i, raw := range rows {
		var row tenantRow
		if err := json.Unmarshal(raw, &row); err != nil {
			return nil, misread(path, fmt.Sprintf("row %d is not an object", i+1))
		}
		t, err := row.parse()
		if err != nil {
			return nil, misread(path, fmt.Sprintf("row %d: %v", i+1, err))
		}
		if at, again := index[t.ID]; again {
			// A list read by page repeats a row when it changes meanwhile.
			out[at] = t
			continue
		}
		index[t.ID] = len(out)
		out = append(out, t)
	}
	return out, nil
}

// Products reads psa/v1/tenants/{id}/products without the filter on billable
// ones: a product that is no longer billable must not look as if it were gone.
func (c *Client) Products(ctx context.Context, tenantID string) ([]mysonicwall.Product, error) {
	if n, err := strconv.ParseInt(tenantID, 10, 64); err != nil || n <= 0 {
		return nil, fmt.Errorf("tenant id %s is not a number above zero", mysonicwall.Quote(tenantID))
	}
	rows, err := c.rows(ctx, "psa/v1/tenants/"+tenantID+"/products")
	if err != nil {
		return nil, err
	}
	list := productList{seen: map[string]place{}}
	for _, raw := range rows {
		list.add(parseProduct(raw))
	}
	return list.products, nil
}

// rows reads every page of a listing, or fails.
func (c *Client) rows(ctx context.Context, path string) ([]json.RawMessage, error) {
	query := url.Values{"limit": {strconv.Itoa(pageSize)}}
	var all []json.RawMessage
	for range maxPages {
		content, err := c.conn.Get(ctx, path, query)
		if err != nil {
			return nil, err
		}
		var page struct {
			Rows *[]json.RawMessage `json:"rows"`
			Next *string            `json:"nextCursor"`
		}
		if err := json.Unmarshal(content, &page); err != nil || page.Rows == nil {
			return nil, misread(path, "the answer has no list of rows")
		}
		all = append(all, *page.Rows...)
		if page.Next == nil || *page.Next == "" {
			return all, nil
		}
		if *page.Next == query.Get("cursor") {
			return nil, misread(path, "the cursor of a page leads to the same page")
		}
		query.Set("cursor", *page.Next)
	}
	return nil, misread(path, fmt.Sprintf("the list has more than %d pages", maxPages))
}

func misread(path, message string) error {
	return &mysonicwall.Error{
		Kind: mysonicwall.KindProtocol, Method: http.MethodGet, Path: path, Status: http.StatusOK, Message: message,
	}
}
