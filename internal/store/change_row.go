package store

import (
	"time"

	"causeway/internal/bridge"
)

type changeRow struct {
	ID           int64 `gorm:"primaryKey"`
	AccountID    int64
	Binding      int
	RunID        int64
	Preview      bool
	TenantID     string
	Kind         string
	Action       string
	NaturalKey   string
	ParentID     int
	Serial       string
	Subject      string
	Search       string
	CWMID        int `gorm:"column:cwm_id"`
	BeforeFields document[bridge.Fields]
	AfterFields  document[bridge.Fields]
	Answer       document[bridge.Fields]
	Facts        document[bridge.Fields]
	Why          document[[]bridge.Reasoning]
	Status       string
	Reason       string
	Message      string
	VendorAnswer string
	Needs        document[[]string]
	NextInvoice  day
	BillsZero    bool
	Link         string
	Basis        string
	RivalID      int
	Rival        document[bridge.Fields]
	BillFrom     day
	DecisionID   int64
	Decided      string
	SendingAt    stamp
	EndedAt      stamp
}

func (changeRow) TableName() string { return "changes" }

func changeRowOf(runID int64, of origin, c bridge.Change) changeRow {
	if c.Status == "" {
		c.Status = bridge.StatusPlanned
	}
	return changeRow{
		AccountID: of.account, Binding: of.binding, RunID: runID, Preview: of.preview,
		TenantID: clean(c.TenantID), Kind: string(c.Kind), Action: string(c.Action), NaturalKey: clean(c.Key), ParentID: c.ParentID,
		Serial: clean(c.Serial), Subject: clean(c.Subject), Search: fold(c.Subject, c.Key, c.Serial), CWMID: c.CWMID,
		BeforeFields: document[bridge.Fields]{c.Before}, AfterFields: document[bridge.Fields]{c.After},
		Answer: document[bridge.Fields]{c.Answer}, Facts: document[bridge.Fields]{c.Facts},
		Why: document[[]bridge.Reasoning]{c.Why}, Status: string(c.Status), Reason: string(c.Reason),
		Message: clean(c.Message), VendorAnswer: clean(c.VendorAnswer), Needs: document[[]string]{c.Needs},
		NextInvoice: day(c.NextInvoice), BillsZero: c.BillsZero, Link: c.Link, Basis: c.Basis, RivalID: c.RivalID,
		Rival: document[bridge.Fields]{c.Rival}, BillFrom: day(c.BillFrom), DecisionID: c.DecisionID, Decided: clean(c.Decided),
		SendingAt: stamp(c.SendingAt), EndedAt: stamp(c.EndedAt),
	}
}

func (r changeRow) change() bridge.Change {
	return bridge.Change{
		ID: r.ID, RunID: r.RunID, TenantID: r.TenantID, Kind: bridge.Kind(r.Kind), Action: bridge.Action(r.Action),
		Key: r.NaturalKey, ParentID: r.ParentID, Serial: r.Serial, Subject: r.Subject, CWMID: r.CWMID,
		Before: r.BeforeFields.V, After: r.AfterFields.V, Answer: r.Answer.V, Facts: r.Facts.V, Why: r.Why.V,
		Status: bridge.Status(r.Status), Reason: bridge.Reason(r.Reason), Message: r.Message, VendorAnswer: r.VendorAnswer,
		Needs: r.Needs.V, NextInvoice: bridge.Date(r.NextInvoice), BillsZero: r.BillsZero, Link: r.Link, Basis: r.Basis,
		RivalID: r.RivalID, Rival: r.Rival.V, BillFrom: bridge.Date(r.BillFrom), DecisionID: r.DecisionID, Decided: r.Decided,
		SendingAt: time.Time(r.SendingAt), EndedAt: time.Time(r.EndedAt),
	}
}

type managedRow struct {
	ID          int64 `gorm:"primaryKey"`
	AccountID   int64
	Binding     int
	Kind        string
	NaturalKey  string
	ParentID    int
	TenantID    string
	Serial      string
	CWMID       int `gorm:"column:cwm_id"`
	LastApplied document[bridge.Fields]
	Facts       document[bridge.Fields]
	MissedSince day
	EndedByHand day
	ChangedAt   stamp
}

func (managedRow) TableName() string { return "managed" }

func managedRowOf(of origin, m bridge.Managed, now time.Time) managedRow {
	return managedRow{
		AccountID: of.account, Binding: of.binding, Kind: string(m.Kind), NaturalKey: clean(m.Key), ParentID: m.ParentID,
		TenantID: clean(m.TenantID), Serial: clean(m.Serial), CWMID: m.CWMID,
		LastApplied: document[bridge.Fields]{m.LastApplied}, Facts: document[bridge.Fields]{m.Facts},
		MissedSince: day(m.MissedSince), EndedByHand: day(m.EndedByHand), ChangedAt: stamp(now),
	}
}

func (r managedRow) managed() bridge.Managed {
	return bridge.Managed{
		Kind: bridge.Kind(r.Kind), Key: r.NaturalKey, ParentID: r.ParentID, TenantID: r.TenantID, Serial: r.Serial, CWMID: r.CWMID,
		LastApplied: r.LastApplied.V, Facts: r.Facts.V,
		MissedSince: bridge.Date(r.MissedSince), EndedByHand: bridge.Date(r.EndedByHand),
	}
}

type logRow struct {
	ID         int64 `gorm:"primaryKey"`
	AccountID  int64
	RunID      int64
	TenantID   string
	TenantName string
	WrittenAt  stamp
	Level      string
	Text       string
	Planned    bool
}

func (logRow) TableName() string { return "log_lines" }

func (s *Store) logRowOf(of origin, l bridge.LogLine) logRow {
	at := l.Time
	if at.IsZero() {
		at = s.clock()
	}
	return logRow{
		AccountID: of.account, RunID: l.RunID, TenantID: clean(l.TenantID), TenantName: clean(l.Tenant),
		WrittenAt: stamp(at), Level: string(l.Level), Text: clean(l.Text),
	}
}

func (r logRow) logLine() bridge.LogLine {
	return bridge.LogLine{
		ID: r.ID, RunID: r.RunID, TenantID: r.TenantID, Tenant: r.TenantName,
		Time: time.Time(r.WrittenAt), Level: bridge.LogLevel(r.Level), Text: r.Text,
	}
}
