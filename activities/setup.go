package activities

import (
	"context"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/activity"

	"causeway/internal/bridge"
	"causeway/internal/connectwise"
	"causeway/internal/store"
)

// Steps of a set-up, in order; the names go into histories and must not change.
const (
	StepConnection    = "connection"
	StepReadiness     = "readiness"
	StepProductTypes  = "product types"
	StepCategories    = "categories"
	StepSubcategories = "subcategories"
	StepCompanies     = "companies"
	StepSchedule      = "schedule"
)

// SetupStepNames is the order of a set-up's steps.
var SetupStepNames = []string{StepConnection, StepReadiness, StepProductTypes, StepCategories, StepSubcategories, StepCompanies, StepSchedule}

var stepTitles = map[string]string{
	StepConnection:    "Connect to ConnectWise",
	StepReadiness:     "Check that ConnectWise is ready",
	StepProductTypes:  "Product types",
	StepCategories:    "Categories",
	StepSubcategories: "Subcategories",
	StepCompanies:     "Read companies and agreements",
	StepSchedule:      "Nightly schedule",
}

// Statuses of a set-up step, as stored.
const (
	stepWaiting = "waiting"
	stepRunning = "running"
	stepDone    = "done"
	stepFailed  = "failed"
)

// BeginSetupInput starts a set-up; the same token again gives the same run back.
type BeginSetupInput struct {
	Account string
	Token   string
}

// BeginSetup opens the run that keeps the set-up's changes and shows its steps as waiting.
func (a *Activities) BeginSetup(ctx context.Context, in BeginSetupInput) (OpenedRun, error) {
	acc, err := a.Store.Account(ctx, in.Account)
	if err != nil {
		return OpenedRun{}, asTemporal(err)
	}
	run, _, err := a.Store.OpenRun(ctx, store.OpenRun{
		AccountID: acc.ID, Kind: bridge.RunSetup, By: "set-up", LocalDate: a.today(acc), TemporalID: in.Token,
	})
	if err != nil {
		return OpenedRun{}, asTemporal(err)
	}
	if err := a.Store.ClearSetupSteps(ctx, acc.ID); err != nil {
		return OpenedRun{}, asTemporal(err)
	}
	for position, name := range SetupStepNames {
		step := store.SetupStep{Name: name, Title: stepTitles[name], Status: stepWaiting}
		if err := a.Store.SaveSetupStep(ctx, acc.ID, position, step); err != nil {
			return OpenedRun{}, asTemporal(err)
		}
	}
	return OpenedRun{RunID: run.ID}, asTemporal(a.Store.SetAccountState(ctx, acc.ID, bridge.AccountSettingUp, ""))
}

// SetupStepInput names one step of a set-up.
type SetupStepInput struct {
	Account  string
	RunID    int64
	Step     string
	Position int
}

// SetupStep does one step and stores its outcome in words. Done again it finds what is already there.
func (a *Activities) SetupStep(ctx context.Context, in SetupStepInput) error {
	acc, run, err := a.load(ctx, in.Account, in.RunID)
	if err != nil {
		return err
	}
	step := store.SetupStep{Name: in.Step, Title: stepTitles[in.Step], Status: stepRunning, Started: a.Now()}
	if err := a.Store.SaveSetupStep(ctx, acc.ID, in.Position, step); err != nil {
		return asTemporal(err)
	}
	m := a.meter(run)
	defer m.beat(ctx)()
	step.Outcome, err = a.setupStep(ctx, acc, run, m, in.Step)
	if err != nil {
		return a.refused(ctx, acc, asTemporal(err))
	}
	step.Status, step.Ended = stepDone, a.Now()
	m.note(bridge.LogInfo, stepTitles[in.Step]+": "+step.Outcome)
	return asTemporal(a.Store.SaveSetupStep(ctx, acc.ID, in.Position, step))
}

func (a *Activities) setupStep(ctx context.Context, acc bridge.Account, run bridge.Run, m *meter, step string) (string, error) {
	switch step {
	case StepConnection:
		return a.stepConnect(ctx, acc, m)
	case StepReadiness:
		return a.stepReady(ctx, acc)
	case StepProductTypes:
		return a.stepProvision(ctx, acc, run, m, bridge.KindProductType)
	case StepCategories:
		return a.stepProvision(ctx, acc, run, m, bridge.KindCategory)
	case StepSubcategories:
		return a.stepProvision(ctx, acc, run, m, bridge.KindSubcategory)
	case StepCompanies:
		companies, agreements, err := a.Readiness.RefreshCompanies(ctx, acc)
		return fmt.Sprintf("%d companies with %d agreements", companies, agreements), err
	case StepSchedule:
		return "every night at 01:00 " + acc.Zone(), a.Temporal.EnsureSchedule(ctx, acc.Name, acc.Zone())
	}
	return "", bridge.Invalid("step", "there is no set-up step "+step)
}

func (a *Activities) stepConnect(ctx context.Context, acc bridge.Account, m *meter) (string, error) {
	client, err := a.Vendors.ConnectWise(ctx, acc, m.connectWise)
	if err != nil {
		return "", err
	}
	// Some servers answer system/info without looking at the keys, so a resource that needs them is read too.
	info, err := client.System.Info(ctx)
	if err != nil {
		return "", err
	}
	if _, err := client.ProductTypes.List(ctx, connectwise.ListOptions{PageSize: 1}); err != nil {
		return "", err
	}
	return strings.TrimSpace(client.Host() + " " + info.Version), nil
}

func (a *Activities) stepReady(ctx context.Context, acc bridge.Account) (string, error) {
	findings, err := a.Readiness.Preflight(ctx, acc)
	if err != nil {
		return "", err
	}
	for _, f := range findings {
		if !f.OK && !f.Skipped {
			return "", failure(TypeNotReady, f.Message, false, 0, FailureDetail{Fix: f.Fix, Answer: f.Answer})
		}
	}
	return fmt.Sprintf("%d checks are fine", len(findings)), nil
}

// stepProvision creates what is missing of one kind and leaves what is there (R6).
func (a *Activities) stepProvision(ctx context.Context, acc bridge.Account, run bridge.Run, m *meter, kind bridge.Kind) (string, error) {
	client, err := a.Vendors.ConnectWise(ctx, acc, m.connectWise)
	if err != nil {
		return "", err
	}
	snap := &snapshot{}
	if snap.noted, err = a.notedShared(ctx, acc); err != nil {
		return "", err
	}
	if err := snap.readTaxonomy(ctx, client); err != nil {
		return "", err
	}
	all := bridge.PlanProvisioning(snap.shared())
	var plan bridge.SharedPlan
	for _, change := range all.Changes {
		if change.Kind == kind {
			plan.Changes = append(plan.Changes, change)
		}
	}
	if err := a.Store.SaveSharedPlan(ctx, run, plan); err != nil {
		return "", err
	}
	a.lookups.forget(run.ID) // what an earlier step wrote counts now
	out, err := a.apply(ctx, acc, run, m, ApplyInput{Account: acc.Name, RunID: run.ID, Try: int(activity.GetInfo(ctx).Attempt)})
	if err != nil {
		return "", err
	}
	if out.Waiting > 0 {
		return "", failure(TypeConnectWiseUnavailable, "ConnectWise gave no clear answer; it is looked for and tried again", true, min(out.RetryAfter, 10*time.Second), FailureDetail{})
	}
	return a.provisioned(ctx, acc, run, kind)
}

// provisioned says in words what of a kind was created and what was there.
func (a *Activities) provisioned(ctx context.Context, acc bridge.Account, run bridge.Run, kind bridge.Kind) (string, error) {
	rows, _, err := a.Store.Changes(ctx, store.ChangeFilter{AccountID: acc.ID, RunID: run.ID, Kinds: []string{string(kind)}})
	if err != nil {
		return "", err
	}
	created := map[string]bool{}
	for _, row := range rows {
		if row.Status == bridge.StatusFailed {
			return "", failure(TypeConnectWiseRejected, row.Message, false, 0, FailureDetail{
				Fix: "System › Setup Tables › " + setupTables[kind], Answer: row.VendorAnswer})
		}
		created[row.Key] = row.Action == bridge.ActionCreate
	}
	var words []string
	for _, key := range provisionedKeys(kind) {
		if created[key] {
			words = append(words, key+" created")
		} else {
			words = append(words, key+" was there")
		}
	}
	return strings.Join(words, " · "), nil
}

// provisionedKeys are the natural keys of what set-up provides of a kind.
func provisionedKeys(kind bridge.Kind) []string {
	types, categories, pairs := bridge.Provisioned()
	switch kind {
	case bridge.KindProductType:
		return types
	case bridge.KindCategory:
		return categories
	}
	keys := make([]string, 0, len(pairs))
	for _, pair := range pairs {
		keys = append(keys, bridge.SubcategoryKey(pair.Category, pair.Subcategory))
	}
	return keys
}

var setupTables = map[bridge.Kind]string{
	bridge.KindProductType: "Product Type",
	bridge.KindCategory:    "Product Category",
	bridge.KindSubcategory: "Product Subcategory",
}

// StepFailedInput tells why a step failed.
type StepFailedInput struct {
	Account  string
	RunID    int64
	Step     string
	Position int
	Message  string
	Fix      string
	Answer   string
}

// StepFailed shows a step as failed, with the screen that mends it.
func (a *Activities) StepFailed(ctx context.Context, in StepFailedInput) error {
	acc, err := a.Store.Account(ctx, in.Account)
	if err != nil {
		return asTemporal(err)
	}
	step := store.SetupStep{Name: in.Step, Title: stepTitles[in.Step], Status: stepFailed, Message: in.Message, Fix: in.Fix, Answer: in.Answer, Ended: a.Now()}
	if err := a.Store.SaveSetupStep(ctx, acc.ID, in.Position, step); err != nil {
		return asTemporal(err)
	}
	line := bridge.LogLine{RunID: in.RunID, Time: a.Now(), Level: bridge.LogError, Text: "set-up: " + stepTitles[in.Step] + ": " + in.Message}
	return asTemporal(a.Store.AppendLogs(ctx, []bridge.LogLine{line}))
}

// EndSetupInput names a set-up whose steps are all done.
type EndSetupInput struct {
	Account string
	RunID   int64
}

// EndSetup makes the account ready.
func (a *Activities) EndSetup(ctx context.Context, in EndSetupInput) error {
	acc, err := a.Store.UpdateAccount(ctx, a.accountID(ctx, in.Account), func(acc *bridge.Account) error {
		if acc.SetUpAt.IsZero() {
			acc.SetUpAt = a.Now()
		}
		acc.State, acc.StateReason = bridge.AccountReady, ""
		return nil
	})
	if err != nil {
		return asTemporal(err)
	}
	_, err = a.Store.CloseRun(ctx, in.RunID, bridge.RunCompleted, "")
	a.lookups.forget(in.RunID)
	return asTemporal(errIn(err, "close the set-up of "+acc.Name))
}

func errIn(err error, what string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
