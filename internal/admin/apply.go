package admin

import (
	"context"
	"errors"
	"reflect"
	"strconv"

	"causeway/internal/bridge"
	"causeway/internal/config"
	"causeway/internal/secret"
	"causeway/internal/store"
)

// Apply makes an account be as a file says, with the wizard's checks: it creates or changes it, runs set-up and waits for that.
// The same file again changes nothing. Everything is checked before anything is stored, so a refused file leaves no account
// behind and writes nothing to ConnectWise. progress, which may be nil, is told what happens in words.
//
// The error may be a *ConnectionFailedError, a *NotReadyError or a *SetupFailedError; FindingsOf lists what they found.
func (a *Admin) Apply(ctx context.Context, file config.AccountFile, by string, progress func(string)) (AccountAnswer, error) {
	if progress == nil {
		progress = func(string) {}
	}
	account, err := a.store.Account(ctx, file.Account)
	fresh := bridge.CodeOf(err) == bridge.CodeNotFound
	if err != nil && !fresh {
		return AccountAnswer{}, err
	}
	if err := account.Alive(); err != nil {
		return AccountAnswer{}, err
	}
	plan := &applying{Admin: a, file: file, by: by, account: account, fresh: fresh, progress: progress}
	if !fresh {
		same, err := plan.alreadySo(ctx)
		if err != nil {
			return AccountAnswer{}, err
		}
		if same {
			progress("nothing to change")
			return a.Show(ctx, account.Name)
		}
	}
	if err := plan.check(ctx); err != nil {
		return AccountAnswer{}, err
	}
	if err := plan.keep(ctx); err != nil {
		return AccountAnswer{}, err
	}
	if err := plan.setUp(ctx); err != nil {
		return AccountAnswer{}, err
	}
	return a.Show(ctx, file.Account)
}

// applying is one file on its way.
type applying struct {
	*Admin
	file     config.AccountFile
	by       string
	account  bridge.Account // as stored; zero for a fresh one
	fresh    bool
	progress func(string)

	// Filled by check.
	settings bridge.ConnectWiseSettings
	key      secret.Text
	tickets  bridge.TicketSettings
	said     said
}

// alreadySo tells whether the file says what is stored, and nothing is amiss. A key that the file leaves out counts as the same.
func (p *applying) alreadySo(ctx context.Context) (bool, error) {
	account, f := p.account, p.file
	if account.State != bridge.AccountReady && account.State != bridge.AccountPaused {
		return false, nil
	}
	host, err := canonicalHost(f.ConnectWise.Host)
	if err != nil {
		return false, err
	}
	wanted := f.ConnectWise
	wanted.Host = host
	keys, err := p.store.Keys(ctx, account.ID)
	if err != nil {
		return false, err
	}
	return account.ConnectWise == wanted && account.MSWURL == f.MySonicWallURL && account.ZoneSetting == f.TimeZone &&
		sameOptions(account.Options, f.Options) && sameLimits(account.Limits, f.Limits) &&
		isChoice(f.Board, account.Tickets.BoardName, account.Tickets.BoardID) &&
		isChoice(f.Critical, account.Tickets.CriticalName, account.Tickets.CriticalID) &&
		isChoice(f.High, account.Tickets.HighName, account.Tickets.HighID) &&
		(!f.MySonicWallKey.Set() || f.MySonicWallKey == keys.MySonicWall) &&
		(!f.PrivateKey.Set() || f.PrivateKey == keys.ConnectWise), nil
}

func isChoice(typed, name string, id int) bool {
	return id != 0 && (typed == name || typed == strconv.Itoa(id))
}

func sameOptions(x, y bridge.Options) bool {
	if len(x.ActiveStatuses) == 0 && len(y.ActiveStatuses) == 0 {
		x.ActiveStatuses, y.ActiveStatuses = nil, nil
	}
	return reflect.DeepEqual(x, y)
}

func sameLimits(x, y bridge.Limits) bool {
	return x.RemovedShare.Equal(y.RemovedShare) && x.RemovedMoreThan == y.RemovedMoreThan && x.QuantityFactor.Equal(y.QuantityFactor) &&
		x.QuantityStep.Equal(y.QuantityStep) && x.NewAdditions == y.NewAdditions
}

// check asks both vendors and stores nothing.
func (p *applying) check(ctx context.Context) error {
	if err := checkZone(p.file.TimeZone); err != nil {
		return err
	}
	if err := p.checkMySonicWall(ctx); err != nil {
		return err
	}
	c := p.file.ConnectWise
	var err error
	p.settings, p.key, err = p.typed(ctx, p.account, Connection{
		Host: c.Host, Company: c.Company, PublicKey: c.PublicKey, PrivateKey: p.file.PrivateKey,
		CallsAtOnce: &c.CallsAtOnce, CallsPerSecond: &c.CallsPerSecond,
	})
	if err != nil {
		return err
	}
	if err := p.refuseTaken(ctx, p.account.ID, p.settings); err != nil {
		return err
	}
	p.progress("testing the connection to ConnectWise at " + p.settings.Host)
	if test := p.testConnection(ctx, p.settings, p.key); !test.OK() {
		return &ConnectionFailedError{test}
	}
	return p.checkConnectWise(ctx)
}

func (p *applying) checkMySonicWall(ctx context.Context) error {
	key := p.file.MySonicWallKey
	if !key.Set() {
		if p.fresh {
			return bridge.Invalid("mysonicwall.api_key", "is missing; also api_key_env or api_key_file may name it")
		}
		if p.account.MSWURL != p.file.MySonicWallURL {
			return bridge.Invalid("mysonicwall.api_key", "Another address needs the key again.")
		}
		keys, err := p.store.Keys(ctx, p.account.ID)
		if err != nil {
			return err
		}
		key = keys.MySonicWall
	}
	p.progress("checking the MySonicWall key")
	var err error
	p.said, err = p.askMySonicWall(ctx, p.file.MySonicWallURL, key)
	return err
}

func (p *applying) checkConnectWise(ctx context.Context) error {
	client, err := p.vendors.ProbeConnectWise(p.settings, p.key)
	if err != nil {
		return err
	}
	choices, err := readChoices(ctx, client)
	if err != nil {
		return connectWiseTrouble(err, "read boards and priorities")
	}
	p.tickets, err = choices.resolve(Tickets{Board: p.file.Board, Critical: p.file.Critical, High: p.file.High})
	if err != nil {
		return err
	}
	p.progress("checking whether ConnectWise is ready")
	if findings := preflight(ctx, client, bridge.Account{Tickets: p.tickets}, nil); mendable(findings) {
		return &NotReadyError{findings}
	}
	return nil
}

// keep stores what was checked.
func (p *applying) keep(ctx context.Context) error {
	keys := store.Keys{MySonicWall: p.file.MySonicWallKey, ConnectWise: p.file.PrivateKey}
	var err error
	if p.fresh {
		fresh := bridge.Account{Name: p.file.Account, State: bridge.AccountNew}
		p.fill(&fresh)
		p.account, err = p.store.CreateAccount(ctx, fresh, keys)
	} else {
		err = p.changeStored(ctx, keys)
	}
	if err != nil {
		return err
	}
	if _, _, _, err = p.store.SaveTenants(ctx, p.account.ID, p.said.tenants, p.now()); err != nil {
		return p.takeBack(ctx, err)
	}
	return nil
}

// takeBack leaves no half-made account behind that would stand in the way of a corrected file.
func (p *applying) takeBack(ctx context.Context, err error) error {
	if !p.fresh {
		return err
	}
	return errors.Join(err, p.store.DeleteAccount(context.WithoutCancel(ctx), p.account.ID))
}

// changeStored stores keys before settings, for the reason of storeConnection.
func (p *applying) changeStored(ctx context.Context, keys store.Keys) error {
	before := p.account
	old, err := p.store.Keys(ctx, before.ID)
	if err != nil {
		return err
	}
	if err := p.store.SetKeys(ctx, before.ID, keys); err != nil {
		return err
	}
	p.account, err = p.store.UpdateAccount(ctx, before.ID, func(acc *bridge.Account) error {
		p.fill(acc)
		return nil
	})
	if err != nil {
		return errors.Join(err, p.store.SetKeys(context.WithoutCancel(ctx), before.ID, old))
	}
	if p.account.Zone() != before.Zone() {
		return p.moveNights(ctx, p.account)
	}
	return nil
}

func (p *applying) fill(acc *bridge.Account) {
	acc.MSWURL, acc.ZoneSetting = p.file.MySonicWallURL, p.file.TimeZone
	if p.said.zone != "" {
		acc.MSWZone = p.said.zone
	}
	acc.ConnectWise, acc.Tickets = p.settings, p.tickets
	acc.Options, acc.Limits = p.file.Options, p.file.Limits
}

// setUp runs set-up and waits for it. A paused account is paused again afterwards.
func (p *applying) setUp(ctx context.Context) error {
	before, err := p.store.SetupSteps(ctx, p.account.ID)
	if err != nil {
		return err
	}
	if err := p.startSetup(ctx, p.account); err != nil {
		return p.takeBack(ctx, err)
	}
	if err := p.waitForSetup(ctx, p.account, before, p.progress); err != nil {
		return err
	}
	if p.account.State == bridge.AccountPaused {
		return p.Pause(ctx, p.account.Name, p.by)
	}
	return nil
}
