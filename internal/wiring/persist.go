package wiring

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"
)

const (
	firstPause = 200 * time.Millisecond
	// longestPause keeps a process from being found not ready for long after what it waited for came back.
	longestPause = 5 * time.Second
	// oneTry bounds a single attempt: a host that swallows packets must not hold up the report that it does. It is long enough
	// to wait for another process that migrates.
	oneTry = 6 * time.Minute
)

// persist tries until it succeeds, the patience or the context ends, or trying again cannot help.
func persist(ctx context.Context, o Options, what string, try func(context.Context) error) error {
	started := time.Now()
	for pause := firstPause; ; pause = min(pause*2, longestPause) {
		attempt, cancel := context.WithTimeout(ctx, oneTry)
		err := try(attempt)
		cancel()
		switch {
		case err == nil:
			o.Waiting("", nil)
			return nil
		case ctx.Err() != nil:
			return fmt.Errorf("waiting for %s: %w", what, errors.Join(context.Cause(ctx), err))
		case hopeless(err), o.Patience > 0 && time.Since(started)+pause > o.Patience:
			return fmt.Errorf("%s cannot be reached: %w", what, err)
		}
		o.Waiting(what, err)
		o.Log.Warn("waiting", "what", what, "error", err, "again_in", pause)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// hopeless are troubles with files of this machine: a person has to mend them.
func hopeless(err error) bool {
	_, file := errors.AsType[*fs.PathError](err)
	return file
}
