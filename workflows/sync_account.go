package workflows

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"causeway/activities"
	"causeway/internal/bridge"
)

const (
	// window is how many tenants are written at once; ConnectWise's own limiter is tighter for most accounts.
	window = 16
	// tenantsPerHistory bounds a run's history: a child costs about six events.
	tenantsPerHistory = 1000
	tenantsPerPage    = 200
)

// SyncAccountInput starts one run. After and the counts are what an earlier execution of the same run handed over.
type SyncAccountInput struct {
	Account    string
	RunID      int64
	Priority   int
	Searchable bool
	After      string        // tenants up to this id are done
	Writing    bool          // reading, comparing and the shared changes are done
	Wait       time.Duration `json:",omitempty"` // for a vendor that is away (R54)
	Stop       string        // why no further tenant is started; empty while all is well
	Refused    bool
}

// SyncAccountResult of a run.
type SyncAccountResult struct {
	KeysRefused bool // MySonicWall or ConnectWise refused the keys: the account needs attention (R46)
}

func (in SyncAccountInput) pace() pace { return pace{in.Account, in.Priority, in.Wait} }

type accountSync struct {
	in      SyncAccountInput
	started int
}

// SyncAccount is one run: read MySonicWall, read ConnectWise and compare, write the shared records with one writer, then a
// SyncTenant for each tenant with something to write or to fail. A failed tenant does not stop the others.
func SyncAccount(ctx workflow.Context, in SyncAccountInput) (SyncAccountResult, error) {
	s := &accountSync{in: in}
	if !in.Writing {
		if err := s.prepare(ctx); err != nil {
			return s.close(ctx, err)
		}
		s.in.Writing = true
	}
	more, err := s.tenants(ctx)
	if err != nil {
		return s.close(ctx, err)
	}
	if more {
		return SyncAccountResult{}, workflow.NewContinueAsNewError(ctx, SyncAccount, s.in)
	}
	return s.close(ctx, nil)
}

func (s *accountSync) prepare(ctx workflow.Context) error {
	in := activities.RunInput{Account: s.in.Account, RunID: s.in.RunID}
	var compared activities.CompareResult
	for again := true; again; again = compared.CollectAgain {
		err := workflow.ExecuteActivity(reading(ctx, QueueMySonicWall, "read MySonicWall", s.in.pace()), acts.CollectRun, in).Get(ctx, nil)
		if err != nil {
			return err
		}
		err = workflow.ExecuteActivity(reading(ctx, QueueConnectWise, "read ConnectWise and compare", s.in.pace()), acts.CompareRun, in).Get(ctx, &compared)
		if err != nil {
			return err
		}
	}
	if compared.Shared == 0 {
		return nil
	}
	return applyShared(ctx, s.in.RunID, s.in.pace())
}

// applyShared is the one writer of an account's shared records (R36): it goes on until no row is left to write or to wait for.
func applyShared(ctx workflow.Context, run int64, p pace) error {
	for try := 0; ; try++ {
		var out activities.ApplyResult
		err := workflow.ExecuteActivity(writing(ctx, "write shared records", p), acts.ApplyShared,
			activities.ApplyInput{Account: p.account, RunID: run, Try: try}).Get(ctx, &out)
		if err != nil {
			return err
		}
		if out.Waiting == 0 {
			return nil
		}
		if err := workflow.Sleep(ctx, out.RetryAfter); err != nil {
			return err
		}
	}
}

// tenants keeps a sliding window of SyncTenant children: when one ends the next starts. It tells whether tenants are left for a
// fresh history; the window is drained before.
func (s *accountSync) tenants(ctx workflow.Context) (bool, error) {
	running := 0
	for s.in.Stop == "" {
		var page []activities.TenantToSync
		err := workflow.ExecuteActivity(bookkeeping(ctx, s.in.Account, "list tenants to write"), acts.TenantsToSync,
			activities.TenantsToSyncInput{RunID: s.in.RunID, After: s.in.After, Limit: tenantsPerPage}).Get(ctx, &page)
		if err != nil {
			return false, err
		}
		for _, tenant := range page {
			if err := workflow.Await(ctx, func() bool { return running < window || s.in.Stop != "" }); err != nil {
				return false, err
			}
			if s.in.Stop != "" {
				break
			}
			s.in.After = tenant.ID
			s.started++
			running++
			child := s.start(ctx, tenant)
			workflow.Go(ctx, func(ctx workflow.Context) {
				s.ended(child.Get(ctx, nil))
				running--
			})
		}
		full := s.started >= tenantsPerHistory || workflow.GetInfo(ctx).GetContinueAsNewSuggested()
		if last := len(page) < tenantsPerPage; last || full {
			err := workflow.Await(ctx, func() bool { return running == 0 })
			return !last && s.in.Stop == "", err
		}
	}
	return false, workflow.Await(ctx, func() bool { return running == 0 })
}

func (s *accountSync) start(ctx workflow.Context, tenant activities.TenantToSync) workflow.ChildWorkflowFuture {
	o := childOptions(SyncTenantID(s.in.Account, tenant.ID), s.in.Account+": "+tenant.Name, Queue,
		searchAttributes(s.in.Searchable, s.in.Account, tenant.Name, s.in.RunID))
	o.Priority = temporal.Priority{FairnessKey: s.in.Account, PriorityKey: s.in.Priority}
	return workflow.ExecuteChildWorkflow(workflow.WithChildOptions(ctx, o), SyncTenant, SyncTenantInput{
		Account: s.in.Account, RunID: s.in.RunID, TenantID: tenant.ID, Priority: s.in.Priority, Wait: s.in.Wait,
	})
}

// ended looks at a child's outcome only for what concerns the others: refused keys and a pause stop the run, a tenant's own
// failure does not.
func (s *accountSync) ended(err error) {
	app, ok := errors.AsType[*temporal.ApplicationError](err)
	if !ok {
		return
	}
	switch app.Type() {
	case activities.TypeConnectWiseAuth, activities.TypeMySonicWallAuth:
		s.in.Stop, s.in.Refused = app.Message(), true
	case activities.TypePaused, activities.TypeOvertaken:
		s.in.Stop = app.Message()
	}
}

// close ends the run's row whatever happened; only a cancellation from outside fails the workflow itself.
func (s *accountSync) close(ctx workflow.Context, cause error) (SyncAccountResult, error) {
	if cause != nil {
		s.ended(cause)
		s.in.Stop = gaveUp(cause, s.in.Wait)
	}
	in := activities.CloseRunInput{RunID: s.in.RunID, Reason: s.in.Stop}
	if s.in.Stop != "" {
		in.Status = bridge.RunFailed
	}
	closing, _ := workflow.NewDisconnectedContext(ctx)
	err := workflow.ExecuteActivity(bookkeeping(closing, s.in.Account, "close the run"), acts.CloseRun, in).Get(closing, nil)
	if ctx.Err() != nil {
		err = errors.Join(ctx.Err(), err)
	}
	return SyncAccountResult{KeysRefused: s.in.Refused}, err
}

// gaveUp is a failure's reason, and where a vendor was waited for in vain that, with what it did not do to ConnectWise (R54).
func gaveUp(cause error, wait time.Duration) string {
	_, failed := errors.AsType[*temporal.ActivityError](cause)
	app, told := errors.AsType[*temporal.ApplicationError](cause)
	// Reading and writing are tried without end but for that time, so a failure worth another try ended by it.
	if !failed || temporal.IsCanceledError(cause) || told && app.NonRetryable() {
		return shortCause(cause)
	}
	return fmt.Sprintf("Gave up after waiting %s: %s Nothing was cancelled for that; the next run reads both vendors anew.",
		inWords(cmp.Or(wait, vendorWait)), shortCause(cause))
}

// inWords is a duration without the zeros that Go prints.
func inWords(d time.Duration) string {
	switch {
	case d >= time.Hour && d%time.Hour == 0:
		return fmt.Sprintf("%d h", d/time.Hour)
	case d >= time.Minute && d%time.Minute == 0:
		return fmt.Sprintf("%d min", d/time.Minute)
	}
	return d.String()
}
