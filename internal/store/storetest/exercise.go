package storetest

import (
	"testing"

	"causeway/internal/store"
)

func Exercise(t *testing.T, open func(t *testing.T) *store.Store) {}
