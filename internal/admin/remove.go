package admin

import "context"

// RemoveAccount takes an account out of use (R56): its keys are wiped, its schedule and workflows end, ConnectWise is not touched. Name
// and history stay. A removal that Temporal cut short is completed by asking again.
func (a *Admin) RemoveAccount(ctx context.Context, name, by string) (AccountAnswer, error) {
	account, err := a.store.Account(ctx, name)
	if err != nil {
		return AccountAnswer{}, err
	}
	// The store first: from then on no write is claimed and no run opened, whatever still goes on.
	if _, err := a.store.RemoveAccount(ctx, account.ID, by); err != nil {
		return AccountAnswer{}, err
	}
	if err := a.starter.Remove(ctx, account.Name, by); err != nil {
		return AccountAnswer{}, err
	}
	return a.Show(ctx, account.Name)
}
