package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm/clause"

	"causeway/internal/bridge"
)

// ManagedFilter chooses managed records of any of the tenants or serials. SharedOnly is for those that belong to no tenant.
// Kinds, where given, narrows either. Where all three are unset, every record is chosen.
type ManagedFilter struct {
	TenantIDs  []string
	Serials    []string
	SharedOnly bool
	Kinds      []bridge.Kind
}

// Managed are the records that Causeway created or adopted in the account's present ConnectWise company, in the order in which
// they became so.
func (s *Store) Managed(ctx context.Context, accountID int64, filter ManagedFilter) ([]bridge.Managed, error) {
	seen := map[int64]bool{}
	var rows []managedRow
	read := func(column string, part []string) error {
		query := s.ofBinding(ctx, "managed", accountID)
		if len(filter.Kinds) > 0 {
			query = query.Where("kind IN ?", filter.Kinds)
		}
		if column != "" {
			query = query.Where(clause.IN{Column: column, Values: mapped(part, func(v string) any { return v })})
		}
		if column == "serial" {
			query = query.Where("serial <> ''") // as its index says, which SQLite would not use otherwise
		}
		var found []managedRow
		if err := query.Find(&found).Error; err != nil {
			return fmt.Errorf("list managed records of account %d: %w", accountID, err)
		}
		for _, r := range found {
			if !seen[r.ID] {
				seen[r.ID] = true
				rows = append(rows, r)
			}
		}
		return nil
	}
	if err := readManaged(filter, read); err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b managedRow) int { return cmp.Compare(a.ID, b.ID) })
	return mapped(rows, managedRow.managed), nil
}

func readManaged(filter ManagedFilter, read func(column string, part []string) error) error {
	switch {
	case filter.SharedOnly:
		return read("tenant_id", []string{""})
	case filter.TenantIDs == nil && filter.Serials == nil:
		return read("", nil)
	}
	for part := range portions(sortedUnique(mapped(filter.TenantIDs, clean))) {
		if err := read("tenant_id", part); err != nil {
			return err
		}
	}
	for part := range portions(sortedUnique(mapped(filter.Serials, clean))) {
		// Shared records have no serial, and an empty one names no device.
		part = slices.DeleteFunc(slices.Clone(part), func(serial string) bool { return serial == "" })
		if err := read("serial", part); err != nil {
			return err
		}
	}
	return nil
}
