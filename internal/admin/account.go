package admin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"causeway/internal/bridge"
	"causeway/internal/mysonicwall"
	"causeway/internal/secret"
	"causeway/internal/store"
)

// NewAccount is what is typed to add an account.
type NewAccount struct {
	Name           string
	MySonicWallKey secret.Text
	MySonicWallURL string // empty: the installation's
}

// Added is what MySonicWall said about a key that it accepted.
type Added struct {
	Account bridge.Account
	Tenants int
}

// AddAccount checks the key at once and stores the account with its zone and tenants; the key is sealed and never shown again
// (R1). Nothing is stored when the key is refused.
func (a *Admin) AddAccount(ctx context.Context, in NewAccount) (Added, error) {
	if err := bridge.CheckAccountName(in.Name); err != nil {
		return Added{}, err
	}
	if !in.MySonicWallKey.Set() {
		return Added{}, bridge.Invalid("mysonicwall.api_key", "is missing")
	}
	if err := a.nameIsFree(ctx, in.Name); err != nil {
		return Added{}, err
	}
	said, err := a.askMySonicWall(ctx, in.MySonicWallURL, in.MySonicWallKey)
	if err != nil {
		return Added{}, err
	}
	account, err := a.store.CreateAccount(ctx, bridge.Account{
		Name: in.Name, State: bridge.AccountNew, MSWURL: in.MySonicWallURL, MSWZone: said.zone, Limits: bridge.DefaultLimits(),
		ConnectWise: bridge.ConnectWiseSettings{CallsAtOnce: bridge.DefaultCallsAtOnce, CallsPerSecond: bridge.DefaultCallsPerSecond},
	}, store.Keys{MySonicWall: in.MySonicWallKey})
	if err != nil {
		return Added{}, err
	}
	if _, _, _, err := a.store.SaveTenants(ctx, account.ID, said.tenants, a.now()); err != nil {
		return Added{}, err
	}
	return Added{Account: account, Tenants: len(said.tenants)}, nil
}

// nameIsFree tells early, before anyone is called; the store decides in the end.
func (a *Admin) nameIsFree(ctx context.Context, name string) error {
	_, err := a.store.Account(ctx, name)
	switch {
	case err == nil:
		return &bridge.Error{Code: bridge.CodeConflict, Field: "account", Message: "An account with this name is there already."}
	case bridge.CodeOf(err) == bridge.CodeNotFound:
		return nil
	}
	return err
}

// ReplaceMySonicWallKey checks another key and stores it. An account whose old keys were refused is taken up again (R46).
func (a *Admin) ReplaceMySonicWallKey(ctx context.Context, name string, key secret.Text, by string) (bridge.Account, error) {
	account, err := a.inUse(ctx, name)
	if err != nil {
		return bridge.Account{}, err
	}
	if !key.Set() {
		return bridge.Account{}, bridge.Invalid("mysonicwall.api_key", "is missing")
	}
	said, err := a.askMySonicWall(ctx, account.MSWURL, key)
	if err != nil {
		return bridge.Account{}, err
	}
	if err := a.store.SetKeys(ctx, account.ID, store.Keys{MySonicWall: key}); err != nil {
		return bridge.Account{}, err
	}
	if account, err = a.keep(ctx, account, said); err != nil {
		return bridge.Account{}, err
	}
	return account, a.takeUpAgain(ctx, account, by)
}

// RefreshTenants reads MySonicWall's zone and tenants anew (R1) and answers how many tenants it lists.
func (a *Admin) RefreshTenants(ctx context.Context, name string) (int, error) {
	account, err := a.inUse(ctx, name)
	if err != nil {
		return 0, err
	}
	source, err := a.vendors.MySonicWall(ctx, account, nil)
	if err != nil {
		return 0, err
	}
	said, err := readMySonicWall(ctx, source)
	if err != nil {
		return 0, err
	}
	_, err = a.keep(ctx, account, said)
	return len(said.tenants), err
}

// takeUpAgain resumes an account that needed attention.
func (a *Admin) takeUpAgain(ctx context.Context, account bridge.Account, by string) error {
	if account.State != bridge.AccountNeedsAttention {
		return nil
	}
	return a.starter.Resume(ctx, account.Name, by)
}

// said is what MySonicWall tells about an account.
type said struct {
	zone    string
	tenants []bridge.Tenant
}

func (a *Admin) askMySonicWall(ctx context.Context, url string, key secret.Text) (said, error) {
	source, err := a.vendors.ProbeMySonicWall(url, key)
	if err != nil {
		return said{}, err
	}
	return readMySonicWall(ctx, source)
}

func readMySonicWall(ctx context.Context, source mysonicwall.Source) (said, error) {
	info, err := source.Account(ctx)
	if err != nil {
		return said{}, mySonicWallTrouble(err)
	}
	tenants, err := source.Tenants(ctx)
	if err != nil {
		return said{}, mySonicWallTrouble(err)
	}
	out := said{zone: info.TimeZone, tenants: make([]bridge.Tenant, 0, len(tenants))}
	if !knownZone(out.zone) {
		out.zone = "" // an unknown zone would stop the nights; UTC and the account's own setting remain
	}
	for _, t := range tenants {
		out.tenants = append(out.tenants, bridge.Tenant{ID: t.ID, Name: t.Name})
	}
	return out, nil
}

// keep stores what MySonicWall said and moves the nights where the zone in force changed.
func (a *Admin) keep(ctx context.Context, account bridge.Account, s said) (bridge.Account, error) {
	if _, _, _, err := a.store.SaveTenants(ctx, account.ID, s.tenants, a.now()); err != nil {
		return account, err
	}
	if s.zone == "" || s.zone == account.MSWZone {
		return a.store.AccountByID(ctx, account.ID)
	}
	before := account.Zone()
	account, err := a.store.UpdateAccount(ctx, account.ID, func(acc *bridge.Account) error {
		acc.MSWZone = s.zone
		return nil
	})
	if err != nil || account.Zone() == before || account.SetUpAt.IsZero() {
		return account, err
	}
	return account, a.moveNights(ctx, account)
}

func knownZone(name string) bool {
	if name == "" || name == "Local" {
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}

// mySonicWallTrouble says in words what MySonicWall's answer means for a person who typed a key.
func mySonicWallTrouble(err error) error {
	e, ok := errors.AsType[*mysonicwall.Error](err)
	if !ok {
		return fmt.Errorf("read MySonicWall: %w", err)
	}
	trouble := &bridge.Error{Code: bridge.CodeVendor, Field: "mysonicwall.api_key", Err: err}
	switch {
	case e.Kind == mysonicwall.KindAuth:
		trouble.Message = "MySonicWall refuses this key. It is wrong, expired or revoked, or may not be used from this server's address."
	case e.Kind == mysonicwall.KindForbidden:
		trouble.Message = "MySonicWall knows this key, but its user may not read the account and its tenants."
	case e.Cause == mysonicwall.CauseHostNotAllowed:
		trouble.Code, trouble.Field = bridge.CodeForbidden, "mysonicwall.url"
		trouble.Message = "Causeway may call only public addresses over HTTPS on port 443, or hosts your operator allowed."
	case slices.Contains([]mysonicwall.Kind{mysonicwall.KindUnavailable, mysonicwall.KindThrottled}, e.Kind):
		trouble.Field = ""
		trouble.Message = "MySonicWall does not answer now, so the key could not be checked. Try again in a few minutes. (" + e.Error() + ")"
	default:
		trouble.Message = "MySonicWall's answer could not be used: " + e.Error()
	}
	return trouble
}
