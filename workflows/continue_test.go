//go:build e2e

package workflows_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"causeway/activities"
	"causeway/internal/bridge"
	"causeway/internal/simulator/estate"
	"causeway/workflows"
)

// TestSignalsDuringContinueAsNew is R17 on a real server: hundreds of requests arrive while a mailbox hands over to a fresh history
// again and again. None is lost, none is taken twice.
func TestSignalsDuringContinueAsNew(t *testing.T) {
	const (
		senders    = 4
		atLeast    = 400
		executions = 12
	)
	// A history so short that nearly every run ends one.
	r := newRig(t, devServer(t), rigOptions{tenants: 1, estate: []estate.Option{estate.Clean(), estate.ProductsPerTenant(1)}, server: []string{"limit.historyCount.suggestContinueAsNew=20"}})
	r.setUp()
	mailbox := workflows.AccountID(rigAccount)
	first := r.latest(mailbox)

	var sent sync.Map // by whom
	var count, seen atomic.Int64
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	all, ctx := errgroup.WithContext(ctx)
	enough := func() bool { return count.Load() >= atLeast && seen.Load() >= executions || ctx.Err() != nil }
	for sender := range senders {
		all.Go(func() error {
			for i := 0; !enough(); i++ {
				request := bridge.SyncRequest{By: fmt.Sprintf("sender %d, request %d", sender, i)}
				if i%2 == 0 { // the command line gives ids, Temporal's own tool does not
					request.ID = request.By
				}
				if err := r.temporal.SignalWorkflow(ctx, mailbox, "", workflows.SignalSyncNow, request); err != nil {
					return err
				}
				sent.Store(request.By, true)
				count.Add(1)
			}
			return nil
		})
	}
	all.Go(func() error {
		for last := ""; !enough(); {
			described, err := r.temporal.DescribeWorkflowExecution(ctx, mailbox, "")
			if err != nil {
				return err
			}
			if id := described.GetWorkflowExecutionInfo().GetExecution().GetRunId(); id != last {
				last = id
				seen.Add(1)
			}
		}
		return nil
	})
	require.NoError(t, all.Wait())
	require.GreaterOrEqual(t, seen.Load(), int64(executions), "executions within %s", within)
	r.idle(0)

	taken := map[string]int{}
	chain := 0
	for run := r.latest(mailbox); run != ""; {
		chain++
		history := r.history(mailbox, run)
		for _, in := range inputsOf[activities.OpenRunInput](t, history, "OpenRun") {
			for _, request := range in.Requests {
				taken[request.By]++
			}
		}
		if run == first { // what was before belongs to the set-up
			break
		}
		run = history.GetEvents()[0].GetWorkflowExecutionStartedEventAttributes().GetContinuedExecutionRunId()
	}
	t.Logf("%d requests over %d executions", count.Load(), chain)
	require.GreaterOrEqual(t, chain, executions)
	var lost, doubled []string
	sent.Range(func(by, _ any) bool {
		switch taken[by.(string)] {
		case 0:
			lost = append(lost, by.(string))
		case 1:
		default:
			doubled = append(doubled, by.(string))
		}
		return true
	})
	require.Empty(t, lost, "lost")
	require.Empty(t, doubled, "taken twice")
}

// TestLastWordOnAPauseCounts: pauses and resumes that waited while no worker was up are taken together; what was asked for last
// holds. Where nothing tells which that was, the account is paused.
func TestLastWordOnAPauseCounts(t *testing.T) {
	r := newRig(t, devServer(t), rigOptions{tenants: 1, estate: []estate.Option{estate.Clean(), estate.ProductsPerTenant(1)}})
	r.setUp()
	mailbox := workflows.AccountID(rigAccount)
	ctx := t.Context()
	pause := func() { require.NoError(t, r.starter.Pause(ctx, rigAccount, "ann")) }
	resume := func() { require.NoError(t, r.starter.Resume(ctx, rigAccount, "ann")) }
	for _, last := range []struct {
		name  string
		ask   []func()
		state bridge.AccountState
	}{
		{"pause", []func(){resume, pause, resume, pause}, bridge.AccountPaused},
		{"resume", []func(){pause, resume, pause, resume}, bridge.AccountReady},
		{"nobody knows", []func(){
			func() { r.tell(mailbox, workflows.SignalPause, nil) }, func() { r.tell(mailbox, workflows.SignalResume, nil) },
		}, bridge.AccountPaused},
	} {
		r.idle(0)
		r.stop()
		for _, ask := range last.ask {
			ask()
		}
		r.startWorker()
		r.idle(0)
		account, err := r.store.Account(ctx, rigAccount)
		require.NoError(t, err)
		require.Equal(t, last.state, account.State, last.name)
		require.Equal(t, last.state == bridge.AccountPaused, r.view().Paused, last.name)
	}
}
