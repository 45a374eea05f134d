package admin

import (
	"context"
	"fmt"
	"slices"

	"causeway/internal/bridge"
	"causeway/internal/store"
)

// Show is where an account stands.
func (a *Admin) Show(ctx context.Context, name string) (AccountAnswer, error) {
	account, err := a.store.Account(ctx, name)
	if err != nil {
		return AccountAnswer{}, err
	}
	summary, err := a.store.Summary(ctx, account.ID)
	if err != nil {
		return AccountAnswer{}, err
	}
	return a.answerOfAccount(ctx, summary), nil
}

// List is where every account stands, by name.
func (a *Admin) List(ctx context.Context) ([]AccountAnswer, error) {
	summaries, err := a.store.Summaries(ctx)
	if err != nil {
		return nil, err
	}
	answers := make([]AccountAnswer, 0, len(summaries))
	for _, s := range summaries {
		answers = append(answers, a.answerOfAccount(ctx, s))
	}
	return answers, nil
}

func (a *Admin) answerOfAccount(ctx context.Context, s store.Summary) AccountAnswer {
	account := s.Account
	answer := AccountAnswer{
		Account: account.Name, State: account.State, StateReason: account.StateReason, TimeZone: account.Zone(),
		FailedTenants: s.FailedTenants, HeldChanges: s.HeldChanges, Tenants: s.TenantsTotal, Enabled: s.TenantsEnabled,
		WorkflowID: "account/" + account.Name, Removed: at(account.RemovedAt),
	}
	if s.LastRun != nil {
		answer.LastRun, answer.LastRunID, answer.LastRunStatus = at(s.LastRun.Started), s.LastRun.ID, s.LastRun.Status
	}
	// Without Temporal everything else is still true, so its absence leaves only this blank.
	if account.State == bridge.AccountReady {
		next, paused, err := a.starter.ScheduleInfo(ctx, account.Name)
		if err != nil {
			a.log.Warn("the next night of an account is not known", "account", account.Name, "error", err)
		} else if nights := nightsOf(next, account, a.now()); !paused && len(nights) > 0 {
			answer.NextRun = at(nights[0])
		}
	}
	return answer
}

// runsListed bounds a list of runs: a year of nights with as many runs by hand.
const runsListed = 1000

// Runs lists an account's runs, newest first.
func (a *Admin) Runs(ctx context.Context, name string) ([]RunLineAnswer, error) {
	account, err := a.store.Account(ctx, name)
	if err != nil {
		return nil, err
	}
	runs, err := a.store.Runs(ctx, account.ID, store.RunFilter{Limit: runsListed})
	if err != nil {
		return nil, err
	}
	answers := make([]RunLineAnswer, 0, len(runs))
	for _, r := range runs {
		answers = append(answers, LineOfRun(r))
	}
	return answers, nil
}

// Run is one run's result, with its changes or log lines where they are asked for.
func (a *Admin) Run(ctx context.Context, id int64, changes, logs bool) (RunAnswer, error) {
	run, err := a.store.Run(ctx, id)
	if err != nil {
		return RunAnswer{}, err
	}
	account, err := a.store.AccountByID(ctx, run.AccountID)
	if err != nil {
		return RunAnswer{}, err
	}
	answer := AnswerOfRun(account.Name, run)
	if changes {
		if answer.Changes, err = a.changesOf(ctx, run); err != nil {
			return RunAnswer{}, err
		}
	}
	if logs {
		answer.Logs = []LogAnswer{}
		err = a.store.EachLog(ctx, store.LogFilter{AccountID: account.ID, RunID: run.ID}, func(l bridge.LogLine) error {
			answer.Logs = append(answer.Logs, AnswerOfLog(l))
			return nil
		})
	}
	return answer, err
}

// Zones are IANA names to offer; any other that this build knows may be typed as well.
func Zones() []string { return slices.Clone(zones) }

// zones cover every offset where MSPs are found; time.LoadLocation knows several hundred more.
var zones = []string{
	"UTC", "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles", "America/Anchorage",
	"Pacific/Honolulu", "America/Halifax", "America/St_Johns", "America/Toronto", "America/Vancouver", "America/Mexico_City",
	"America/Bogota", "America/Sao_Paulo", "America/Argentina/Buenos_Aires", "Europe/London", "Europe/Dublin", "Europe/Lisbon",
	"Europe/Berlin", "Europe/Paris", "Europe/Madrid", "Europe/Rome", "Europe/Amsterdam", "Europe/Zurich", "Europe/Vienna",
	"Europe/Stockholm", "Europe/Warsaw", "Europe/Athens", "Europe/Helsinki", "Europe/Istanbul", "Africa/Johannesburg", "Africa/Lagos",
	"Africa/Cairo", "Asia/Dubai", "Asia/Kolkata", "Asia/Bangkok", "Asia/Singapore", "Asia/Hong_Kong", "Asia/Tokyo", "Asia/Seoul",
	"Australia/Perth", "Australia/Adelaide", "Australia/Brisbane", "Australia/Sydney", "Australia/Lord_Howe", "Pacific/Auckland",
}

// checkZone refuses a name that this build does not know.
func checkZone(name string) error {
	if name != "" && !knownZone(name) {
		return bridge.Invalid("time_zone", fmt.Sprintf("%q is not a zone of the IANA list such as America/Chicago", name))
	}
	return nil
}
