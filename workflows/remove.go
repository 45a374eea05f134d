package workflows

import (
	"context"
	"errors"

	"go.temporal.io/api/serviceerror"

	"causeway/internal/bridge"
)

// Remove ends an account's schedule and workflows (R56). Those that are not there are no mistake, so that a removal which was cut
// short can be made again. The schedule goes first, so that nothing begins anew; a run and its tenants are children of the mailbox and
// end with it.
func (s *Starter) Remove(ctx context.Context, account, by string) error {
	err := s.client.ScheduleClient().GetHandle(ctx, NightlyID(account)).Delete(ctx)
	for _, id := range []string{AccountID(account), SetupID(account), PreviewID(account)} {
		if err != nil && !absent(err) {
			break
		}
		err = s.client.TerminateWorkflow(ctx, id, "", "the account was removed by "+by)
	}
	if err != nil && !absent(err) {
		return &bridge.Error{
			Code: bridge.CodeNotReady, Message: "The schedule and workflows of account " + account + " could not be ended; remove it again once Temporal answers", Err: err,
		}
	}
	return nil
}

func absent(err error) bool {
	_, absent := errors.AsType[*serviceerror.NotFound](err)
	return absent
}
