package store

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"causeway/internal/bridge"
)

type accountRow struct { //nolint:recvcheck // fill prepares it for writing, what reads it takes the value
	ID              int64 `gorm:"primaryKey"`
	Name            string
	State           string
	StateReason     string
	MSWURL          string `gorm:"column:msw_url"`
	MSWZone         string `gorm:"column:msw_zone"`
	ZoneSetting     string
	CWMHost         string  `gorm:"column:cwm_host"`
	CWMCompany      string  `gorm:"column:cwm_company"`
	CWMIdentity     *string `gorm:"column:cwm_identity"`
	CWMPublicKey    string  `gorm:"column:cwm_public_key"`
	CallsAtOnce     int
	CallsPerSecond  float64
	Options         document[bridge.Options]
	Limits          document[limitsDocument]
	Tickets         document[ticketsDocument]
	Binding         int
	KeysVersion     int
	CurrentRunID    *int64
	CompaniesReadAt stamp
	CreatedAt       stamp
	SetUpAt         stamp
	RemovedAt       stamp
}

func (accountRow) TableName() string { return "accounts" }

// sealedKeysRow is the part of accounts that nothing but Keys and SetKeys reads.
type sealedKeysRow struct {
	ID             int64  `gorm:"primaryKey"`
	MySonicWallKey []byte `gorm:"column:mysonicwall_key"`
	ConnectWiseKey []byte `gorm:"column:connectwise_key"`
}

func (sealedKeysRow) TableName() string { return "accounts" }

type limitsDocument struct {
	RemovedShare    decimal.Decimal `json:"removed_share"`
	RemovedMoreThan int             `json:"removed_more_than"`
	QuantityFactor  decimal.Decimal `json:"quantity_factor"`
	QuantityStep    decimal.Decimal `json:"quantity_step"`
	NewAdditions    int             `json:"new_additions"`
}

type ticketsDocument struct {
	BoardID      int    `json:"board_id"`
	BoardName    string `json:"board_name"`
	CriticalID   int    `json:"critical_id"`
	CriticalName string `json:"critical_name"`
	HighID       int    `json:"high_id"`
	HighName     string `json:"high_name"`
}

// identityOf folds host and login company into what R10 compares; empty while ConnectWise is not configured. Cloud hosts answer
// under their plain name and under api-… alike, and HTTPS's own port adds nothing.
func identityOf(settings bridge.ConnectWiseSettings) string {
	if settings.Host == "" {
		return ""
	}
	host := strings.ToLower(strings.TrimSpace(settings.Host))
	host = strings.TrimSuffix(host, ":443")
	host = strings.TrimPrefix(strings.TrimSuffix(host, "."), "api-")
	return host + "/" + strings.ToLower(strings.TrimSpace(settings.Company))
}

// fill takes over what a caller may change; ids, versions of keys and times of the store's own are left alone.
func (r *accountRow) fill(a bridge.Account) {
	r.State, r.StateReason = string(a.State), clean(a.StateReason)
	r.MSWURL, r.MSWZone, r.ZoneSetting = a.MSWURL, clean(a.MSWZone), a.ZoneSetting
	cw := a.ConnectWise
	r.CWMHost, r.CWMCompany, r.CWMPublicKey = cw.Host, cw.Company, cw.PublicKey
	r.CallsAtOnce, r.CallsPerSecond = cw.CallsAtOnce, cw.CallsPerSecond
	r.CWMIdentity = nil
	if identity := identityOf(cw); identity != "" {
		r.CWMIdentity = &identity
	}
	r.Options.V = a.Options
	r.Limits.V = limitsDocument(a.Limits)
	r.Tickets.V = ticketsDocument(a.Tickets)
	r.SetUpAt = stamp(a.SetUpAt)
}

func (r accountRow) account() bridge.Account {
	return bridge.Account{
		ID: r.ID, Name: r.Name, State: bridge.AccountState(r.State), StateReason: r.StateReason,
		MSWURL: r.MSWURL, MSWZone: r.MSWZone, ZoneSetting: r.ZoneSetting,
		ConnectWise: bridge.ConnectWiseSettings{
			Host: r.CWMHost, Company: r.CWMCompany, PublicKey: r.CWMPublicKey,
			CallsAtOnce: r.CallsAtOnce, CallsPerSecond: r.CallsPerSecond,
		},
		Options: r.Options.V, Limits: bridge.Limits(r.Limits.V), Tickets: bridge.TicketSettings(r.Tickets.V),
		Binding: r.Binding, KeysVersion: r.KeysVersion,
		CreatedAt: time.Time(r.CreatedAt), SetUpAt: time.Time(r.SetUpAt), RemovedAt: time.Time(r.RemovedAt),
	}
}
