package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"
)

// SetupStep is one step of an account's set-up as its page shows it. Status is waiting, running, done or failed. Outcome says
// what was made and what was there; Message, Fix and Answer say why it failed, how to mend it and what ConnectWise said.
type SetupStep struct {
	Name    string
	Title   string
	Status  string
	Outcome string
	Message string
	Fix     string
	Answer  string
	Started time.Time
	Ended   time.Time
}

type setupStepRow struct {
	AccountID int64 `gorm:"primaryKey;autoIncrement:false"`
	Position  int   `gorm:"primaryKey;autoIncrement:false"`
	Name      string
	Title     string
	Status    string
	Outcome   string
	Message   string
	Fix       string
	Answer    string
	StartedAt stamp
	EndedAt   stamp
}

func (setupStepRow) TableName() string { return "setup_steps" }

// SaveSetupStep stores the step at a position, replacing what was there.
func (s *Store) SaveSetupStep(ctx context.Context, accountID int64, position int, step SetupStep) error {
	err := s.writer(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&setupStepRow{
		AccountID: accountID, Position: position, Name: step.Name, Title: step.Title, Status: step.Status,
		Outcome: clean(step.Outcome), Message: clean(step.Message), Fix: clean(step.Fix), Answer: clean(step.Answer),
		StartedAt: stamp(step.Started), EndedAt: stamp(step.Ended),
	}).Error
	return attempted(err, "store set-up step %s of account %d", step.Name, accountID)
}

// SetupSteps are an account's steps by position.
func (s *Store) SetupSteps(ctx context.Context, accountID int64) ([]SetupStep, error) {
	var rows []setupStepRow
	err := s.reader(ctx).Order("position").Find(&rows, "account_id = ?", accountID).Error
	return mapped(rows, func(r setupStepRow) SetupStep {
		return SetupStep{
			Name: r.Name, Title: r.Title, Status: r.Status, Outcome: r.Outcome, Message: r.Message, Fix: r.Fix, Answer: r.Answer,
			Started: time.Time(r.StartedAt), Ended: time.Time(r.EndedAt),
		}
	}), attempted(err, "list the set-up steps of account %d", accountID)
}

// ClearSetupSteps forgets an account's steps, before another set-up begins.
func (s *Store) ClearSetupSteps(ctx context.Context, accountID int64) error {
	err := s.writer(ctx).Delete(&setupStepRow{}, "account_id = ?", accountID).Error
	return attempted(err, "clear the set-up steps of account %d", accountID)
}
