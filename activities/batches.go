package activities

import (
	"cmp"
	"iter"
	"slices"

	"causeway/internal/bridge"
)

// chunks cuts a list into pieces of at most size.
func chunks[T any](list []T, size int) iter.Seq[[]T] { return slices.Chunk(list, size) }

// groupByAgreement puts tenants that share an agreement next to each other, so that its additions are read once.
func groupByAgreement(tenants []bridge.Tenant) []bridge.Tenant {
	out := slices.Clone(tenants)
	slices.SortStableFunc(out, func(x, y bridge.Tenant) int {
		return cmp.Or(cmp.Compare(x.Mapping.AgreementID, y.Mapping.AgreementID), cmp.Compare(x.ID, y.ID))
	})
	return out
}
