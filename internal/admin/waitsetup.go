package admin

import (
	"context"
	"fmt"
	"strings"
	"time"

	"causeway/internal/bridge"
	"causeway/internal/store"
)

// Statuses of a set-up step, as the store has them.
const (
	stepDone   = "done"
	stepFailed = "failed"
)

// SetupFailedError is a set-up that stopped at a step; it can be tried again once that is mended.
type SetupFailedError struct{ Step store.SetupStep }

func (e *SetupFailedError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("Set-up stopped at %q: %s %s", e.Step.Title, e.Step.Message, e.Step.Fix))
}

// Unwrap makes it something that a person can act on.
func (e *SetupFailedError) Unwrap() error {
	return &bridge.Error{Code: bridge.CodeVendor, Message: e.Error()}
}

func (e *SetupFailedError) finding() bridge.Finding {
	return bridge.Finding{Check: "set-up: " + e.Step.Name, Message: e.Step.Message, Fix: e.Step.Fix, Answer: e.Step.Answer}
}

// waitForSetup waits until a set-up that was just asked for has ended. before are the steps as they stood when it was asked for: a
// failure among them is an older one.
func (a *Admin) waitForSetup(ctx context.Context, account bridge.Account, before []store.SetupStep, progress func(string)) error {
	old := map[string]time.Time{}
	for _, step := range before {
		if step.Status == stepFailed {
			old[step.Name] = step.Ended
		}
	}
	told := map[string]bool{}
	return a.until(ctx, func() (bool, error) {
		now, err := a.store.AccountByID(ctx, account.ID)
		if err != nil {
			return false, err
		}
		steps, err := a.store.SetupSteps(ctx, account.ID)
		if err != nil {
			return false, err
		}
		for _, step := range steps {
			switch {
			case step.Status == stepFailed && !step.Ended.Equal(old[step.Name]):
				return false, &SetupFailedError{step}
			case step.Status == stepDone && now.State == bridge.AccountSettingUp && !told[step.Name]:
				told[step.Name] = true
				progress(step.Title + ": " + step.Outcome)
			}
		}
		if now.State == bridge.AccountNeedsAttention {
			return false, &bridge.Error{Code: bridge.CodeVendor, Message: account.Name + " needs attention: " + now.StateReason}
		}
		return now.State != bridge.AccountSettingUp, nil
	})
}
