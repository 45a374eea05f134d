package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.temporal.io/sdk/temporal"

	"causeway/internal/bridge"
	"causeway/internal/connectwise"
	"causeway/internal/mysonicwall"
)

// connectWiseFailure gives each kind of failure its type and says whether, and when, another try makes sense.
func connectWiseFailure(e *connectwise.Error) error {
	detail := FailureDetail{Status: e.Status, Method: e.Method, Path: e.Path, Answer: e.Error()}
	switch e.Kind {
	case connectwise.KindAuth, connectwise.KindWrongCompany:
		return failure(TypeConnectWiseAuth, "ConnectWise refused the API keys. "+e.Error(), false, 0, detail)
	case connectwise.KindForbidden:
		return failure(TypeConnectWiseForbidden, fmt.Sprintf("The API member may not use %s. %s", e.Path, e.Error()), false, 0, detail)
	case connectwise.KindThrottled:
		return failure(TypeConnectWiseThrottled, "ConnectWise asked us to wait. "+e.Error(), true, e.RetryAfter, detail)
	case connectwise.KindUnavailable:
		// A host that our own operator does not allow will not become allowed by waiting.
		return failure(TypeConnectWiseUnavailable, "ConnectWise does not answer. "+e.Error(), e.Cause != connectwise.CauseHostNotAllowed, 0, detail)
	case connectwise.KindProtocol, connectwise.KindNotConnectWise:
		return failure(TypeConnectWiseProtocol, "ConnectWise answered something that cannot be read. "+e.Error(), true, 0, detail)
	}
	return failure(TypeConnectWiseRejected, "ConnectWise refused. "+e.Error(), false, 0, detail)
}

func mySonicWallFailure(e *mysonicwall.Error) error {
	detail := FailureDetail{Status: e.Status, Method: e.Method, Path: e.Path, Answer: e.Error()}
	switch e.Kind {
	case mysonicwall.KindAuth:
		return failure(TypeMySonicWallAuth, "MySonicWall refused the API key. "+e.Error(), false, 0, detail)
	case mysonicwall.KindThrottled:
		return failure(TypeMySonicWallThrottled, "MySonicWall asked us to wait. "+e.Error(), true, e.RetryAfter, detail)
	case mysonicwall.KindUnavailable:
		return failure(TypeMySonicWallUnavailable, "MySonicWall does not answer. "+e.Error(), true, 0, detail)
	case mysonicwall.KindProtocol:
		return failure(TypeMySonicWallProtocol, "MySonicWall answered something that cannot be read. "+e.Error(), true, 0, detail)
	}
	return failure(TypeMySonicWallRejected, "MySonicWall refused. "+e.Error(), false, 0, detail)
}

// refusedKeys is the reason for which an account needs attention, empty for every other failure.
func refusedKeys(err error) string {
	app, ok := errors.AsType[*temporal.ApplicationError](err)
	if !ok {
		return ""
	}
	switch app.Type() {
	case TypeConnectWiseAuth, TypeMySonicWallAuth:
		return app.Message()
	}
	return ""
}

// verify asks for records by id that a list did not show although we noted them: only "not found" counts as gone.
func verify(ctx context.Context, client *connectwise.Client, in bridge.TenantInput, plan bridge.TenantPlan) (bridge.TenantInput, error) {
	for _, ref := range plan.UnverifiedAdditions {
		row, err := client.Additions.Get(ctx, ref.AgreementID, ref.ID)
		if err != nil && !connectwise.IsNotFound(err) {
			return in, err
		}
		in.VerifiedAdditions[ref.ID] = err == nil
		if err != nil {
			continue
		}
		line := toAddition(ref.AgreementID, row)
		if ref.AgreementID == in.Agreement.ID {
			in.Additions = append(slices.Clip(in.Additions), line)
			continue
		}
		lines := in.Elsewhere[ref.AgreementID]
		lines.Additions = append(slices.Clip(lines.Additions), line)
		in.Elsewhere[ref.AgreementID] = lines
	}
	for _, id := range plan.UnverifiedConfigurations {
		row, err := client.Configurations.Get(ctx, id)
		if err != nil && !connectwise.IsNotFound(err) {
			return in, err
		}
		in.VerifiedConfigurations[id] = err == nil
		if err == nil {
			in.Configurations = append(slices.Clip(in.Configurations), toConfiguration(row))
		}
	}
	return in, nil
}
