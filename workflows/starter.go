package workflows

import (
	"context"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"causeway/internal/bridge"
)

// Starter is the calling side: dashboard, command line and activities reach workflows through it. It holds no state but
// whether the namespace has Causeway's search attributes.
type Starter struct {
	client     client.Client
	namespace  string
	searchable bool
}

// NewStarter looks once whether the namespace has Causeway's search attributes. Where it has none and they may be added, they
// are; where not, workflows run without them.
func NewStarter(ctx context.Context, c client.Client, namespace string) (*Starter, error) {
	s := &Starter{client: c, namespace: namespace}
	listed, err := c.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: namespace})
	if err != nil {
		if denied(err) {
			return s, nil
		}
		return nil, fmt.Errorf("ask Temporal for its search attributes: %w", err)
	}
	missing := map[string]enumspb.IndexedValueType{}
	for _, name := range []string{AttributeAccount.GetName(), AttributeTenant.GetName(), AttributeRun.GetName()} {
		if _, known := listed.GetCustomAttributes()[name]; !known {
			missing[name] = enumspb.INDEXED_VALUE_TYPE_KEYWORD
		}
	}
	if len(missing) > 0 {
		_, err := c.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{Namespace: namespace, SearchAttributes: missing})
		if _, exists := errors.AsType[*serviceerror.AlreadyExists](err); err != nil && !exists {
			return s, nil // not ours to add: workflows run without them
		}
	}
	s.searchable = true
	return s, nil
}

func denied(err error) bool {
	_, permission := errors.AsType[*serviceerror.PermissionDenied](err)
	_, absent := errors.AsType[*serviceerror.Unimplemented](err)
	return permission || absent
}

// mailbox signals the account's mailbox, starting it where it is not there; that works while no worker is up.
func (s *Starter) mailbox(ctx context.Context, account, signal string, arg any) error {
	_, err := s.client.SignalWithStartWorkflow(ctx, AccountID(account), signal, arg, client.StartWorkflowOptions{
		ID: AccountID(account), TaskQueue: Queue, StaticSummary: account + ": mailbox",
		TypedSearchAttributes: searchAttributes(s.searchable, account, "", 0),
		Priority:              temporal.Priority{FairnessKey: account, PriorityKey: 1},
	}, Account, AccountInput{Account: account, Searchable: s.searchable})
	if err != nil {
		return &bridge.Error{Code: bridge.CodeNotReady, Message: "Temporal did not take the request for account " + account + "; try again once it answers", Err: err}
	}
	return nil
}

// RequestSync puts a request into the account's mailbox.
func (s *Starter) RequestSync(ctx context.Context, account string, request bridge.SyncRequest) error {
	return s.mailbox(ctx, account, SignalSyncNow, request)
}

// Pause tells the mailbox of a pause, Resume of its end.
func (s *Starter) Pause(ctx context.Context, account, by string) error {
	return s.mailbox(ctx, account, SignalPause, PauseRequest{By: by, At: time.Now()})
}

// Resume ends a pause, or takes an account up again that needed attention.
func (s *Starter) Resume(ctx context.Context, account, by string) error {
	return s.mailbox(ctx, account, SignalResume, PauseRequest{By: by, At: time.Now()})
}

// StartSetup asks the mailbox for a set-up. One that waits at a failed step is told to try it again, with the settings as they
// are now.
func (s *Starter) StartSetup(ctx context.Context, account string) error {
	if err := s.RetrySetup(ctx, account, ""); err == nil {
		return nil
	} else if bridge.CodeOf(err) != bridge.CodeNotFound {
		return err
	}
	return s.mailbox(ctx, account, SignalSetUp, nil)
}

// RetrySetup tries the failed step of a running set-up again; CodeNotFound when none runs.
func (s *Starter) RetrySetup(ctx context.Context, account, step string) error {
	err := s.client.SignalWorkflow(ctx, SetupID(account), "", SignalRetryStep, step)
	if _, absent := errors.AsType[*serviceerror.NotFound](err); absent {
		return &bridge.Error{Code: bridge.CodeNotFound, Message: "no set-up of " + account + " is waiting", Err: err}
	}
	if err != nil {
		return &bridge.Error{Code: bridge.CodeNotReady, Message: "Temporal did not take the retry for account " + account + "; try again once it answers", Err: err}
	}
	return nil
}

// StartPreview computes a preview and waits for it; someone else's that is being computed is ended first when it is for other
// tenants.
func (s *Starter) StartPreview(ctx context.Context, account string, tenants []string) (int64, error) {
	return s.preview(ctx, PreviewInput{Account: account, Tenants: tenants})
}

// PreviewEnding computes what ending the billing of tenants would write, and waits for it like StartPreview.
func (s *Starter) PreviewEnding(ctx context.Context, account string, tenants []string) (int64, error) {
	return s.preview(ctx, PreviewInput{Account: account, Tenants: tenants, Ending: true})
}

func (s *Starter) preview(ctx context.Context, in PreviewInput) (int64, error) {
	account := in.Account
	run, err := s.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: PreviewID(account), TaskQueue: Queue, StaticSummary: account + ": preview",
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING,
		TypedSearchAttributes:    searchAttributes(s.searchable, account, "", 0),
		Priority:                 temporal.Priority{FairnessKey: account, PriorityKey: priorityPerson},
		WorkflowExecutionTimeout: time.Hour,
	}, Preview, in)
	if err != nil {
		return 0, &bridge.Error{Code: bridge.CodeNotReady, Message: "Temporal did not take the preview of " + account + "; try again once it answers", Err: err}
	}
	var out PreviewResult
	if err := run.Get(ctx, &out); err != nil {
		return 0, &bridge.Error{Code: bridge.CodeVendor, Message: "the preview of " + account + " could not be computed: " + shortCause(err), Err: err}
	}
	return out.RunID, nil
}

// nightCatchUp bounds what a cluster that was away replays: with one run per date, at most one late run follows. The default
// is a year.
const nightCatchUp = 12 * time.Hour

// EnsureSchedule creates the account's nightly schedule, or moves the one that is there to the zone (R15).
func (s *Starter) EnsureSchedule(ctx context.Context, account, zone string) error {
	spec := client.ScheduleSpec{TimeZoneName: zone, Calendars: nightCalendar()}
	_, err := s.client.ScheduleClient().Create(ctx, client.ScheduleOptions{
		ID: NightlyID(account), Spec: spec, Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: nightCatchUp,
		Note: "One run of " + account + " each local night. It fires at 01:00, 02:00 and 03:00; the first of a date counts, which is right when clocks change.",
		Action: &client.ScheduleWorkflowAction{
			ID: NightlyID(account), Workflow: Nightly, Args: []any{NightlyInput{Account: account}}, TaskQueue: Queue,
			StaticSummary: account + ": night", TypedSearchAttributes: searchAttributes(s.searchable, account, "", 0),
		},
	})
	if err == nil {
		return nil
	}
	if _, exists := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); !exists && !errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		return fmt.Errorf("create the nightly schedule of %s in %s: %w", account, zone, err)
	}
	return s.updateSchedule(ctx, account, func(schedule *client.Schedule) { schedule.Spec = &spec })
}

func nightCalendar() []client.ScheduleCalendarSpec {
	hours := make([]client.ScheduleRange, 0, len(bridge.NightHours()))
	for _, hour := range bridge.NightHours() {
		hours = append(hours, client.ScheduleRange{Start: hour})
	}
	return []client.ScheduleCalendarSpec{{
		Second: []client.ScheduleRange{{Start: 0}}, Minute: []client.ScheduleRange{{Start: 0}}, Hour: hours,
		Comment: "01:00 local time; 02:00 and 03:00 for nights that lack an hour",
	}}
}

// UpdateSchedule moves the account's nights to a zone and pauses or resumes them. An account that has no schedule yet gets
// one at set-up.
func (s *Starter) UpdateSchedule(ctx context.Context, account, zone string, paused bool) error {
	err := s.updateSchedule(ctx, account, func(schedule *client.Schedule) {
		schedule.Spec = &client.ScheduleSpec{TimeZoneName: zone, Calendars: nightCalendar()}
		schedule.State.Paused = paused
	})
	if _, absent := errors.AsType[*serviceerror.NotFound](err); absent {
		return nil
	}
	return err
}

func (s *Starter) updateSchedule(ctx context.Context, account string, change func(*client.Schedule)) error {
	err := s.client.ScheduleClient().GetHandle(ctx, NightlyID(account)).Update(ctx, client.ScheduleUpdateOptions{
		DoUpdate: func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			schedule := in.Description.Schedule
			change(&schedule)
			return &client.ScheduleUpdate{Schedule: &schedule}, nil
		},
	})
	if err != nil {
		return fmt.Errorf("change the nightly schedule of %s: %w", account, err)
	}
	return nil
}

// ScheduleInfo answers the next times at which the schedule fires, and whether it is paused; none before set-up.
func (s *Starter) ScheduleInfo(ctx context.Context, account string) ([]time.Time, bool, error) {
	description, err := s.client.ScheduleClient().GetHandle(ctx, NightlyID(account)).Describe(ctx)
	if _, absent := errors.AsType[*serviceerror.NotFound](err); absent {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("ask for the nightly schedule of %s: %w", account, err)
	}
	return description.Info.NextActionTimes, description.Schedule.State.Paused, nil
}
