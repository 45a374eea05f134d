package admin_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

func tenantNumber(t *testing.T, id string) int {
	t.Helper()
	n, err := strconv.Atoi(id)
	require.NoError(t, err)
	return n
}

func idOf(id int) string { return strconv.Itoa(id) }
