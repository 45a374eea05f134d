package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"causeway/internal/bridge"
)

// Decide is what a person chose for one row that waits for a person.
type Decide struct {
	ChangeID int64
	Choice   bridge.Choice
}

// Decide records choices for rows of an account, all or, with the first that cannot be, none; it answers with the rows. A row can be
// decided while it is what its tenant's newest compare says, and once: changing one's mind about a row that waits for its run
// would have the run write something that nobody sees any more.
func (s *Store) Decide(ctx context.Context, accountID int64, decides []Decide, by string) ([]bridge.Change, error) {
	var rows []changeRow
	err := s.transact(ctx, func(tx *gorm.DB) error {
		account, err := lockLive(tx, accountID)
		if err != nil {
			return err
		}
		asked, err := readAsked(tx, account, decides)
		if err != nil {
			return err
		}
		now := s.clock()
		rows = nil
		for _, d := range decides {
			row, err := asked.answerable(d)
			if err != nil {
				return err
			}
			if asked.twice[d.ChangeID] {
				continue
			}
			asked.twice[d.ChangeID] = true
			if err := saveDecision(tx, row, d.Choice, by, now); err != nil {
				return err
			}
			rows = append(rows, row)
		}
		return nil
	})
	if err != nil {
		return nil, attempted(err, "decide on %d changes of account %d", len(decides), accountID)
	}
	return mapped(rows, changeRow.change), nil
}

// askedRows are the rows that a person decides on, with what tells whether that is still possible.
type askedRows struct {
	rows    map[int64]changeRow
	open    map[int64]bool        // what the newest compare of its tenant says
	decided map[int64]decisionRow // by change
	first   map[int64]int64       // of the end of a linked change, the row that decides for both
	choices map[int64]bridge.Choice
	twice   map[int64]bool
}

// openToDecision are rows (c) of the newest compare of their tenant, in the ConnectWise company of now.
const openToDecision = `FROM changes c
	JOIN accounts a ON a.id = c.account_id AND a.binding = c.binding
	JOIN tenants t ON t.account_id = c.account_id AND t.id = c.tenant_id AND t.planned_run_id = c.run_id
	WHERE c.status IN ('held', 'failed')`

func readAsked(tx *gorm.DB, account accountRow, decides []Decide) (*askedRows, error) {
	asked := &askedRows{
		rows: map[int64]changeRow{}, open: map[int64]bool{}, decided: map[int64]decisionRow{}, first: map[int64]int64{},
		choices: map[int64]bridge.Choice{}, twice: map[int64]bool{},
	}
	for _, d := range decides {
		if earlier, given := asked.choices[d.ChangeID]; given && earlier != d.Choice {
			return nil, bridge.Invalid("id", fmt.Sprintf("Change %d cannot be %s and %s at once.", d.ChangeID, decidedAs(earlier), decidedAs(d.Choice)))
		}
		asked.choices[d.ChangeID] = d.Choice
	}
	for part := range portions(mapped(decides, func(d Decide) int64 { return d.ChangeID })) {
		if err := asked.read(tx, account.ID, part); err != nil {
			return nil, err
		}
	}
	return asked, nil
}

func (a *askedRows) read(tx *gorm.DB, accountID int64, ids []int64) error {
	var rows []changeRow
	if err := tx.Find(&rows, "account_id = ? AND id IN ?", accountID, ids).Error; err != nil {
		return err
	}
	var open []int64
	if err := tx.Raw(`SELECT c.id `+openToDecision+` AND c.account_id = ? AND c.id IN ?`, accountID, ids).Scan(&open).Error; err != nil {
		return err
	}
	var decided []decisionRow
	if err := tx.Find(&decided, "account_id = ? AND change_id IN ? AND spent_at IS NULL", accountID, ids).Error; err != nil {
		return err
	}
	for _, id := range open {
		a.open[id] = true
	}
	for _, d := range decided {
		a.decided[d.ChangeID] = d
	}
	for _, r := range rows {
		a.rows[r.ID] = r
		if !r.change().LinkedEnd() {
			continue
		}
		var first []int64
		err := tx.Model(&changeRow{}).Where("run_id = ? AND tenant_id = ? AND link = ? AND id <> ?", r.RunID, r.TenantID, r.Link, r.ID).
			Order("id").Limit(1).Pluck("id", &first).Error
		if err != nil {
			return err
		}
		if len(first) > 0 {
			a.first[r.ID] = first[0]
		}
	}
	return nil
}

// answerable is the row of a choice, or the sentence that refuses it.
func (a *askedRows) answerable(d Decide) (changeRow, error) {
	row, found := a.rows[d.ChangeID]
	if !found {
		return row, notFound("There is no change with the number %d.", d.ChangeID)
	}
	change, first := row.change(), a.first[row.ID]
	decision, decided := a.decided[row.ID]
	switch choices := change.Choices(); {
	case row.Preview:
		return row, conflict("id", "Change %d belongs to a preview, which is never written. Decide on the held change itself.", row.ID)
	case !a.open[row.ID]:
		return row, conflict("id", "Change %d no longer waits for anybody: it was %s in run %d, and what counts now is newer.", row.ID, row.Status, row.RunID)
	case decided:
		return row, conflict("id", "Change %d was already %s by %s.", row.ID, decidedAs(bridge.Choice(decision.Choice)), decision.DecidedBy)
	case change.LinkedEnd() && first != 0:
		return row, conflict("id", "Change %d ends what change %d replaces. Decide on change %d; it stands for both.", row.ID, first, first)
	case len(choices) == 0:
		return row, conflict("id", "Change %d does not wait for a person: it %s.", row.ID, row.Status)
	case !slices.Contains(choices, d.Choice):
		words := mapped(choices, decidedAs)
		return row, conflict("id", "Change %d cannot be %s. It can be %s.", row.ID, decidedAs(d.Choice), strings.Join(words, " or "))
	}
	return row, nil
}

func decidedAs(choice bridge.Choice) string {
	switch choice {
	case bridge.ChoiceRelease:
		return "released"
	case bridge.ChoiceAdopt:
		return "adopted"
	case bridge.ChoiceDismiss:
		return "dismissed"
	case bridge.ChoiceBillFrom:
		return "billed from the date that ConnectWise takes"
	}
	return string(choice)
}

// saveDecision stores the choice with what was shown. An earlier decision about the same record, whose row is no longer shown, gives way.
func saveDecision(tx *gorm.DB, row changeRow, choice bridge.Choice, by string, now time.Time) error {
	by = clean(by)
	err := tx.Exec(`
		UPDATE decisions SET spent_at = ?, outcome = ?
		WHERE account_id = ? AND binding = ? AND kind = ? AND natural_key = ? AND reason = ? AND tenant_id = ? AND spent_at IS NULL
			AND change_id NOT IN (SELECT c.id `+openToDecision+` AND c.account_id = ? AND c.tenant_id = ?)`,
		stamp(now), "decided anew by "+by, row.AccountID, row.Binding, row.Kind, row.NaturalKey, row.Reason, row.TenantID,
		row.AccountID, row.TenantID).Error
	if err != nil {
		return err
	}
	decision := decisionRow{
		AccountID: row.AccountID, Binding: row.Binding, ChangeID: row.ID, TenantID: row.TenantID, Kind: row.Kind, NaturalKey: row.NaturalKey,
		Serial: row.Serial, Subject: row.Subject, Reason: row.Reason, Choice: string(choice), Shown: row.change().Shown(), Basis: row.Basis,
		DecidedBy: by, DecidedAt: stamp(now),
	}
	if choice == bridge.ChoiceBillFrom {
		decision.BillFrom = row.BillFrom
	}
	return tx.Create(&decision).Error
}
