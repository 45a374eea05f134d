package server

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"causeway/internal/bridge"
	"causeway/internal/store"
	"causeway/views"
	"causeway/views/components"
)

// cause is a row of what needs a person, with its rank: what costs most comes first.
type cause struct {
	rank int
	row  views.Attention
}

// attention gives one row per cause and account, most costly first. Of an account that was removed nothing needs anybody.
func (h homePage) attention(ctx context.Context, summaries []store.Summary, now time.Time) ([]views.Attention, error) {
	var causes []cause
	for _, s := range summaries {
		if s.Account.Alive() != nil {
			continue
		}
		details, err := h.details(ctx, s, now)
		if err != nil {
			return nil, err
		}
		causes = append(causes, causesOf(s, details)...)
	}
	slices.SortStableFunc(causes, func(a, b cause) int { return cmp.Compare(a.rank, b.rank) })
	rows := make([]views.Attention, 0, len(causes))
	for _, c := range causes {
		rows = append(rows, c.row)
	}
	return rows, nil
}

// causeDetails are what the rows say beyond an account's figures. They are asked for only where a figure says that there is something.
type causeDetails struct {
	failed failures
	held   heldSums
	frozen frozenSums
}

// heldSums are held changes with how many touch the next invoice, and its date where it is one.
type heldSums struct {
	touching int
	invoice  string
	reasons  []string // the first few, as they stand in a sentence
	more     int
}

// frozenSums are tenants for which nothing is written and that have open lines, with those lines.
type frozenSums struct{ tenants, lines int }

func (h homePage) details(ctx context.Context, s store.Summary, now time.Time) (causeDetails, error) {
	var d causeDetails
	var err error
	if s.FailedTenants > 0 {
		if d.failed, err = h.failures(ctx, s); err != nil {
			return d, err
		}
	}
	if s.HeldChanges > 0 {
		changes, err := h.store.HeldChanges(ctx, s.Account.ID)
		if err != nil {
			return d, err
		}
		d.held = sumHeld(linkedOf(changes), now)
	}
	if s.TenantsFrozen > 0 {
		rows, _, _, err := h.store.Tenants(ctx, s.Account.ID, store.TenantFilter{Chip: store.ChipFrozen})
		if err != nil {
			return d, err
		}
		for _, row := range rows {
			// Whose end was asked for needs nobody any more.
			if row.OpenLines > 0 && row.EndingBy == "" {
				d.frozen.tenants++
				d.frozen.lines += row.OpenLines
			}
		}
	}
	return d, nil
}

// reasonsNamed is how many reasons for holding changes are named on the first page.
const reasonsNamed = 2

func sumHeld(held []linked, now time.Time) heldSums {
	var sums heldSums
	dates := map[bridge.Date]bool{}
	counted := map[string]bool{}
	for _, w := range held {
		if title := reasonTitle(w.Change); !counted[title] {
			counted[title] = true
			if len(sums.reasons) < reasonsNamed {
				sums.reasons = append(sums.reasons, lowered(title))
			} else {
				sums.more++
			}
		}
		if !w.NextInvoice.IsZero() {
			sums.touching++
			dates[w.NextInvoice] = true
			sums.invoice = views.NearDate(w.NextInvoice.Time(), now)
		}
	}
	if len(dates) > 1 {
		sums.invoice = ""
	}
	return sums
}

func heldCause(s store.Summary, held heldSums) views.Attention {
	row := views.Attention{
		Badge:    views.Badge{Status: components.StatusHeld, Word: views.Number(s.HeldChanges) + " held"},
		Sentence: views.CountOf(s.HeldChanges, "change waits", "changes wait") + " for a decision",
		Step:     views.Link{Text: "Review changes", URL: views.HeldURL(s.Account.Name)},
	}
	if held.touching > 0 {
		invoice := "the next invoice"
		if held.invoice != "" {
			invoice = "the invoice of " + held.invoice
		}
		row.Sentence += "; " + views.CountOf(held.touching, "touches", "touch") + " " + invoice
		row.Step.URL = views.HeldQuery{Filter: views.HeldInvoice}.URL(s.Account.Name)
	}
	row.Sentence += "."
	row.Consequence = strings.Join(held.reasons, ", ")
	if held.more > 0 {
		row.Consequence += " and " + views.CountOf(held.more, "other reason", "other reasons")
	}
	return row
}

func frozenCause(account string, frozen frozenSums) views.Attention {
	return views.Attention{
		Badge: views.Badge{Status: components.StatusFrozen, Word: views.Number(frozen.tenants) + " frozen"},
		Sentence: views.CountOf(frozen.tenants, "tenant is", "tenants are") + " frozen with " +
			views.CountOf(frozen.lines, "line", "lines") + " open in ConnectWise.",
		Consequence: "billing goes on there until somebody ends it or has the tenant synced again",
		Step:        views.Link{Text: "See tenants", URL: views.TenantsQuery{Filter: views.TenantsFrozen}.URL(account)},
	}
}

func causesOf(s store.Summary, details causeDetails) []cause {
	var causes []cause
	name := s.Account.Name
	add := func(rank int, row views.Attention) {
		row.Account = name
		causes = append(causes, cause{rank, row})
	}
	if s.Account.State == bridge.AccountNeedsAttention {
		add(0, keysRefused(s.Account))
	}
	if last := s.LastRun; last != nil && last.Status == bridge.RunFailed && s.Account.State != bridge.AccountNeedsAttention {
		why, _ := views.Parted(last.Reason)
		add(1, views.Attention{
			Badge: views.Badge{Status: components.StatusFailed}, Sentence: "Run " + runID(last.ID) + " failed. " + why,
			Consequence: "what it did not write waits for the next run", Step: views.Link{Text: "See why", URL: views.RunURL(name, runID(last.ID))},
			LogsURL: views.RunLogsURL(name, runID(last.ID), "txt"),
		})
	}
	switch {
	case s.HeldChanges > 0 && details.held.touching > 0:
		add(2, heldCause(s, details.held))
	case s.HeldChanges > 0:
		add(4, heldCause(s, details.held))
	}
	if s.FailedTenants > 0 {
		add(3, failedTenants(s, details.failed))
	}
	if details.frozen.tenants > 0 {
		add(5, frozenCause(name, details.frozen))
	}
	if s.Account.SetUpAt.IsZero() {
		add(6, unfinished(s.Account))
	} else if s.TenantsUnmapped > 0 {
		add(7, views.Attention{
			Badge:       views.Badge{Status: components.StatusNotMapped},
			Sentence:    views.CountOf(s.TenantsUnmapped, "tenant has", "tenants have") + " no company and agreement.",
			Consequence: "nothing is billed for them",
			Step:        views.Link{Text: "Map tenants", URL: views.TenantsQuery{Filter: views.TenantsNotMapped}.URL(name)},
		})
	}
	return causes
}

func keysRefused(a bridge.Account) views.Attention {
	step := views.Link{Text: "Replace keys", URL: views.ConnectionURL(a.Name)}
	if strings.Contains(a.StateReason, "MySonicWall") {
		step.URL = views.SettingsURL(a.Name, views.SettingsMySonicWall)
	}
	sentence, _ := views.Parted(a.StateReason)
	return views.Attention{
		Badge: views.Badge{Status: components.StatusNeedsAttention}, Sentence: sentence,
		Consequence: "nothing is synced until then", Step: step,
	}
}

func failedTenants(s store.Summary, failed failures) views.Attention {
	sentence := views.OfTotal(s.FailedTenants, s.TenantsEnabled) + " tenants failed in their last sync"
	if s.SyncedTenants > 0 {
		sentence += "; " + views.CountOf(s.SyncedTenants, "other is", "others are") + " up to date"
	}
	return views.Attention{
		Badge: views.Badge{Status: components.StatusFailed, Word: views.Number(s.FailedTenants) + " failed"}, Sentence: sentence + ".",
		Tenants: failed.named, More: failed.more,
		Step:    views.Link{Text: "See why", URL: views.TenantsQuery{Filter: views.TenantsFailed}.URL(s.Account.Name)},
		LogsURL: views.FailedLogsURL(s.Account.Name),
	}
}

func unfinished(a bridge.Account) views.Attention {
	row := views.Attention{
		Badge: views.Badge{Status: components.StatusNew}, Sentence: "The set-up of " + a.Name + " is not finished.", Consequence: "nothing is synced until then",
		Step: views.Link{Text: "Finish set-up", URL: views.ConnectionURL(a.Name)},
	}
	if a.State == bridge.AccountSettingUp {
		row.Badge.Status, row.Sentence = components.StatusSettingUp, a.Name+" is being set up."
		row.Step = views.Link{Text: "See set-up", URL: views.SetupURL(a.Name)}
	}
	return row
}
