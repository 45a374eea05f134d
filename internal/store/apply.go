package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"causeway/internal/bridge"
)

// PendingChanges are a tenant's changes of a run that are planned or sending, in the order of the plan. The empty tenant has
// the shared records.
func (s *Store) PendingChanges(ctx context.Context, runID int64, tenantID string) ([]bridge.Change, error) {
	var rows []changeRow
	err := s.reader(ctx).Order("id").
		Find(&rows, "run_id = ? AND tenant_id = ? AND status IN ?", runID, clean(tenantID), []string{planned, sending}).Error
	return mapped(rows, changeRow.change), attempted(err, "list what run %d has to write for tenant %q", runID, tenantID)
}

// ClaimChange commits that a write is about to leave. It succeeds only while the run is the account's current one and running,
// so that an activity of a run that was ended cannot write beside the next. A change that is sending may be claimed again by
// its own run; its time is then that of the newer attempt.
func (s *Store) ClaimChange(ctx context.Context, run bridge.Run, changeID int64) (claimed bool, err error) {
	// A run is its account's current one exactly as long as it runs. The account's row is kept from changing until the claim is
	// committed: a run that is ended meanwhile either comes before, and the claim fails, or finds the row sending.
	done := s.writer(ctx).Exec(`
		UPDATE changes SET status = ?, sending_at = ?
		WHERE id = ? AND run_id = ? AND NOT preview AND status IN ('planned', 'sending')
			AND EXISTS (SELECT 1 FROM accounts WHERE id = ? AND current_run_id = ?`+s.dialect.shareLock+`)`,
		sending, stamp(s.clock()), changeID, run.ID, run.AccountID, run.ID)
	if done.Error != nil {
		return false, fmt.Errorf("claim change %d of run %d: %w", changeID, run.ID, done.Error)
	}
	return done.RowsAffected == 1, nil
}

// FinishChange stores what became of a change, the managed record it led to and its line in the log, all or nothing: status,
// reason, message, ConnectWise's answer, id and the date it would take come from c; the plan itself stays as it was planned. The
// decision that an applied change carried out is spent. It works after the run was ended too, because what was written must be
// known. Managed and log may be nil.
func (s *Store) FinishChange(ctx context.Context, run bridge.Run, c bridge.Change, managed *bridge.Managed, log *bridge.LogLine) error {
	of, err := s.originOf(s.reader(ctx), run.ID)
	if err != nil {
		return err
	}
	err = s.transact(ctx, func(tx *gorm.DB) error {
		now := s.clock()
		if err := finishRow(tx, run.ID, c, now); err != nil {
			return err
		}
		if c.Status == bridge.StatusApplied && c.DecisionID != 0 {
			if err := s.spend(tx, of.account, []int64{c.DecisionID}, fmt.Sprintf("written by run %d", run.ID)); err != nil {
				return err
			}
		}
		if managed != nil {
			if err := upsertManaged(tx, managedRowOf(of, *managed, now)); err != nil {
				return err
			}
		}
		if log == nil {
			return nil
		}
		row := s.logRowOf(of, *log)
		row.RunID = run.ID
		return insertLog(tx, row)
	})
	if managed != nil && errors.Is(err, gorm.ErrDuplicatedKey) {
		err = cmp.Or(s.otherKey(ctx, of, *managed), err)
	}
	return attempted(err, "store the outcome of change %d (%s %s %s) of run %d", c.ID, c.Action, c.Kind, c.Key, run.ID)
}

func finishRow(tx *gorm.DB, runID int64, c bridge.Change, now time.Time) error {
	ended := c.EndedAt
	if ended.IsZero() && c.Status != bridge.StatusPlanned && c.Status != bridge.StatusSending && c.Status != bridge.StatusHeld {
		ended = now
	}
	done := tx.Exec(`
		UPDATE changes SET status = ?, reason = ?, message = ?, vendor_answer = ?, cwm_id = ?, answer = ?, bill_from = ?, ended_at = ?
		WHERE id = ? AND run_id = ?`,
		string(c.Status), string(c.Reason), clean(c.Message), clean(c.VendorAnswer), c.CWMID, document[bridge.Fields]{c.Answer},
		day(c.BillFrom), stamp(ended), c.ID, runID)
	if done.Error == nil && done.RowsAffected == 0 {
		return notFound("Run %d has no change %d.", runID, c.ID)
	}
	return done.Error
}

func insertLog(tx *gorm.DB, r logRow) error {
	return tx.Exec(`
		INSERT INTO log_lines (account_id, run_id, tenant_id, tenant_name, written_at, level, text, planned)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, r.AccountID, r.RunID, r.TenantID, r.TenantName, r.WrittenAt, r.Level, r.Text, r.Planned).Error
}

// upsertManaged stores a managed record by its natural key. A ConnectWise record has one key: two would have two changes write
// to it.
func upsertManaged(tx *gorm.DB, r managedRow) error {
	return tx.Exec(`
		INSERT INTO managed (account_id, binding, kind, natural_key, parent_id, tenant_id, serial, cwm_id, last_applied, facts,
			missed_since, ended_by_hand, changed_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (account_id, binding, kind, parent_id, natural_key) DO UPDATE SET
			tenant_id = excluded.tenant_id, serial = excluded.serial, cwm_id = excluded.cwm_id, last_applied = excluded.last_applied,
			facts = excluded.facts, missed_since = excluded.missed_since, ended_by_hand = excluded.ended_by_hand,
			changed_at = excluded.changed_at`,
		r.AccountID, r.Binding, r.Kind, r.NaturalKey, r.ParentID, r.TenantID, r.Serial, r.CWMID, r.LastApplied, r.Facts,
		r.MissedSince, r.EndedByHand, r.ChangedAt).Error
}

// otherKey says which managed record already has the ConnectWise id of m, after an index refused a second one.
func (s *Store) otherKey(ctx context.Context, of origin, m bridge.Managed) error {
	var rows []managedRow
	err := s.reader(ctx).Limit(1).Find(&rows, "account_id = ? AND binding = ? AND kind = ? AND cwm_id = ?",
		of.account, of.binding, string(m.Kind), m.CWMID).Error
	if err != nil || len(rows) == 0 {
		return err
	}
	return conflict("", "The %s with ConnectWise's id %d is already managed as %s, so it cannot be %s too.", m.Kind, m.CWMID, rows[0].NaturalKey, m.Key)
}

// RecordKey is what a record is known by within an account: ParentID is an addition's agreement, a configuration's company, 0 for
// shared records.
type RecordKey struct {
	Kind     bridge.Kind
	ParentID int
	Key      string
}

// LeftSending tells since when writes to records are "maybe done": for each key the newest change of any ended run that was left
// sending, or failed without a clear answer, in the account's present ConnectWise company.
func (s *Store) LeftSending(ctx context.Context, accountID int64) (map[RecordKey]time.Time, error) {
	var rows []changeRow
	err := s.leftSending(s.reader(ctx), accountID).Select("kind", "parent_id", "natural_key", "sending_at").Order("sending_at").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("find out what ended runs of account %d left unclear: %w", accountID, err)
	}
	out := make(map[RecordKey]time.Time, len(rows))
	for _, r := range rows {
		out[RecordKey{bridge.Kind(r.Kind), r.ParentID, r.NaturalKey}] = time.Time(r.SendingAt)
	}
	return out, nil
}

// ResolveSending settles what LeftSending told of a record: the record was looked for, and whether it is there is known now.
func (s *Store) ResolveSending(ctx context.Context, accountID int64, kind bridge.Kind, parentID int, key string) error {
	err := s.leftSending(s.writer(ctx), accountID).Where("kind = ? AND parent_id = ? AND natural_key = ?", string(kind), parentID, clean(key)).Updates(map[string]any{
		"status": failed, "reason": string(bridge.ReasonRejected), "ended_at": stamp(s.clock()),
		"message": "The run ended while this was being sent. A later run looked for it in ConnectWise and went on from what it found.",
	}).Error
	return attempted(err, "settle what was sent for %s %s", kind, key)
}

func (s *Store) leftSending(db *gorm.DB, accountID int64) *gorm.DB {
	// The words stand in the text as they do in the index changes_unclear, else neither database would use it.
	return db.Model(&changeRow{}).Where(`
		account_id = ? AND binding = (SELECT binding FROM accounts WHERE id = ?)
		AND (status = 'sending' OR status = 'failed' AND reason = 'maybe_done')
		AND EXISTS (SELECT 1 FROM runs r WHERE r.id = changes.run_id AND r.ended_at IS NOT NULL)`, accountID, accountID)
}
