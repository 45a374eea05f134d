package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"causeway/internal/bridge"
)

type reportRow struct {
	AccountID int64  `gorm:"primaryKey"`
	TenantID  string `gorm:"primaryKey"`
	Digest    string
	Complete  bool
	ReadAt    stamp
	Error     string
	ErrorAt   stamp
}

func (reportRow) TableName() string { return "reports" }

type productRow struct {
	AccountID    int64  `gorm:"primaryKey"`
	TenantID     string `gorm:"primaryKey"`
	Position     int    `gorm:"primaryKey;autoIncrement:false"`
	Serial       string
	Name         string
	RawName      string
	FriendlyName string
	Line         string
	Tier         string
	Trial        bool
	Billable     bool
	Registered   day
	Status       string
	Services     document[[]bridge.Service]
	Problems     document[[]string]
}

func (productRow) TableName() string { return "products" }

// StoredReport is the last report of a tenant. At is when MySonicWall was asked, zero when it never answered. Error tells why
// the newest attempt brought no report; the one before it is then still here.
type StoredReport struct {
	bridge.Report
	At    time.Time
	Error string
}

// SaveReport stores what MySonicWall reported for one tenant. Changed is false when it said the same as before.
func (s *Store) SaveReport(ctx context.Context, accountID int64, report bridge.Report, at time.Time) (changed bool, err error) {
	count, err := s.saveReports(ctx, accountID, []bridge.Report{report}, at)
	return count > 0, err
}

// SaveReports stores many reports in one transaction.
func (s *Store) SaveReports(ctx context.Context, accountID int64, reports []bridge.Report, at time.Time) error {
	_, err := s.saveReports(ctx, accountID, reports, at)
	return err
}

func (s *Store) saveReports(ctx context.Context, accountID int64, reports []bridge.Report, at time.Time) (changed int, err error) {
	rows := make(map[string]reportRow, len(reports))
	byTenant := make(map[string]bridge.Report, len(reports))
	for _, r := range reports {
		digest, err := digestOf(r.Products)
		if err != nil {
			return 0, fmt.Errorf("store the report of tenant %s: %w", r.TenantID, err)
		}
		id := clean(r.TenantID)
		byTenant[id] = r
		rows[id] = reportRow{AccountID: accountID, TenantID: id, Digest: digest, Complete: r.Complete, ReadAt: stamp(at)}
	}
	err = s.transact(ctx, func(tx *gorm.DB) error {
		changed = 0
		for part := range portions(sortedValues(rows)) {
			differing, err := differingReports(tx, accountID, part)
			if err != nil {
				return err
			}
			changed += len(differing)
			if err := upsertReports(tx, part, "digest", "complete", "read_at", "error", "error_at"); err != nil {
				return err
			}
			if err := replaceProducts(tx, accountID, differing, byTenant); err != nil {
				return err
			}
		}
		return nil
	})
	return changed, attempted(err, "store %d reports of account %d", len(reports), accountID)
}

// digestOf tells whether two reports say the same, so that the rows of an unchanged one are not written again.
func digestOf(products []bridge.Product) (string, error) {
	text, err := json.Marshal(products)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

func differingReports(tx *gorm.DB, accountID int64, rows []reportRow) ([]string, error) {
	ids := mapped(rows, func(r reportRow) string { return r.TenantID })
	var stored []reportRow
	if err := tx.Select("tenant_id", "digest").Find(&stored, "account_id = ? AND tenant_id IN ?", accountID, ids).Error; err != nil {
		return nil, err
	}
	digests := make(map[string]string, len(stored))
	for _, r := range stored {
		digests[r.TenantID] = r.Digest
	}
	var differing []string
	for _, r := range rows {
		if digests[r.TenantID] != r.Digest {
			differing = append(differing, r.TenantID)
		}
	}
	return differing, nil
}

func upsertReports(tx *gorm.DB, rows []reportRow, columns ...string) error {
	return insertAll(tx.Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "account_id"}, {Name: "tenant_id"}},
		DoUpdates: clause.AssignmentColumns(columns),
	}).Session(&gorm.Session{}), rows)
}

func replaceProducts(tx *gorm.DB, accountID int64, tenants []string, reports map[string]bridge.Report) error {
	if len(tenants) == 0 {
		return nil
	}
	if err := tx.Delete(&productRow{}, "account_id = ? AND tenant_id IN ?", accountID, tenants).Error; err != nil {
		return err
	}
	var rows []productRow
	for _, id := range tenants {
		for i, p := range reports[id].Products {
			rows = append(rows, productRowOf(accountID, id, i, p))
		}
	}
	return insertAll(tx, rows)
}

// Reports are the last reports of the given tenants, one for each and in their order, also for those never read.
func (s *Store) Reports(ctx context.Context, accountID int64, tenantIDs []string) ([]StoredReport, error) {
	found := make(map[string]StoredReport, len(tenantIDs))
	for part := range portions(mapped(tenantIDs, clean)) {
		if err := readReports(s.reader(ctx), accountID, part, found); err != nil {
			return nil, fmt.Errorf("read %d reports of account %d: %w", len(tenantIDs), accountID, err)
		}
	}
	return mapped(tenantIDs, func(id string) StoredReport {
		report := found[clean(id)]
		report.TenantID = id
		return report
	}), nil
}

func readReports(db *gorm.DB, accountID int64, ids []string, into map[string]StoredReport) error {
	// One transaction, so that a report saved meanwhile cannot mix its products with the older one's.
	return db.Transaction(func(tx *gorm.DB) error {
		var rows []reportRow
		if err := tx.Find(&rows, "account_id = ? AND tenant_id IN ?", accountID, ids).Error; err != nil {
			return err
		}
		for _, r := range rows {
			into[r.TenantID] = StoredReport{
				Report: bridge.Report{TenantID: r.TenantID, Complete: r.Complete}, At: time.Time(r.ReadAt), Error: r.Error,
			}
		}
		var products []productRow
		err := tx.Order("tenant_id, position").Find(&products, "account_id = ? AND tenant_id IN ?", accountID, ids).Error
		for _, p := range products {
			report := into[p.TenantID]
			report.Products = append(report.Products, p.product())
			into[p.TenantID] = report
		}
		return err
	}, repeatable)
}

// SaveReportError notes that a tenant's products could not be read. The last report stays.
func (s *Store) SaveReportError(ctx context.Context, accountID int64, tenantID, text string, at time.Time) error {
	row := reportRow{AccountID: accountID, TenantID: clean(tenantID), Error: clean(text), ErrorAt: stamp(at)}
	err := upsertReports(s.writer(ctx), []reportRow{row}, "error", "error_at")
	return attempted(err, "store why the products of tenant %s were not read", tenantID)
}

func productRowOf(accountID int64, tenantID string, position int, p bridge.Product) productRow {
	return productRow{
		AccountID: accountID, TenantID: tenantID, Position: position, Serial: clean(p.Serial),
		Name: clean(p.Name), RawName: clean(p.RawName), FriendlyName: clean(p.FriendlyName),
		Line: clean(string(p.Line)), Tier: clean(string(p.Tier)), Trial: p.Trial, Billable: p.Billable,
		Registered: day(p.Registered), Status: clean(string(p.Status)),
		Services: document[[]bridge.Service]{p.Services}, Problems: document[[]string]{p.Problems},
	}
}

func (r productRow) product() bridge.Product {
	return bridge.Product{
		Serial: r.Serial, Name: r.Name, RawName: r.RawName, FriendlyName: r.FriendlyName,
		Line: bridge.ProductLine(r.Line), Tier: bridge.Tier(r.Tier), Trial: r.Trial, Billable: r.Billable,
		Registered: bridge.Date(r.Registered), Status: bridge.ProductStatus(r.Status),
		Services: r.Services.V, Problems: r.Problems.V,
	}
}

// ReportTimes tells when each tenant's products were last read, without reading them; a tenant never read is left out.
func (s *Store) ReportTimes(ctx context.Context, accountID int64, tenantIDs []string) (map[string]time.Time, error) {
	out := make(map[string]time.Time, len(tenantIDs))
	for part := range portions(tenantIDs) {
		var rows []reportRow
		err := s.reader(ctx).Select("tenant_id", "read_at").Find(&rows, "account_id = ? AND tenant_id IN ?", accountID, part).Error
		if err != nil {
			return nil, fmt.Errorf("find out when tenants of account %d were read: %w", accountID, err)
		}
		for _, r := range rows {
			out[r.TenantID] = time.Time(r.ReadAt)
		}
	}
	return out, nil
}
