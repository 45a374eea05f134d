package connectwise

import (
	"context"
	"slices"
	"sync"
)

// OfAgreements reads the additions of many agreements, as many at once as the limiter lets through, and hands each
// agreement's rows to handle as they arrive, in no particular order. handle is never called concurrently. The first
// error, of a read or of handle, ends it. An agreement that is named twice is read once.
func (s *AdditionsService) OfAgreements(ctx context.Context, agreementIDs []int, opts ListOptions, handle func(agreementID int, rows []Addition) error) error {
	return s.OfEachAgreement(ctx, agreementIDs, opts, func(id int, rows []Addition, err error) error {
		if err != nil {
			return err
		}
		return handle(id, rows)
	})
}

// OfEachAgreement is OfAgreements for callers that go on when an agreement cannot be read: handle gets its error instead
// of rows and decides, by what it returns, whether that ends everything. Only that, or the end of ctx, is returned.
func (s *AdditionsService) OfEachAgreement(ctx context.Context, agreementIDs []int, opts ListOptions, handle func(agreementID int, rows []Addition, err error) error) error {
	return forEach(ctx, agreementIDs, 2*s.c.limiter.AtOnce(), func(ctx context.Context, id int) ([]Addition, error) {
		return Collect(s.All(ctx, id, opts))
	}, handle)
}

// forEach reads the distinct ids with some workers and handles what they bring, one at a time. There are more workers
// than calls allowed at once so that the limiter always has a call ready while others are decoded and handled.
func forEach[T any](ctx context.Context, ids []int, workers int, read func(context.Context, int) ([]T, error), handle func(int, []T, error) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	var (
		wait     sync.WaitGroup
		handling sync.Mutex
		todo     = make(chan int)
	)
	work := func() {
		for id := range todo {
			rows, err := read(ctx, id)
			handling.Lock()
			if ctx.Err() == nil {
				if err := handle(id, rows, err); err != nil {
					cancel(err)
				}
			}
			handling.Unlock()
		}
	}
	for range min(workers, len(ids)) {
		wait.Go(work)
	}
	for _, id := range ids {
		select {
		case todo <- id:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(todo)
	wait.Wait()
	return context.Cause(ctx)
}
