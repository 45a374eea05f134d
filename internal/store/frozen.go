package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"causeway/internal/bridge"
)

// localDate is the account's calendar date at a moment, UTC's where this build does not know the zone.
func (r accountRow) localDate(at time.Time) bridge.Date {
	zone, err := time.LoadLocation(r.account().Zone())
	if err != nil {
		zone = time.UTC
	}
	return bridge.DateOf(at.In(zone))
}

// frozenAfter is how a tenant is frozen once it is missing or not and mapped as given. It stays frozen since the first day, whatever
// else happens meanwhile, and one that was never synchronised is not frozen.
func frozenAfter(before bridge.Tenant, missing bool, m bridge.Mapping, today bridge.Date) bridge.Frozen {
	cause := bridge.Tenant{Missing: missing, Mapping: m}.Idle()
	switch {
	case missing == before.Missing && m == before.Mapping:
		return before.Frozen
	case cause == "":
		return bridge.Frozen{}
	case !before.Frozen.Since.IsZero():
		return bridge.Frozen{Since: before.Frozen.Since, Reason: cause}
	case before.Idle() == "":
		return bridge.Frozen{Since: today, Reason: cause}
	}
	return bridge.Frozen{}
}

// freezeListed notes what it means for their billing that tenants came back or went missing.
func freezeListed(tx *gorm.DB, accountID int64, back, absent []string, today bridge.Date) error {
	before, err := mappingsNow(tx, accountID, append(slices.Clone(back), absent...))
	if err != nil {
		return err
	}
	frozen := map[bridge.Frozen][]string{}
	for missing, ids := range map[bool][]string{false: back, true: absent} {
		for _, id := range ids {
			after := frozenAfter(before[id], missing, before[id].Mapping, today)
			frozen[after] = append(frozen[after], id)
		}
	}
	return saveFrozen(tx, accountID, frozen)
}

// freezeMapped notes what new mappings mean for the tenants' billing. One that is synchronised again is not to be ended any more.
func freezeMapped(tx *gorm.DB, account accountRow, before map[string]bridge.Tenant, rows map[string]mappingRow, now time.Time) error {
	frozen := map[bridge.Frozen][]string{}
	var enabled []string
	for id, row := range rows {
		m := bridge.Mapping{CompanyID: row.CompanyID, AgreementID: row.AgreementID, Enabled: row.Enabled}
		if after := frozenAfter(before[id], before[id].Missing, m, account.localDate(now)); after != before[id].Frozen {
			frozen[after] = append(frozen[after], id)
		}
		if m.Enabled && m != before[id].Mapping {
			enabled = append(enabled, id)
		}
	}
	if err := saveFrozen(tx, account.ID, frozen); err != nil {
		return err
	}
	for part := range portions(enabled) {
		err := tx.Exec(`UPDATE tenants SET ending_by = '', ending_since = '' WHERE account_id = ? AND id IN ? AND ending_since <> ''`,
			account.ID, part).Error
		if err != nil {
			return err
		}
	}
	return nil
}

// saveFrozen stores how tenants are frozen, in as many statements as there are different answers.
func saveFrozen(tx *gorm.DB, accountID int64, tenants map[bridge.Frozen][]string) error {
	for frozen, ids := range tenants {
		for part := range portions(ids) {
			err := tx.Model(&tenantRow{}).Where("account_id = ? AND id IN ?", accountID, part).
				Updates(map[string]any{"frozen_since": day(frozen.Since), "frozen_reason": frozen.Reason}).Error
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// noteFrozen stores what a sync's compare found: an ended agreement freezes a tenant, a compare that went through ends that. What
// mapping and MySonicWall's list say is noted where they change.
func noteFrozen(tx *gorm.DB, run bridge.Run, of origin, tenants []PlannedTenant) error {
	freeze := map[string][]string{}
	var runs []string
	for _, p := range tenants {
		switch id := clean(p.TenantID); {
		case p.Plan.Frozen != "":
			freeze[p.Plan.Frozen] = append(freeze[p.Plan.Frozen], id)
		case p.Plan.Failure == "":
			runs = append(runs, id)
		}
	}
	for reason, ids := range freeze {
		err := tx.Model(&tenantRow{}).Where("account_id = ? AND id IN ? AND frozen_since = ''", of.account, ids).
			Updates(map[string]any{"frozen_since": day(run.LocalDate), "frozen_reason": reason}).Error
		if err != nil {
			return err
		}
	}
	if len(runs) == 0 {
		return nil
	}
	return tx.Exec(`
		UPDATE tenants SET frozen_since = '', frozen_reason = ''
		WHERE account_id = ? AND id IN ? AND frozen_reason = ?
			AND NOT EXISTS (SELECT 1 FROM tenant_runs r WHERE r.run_id = ? AND r.tenant_id = tenants.id AND r.ending)`,
		of.account, runs, bridge.FrozenAgreement, run.ID).Error
}

// openLines counts a tenant's (t) additions that still run by our notes, in the account's (a) present ConnectWise company. It takes
// the account's local date.
const openLines = `(SELECT count(*) FROM managed x
	WHERE x.account_id = t.account_id AND x.binding = a.binding AND x.tenant_id = t.id AND x.kind = 'addition'
		AND x.ended_by_hand = '' AND coalesce(x.facts ->> 'ended', '') = ''
		AND (coalesce(x.last_applied ->> 'cancelledDate', '') = '' OR x.last_applied ->> 'cancelledDate' >= ?))`

// RequestEnding notes that a person wants the billing of tenants ended (R53): the next run that covers them does it, whether or not
// they are enabled. All are noted or, with the first that cannot be, none. A tenant that is synchronised is refused: the next
// night would bill it again.
func (s *Store) RequestEnding(ctx context.Context, accountID int64, tenantIDs []string, by string, today bridge.Date) error {
	err := s.transact(ctx, func(tx *gorm.DB) error {
		if _, err := lockLive(tx, accountID); err != nil {
			return err
		}
		ids := sortedUnique(mapped(tenantIDs, clean))
		now, err := mappingsNow(tx, accountID, ids)
		if err != nil {
			return err
		}
		for _, id := range ids {
			tenant, found := now[id]
			if !found {
				return notFound("There is no tenant with the id %s.", id)
			}
			if err := tenant.MayEnd(); err != nil {
				return err
			}
		}
		for part := range portions(ids) {
			err := tx.Model(&tenantRow{}).Where("account_id = ? AND id IN ? AND ending_since = ''", accountID, part).
				Updates(map[string]any{"ending_by": clean(by), "ending_since": day(today)}).Error
			if err != nil {
				return err
			}
		}
		return nil
	})
	return attempted(err, "ask for the end of billing of %d tenants of account %d", len(tenantIDs), accountID)
}

// noteEndings forgets the requests that a sync carried out: those of tenants whose billing it ended and that ended well in it.
func noteEndings(tx *gorm.DB, runID int64, tenants []string) error {
	for part := range portions(tenants) {
		err := tx.Exec(`
			UPDATE tenants SET ending_by = '', ending_since = ''
			WHERE account_id = (SELECT account_id FROM runs WHERE id = ? AND kind = ?) AND id IN ? AND ending_since <> ''
				AND EXISTS (SELECT 1 FROM tenant_runs r WHERE r.run_id = ? AND r.tenant_id = tenants.id AND r.ending AND r.status IN (?, ?))`,
			runID, string(bridge.RunSync), part, runID, string(bridge.TenantSynced), string(bridge.TenantUnchanged)).Error
		if err != nil {
			return err
		}
	}
	return nil
}

// forgetBinding drops what was noted about tenants in the ConnectWise company that an account leaves (R55): what was held there is
// never written, and no line of theirs runs in the new one.
func forgetBinding(tx *gorm.DB, accountID int64) error {
	return tx.Model(&tenantRow{}).Where("account_id = ?", accountID).Updates(map[string]any{
		"planned_run_id": nil, "frozen_since": "", "frozen_reason": "", "ending_by": "", "ending_since": "",
	}).Error
}
