package activities

import (
	"context"
	"errors"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"

	"causeway/internal/bridge"
	"causeway/internal/connectwise"
	"causeway/internal/mysonicwall"
)

// Types of activity failures: stable names that workflows and the Temporal UI go by.
const (
	TypeConnectWiseAuth        = "cwm.auth"
	TypeConnectWiseForbidden   = "cwm.forbidden"
	TypeConnectWiseRejected    = "cwm.rejected"
	TypeConnectWiseThrottled   = "cwm.throttled"
	TypeConnectWiseUnavailable = "cwm.unavailable"
	TypeConnectWiseProtocol    = "cwm.protocol"
	TypeMySonicWallAuth        = "msw.auth"
	TypeMySonicWallUnavailable = "msw.unavailable"
	TypeMySonicWallThrottled   = "msw.throttled"
	TypeMySonicWallProtocol    = "msw.protocol"
	TypeMySonicWallRejected    = "msw.rejected"
	TypePaused                 = "paused"
	TypeOvertaken              = "overtaken" // the run is no longer the account's current one
	TypeTenantFailed           = "tenant.failed"
	TypeInvalid                = "invalid"
	TypeNotReady               = "not_ready" // a preflight finding has to be mended first
)

// FailureDetail goes with every failure into the history: no headers, no bodies, no keys.
type FailureDetail struct {
	Status int    `json:",omitempty"`
	Method string `json:",omitempty"`
	Path   string `json:",omitempty"`
	Retry  bool
	Fix    string `json:",omitempty"` // the screen that mends it
	Answer string `json:",omitempty"` // the vendor's own words, at most 1 KB
}

// answerLimit is how much of a vendor's own words is kept with a change or in a history.
const answerLimit = 1024

// asTemporal decides once, for every activity, which failures will never change and which are worth another try.
func asTemporal(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	if _, ok := errors.AsType[*temporal.ApplicationError](err); ok {
		return err
	}
	if cw, ok := errors.AsType[*connectwise.Error](err); ok {
		return connectWiseFailure(cw)
	}
	if msw, ok := errors.AsType[*mysonicwall.Error](err); ok {
		return mySonicWallFailure(msw)
	}
	switch bridge.CodeOf(err) {
	case bridge.CodeInvalid, bridge.CodeNotFound, bridge.CodeConflict, bridge.CodeForbidden:
		return temporal.NewNonRetryableApplicationError(err.Error(), TypeInvalid, nil, FailureDetail{})
	case bridge.CodeVendor:
		return temporal.NewNonRetryableApplicationError(err.Error(), TypeNotReady, nil, FailureDetail{})
	}
	return err
}

func failure(kind, message string, retry bool, wait time.Duration, detail FailureDetail) error {
	detail.Retry = retry
	detail.Answer = clip(detail.Answer)
	return temporal.NewApplicationErrorWithOptions(message, kind, temporal.ApplicationErrorOptions{
		NonRetryable: !retry, NextRetryDelay: wait, Details: []any{detail},
	})
}

func clip(text string) string {
	if len(text) <= answerLimit {
		return text
	}
	return strings.ToValidUTF8(text[:answerLimit], "") + "…"
}

func overtaken(run bridge.Run) error {
	return temporal.NewNonRetryableApplicationError("run "+itoa(run.ID)+" was ended: nothing more of it is written", TypeOvertaken, nil, FailureDetail{})
}

func paused(account bridge.Account) error {
	message := "account " + account.Name + " was paused"
	if account.StateReason != "" {
		message += " (" + account.StateReason + ")"
	}
	return temporal.NewNonRetryableApplicationError(message, TypePaused, nil, FailureDetail{})
}
