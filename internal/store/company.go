package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"causeway/internal/bridge"
)

type companyRow struct {
	AccountID  int64 `gorm:"primaryKey"`
	Binding    int   `gorm:"primaryKey"`
	ID         int   `gorm:"primaryKey;autoIncrement:false"`
	Identifier string
	Name       string
	Status     string
	Deleted    bool
}

func (companyRow) TableName() string { return "companies" }

type agreementRow struct {
	AccountID   int64 `gorm:"primaryKey"`
	Binding     int   `gorm:"primaryKey"`
	ID          int   `gorm:"primaryKey;autoIncrement:false"`
	CompanyID   int
	ParentID    int
	Name        string
	Type        string
	CycleName   string
	Cycle       string
	OneTime     bool
	StartDate   day
	EndDate     day
	BillStart   day
	NextInvoice day
	Cancelled   bool
	Prorate     bool
	Status      string
}

func (agreementRow) TableName() string { return "agreements" }

// longestReading bounds how long lists can take to be read; what was stored longer "after" a reading began, a wrong clock stored.
const longestReading = 3 * time.Hour

// SaveCompanies replaces what is known of ConnectWise's companies and agreements. Account is the one that they were read for, at the
// time at which the reading began. Nothing is stored where something newer is known, nor where the account was joined to another
// ConnectWise company meanwhile (R55).
func (s *Store) SaveCompanies(ctx context.Context, readFor bridge.Account, companies []bridge.Company, agreements []bridge.Agreement, at time.Time) error {
	accountID := readFor.ID
	err := s.transact(ctx, func(tx *gorm.DB) error {
		account, err := lockAccount(tx, accountID)
		if newer := time.Time(account.CompaniesReadAt).Sub(at); err != nil || account.Binding != readFor.Binding || newer > 0 && newer < longestReading {
			return err
		}
		snapshot := tx.Where("account_id = ? AND binding = ?", accountID, account.Binding).Session(&gorm.Session{})
		if err := errors.Join(snapshot.Delete(&companyRow{}).Error, snapshot.Delete(&agreementRow{}).Error); err != nil {
			return err
		}
		rows := mapped(companies, func(c bridge.Company) companyRow { return companyRowOf(account, c) })
		if err := insertAll(tx, rows); err != nil {
			return err
		}
		if err := insertAll(tx, mapped(agreements, func(a bridge.Agreement) agreementRow { return agreementRowOf(account, a) })); err != nil {
			return err
		}
		return tx.Model(&accountRow{}).Where("id = ?", accountID).Update("companies_read_at", stamp(at)).Error
	})
	return attempted(err, "store the companies of account %d", accountID)
}

// Companies are those of the last reading, by name.
func (s *Store) Companies(ctx context.Context, accountID int64) ([]bridge.Company, error) {
	var rows []companyRow
	err := s.ofBinding(ctx, "companies", accountID).Order("lower(name), id").Find(&rows).Error
	return mapped(rows, companyRow.company), attempted(err, "list the companies of account %d", accountID)
}

// Agreements are those of the last reading, by company and name.
func (s *Store) Agreements(ctx context.Context, accountID int64) ([]bridge.Agreement, error) {
	var rows []agreementRow
	err := s.ofBinding(ctx, "agreements", accountID).Order("company_id, lower(name), id").Find(&rows).Error
	return mapped(rows, agreementRow.agreement), attempted(err, "list the agreements of account %d", accountID)
}

// ofBinding selects the rows of an account's present ConnectWise company.
func (s *Store) ofBinding(ctx context.Context, table string, accountID int64) *gorm.DB {
	return s.reader(ctx).Table(table).
		Where("account_id = ? AND binding = (SELECT binding FROM accounts WHERE id = ?)", accountID, accountID)
}

// CompaniesReadAt is when the companies were last read from ConnectWise; zero for never.
func (s *Store) CompaniesReadAt(ctx context.Context, accountID int64) (time.Time, error) {
	var row accountRow
	err := s.reader(ctx).Select("companies_read_at").Take(&row, "id = ?", accountID).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return time.Time{}, notFound("There is no account with the number %d.", accountID)
	}
	return time.Time(row.CompaniesReadAt), attempted(err, "read when the companies of account %d were read", accountID)
}

func companyRowOf(account accountRow, c bridge.Company) companyRow {
	return companyRow{
		AccountID: account.ID, Binding: account.Binding, ID: c.ID,
		Identifier: clean(c.Identifier), Name: clean(c.Name), Status: clean(c.Status), Deleted: c.Deleted,
	}
}

func (r companyRow) company() bridge.Company {
	return bridge.Company{ID: r.ID, Identifier: r.Identifier, Name: r.Name, Status: r.Status, Deleted: r.Deleted}
}

func agreementRowOf(account accountRow, a bridge.Agreement) agreementRow {
	return agreementRow{
		AccountID: account.ID, Binding: account.Binding, ID: a.ID, CompanyID: a.CompanyID, ParentID: a.ParentID,
		Name: clean(a.Name), Type: clean(a.Type), CycleName: clean(a.CycleName), Cycle: clean(string(a.Cycle)), OneTime: a.OneTime,
		StartDate: day(a.Start), EndDate: day(a.End), BillStart: day(a.BillStart), NextInvoice: day(a.NextInvoice),
		Cancelled: a.Cancelled, Prorate: a.Prorate, Status: clean(a.Status),
	}
}

func (r agreementRow) agreement() bridge.Agreement {
	return bridge.Agreement{
		ID: r.ID, CompanyID: r.CompanyID, ParentID: r.ParentID, Name: r.Name, Type: r.Type,
		CycleName: r.CycleName, Cycle: bridge.BillingOption(r.Cycle), OneTime: r.OneTime,
		Start: bridge.Date(r.StartDate), End: bridge.Date(r.EndDate),
		BillStart: bridge.Date(r.BillStart), NextInvoice: bridge.Date(r.NextInvoice),
		Cancelled: r.Cancelled, Prorate: r.Prorate, Status: r.Status,
	}
}
