package admin

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"causeway/internal/bridge"
	"causeway/internal/connectwise"
	"causeway/internal/outbound"
	"causeway/internal/secret"
	"causeway/internal/store"
)

// Connection is the wizard's first step as typed (R2). An empty private key keeps the stored one, for the same host and company
// only: another host must never receive it.
type Connection struct {
	Host             string
	Company          string
	PublicKey        string
	PrivateKey       secret.Text
	NetworkAdditions bool
	// CallsAtOnce and CallsPerSecond change the rate; nil keeps what is stored, or the default.
	CallsAtOnce    *int
	CallsPerSecond *float64
}

// FieldErrors are the mistakes in err by field, for a form.
func FieldErrors(err error) map[string]string {
	out := map[string]string{}
	var walk func(error)
	walk = func(err error) {
		if e, ok := err.(*bridge.Error); ok && e.Field != "" { //nolint:errorlint // walks the tree of errors itself
			if _, told := out[e.Field]; !told {
				out[e.Field] = e.Message
			}
			return
		}
		switch e := err.(type) { //nolint:errorlint // walks the tree of errors itself
		case interface{ Unwrap() []error }:
			for _, err := range e.Unwrap() {
				walk(err)
			}
		case interface{ Unwrap() error }:
			walk(e.Unwrap())
		}
	}
	walk(err)
	return out
}

// ConnectionFailedError is a connection that was refused because its test failed; nothing was stored.
type ConnectionFailedError struct{ Test ConnectionTest }

func (e *ConnectionFailedError) Error() string {
	for _, f := range e.Test.Findings {
		if !f.OK && !f.Skipped {
			return strings.TrimSpace(f.Message + " " + f.Fix)
		}
	}
	return "The connection test failed."
}

// Unwrap gives the field at fault, so that a form can mark it.
func (e *ConnectionFailedError) Unwrap() error {
	fieldOf := map[string]string{CheckCompany: "connectwise.company", CheckKeys: "connectwise.private_key", CheckPermissions: "connectwise"}
	for _, f := range e.Test.Findings {
		if !f.OK && !f.Skipped {
			field, ok := fieldOf[f.Check]
			if !ok {
				field = "connectwise.host"
			}
			return &bridge.Error{Code: bridge.CodeVendor, Field: field, Message: e.Error()}
		}
	}
	return nil
}

// SaveConnection tests a connection and stores it (R2). The pair of keys that worked so far is replaced only by one that is proven
// to work. A second account on the same ConnectWise company is refused with the first one's name (R10). Keys that replace refused
// ones take the account up again (R46). The error may be a *ConnectionFailedError.
func (a *Admin) SaveConnection(ctx context.Context, name string, c Connection, by string) (bridge.Account, error) {
	account, err := a.inUse(ctx, name)
	if err != nil {
		return bridge.Account{}, err
	}
	settings, key, err := a.typed(ctx, account, c)
	if err != nil {
		return bridge.Account{}, err
	}
	// Before any call: a refused second account must not spend the first one's rate.
	if err := a.refuseTaken(ctx, account.ID, settings); err != nil {
		return bridge.Account{}, err
	}
	if err := a.mayTest(); err != nil {
		return bridge.Account{}, err
	}
	if test := a.testConnection(ctx, settings, key); !test.OK() {
		return bridge.Account{}, &ConnectionFailedError{test}
	}
	return a.storeConnection(ctx, account, settings, key, c.NetworkAdditions, by)
}

// storeConnection stores the key before the settings: the other way round a call in between would carry the old key to the new
// host.
func (a *Admin) storeConnection(ctx context.Context, account bridge.Account, settings bridge.ConnectWiseSettings, key secret.Text, network bool, by string) (bridge.Account, error) {
	stored, err := a.store.Keys(ctx, account.ID)
	if err != nil {
		return bridge.Account{}, err
	}
	changed := stored.ConnectWise != key || account.ConnectWise.PublicKey != settings.PublicKey ||
		!sameConnectWise(account.ConnectWise, settings)
	if stored.ConnectWise != key {
		if err := a.store.SetKeys(ctx, account.ID, store.Keys{ConnectWise: key}); err != nil {
			return bridge.Account{}, err
		}
	}
	saved, err := a.storeSettings(ctx, account, settings, network)
	if err != nil {
		// Somebody took the company in this very moment: the pair that worked so far goes on working.
		return bridge.Account{}, errors.Join(err, a.store.SetKeys(context.WithoutCancel(ctx), account.ID, store.Keys{ConnectWise: stored.ConnectWise}))
	}
	if changed {
		err = a.takeUpAgain(ctx, saved, by)
	}
	return saved, err
}

func (a *Admin) storeSettings(ctx context.Context, account bridge.Account, settings bridge.ConnectWiseSettings, network bool) (bridge.Account, error) {
	return a.store.UpdateAccount(ctx, account.ID, func(acc *bridge.Account) error {
		if !sameConnectWise(acc.ConnectWise, settings) {
			acc.Tickets = bridge.TicketSettings{} // ids of another ConnectWise mean nothing here (R55)
		}
		acc.ConnectWise = settings
		acc.Options.NetworkAdditions = network
		return nil
	})
}

// typed checks what was typed, every field at once, and finds the private key to go with it.
func (a *Admin) typed(ctx context.Context, account bridge.Account, c Connection) (bridge.ConnectWiseSettings, secret.Text, error) {
	settings, errs := settingsOf(account.ConnectWise, c)
	key := c.PrivateKey
	if !key.Set() && len(errs) == 0 {
		switch {
		case !account.Configured():
			errs = append(errs, bridge.Invalid("connectwise.private_key", "is missing"))
		case !sameConnectWise(account.ConnectWise, settings):
			errs = append(errs, bridge.Invalid("connectwise.private_key", "A new host or company needs the private key again."))
		default:
			stored, err := a.store.Keys(ctx, account.ID)
			if err != nil {
				return settings, "", err
			}
			if key = stored.ConnectWise; !key.Set() {
				errs = append(errs, bridge.Invalid("connectwise.private_key", "is missing"))
			}
		}
	} else if !key.Set() && !account.Configured() {
		errs = append(errs, bridge.Invalid("connectwise.private_key", "is missing"))
	}
	return settings, key, errors.Join(errs...)
}

func settingsOf(stored bridge.ConnectWiseSettings, c Connection) (bridge.ConnectWiseSettings, []error) {
	settings := bridge.ConnectWiseSettings{
		Company: strings.TrimSpace(c.Company), PublicKey: strings.TrimSpace(c.PublicKey),
		CallsAtOnce: stored.CallsAtOnce, CallsPerSecond: stored.CallsPerSecond,
	}
	if c.CallsAtOnce != nil {
		settings.CallsAtOnce = *c.CallsAtOnce
	}
	if c.CallsPerSecond != nil {
		settings.CallsPerSecond = *c.CallsPerSecond
	}
	if settings.CallsAtOnce < 1 {
		settings.CallsAtOnce = bridge.DefaultCallsAtOnce
	}
	var errs []error
	host, err := canonicalHost(c.Host)
	if err != nil {
		errs = append(errs, err)
	}
	settings.Host = host
	switch {
	case settings.Company == "":
		errs = append(errs, bridge.Invalid("connectwise.company", "is missing"))
	case len(settings.Company) > 100 || strings.ContainsAny(settings.Company, ":/\\?#+ \t\r\n"):
		errs = append(errs, bridge.Invalid("connectwise.company", "is not a company ID: it has no spaces and none of : / \\ ? # +"))
	}
	switch {
	case settings.PublicKey == "":
		errs = append(errs, bridge.Invalid("connectwise.public_key", "is missing"))
	case strings.ContainsAny(settings.PublicKey, " \t\r\n:"):
		errs = append(errs, bridge.Invalid("connectwise.public_key", "holds white space or a colon; copy it again, whole and alone"))
	}
	return settings, errs
}

// canonicalHost is what is stored for a typed host: lower case, ASCII, ConnectWise's short region names spelled out.
func canonicalHost(typed string) (string, error) {
	host, err := outbound.ParseHost(typed)
	if err != nil {
		if strings.TrimSpace(typed) == "" {
			return "", bridge.Invalid("connectwise.host", "is missing")
		}
		message := err.Error()
		if host, ok := errors.AsType[*outbound.HostError](err); ok {
			message = host.Advice()
		}
		return "", &bridge.Error{Code: bridge.CodeInvalid, Field: "connectwise.host", Message: message, Err: err}
	}
	if host.Port == "" && !strings.ContainsAny(host.Name, ".:") {
		if long, err := connectwise.APIHost(host.Name); err == nil {
			return long, nil
		}
	}
	return host.String(), nil
}

// sameConnectWise tells whether a stored private key may be sent along: the very same host, port and company.
func sameConnectWise(stored, typed bridge.ConnectWiseSettings) bool {
	return apiHost(stored.Host) == apiHost(typed.Host) && strings.EqualFold(stored.Company, typed.Company)
}

// apiHost is where calls really go, so that na.myconnectwise.net and its api- twin count as one.
func apiHost(host string) string {
	if mapped, err := connectwise.APIHost(host); err == nil {
		return strings.TrimSuffix(mapped, ":443")
	}
	return host
}

// refuseTaken tells early that another account has this ConnectWise company; the store decides in the end (R10).
func (a *Admin) refuseTaken(ctx context.Context, accountID int64, settings bridge.ConnectWiseSettings) error {
	accounts, err := a.store.Accounts(ctx)
	if err != nil {
		return err
	}
	for _, other := range accounts {
		if other.ID != accountID && other.Alive() == nil && other.Configured() && sameConnectWise(other.ConnectWise, settings) {
			return &bridge.Error{
				Code: bridge.CodeConflict, Field: "connectwise.company",
				Message: fmt.Sprintf("%s already uses this ConnectWise company. One company belongs to one account.", other.Name),
			}
		}
	}
	return nil
}
