package store

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"causeway/internal/bridge"
)

// OpenRun is what a run begins with. Note is kept as the run's reason until it ends with another. Night claims LocalDate for
// this run, so that no other nightly run of the account has it. Tenants are those the run covers, with their mapping of now.
type OpenRun struct {
	AccountID  int64
	Kind       bridge.RunKind
	Requests   []bridge.SyncRequest
	By, Note   string
	LocalDate  bridge.Date
	Night      bool
	Everything bool
	Tenants    []bridge.Tenant
	WorkflowID string
	TemporalID string
}

// OpenRun opens a run. A sync or a set-up becomes the account's current run; one that never ended is ended as failed, because
// its workflow is gone. Opened is false where the night's date was already taken; run is then the one that has it. Asked again
// with the same TemporalID it answers with the same run.
func (s *Store) OpenRun(ctx context.Context, open OpenRun) (run bridge.Run, opened bool, err error) {
	err = s.transact(ctx, func(tx *gorm.DB) error {
		account, err := lockLive(tx, open.AccountID)
		if err != nil {
			return err
		}
		row, found, err := runBefore(tx, open)
		if err != nil {
			return err
		}
		if found {
			run, opened = row.run(), open.TemporalID != "" && row.TemporalID == open.TemporalID
			return nil
		}
		if open.Kind != bridge.RunPreview && account.CurrentRunID != nil {
			if err := s.overtake(tx, *account.CurrentRunID); err != nil {
				return err
			}
		}
		row, err = s.insertRun(tx, account, open)
		run, opened = row.run(), true
		return err
	})
	return run, opened, attempted(err, "open a %s run of account %d", open.Kind, open.AccountID)
}

// runBefore finds the run that this request already has, or that has its night.
func runBefore(tx *gorm.DB, open OpenRun) (row runRow, found bool, err error) {
	if open.TemporalID != "" {
		err = tx.Take(&row, "account_id = ? AND temporal_id = ?", open.AccountID, open.TemporalID).Error
		if err == nil || !errors.Is(err, gorm.ErrRecordNotFound) {
			return row, err == nil, err
		}
	}
	if !open.Night {
		return row, false, nil
	}
	err = tx.Take(&row, "account_id = ? AND local_date = ? AND night", open.AccountID, day(open.LocalDate)).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return row, false, nil
	}
	return row, err == nil, err
}

// overtake ends a run whose workflow is gone.
func (s *Store) overtake(tx *gorm.DB, runID int64) error {
	row, err := lockRun(tx, runID)
	if err != nil || row.Status != running {
		return err
	}
	return s.endRun(tx, &row, bridge.RunFailed, "This run was overtaken: a newer one began before it had ended.")
}

func (s *Store) insertRun(tx *gorm.DB, account accountRow, open OpenRun) (runRow, error) {
	row := runRow{
		AccountID: account.ID, Binding: account.Binding, Kind: string(open.Kind), Status: running,
		Phase: string(bridge.PhaseCollect), RequestedBy: clean(open.By), Reason: clean(open.Note),
		LocalDate: day(open.LocalDate), Night: open.Night, Everything: open.Everything, StartedAt: stamp(s.clock()),
		WorkflowID: open.WorkflowID, TemporalID: open.TemporalID, TenantsTotal: len(open.Tenants),
	}
	if err := tx.Create(&row).Error; err != nil {
		return row, err
	}
	if err := insertAll(tx, mapped(open.Tenants, func(t bridge.Tenant) tenantRunRow { return waitingTenant(row, t) })); err != nil {
		return row, err
	}
	if err := insertRequests(tx, row, open.Requests); err != nil {
		return row, err
	}
	if open.Kind == bridge.RunPreview {
		return row, nil
	}
	return row, tx.Model(&accountRow{}).Where("id = ?", account.ID).Update("current_run_id", row.ID).Error
}

func waitingTenant(run runRow, t bridge.Tenant) tenantRunRow {
	return tenantRunRow{
		RunID: run.ID, TenantID: clean(t.ID), AccountID: run.AccountID, TenantName: clean(t.Name), Search: fold(t.Name, t.ID),
		CompanyID: t.Mapping.CompanyID, AgreementID: t.Mapping.AgreementID, Enabled: t.Mapping.Enabled,
		Ending: t.Ending, Status: waiting,
	}
}

// insertRequests notes which requests a run serves. The first run that served a request keeps it.
func insertRequests(tx *gorm.DB, run runRow, requests []bridge.SyncRequest) error {
	var rows []requestRow
	for _, r := range requests {
		if r.ID != "" {
			rows = append(rows, requestRow{AccountID: run.AccountID, RequestID: clean(r.ID), RunID: run.ID})
		}
	}
	return insertAll(tx.Clauses(clause.OnConflict{DoNothing: true}).Session(&gorm.Session{}), rows)
}

// MissNight records that a night found the account paused or needing attention. A date that a run already has stays with it.
func (s *Store) MissNight(ctx context.Context, accountID int64, date bridge.Date, reason string) error {
	err := s.transact(ctx, func(tx *gorm.DB) error {
		account, err := lockLive(tx, accountID)
		if err != nil {
			return err
		}
		_, taken, err := runBefore(tx, OpenRun{AccountID: accountID, LocalDate: date, Night: true})
		if err != nil || taken {
			return err
		}
		now := stamp(s.clock())
		return tx.Create(&runRow{
			AccountID: accountID, Binding: account.Binding, Kind: string(bridge.RunSync), Status: string(bridge.RunMissed),
			Phase: string(bridge.PhaseDone), RequestedBy: "night", Reason: clean(reason), LocalDate: day(date), Night: true,
			Everything: true, StartedAt: now, EndedAt: now,
		}).Error
	})
	return attempted(err, "record the missed night %s of account %d", date, accountID)
}

// RunOfRequest finds the run that serves or served a request; false while it waits or was never made.
func (s *Store) RunOfRequest(ctx context.Context, accountID int64, requestID string) (bridge.Run, bool, error) {
	var rows []runRow
	err := s.reader(ctx).Where("id IN (SELECT run_id FROM run_requests WHERE account_id = ? AND request_id = ?)", accountID, clean(requestID)).
		Find(&rows).Error
	if err != nil {
		return bridge.Run{}, false, fmt.Errorf("find the run of request %s: %w", requestID, err)
	}
	if len(rows) == 0 {
		return bridge.Run{}, false, nil
	}
	runs, err := s.withLiveCounts(ctx, rows)
	if err != nil {
		return bridge.Run{}, false, err
	}
	return runs[0], true, nil
}
