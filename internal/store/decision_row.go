package store

import (
	"time"

	"causeway/internal/bridge"
)

type decisionRow struct {
	ID         int64 `gorm:"primaryKey"`
	AccountID  int64
	Binding    int
	ChangeID   int64
	TenantID   string
	Kind       string
	NaturalKey string
	Serial     string
	Subject    string
	Reason     string
	Choice     string
	Shown      string
	Basis      string
	BillFrom   day
	DecidedBy  string
	DecidedAt  stamp
	SpentAt    stamp
	Outcome    string
}

func (decisionRow) TableName() string { return "decisions" }

func (r decisionRow) decision() bridge.Decision {
	return bridge.Decision{
		ID: r.ID, Kind: bridge.Kind(r.Kind), Key: r.NaturalKey, Serial: r.Serial, Reason: bridge.Reason(r.Reason), Choice: bridge.Choice(r.Choice),
		Shown: r.Shown, Basis: r.Basis, Date: bridge.Date(r.BillFrom), By: r.DecidedBy, At: time.Time(r.DecidedAt),
	}
}
