package activities

import (
	"context"

	"causeway/internal/bridge"
	"causeway/internal/connectwise"
)

// readTerms reads one agreement as it is now, with what it lacks taken from its parent.
func readTerms(ctx context.Context, client *connectwise.Client, id int) (bridge.Agreement, error) {
	cycles, err := readCycles(ctx, client)
	if err != nil {
		return bridge.Agreement{}, err
	}
	row, err := client.Agreements.Get(ctx, id)
	if err != nil {
		return bridge.Agreement{}, err
	}
	agreement := toAgreement(row, cycles)
	if agreement.ParentID == 0 {
		return agreement, nil
	}
	parent, err := client.Agreements.Get(ctx, agreement.ParentID)
	return bridge.Terms(agreement, toAgreement(parent, cycles)), err
}

// readCycles reads the billing cycles, whose options say how agreements recur.
func readCycles(ctx context.Context, client *connectwise.Client) (map[int]connectwise.BillingCycle, error) {
	cycles := map[int]connectwise.BillingCycle{}
	for cycle, err := range client.BillingCycles.All(ctx, connectwise.ListOptions{}) {
		if err != nil {
			return nil, err
		}
		cycles[cycle.ID] = cycle
	}
	return cycles, nil
}
