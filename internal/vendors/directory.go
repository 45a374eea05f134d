// Package vendors makes the clients of ConnectWise and MySonicWall that an account's calls go through: with the account's keys,
// behind the outbound guard, and within one rate per login.
package vendors

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"causeway/internal/bridge"
	"causeway/internal/connectwise"
	"causeway/internal/mysonicwall"
	"causeway/internal/mysonicwall/psafeed"
	"causeway/internal/outbound"
	"causeway/internal/secret"
	"causeway/internal/store"
)

// probeTimeout is what a person who tests a connection waits for one answer at most.
const probeTimeout = 10 * time.Second

// KeyStore opens an account's sealed keys.
type KeyStore interface {
	Keys(ctx context.Context, accountID int64) (store.Keys, error)
}

// Options of a directory.
type Options struct {
	Keys  KeyStore
	Guard *outbound.Guard
	// MySonicWallURL is the installation's; an account may have its own.
	MySonicWallURL string
	// ClientID is the integration's, sent to ConnectWise with every call; may be empty.
	ClientID secret.Text
	// Workers is how many processes share each account's rate; 0 stands for 1.
	Workers int
	// UserAgent names this build to the vendors.
	UserAgent string
	// ProbeTimeout is how long values that are only being tried wait for one answer; 0 stands for ten seconds.
	ProbeTimeout time.Duration
}

// Directory hands out clients. Those of one ConnectWise login share one limiter, one pool of connections and one looked-up code
// base, whoever asks and for whichever run. It is safe for concurrent use.
type Directory struct {
	options  Options
	limiters *connectwise.Limiters

	mu          sync.Mutex
	connectWise map[int64]connectWiseEntry
	mySonicWall map[int64]mySonicWallEntry
}

// connectWiseEntry is a client with what it was made from: with other keys, host, company or public key it is made anew.
type connectWiseEntry struct {
	keysVersion              int
	host, company, publicKey string
	client                   *connectwise.Client
}

type mySonicWallEntry struct {
	keysVersion int
	url         string
	key         secret.Text
	limiter     *mysonicwall.Limiter
}

// New makes an empty directory; nothing is called.
func New(o Options) (*Directory, error) {
	if o.Keys == nil || o.Guard == nil {
		return nil, errors.New("the clients of MySonicWall and ConnectWise need the stored keys and the outbound guard")
	}
	o.Workers = max(o.Workers, 1)
	if o.ProbeTimeout == 0 {
		o.ProbeTimeout = probeTimeout
	}
	return &Directory{
		options: o, limiters: connectwise.NewLimiters(),
		connectWise: map[int64]connectWiseEntry{}, mySonicWall: map[int64]mySonicWallEntry{},
	}, nil
}

// ConnectWise is the client of an account as it is stored now. onCall, which may be nil, is told about this client's calls only.
func (d *Directory) ConnectWise(ctx context.Context, account bridge.Account, onCall func(connectwise.Call)) (*connectwise.Client, error) {
	if !account.Configured() {
		return nil, &bridge.Error{Code: bridge.CodeInvalid, Message: fmt.Sprintf("%s is not joined to ConnectWise yet. Configure it first.", account.Name)}
	}
	settings := account.ConnectWise
	// Also for a cached client: the account's rate may have changed.
	limiter := d.limiters.For(settings.Host, settings.Company, d.share(settings))
	d.mu.Lock()
	defer d.mu.Unlock()
	entry := d.connectWise[account.ID]
	if entry.client == nil || entry.keysVersion != account.KeysVersion || entry.host != settings.Host ||
		entry.company != settings.Company || entry.publicKey != settings.PublicKey {
		keys, err := d.options.Keys.Keys(ctx, account.ID)
		if err != nil {
			return nil, fmt.Errorf("open the keys of %s: %w", account.Name, err)
		}
		if !keys.ConnectWise.Set() {
			return nil, &bridge.Error{
				Code: bridge.CodeInvalid, Field: "connectwise.private_key",
				Message: fmt.Sprintf("%s has no ConnectWise private key. Type it on the Connection page.", account.Name),
			}
		}
		client, err := d.connectWiseClient(settings, keys.ConnectWise, limiter, 0)
		if err != nil {
			return nil, err
		}
		entry = connectWiseEntry{account.KeysVersion, settings.Host, settings.Company, settings.PublicKey, client}
		d.connectWise[account.ID] = entry
	}
	return entry.client.Observed(onCall), nil
}

// share is this process' part of an account's rate.
func (d *Directory) share(settings bridge.ConnectWiseSettings) connectwise.Limits {
	return connectwise.Limits{
		AtOnce:    max(settings.CallsAtOnce/d.options.Workers, 1),
		PerSecond: settings.CallsPerSecond / float64(d.options.Workers),
	}
}

// ProbeConnectWise is a client for values that are not stored. It waits ten seconds for an answer and has a limiter of its own:
// whoever types another account's host must not change that account's rate.
func (d *Directory) ProbeConnectWise(settings bridge.ConnectWiseSettings, privateKey secret.Text) (*connectwise.Client, error) {
	return d.connectWiseClient(settings, privateKey, connectwise.NewLimiter(d.share(settings)), d.options.ProbeTimeout)
}

func (d *Directory) connectWiseClient(settings bridge.ConnectWiseSettings, privateKey secret.Text, limiter *connectwise.Limiter, timeout time.Duration) (*connectwise.Client, error) {
	client, err := connectwise.New(connectwise.Config{
		Host:           settings.Host,
		Company:        settings.Company,
		PublicKey:      connectwise.Secret(settings.PublicKey),
		PrivateKey:     connectwise.Secret(privateKey.Reveal()),
		ClientID:       connectwise.Secret(d.options.ClientID.Reveal()),
		UserAgent:      d.options.UserAgent,
		HTTPClient:     d.options.Guard.Client(),
		AllowPlainHTTP: d.options.Guard.Plain(settings.Host),
		Timeout:        timeout,
		Limiter:        limiter,
	})
	if err != nil {
		return nil, &bridge.Error{Code: bridge.CodeInvalid, Field: "connectwise", Message: err.Error(), Err: err}
	}
	return client, nil
}

// MySonicWall opens an account's MySonicWall. onCall may be nil. Sources of one account share one limiter.
func (d *Directory) MySonicWall(ctx context.Context, account bridge.Account, onCall func(mysonicwall.Call)) (mysonicwall.Source, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	url := d.mySonicWallURL(account.MSWURL)
	entry := d.mySonicWall[account.ID]
	if entry.limiter == nil || entry.keysVersion != account.KeysVersion || entry.url != url {
		keys, err := d.options.Keys.Keys(ctx, account.ID)
		if err != nil {
			return nil, fmt.Errorf("open the keys of %s: %w", account.Name, err)
		}
		if !keys.MySonicWall.Set() {
			return nil, &bridge.Error{
				Code: bridge.CodeInvalid, Field: "mysonicwall.api_key",
				Message: fmt.Sprintf("%s has no MySonicWall API key. Type it under Settings, MySonicWall.", account.Name),
			}
		}
		entry = mySonicWallEntry{account.KeysVersion, url, keys.MySonicWall, mysonicwall.NewLimiter(0)}
		d.mySonicWall[account.ID] = entry
	}
	return d.source(url, entry.key, entry.limiter, onCall, 0)
}

// ProbeMySonicWall opens MySonicWall with a key that is not stored; an empty url is the installation's. It waits ten seconds for
// an answer.
func (d *Directory) ProbeMySonicWall(url string, key secret.Text) (mysonicwall.Source, error) {
	return d.source(d.mySonicWallURL(url), key, nil, nil, d.options.ProbeTimeout)
}

func (d *Directory) source(url string, key secret.Text, limiter *mysonicwall.Limiter, onCall func(mysonicwall.Call), timeout time.Duration) (mysonicwall.Source, error) {
	if err := d.options.Guard.CheckURL(url); err != nil {
		return nil, &bridge.Error{
			Code: bridge.CodeForbidden, Field: "mysonicwall.url", Err: err,
			Message: "Causeway may not call MySonicWall at this address: " + err.Error(),
		}
	}
	source, err := psafeed.New(mysonicwall.Config{
		BaseURL:    url,
		APIKey:     mysonicwall.Secret(key.Reveal()),
		UserAgent:  d.options.UserAgent,
		HTTPClient: d.options.Guard.Client(),
		Timeout:    timeout,
		Limiter:    limiter,
		OnCall:     onCall,
	})
	if err != nil {
		return nil, &bridge.Error{Code: bridge.CodeInvalid, Field: "mysonicwall.api_key", Message: err.Error(), Err: err}
	}
	return source, nil
}

func (d *Directory) mySonicWallURL(own string) string {
	if own != "" {
		return own
	}
	return d.options.MySonicWallURL
}

// Limiters tells how the ConnectWise limiters do, by host and company, for metrics.
func (d *Directory) Limiters() map[string]connectwise.LimiterStats { return d.limiters.Stats() }
