package admin

import (
	"context"
	"errors"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"causeway/internal/bridge"
	"causeway/internal/connectwise"
)

// Review is the wizard's third step (R5): what Submit would create, and whether ConnectWise is ready.
type Review struct {
	Account   bridge.Account
	Creates   []Provision
	Findings  []bridge.Finding
	CheckedAt time.Time
	// Trouble is why ConnectWise could not be asked; Creates is empty then.
	Trouble string
}

// Provision is a record that Submit makes unless it is there (R6, R7).
type Provision struct {
	Kind  bridge.Kind
	Name  string
	There bool
}

// Review asks ConnectWise and writes nothing.
func (a *Admin) Review(ctx context.Context, name string) (Review, error) {
	account, err := a.inUse(ctx, name)
	if err != nil {
		return Review{}, err
	}
	review := Review{Account: account, CheckedAt: a.now()}
	if review.Findings, err = a.Preflight(ctx, account); err != nil {
		return Review{}, err
	}
	client, err := a.vendors.ConnectWise(ctx, account, nil)
	if err != nil {
		return Review{}, err
	}
	review.Creates, err = provisions(ctx, client)
	if err := connectWiseTrouble(err, "read product types and categories"); err != nil {
		review.Trouble = err.Error()
	}
	return review, nil
}

// provisions compares what set-up makes with what is there, by name without regard to case.
func provisions(ctx context.Context, client *connectwise.Client) ([]Provision, error) {
	types, categories, subcategories := map[string]bool{}, map[string]bool{}, map[string]bool{}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		for row, err := range client.ProductTypes.All(ctx, connectwise.ListOptions{}) {
			if err != nil {
				return err
			}
			types[strings.ToLower(row.Name)] = true
		}
		return nil
	})
	group.Go(func() error {
		for row, err := range client.Categories.All(ctx, connectwise.ListOptions{}) {
			if err != nil {
				return err
			}
			categories[strings.ToLower(row.Name)] = true
		}
		return nil
	})
	group.Go(func() error {
		for row, err := range client.Subcategories.All(ctx, connectwise.ListOptions{}) {
			if err != nil {
				return err
			}
			subcategories[strings.ToLower(bridge.SubcategoryKey(row.Category.Name, row.Name))] = true
		}
		return nil
	})
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var out []Provision
	wantedTypes, wantedCategories, pairs := bridge.Provisioned()
	for _, name := range wantedTypes {
		out = append(out, Provision{bridge.KindProductType, name, types[strings.ToLower(name)]})
	}
	for _, name := range wantedCategories {
		out = append(out, Provision{bridge.KindCategory, name, categories[strings.ToLower(name)]})
	}
	for _, pair := range pairs {
		key := bridge.SubcategoryKey(pair.Category, pair.Subcategory)
		out = append(out, Provision{bridge.KindSubcategory, key, subcategories[strings.ToLower(key)]})
	}
	return out, nil
}

// NotReadyError is a set-up that was refused because something in ConnectWise has to be mended first.
type NotReadyError struct{ Findings []bridge.Finding }

func (e *NotReadyError) Error() string {
	var texts []string
	for _, f := range e.Findings {
		if !f.OK && !f.Skipped {
			texts = append(texts, strings.TrimSpace(f.Message+" "+f.Fix))
		}
	}
	return "ConnectWise is not ready: " + strings.Join(texts, " ")
}

// Unwrap makes it something that a person can act on.
func (e *NotReadyError) Unwrap() error {
	return &bridge.Error{Code: bridge.CodeVendor, Message: e.Error()}
}

// FindingsOf are the findings behind an error, for an answer that lists them; none for other errors.
func FindingsOf(err error) []bridge.Finding {
	if failed, ok := errors.AsType[*ConnectionFailedError](err); ok {
		return failed.Test.Findings
	}
	if notReady, ok := errors.AsType[*NotReadyError](err); ok {
		return notReady.Findings
	}
	if stopped, ok := errors.AsType[*SetupFailedError](err); ok {
		return []bridge.Finding{stopped.finding()}
	}
	return nil
}

// Submit checks once more and starts the set-up (R5). The error may be a *NotReadyError.
func (a *Admin) Submit(ctx context.Context, name string) error {
	account, err := a.inUse(ctx, name)
	if err != nil {
		return err
	}
	if !account.Configured() {
		return bridge.Invalid("connectwise.host", "Connect to ConnectWise first.")
	}
	findings, err := a.Preflight(ctx, account)
	if err != nil {
		return err
	}
	if mendable(findings) {
		return &NotReadyError{findings}
	}
	return a.startSetup(ctx, account)
}

// startSetup shows the account as setting up at once, so that a page opened right after shows it. Where Temporal refuses, the
// account stands as before.
func (a *Admin) startSetup(ctx context.Context, account bridge.Account) error {
	if err := a.store.SetAccountState(ctx, account.ID, bridge.AccountSettingUp, ""); err != nil {
		return err
	}
	err := a.starter.StartSetup(ctx, account.Name)
	if err != nil {
		err = errors.Join(err, a.store.SetAccountState(context.WithoutCancel(ctx), account.ID, account.State, account.StateReason))
	}
	return err
}

func mendable(findings []bridge.Finding) bool {
	for _, f := range findings {
		if !f.OK && !f.Skipped {
			return true
		}
	}
	return false
}

// RetrySetup tries a failed step again, with the settings as they are now (R5).
func (a *Admin) RetrySetup(ctx context.Context, name, step string) error {
	if _, err := a.inUse(ctx, name); err != nil {
		return err
	}
	err := a.starter.RetrySetup(ctx, name, step)
	if bridge.CodeOf(err) == bridge.CodeNotFound {
		// Nothing waits any more (Temporal's history was pruned, say): set-up finds what it made already.
		return a.starter.StartSetup(ctx, name)
	}
	return err
}
