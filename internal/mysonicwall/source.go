// Package mysonicwall holds what Causeway's users of MySonicWall share whichever
// of its interfaces they read: the parsed types, the errors, the parsing of its
// untidy values and a connection that keeps to the API's rules. A Source is one
// such interface; package psafeed implements the proposed PSA feed.
package mysonicwall

import (
	"context"
	"encoding/json"
	"time"

	"github.com/shopspring/decimal"
)

// Source is one MySonicWall account, opened with one API key. Every method
// either reads everything it promises or returns an *Error (or, for arguments
// that make no sense, another error): never part of an answer.
type Source interface {
	// Ping makes the cheapest call that proves that the key works.
	Ping(ctx context.Context) error
	Account(ctx context.Context) (Account, error)
	// Tenants lists every tenant that the key may see, in MySonicWall's order.
	Tenants(ctx context.Context) ([]Tenant, error)
	// Products lists every product of a tenant, whether billable or not, and
	// tombstones of deleted and transferred ones. An unknown tenant is an *Error
	// of KindNotFound.
	Products(ctx context.Context, tenantID string) ([]Product, error)
}

// Account describes the MySonicWall account that a key belongs to.
type Account struct {
	UserName string
	OrgName  string
	// TimeZone is an IANA name as MySonicWall gives it, not checked.
	TimeZone string
	// SecureFirstPartner is SonicWall's partner programme.
	SecureFirstPartner Flag
	// KeyExpires is the day on which the API key ends; zero when not said.
	KeyExpires Date
	// ConsoleHosts are the hosts that links to the consoles may lead to.
	ConsoleHosts []string
	// Problems are values that could not be read, each with its raw text.
	Problems []string
}

// Tenant is a product group: an end customer of the account.
type Tenant struct {
	// ID is the productGroupID, decimal digits. Names change and repeat.
	ID   string
	Name string // freed of markup, white space collapsed; any Unicode
	// RawName is the name as reported.
	RawName   string
	IsDefault Flag
	// ProductCount is MySonicWall's own figure; not valid when not said.
	ProductCount decimal.NullDecimal
	// CaptureClientID is the tenant's GUID in Capture Client, empty without one.
	CaptureClientID string
	// TimeZone is the tenant's own IANA zone; empty means the account's.
	TimeZone string
	Problems []string
}

// Product is one registered unit or subscription.
type Product struct {
	// Serial is text in upper case; leading zeros matter. It is empty when the
	// row had none that could be read (then Problems says so): from an answer
	// with such a row nobody can tell which products are absent.
	Serial       string
	Name         string // freed of markup, white space collapsed
	RawName      string // as reported
	FriendlyName string
	// Line is MySonicWall's product line in upper case, such as FIREWALL; lines
	// unknown to this package are passed on.
	Line string
	// Tier is BASIC, ADVANCED, PREMIER, …; empty for none.
	Tier     string
	Trial    Flag
	Billable Flag
	Network  Flag
	// Registered is the day of registration; zero when not said.
	Registered Date
	Status     Status
	// Updated is when MySonicWall last changed the row; zero when not said.
	Updated  time.Time
	Services []Service
	// Problems are facts of this product that could not be read, each a
	// sentence with the raw text. Whoever bills by the product should not act on
	// one that has any.
	Problems []string
	// Notes are oddities that change no fact, such as a row delivered twice.
	Notes []string
	// Raw is the row as it came, for diagnosis.
	Raw json.RawMessage
}

// Service is a licensed service of a product; Parts are its sub-services.
type Service struct {
	Name   string
	Status string // ACTIVATED, EXPIRED, …, upper case
	// Quantity is not valid when not reported, which is not zero.
	Quantity decimal.NullDecimal
	// Expires is the last licensed day; zero when perpetual or never activated.
	Expires Date
	Parts   []Service
}

// Status is what MySonicWall says of a product's place in the account.
type Status string

// The statuses of the proposed contract; others are passed on in upper case.
const (
	StatusActive      Status = "ACTIVE"
	StatusExpired     Status = "EXPIRED"
	StatusDeleted     Status = "DELETED"     // a tombstone
	StatusTransferred Status = "TRANSFERRED" // moved to another tenant or owner
)

// Flag is MySonicWall's YES or NO, or neither.
type Flag int8

// The values of a Flag; the zero value is that nothing was said.
const (
	Unknown Flag = iota
	Yes
	No
)

// String is yes, no or unknown.
func (f Flag) String() string {
	switch f {
	case Yes:
		return "yes"
	case No:
		return "no"
	}
	return "unknown"
}
